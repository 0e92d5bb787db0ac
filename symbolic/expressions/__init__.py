"""Closed forms: nodes, functions, derivatives, convexity, substitution; text in, paper out."""
