"""Global minima by the linear part of a convex loss: r·F is least at θ.

Truths: F odd in x and labels even in x, so that Σ r_d F_d = 0; linear nets with Σ r_d x_d = 0;
bilinear forms and a regulariser, whose sign is that of a 2×2 matrix. Against values of L at random
points, which must never be lower.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

import hessrank as hr
from hessrank.proofs.minima.linear_part import linear_part
from hessrank.proofs.reasoning.truth import Truth

PAIRS = [[1], [-1], [2], [-2]]


def net(
    widths: list[int], activation: str, loss: str, y: list[Any], x: Any = PAIRS, **more: Any
) -> hr.Landscape:
    model = hr.mlp(widths, activation=activation, bias=more.pop("bias", False))
    point = more.pop("point", [0] * len(model.parameters))
    labels = [v if isinstance(v, list) else [v] for v in y]
    return hr.Problem(model, hr.Data(x, labels), loss, **more).at(point)


def lowest(here: hr.Landscape, count: int = 40) -> float:
    """The least of L − L(θ) at random points near θ and farther off."""
    rng = random.Random(0)
    base, rises = here.loss.to_numpy()[0, 0], []
    for k in range(count):
        size = Fraction(1, 10 ** (k % 3))
        point = {n: f"{v} + ({size * rng.randint(-9, 9) / 5})" for n, v in here.values}
        rises.append(here.problem.at(point).loss.to_numpy()[0, 0] - base)
    return min(rises)


GLOBAL = [
    net([1, 2, 1], "tanh", "half-squared", [1, 1, 4, 4]),
    net([1, 3, 1], "sin", "log-cosh", [1, 1, "1/2", "1/2"]),
    net([1, 2, 1], "cube", "quartic", [1, 1, -2, -2]),
    net([1, 1, 1, 1], "tanh", "binary-cross-entropy", [1, 1, 0, 0]),
    net([1, 2, 2], "tanh", "softmax-cross-entropy", [[1, 0], [1, 0], ["1/3", "2/3"]] * 1
        + [["1/3", "2/3"]]),
    net([1, 2, 1], "tanh", "half-squared", [1, 1, 4, 4], point=["1/2", "1/2", 3, -3]),
    net([2, 3, 1], "cube", "log-cosh", [0, 1, 1], [[0, 1], [1, -1], [-1, 1]]),
    net([1, 2, 2, 1], "identity", "binary-cross-entropy", [1, 0], [[1], [1]]),
    net([1, 1, 1], "identity", "binary-cross-entropy", [0, 0, 1], [[1], [2], [3]]),
    net([1, 1, 1], "identity", "quartic", [1, "1/10"], [[1], [-1000]]),
]  # fmt: skip


@pytest.mark.parametrize("here", GLOBAL, ids=range(len(GLOBAL)))
def test_these_are_global_minima_and_not_strict(here: hr.Landscape) -> None:
    found = here.minimum()
    assert (found.kind, found.strict) == ("global minimum", Truth.FALSE), found
    if "sum of squares" not in found.is_global.reason:  # those of polynomials may be seen so
        assert "θ minimises T = r·F, r = ∇ℓ(F(θ))" in found.is_global.reason
    assert linear_part(here) is not None
    assert lowest(here) >= -1e-12


@pytest.mark.parametrize(
    "here",
    [
        net([1, 2, 1], "tanh", "half-squared", [1, 2, 4, 4]),  # labels that are not even
        net([1, 2, 1], "sigmoid", "half-squared", [0, 1, 1, 1], point=[0, 0, 0, 0]),
        net([1, 2, 1], "tanh", "half-squared", [1, 1, 4, 4], bias=True, point=[0] * 6 + ["5/2"]),
        net([1, 1, 1], "identity", "binary-cross-entropy", [0, 1, 1], [[1], [2], [3]]),
        net([1, 2, 1], "tanh", "o**4 - (o - y)**2", [1, 1, 4, 4]),  # ℓ is not convex
    ],
    ids=range(5),
)
def test_these_are_not(here: hr.Landscape) -> None:
    assert here.minimum().is_global.truth is not Truth.TRUE
    assert lowest(here, 400) < 0


@pytest.mark.parametrize(
    ("y", "local"), [("1/10", True), ("-1", True), (2, True), (-2, True), (3, False), (-5, False)]
)
def test_bilinear_with_a_regulariser(y: object, local: bool) -> None:
    """L = ½(ab − y)² + a² + b² at 0: T = a² + b² − y·ab ≥ 0 for |y| ≤ 2; at |y| = 2 L is
    ½(ab)² + (a ∓ b)² + 2, a strict minimum."""
    here = net([1, 1, 1], "identity", "half-squared", [y], [[1]],
               regulariser="w1_1_1**2 + w2_1_1**2")  # fmt: skip
    found = here.minimum()
    assert found.is_global.truth is Truth.of(local) and found.local.truth is Truth.of(local)
    assert not local or found.strict is Truth.TRUE
    assert (linear_part(here) is not None) is local
    assert (lowest(here, 300) >= 0) == local


def test_a_regulariser_beside_a_transcendental_loss() -> None:
    """softplus(ab) − ab + a²/4 + b²/4 at 0: T = (a − b)²/4 with the label 1."""
    for c, local in ((4, True), (5, False)):
        here = net([1, 1, 1], "identity", "binary-cross-entropy", [1], [[1]],
                   regulariser=f"(w1_1_1**2 + w2_1_1**2)/{c}")  # fmt: skip
        found = here.minimum()
        assert found.local.truth is Truth.of(local), found
        assert not local or "T = r·F + the regulariser" in found.is_global.reason


def test_a_part_that_is_lower_elsewhere_is_not_examined() -> None:
    """T = −3(w₂ tanh w₁ − w₂ tanh w₁) − w₂ tanh w₁ is lower at w₁ = w₂ = 1."""
    assert linear_part(net([1, 1, 1], "tanh", "half-squared", [3, 4], [[1], [-1]])) is None
    there = linear_part(net([1, 1, 1], "tanh", "half-squared", [3, 3], [[1], [-1]]))
    assert there is not None and there.problem.N == 2


def test_what_is_said_of_the_linear_part() -> None:
    """That of T stands for that of L; other words that begin with L stay."""
    here = net([1, 1, 1], "tanh", "half-squared", [3, 3], [[1], [-1]])
    assert here.minimum().is_global.reason == (
        "half-squared is convex in the outputs, and θ minimises T = r·F, r = ∇ℓ(F(θ)): "
        "T does not depend on θ"
    )
