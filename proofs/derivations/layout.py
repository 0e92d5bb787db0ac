r"""Mathematics that fits on a page.

In: closed forms and matrices of them. Out: `Block`s. A formula that is somewhat too wide is marked
to be scaled; of a matrix that is wider than that, the nonzero entries are listed one by one, or it
is split into groups of columns. What is left out is said in a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from hessrank.proofs.pages.blocks import Block, Formula, Text
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.expressions.printing import latex_grid, latex_terms, symbol_latex
from hessrank.symbolic.expressions.tidy import Definitions, sizes

T = TypeVar("T")

#: The width of a line, in average glyphs; and how wide a formula may be to be scaled to a line.
LINE, SCALED = 78, 118
#: A column of more entries lies on the page.
TALL = 3
#: An entry that is written out has at most this many leaves and operations, ...
LONGEST_ENTRY = 400
#: ... and at most so many entries are listed one by one.
LISTED = 40


def glyphs(latex: str) -> int:
    r"""About how many characters wide a formula is, from its LaTeX.

    >>> glyphs(r"\frac{1}{2} \tanh(u x)")
    10
    """
    plain = re.sub(r"\\(left|right|frac|mathrm|operatorname|sqrt|cdot|begin|end|big)\b", "", latex)
    plain = re.sub(r"\\(exp|log|sin|cos|tan|sinh|cosh|tanh)\b", r"\1", plain)
    plain = re.sub(r"\\[A-Za-z]+", "a", plain)
    signs = len(re.findall(r"\s[-+=]\s", plain))
    scripts = sum(len(s) for s in re.findall(r"[_^]\{([^{}]*)\}", plain))
    return len(re.sub(r"[\s{}\\_^&]", "", plain)) + 3 * signs // 2 - scripts // 3


def equation(left: str, pieces: Sequence[str]) -> Formula:
    """left = the sum of `pieces`, over several lines where one is too short."""
    lines, width = [""], glyphs(left) + 3
    for piece in pieces:
        if lines[-1] and width + glyphs(piece) > LINE:
            lines.append("")
            width = 6
        lines[-1] += piece
        width += glyphs(piece)
    wide = max(glyphs(line) for line in lines) > LINE
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
        if row and sum(glyphs(w) + 4 for w in row) + glyphs(line) > LINE:
            blocks.append(Formula(r",\qquad ".join(row)))
            row = []
        if glyphs(line) > LINE:
            blocks.append(equation(left, pieces))
        else:
            row.append(line)
    return blocks + ([Formula(r",\qquad ".join(row))] if row else [])


def vector(left: str, entries: Sequence[str]) -> Formula:
    """left = a column of many entries, lying, over several lines where one is too short."""
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
        heads = {
            (i, j): rf"\frac{{\partial^2 {of}}}{{\partial {by[i]}\,\partial {by[j]}}}"
            for i, j in places
        }
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
    left: str, rows: Sequence[Sequence[Expr]], names: Mapping[str, str], limit: int
) -> list[Block]:
    """left = the matrix, its first `limit` rows and columns at most, in whatever way it fits."""
    whole = compact(left, rows, names, limit)
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
    symmetric = [list(row) for row in cells] == [list(row) for row in zip(*cells, strict=True)]
    if not symmetric and max(widths) <= SCALED and len(cells) > 1:
        return blocks + _in_groups(left, cells, widths)
    return blocks + _listed(left, cells, pieces, symmetric)


def compact(
    left: str, rows: Sequence[Sequence[Expr]], names: Mapping[str, str], limit: int
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
    if max(sizes(flat)) > LONGEST_ENTRY:
        return None
    pieces = latex_terms(flat, names)
    if m == n == 1:
        return [equation(left, pieces[0])]
    cells, widths = _cells(pieces, min(n, limit))
    if glyphs(left) + sum(widths) > SCALED:
        return None
    return _leading(left, rows, limit) + _in_groups(left, cells, widths)


def decimals(left: str, entries: Sequence[Sequence[float]], limit: int) -> list[Block]:
    """left ≈ the matrix, rounded to five digits."""
    left, entries = _lying(left, entries)
    cells = [[_decimal(v) for v in row[:limit]] for row in entries[:limit]]
    widths = [max(glyphs(row[j]) for row in cells) + 2 for j in range(len(cells[0]))]
    return _leading(left, entries, limit) + _in_groups(left, cells, widths, r"\approx")


def _decimal(v: float) -> str:
    mantissa, _, exponent = f"{v:.5g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def _leading(left: str, rows: Sequence[Sequence[object]], limit: int) -> list[Block]:
    m, n = len(rows), len(rows[0])
    kept = [f"{min(k, limit)} {what}" for k, what in ((m, "rows"), (n, "columns")) if k > limit]
    if not kept:
        return []
    return [Text(f"${left}$ is {m}×{n}: its first {' and '.join(kept)} are shown.")]


def _cells(pieces: Sequence[Sequence[str]], columns: int) -> tuple[list[list[str]], list[int]]:
    """The entries row by row, and the widths of the columns."""
    entries = ["".join(p) for p in pieces]
    cells = [entries[i : i + columns] for i in range(0, len(entries), columns)]
    return cells, [max(glyphs(row[j]) for row in cells) + 2 for j in range(columns)]


def _in_groups(
    left: str, cells: Sequence[Sequence[str]], widths: Sequence[int], sign: str = "="
) -> list[Block]:
    """The matrix in groups of consecutive columns that are not too wide to be scaled."""
    groups, start, total = [], 0, glyphs(left)
    for j, width in enumerate(widths):
        if j > start and total + width > SCALED:
            groups.append((start, j))
            start, total = j, glyphs(left)
        total += width
    groups.append((start, len(widths)))
    blocks: list[Block] = []
    for start, stop in groups:
        which = f"columns {start + 1} to {stop}" if stop > start + 1 else f"column {stop}"
        part = left if len(groups) == 1 else rf"{left}\big|_{{\text{{{which}}}}}"
        body = latex_grid([row[start:stop] for row in cells])
        wide = glyphs(part) + sum(widths[start:stop]) > LINE
        blocks.append(Formula(f"{part} {sign} {body}", wide))
    return blocks


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
