"""Claims on behaviour manifolds and their dimension."""
