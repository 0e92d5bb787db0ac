"""What was certified: a box that holds an exact point, and what is certain at that point.

In: an enclosure. Out: `Found`; helpers that fits and critical points share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np
from flint import arb, ctx

from hessrank.proofs.existence.boxes import NOT_SMOOTH, Array, Boxes, Values, middle
from hessrank.proofs.existence.krawczyk import Enclosure, NotCertifiedError, nonsingular, pivots
from hessrank.symbolic.expressions.expression import Expr, number
from hessrank.symbolic.problems.certified import Certified
from hessrank.symbolic.ranks.rank_result import Minor, RankResult, Status

#: Coordinates are enclosed by balls of at most so many bits.
FINEST = 1024
#: Rational coordinates of larger height stand as letters under exponentials, where a power of e
#: for each of their digits would be carried.
LONG = 1_000


@dataclass(frozen=True, eq=False)
class Found:
    """boxes: the problem on its smooth piece; forms: each parameter's start (an exact constant, or
    a float that stands for itself), which those that are not `free` keep; enclosure: of the free.
    """

    boxes: Boxes
    forms: tuple[Expr | float, ...]
    free: tuple[int, ...]
    enclosure: Enclosure
    kind: str = ""
    rank_jacobian: RankResult | None = None
    rank_hessian: RankResult | None = None
    point: str = "undecided"
    fibre_dimension: int | None = None
    learning: tuple[Fraction, Fraction] | None = None
    why: str = ""

    @classmethod
    def of(
        cls,
        boxes: Boxes,
        forms: Sequence[Expr | float],
        free: Sequence[int],
        enclosure: Enclosure,
    ) -> Found:
        return cls(boxes, tuple(forms), tuple(free), enclosure)

    @property
    def theta(self) -> list[arb]:
        """The box, a ball for each parameter."""
        theta = theta_of(self.boxes, self.forms)
        for j, ball in zip(self.free, self.enclosure.box, strict=True):
            theta[j] = ball
        return theta

    @cached_property
    def certified(self) -> Certified:
        """What is certain of the exact point in the box, whose coordinates are the constants of
        `forms` and, where they are free, numbers that the box encloses."""
        problem = self.boxes.problem
        outputs = self.kind == "fit" and problem.loss.vanishes_at_targets
        kind = "F = y" if outputs else "r = 0" if self.kind == "fit" else "∇L = 0"
        shown = {"jacobian": self.rank_jacobian, "hessian": self.rank_hessian}
        ranks = {name: rank for name, rank in shown.items() if rank is not None}
        place, known = {j: k for k, j in enumerate(self.free)}, {0: self.enclosure}

        def ball(j: int) -> arb:
            bits = min(ctx.prec, FINEST)
            if bits not in known:
                known[bits] = known[max(known)].finer(bits)
            return known[bits].box[place[j]]

        return Certified.at(
            problem,
            kind,
            ranks,
            self.point,
            self.why,
            [None if j in place else _constant(v) for j, v in enumerate(self.forms)],
            ball,
            LONG if self.boxes.is_transcendental else None,
        )

    @cached_property
    def values(self) -> Values:
        """Over the box, at the enclosure's precision."""
        with self.enclosure.precision():
            return self.boxes.at(self.theta)

    def check_smooth(self) -> None:
        """Raises NotCertifiedError where F is not smooth in all parameters on the box."""
        if not self.boxes.has_kinks:
            return
        least = arb(2) ** -90
        wide = [arb(v.mid(), v.rad() + self.enclosure.radius + least) for v in self.theta]
        try:
            _ = Boxes(self.boxes.problem, 0).smooth_on(wide)
        except NOT_SMOOTH as error:
            raise NotCertifiedError(f"the box meets a kink: {error}") from None

    def with_ranks(
        self,
        kind: str,
        J: RankResult,
        H: RankResult,
        point: str,
        dimension: int | None,
        learning: Sequence[Fraction] | None,
        why: str,
    ) -> Found:
        return replace(
            self,
            kind=kind,
            rank_jacobian=J,
            rank_hessian=H,
            point=point,
            fibre_dimension=dimension,
            learning=(learning[0], learning[1]) if learning else None,
            why=why,
        )


def _constant(value: Expr | float) -> Expr:
    return value if isinstance(value, Expr) else number(Fraction(value))


def theta_of(boxes: Boxes, forms: Sequence[Expr | float]) -> list[arb]:
    """The parameters' starts at the working precision."""
    exact = [v for v in forms if isinstance(v, Expr)]
    known = iter(boxes.constants(exact))
    return [next(known) if isinstance(v, Expr) else arb(v) for v in forms]


def bounded(
    lower: int,
    upper: int,
    shape: tuple[int, int],
    below: str,
    above: str,
    minor: tuple[Sequence[int], Sequence[int]] | None = None,
) -> RankResult:
    """Both bounds as a RankResult."""
    witness = None
    if minor is not None and len(minor[0]) == lower:
        witness = Minor(tuple(map(int, minor[0])), tuple(map(int, minor[1])))
    status: Status = "certified" if lower == upper else "undecided"
    return RankResult(lower, upper, status, shape, below, above, witness)


def minor_of(matrix: Array, goal: int) -> tuple[list[int], list[int]]:
    """Rows and columns of a minor that is certain not to vanish, of size `goal` at most."""
    rows, columns = pivots(middle(matrix), goal)
    while rows:
        if nonsingular(matrix[np.ix_(rows, columns)]):
            return rows, columns
        cut = max(1, len(rows) // 8)
        rows, columns = rows[:-cut], columns[:-cut]
    return [], []
