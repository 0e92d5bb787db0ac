"""The derivative rule of a layered network, written once, for arrays over any ring.

In: a `Network` (widths, activation, bias), its parameters θ and a batch of inputs x as arrays, and
an `ArrayRing` that says how to multiply such arrays. Out: behaviour F, Jacobian J and the weighted
second derivatives Σ_d ∇²(r_d·F_d). The same lines run on closed forms (a derivation with shared
subexpressions), on exact numbers, on Arb balls and on residues modulo a prime.

With a_0 = x, z_l = W_l a_{l-1} + b_l, a_l = σ(z_l), F = z_L, and for the scalar g = r·F:

    δ_L = r,                    δ_l = e_l ∘ σ'(z_l),             e_l = W_{l+1}ᵀ δ_{l+1}
    P_{l,l} = I,                P_{m,l} = W_m diag σ'(z_{m-1}) P_{m-1,l}           (= ∂z_m/∂z_l)
    T_{L,l} = 0,                T_{m,l} = diag σ'(z_m) W_{m+1}ᵀ T_{m+1,l}
                                        + diag(e_m ∘ σ''(z_m)) P_{m,l}             (= ∂δ_m/∂z_l)
    ∂g/∂W_l[i,j] = δ_l[i] a_{l-1}[j]
    ∂²g/∂W_l[i,j]∂W_m[i',j'] = T_{m,l}[i',i] a_{l-1}[j] a_{m-1}[j']                 for l ≤ m
                             + [l < m] δ_m[i'] (diag σ'(z_{m-1}) P_{m-1,l})[j',i] a_{l-1}[j]

A bias is the weight of a constant input 1. docs/layers.md derives the formulas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from hessrank.symbolic.errors import InputError, shown
from hessrank.symbolic.expressions.expression import ZERO, evaluate
from hessrank.symbolic.expressions.expression import Ring as ScalarRing
from hessrank.symbolic.linear_algebra.object_matrices import matmul
from hessrank.symbolic.models.activations import Activation, activation

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Network:
    """A fully connected network: widths (n_0, …, n_L), one activation, linear last layer.

    Parameters are ordered layer by layer: the weights row by row (unit, input), then the biases.

    >>> Network((2, 3, 1), "tanh", bias=True).size
    13
    >>> Network((1, 2, 1)).parameters
    ('w1_1_1', 'w1_2_1', 'w2_1_1', 'w2_1_2')
    """

    widths: tuple[int, ...]
    activation: str = "identity"
    bias: bool = False

    def __post_init__(self) -> None:
        whole = all(isinstance(n, int) and not isinstance(n, bool) for n in self.widths)
        if len(self.widths) < 2 or not whole or min(self.widths) < 1:
            found = ", ".join(map(shown, self.widths))
            raise InputError(f"expected two or more whole numbers >= 1, found [{found}]", "widths")
        object.__setattr__(self, "activation", activation(self.activation, "activation").name)

    @property
    def depth(self) -> int:
        """L, the number of weight matrices."""
        return len(self.widths) - 1

    @property
    def sigma(self) -> Activation:
        """σ, and what is known of it."""
        return activation(self.activation)

    @cached_property
    def size(self) -> int:
        """N, the number of parameters."""
        return sum(n * (m + self.bias) for m, n in zip(self.widths, self.widths[1:], strict=False))

    @cached_property
    def blocks(self) -> tuple[Array, ...]:
        """For each layer the positions in θ, as an array (n_l, n_{l-1}), biases as last column."""
        blocks, start = [], 0
        for m, n in zip(self.widths, self.widths[1:], strict=False):
            weights = start + np.arange(n * m).reshape(n, m)
            start += n * m
            if self.bias:
                weights = np.column_stack([weights, start + np.arange(n)])
                start += n
            blocks.append(weights)
        return tuple(blocks)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The parameters' names in order: w{layer}_{unit}_{input}, b{layer}_{unit}, from 1."""
        names = [""] * self.size
        for layer, block in enumerate(self.blocks, 1):
            for (i, j), position in np.ndenumerate(block):
                is_bias = self.bias and j == block.shape[1] - 1
                name = f"b{layer}_{i + 1}" if is_bias else f"w{layer}_{i + 1}_{j + 1}"
                names[position] = name
        return tuple(names)


class ArrayRing(Protocol):
    """What the rule asks of a ring: arrays of its elements and five operations on them."""

    def full(self, shape: tuple[int, ...], value: int, /) -> Array:
        """An array filled with the integer 0 or 1."""
        ...

    def matmul(self, A: Array, B: Array, /) -> Array:
        """The product of two matrices."""
        ...

    def times(self, A: Array, B: Array, /) -> Array:
        """The elementwise product, with broadcasting."""
        ...

    def plus(self, A: Array, B: Array, /) -> Array:
        """The elementwise sum, with broadcasting."""
        ...

    def jet(self, name: str, z: Array, layer: int, /) -> tuple[Array, Array, Array | None]:
        """σ(z), σ'(z), σ''(z) for the activation called `name` at the preactivations z (D, n_l) of
        `layer` (from 1); None for a σ'' that vanishes identically."""
        ...


