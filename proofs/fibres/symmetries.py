"""What leaves a network's behaviour unchanged: T6, T8 and the GL gauge, each computed once.

In: a landscape of a network. Out: `Unfolded`, the network with its exact activations at the point,
and `Direction`s, exact vectors of ker J over the free parameters:

- activation null space (T6): where the activations entering a weight matrix (with the 1 of the
  bias) span s < d dimensions over the data, moving a unit's weights along the null space changes no
  preactivation: (d − s)·d_out directions, along each of which F is constant;
- rescaling (T8): for σ homogeneous of degree k, (in, out) → (c·in, c⁻ᵏ·out) leaves F unchanged, so
  that (in, −k·out) lies in ker J for each hidden unit;
- GL gauge: for linear σ, W_l → G W_l, W_{l+1} → W_{l+1} G⁻¹ leaves F unchanged;
- duplicated units, whose incoming weights can move against each other where their outgoing ones are
  parallel (their outgoing weights, shifted from one to the other, are a part of T6).

Parameters that are fixed do not move, along the whole of a flow and not only at the point.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import fmpq

from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import InputError, UndecidedError
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.fields.elements import Element, Exact
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.elimination import Vector, annihilates
from hessrank.symbolic.linear_algebra.object_matrices import matmul
from hessrank.symbolic.models.layers import Array, Network
from hessrank.symbolic.once import once
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.matrices import Matrix
from hessrank.symbolic.ranks.null_space import null_space


@dataclass(frozen=True)
class Direction:
    """A vector v in ker J, over the free parameters, and what it does; layer: the first of the
    weight matrices (from 1) that it moves."""

    kind: str
    words: str
    vector: Vector
    layer: int = 0


@dataclass(frozen=True, eq=False)
class Unfolded:
    """A network at the point: exact arrays of `field`, which is that of the landscape's J.

    inputs[l-1]: what enters W_l, (D, m_l), with the 1 of the bias; weights[l-1]: W_l with the
    biases as last column; names[l-1]: the parameters' names in the same shape; J: (M, N).
    """

    here: Landscape
    net: Network
    field: Field
    inputs: tuple[Array, ...]
    weights: tuple[Array, ...]
    names: tuple[Array, ...]
    J: tuple[Vector, ...]

    @cached_property
    def position(self) -> dict[str, int]:
        """The place of each free parameter in a vector."""
        return {n: i for i, n in enumerate(self.here.problem.model.parameters)}

    def vector(self, entries: dict[str, Exact]) -> Vector | None:
        """The entries as a vector; None where a fixed parameter would have to move."""
        out: list[Exact] = [fmpq(0)] * len(self.position)
        for name, value in entries.items():
            if value == 0:
                continue
            if name not in self.position:
                return None
            out[self.position[name]] = value
        return tuple(out)

    def incoming(self, l: int, i: int) -> dict[str, Exact]:
        """The weights and bias of unit i (from 0) of layer l (from 1), by name."""
        return dict(zip(self.names[l - 1][i], self.weights[l - 1][i], strict=True))

    def outgoing(self, l: int, i: int) -> dict[str, Exact]:
        """The weights by which unit i of hidden layer l enters the next."""
        return dict(zip(self.names[l][:, i], self.weights[l][:, i], strict=True))

    def preactivations(self, l: int) -> Array:
        """z_l, (D, n_l)."""
        z: Array = matmul(self.inputs[l - 1], self.weights[l - 1].T)
        return z


@once
def unfolded(here: Landscape) -> Unfolded:
    """The network of `here` with its exact activations. Raises InputError for a model that is no
    network, UndecidedError where J is known by balls alone."""
    net = here.problem.model.network
    if net is None:
        raise InputError("the model is given by closed forms: it has no layers")
    J = here.jacobian.exact("the activations: J")
    field = J.field
    try:
        pairs = [*here.values, *here.problem.model.fixed]
        values = evaluate([form for _, form in pairs], field, {})
        inputs = here.evaluation(field).get("run").run.inputs
    except TooLarge as error:
        raise UndecidedError(f"the activations: {error}") from None
    known = dict(zip((name for name, _ in pairs), values, strict=True))
    names = tuple(np.array(net.parameters, dtype=object)[block] for block in net.blocks)
    weights = tuple(np.vectorize(known.__getitem__, otypes=[object])(n) for n in names)
    return Unfolded(here, net, field, inputs, weights, names, J.rows)


def in_kernel(here: Landscape, direction: Direction) -> Fact:
    """J v = 0, entry by entry."""
    good = annihilates(unfolded(here).J, direction.vector)
    return Fact(
        Truth.of(good or None),
        f"J v = 0 for {direction.words}"
        if good
        else f"J v is not zero in canonical form for {direction.words}",
    )


def span(here: Landscape, directions: Sequence[Direction]) -> int:
    """The dimension of the span of the directions, bounded from below: rank J ≤ N − span."""
    rows = tuple(d.vector for d in directions)
    return Matrix(rows, (len(rows), here.problem.N), unfolded(here).field).rank().lower


# --- T6 --------------------------------------------------------------------------------------


def null_space_directions(here: Landscape) -> tuple[Direction, ...]:
    """T6: for each weight matrix W_l and unit i, a basis of the c with A_{l-1} c = 0, put into
    row i. z_l(θ + tv) = z_l(θ) + t·A_{l-1} c = z_l(θ) for every t, so that F never changes.

    >>> from hessrank.symbolic.models.models import mlp
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> net = mlp([2, 1], "identity", bias=False)
    >>> here = Problem(net, Data([[1, 2]], [0])).at({"w1_1_1": 3, "w1_1_2": 4})
    >>> (v,) = null_space_directions(here)
    >>> v.words, [str(q) for q in v.vector]
    ('weights of unit 1 of layer 1 along the null space of what enters', ['-2', '1'])
    """
    u = unfolded(here)
    found = []
    for l, (A, names) in enumerate(zip(u.inputs, u.names, strict=True), 1):
        for i, row in enumerate(names):
            free = [j for j, n in enumerate(row) if n in u.position]
            entering = [[a[j] for j in free] for a in A]
            for c in null_space(entering, len(free), u.field):
                vector = u.vector({row[j]: q for j, q in zip(free, c, strict=True)})
                assert vector is not None and annihilates(entering, c)
                words = f"weights of unit {i + 1} of layer {l} along the null space of what enters"
                found.append(Direction("activation null space", words, vector, l))
    return tuple(found)


def activation_ranks(here: Landscape) -> tuple[tuple[int, int, int], ...]:
    """For each weight matrix (s, d, d_out): the span of what enters over the data, its dimension
    with the bias, and the number of units. T6 promises (d − s)·d_out directions."""
    u = unfolded(here)
    out = []
    for A, W in zip(u.inputs, u.weights, strict=True):
        rows = tuple(tuple(a) for a in A)
        d = W.shape[1]
        out.append((d - len(null_space(rows, d, u.field)), d, len(W)))
    return tuple(out)


# --- symmetries: T8 and the GL gauge ---------------------------------------------------------


def symmetry_directions(here: Landscape) -> tuple[Direction, ...]:
    """Tangents at θ of the symmetries of the architecture: the GL gauge of a linear network, the
    rescaling of its units (T8) where σ is homogeneous, nothing elsewhere."""
    net = here.problem.model.network
    if net is None or net.depth < 2:
        return ()
    return gauge_directions(here) if net.sigma.is_linear else scaling_directions(here)


def orbit_directions(here: Landscape) -> tuple[Vector, ...]:
    """Rational tangents at θ of the orbit of a group under which F is invariant at every θ: the
    symmetries of the architecture, and translations of the first layer's weights along what is
    orthogonal to all inputs (T6)."""
    if here.problem.model.network is None:
        return ()
    shifts = [d for d in null_space_directions(here) if d.layer == 1]
    found = [d.vector for d in (*symmetry_directions(here), *shifts)]
    return tuple(v for v in found if not any(isinstance(x, Element) for x in v))


def scaling_directions(here: Landscape) -> tuple[Direction, ...]:
    """T8: (in, −k·out) for each hidden unit whose weights are free, where σ is homogeneous; zero
    vectors are left out. A weight that is fixed at 0 stays what it is."""
    net = unfolded(here).net
    k = net.sigma.homogeneity
    if k is None:
        return ()
    found = (
        _flow(here, l, i, i, k, "rescaling", f"rescaling unit {i + 1} of layer {l} (T8)")
        for l, i in hidden_units(net)
    )
    return tuple(d for d in found if d is not None)


def gauge_directions(here: Landscape) -> tuple[Direction, ...]:
    """For linear σ: (E_ij W_l, −W_{l+1} E_ij) for every pair of units of each hidden layer."""
    net = unfolded(here).net
    found = (
        _flow(here, l, i, j, 1, "gauge", f"the GL gauge of hidden layer {l}")
        for l, i in hidden_units(net)
        for j in range(net.widths[l])
    )
    return tuple(d for d in found if d is not None)


def _flow(
    here: Landscape, l: int, i: int, j: int, k: int, kind: str, words: str
) -> Direction | None:
    """ξ = (E_ij W_l, −k W_{l+1} E_ij): row i of W_l gains row j, column j of W_{l+1} loses k times
    column i. None where ξ is zero at θ, or would move a fixed parameter somewhere along its flow:
    what a fixed parameter gains must be a fixed 0, not one at θ alone."""
    u = unfolded(here)
    (into, out), (W, V) = u.names[l - 1 : l + 1], u.weights[l - 1 : l + 1]
    moves = [*zip(into[i], into[j], W[j], strict=True)]
    moves += [*zip(out[:, j], out[:, i], (-k * v for v in V[:, i]), strict=True)]
    entries: dict[str, Exact] = {}
    for target, source, value in moves:
        if target in u.position:
            entries[target] = value
        elif source in u.position or value != 0:
            return None
    vector = u.vector(entries)
    if vector is None or all(v == 0 for v in vector):
        return None
    return Direction(kind, words, vector, l)


def hidden_units(net: Network) -> Iterator[tuple[int, int]]:
    """(layer from 1, unit from 0) of every hidden unit."""
    return ((l, i) for l in range(1, net.depth) for i in range(net.widths[l]))


# --- duplicated units ------------------------------------------------------------------------


def duplicate_units(here: Landscape) -> tuple[tuple[int, int, int, int], ...]:
    """(layer, i, j, sign): units i < j (from 0) of hidden layers with in_j = sign·in_i; sign −1
    only for an odd activation."""
    u = unfolded(here)
    signs = (1, -1) if u.net.sigma.is_odd else (1,)
    found = []
    for l in range(1, u.net.depth):
        W = u.weights[l - 1]
        for i in range(len(W)):
            for j in range(i + 1, len(W)):
                for sign in signs:
                    if all(b == sign * a for a, b in zip(W[i], W[j], strict=True)):
                        found.append((l, i, j, sign))
                        break
    return tuple(found)


def duplicate_directions(here: Landscape) -> tuple[Direction, ...]:
    """For in_j = ±in_i with parallel outgoing weights, β·out_i + α·out_j = 0: moving in_i by β·e
    and in_j by α·e changes F only to second order, for each coordinate e of the weights (where
    in_j = −in_i, σ is odd and σ′ even)."""
    u = unfolded(here)
    found = []
    for l, i, j, _ in duplicate_units(here):
        a, b = list(u.outgoing(l, i).values()), list(u.outgoing(l, j).values())
        pairs = null_space([[p, q] for p, q in zip(a, b, strict=True)], 2, u.field)
        for beta, alpha in pairs:
            for n, m in zip(u.incoming(l, i), u.incoming(l, j), strict=True):
                vector = u.vector({n: beta, m: alpha})
                if vector is not None:
                    words = f"units {i + 1} and {j + 1} of layer {l} moving against each other"
                    found.append(Direction("duplicated units", words, vector))
    return tuple(found)
