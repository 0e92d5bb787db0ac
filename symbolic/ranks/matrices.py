"""Matrices of exact entries, and the protocol of every matrix of numbers.

In: rows of closed forms or of exact numbers. Out: frozen matrices that show themselves as
mathematics and know how to decide their rank. `Matrix` holds exact numbers in the field of a
point; `SymbolicMatrix` closed forms with free symbols. `AnyMatrix` is what a `Matrix` has in
common with a `ball_matrix.BallMatrix`, whose numbers are only enclosed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from fractions import Fraction
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Protocol, overload

import numpy as np
from flint import arb, fmpq, fmpq_mat

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions import brief
from hessrank.symbolic.expressions.expression import Expr, number
from hessrank.symbolic.expressions.printing import latex_matrix
from hessrank.symbolic.fields import balls
from hessrank.symbolic.fields.elements import Element, Exact
from hessrank.symbolic.fields.field import Field, differs
from hessrank.symbolic.once import once
from hessrank.symbolic.ranks.formal_rank import formal_rank
from hessrank.symbolic.ranks.rank_result import RankResult
from hessrank.symbolic.ranks.rational_rank import rational_rank

if TYPE_CHECKING:
    from hessrank.symbolic.linear_algebra.inertia import Inertia

Shape = tuple[int, int]
#: A quotient of more terms is not written out where nobody asked for it.
MANY_TERMS = 12
#: An upper bound on a rank, and why.
Bound = tuple[int, str]


class AnyMatrix(Protocol):
    """An m×n matrix of numbers at a point, known exactly (`Matrix`) or by balls (`BallMatrix`).

    What needs exact numbers asks `exact` for them, or first whether it `is_exact`: `exact`, `rows`,
    `field` and `closed_forms` raise UndecidedError where the numbers are only known by balls.
    """

    @property
    def shape(self) -> Shape: ...
    @property
    def is_rational(self) -> bool: ...
    @property
    def is_exact(self) -> bool: ...
    @property
    def rows(self) -> tuple[tuple[Exact, ...], ...]: ...
    @property
    def field(self) -> Field: ...
    def exact(self, name: str = ...) -> Matrix: ...
    def closed_forms(self) -> list[list[Expr]]: ...

    def at(self, bits: int, /) -> Sequence[Sequence[arb]]:
        """Balls around the entries, computed with `bits` bits."""

    def rank(self, bound: Bound | None = None) -> RankResult:
        """Bounds on the rank with reasons. bound: from above, proved otherwise, with its reason."""

    @property
    def inertia(self) -> Inertia:
        """(n₊, n₋, n₀) of a symmetric matrix. Raises UndecidedError where it is not known."""

    def vanishes(self, what: str) -> tuple[bool | None, str]:
        """Whether all entries are 0 (None: not known), with a sentence about `what`."""

    def to_numpy(self, bits: int = 128) -> Any:
        """Nearest floats, from balls of `bits` bits or more."""

    def latex(self) -> str:
        """All entries as LaTeX, without delimiters."""

    def to_sympy(self) -> Any:
        """A sympy.Matrix."""


@dataclass(frozen=True, eq=False)
class Matrix:
    """An m×n matrix of exact numbers: `rows` of flint.fmpq or `elements.Element` of `field`."""

    rows: tuple[tuple[Exact, ...], ...]
    shape: Shape
    field: Field
    is_exact: bool = dataclass_field(default=True, init=False)

    def exact(self, name: str = "the matrix") -> Matrix:
        """Itself."""
        return self

    @classmethod
    def of(cls, array: Any, field: Field) -> Matrix:
        """From a two-dimensional object array."""
        m, n = array.shape
        return cls(tuple(tuple(row) for row in array), (m, n), field)

    @overload
    def __getitem__(self, at: tuple[int, int]) -> Expr: ...
    @overload
    def __getitem__(self, at: int) -> list[Expr]: ...
    def __getitem__(self, at: tuple[int, int] | int) -> Expr | list[Expr]:
        """The entry at (row, column), or a row, as closed forms.

        >>> import hessrank as hr
        >>> J = hr.Problem(hr.mlp([2, 1], "identity"), hr.Data([[1, 2]], [[0]])).jacobian
        >>> J[0, 1], [len(row) for row in J], J[0] == list(J)[0]
        (Expr(2), [3], True)
        """
        if isinstance(at, tuple):
            return self.field.expr(self.rows[at[0]][at[1]])
        return [self.field.expr(v) for v in self.rows[at]]

    def __iter__(self) -> Iterator[list[Expr]]:
        return iter(self.closed_forms())

    def __len__(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Matrix):
            return NotImplemented
        return self.shape == other.shape and self.closed_forms() == other.closed_forms()

    @cached_property
    def is_rational(self) -> bool:
        return all(not isinstance(v, Element) for row in self.rows for v in row)

    def fractions(self) -> list[list[Fraction]]:
        """The entries of a rational matrix."""
        if not self.is_rational:
            raise InputError("the matrix has irrational entries")
        return [[Fraction(int(v.p), int(v.q)) for v in row] for row in self.rows]

    def closed_forms(self) -> list[list[Expr]]:
        return [[self.field.expr(v) for v in row] for row in self.rows]

    def to_flint(self) -> fmpq_mat:
        """A rational matrix in python-flint's form."""
        return fmpq_mat(*self.shape, [v for row in self.rows for v in row])

    def to_sympy(self) -> Any:
        """A sympy.Matrix."""
        from hessrank.symbolic.expressions.exchange.to_sympy import to_sympy_matrix

        return to_sympy_matrix(self.closed_forms(), self.shape)

    def to_numpy(self, bits: int = 128) -> Any:
        """Nearest floats, from balls of `bits` bits."""
        return np.array(
            [
                [
                    balls.nearest_float(partial(self.field.ball, v), bits) if v != 0 else 0.0
                    for v in row
                ]
                for row in self.rows
            ],
            dtype=float,
        ).reshape(self.shape)

    def at(self, bits: int) -> list[list[arb]]:
        """Its rows as balls, computed with `bits` bits."""
        return [[self.field.ball(v, bits) for v in row] for row in self.rows]

    @property
    def T(self) -> Matrix:
        m, n = self.shape
        return Matrix(tuple(tuple(r[j] for r in self.rows) for j in range(n)), (n, m), self.field)

    def __matmul__(self, other: Matrix) -> Matrix:
        (m, k), (l, n) = self.shape, other.shape
        if k != l:
            raise InputError(f"shapes {self.shape} and {other.shape} do not multiply")
        one, two = self.joined(other)
        if one.is_rational and two.is_rational:
            product = (one.to_flint() * two.to_flint()).tolist() if m and n and k else None
            table = product or [[fmpq(0)] * n for _ in range(m)]
        else:
            columns = two.T.rows
            table = [[_dot(row, column) for column in columns] for row in one.rows]
        return Matrix(tuple(tuple(r) for r in table), (m, n), one.field)

    def joined(self, other: Matrix) -> tuple[Matrix, Matrix]:
        """The two matrices over one field. Raises what `Field.join` raises."""
        if self.is_rational or other.is_rational or self.field is other.field:
            field = other.field if self.is_rational else self.field
            return self._in(field), other._in(field)
        flat = [v for matrix in (self, other) for row in matrix.rows for v in row]
        field, values = self.field.join(flat)
        rest = iter(values)
        one, two = (tuple(tuple(next(rest) for _ in r) for r in m.rows) for m in (self, other))
        return Matrix(one, self.shape, field), Matrix(two, other.shape, field)

    def _in(self, field: Field) -> Matrix:
        return self if self.field is field else replace(self, field=field)

    def __add__(self, other: Matrix) -> Matrix:
        if self.shape != other.shape:
            raise InputError(f"shapes {self.shape} and {other.shape} do not add")
        one, two = self.joined(other)
        rows = tuple(
            tuple(a + b for a, b in zip(r, s, strict=True))
            for r, s in zip(one.rows, two.rows, strict=True)
        )
        return Matrix(rows, self.shape, one.field)

    def stacked(self, other: Matrix) -> Matrix:
        """[self; other]: the rows of both."""
        if self.shape[1] != other.shape[1]:
            raise InputError(f"shapes {self.shape} and {other.shape} do not stack")
        one, two = self.joined(other)
        rows = (*one.rows, *two.rows)
        return Matrix(rows, (len(rows), self.shape[1]), one.field)

    def block(self, rows: Sequence[int], columns: Sequence[int]) -> Matrix:
        """The submatrix of these rows and columns."""
        table = tuple(tuple(self.rows[i][j] for j in columns) for i in rows)
        return Matrix(table, (len(rows), len(columns)), self.field)

    def vanishes(self, what: str) -> tuple[bool | None, str]:
        """True where every entry is the form 0, False where one is known to differ from 0."""
        nonzero = [v for row in self.rows for v in row if v != 0]
        if not nonzero:
            return True, f"{what} is zero"
        for v in nonzero:
            if differs(self.field, v):
                return False, f"{what} is not zero: one entry is {self._short(v)}"
        return None, f"{what} is not zero as a form; no ball separates it from zero"

    def _short(self, value: Exact) -> str:
        if isinstance(value, Element) and len(value.num) + len(value.den) > MANY_TERMS:
            return "a closed form of many terms"
        text = str(self.field.expr(value))
        return text if len(text) <= 40 else f"{text[:37]}..."

    def rank(self, bound: Bound | None = None, **options: Any) -> RankResult:
        """Bounds on the rank with reasons. bound: an upper bound that was proved otherwise, with
        its reason; options go to `rational.rational_rank`."""
        return self._decide(bound, **options) if bound or options else self._rank()

    @once
    def _rank(self) -> RankResult:
        return self._decide(None)

    def _decide(self, bound: Bound | None, **options: Any) -> RankResult:
        m, n = self.shape
        if not m or not n:
            why = "the matrix is empty"
            return RankResult(0, 0, "certified", self.shape, why, why)
        if bound is not None and bound[0] >= min(m, n):
            bound = None
        if self.is_rational:
            return rational_rank(self.to_flint(), structural_upper=bound, **options)
        return formal_rank(self.rows, self.shape, self.field, bound)

    @cached_property
    def inertia(self) -> Inertia:
        """(n₊, n₋, n₀) of a symmetric matrix, by LDLᵀ in the field of the point."""
        from hessrank.symbolic.linear_algebra.inertia import inertia

        return inertia([list(row) for row in self.rows], sign=self.field.sign)

    def _brief(self, i: int, j: int) -> Expr | None:
        """An entry, unless it is a quotient of many terms."""
        v = self.rows[i][j]
        if isinstance(v, Element) and len(v.num) + len(v.den) > MANY_TERMS:
            return None
        return self.field.expr(v)

    def latex(self) -> str:
        r"""All of it as LaTeX, without delimiters, to be pasted into a paper.

        >>> import hessrank as hr
        >>> X = hr.Data([[1, 2]], [[0]])
        >>> print(hr.Problem(hr.mlp([2, 1], "identity"), X).at([1, 2, 3]).jacobian.latex())
        \begin{pmatrix} 1 & 2 & 1 \end{pmatrix}
        """
        return latex_matrix(self.closed_forms(), self.shape)

    def _repr_latex_(self) -> str:
        return brief.latex(self.shape, self._brief)

    def __str__(self) -> str:
        return brief.grid([[str(e) for e in row] for row in self.closed_forms()], self.shape)

    def __repr__(self) -> str:
        return brief.text("Matrix", self.shape, self._brief)


