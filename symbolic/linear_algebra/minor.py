"""Minors: the witnesses of lower bounds on a rank.

In: the rows and columns of a square submatrix that somebody found not to be singular, and how that
is known. Out: `Minor`, a frozen value that says so, and writes itself as JSON; `pivot_columns`
finds one.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import nmod_mat


@dataclass(frozen=True)
class Minor:
    """A square submatrix that is not singular: the witness of a lower bound.

    `rows` and `columns` are indices from 0, of the same length r. The determinant of the submatrix
    (after each row has been cleared of denominators) is not zero modulo `prime`; `determinant`,
    where given, is that residue in 0..prime-1, or the exact determinant where `prime` is None.

    >>> Minor(rows=(0, 2), columns=(1, 2), prime=101, determinant=7).size
    2
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    prime: int | None = None
    determinant: int | Fraction | None = None

    def __post_init__(self) -> None:
        if len(self.rows) != len(self.columns):
            raise ValueError("a minor has as many rows as columns")

    @property
    def size(self) -> int:
        """The number of rows, which is the lower bound that the minor proves."""
        return len(self.rows)

    def to_json(self) -> dict[str, Any]:
        """The minor as plain lists, numbers and strings."""
        det = self.determinant
        return {
            "rows": list(self.rows),
            "columns": list(self.columns),
            "prime": self.prime,
            "determinant": str(det) if isinstance(det, Fraction) else det,
        }


def pivot_columns(matrix: nmod_mat) -> tuple[int, ...]:
    """The columns of the pivots of the reduced echelon form.

    >>> pivot_columns(nmod_mat([[0, 1, 2], [0, 2, 5]], 7))
    (1, 2)
    """
    reduced, rank = matrix.rref()
    found: list[int] = []
    j = 0
    for i in range(rank):
        while not int(reduced[i, j]):
            j += 1
        found.append(j)
    return tuple(found)
