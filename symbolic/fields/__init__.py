"""The field of a point: elements over atoms, exponentials, angles, roots, separation and balls."""
