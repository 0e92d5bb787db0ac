"""The elementary functions: each with its derivative and all else that is known of it beside it.

This table is the only place of the symbolic side that knows a derivative. The set is closed:
the other activations and losses are compositions of these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hessrank.symbolic.errors import DomainError, InputError, UndecidedError
from hessrank.symbolic.expressions.enclosed import Enclosed
from hessrank.symbolic.expressions.expression import ONE, ZERO, Expr, apply, number, power

HALF = Fraction(1, 2)
PI = apply("pi")


@dataclass(frozen=True)
class Elementary:
    """A function of one variable, and what is known of it.

    derivative      its derivative, as a closed form
    at_zero         its value at 0 where rational
    latex           how it is written
    ball            its enclosure: an Arb ball to an Arb ball (None for the piecewise ones, where it
                    depends on the piece)
    sympy           the name of SymPy's function, "" where it has none
    entire          a power series that converges everywhere
    odd, even       f(−z) = −f(z), f(−z) = f(z)
    convex, concave, increasing
                    on its whole domain
    kink            piecewise: at 0 it has no derivative (relu, abs) or no value (step, sign)
    """

    name: str
    derivative: Callable[[Expr], Expr]
    at_zero: int | Fraction | None
    latex: str
    ball: Callable[[Any], Any] | None
    sympy: str = ""
    entire: bool = False
    odd: bool = False
    even: bool = False
    convex: bool = False
    concave: bool = False
    increasing: bool = False
    kink: bool = False


def _sigmoid_derivative(z: Expr) -> Expr:
    s = function("sigmoid", z)
    return s * (1 - s)


def _log_ball(z: Any) -> Any:
    if z <= 0:
        raise DomainError("log of a number that is not positive")
    if not z > 0:
        raise UndecidedError("the argument of a logarithm is not separated from zero")
    return z.log()


FUNCTIONS: dict[str, Elementary] = {
    f.name: f
    for f in (
        Elementary(
            "exp",
            lambda z: function("exp", z),
            1,
            r"\exp",
            lambda z: z.exp(),
            "exp",
            entire=True,
            convex=True,
            increasing=True,
        ),
        Elementary(
            "log",
            lambda z: power(z, Fraction(-1)),
            None,
            r"\log",
            _log_ball,
            "log",
            concave=True,
            increasing=True,
        ),
        Elementary(
            "sin",
            lambda z: function("cos", z),
            0,
            r"\sin",
            lambda z: z.sin(),
            "sin",
            entire=True,
            odd=True,
        ),
        Elementary(
            "cos",
            lambda z: -function("sin", z),
            1,
            r"\cos",
            lambda z: z.cos(),
            "cos",
            entire=True,
            even=True,
        ),
        Elementary(
            "tan",
            lambda z: 1 + function("tan", z) ** 2,
            0,
            r"\tan",
            lambda z: z.tan(),
            "tan",
            odd=True,
        ),
        Elementary(
            "sinh",
            lambda z: function("cosh", z),
            0,
            r"\sinh",
            lambda z: z.sinh(),
            "sinh",
            entire=True,
            odd=True,
            increasing=True,
        ),
        Elementary(
            "cosh",
            lambda z: function("sinh", z),
            1,
            r"\cosh",
            lambda z: z.cosh(),
            "cosh",
            entire=True,
            even=True,
            convex=True,
        ),
        Elementary(
            "tanh",
            lambda z: 1 - function("tanh", z) ** 2,
            0,
            r"\tanh",
            lambda z: z.tanh(),
            "tanh",
            odd=True,
            increasing=True,
        ),
        Elementary(
            "sigmoid",
            _sigmoid_derivative,
            HALF,
            r"\operatorname{sigmoid}",
            lambda z: 1 / (1 + (-z).exp()),
            increasing=True,
        ),
        Elementary(
            "softplus",
            lambda z: function("sigmoid", z),
            None,
            r"\operatorname{softplus}",
            lambda z: z.exp().log1p(),
            convex=True,
            increasing=True,
        ),
        Elementary(
            "erf",
            lambda z: 2 / sqrt(PI) * function("exp", -(z**2)),
            0,
            r"\operatorname{erf}",
            lambda z: z.erf(),
            "erf",
            entire=True,
            odd=True,
            increasing=True,
        ),
        Elementary(
            "atan",
            lambda z: power(1 + z**2, Fraction(-1)),
            0,
            r"\arctan",
            lambda z: z.atan(),
            "atan",
            odd=True,
            increasing=True,
        ),
        Elementary(
            "asinh",
            lambda z: power(1 + z**2, -HALF),
            0,
            r"\operatorname{arsinh}",
            lambda z: z.asinh(),
            "asinh",
            odd=True,
            increasing=True,
        ),
        Elementary(
            "relu",
            lambda z: function("step", z),
            0,
            r"\operatorname{relu}",
            None,
            convex=True,
            increasing=True,
            kink=True,
        ),
        Elementary(
            "step",
            lambda z: ZERO,
            None,
            r"\operatorname{step}",
            None,
            increasing=True,
            kink=True,
        ),
        Elementary(
            "abs",
            lambda z: function("sign", z),
            0,
            r"\operatorname{abs}",
            None,
            "Abs",
            convex=True,
            even=True,
            kink=True,
        ),
        Elementary(
            "sign",
            lambda z: ZERO,
            None,
            r"\operatorname{sign}",
            None,
            "sign",
            odd=True,
            increasing=True,
            kink=True,
        ),
    )
}


def function(name: str, *args: Expr) -> Expr:
    """`name(args)`, with the values at rational numbers that are always true folded.

    >>> from hessrank.symbolic.expressions.expression import number
    >>> print(function("tanh", number(0)), function("relu", number(-2)), function("log", number(2)))
    0 0 log(2)
    """
    if name not in FUNCTIONS if args else name != "pi" and not isinstance(name, Enclosed):
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
