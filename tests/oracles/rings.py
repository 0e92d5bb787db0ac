"""Rings in which the tests evaluate closed forms, each written with another library's numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, ClassVar

import flint
import mpmath


class Scrambled:
    """Q, with every transcendental function replaced by a rational one.

    A rule never looks inside a function, so an identity between two results must survive any
    replacement.
    """

    number = staticmethod(lambda q: flint.fmpq(q.numerator, q.denominator))

    @staticmethod
    def power(value: flint.fmpq, exponent: Fraction) -> flint.fmpq:
        return value ** int(exponent) if exponent.denominator == 1 else value * value + 7

    @staticmethod
    def function(name: str, *args: flint.fmpq) -> flint.fmpq:
        z = args[0] if args else flint.fmpq(3)
        return (z * len(name) + 1) / (z * z + sum(map(ord, name)))


class Fractions:
    """Q by Python's own fractions, without roots and functions."""

    number = staticmethod(lambda q: q)

    @staticmethod
    def power(v: Fraction, e: Fraction) -> Fraction:
        assert e.denominator == 1
        return v ** int(e)


class Floats:
    """Python's floats; `functions` beside those of `math`."""

    number = staticmethod(float)
    functions: ClassVar[dict[str, Callable[..., float]]] = {
        "pi": lambda: math.pi,
        "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
        "softplus": lambda z: math.log1p(math.exp(z)),
        "relu": lambda z: max(z, 0.0),
        "step": lambda z: float(z > 0),
        "abs": abs,
    }

    @staticmethod
    def power(v: float, e: Fraction) -> float:
        if v < 0 and e.denominator != 1:
            raise ValueError("not real")
        return float(v ** float(e))

    def function(self, name: str, *args: float) -> float:
        known = self.functions.get(name)
        return known(*args) if known else getattr(math, name)(*args)


class Digits:
    """mpmath's floats, at the precision that is set."""

    number = staticmethod(lambda q: mpmath.mpf(q.numerator) / q.denominator)

    @staticmethod
    def power(v: Any, e: Fraction) -> Any:
        if e.denominator == 1:
            return v ** int(e)
        return mpmath.root(v, e.denominator) ** e.numerator

    @staticmethod
    def function(name: str, *args: Any) -> Any:
        if name == "pi":
            return +mpmath.pi
        known = {
            "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
            "softplus": lambda z: mpmath.log(1 + mpmath.exp(z)),
        }
        return known.get(name, getattr(mpmath, name, None))(*args)
