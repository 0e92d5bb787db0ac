"""Exact points that nobody can write down: fits and critical points near θ, by Krawczyk's test."""
