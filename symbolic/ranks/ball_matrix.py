"""Matrices of numbers that are only known by balls: their closed forms grew too large to carry.

In: a way to enclose the entries, at any precision, and to evaluate them in any ring. Out: a
`BallMatrix`, an `AnyMatrix` without exact numbers, which knows bounds on its rank all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import flint
import numpy as np
from flint import arb

from hessrank.symbolic.budget import OverBudget, spend
from hessrank.symbolic.errors import InputError, UndecidedError, counted
from hessrank.symbolic.expressions.expression import Expr, number
from hessrank.symbolic.expressions.substitution import Expressions
from hessrank.symbolic.fields import balls
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.ranks import ball_rank
from hessrank.symbolic.ranks.matrices import Bound, Matrix, Shape
from hessrank.symbolic.ranks.rank_result import RankResult, cut_short
from hessrank.symbolic.ranks.unexpanded.residue_rank import Entries, unexpanded

if TYPE_CHECKING:
    from hessrank.symbolic.linear_algebra.inertia import Inertia


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
    is_exact: bool = dataclass_field(default=False, init=False)

    def exact(self, name: str = "the matrix") -> Matrix:
        """Raises UndecidedError, as `rows`, `field` and `inertia` do."""
        raise UndecidedError(f"{name} is known to any precision, but not exactly ({self.why})")

    @property
    def rows(self) -> tuple[tuple[Exact, ...], ...]:
        return self.exact().rows

    @property
    def field(self) -> Field:
        return self.exact().field

    def latex(self) -> str:
        return self.exact().latex()

    def closed_forms(self) -> list[list[Expr]]:
        return self.exact().closed_forms()

    def vanishes(self, what: str) -> tuple[bool | None, str]:
        """False where a ball excludes 0, True where the rank is certified to be 0. Raises
        OverBudget where there is no time to enclose the entries."""
        if self.differs_from_zero():
            return False, f"{what} is not zero: an interval around one entry excludes 0"
        known = self.rank()
        if known.upper == 0 and known.is_certain:
            return True, f"{what} is zero: {known.upper_reason}"
        return None, f"{what} is 0 to high precision, and not known exactly: it may be 0 or not"

    def differs_from_zero(self) -> bool:
        """Whether a ball of an entry excludes 0. Raises OverBudget."""
        with flint.ctx.workprec(balls.PRECISIONS[2]):
            try:
                return any(balls.excludes_zero(v) for r in self.at(balls.PRECISIONS[2]) for v in r)
            except OverBudget:
                raise
            except UndecidedError:
                return False

    def to_sympy(self) -> Any:
        """A sympy.Matrix of what the entries are computed from, unexpanded."""
        from hessrank.symbolic.expressions.exchange.to_sympy import to_sympy_matrix

        if self.entries is None:
            raise InputError(f"no closed forms: {self.why}; to_numpy() gives floats", "matrix")
        rows = self.entries(Expressions())
        closed = [[v if isinstance(v, Expr) else number(v) for v in row] for row in rows]
        return to_sympy_matrix(closed, self.shape)

    def to_numpy(self, bits: int = 128) -> Any:
        """Nearest floats, from balls of `bits` bits or more where the entries need it.

        Raises UndecidedError where an entry is not known by balls of any precision.
        """

        @cache
        def table(precision: int) -> Sequence[Sequence[arb]] | None:
            with flint.ctx.workprec(precision), suppress(UndecidedError):
                return self.at(precision)
            return None

        def ball(i: int, j: int, precision: int) -> arb:
            known = table(precision)
            return arb("nan") if known is None else known[i][j]

        m, n = self.shape
        return np.array(
            [[balls.nearest_float(partial(ball, i, j), bits) for j in range(n)] for i in range(m)]
        ).reshape(self.shape)

    def rank(self, bound: Bound | None = None) -> RankResult:
        """A certain lower bound by balls; from above the size, the pattern of exact zeros,
        `bound`, which was proved otherwise, and, at stated odds, what residues show."""
        m, n = self.shape
        upper, above = (
            min(m, n),
            f"the matrix has {counted(m, 'row')}" if m <= n else f"it has {counted(n, 'column')}",
        )
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
            f"{counted(lower, 'pivot')} in balls of {bits} bits without zero",
            above,
            minor,
        )
        try:
            spend()
            if self.entries is not None:
                found = unexpanded(found, self.entries, self.at)
        except OverBudget as error:
            return cut_short(found, str(error))
        if found.decided:
            return found
        above = f"{found.upper_reason}; {self.why}, so that no kernel can be verified"
        return replace(found, upper_reason=above)

    @property
    def inertia(self) -> Inertia:
        """Raises UndecidedError: `Landscape.inertia` has it where the rank is decided."""
        raise UndecidedError(f"known to any precision, but not exactly ({self.why})")

    def __repr__(self) -> str:
        return f"BallMatrix({self.shape[0]}×{self.shape[1]}): {self.why}"
