"""Numbers, functions and second-order jets in mpmath, from textbook formulas.

The campaign's own way from a problem's text to J and H; nothing of hessrank is used.

A text is a Python expression of numbers, names, + - * / ** and calls of FUNCTIONS; it is walked
through Python's `ast` and never executed. A `Jet` is (value, gradient, Hessian) in N parameters.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
from mpmath import mpf

Triple = Callable[[Any], tuple[Any, Any, Any]]


def _tanh(z: Any) -> tuple[Any, Any, Any]:
    t = mpmath.tanh(z)
    return t, 1 - t**2, -2 * t * (1 - t**2)


def _sigmoid(z: Any) -> tuple[Any, Any, Any]:
    s = 1 / (1 + mpmath.exp(-z))
    return s, s * (1 - s), s * (1 - s) * (1 - 2 * s)


def _softplus(z: Any) -> tuple[Any, Any, Any]:
    s, slope, _ = _sigmoid(z)
    return mpmath.log(1 + mpmath.exp(z)), s, slope


def _gelu(z: Any) -> tuple[Any, Any, Any]:
    cdf = (1 + mpmath.erf(z / mpmath.sqrt(2))) / 2
    pdf = mpmath.exp(-(z**2) / 2) / mpmath.sqrt(2 * mpmath.pi)
    return z * cdf, cdf + z * pdf, pdf * (2 - z**2)


def _swish(z: Any) -> tuple[Any, Any, Any]:
    s, d, dd = _sigmoid(z)
    return z * s, s + z * d, 2 * d + z * dd


#: σ, σ′ and σ″ of a number.
FUNCTIONS: dict[str, Triple] = {
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "gelu": _gelu,
    "swish": _swish,
    "exp": lambda z: (mpmath.exp(z),) * 3,
    "log": lambda z: (mpmath.log(z), 1 / z, -1 / z**2),
    "sqrt": lambda z: (mpmath.sqrt(z), 1 / (2 * mpmath.sqrt(z)), -1 / (4 * z * mpmath.sqrt(z))),
    "sin": lambda z: (mpmath.sin(z), mpmath.cos(z), -mpmath.sin(z)),
    "cos": lambda z: (mpmath.cos(z), -mpmath.sin(z), -mpmath.cos(z)),
    "sinh": lambda z: (mpmath.sinh(z), mpmath.cosh(z), mpmath.sinh(z)),
    "cosh": lambda z: (mpmath.cosh(z), mpmath.sinh(z), mpmath.cosh(z)),
    "erf": lambda z: (
        mpmath.erf(z),
        2 * mpmath.exp(-(z**2)) / mpmath.sqrt(mpmath.pi),
        -4 * z * mpmath.exp(-(z**2)) / mpmath.sqrt(mpmath.pi),
    ),
    "identity": lambda z: (z, mpf(1), mpf(0)),
    "square": lambda z: (z**2, 2 * z, mpf(2)),
    "cube": lambda z: (z**3, 3 * z**2, 6 * z),
    "relu": lambda z: (z, mpf(1), mpf(0)) if z > 0 else (mpf(0),) * 3,
    "leaky-relu": lambda z: (z, mpf(1), mpf(0)) if z > 0 else (z / 100, mpf(1) / 100, mpf(0)),
}


@dataclass(frozen=True)
class Jet:
    """A number with its gradient and Hessian in the parameters."""

    value: Any
    gradient: Any
    hessian: Any

    @classmethod
    def constant(cls, value: Any, n: int) -> Jet:
        return cls(mpf(value), np.full(n, mpf(0)), np.full((n, n), mpf(0)))

    @classmethod
    def variable(cls, value: Any, i: int, n: int) -> Jet:
        zero = cls.constant(value, n)
        zero.gradient[i] = mpf(1)
        return zero

    def __add__(self, other: Jet) -> Jet:
        return Jet(
            self.value + other.value,
            self.gradient + other.gradient,
            self.hessian + other.hessian,
        )

    def __mul__(self, other: Jet) -> Jet:
        cross = np.outer(self.gradient, other.gradient)
        return Jet(
            self.value * other.value,
            self.value * other.gradient + other.value * self.gradient,
            self.value * other.hessian + other.value * self.hessian + cross + cross.T,
        )

    def apply(self, f: Triple) -> Jet:
        """f of it, by the chain rule."""
        value, slope, curvature = f(self.value)
        outer = np.outer(self.gradient, self.gradient)
        return Jet(value, slope * self.gradient, slope * self.hessian + curvature * outer)

    def __neg__(self) -> Jet:
        return self.apply(lambda z: (-z, mpf(-1), mpf(0)))

    def __sub__(self, other: Jet) -> Jet:
        return self + (-other)

    def __truediv__(self, other: Jet) -> Jet:
        return self * other.apply(lambda z: (1 / z, -1 / z**2, 2 / z**3))

    def power(self, e: Fraction) -> Jet:
        p = mpf(e.numerator) / e.denominator
        if e.denominator == 1:
            k = int(e)
            return self.apply(
                lambda z: (
                    z**k,
                    k * z ** (k - 1) if k else mpf(0),
                    k * (k - 1) * z ** (k - 2) if k not in (0, 1) else mpf(0),
                )
            )
        return self.apply(lambda z: (z**p, p * z ** (p - 1), p * (p - 1) * z ** (p - 2)))


def jet(text: str, names: Mapping[str, Jet], n: int) -> Jet:
    """The value of a text where its names are jets in n parameters."""

    def walk(node: ast.AST) -> Jet:
        match node:
            case ast.Constant(value=int() | float() as v):
                q = Fraction(ast.get_source_segment(text, node) or v)
                return Jet.constant(mpf(q.numerator) / q.denominator, n)
            case ast.Name(id="pi"):
                return Jet.constant(+mpmath.pi, n)
            case ast.Name(id=name):
                return names[name]
            case ast.UnaryOp(op=ast.USub(), operand=a):
                return -walk(a)
            case ast.BinOp(left=a, op=ast.Pow(), right=e):
                return walk(a).power(Fraction(_rational(e)))
            case ast.BinOp(left=a, op=op, right=b):
                left, right = walk(a), walk(b)
                match op:
                    case ast.Add():
                        return left + right
                    case ast.Sub():
                        return left - right
                    case ast.Mult():
                        return left * right
                    case ast.Div():
                        return left / right
            case ast.Call(func=ast.Name(id=f), args=[a]):
                return walk(a).apply(FUNCTIONS[f])
        raise ValueError(f"not in the textbook: {ast.dump(node)}")

    return walk(ast.parse(text, mode="eval").body)


def _rational(node: ast.AST) -> Fraction:
    match node:
        case ast.Constant(value=int() as v):
            return Fraction(v)
        case ast.UnaryOp(op=ast.USub(), operand=a):
            return -_rational(a)
        case ast.BinOp(left=a, op=ast.Div(), right=b):
            return _rational(a) / _rational(b)
    raise ValueError("exponents are rational")


def value(text: str) -> Any:
    """A number from its text, at the working precision."""
    return jet(text, {}, 0).value
