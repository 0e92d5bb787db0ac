"""The claims of the source texts as pages: each with its forms, verdicts and evidence.

In: settled claims. Out: blocks. Formulas of a claim stand in its sentences, for they are what is
asserted and not what was shown.
"""

from __future__ import annotations

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
    found: list[Block] = [Heading(literal(title), 3), Text(literal(claim.source), tone="quiet")]
    formula = f" In formulas: ${claim.latex}$." if claim.latex else ""
    found.append(Text(literal(claim.says) + formula))
    if claim.quote:
        found.append(Quote(literal(claim.quote)))
    if claim.beyond:
        found.append(Text(literal(claim.beyond), lead="Not settled by computation."))
    for name, form in claim.forms.items():
        settlement = s.settlements[name]
        lead = f"{FORMS[name]}: {settlement.summary}."
        found.append(Text(literal(form.statement.words), lead=literal(lead)))
        evidence = _evidence(settlement)
        if evidence:
            found.append(Items(evidence))
    if s.experiment is not None:
        e = s.experiment
        found.append(Text(literal(f"{e.question} {e.answer}"), lead=f"Measured (seed {e.seed})."))
    if claim.settles:
        found.append(Text(literal(claim.settles), lead="What it settles."))
    return found


def _evidence(found: Settlement) -> tuple[str, ...]:
    lines = [
        literal(f"{words}: {fact.truth.value} ({fact.reason})") for words, fact in found.proof
    ]
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
