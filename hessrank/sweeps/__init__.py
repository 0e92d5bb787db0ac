"""Sweeps: many small nets, each trained, certified and ranked, in a file that can be resumed."""
