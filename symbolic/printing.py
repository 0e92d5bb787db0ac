"""Closed forms on paper: SymPy expressions and LaTeX.

In: `Expr`s. Out: SymPy expressions (for a reader who wants to go on there) and LaTeX. This is the
one module of the symbolic side that imports SymPy, and only when something is printed; no verdict
passes through it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from hessrank.symbolic.expression import Expr, evaluate, free_symbols
from hessrank.symbolic.functions import FUNCTIONS

GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta kappa mu nu xi rho sigma tau phi chi psi omega"
).split()


class _SymPyRing:
    """The ring of SymPy expressions."""

    def __init__(self) -> None:
        import sympy

        self.sympy = sympy
        self.plain = {
            name: getattr(sympy, name)
            for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "erf")
        }

    def number(self, q: Any) -> Any:
        return self.sympy.Rational(q.numerator, q.denominator)

    def power(self, value: Any, exponent: Any) -> Any:
        return value ** self.number(exponent)

    def function(self, name: str, *args: Any) -> Any:
        if name == "pi":
            return self.sympy.pi
        (z,) = args
        s = self.sympy
        if name in self.plain:
            return self.plain[name](z)
        match name:
            case "abs":
                return s.Abs(z)
            case "sign":
                return s.sign(z)
        return self._named(name)(z)

    def _named(self, name: str) -> Any:
        shown = FUNCTIONS[name].latex

        def _latex(this: Any, printer: Any, exp: Any = None) -> str:
            inside = printer._print(this.args[0])
            return shown + (f"^{{{exp}}}" if exp else "") + rf"\left({inside}\right)"

        return type(name, (self.sympy.Function,), {"_latex": _latex})


def to_sympy(e: Expr) -> Any:
    """`e` as a SymPy expression; symbols become real Symbols of the same name. relu, step,
    sigmoid and softplus become undefined functions of that name."""
    return _to_sympy([e])[0]


def _to_sympy(forms: Sequence[Expr]) -> list[Any]:
    import sympy

    names = free_symbols(*forms)
    return evaluate(forms, _SymPyRing(), {n: sympy.Symbol(n, real=True) for n in names})


def to_sympy_matrix(rows: Sequence[Sequence[Expr]], shape: tuple[int, int]) -> Any:
    """Rows of closed forms as a sympy.Matrix."""
    import sympy

    return sympy.Matrix(*shape, _to_sympy([e for row in rows for e in row]))


def symbol_latex(name: str) -> str:
    """w1_2_3 as w^{(1)}_{2,3}, theta2 as \\theta_{2}, x as x.

    >>> print(symbol_latex("w1_2_3"), symbol_latex("b1_2"), symbol_latex("theta2"), symbol_latex("u"))
    w^{(1)}_{2,3} b^{(1)}_{2} \\theta_{2} u
    """
    layered = re.fullmatch(r"([wb])(\d+)_(\d+)(?:_(\d+))?", name)
    if layered:
        letter, layer, unit, source = layered.groups()
        return f"{letter}^{{({layer})}}_{{{unit}{',' + source if source else ''}}}"
    stem, digits = re.fullmatch(r"(.*?)_?(\d*)", name).groups()  # type: ignore[union-attr]
    if stem in GREEK:
        stem = f"\\{stem}"
    elif len(stem) > 1:
        stem = rf"\mathrm{{{stem.replace('_', chr(92) + '_')}}}"
    return f"{stem}_{{{digits}}}" if digits else stem


def latex(e: Expr) -> str:
    """`e` as LaTeX, without delimiters."""
    return _latex([e])[0]


def _latex(forms: Sequence[Expr]) -> list[str]:
    import sympy

    names = {sympy.Symbol(n, real=True): symbol_latex(n) for n in free_symbols(*forms)}
    return [sympy.latex(s, symbol_names=names, ln_notation=False) for s in _to_sympy(forms)]


def latex_matrix(rows: Sequence[Sequence[Expr]], shape: tuple[int, int]) -> str:
    """A matrix as LaTeX (pmatrix; beyond ten columns an array of that width)."""
    if 0 in shape:
        return rf"(\;)_{{{shape[0]}\times {shape[1]}}}"
    flat = _latex([e for row in rows for e in row])
    n = shape[1]
    body = r" \\ ".join(" & ".join(flat[i : i + n]) for i in range(0, len(flat), n))
    if n <= 10:
        return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"
    return rf"\left(\begin{{array}}{{{'c' * n}}} {body} \end{{array}}\right)"
