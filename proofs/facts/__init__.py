"""What holds of one landscape: the ground of the proofs side."""
