"""Functions that are written in formulas and are compositions of the elementary ones.

In: closed forms. Out: closed forms. They are no nodes of their own, so that every ring, every
derivative and every kink is known already:

    gelu(z) = z (1 + erf(z/√2))/2        swish(z) = z·σ(z)
    leaky_relu(z) = z/100 + 99/100·relu(z)      elu(z) = relu(z) + exp(−relu(−z)) − 1
    max(a, b) = a + relu(b − a)          min(a, b) = a − relu(a − b)

So max and min have their kink where two arguments meet, leaky_relu and elu at 0 (elu has a
derivative there, but no second one).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import reduce

from hessrank.symbolic.expressions.expression import ZERO, Expr, number
from hessrank.symbolic.expressions.functions import HALF, function, sqrt

LEAKY_SLOPE = Fraction(1, 100)


def gelu(z: Expr) -> Expr:
    return HALF * z * (1 + function("erf", z / sqrt(number(2))))


def swish(z: Expr) -> Expr:
    return z * function("sigmoid", z)


def leaky_relu(z: Expr) -> Expr:
    return LEAKY_SLOPE * z + (1 - LEAKY_SLOPE) * function("relu", z)


def elu(z: Expr) -> Expr:
    return function("relu", z) + function("exp", -function("relu", -z)) - 1


def maximum(*args: Expr) -> Expr:
    """The largest of one or more.

    >>> from hessrank.symbolic.expressions.expression import symbol
    >>> print(maximum(symbol("a"), symbol("b")), "|", maximum(symbol("a"), ZERO))
    a + relu(b - a) | relu(a)
    """
    return reduce(_larger, args)


def minimum(*args: Expr) -> Expr:
    """The smallest of one or more."""
    return reduce(_smaller, args)


def _larger(a: Expr, b: Expr) -> Expr:
    if a is b:
        return a
    return function("relu", a) if b is ZERO else a + function("relu", b - a)


def _smaller(a: Expr, b: Expr) -> Expr:
    if a is b:
        return a
    return -function("relu", -a) if b is ZERO else a - function("relu", a - b)


#: Those of one argument, and those of one or more.
OF_ONE: dict[str, Callable[[Expr], Expr]] = {
    "gelu": gelu,
    "swish": swish,
    "silu": swish,
    "leaky_relu": leaky_relu,
    "elu": elu,
}
OF_MANY: dict[str, Callable[..., Expr]] = {"max": maximum, "min": minimum}
