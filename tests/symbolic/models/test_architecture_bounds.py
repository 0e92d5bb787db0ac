"""Structural upper bounds: never below a true rank, and equal to the published ones.

The published formulas are those of Singh, Bachmann, Hofmann, "Analytic Insights into Structure and
Rank of Neural Network Hessian Maps" (NeurIPS 2021, arXiv:2106.16225), for deep linear networks
without biases under squared loss.
"""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from hessrank.symbolic.errors import KinkError
from hessrank.symbolic.linear_algebra.primefield import echelon, random_prime
from hessrank.symbolic.models.architecture_bounds import (
    Setting,
    bounds,
    upper_bound,
)
from hessrank.symbolic.models.layers import Network
from hessrank.symbolic.modular import specialisation

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
