r"""The theory as an article: chapters of checked statements, every claim, every counterexample.

In: settled claims and the landscapes that refute. Out: a frozen `Theory`; `check` runs every check
of every display and proof, and compares the pages of the counterexamples with the differentiated
forward pass; the article marks each display by how it is checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from hessrank.proofs.catalogue import pages
from hessrank.proofs.pages import formats, html, latex, markdown
from hessrank.proofs.pages.blocks import (
    Block,
    Formula,
    Heading,
    Items,
    Mark,
    Picture,
    Table,
    Text,
    retold,
)
from hessrank.proofs.pages.shown import Shown
from hessrank.proofs.reasoning.claim import Settled
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.proofs.theory.bibliography import BIBLIOGRAPHY, cited, keyed
from hessrank.proofs.theory.case_pages import Case, case_blocks
from hessrank.proofs.theory.chapters import (
    coupling,
    features,
    fibres,
    hessian,
    information,
    layers,
    softmax,
    theorems,
    volumes,
)
from hessrank.proofs.theory.statement import (
    KINDS,
    Chapter,
    Display,
    Figure,
    Grid,
    Points,
    Proof,
    Say,
    numbered,
)
from hessrank.symbolic.budget import stopped

TITLE = "Ranks of Jacobians and of loss Hessians: the theory, checked"

#: The letters that mean the same in the whole article.
NOTATION = (
    (r"$\theta \in \mathbb{R}^N$", "the parameters"),
    ("$x_d$, $y_d$", "input and label of example $d = 1, \\ldots, D$"),
    ("$f$, $F$", "the $K$ outputs on one example; all $M = KD$ outputs, the behaviour"),
    (r"$J$, $G = J^{\top}$", "the Jacobian of $F$, and S1's matrix of behavioural gradients"),
    (r"$\ell$, $L$", r"the loss of the outputs, and the total loss $\ell \circ F$"),
    ("$r$, $A$", r"gradient and Hessian of $\ell$ in the outputs, at $F(\theta)$"),
    ("$H$", r"the Hessian $\nabla^2 L$"),
    (r"$\succ$, $\succeq$", "positive definite, positive semidefinite"),
    ("X1, T1, claim 1", "an example, a theorem, a claim of the posts, each with its own section"),
)

#: A column of words of no more signs does not break.
SHORT = 24

_REFERENCE = re.compile(r"\(\{([A-Za-z0-9-]+)\}\)")
_LEAD = re.compile(r"\*\*(.+?)\*\*\s*(.*)", re.S)


def chapters() -> tuple[Chapter, ...]:
    """The chapters, in their order."""
    return (
        hessian.chapter(),
        hessian.footnote(),
        fibres.chapter(),
        theorems.chapter(),
        theorems.one_hidden_layer(),
        softmax.chapter(),
        softmax.on_probabilities(),
        layers.chapter(),
        features.chapter(),
        information.chapter(),
        coupling.chapter(),
        volumes.chapter(),
    )


@dataclass(frozen=True)
class Checked:
    """displays: by label the Fact of its check; steps: those of the proofs, by sentence; claims:
    by id, whether no proof of it meets a counterexample; cases: by id whether its page agrees with
    the forward pass."""

    displays: Mapping[str, Fact]
    steps: Mapping[str, Fact]
    claims: Mapping[str, Fact]
    cases: Mapping[str, Fact]

    def facts(self) -> Iterator[tuple[str, Fact]]:
        """Every fact, with a name."""
        for group in (self.displays, self.steps, self.claims, self.cases):
            yield from group.items()

    @property
    def failed(self) -> tuple[tuple[str, Fact], ...]:
        """What is not TRUE."""
        return tuple((name, f) for name, f in self.facts() if f.truth is not Truth.TRUE)

    @property
    def holds(self) -> bool:
        return not self.failed

    def __str__(self) -> str:
        count = (
            f"{len(self.displays)} displays, {len(self.steps)} steps of proofs, "
            f"{len(self.claims)} claims, {len(self.cases)} worked examples"
        )
        if self.holds:
            return f"all checked: {count}"
        name, fact = self.failed[0]
        wrong = sum(fact.truth is Truth.FALSE for _, fact in self.failed)
        what = f"{wrong} of {count} FAIL" if wrong else f"{len(self.failed)} of {count} undecided"
        return f"{what}, the first: {name}: {fact.reason}"


@dataclass(frozen=True, eq=False, repr=False)
class Theory(Shown):
    """The article. settled: the claims with their verdicts; cases: the worked examples; drawn: the
    pictures that are drawn, by name, as SVG."""

    chapters: tuple[Chapter, ...]
    settled: tuple[Settled, ...] = ()
    cases: tuple[Case, ...] = ()
    drawn: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _checked(self) -> Checked:
        displays = {d.label: _unless(d.run) for c in self.chapters for d in c.displays}
        missing = [
            label
            for chapter in self.chapters
            for d in chapter.displays
            for label in d.check.after
            if label not in displays
        ]
        if missing:
            raise KeyError(f"lemmas rest on displays that are not there: {missing}")
        steps = {s.words: _unless(s.run) for chapter in self.chapters for s in chapter.steps}
        claims = {
            s.claim.id: Fact(Truth.of(not s.contradictory), "a proof meets a counterexample")
            for s in self.settled
        }
        return Checked(displays, steps, claims, {c.id: _unless(c.agreement) for c in self.cases})

    def check(self) -> Checked:
        """Run the check of every display, proof step, claim and worked example."""
        return self._checked

    def __repr__(self) -> str:
        n = sum(len(c.displays) for c in self.chapters)
        return f"Theory({n} displays, {len(self.settled)} claims, {len(self.cases)} examples)"

    # --- formats ----------------------------------------------------------------------------------

    def latex(self, standalone: bool = True) -> str:
        """A LaTeX document that compiles, or its body."""
        return latex.document(TITLE, self.blocks()) if standalone else latex.body(self.blocks())

    def markdown(self) -> str:
        return markdown.document(TITLE, self.blocks())

    def html(self) -> str:
        """One HTML file that shows without the network."""
        return html.document(TITLE, self.blocks())

    def save(self, path: str | Path, tex: bool = False) -> None:
        """Write a file of one of `proofs.pages.formats`, whole or not at all; tex: a PDF by TeX.

        Raises InputError for another ending or a program that is missing, OutputError where the
        file cannot be written.
        """
        formats.save(path, TITLE, self.blocks(), tex)

    def blocks(self) -> list[Block]:
        """The text, before it becomes a format."""
        numbers = numbered(self.chapters)
        found = [*_opening(self)]
        for number, chapter in enumerate(self.chapters, 1):
            found.append(Heading(f"{number}. {chapter.title}"))
            for item in chapter.items:
                if isinstance(item, Figure):
                    svg = self.drawn.get(item.name, "")
                    found.append(Picture(item.caption, item.command, svg))
                else:
                    found += _item(item, numbers, self._checked)
        number = len(self.chapters)
        if self.settled:
            number += 1
            found += [
                Heading(f"{number}. The claims and their verdicts"),
                pages.overview(self.settled),
            ]
            for settled in self.settled:
                found += pages.of_claim(settled, article=True)
        if self.cases:
            number += 1
            found.append(Heading(f"{number}. Counterexamples and examples, worked"))
            for n, case in enumerate(self.cases, 1):
                found += case_blocks(case, f"{number}.{n}.")
        found += _what_is_checked(self, numbers, number + 1)
        found = [retold(block, keyed) for block in found]
        return [*found, *_bibliography(self, found)]


def _unless(check: Callable[[], Fact]) -> Fact:
    """The check, unless the user does not wait any longer."""
    return Fact(Truth.UNDECIDED, "interrupted") if stopped() else check()


def _opening(self: Theory) -> list[Block]:
    kinds = Table(("", "the display is"), tuple((k, words) for k, words in KINDS.items()), "lp")
    return [
        Text(
            "What the posts [S0] to [S4] say of ranks, Hessians and basins, derived step by step. "
            "The mathematics that is displayed was read back from the text of this page and run "
            f"through its checks ({self._checked}). A letter beside the number of a display says "
            "how:"
        ),
        kinds,
        Text(
            "These letters keep their meaning; every other is that of the paragraph it stands in."
        ),
        Table(("", ""), NOTATION, "lp"),
    ]


def _item(
    item: Say | Points | Grid | Proof | Display, numbers: Mapping[str, str], checked: Checked
) -> list[Block]:
    match item:
        case Display():
            found = checked.displays[item.label]
            mark = item.check.kind if found.truth is Truth.TRUE else "NOT CHECKED"
            return [Formula(item.latex, number=f"{numbers[item.label]} {mark}")]
        case Say():
            opened = _LEAD.match(item.text)
            if opened:
                return [Text(_referred(opened[2], numbers), lead=opened[1])]
            return [Text(_referred(item.text, numbers))]
        case Points():
            return [Items(tuple(_referred(t, numbers) for t in item.texts))]
        case Grid():
            cells = zip(item.head, *item.rows, strict=True)
            align = (
                "l" if all(len(c) <= SHORT and "$" not in c for c in cs) else "p" for cs in cells
            )
            return [Table(item.head, item.rows, "".join(align))]
        case Proof():
            steps = tuple(f"{s.words} ({_how(s.words, checked)})" for s in item.steps)
            return [Text("", lead="Proof, step by step."), Items(steps)]


def _how(words: str, checked: Checked) -> str:
    fact = checked.steps[words]
    if fact.truth is not Truth.TRUE:
        return f"NOT CHECKED: {fact.reason}"
    return fact.reason if fact.reason.startswith("cited") else f"checked: {fact.reason}"


def _referred(text: str, numbers: Mapping[str, str]) -> str:
    return _REFERENCE.sub(lambda m: f"({numbers[m[1]]})", text)


def _what_is_checked(self: Theory, numbers: Mapping[str, str], number: int) -> list[Block]:
    rows: list[tuple[str | Mark, ...]] = []
    for chapter in self.chapters:
        for display in chapter.displays:
            fact, check = self._checked.displays[display.label], display.check
            after = ", ".join(f"({numbers[label]})" for label in check.after)
            sources = [f"after {after}"] if after else []
            sources += [f"[{key}]" for key in check.cites]
            sources += [s.words for s in check.steps]
            rows.append(
                (f"({numbers[display.label]})", check.kind, fact.reason, "; ".join(sources))
            )
    steps = [s for chapter in self.chapters for s in chapter.steps if s.cites]
    cited_steps = {f"{s.words} [{s.cites}]" for s in steps if s.check is None}
    found: list[Block] = [
        Heading(f"{number}. What is checked, what is cited"),
        Table(("display", "", "where it was checked", "from"), tuple(rows), "llpp"),
        Text("Cited and not proved here, in the proofs:"),
        Items(tuple(sorted(cited_steps))),
    ]
    return found


def _bibliography(self: Theory, blocks: Sequence[Block]) -> list[Block]:
    """The sources that the blocks name, and those of the displays."""
    texts = ["[S0] [S1] [S2] [S3] [S4]"]
    for chapter in self.chapters:
        texts += [f"[{key}]" for d in chapter.displays for key in d.check.cites]

    def noted(text: str) -> str:
        texts.extend(f"[{key}]" for key in BIBLIOGRAPHY if f"[{key}]" in text)
        return text

    for item in (i for chapter in self.chapters for i in chapter.items if isinstance(i, Say)):
        texts.append(item.text)  # a key that is in no bibliography is an error
    for block in blocks:
        retold(block, noted)
    rows = tuple((f"[{key}]", BIBLIOGRAPHY[key]) for key in cited(texts))
    return [Heading("Bibliography"), Table(("", ""), rows, "lp")]


def theory(
    settled: Sequence[Settled] = (),
    cases: Sequence[Case] = (),
    drawn: Mapping[str, str] | None = None,
) -> Theory:
    """The article with these claims, worked examples and pictures."""
    return Theory(chapters(), tuple(settled), tuple(cases), dict(drawn or {}))
