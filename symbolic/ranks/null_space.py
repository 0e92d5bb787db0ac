"""Exact null spaces of small matrices over the field of a point.

In: rows of exact numbers (`flint.fmpq` or `elements.Element` of one field). Out: a basis of
{v : A v = 0} as exact vectors. Directions that leave a network unchanged and combinations of
gradients that vanish are vectors of this kind, and they are shown, not only counted.
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq

from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.fields.elements import Element, Exact
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.elimination import Rows, Vector, kernel, reduced
from hessrank.symbolic.ranks.formal_rank import columns_are_independent


def null_space(rows: Rows, width: int, field: Field) -> tuple[Vector, ...]:
    """A basis of the null space of the matrix of `rows`, each of length `width`.

    Raises UndecidedError where a pivot is not known to differ from zero, or grows too large.

    >>> from flint import fmpq
    >>> [[str(q) for q in v] for v in null_space([[fmpq(1), fmpq(2)]], 2, Field())]
    [['-2', '1']]
    """
    if any(isinstance(v, Element) for row in rows for v in row):
        return _merged(rows, width, field)
    return _eliminated(rows, width)[0]


def _merged(rows: Rows, width: int, field: Field) -> tuple[Vector, ...]:
    """The same basis, rows and columns left out that are ± others or 0 before anything is divided.
    A column j that is s times an earlier one, i, gives e_j − s e_i where i has a pivot, else
    e_j + s(v − e_i), v the vector of i."""
    kept_rows, _ = distinct(rows)
    columns = [[rows[i][j] for i in kept_rows] for j in range(width)]
    kept, like = distinct(columns)
    short = [[columns[j][i] for j in kept] for i in range(len(kept_rows))]
    full = columns_are_independent(short, len(kept), field)  # cheaper than to eliminate
    basis, pivots = ((), range(len(kept))) if full else _eliminated(short, len(kept))
    free = [kept[k] for k in range(len(kept)) if k not in pivots]
    found: dict[int, Vector] = {}
    for j, v in zip(free, basis, strict=True):
        at = dict(zip(kept, v, strict=True))
        found[j] = tuple(at.get(i, fmpq(0)) for i in range(width))
    for j in (j for j in range(width) if j not in kept):
        vector = [fmpq(0)] * width
        if (earlier := like[j]) is not None:
            i, sign = earlier
            vector = [sign * x for x in found[i]] if i in found else vector
            vector[i] = fmpq(0) if i in found else fmpq(-sign)
        vector[j] = fmpq(1)
        found[j] = tuple(vector)
    return tuple(found[j] for j in sorted(found))


def distinct(vectors: Rows) -> tuple[list[int], list[tuple[int, int] | None]]:
    """(the vectors that are neither 0 nor ± an earlier one; for each of the others (i, ±1), or None
    for 0)."""
    seen: dict[tuple[Exact, ...], int] = {}
    kept: list[int] = []
    like: list[tuple[int, int] | None] = [None] * len(vectors)
    for j, v in enumerate(vectors):
        if not any(x != 0 for x in v):
            continue
        same, opposite = tuple(v), tuple(-x for x in v)
        if same in seen or opposite in seen:
            like[j] = (seen[same], 1) if same in seen else (seen[opposite], -1)
            continue
        seen[same] = j
        kept.append(j)
    return kept, like


def _eliminated(rows: Rows, width: int) -> tuple[tuple[Vector, ...], Sequence[int]]:
    try:
        table, pivots = reduced(rows, width)
    except TooLarge as error:
        raise UndecidedError(f"a null space is too large to carry: {error}") from None
    return kernel(table, pivots, width), pivots


def left_null_space(rows: Rows, width: int, field: Field) -> tuple[Vector, ...]:
    """A basis of {y : yᵀA = 0}."""
    columns = [[row[j] for row in rows] for j in range(width)]
    return null_space(columns, len(rows), field)
