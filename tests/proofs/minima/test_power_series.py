"""Truncated power series against mpmath's Taylor coefficients at 60 digits, and SymPy's series."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import pytest
import sympy
from flint import fmpq

from hessrank.proofs.minima.power_series import PowerSeries
from hessrank.symbolic.errors import KinkError, UndecidedError
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.fields.field import Field

ONE_VARIABLE: list[tuple[str, Callable[[Any], Any]]] = [
    ("tanh(t + 1/2)", lambda t: mpmath.tanh(t + 0.5)),
    ("sigmoid(t - 1)", lambda t: 1 / (1 + mpmath.exp(1 - t))),
    ("softplus(t + 1)", lambda t: mpmath.log(1 + mpmath.exp(t + 1))),
    ("erf(t + 1/4)", lambda t: mpmath.erf(t + 0.25)),
    ("log(2 + t)", lambda t: mpmath.log(2 + t)),
    ("exp(sin(t))", lambda t: mpmath.exp(mpmath.sin(t))),
    ("tan(t/2 + 1)*cosh(t)", lambda t: mpmath.tan(t / 2 + 1) * mpmath.cosh(t)),
    ("sinh(t - 2)*cos(3*t)", lambda t: mpmath.sinh(t - 2) * mpmath.cos(3 * t)),
    (
        "sqrt(1 + t)*exp(-t)/(2 + t)**3",
        lambda t: mpmath.sqrt(1 + t) * mpmath.exp(-t) / (2 + t) ** 3,
    ),
    ("relu(t + 1)*abs(t - 2)", lambda t: (t + 1) * (2 - t)),
]


@pytest.mark.parametrize(("form", "f"), ONE_VARIABLE)
def test_against_mpmath(form: str, f: Callable[[Any], Any]) -> None:
    ring = PowerSeries(Field(), 1, 12)
    (series,) = evaluate([parse(form, {"t"})], ring, {"t": ring.variable(0)})
    with mpmath.workdps(60):
        expected = mpmath.taylor(f, 0, 12)
        for k, want in enumerate(expected):
            c = series.terms.get((k,), fmpq(0))
            text = ring.field.ball(c, 240).mid().str(45, radius=False)
            assert abs(mpmath.mpf(text) - want) < mpmath.mpf(10) ** -35, (form, k)


@pytest.mark.parametrize("form", ["(1 + x*y - y)**5/(2 - x)", "(x + 3*y)**4 - x*y/(1 + x**2)"])
def test_two_variables_against_sympy(form: str) -> None:
    ring = PowerSeries(Field(), 2, 6)
    values = {n: ring.variable(i) for i, n in enumerate("xy")}
    (series,) = evaluate([parse(form, {"x", "y"})], ring, values)
    x, y, s = sympy.symbols("x y s")
    scaled = sympy.sympify(form).subs({x: s * x, y: s * y}, simultaneous=True)
    expected = sympy.Poly(sympy.series(scaled, s, 0, 7).removeO().subs(s, 1), x, y)
    assert {m: sympy.Rational(int(c.p), int(c.q)) for m, c in series.terms.items()} == dict(
        expected.terms()
    )


def test_what_has_no_series_is_refused() -> None:
    ring = PowerSeries(Field(), 1, 4)
    t = {"t": ring.variable(0)}
    for form, error in (
        ("sqrt(t)", UndecidedError),
        ("1/t", UndecidedError),
        ("relu(t)", KinkError),
    ):
        with pytest.raises(error):
            evaluate([parse(form, {"t"})], ring, t)
