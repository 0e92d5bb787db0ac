"""Is there an exact fit, or an exact critical point, near θ, and which ranks have J and H there?

In: a landscape, mostly at the floats that training left. Out: `Nearby`: a box that is certain to
hold such a point, the bounds on both ranks and the kind of point *there*, or what was tried and
how far it got. Nothing here is decided by floats: they choose pivots and starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any

import numpy as np
from flint import arb

from hessrank.proofs.existence.boxes import NOT_SMOOTH, Boxes, Values, fraction
from hessrank.proofs.existence.critical import certified_critical
from hessrank.proofs.existence.exact_points import exact_point
from hessrank.proofs.existence.fits import BINARY, certified_fit, hard_labels
from hessrank.proofs.existence.found import Found, theta_of
from hessrank.proofs.existence.krawczyk import NotCertifiedError, bits_for
from hessrank.proofs.existence.reduced import certified_duplicates
from hessrank.proofs.existence.silent import certified_silent
from hessrank.proofs.existence.tied_symmetries import last_is_linear
from hessrank.proofs.facts.landscape_facts import same_rank
from hessrank.proofs.minima.verdict import Verdict
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.brief import cut
from hessrank.symbolic.budget import SECONDS, OverBudget, decision, spend
from hessrank.symbolic.errors import InputError, require, shown
from hessrank.symbolic.problems.landscape import A_LANDSCAPE, Landscape
from hessrank.symbolic.ranks.rank_result import RankResult

#: More parameters than this are refused before work starts.
MAX_PARAMETERS = 400
#: To more digits no coordinate is enclosed.
MAX_DIGITS = 1000
#: How far the exact point may lie from θ, in each coordinate and relative to max(1, |θ|).
REACH = 0.25


@dataclass(frozen=True, repr=False)
class Nearby:
    """exists: True where an exact point of that `kind` ("fit": r = 0; "critical": ∇L = 0) is
    certain to lie within `distance` of θ, in each coordinate; None where nothing was certified.

    radius: of the box (decimal, rounded up) around `centre` that holds it, and only it with the
    same frozen values; free: the parameters that were solved for; the others stay at θ, or at
    floats beside it.
    rank_jacobian, rank_hessian: there, with reasons; rank_equality: rank H = rank J there; point:
    the kind of point; fibre_dimension, learning: dim of {F = const} and bounds on λ, where known.
    tried: what was tried and how far it got; exactly: the point itself, where it can be written.
    """

    exists: bool | None
    kind: str | None
    radius: str | None
    distance: str | None
    rank_jacobian: RankResult | None
    rank_hessian: RankResult | None
    rank_equality: Fact
    point: str
    why: str
    fibre_dimension: int | None = None
    learning: tuple[Fraction, Fraction] | None = None
    centre: tuple[tuple[str, Fraction], ...] = ()
    free: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    found: Found | None = None
    exactly: Landscape | None = None

    @classmethod
    def none(cls, why: str, tried: Sequence[str] = ()) -> Nearby:
        """Nothing was certified."""
        undecided = Fact(Truth.UNDECIDED, "no exact point was certified")
        return cls(
            None, None, None, None, None, None, undecided, "undecided", why, tried=tuple(tried)
        )

    @property
    def landscape(self) -> Landscape:
        """The problem at the exact point, as far as it is known there: ranks, claims and whatever
        else is asked of a landscape. Raises InputError where none was certified.

        >>> import hessrank as hr
        >>> root = hr.Problem(hr.Model.from_expressions("t**2", "t"), hr.Data([[]], [[2]]))
        >>> there = nearby(root.at({"t": "1.41421356"})).landscape
        >>> there.minimum().kind, there.gradient.vanishes("∇L")
        ('global minimum', (True, '∇L is zero'))
        """
        if self.exactly is not None:
            return self.exactly
        if self.found is None:
            raise InputError(f"no exact point was certified near θ: {self.why}", "point")
        problem, boxes = self.found.boxes.problem, self.found.boxes
        return Landscape(problem, self.found.certified.values, boxes.side)

    def __repr__(self) -> str:
        if not self.exists:
            return f"Nearby(nothing certified; {self.why})"
        equal = {Truth.TRUE: "=", Truth.FALSE: "≠"}.get(self.rank_equality.truth, "?")
        return (
            f"Nearby({self.kind} within {self.distance}; rank J {_shown(self.rank_jacobian)}, "
            f"rank H {_shown(self.rank_hessian)} ({equal}); {self.point})"
        )

    def _repr_markdown_(self) -> str:
        if not self.exists:
            return f"No exact point was certified near $\\theta$: {cut(self.why, 1000)}"
        what = {"fit": "fit, $r = 0$", "critical": r"critical point, $\nabla L = 0$"}
        equal = {Truth.TRUE: "=", Truth.FALSE: r"\ne"}.get(self.rank_equality.truth, "?")
        where = r"at $\theta$" if self.distance == "0" else f"within {self.distance} of $\\theta$"
        return (
            f"An exact {what[str(self.kind)]}, {where}. There "
            rf"$\operatorname{{rank}} J {equal} \operatorname{{rank}} H$, "
            rf"rank $J$ is {_shown(self.rank_jacobian)} and rank $H$ {_shown(self.rank_hessian)}; "
            f"{self.point}."
        )

    def to_json(self) -> dict[str, Any]:
        """The keys of `hessrank nearby --json`."""
        J, H = self.rank_jacobian, self.rank_hessian
        return {
            "exists": self.exists,
            "kind": self.kind,
            "radius": self.radius,
            "distance": self.distance,
            "rank_jacobian": None if J is None else J.to_json(),
            "rank_hessian": None if H is None else H.to_json(),
            "rank_equality": self.rank_equality.truth.to_json(),
            "point": self.point,
            "fibre_dimension": self.fibre_dimension,
            "learning_coefficient": None
            if self.learning is None
            else {"lower": str(self.learning[0]), "upper": str(self.learning[1])},
            "free": list(self.free),
            "why": self.why,
            "tried": list(self.tried),
        }


def nearby(
    here: Landscape, reach: float = REACH, digits: int = 25, seconds: float = SECONDS
) -> Nearby:
    """An exact fit or critical point near the point of `here`, with the ranks there.

    reach: how far it may lie, in each coordinate, relative to max(1, |θ|); digits: to which its
    coordinates are enclosed, where that succeeds; seconds: after which nothing is certified
    (docs/budgets.md). Raises InputError for more than MAX_PARAMETERS parameters, and where L is not
    defined at θ.

    >>> from hessrank.symbolic.models.models import Model
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> root = Problem(Model.from_expressions(["t**2"], "t"), Data([[]], [[2]]))
    >>> found = nearby(root.at({"t": "1.41421356"}))
    >>> found.kind, int(found.rank_jacobian), int(found.rank_hessian), found.point
    ('fit', 1, 1, 'global minimum')
    """
    require(here, Landscape, A_LANDSCAPE, "here")
    if not isinstance(reach, (int, float, Fraction)) or not 0 < reach < inf:
        raise InputError(f"expected a finite number > 0, found {shown(reach)}", "reach")
    if not isinstance(digits, int) or not 1 <= digits <= MAX_DIGITS:
        raise InputError(f"expected 1 to {MAX_DIGITS} digits, found {shown(digits)}", "digits")
    with decision(seconds):
        tried: list[str] = []
        try:
            return _nearby(here, reach, digits, tried)
        except OverBudget as error:
            tried.append(str(error))
            return Nearby.none("; ".join(tried), tried)


def _nearby(here: Landscape, reach: float, digits: int, tried: list[str]) -> Nearby:
    problem = here.problem
    if problem.N > MAX_PARAMETERS:
        raise InputError(f"{problem.N} parameters: nearby takes at most {MAX_PARAMETERS}", "model")
    start = [form for _, form in here.values]
    plain = Boxes(problem, here.side, bits_for(digits))
    if not problem.N or not problem.M:
        return Nearby.none("there are no parameters or no examples", ())
    theta = theta_of(plain, start)
    try:
        wide = [arb(v.mid(), v.rad() + arb(2) ** -90) for v in theta]
        boxes = plain.smooth_on(wide) if plain.has_kinks else plain
        values = boxes.at(theta)
        _ = values.J, values.r
    except NOT_SMOOTH as error:
        return Nearby.none(f"L is not known to be smooth at θ: {error}", ())
    limit = reach * max(1.0, *(abs(float(v.mid())) for v in theta))
    if said := _no_critical_point(values):
        return Nearby.none(said, ())
    if at := exact_point(here, boxes):
        return _exactly(here, *at)
    for name, attempt in (
        ("a fit", certified_fit),
        ("a critical point", certified_critical),
        ("a critical point with equal units", certified_duplicates),
        ("a critical point with units without weights out", certified_silent),
    ):
        try:
            spend()
            found = attempt(boxes, start, values, limit)
        except OverBudget as error:
            tried.append(f"{name}: {error}")
        except NotCertifiedError as error:
            tried.append(f"{name}: {error}")
        except NOT_SMOOTH as error:
            tried.append(f"{name}: the search meets a place where L is not smooth: {error}")
        except (np.linalg.LinAlgError, OverflowError):
            tried.append(f"{name}: the search meets numbers that floats do not hold")
        else:
            return _result(here, found, tried)
    return Nearby.none("; ".join(tried), tried)


def _no_critical_point(values: Values) -> str:
    """Why a network with hard labels has no critical point here; empty where that is not so.

    F = J_L θ_L is linear in the last layer's parameters, so ∇L = 0 asks for r·F = 0. For an
    example with a hard label c that is classified correctly, r·F = Σ_k p_k (o_k − o_c) < 0; for
    one sigmoid an output, r·F = Σ_k (σ(o_k) − y_k) o_k < 0.
    """
    problem = values.boxes.problem
    hard, model = hard_labels(problem), problem.model
    linear = model.network is not None or (model.tied is not None and last_is_linear(model.tied))
    if not hard or problem.regulariser is not None or not linear or model.fixed:
        return ""
    if len(hard) < len(problem.data):
        return ""
    for d, row in enumerate(problem.data.y):
        if not all(v.is_number and v.value in (0, 1) for v in row):
            return ""
        o = values.F[d]
        ones = [k for k, v in enumerate(row) if v.value == 1]
        if problem.loss.name == BINARY:
            right = all(o[k] > 0 if k in ones else o[k] < 0 for k in range(len(row)))
        else:
            right = all(o[ones[0]] > o[k] for k in range(len(row)) if k != ones[0])
        if not right:
            return ""
    return (
        "there is no critical point wherever all examples are classified correctly, as here: "
        "labels are hard, so r·F < 0 for each example, while ∇L = 0 needs r·F = 0 (F is linear in "
        "the last layer); L falls to its infimum as that layer grows"
    )


def _result(here: Landscape, found: Found, tried: Sequence[str]) -> Nearby:
    J, H = found.rank_jacobian, found.rank_hessian
    assert J is not None and H is not None
    names = here.problem.model.parameters
    with found.enclosure.precision():
        start = theta_of(found.boxes, [form for _, form in here.values])
        box = found.theta
        far = max((abs(a - b).upper() for a, b in zip(box, start, strict=True)), key=float)
        centre = tuple((n, fraction(b.mid())) for n, b in zip(names, box, strict=True))
        radius = max((b.rad() for b in box), key=float)
    return Nearby(
        True,
        found.kind,
        decimal_up(radius),
        decimal_up(far),
        J,
        H,
        same_rank(H, J, ("H", "J")),
        found.point,
        found.why,
        found.fibre_dimension,
        found.learning,
        centre,
        tuple(names[j] for j in found.free),
        tuple(tried),
        found,
    )


def _exactly(here: Landscape, there: Landscape, known: Verdict) -> Nearby:
    """The result where the point itself can be written down."""
    fit = known.facts["perfect fit"].truth is Truth.TRUE
    boxes = Boxes(here.problem, here.side)
    old = theta_of(boxes, [form for _, form in here.values])
    new = theta_of(boxes, [form for _, form in there.values])
    far = max((abs(a - b).upper() for a, b in zip(old, new, strict=True)), key=float)
    moved = there.values != here.values
    words = "simple rationals beside θ are" if moved else "θ itself is"
    return Nearby(
        True,
        "fit" if fit else "critical",
        "0",
        decimal_up(far) if moved else "0",
        known.ranks["jacobian"],
        known.ranks["hessian"],
        known.rank_equality,
        known.point,
        f"{words} an exact {'fit' if fit else 'critical point'}. {known.explanation}",
        centre=tuple((n, v.value) for n, v in there.values if v.is_number),
        exactly=there,
    )


def decimal_up(value: arb) -> str:
    """A decimal of three digits that is at least `value` >= 0.

    >>> decimal_up(arb(1) / 3)
    '3.34e-1'
    """
    exact = fraction(value.upper())
    if exact <= 0:
        return "0"
    exponent = 0
    while exact >= 10:
        exact, exponent = exact / 10, exponent + 1
    while exact < 1:
        exact, exponent = exact * 10, exponent - 1
    digits = -(-exact * 100 // 1)  # rounded up
    return f"{int(digits) // 100}.{int(digits) % 100:02d}e{exponent}"


def _shown(r: RankResult | None) -> str:
    return "?" if r is None else r.shown
