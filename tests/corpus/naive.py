"""What people use instead: each tool takes rows of exact numbers and answers with a rank.

None of them reports doubt. They share no code with the package but the reading of text; the values
come from Python's own `math`, from SymPy and from NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import sympy

from hessrank.symbolic.expressions.expression import evaluate, number
from hessrank.symbolic.expressions.parsing import parse

Rows = Sequence[Sequence[Any]]


class FloatRing:
    """Double precision by the `math` module."""

    def number(self, q: Fraction) -> float:
        return q.numerator / q.denominator

    def power(self, value: float, exponent: Fraction) -> float:
        return value ** (exponent.numerator / exponent.denominator)

    def function(self, name: str, *args: float) -> float:
        if name == "pi":
            return math.pi
        (z,) = args
        if name == "sigmoid":
            return 1 / (1 + math.exp(-z))
        if name == "softplus":
            return math.log(1 + math.exp(z))
        if name == "relu":
            return max(z, 0.0)
        return getattr(math, name)(z)


class SympyRing:
    """SymPy expressions, automatic evaluation and no more."""

    def number(self, q: Fraction) -> Any:
        return sympy.Rational(q.numerator, q.denominator)

    def power(self, value: Any, exponent: Fraction) -> Any:
        return value ** self.number(exponent)

    def function(self, name: str, *args: Any) -> Any:
        if name == "pi":
            return sympy.pi
        (z,) = args
        if name == "sigmoid":
            return 1 / (1 + sympy.exp(-z))
        if name == "softplus":
            return sympy.log(1 + sympy.exp(z))
        return getattr(sympy, name)(z)


def _values(rows: Rows, ring: Any) -> list[list[Any]]:
    forms = [[parse(v) if isinstance(v, str) else number(v) for v in row] for row in rows]
    return [evaluate(row, ring, {}) for row in forms]


def floats(rows: Rows) -> Any:
    return np.array(_values(rows, FloatRing()))


def numpy_rank(rows: Rows) -> int:
    """numpy.linalg.matrix_rank in double precision with its default tolerance."""
    return int(np.linalg.matrix_rank(floats(rows)))


def gram_rank(rows: Rows) -> int:
    """The same for JᵀJ (or JJᵀ, whichever is smaller): squaring loses half the digits."""
    J = floats(rows)
    return int(np.linalg.matrix_rank(J.T @ J if J.shape[0] >= J.shape[1] else J @ J.T))


def elimination_rank(rows: Rows) -> int:
    """Gaussian elimination in double precision; what is not 0.0 is a pivot."""
    a, r = floats(rows).tolist(), 0
    for c in range(len(a[0])):
        p = max(range(r, len(a)), key=lambda i: abs(a[i][c]), default=None)
        if p is None or a[p][c] == 0.0:
            continue
        a[r], a[p] = a[p], a[r]
        for i in range(r + 1, len(a)):
            f = a[i][c] / a[r][c]
            a[i] = [x - f * y for x, y in zip(a[i], a[r], strict=True)]
        r += 1
    return r


def sympy_rank(rows: Rows) -> int:
    """sympy.Matrix(...).rank()."""
    return int(sympy.Matrix(_values(rows, SympyRing())).rank())


def structural_rank(rows: Rows) -> int:
    """SymPy's rank where only what is written as 0 counts as 0: quick, and common."""
    table = sympy.Matrix(_values(rows, SympyRing()))
    return int(table.rank(iszerofunc=lambda e: e == 0, simplify=False))


def domain_matrix_rank(rows: Rows) -> int:
    """sympy DomainMatrix.from_Matrix(...).to_field().rank(): an indeterminate for each function."""
    from sympy.polys.matrices import DomainMatrix

    return int(DomainMatrix.from_Matrix(sympy.Matrix(_values(rows, SympyRing()))).to_field().rank())


def modular(p: int) -> Callable[[Rows], int]:
    """Elimination over the integers modulo one prime."""

    def tool(rows: Rows) -> int:
        table = [
            [int(Fraction(v).numerator) * pow(Fraction(v).denominator, -1, p) % p for v in row]
            for row in rows
        ]
        return int(flint.nmod_mat(table, p).rank())

    return tool


def modular_gram(p: int) -> Callable[[Rows], int]:
    """The rank of JᵀJ modulo one prime: isotropic vectors have length 0."""

    def tool(rows: Rows) -> int:
        J = flint.nmod_mat([[int(v) for v in row] for row in rows], p)
        return int((J.transpose() * J).rank())

    return tool


TOOLS: dict[str, Callable[[Rows], int]] = {
    "numpy": numpy_rank,
    "gram": gram_rank,
    "elimination": elimination_rank,
    "sympy": sympy_rank,
    "structural": structural_rank,
    "domain-matrix": domain_matrix_rank,
    "mod 2": modular(2),
    "mod 7": modular(7),
    "mod 101": modular(101),
    "mod 2^31-1": modular(2**31 - 1),
    "mod 2^61-1": modular(2**61 - 1),
    "gram mod 5": modular_gram(5),
    "gram mod 1000000009": modular_gram(1000000009),
}
