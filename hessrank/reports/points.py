"""Exact points near a point as pages.

In: a `Nearby`, or the runs of a fit. Out: blocks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hessrank.proofs.existence.nearby import Nearby
from hessrank.proofs.existence.training import Fit
from hessrank.proofs.pages.blocks import Block, Cell, Heading, Items, Table, Text, literal, pairs
from hessrank.reports.problems import POINTS, title_of
from hessrank.symbolic.ranks.rank_result import RankResult


def of_nearby(name: str, title: str, found: Nearby) -> list[Block]:
    """What is certified near the point, or what was tried."""
    head = Heading(title_of(name, title))
    tried: list[Block] = []
    if found.tried:
        tried = [Text("Tried without success:"), Items(tuple(map(literal, found.tried)))]
    if not found.exists or found.rank_jacobian is None or found.rank_hessian is None:
        none = "No exact point was certified near θ."
        why = tried or [Text(literal(f"{found.why}."))]
        return [head, Text(none), *why]
    what = {"fit": "fit (r = 0)", "critical": "critical point (∇L = 0)"}[str(found.kind)]
    if found.exactly is None:
        where = (
            f"There is an exact {what} within {found.distance} of θ, in each coordinate; the box "
            f"that holds it has radius {found.radius}. There:"
        )
    else:
        where = f"There is an exact {what} at distance {found.distance} from θ. There:"
    facts: list[tuple[Cell, Cell, Cell]] = []
    for letter, rank in (("J", found.rank_jacobian), ("H", found.rank_hessian)):
        facts.append((f"rank {letter}", f"≥ {rank.lower}", literal(rank.lower_reason)))
        facts.append((f"rank {letter}", f"≤ {rank.upper}", literal(rank.upper_reason)))
    equal = found.rank_equality
    facts.append(("rank H = rank J", equal.truth.mark, literal(equal.reason)))
    facts.append(("kind of point", "", found.point))
    if found.fibre_dimension is not None:
        facts.append(("dim of the fibre", str(found.fibre_dimension), ""))
    if found.learning is not None:
        low, high = found.learning
        facts.append(("λ", "", str(low) if low == high else f"between {low} and {high}"))
    said = f"{found.why}.".replace("..", ".")
    return [head, Text(literal(where)), pairs(facts), Text(literal(said)), *tried]


def of_runs(name: str, title: str, runs: Sequence[Fit]) -> list[Block]:
    """One row a run, and how many runs reached what."""
    rows = [
        (
            str(run.seed),
            f"{run.loss:.3g}",
            f"{run.gradient_norm:.1e}",
            run.nearby.kind or "nothing",
            run.nearby.distance or "",
            bounds(run.nearby.rank_jacobian),
            bounds(run.nearby.rank_hessian),
            run.nearby.rank_equality.truth.mark if run.nearby.exists else "",
            POINTS.get(run.nearby.point, "?") if run.nearby.exists else "",
        )
        for run in runs
    ]
    columns = (
        *("seed", "L", "‖∇L‖", "certified", "distance", "rank J", "rank H", "H=J?"),
        "point",
    )
    reached = Counter(_reached(run) for run in runs).most_common()
    lines = [literal(f"{count} of {len(runs)}: {what}") for what, count in reached]
    return [
        Heading(title_of(name, title)),
        Table(columns, tuple(rows), "rrrlrrrll"),
        Text("\n".join(lines)),
    ]


def _reached(run: Fit) -> str:
    near = run.nearby
    if not near.exists:
        return f"not certified ({near.why.split('; ')[0]})"
    J, H = bounds(near.rank_jacobian), bounds(near.rank_hessian)
    return f"{near.kind}, {near.point}, rank J {J}, rank H {H}"


def bounds(rank: RankResult | None) -> str:
    return "" if rank is None else rank.shown
