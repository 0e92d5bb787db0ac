"""Minima whose Hessian is singular along the orbit of a symmetry: what is decided without the idle
directions is decided with them.

A local minimum of L(θ) is one of L(θ, η) = L(θ), and none where θ is none; it is never strict.
"""

from __future__ import annotations

import pytest

import hessrank as hr
from hessrank.proofs.fibres.symmetries import orbit_directions
from hessrank.proofs.reasoning.truth import Truth


def _quartic(sign, extra):
    """tanh [1 + extra, 1, 1] on x = 1, 2, 3, 4 at w = log 2, a = 1, the other inputs 0, with labels
    for which H has rank 1 < rank J and L rises with the fourth power, or twice their residual."""
    x = [1, 2, 3, 4]
    one = hr.mlp([1, 1, 1], "tanh", bias=False)
    y = hr.labels(one, x, ["log(2)", 1]).fewer.labels
    net = hr.mlp([1 + extra, 1, 1], "tanh", bias=False)
    problem = hr.Problem(net, hr.Data([[v, *[0] * extra] for v in x], [list(r) for r in y]))
    here = problem.at(["log(2)", *[0] * extra, 1])
    if sign > 0:
        return here
    F = [row[0] for row in _outputs(here)]
    moved = [[str(f) + f" - 2*(({f}) - ({r[0]}))"] for f, r in zip(F, y, strict=True)]
    return hr.Problem(net, hr.Data([[v, *[0] * extra] for v in x], moved)).at(here.point)


def _outputs(here):
    """F at e^{2z} = 4^x: tanh(x log 2) = (4^x − 1)/(4^x + 1)."""
    return [[f"{4**x - 1}/{4**x + 1}"] for x in (1, 2, 3, 4)]


@pytest.mark.parametrize("extra", [1, 2, 3])
def test_idle_inputs_change_nothing_but_strictness(extra):
    alone, idle = _quartic(1, 0).minimum(), _quartic(1, extra).minimum()
    assert alone.local.truth is Truth.TRUE and alone.strict is Truth.TRUE
    assert idle.local.truth is Truth.TRUE and idle.strict is Truth.FALSE
    what = "the leading form of L on ker H{}, of degree 4, is positive"
    assert alone.local.reason == f"H ⪰ 0, and {what.format('')}"
    assert idle.local.reason == f"H ⪰ 0, and {what.format(' modulo symmetries')}"


@pytest.mark.parametrize("extra", [0, 1, 2])
def test_labels_on_the_other_side_are_no_minimum(extra):
    """With twice the residual H = JᵀJ + 2S has a negative square, for JᵀJ + S has a kernel that S
    does not kill."""
    assert _quartic(-1, extra).minimum().local.truth is Truth.FALSE


def test_rescaling_and_idle_inputs_together():
    """F = a(w₁x₁ + w₂x₂)² at a = w₁ = 1, w₂ = 0, x = (1, ±1), (0, 1), (2, 0): with y₃ = 4 and a fit
    elsewhere H vanishes on w₂ and on the rescaling. With w₂ = t, w₁ = 1 − σt², L − L(0) is
    t⁴(3 − 24σ + 72σ²)/2 + o(t⁴) > 0; without the example (2, 0) it is t⁴(3 − 24σ + 8σ²)/2, negative
    for σ = 1."""
    for rows, y, truth in (
        ([[1, 1], [1, -1], [0, 1], [2, 0]], [1, 1, 4, 4], Truth.TRUE),
        ([[1, 1], [1, -1], [0, 1]], [1, 1, 4], Truth.FALSE),
    ):
        for extra in (0, 2):
            net = hr.mlp([2 + extra, 1, 1], "square", bias=False)
            x = [[*row, *[0] * extra] for row in rows]
            here = hr.Problem(net, hr.Data(x, y)).at([1, 0, *[0] * extra, 1])
            assert len(orbit_directions(here)) == 1 + extra
            assert int(here.rank("jacobian")) == 2 and int(here.rank("hessian")) == 1
            assert here.minimum().local.truth is truth