def _dot(a: Sequence[Exact], b: Sequence[Exact]) -> Exact:
    total: Exact = fmpq(0)
    for x, y in zip(a, b, strict=True):
        if x != 0 and y != 0:
            total = total + x * y
    return total


@dataclass(frozen=True, eq=False)
class SymbolicMatrix:
    """An m×n matrix of closed forms with free symbols."""

    rows: tuple[tuple[Expr, ...], ...]
    shape: Shape

    @classmethod
    def of(cls, array: Any) -> SymbolicMatrix:
        rows = tuple(tuple(v if isinstance(v, Expr) else number(v) for v in r) for r in array)
        return cls(rows, tuple(array.shape))

    @overload
    def __getitem__(self, at: tuple[int, int]) -> Expr: ...
    @overload
    def __getitem__(self, at: int) -> list[Expr]: ...
    def __getitem__(self, at: tuple[int, int] | int) -> Expr | list[Expr]:
        """The entry at (row, column), or a row."""
        return self.rows[at[0]][at[1]] if isinstance(at, tuple) else list(self.rows[at])

    def __iter__(self) -> Iterator[list[Expr]]:
        return iter(self.closed_forms())

    def __len__(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SymbolicMatrix):
            return NotImplemented
        return self.shape == other.shape and self.rows == other.rows

    def closed_forms(self) -> list[list[Expr]]:
        return [list(row) for row in self.rows]

    def to_sympy(self) -> Any:
        from hessrank.symbolic.expressions.exchange.to_sympy import to_sympy_matrix

        return to_sympy_matrix(self.closed_forms(), self.shape)

    def latex(self) -> str:
        """All of it as LaTeX, without delimiters, to be pasted into a paper."""
        return latex_matrix(self.closed_forms(), self.shape)

    def _repr_latex_(self) -> str:
        return brief.latex(self.shape, lambda i, j: self.rows[i][j])

    def __str__(self) -> str:
        return brief.grid([[str(e) for e in row] for row in self.rows], self.shape)

    def __repr__(self) -> str:
        return brief.text("SymbolicMatrix", self.shape, lambda i, j: self.rows[i][j])
