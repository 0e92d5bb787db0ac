"""What further digits say of a rank: true zeros sink, nonzeros stay.

In: a matrix in float64, a way to evaluate it again with any number of digits, and how far the
numbers behind it reach. Out: a `Precision` for each number of digits tried, and the rank, or the
bounds, that they leave. How far a zero has to sink follows from the reach, the decades that the
numbers of the evaluation span: with e^−1000 among them, 10^−400 is no zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import mpmath
import numpy as np

from hessrank.numeric.differentiation.arithmetic import Array

EPS = float(np.finfo(float).eps)
#: Decimal digits of the precisions that an answer is tested with.
LEVELS = (30, 120, 480)
#: A zero is believed where it sinks this many times the reach below the last pivot that stays.
CLEAR_DROP = 2.0


@dataclass(frozen=True)
class Reach:
    """How far the numbers of an evaluation reach.

    decades: that they span. ceiling: log₁₀ of the most that a rounding error among them may be
    multiplied with on its way to the matrix; −inf where each entry is rounded for itself.
    """

    decades: float = 0.0
    ceiling: float = -math.inf


@dataclass(frozen=True)
class Precision:
    """What an evaluation with `digits` digits says: lower ≤ rank ≤ upper.

    distance: ‖·‖_F of the change since the precision before. lost: the digits that this says are
    lost on the way to the entries. reach: the decades that the numbers of the evaluation span.
    believed: whether what sinks may pass for zero with so many digits. kept_log10, dropped_log10:
    log₁₀ of the smallest pivot that stays and of the largest that sinks, relative to the largest of
    all (None: there is none, or it is exactly 0); see `_pivots`.
    """

    digits: int
    distance: float
    lost: float
    reach: float
    believed: bool
    lower: int
    upper: int
    kept_log10: float | None
    dropped_log10: float | None

    def to_json(self) -> dict[str, Any]:
        """The fields."""
        return {k: v if v != math.inf else None for k, v in vars(self).items()}


def further_precisions(
    A: Array,
    B: Array,
    again: Callable[[int], Array],
    reach: Callable[[int], Reach],
    alone: int | None,
) -> tuple[Precision, ...]:
    """The further precisions, until they settle the rank; B is the first, `alone` what A says."""
    levels: list[Precision] = []
    previous, known = A, -math.log10(EPS)
    for digits in LEVELS:
        if levels:
            B = again(digits)
        full = not levels and alone == min(A.shape)
        levels.append(_precision(B, digits, previous, known, reach(digits), full))
        if _settled(levels, min(A.shape), alone):
            break
        previous, known = B, float(digits)
    return tuple(levels)


def _precision(
    B: Array, digits: int, previous: Array, known: float, reach: Reach, full: bool
) -> Precision:
    """What B says, evaluated with `digits`.

    The distance to `previous`, evaluated with `known` digits, tells how many digits the evaluation
    loses; of those that are left, a pivot stays where it is above half of them, and sinks below
    eight tenths. A sunk pivot is believed to be zero where the reach allows no value so small. If
    it does allow some, they may have been lost beside larger ones, which no distance shows: then
    what stays must stand out above the largest error that this could cause. full: float64's
    spectrum is clear and full; that settles it if the distance is small (Weyl), without pivots.
    """
    size = min(B.shape)
    difference = norm(previous - B)
    # ratios before logarithms: those of e^(-10^20) and of its rounding error are the same float
    top, now = norm(previous), norm(B)
    lost = max(0.0, known + log10(difference / max(top, now))) if difference else 0.0
    says = partial(Precision, digits, float(difference), lost, reach.decades)
    drop = CLEAR_DROP * reach.decades
    dropped = log10(now / top) if now and top else None
    if not now or (dropped is not None and dropped <= -0.8 * (digits - known)):  # all of it sinks
        believed = drop <= 0.8 * digits
        return says(believed, 0, 0 if believed else size, None, dropped)
    if lost > known - 3:
        return says(True, 0, size, None, None)
    good = digits - lost
    seen = 0.8 * good
    if full and drop <= seen:
        return says(True, size, size, None, None)
    least = -good / 2
    if drop > seen:
        least = max(least, reach.ceiling - good / 2 - log10(max(abs(v) for v in B.flat)))
    logs = _pivots(B, digits, -seen)
    kept = sum(v > least for v in logs)
    sunk = [v for v in logs[kept:] if v <= -seen]
    smallest = logs[kept - 1] if kept else 0.0
    believed = kept == size or drop <= seen + min(0.0, smallest)
    upper = len(logs) - len(sunk) if believed else size
    dropped = sunk[0] if sunk and math.isfinite(sunk[0]) else None
    return says(believed, kept, upper, smallest if kept else None, dropped)


def _pivots(B: Array, digits: int, floor: float) -> list[float]:
    """log₁₀ of |pivots| relative to the first, of Gaussian elimination with complete pivoting.

    At most min(M, N) of them; after the first that is 0 or at most 10^floor it stops. In practice
    they reveal the rank as singular values do (Higham, Accuracy and Stability of Numerical
    Algorithms, 2nd ed., section 9.4), at a fraction of the price of mpmath's SVD. Complete pivoting
    keeps all multipliers at most 1, so that integers do: multiples of 10^-(digits + 10) or less.
    """
    bits = int((digits + 10) / math.log10(2))
    largest = max(abs(v) for v in B.flat)
    fixed = np.frompyfunc(lambda v: int(mpmath.ldexp(v / largest, bits)), 1, 1)(B)
    logs: list[float] = []
    while fixed.size:
        flat = np.abs(fixed).ravel()
        best = int(np.argmax(flat))
        logs.append(math.log10(flat[best]) - bits * math.log10(2) if flat[best] else -math.inf)
        if logs[-1] <= floor:
            break
        i, j = divmod(best, fixed.shape[1])
        multipliers = (np.delete(fixed[:, j], i) << bits) // fixed[i, j]
        rest = np.delete(np.delete(fixed, i, 0), j, 1)
        fixed = rest - (np.outer(multipliers, np.delete(fixed[i], j)) >> bits)
    return logs


def _settled(levels: Sequence[Precision], size: int, alone: int | None) -> bool:
    """The last precision says one rank, and it is full or within what the one before allows.

    alone: the rank where float64's spectrum is clear, which is the one before the first.
    """
    last = levels[-1]
    if last.lower < last.upper:
        return False
    if last.lower == size or (len(levels) == 1 and last.lower == alone):
        return True
    return len(levels) > 1 and levels[-2].lower <= last.lower <= levels[-2].upper


def verdict(levels: Sequence[Precision], size: int, alone: int | None) -> tuple[int, int, int]:
    """(rank, lower, upper): one rank where it is settled, else all that the last two allow."""
    if _settled(levels, size, alone):
        return (levels[-1].lower,) * 3
    return (
        levels[-1].lower,
        min(p.lower for p in levels[-2:]),
        max(p.upper for p in levels[-2:]),
    )


def norm(a: Array) -> Any:
    """‖a‖_F as an mpmath number, whose exponent has no bound."""
    return mpmath.mp.sqrt(sum((mpmath.mp.mpf(v) ** 2 for v in a.flat), mpmath.mp.mpf(0)))


def log10(x: Any) -> float:
    return float(mpmath.mp.log10(x)) if x else -math.inf
