"""Exact data: D examples with inputs and targets.

In: rows of numbers. Out: a frozen `Data`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.expression import Expr

Table = tuple[tuple[Expr, ...], ...]


@dataclass(frozen=True, init=False)
class Data:
    """D examples: inputs x (D rows of n) and targets y (D rows of K), exact.

    >>> Data(x=[[1], [2]], y=[[0], ["1/2"]]).y
    ((Expr(0),), (Expr(1/2),))
    """

    x: Table
    y: Table

    def __init__(self, x: Sequence[Any], y: Sequence[Any]) -> None:
        object.__setattr__(self, "x", _table(x, "data.x"))
        object.__setattr__(self, "y", _table(y, "data.y"))
        if len(self.x) != len(self.y):
            raise InputError(f"{len(self.x)} rows, but data.y has {len(self.y)}", "data.x")

    def __len__(self) -> int:
        return len(self.x)


def _table(rows: Sequence[Any], key: str) -> Table:
    """Rows of exact numbers; a bare number stands for a row of one."""
    if isinstance(rows, (str, bytes)) or not hasattr(rows, "__iter__"):
        raise InputError(f"expected one row an example, found {rows!r}", key)
    table = []
    for d, row in enumerate(rows):
        scalar = isinstance(row, (str, Expr)) or not hasattr(row, "__iter__")
        cells = [row] if scalar else list(row)
        table.append(tuple(constant(v, f"{key}[{d}][{j}]") for j, v in enumerate(cells)))
        if len(table[-1]) != len(table[0]):
            raise InputError(
                f"{len(table[-1])} numbers in this row, {len(table[0])} in the first", f"{key}[{d}]"
            )
    return tuple(table)
