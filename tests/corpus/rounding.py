"""Rational matrices that double precision misjudges: graded, nearly dependent, huge or tiny."""

from __future__ import annotations

from fractions import Fraction
from math import comb

from corpus.entry import Entry

F = Fraction


def _square(n, entry):
    return [[entry(i, j) for j in range(n)] for i in range(n)]


def kahan(n, c, s):
    return _square(n, lambda i, j: s**i * (1 if i == j else -c if i < j else 0))


def hilbert(n):
    return _square(n, lambda i, j: F(1, i + j + 1))


def frank(n):
    return _square(n, lambda i, j: n - max(i, j) if j >= i - 1 else 0)


def moler(n):
    return _square(n, lambda i, j: i + 1 if i == j else min(i, j) - 1)


def lotkin(n):
    return _square(n, lambda i, j: F(1) if i == 0 else F(1, i + j + 1))


def vandermonde(nodes):
    return [[x**k for k in range(len(nodes))] for x in nodes]


def lauchli(n, eps):
    return [[1] * n] + [[eps if i == j else 0 for j in range(n)] for i in range(n)]


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n - 1):
        a, b = b, a + b
    return [[a + b, b], [b, a]]


def rank_one(n, scale):
    return _square(n, lambda i, j: F((i + 1) * (j + 2), scale))


ENTRIES = [
    Entry(
        "Kahan matrix, n = 60",
        kahan(60, F(4, 5), F(3, 5)),
        60,
        "Kahan 1966: triangular, det = Π sⁱ ≠ 0",
        ("numpy",),
    ),
    Entry(
        "Kahan matrix, n = 30, c = 99/101",
        kahan(30, F(99, 101), F(20, 101)),
        30,
        "Kahan 1966: triangular with nonzero diagonal",
        ("numpy",),
    ),
    Entry(
        "triangular matrix of −1, n = 60",
        _square(60, lambda i, j: int(i == j) - int(i < j)),
        60,
        "Wilkinson 1961: det = 1, smallest singular value about 2^-58",
        ("numpy",),
    ),
    Entry(
        "Hilbert matrix, n = 12",
        hilbert(12),
        12,
        "Hilbert 1894: the determinant's formula",
        ("numpy",),
    ),
    Entry("Hilbert matrix, n = 20", hilbert(20), 20, "Hilbert 1894", ("numpy", "gram")),
    Entry(
        "Hilbert matrix, 15 rows of 25",
        [r[:15] for r in hilbert(25)],
        15,
        "Cauchy 1841: every minor of it is a Cauchy determinant",
        ("numpy",),
    ),
    Entry("Lotkin matrix, n = 15", lotkin(15), 15, "Lotkin 1955: nonsingular", ("numpy",)),
    Entry(
        "Pascal matrix, n = 25",
        _square(25, lambda i, j: comb(i + j, i)),
        25,
        "Brawer and Pirovino 1992: det = 1",
        ("numpy",),
    ),
    Entry("Frank matrix, n = 30", frank(30), 30, "Frank 1958: det = 1", ("numpy",)),
    Entry(
        "Moler matrix, n = 40", moler(40), 40, "Higham, Test Matrix Toolbox: det = 1", ("numpy",)
    ),
    Entry(
        "Vandermonde, nodes 1 + k/10^5",
        vandermonde([1 + F(k, 10**5) for k in range(5)]),
        5,
        "Vandermonde: Π (x_j − x_i) ≠ 0",
        ("numpy",),
    ),
    Entry(
        "Vandermonde, nodes 1, …, 15",
        vandermonde(list(range(1, 16))),
        15,
        "Vandermonde",
        ("numpy",),
    ),
    Entry(
        "Vandermonde, equispaced in [0, 1], n = 30",
        vandermonde([F(k, 29) for k in range(30)]),
        30,
        "Gautschi 1975: nonsingular",
        ("numpy",),
    ),
    Entry("Läuchli, eps = 10^-9", lauchli(3, F(1, 10**9)), 3, "Läuchli 1961", ("gram",)),
    Entry("Läuchli, eps = 10^-20", lauchli(4, F(1, 10**20)), 4, "Läuchli 1961", ("numpy", "gram")),
    Entry(
        "graded diagonal",
        [[F(1, 10 ** (20 * i)) if i == j else 0 for j in range(4)] for i in range(4)],
        4,
        "det = 10^-120",
        ("numpy",),
    ),
    Entry("underflow", [[1, 0], [0, F(1, 10**400)]], 2, "det = 10^-400", ("numpy", "elimination")),
    Entry(
        "1 + 10^-20", [[1, 1], [1, 1 + F(1, 10**20)]], 2, "det = 10^-20", ("numpy", "elimination")
    ),
    Entry(
        "10^20 and its neighbours",
        [[10**20, 10**20 + 1], [10**20 - 1, 10**20]],
        2,
        "det = 10^40 − (10^40 − 1) = 1",
        ("numpy", "elimination"),
    ),
    Entry("2^53 + 1", [[2**53 + 1, 2**53], [2**53 + 2, 2**53 + 1]], 2, "det = 1", ("numpy",)),
    Entry("Fibonacci, n = 100", fibonacci(100), 2, "Cassini 1680: det = ±1", ("numpy",)),
    Entry("Fibonacci, n = 40", fibonacci(40), 2, "Cassini 1680", ("numpy",)),
    Entry(
        "magic square of order 4",
        [[16, 2, 3, 13], [5, 11, 10, 8], [9, 7, 6, 12], [4, 14, 15, 1]],
        3,
        "Moler 1993: (1, 3, −3, −1) is in the kernel",
        ("elimination",),
    ),
    Entry(
        "1, …, 9 by tenths",
        [[F(3 * i + j + 1, 10) for j in range(3)] for i in range(3)],
        2,
        "row 1 − 2 row 2 + row 3 = 0",
        ("elimination",),
    ),
    Entry("rank one over 49", rank_one(5, 49), 1, "an outer product", ("elimination",)),
    Entry(
        "Rosser matrix",
        [
            [611, 196, -192, 407, -8, -52, -49, 29],
            [196, 899, 113, -192, -71, -43, -8, -44],
            [-192, 113, 899, 196, 61, 49, 8, 52],
            [407, -192, 196, 611, 8, 44, 59, -23],
            [-8, -71, 61, 8, 411, -599, 208, 208],
            [-52, -43, 49, 44, -599, 411, 208, 208],
            [-49, -8, 8, 59, 208, 208, 99, -911],
            [29, -44, 52, -23, 208, 208, -911, 99],
        ],
        7,
        "Rosser et al. 1951: 0 is a simple eigenvalue",
        ("elimination",),
    ),
    Entry(
        "a 10^18 that is not summed in floats",
        [[10**18 + 1, 1, 0], [10**18, 0, 1], [1, 1, -1]],
        2,
        "row 1 − row 2 = row 3",
        ("numpy",),
    ),
]
