"""Critical points with units that have no weights out, which training and pruning leave behind.

In: boxes of a network without regulariser, a start in which some units' weights out are (almost) 0.
Out: what is certain at an exact critical point where they are 0. With in the weights into such
units, out those out of them, and R the other parameters, out = 0 gives for every θ

    ∂L/∂in = 0,    J_in = 0,    H_{in,in} = 0,    H_{R,in} = 0,

which is read off the balls, not assumed. So ∂L/∂R = 0 and ∂L/∂out = 0 are to be solved, in R (but
for symmetries of L) and as many of the weights in; the latter hold by themselves where all weights
into the unit are 0 and σ(0) = 0. There, with G = H_{out,in},

    rank H = rank H_RR + 2 rank G,    v in ker G  =>  (0, 0, v) in ker H,

(where all weights into a unit are 0 as well, H_{out,out} = H_{R,out} = 0 too, and ker Gᵀ lies in
ker H), and where G ≠ 0, H has a negative eigenvalue: [[H_out,out, G], [Gᵀ, 0]] is indefinite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from flint import arb

from hessrank.proofs.existence.boxes import Array, Boxes, Values, middle
from hessrank.proofs.existence.critical import rank_jacobian, solved, still_independent
from hessrank.proofs.existence.found import Found, bounded, minor_of, theta_of
from hessrank.proofs.existence.invariance import Generator, Symmetry, generators, spanning, symmetry
from hessrank.proofs.existence.krawczyk import (
    NotCertifiedError,
    nonsingular,
    pivot_columns,
    pivots,
)
from hessrank.symbolic.errors import counted
from hessrank.symbolic.expressions.expression import ZERO, Expr
from hessrank.symbolic.linear_algebra.ball_inertia import eigenvalue_signs
from hessrank.symbolic.models.layers import Network

#: Weights out below this, relative to the largest of their layer, count as meant 0.
SMALL = 1e-3


@dataclass(frozen=True)
class Unit:
    """A unit without weights out: the places of its weights in and out; idle: whether those into it
    are meant 0 too; moving: weights in that move `moved` weights' ∂L/∂out independently."""

    into: tuple[int, ...]
    out: tuple[int, ...]
    idle: bool
    bias: bool
    moving: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()

    @property
    def most(self) -> int:
        """An upper bound on rank G. Of an idle unit the column of its bias is σ'(0)·Σ_d δ_d, and
        Σ_d δ_d = ∂L/∂b = 0 for the biases b of the next layer."""
        return min(len(self.into) - (self.idle and self.bias), len(self.out))

    @property
    def still(self) -> int:
        """Directions of its weights that are certain to lie in ker H (for idle units, of both)."""
        return len(self.into) + len(self.out) - 2 * self.most


def silent(net: Network, theta: np.ndarray) -> list[Unit]:
    """A suggestion from floats; a unit that feeds or is fed by another one of them is left out."""
    found: list[Unit] = []
    taken: set[int] = set()
    for l in range(1, net.depth):
        entering, leaving = net.blocks[l - 1], net.blocks[l][:, : net.widths[l]]
        for i in range(net.widths[l]):
            into, out = tuple(entering[i].tolist()), tuple(leaving[:, i].tolist())
            quiet = _small(theta[list(out)], theta[leaving])
            if quiet and not {*into, *out} & taken:
                idle = _small(theta[list(into)], theta[entering])
                found.append(Unit(into, out, idle, net.bias))
                taken |= {*into, *out}
    return found


def _small(part: np.ndarray, whole: np.ndarray) -> bool:
    return bool(np.abs(part).max(initial=0.0) <= SMALL * np.abs(whole).max(initial=0.0))


def certified_silent(boxes: Boxes, start: Sequence[Expr], values: Values, reach: float) -> Found:
    """The exact critical point near `start` with those weights out 0. Raises NotCertifiedError."""
    problem = boxes.problem
    net, N = problem.model.network, problem.N
    if net is None or problem.model.fixed or problem.regulariser is not None:
        raise NotCertifiedError(
            "they are looked for in networks without fixed parameters and regulariser"
        )
    units = silent(net, middle(np.array(values.theta, dtype=object)))
    if not units:
        raise NotCertifiedError("every unit has weights out")
    gone = {j for u in units for j in (*u.out, *(u.into if u.idle else ()))}
    forms = [ZERO if j in gone else form for j, form in enumerate(start)]
    values = boxes.at(theta_of(boxes, forms))
    units = [_with_moving(u, values.hessian) for u in units]
    columns: dict[int, list[int]] = {}

    def kept(layer: int, A: Array) -> list[int]:
        return columns.setdefault(layer, spanning(layer, A))

    rest = [j for j in range(N) if j not in {p for u in units for p in (*u.into, *u.out)}]
    fields = generators(problem, values, kept)
    taken = _symmetry_of(fields, rest, N)
    moved = [j for j in rest if j not in set(taken.coordinates)]
    free = [*moved, *(j for u in units if not u.idle for j in u.moving)]
    equations = [*moved, *(j for u in units if not u.idle for j in u.out)]

    found = solved(boxes, forms, free, equations, reach)
    with found.enclosure.precision():
        return _judged(found, still_independent(found, fields, taken, kept), taken, moved, units)


