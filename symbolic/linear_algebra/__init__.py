"""Matrices over Z, Q and F_p: residues, lifting, elimination and inertia."""
