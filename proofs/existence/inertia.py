"""The signs of the eigenvalues of a symmetric matrix of balls, where balls decide them.

In: an n×n array of balls of which the true matrix is a symmetric member. Out: (n₊, n₋) with
n₊ + n₋ = n, or None. For any float matrix Q, QᵀBQ that is strictly diagonally dominant is
nonsingular, and so then is Q; its eigenvalues have the signs of its diagonal (Gershgorin), and
those of B are the same (Sylvester).
"""

from __future__ import annotations

import numpy as np
from flint import arb_mat

from hessrank.proofs.existence.boxes import Array, middle


def inertia(B: Array) -> tuple[int, int] | None:
    """(n₊, n₋) of every symmetric member of B, all of them nonsingular; None where not shown.

    >>> from flint import arb
    >>> inertia(np.array([[arb(2), arb(1)], [arb(1), arb(-3)]], dtype=object))
    (1, 1)
    """
    n = len(B)
    if not n:
        return 0, 0
    floats = middle(B)
    if not np.isfinite(floats).all():
        return None
    values, vectors = np.linalg.eigh((floats + floats.T) / 2)
    if not np.abs(values).min() > 0:
        return None
    Q = arb_mat((vectors / np.sqrt(np.abs(values))).tolist())
    turned = (Q.transpose() * arb_mat(B.tolist()) * Q).tolist()
    positive = negative = 0
    for i, row in enumerate(turned):
        beside = sum((abs(v) for j, v in enumerate(row) if j != i), start=abs(row[i]) * 0)
        if row[i] > beside:
            positive += 1
        elif -row[i] > beside:
            negative += 1
        else:
            return None
    return positive, negative
