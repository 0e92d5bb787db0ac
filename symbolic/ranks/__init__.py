"""Deciding ranks, in the order in which one tries; then generic ranks, null spaces and loci."""
