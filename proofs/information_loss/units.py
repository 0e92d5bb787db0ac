"""Directions and moves that leave a network's behaviour unchanged, as explicit exact objects.

In: a landscape of a network. Out: `Direction`s in ker J, and points with the same F:

- T6, null space of the activations: where those entering a weight matrix (with the 1 of the bias)
  span s < d dimensions over the data, moving a unit's weights along the null space changes no
  preactivation: (d − s)·d_out directions, along each of which F is constant;
- T8, rescaling: for σ homogeneous of degree k, (in, out) → (c·in, c⁻ᵏ·out) leaves F unchanged, so
  that (in, −k·out) lies in ker J for each hidden unit;
- duplicated units, whose outgoing weights can be shifted from one to the other (a part of T6) and
  whose incoming weights can move against each other where their outgoing ones are parallel;
- dead units, whose incoming weights do nothing;
- permutations of the units of a layer, and for odd σ the flip (in, out) → (−in, −out).

Parameters that are fixed do not move. Vectors are over the free parameters, in their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import permutations
from itertools import product as choices

import numpy as np
from flint import fmpq

from hessrank.proofs.fibres.families import homogeneity
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import InputError, UndecidedError
from hessrank.symbolic.expressions.expression import Expr, evaluate
from hessrank.symbolic.fields.elements import Exact, TooLarge
from hessrank.symbolic.fields.field import Field, differs, evaluate_in_field
from hessrank.symbolic.linear_algebra.elimination import Vector, annihilates
from hessrank.symbolic.models.layers import Array, Network
from hessrank.symbolic.problems.landscape import Landscape, behaviour
from hessrank.symbolic.ranks.matrices import Matrix
from hessrank.symbolic.ranks.null_space import null_space

#: σ(−z) = −σ(z), by name; power-k too, for odd k.
_ODD = frozenset({"identity", "tanh", "sin", "cube"})
#: Activations that vanish, with their slope, on an open set.
_DYING = frozenset({"relu"})


@dataclass(frozen=True)
class Direction:
    """A vector v in ker J, over the free parameters, and what it does."""

    kind: str
    words: str
    vector: Vector


@dataclass(frozen=True, eq=False)
class Unfolded:
    """A network at the point: exact arrays of `field`.

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
        z: Array = self.inputs[l - 1] @ self.weights[l - 1].T
        return z


@lru_cache(maxsize=256)
def unfolded(here: Landscape) -> Unfolded:
    """The network of `here` with its exact activations. Raises InputError for a model that is no
    network, UndecidedError where the values grow too large."""
    net = here.problem.model.network
    if net is None:
        raise InputError("the model is given by closed forms: it has no layers")

    def build(field: Field) -> Unfolded:
        terms = behaviour(here.problem, here.point, field)
        pairs = [*here.values, *here.problem.model.fixed]
        values = evaluate([form for _, form in pairs], field, {})
        known = dict(zip((name for name, _ in pairs), values, strict=True))
        names = tuple(np.array(net.parameters, dtype=object)[block] for block in net.blocks)
        weights = tuple(np.vectorize(known.__getitem__, otypes=[object])(n) for n in names)
        rows = tuple(tuple(row) for row in terms.J)
        return Unfolded(here, net, field, terms.run.run.inputs, weights, names, rows)

    try:
        return evaluate_in_field(build, here.side)
    except TooLarge as error:
        raise UndecidedError(f"the activations: {error}") from None


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


def kernel_bound(here: Landscape) -> int:
    """N minus the span of all directions of this module: an upper bound of rank J."""
    found = [*null_space_directions(here), *scaling_directions(here), *duplicate_directions(here)]
    return here.problem.N - span(here, [v for v in found if in_kernel(here, v).truth is Truth.TRUE])


# --- T6 --------------------------------------------------------------------------------------


