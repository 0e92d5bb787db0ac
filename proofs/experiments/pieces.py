"""Exact rational fits of a relu network of one hidden layer, on the linear piece of given floats.

In: a network, floats θ, labels. Out: rational parameters with F = y exactly, or None. On a piece
F(x) = Σ_u s_u(x)·(q_u·(x, 1)) + c with q_u = a_u·(w_u, b_u) and s_u(x) = 1 where unit u is alive:
F = Φ·p with a constant Φ of 0s, inputs and 1s. Where Φp = y has a solution, one near the floats is
found over Q, and w_u = q_u/a_u with the output weight a_u kept; units whose a_u is taken for 0 have
no part in p. So fits are reached at which J has dependent rows, beside which Krawczyk's test has
nothing to hold on to; whoever asks for the rank of J there gets that of a rational matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from flint import fmpq, fmpq_mat

from hessrank.proofs.experiments.networks import Array, Layout

#: A change of a parameter that is more than this is no fit nearby.
REACH = 0.25


def rational_fit(
    net: Layout, x: Sequence[Sequence[Fraction]], theta: Array, y: Sequence[Fraction]
) -> list[Fraction] | None:
    """Parameters near θ, strictly on its piece, with F = y; None where none is found."""
    if len(net.widths) != 3 or net.activation != "relu":
        return None
    n, h = net.widths[:2]
    exact = [Fraction(float(v)) for v in theta]
    W = [[*exact[u * n : (u + 1) * n], exact[h * n + u]] for u in range(h)]
    a, c = exact[h * (n + 1) : -1], exact[-1]
    rows = [[*map(Fraction, row), Fraction(1)] for row in x]
    alive = [[_dot(w, row) > 0 for w in W] for row in rows]
    used = [u for u in range(h) if a[u]]
    phi = [
        [v * on[u] for u in used for v in row] + [Fraction(1)]
        for row, on in zip(rows, alive, strict=True)
    ]
    p = [a[u] * v for u in used for v in W[u]] + [c]
    gap = [target - _dot(row, p) for row, target in zip(phi, y, strict=True)]
    step = _solved(phi, gap)
    if step is None:
        return None
    p = [v + s for v, s in zip(p, step, strict=True)]
    for place, u in enumerate(used):
        W[u] = [v / a[u] for v in p[place * (n + 1) : (place + 1) * (n + 1)]]
    on_piece = all(
        _dot(w, row) > 0 if on else _dot(w, row) < 0
        for row, signs in zip(rows, alive, strict=True)
        for w, on in zip(W, signs, strict=True)
    )
    found = [v for w in W for v in w[:-1]] + [w[-1] for w in W] + [*a, p[-1]]
    near = np.abs(np.array([float(v) for v in found]) - theta).max() < REACH
    return found if on_piece and near else None


def _dot(u: Sequence[Fraction], v: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(u, v, strict=True)), Fraction(0))


def _solved(phi: list[list[Fraction]], gap: Sequence[Fraction]) -> list[Fraction] | None:
    """s = Φᵀλ with Φs = gap, the least one; None where there is none."""
    Phi = fmpq_mat([[_fmpq(v) for v in row] for row in phi])
    gram = (Phi * Phi.transpose()).tolist()
    both, rank = fmpq_mat([[*row, _fmpq(g)] for row, g in zip(gram, gap, strict=True)]).rref()
    D = len(gap)
    weights = [fmpq(0)] * D
    for row in both.tolist()[:rank]:
        pivot = next(j for j, v in enumerate(row) if v != 0)
        if pivot == D:
            return None
        weights[pivot] = row[D]
    step = Phi.transpose() * fmpq_mat([[w] for w in weights])
    return [Fraction(int(v.p), int(v.q)) for (v,) in step.tolist()]


def _fmpq(v: Fraction) -> fmpq:
    return fmpq(v.numerator, v.denominator)
