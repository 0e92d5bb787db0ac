"""The landscapes of one class: which labels are tried.

In: a model, inputs, a point, a loss. Out: landscapes. For a question about rank H and rank J all
labels are decided at once (`labels`) and those that were found are given; where nothing but minima
counts, that is all. For others the perfect fit and simple critical residuals are tried too.
`simplest` then looks for the labels of smallest height that do the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from flint import fmpq

from hessrank.proofs.counterexamples.fewer import fewer
from hessrank.proofs.counterexamples.forced import gauss_newton
from hessrank.proofs.counterexamples.label_space import (
    SMALL_RESIDUALS,
    SQUARED,
    LabelSpace,
    label_space,
)
from hessrank.proofs.counterexamples.labels import labels_at
from hessrank.proofs.counterexamples.more import more
from hessrank.proofs.reasoning.order import Smallness, heights, smallness
from hessrank.proofs.reasoning.statement import Finding
from hessrank.proofs.reasoning.truth import Truth
from hessrank.proofs.searching.question import Question, smaller
from hessrank.proofs.searching.spaces import Spaces
from hessrank.symbolic.errors import HessrankError, KinkError
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.fields.field import Refine
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.landscape import Landscape

#: Labels that are tried where they can be chosen, small ones first.
SIMPLE = tuple(fmpq(a, b) for a, b in ((0, 1), (1, 1), (-1, 1), (2, 1), (-2, 1), (1, 2), (-1, 2)))
FURTHER = tuple(fmpq(s * a, b) for a, b in ((3, 1), (3, 2), (1, 3), (4, 1)) for s in (1, -1))
#: So many choices of labels are written down, and so many asked.
MAX_CHOICES = 400
MAX_ASKED = 24


@dataclass(frozen=True)
class Asked:
    """finding: the smallest counterexample of a class that was found; decided: whether there is no
    other label vector that could be one."""

    finding: Finding | None
    decided: bool


def ask(
    question: Question,
    model: Model,
    x: Sequence[Any],
    point: Mapping[str, Any],
    losses: Sequence[str] = (),
    thorough: bool = False,
    known: Mapping[str, Spaces] | None = None,
    below: Smallness | None = None,
) -> Asked:
    """What one class gives. thorough: simple labels are tried too where `labels` leaves it open;
    known: for each loss what is known of the cell; below: of labels for rank H > rank J only those
    that make it smaller are looked for."""
    best: Finding | None = None
    decided = question.screens and question.at_minima
    for loss in losses or question.losses:
        try:
            spaces = (known or {}).get(loss) or Spaces(model, Loss.named(loss))
            for here in _landscapes(question, spaces, x, point, thorough, below):
                if here is None:
                    decided = False
                elif (found := question.ask(here)) is not None:
                    best = smaller(best, simplest(question, found))
        except KinkError:
            continue
        except (HessrankError, Refine):
            decided = False  # outside of the domain, or more than the field carries
    return Asked(best, decided)


def _landscapes(
    question: Question,
    spaces: Spaces,
    x: Sequence[Any],
    point: Mapping[str, Any],
    thorough: bool,
    below: Smallness | None = None,
) -> Iterator[Landscape | None]:
    """Landscapes of one class; None where not all labels are decided. HessrankError or Refine where
    the class cannot be computed."""
    loss = spaces.loss.name
    if loss not in SMALL_RESIDUALS:
        yield spaces.landscape(x, point)
        return
    if not question.screens:
        here = spaces.landscape(x, point)
        told = labels_at(here)
        answers = [getattr(told, side) for side in question.sides]
        yield from (answer.here for answer in answers if answer.here is not None)
        space = label_space(here)
    else:
        space = spaces.space(x, point)
    assert space is not None
    if question.screens and question.at_minima and gauss_newton(space):
        return
    if question.screens:
        rank = space.problem.N - len(space.kernel)
        open_ = False

        def wanted(here: Landscape) -> bool:
            return below is None or smallness(here) < below

        for side in question.sides:
            if side == "more":
                answer = more(space, rank + question.excess, wanted)
            else:
                answer = fewer(space, rank)
            open_ |= answer.exists is Truth.UNDECIDED and not answer.unwanted
            if answer.unwanted and loss in SQUARED and below is not None:
                yield from _smaller(space, below)
            if answer.here is not None:
                yield answer.here
        if open_:
            yield None
        if question.at_minima and not (open_ and thorough):
            return
    yield space.at([fmpq(0)] * space.problem.M)
    for n in space.residuals[:2]:
        for sign in (1, -1):
            yield space.at([sign * v for v in n])


def _smaller(space: LabelSpace, below: Smallness) -> Iterator[Landscape]:
    """Landscapes of a class that are smaller, with as many labels simple as can be chosen."""
    numbers = heights(space.problem.data.x) + heights([v for _, v in space.here.values])
    for _, r in _choices(space, below[3] - numbers + 1)[:MAX_ASKED]:
        if smallness(here := space.at(r)) < below:
            yield here


def simplest(question: Question, found: Finding) -> Finding:
    """The same class with labels of smaller height, where some are found: of squared losses."""
    here = found.subject
    if not isinstance(here, Landscape) or here.problem.loss.name not in SQUARED:
        return found
    if here.problem.regulariser is not None or here.side:
        return found
    try:
        space = label_space(here)
        assert space is not None
        now = heights(here.problem.data.y)
        for _, r in _choices(space, now)[:MAX_ASKED]:
            better = question.ask(space.at(r))
            if better is not None:
                return better
    except (HessrankError, Refine):
        pass
    return found


def _choices(space: LabelSpace, below: int) -> list[tuple[int, list[Exact]]]:
    """(the height of y, r) for residuals that make θ critical, with as many labels simple as can
    be chosen, of less height than `below`, small ones first."""
    A = space.constant_loss_hessian
    assert A is not None
    factor = A[0, 0]  # r = factor·(o − y)
    seen: dict[tuple[tuple[Expr, ...], ...], tuple[int, list[Exact]]] = {}
    for basis, places in _bases(space):
        few = SIMPLE + FURTHER if len(places) == 1 else SIMPLE
        grid = sorted(product(range(len(few)), repeat=min(len(places), 4)), key=sum)
        for choice in grid[:MAX_CHOICES]:
            c = [(space.F[m] - few[k]) * factor for m, k in zip(places, choice, strict=False)] + [
                fmpq(0)
            ] * (len(places) - len(choice))
            r: list[Exact] = [fmpq(0)] * space.problem.M
            for weight, n in zip(c, basis, strict=True):
                r = [a + weight * b for a, b in zip(r, n, strict=True)]
            y = tuple(map(tuple, space.labels(r)))
            height = heights(y)
            if height < below:
                seen.setdefault(y, (height, r))
    return sorted(seen.values(), key=lambda pair: pair[0])


def _bases(space: LabelSpace) -> Iterator[tuple[list[list[Exact]], list[int]]]:
    """Bases of the residuals, each vector 1 at a place of its own where the others are 0."""
    q = len(space.residuals)
    if not q:
        return
    M = space.problem.M
    orders = [list(range(M)), list(range(M))[::-1]]
    if q == 1:
        orders = [[m, *(k for k in range(M) if k != m)] for m in range(M)]
    for order in orders:
        rows = [list(n) for n in space.residuals]
        places: list[int] = []
        for m in order:
            k = next((k for k in range(len(places), q) if rows[k][m] != 0), None)
            if k is None:
                continue
            at = len(places)
            rows[at], rows[k] = rows[k], rows[at]
            rows[at] = [v / rows[at][m] for v in rows[at]]
            for i in range(q):
                if i != at and rows[i][m] != 0:
                    rows[i] = [a - rows[i][m] * b for a, b in zip(rows[i], rows[at], strict=True)]
            places.append(m)
            if len(places) == q:
                break
        yield rows, places
