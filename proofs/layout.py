r"""Mathematics that fits on a page: headings, sentences and formulas before they become a format.

In: closed forms and matrices of them. Out: `Block`s. A formula that is somewhat too wide is marked
to be scaled; a wider matrix is split into groups of columns; a wider entry is listed by itself,
broken between its terms. What is left out is said in a sentence.

Sentences are plain text in which $…$ is LaTeX.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hessrank.symbolic.expression import Expr
from hessrank.symbolic.printing import latex_grid, latex_terms, symbol_latex
from hessrank.symbolic.tidy import Definitions, sizes

#: The width of a line, in average glyphs; and how wide a formula may be to be scaled to a line.
LINE, SCALED = 78, 140
#: An entry that is written out has at most this many leaves and operations, ...
LONGEST_ENTRY = 400
#: ... and at most so many entries are listed one by one.
LISTED = 40


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Items:
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Formula:
    """Displayed LaTeX; `wide`: to be scaled down to the line where it is wider."""

    latex: str
    wide: bool = False


Block = Heading | Text | Items | Formula


def glyphs(latex: str) -> int:
    r"""About how many characters wide a formula is, from its LaTeX.

    >>> glyphs(r"\frac{1}{2} \tanh(u x)")
    10
    """
    plain = re.sub(r"\\(left|right|frac|mathrm|operatorname|sqrt|cdot|begin|end)\b", "", latex)
    plain = re.sub(r"\\(exp|log|sin|cos|tan|sinh|cosh|tanh|nabla|top)\b", r"\1", plain)
    plain = re.sub(r"\\[A-Za-z]+", "a", plain)
    scripts = sum(len(s) for s in re.findall(r"[_^]\{([^{}]*)\}", plain))
    return len(re.sub(r"[\s{}\\_^&]", "", plain)) - scripts // 3


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
    blocks: list[Block] = []
    row: list[str] = []
    for (name, _), pieces in list(zip(known, written, strict=True))[:limit]:
        line = f"{symbol_latex(name)} = {''.join(pieces)}"
        if glyphs(line) > LINE:
            blocks.append(equation(symbol_latex(name), pieces))
        elif sum(glyphs(w) + 4 for w in row) + glyphs(line) > LINE:
            blocks.append(Formula(r",\qquad ".join(row)))
            row = [line]
        else:
            row.append(line)
    if row:
        blocks.append(Formula(r",\qquad ".join(row)))
    if len(known) > limit:
        blocks.append(Text(f"(and {len(known) - limit} more names, left out here)"))
    return blocks


def matrix(
    left: str, rows: Sequence[Sequence[Expr]], names: Mapping[str, str], limit: int
) -> list[Block]:
    """left = the matrix, as far as it fits: its first `limit` rows and columns at most."""
    m, n = len(rows), len(rows[0]) if rows else 0
    if not m or not n:
        return [Text(f"${left}$ is empty ({m}×{n}).")]
    flat = [e for row in rows for e in row]
    if all(e.is_number and not e.value for e in flat):
        return [
            Formula(f"{left} = 0") if m == n == 1 else Formula(rf"{left} = 0_{{{m}\times {n}}}")
        ]
    shown = [list(row[:limit]) for row in rows[:limit]]
    left_out = []
    if m > limit or n > limit:
        left_out.append(
            f"${left}$ is {m}×{n}: only its first {min(m, limit)} rows and "
            f"{min(n, limit)} columns are shown."
        )
    lengths = sizes([e for row in shown for e in row])
    if max(lengths) > LONGEST_ENTRY:
        text = f"${left}$ ({m}×{n}) is left out: an entry of it has {max(lengths)} symbols."
        return [Text(text)]
    pieces = latex_terms([e for row in shown for e in row], names)
    cells = [
        ["".join(p) for p in pieces[i * len(r) : (i + 1) * len(r)]] for i, r in enumerate(shown)
    ]
    widths = [max(glyphs(row[j]) for row in cells) + 2 for j in range(len(cells[0]))]
    blocks: list[Block] = [Text(t) for t in left_out]
    if m == n == 1:
        return [*blocks, equation(left, pieces[0])]
    if max(widths) > SCALED:
        return blocks + _listed(left, cells, pieces)
    groups = _groups(widths)
    for start, stop in groups:
        part = left
        if len(groups) > 1:
            part = rf"{left}\big|_{{\text{{columns }}{start + 1}\text{{ to }}{stop}}}"
        body = latex_grid([row[start:stop] for row in cells])
        blocks.append(Formula(f"{part} = {body}", glyphs(left) + sum(widths[start:stop]) > LINE))
    return blocks


def _groups(widths: Sequence[int]) -> list[tuple[int, int]]:
    """Consecutive columns that together are not too wide to be scaled."""
    groups, start, total = [], 0, 0
    for j, width in enumerate(widths):
        if j > start and total + width > SCALED:
            groups.append((start, j))
            start, total = j, 0
        total += width
    return [*groups, (start, len(widths))]


def _listed(
    left: str, cells: Sequence[Sequence[str]], pieces: Sequence[Sequence[str]]
) -> list[Block]:
    """The nonzero entries one by one; of a symmetric matrix those on and above the diagonal."""
    n = len(cells[0])
    symmetric = len(cells) == n and all(
        cells[i][j] == cells[j][i] for i in range(n) for j in range(i)
    )
    kept = [
        (i, j)
        for i in range(len(cells))
        for j in range(i if symmetric else 0, n)
        if cells[i][j] != "0"
    ]
    which = "on and above the diagonal (the matrix is symmetric)" if symmetric else ""
    blocks: list[Block] = [Text(f"The nonzero entries of ${left}$ {which}".strip() + ":")]
    for i, j in kept[:LISTED]:
        name = rf"\big[{left}\big]_{{{i + 1},{j + 1}}}"
        blocks.append(equation(name, pieces[i * n + j]))
    if len(kept) > LISTED:
        blocks.append(Text(f"(and {len(kept) - LISTED} more entries, left out here)"))
    return blocks
