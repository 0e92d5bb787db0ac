"""Many small networks at once in floats: outputs, derivatives, training.

In: widths, an activation, inputs; parameters θ as rows (R, N), in the order of `mlp`: for each
layer its weights row by row, then its biases. Out: arrays. Training is full-batch, on ½Σ(F − y)²:

- "gradient descent": θ − 0.05·∇L, nothing else, up to `STEPS` steps;
- "adam": Kingma and Ba 2015 with their β, a step of 0.02 that falls linearly to 0.

Nothing here decides anything: where training ended, `certified` looks for an exact point.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

OPTIMISERS = ("gradient descent", "adam")
STEPS, RATE, ADAM_RATE = 6000, 0.05, 0.02


@dataclass(frozen=True)
class Layout:
    """A fully connected network with biases and one output on inputs x, (D, n)."""

    widths: tuple[int, ...]
    activation: str
    x: tuple[tuple[float, ...], ...]

    @property
    def parameters(self) -> int:
        return sum((a + 1) * b for a, b in zip(self.widths, self.widths[1:], strict=False))

    @cached_property
    def inputs(self) -> Array:
        return np.array(self.x, dtype=float)

    def layers(self, theta: Array) -> list[tuple[Array, Array]]:
        """Weights (R, out, in) and biases (R, out) of each layer."""
        found, at, R = [], 0, len(theta)
        for a, b in zip(self.widths, self.widths[1:], strict=False):
            W = theta[:, at : at + a * b].reshape(R, b, a)
            found.append((W, theta[:, at + a * b : at + a * b + b]))
            at += (a + 1) * b
        return found

    def start(self, runs: int, rng: np.random.Generator, scale: float = 1.0) -> Array:
        """Normal weights of variance scale²/fan-in, and biases as the weights beside them; more
        runs begin with those of fewer."""
        scales = [
            np.full((a + 1) * b, scale / sqrt(a))
            for a, b in zip(self.widths, self.widths[1:], strict=False)
        ]
        found: Array = rng.normal(size=(runs, self.parameters)) * np.concatenate(scales)
        return found

    def preactivations(self, theta: Array, x: Array | None = None) -> list[Array]:
        """z of each layer, (R, D, width); the last one is F."""
        at = self.inputs if x is None else x
        a = np.broadcast_to(at, (len(theta), *at.shape))
        found = []
        for W, b in self.layers(theta):
            z = a @ W.transpose(0, 2, 1) + b[:, None]
            found.append(z)
            a = self.activated(z)
        return found

    def activated(self, z: Array) -> Array:
        found: Array = np.maximum(z, 0.0) if self.activation == "relu" else np.tanh(z)
        return found

    def slope(self, z: Array, a: Array) -> Array:
        found: Array = (z > 0.0).astype(float) if self.activation == "relu" else 1.0 - a * a
        return found

    def outputs(self, theta: Array, x: Array | None = None) -> Array:
        """F, (R, D)."""
        return self.preactivations(theta, x)[-1][:, :, 0]

    def run(self, theta: Array) -> tuple[Array, Array]:
        """(F, J): (R, D) and (R, D, N)."""
        z = self.preactivations(theta)

        def along(delta: Array, a: Array) -> list[Array]:
            inner = delta[..., None] * a[:, :, None, :]
            return [inner.reshape(*delta.shape[:2], -1), delta]

        parts = self._backwards(theta, z, np.ones_like(z[-1]), along)
        return z[-1][:, :, 0], np.concatenate(parts, axis=2)

    def gradient(self, theta: Array, y: Array) -> Array:
        """∇L = Jᵀ(F − y), (R, N), for labels y, (R, D)."""
        z = self.preactivations(theta)

        def summed(delta: Array, a: Array) -> list[Array]:
            inner = delta.transpose(0, 2, 1) @ a
            return [inner.reshape(len(delta), -1), delta.sum(axis=1)]

        parts = self._backwards(theta, z, z[-1] - y[:, :, None], summed)
        return np.concatenate(parts, axis=1)

    def _backwards(
        self,
        theta: Array,
        z: list[Array],
        delta: Array,
        parts_of: Callable[[Array, Array], list[Array]],
    ) -> list[Array]:
        """What `parts_of` makes of each layer's δ and of what enters the layer; δ goes back by
        δ_l = (δ_{l+1} W_{l+1}) ∘ σ'(z_l)."""
        layers = self.layers(theta)
        parts: list[Array] = []
        for l in range(len(layers) - 1, 0, -1):
            a = self.activated(z[l - 1])
            parts = [*parts_of(delta, a), *parts]
            delta = (delta @ layers[l][0]) * self.slope(z[l - 1], a)
        x = np.broadcast_to(self.inputs, (len(theta), *self.inputs.shape))
        return [*parts_of(delta, x), *parts]


def trained(net: Layout, theta: Array, y: Array, optimiser: str) -> Array:
    """Where training from the rows of `theta` ends, each with its own labels, the rows of y (R, D);
    a run that leaves the floats ends as it is. What happens to a run depends on no other."""
    with np.errstate(over="ignore", invalid="ignore"):
        if optimiser == "adam":
            return _adam(net, theta, y)
        for _ in range(STEPS):
            theta = theta - RATE * net.gradient(theta, y)
        return theta


def _adam(net: Layout, theta: Array, y: Array) -> Array:
    first, second = np.zeros_like(theta), np.zeros_like(theta)
    for step in range(1, STEPS + 1):
        g = net.gradient(theta, y)
        first = 0.9 * first + 0.1 * g
        second = 0.999 * second + 0.001 * g * g
        rate = ADAM_RATE * (1 - step / (STEPS + 1))
        mean, square = first / (1 - 0.9**step), second / (1 - 0.999**step)
        theta = theta - rate * mean / (np.sqrt(square) + 1e-8)
    return theta
