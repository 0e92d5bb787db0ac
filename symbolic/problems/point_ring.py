"""The ring in which a network is run at a point, and what is constant near the point.

In: scalars. Out: array rings for `layers.forward`. `PointRing` names the unit and example at which
an activation fails. `SteadyRing` knows besides which activations do not move near the point, and
asks for no derivative of σ there:

- a preactivation z = Σ_j w_j a_j + b is constant near θ if each of its terms is: a_j is the
  constant 0, or w_j is fixed and a_j is constant, or w_j is fixed at 0; and b is fixed or absent;
- an activation is constant if its preactivation is, or if it is negative and σ dies there.

At z = 0 that is no kink of F: σ∘z is the constant σ(0), whatever σ′ is, since ∂z/∂θ = 0. So it is
for a net without biases on the input 0, or for a unit behind a dead layer. (Elsewhere z may still
vanish near θ by a cancellation; then the kink stays.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from hessrank.symbolic.errors import DomainError, KinkError
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.models import layers
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.layers import Array, Network


class PointRing(layers.Objects):
    """The array ring at a point; an activation that fails names its unit and example."""

    def jet(self, name: str, z: Array, layer: int) -> tuple[Array, Array, Array | None]:
        try:
            return super().jet(name, z, layer)
        except (KinkError, DomainError):
            for (d, i), value in np.ndenumerate(z):
                try:
                    super().jet(name, np.array([[value]], dtype=object), layer)
                except (KinkError, DomainError) as error:
                    raise type(error)(
                        f"{name} of unit {i + 1} in layer {layer}, example {d + 1}: {error}",
                        "point",
                    ) from None
            raise


@dataclass(frozen=True)
class SteadyRing(PointRing):
    """The ring for one run of `net` on x (D, n_0) at θ (N,), with the parameters in `free` free.

    steady: for each layer so far, from the inputs on, which activations (D, n_l) are constant near
    the point; values: the activations themselves.
    """

    net: Network
    theta: Array
    x: Array
    free: Sequence[int]
    steady: list[Array] = field(default_factory=list)
    values: list[Array] = field(default_factory=list)

    def jet(self, name: str, z: Array, layer: int) -> tuple[Array, Array, Array | None]:
        if layer == 1:
            self.steady[:], self.values[:] = [np.ones(self.x.shape, dtype=bool)], [self.x]
        still = self._constant(z, layer)
        zero: Any = self.scalars.number(Fraction(0))
        a, slope, curvature = (np.full(z.shape, zero, dtype=object) for _ in range(3))
        moving = ~still
        flat = True
        for d in range(len(z)):  # one example at a time, so that a failure names it
            at = moving[d]
            if at.any():
                row = z[d : d + 1].copy()
                row[0, still[d]] = row[0, at][0]  # any value at which σ is differentiable
                found = self._named(name, row, layer, d, at)
                a[d, at], slope[d, at] = found[0][0, at], found[1][0, at]
                if found[2] is not None:
                    flat, curvature[d, at] = False, found[2][0, at]
        sigma = activation(name)
        for d, i in np.argwhere(still):
            (a[d, i],) = evaluate([sigma.value], self.scalars, {"z": z[d, i]})
        dead = np.vectorize(lambda v: bool(v == 0), otypes=[bool])(slope) & sigma.dies
        self.steady.append(still | dead)
        self.values.append(a)
        return a, slope, None if flat else curvature

    def _named(
        self, name: str, row: Array, layer: int, d: int, at: Array
    ) -> tuple[Array, Array, Array | None]:
        """The jet of the preactivations of example d (from 0)."""
        try:
            return layers.Objects.jet(self, name, row, layer)
        except (KinkError, DomainError):
            for i in np.flatnonzero(at):
                try:
                    layers.Objects.jet(self, name, row[:, i : i + 1], layer)
                except (KinkError, DomainError) as error:
                    raise type(error)(
                        f"{name} of unit {i + 1} in layer {layer}, example {d + 1}: {error}",
                        "point",
                    ) from None
            raise

    def _constant(self, z: Array, layer: int) -> Array:
        """Which preactivations of a layer are constant near the point, (D, n_l)."""
        block = self.net.blocks[layer - 1]
        a, still = self.values[-1], self.steady[-1]
        free = np.isin(block, list(self.free))
        found = np.zeros(z.shape, dtype=bool)
        width = a.shape[1]
        for i, row in enumerate(block):
            if self.net.bias and free[i, -1]:
                continue
            for d in range(len(z)):
                found[d, i] = all(
                    (still[d, j] and (a[d, j] == 0 or not free[i, j]))
                    or (not free[i, j] and self.theta[row[j]] == 0)
                    for j in range(width)
                )
        return found
