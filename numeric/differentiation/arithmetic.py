"""The two arithmetics of measuring: float64, and mpmath's floats with as many digits as asked for.

In: the number of digits. Out: an `Arithmetic`: how to make a constant and a few elementary
functions on NumPy arrays. With more than 16 digits the arrays hold mpmath numbers (dtype object),
on which NumPy's + and * work unchanged; so one differentiator serves every precision.

Outside its domain, or too far out to be evaluated, a function returns nan, never a complex number
and never an exception; whoever asked looks at the result once, at the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np

Array = np.ndarray[Any, Any]

#: Decimal digits of a float64, and of 1 ulp.
FLOAT_DIGITS = 16
#: Bits before the point of an argument of exp, sin or cos, which need as many more to evaluate.
LARGEST_ARGUMENT = 4096


@dataclass(frozen=True)
class Arithmetic:
    """Numbers of one precision. `functions` are elementwise; `power` takes a rational exponent."""

    digits: int
    constant: Callable[[Fraction], Any]
    pi: Any
    functions: Mapping[str, Callable[[Array], Array]]
    power: Callable[[Array, Fraction], Array]

    @property
    def dtype(self) -> type:
        return float if self.digits == FLOAT_DIGITS else object

    def array(self, shape: tuple[int, ...]) -> Array:
        """Zeros."""
        zeros: Array = np.zeros(shape, dtype=self.dtype)
        if self.dtype is object:
            zeros.fill(self.constant(Fraction(0)))
        return zeros

    def eye(self, n: int) -> Array:
        """The n×n identity."""
        identity = self.array((n, n))
        identity[np.diag_indices(n)] = self.constant(Fraction(1))
        return identity

    def matmul(self, A: Array, B: Array) -> Array:
        """The product of A (m, n) with B (n, …). Not by `@` for objects: NumPy's loses a reference
        where a multiplication is interrupted."""
        if self.dtype is float:
            return np.asarray(A @ B)
        total = self.array((len(A), *B.shape[1:]))
        for column, row in zip(A.T, B, strict=True):
            total = total + np.multiply.outer(column, row)
        return total

    def lift(self, entries: Array) -> Array:
        """Floats, exactly, as numbers of this precision."""
        if self.dtype is float:
            return np.asarray(entries, dtype=float)
        return _elementwise(lambda v: self.constant(Fraction(float(v))))(entries)


def arithmetic(digits: int = FLOAT_DIGITS) -> Arithmetic:
    """The arithmetic with that many decimal digits; 16 is float64.

    >>> str(arithmetic(30).constant(Fraction(1, 3)))
    '0.333333333333333333333333333333'
    """
    return _float64() if digits <= FLOAT_DIGITS else _multiprecision(digits)


def _elementwise(f: Callable[[Any], Any]) -> Callable[[Array], Array]:
    def mapped(entries: Array) -> Array:
        result = np.frompyfunc(f, 1, 1)(entries)
        return np.asarray(result, dtype=object)

    return mapped


@lru_cache(maxsize=1)
def _float64() -> Arithmetic:
    def constant(q: Fraction) -> float:
        try:
            return float(q)
        except OverflowError:
            return math.inf if q > 0 else -math.inf  # float(q) would overflow again

    def erf(v: Array) -> Array:
        return np.vectorize(math.erf, otypes=[float])(v)

    def power(v: Array, q: Fraction) -> Array:
        if q.denominator == 1:
            return np.power(v, float(q.numerator))
        return np.sqrt(v) if q == Fraction(1, 2) else np.power(v, float(q))

    functions: dict[str, Callable[[Array], Array]] = {
        "exp": np.exp,
        "expm1": np.expm1,
        "log": np.log,
        "log1p": np.log1p,
        "sin": np.sin,
        "cos": np.cos,
        "erf": erf,
        "atan": np.arctan,
    }
    return Arithmetic(FLOAT_DIGITS, constant, math.pi, functions, power)


@lru_cache(maxsize=16)
def _multiprecision(digits: int) -> Arithmetic:
    context = mpmath.MPContext()  # of its own: mpmath's global precision stays untouched
    context.dps = digits

    def constant(q: Fraction) -> Any:
        return context.mpf(q.numerator) / q.denominator

    def bounded(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda v: f(v) if context.mag(v) <= LARGEST_ARGUMENT else context.nan

    def above(f: Callable[[Any], Any], bound: int) -> Callable[[Any], Any]:
        return lambda v: f(v) if v > bound else context.nan

    def power(v: Array, q: Fraction) -> Array:
        def one(b: Any) -> Any:
            if b == 0:
                return b if q > 0 else context.nan
            if q.denominator == 1:
                return b**q.numerator
            return context.power(b, constant(q)) if b > 0 else context.nan

        return _elementwise(one)(v)

    functions = {
        "exp": bounded(context.exp),
        "expm1": bounded(context.expm1),
        "log": above(context.log, 0),
        "log1p": above(context.log1p, -1),
        "sin": bounded(context.sin),
        "cos": bounded(context.cos),
        "erf": context.erf,
        "atan": context.atan,
    }
    table = {name: _elementwise(f) for name, f in functions.items()}
    return Arithmetic(digits, constant, +context.pi, table, power)
