"""Sentences: the mathematics that stands in them."""
