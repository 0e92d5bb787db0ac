"""Random exact problems for property tests: architectures × activations × losses × data × points ×
fixed parameters × regularisers.

In: hypothesis's choices. Out: `Case`s. A case knows its exact `Landscape`, and what the problem is
in autograd.numpy, written again from textbook formulas: only numbers pass between the two sides.
A failing test prints the spec that replays it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import autograd.numpy as anp
import numpy as np
from hypothesis import note
from hypothesis import strategies as st

from hessrank.specs.writer import dumps
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem
from oracles.textbook import ACTIVATIONS, LOSSES

WEIGHTED = "weighted-squared"
Exact = Fraction | int

#: Closed forms with one output or two: (outputs, parameters, inputs, the same in autograd.numpy).
FORMULAS: tuple[tuple[tuple[str, ...], str, str, Callable[[Any, Any], list[Any]]], ...] = (
    (
        ("a*tanh(u*x) + b*tanh(w*x)",),
        "a b u w",
        "x",
        lambda t, x: [t[0] * anp.tanh(t[2] * x[0]) + t[1] * anp.tanh(t[3] * x[0])],
    ),
    (
        ("a**3*x - b/(1 + a**2)", "exp(a*b)/2"),
        "a b",
        "x",
        lambda t, x: [t[0] ** 3 * x[0] - t[1] / (1 + t[0] ** 2), anp.exp(t[0] * t[1]) / 2],
    ),
    (
        ("sin(a*x1) + log(2 + b**2)*x2", "sqrt(1 + a**2)"),
        "a b",
        "x1 x2",
        lambda t, x: [
            anp.sin(t[0] * x[0]) + anp.log(2 + t[1] ** 2) * x[1],
            anp.sqrt(1 + t[0] ** 2),
        ],
    ),
    (
        ("relu(a*x - b) + abs(c)*x", "sigmoid(b)*c"),
        "a b c",
        "x",
        lambda t, x: [
            anp.where(t[0] * x[0] > t[1], t[0] * x[0] - t[1], 0.0) + abs(t[2]) * x[0],
            t[2] / (1 + anp.exp(-t[1])),
        ],
    ),
)


@dataclass(frozen=True)
class Case:
    """A problem at a point. formula: an index into FORMULAS, or None for a network."""

    formula: int | None
    widths: tuple[int, ...]
    activation: str
    bias: bool
    loss: str
    weights: tuple[tuple[Exact, ...], ...]
    x: tuple[tuple[Exact, ...], ...]
    y: tuple[tuple[Exact, ...], ...]
    theta: tuple[Exact, ...]
    fixed: tuple[int, ...]
    regulariser: str | None

    @property
    def free(self) -> list[int]:
        return [i for i in range(len(self.theta)) if i not in self.fixed]

    @property
    def names(self) -> tuple[str, ...]:
        if self.formula is not None:
            return tuple(FORMULAS[self.formula][1].split())
        return mlp(self.widths, self.activation, self.bias).parameters

    def problem(self) -> Problem:
        fixed = {self.names[i]: self.theta[i] for i in self.fixed}
        if self.formula is None:
            model = mlp(self.widths, self.activation, self.bias, fixed)
        else:
            outputs, parameters, inputs, _ = FORMULAS[self.formula]
            model = Model.from_expressions(outputs, parameters, inputs, fixed)
        loss = Loss.weighted(self.weights) if self.loss == WEIGHTED else self.loss
        return Problem(model, Data(self.x, self.y), loss, self.regulariser)

    def landscape(self) -> Landscape:
        return self.problem().at({self.names[i]: self.theta[i] for i in self.free})

    # --- the same in autograd.numpy -------------------------------------------------------------

    @property
    def point(self) -> Any:
        return np.array([float(self.theta[i]) for i in self.free])

    def F(self, t: Any) -> Any:
        """The outputs on all examples, (M,), at the free parameters t."""
        known = dict(zip(self.free, range(len(self.free)), strict=True))
        full = [t[known[i]] if i in known else float(v) for i, v in enumerate(self.theta)]
        X = [[float(v) for v in row] for row in self.x]
        if self.formula is not None:
            rule = FORMULAS[self.formula][3]
            return anp.array([value for x in X for value in rule(full, x)])
        outputs = []
        for a in X:
            at = 0
            for layer, (m, n) in enumerate(zip(self.widths, self.widths[1:], strict=False)):
                z = [sum(full[at + i * m + j] * a[j] for j in range(m)) for i in range(n)]
                at += m * n
                if self.bias:
                    z = [v + full[at + i] for i, v in enumerate(z)]
                    at += n
                last = layer == len(self.widths) - 2
                a = z if last else [ACTIVATIONS[self.activation](v) for v in z]
            outputs += a
        return anp.array(outputs)

    def ell(self, o: Any) -> Any:
        y = np.array(self.y, dtype=float)
        if self.loss == WEIGHTED:
            W = np.array(self.weights, dtype=float)
            return (o - y.reshape(-1)) @ (W @ (o - y.reshape(-1))) / 2
        return LOSSES[self.loss](o.reshape(y.shape), y)

    def penalty(self, t: Any) -> Any:
        if self.regulariser is None:
            return 0.0
        return anp.sum(t**2) if self.regulariser == "l2" else anp.sum(abs(t))


def _targets(loss: str, D: int, K: int, draw: Callable[[], Exact]) -> list[list[Exact]]:
    rows = [[draw() for _ in range(K)] for _ in range(D)]
    if "cross-entropy" not in loss:
        return rows
    soft = [[Fraction(abs(v)) / sum(map(abs, row)) for v in row] for row in rows]
    return [soft[d] if d % 2 else [int(k == d % K) for k in range(K)] for d in range(D)]


@st.composite
def cases(draw: Callable[..., Any]) -> Case:
    """Problems with at most 12 parameters and 2 examples, away from kinks, with all losses."""
    rng = random.Random(draw(st.integers(0, 2**32)))

    def value() -> Fraction:
        return Fraction(rng.choice([-5, -3, -2, -1, 1, 2, 3, 4]), rng.choice([3, 4]))

    formula = draw(st.none() | st.integers(0, len(FORMULAS) - 1))
    loss = draw(st.sampled_from([*sorted(LOSSES), WEIGHTED]))
    activation = draw(st.sampled_from(sorted(ACTIVATIONS)))
    widths = tuple(draw(st.lists(st.integers(1, 2), min_size=2, max_size=4)))
    bias = draw(st.booleans()) or activation == "relu"  # a dead layer without bias is a kink
    if formula is None:
        K, n = widths[-1], widths[0]
        size = sum((a + bias) * b for a, b in pairwise(widths))
    else:
        outputs, parameters, inputs, _ = FORMULAS[formula]
        K, n, size = len(outputs), len(inputs.split()), len(parameters.split())
    D = draw(st.integers(1, 2))
    x = [[value() for _ in range(n)] for _ in range(D)]
    theta = [value() for _ in range(size)]
    if loss == "cross-entropy":  # its outputs must be positive
        formula, theta = None, [abs(v) for v in theta]
        activation = {"sin": "exp", "cos": "exp"}.get(activation, activation)
        n, K = widths[0], widths[-1]
        size = sum((a + bias) * b for a, b in pairwise(widths))
        theta = [abs(value()) for _ in range(size)]
        x = [[abs(value()) for _ in range(n)] for _ in range(D)]
    M = D * K
    half = [[rng.randrange(-3, 4) for _ in range(M)] for _ in range(M)]
    found = Case(
        formula,
        widths,
        activation,
        bias,
        loss,
        tuple(tuple(half[i][j] + half[j][i] for j in range(M)) for i in range(M)),
        tuple(map(tuple, x)),
        tuple(map(tuple, _targets(loss, D, K, value))),
        tuple(theta),
        tuple(sorted(draw(st.sets(st.integers(0, size - 1), max_size=size // 2)))),
        draw(st.sampled_from([None, "l2", "l1"])),
    )
    note(f"replay as a spec:\n{dumps(found.landscape())}")
    return found
