"""Inertia and definiteness of a symmetric matrix, by an exact congruence S = P L D Lᵀ Pᵀ.

In: a symmetric matrix over Q, or over any ordered field whose elements support + - * / and whose
signs a function `sign` decides. Out: a `Factorisation` (the certificate), its `Inertia`, and an
exact direction of negative curvature where there is one.

Why it exists: by Sylvester's law of inertia S and D have as many positive, negative and zero
eigenvalues, and those of D can be read off. (Golub and Van Loan, Matrix Computations, 4.4.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

import flint
import numpy as np

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.linear_algebra.integer_matrix import Integers, fmpz_mat, scaled_integers
from hessrank.symbolic.linear_algebra.primefield import reduce_in_place, residues

_PRIME = 8388593  # the largest below 2^23; it only guesses an order of pivots

Sign = Callable[[Any], int]
Rows = list[list[Any]]


class Definiteness(Enum):
    """What the signs of the eigenvalues say. The semidefinite ones have zero eigenvalues too."""

    POSITIVE_DEFINITE = "positive definite"
    POSITIVE_SEMIDEFINITE = "positive semidefinite"
    NEGATIVE_DEFINITE = "negative definite"
    NEGATIVE_SEMIDEFINITE = "negative semidefinite"
    INDEFINITE = "indefinite"
    ZERO = "zero"


@dataclass(frozen=True)
class Inertia:
    """How many eigenvalues are positive, negative and zero.

    >>> Inertia(2, 0, 1).definiteness.value, Inertia(2, 0, 1).rank
    ('positive semidefinite', 2)
    """

    positive: int
    negative: int
    zero: int

    @property
    def rank(self) -> int:
        """The rank of the matrix."""
        return self.positive + self.negative

    @property
    def definiteness(self) -> Definiteness:
        """The 0x0 matrix counts as ZERO, though every claim about its eigenvalues holds."""
        if self.positive and self.negative:
            return Definiteness.INDEFINITE
        if self.positive:
            definite, semi = Definiteness.POSITIVE_DEFINITE, Definiteness.POSITIVE_SEMIDEFINITE
        elif self.negative:
            definite, semi = Definiteness.NEGATIVE_DEFINITE, Definiteness.NEGATIVE_SEMIDEFINITE
        else:
            return Definiteness.ZERO
        return semi if self.zero else definite


@dataclass(frozen=True)
class Factorisation:
    """S[order][:, order] = L D Lᵀ.

    order
        a permutation of 0..n-1.
    L
        n rows of n: unit lower triangular, and the identity within each block of D.
    blocks
        the diagonal blocks of D in order: 1x1 blocks ((d,),) and 2x2 blocks ((0, b), (b, 0)) with
        b != 0, whose eigenvalues are b and -b.
    signs
        the sign of d for each 1x1 block, 0 for each 2x2 block (it has one eigenvalue of each sign).
    """

    order: tuple[int, ...]
    L: tuple[tuple[Any, ...], ...]
    blocks: tuple[tuple[tuple[Any, ...], ...], ...]
    signs: tuple[int, ...]

    @property
    def inertia(self) -> Inertia:
        """The inertia of D, hence of S."""
        single = [s for s, block in zip(self.signs, self.blocks, strict=True) if len(block) == 1]
        pairs = len(self.blocks) - len(single)
        return Inertia(single.count(1) + pairs, single.count(-1) + pairs, single.count(0))

    def negative_direction(self) -> tuple[Any, ...] | None:
        """An exact v with vᵀSv < 0, or None where S is positive semidefinite.

        v = P w with Lᵀ w = u, where uᵀDu < 0: u is a unit vector, or (1, -b) in a 2x2 block.

        >>> factorise([[0, 3], [3, 0]]).negative_direction()
        (1, Fraction(-3, 1))
        """
        n = len(self.order)
        w: list[Any] = [0] * n
        start = 0
        for sign, block in zip(self.signs, self.blocks, strict=True):
            if sign < 0:
                w[start] = 1
                break
            if len(block) == 2:
                w[start], w[start + 1] = 1, -block[0][1]
                break
            start += len(block)
        else:
            return None
        for i in reversed(range(start)):
            for j in range(i + 1, n):
                w[i] = w[i] - self.L[j][i] * w[j]
        v: list[Any] = [0] * n
        for i, x in zip(self.order, w, strict=True):
            v[i] = x
        return tuple(v)


def inertia(S: Any, sign: Sign | None = None) -> Inertia:
    """The inertia of a symmetric matrix; arguments and errors as for `factorise`.

    >>> inertia([[2, 1], [1, 2]])
    Inertia(positive=2, negative=0, zero=0)
    """
    return factorise(S, sign).inertia


def restrict(S: Any, basis: Sequence[Sequence[Any]]) -> Rows:
    """BᵀSB as nested lists, B having the vectors of `basis` as columns.

    >>> restrict([[1, 2], [2, 3]], [(1, -1)])
    [[0]]
    """
    rows = _nested(S)
    for vector in basis:
        if len(vector) != len(rows):
            raise InputError(
                f"a vector of the basis has {len(vector)} entries, the matrix {len(rows)} rows",
                key="basis",
            )
    images = [[_dot(row, vector) for row in rows] for vector in basis]
    return [[_dot(vector, image) for image in images] for vector in basis]


def _dot(u: Sequence[Any], v: Sequence[Any]) -> Any:
    return sum((x * y for x, y in zip(u, v, strict=True)), start=0)


def _nested(S: Any) -> Rows:
    rows = S.tolist() if hasattr(S, "tolist") else S
    return [list(row) for row in rows]


def factorise(S: Any, sign: Sign | None = None) -> Factorisation:
    """S = P L D Lᵀ Pᵀ exactly, with D block diagonal.

    S
        n x n symmetric. Without `sign`: rational, in any form that `integer_matrix` takes. With
        `sign`: nested lists over a field with + - * /, whose elements mix with Fraction(0) and
        Fraction(1); sign(x) is -1, 0 or 1, and may raise UndecidedError, which passes through.

    InputError where S is not square or not symmetric.

    >>> f = factorise([[2, 1], [1, 2]])
    >>> f.L[1][0], f.blocks[1]
    (Fraction(1, 2), ((Fraction(3, 2),),))
    """
    if sign is not None:
        rows = _nested(S)
        _require_symmetric(rows, sign)
        return _factorise_over_field(rows, sign)
    A, scale = scaled_integers(S)
    _require_symmetric(A.tolist(), _sign)
    found = _factorise_fraction_free(A, scale)
    if found is None:
        found = _factorise_over_field(
            [[flint.fmpq(x, scale) for x in row] for row in A.tolist()], _sign
        )
    return _as_fractions(found)


def _sign(x: Any) -> int:
    return (x > 0) - (x < 0)


def _require_symmetric(rows: Rows, sign: Sign) -> None:
    n = len(rows)
    for i, row in enumerate(rows):
        if len(row) != n:
            raise InputError(f"{n} rows, but row {i} has {len(row)} entries", key="matrix")
        for j in range(i):
            if row[j] is not rows[j][i] and sign(row[j] - rows[j][i]) != 0:
                raise InputError(
                    f"the matrix is not symmetric: entries ({i}, {j}) and ({j}, {i}) differ",
                    key="matrix",
                )


def _factorise_over_field(rows: Rows, sign: Sign) -> Factorisation:
    """Symmetric elimination. The pivot is the first nonzero diagonal entry of what is left; where
    all those are zero, the first nonzero entry b gives the block ((0, b), (b, 0)).
    """
    n = len(rows)
    W = [list(row) for row in rows]
    zero, one = 0, 1  # integers go with the elements of every field
    order: list[int] = []
    columns: list[dict[int, Any]] = []  # columns of L: original row -> entry below the block
    blocks: list[tuple[tuple[Any, ...], ...]] = []
    signs: list[int] = []
    left = list(range(n))
    while left:
        k = next((i for i in left if sign(W[i][i]) != 0), None)
        if k is not None:
            d = W[k][k]
            left.remove(k)
            column = {i: W[i][k] / d for i in left}
            for i in left:
                if sign(column[i]) != 0:
                    for j in left:
                        if j <= i:
                            W[i][j] = W[j][i] = W[i][j] - column[i] * W[j][k]
            order.append(k)
            columns.append(column)
            blocks.append(((d,),))
            signs.append(sign(d))
            continue
        pair = next(((i, j) for i in left for j in left if i < j and sign(W[i][j]) != 0), None)
        if pair is None:
            order += left
            columns += [{} for _ in left]
            blocks += [((zero,),)] * len(left)
            signs += [0] * len(left)
            break
        h, k = pair
        b = W[h][k]
        left.remove(h)
        left.remove(k)
        first = {i: W[i][k] / b for i in left}  # [W_ih W_ik] times the inverse of the block
        second = {i: W[i][h] / b for i in left}
        for i in left:
            for j in left:
                if j <= i:
                    update = first[i] * W[j][h] + second[i] * W[j][k]
                    W[i][j] = W[j][i] = W[i][j] - update
        order += [h, k]
        columns += [first, second]
        blocks.append(((zero, b), (b, zero)))
        signs.append(0)
    L = [[zero] * n for _ in range(n)]
    for i in range(n):
        L[i][i] = one
        for j in range(i):
            L[i][j] = columns[j].get(order[i], zero)
    return Factorisation(tuple(order), tuple(map(tuple, L)), tuple(blocks), tuple(signs))


def _factorise_fraction_free(A: Integers, scale: int) -> Factorisation | None:
    """The same for integers, through one fraction-free elimination; None where it does not apply.

    If all leading minors up to the rank r are nonzero, Bareiss's elimination of A gives U with
    L_ji = U_ij / U_ii and D_i = U_ii / U_{i-1,i-1}. An order with that property is guessed modulo
    a prime; U itself shows whether the guess was right.
    """
    n = len(A)
    guess = _pivot_order(A)
    if guess is None or n == 0:
        return None
    order, rank = guess
    swaps, _, _, upper = fmpz_mat(A[np.ix_(order, order)]).fflu()
    U = upper.tolist()
    if not swaps.is_one() or any(not U[i][i] for i in range(rank)) or any(map(any, U[rank:])):
        return None
    zero, one = flint.fmpq(0), flint.fmpq(1)
    L = [[one if i == j else zero for j in range(n)] for i in range(n)]
    pivots = []
    for i in range(rank):
        pivots.append(flint.fmpq(U[i][i], (U[i - 1][i - 1] if i else 1) * scale))
        for j in range(i + 1, n):
            L[j][i] = flint.fmpq(U[i][j], U[i][i])
    D = pivots + [zero] * (n - rank)
    return Factorisation(
        tuple(order),
        tuple(map(tuple, L)),
        tuple(((d,),) for d in D),
        tuple(map(_sign, D)),
    )


def _pivot_order(A: Integers) -> tuple[list[int], int] | None:
    """Rows in an order in which symmetric elimination mod _PRIME meets no zero pivot, and the
    number of pivots; None where it would need a 2x2 block.
    """
    p = _PRIME
    W = residues(A, p)
    order: list[int] = []
    while True:
        nonzero = W.diagonal().nonzero()[0]
        if len(nonzero) == 0:
            break
        k = int(nonzero[0])
        row = W[k].copy()
        column = reduce_in_place(row * float(pow(int(row[k]), -1, p)), p)
        W -= column[:, None] * row
        reduce_in_place(W, p)
        order.append(k)
    if W.any():
        return None
    chosen = set(order)
    return order + [i for i in range(len(A)) if i not in chosen], len(order)


def _as_fractions(found: Factorisation) -> Factorisation:
    def fraction(x: Any) -> Fraction:
        return Fraction(int(x.p), int(x.q)) if isinstance(x, flint.fmpq) else Fraction(x)

    return Factorisation(
        found.order,
        tuple(tuple(map(fraction, row)) for row in found.L),
        tuple(tuple(tuple(map(fraction, row)) for row in block) for block in found.blocks),
        found.signs,
    )
