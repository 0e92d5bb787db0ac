"""Settled claims as pages, and the page of them all.

In: `Settled` claims and `Finding`s. Out: blocks, and the text of docs/claims.md, which is made of
the objects and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hessrank.proofs.pages import markdown
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
    pairs,
)
from hessrank.proofs.reasoning.claim import HOLDING, Claim, Settled, Settlement
from hessrank.proofs.reasoning.statement import Finding
from hessrank.verification import replay

TONES: dict[str, Tone] = {
    "true": "yes",
    "cited": "yes",
    "refuted": "no",
    "open": "open",
    "empirical": "measured",
    "contradiction": "alarm",
    "not computed": "quiet",
}

#: The forms of a claim as headings.
FORMS = {"as_written": "As written", "strong": "Strong reading", "best": "Best theorem"}
ABOUT = (
    "Made by python -m hessrank.reports.claims from the claim objects; a test keeps it current. "
    "Sources: S0 the short version, S1 Information loss → basin flatness and its comments, S2 the "
    "note on the Hessian of the total loss, S3 comments by its author, S4 Basin broadness."
)


def of_list(claims: Sequence[Claim]) -> list[Block]:
    """Number, id and title of each claim."""
    rows = [(c.label, c.id, literal(c.title)) for c in claims]
    return [
        Table(("#", "id", "claim"), tuple(rows), "rpp"),
        Text("Settle one: hessrank claims ID. Settle all: hessrank verify."),
    ]


def of_settled(settled: Iterable[Settled], links: bool = False) -> Table:
    """One row a claim: the verdicts on its three forms and the instances behind them."""
    rows: list[tuple[Cell, ...]] = []
    for s in settled:
        title = literal(s.claim.title)
        rows.append(
            (
                s.claim.label,
                f"[{title}](#{_anchor(s.claim)})" if links else title,
                *(_verdict(s.settlements.get(f), s.verdict(f) or "") for f in FORMS),
            )
        )
    return Table(("#", "claim", *(name.lower() for name in FORMS.values())), tuple(rows), "rpppp")


def _verdict(found: Settlement | None, otherwise: str) -> Mark:
    if found is None:
        return Mark(otherwise, TONES.get(otherwise, ""))
    detail = ""
    if found.verdict == "refuted":
        detail = f" by {found.counterexamples[0].instance}"
    elif found.witnessed and found.verdict in HOLDING:
        detail = f": {found.confirmations[0].instance}"
    elif found.verdict == "open":
        detail = f", {found.tried} instances"
    return Mark(literal(found.verdict + detail), TONES[found.verdict])


def of_claim(s: Settled) -> list[Block]:
    """Everything about one claim: statement, verdict, evidence, how to reproduce it."""
    claim = s.claim
    shown: list[Block] = [
        Heading(literal(f"{claim.label}. {claim.title}"), 3),
        Text(literal(f"{claim.id} · {claim.source}")),
        Text(literal(claim.says)),
    ]
    if claim.latex:
        shown.append(Formula(claim.latex))
    if claim.quote:
        shown.append(Quote(literal(claim.quote)))
    if claim.beyond:
        shown.append(Text(literal(claim.beyond), "Not settled by computation."))
    for name, form in claim.forms.items():
        found = s.settlements[name]
        lead = literal(f"{FORMS[name]}: {found.summary}.")
        shown.append(Text(literal(form.statement.words), lead))
        evidence = _evidence(found)
        shown += [Items(tuple(map(literal, evidence)))] if evidence else []
    if s.experiment is not None:
        e = s.experiment
        counts = tuple(literal(f"{key}: {value}") for key, value in e.counts.items())
        shown.append(Text(literal(f"{e.question} {e.answer}"), f"Measured (seed {e.seed})."))
        shown += [Items(counts)] if counts else []
        shown += [Text("Again:"), Code(e.command)]
    if claim.settles:
        shown.append(Text(literal(claim.settles), "What it settles."))
    return shown


def of_replays(s: Settled) -> list[Block]:
    """The specs that replay the first counterexample of each form."""
    shown: list[Block] = []
    for found in s.settlements.values():
        for finding in (found.counterexamples if found else ())[:1]:
            text = replay(finding)
            if text:
                how = f"To replay {finding.instance}, save as a .toml file for hessrank rank:"
                shown += [Text(literal(how)), Code(text)]
    return shown


def _evidence(found: Settlement) -> list[str]:
    lines = [f"{words}: {fact.truth.value} ({fact.reason})" for words, fact in found.proof]
    for finding in found.counterexamples[:3]:
        reasons = "; ".join(f"{name}: {fact.reason}" for name, fact in finding.facts)
        lines.append(f"counterexample {finding.instance}: {reasons}")
    if found.witnessed:
        for finding in found.confirmations[:1]:
            reasons = "; ".join(f"{name}: {fact.reason}" for name, fact in finding.facts)
            lines.append(f"case {finding.instance}: {reasons}")
    elif found.confirmations:
        names = [f.instance for f in found.confirmations]
        shown = ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
        lines.append(f"it holds on {len(names)} instances: {shown}")
    return lines


def of_counterexample(finding: Finding | None, what: str) -> list[Block]:
    """The facts of a counterexample and the spec that replays it."""
    if finding is None:
        return [Text(literal(f"No counterexample to {what} was found."))]
    text = replay(finding)
    return [
        Heading(literal(f"{finding.instance}: a counterexample to {what}")),
        facts(finding),
        *([Code(text)] if text else []),
    ]


def facts(finding: Finding) -> Table:
    """Each property with its truth and the reason."""
    return pairs([(literal(name), f.truth.mark, literal(f.reason)) for name, f in finding.facts])


def _anchor(claim: Claim) -> str:
    """The name that Markdown renderers give to the claim's heading."""
    kept = (c for c in f"{claim.label}. {claim.title}".lower() if c.isalnum() or c in " -_")
    return "".join(kept).replace(" ", "-")


def page(settled: Sequence[Settled]) -> str:
    """docs/claims.md: every claim with its verdict and evidence."""
    shown: list[Block] = [Text(ABOUT), of_settled(settled, links=True)]
    for s in settled:
        shown += of_claim(s)
    return markdown.document("Claims and verdicts", shown)


if __name__ == "__main__":
    from hessrank.proofs.catalogue import CLAIMS
    from hessrank.proofs.reasoning.claim import settle_claim
    from hessrank.verification import gallery_instances

    print(page([settle_claim(claim, gallery_instances()) for claim in CLAIMS]), end="")
