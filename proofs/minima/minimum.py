"""What kind of point is this: a minimum of L, or not, and how do we know?

In: a `Landscape`. Out: a `Minimum`: whether θ is a local and whether it is a global minimum of L,
each a Fact with its certificate. The certificates, in the order in which they are tried:

1. ∇L ≠ 0: no minimum. At a kink slopes in all directions decide instead (`kinks`), and the first
   terms of L along rays (`rays`).
2. A certificate of a global minimum (`global_minimum`).
3. H ≻ 0: a strict local minimum. H with a negative square: a direction along which L falls.
4. H ⪰ 0 with a kernel: higher terms of L on it, or a manifold of critical points (`degenerate`).

Whether a global minimum is strict, the local certificates decide; with r = 0 and A ≻ 0, or L a sum
of even powers, {L = L(θ)} is near θ the fibre of F, or of what is raised to these powers (T12).
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from flint import arb, arb_mat, fmpq

from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.facts.smooth_piece import behaviour_problem
from hessrank.proofs.fibres.fibre import fibre_dimension
from hessrank.proofs.minima.degenerate import degenerate
from hessrank.proofs.minima.global_minimum import (
    best_outputs,
    global_minimum,
    loss_is_constant,
    loss_is_convex,
    squares,
)
from hessrank.proofs.minima.kind import Minimum, flat_local, no_minimum, strict_local, undecided
from hessrank.proofs.minima.kinks import minimum_at_kink
from hessrank.proofs.minima.lower_bound import attains_its_bound, zero_set
from hessrank.proofs.minima.rays import falls_along_a_ray
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.budget import OVER, SECONDS, OverBudget, decision, grace, over
from hessrank.symbolic.errors import JumpError, KinkError, UndecidedError, require
from hessrank.symbolic.expressions.expression import Expr, number
from hessrank.symbolic.fields.balls import PRECISIONS
from hessrank.symbolic.fields.elements import as_fraction
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.inertia import factorise
from hessrank.symbolic.once import once
from hessrank.symbolic.problems.certified import Certified
from hessrank.symbolic.problems.evaluation import total_loss
from hessrank.symbolic.problems.landscape import A_LANDSCAPE, Landscape
from hessrank.symbolic.ranks.matrices import AnyMatrix

__all__ = ["Minimum", "loss_is_constant", "loss_is_convex", "minimum", "total_loss"]

#: H is factored with at most this many parameters.
MAX_PARAMETERS = 200
#: Whether a global minimum with a singular H is strict is asked with at most this many parameters.
MAX_STRICT = 24
#: Denominators to which an eigenvector is rounded.
ROUNDING = (1, 8, 1_000, 10**9)


def minimum(here: Landscape, seconds: float = SECONDS) -> Minimum:
    """Decide what kind of critical point θ is, as far as the certificates reach.

    seconds: after which what is open stays so: undecided, over budget (docs/budgets.md).
    Raises KinkError where a kink of L lies at the point and nothing is decided there, unless the
    landscape takes a side.

    >>> from hessrank.symbolic.models.models import Model
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> quartic = Problem(Model.from_expressions(["t", "t**2"], "t"), Data([[]], [[0, "1/2"]]),
    ...                   "sum-of-squares")
    >>> minimum(quartic.at({"t": 0})).kind
    'global minimum'
    """
    require(here, Landscape, A_LANDSCAPE, "here")
    with decision(seconds):
        return _in_time(here)


@once
def _in_time(here: Landscape) -> Minimum:
    """What is decided within the budget; not less than what an earlier one decided."""
    known: Minimum | None = vars(here).get("_minimum_so_far")
    try:
        found = _decide(here)
    except OverBudget as error:
        found = undecided(str(error))
    if over() and found.kind == "undecided":
        why = found.local.reason
        found = known or _by_balls(here) or found
        if found.kind == "undecided" and "over budget" not in why:
            found = undecided(f"{why}; {OVER}")
    vars(here)["_minimum_so_far"] = found
    return found


def _by_balls(here: Landscape) -> Minimum | None:
    """That ∇L ≠ 0 where a ball shows it; it costs little."""
    with grace(), suppress(UndecidedError, KinkError):
        smooth = _without_side(here)
        steep = landscape_facts.is_zero(smooth.enclosed("g", (here.problem.N, 1)), "∇L")
        if steep.truth is Truth.FALSE:
            return Minimum("not a critical point", steep, steep)
    return None


def _without_side(here: Landscape) -> Landscape:
    """θ where no piece is taken at a kink."""
    return here.problem.at(here.point) if here.side else here


def _decide(here: Landscape) -> Minimum:
    smooth = _without_side(here)
    try:
        return _by_derivatives(smooth)
    except JumpError:  # L has no value
        raise
    except KinkError:
        found = _on_kink(here)
        if found is None and not here.side:
            raise
        return found or undecided(
            "θ lies on a kink, where ∇L and H are those of one side alone, and slopes do not decide"
        )


def _by_derivatives(here: Landscape) -> Minimum:
    """KinkError where L has no first or no second derivatives at θ and these are asked for."""
    critical = landscape_facts.critical_point(here)
    if critical.truth is not Truth.TRUE:
        kind = "not a critical point" if critical.truth is Truth.FALSE else "undecided"
        return Minimum(kind, critical, critical)
    whole = global_minimum(here)
    if whole is not None:
        return Minimum("global minimum", whole, whole, _is_strict_in_time(here))
    if here.certified is not None and (known := _certified(here.certified)) is not None:
        return known
    return _local(here)


def _certified(there: Certified) -> Minimum | None:
    """The kind of a point that is certified without being written down, where that was shown."""
    match there.point:
        case "not a minimum":
            return no_minimum(there.why)
        case "strict local minimum":
            return strict_local(there.why)
        case "local minimum, not strict":
            return flat_local(there.why)
    return None


def _on_kink(here: Landscape) -> Minimum | None:
    """At a kink a perfect fit decides, slopes in all directions, bounds, and terms along rays."""
    best = None
    with suppress(KinkError):  # where ℓ has a kink r has no value
        best = best_outputs(here)
    found = None if best else minimum_at_kink(here)
    if found is None and (best := best or attains_its_bound(here)):
        return Minimum("global minimum", best, best)
    return found or falls_along_a_ray(here)


def _local(here: Landscape) -> Minimum:
    """What the derivatives of L at a critical point tell."""
    if here.problem.N > MAX_PARAMETERS:
        return undecided(f"H is not factored beyond {MAX_PARAMETERS} parameters")
    H = here.hessian
    try:
        found = here.inertia()
    except (TooLarge, UndecidedError) as error:
        return undecided(str(error))
    if found.negative:
        return no_minimum("H has a direction of negative curvature", _falling(H))
    if not found.zero:
        return strict_local("∇L = 0 and H is positive definite")
    if not H.is_exact:
        return undecided("H is known to any precision, but not exactly")
    return degenerate(here, H.exact(), found.zero)


def _is_strict_in_time(here: Landscape) -> Truth:
    try:
        return _is_strict(here)
    except OverBudget:
        return Truth.UNDECIDED


def _is_strict(here: Landscape) -> Truth:
    """Whether a global minimum is a strict one."""
    sign, _ = landscape_facts.definiteness(here)
    if sign is landscape_facts.Sign.POSITIVE_DEFINITE:
        return Truth.TRUE
    if here.problem.N > MAX_STRICT:
        return Truth.UNDECIDED
    isolated = _isolated(here)
    if isolated is not Truth.UNDECIDED:
        return isolated
    return _local(here).strict


def _isolated(here: Landscape) -> Truth:
    """Whether {L = L(θ)} is {θ} near θ, as far as fibres tell: FALSE where the fibre is no point
    and L is a function of the behaviour; TRUE where {L = L(θ)} is a fibre that is a point."""
    try:
        if here.problem.regulariser is None:
            alone = fibre_dimension(here).isolated.truth
            if alone is Truth.FALSE:
                return alone
            fits = landscape_facts.perfect_fit(here) & landscape_facts.loss_hessian_definite(here)
            if fits.truth is Truth.TRUE:
                return alone
        roots = zero_set(here) or _common_zeros(here)
        return Truth.UNDECIDED if roots is None else fibre_dimension(roots).isolated.truth
    except (KinkError, TooLarge, UndecidedError):
        return Truth.UNDECIDED


def _common_zeros(here: Landscape) -> Landscape | None:
    """Where L − L(θ) is shown to be a sum of squares: the landscape of these at θ."""
    found = squares(here)
    if not found:
        return None
    roots = [q for _, q in found]
    return behaviour_problem(roots, here.problem.model.parameters).at(here.point)


def _falling(H: AnyMatrix) -> tuple[Expr, ...] | None:
    """A direction v with vᵀHv < 0: by LDLᵀ over Q, else an eigenvector rounded to fractions, for
    which balls show it."""
    if H.is_rational:
        exact = factorise([list(row) for row in H.rows], sign=H.field.sign).negative_direction()
        return exact and tuple(number(as_fraction(fmpq(x))) for x in exact)
    u = np.linalg.eigh(H.to_numpy())[1][:, 0]
    balls = arb_mat(H.at(PRECISIONS[1]))
    for size in ROUNDING:
        rounded = [fmpq(round(float(x) * size), size) for x in u / np.abs(u).max()]
        column = arb_mat([[arb(x)] for x in rounded])
        if (column.transpose() * balls * column)[0, 0] < 0:
            return tuple(number(as_fraction(x)) for x in rounded)
    return None
