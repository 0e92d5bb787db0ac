"""Hidden units: dead and duplicated ones, permutations and sign flips.

In: a landscape of a network. Out: which units are dead on which examples and what that does to J,
and points with the same F: permutations of the units of a layer, and for odd σ the flip
(in, out) → (−in, −out). The directions along which F stays are in `fibres.symmetries`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from itertools import product as choices

import numpy as np

from hessrank.proofs.fibres.symmetries import unfolded
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import InputError, counted
from hessrank.symbolic.fields.field import differs
from hessrank.symbolic.linear_algebra.elimination import Vector
from hessrank.symbolic.problems.landscape import Landscape

# --- dead units ------------------------------------------------------------------


def dead_units(here: Landscape) -> tuple[tuple[int, int, tuple[int, ...]], ...]:
    """(layer from 1, unit from 0, the examples from 0 on which it is strictly dead), for each
    relu unit that is dead somewhere. A preactivation whose sign is not decided is an
    UndecidedError, one that is zero counts as alive."""
    u = unfolded(here)
    if not u.net.sigma.dies:
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
    shown = "; ".join(
        f"unit {i + 1} of layer {l} on {counted(len(where), 'example')}" for l, i, where in dead
    )
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


# --- permutations and sign flips ---------------------------------------------------------------


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


def names_of_units(here: Landscape) -> list[list[str]]:
    """The parameters into and out of each unit of a network of one hidden layer."""
    net = here.problem.model.network
    assert net is not None
    names = np.array(net.parameters, dtype=object)
    first, last = names[net.blocks[0]], names[net.blocks[1]]
    return [[*first[i], *last[:, i]] for i in range(net.widths[1])]


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
