"""The text of a derivation: sections of a page, as blocks."""
