r"""About how wide a formula is, so that it can be broken, scaled or set beside another.

In: LaTeX. Out: its width in average letters; of a fraction that of its wider part, of a matrix that
of its columns.
"""

from __future__ import annotations

from functools import lru_cache

from hessrank.proofs.pages.mathematics import (
    Accent,
    Fence,
    Fraction,
    Grid,
    Letter,
    Node,
    Number,
    Root,
    Row,
    Script,
    Sign,
    Space,
    Under,
    parse,
)
from hessrank.proofs.pages.signs import BINARY, RELATIONS

#: Scripts are set smaller; around a sign, between columns and around a matrix is some space.
SMALL, AROUND, BETWEEN, FENCE = 0.7, 2.6, 1.6, 1.2
UNARY, DIGIT = 1.4, 0.9


@lru_cache(maxsize=20_000)
def breadth(latex: str) -> float:
    r"""The width of a formula in average letters.

    >>> breadth("x") == breadth(r"\frac{x}{y}") == 1
    True
    """
    return breadth_of(parse(latex))


def breadth_of(row: Row) -> float:
    sign = bool(row.parts) and row.parts[0] == Sign("−")
    return sum(map(_width, row.parts)) - sign * (AROUND - UNARY)


def _width(node: Node | None) -> float:
    match node:
        case None:
            return 0
        case Letter():
            return len(node.text)
        case Number():
            return DIGIT * len(node.text)
        case Sign():
            if node.text in RELATIONS or node.text in BINARY or node.text in "·∘×":
                return AROUND
            return 2.4 if node.big else 0.7
        case Space():
            return node.width / 9
        case Row():
            return breadth_of(node)
        case Script():
            scripts = max(_width(node.below), _width(node.above)) * SMALL
            big = isinstance(node.base, Sign) and node.base.big
            return max(_width(node.base), scripts) if big else _width(node.base) + scripts
        case Fraction():
            return max(_width(node.above), _width(node.below)) * (SMALL if node.small else 1)
        case Root():
            return _width(node.inside) + 1.5
        case Fence():
            return breadth_of(node.inside) + FENCE
        case Grid():
            columns = zip(*(row for row in node.rows if len(row) == len(node.rows[0])), strict=True)
            inside = sum(max(map(breadth_of, column)) + BETWEEN for column in columns)
            return inside + FENCE
        case Accent():
            return _width(node.base)
        case Under():
            return max(_width(node.base), _width(node.label) * SMALL)
