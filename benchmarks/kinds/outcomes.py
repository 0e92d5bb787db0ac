"""What came of one question, and how bounds are held against somebody else's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mpmath

import hessrank as hr

Spec = dict[str, Any]

#: digits, and as powers of ten the largest ratio σ/σ_max that is taken for zero and the least taken
#: for nonzero. A softmax of far logits has singular values of 10⁻²³⁰ beside those of size 1.
PRECISIONS = ((60, -45, -30), (250, -225, -150), (2000, -1800, -1200))


@dataclass(frozen=True)
class Outcome:
    """status: certified, probabilistic, undecided, or the name of a refusal; the contradictions."""

    status: str
    contradictions: tuple[str, ...] = ()


def against(source: str, found: hr.RankResult, low: int, high: int) -> tuple[str, ...]:
    """The contradiction between bounds of ours and somebody else's, if there is one."""
    if found.lower > high or found.upper < low:
        return (f"{source} says {low}..{high}, not {found.lower}..{found.upper} ({found.status})",)
    return ()


def judged(what: str, found: hr.Truth, expected: bool) -> Outcome:
    """A verdict that is known by construction."""
    if found is hr.Truth.UNDECIDED:
        return Outcome("undecided")
    if (found is hr.Truth.TRUE) != expected:
        return Outcome("decided", (f"{what}: {found.value}, by construction {expected}",))
    return Outcome("decided")


def against_digits(source: str, found: hr.RankResult, at: Any) -> tuple[str, ...]:
    """The contradiction between bounds of ours and singular values, if it stays at all PRECISIONS.

    at(digits): rows of mpmath numbers, computed with that many digits.
    """
    wrong: tuple[str, ...] = ()
    for digits, zero, nonzero in PRECISIONS:
        with mpmath.workdps(digits + 10):
            wrong = against(
                f"{source}, {digits} digits,", found, *_bounds(at(digits), zero, nonzero)
            )
        if not wrong:
            break
    return wrong


def _bounds(rows: Any, zero: int, nonzero: int) -> tuple[int, int]:
    """(how many singular values are surely not zero, how many may not be)."""
    if not rows or not rows[0]:
        return 0, 0
    A = mpmath.matrix([[mpmath.mpf(v) for v in row] for row in rows])
    s = [abs(x) for x in _singular_values(A.T if A.rows < A.cols else A)]
    top = max(s)
    if top < mpmath.mpf(10) ** zero:
        return 0, 0
    return tuple(sum(x > top * mpmath.mpf(10) ** e for x in s) for e in (nonzero, zero))


def _singular_values(A: Any) -> list[Any]:
    """Those of A, or where mpmath's iteration does not converge, of A with its rows mixed, which
    changes the values by bounded factors and not the rank."""
    for shift in range(5):
        mix = mpmath.eye(A.rows)
        for i in range(1, A.rows):
            mix[i, i - 1] = shift
        try:
            return list(mpmath.svd_r(mix * A, compute_uv=False))
        except RuntimeError:
            continue
    raise RuntimeError("no convergence")
