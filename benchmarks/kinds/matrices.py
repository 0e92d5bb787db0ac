"""Matrices of exact numbers that are products of an m×r and an r×n factor, each entry written in
several ways; of decimals under functions, with planted dependences; and ranks that libraries have.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import flint

import hessrank as hr
from kinds.outcomes import Outcome, Spec, against, against_digits
from kinds.textbook import value

#: For each field, numbers with other ways to write the same one: entries draw from both.
POOLS: dict[str, list[tuple[str, ...]]] = {
    "lattice": [
        ("1/2", "tanh(log(3)/2)"),
        ("3/5", "tanh(log(2))"),
        ("1/3", "sigmoid(-log(2))"),
        ("2", "exp(log(2))"),
        ("3/4", "sigmoid(log(3))"),
        ("5/4", "cosh(log(2))"),
        ("-1",),
    ],
    "radicals": [
        ("sqrt(2)", "2/sqrt(2)"),
        ("sqrt(6)", "sqrt(2)*sqrt(3)"),
        ("1", "sqrt(5)**2/5"),
        ("1 + sqrt(2)", "sqrt(3 + 2*sqrt(2))"),
        ("sqrt(2) + sqrt(3)", "sqrt(5 + 2*sqrt(6))"),
        ("2**(1/3)", "4**(1/6)"),
        ("-2",),
        ("sqrt(1 + sqrt(2))", "(3 + 2*sqrt(2))**(1/4)"),
    ],
    "angles": [
        ("cos(pi/5)", "(1 + sqrt(5))/4"),
        ("cos(pi/7)", "-cos(6*pi/7)"),
        ("sin(pi/12)",),
        ("sin(pi/7)", "sin(6*pi/7)"),
        ("cos(2*pi/7)", "2*cos(pi/7)**2 - 1"),
        ("1",),
        ("-1/2",),
    ],
    "exponentials": [
        ("tanh(2)", "2*tanh(1)/(1 + tanh(1)**2)"),
        ("exp(1/2)*exp(1/3)", "exp(5/6)"),
        ("-1",),
        ("sigmoid(1)", "(1 + tanh(1/2))/2"),
        ("sin(2)", "2*sin(1)*cos(1)"),
        ("cos(3)",),
        ("1 - tanh(1)**2", "1/cosh(1)**2"),
        ("exp(sqrt(2))",),
        ("2",),
    ],
    "logarithms": [
        ("log(6)", "log(2) + log(3)"),
        ("log(2)",),
        ("log(12)", "2*log(2) + log(3)"),
        ("1",),
        ("softplus(1)", "1 + softplus(-1)"),
        ("log(1 + exp(1))",),
        ("-log(3)", "log(1/3)"),
    ],
    "mixed": [
        ("pi",),
        ("exp(1)",),
        ("log(2)",),
        ("erf(1)", "-erf(-1)"),
        ("tanh(1)",),
        ("sqrt(2)",),
        ("cos(1)**2", "1 - sin(1)**2"),
        ("1",),
        ("exp(log(2)*pi)", "2*exp(log(2)*(pi - 1))"),
    ],
}
DECIMALS = "decimals"
KINDS = ("rational", DECIMALS, *POOLS)
#: Functions of a decimal, and pairs that are equal by a textbook identity.
FUNCTIONS = ("exp", "tanh", "sigmoid", "softplus", "sin", "cos", "log", "sqrt", "erf")
IDENTITIES = (
    ("exp({0})*exp({1})", "exp({0} + {1})"),
    ("2*tanh({0})", "(1 + tanh({0})**2)*tanh(2*{0})"),
    ("sin(2*{0})", "2*sin({0})*cos({0})"),
    ("softplus({0})", "{0} + softplus(-{0})"),
    ("sigmoid({0})", "1 - sigmoid(-{0})"),
    ("log({0}) + log({1})", "log({0}*{1})"),
)


def draw(rng: random.Random, kind: str) -> Spec:
    """A matrix of one of KINDS."""
    if kind == DECIMALS:
        return _decimals(rng)
    m, n, r = rng.randint(1, 5), rng.randint(1, 5), rng.randint(0, 4)
    if kind == "rational":
        m, n, r = 3 * m, 3 * n, 2 * r
    U = [[_entry(rng, kind) for _ in range(r)] for _ in range(m)]
    V = [[_entry(rng, kind) for _ in range(n)] for _ in range(r)]

    def product(i: int, j: int) -> str:
        if kind == "rational":
            return str(sum((Fraction(U[i][k]) * Fraction(V[k][j]) for k in range(r)), Fraction()))
        terms = (
            f"({_rewritten(rng, kind, U[i][k])})*({_rewritten(rng, kind, V[k][j])})"
            for k in range(r)
        )
        return " + ".join(terms) or "0"

    rows = [[product(i, j) for j in range(n)] for i in range(m)]
    return {"kind": kind, "rows": rows, "at_most": min(m, n, r)}


def _entry(rng: random.Random, kind: str) -> str:
    if kind == "rational":
        size = rng.choice([1, 9, 10**12])
        return str(Fraction(rng.randint(-size, size), rng.choice([1, 1, rng.randint(1, size)])))
    return rng.choice(POOLS[kind])[0]


def _rewritten(rng: random.Random, kind: str, text: str) -> str:
    return rng.choice(next(forms for forms in POOLS[kind] if forms[0] == text))


def _decimals(rng: random.Random) -> Spec:
    """Columns of functions of decimals; then copies, multiples, identities and zeros of them."""
    m, digits = rng.randint(2, 4), rng.choice((1, 2, 4))

    def decimal() -> str:
        return str(Fraction(rng.randint(1, 3 * 10**digits), 10**digits))

    columns = []
    for _ in range(rng.randint(1, 2)):
        f = rng.choice(FUNCTIONS)
        columns.append([f"{f}({decimal()})" for _ in range(m)])
    at_most = len(columns)
    for _ in range(rng.randint(1, 2)):
        old = rng.choice(columns)
        match rng.choice(("copy", "multiple", "identity", "zero", "repeated row")):
            case "copy":
                columns.append(list(old))
            case "multiple":
                factor = decimal()
                columns.append([f"{factor}*({v})" for v in old])
            case "zero":
                columns.append(["0"] * m)
            case "identity":
                one, other = rng.choice(IDENTITIES)
                pairs = [(decimal(), decimal()) for _ in range(m)]
                columns += [[one.format(*p) for p in pairs], [other.format(*p) for p in pairs]]
                at_most += 1
            case "repeated row":
                for column in columns:
                    column[1] = column[0]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return {"kind": DECIMALS, "rows": rows, "at_most": min(m, at_most)}


def run(problem: Spec) -> list[Outcome]:
    """The rank against mpmath's singular values, libraries and the construction."""
    rows = problem["rows"]
    found = hr.rank(rows)

    def at(digits: int) -> list[list[Any]]:
        return [[value(v) for v in row] for row in rows]

    wrong = against_digits("mpmath", found, at)
    if problem["kind"] == "rational":
        for library, r in library_ranks(rows):
            wrong += against(library, found, r, r)
    wrong += against("construction", found, 0, problem["at_most"])
    return [Outcome(found.status, wrong)]


def library_ranks(rows: Sequence[Sequence[str]]) -> list[tuple[str, int]]:
    """The exact ranks of a rational matrix by SymPy and by python-flint."""
    from sympy import QQ
    from sympy.polys.matrices import DomainMatrix

    table = [[Fraction(v) for v in row] for row in rows]
    shape = (len(table), len(table[0]))
    theirs = DomainMatrix(
        [[QQ(v.numerator, v.denominator) for v in row] for row in table], shape, QQ
    )
    flints = flint.fmpq_mat([[flint.fmpq(v.numerator, v.denominator) for v in r] for r in table])
    return [("sympy DomainMatrix", int(theirs.rank())), ("flint fmpq_mat", int(flints.rank()))]
