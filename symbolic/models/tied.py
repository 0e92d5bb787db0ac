"""A layered network whose weights are tied: θ_net = S θ + c, with an activation for each unit.

In: a `Tied`: widths, activations, and for each net parameter (weight or bias) an affine function of
the model's parameters θ. Out: `TiedRun`. The derivatives are the one rule of `layers`, composed
with the tie:

    J = J_net S,        ∇²(r·F) = Sᵀ ∇²_net(r·F) S,

since θ_net is affine in θ. It gives convolution (equal entries), weight sharing, masks (c = 0),
fixed parameters (c), average pooling (c = 1/n), and skip connections: units with activation
identity and weight 1 carry a value past the layers between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.differentiation import gradient
from hessrank.symbolic.expressions.expression import ONE, ZERO, Expr, evaluate, free_symbols
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.models import layers
from hessrank.symbolic.models.layers import Array, Network

#: Net parameters (weights and biases, zeros too) that a tied network may have.
MAX_ENTRIES = 4000


#: The entries of S in a ring: net parameter, parameter, coefficient (None for 1).
Tie = tuple[tuple[int, int, Any], ...]


@dataclass(frozen=True)
class Tied:
    """widths: (n_0, …, n_L); activations: for each hidden layer the name of each unit's.

    S: (net parameter, parameter, coefficient) of the entries of S that are not 0; c: (net
    parameter, constant) of those of c. Net parameters are in the order of `Network`, with biases;
    parameters are counted in the order of `names`. blocks: for each layer with parameters the
    names as nested lists ("W1" → rows); source: the layers as they were given, as JSON.

    Raises InputError for more than MAX_ENTRIES net parameters.
    """

    widths: tuple[int, ...]
    activations: tuple[tuple[str, ...], ...]
    S: tuple[tuple[int, int, Expr], ...]
    c: tuple[tuple[int, Expr], ...]
    names: tuple[str, ...]
    blocks: tuple[tuple[str, Any], ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        if self.net.size > MAX_ENTRIES:
            raise InputError(
                f"{self.net.size} weights and biases, those that are 0 included: at most "
                f"{MAX_ENTRIES}",
                "layers",
            )

    @cached_property
    def net(self) -> Network:
        """The network that is tied (its activation does not count)."""
        return Network(self.widths, "identity", bias=True)

    def run(self, theta: Mapping[str, Any], x: Array, ring: layers.Objects) -> TiedRun:
        """At θ (by name, in the ring; names that are not there are not free) on x (D, n_0)."""
        order, tie = self.weights(theta, ring)
        return TiedRun(forward(self, order, x, ring), tie, len(self.names))

    def weights(self, theta: Mapping[str, Any], ring: layers.Objects) -> tuple[Array, Tie]:
        """(θ_net = Sθ + c in the ring, the entries of S)."""
        values = [v for _, _, v in self.S] + [v for _, v in self.c]
        known = iter(evaluate(values, ring.scalars, {}))
        zero = ring.full((1,), 0)[0]
        order = np.full(self.net.size, zero, dtype=object)
        tie = []
        for entry, parameter, form in self.S:
            coefficient = next(known)
            plain = form is ONE
            value = theta[self.names[parameter]]
            order[entry] = order[entry] + (value if plain else coefficient * value)
            tie.append((entry, parameter, None if plain else coefficient))
        for entry, _ in self.c:
            order[entry] = order[entry] + next(known)
        return order, tuple(tie)

    def before(self, layer: int) -> tuple[str, ...]:
        """The parameters that stand before hidden layer `layer` (from 1), some of them perhaps
        after it as well."""
        start = int(self.net.blocks[layer].min())
        found = {self.names[parameter] for entry, parameter, _ in self.S if entry < start}
        return tuple(name for name in self.names if name in found)

    def rest(self, layer: int, order: Array, a: Array, ring: layers.Objects) -> Array:
        """The outputs (D, K) from the activations a (D, n_l) of hidden layer `layer`, with the
        weights `order`."""
        tail = Tied(self.widths[layer:], self.activations[layer:], (), (), ())
        return forward(tail, order[int(self.net.blocks[layer].min()) :], a, ring).outputs


def forward(tied: Tied, theta: Array, x: Array, ring: layers.Objects) -> layers.Forward:
    """`layers.forward` with an activation for each unit."""
    if x.ndim != 2 or x.shape[1] != tied.widths[0]:
        raise InputError(f"x has shape {x.shape}; expected (examples, {tied.widths[0]})")
    net = tied.net
    ones = ring.full((len(x), 1), 1)
    inputs, weights, slopes, curvatures = [], [], [], []
    a = x
    for layer, block in enumerate(net.blocks, 1):
        W = theta[block]
        a_in = np.concatenate([a, ones], axis=1)
        z = ring.matmul(a_in, W.T)
        inputs.append(a_in)
        weights.append(W[:, :-1])
        if layer < net.depth:
            a, slope, curvature = _jet(tied.activations[layer - 1], z, layer, ring)
            slopes.append(slope)
            curvatures.append(curvature)
    return layers.Forward(
        net, ring, tuple(inputs), tuple(weights), tuple(slopes), tuple(curvatures), outputs=z
    )


def _jet(
    names: Sequence[str], z: Array, layer: int, ring: layers.Objects
) -> tuple[Array, Array, Array | None]:
    """σ, σ', σ'' where each unit has an activation of its own."""
    if len(set(names)) == 1:
        return ring.jet(names[0], z, layer)
    value, slope = z.copy(), ring.full(z.shape, 1)
    curvature: Array | None = None
    for name in sorted(set(names) - {"identity"}):
        at = [i for i, other in enumerate(names) if other == name]
        value[:, at], slope[:, at], bent = ring.jet(name, z[:, at], layer)
        if bent is not None:
            curvature = ring.full(z.shape, 0) if curvature is None else curvature
            curvature[:, at] = bent
    return value, slope, curvature


