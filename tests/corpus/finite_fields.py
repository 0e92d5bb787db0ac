"""Integer matrices whose rank drops modulo a prime, and JᵀJ that vanishes by isotropy."""

from __future__ import annotations

from corpus.entry import Entry

P31, P61 = 2**31 - 1, 2**61 - 1

ENTRIES = [
    Entry("Hadamard matrix of order 2", [[1, 1], [1, -1]], 2, "det = −2", ("mod 2",)),
    Entry(
        "Hadamard matrix of order 4",
        [[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]],
        4,
        "det = 16",
        ("mod 2",),
    ),
    Entry(
        "Fano plane",
        [[int((j - i) % 7 in (0, 1, 3)) for j in range(7)] for i in range(7)],
        7,
        "incidence matrix of a (7, 3, 1) design: N Nᵀ = 2I + J, det N = ±24",
        ("mod 2",),
    ),
    Entry("determinant 7", [[3, 1], [2, 3]], 2, "det = 7", ("mod 7",)),
    Entry("determinant 101", [[10, 1], [-1, 10]], 2, "det = 101", ("mod 101",)),
    Entry(
        "diagonal of primes",
        [[2, 0, 0], [0, 7, 0], [0, 0, 101]],
        3,
        "det = 1414",
        ("mod 2", "mod 7", "mod 101"),
    ),
    Entry("determinant 2^31 − 1", [[1, 1], [1, P31 + 1]], 2, "det = 2^31 − 1", ("mod 2^31-1",)),
    Entry("determinant 2^61 − 1", [[1, 1], [1, P61 + 1]], 2, "det = 2^61 − 1", ("mod 2^61-1",)),
    Entry(
        "both Mersenne primes",
        [[P31, 0, 0], [0, P61, 0], [0, 0, 1]],
        3,
        "a diagonal without zeros",
        ("mod 2^31-1", "mod 2^61-1"),
    ),
    Entry("isotropic (1, 2) modulo 5", [[1], [2]], 1, "1² + 2² = 5", ("gram mod 5",)),
    Entry(
        "isotropic plane modulo 5",
        [[1, 0], [2, 0], [0, 1], [0, 2]],
        2,
        "1² + 2² = 5",
        ("gram mod 5",),
    ),
    Entry(
        "isotropic vector modulo 10^9 + 9",
        [[3747], [31400]],
        1,
        "3747² + 31400² = 10⁹ + 9 (Fermat: 10⁹ + 9 = 1 mod 4)",
        ("gram mod 1000000009",),
    ),
    Entry(
        "a Jacobian of two tied rows",
        [[1, 3], [2, 1], [1, 1]],
        2,
        "1·1 − 3·2 = −5",
        ("gram mod 5",),
    ),
]
