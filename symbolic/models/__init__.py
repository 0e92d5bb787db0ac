"""Activations, layers, closed forms, losses, and what an architecture bounds."""
