"""Matrices of exact entries, and of numbers that are only known by balls.

In: rows of closed forms, of exact numbers, or a way to enclose them. Out: frozen matrices that
show themselves as mathematics and know how to decide their rank. `Matrix` holds exact numbers in
the field of a point; `SymbolicMatrix` closed forms with free symbols; `BallMatrix` numbers whose
closed forms grew too large to carry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from fractions import Fraction
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, overload

import flint
import numpy as np
from flint import arb, fmpq, fmpq_mat

from hessrank.symbolic.errors import InputError, UndecidedError
from hessrank.symbolic.expressions.expression import Expr, number
from hessrank.symbolic.expressions.substitution import Expressions
from hessrank.symbolic.fields import balls
from hessrank.symbolic.fields.elements import Element, Exact
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.ranks import ball_rank
from hessrank.symbolic.ranks.formal_rank import formal_rank
from hessrank.symbolic.ranks.rank_result import RankResult
from hessrank.symbolic.ranks.rational_rank import rational_rank
from hessrank.symbolic.ranks.residue_rank import Entries, unexpanded

if TYPE_CHECKING:
    from hessrank.symbolic.linear_algebra.inertia import Inertia

Shape = tuple[int, int]
#: An upper bound on a rank, and why.
Bound = tuple[int, str]


@dataclass(frozen=True, eq=False)
class Matrix:
    """An m×n matrix of exact numbers: `rows` of flint.fmpq or `elements.Element` of `field`."""

    rows: tuple[tuple[Exact, ...], ...]
    shape: Shape
    field: Field

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
        from hessrank.symbolic.expressions.to_sympy import to_sympy_matrix

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
        if not (self.is_rational or other.is_rational or self.field is other.field):
            a, b = self._joined(other)
            return a @ b
        if self.is_rational and other.is_rational:
            product = (self.to_flint() * other.to_flint()).tolist() if m and n and k else None
            table = product or [[fmpq(0)] * n for _ in range(m)]
        else:
            columns = other.T.rows
            table = [[_dot(row, column) for column in columns] for row in self.rows]
        field = other.field if self.is_rational else self.field
        return Matrix(tuple(tuple(r) for r in table), (m, n), field)

    def _joined(self, other: Matrix) -> tuple[Matrix, Matrix]:
        """The two matrices over one field."""
        flat = [v for matrix in (self, other) for row in matrix.rows for v in row]
        field, values = self.field.join(flat)
        rest = iter(values)
        one, two = ([tuple(next(rest) for _ in r) for r in m.rows] for m in (self, other))
        return Matrix(tuple(one), self.shape, field), Matrix(tuple(two), other.shape, field)

    def __add__(self, other: Matrix) -> Matrix:
        if self.shape != other.shape:
            raise InputError(f"shapes {self.shape} and {other.shape} do not add")
        if not (self.is_rational or other.is_rational or self.field is other.field):
            one, two = self._joined(other)
            return one + two
        rows = tuple(
            tuple(a + b for a, b in zip(r, s, strict=True))
            for r, s in zip(self.rows, other.rows, strict=True)
        )
        return Matrix(rows, self.shape, other.field if self.is_rational else self.field)

    def block(self, rows: Sequence[int], columns: Sequence[int]) -> Matrix:
        """The submatrix of these rows and columns."""
        table = tuple(tuple(self.rows[i][j] for j in columns) for i in rows)
        return Matrix(table, (len(rows), len(columns)), self.field)

    @property
    def is_zero(self) -> bool:
        """Whether every entry is the form 0 (sufficient; necessary where atoms are proven)."""
        return all(v == 0 for row in self.rows for v in row)

    def rank(self, bound: Bound | None = None, **options: Any) -> RankResult:
        """Bounds on the rank with reasons. bound: an upper bound that was proved otherwise, with
        its reason; options go to `rational.rational_rank`."""
        return self._decide(bound, **options) if bound or options else self._rank

    @cached_property
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

    def _repr_latex_(self) -> str:
        from hessrank.symbolic.expressions.printing import latex_matrix

        return f"$\\displaystyle {latex_matrix(self.closed_forms(), self.shape)}$"

    def __str__(self) -> str:
        return _grid([[str(e) for e in row] for row in self.closed_forms()], self.shape)

    def __repr__(self) -> str:
        return f"Matrix({self.shape[0]}×{self.shape[1]})\n{self}"


def _dot(a: Sequence[Exact], b: Sequence[Exact]) -> Exact:
    total: Exact = fmpq(0)
    for x, y in zip(a, b, strict=True):
        if x != 0 and y != 0:
            total = total + x * y
    return total


def _grid(cells: list[list[str]], shape: Shape) -> str:
    if not shape[0] or not shape[1]:
        return "[]"
    widths = [max(len(row[j]) for row in cells) for j in range(shape[1])]
    lines = [
        "[" + "  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) + "]" for row in cells
    ]
    return "\n".join(lines)


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
        from hessrank.symbolic.expressions.to_sympy import to_sympy_matrix

        return to_sympy_matrix(self.closed_forms(), self.shape)

    def _repr_latex_(self) -> str:
        from hessrank.symbolic.expressions.printing import latex_matrix

        return f"$\\displaystyle {latex_matrix(self.closed_forms(), self.shape)}$"

    def __str__(self) -> str:
        return _grid([[str(e) for e in row] for row in self.rows], self.shape)

    def __repr__(self) -> str:
        return f"SymbolicMatrix({self.shape[0]}×{self.shape[1]})\n{self}"


@dataclass(frozen=True, eq=False)
class BallMatrix:
    """An m×n matrix known through enclosures: `at(bits)` gives its rows as Arb balls.

    entries: where given, evaluates its rows in any ring.
    """

    at: Callable[[int], Sequence[Sequence[arb]]]
    shape: Shape
    why: str = "its closed form is too large to carry"
    entries: Entries | None = None
    is_rational: bool = dataclass_field(default=False, init=False)

    def to_sympy(self) -> Any:
        """A sympy.Matrix of what the entries are computed from, unexpanded."""
        from hessrank.symbolic.expressions.to_sympy import to_sympy_matrix

        if self.entries is None:
            raise InputError(f"no closed forms: {self.why}; to_numpy() gives floats", "matrix")
        rows = self.entries(Expressions())
        closed = [[v if isinstance(v, Expr) else number(v) for v in row] for row in rows]
        return to_sympy_matrix(closed, self.shape)

    def to_numpy(self, bits: int = 128) -> Any:
        """Nearest floats, from balls of `bits` bits or more where the entries need it.

        Raises UndecidedError where an entry is not known by balls of any precision.
        """
        known: dict[int, Sequence[Sequence[arb]]] = {}

        def ball(i: int, j: int, precision: int) -> arb:
            if precision not in known:
                try:
                    with flint.ctx.workprec(precision):
                        known[precision] = self.at(precision)
                except UndecidedError:
                    known[precision] = ()
            return known[precision][i][j] if known[precision] else arb("nan")

        m, n = self.shape
        return np.array(
            [[balls.nearest_float(partial(ball, i, j), bits) for j in range(n)] for i in range(m)],
            dtype=float,
        ).reshape(self.shape)

    def rank(self, bound: Bound | None = None) -> RankResult:
        """A certain lower bound by balls; from above the size, the pattern of exact zeros,
        `bound`, which was proved otherwise, and, at stated odds, what residues show."""
        m, n = self.shape
        upper, above = min(m, n), f"the matrix has {m} rows" if m <= n else f"it has {n} columns"
        if bound is not None and bound[0] < upper:
            upper, above = bound
        if upper:
            with flint.ctx.workprec(balls.PRECISIONS[0]), suppress(UndecidedError):
                pattern = ball_rank.term_rank(self.at(balls.PRECISIONS[0]), self.shape)
                if pattern < upper:
                    above = f"at most {pattern} nonzero entries share no row or column"
                    upper = pattern
        lower, minor, bits = ball_rank.rank_lower(self.at, upper)
        found = RankResult(
            lower,
            upper,
            "certified" if lower == upper else "undecided",
            self.shape,
            f"{lower} pivots lie in balls of {bits} bits without zero",
            above,
            minor,
        )
        if self.entries is not None:
            found = unexpanded(found, self.entries, self.at)
        if found.decided:
            return found
        above = f"{found.upper_reason}; {self.why}, so that no kernel can be verified"
        return replace(found, upper_reason=above)

    @property
    def inertia(self) -> Inertia:
        """Raises UndecidedError: `Landscape.inertia` has it where the rank is decided."""
        raise UndecidedError("only known by balls")

    def __repr__(self) -> str:
        return f"BallMatrix({self.shape[0]}×{self.shape[1]}): {self.why}"
