r"""Statements of the theory: what is said, what is displayed, and how each display is checked.

In: words and LaTeX. Out: items of a chapter; a display carries a `Check`, which runs. In words,
{label} refers to a display and [key] to the bibliography.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hessrank.proofs.reasoning.claim import Step
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.proofs.theory.arithmetic import IllFormed
from hessrank.proofs.theory.meaning import holds
from hessrank.proofs.theory.reading import NotRead
from hessrank.proofs.theory.world import World
from hessrank.symbolic.errors import DomainError, UndecidedError
from hessrank.symbolic.fields.polynomials import TooLarge

#: The kinds of checks, by the letter that stands beside the number of a display.
KINDS = {
    "J": "an identity of generic 2-jets: expanded for quadratic maps with indeterminate "
    "coefficients, which proves it for all C² maps of these dimensions",
    "A": "exact algebra: expanded with indeterminates, or evaluated exactly",
    "L": "a lemma: it follows from the displays and steps that are named, and was tried on exact "
    "samples besides",
    "C": "a cited theorem: not proved here; it was tried on exact samples",
}


@dataclass(frozen=True)
class Check:
    """How a display is checked: in `worlds`, and for a lemma by its premises and steps.

    kind: a letter of `KINDS`; after: labels of displays from which it follows; cites: keys of the
    bibliography.
    """

    kind: str
    worlds: Callable[[], Sequence[World]] = field(repr=False, compare=False)
    after: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    cites: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no kind of check {self.kind!r}")
        if self.kind == "L" and not (self.after or self.steps):
            raise ValueError("a lemma names what it follows from")
        if self.kind == "C" and not self.cites:
            raise ValueError("a cited theorem names its source")


@dataclass(frozen=True)
class Display:
    """A displayed relation, its label and its check."""

    label: str
    latex: str
    check: Check

    def run(self, latex: str = "", exactly: bool = True) -> Fact:
        """Whether the relation (or `latex` in its place) passes the check.

        exactly: also prove identities, and not only look for values that refute them.
        """
        words = []
        for world in self.check.worlds():
            try:
                found = holds(latex or self.latex, world, exactly)
            except (IllFormed, NotRead) as error:
                return Fact(Truth.FALSE, f"ill-formed: {error}")
            except (DomainError, ZeroDivisionError, UndecidedError, TooLarge) as error:
                return Fact(Truth.UNDECIDED, str(error))
            if found.truth is not Truth.TRUE:
                return found
            words.append(found.reason)
        if not words:
            return Fact(Truth.UNDECIDED, "checked nowhere")
        for step in self.check.steps:
            found = step.run()
            if found.truth is not Truth.TRUE:
                return Fact(found.truth, f"{step.words}: {found.reason}")
        return Fact(Truth.TRUE, "; ".join(dict.fromkeys(words)))


@dataclass(frozen=True)
class Say:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Points:
    """A list of sentences."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A table of words and inline formulas."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Proof:
    """The steps of a proof in words, each with a check that runs or a citation."""

    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Figure:
    """A picture by its name, drawn elsewhere; caption: what is seen; command: what draws it."""

    name: str
    caption: str
    command: str


Item = Say | Points | Grid | Proof | Display | Figure


@dataclass(frozen=True)
class Chapter:
    """A heading and its items."""

    title: str
    items: tuple[Item, ...]

    @property
    def displays(self) -> tuple[Display, ...]:
        return tuple(i for i in self.items if isinstance(i, Display))

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(s for i in self.items if isinstance(i, Proof) for s in i.steps)


def numbered(chapters: Sequence[Chapter]) -> Mapping[str, str]:
    """The number of each display, counted within its chapter: 2.3."""
    return {
        display.label: f"{c}.{n}"
        for c, chapter in enumerate(chapters, 1)
        for n, display in enumerate(chapter.displays, 1)
    }
