"""The theory as a sequence of checked statements."""
