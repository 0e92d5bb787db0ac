"""Settled claims as pages, and the page of them all.

In: `Settled` claims and `Finding`s. Out: blocks, and the text of docs/claims.md, which is made of
the objects and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from hessrank.proofs.catalogue import pages
from hessrank.proofs.pages import markdown
from hessrank.proofs.pages.blocks import Block, Code, Heading, Table, Text, literal, pairs
from hessrank.proofs.reasoning.claim import Claim, Settled
from hessrank.proofs.reasoning.statement import Finding
from hessrank.verification import replay

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
    kept = (c for c in pages.title(claim).lower() if c.isalnum() or c in " -_")
    return "".join(kept).replace(" ", "-")


def page(settled: Sequence[Settled]) -> str:
    """docs/claims.md: every claim with its verdict and evidence."""

    def linked(claim: Claim) -> str:
        return f"[{literal(claim.title)}](#{_anchor(claim)})"

    shown: list[Block] = [Text(ABOUT), pages.overview(settled, linked)]
    for s in settled:
        shown += pages.of_claim(s)
    return markdown.document("Claims and verdicts", shown)


if __name__ == "__main__":
    from hessrank.proofs.catalogue import CLAIMS
    from hessrank.proofs.reasoning.claim import settle_claim
    from hessrank.verification import gallery_instances

    print(page([settle_claim(claim, gallery_instances()) for claim in CLAIMS]), end="")
