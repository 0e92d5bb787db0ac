"""Exact numbers: what a user may give as data or as a point.

In: integers, Fractions, decimals, text such as "1/2" or "log(3)/2", exact numbers of SymPy,
NumPy integers. Out: a constant `Expr`. A binary float is taken for the rational that it is by
`exact`, and by `taken`, which says so where that is not the decimal that was typed; `constant`
refuses it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from numbers import Integral, Rational
from typing import Any

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.exchange.from_sympy import from_sympy, is_sympy
from hessrank.symbolic.expressions.expression import Expr, free_symbols, number
from hessrank.symbolic.expressions.parsing import parse


def exact(value: Any, name: str = "") -> Any:
    """`value` as an exact constant; a binary float is taken for the dyadic rational that it is.

    value: a number, or nested lists, tuples or an array (NumPy, JAX, torch; float16 and bfloat16
    too) of them: then nested lists of constants come out; name: what it is called in messages.
    Raises InputError for nan, inf and anything that is no real number, and names its place.

    >>> exact(0.5), exact("1/3"), exact("log(3)/2")
    (Expr(1/2), Expr(1/3), Expr(1/2*log(3)))
    >>> exact(0.1).value == Fraction(1, 10)
    False
    >>> exact([[0.5, 1], (2, 0.25)])
    [[Expr(1/2), Expr(1)], [Expr(2), Expr(1/4)]]
    """
    return _exact(value, name, Floats())


@dataclass
class Floats:
    """Binary floats that were met: the first whose shortest decimal is another number, if any.

    >>> seen = Floats()
    >>> taken([0.5, 0.25], "x", seen), seen.first
    ([Expr(1/2), Expr(1/4)], None)
    """

    first: tuple[str, float] | None = field(default=None)

    def met(self, place: str, value: float) -> None:
        if self.first is None and Fraction(repr(value)) != Fraction(value):
            self.first = place, value

    def say(self, stacklevel: int) -> None:
        """A warning for whoever may have meant the decimal."""
        if self.first is not None:
            place, value = self.first
            warnings.warn(
                f"{place}: binary floats are taken for the dyadic rationals that they are: "
                f"{value!r} is {Fraction(value)}; write '{value!r}' for that decimal, or "
                "hr.exact(…) to say that floats are meant",
                stacklevel=stacklevel + 1,
            )


def taken(value: Any, place: str, floats: Floats) -> Any:
    """`exact`, for values that stand at `place`; `floats` hears of binary floats among them."""
    return _exact(value, place, floats)


def _exact(value: Any, place: str, floats: Floats) -> Any:
    if hasattr(value, "detach"):  # a tensor that may lie on another device, with a gradient
        value = value.detach().cpu()
    if hasattr(value, "__array__") and not hasattr(value, "tolist"):
        value = value.__array__()
    if hasattr(value, "tolist") and getattr(value, "shape", None) != ():
        value = value.tolist()
    elif hasattr(value, "item") and not isinstance(value, (Integral, Rational)):
        value = _scalar(value)
    if isinstance(value, (list, tuple)):
        return [_exact(v, f"{place}[{i}]", floats) for i, v in enumerate(value)]
    if isinstance(value, float):
        if not isfinite(value):
            where = f" (at {place})" if place else ""
            raise InputError(f"{value} is not a number{where}", place or None)
        floats.met(place, value)
        return number(Fraction(value))
    if hasattr(value, "as_integer_ratio") and not isinstance(value, (Decimal, Integral, Rational)):
        return number(Fraction(*map(int, value.as_integer_ratio())))
    return constant(value, place or None)


def _scalar(value: Any) -> Any:
    """A scalar of an array library as one of Python; a wider float than Python's stays."""
    plain = value.item()
    if isinstance(plain, (int, float)):
        return plain
    if type(plain).__name__ == "longdouble" and not isfinite(plain):
        return float(plain)
    return float(plain) if "float16" in type(plain).__name__ else plain


def constant(value: object, key: str | None = None) -> Expr:
    """`value` as an exact constant; a binary float is an InputError that names `key`."""
    if isinstance(value, Expr):
        if free_symbols(value):
            raise InputError(f"{value} is not a constant", key)
        return value
    if isinstance(value, bool):
        raise InputError(f"expected a number, found {value}", key)
    if isinstance(value, (Integral, Rational)):
        return number(Fraction(int(value.numerator), int(value.denominator)))
    if isinstance(value, str):
        return parse(value, (), key)
    if isinstance(value, Decimal) and value.is_finite():
        return number(Fraction(value))
    if isinstance(value, float) or type(value).__name__.startswith("float"):
        given: Any = value
        if not isfinite(float(given)):
            raise InputError(f"{value} is not a number", key)
        raise InputError(
            f"{value!r} is a binary float; write it as text ('{value}') or hr.exact({value})", key
        )
    if hasattr(value, "numerator") and hasattr(value, "denominator"):
        top: Any = _called(value.numerator)
        bottom: Any = _called(value.denominator)
        return number(Fraction(int(top), int(bottom)))
    if hasattr(value, "p") and hasattr(value, "q"):  # flint.fmpq, sympy.Rational
        return number(Fraction(int(value.p), int(value.q)))
    if is_sympy(value):
        return _constant_from_sympy(value, key)
    raise InputError(f"expected an exact number, found {value!r}", key)


def _constant_from_sympy(value: object, key: str | None) -> Expr:
    found = from_sympy(value, key)
    if free_symbols(found):
        raise InputError(f"{value} is not a constant", key)
    return found


def _called(value: object) -> object:
    return value() if callable(value) else value
