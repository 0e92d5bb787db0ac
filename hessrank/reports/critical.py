"""The critical points of a landscape as a page: a row for each component, then its points.

In: `CriticalPoints`. Out: blocks.
"""

from __future__ import annotations

from hessrank.proofs.critical_points.findings import CriticalPoints
from hessrank.proofs.pages.blocks import Block, Heading, Table, Text, literal
from hessrank.proofs.reasoning.truth import Truth

LEGEND = (
    "A component is the set of critical points that satisfy its equations and not its inequation "
    "(--json shows both); its dimension is that over the complex numbers. Points, values and kinds "
    "are certified; where a component is infinite they are some of its points."
)


def of_critical(title: str, found: CriticalPoints) -> list[Block]:
    """What was found."""
    rows = [
        (
            str(c.dimension),
            str(c.rank_jacobian),
            str(c.rank_hessian),
            ", ".join(v[:10] for v in c.critical_values),
            ", ".join(c.kinds) or literal(c.why),
        )
        for c in found.components
    ]
    shown: list[Block] = [
        Heading(literal(f"{title}: critical points")),
        Table(("dimension", "rank J", "rank H", "L", "kinds"), tuple(rows), "rrrpp"),
    ]
    for c in found.components:
        for kind in ("strict local minimum", "local minimum"):
            some = next((p for p in c.real_points or () if p.kind == kind), None)
            if some is not None:
                at = ", ".join(f"{name} = {value[:12]}" for name, value in some.coordinates)
                text = (
                    f"{kind}, rank J = {c.rank_jacobian}, rank H = {c.rank_hessian},"
                    f" L = {some.value[:12]}: {at}. {some.reason}."
                )
                shown.append(Text(literal(text)))
    holds, reason = found.claim_26
    complete = "yes" if found.complete else "not shown"
    return [
        *shown,
        Text(
            literal(
                f"Complete: {complete}: {found.why}.\n"
                f"rank H = rank J at every local minimum: {Truth.of(holds).mark}: {reason}."
            )
        ),
        *_external(found),
        Text(LEGEND),
    ]


def _external(found: CriticalPoints) -> list[Block]:
    said = found.external
    return [] if said is None else [Text(literal(f"{said.program}: {said.why}."))]
