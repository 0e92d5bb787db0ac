"""Numeric rank: how many singular values are not rounding, and how sure that is.

In: a matrix of floats, where possible with a way to evaluate it again to any precision. Out: a
`NumericRank`, which always carries the singular values, the threshold and where it came from, the
gap, and what a second precision said; where the spectrum does not separate, it is ambiguous: a
lower and an upper bound. A numeric rank decides nothing by itself (see `crosscheck`).

Policies for the threshold τ (a singular value counts where σ > τ):
- "numpy": σ₁·max(M, N)·2⁻⁵², the default of numpy.linalg.matrix_rank and of MATLAB (Numerical
  Recipes, 3rd ed., section 2.6).
- "gap": inside the largest ratio σ_i/σ_{i+1}; what lies below σ₁·2⁻⁵² counts as equal.
- "entry-error": a bound ‖E‖_F on the error of the entries, given, or found by evaluating again with
  30 digits. |σ_i(A+E) − σ_i(A)| ≤ ‖E‖₂ (Weyl), so that every σ > τ belongs to a nonzero one.
- "uncertainty": the same with the error that an uncertainty of θ causes; it has to be given.
- "tolerance": τ as given.
- "auto" (default): the largest of those that are known; the answer of float64 is then put to the
  test with 30, 120 and 480 digits, where true zeros sink and nonzeros stay (see `precision`). How
  far a zero has to sink follows from the reach, the decades that the numbers of the evaluation
  span: with e^−1000 among them, 10^−400 is no zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from numbers import Rational
from typing import Any, Literal, get_args

import mpmath
import numpy as np

from hessrank.numeric.differentiation.arithmetic import FLOAT_DIGITS, Array, arithmetic
from hessrank.numeric.precision import (
    EPS,
    LEVELS,
    Precision,
    Reach,
    further_precisions,
    log10,
    norm,
    verdict,
)
from hessrank.symbolic.errors import InputError, UndecidedError

Policy = Literal["auto", "numpy", "gap", "entry-error", "uncertainty", "tolerance"]

#: A spectrum separates where σ_r/σ_{r+1} is at least this …
CLEAR_GAP = 1e3
#: … and σ_r/τ at least this.
CLEAR_MARGIN = 10.0
#: A second precision is refused beyond this many M·N·min(M, N) (about 1 µs each).
BUDGET = 4_000_000


@dataclass(frozen=True, repr=False)
class NumericRank:
    """A measured rank of a matrix of `shape`, with what it rests on.

    rank: the best guess; lower, upper: the same unless ambiguous. tolerance: the threshold τ, with
    its origin in words. gap: σ_rank/σ_{rank+1}, inf where no nonzero value is left out. digits: of
    the precision that settled it (16: float64 alone). precisions: the further evaluations.
    """

    rank: int
    lower: int
    upper: int
    shape: tuple[int, int]
    singular_values: tuple[float, ...]
    tolerance: float
    origin: str
    gap: float
    policy: str
    digits: int = FLOAT_DIGITS
    precisions: tuple[Precision, ...] = ()
    note: str = ""

    @property
    def ambiguous(self) -> bool:
        """True where the spectrum does not separate."""
        return self.lower < self.upper

    @property
    def threshold(self) -> float:
        """τ: a singular value counts where it is larger."""
        return self.tolerance

    @property
    def margin(self) -> float:
        """By what factor τ may grow or shrink before the count changes."""
        s, r, tau = self.singular_values, self.rank, self.tolerance
        kept = s[r - 1] / tau if r and tau else math.inf
        left = tau / s[r] if r < len(s) and s[r] else math.inf
        return min(kept, left)

    @property
    def safe(self) -> bool:
        """Whether the spectrum, or a second precision, settles the rank."""
        return not self.ambiguous

    def plot(self, path: str | None = None) -> Any:
        """The spectrum and the threshold, drawn by matplotlib (extra `plot`): its Figure, which is
        saved where a path is given."""
        from hessrank.numeric.picture import spectrum

        return spectrum(self, path)

    @property
    def second_precision(self) -> Precision | None:
        """The most precise evaluation besides float64, if there was one."""
        return self.precisions[-1] if self.precisions else None

    def __int__(self) -> int:
        """The rank where it is not ambiguous; UndecidedError otherwise."""
        if self.ambiguous:
            raise UndecidedError(f"the measured rank is ambiguous: {self.lower}..{self.upper}")
        return self.rank

    __index__ = __int__

    def __repr__(self) -> str:
        value = f"{self.lower}..{self.upper}, ambiguous" if self.ambiguous else f"{self.rank}"
        s, r = self.singular_values, self.rank
        kept = f"σ{r} = {s[r - 1]:.2e}" if r else "no σ kept"
        dropped = f"σ{r + 1} = {s[r]:.2e}" if r < len(s) else "none dropped"
        second = self.second_precision
        tested = f"tested with {second.digits} digits" if second else "float64 only"
        return (
            f"NumericRank({value} of {self.shape[0]}x{self.shape[1]}; {kept}, {dropped}, "
            f"threshold {self.tolerance:.2e} ({self.origin}); {tested})"
        )

    def _repr_latex_(self) -> str:
        s, r = self.singular_values, self.rank
        bounds = rf"\in \{{{self.lower}, \dots, {self.upper}\}}"
        parts = [rf"\operatorname{{rank}} {bounds if self.ambiguous else f'= {r}'}"]
        parts += [rf"\sigma_{{{r}}} = {_power(s[r - 1])} > \tau"] if r else []
        parts += [rf"\tau = {_power(self.tolerance)}"]
        parts += [rf"\sigma_{{{r + 1}}} = {_power(s[r])} \le \tau"] if r < len(s) else []
        shown = r", \quad ".join(parts)
        return rf"${shown} \quad \text{{(measured)}}$"

    def to_json(self) -> dict[str, Any]:
        """The fields as plain lists, numbers and strings; an infinite gap is null."""
        return vars(self) | {
            "shape": list(self.shape),
            "singular_values": [s if math.isfinite(s) else None for s in self.singular_values],
            "gap": self.gap if math.isfinite(self.gap) else None,
            "margin": self.margin if math.isfinite(self.margin) else None,
            "ambiguous": self.ambiguous,
            "safe": self.safe,
            "precisions": [p.to_json() for p in self.precisions],
        }


@np.errstate(all="ignore")  # what overflows is looked at where it matters; nothing goes to stderr
def numeric_rank(
    matrix: Array | Sequence[Sequence[Any]],
    policy: Policy = "auto",
    error: float | Array | None = None,
    again: Callable[[int], Array] | None = None,
    error_origin: str = "error given",
    note: str = "",
    reach: Callable[[int], Reach] | None = None,
    tolerance: float | None = None,
    eps: float = EPS,
) -> NumericRank:
    """The numeric rank of an M×N matrix.

    matrix: floats; integers and Fractions too, which are then evaluated to any precision.
    error: a bound on ‖E‖_F or the entries' error bounds (M×N). again: digits ↦ the matrix with so
    many digits, as mpmath numbers. reach: digits ↦ how far the numbers behind that matrix reach;
    by default its rational entries. tolerance: τ itself, in the place of a policy. eps: of the
    entries' precision, for the default threshold. Raises InputError for nonfinite or complex
    entries, for an unknown policy and where a policy misses its error.

    >>> numeric_rank([[1.0, 2.0], [2.0, 4.0]]).rank
    1
    >>> hilbert = [[Fraction(1, i + j + 1) for j in range(12)] for i in range(12)]
    >>> numeric_rank(hilbert), numeric_rank(hilbert, policy="numpy").rank  # doctest: +ELLIPSIS
    (NumericRank(12 of 12x12; ... tested with 120 digits), 11)
    """
    if policy == "tolerance" and tolerance is None:
        raise InputError("policy 'tolerance' needs the tolerance")
    if policy not in get_args(Policy):
        raise InputError(f"unknown policy {policy!r}: one of {', '.join(get_args(Policy))}")
    entries = np.array(matrix, dtype=object) if not isinstance(matrix, np.ndarray) else matrix
    if entries.ndim != 2 and entries.size:
        raise InputError(f"expected a matrix, found an array of shape {entries.shape}")
    exact = entries.dtype != float and all(isinstance(v, Rational) for v in entries.flat)
    if again is None and exact:
        again, height = partial(_rationals, entries), Reach(_height(entries))
        reach = reach or (lambda digits: height)
    A = _floats(entries)
    M, N = A.shape
    if tolerance is not None:
        if not (isinstance(tolerance, (int, float)) and 0 <= tolerance < math.inf):
            raise InputError(f"expected a threshold >= 0, found {tolerance!r}", "tolerance")
        again = None
    if not A.size:
        return NumericRank(0, 0, 0, (M, N), (), 0.0, "the matrix is empty", math.inf, policy)

    s, scale = _singular_values(A)
    bound = None if error is None else float(np.linalg.norm(np.asarray(error, dtype=float))) / scale
    B = None
    if again is not None and error is None and policy in ("auto", "entry-error"):
        if policy == "auto" and M * N * min(M, N) > BUDGET:
            note = f"{note} no second precision: the matrix is too large".strip()
        else:
            B = again(LEVELS[0])
            bound, error_origin = float(norm(A - B)) / scale, f"error against {LEVELS[0]} digits"
    if tolerance is None:
        tau, origin = _threshold(policy, s, max(M, N), bound, error_origin, eps)
    else:
        tau, origin, policy = tolerance / scale, "tolerance given", "tolerance"
    rank = lower = upper = int((s > tau).sum())
    if not _separates(s, rank, tau):
        lower, upper = int((s > CLEAR_MARGIN * tau).sum()), min(M, N)
    levels: tuple[Precision, ...] = ()
    if policy == "auto" and again is not None and B is not None:
        alone, clear = rank, lower == upper
        levels = further_precisions(
            A, B, again, reach or (lambda digits: Reach()), alone if clear else None
        )
        rank, lower, upper = verdict(levels, min(M, N), alone if clear else None)
        if rank != alone:
            note = f"{note} float64 alone says {alone}".strip()
        if lower < upper and not levels[-1].believed:
            note = f"{note} a zero may be a value too small: {levels[-1].reach:.0f} decades".strip()
    left = s[rank] if rank < len(s) else 0.0
    return NumericRank(
        rank,
        lower,
        upper,
        (M, N),
        tuple(float(v) * scale for v in s),
        tau * scale,
        origin,
        float(s[rank - 1] / left) if rank and left else math.inf,
        policy,
        levels[-1].digits if levels else FLOAT_DIGITS,
        levels,
        note,
    )


def _threshold(
    policy: Policy, s: Array, size: int, error: float | None, error_origin: str, eps: float
) -> tuple[float, str]:
    """(τ, its origin in words)."""
    default = (float(s[0]) * size * eps, f"σ1·max(M, N)·2^{math.log2(eps):.0f}")
    if policy == "gap":
        return _largest_gap(s), "largest gap"
    if policy == "numpy" or (policy == "auto" and error is None):
        return default
    if error is None:
        raise InputError(f"policy {policy!r} needs the error of the entries")
    given = (error, error_origin)
    return max(default, given) if policy == "auto" else given


def _rationals(entries: Array, digits: int) -> Array:
    """Rational entries with so many digits."""
    numbers = arithmetic(digits)
    out = numbers.array(entries.shape)
    for index, q in np.ndenumerate(entries):
        out[index] = numbers.constant(Fraction(int(q.numerator), int(q.denominator)))
    return out


def _height(entries: Array) -> float:
    """log₁₀ of the largest numerator or denominator of rational entries."""
    largest = max((max(abs(int(q.numerator)), int(q.denominator)) for q in entries.flat), default=1)
    return log10(mpmath.mpf(largest))


def _floats(entries: Array) -> Array:
    """The entries as finite floats."""
    if np.iscomplexobj(entries):
        raise InputError("the matrix has complex entries; measure [[Re, -Im], [Im, Re]]")
    try:
        A = np.array(entries, dtype=float)
    except (OverflowError, TypeError, ValueError) as problem:
        raise InputError(f"the matrix does not fit into floats: {problem}") from None
    if A.ndim != 2:
        A = A.reshape(A.shape[0] if A.ndim else 0, 0)
    bad = np.argwhere(~np.isfinite(A))
    if len(bad):
        i, j = bad[0]
        raise InputError(f"entry [{i}][{j}] of the matrix is {A[i, j]}")
    return A


def _singular_values(A: Array) -> tuple[Array, float]:
    """(σ of A/scale, scale), scale a power of two that keeps the SVD from overflow."""
    largest = float(np.abs(A).max())
    scale = math.ldexp(1.0, max(-1000, min(1000, math.frexp(largest)[1]))) if largest else 1.0
    return np.linalg.svd(A / scale, compute_uv=False), scale


def _largest_gap(s: Array) -> float:
    """The geometric mean of the two sides of the largest ratio; 0 for a zero matrix."""
    floor = s[0] * EPS
    if not floor:
        return 0.0
    clipped = np.append(np.maximum(s, floor), floor)
    i = int(np.argmax(clipped[:-1] / clipped[1:]))
    return float(np.sqrt(clipped[i]) * np.sqrt(clipped[i + 1]))


def _separates(s: Array, rank: int, tau: float) -> bool:
    kept = s[rank - 1] if rank else math.inf
    left = s[rank] if rank < len(s) else 0.0
    return bool(kept >= CLEAR_MARGIN * tau and kept >= CLEAR_GAP * left)


def _power(value: float) -> str:
    """A float as LaTeX.

    >>> _power(0.00125), _power(0.0)
    ('1.25 \\\\cdot 10^{-3}', '0')
    """
    if not value:
        return "0"
    digits, exponent = f"{value:.2e}".split("e")
    return digits if not int(exponent) else rf"{digits} \cdot 10^{{{int(exponent)}}}"
