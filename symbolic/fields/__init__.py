"""The field of a point: atoms, elements, one basis, exponentials, angles, roots, balls."""
