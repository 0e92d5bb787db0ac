"""Claim 50: the orbit of θ under permutations of hidden units and sign flips.

In: nothing. Out: its `Predicate`s, and the count `arrangements`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from math import factorial, prod
from typing import Any

from hessrank.proofs.catalogue.information.predicates import landscape_of, network_landscape
from hessrank.proofs.information_loss import units as hidden
from hessrank.proofs.reasoning.statement import Predicate
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import UndecidedError, counted
from hessrank.symbolic.expressions.expression import ZERO
from hessrank.symbolic.fields.field import evaluate_in_field
from hessrank.symbolic.problems.landscape import Landscape


def _one_hidden(subject: Any) -> Fact:
    model = landscape_of(subject).problem.model
    good = model.network is not None and model.network.depth == 2 and not model.fixed
    return Fact(Truth.of(good), "one hidden layer" if good else "no plain net of one hidden layer")


def _units(subject: Any) -> tuple[hidden.Unit, ...]:
    if _one_hidden(subject).truth is not Truth.TRUE:
        raise UndecidedError("units are compared in plain nets of one hidden layer")
    return hidden.units(landscape_of(subject))


def _no_zero_unit(subject: Any) -> Fact:
    try:
        zeros = sum(unit.is_zero for unit in _units(subject))
    except UndecidedError:  # where J is known by balls alone, rational weights are what they are
        if _one_hidden(subject).truth is not Truth.TRUE:
            raise
        here = landscape_of(subject)
        units = [[here.point[n] for n in names] for names in hidden.names_of_units(here)]
        if not all(any(v.is_number and v is not ZERO for v in unit) for unit in units):
            raise
        zeros = 0
    return Fact(Truth.of(not zeros), f"{zeros} hidden units are zero in all their weights")


def arrangements(units: Sequence[hidden.Unit], flips: bool) -> int:
    """h!/Π m_j!, times 2^h with flips; m_j units are equal (with flips: equal up to sign)."""

    def name(unit: hidden.Unit) -> tuple[str, ...]:
        texts = [tuple(map(str, u.weights)) for u in (unit, unit.flipped)]
        return min(texts) if flips else texts[0]

    many = Counter(map(name, units)).values()
    return factorial(len(units)) // prod(map(factorial, many)) * (2 ** len(units) if flips else 1)


#: Larger hidden layers are not enumerated; of an orbit this many points are evaluated.
MAX_UNITS, MAX_POINTS = 4, 24


def _orbit_counted(subject: Any) -> Fact:
    """The orbit of θ has the promised size, and F is the same on it."""
    units, here = _units(subject), network_landscape(subject)
    if not hidden.told_apart(here):
        return Fact(Truth.UNDECIDED, "the units are not told apart")
    net = here.problem.model.network
    assert net is not None
    if len(units) > MAX_UNITS:
        return Fact(Truth.UNDECIDED, f"{len(units)} units are not enumerated")
    flips = net.sigma.is_odd
    orbit = list(hidden.orbit(units, flips))
    promised = arrangements(units, flips)
    if len(orbit) != promised:
        return Fact(Truth.FALSE, f"{len(orbit)} points in the orbit, not {promised}")
    tried = list(islice(orbit, MAX_POINTS))
    for chosen in tried:
        if not _same_behaviour(here, hidden.with_units(here, chosen)):
            return Fact(
                Truth.UNDECIDED, "F is not the same in canonical form at a point of the orbit"
            )
    shown = f"{counted(promised, 'point')}, counted one by one"
    return Fact(Truth.TRUE, f"{shown}; F is equal on {len(tried)} of them")


def _same_behaviour(here: Landscape, there: Landscape) -> bool:
    """F(θ) = F(θ'), in one field."""

    def gap(field: Any) -> bool:
        F, G = (h.evaluation(field).get("F").ravel() for h in (here, there))
        return all(a == b for a, b in zip(F, G, strict=True))

    return evaluate_in_field(gap, here.side)


ONE_HIDDEN = Predicate(
    "one-hidden-layer", "the model is a net of one hidden layer", _one_hidden, setting=True
)
NO_ZERO_UNIT = Predicate("no-zero-unit", "no hidden unit is zero in all its weights", _no_zero_unit)
ORBIT_COUNTED = Predicate(
    "orbit-size",
    "permuting its h units gives h!/Π m_j! points of equal behaviour, 2^h times as many with the "
    "sign flips of an odd activation",
    _orbit_counted,
    r"2^h\, h!/\textstyle\prod_j m_j!",
)
