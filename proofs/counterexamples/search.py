"""The search: the smallest counterexample in the grammar, or none up to a size.

In: a statement, `Constraints`, a budget, and what is known already. Out: a `Found`. For each class
(model, x, θ) all labels are decided at once (`labels`) for rank H above and below rank J; besides
these labels the perfect fit and simple critical residuals are tried. Every candidate is asked
exactly; nothing that is not a finding with every hypothesis true and the conclusion false counts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from flint import fmpq

from hessrank.proofs.counterexamples.grammar import Cell, Constraints, cells
from hessrank.proofs.counterexamples.label_space import SMALL_RESIDUALS, label_space
from hessrank.proofs.counterexamples.labels import T16, labels_at
from hessrank.proofs.reasoning.order import Smallness, smallness
from hessrank.proofs.reasoning.statement import Finding, Instance, Outcome, Predicate, Statement
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.brief import Brief
from hessrank.symbolic.errors import HessrankError, KinkError
from hessrank.symbolic.fields.field import Refine
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem

#: The losses that are tried unless others are asked for.
LOSSES = ("half-squared",)
#: The budget of a search in seconds.
SECONDS = 60.0
#: The part of it in which whole cells are gone through; then planted structure is tried.
SHARE = 0.7
#: Notes on a class besides T16: θ lies on a kink; no theorem settles its labels.
KINK, OPEN = "on a kink", "no theorem"


@dataclass(frozen=True, repr=False)
class Found(Brief):
    """finding: the smallest counterexample, or None; none_up_to: no counterexample has at most so
    many parameters, in the grammar; examined: classes (model, x, θ) that were decided; theorem: one
    that forbids what was looked for; complete: whether the grammar was gone through."""

    finding: Finding | None
    none_up_to: int
    examined: int
    theorem: str = ""
    complete: bool = True
    seconds: float = field(default=0.0, compare=False)

    @property
    def words(self) -> str:
        """One sentence for what the search says."""
        text = f"none up to {self.none_up_to} parameters: {self.examined} classes examined"
        if not self.complete:
            text += " within the budget"
        return f"{text}; {self.theorem}" if self.theorem else text


def search(
    statement: Statement,
    constraints: Constraints,
    known: Finding | None = None,
    violates: Predicate | None = None,
    seconds: float = SECONDS,
) -> Found:
    """The smallest counterexample to `statement` under the constraints.

    known: one that is known already; only smaller ones are looked for. violates: a dropped
    hypothesis that the counterexample has to violate. Raises InputError where the grammar is empty
    under the constraints and nothing is known.
    """
    started = time.monotonic()
    listed = cells(constraints)
    best, examined, forbidden = known, 0, 0
    named: set[str] = set()

    def spent() -> float:
        return time.monotonic() - started

    def examine(cell: Cell, x: list[list[object]], point: dict[str, object]) -> None:
        nonlocal best, examined, forbidden, named
        examined += 1
        notes = set()
        for here in _candidates(cell, x, point, constraints):
            if isinstance(here, str):
                notes.add(here)
                continue
            found = _ask(statement, here, violates)
            if found is not None and (best is None or _size(found) < _size(best)):
                best = found
        named |= notes
        forbidden += bool(notes) and notes <= {T16, KINK}

    def beyond(cell: Cell) -> bool:
        return best is not None and cell.size > _size(best)[:3]

    left = list(listed)
    while left and not beyond(left[0]) and spent() <= SHARE * seconds:
        for x, point in left[0].classes():
            examine(left[0], x, point)
            if spent() > SHARE * seconds:
                break
        else:
            left.pop(0)
    whole = not left or beyond(left[0])
    reached = listed[-1].size[0] + 1 if whole else left[0].size[0]
    for cell in left:  # larger ones by planted structure alone
        if beyond(cell):
            break
        for x, point in cell.planted():
            if spent() > seconds:
                break
            examine(cell, x, point)
    limit = reached - 1
    if best is not None:
        limit = min(limit, _size(best)[0] - 1)
    settled = T16 in named and forbidden == examined and _about_ranks(statement)
    theorem = f"off kinks, {T16}" if settled else ""
    return Found(best, limit, examined, theorem, whole, spent())


def _size(found: Finding) -> Smallness:
    return smallness(found.subject)


#: What T16 speaks of: critical points with H ⪰ 0, and rank H against rank J.
_MINIMA = frozenset({"local-minimum", "strict-minimum", "global-minimum"})
_RANKS = frozenset(f"rank H {relation} rank J" for relation in ("=", "<=", ">="))


def _about_ranks(statement: Statement) -> bool:
    """Whether T16 proves the conclusion where it applies."""
    named = {h.name for h in statement.hypotheses}
    return bool(named & _MINIMA) and statement.conclusion.name in {"rank-equality", *_RANKS}


def _ask(statement: Statement, here: Landscape, violates: Predicate | None) -> Finding | None:
    try:
        # a conclusion that holds ends it, and is cheaper to ask than whether θ is a minimum
        if statement.each is None and statement.conclusion(here).truth is not Truth.FALSE:
            return None
        found = statement.on(Instance(_name(here), here))
        if found.outcome is not Outcome.FAILS:
            return None
        if violates is not None and violates(found.subject).truth is not Truth.FALSE:
            return None
    except (HessrankError, AttributeError):
        return None  # the statement is not about such landscapes
    return found


def _name(here: Landscape) -> str:
    model = here.problem.model
    net = model.network
    shown = ", ".join(map(str, model.outputs)) if net is None else f"{net.activation} {net.widths}"
    at = ", ".join(f"{name} = {value}" for name, value in here.values)
    y = ", ".join(str(v) for row in here.problem.data.y for v in row)
    return f"{shown} | {here.problem.loss.name} | y = {y} | {at}"[:200]


def _candidates(
    cell: Cell, x: list[list[object]], point: dict[str, object], constraints: Constraints
) -> Iterator[Landscape | str]:
    """Landscapes of one class; a text where a theorem settles all labels."""
    K = cell.model.output_count
    for name in constraints.loss or LOSSES:
        share = str(fmpq(1, K))
        try:
            problem = Problem(cell.model, Data(x, [[share] * K for _ in x]), Loss.named(name))
            here = problem.at(point)
            if name not in SMALL_RESIDUALS:
                yield OPEN
                yield here
                continue
            found = labels_at(here)
            if found.more.why == T16 and found.more.exists is Truth.FALSE:
                yield T16
            else:
                yield OPEN
            for answer in (found.more, found.fewer):
                if answer.here is not None:
                    yield answer.here
            space = label_space(here)
            if space is None:
                continue
            zero = [fmpq(0)] * problem.M
            yield space.at(zero)
            for n in space.residuals[:2]:
                for sign in (1, -1):
                    yield space.at([sign * v for v in n])
        except KinkError:
            yield KINK
        except (HessrankError, Refine):
            yield OPEN  # outside of the domain, or more than the field carries
