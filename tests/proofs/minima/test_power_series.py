"""Truncated power series against mpmath's Taylor coefficients at 60 digits, and SymPy's series."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy
from flint import fmpq

from hessrank.proofs.minima.germs import power_series
from hessrank.proofs.minima.germs.power_series import PowerSeries, Series
from hessrank.symbolic.errors import KinkError, UndecidedError
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.fields.polynomials import TooLarge

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


# --- the ring itself, against polynomials of SymPy cut off at the order --------------------------

x, y = sympy.symbols("x y")


def cut(P: sympy.Expr, order: int) -> dict[tuple[int, ...], sympy.Rational]:
    terms = sympy.Poly(sympy.expand(P), x, y).terms()
    return {m: c for m, c in terms if sum(m) <= order and c != 0}


def terms_of(series: Series) -> dict[tuple[int, ...], sympy.Rational]:
    """All that is stored; a zero would be seen."""
    return {m: sympy.Rational(int(fmpq(c).p), int(fmpq(c).q)) for m, c in series.terms.items()}


def random_polynomial(rng: random.Random) -> sympy.Expr:
    return sum(
        rng.randint(-2, 2) * x ** rng.randint(0, 3) * y ** rng.randint(0, 3) for _ in range(4)
    ) + rng.randint(-1, 1)


def as_series(P: sympy.Expr, ring: PowerSeries) -> Series:
    terms = sympy.Poly(P, x, y).terms()
    return ring.series({m: fmpq(int(c)) for m, c in terms})


@pytest.mark.parametrize("seed", range(20))
def test_sums_products_powers_and_parts(seed: int) -> None:
    rng = random.Random(seed)
    order = rng.randint(1, 6)
    ring = PowerSeries(Field(), 2, order)
    P, Q = random_polynomial(rng), random_polynomial(rng)
    p, q = as_series(P, ring), as_series(Q, ring)
    assert terms_of(p) == cut(P, order)
    assert terms_of(p + q) == cut(P + Q, order)
    assert terms_of(p + p * ring.scalar(fmpq(-1))) == {}
    assert terms_of(p * q) == cut(P * Q, order)
    assert terms_of((p + q) * (p + q * ring.scalar(fmpq(-1)))) == cut(P**2 - Q**2, order)
    for n in range(6):
        assert terms_of(ring.power(p, Fraction(n))) == cut(P**n, order), n
    for degree in range(order + 2):
        want = {m: c for m, c in cut(P, order).items() if sum(m) == degree}
        assert terms_of(Series(ring, p.part(degree))) == want
    assert p.constant == fmpq(int(sympy.Poly(P, x, y).coeff_monomial(1)))


@pytest.mark.parametrize("exponent", ["-1", "-2", "-3", "1/2", "-1/2", "3/2", "5/2", "-4/3"])
def test_powers_of_series_that_do_not_vanish(exponent: str) -> None:
    """s^e·s^−e = 1 for s = 4 + v or 8 + v; and the first terms by the binomial series."""
    e = Fraction(exponent)
    for order in (1, 2, 3, 5):
        ring = PowerSeries(Field(), 2, order)
        c = 8 if e.denominator == 3 else 4
        P = c + x - 3 * y + 2 * x * y - y**3
        s = as_series(P, ring)
        powered = ring.power(s, e)
        assert terms_of(powered * ring.power(s, -e)) == {(0, 0): 1}
        root = sympy.Rational(e.numerator, e.denominator)
        linear = root * sympy.Integer(c) ** (root - 1)
        found = terms_of(powered)
        assert found[0, 0] == sympy.Integer(c) ** root
        assert (found[1, 0], found[0, 1]) == (linear, -3 * linear)


def test_a_power_of_zero_and_the_zeroth_power() -> None:
    ring = PowerSeries(Field(), 1, 3)
    t = ring.variable(0)
    assert ring.power(t, Fraction(0)).terms == {(0,): 1}
    assert ring.power(ring.scalar(fmpq(0)), Fraction(0)).terms == {(0,): 1}
    assert ring.power(t, Fraction(4)).terms == {} and ring.power(t, Fraction(3)).terms == {(3,): 1}


def test_coordinates_and_numbers() -> None:
    ring = PowerSeries(Field(), 3, 2)
    assert [ring.variable(i).terms for i in range(3)] == [
        {(1, 0, 0): 1},
        {(0, 1, 0): 1},
        {(0, 0, 1): 1},
    ]
    assert ring.number(Fraction(-2, 3)).terms == {(0, 0, 0): fmpq(-2, 3)}
    assert ring.scalar(fmpq(0)).terms == {} and ring.scalar(fmpq(0)).constant == 0
    assert ring.series({(2, 1, 0): fmpq(1), (1, 0, 0): fmpq(0), (0, 2, 0): fmpq(5)}).terms == {
        (0, 2, 0): 5
    }
    assert "3.14159265" in str(ring.field.ball(ring.function("pi").constant, 64))


@pytest.mark.parametrize("name", ["relu", "abs", "sign", "step"])
@pytest.mark.parametrize("c", [-3, 2])
def test_pieces(name: str, c: int) -> None:
    """relu, |·|, sign and step of c + t + t²."""
    ring = PowerSeries(Field(), 1, 2)
    u = ring.series({(0,): fmpq(c), (1,): fmpq(1), (2,): fmpq(1)})
    up = c > 0
    whole = {(0,): c, (1,): 1, (2,): 1}
    want = {
        "relu": whole if up else {},
        "abs": whole if up else {m: -v for m, v in whole.items()},
        "sign": {(0,): 1 if up else -1},
        "step": {(0,): 1} if up else {},
    }[name]
    assert ring.function(name, u).terms == want
    with pytest.raises(KinkError, match=name):
        ring.function(name, ring.variable(0))


@pytest.mark.parametrize("order", [1, 2, 3, 6])
@pytest.mark.parametrize("inner", ["3*t", "t**2", "t + t**2", "t**3 - t**4", "0*t"])
def test_compositions_of_every_order(inner: str, order: int) -> None:
    """exp(u), sin(u), 1/(1 − u), sqrt(1 + u) against SymPy."""
    t = sympy.Symbol("t")
    ring = PowerSeries(Field(), 1, order)
    for form in (
        "exp(u)",
        "sin(u)",
        "cos(u)",
        "tanh(u)",
        "log(1 + u)",
        "1/(1 - u)",
        "(1 + u)**2.5",
    ):
        text = form.replace("2.5", "(5/2)").replace("u", f"({inner})")
        (found,) = evaluate([parse(text, {"t"})], ring, {"t": ring.variable(0)})
        f = sympy.sympify(form.replace("2.5", "(Rational(5, 2))"), locals={"u": t})
        taylor = sum(f.diff(t, k).subs(t, 0) * t**k / sympy.factorial(k) for k in range(order + 1))
        P = sympy.Poly(sympy.expand(taylor.subs(t, sympy.sympify(inner))), t)
        want = {m: c for m, c in P.terms() if m[0] <= order and c != 0}
        assert terms_of(found) == want, text


def test_each_value_is_asked_for_once() -> None:
    """tanh to order 9 is made of tanh(1) alone: the lists of f and f′ are shared."""
    asked: list[str] = []

    class Counting(Field):
        def function(self, name: str, *args: Any) -> Any:
            asked.append(name)
            return super().function(name, *args)

    ring = PowerSeries(Counting(), 1, 9)
    t = {"t": ring.variable(0)}
    for _ in range(2):
        evaluate([parse("tanh(1 + t)", {"t"})], ring, t)
    assert asked.count("tanh") == 1


def test_how_many_terms_are_carried(monkeypatch: pytest.MonkeyPatch) -> None:
    """(1 + x + y)² has 6 terms."""
    ring = PowerSeries(Field(), 2, 2)
    s = as_series(1 + x + y, ring)
    for most in (6, 5):
        monkeypatch.setattr(power_series, "MAX_SERIES", most)
        if most == 6:
            assert len((s * s).terms) == 6
        else:
            with pytest.raises(TooLarge, match="6 terms"):
                s * s
