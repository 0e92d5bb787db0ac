"""Ranks from evaluations alone, where entries are too large to expand."""
