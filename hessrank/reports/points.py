"""Exact points near a point, for a terminal.

In: a `Nearby`, or the runs of a fit. Out: lines on standard output.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from hessrank.proofs.existence.nearby import Nearby
from hessrank.proofs.existence.training import Fit
from hessrank.reports.problems import ANSWERS, POINTS, console
from hessrank.symbolic.ranks.rank_result import RankResult


def print_nearby(name: str, title: str, found: Nearby) -> None:
    """What is certain near the point, or what was tried."""
    out = console()
    out.print(Text(f"{name}: {title}".rstrip(": "), style="bold"))
    if not found.exists or found.rank_jacobian is None or found.rank_hessian is None:
        out.print("No exact point was certified near θ.")
        if found.tried:
            _print_tried(found.tried)
        else:
            out.print(f"{found.why}.")
        return
    what = {"fit": "fit (r = 0)", "critical": "critical point (∇L = 0)"}[str(found.kind)]
    if found.exactly is None:
        out.print(
            f"There is an exact {what} within {found.distance} of θ, in each coordinate; the box "
            f"that holds it has radius {found.radius}. There:"
        )
    else:
        out.print(f"There is an exact {what} at distance {found.distance} from θ. There:")
    out.print()
    table = Table.grid(padding=(0, 2, 0, 0))
    for letter, rank in (("J", found.rank_jacobian), ("H", found.rank_hessian)):
        table.add_row(f"rank {letter} ≥ {rank.lower}", rank.lower_reason)
        table.add_row(f"rank {letter} ≤ {rank.upper}", rank.upper_reason)
    equal = Text.assemble(ANSWERS[found.rank_equality.truth.to_json()])
    table.add_row("rank H = rank J", Text.assemble(equal, f": {found.rank_equality.reason}"))
    table.add_row("kind of point", found.point)
    if found.fibre_dimension is not None:
        table.add_row("dim of the fibre", str(found.fibre_dimension))
    if found.learning is not None:
        low, high = found.learning
        table.add_row("λ", str(low) if low == high else f"between {low} and {high}")
    out.print(table)
    out.print()
    out.print(f"{found.why}.".replace("..", "."))
    if found.tried:
        out.print()
        _print_tried(found.tried)


def print_runs(name: str, title: str, runs: Sequence[Fit]) -> None:
    """One row a run, and how many runs reached what."""
    out = console()
    out.print(Text(f"{name}: {title}".rstrip(": "), style="bold"))
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for column in ("seed", "L", "‖∇L‖", "certified", "distance", "rank J", "rank H", "H=J?"):
        table.add_column(column, justify="left" if column == "certified" else "right")
    table.add_column("point")
    for run in runs:
        near = run.nearby
        equal = ANSWERS[near.rank_equality.truth.to_json()] if near.exists else Text("")
        table.add_row(
            str(run.seed),
            f"{run.loss:.3g}",
            f"{run.gradient_norm:.1e}",
            near.kind or "nothing",
            near.distance or "",
            bounds(near.rank_jacobian),
            bounds(near.rank_hessian),
            equal,
            POINTS.get(near.point, "?") if near.exists else "",
        )
    out.print(table)
    out.print()
    for words, count in Counter(_reached(run) for run in runs).most_common():
        out.print(f"{count} of {len(runs)}: {words}")


def _reached(run: Fit) -> str:
    near = run.nearby
    if not near.exists:
        return f"not certified ({near.why.split('; ')[0]})"
    J, H = bounds(near.rank_jacobian), bounds(near.rank_hessian)
    return f"{near.kind}, {near.point}, rank J {J}, rank H {H}"


def bounds(rank: RankResult | None) -> str:
    if rank is None:
        return ""
    return str(rank.lower) if rank.decided else f"{rank.lower}..{rank.upper}"


def _print_tried(tried: tuple[str, ...]) -> None:
    out = console()
    out.print("Tried without success:")
    table = Table.grid(padding=(0, 1, 0, 0))
    for line in tried:
        table.add_row("–", line)
    out.print(table)
