"""Lower bounds on a rank from balls: elimination whose pivots are certain not to vanish.

In: a way to enclose the entries of a matrix with any number of bits. Out: a certain lower bound
with the minor and the precision that prove it; from above only the pattern of exact zeros. Balls
never show that a number is zero, so what is missing to the goal says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import flint
import numpy as np
from flint import arb, arb_mat

from hessrank.symbolic.budget import OverBudget, spend
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.fields.balls import PRECISIONS, excludes_zero
from hessrank.symbolic.linear_algebra.minor import Minor

#: Matrices of at most this many entries are tried at all precisions.
FEW_ENTRIES = 150
#: Pivots below this fraction of the first are not suggested by floating point.
SMALL = 1e-11
#: Elimination on balls is left out where it takes about more operations than this.
MAX_ELIMINATION = 5_000_000
#: The lower bound of which no minor has to be shown: (r, minor, bits).
NOTHING = (0, Minor((), ()), PRECISIONS[0])


def rank_lower(
    matrix_at: Callable[[int], Sequence[Sequence[arb]]], goal: int
) -> tuple[int, Minor, int]:
    """(r, minor, bits): a certain lower bound on the rank, aiming at `goal`.

    matrix_at(bits) gives the entries as balls computed with that precision. A minor that floating
    point suggests is tried first. Elimination takes the pivot of largest certain modulus; what it
    reaches is proved, goal or not. It stops at the first precision that reaches the goal, or, for
    matrices of more than FEW_ENTRIES, when two brought nothing. Matrices beyond MAX_ELIMINATION
    operations are left to the suggestion.
    """
    if not goal:
        return NOTHING
    try:
        best, size = _suggested(matrix_at, goal)
    except OverBudget:
        return NOTHING
    if best[0] >= goal or size * goal > MAX_ELIMINATION:
        return best
    idle = 0
    for bits in PRECISIONS:
        with flint.ctx.workprec(bits):
            try:
                found = eliminate([list(row) for row in matrix_at(bits)], goal)
            except OverBudget:
                break
            except UndecidedError:
                continue
        if len(found.rows) > best[0]:
            best, idle = (len(found.rows), Minor(found.rows, found.columns), bits), 0
        else:
            idle += 1
        if best[0] >= goal or (idle == 2 and size > FEW_ENTRIES):
            break
    return best


def _suggested(
    matrix_at: Callable[[int], Sequence[Sequence[arb]]], goal: int
) -> tuple[tuple[int, Minor, int], int]:
    """The minor on the pivots that floating point finds, where its ball excludes zero; and the
    number of entries."""
    with flint.ctx.workprec(PRECISIONS[0]):
        try:
            middle = np.array([[float(v.mid()) for v in row] for row in matrix_at(PRECISIONS[0])])
        except OverBudget:
            raise
        except UndecidedError:
            middle = np.zeros((1, 1))
    rows, columns = _float_pivots(middle, goal)
    for bits in PRECISIONS[1:5]:
        if not rows:
            break
        with flint.ctx.workprec(bits):
            try:
                table = matrix_at(bits)
            except UndecidedError:
                continue
            if minor_excludes_zero([[table[i][j] for j in columns] for i in rows], bits):
                return (len(rows), Minor(rows, columns), bits), middle.size
    return NOTHING, middle.size


def _float_pivots(a: np.ndarray, goal: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Rows and columns of the pivots of complete pivoting, down to SMALL of the first."""
    a = np.where(np.isfinite(a), a, 0.0)
    rows: list[int] = []
    columns: list[int] = []
    first = float(np.abs(a).max(initial=0.0))
    while len(rows) < goal:
        spend()
        i, j = divmod(int(np.abs(a).argmax()), a.shape[1])
        if not abs(a[i, j]) > SMALL * first:
            break
        rows.append(i)
        columns.append(j)
        a = a - np.outer(a[:, j] / a[i, j], a[i])
        a[i], a[:, j] = 0.0, 0.0
    return tuple(rows), tuple(columns)


def term_rank(rows: Sequence[Sequence[arb]], shape: tuple[int, int]) -> int:
    """The largest number of entries, no two in a row or column, that are not exactly zero: an
    upper bound on the rank (Kőnig; a ball of radius 0 about 0 is the number 0)."""
    m, n = shape
    neighbours = [[j for j in range(n) if not rows[i][j].is_zero()] for i in range(m)]
    owner: dict[int, int] = {}  # of a column, its row in the matching
    match: dict[int, int] = {}  # and the other way round
    for start in range(m):
        spend()
        reached: dict[int, int] = {}  # a column, and the row from which it was reached
        rows_to_try, free = [start], None
        for i in rows_to_try:  # grows: breadth first along alternating paths
            for j in neighbours[i]:
                if j not in reached:
                    reached[j] = i
                    if j not in owner:
                        free = j
                        break
                    rows_to_try.append(owner[j])
            if free is not None:
                break
        while free is not None:  # turn the path from `start` to the free column over
            i = reached[free]
            owner[free], match[i], free = i, free, match.get(i)
    return len(owner)


def minor_excludes_zero(entries: Sequence[Sequence[arb]], bits: int) -> bool:
    """Whether the determinant of a square matrix of balls is certain not to vanish."""
    with flint.ctx.workprec(bits):
        return excludes_zero(arb_mat([list(r) for r in entries]).det())


@dataclass(frozen=True)
class Elimination:
    """Pivot rows and columns, the product of the pivots (± the minor they name), and the Schur
    complement: what is left of the other rows and columns."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    product: arb
    rest: tuple[arb, ...]


def eliminate(a: list[list[arb]], goal: int) -> Elimination:
    """Gaussian elimination with pivots that are certain not to vanish, up to `goal` of them."""
    free_rows = list(range(len(a)))
    free_columns = list(range(len(a[0]))) if a else []
    rows: list[int] = []
    columns: list[int] = []
    product = arb(1)
    while free_rows and free_columns and len(rows) < goal:
        spend()
        certain = [(i, j) for i in free_rows for j in free_columns if excludes_zero(a[i][j])]
        if not certain:
            break
        i, j = max(certain, key=lambda at: float(a[at[0]][at[1]].abs_lower()))
        free_rows.remove(i)
        free_columns.remove(j)
        rows.append(i)
        columns.append(j)
        product = product * a[i][j]
        inverse = 1 / a[i][j]
        for k in free_rows:
            if not a[k][j].is_zero():
                factor = a[k][j] * inverse
                row, top = a[k], a[i]
                for c in free_columns:
                    row[c] = row[c] - factor * top[c]
    rest = tuple(a[i][j] for i in free_rows for j in free_columns)
    return Elimination(tuple(rows), tuple(columns), product, rest)
