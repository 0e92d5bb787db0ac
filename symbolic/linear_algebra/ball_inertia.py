"""Inertia of a symmetric matrix of known rank, from balls around its entries.

In: a way to enclose the entries of a symmetric n×n matrix S with any number of bits, and its rank
r, which was proved otherwise. Out: its inertia, or None where the balls do not show it.

Why it exists: elimination over the field of a point outgrows memory where the entries are long
sums of exponentials; the signs of the eigenvalues need no closed form. A nonsingular r×r principal
submatrix S[I, I] has the squares of S, for its Schur complement has rank r − r = 0 (Haynsworth).
For any float matrix Q, QᵀBQ that is strictly diagonally dominant is nonsingular, and so then is
Q; its eigenvalues have the signs of its diagonal (Gershgorin), and so have those of B (Sylvester).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import flint
import numpy as np
from flint import arb, arb_mat

from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.fields.balls import PRECISIONS
from hessrank.symbolic.linear_algebra.inertia import Inertia

Balls = Sequence[Sequence[arb]]


def ball_inertia(balls_at: Callable[[int], Balls], n: int, rank: int) -> Inertia | None:
    """(n₊, n₋, n − rank) of a symmetric n×n matrix of that rank, or None where not shown.

    balls_at(bits) encloses its entries; it may raise UndecidedError.

    >>> ball_inertia(lambda bits: [[arb(1), arb(2)], [arb(2), arb(4)]], 2, 1)
    Inertia(positive=1, negative=0, zero=1)
    """
    if not rank:
        return Inertia(0, 0, n)
    for bits in PRECISIONS[1:4]:
        with flint.ctx.workprec(bits):
            try:
                B = np.array([list(row) for row in balls_at(bits)], dtype=object)
            except UndecidedError:
                continue
            chosen = _independent_rows(_middle(B), rank)
            found = eigenvalue_signs(B[np.ix_(chosen, chosen)]) if len(chosen) == rank else None
        if found is not None:
            return Inertia(*found, n - rank)
    return None


def eigenvalue_signs(B: np.ndarray) -> tuple[int, int] | None:
    """(n₊, n₋) of every symmetric member of B, all of them nonsingular; None where not shown.

    >>> eigenvalue_signs(np.array([[arb(2), arb(1)], [arb(1), arb(-3)]], dtype=object))
    (1, 1)
    """
    if not len(B):
        return 0, 0
    floats = _middle(B)
    if not np.isfinite(floats).all():
        return None
    values, vectors = np.linalg.eigh((floats + floats.T) / 2)
    if not np.abs(values).min() > 0:
        return None
    Q = arb_mat((vectors / np.sqrt(np.abs(values))).tolist())
    turned = (Q.transpose() * arb_mat(B.tolist()) * Q).tolist()
    positive = negative = 0
    for i, row in enumerate(turned):
        beside = sum((abs(v) for j, v in enumerate(row) if j != i), start=arb(0))
        if row[i] > beside:
            positive += 1
        elif -row[i] > beside:
            negative += 1
        else:
            return None
    return positive, negative


def _middle(B: np.ndarray) -> np.ndarray:
    """The midpoints as floats: a guess, never a proof."""
    return np.array([[float(v.mid()) for v in row] for row in B]).reshape(B.shape)


def _independent_rows(S: np.ndarray, rank: int) -> list[int]:
    """Rows that floating point finds most independent, by orthogonalising the longest one left."""
    if not np.isfinite(S).all():
        return []
    rest, chosen = S.copy(), list[int]()
    for _ in range(rank):
        lengths = np.linalg.norm(rest, axis=1)
        lengths[chosen] = 0
        k = int(lengths.argmax())
        if not lengths[k] > 0:
            return []
        unit = rest[k] / lengths[k]
        rest = rest - np.outer(rest @ unit, unit)
        chosen.append(k)
    return sorted(chosen)
