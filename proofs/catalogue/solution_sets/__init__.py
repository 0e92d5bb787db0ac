"""Claims on solution sets as a whole."""
