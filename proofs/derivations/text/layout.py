r"""Mathematics that fits on a page.

In: closed forms and matrices of them. Out: `Block`s. A formula that is somewhat too wide is marked
to be scaled; of a matrix that is wider than that, the nonzero entries are listed one by one, or it
is split into groups of columns. What is left out is said in a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from hessrank.proofs.derivations.parts import second
from hessrank.proofs.pages.blocks import Block, Formula, Text
from hessrank.proofs.pages.breadth import BETWEEN, breadth
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.expressions.printing import latex_grid, latex_terms, symbol_latex
from hessrank.symbolic.expressions.tidy import Definitions, sizes

T = TypeVar("T")

#: The width of a line, in average letters; and how wide a formula may be to be scaled to a line.
LINE, SCALED = 78, 126
#: A symmetric matrix of more rows shows one side of its diagonal.
WHOLE = 3
#: A column of more entries lies on the page.
TALL = 3
#: An entry that is written out has at most this many leaves and operations, ...
LONGEST_ENTRY = 400
#: ... and at most so many entries are listed one by one.
LISTED = 40


def equation(left: str, pieces: Sequence[str]) -> Formula:
    """left = the sum of `pieces`, over several lines where one is too short."""
    lines, width = [""], breadth(left) + 3
    for piece in pieces:
        if lines[-1] and width + breadth(piece) > LINE:
            lines.append("")
            width = 6
        lines[-1] += piece
        width += breadth(piece)
    wide = max(breadth(line) for line in lines) > LINE
    if len(lines) == 1:
        return Formula(f"{left} = {lines[0]}", wide)
    body = r" \\ &\quad ".join(line.strip() for line in lines)
    return Formula(rf"\begin{{aligned}} {left} &= {body} \end{{aligned}}", wide)


def definitions(known: Definitions, names: Mapping[str, str], limit: int) -> list[Block]:
    """The names that a derivation gave, one to a line, in short lines side by side."""
    written = latex_terms([e for _, e in known], names)
    lefts = [names.get(name) or symbol_latex(name) for name, _ in known]
    blocks = side_by_side(list(zip(lefts, written, strict=True))[:limit])
    if len(known) > limit:
        blocks.append(Text(f"(and {len(known) - limit} more names, left out here)"))
    return blocks


def side_by_side(equations: Sequence[tuple[str, Sequence[str]]]) -> list[Block]:
    """left = the sum of the pieces, for each; several in a line where they are short."""
    blocks: list[Block] = []
    row: list[str] = []
    for left, pieces in equations:
        line = f"{left} = {''.join(pieces)}"
        if row and sum(breadth(w) + 4 for w in row) + breadth(line) > LINE:
            blocks.append(Formula(r",\qquad ".join(row)))
            row = []
        if breadth(line) > LINE:
            blocks.append(equation(left, pieces))
        else:
            row.append(line)
    return blocks + ([Formula(r",\qquad ".join(row))] if row else [])


def vector(left: str, entries: Sequence[str]) -> Formula:
    """left = a column of many entries, lying, over several lines where one is too short."""
    if len(entries) == 1:
        return Formula(f"{left} = {entries[0]}")
    cells = [f"{e},\\; " for e in entries[:-1]] + [rf"{e})^{{\top}}" for e in entries[-1:]]
    return equation(left, [f"({cells[0]}", *cells[1:]] if cells else [r"(\,)"])


def derivatives(
    of: str, rows: Sequence[Sequence[Expr]], by: Sequence[str], names: Mapping[str, str]
) -> list[Block] | None:
    """The nonzero entries of ∂f/∂θ (one row) or ∇²f (on and above the diagonal), each by the
    parameters that it is the derivative in; None where they are many or long."""
    if len(rows) == 1:
        places = [(0, j) for j in range(len(by))]
        heads = {(0, j): rf"\frac{{\partial {of}}}{{\partial {b}}}" for j, b in enumerate(by)}
    else:
        places = [(i, j) for i in range(len(by)) for j in range(i, len(by))]
        heads = {(i, j): second(of, by[i], by[j]) for i, j in places}
    kept = [(i, j) for i, j in places if not (rows[i][j].is_number and not rows[i][j].value)]
    shown = [rows[i][j] for i, j in kept]
    if not kept or len(kept) > LISTED or max(sizes(shown)) > LONGEST_ENTRY:
        return None
    symmetric = " on and above the diagonal (the matrix is symmetric)" if len(rows) > 1 else ""
    what = rf"\nabla^2 {of}" if len(rows) > 1 else rf"\frac{{\partial {of}}}{{\partial \theta}}"
    written = latex_terms(shown, names)
    equations = [(heads[k], pieces) for k, pieces in zip(kept, written, strict=True)]
    return [Text(f"The nonzero entries of ${what}${symmetric}:"), *side_by_side(equations)]


def _lying(left: str, rows: Sequence[Sequence[T]]) -> tuple[str, Sequence[Sequence[T]]]:
    """A column of more than TALL entries as the row that it is, transposed."""
    if len(rows) <= TALL or len(rows[0]) != 1:
        return left, rows
    plain = re.fullmatch(r"[A-Za-z]", left) is not None
    return (left if plain else rf"({left})") + r"^{\top}", [[row[0] for row in rows]]


def matrix(
    left: str,
    rows: Sequence[Sequence[Expr]],
    names: Mapping[str, str],
    limit: int,
    symmetric: bool = False,
) -> list[Block]:
    """left = the matrix, its first `limit` rows and columns at most, in whatever way it fits;
    symmetric: known to be so, so that one side of the diagonal is enough."""
    whole = compact(left, rows, names, limit, symmetric)
    if whole is not None:
        return whole
    left, rows = _lying(left, rows)
    shown = [list(row[:limit]) for row in rows[:limit]]
    longest = max(sizes([e for row in shown for e in row]))
    if longest > LONGEST_ENTRY:
        size = f" ({len(rows)}×{len(rows[0])})" if len(rows) > 1 or len(rows[0]) > 1 else ""
        return [
            Text(f"${left}${size} is left out: written out it has entries of {longest} symbols.")
        ]
    pieces = latex_terms([e for row in shown for e in row], names)
    cells, widths = _cells(pieces, len(shown[0]))
    blocks = _leading(left, rows, limit)
    if not symmetric and max(widths) <= SCALED and len(cells) > 1:
        return blocks + _in_groups(left, cells, widths)
    return blocks + _listed(left, cells, pieces, symmetric)


def compact(
    left: str,
    rows: Sequence[Sequence[Expr]],
    names: Mapping[str, str],
    limit: int,
    symmetric: bool = False,
) -> list[Block] | None:
    """left = the matrix in one piece, or None where it would be too wide."""
    m, n = len(rows), len(rows[0]) if rows else 0
    if not m or not n:
        return [Text(f"${left}$ is empty ({m}×{n}).")]
    if all(e.is_number and not e.value for row in rows for e in row):
        size = "" if m == n == 1 else rf"_{{{m}\times {n}}}"
        return [Formula(f"{left} = 0{size}")]
    left, rows = _lying(left, rows)
    m, n = len(rows), len(rows[0])
    flat = [e for row in rows[:limit] for e in row[:limit]]
    lengths = sizes(flat)
    if max(lengths) > LONGEST_ENTRY or (n > 1 and _at_least(lengths, min(n, limit)) > SCALED):
        return None
    pieces = latex_terms(flat, names)
    if m == n == 1:
        return [equation(left, pieces[0])]
    if symmetric and is_diagonal(rows) and n <= limit:
        entries = ["".join(pieces[i * n + i]) for i in range(n)]
        if breadth(left) + sum(breadth(e) + 1 for e in entries) <= LINE:
            return [Formula(rf"{left} = \operatorname{{diag}}({', '.join(entries)})")]
    cells, widths = _cells(pieces, min(n, limit), symmetric)
    if breadth(left) + sum(widths) > SCALED:
        return None
    return _leading(left, rows, limit) + _in_groups(left, cells, widths, symmetric)


def _at_least(lengths: Sequence[int], columns: int) -> float:
    """A third of the symbols of each column's longest entry: its width is more than that."""
    return sum(max(lengths[j::columns]) for j in range(columns)) / 3


