"""Claims on rank H and rank J."""
