"""The audit of a claim: which of its hypotheses are needed?

In: a claim and instances. Out: an `Audit`: for each hypothesis the smallest counterexample that
appears when it is dropped, and for properties that somebody took for a hypothesis whether they are
needed or enough. A hypothesis that the others imply cannot fail beside them; then the smallest set
of hypotheses is dropped together with it that lets it fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from hessrank.proofs.pages.blocks import Block, Heading, Table, Text, literal
from hessrank.proofs.pages.shown import Shown
from hessrank.proofs.reasoning.claim import Claim
from hessrank.proofs.reasoning.order import smallness
from hessrank.proofs.reasoning.search import small_problems
from hessrank.proofs.reasoning.statement import (
    Existence,
    Finding,
    Instance,
    Outcome,
    Predicate,
    Statement,
)
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.budget import over, unhurried
from hessrank.symbolic.errors import counted


@dataclass(frozen=True)
class Row:
    """hypothesis: the property; dropped: the hypotheses that were dropped to let it fail (itself
    among them); counterexample: the smallest, or None; tried: to how many instances the weaker
    statement applied; question: "needed", "enough", or "holds" for a statement of which nothing can
    be dropped; over_budget: whether time ran out before all instances were tried."""

    hypothesis: Predicate
    dropped: tuple[str, ...]
    counterexample: Finding | None
    tried: int
    question: str = "needed"
    note: str = ""
    over_budget: bool = False

    @property
    def answer(self) -> str:
        name = self.counterexample.instance if self.counterexample else ""
        if self.over_budget and not name:
            tried = counted(self.tried, "instance")
            return f"undecided, over budget: no counterexample among {tried}"
        if self.question == "holds":
            return f"fails: {name}" if name else f"nothing to drop; {self.note}"
        if self.question == "enough":
            where = f"in place of {self.dropped[0]}"
            return (
                f"not enough {where}: {name}"
                if name
                else f"no counterexample {where} ({self.tried} tried)"
            )
        if not name:
            return f"not needed on everything tried ({counted(self.tried, 'instance')})"
        others = [d for d in self.dropped if d != self.hypothesis.name]
        if others:
            return f"needed once {' and '.join(others)} is dropped too: {name}"
        return f"needed: {name}"


@dataclass(frozen=True, repr=False)
class Audit(Shown):
    """The statement that was audited, and a row for each property."""

    claim: Claim
    statement: Statement
    rows: tuple[Row, ...]

    def __repr__(self) -> str:
        rows = "; ".join(f"{r.hypothesis.name}: {r.answer}" for r in self.rows)
        return f"Audit({self.claim.id}; {rows})"

    def blocks(self) -> list[Block]:
        columns = ("property", "without it, or in another's place", "what happens there")
        rows = [
            (
                r.hypothesis.name,
                literal(r.answer),
                literal(r.counterexample.reason) if r.counterexample else "",
            )
            for r in self.rows
        ]
        return [
            Heading(f"{literal(self.claim.title)} ({self.claim.id})"),
            Text(literal(self.statement.words)),
            Table(columns, tuple(rows), "ppp"),
        ]

    def to_json(self) -> dict[str, object]:
        return {
            "claim": self.claim.id,
            "statement": self.statement.words,
            "rows": [
                {
                    "property": r.hypothesis.name,
                    "words": r.hypothesis.words,
                    "question": r.question,
                    "dropped": list(r.dropped),
                    "answer": r.answer,
                    "counterexample": r.counterexample.to_json() if r.counterexample else None,
                    "tried": r.tried,
                    "over_budget": r.over_budget,
                }
                for r in self.rows
            ],
        }


def audit(claim: Claim, gallery: Iterable[Instance], search: bool = True) -> Audit:
    """Drop each hypothesis of `claim` in turn (its audited, repaired or stated form).

    search: look among `search.small_problems` too. A statement of which nothing can be dropped has
    one row, which says on how many instances it holds, or why it is not computed.
    """
    statement = claim.provable
    with unhurried():
        instances = claim.instances(gallery)
        instances += small_problems() if search and claim.over_gallery else []
        instances.sort(key=lambda i: smallness(i.subject))
    if not isinstance(statement, Statement):
        return _whole(claim, statement, instances)
    named = [h for h in statement.hypotheses if not h.setting]
    rows = [needed(statement, h, named, instances) for h in named]
    if not rows:
        found, tried = first_failure(statement, instances)
        note = f"it holds on everything that it applies to ({counted(tried, 'instance')})"
        rows = [Row(statement.conclusion, (), found, tried, "holds", note, over())]
    alone = [r.hypothesis for r in rows if r.dropped == (r.hypothesis.name,)]
    for extra in claim.considered:
        rows += [_enough(statement, extra, h, instances) for h in alone]
        rows.append(_not_needed(statement, extra, instances))
    return Audit(claim, statement, tuple(rows))


def first_failure(
    statement: Statement, instances: Sequence[Instance], violates: Predicate | None = None
) -> tuple[Finding | None, int]:
    """(the first counterexample of instances in ascending order, how many instances applied before
    it); with `violates`, only counterexamples in which that property is false."""
    applied = 0
    for instance in instances:
        if over():
            break
        found = statement.on(instance)
        applied += found.outcome in (Outcome.HOLDS, Outcome.FAILS)
        if found.outcome is Outcome.FAILS and (
            violates is None or violates(found.subject).truth is Truth.FALSE
        ):
            return found, applied
    return None, applied


def needed(
    statement: Statement, h: Predicate, named: Sequence[Predicate], instances: Sequence[Instance]
) -> Row:
    """Drop h, and with it as few others as possible, until a counterexample violates h. named: the
    hypotheses that may be dropped; instances: in ascending order."""
    others = [o for o in named if o.name != h.name]
    tried = 0
    for extra in range(len(others) + 1):
        for also in combinations(others, extra):
            weaker = statement.without(h.name)
            for o in also:
                weaker = weaker.without(o.name)
            found, applied = first_failure(weaker, instances, h)
            tried += applied if not also else 0
            if found:
                return Row(h, (h.name, *(o.name for o in also)), found, applied)
            if over():
                return Row(h, (h.name,), None, tried, over_budget=True)
    return Row(h, (h.name,), None, tried)


def _enough(
    statement: Statement, extra: Predicate, h: Predicate, instances: Sequence[Instance]
) -> Row:
    """Is `extra` enough in the place of h?"""
    found, tried = first_failure(statement.without(h.name).given(extra), instances)
    return Row(extra, (h.name,), found, tried, "enough", over_budget=over())


def _not_needed(statement: Statement, extra: Predicate, instances: Sequence[Instance]) -> Row:
    """Does the statement ever fail where `extra` does not hold?"""
    found, tried = first_failure(statement.given(~extra), instances)
    return Row(extra, (extra.name,), found, tried, over_budget=over())


def _whole(claim: Claim, form: Existence | None, instances: Sequence[Instance]) -> Audit:
    """The audit of what is no implication: a case that exists, an experiment, or nothing."""
    if form is not None:
        cases = [i.id for i in instances if not over() and form.on(i).outcome is Outcome.HOLDS]
        note = f"it says that a case exists: {cases[0]}" if cases else "no case is known"
        body = Predicate("a case", form.words.removeprefix("There is a case in which ")[:-1], _none)
    elif claim.experiment:
        note = f"an experiment answers it: hessrank claims {claim.id}"
        body = Predicate("measured", claim.title, _none)
    else:
        note = f"not settled by computation: {claim.beyond}"
        body = Predicate("not computed", claim.title, _none)
    statement = Statement((), body)
    return Audit(claim, statement, (Row(body, (), None, 0, "holds", note),))


def _none(subject: object) -> Fact:
    return Fact(Truth.UNDECIDED, "no property of a landscape")
