r"""A look at a matrix that may be too large to print.

In: a shape and a way to read an entry. Out: text or LaTeX of a bounded length: the first rows and
columns, long entries left out, and what was left out said, with how to get it.
"""

from __future__ import annotations

from collections.abc import Callable

from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.expressions.printing import latex_all, latex_grid
from hessrank.symbolic.expressions.tidy import sizes

#: So many rows and columns are shown, ...
SHOWN = 8
#: ... of entries that have at most so many symbols, or at most ENTRY in a matrix of many symbols.
LONGEST, ENTRY = 400, 60
WHOLE = "str(), .closed_forms() and .to_sympy() have all of it"

#: An entry by row and column; None where it is too long to be written out.
Entry = Callable[[int, int], Expr | None]
Shape = tuple[int, int]


def _corner(shape: Shape, entry: Entry, total: int) -> tuple[list[list[Expr | None]], str]:
    """The entries that are shown, and what is left out, in words. total: more symbols than this
    are not shown without leaving longer entries out."""
    m, n = (min(k, SHOWN) for k in shape)
    cells = [[entry(i, j) for j in range(n)] for i in range(m)]
    lengths = [sizes([e])[0] for row in cells for e in row if e is not None]
    most = LONGEST if sum(n for n in lengths if n <= LONGEST) <= total else ENTRY
    short = [[e if e is not None and sizes([e])[0] <= most else None for e in row] for row in cells]
    left = [f"of {shape[0]}×{shape[1]} the first {m}×{n}"] if (m, n) != shape else []
    if any(e is None for row in short for e in row):
        left.append(f"without entries of more than {most} symbols")
    return short, f"{', '.join(left)}; {WHOLE}" if left else ""


def grid(cells: list[list[str]], shape: Shape) -> str:
    """Cells in aligned columns."""
    if 0 in shape:
        return "[]"
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in cells]
    return "\n".join(f"[{line}]" for line in lines)


def text(kind: str, shape: Shape, entry: Entry) -> str:
    """What `repr` shows of a matrix.

    >>> from hessrank.symbolic.expressions.expression import number
    >>> print(text("Matrix", (2, 2), lambda i, j: number(i - j)))
    Matrix(2×2)
    [0  -1]
    [1   0]
    """
    cells, left = _corner(shape, entry, 600)
    shown = grid([["…" if e is None else str(e) for e in row] for row in cells], shape)
    return f"{kind}({shape[0]}×{shape[1]})\n{shown}" + (f"\n({left})" if left else "")


def latex(shape: Shape, entry: Entry) -> str:
    """What a notebook shows of a matrix."""
    cells, left = _corner(shape, entry, 4000)
    if 0 in shape:
        return rf"$\left(\;\right)_{{{shape[0]}\times {shape[1]}}}$"
    written = iter(latex_all([e for row in cells for e in row if e is not None]))
    rows = [[r"\cdots" if e is None else next(written) for e in row] for row in cells]
    if len(rows[0]) < shape[1]:
        rows = [[*row, r"\cdots"] for row in rows]
    if len(cells) < shape[0]:
        rows.append([r"\vdots"] * len(rows[0]))
    shown = latex_grid(rows)
    if left:
        said = left.replace("×", r"$\times$").replace("_", r"\_")
        shown = rf"\begin{{array}}{{l}} {shown} \\ \text{{({said})}} \end{{array}}"
    return rf"$\displaystyle {shown}$"
