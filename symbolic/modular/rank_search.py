"""A rank from repeated looks at a matrix modulo random primes.

In: a proved upper bound, how likely one look is to miss a larger minor, and the matrix modulo one
prime after another. Out: a `RankResult`. Each look names a minor that is not zero, which proves a
lower bound; looks end when that meets the upper bound, or when the chance that all of them missed a
larger minor is below 2^FAILURE_LOG2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hessrank.symbolic.errors import HessrankError
from hessrank.symbolic.linear_algebra.minor import Minor
from hessrank.symbolic.linear_algebra.primefield import echelon
from hessrank.symbolic.models.layers import Array
from hessrank.symbolic.ranks.rank_result import RankResult

#: A probabilistic upper bound fails with probability at most 2^FAILURE_LOG2.
FAILURE_LOG2 = -100.0
#: Where a single look fails with more than this probability, repetitions lead nowhere.
HOPELESS_LOG2 = -1.0


@dataclass
class Search:
    """What the looks at one matrix have shown so far.

    shape, bound: of the matrix, and (upper bound, reason); miss_log2(order): log2 of a bound on the
    probability that a minor of this order that is not zero is zero in one look; place: where the
    looks are taken, in words, for the reasons.
    """

    shape: tuple[int, int]
    bound: tuple[int, str]
    miss_log2: Callable[[int], float]
    place: str
    looks: int = 0
    witness: Minor = field(default_factory=lambda: Minor((), ()))

    @property
    def failure_log2(self) -> float:
        """log2 of the chance that every look so far missed a larger minor."""
        return self.looks * self.miss_log2(self.witness.size + 1)

    @property
    def done(self) -> bool:
        """Whether another look would not help."""
        if self.witness.size == self.bound[0]:
            return True
        hopeless = self.miss_log2(self.witness.size + 1) > HOPELESS_LOG2
        return self.looks > 0 and (hopeless or self.failure_log2 <= FAILURE_LOG2)

    def look(self, matrix: Array, p: int) -> None:
        """Take the rank of `matrix`, residues modulo p, into account."""
        found = echelon(matrix, p)
        self.looks += 1
        if found.rank > self.bound[0]:
            raise HessrankError(
                f"a minor of order {found.rank} contradicts the bound {self.bound[0]}: "
                f"{self.bound[1]}"
            )
        if found.rank > self.witness.size:
            rows, columns = found.rows.tolist(), found.columns.tolist()
            self.witness = Minor(tuple(rows), tuple(columns), prime=p)

    def result(self) -> RankResult:
        """The bounds as they stand."""
        lower, (upper, why) = self.witness.size, self.bound
        witness, reason = self.witness if lower else None, "a rank is at least 0"
        if lower:
            reason = (
                f"a minor of order {lower} is not zero modulo {self.witness.prime} {self.place}"
            )
        if lower == upper:
            return RankResult(lower, upper, "certified", self.shape, reason, why, witness)
        if self.failure_log2 > FAILURE_LOG2:
            return RankResult(lower, upper, "undecided", self.shape, reason, why, witness)
        odds = f"{self.looks} looks modulo random primes show no more"
        return RankResult(
            lower,
            lower,
            "probabilistic",
            self.shape,
            reason,
            odds,
            witness,
            failure_log2=self.failure_log2,
        )
