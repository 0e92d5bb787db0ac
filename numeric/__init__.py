"""numeric: measuring. Evaluates forward passes only and differentiates them by its own rules."""
