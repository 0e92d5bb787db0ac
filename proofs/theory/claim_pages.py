"""The claims of the source texts as pages: each with its forms, verdicts and evidence.

In: settled claims. Out: blocks. Formulas of a claim stand in its sentences, for they are what is
asserted and not what was shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hessrank.proofs.pages.blocks import Block, Heading, Items, Quote, Table, Text, literal
from hessrank.proofs.reasoning.claim import HOLDING, Settled, Settlement

FORMS = {"as_written": "As written", "strong": "Strong reading", "best": "Best theorem"}


def overview(settled: Sequence[Settled]) -> list[Block]:
    """A table of all verdicts."""
    rows = tuple(
        (s.claim.label, literal(s.claim.title), *(s.verdict(form) or "" for form in FORMS))
        for s in settled
    )
    return [Table(("no.", "claim", *(f.lower() for f in FORMS.values())), rows, "lplll")]


def claim_blocks(s: Settled) -> list[Block]:
    """One claim."""
    claim = s.claim
    title = claim.title if claim.title.startswith(claim.label) else f"{claim.label}. {claim.title}"
    source = Text(literal(_source(claim.source)), tone="quiet")
    found: list[Block] = [Heading(literal(title), 3), source]
    formula = f" In formulas: ${claim.latex}$." if claim.latex else ""
    found.append(Text(literal(claim.says) + formula))
    if claim.quote:
        found.append(Quote(literal(claim.quote)))
    if claim.beyond:
        found.append(Text(literal(claim.beyond), lead="Not settled by computation."))
    shown: dict[tuple[str, ...], str] = {}
    for name, form in claim.forms.items():
        settlement = s.settlements[name]
        lead = f"{FORMS[name]}: {_verdict(settlement)}."
        found.append(Text(literal(form.statement.words), lead=literal(lead)))
        evidence = _evidence(settlement)
        if evidence in shown:
            found.append(Text(f"The evidence is that of the form “{shown[evidence].lower()}”."))
        elif evidence:
            shown[evidence] = FORMS[name]
            found.append(Items(evidence))
    if s.experiment is not None:
        e = s.experiment
        found.append(Text(literal(f"{e.question} {e.answer}"), lead=f"Measured (seed {e.seed})."))
    if claim.settles:
        found.append(Text(literal(claim.settles), lead="What it settles."))
    return found


def _source(text: str) -> str:
    """Where a claim stands, by the keys of the bibliography.

    >>> _source("S1 001_fc8102245f0e2a25 (Vivek Hebbar, with comments), fn 2")
    '[S1], fn 2'
    """
    return re.sub(r"\b(S[0-4]) \w+ \([^()]*\)", r"[\1]", text)


def _verdict(found: Settlement) -> str:
    if found.verdict == "refuted":
        return f"refuted by {found.counterexamples[0].instance}"
    if found.witnessed and found.verdict in HOLDING:
        return f"true, {found.confirmations[0].instance} is a case"
    return found.verdict


def _evidence(found: Settlement) -> tuple[str, ...]:
    lines = [literal(f"{words}: {fact.truth.value} ({fact.reason})") for words, fact in found.proof]
    for finding in found.counterexamples[:2]:
        facts = "; ".join(f"{name}: {fact.reason}" for name, fact in finding.facts)
        lines.append(literal(f"counterexample {finding.instance}: {facts}"))
    if found.witnessed and found.verdict in HOLDING:
        facts = "; ".join(f"{n}: {f.reason}" for n, f in found.confirmations[0].facts)
        lines.append(literal(f"case {found.confirmations[0].instance}: {facts}"))
    elif found.confirmations:
        names = ", ".join(f.instance for f in found.confirmations[:6])
        more = ", …" if len(found.confirmations) > 6 else ""
        lines.append(literal(f"it holds on {len(found.confirmations)} instances: {names}{more}"))
    return tuple(lines)
