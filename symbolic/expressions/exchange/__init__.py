"""Closed forms from SymPy and to it."""
