"""The search: the smallest counterexample in the grammar, or none up to a size.

In: a `Question`, a budget, and what is known already. Out: a `Found`. First planted structure is
tried, in ascending cells, and shrunk: it bounds the size. Then every cell that is not larger is
gone through in ascending order of height: whole cells that a theorem settles are counted, classes
are screened, and what is left is decided class by class. Every candidate is asked exactly; nothing
that is not a finding with every hypothesis true and the conclusion false counts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from hessrank.proofs.reasoning.statement import Finding
from hessrank.proofs.searching.candidates import ask
from hessrank.proofs.searching.classes import BATCH, Batch, Classes
from hessrank.proofs.searching.grammar import Cell, cells
from hessrank.proofs.searching.planted import is_crossed, planted
from hessrank.proofs.searching.question import Question, size, smaller
from hessrank.proofs.searching.screening import Screen
from hessrank.proofs.searching.shrink import shrunk
from hessrank.proofs.searching.spaces import Spaces, share_values
from hessrank.symbolic.brief import Brief
from hessrank.symbolic.budget import OverBudget, budget, decision, left, over, unhurried
from hessrank.symbolic.errors import counted
from hessrank.symbolic.models.losses import Loss

#: The budget of a search in seconds of processor time.
SECONDS = 60.0
#: The part of it for planted structure, and the least that shrinking has.
SHARE = 0.4
SHRINKING = 5.0
#: One class is decided within so many seconds; one of planted structure may take more.
CLASS_SECONDS = 1.0
PLANTED_SECONDS = 6.0
#: A cell of more than so many classes has several parts, and at most so many; of more than APART
#: where classes share no values.
PART, APART = 2 * BATCH, BATCH // 8
PARTS = 8


@dataclass(frozen=True)
class Result:
    """Of one cell: the smallest finding; how many classes were examined, and of how many of them
    not all labels are decided; whether all classes were examined; the theorem that settles it."""

    finding: Finding | None = None
    examined: int = 0
    undecided: int = 0
    complete: bool = False
    theorem: str = ""


def together(found: Sequence[Result], whole: bool) -> Result:
    """Of a cell, from what its parts gave; whole: whether these are all of them."""
    finding: Finding | None = None
    for result in found:
        finding = smaller(finding, result.finding)
    return Result(
        finding,
        sum(result.examined for result in found),
        sum(result.undecided for result in found),
        whole and all(result.complete for result in found),
        found[0].theorem,
    )


@dataclass(frozen=True, repr=False)
class Found(Brief):
    """finding: the smallest counterexample, or None; none_up_to: no counterexample has at most so
    many parameters, in the grammar; examined: classes (model, x, θ) that were examined; undecided:
    for a question about rank H and rank J at minima, of how many of them not all labels are decided
    (where not everything smaller was gone through: of those with smaller N, M, D than the finding);
    theorem: one that forbids what was looked for; complete: whether everything smaller was gone
    through; open_from: else N, M and D of the first cell that was not."""

    finding: Finding | None
    none_up_to: int
    examined: int
    theorem: str = ""
    complete: bool = True
    undecided: int = 0
    seconds: float = field(default=0.0, compare=False)
    open_from: tuple[int, int, int] | None = None

    @property
    def words(self) -> str:
        """What the search says, in short."""
        if self.theorem and not self.examined:
            return self.theorem
        text = (
            f"none up to {counted(self.none_up_to, 'parameter')}: "
            f"{counted(self.examined, 'class')} examined"
        )
        if self.is_least_size and not self.complete:
            text += ", all of smaller N, M, D; numbers are not all gone through"
        elif not self.complete:
            text += " within the budget"
            if self.open_from is not None and self.open_from > (self.none_up_to + 1, 0, 0):
                text += f", all that are below N, M, D = {', '.join(map(str, self.open_from))}"
        if self.undecided:
            text += f", for {self.undecided} of them not all labels are decided"
        return f"{text}; {self.theorem}" if self.theorem else text

    @property
    def is_least_size(self) -> bool:
        """Whether everything with smaller N, M, D than the finding's was gone through."""
        if self.finding is None:
            return False
        return self.complete or self.open_from == size(self.finding)[:3]

    @property
    def sentence(self) -> str:
        """The same as a sentence."""
        if self.theorem and not self.examined:
            return f"There is none: {self.theorem}."
        if self.finding is not None and self.complete:
            return f"The smallest in the grammar of toy problems: {self.words}."
        if self.is_least_size:
            return f"Of the least N, M, D in the grammar of toy problems: {self.words}."
        what = "Smaller ones in" if self.finding is not None else "In"
        return f"{what} the grammar of toy problems: {self.words}."


def search(question: Question, known: Finding | None = None, seconds: float = SECONDS) -> Found:
    """The smallest counterexample to the question.

    known: one that is known already; only smaller ones are looked for. Raises InputError where the
    grammar is empty under the constraints.
    """
    started = time.process_time()
    with decision(seconds):
        with unhurried():
            listed = cells(question.constraints)
        best = by_structure(question, listed, known)
        results: list[tuple[Cell, Result]] = []
        for cell in listed:
            if beyond(cell, best):
                break
            result = examine(question, Prepared.of(question, cell), best)
            best = smaller(best, result.finding)
            results.append((cell, result))
            if over():
                break
    return conclude(listed, results, best, time.process_time() - started)


