"""Claims on basins: breadth, volume, couplings."""
