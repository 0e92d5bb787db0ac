"""Basins: the features that curve them, their spectrum, their volume."""
