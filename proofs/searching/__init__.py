"""Searching for counterexamples: a grammar of toy problems, screened exactly, and shrinking."""
