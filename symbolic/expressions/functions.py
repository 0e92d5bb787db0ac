"""The elementary functions: each with its derivative beside it.

This table is the only place of the symbolic side that knows a derivative. The set is closed:
the other activations and losses are compositions of these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from hessrank.symbolic.errors import DomainError, InputError
from hessrank.symbolic.expressions.expression import ONE, ZERO, Expr, apply, number, power

HALF = Fraction(1, 2)
PI = apply("pi")


@dataclass(frozen=True)
class Elementary:
    """A function of one variable: its derivative, its value at 0 where rational, its LaTeX.

    `kink` marks the piecewise functions: at 0 they have no derivative (relu, abs) or no value
    (step, sign).
    """

    name: str
    derivative: Callable[[Expr], Expr]
    at_zero: int | Fraction | None
    latex: str
    kink: bool = False


def _sigmoid_derivative(z: Expr) -> Expr:
    s = function("sigmoid", z)
    return s * (1 - s)


FUNCTIONS: dict[str, Elementary] = {
    f.name: f
    for f in (
        Elementary("exp", lambda z: function("exp", z), 1, r"\exp"),
        Elementary("log", lambda z: power(z, Fraction(-1)), None, r"\log"),
        Elementary("sin", lambda z: function("cos", z), 0, r"\sin"),
        Elementary("cos", lambda z: -function("sin", z), 1, r"\cos"),
        Elementary("tan", lambda z: 1 + function("tan", z) ** 2, 0, r"\tan"),
        Elementary("sinh", lambda z: function("cosh", z), 0, r"\sinh"),
        Elementary("cosh", lambda z: function("sinh", z), 1, r"\cosh"),
        Elementary("tanh", lambda z: 1 - function("tanh", z) ** 2, 0, r"\tanh"),
        Elementary("sigmoid", _sigmoid_derivative, HALF, r"\sigma"),
        Elementary("softplus", lambda z: function("sigmoid", z), None, r"\operatorname{softplus}"),
        Elementary(
            "erf",
            lambda z: 2 / sqrt(PI) * function("exp", -(z**2)),
            0,
            r"\operatorname{erf}",
        ),
        Elementary("relu", lambda z: function("step", z), 0, r"\operatorname{relu}", kink=True),
        Elementary("step", lambda z: ZERO, None, r"\operatorname{step}", kink=True),
        Elementary("abs", lambda z: function("sign", z), 0, r"\operatorname{abs}", kink=True),
        Elementary("sign", lambda z: ZERO, None, r"\operatorname{sign}", kink=True),
    )
}


def function(name: str, *args: Expr) -> Expr:
    """`name(args)`, with the values at rational numbers that are always true folded.

    >>> from hessrank.symbolic.expressions.expression import number
    >>> print(function("tanh", number(0)), function("relu", number(-2)), function("log", number(2)))
    0 0 log(2)
    """
    if name not in FUNCTIONS if args else name != "pi":
        raise InputError(f"unknown function {name!r}")
    if not args:
        return apply(name)
    (z,) = args
    if z.op == "number":
        q, f = z.value, FUNCTIONS[name]
        if q == 0 and f.at_zero is not None:
            return number(f.at_zero)
        if f.kink and q != 0:
            return number(_piece(name, q))
        if name == "log" and q <= 0:
            raise DomainError(f"log({q}) is not defined")
        if name == "log" and q == 1:
            return ZERO
    return apply(name, z)


def _piece(name: str, q: Fraction) -> Fraction | int:
    """The value at q ≠ 0 of a piecewise function."""
    up = q > 0
    return {"relu": q if up else 0, "step": int(up), "abs": abs(q), "sign": 1 if up else -1}[name]


def sqrt(z: Expr) -> Expr:
    """√z, real."""
    return power(z, HALF)


def exp(z: Expr) -> Expr:
    return function("exp", z)


def log(z: Expr) -> Expr:
    return function("log", z)


__all__ = ["FUNCTIONS", "HALF", "ONE", "PI", "Elementary", "exp", "function", "log", "sqrt"]
