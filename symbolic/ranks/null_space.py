"""Exact null spaces of small matrices over the field of a point.

In: rows of exact numbers (`flint.fmpq` or `elements.Element` of one field). Out: a basis of
{v : A v = 0} as exact vectors. Directions that leave a network unchanged and combinations of
gradients that vanish are vectors of this kind, and they are shown, not only counted.
"""

from __future__ import annotations

from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.fields.elements import Element
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.elimination import Rows, Vector, kernel, reduced
from hessrank.symbolic.ranks.matrices import Matrix


def null_space(rows: Rows, width: int, field: Field) -> tuple[Vector, ...]:
    """A basis of the null space of the matrix of `rows`, each of length `width`.

    Raises UndecidedError where a pivot is not known to differ from zero, or grows too large.

    >>> from flint import fmpq
    >>> [[str(q) for q in v] for v in null_space([[fmpq(1), fmpq(2)]], 2, Field())]
    [['-2', '1']]
    """
    if any(isinstance(v, Element) for row in rows for v in row):
        whole = Matrix(tuple(map(tuple, rows)), (len(rows), width), field)
        if whole.rank().lower == width:  # cheaper than to eliminate
            return ()
    try:
        table, pivots = reduced(rows, width)
    except TooLarge as error:
        raise UndecidedError(f"a null space is too large to carry: {error}") from None
    return kernel(table, pivots, width)


def left_null_space(rows: Rows, width: int, field: Field) -> tuple[Vector, ...]:
    """A basis of {y : yᵀA = 0}."""
    columns = [[row[j] for row in rows] for j in range(width)]
    return null_space(columns, len(rows), field)
