"""A counterexample as a worked page: problem, point, matrices, ranks, what it shows.

In: a landscape with its id and title. Out: blocks, made by the derivation of its Hessian; and
whether every matrix on the page agrees with the differentiated forward pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from hessrank.proofs.derivations.derivation import Derivation, derive
from hessrank.proofs.derivations.text import sections
from hessrank.proofs.derivations.text.numbering import numbered
from hessrank.proofs.pages.blocks import Block, Heading, Text, literal
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.problems.landscape import Landscape

#: The sections of a derivation that a worked page has.
SECTIONS = ("The problem", "At the point")


@dataclass(frozen=True, eq=False)
class Case:
    """A worked example; shows: what for; refutes: the claims that it refutes."""

    id: str
    title: str
    here: Landscape
    shows: str = ""
    refutes: tuple[str, ...] = ()

    @cached_property
    def derivation(self) -> Derivation:
        return derive(self.here)

    def agreement(self) -> Fact:
        """Whether the matrices of the page are those of the differentiated forward pass."""
        found = self.derivation.check(points=0)
        return Fact(Truth.of(found.holds), str(found))


def case_blocks(case: Case, prefix: str = "") -> list[Block]:
    """The page of a worked example; prefix: of the numbers of its displays."""
    title = f"{case.id}: {case.title}" if case.title and case.title != case.id else case.id
    found: list[Block] = [Heading(literal(title), 3)]
    if case.shows:
        found.append(Text(literal(case.shows), lead="What it shows."))
    if case.refutes:
        found.append(Text(f"Refutes {', '.join(case.refutes)}."))
    shown: list[Block] = []
    for section in _sections(sections.unnumbered(case.derivation)):
        heading, *rest = section
        assert isinstance(heading, Heading)
        if heading.text in SECTIONS:
            shown += [Heading(heading.text, 4), *map(_deeper, rest)]
    return found + numbered(shown, prefix)


def _deeper(block: Block) -> Block:
    return Heading(block.text, 5) if isinstance(block, Heading) else block


def _sections(blocks: Sequence[Block]) -> list[list[Block]]:
    found: list[list[Block]] = []
    for block in blocks:
        if (isinstance(block, Heading) and block.level == 2) or not found:
            found.append([])
        found[-1].append(block)
    return [s for s in found if isinstance(s[0], Heading)]
