"""Linear matrix inequalities: every answer is verified anew, and no third one is given in sizes 1
and 2. The forms are built so that the right answer is known."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from hessrank.proofs.counterexamples import lmi
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.linear_algebra.inertia import inertia
from hessrank.symbolic.ranks.null_space import null_space


def _matrix(rows):
    return np.array([[fmpq(v) for v in row] for row in rows], dtype=object)


def _symmetric(rng, m):
    half = [[rng.randint(-3, 3) for _ in range(m)] for _ in range(m)]
    return _matrix([[half[i][j] + half[j][i] for j in range(m)] for i in range(m)])


def _verified(R, found):
    m = len(R[0])
    if isinstance(found, lmi.Feasible):
        total = [
            [
                sum(
                    Fraction(int(c.p), int(c.q)) * Fraction(int(S[i, j].p), int(S[i, j].q))
                    for c, S in zip(found.c, R, strict=True)
                )
                for j in range(m)
            ]
            for i in range(m)
        ]
        assert inertia(total).positive == m
    else:
        W = np.array(found.W, dtype=object)
        kind = inertia(W.tolist())
        assert kind.negative == 0 and kind.positive > 0
        for S in R:
            assert sum(W[i, j] * S[i, j] for i in range(m) for j in range(m)) == 0


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_sizes_one_and_two_are_always_decided(seed):
    rng = random.Random(seed)
    m = rng.choice([1, 2, 2, 2])
    R = [_symmetric(rng, m) for _ in range(rng.randint(1, 3))]
    if null_space([row for S in R for row in S.tolist()], m, Field()):
        return  # a common kernel is taken away before
    found = lmi.solve(R, Field())
    assert found is not None
    _verified(R, found)


@pytest.mark.parametrize("m", [3, 4, 5])
@pytest.mark.parametrize("feasible", [True, False])
def test_larger_ones_through_the_solver(m, feasible):
    pytest.importorskip("clarabel")
    rng = random.Random(m)
    for _ in range(4):
        R = [_symmetric(rng, m) for _ in range(m)]
        if feasible:  # hide I + a generic part: Σ of all with weights 3, 5, …
            rest = sum((2 * k + 3) * S for k, S in enumerate(R))
            R.append(_matrix([[3 * int(i == j) for j in range(m)] for i in range(m)]) - rest)
        else:  # orthogonal to W = diag(1, 2, …)
            for S in R:
                S[0, 0] = -sum((i + 1) * S[i, i] for i in range(1, m))
        found = lmi.solve(R, Field())
        assert isinstance(found, lmi.Feasible if feasible else lmi.Dual)
        _verified(R, found)


def test_without_the_solver_larger_ones_are_left_open(monkeypatch):
    import builtins

    real = builtins.__import__

    def refuse(name, *rest, **more):
        if name == "clarabel":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    R = [_matrix([[1, 0, 0], [0, -1, 0], [0, 0, 0]]), _matrix([[0, 0, 0], [0, 1, 0], [0, 0, -1]])]
    assert lmi.solve(R, Field()) is None