@dataclass(frozen=True)
class TiedRun:
    """A tied network's run, seen in the N parameters. tie: (net parameter, parameter, coefficient
    in the ring, None for 1) of the entries of S."""

    run: layers.Forward
    tie: Tie
    size: int

    @property
    def outputs(self) -> Array:
        """F, (D, K)."""
        return self.run.outputs

    def _tied(self, A: Array) -> Array:
        """A·S for an array whose last axis is the net's parameters."""
        out = self.run.ring.full((*A.shape[:-1], self.size), 0)
        for entry, parameter, coefficient in self.tie:
            column = A[..., entry]
            column = column if coefficient is None else column * coefficient
            out[..., parameter] = out[..., parameter] + column
        return out

    def jacobian(self) -> Array:
        """J = J_net S, (D, K, N)."""
        return self._tied(layers.jacobian(self.run))

    def _both(self, H: Array) -> Array:
        """SᵀHS on the last two axes."""
        return self._tied(np.swapaxes(self._tied(H), -1, -2))

    def weighted_hessian(self, r: Array) -> Array:
        """Σ_d ∇²(r_d·F_d), (N, N), for r (D, K)."""
        return self._both(layers.weighted_hessian(self.run, r))

    def second_derivatives(self) -> Array:
        """(D, K, N, N)."""
        return self._both(layers.second_derivatives(self.run))


def affine(form: Expr, names: Sequence[str]) -> tuple[dict[str, Expr], Expr]:
    """(coefficients by name, constant) of an expression that is affine in its symbols.

    Raises InputError for any other.
    """
    slopes = gradient(form, names)
    if free_symbols(*slopes):
        raise InputError(f"{form} is not affine in the parameters")
    constant = substitute([form], dict.fromkeys(names, ZERO))[0]
    return {n: s for n, s in zip(names, slopes, strict=True) if s is not ZERO}, constant
