"""The chapters of the theory."""
