"""The one elimination over exact numbers.

In: rows of exact numbers (`flint.fmpq`, or `elements.Element` of one field). Out: the reduced
echelon form, the null space that it shows, products. A pivot is never a form that may be zero as a
number: `inverse` asks the field first. Matrices over Z have quicker ways (`lifting`).
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq, fmpq_mat

from hessrank.symbolic.budget import spend
from hessrank.symbolic.fields.elements import Element, Exact, inverse

Vector = tuple[Exact, ...]
Rows = Sequence[Sequence[Exact]]


def reduced(
    rows: Rows, width: int, columns: Sequence[int] | None = None
) -> tuple[list[list[Exact]], list[int]]:
    """(the nonzero rows of the reduced echelon form, the columns of their pivots).

    rows: each of length `width`; columns: where pivots are looked for, in this order, by default
    everywhere; rows that vanish on all of them are dropped. Raises UndecidedError where a pivot is
    not known to differ from zero, DomainError where it is zero, TooLarge where it grows too large.

    >>> table, pivots = reduced([[fmpq(1), fmpq(2)], [fmpq(2), fmpq(4)]], 2)
    >>> [[str(v) for v in row] for row in table], pivots
    ([['1', '2']], [0])
    """
    if not rows or not width:
        return [], []
    if columns is None and not any(isinstance(v, Element) for row in rows for v in row):
        found, rank = fmpq_mat(len(rows), width, [v for row in rows for v in row]).rref()
        table = [[found[i, j] for j in range(width)] for i in range(rank)]
        return table, [next(j for j in range(width) if row[j] != 0) for row in table]
    todo = [list(row) for row in rows]
    table, pivots = [], []
    for j in range(width) if columns is None else columns:
        spend()
        nonzero = [i for i, row in enumerate(todo) if row[j] != 0]
        if not nonzero:
            continue
        row = todo.pop(min(nonzero, key=lambda i: _size(todo[i][j])))
        scale = inverse(row[j])
        row = [scale * v if v != 0 else v for v in row]
        todo = [_minus(other, other[j], row) for other in todo]
        table = [_minus(other, other[j], row) for other in table]
        table.append(row)
        pivots.append(j)
    return table, pivots


def kernel(table: Rows, pivots: Sequence[int], width: int) -> tuple[Vector, ...]:
    """A basis of the null space from a reduced echelon form, one vector for each column without a
    pivot. They are independent: each has a 1 where the others have 0.

    >>> [[str(v) for v in k] for k in kernel([[fmpq(1), fmpq(2)]], [0], 2)]
    [['-2', '1']]
    """
    basis = []
    for free in (j for j in range(width) if j not in pivots):
        vector: list[Exact] = [fmpq(0)] * width
        vector[free] = fmpq(1)
        for row, pivot in zip(table, pivots, strict=True):
            vector[pivot] = -row[free]
        basis.append(tuple(vector))
    return tuple(basis)


def null_vectors(rows: Rows, width: int) -> tuple[Vector, ...]:
    """A basis of {c : A c = 0}; raises as `reduced`.

    >>> [[str(v) for v in k] for k in null_vectors([[fmpq(1), fmpq(2)]], 2)]
    [['-2', '1']]
    """
    return kernel(*reduced(rows, width), width)


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


def _size(value: Exact) -> int:
    """The number of terms: small pivots keep the entries small."""
    return len(value.num) + len(value.den) if isinstance(value, Element) else 0


def _minus(row: list[Exact], factor: Exact, other: list[Exact]) -> list[Exact]:
    if factor == 0:
        return row
    return [a - factor * b if b != 0 else a for a, b in zip(row, other, strict=True)]
