"""What claims say of a user's own landscape, and its kernels, as tables for a terminal.

In: the findings of each form of each claim, and a `Kernel`. Out: lines on standard output.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from hessrank.proofs.catalogue import find
from hessrank.proofs.catalogue.asking import Forms
from hessrank.proofs.catalogue.kernel import Kernel
from hessrank.proofs.reasoning.statement import Finding, Outcome
from hessrank.reports.claims import FORMS
from hessrank.reports.problems import console

STYLES = {"holds": "green", "fails": "yellow", "not-applicable": "dim", "undecided": "cyan"}


def print_one(id: str, spec: str, forms: Forms) -> None:
    """One claim on one landscape: each form with its outcome, reason and facts."""
    out = console()
    claim = find(id)
    out.print(Text(f"{claim.label}. {claim.title}, asked of {spec}", style="bold"))
    for name, finding in forms.items():
        if finding is None:
            continue
        out.print()
        out.print(Text.assemble(f"{FORMS[name]}: ", _outcome(finding)))
        if name in claim.forms:
            out.print(claim.forms[name].statement.words)
        table = Table.grid(padding=(0, 2, 0, 2))
        for property, fact in finding.facts:
            table.add_row(property, fact.truth.value, fact.reason)
        out.print(table)


def print_all(spec: str, found: Mapping[str, Forms]) -> None:
    """Every claim on one landscape: a row for each that applies, the others by number."""
    out = console()
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("claim", overflow="fold", ratio=2)
    for name in ("written", "strong", "best"):
        table.add_column(name, no_wrap=True)
    table.add_column("why", overflow="fold", ratio=3)
    quiet = []
    for id, forms in found.items():
        claim = find(id)
        outcomes = [f.outcome for f in forms.values() if f is not None]
        if all(o is Outcome.NOT_APPLICABLE for o in outcomes):
            quiet.append(f"{claim.label} {id}")
            continue
        cells = [_outcome(f) if f is not None else Text("") for f in forms.values()]
        table.add_row(claim.label, claim.title, *cells, _reason(forms))
    out.print(table)
    counts = Counter(f.outcome.value for forms in found.values() for f in forms.values() if f)
    shown = ", ".join(f"{n} {word}" for word, n in counts.most_common())
    out.print(f"{spec}: {len(found)} claims; forms: {shown}")
    out.print(f"Not applicable (hessrank claims ID SPEC says why): {', '.join(quiet)}")


def print_kernel(kernel: Kernel) -> None:
    """The kernels of J and H: each vector with its name."""
    out = console()
    for matrix, sign in (("jacobian", "J"), ("hessian", "H")):
        out.print()
        left = kernel.unexplained[matrix]
        rows = [row for row in kernel.rows if row.matrix == matrix]
        if left is None:
            out.print(f"ker {sign} is not known exactly: {kernel.why[matrix]}")
            continue
        out.print(Text(f"ker {sign}: dimension {len(rows)}, {left} unexplained", style="bold"))
        table = Table.grid(padding=(0, 2, 0, 2))
        for row in rows:
            table.add_row(f"({', '.join(row.short)})", row.name, row.where)
        out.print(table)
        if left:
            out.print("Unexplained directions are a discovery: no known cause gives them.")


def _outcome(finding: Finding) -> Text:
    shown = finding.outcome.value
    return Text({"not-applicable": "n/a"}.get(shown, shown), style=STYLES[shown])


def _reason(forms: Forms) -> str:
    """The reason of the form that tells most."""
    order = ("fails", "holds", "undecided", "not-applicable")
    found = [f for f in forms.values() if f is not None]
    return min(found, key=lambda f: order.index(f.outcome.value)).reason if found else ""
