"""Arb balls: intervals that are certain to contain the value.

In: closed forms, a precision in bits. Out: balls. A ball that is undefined (nan) excludes nothing.
Balls never show that a number is zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import arb, fmpq

from hessrank.symbolic.errors import InputError, KinkError, UndecidedError
from hessrank.symbolic.expressions.functions import FUNCTIONS

#: Precisions, in bits, that are tried in turn.
PRECISIONS = (64, 128, 256, 512, 1024, 2048, 4096)


@dataclass(frozen=True)
class BallRing:
    """The scalar ring of Arb balls at the working precision. side: which piece to take at a
    kink that lies exactly at a rational point (0: an error)."""

    side: int = 0

    @staticmethod
    def number(q: Fraction | int) -> arb:
        f = Fraction(q)
        return arb(fmpq(f.numerator, f.denominator))

    @staticmethod
    def power(value: arb, exponent: Fraction) -> arb:
        n, k = exponent.numerator, exponent.denominator
        if n < 0 and not excludes_zero(value):
            raise UndecidedError("a divisor is not separated from zero by balls")
        base = value if k == 1 else value.root(k)
        return _whole_power(base, n) if n > 0 else base**n

    def function(self, name: str, *args: arb) -> arb:
        if name == "pi":
            return arb.pi()
        if name not in FUNCTIONS:
            raise InputError(f"unknown function {name!r}")
        (z,) = args
        known = FUNCTIONS[name].ball
        if known is not None:
            return known(z)
        up = self._side(z)
        return {
            "relu": z if up else arb(0),
            "abs": z if up else -z,
            "step": arb(int(up)),
            "sign": arb(1 if up else -1),
        }[name]

    def _side(self, z: arb) -> bool:
        if z > 0:
            return True
        if z < 0:
            return False
        if z.is_zero() and self.side:
            return self.side > 0
        if z.is_zero():
            raise KinkError("a kink lies exactly at the point")
        raise UndecidedError("the point cannot be separated from a kink by balls")


def _whole_power(base: arb, n: int) -> arb:
    """baseⁿ for n > 0 by multiplication: Arb's own power of a ball around 0 is undefined."""
    result: arb | None = None
    while n:
        if n & 1:
            result = base if result is None else result * base
        n >>= 1
        base = base * base if n else base
    assert result is not None
    return result


def excludes_zero(x: arb) -> bool:
    """True only where x is certain not to be zero; an undefined ball is not."""
    return bool(x.is_finite() and (x > 0 or x < 0))
