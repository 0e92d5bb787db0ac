"""The Fourier net for addition modulo p: entries in a cyclotomic field, a perfect fit.

Expected: rank J = 6p² − 10p + 5 for p = 5, 7, found by floating singular values and by residues in
research notes on modular addition, and here again by NumPy; rank H = rank J by T4.
"""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

import hessrank as hr
from hessrank.symbolic.linear_algebra.inertia import Inertia

EXAMPLE = Path(__file__).parents[3] / "examples" / "fourier_addition.py"


@pytest.fixture(scope="module")
def fourier_net():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", [str(EXAMPLE), "3"])
        return runpy.run_path(str(EXAMPLE))["fourier_net"]


def in_floats(p: int) -> np.ndarray:
    """J of the net from its formula F_c = Σ_j v_j[c]·(x_j[a] + y_j[b])², in floating point."""
    k = np.arange(1, (p - 1) // 2 + 1)[:, None]
    co, si = (f(2 * np.pi * k * np.arange(p) / p) for f in (np.cos, np.sin))
    one = np.full((1, p), 0.5)
    x = np.vstack([one, co, si, si, co])
    y = np.vstack([one, co, -si, co, si])
    first = (1 - 2 * (co + si).sum(axis=0, keepdims=True)) / p
    v = np.vstack([first, co / p, co / p, si / p, si / p])
    rows = []
    for a in range(p):
        for b in range(p):
            s = x[:, a] + y[:, b]
            for c in range(p):
                J = np.zeros((3, len(x), p))
                J[0, :, a] = J[1, :, b] = 2 * v[:, c] * s
                J[2, :, c] = s * s
                rows.append(J.ravel())
                assert abs(v[:, c] @ s**2 - (c == (a + b) % p)) < 1e-9
    return np.array(rows)


@pytest.mark.parametrize("p", [5, 7])
def test_both_ranks_are_certified(fourier_net, p):
    here = fourier_net(p)
    expected = 6 * p * p - 10 * p + 5
    assert np.linalg.matrix_rank(in_floats(p)) == expected
    for name, rank in (("jacobian", expected), ("hessian", expected), ("residual", 0)):
        found = here.rank(name)
        assert (found.lower, found.upper, found.status) == (rank, rank, "certified"), name
    assert int(hr.rank(here.loss_gradient)) == 0
    assert here.inertia("hessian") == Inertia(expected, 0, here.problem.N - expected)
    assert here.minimum().kind == "global minimum"


def test_a_point_beside_the_fit_is_not_taken_for_it(fourier_net):
    """With one target moved r ≠ 0: neither T4 nor r = 0 may be used."""
    fit = fourier_net(3)
    y = [list(row) for row in fit.problem.data.y]
    y[0][0] = y[0][0] + 1
    problem = hr.Problem(fit.problem.model, hr.Data(fit.problem.data.x, y))
    here = problem.at(fit.point)
    R, H = here.rank("residual"), here.rank("hessian")
    numeric = np.linalg.matrix_rank(here.hessian.to_numpy(), tol=1e-8)
    assert R.lower > 0
    assert H.lower <= numeric <= H.upper and H.decided
