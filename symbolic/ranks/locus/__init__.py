"""Conditions under which minors vanish, and the union of their common zeros."""
