"""Counterexamples on demand: all labels at a point, enumeration, search and shrinking."""
