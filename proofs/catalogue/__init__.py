"""The claims of the source texts, by theme."""