def is_diagonal(rows: Sequence[Sequence[Expr]]) -> bool:
    """Whether a square matrix of two rows or more is seen to be zero off the diagonal."""
    off = [e for i, row in enumerate(rows) for j, e in enumerate(row) if i != j]
    return bool(off) and all(e.is_number and not e.value for e in off)


def decimals(
    left: str, entries: Sequence[Sequence[float]], limit: int, symmetric: bool = False
) -> list[Block]:
    """left ≈ the matrix, rounded to four digits."""
    left, entries = _lying(left, entries)
    texts = [[_decimal(v)] for row in entries[:limit] for v in row[:limit]]
    cells, widths = _cells(texts, min(len(entries[0]), limit), symmetric)
    leading = _leading(left, entries, limit)
    return leading + _in_groups(left, cells, widths, symmetric, r"\approx")


def _decimal(v: float) -> str:
    mantissa, _, exponent = f"{v:.4g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def _leading(left: str, rows: Sequence[Sequence[object]], limit: int) -> list[Block]:
    m, n = len(rows), len(rows[0])
    kept = [f"{min(k, limit)} {what}" for k, what in ((m, "rows"), (n, "columns")) if k > limit]
    if not kept:
        return []
    return [Text(f"${left}$ is {m}×{n}: its first {' and '.join(kept)} are shown.")]


