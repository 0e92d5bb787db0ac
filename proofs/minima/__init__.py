"""What kind of point θ is: the decision, its global and its degenerate certificates, the verdict."""
