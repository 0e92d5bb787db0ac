"""Every equality of a page, checked as it is printed, within a budget.

In: blocks. Out: how many equalities there are, which fail, and which are not decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hessrank.proofs.derivations.worked import Equation, Worked
from hessrank.proofs.pages.blocks import Block
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.budget import over


@dataclass(frozen=True)
class Equations:
    """count: how many are printed; failed, undecided: those in LaTeX, each with the reason."""

    count: int
    failed: tuple[tuple[str, str], ...] = ()
    undecided: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        if self.failed:
            text, reason = self.failed[0]
            many = f"{len(self.failed)} of {self.count} printed equalities FAIL"
            return f"{many}, the first: {_brief(text)} ({reason})"
        if self.undecided:
            first = self.undecided[:SHOWN]
            named = "; ".join(f"{_brief(text)} ({reason})" for text, reason in first)
            more = len(self.undecided) - SHOWN
            rest = f"; and {more} more" if more > 0 else ""
            many = f"{len(self.undecided)} of {self.count} printed equalities undecided"
            return f"{many}: {named}{rest}"
        return f"{self.count} printed equalities hold as they are read back"


def _brief(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[:LETTERS]}…"


#: A text is named by so many letters.
LETTERS = 60
#: So many undecided equalities are named.
SHOWN = 3


#: Of a page that was not read.
NONE = Equations(0)


def printed(blocks: Sequence[Block]) -> list[Equation]:
    """The equalities of a page."""
    return [one for block in blocks if isinstance(block, Worked) for one in block.equations()]


def check(blocks: Sequence[Block]) -> Equations:
    """Check each; what is left when the budget of the context is over is undecided."""
    found = printed(blocks)
    failed, undecided = [], []
    for one in found:
        if over():
            undecided.append((one.latex, "over budget"))
            continue
        fact = one.run()
        if fact.truth is Truth.FALSE:
            failed.append((one.latex, fact.reason))
        elif fact.truth is Truth.UNDECIDED:
            undecided.append((one.latex, fact.reason))
    return Equations(len(found), tuple(failed), tuple(undecided))
