"""The critical points of a landscape as tables for a terminal.

In: `CriticalPoints`. Out: lines on standard output: a row for each component, then its points.
"""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.table import Table

from hessrank.proofs.critical_points.findings import CriticalPoints
from hessrank.reports.problems import console

LEGEND = (
    "A component is the set of critical points that satisfy its equations and not its inequation "
    "(--json shows both); its dimension is that over the complex numbers. Points, values and kinds "
    "are certified; where a component is infinite they are some of its points."
)


def print_critical(title: str, found: CriticalPoints) -> None:
    """Print what was found."""
    out = console()
    out.print(f"{title}: critical points")
    table = Table(box=SIMPLE_HEAD)
    for name in ("dimension", "rank J", "rank H"):
        table.add_column(name, justify="right")
    table.add_column("L")
    table.add_column("kinds")
    for c in found.components:
        kinds = ", ".join(c.kinds) or c.why
        values = ", ".join(v[:10] for v in c.critical_values)
        table.add_row(str(c.dimension), str(c.rank_jacobian), str(c.rank_hessian), values, kinds)
    out.print(table)
    for c in found.components:
        for kind in ("strict local minimum", "local minimum"):
            some = next((p for p in c.real_points or () if p.kind == kind), None)
            if some is not None:
                at = ", ".join(f"{name} = {value[:12]}" for name, value in some.coordinates)
                out.print(
                    f"{kind}, rank J = {c.rank_jacobian}, rank H = {c.rank_hessian},"
                    f" L = {some.value[:12]}: {at}. {some.reason}."
                )
    holds, reason = found.claim_26
    answer = {True: "yes", False: "no", None: "undecided"}[holds]
    out.print(f"Complete: {'yes' if found.complete else 'not shown'}: {found.why}.")
    out.print(f"rank H = rank J at every local minimum: {answer}: {reason}.")
    out.print(LEGEND)
