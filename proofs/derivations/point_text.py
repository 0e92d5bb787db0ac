"""The text of a derivation at its point: the matrices with their ranks, and one matrix alone.

In: `Parts`. Out: blocks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hessrank.proofs.derivations.derived import Derived, Rows, matrices
from hessrank.proofs.derivations.layout import LONGEST_ENTRY, compact, decimals, definitions, matrix
from hessrank.proofs.derivations.parts import NAMES, Parts
from hessrank.proofs.minima.verdict import verdict
from hessrank.proofs.pages.blocks import Block, Heading, Items, Text
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.expressions.expression import free_symbols
from hessrank.symbolic.expressions.tidy import Definitions, sizes
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.rank_result import RankResult

#: At a point, matrices of at most this many entries are listed exactly where they do not fit.
SMALL = 16
#: The labels of theorems that reasons and verdicts name.
THEOREMS = {
    "T4": r"where $r = 0$ and $A \succeq 0$, $\ker H = J^{-1}(\ker A)$, so that rank $H$ = "
    r"rank $J$ − dim(im $J$ ∩ ker $A$)",
    "T5": "where $p$ parameters stand before a layer that takes $C$ different values on the data, "
    "rank $J$ ≤ $p + K C$",
    "T6": "where the activations that enter a weight matrix do not span all directions, it can be "
    "changed without changing an output",
    "T8": "a hidden unit with a homogeneous activation can be rescaled without changing an output",
}
RANKED = {
    "jacobian": "J",
    "gauss_newton": "GN",
    "residual": "R",
    "hessian": "H",
}


def one_matrix(parts: Parts, names: Mapping[str, str]) -> list[Block]:
    """The matrix that is asked for: at the point, where there is one, else in θ."""
    key, limit = parts.only, parts.limit
    left, derived = NAMES[key], parts.everywhere if parts.here is None else parts.point
    if derived is None:
        return [Text(f"${left}$ is left out: its closed form is too long.")]
    if parts.here is not None:
        short = _exactly(left, derived.matrices[key], limit) if key in derived.matrices else None
        if short is None:
            return decimals(left, _floats(parts.here, key), limit)
        names = {}
    used = _used(derived, [key], limit)
    where = [Text("where"), *definitions(used, names, 4 * limit)] if used else []
    return [*matrix(left, derived.matrices[key], names, limit), *where]


def at_point(parts: Parts, here: Landscape, names: Mapping[str, str]) -> list[Block]:
    point = parts.point
    assert point is not None
    blocks: list[Block] = [Heading("At the point")]
    blocks += definitions(here.values, names, 4 * parts.limit)
    keys = [k for k in NAMES if k != "P" or parts.problem.regulariser is not None]
    exact = {
        key: _exactly(NAMES[key], point.matrices[key], parts.limit)
        for key in keys
        if key in point.matrices
    }
    used = _used(point, [key for key, short in exact.items() if short is not None], parts.limit)
    if len(used) > 2 * parts.limit:
        exact = {k: v for k, v in exact.items() if not _used(point, [k], parts.limit)}
        used = ()
    if used:
        blocks.append(Text("With the names"))
        blocks += definitions(used, {}, 2 * parts.limit)
    for key in keys:
        short = exact.get(key)
        blocks += short or decimals(NAMES[key], _floats(here, key), parts.limit)
    if any(exact.get(key) is None for key in keys):
        blocks.append(Text("Matrices after ≈ are rounded: their exact entries are long."))
    found = verdict(here)
    ranks = [f"rank ${NAMES[RANKED[n]]}$ {_rank_text(r)}" for n, r in found.ranks.items()]
    facts = [f"{name}: {_TRUTHS[f.truth]} ({f.reason})" for name, f in found.facts.items()]
    blocks += [
        Text("The ranks:"),
        Items(tuple(ranks)),
        Text("What holds at the point:"),
        Items(tuple(facts)),
        Text(f"Does rank $H$ = rank $J$ hold? {_ANSWERS[found.rank_equality.truth]}"),
        Text(found.explanation),
    ]
    said = " ".join([*ranks, *facts, found.explanation])
    labels = [t for t in THEOREMS if re.search(rf"\b{t}\b", said)]
    return blocks + [Text(f"{THEOREMS[t]}.", lead=f"{t}:") for t in labels]


def _exactly(left: str, rows: Rows, limit: int) -> list[Block] | None:
    """The matrix in one piece, or where it is small entry by entry; None where it is too long."""
    small = len(rows) * len(rows[0] if rows else ()) <= SMALL
    brief = small and max(sizes([e for row in rows for e in row]), default=0) <= LONGEST_ENTRY
    return matrix(left, rows, {}, limit) if brief else compact(left, rows, {}, limit)


def _used(point: Derived, keys: Sequence[str], limit: int) -> Definitions:
    """The definitions that the printed part of these matrices needs, directly or not."""
    shown = [e for key in keys for row in point.matrices[key][:limit] for e in row[:limit]]
    needed = set(free_symbols(*shown))
    for name, value in reversed(point.definitions):
        if name in needed:
            needed |= free_symbols(value)
    return tuple(d for d in point.definitions if d[0] in needed)


def _floats(here: Landscape, key: str) -> list[list[float]]:
    rounded: list[list[float]] = matrices(here)[key].to_numpy().tolist()
    return rounded


_TRUTHS = {Truth.TRUE: "yes", Truth.FALSE: "no", Truth.UNDECIDED: "undecided"}
_ANSWERS = {Truth.TRUE: "Yes.", Truth.FALSE: "No.", Truth.UNDECIDED: "Undecided."}


def _rank_text(r: RankResult) -> str:
    if r.decided:
        return f"= {r.lower} ({r.status}): at least, since {r.lower_reason}; at most, since " + (
            r.upper_reason
        )
    return (
        f"between {r.lower} and {r.upper} ({r.status}): at least, since {r.lower_reason}; at most, "
        f"since {r.upper_reason}"
    )