def _with_moving(unit: Unit, H: Array) -> Unit:
    G = middle(H[np.ix_(unit.out, unit.into)])
    if unit.idle:  # ∂L/∂out is 0 as it is
        rows, columns = pivots(G, unit.most)
        moved = tuple(unit.out[k] for k in rows)
        return replace(unit, moving=tuple(unit.into[k] for k in columns), moved=moved)
    chosen = pivot_columns(G, len(unit.out), small=1e-8)
    if len(chosen) < len(unit.out):
        raise NotCertifiedError("the weights into such a unit do not move ∂L/∂out")
    return replace(unit, moving=tuple(unit.into[k] for k in chosen), moved=unit.out)


def _symmetry_of(fields: Sequence[Generator], rest: Sequence[int], N: int) -> Symmetry:
    """As `symmetry`, of the parameters `rest` alone."""
    inside = set(rest)
    cut = [
        Generator(g.words, tuple(v if j in inside else arb(0) for j, v in enumerate(g.vector)))
        for g in fields
    ]
    return symmetry(cut, N)


def _judged(
    found: Found,
    fields: Sequence[Generator],
    taken: Symmetry,
    inside: list[int],
    units: Sequence[Unit],
) -> Found:
    values, N = found.values, found.boxes.problem.N
    H = values.hessian
    into = [j for u in units for j in u.into]
    out = [j for u in units for j in u.out]
    moving = [j for u in units for j in u.moving]
    idle = [j for u in units if u.idle for j in u.out]
    others = [j for j in range(N) if j not in out]
    zeros = [values.gradient[[*into, *idle]], H[np.ix_(others, into)], values.J[:, into]]
    zeros.append(H[np.ix_([j for j in range(N) if j not in into], idle)])
    zeros += [H[np.ix_(u.out, v.into)] for u in units for v in units if u is not v]
    if not all(v.is_zero() for part in zeros for v in part.ravel()):
        raise NotCertifiedError("∂L/∂in is not certain to vanish with the weights out, or ∂L/∂out")
    place = [*inside, *(j for u in units for j in u.moved), *moving]
    block = H[np.ix_(place, place)]
    signs = eigenvalue_signs(block)
    regular = signs is not None or nonsingular(block)
    lower = len(place) if regular else len(minor_of(block, len(place))[0])
    still = sum(u.still for u in units)
    s = len(taken.chosen)
    words = sorted({fields[i].words for i in taken.chosen})
    told = "; ".join([f"{still} of weights of units without weights out", *words])
    kernel = f"{counted(s + still, 'independent kernel vector')}: {told}"
    rank = bounded(
        lower,
        N - s - still,
        (N, N),
        f"H is nonsingular on {lower} coordinates, on the whole box",
        kernel if s + still else counted(N, "parameter"),
        (place, place) if regular else None,
    )
    kept = [fields[i] for i in taken.chosen]
    still_out = sum(all(v.is_zero() for v in values.J[:, j]) for j in out)
    moved = N - len(into) - still_out - sum(g.keeps_outputs for g in kept)
    why = (
        f"{len(into) + still_out} weights of units without weights out do not move F, nor do "
        f"{len(kept)} symmetries"
    )
    J = rank_jacobian(values, kept, [(moved, why)])
    bent = any(v > 0 or v < 0 for v in H[np.ix_(out, into)].ravel())
    shown = f"; H has {signs[0]} positive and {signs[1]} negative eigenvalues" if signs else ""
    return found.with_ranks(
        "critical",
        J,
        rank,
        "not a minimum" if bent else "undecided",
        None,
        None,
        "Krawczyk's test: exactly one solution of ∂L/∂θ_j = 0 in "
        f"{counted(len(found.free), 'parameter')} within "
        f"{float(found.enclosure.radius):.1e}, {len(out)} weights out being 0: the "
        f"equations of the weights into their units then hold identically{shown}",
    )