def by_structure(question: Question, listed: list[Cell], known: Finding | None) -> Finding | None:
    """The smallest of what is known and of what planted structure gives, shrunk."""
    best, until = known, (1 - SHARE) * left()
    for cell in sorted(listed, key=lambda cell: not is_crossed(cell)):
        if over() or left() < until:
            break
        with unhurried():  # milliseconds
            if beyond(cell, best) or question.theorem(cell.model):
                continue
        for x, point in planted(cell):
            if over() or left() < until:
                break
            found = None
            with budget(PLANTED_SECONDS), suppress(OverBudget):
                found = ask(
                    question, cell.model, x, point, thorough=cell.model.output_count > 1
                ).finding
            if found is not None:
                best = smaller(best, found)
                with budget(max(left() - until, SHRINKING)), suppress(OverBudget):
                    best = smaller(best, shrunk(question, found))
                break
    return best


def beyond(cell: Cell, best: Finding | None) -> bool:
    """Whether nothing in the cell, nor after it, can be smaller than `best`."""
    return best is not None and cell.size > size(best)[:3]


@dataclass(frozen=True)
class Prepared:
    """What is computed once for all classes of a cell: spaces is F, J and ∇²F of one example at one
    point by loss, as they are asked for; theorem: one that settles the cell, or ""."""

    cell: Cell
    classes: Classes
    theorem: str
    screen: Screen | None
    spaces: dict[str, Spaces]

    @classmethod
    def of(cls, question: Question, cell: Cell) -> Prepared:
        with unhurried():  # milliseconds
            classes = Classes(cell, question.flips, question.turns)
            theorem = question.theorem(cell.model)
            screens = question.screens and not theorem
            screen = Screen.of(classes, question.at_minima) if screens else None
        spaces = {name: Spaces(cell.model, Loss.named(name)) for name in question.losses}
        return cls(cell, classes, theorem, screen, spaces)


def parts(cell: Cell) -> int:
    """How many parts a cell has, each every so manieth of its batches: they are examined apart."""
    net = cell.model.network
    size = APART if net is not None and not share_values(net) else PART
    return min(1 + Classes(cell).count // size, PARTS)


def examine(
    question: Question, prepared: Prepared, best: Finding | None, part: int = 0, of: int = 1
) -> Result:
    """Go through one cell, or a part of it, up to the size of `best`, while there is time."""
    cell, classes, screen = prepared.cell, prepared.classes, prepared.screen
    if prepared.theorem:
        return Result(None, 0 if part else classes.count, 0, True, prepared.theorem)
    examined, undecided, whole = 0, 0, True
    own: Finding | None = None
    for batch in islice(classes.batches(), part, None, of):
        if over():
            return Result(own, examined, undecided)
        if _too_high(cell, batch, smaller(best, own)):
            break
        for k in _left(question, cell, batch, screen):
            x, point = classes.one(batch.theta[k], int(batch.x[k]))
            now = smaller(best, own)
            below = None if now is None else size(now)
            try:
                with budget(CLASS_SECONDS):
                    told = ask(question, cell.model, x, point, known=prepared.spaces, below=below)
            except OverBudget:
                whole = False
                if over():
                    return Result(own, examined + k, undecided)
                continue
            own = smaller(own, told.finding)
            undecided += question.screens and question.at_minima and not told.decided
            if over():
                return Result(own, examined + k, undecided)
        examined += len(batch)
    return Result(own, examined, undecided, whole)


def _left(question: Question, cell: Cell, batch: Batch, screen: Screen | None) -> Iterator[int]:
    """The classes of a batch that are not settled by screening."""
    if screen is None:
        yield from range(len(batch))
        return
    with unhurried():  # milliseconds
        found = screen(batch)
    N, M, _ = cell.size
    settles = M <= N or "fewer" not in question.sides
    open_ = ~found.kink & ~found.forced
    if settles:
        open_ &= ~found.full
    yield from np.nonzero(open_)[0].tolist()


def _too_high(cell: Cell, batch: Batch, best: Finding | None) -> bool:
    """Whether no class of this height is smaller than `best`: labels have height 1 or more."""
    if best is None:
        return False
    return (*cell.size, batch.height + cell.size[1]) > size(best)[:4]


def conclude(
    listed: list[Cell], results: list[tuple[Cell, Result]], best: Finding | None, seconds: float
) -> Found:
    """What the results of the cells say together."""
    done = {id(cell) for cell, result in results if result.complete}
    open_ = [c for c in listed if id(c) not in done and not beyond(c, best)]
    limit = listed[-1].size[0] if not open_ else open_[0].size[0] - 1
    if best is not None:
        limit = min(limit, size(best)[0] - 1)
    theorems = [result.theorem for _, result in results]
    settled = best is None and bool(theorems) and not open_ and all(theorems)
    theorem = f"off kinks: {'; '.join(dict.fromkeys(theorems))}" if settled else ""
    examined = sum(result.examined for _, result in results)
    first = open_[0].size if open_ else None
    told = [r for c, r in results if first is None or best is None or c.size < size(best)[:3]]
    undecided = sum(result.undecided for result in told)
    return Found(best, limit, examined, theorem, not open_, undecided, seconds, first)