def _cells(
    pieces: Sequence[Sequence[str]], columns: int, symmetric: bool = False
) -> tuple[list[list[str]], list[float]]:
    """The entries row by row, and the widths of the columns. A symmetric matrix of more than WHOLE
    rows shows those on and above the diagonal."""
    entries = ["".join(p) for p in pieces]
    cells = [entries[i : i + columns] for i in range(0, len(entries), columns)]
    if symmetric and len(cells) > WHOLE:
        cells = [[e if j >= i else "" for j, e in enumerate(row)] for i, row in enumerate(cells)]
    return cells, [max(breadth(row[j]) for row in cells) + BETWEEN for j in range(columns)]


def _in_groups(
    left: str,
    cells: Sequence[Sequence[str]],
    widths: Sequence[float],
    symmetric: bool = False,
    sign: str = "=",
) -> list[Block]:
    """The matrix in groups of consecutive columns that are not too wide to be scaled; of a
    symmetric one each down to the diagonal."""
    groups, start, total = list[tuple[int, int]](), 0, breadth(left)
    for j, width in enumerate(widths):
        if j > start and total + width > SCALED:
            groups.append((start, j))
            start, total = j, breadth(left)
        total += width
    groups.append((start, len(widths)))
    upper = symmetric and len(cells) > WHOLE
    blocks: list[Block] = []
    for start, stop in groups:
        which = f"columns {start + 1} to {stop}" if stop > start + 1 else f"column {stop}"
        part = left if len(groups) == 1 else rf"{left}\big|_{{\text{{{which}}}}}"
        shown = [list(row[start:stop]) for row in (cells[:stop] if upper else cells)]
        if upper and not shown[-1][0]:
            shown[-1][0] = r"\text{sym.}"
        wide = breadth(part) + sum(widths[start:stop]) > LINE
        blocks.append(Formula(f"{part} {sign} {latex_grid(shown)}", wide))
    return blocks


def beside(blocks: Sequence[Block]) -> list[Block]:
    """Displays that follow each other and are short, in one line."""
    found: list[Block] = []
    for block in blocks:
        last = found[-1] if found else None
        if isinstance(block, Formula) and isinstance(last, Formula) and _together(last, block):
            both = rf"{last.latex},\qquad {block.latex}"
            number = f"{last.number} {block.number}".strip()
            found[-1] = replace(last, latex=both, number=number)
        else:
            found.append(block)
    return found


def _together(a: Formula, b: Formula) -> bool:
    plain = not (a.wide or b.wide or "aligned" in a.latex + b.latex)
    if a.number and b.number and type(a) is Formula:
        return False  # equations of which each has its own number
    alike = type(a) is type(b) and _apart(a) == _apart(b)
    return plain and alike and _in_line(a.latex) + _in_line(b.latex) + 4 <= LINE


def _in_line(latex: str) -> float:
    """The width of displays beside each other."""
    pieces = latex.split(r",\qquad ")
    return sum(breadth(piece) + 4 for piece in pieces) - 4


def _apart(block: Formula) -> dict[str, object]:
    """What two displays in one line have in common."""
    own = vars(block)
    return {k: id(v) for k, v in own.items() if k not in ("latex", "number")}


def _listed(
    left: str,
    cells: Sequence[Sequence[str]],
    pieces: Sequence[Sequence[str]],
    symmetric: bool,
) -> list[Block]:
    """The nonzero entries one by one; of a symmetric matrix those on and above the diagonal."""
    n = len(cells[0])
    kept = [
        (i, j)
        for i in range(len(cells))
        for j in range(i if symmetric else 0, n)
        if cells[i][j] != "0"
    ]
    where = " on and above the diagonal (the matrix is symmetric)" if symmetric else ""
    blocks: list[Block] = [Text(f"The nonzero entries of ${left}${where}:")]
    inline = left.replace(r"\sum", r"\textstyle\sum")
    for i, j in kept[:LISTED]:
        name = rf"\big[{inline}\big]_{{{i + 1},{j + 1}}}"
        blocks.append(equation(name, pieces[i * n + j]))
    if len(kept) > LISTED:
        blocks.append(Text(f"(and {len(kept) - LISTED} more entries, left out here)"))
    return blocks
