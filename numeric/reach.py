"""How many decades the numbers of an evaluation span, and so how small a nonzero result may be.

In: closed forms with the heights of their symbols; magnitudes met on the way at two precisions.
Out: numbers of decades. No precision shows that a number is zero. But where weights are like 3/7, a
nonzero pivot is not 10^-90; where one is 1/3 + 10^-60, or e^-1000 is met on the way, it may be.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import mpmath
import numpy as np

from hessrank.numeric.differentiation.arithmetic import Array
from hessrank.numeric.differentiation.jets import PARTIAL, Jet, Sweep
from hessrank.numeric.differentiation.program import Program
from hessrank.numeric.precision import LEVELS
from hessrank.symbolic.expressions.expression import Expr, postorder

#: A magnitude that falls by this many decades from one precision to the next is rounding.
FALL = 5.0
#: Larger exponents than a float holds count as this.
HUGE = 1e300


def height(roots: Iterable[Expr], of_symbols: Mapping[str, float]) -> float:
    """log₁₀ of the largest numerator or denominator, by degree: ab has the sum of their heights.

    For an expression with rational values, a nonzero result that comes of cancellation is about
    10^-height or larger. A function is taken to be no steeper than its argument.

    >>> from hessrank.symbolic.expressions.expression import symbol
    >>> w = symbol("w")
    >>> height([w * w + w], {"w": 20.0})
    40.0
    """
    roots = tuple(roots)
    found: dict[Expr, float] = {}
    for e in postorder(roots):
        args = [found[a] for a in e.args]
        if e.op == "number":
            found[e] = _log10(max(abs(e.value.numerator), e.value.denominator))
        elif e.op == "symbol":
            found[e] = of_symbols.get(e.name, 0.0)
        elif e.op == "mul":
            found[e] = sum(args)
        elif e.op == "pow":
            found[e] = args[0] * max(1.0, abs(float(e.exponent)))
        else:
            found[e] = max(args, default=0.0)
    return max((found[root] for root in roots), default=0.0)


def magnitudes(sweep: Sweep, program: Program, jets: Sequence[Jet]) -> Array:
    """log₁₀ |v| of the value of every step and of every slope ∂step/∂argument, as one vector."""
    parts = [jet.value for jet in jets]
    for step, jet in zip(program.steps, jets, strict=True):
        if step.op in PARTIAL and jet.tangent is not None:
            argument = Jet(jets[step.args[0]].value)
            parts.append(PARTIAL[step.op](sweep, argument, Jet(jet.value), step.datum).value)
    values = np.concatenate([part.reshape(-1) for part in parts]) if parts else np.zeros(0)
    if values.dtype == float:
        return np.log10(np.abs(values))
    return np.array([_magnitude(v) for v in values], dtype=float)


def span(coarse: Array, fine: Array, digits: int) -> float:
    """The decades between the largest and the smallest magnitude that is not rounding.

    fine: with `digits` digits; coarse: the same with fewer. Rounding falls with the precision, or
    was exactly 0 before and is 10^-digits or a power of that now. So is what float64 alone loses by
    underflow, with 30 digits; it lies below 10^-300, and counts.
    """
    deepest = -300.0 if digits == LEVELS[0] else -np.inf
    with np.errstate(all="ignore"):
        falls = np.isfinite(coarse) & (fine - coarse <= -FALL)
        appears = (coarse == -np.inf) & (fine <= -0.8 * digits) & (fine >= deepest)
    real = fine[np.isfinite(fine) & ~falls & ~appears]
    return float(np.ptp(real)) if real.size else 0.0


def ceiling(met: Array) -> float:
    """log₁₀ of the square of the largest number met, at least 0: what may multiply an error."""
    finite = met[np.isfinite(met)]
    return 2 * max(0.0, float(finite.max(initial=0.0)))


def _magnitude(v: mpmath.mpf) -> float:
    if not v:
        return -math.inf
    exponent = mpmath.mag(v)
    return math.log10(2) * float(max(-HUGE, min(HUGE, exponent)))


def _log10(n: int) -> float:
    return math.log10(n) if n else 0.0
