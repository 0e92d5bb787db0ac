"""Closed forms to SymPy expressions, for a reader who wants to go on there.

In: `Expr`s. Out: SymPy expressions in real Symbols of the same names. relu, step, sigmoid and
softplus are functions of SymPy defined here: SymPy differentiates, evaluates, prints and lambdifies
them, and `from_sympy` reads them back. This module imports SymPy and is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy
from mpmath.libmp import prec_to_dps

from hessrank.symbolic.expressions.enclosed import Enclosed
from hessrank.symbolic.expressions.expression import Expr, evaluate, free_symbols
from hessrank.symbolic.expressions.functions import FUNCTIONS


class _Named(sympy.Function):
    """A function of one real variable with a closed form in SymPy's own words."""

    nargs = 1

    @staticmethod
    def form(z: Any) -> Any:
        raise NotImplementedError

    def _eval_evalf(self, prec: int) -> Any:
        return self.form(self.args[0]).evalf(prec_to_dps(prec))

    def _eval_is_real(self) -> bool | None:
        return True if self.args[0].is_real else None

    def doit(self, **hints: Any) -> Any:
        """The closed form in SymPy's own functions."""
        (z,) = self.args
        return self.form(z.doit(**hints) if hints.get("deep", True) else z)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        raised = f"^{{{exp}}}" if exp else ""
        inside = printer._print(self.args[0])
        return FUNCTIONS[type(self).__name__].latex + raised + rf"\left({inside}\right)"


class sigmoid(_Named):
    """1/(1 + e^{−z})."""

    _imp_ = staticmethod(lambda z: 0.5 * (1 + np.tanh(z / 2)))

    @staticmethod
    def form(z: Any) -> Any:
        return 1 / (1 + sympy.exp(-z))

    def fdiff(self, argindex: int = 1) -> Any:
        return self * (1 - self)


class softplus(_Named):
    """log(1 + e^z)."""

    _imp_ = staticmethod(lambda z: np.logaddexp(0, z))

    @staticmethod
    def form(z: Any) -> Any:
        return sympy.log(1 + sympy.exp(z))

    def fdiff(self, argindex: int = 1) -> Any:
        return sigmoid(self.args[0])


class relu(_Named):
    """max(0, z)."""

    _imp_ = staticmethod(lambda z: np.maximum(z, 0))

    @classmethod
    def eval(cls, z: Any) -> Any:
        return sympy.Max(0, z) if z.is_Number else None

    @staticmethod
    def form(z: Any) -> Any:
        return sympy.Max(0, z)

    def fdiff(self, argindex: int = 1) -> Any:
        return step(self.args[0])


class step(_Named):
    """1 for z > 0, 0 for z < 0; its derivative is 0 where there is one."""

    _imp_ = staticmethod(lambda z: np.where(np.asarray(z) > 0, 1.0, 0.0))

    @classmethod
    def eval(cls, z: Any) -> Any:
        return sympy.Heaviside(z) if z.is_Number and not z.is_zero else None

    @staticmethod
    def form(z: Any) -> Any:
        return sympy.Heaviside(z)

    def fdiff(self, argindex: int = 1) -> Any:
        return sympy.S.Zero


_OWN = {f.__name__: f for f in (sigmoid, softplus, relu, step)}


class _SymPyRing:
    """The ring of SymPy expressions."""

    def number(self, q: Any) -> Any:
        return sympy.Rational(q.numerator, q.denominator)

    def power(self, value: Any, exponent: Any) -> Any:
        return value ** self.number(exponent)

    def function(self, name: str, *args: Any) -> Any:
        if name == "pi":
            return sympy.pi
        if isinstance(name, Enclosed):
            return sympy.Symbol(str.__str__(name), real=True)
        known = _OWN.get(name) or getattr(sympy, FUNCTIONS[name].sympy)
        return known(*args)


def to_sympy(e: Expr) -> Any:
    """`e` as a SymPy expression; symbols become real Symbols of the same name.

    >>> from hessrank.symbolic.expressions.parsing import parse
    >>> print(to_sympy(parse("a*relu(b) + 1/3", {"a", "b"})))
    a*relu(b) + 1/3
    """
    return _all([e])[0]


def to_sympy_matrix(rows: Sequence[Sequence[Expr]], shape: tuple[int, int]) -> Any:
    """Rows of closed forms as a sympy.Matrix."""
    return sympy.Matrix(*shape, _all([e for row in rows for e in row]))


def _all(forms: Sequence[Expr]) -> list[Any]:
    names = free_symbols(*forms)
    return evaluate(forms, _SymPyRing(), {n: sympy.Symbol(n, real=True) for n in names})
