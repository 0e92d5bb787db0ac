"""Certificates of whole statements, and packages that a stranger can verify."""
