"""Arb balls: intervals that are certain to contain the value.

In: closed forms, a precision in bits. Out: balls. A ball that is undefined (nan) excludes nothing.
Balls never show that a number is zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, fmpq

from hessrank.symbolic.errors import InputError, KinkError, UndecidedError
from hessrank.symbolic.expressions.enclosed import Enclosed
from hessrank.symbolic.expressions.functions import FUNCTIONS

#: Precisions, in bits, that are tried in turn.
PRECISIONS = (64, 128, 256, 512, 1024, 2048, 4096)
#: Half a unit in the last place of a float, and less than the smallest positive one.
FLOAT = arb(1) / 2**54
TINY = arb(1) / 2**1076


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
        return integer_power(base, n)

    def function(self, name: str, *args: arb) -> arb:
        if isinstance(name, Enclosed):
            return name.ball()
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


def integer_power(x: arb, n: int) -> arb:
    """xⁿ by multiplication: python-flint's own power is undefined for a ball around 0.

    >>> integer_power(arb(0, 1e-30), 2).is_finite(), (arb(0, 1e-30) ** 2).is_finite()
    (True, False)
    """
    if n < 0:
        return 1 / integer_power(x, -n)
    result = arb(1)
    for bit in bin(n)[2:]:
        result = result * result
        if bit == "1":
            result = result * x
    return result


def nearest_float(ball_at: Callable[[int], arb], bits: int) -> float:
    """The float next to a number, from balls of at least `bits` bits, finer where the ball is wide
    beside its midpoint. What no ball tells from 0 to below the smallest float is 0.

    Raises UndecidedError where the balls stay undefined.
    """
    for precision in (bits, *(b for b in PRECISIONS if b > bits)):
        ball = ball_at(precision)
        if not ball.is_finite():
            continue
        wide, middle = abs(ball.rad()), abs(ball.mid())
        if wide <= middle * FLOAT or wide + middle < TINY:
            return float(ball.mid())
    if ball.is_finite() and ball.contains(0):
        return 0.0
    raise UndecidedError("the value is not known to any precision by balls")


def excludes_zero(x: arb) -> bool:
    """True only where x is certain not to be zero; an undefined ball is not."""
    return bool(x.is_finite() and (x > 0 or x < 0))
