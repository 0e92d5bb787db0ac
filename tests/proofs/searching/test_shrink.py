"""Shrinking: what comes out is smaller, and the claim still fails on it."""

from __future__ import annotations

import time

import numpy as np
import pytest

import hessrank as hr
from hessrank.proofs.reasoning.order import smallness
from hessrank.proofs.searching.shrink import moves
from hessrank.symbolic.errors import InputError


def _large():
    """Two square units without weights at y = −3: H gains rank 2 over J."""
    net = hr.mlp([1, 2, 1], "square", bias=False)
    return hr.Problem(net, hr.Data([[2]], [[-3]]), "sum-of-squares").at([0, 0, 5, 7])


def test_a_network_becomes_one_unit():
    small = hr.shrink("rank-equality", _large()).subject
    # N = 1 is not reached: (a·(wx)² − y)² needs a > 0 and w = 0, J = 0, H = diag(2·a·(−y)·…, 0)
    assert (small.problem.N, small.problem.M, small.problem.loss.name) == (2, 1, "half-squared")
    assert hr.check("rank-equality", small).outcome.value == "fails"
    assert smallness(small) < smallness(_large())
    # w = 0, a = x = 1, y = −1: the heights are 1 each, and none can be less
    assert smallness(small)[3] == 4


def test_constraints_hold_for_what_comes_out():
    small = hr.shrink("rank-equality", _large(), loss="sum-of-squares", widths=[1, 2, 1]).subject
    assert small.problem.loss.name == "sum-of-squares" and small.problem.N == 4
    assert hr.check("rank-equality", small).outcome.value == "fails"


def test_examples_that_do_not_matter_go():
    model = hr.Model.from_expressions("t**2 + s*x", "s t", "x")
    here = hr.Problem(model, hr.Data([[0], [1]], [[-4], [3]])).at({"s": 3, "t": 0})
    small = hr.shrink("rank-equality", here).subject
    assert (small.problem.N, len(small.problem.data)) == (1, 1)
    J, H = (int(small.rank(name)) for name in ("jacobian", "hessian"))
    assert (J, H) == (0, 1)


def test_every_move_is_smaller_or_has_free_labels():
    here = _large()
    before = smallness(here)
    for move in moves(here):
        assert len(move.model.parameters) <= 4 and len(move.x) == 1
        if move.y is not None:
            problem = hr.Problem(move.model, hr.Data(list(move.x), list(move.y)), move.loss)
            assert smallness(problem.at(move.point)) <= before


def test_what_is_no_counterexample_is_refused():
    model = hr.Model.from_expressions("t", "t")
    here = hr.Problem(model, hr.Data([[]], [[0]])).at({"t": 0})
    with pytest.raises(InputError, match="not seen to fail"):
        hr.shrink("rank-equality", here)
    with pytest.raises(InputError, match="landscape"):
        hr.shrink("rank-equality", "X1")


def test_the_time_is_kept():
    start = time.monotonic()
    found = hr.shrink("rank-equality", _large(), seconds=0.2)
    assert found.outcome.value == "fails" and time.monotonic() - start < 5


def test_what_comes_out_is_a_minimum_numerically():
    """L around the point, by the textbook formula."""
    small = hr.shrink("rank-equality", _large(), widths=[1, 2, 1]).subject
    x = float(str(small.problem.data.x[0][0]))
    y = float(str(small.problem.data.y[0][0]))
    theta = np.array([float(str(v)) for _, v in small.values])

    def L(t):
        return 0.5 * ((t[..., 2:] * (t[..., :2] * x) ** 2).sum(-1) - y) ** 2

    near = theta + 1e-2 * np.random.default_rng(0).normal(size=(2000, 4))
    assert (L(near) >= L(theta) - 1e-15).all()
