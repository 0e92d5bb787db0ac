"""Comparing the exact rank of a matrix with the measured one.

In: a `RankResult` (bounds from exact algebra) and a `NumericRank` (or `NotMeasured`) of the same
matrix. Out: a `CrossCheck`: agree, disagree or inconclusive, with the reason in words. The two come
from engines that share no derivative, so a disagreement means that one of them is wrong: it is
always raised as a flag, and it never decides which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from hessrank.numeric.measured_ranks import NotMeasured
from hessrank.numeric.rank import NumericRank
from hessrank.symbolic.ranks.rank_result import RankResult

Verdict = Literal["agree", "disagree", "inconclusive"]


@dataclass(frozen=True)
class CrossCheck:
    """The outcome of a comparison.

    >>> CrossCheck("agree", "both say 2").flag
    False
    """

    verdict: Verdict
    reason: str

    @property
    def flag(self) -> bool:
        """True where somebody has to look."""
        return self.verdict == "disagree"

    def to_json(self) -> dict[str, Any]:
        """The fields."""
        return dict(vars(self))


def crosscheck(exact: RankResult, measured: NumericRank | NotMeasured) -> CrossCheck:
    """Whether the measured rank fits the exact bounds.

    disagree: the intervals are disjoint, or the shapes differ. agree: both name one rank, the same.
    inconclusive: whatever else, for the one or the other leaves more than one value; and where
    float64 alone saw fewer values, for it takes what is tiny for zero.

    >>> from hessrank.numeric.rank import numeric_rank
    >>> exact = RankResult(1, 1, "certified", (2, 2), "an entry is not zero", "row 2 = 2·row 1")
    >>> crosscheck(exact, numeric_rank([[1.0, 2.0], [2.0, 4.0]]))
    CrossCheck(verdict='agree', reason='both say 1')
    >>> crosscheck(exact, numeric_rank([[1.0, 2.0], [2.0, 5.0]])).verdict
    'disagree'
    """
    if isinstance(measured, NotMeasured):
        return CrossCheck("inconclusive", f"not measured: {measured.reason}")
    if exact.shape != measured.shape:
        shapes = [f"{m}x{n}" for m, n in (exact.shape, measured.shape)]
        return CrossCheck(
            "disagree", f"the exact matrix is {shapes[0]}, the measured one {shapes[1]}"
        )
    said = _interval(exact.lower, exact.upper)
    seen = _interval(measured.lower, measured.upper)
    if measured.upper < exact.lower and measured.second_precision is None:
        return CrossCheck(
            "inconclusive",
            f"exact algebra says {said} ({exact.lower_reason}); float64 alone says {seen}, "
            "but cannot tell zero from tiny",
        )
    if measured.upper < exact.lower or exact.upper < measured.lower:
        return CrossCheck(
            "disagree",
            f"exact algebra says {said} ({exact.lower_reason}; {exact.upper_reason}), "
            f"measuring says {seen} ({_evidence(measured)})",
        )
    if exact.decided and not measured.ambiguous:
        return CrossCheck("agree", f"both say {said}")
    if exact.decided:
        return CrossCheck("inconclusive", f"exactly {said}; the spectrum leaves {seen}")
    return CrossCheck(
        "inconclusive", f"exact bounds {said}; measured {seen}, which decides nothing"
    )


def _interval(lower: int, upper: int) -> str:
    return str(lower) if lower == upper else f"{lower} to {upper}"


def _evidence(measured: NumericRank) -> str:
    second = measured.second_precision
    tested = f"tested with {second.digits} digits" if second else "float64 alone"
    return f"threshold {measured.tolerance:.1e}, gap {measured.gap:.1e}, {tested}"
