"""A settled claim as blocks, for docs/claims.md, the terminal and the article of the theory.

In: a `Settled` claim. Out: blocks: its sentence, the quote, each form with verdict and evidence,
what was measured, what it settles. Evidence that two forms share is written once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from hessrank.proofs.experiments import shares
from hessrank.proofs.pages.blocks import (
    Block,
    Cell,
    Code,
    Formula,
    Heading,
    Items,
    Mark,
    Quote,
    Table,
    Text,
    Tone,
    literal,
)
from hessrank.proofs.reasoning.claim import HOLDING, Claim, Settled, Settlement
from hessrank.proofs.reasoning.statement import Finding
from hessrank.symbolic.errors import counted

#: The forms of a claim as headings.
FORMS = {"as_written": "As written", "strong": "Strong reading", "best": "Best theorem"}
TONES: dict[str, Tone] = {
    "true": "yes",
    "cited": "yes",
    "refuted": "no",
    "open": "open",
    "empirical": "measured",
    "contradiction": "alarm",
    "not computed": "quiet",
}
#: So many counterexamples are written out, and so many instances named.
COUNTEREXAMPLES, NAMED = 3, 6


def title(claim: Claim) -> str:
    """The label and the title."""
    return f"{claim.label}. {claim.title}"


def verdict(s: Settled, form: str) -> Cell:
    """The verdict on a form with the instance behind it, or the number of instances tried."""
    found, word = s.settlements.get(form), s.verdict(form) or ""
    if found is None:
        return Mark(word, TONES.get(word, ""))
    detail = ""
    if found.verdict == "refuted":
        detail = f" by {found.counterexamples[0].instance}"
    elif found.witnessed and found.verdict in HOLDING:
        detail = f": {found.confirmations[0].instance}"
    elif found.verdict == "open":
        detail = f", {counted(found.tried, 'instance')}"
    return Mark(literal(found.verdict + detail), TONES[found.verdict])


def overview(settled: Iterable[Settled], named: Callable[[Claim], str] | None = None) -> Table:
    """A row for each claim: label, title (or what `named` makes of it), a verdict for each form."""
    rows: list[tuple[Cell, ...]] = [
        (
            s.claim.label,
            named(s.claim) if named else literal(s.claim.title),
            *(verdict(s, form) for form in FORMS),
        )
        for s in settled
    ]
    return Table(("#", "claim", *(name.lower() for name in FORMS.values())), tuple(rows), "rpppp")


def of_claim(s: Settled, article: bool = False) -> list[Block]:
    """Everything about one claim. article: sources by the keys of the bibliography, formulas
    in the sentence (they are asserted, not shown), experiments without counts and commands."""
    claim = s.claim
    source = by_key(claim.source) if article else f"{claim.id} · {claim.source}"
    inside = f" In formulas: ${claim.latex}$." if article and claim.latex else ""
    shown: list[Block] = [
        Heading(literal(title(claim)), 3),
        Text(literal(source), tone="quiet" if article else ""),
        Text(literal(claim.says) + inside),
    ]
    if claim.latex and not article:
        shown.append(Formula(claim.latex))
    if claim.quote:
        shown.append(Quote(literal(claim.quote)))
    if claim.beyond:
        shown.append(Text(literal(claim.beyond), "Not settled by computation."))
    before: dict[tuple[str, ...], str] = {}
    for name, form in claim.forms.items():
        found = s.settlements[name]
        lead = literal(f"{FORMS[name]}: {found.said() if article else found.summary}.")
        shown.append(Text(literal(form.statement.words), lead))
        lines = evidence(found)
        if lines in before:
            shown.append(Text(f"The evidence is that of the form “{before[lines].lower()}”."))
        elif lines:
            before[lines] = FORMS[name]
            shown.append(Items(tuple(map(literal, lines))))
    if s.experiment is not None:
        e = s.experiment
        lead = "Worked out." if claim.worked else f"Measured (seed {e.seed})."
        shown.append(Text(literal(f"{e.question} {e.answer}"), lead))
        if not article:
            counts = tuple(
                literal(f"{key}: {shares.counted(value)}") for key, value in e.counts.items()
            )
            shown += [Items(counts)] if counts else []
            shown += [Text("Again:"), Code(e.command)]
    if claim.settles:
        shown.append(Text(literal(claim.settles), "What it settles."))
    return shown


def by_key(source: str) -> str:
    """Where a claim stands, by the keys of the bibliography.

    >>> by_key("S1 001_fc8102245f0e2a25 (Vivek Hebbar, with comments), fn 2")
    '[S1], fn 2'
    """
    return re.sub(r"\b(S[0-4]) \w+ \([^()]*\)", r"[\1]", source)


def evidence(found: Settlement) -> tuple[str, ...]:
    """What the verdict on a form rests on, a line each."""
    lines = [
        f"{words.removesuffix('.')}: {fact.truth.value} ({fact.reason})"
        for words, fact in found.proof
    ]
    for finding in found.counterexamples[:COUNTEREXAMPLES]:
        lines.append(f"counterexample {finding.instance}: {_facts(finding)}")
    if found.witnessed:
        lines += [f"case {f.instance}: {_facts(f)}" for f in found.confirmations[:1]]
    elif found.confirmations:
        names = [f.instance for f in found.confirmations]
        first = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
        lines.append(f"it holds on {counted(len(names), 'instance')}: {first}")
    return tuple(lines)


def _facts(finding: Finding) -> str:
    return "; ".join(dict.fromkeys(fact.reason for _, fact in finding.facts))
