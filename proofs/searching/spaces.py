"""What labels leave to choose at the classes of one cell, with what they share computed once.

In: a network, a loss, then inputs and points. Out: `LabelSpace`s, as `label_space` gives them, in
one field for all classes of a cell: F, J and ∇²F of one example at one point are computed once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from flint import fmpq

from hessrank.proofs.counterexamples.label_space import LabelSpace, label_space
from hessrank.symbolic.expressions.expression import Expr, evaluate
from hessrank.symbolic.fields.elements import Element, Exact
from hessrank.symbolic.fields.field import Field, Refine
from hessrank.symbolic.linear_algebra.elimination import Vector
from hessrank.symbolic.linear_algebra.object_matrices import object_array
from hessrank.symbolic.models import layers
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem
from hessrank.symbolic.ranks.null_space import null_space

Array = np.ndarray[Any, Any]

#: So many examples at points are remembered.
KEPT = 20_000


@dataclass
class Spaces:
    """The spaces of labels of one network and loss."""

    model: Model
    loss: Loss
    ring: Field = field(default_factory=Field)
    _values: dict[Expr, Exact] = field(default_factory=dict)
    _examples: dict[tuple[Any, ...], tuple[Array, Array, Array]] = field(default_factory=dict)

    def landscape(self, x: Sequence[Sequence[Expr]], point: Mapping[str, Expr]) -> Landscape:
        """The class as a landscape; its labels do not count."""
        K = self.model.output_count
        share = str(fmpq(1, K))
        return Problem(self.model, Data(list(x), [[share] * K for _ in x]), self.loss).at(point)

    def space(self, x: Sequence[Sequence[Expr]], point: Mapping[str, Expr]) -> LabelSpace | None:
        """The space of labels of one class."""
        here = self.landscape(x, point)
        net = self.model.network
        if net is None or self.model.tied is not None or self.model.fixed:
            return label_space(here, checked=False)
        if not share_values(net):
            space = label_space(here, checked=False)
            if space is None:
                return None
            return replace(space, known_flats=orbit(net, space.theta, space.x, space.field))
        try:
            theta = tuple(map(self._value, point.values()))
            rows = [[self._value(v) for v in row] for row in x]
            at = tuple(point.values())
            parts = [
                self._example(at, theta, tuple(r), row) for r, row in zip(x, rows, strict=True)
            ]
        except Refine:
            self._forget()
            return label_space(here, checked=False)
        F, J, second = (np.concatenate(part) for part in zip(*parts, strict=True))
        inputs = object_array(rows, (len(rows), net.widths[0]))
        flats = orbit(net, theta, inputs, self.ring)
        return LabelSpace(here, self.ring, theta, inputs, F, J, lambda: second, known_flats=flats)

    def _value(self, value: Expr) -> Exact:
        if value not in self._values:
            (self._values[value],) = evaluate([value], self.ring, {})
        return self._values[value]

    def _forget(self) -> None:
        self.ring = Field(divisors=self.ring.divisors)
        self._values.clear()
        self._examples.clear()

    def _example(
        self, at: tuple[Expr, ...], theta: Vector, row: tuple[Expr, ...], x: list[Exact]
    ) -> tuple[Array, Array, Array]:
        """(F, J, ∇²F) of one example."""
        key = (at, row)
        if key not in self._examples:
            if len(self._examples) >= KEPT:
                self._examples.clear()
            values = dict(zip(self.model.parameters, theta, strict=True))
            inputs = object_array([x], (1, len(x)))
            run = self.model.run(values, inputs, layers.Objects(self.ring))
            N, K = len(theta), self.model.output_count
            self._examples[key] = (
                run.outputs.reshape(K),
                run.jacobian().reshape(K, N),
                run.second_derivatives().reshape(K, N, N),
            )
        return self._examples[key]


def share_values(net: layers.Network) -> bool:
    """Whether one field carries all classes of a cell: behind a second layer of exponentials each
    point has values of its own."""
    return net.depth < 3 or net.sigma.degree is not None


def orbit(net: layers.Network, theta: Vector, x: Array, ring: Field) -> tuple[Vector, ...]:
    """Directions as `orbit_directions` gives them, of a network without ties: of the rescaling of
    homogeneous units (T8), the gauge of linear ones, and of first weights along what no input
    sees (T6)."""
    found: list[list[Exact]] = []
    k = net.sigma.homogeneity if net.depth > 1 else None
    for l in range(1, net.depth if k is not None else 1):
        before, after = net.blocks[l - 1], net.blocks[l]
        units = range(net.widths[l])
        pairs = [(i, j) for i in units for j in (units if net.sigma.is_linear else (i,))]
        for i, j in pairs:  # row i gains row j, column j loses k times column i
            v: list[Exact] = [fmpq(0)] * net.size
            for to, of in zip(before[i], before[j], strict=True):
                v[to] = theta[of]
            for row in after:
                v[row[j]] = v[row[j]] - k * theta[row[i]]
            found.append(v)
    entering = [[*row, *([fmpq(1)] if net.bias else [])] for row in x.tolist()]
    for c in null_space(entering, len(entering[0]), ring):
        for row in net.blocks[0]:
            v = [fmpq(0)] * net.size
            for position, value in zip(row, c, strict=True):
                v[position] = value
            found.append(v)
    rational = [tuple(v) for v in found if not any(isinstance(q, Element) for q in v)]
    return tuple(v for v in rational if any(q != 0 for q in v))
