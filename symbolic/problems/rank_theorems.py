"""What the rank of one matrix of a landscape says of another's.

In: `RankResult`s, and what is known of the loss. Out: bounds with their reasons, and results that
they sharpen. Only bounds that are proved are passed on.

- T4: for A = CᵀC is vᵀJᵀAJv = ‖CJv‖², so rank JᵀAJ = rank CJ. That is rank J for A ≻ 0, and rank PJ
  for softmax cross-entropy, where A = diag(p) − ppᵀ has the kernel of P, which subtracts from the
  outputs of each example their mean.
- T9: H = JᵀAJ + Y with Y the D²f term plus the regulariser's Hessian, hence
  |rank H − rank JᵀAJ| ≤ rank Y, for any A at any θ; an equality where Y = 0 (r = 0, F affine).
"""

from __future__ import annotations

from dataclasses import replace

from hessrank.symbolic.ranks.rank_result import RankResult, Status

#: (bound, reason), or None where nothing is known.
Bound = tuple[int, str]
Bounds = tuple[Bound | None, Bound | None]


def equal_to(other: RankResult, name: str, why: str) -> Bounds:
    """Bounds on a rank that is that of another matrix, called `name`.

    >>> J = RankResult(2, 2, "certified", (2, 3), "a minor", "2 rows")
    >>> equal_to(J, "J", "A is positive definite")[0]
    (2, 'rank JᵀAJ = rank J, for A is positive definite (T4): a minor')
    """
    says = f"rank JᵀAJ = rank {name}, for {why} (T4)"
    lower = other.lower, f"{says}: {other.lower_reason}"
    upper = (other.upper, f"{says}: {other.upper_reason}") if other.is_certain else None
    return lower, upper


def off_by(gauss_newton: RankResult, rest: int, why: str) -> Bounds:
    """T9: bounds on rank H from those on rank JᵀAJ and rank Y ≤ `rest`.

    >>> GN = RankResult(2, 2, "certified", (3, 3), "a minor", "rank J")
    >>> [bound[0] for bound in off_by(GN, 1, "one unit")]
    [1, 3]
    """
    says = f"rank H and rank JᵀAJ differ by at most {rest}, the rank of the rest: {why} (T9)"
    if not rest:
        says = f"H = JᵀAJ: {why}"
    lower = max(gauss_newton.lower - rest, 0), f"{says}; {gauss_newton.lower_reason}"
    if not gauss_newton.is_certain:
        return lower, None
    return lower, (gauss_newton.upper + rest, f"{says}; {gauss_newton.upper_reason}")


def sharpened(found: RankResult, bounds: Bounds) -> RankResult:
    """`found` with the bounds that are better; a proved bound replaces a probable one.

    >>> found = RankResult(1, 3, "undecided", (3, 3), "a minor", "3 rows")
    >>> sharpened(found, ((2, "T4"), (2, "T4"))).shown
    '2'
    """
    below, above = bounds
    lower, why, witness = found.lower, found.lower_reason, found.witness
    upper, why_not, failure = found.upper, found.upper_reason, found.failure_log2
    kernel = found.kernel
    if below is not None and below[0] > lower:
        lower, why = below
        witness = None
    if above is not None and (above[0] < upper or (failure is not None and above[0] == upper)):
        upper, why_not = above
        failure, kernel = None, None
    if (lower, upper, failure) == (found.lower, found.upper, found.failure_log2):
        return found
    decided: Status = "certified" if failure is None else "probabilistic"
    return replace(
        found,
        lower=lower,
        upper=upper,
        status=decided if lower == upper else "undecided",
        lower_reason=why,
        upper_reason=why_not,
        witness=witness,
        kernel=kernel,
        failure_log2=failure,
    )