@dataclass(frozen=True)
class Objects:
    """The array ring of object arrays whose elements bring + and *; `scalars` does the rest.

    >>> class Q:
    ...     number, power = staticmethod(lambda q: q), staticmethod(lambda v, e: v**int(e))
    >>> net, x = Network((1, 1, 1), "square"), np.array([[Fraction(3)]], dtype=object)
    >>> theta = np.array([Fraction(2), Fraction(5)], dtype=object)
    >>> forward(net, theta, x, Objects(Q())).outputs.tolist()
    [[Fraction(180, 1)]]
    """

    scalars: ScalarRing

    def full(self, shape: tuple[int, ...], value: int) -> Array:
        return np.full(shape, self.scalars.number(Fraction(value)), dtype=object)

    def matmul(self, A: Array, B: Array) -> Array:
        return np.asarray(matmul(A, B, zero=self.scalars.number(Fraction(0))))

    def times(self, A: Array, B: Array) -> Array:
        return A * B

    def plus(self, A: Array, B: Array) -> Array:
        return A + B

    def jet(self, name: str, z: Array, layer: int) -> tuple[Array, Array, Array | None]:
        forms = activation(name).jet
        values = [evaluate(forms, self.scalars, {"z": v}) for v in z.ravel()]
        s0, s1, s2 = (np.array([v[k] for v in values], dtype=object) for k in range(3))
        flat = forms[2] is ZERO
        return s0.reshape(z.shape), s1.reshape(z.shape), None if flat else s2.reshape(z.shape)


@dataclass(frozen=True)
class Forward:
    """A network run on a batch of D examples, with all that the derivatives need.

    inputs[l-1]      a_{l-1} (D, n_{l-1}), with a last column of ones where there are biases
    weights[l-1]     W_l (n_l, n_{l-1})
    slopes[l-1]      σ'(z_l) (D, n_l), l < L
    curvatures[l-1]  σ''(z_l) (D, n_l), l < L, None where it vanishes identically
    outputs          F (D, K)
    """

    net: Network
    ring: ArrayRing
    inputs: tuple[Array, ...]
    weights: tuple[Array, ...]
    slopes: tuple[Array, ...]
    curvatures: tuple[Array | None, ...]
    outputs: Array


def forward(net: Network, theta: Array, x: Array, ring: ArrayRing) -> Forward:
    """Run the network: θ is an array (N,), x an array (D, n_0), both over `ring`."""
    if theta.shape != (net.size,) or x.ndim != 2 or x.shape[1] != net.widths[0]:
        raise InputError(
            f"θ has shape {theta.shape} and x {x.shape}; expected ({net.size},) and "
            f"(examples, {net.widths[0]})"
        )
    ones = ring.full((len(x), 1), 1)
    inputs, weights, slopes, curvatures = [], [], [], []
    a = x
    for layer, block in enumerate(net.blocks, 1):
        W = theta[block]
        a_in = np.concatenate([a, ones], axis=1) if net.bias else a
        z = ring.matmul(a_in, W.T)
        inputs.append(a_in)
        weights.append(W[:, : a.shape[1]])
        if layer < net.depth:
            a, slope, curvature = ring.jet(net.activation, z, layer)
            slopes.append(slope)
            curvatures.append(curvature)
    return Forward(
        net, ring, tuple(inputs), tuple(weights), tuple(slopes), tuple(curvatures), outputs=z
    )


def jacobian(run: Forward) -> Array:
    """J as an array (D, K, N): J[d, k, p] = ∂F_k(x_d)/∂θ_p."""
    net, ring = run.net, run.ring
    D, K = run.outputs.shape
    J = ring.full((D, K, net.size), 0)
    # B = ∂z_L/∂z_l, as an array (D, K, n_l), from l = L down
    B = np.broadcast_to(_identity(ring, K), (D, K, K))
    for l in range(net.depth, 0, -1):
        if l < net.depth:
            B = _right(ring, B, run.weights[l])
            B = ring.times(B, run.slopes[l - 1][:, None, :])
        a = run.inputs[l - 1]
        block = ring.times(B[:, :, :, None], a[:, None, None, :])
        J[:, :, net.blocks[l - 1].ravel()] = block.reshape(D, K, net.blocks[l - 1].size)
    return J


