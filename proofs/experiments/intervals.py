"""95 % intervals for shares and means, where observations come in clusters.

In: counts, for each cluster where there are clusters. Out: a lower and an upper bound. Runs of one
labelling (or data set, or net) are alike, so n runs know less than n independent ones. How much
less is the design effect deff (Kish 1965, Survey Sampling): the variance of the share between
clusters, linearised, over p(1 − p)/n. The interval is Wilson's with n/deff for n and Student's t of
m − 1 degrees of freedom for the normal quantile, m clusters (Korn and Graubard 1998; with Wilson's
form Dean and Pagano 2015, J. Surv. Stat. Methodol. 3). deff is not taken below 1. Where all agree
there is no variance to estimate; then each cluster counts for one observation, which is the largest
effect that clusters can have.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import inf, sqrt

Interval = tuple[float, float]
#: The normal quantile of 95 % intervals.
Z = 1.96


def wilson(hits: float, runs: float, z: float = Z) -> Interval:
    """The Wilson score interval of a proportion (Wilson 1927), 95 % by default.

    >>> [round(v, 3) for v in wilson(5, 10)]
    [0.237, 0.763]
    """
    if not runs:
        return 0.0, 1.0
    share, slack = hits / runs, z * z / runs
    middle = share + slack / 2
    reach = z * sqrt(share * (1 - share) / runs + slack / (4 * runs))
    low, high = (middle - reach) / (1 + slack), (middle + reach) / (1 + slack)
    return max(0.0, low), min(1.0, high)


@lru_cache
def student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t.

    >>> round(student(13), 3)
    2.16
    """
    from mpmath import betainc, mpf

    def inside(t: float) -> float:
        x = mpf(freedom) / (freedom + mpf(t) ** 2)
        return float(1 - betainc(mpf(freedom) / 2, 0.5, 0, x, regularized=True))

    low, high = 1.0, 20.0  # t is 12.71 for one degree of freedom, and falls
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if inside(middle) < 0.95 else (low, middle)
    return (low + high) / 2


def clustered(hits: Sequence[int], runs: Sequence[int]) -> Interval:
    """The interval of Σ hits / Σ runs, cluster by cluster.

    Clusters without runs do not count; one cluster alone says nothing.

    >>> [round(v, 2) for v in clustered([10, 10, 0, 0], [10, 10, 10, 10])]
    [0.06, 0.94]
    """
    pairs = [(h, n) for h, n in zip(hits, runs, strict=True) if n]
    m, n = len(pairs), sum(n for _, n in pairs)
    if m < 2:
        return 0.0, 1.0
    p = sum(h for h, _ in pairs) / n
    if p in (0.0, 1.0):
        effective = float(m)
    else:
        between = m / (m - 1) * sum((h - p * k) ** 2 for h, k in pairs) / n**2
        effective = n / max(1.0, between * n / (p * (1 - p)))
    return wilson(p * effective, effective, student(m - 1))


def mean(values: Sequence[float]) -> Interval:
    """Student's interval of the mean of one value a cluster.

    >>> [round(v, 2) for v in mean([1.0, 2.0, 3.0])]
    [-0.48, 4.48]
    """
    m = len(values)
    if m < 2:
        return -inf, inf
    middle = sum(values) / m
    deviation = sqrt(sum((v - middle) ** 2 for v in values) / (m - 1) / m)
    return middle - student(m - 1) * deviation, middle + student(m - 1) * deviation
