"""A fully connected network layer by layer in float64: for nets that are too large step by step.

In: widths, activation and biases of a `ForwardPass`, values of all parameters and the inputs. Out:
F and J, and, swept backwards from seeds ∂ℓ/∂o, gradients with their tangents. As in `jets` values
carry tangents in N directions, forwards and then backwards; here they are arrays of whole layers,

    z_l = W_l a_{l−1} + b_l,   a_l = σ(z_l),   s_l = W_{l+1}ᵀ δ_{l+1},   δ_l = s_l σ'(z_l),

each with the derivative of its own formula. σ, σ' and σ'' come from `jets`, one unit at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from hessrank.numeric.differentiation.arithmetic import Array
from hessrank.numeric.differentiation.jets import Jet, Sweep
from hessrank.numeric.differentiation.program import Program, program
from hessrank.symbolic.expressions.expression import Expr


@dataclass(frozen=True)
class Layers:
    """widths (n_0, …, n_L), σ as a closed form in the symbol z, and whether there are biases."""

    widths: tuple[int, ...]
    sigma: Expr
    bias: bool

    def names(self) -> list[list[list[str]]]:
        """Of each layer: a row a unit, its weights and then its bias."""
        return [
            [
                [f"w{l}_{i}_{j}" for j in range(1, m + 1)] + [f"b{l}_{i}"] * self.bias
                for i in range(1, n + 1)
            ]
            for l, (m, n) in enumerate(pairwise(self.widths), 1)
        ]

    def size(self, D: int, N: int) -> int:
        """Numbers that a sweep holds at most."""
        return D * N * (3 * sum(self.widths) + max(self.widths)) + 2 * N * N


@dataclass(frozen=True)
class Sweeps:
    """One forward sweep. Of each layer: a with a 1 for the bias (D, m), its tangent (D, m, N); W
    (n, m) with the bias's column; place (n, m): the column of J of each, −1 for those that are not
    free. Of each hidden layer: σ' and σ'' (D, n), the tangent of z (D, n, N). A tangent is None
    where nothing depends on θ. met: log₁₀ |values and slopes|."""

    F: Array
    J: Array
    a: tuple[Array, ...]
    da: tuple[Array | None, ...]
    W: tuple[Array, ...]
    place: tuple[Array, ...]
    slope: tuple[Array, ...]
    bend: tuple[Array, ...]
    dz: tuple[Array | None, ...]
    N: int
    met: Array

    def backwards(self, delta: Array, moved: Array | None) -> tuple[Array, Array, bool]:
        """(Σ δ·∂F/∂θ, its tangents (N, N), whether these are 0 by form) for the seeds δ (D, K) with
        their tangents (D, K, N)."""
        gradient, H, linear = np.zeros(self.N), np.zeros((self.N, self.N)), True
        for l in range(len(self.W) - 1, -1, -1):
            a, da, place = self.a[l], self.da[l], self.place[l]
            (D, n), m = delta.shape, a.shape[1]
            free = place >= 0
            gradient[place[free]] = (delta.T @ a)[free]
            parts = []
            if moved is not None:
                parts.append((a.T @ moved.reshape(D, -1)).reshape(m, n, self.N).swapaxes(0, 1))
            if da is not None:
                parts.append((delta.T @ da.reshape(D, -1)).reshape(n, m, self.N))
            if free.any() and parts:
                linear = False
                H[place[free]] = sum(part[free] for part in parts)
            if l:
                delta, moved = self._through(l, delta, moved)
        return gradient, H, linear

    def _through(self, l: int, delta: Array, moved: Array | None) -> tuple[Array, Array | None]:
        """δ of the layer before, and its tangent."""
        n = self.slope[l - 1].shape[1]
        W, place = self.W[l][:, :n], self.place[l][:, :n]
        s = delta @ W
        slope, bend, dz = self.slope[l - 1], self.bend[l - 1], self.dz[l - 1]
        ds = None if moved is None else np.matmul(W.T, moved)
        if (place >= 0).any():
            ds = np.zeros((*s.shape, self.N)) if ds is None else ds
            for i, j in np.argwhere(place >= 0):
                ds[:, j, place[i, j]] += delta[:, i]
        if ds is not None and not (slope == 1).all():
            ds *= slope[:, :, None]
        if dz is not None and bend.any():
            bent = (s * bend)[:, :, None] * dz
            ds = bent if ds is None else np.add(ds, bent, out=ds)
        return s * slope, ds


def sweeps(
    layers: Layers, columns: dict[str, int], values: dict[str, float], x: Array, sweep: Sweep
) -> Sweeps:
    """The forward sweep at `values` (of all parameters by name) on x (D, n_0), for the parameters
    that have `columns`. Raises KinkError where σ has a kink exactly there."""
    sigma, N = program([layers.sigma]), len(columns)
    ones = np.ones((len(x), 1))
    a, da = x, None
    kept: list[list[Any]] = [[] for _ in range(7)]
    met = [x.ravel(), np.array(list(values.values()), dtype=float)]
    names = layers.names()
    for l, rows in enumerate(names):
        W = np.array([[values[n] for n in row] for row in rows])
        place = np.array([[columns.get(n, -1) for n in row] for row in rows])
        inputs = np.concatenate([a, ones], axis=1) if layers.bias else a
        if da is not None and layers.bias:
            da = np.concatenate([da, np.zeros((len(x), 1, N))], axis=1)
        z = inputs @ W.T
        dz = None if da is None else np.matmul(W, da)
        if (place >= 0).any():
            dz = np.zeros((*z.shape, N)) if dz is None else dz
            for i, row in enumerate(place):
                dz[:, i, row[row >= 0]] += inputs[:, row >= 0]
        for store, item in zip(kept, (inputs, da, W, place), strict=False):
            store.append(item)
        met.append(z.ravel())
        if l == len(names) - 1:
            J = np.zeros((*z.shape, N)) if dz is None else dz
            break
        a, slope, bend = _jet(sigma, z, sweep)
        da = None if dz is None else slope[:, :, None] * dz
        for store, item in zip(kept[4:], (slope, bend, dz), strict=True):
            store.append(item)
        met += [a.ravel(), slope.ravel()]
    inputs_of, tangents, weights, places, slopes, bends, dzs = map(tuple, kept)
    seen = np.log10(np.abs(np.concatenate(met)))
    return Sweeps(z, J, inputs_of, tangents, weights, places, slopes, bends, dzs, N, seen)


def _jet(sigma: Program, z: Array, sweep: Sweep) -> tuple[Array, Array, Array]:
    """σ, σ', σ'' of z (D, n)."""
    found = np.zeros((3, *z.shape))
    for i in range(z.shape[1]):
        column = Jet(np.ascontiguousarray(z[:, i]), np.ones((len(z), 1)))
        jets = sweep.forwards(sigma, {"z": column})
        out = jets[sigma.results[0]]
        found[0, :, i] = out.value
        if out.tangent is None:
            continue
        found[1, :, i] = out.tangent[:, 0]
        bar = sweep.backwards(sigma, jets, [sweep.constant(1)])["z"]
        if bar.tangent is not None:
            found[2, :, i] = bar.tangent[:, 0]
    return found[0], found[1], found[2]
