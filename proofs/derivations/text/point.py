"""The text of a derivation at its point: the matrices with their ranks, and one matrix alone.

In: `Parts`. Out: blocks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import flint

from hessrank.proofs.derivations.derived import Derived, Rows, enclosed, matrices
from hessrank.proofs.derivations.meanings import of_matrices
from hessrank.proofs.derivations.parts import NAMES, SYMMETRIC, Parts
from hessrank.proofs.derivations.text import instance
from hessrank.proofs.derivations.text.layout import (
    LINE,
    LONGEST_ENTRY,
    TALL,
    compact,
    decimals,
    definitions,
    matrix,
)
from hessrank.proofs.derivations.text.numbering import reference
from hessrank.proofs.derivations.text.softmax import block_by_block
from hessrank.proofs.derivations.text.theorems import explained
from hessrank.proofs.derivations.worked import NOWHERE, Meaning, Worked, worked
from hessrank.proofs.minima.verdict import verdict
from hessrank.proofs.pages.blocks import Block, Formula, Heading, Items, Text
from hessrank.proofs.pages.breadth import breadth
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.budget import OverBudget, over
from hessrank.symbolic.errors import DomainError, UndecidedError
from hessrank.symbolic.expressions.expression import Expr, free_symbols
from hessrank.symbolic.expressions.printing import (
    latex_all,
    latex_grid,
    product_latex,
    symbol_latex,
)
from hessrank.symbolic.expressions.tidy import Definitions, sizes
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.rank_result import RankResult

#: At a point, matrices of at most this many entries are listed exactly where they do not fit.
SMALL = 16
RANKED = {
    "jacobian": "J",
    "gauss_newton": "GN",
    "residual": "R",
    "hessian": "H",
}


def one_matrix(parts: Parts, names: Mapping[str, str]) -> list[Block]:
    """The matrix that is asked for: at the point, where there is one, else in θ."""
    key, limit = parts.only, parts.limit
    symmetric = key in SYMMETRIC
    left, derived = NAMES[key], parts.everywhere if parts.here is None else parts.point
    if derived is None:
        why = "there was no time for it" if parts.cut else "its closed form is too long"
        return [Text(f"${left}$ is left out: {why}.")]
    if parts.here is not None:
        exact = key in derived.matrices
        short = _exactly(left, derived.matrices[key], limit, symmetric) if exact else None
        if short is None:
            return decimals(left, _floats(parts, key), limit, symmetric)
        names = {}
    used = _used(derived, [key], limit)
    where = [Text("where"), *definitions(used, names, 4 * limit)] if used else []
    shown = [*matrix(left, derived.matrices[key], names, limit, symmetric), *where]
    return worked(shown, of_matrices(parts, derived, names))


def at_point(parts: Parts, here: Landscape, names: Mapping[str, str]) -> list[Block]:
    """The matrices with their ranks, as far as the budget of the context goes."""
    if parts.point is not None:
        with suppress(OverBudget):
            return _at_point(parts, here, parts.point, names)
    return _left_out(parts, here)


def _at_point(
    parts: Parts, here: Landscape, point: Derived, names: Mapping[str, str]
) -> list[Block]:
    meaning = of_matrices(parts, point, names)
    values = definitions(here.values, names, 4 * parts.limit)
    examples = instance.examples(parts, names)
    keys = [k for k in NAMES if k != "P" or parts.problem.regulariser is not None]
    exact = {key: _shown(parts, meaning, key) for key in keys if key in point.matrices}
    blockwise = block_by_block(parts, meaning)
    if blockwise:
        exact["A"] = blockwise
    kept = [k for k, v in exact.items() if v is not None and not (k == "A" and blockwise)]
    said = free_symbols(*_symbols([*examples, *(blockwise or ())]))
    used = _used(point, kept, parts.limit, said)
    if len(used) > 4 * parts.limit:
        exact = {k: v for k, v in exact.items() if not _used(point, [k], parts.limit)}
        examples, used = [], ()
    blocks: list[Block] = [Heading("At the point"), *worked(values, meaning)]
    if used:
        blocks.append(Text("With the names"))
        blocks += worked(definitions(used, {}, 4 * parts.limit), meaning)
    blocks += examples
    if len(parts.problem.data) > 1 and examples:
        blocks.append(Heading("All examples", 3))
    found: list[Block] = []
    for key in keys:
        short = exact.get(key)
        if short is None:
            rounded = decimals(NAMES[key], _floats(parts, key), parts.limit, key in SYMMETRIC)
            short = labelled(rounded, key)
        found += short
    blocks += found
    if any(exact.get(key) is None for key in keys):
        blocks.append(Text("What stands after ≈ is rounded: the exact entries are long."))
    return blocks + _ranks(here)


def _left_out(parts: Parts, here: Landscape) -> list[Block]:
    """What is said of a point whose matrices are too many to show."""
    M, N = here.problem.M, here.problem.N
    why = "there was no time for them" if parts.cut or over() else "they are too large to print"
    return [
        Heading("At the point"),
        Text(
            f"$J$ is {M}×{N} and $H$ is {N}×{N}. Their entries are left out: {why}. Their ranks "
            "are decided without writing them out: hessrank rank SPEC."
        ),
    ]


def _symbols(blocks: Sequence[Block]) -> list[Expr]:
    """The names of ours that the worked examples print."""
    texts = "".join(b.latex for b in blocks if isinstance(b, Worked))
    known = {k: v for b in blocks if isinstance(b, Worked) for k, v in b.meaning.labels.items()}
    own = [v for v in known.values() if isinstance(v, Expr) and v.op == "symbol"]
    return [v for v in own if symbol_latex(v.name) in texts]


def _ranks(here: Landscape) -> list[Block]:
    """Ranks, facts and the verdict, with references to the matrices."""
    found = verdict(here)
    ranks = [
        f"rank ${NAMES[RANKED[n]]}${reference(RANKED[n])} {_rank_text(r)}"
        for n, r in found.ranks.items()
    ]
    facts = [f"{name}: {_TRUTHS[f.truth]} ({f.reason})" for name, f in found.facts.items()]
    answer = f"Does rank $H$ = rank $J$ hold? {_ANSWERS[found.rank_equality.truth]}"
    return [
        Text("The ranks:"),
        Items(tuple(ranks)),
        Text("What holds at the point:"),
        Items(tuple(facts)),
        Text(f"{answer} {found.explanation}"),
        *explained([*ranks, *facts, found.explanation]),
    ]


def labelled(blocks: Sequence[Block], label: str) -> list[Block]:
    """The first display with a label for its number."""
    for i, block in enumerate(blocks):
        if isinstance(block, Formula):
            return [*blocks[:i], replace(block, number=label), *blocks[i + 1 :]]
    return list(blocks)


def _shown(parts: Parts, meaning: Meaning, key: str) -> list[Block] | None:
    """A matrix as it is printed: of the terms of H also the product and the sum with numbers put
    in, where that fits in a line."""
    point, limit = parts.point, parts.limit
    assert point is not None
    of = point.matrices
    short = _exactly(NAMES[key], of[key], limit, key in SYMMETRIC)
    if short is None or len(short) != 1 or not isinstance(short[0], Formula):
        return None if short is None else labelled(worked(short, meaning), key)
    formula = short[0]
    chain = "aligned" not in formula.latex and formula.latex.startswith(f"{NAMES[key]} = ")
    value = formula.latex.removeprefix(f"{NAMES[key]} = ")
    put = _put_in(parts, key) if chain else None
    if put is None or max(len(of[key]), *map(len, of[key])) > TALL:
        return labelled(worked(short, meaning), key)
    symbols, numbers = put
    sides = [NAMES[key], symbols, numbers, value]
    sides = [side for i, side in enumerate(sides) if side not in sides[:i]]
    place = 1 if symbols != NAMES[key] else 0
    place = place if len(sides) == place + 3 else NOWHERE
    return [Worked(" = ".join(sides), False, key, meaning, place)]


def _put_in(parts: Parts, key: str) -> tuple[str, str] | None:
    """What JᵀAJ, Σ r_m∇²F_m and H are in symbols and with the matrices in their places."""
    assert parts.point is not None
    of = parts.point.matrices
    if key == "GN":
        places = [("J", True), ("A", False), ("J", False)]
        texts = [_factor(of.get(k), transposed, True) for k, transposed in places]
        if any(t is None for t in texts) or sum(breadth(t or "") for t in texts) > LINE:
            return None
        return NAMES["GN"], product_latex([t or "" for t in texts])
    if key == "H":
        terms = ["GN", "R", *(["P"] if parts.problem.regulariser is not None else [])]
        texts = [_factor(of.get(k), False, False) for k in terms]
        if any(t is None for t in texts) or sum(breadth(t or "") for t in texts) > LINE:
            return None
        return " + ".join(NAMES[k] for k in terms), " + ".join(t or "" for t in texts)
    return None


def _factor(rows: Rows | None, transposed: bool, product: bool) -> str | None:
    """A matrix in a product or a sum; None where it is large."""
    if rows is None or not rows or not rows[0] or max(len(rows), len(rows[0])) > 2 * TALL:
        return None
    if max(sizes([e for row in rows for e in row])) > LONGEST_ENTRY // 10:
        return None
    turned = list(zip(*rows, strict=True)) if transposed else rows
    cells = [latex_all(row) for row in turned]
    if len(cells) == len(cells[0]) == 1:
        text = cells[0][0]
        plain = not product and re.search(r"[-+]", text) is None
        return text if plain else rf"\left({text}\right)"
    return latex_grid(cells)


def _exactly(left: str, rows: Rows, limit: int, symmetric: bool) -> list[Block] | None:
    """The matrix in one piece, or where it is small entry by entry; None where it is too long."""
    small = len(rows) * len(rows[0] if rows else ()) <= SMALL
    brief = small and max(sizes([e for row in rows for e in row]), default=0) <= LONGEST_ENTRY
    show = matrix if brief else compact
    return show(left, rows, {}, limit, symmetric)


def _used(
    point: Derived, keys: Sequence[str], limit: int, said: Collection[str] = ()
) -> Definitions:
    """The definitions that the printed part of these matrices needs, directly or not, and those
    that are `said`."""
    shown = [e for key in keys for row in point.matrices[key][:limit] for e in row[:limit]]
    needed = {*free_symbols(*shown), *said}
    for name, value in reversed(point.definitions):
        if name in needed:
            needed |= free_symbols(value)
    return tuple(d for d in point.definitions if d[0] in needed)


def _floats(parts: Parts, key: str) -> list[list[float]]:
    """A matrix to more digits than are printed: from its closed forms, else as it is enclosed."""
    assert parts.here is not None and parts.point is not None
    rows = parts.point.matrices.get(key, ())
    with flint.ctx.workprec(128), suppress(DomainError, UndecidedError, ZeroDivisionError):
        found = enclosed(parts.point, rows)
        flat = [v for row in found for v in row]
        if flat and all(v.rel_accuracy_bits() > 40 or v == 0 for v in flat):
            return [[float(v.mid()) for v in row] for row in found]
    rounded: list[list[float]] = matrices(parts.here)[key].to_numpy().tolist()
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
