"""Claims on the features of S4."""
