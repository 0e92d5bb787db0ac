"""Spec files: text to tables, tables to objects, objects to text."""
