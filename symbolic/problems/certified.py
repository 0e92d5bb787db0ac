"""A point that is certified without being written down, and what is certain there.

In: a problem, for each parameter a constant or a ball, and what a test of existence has shown: that
F = y, that r = 0 or that ∇L = 0, ranks, the kind of point. Out: `Certified`, whose `values` are the
point's coordinates; a `Landscape` there takes for known what is: the coordinates are letters with
balls, and no form of theirs shows that r = 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from flint import arb

from hessrank.symbolic.expressions.enclosed import enclosed, is_enclosed
from hessrank.symbolic.expressions.expression import ZERO, Expr
from hessrank.symbolic.fields.balls import BallRing
from hessrank.symbolic.problems.evaluation import Evaluation
from hessrank.symbolic.ranks.rank_result import RankResult


@dataclass(frozen=True, eq=False)
class Certified:
    """problem: of which the point was certified; kind: "F = y", "r = 0" or "∇L = 0"; ranks: there,
    by the names of matrices; point: its kind in words; why: the proof in a sentence; values: name
    and constant of each parameter, set by `at`."""

    problem: Any
    kind: str
    ranks: Mapping[str, RankResult]
    point: str
    why: str
    values: tuple[tuple[str, Expr], ...] = field(default=(), init=False)

    @classmethod
    def at(
        cls,
        problem: Any,
        kind: str,
        ranks: Mapping[str, RankResult],
        point: str,
        why: str,
        forms: Sequence[Expr | None],
        ball: Callable[[int], arb],
        long: int | None = None,
    ) -> Certified:
        """With the coordinates `forms`, and where there is None, `ball(j)` at the working
        precision. Rational ones of a height above `long` become letters too, equal ones the same.
        """
        made, values = cls(problem, kind, ranks, point, why), []
        letters: dict[Expr, Expr] = {}
        for j, (name, form) in enumerate(zip(problem.model.parameters, forms, strict=True)):
            if form is None:
                values.append((name, enclosed(name, partial(ball, j), made)))
            elif long is None or not form.is_number or height(form.value) <= long:
                values.append((name, form))
            else:
                letter = enclosed(name, partial(BallRing.number, form.value), made)
                values.append((name, letters.setdefault(form, letter)))
        object.__setattr__(made, "values", tuple(values))
        return made

    def arrays(self, problem: Any, found: Evaluation) -> dict[str, Any]:
        """The arrays of `found` that are known here, of `problem` at this point."""
        known: dict[str, Any] = {}
        if not self._same_behaviour(problem):
            return known
        D, K, N = len(problem.data), problem.model.output_count, problem.N
        (zero,) = found.constants([ZERO])
        if self.kind == "F = y":
            flat = found.constants([v for row in problem.data.y for v in row])
            known["F"] = np.array(flat, dtype=object).reshape(D, K)
        if problem == self.problem:
            known["g"] = np.full((N, 1), zero, dtype=object)
            if self.kind != "∇L = 0":
                known["r"] = np.full(D * K, zero, dtype=object)
                known["R"] = np.full((N, N), zero, dtype=object)
        return known

    def rank(self, problem: Any, name: str) -> RankResult | None:
        """The rank of a matrix of `problem` here, as far as it was shown."""
        same = self._same_behaviour(problem) if name == "jacobian" else problem == self.problem
        return self.ranks.get(name) if same else None

    def _same_behaviour(self, problem: Any) -> bool:
        return bool(problem.model == self.problem.model and problem.data == self.problem.data)


def height(q: Fraction) -> int:
    return max(abs(q.numerator), q.denominator)


def certified_at(values: Sequence[tuple[str, Expr]]) -> Certified | None:
    """What is certain of the point with these coordinates; None for one that is written down."""
    for _, form in values:
        if is_enclosed(form):
            found: Certified | None = getattr(form.name, "point", None)
            return found if found is not None and found.values == tuple(values) else None
    return None
