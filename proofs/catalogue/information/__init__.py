"""Claims on information loss."""