def null_space_directions(here: Landscape) -> tuple[Direction, ...]:
    """T6: for each weight matrix W_l and unit i, a basis of the c with A_{l-1} c = 0, put into
    row i. z_l(θ + tv) = z_l(θ) + t·A_{l-1} c = z_l(θ) for every t, so that F never changes.

    >>> from hessrank.symbolic.models.models import mlp
    >>> from hessrank.symbolic.problems.problem import Data, Problem
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
                found.append(Direction("activation null space", words, vector))
    return tuple(found)


def constant_along(here: Landscape, direction: Direction) -> Fact:
    """Whether F(θ + tv) = F(θ) for every t since no preactivation moves: A_{l-1}·(row i of v) = 0
    for each weight matrix W_l and unit i. UNDECIDED where one moves: F may still be constant."""
    u = unfolded(here)
    for A, names in zip(u.inputs, u.names, strict=True):
        for row in names:
            moving = [direction.vector[u.position[n]] if n in u.position else fmpq(0) for n in row]
            if not annihilates(A.tolist(), moving):
                return Fact(Truth.UNDECIDED, "a preactivation changes along v")
    return Fact(Truth.TRUE, "no preactivation changes along θ + tv, whatever t")


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


# --- T8 --------------------------------------------------------------------------------------


def scaling_directions(here: Landscape) -> tuple[Direction, ...]:
    """T8: (in, −k·out) for each hidden unit whose weights are free, where σ is homogeneous; zero
    vectors are left out."""
    u = unfolded(here)
    k = homogeneity(u.net.activation)
    found = []
    if k is None:
        return ()
    for l, i in _hidden(u.net):
        out = {n: -fmpq(k) * v for n, v in u.outgoing(l, i).items()}
        vector = u.vector({**u.incoming(l, i), **out})
        if vector is not None and any(v != 0 for v in vector):
            found.append(Direction("rescaling", f"rescaling unit {i + 1} of layer {l}", vector))
    return tuple(found)


def rescaled(here: Landscape, l: int, i: int, factor: Expr) -> Landscape:
    """The landscape at (c·in, c⁻ᵏ·out) for unit i (from 0) of hidden layer l (from 1), c > 0."""
    u = unfolded(here)
    k = homogeneity(u.net.activation)
    if k is None:
        raise InputError(f"{u.net.activation} is not homogeneous")
    point = here.point
    for name in u.incoming(l, i):
        point[name] = point[name] * factor
    for name in u.outgoing(l, i):
        point[name] = point[name] / factor**k
    return here.problem.at(point, here.side)


# --- dead and duplicated units ---------------------------------------------------------------


def dead_units(here: Landscape) -> tuple[tuple[int, int, tuple[int, ...]], ...]:
    """(layer from 1, unit from 0, the examples from 0 on which it is strictly dead), for each
    relu unit that is dead somewhere. A preactivation whose sign is not decided is an
    UndecidedError, one that is zero counts as alive."""
    u = unfolded(here)
    if u.net.activation not in _DYING:
        return ()
    found = []
    for l in range(1, u.net.depth):
        z = u.preactivations(l)
        for i in range(z.shape[1]):
            where = tuple(d for d in range(len(z)) if u.field.sign(z[d, i]) < 0)
            if where:
                found.append((l, i, where))
    return tuple(found)


def dead_unit_columns(here: Landscape) -> Fact:
    """T5c for units: on an example on which a unit is strictly dead, the derivatives of all
    outputs in its incoming weights are zero; UNDECIDED where no unit is dead."""
    u = unfolded(here)
    K = u.net.widths[-1]
    dead = dead_units(here)
    if not dead:
        return Fact(Truth.UNDECIDED, "no relu unit is strictly dead on an example")
    for l, i, where in dead:
        columns = [u.position[n] for n in u.incoming(l, i) if n in u.position]
        for d in where:
            left = [v for k in range(K) for c in columns if (v := u.J[d * K + k][c]) != 0]
            if left:
                return Fact(
                    Truth.of(False if any(differs(u.field, v) for v in left) else None),
                    f"unit {i + 1} of layer {l} is dead on example {d + 1}, "
                    "and yet a derivative in its incoming weights is not zero",
                )
    shown = "; ".join(f"unit {i + 1} of layer {l} on {len(where)} examples" for l, i, where in dead)
    return Fact(Truth.TRUE, f"dead, with zero derivatives in the incoming weights: {shown}")


def dead_layers(here: Landscape) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """(hidden layer from 1, the examples from 0 on which all its relu units are strictly dead)."""
    u = unfolded(here)
    found = []
    for l in range(1, u.net.depth):
        where = [set(w) for k, _, w in dead_units(here) if k == l]
        if len(where) == u.net.widths[l] and (common := set.intersection(*where)):
            found.append((l, tuple(sorted(common))))
    return tuple(found)


def duplicate_units(here: Landscape) -> tuple[tuple[int, int, int, int], ...]:
    """(layer, i, j, sign): units i < j (from 0) of hidden layers with in_j = sign·in_i; sign −1
    only for an odd activation."""
    u = unfolded(here)
    signs = (1, -1) if is_odd(u.net) else (1,)
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


# --- permutations and sign flips ---------------------------------------------------------------


def is_odd(net: Network) -> bool:
    """σ(−z) = −σ(z)."""
    name = net.activation
    return int(name[6:]) % 2 == 1 if name.startswith("power-") else name in _ODD


@dataclass(frozen=True)
class Unit:
    """A hidden unit of a network of one hidden layer: its weights in and out, exact numbers."""

    incoming: Vector
    outgoing: Vector

    @property
    def weights(self) -> Vector:
        return (*self.incoming, *self.outgoing)

    @property
    def flipped(self) -> Unit:
        return Unit(tuple(-v for v in self.incoming), tuple(-v for v in self.outgoing))

    @property
    def is_zero(self) -> bool:
        return all(v == 0 for v in self.weights)


def units(here: Landscape) -> tuple[Unit, ...]:
    """The units of a network of one hidden layer whose parameters are all free.

    Raises InputError for another model.
    """
    model, net = here.problem.model, here.problem.model.network
    if net is None or net.depth != 2 or model.fixed:
        raise InputError("units are listed for networks of one hidden layer, nothing fixed")
    first, last = unfolded(here).weights
    return tuple(Unit(tuple(first[i]), tuple(last[:, i])) for i in range(net.widths[1]))


def told_apart(here: Landscape) -> bool:
    """Whether units that are not equal, or opposite, or zero in canonical form are known not to
    be so as numbers."""
    field, known = unfolded(here).field, units(here)

    def differ(a: Unit, b: Unit) -> bool:
        pairs = zip(a.weights, b.weights, strict=True)
        return a == b or any(differs(field, v - w) for v, w in pairs)

    return all(
        differ(a, b) and differ(a, b.flipped) for i, a in enumerate(known) for b in known[: i + 1]
    )


def with_units(here: Landscape, chosen: Sequence[Unit]) -> Landscape:
    """The landscape with these hidden units, output biases kept."""
    net = here.problem.model.network
    assert net is not None
    point = here.point
    names = np.array(net.parameters, dtype=object)
    first, last = names[net.blocks[0]], names[net.blocks[1]]
    field = unfolded(here).field
    for i, unit in enumerate(chosen):
        point.update(zip(first[i], map(field.expr, unit.incoming), strict=True))
        point.update(zip(last[:, i], map(field.expr, unit.outgoing), strict=True))
    return here.problem.at(point, here.side)


def orbit(chosen: Sequence[Unit], flips: bool) -> Iterator[tuple[Unit, ...]]:
    """Every distinct arrangement of the units under permutations and, where asked, sign flips."""
    seen: set[tuple[Unit, ...]] = set()
    signs = choices((False, True), repeat=len(chosen)) if flips else [(False,) * len(chosen)]
    for sign in signs:
        turned = [u.flipped if s else u for u, s in zip(chosen, sign, strict=True)]
        for arrangement in permutations(turned):
            if arrangement not in seen:
                seen.add(arrangement)
                yield arrangement


def _hidden(net: Network) -> Iterator[tuple[int, int]]:
    return ((l, i) for l in range(1, net.depth) for i in range(net.widths[l]))
