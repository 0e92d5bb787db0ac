"""Points that can be written down after all: θ itself, or simple rationals beside it.

In: a landscape. Out: a landscape at an exact critical point near θ with its verdict, where θ or
its coordinates rounded to small denominators are one, exactly. Balls say quickly where they are
not; the field of the point decides that they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import arb, ctx

from hessrank.proofs.existence.boxes import NOT_SMOOTH, Boxes, fraction
from hessrank.proofs.existence.found import theta_of
from hessrank.proofs.facts.landscape_facts import critical_point
from hessrank.proofs.minima.verdict import Verdict, verdict
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.errors import HessrankError
from hessrank.symbolic.expressions.expression import Expr, number
from hessrank.symbolic.problems.landscape import Landscape

#: Denominators of the rationals that are tried, and how far from θ they may lie.
DENOMINATORS, NEAR = 24, Fraction(1, 10**5)
#: Precision at which balls say that a gradient is not 0.
BITS = 256


def exact_point(here: Landscape, boxes: Boxes) -> tuple[Landscape, Verdict] | None:
    """The critical point, exactly, and the verdict there; None where neither θ nor the rationals
    beside it are one."""
    start = [form for _, form in here.values]
    for forms in (start, _rounded(boxes, start)):
        if forms is None or not _may_be_critical(boxes, forms):
            continue
        try:
            there = here.problem.at(
                dict(zip(here.problem.model.parameters, forms, strict=True)), here.side
            )
            if critical_point(there).truth is Truth.TRUE:
                return there, verdict(there)
        except HessrankError:
            continue  # a kink, or a field that grows too large
    return None


def _may_be_critical(boxes: Boxes, forms: Sequence[Expr]) -> bool:
    """False where balls show that ∇L ≠ 0."""
    old, ctx.prec = ctx.prec, BITS
    try:
        gradient = boxes.at(theta_of(boxes, forms)).gradient
        return all(v.contains(0) for v in gradient)
    except NOT_SMOOTH:
        return False
    finally:
        ctx.prec = old


def _rounded(boxes: Boxes, start: Sequence[Expr]) -> list[Expr] | None:
    """Every coordinate as a rational of small denominator, where all are close; None also where
    nothing changes."""
    found, moved = [], False
    for value in theta_of(boxes, start):
        exact = fraction(arb(value.mid()))
        simple = exact.limit_denominator(DENOMINATORS)
        if abs(simple - exact) > NEAR * max(Fraction(1), abs(exact)):
            return None
        moved = moved or simple != exact
        found.append(number(simple))
    return found if moved else None
