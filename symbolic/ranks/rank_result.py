"""What is known of a matrix's rank: two bounds, each with its reason, never a bare number.

In: nothing but the bounds and the evidence that somebody else computed.
Out: `RankResult`, a plain frozen value. It exists so that "the rank is 5" cannot be
said without "and this is why it is neither 4 nor 6".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from hessrank.symbolic.bounds import Bounds
from hessrank.symbolic.errors import UndecidedError, counted
from hessrank.symbolic.linear_algebra.minor import Minor

Status = Literal["checked", "certified", "probabilistic", "undecided"]
STATUSES = ("checked", "certified", "probabilistic", "undecided")


@dataclass(frozen=True, repr=False)
class RankResult(Bounds):
    """Bounds on the rank of a matrix of `shape`, with reasons: lower <= rank <= upper.

    status
        "certified": lower == upper, both proved. "checked": certified, and the certificate was
        replayed by proofs/checker.py. "probabilistic": lower == upper, lower is proved, and the
        probability that the rank exceeds upper is at most 2**failure_log2, taken over the random
        primes (or points) that were drawn, whatever the matrix. "undecided": lower < upper; upper
        is proved unless failure_log2 is given, which then means the same.
    witness
        a nonzero minor of size `lower`, or None.
    kernel
        upper = columns - len(kernel) where the kernel is the reason for the upper bound: linearly
        independent vectors of exact numbers with A k = 0.

    >>> RankResult(2, 2, "certified", (2, 3), "a 2×2 minor is not zero", "2 rows")
    RankResult(rank 2 of 2x3, certified; >= 2: a 2×2 minor is not zero; <= 2: 2 rows)
    >>> open_ = RankResult(2, 4, "undecided", (4, 4), "a minor", "4 rows")
    >>> open_.shown, open_.below(5), open_.at_most(1), open_.reaches(3)
    ('2..4', True, False, None)
    >>> int(RankResult(2, 2, "certified", (2, 3), "a 2×2 minor is not zero", "2 rows"))
    2
    """

    lower: int
    upper: int
    status: Status
    shape: tuple[int, int]
    lower_reason: str
    upper_reason: str
    witness: Minor | None = None
    kernel: tuple[tuple[Any, ...], ...] | None = None
    failure_log2: float | None = None

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"unknown status {self.status!r}")
        if not 0 <= self.lower <= self.upper <= min(self.shape):
            raise ValueError(
                f"bounds {self.lower}..{self.upper} do not fit a matrix of shape {self.shape}"
            )
        if (self.lower == self.upper) != (self.status != "undecided"):
            raise ValueError(f"status {self.status!r} with bounds {self.lower}..{self.upper}")
        if self.status == "probabilistic" and self.failure_log2 is None:
            raise ValueError("a probabilistic result states its failure bound")
        if self.status in ("certified", "checked") and self.failure_log2 is not None:
            raise ValueError("a certified result cannot fail")

    @property
    def is_certain(self) -> bool:
        """Whether both bounds are proved; a probabilistic upper bound is none to build on."""
        return self.failure_log2 is None

    def __int__(self) -> int:
        """The rank, where it is decided; UndecidedError otherwise."""
        if not self.decided:
            raise UndecidedError(
                f"the rank lies between {self.lower} and {self.upper}: "
                f"{self.lower_reason}; {self.upper_reason}"
            )
        return self.lower

    __index__ = __int__

    def __repr__(self) -> str:
        size = f"{self.shape[0]}x{self.shape[1]}"
        chance = "" if self.failure_log2 is None else f" (failure < 2^{self.failure_log2:.0f})"
        return (
            f"RankResult(rank {self.shown} of {size}, {self.status}{chance}; "
            f">= {self.lower}: {self.lower_reason}; <= {self.upper}: {self.upper_reason})"
        )

    def _repr_latex_(self) -> str:
        low, high = self.lower, self.upper
        value = f"= {low}" if self.decided else rf"\in \{{{low}, \dots, {high}\}}"
        return rf"$\operatorname{{rank}} {value} \quad \text{{({self.status})}}$"

    def to_json(self) -> dict[str, Any]:
        """The result as plain lists, numbers and strings; kernel entries become strings."""
        kernel = self.kernel
        return {
            "lower": self.lower,
            "upper": self.upper,
            "status": self.status,
            "shape": list(self.shape),
            "lower_reason": self.lower_reason,
            "upper_reason": self.upper_reason,
            "witness": None if self.witness is None else self.witness.to_json(),
            "kernel": None if kernel is None else [[str(x) for x in v] for v in kernel],
            "failure_log2": self.failure_log2,
        }


def nothing_known(shape: tuple[int, int]) -> RankResult:
    """What the shape alone says of a rank.

    >>> nothing_known((2, 3)).shown
    '0..2'
    """
    m, n = shape
    why = (
        f"the matrix has {counted(m, 'row')}"
        if m <= n
        else f"the matrix has {counted(n, 'column')}"
    )
    status: Status = "undecided" if min(shape) else "certified"
    return RankResult(0, min(shape), status, shape, "no rank is negative", why)


def together(a: RankResult, b: RankResult) -> RankResult:
    """What two results for one matrix say together: the better bound of each kind, a proved one
    where they are equal.

    >>> a = RankResult(1, 3, "undecided", (3, 3), "one minor", "3 rows")
    >>> b = RankResult(0, 2, "undecided", (3, 3), "no rank is negative", "a kernel")
    >>> together(a, b).shown
    '1..2'
    """
    low = a if a.lower > b.lower or (a.lower == b.lower and a.decided) else b
    high = min(b, a, key=lambda r: (r.upper, not r.is_certain))
    decided: Status = "certified" if high.is_certain else "probabilistic"
    return replace(
        low,
        upper=high.upper,
        upper_reason=high.upper_reason,
        kernel=high.kernel,
        failure_log2=high.failure_log2,
        status=decided if low.lower == high.upper else "undecided",
    )


def cut_short(found: RankResult, why: str) -> RankResult:
    """`found`, and why no more of it is known where it is not decided."""
    if found.decided or why in found.upper_reason:
        return found
    return replace(found, upper_reason=f"{found.upper_reason}; {why}")