def weighted_hessian(run: Forward, r: Array) -> Array:
    """Σ_d ∇²(r_d·F_d) as an array (N, N), for r an array (D, K) that is held constant."""
    net, ring = run.net, run.ring
    D, L = len(r), net.depth
    delta, e = _backward(run, r)
    H = ring.full((net.size, net.size), 0)
    for l in range(1, L + 1):
        n = net.widths[l]
        a = run.inputs[l - 1]
        # P[m], Q[m], T[m] are (D, n_l, ·): transposed, so that weights multiply from the right
        P = {l: np.broadcast_to(_identity(ring, n), (D, n, n))}
        Q = {}
        for m in range(l + 1, L + 1):
            Q[m] = ring.times(P[m - 1], run.slopes[m - 2][:, None, :])
            P[m] = _right(ring, Q[m], run.weights[m - 1].T)
        T: Array | None = None
        for m in range(L, l - 1, -1):
            if m < L:
                T = _second(run, T, P[m], e[m], m)
            block = _block(ring, T, Q.get(m), a, run.inputs[m - 1], delta[m])
            rows, columns = net.blocks[l - 1].ravel(), net.blocks[m - 1].ravel()
            if block is not None and l == m:
                upper = np.triu_indices(len(rows))
                block[upper[::-1]] = block[upper]
            if block is not None:
                H[np.ix_(rows, columns)] = block
            if block is not None and l < m:
                H[np.ix_(columns, rows)] = block.T
    return H


def second_derivatives(run: Forward) -> Array:
    """Every ∇²F_m, as an array (D, K, N, N); for small networks and few examples."""
    D, K = run.outputs.shape
    found = []
    for d in range(D):
        one = _example(run, d)
        unit = _identity(run.ring, K)
        found.append([weighted_hessian(one, unit[k : k + 1]) for k in range(K)])
    return np.array(found, dtype=object).reshape(D, K, run.net.size, run.net.size)


def _backward(run: Forward, r: Array) -> tuple[dict[int, Array], dict[int, Array]]:
    """δ_l for 1 <= l <= L and e_l for 1 <= l < L, arrays (D, n_l), by layer number."""
    ring, L = run.ring, run.net.depth
    delta, e = {L: r}, {}
    for l in range(L - 1, 0, -1):
        e[l] = ring.matmul(delta[l + 1], run.weights[l])
        delta[l] = ring.times(e[l], run.slopes[l - 1])
    return delta, e


def _second(run: Forward, T: Array | None, P: Array, e: Array, m: int) -> Array | None:
    """T_{m,l} from T_{m+1,l}; None stands for zero."""
    ring, curvature = run.ring, run.curvatures[m - 1]
    if T is not None:
        T = ring.times(_right(ring, T, run.weights[m]), run.slopes[m - 1][:, None, :])
    if curvature is None:
        return T
    bent = ring.times(P, ring.times(e, curvature)[:, None, :])
    return bent if T is None else ring.plus(T, bent)


def _block(
    ring: ArrayRing, T: Array | None, Q: Array | None, a: Array, a_m: Array, delta: Array
) -> Array | None:
    """The block (l, m) summed over the batch, rows (i, j), columns (i', j'); None for zero."""
    D, rows, columns = len(a), a.shape[1], a_m.shape[1]
    block: Array | None = None
    if T is not None:  # Σ_d T[i',i] · a_{l-1}[j] a_{m-1}[j']
        n, n_m = T.shape[1:]
        both = ring.times(a[:, :, None], a_m[:, None, :]).reshape(D, rows * columns)
        sums = ring.matmul(T.reshape(D, n * n_m).T, both).reshape(n, n_m, rows, columns)
        block = sums.transpose(0, 2, 1, 3).reshape(n * rows, n_m * columns)
    if Q is not None:  # Σ_d δ_m[i'] a_{l-1}[j] · Q[j',i]
        n, n_m, inner = Q.shape[1], delta.shape[1], Q.shape[2]
        outer = ring.times(delta[:, :, None], a[:, None, :]).reshape(D, n_m * rows)
        sums = ring.matmul(outer.T, Q.reshape(D, n * inner)).reshape(n_m, rows, n, inner)
        crossed: Array = sums.transpose(2, 1, 0, 3)
        if inner < columns:  # a constant input has no derivative
            padding = ring.full((n, rows, n_m, columns - inner), 0)
            crossed = np.concatenate([crossed, padding], axis=3)
        crossed = crossed.reshape(n * rows, n_m * columns)
        block = crossed if block is None else ring.plus(block, crossed)
    return block


def _right(ring: ArrayRing, A: Array, W: Array) -> Array:
    """A (D, n, k) times W (k, h), as one matrix product."""
    D, n, k = A.shape
    return ring.matmul(A.reshape(D * n, k), W).reshape(D, n, W.shape[1])


def _identity(ring: ArrayRing, n: int) -> Array:
    one = ring.full((n, n), 0)
    one[np.arange(n), np.arange(n)] = ring.full((n,), 1)
    return one


def _example(run: Forward, d: int) -> Forward:
    """The run of example d alone."""

    def only(arrays: Sequence[Array]) -> tuple[Array, ...]:
        return tuple(a[d : d + 1] for a in arrays)

    bent = tuple(None if c is None else c[d : d + 1] for c in run.curvatures)
    return Forward(
        run.net,
        run.ring,
        only(run.inputs),
        run.weights,
        only(run.slopes),
        bent,
        run.outputs[d : d + 1],
    )
