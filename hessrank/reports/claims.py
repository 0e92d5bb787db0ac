"""Settled claims as tables for a terminal, and as a page of Markdown.

In: `Settled` claims, `Audit`s, `Finding`s. Out: lines on standard output, or the text of
docs/claims.md, which is made of the objects and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from hessrank.proofs.reasoning.audit import Audit
from hessrank.proofs.reasoning.claim import HOLDING, Claim, Settled, Settlement
from hessrank.proofs.reasoning.statement import Finding
from hessrank.reports.problems import console
from hessrank.verification import replay

STYLES = {
    "true": "green",
    "cited": "green",
    "refuted": "yellow",
    "open": "cyan",
    "empirical": "blue",
    "contradiction": "bold red",
    "not computed": "dim",
}

#: The forms of a claim as headings.
FORMS = {"as_written": "As written", "strong": "Strong reading", "best": "Best theorem"}


def print_list(claims: Sequence[Claim]) -> None:
    """Number, id, title and source of each claim."""
    out = console()
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("#", justify="right")
    table.add_column("id", overflow="fold", max_width=28)
    table.add_column("claim", overflow="fold")
    for claim in claims:
        table.add_row(claim.label, claim.id, claim.title)
    out.print(table)
    out.print()
    out.print("Settle one: hessrank claims ID. Settle all: hessrank verify.")


def print_settled(settled: Iterable[Settled]) -> None:
    """One row a claim: the verdicts on its three forms and the instances behind them."""
    out = console()
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("claim", overflow="fold")
    for name in FORMS.values():
        table.add_column(name.lower(), overflow="fold")
    for s in settled:
        table.add_row(
            s.claim.label,
            s.claim.title,
            *(_verdict(s.settlements.get(f), s.verdict(f) or "") for f in FORMS),
        )
    out.print(table)


def _verdict(found: Settlement | None, otherwise: str) -> Text:
    if found is None:
        return Text(otherwise, style=STYLES.get(otherwise, ""))
    detail = ""
    if found.verdict == "refuted":
        detail = f" by {found.counterexamples[0].instance}"
    elif found.witnessed and found.verdict in HOLDING:
        detail = f": {found.confirmations[0].instance}"
    elif found.verdict == "open":
        detail = f", {found.tried} instances"
    return Text(found.verdict + detail, style=STYLES[found.verdict])


def print_claim(s: Settled) -> None:
    """Everything about one claim: statement, verdict, evidence, how to reproduce it."""
    out = console()
    for line in claim_lines(s):
        out.print(line.replace("**", "").replace("`", "").lstrip("# ") if line else "")
    for found in s.settlements.values():
        for finding in (found.counterexamples if found else ())[:1]:
            text = replay(finding)
            if text:
                out.print(
                    f"To replay {finding.instance}, save as a .toml file for `hessrank rank`:"
                )
                out.print()
                out.print(text)


def claim_lines(s: Settled) -> list[str]:
    """A settled claim as lines of Markdown."""
    claim = s.claim
    lines = [
        f"### {claim.label}. {claim.title}",
        "",
        f"`{claim.id}` · {claim.source}",
        "",
        claim.says,
    ]
    if claim.latex:
        lines += ["", f"$${claim.latex}$$"]
    if claim.quote:
        lines += ["", f"> {claim.quote}"]
    if claim.beyond:
        lines += ["", f"**Not settled by computation.** {claim.beyond}"]
    for name, form in claim.forms.items():
        found = s.settlements[name]
        lines += ["", f"**{FORMS[name]}: {found.summary}.** {form.statement.words}"]
        lines += _evidence(found)
    if s.experiment is not None:
        e = s.experiment
        lines += ["", f"**Measured** (seed {e.seed}): {e.question} {e.answer}"]
        lines += [f"- {key}: {value}" for key, value in e.counts.items()]
        lines += ["", f"Again: `{e.command}`"]
    if claim.settles:
        lines += ["", f"**What it settles.** {claim.settles}"]
    return [*lines, ""]


def _evidence(found: Settlement) -> list[str]:
    lines = [f"- {words}: {fact.truth.value} ({fact.reason})" for words, fact in found.proof]
    for finding in found.counterexamples[:3]:
        facts = "; ".join(f"{name}: {fact.reason}" for name, fact in finding.facts)
        lines.append(f"- counterexample {finding.instance}: {facts}")
    if found.witnessed:
        for finding in found.confirmations[:1]:
            facts = "; ".join(f"{name}: {fact.reason}" for name, fact in finding.facts)
            lines.append(f"- case {finding.instance}: {facts}")
    elif found.confirmations:
        names = [f.instance for f in found.confirmations]
        shown = ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
        lines.append(f"- it holds on {len(names)} instances: {shown}")
    return ["", *lines] if lines else []


def print_audit(found: Audit) -> None:
    """The audited statement and a row for each property."""
    out = console()
    out.print(Text(f"{found.claim.title} ({found.claim.id})", style="bold"))
    out.print(found.statement.words)
    out.print()
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("property", overflow="fold")
    table.add_column("without it, or in another's place", overflow="fold")
    table.add_column("what happens there", overflow="fold")
    for row in found.rows:
        reason = row.counterexample.reason if row.counterexample else ""
        table.add_row(row.hypothesis.name, row.answer, reason)
    out.print(table)


def print_counterexample(finding: Finding | None, what: str) -> None:
    """The facts of a counterexample and the spec that replays it."""
    out = console()
    if finding is None:
        out.print(f"No counterexample to {what} was found.")
        return
    out.print(Text(f"{finding.instance}: a counterexample to {what}", style="bold"))
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, fact in finding.facts:
        table.add_row(name, fact.truth.value, fact.reason)
    out.print(table)
    text = replay(finding)
    if text:
        out.print()
        out.print(text)


def _anchor(claim: Claim) -> str:
    """The name that Markdown renderers give to the claim's heading."""
    kept = (c for c in f"{claim.label}. {claim.title}".lower() if c.isalnum() or c in " -_")
    return "".join(kept).replace(" ", "-")


def page(settled: Sequence[Settled]) -> str:
    """docs/claims.md: every claim with its verdict and evidence."""
    lines = [
        "# Claims and verdicts",
        "",
        "Made by `python -m hessrank.reports.claims` from the claim objects; a test keeps it "
        "current.",
        "Sources: S0 the short version, S1 *Information loss → basin flatness* and its comments, "
        "S2 the",
        "note on the Hessian of the total loss, S3 comments by its author, S4 *Basin broadness*.",
        "",
        f"| # | claim | {' | '.join(FORMS.values()).lower()} |",
        "|---|---|---|---|---|",
        *(
            f"| {s.claim.label} | [{s.claim.title}](#{_anchor(s.claim)}) | "
            + " | ".join(str(_verdict(s.settlements.get(f), s.verdict(f) or "")) for f in FORMS)
            + " |"
            for s in settled
        ),
        "",
    ]
    for s in settled:
        lines += claim_lines(s)
    return "\n".join(lines)


if __name__ == "__main__":
    from hessrank.proofs.catalogue import CLAIMS
    from hessrank.proofs.reasoning.claim import settle_claim
    from hessrank.verification import gallery_instances

    print(page([settle_claim(claim, gallery_instances()) for claim in CLAIMS]), end="")
