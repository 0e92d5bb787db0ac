"""The eigenvalues of a rational symmetric matrix as exact numbers, and orthogonal eigenvectors.

In: a symmetric matrix of exact numbers. Out: `Eigenvalue`s, each a real root of an irreducible
factor of the characteristic polynomial: it can be enclosed to any precision, compared exactly, and
written with a root where its degree is at most 2. And an orthogonal, not normalised, eigenbasis
where all of them can be written so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, cmp_to_key
from typing import Any

import flint
from flint import arb, fmpq, fmpq_mat, fmpq_poly, fmpz_poly

from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.expressions.expression import Expr, evaluate, number, power
from hessrank.symbolic.expressions.functions import HALF
from hessrank.symbolic.fields.balls import PRECISIONS
from hessrank.symbolic.fields.elements import Element, Exact
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.linear_algebra.elimination import Vector, product
from hessrank.symbolic.ranks.null_space import null_space

Rows = Sequence[Sequence[Exact]]


@dataclass(frozen=True)
class Eigenvalue:
    """The real root number `index` (from 0, ascending) of `factor`, a monic irreducible polynomial
    over Q, lowest coefficient first; `multiplicity` of it as an eigenvalue."""

    factor: tuple[Fraction, ...]
    index: int
    multiplicity: int

    @property
    def is_zero(self) -> bool:
        return self.factor == (0, 1)

    @cached_property
    def exact(self) -> Expr | None:
        """The closed form, where the degree is at most 2."""
        if len(self.factor) == 2:
            return number(-self.factor[0])
        if len(self.factor) != 3:
            return None
        q, p, _ = self.factor
        root = power(number(p * p / 4 - q), HALF)
        return number(-p / 2) + (root if self.index else -root)

    def ball(self, bits: int = 128) -> arb:
        """An interval that contains the eigenvalue."""
        return _real_roots(self.factor, bits)[self.index]

    def compare(self, other: Eigenvalue) -> int:
        """−1, 0 or 1: roots of different irreducible factors differ, so that balls part them.

        >>> one, two = spectrum([[1, 1], [1, 0]])
        >>> one.compare(two), two.compare(two)
        (-1, 0)
        """
        if self.factor == other.factor:
            return (self.index > other.index) - (self.index < other.index)
        for bits in PRECISIONS:
            a, b = self.ball(bits), other.ball(bits)
            if a < b:
                return -1
            if a > b:
                return 1
        raise UndecidedError("two eigenvalues are not separated")

    def __str__(self) -> str:
        return str(self.exact) if self.exact is not None else self.ball(64).str(6, radius=False)


def _real_roots(factor: tuple[Fraction, ...], bits: int) -> list[arb]:
    """The roots of an irreducible polynomial that has real ones only, as `real_roots`."""
    if len(factor) == 2:
        with flint.ctx.workprec(bits):
            return [arb(_fmpq(-factor[0]))]
    found = real_roots(fmpq_poly([_fmpq(c) for c in factor]), bits)
    if len(found) != len(factor) - 1:
        raise UndecidedError("the eigenvalues are not separated from the complex plane")
    return found


def real_roots(polynomial: fmpq_poly, bits: int) -> list[arb]:
    """The real roots of a rational polynomial without repeated roots, ascending, in disjoint balls.

    >>> [x.str(3, radius=False) for x in real_roots(fmpq_poly([-2, 0, 1]), 64)]
    ['-1.41', '1.41']
    """
    with flint.ctx.workprec(bits):
        pairs: Any = fmpz_poly(polynomial.numer()).complex_roots()
        roots: list[arb] = [root.real for root, _ in pairs if root.imag == 0]
    return sorted(roots, key=cmp_to_key(ascending))


def ascending(a: arb, b: arb) -> int:
    """The order of two balls that do not meet."""
    return -1 if a < b else 1


def _fmpq(q: Fraction) -> fmpq:
    return fmpq(q.numerator, q.denominator)


def characteristic(S: Rows) -> fmpq_poly:
    """det(xI − S) of a rational matrix. Raises UndecidedError for irrational entries."""
    if any(isinstance(v, Element) for row in S for v in row):
        raise UndecidedError("the characteristic polynomial is taken of rational matrices")
    n = len(S)
    table = [
        fmpq(v.numerator, v.denominator) if isinstance(v, Fraction) else fmpq(v)
        for row in S
        for v in row
    ]
    return fmpq_mat(n, n, table).charpoly()


def spectrum(S: Rows) -> tuple[Eigenvalue, ...]:
    """The distinct eigenvalues of a rational symmetric matrix, ascending.

    Raises UndecidedError for irrational entries.

    >>> [f"{e} ({e.multiplicity})" for e in spectrum([[2, 1, 0], [1, 2, 0], [0, 0, 3]])]
    ['1 (1)', '3 (2)']
    """
    found = []
    for poly, multiplicity in characteristic(S).factor()[1]:
        lead = fmpq(poly.coeffs()[-1])
        monic = [fmpq(c) / lead for c in poly.coeffs()]
        factor = tuple(Fraction(int(c.p), int(c.q)) for c in monic)
        found += [Eigenvalue(factor, i, int(multiplicity)) for i in range(len(factor) - 1)]
    return tuple(sorted(found, key=cmp_to_key(Eigenvalue.compare)))


def eigenbasis(S: Rows, field: Field) -> tuple[tuple[Exact, Vector], ...]:
    """(λ, v) with Sv = λv, the v orthogonal to one another and N in number; exact, in `field`.

    Raises UndecidedError for an eigenvalue of degree above 2, and for irrational entries unless the
    matrix is diagonal.

    >>> [(str(l), [str(q) for q in v]) for l, v in eigenbasis([[fmpq(2), fmpq(1)],
    ...                                                         [fmpq(1), fmpq(2)]], Field())]
    [('1', ['-1', '1']), ('3', ['1', '1'])]
    """
    n = len(S)
    if all(S[i][j] == 0 for i in range(n) for j in range(n) if i != j):
        return tuple((S[i][i], tuple(fmpq(int(i == j)) for j in range(n))) for i in range(n))
    pairs: list[tuple[Exact, Vector]] = []
    for e in spectrum(S):
        if e.exact is None:
            raise UndecidedError("an eigenvalue has no closed form with a square root")
        (value,) = evaluate([e.exact], field, {})
        shifted = [[S[i][j] - value * int(i == j) for j in range(n)] for i in range(n)]
        vectors = orthogonalised(null_space(shifted, n, field))
        if len(vectors) != e.multiplicity:
            raise UndecidedError("an eigenspace is not known to its full dimension")
        pairs += [(value, v) for v in vectors]
    assert all(product(S, v) == tuple(value * x for x in v) for value, v in pairs)
    return tuple(pairs)


def orthogonalised(vectors: Sequence[Vector]) -> list[Vector]:
    """Gram and Schmidt without normalising."""
    found: list[Vector] = []
    for v in vectors:
        for w in found:
            c = dot(v, w) / dot(w, w)
            v = tuple(a - c * b for a, b in zip(v, w, strict=True))
        found.append(v)
    return found


def dot(v: Sequence[Exact], w: Sequence[Exact]) -> Exact:
    """Σ v_i w_i."""
    return product([v], w)[0]
