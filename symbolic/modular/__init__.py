"""Whole networks from residues modulo primes, generically and at a rational point."""
