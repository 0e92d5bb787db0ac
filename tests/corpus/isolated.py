"""Families whose rank drops at isolated values of a parameter, taken at such a value."""

from __future__ import annotations

from corpus.entry import Entry


def tridiagonal(n, t):
    """1, t, 1 along the diagonals: det = U_n(t/2), zero at t = 2 cos(kπ/(n+1))."""
    return [[t if i == j else int(abs(i - j) == 1) for j in range(n)] for i in range(n)]


def vandermonde(*nodes):
    return [[1, *(f"({x})**{k}" for k in range(1, len(nodes)))] for x in nodes]


ENTRIES = [
    Entry(
        "[[t, 1], [2, t]] at √2",
        [["sqrt(2)", 1], [2, "sqrt(2)"]],
        1,
        "det = t² − 2",
        ("elimination",),
    ),
    Entry(
        "[[t, 1], [3, t]] at a nested √3",
        [["sqrt(4 + 2*sqrt(3)) - 1", 1], [3, "sqrt(4 + 2*sqrt(3)) - 1"]],
        1,
        "(1 + √3)² = 4 + 2√3",
        ("structural",),
    ),
    Entry(
        "tridiagonal, n = 4",
        tridiagonal(4, "2*cos(pi/5)"),
        3,
        "Chebyshev: U_4(cos π/5) = 0",
        ("elimination",),
    ),
    Entry(
        "tridiagonal, n = 6",
        tridiagonal(6, "2*cos(pi/7)"),
        5,
        "Chebyshev: U_6(cos π/7) = 0",
        ("structural", "elimination"),
    ),
    Entry(
        "tridiagonal, n = 6, second zero",
        tridiagonal(6, "2*cos(3*pi/7)"),
        5,
        "Chebyshev: U_6(cos 3π/7) = 0",
        ("structural",),
    ),
    Entry(
        "tridiagonal, n = 8",
        tridiagonal(8, "2*cos(2*pi/9)"),
        7,
        "Chebyshev: U_8(cos 2π/9) = 0",
        ("structural",),
    ),
    Entry(
        "Vandermonde with a node twice",
        vandermonde("sqrt(3 + 2*sqrt(2))", "1 + sqrt(2)", "2"),
        2,
        "√(3 + 2√2) = 1 + √2",
        ("structural",),
    ),
    Entry(
        "Vandermonde in tanh",
        vandermonde("tanh(2)", "2*tanh(1)/(1 + tanh(1)**2)", "tanh(1)"),
        2,
        "A&S 4.5.33",
        ("structural", "domain-matrix"),
    ),
    Entry(
        "circulant of order 5",
        [[f"cos(2*pi*{(j - i) % 5}/5)" for j in range(5)] for i in range(5)],
        2,
        "cos(2πk/5) is a combination of two characters (Davis 1979)",
        ("elimination",),
    ),
    Entry(
        "circulant of order 7",
        [[f"cos(2*pi*{(j - i) % 7}/7)" for j in range(7)] for i in range(7)],
        2,
        "cos(2πk/7) is a combination of two characters (Davis 1979)",
        ("elimination",),
    ),
    Entry(
        "cosines of differences",
        [[f"cos({a} - {b})" for b in range(4)] for a in range(4)],
        2,
        "cos(a − b) = cos a cos b + sin a sin b",
        ("structural", "domain-matrix"),
    ),
    Entry(
        "hyperbolic cosines of sums",
        [[f"cosh({a} + {b})" for b in range(4)] for a in range(4)],
        2,
        "cosh(a + b) = cosh a cosh b + sinh a sinh b",
        ("structural", "domain-matrix"),
    ),
    Entry(
        "logarithms of products",
        [[f"log({a}*{b})" for b in (2, 3, 5, 7)] for a in (2, 3, 5, 7)],
        2,
        "log ab = log a + log b",
        ("structural",),
    ),
    Entry(
        "a tanh unit with a sigmoid twin",
        [[f"tanh({x}/2)", f"sigmoid({x})", 1] for x in (1, 2, 3)],
        2,
        "σ(x) = (1 + tanh(x/2))/2",
        ("structural", "domain-matrix"),
    ),
    Entry(
        "softplus twins",
        [[f"softplus({x})", f"softplus(-{x})", x] for x in (1, 2, 3)],
        2,
        "softplus(x) − softplus(−x) = x",
        ("structural", "domain-matrix"),
    ),
]
