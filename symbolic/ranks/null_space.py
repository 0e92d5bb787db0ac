"""Exact null spaces of small matrices over the field of a point.

In: rows of exact numbers (`flint.fmpq` or `elements.Element` of one field). Out: a basis of
{v : A v = 0} as exact vectors. Directions that leave a network unchanged and combinations of
gradients that vanish are vectors of this kind, and they are shown, not only counted.
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq, fmpq_mat

from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.fields.elements import Element, Exact, TooLarge, inverse
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.ranks.matrices import Matrix

Vector = tuple[Exact, ...]
Rows = Sequence[Sequence[Exact]]


def null_space(rows: Rows, width: int, field: Field) -> tuple[Vector, ...]:
    """A basis of the null space of the matrix of `rows`, each of length `width`.

    Raises UndecidedError where a pivot is not known to differ from zero, or grows too large.

    >>> [[str(q) for q in v] for v in null_space([[fmpq(1), fmpq(2)]], 2, Field())]
    [['-2', '1']]
    """
    if any(isinstance(v, Element) for row in rows for v in row):
        whole = Matrix(tuple(map(tuple, rows)), (len(rows), width), field)
        if whole.rank().lower == width:  # cheaper than to eliminate
            return ()
    try:
        table, pivots = _reduced(rows, width, field)
    except TooLarge as error:
        raise UndecidedError(f"a null space is too large to carry: {error}") from None
    basis = []
    for free in (j for j in range(width) if j not in pivots):
        vector: list[Exact] = [fmpq(0)] * width
        vector[free] = fmpq(1)
        for row, pivot in zip(table, pivots, strict=True):
            vector[pivot] = -row[free]
        basis.append(tuple(vector))
    return tuple(basis)


def left_null_space(rows: Rows, width: int, field: Field) -> tuple[Vector, ...]:
    """A basis of {y : yᵀA = 0}."""
    columns = [[row[j] for row in rows] for j in range(width)]
    return null_space(columns, len(rows), field)


def product(rows: Rows, vector: Sequence[Exact]) -> Vector:
    """A v.

    >>> str(product([[fmpq(1), fmpq(2)]], (fmpq(3), fmpq(4)))[0])
    '11'
    """
    out = []
    for row in rows:
        total: Exact = fmpq(0)
        for a, v in zip(row, vector, strict=True):
            if a != 0 and v != 0:
                total = total + a * v
        out.append(total)
    return tuple(out)


def annihilates(rows: Rows, vector: Sequence[Exact]) -> bool:
    """Whether A v = 0 in canonical form, which proves that it is zero."""
    return all(v == 0 for v in product(rows, vector))


def _reduced(rows: Rows, width: int, field: Field) -> tuple[list[list[Exact]], list[int]]:
    """(the nonzero rows of the reduced echelon form, the columns of their pivots)."""
    if not rows or not width:
        return [], []
    if not any(isinstance(v, Element) for row in rows for v in row):
        reduced, rank = fmpq_mat(len(rows), width, [v for row in rows for v in row]).rref()
        table = [[reduced[i, j] for j in range(width)] for i in range(rank)]
        return table, [next(j for j in range(width) if row[j] != 0) for row in table]
    todo = [list(row) for row in rows]
    table, pivots = [], []
    for j in range(width):
        found = next((i for i, row in enumerate(todo) if row[j] != 0), None)
        if found is None:
            continue
        row = todo.pop(found)
        if isinstance(row[j], Element):
            field.require_nonzero(row[j])
        scale = inverse(row[j])
        row = [scale * v for v in row]
        todo = [_minus(other, other[j], row) for other in todo]
        table = [_minus(other, other[j], row) for other in table]
        table.append(row)
        pivots.append(j)
    return table, pivots


def _minus(row: list[Exact], factor: Exact, other: list[Exact]) -> list[Exact]:
    if factor == 0:
        return row
    return [a - factor * b if b != 0 else a for a, b in zip(row, other, strict=True)]
