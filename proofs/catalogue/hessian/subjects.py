"""What the claims on ranks are tried on, besides the gallery.

In: nothing. Out: landscapes and pairs of basins, as `Instance`s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hessrank.proofs.minima.inverse_design import left_null_space, with_residual
from hessrank.proofs.reasoning.statement import Instance
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem


def closed(
    outputs: list[str], parameters: str, y: list[object], loss: str | Loss, point: dict[str, object]
) -> Landscape:
    """A model without inputs, on one example."""
    model = Model.from_expressions(outputs, parameters)
    return Problem(model, Data([[]], [y]), loss).at(point)


def duplicated_neuron() -> Landscape:
    """a·tanh(ux) + b·tanh(wx) with u = w, labels designed so that θ is a minimum that no labels of
    a perfect fit give: r spans the left null space of J, small, of the sign that bends upwards."""
    model = Model.from_expressions("a*tanh(u*x) + b*tanh(w*x)", "a b u w", "x")
    point = {"a": 1, "b": 2, "u": "log(2)/2", "w": "log(2)/2"}
    (direction,) = left_null_space(model, [1, 2, 3], point)
    return with_residual(model, [1, 2, 3], point, [constant("9/10") * v for v in direction])


def off_minimum() -> Landscape:
    """F = t₁ + t₂², y = −1 at 0: A = 1, but θ is no critical point; rank J = 1, rank H = 2."""
    return closed(["t1 + t2**2"], "t1 t2", [-1], "half-squared", {"t1": 0, "t2": 0})


def rank_subjects() -> Sequence[Instance]:
    return (
        Instance("duplicated-neuron", duplicated_neuron()),
        Instance("no-critical-point", off_minimum()),
        Instance("cross-terms", cross_terms()),
        Instance(
            "s² + t² below its labels",
            closed(["s**2 + t**2"], "s t", [-1], "half-squared", {"s": 0, "t": 0}),
        ),
    )


def flat_fits() -> Sequence[Instance]:
    """A perfect fit of o⁴, with more parameters than outputs."""
    here = closed(["s + t"], "s t", [0], "quartic", {"s": 0, "t": 0})
    return (Instance("s + t fitted in fourth powers", here),)


def cross_terms() -> Landscape:
    """A positive definite with cross terms, at a perfect fit."""
    W = Loss.weighted([[2, 1], [1, 2]])
    return closed(["s + t", "s*t"], "s t", [1, 0], W, {"s": 0, "t": 1})


def equal_logits() -> Sequence[Instance]:
    uniform: list[object] = ["1/3", "1/3", "1/3"]
    return (
        Instance(
            "equal-logits",
            closed(["t", "t", "t"], "t", uniform, "softmax-cross-entropy", {"t": 0}),
        ),
        Instance(
            "equal-logits-and-one",
            closed(["t + s", "t", "t"], "t s", uniform, "softmax-cross-entropy", {"t": 0, "s": 0}),
        ),
    )


def on_probabilities() -> Sequence[Instance]:
    ce = "cross-entropy"
    return (
        Instance(
            "hard-label-on-probabilities", closed(["1 - t**2", "t**2"], "t", [1, 0], ce, {"t": 0})
        ),
        Instance(
            "soft-label-on-probabilities",
            closed(["1 - t**2", "t**2"], "t", ["3/4", "1/4"], ce, {"t": "1/2"}),
        ),
        Instance(
            "three-probabilities",
            closed(
                ["s**2", "t**2", "1 - s**2 - t**2"],
                "s t",
                ["1/4", "1/4", "1/2"],
                ce,
                {"s": "1/2", "t": "1/2"},
            ),
        ),
        Instance(
            "logistic-interior",
            closed(["s*t"], "s t", ["1/2"], "binary-cross-entropy", {"s": 0, "t": 1}),
        ),
    )


@dataclass(frozen=True)
class Basins:
    """Two quadratic basins with diagonal Hessians."""

    lower_rank: tuple[Fraction, ...]
    higher_rank: tuple[Fraction, ...]


def two_basins() -> Sequence[Instance]:
    big, small = Fraction(10**6), Fraction(1, 10**6)
    return (Instance("steep-line-or-shallow-bowl", Basins((big, Fraction(0)), (small, small))),)


def decaying() -> Sequence[Instance]:
    return (Instance("x²e^(−x)", closed(["x**2*exp(-x)"], "x", [0], "half-squared", {"x": 0})),)
