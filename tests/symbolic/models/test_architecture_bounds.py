"""Structural upper bounds: never below a true rank, and equal to the published ones.

The published formulas are those of Singh, Bachmann, Hofmann, "Analytic Insights into Structure and
Rank of Neural Network Hessian Maps" (NeurIPS 2021, arXiv:2106.16225), for deep linear networks
without biases under squared loss.
"""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from hessrank.symbolic.errors import KinkError
from hessrank.symbolic.linear_algebra.primefield import echelon, random_prime
from hessrank.symbolic.models.architecture_bounds import (
    Setting,
    bounds,
    upper_bound,
)
from hessrank.symbolic.models.layers import Network
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.modular import specialisation
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem

MATRICES = ("jacobian", "gauss_newton", "residual", "hessian")
ACTIVATIONS = ("identity", "square", "cube", "relu", "leaky-relu", "tanh", "exp", "swish", "sin")


@st.composite
def draw_settings(draw: st.DrawFn, activations: tuple[str, ...] = ACTIVATIONS) -> Setting:
    widths = tuple(draw(st.lists(st.integers(1, 4), min_size=2, max_size=5)))
    net = Network(widths, draw(st.sampled_from(activations)), draw(st.booleans()))
    D = draw(st.integers(1, 12))
    q = draw(st.integers(1, min(D, widths[0])))
    return Setting(net, D, q, draw(st.sampled_from(specialisation.LOSSES)))


def modular_ranks(setting: Setting, seed: int) -> dict[str, int]:
    """Ranks at one random specialisation: each a proved lower bound of the generic rank."""
    rng = random.Random(seed)
    piecewise = specialisation.is_piecewise(setting.network)
    pattern = specialisation.sign_pattern(setting, rng) if piecewise else None
    p = random_prime(rng)
    found = specialisation.matrices(setting, p, rng, pattern, MATRICES)
    return {name: echelon(matrix, p).rank for name, matrix in found}


@settings(max_examples=250, deadline=None)
@given(draw_settings(), st.integers(0, 2**32))
def test_no_bound_is_below_a_rank_that_occurs(setting: Setting, seed: int) -> None:
    try:
        ranks = modular_ranks(setting, seed)
    except KinkError:
        return
    for name in MATRICES:
        for bound, reason in bounds(name, setting):
            assert ranks[name] <= bound, (name, reason)


@settings(max_examples=100, deadline=None)
@given(draw_settings(("identity",)), st.integers(0, 2**32))
def test_deep_linear_bounds_are_attained(setting: Setting, seed: int) -> None:
    """An observation, not a theorem: no counterexample among many thousands of small nets."""
    ranks = modular_ranks(setting, seed)
    assert ranks == {name: upper_bound(name, setting)[0] for name in MATRICES}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=3, max_size=6), st.integers(1, 40))
def test_deep_linear_bounds_equal_those_of_singh_bachmann_hofmann(
    widths: list[int], rank: int
) -> None:
    d, *hidden, K = widths
    r, L, M = min(rank, d), len(widths) - 1, sum(hidden)
    setting = Setting(Network(tuple(widths)), examples=1000, input_rank=r)
    q, s = min(r, K, *hidden), min(r, K)  # s = rank Ω
    assert upper_bound("jacobian", setting)[0] == q * (r + K - q)
    assert upper_bound("residual", setting)[0] == 2 * q * M + 2 * q * s - L * q * q


def test_one_logit_has_no_curvature() -> None:
    # softmax over one logit is the constant 1
    setting = Setting(Network((2, 3, 1), "tanh"), 5, 2, "softmax-cross-entropy")
    assert upper_bound("hessian", setting)[0] == 0
    assert upper_bound("residual", setting)[0] == 0


@given(st.data())
def test_inputs_of_dead_units_bound_the_ranks_at_a_point(data: st.DataObject) -> None:
    """relu nets at rational points: the matrices themselves, ranked without any bound, stay below,
    and a unit that is alive on k examples has fed − k idle directions at least."""
    widths = data.draw(st.sampled_from([(2, 3, 2), (3, 2, 1), (2, 2, 2, 1), (3, 1, 2)]))
    D, bias = data.draw(st.integers(1, 5)), data.draw(st.booleans())
    numbers = st.integers(-3, 3).map(lambda n: Fraction(n, 2))
    net = Network(widths, "relu", bias)

    def drawn(count: int) -> list[Fraction]:
        return data.draw(st.lists(numbers, min_size=count, max_size=count))

    x = [drawn(widths[0]) for _ in range(D)]
    y = [drawn(widths[-1]) for _ in range(D)]
    theta = dict(zip(net.parameters, drawn(net.size), strict=True))
    model = Model(net.parameters, tuple(f"x{i + 1}" for i in range(widths[0])), network=net)
    here = Problem(model, Data(x, y), "half-squared").at(theta)
    names = np.array(net.parameters, dtype=object)[net.blocks[0]]
    rows = [[*row, Fraction(1)] if bias else row for row in x]
    at_least = 0
    for unit in names:
        z = [sum(theta[n] * v for n, v in zip(unit, row, strict=True)) for row in rows]
        assume(0 not in z)
        at_least += max(0, len(unit) - sum(v > 0 for v in z))
    setting = here._setting
    assert setting is not None and setting.idle is not None and setting.idle >= at_least
    for name in MATRICES:
        try:
            matrix = here.matrix(name)
        except KinkError:  # in the second hidden layer
            reject()
        assert int(matrix.rank()) <= upper_bound(name, setting)[0]
