"""Exact data: D examples with inputs and targets.

In: rows of numbers; binary floats are taken for the dyadic rationals that they are, with a warning
where those are not the decimals that were typed. Out: a frozen `Data`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hessrank.symbolic.brief import Brief
from hessrank.symbolic.errors import InputError, counted, shown
from hessrank.symbolic.expressions.exact import Floats, taken
from hessrank.symbolic.expressions.exchange.from_sympy import is_sympy
from hessrank.symbolic.expressions.expression import Expr

Table = tuple[tuple[Expr, ...], ...]


@dataclass(frozen=True, init=False, repr=False)
class Data(Brief):
    """D examples: inputs x (D rows of n) and targets y (D rows of K), exact.

    x, y: nested lists or arrays (NumPy, JAX, torch) of numbers, texts such as "1/2", SymPy's
    constants; floats as by `hr.exact`. Raises InputError that names the entry.

    >>> Data(x=[[1], [2]], y=[[0], ["1/2"]]).y
    ((Expr(0),), (Expr(1/2),))
    """

    x: Table
    y: Table

    def __init__(self, x: Sequence[Any], y: Sequence[Any]) -> None:
        floats = Floats()
        object.__setattr__(self, "x", _table(x, "data.x", floats))
        object.__setattr__(self, "y", _table(y, "data.y", floats))
        floats.say(stacklevel=2)
        if len(self.x) != len(self.y):
            raise InputError(
                f"{counted(len(self.y), 'row')}, but data.x has {len(self.x)}: one row an example",
                "data.y",
            )

    def __len__(self) -> int:
        return len(self.x)


def _table(rows: Sequence[Any], key: str, floats: Floats) -> Table:
    """Rows of exact numbers; a bare number stands for a row of one."""
    if is_sympy(rows) and hasattr(rows, "tolist"):
        rows = rows.tolist()
    if isinstance(rows, (str, bytes)) or not hasattr(rows, "__iter__"):
        raise InputError(f"expected one row an example, found {rows!r}", key)
    table = []
    for d, row in enumerate(rows):
        scalar = isinstance(row, (str, Expr)) or not hasattr(row, "__iter__")
        alone = scalar or getattr(row, "shape", None) == ()
        cells = [row] if alone else list(row)
        table.append(tuple(_cell(v, f"{key}[{d}][{j}]", floats) for j, v in enumerate(cells)))
        if len(table[-1]) != len(table[0]):
            raise InputError(
                f"{len(table[-1])} numbers in this row, {len(table[0])} in the first", f"{key}[{d}]"
            )
    return tuple(table)


def _cell(value: Any, place: str, floats: Floats) -> Expr:
    found = taken(value, place, floats)
    if not isinstance(found, Expr):
        raise InputError(f"expected a number, found {shown(value)}", place)
    return found
