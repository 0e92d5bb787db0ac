"""Arithmetic in the field: what it refuses, closed forms of what it holds, common denominators,
combinations of arguments, limits."""

from __future__ import annotations

import operator
import random
from fractions import Fraction
from typing import Any

import flint
import mpmath
import pytest
from flint import arb, fmpq

from hessrank.symbolic.errors import DomainError, UndecidedError
from hessrank.symbolic.expressions.enclosed import enclosed
from hessrank.symbolic.expressions.expression import evaluate, number
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.fields.atoms import CYCLOTOMIC, Atom
from hessrank.symbolic.fields.basis import (
    combination,
    common_multiple,
    leading_sign,
    power_of_turn,
    times_complex,
)
from hessrank.symbolic.fields.elements import (
    MAX_ATOM_EXPONENT,
    DivisionByZero,
    Element,
    Exact,
    cleared,
    cleared_by,
    inverse,
)
from hessrank.symbolic.fields.field import MAX_DEGREE, Field, differs, evaluate_in_field
from hessrank.symbolic.fields.polynomials import TooLarge
from oracles.rings import Digits

OPERATORS = (operator.add, operator.sub, operator.mul, operator.truediv)


def one(text: str) -> Exact:
    return evaluate_in_field(lambda field: evaluate([parse(text)], field, {})[0])


def together(*texts: str) -> list[Exact]:
    return evaluate_in_field(lambda field: evaluate([parse(t) for t in texts], field, {}))


@pytest.mark.parametrize("other", [0.5, "1/2", None, [1]])
def test_numbers_of_other_kinds_are_refused(other: Any) -> None:
    e = one("exp(1)")
    for combine in OPERATORS:
        with pytest.raises(TypeError):
            combine(e, other)
    assert (e == other) is False and e != other


def test_division_by_zero() -> None:
    e, half = one("exp(1)"), fmpq(1, 2)
    for divide in (lambda: e / fmpq(0), lambda: inverse(fmpq(0)), lambda: e / (e - e)):
        with pytest.raises(DivisionByZero, match="division by zero"):
            divide()
    assert inverse(half) == 2 and e * inverse(e) == 1
    assert e * 0 == 0 and e + 0 is e and bool(e) and {e: 1}[one("exp(1)")] == 1


#: One for each kind of atom, and some of several.
FORMS = [
    "erf(1/3)",
    "atan(2/7) + 1",
    "atan(sqrt(2))",
    "cos(pi/5)*exp(1/2)",
    "sin(pi/7)**2 + cos(3*pi/7)/2",
    "sqrt(1 + sqrt(2))/3",
    "tan(1/3) - sin(2/3)",
    "log(3)**2/(exp(1) + log(3))",
    "5**(1/4)*cos(pi/5)",
    "sqrt(pi)*pi**2",
    "exp(exp(1)) - exp(sqrt(2)/3)",
    "2**(2/3)*3**(1/2) - 1/exp(2/5)",
    "log(1 + sqrt(2))/7",
    "sqrt(exp(1) + 1)**3",
    "sqrt(exp(1))",
    "(exp(1/2) + 1)**(1/3)*exp(1/2)**(2/3)",
]


@pytest.mark.parametrize("text", FORMS)
def test_the_closed_form_of_a_number_is_that_number(text: str) -> None:
    value = one(text)
    assert isinstance(value, Element)
    with mpmath.workdps(50):
        (shown,) = evaluate([value.field.expr(value)], Digits(), {})
        (given,) = evaluate([parse(text)], Digits(), {})
        middle = mpmath.mpf(value.field.ball(value, 200).mid().str(60, radius=False))
        assert abs(shown - given) < mpmath.mpf(10) ** -40
        assert abs(middle - given) < mpmath.mpf(10) ** -40
    assert repr(value) == f"Element({value})"


def test_a_root_of_a_root_is_shown_as_one() -> None:
    """√√5, where √5 lies in the cyclotomic field; and what an atom of that field stands for."""
    _, root = together("cos(pi/5)", "5**(1/4)")
    assert str(root) == "5**(1/4)"
    atom = Atom(CYCLOTOMIC, fmpq(20), degree=4)
    for e in (1, 3):
        with mpmath.workdps(30):
            (shown,) = evaluate([atom.power_expr(number(20), e)], Digits(), {})
            assert abs(shown - (2 * mpmath.cos(mpmath.pi / 10)) ** e) < 1e-25


def test_an_enclosed_number_and_a_variable_have_their_names() -> None:
    field = Field()
    (h,) = evaluate([enclosed("h", lambda: arb(3, 1e-9))], field, {})
    x = field.indeterminate("x", fmpq(2))
    assert str(field.expr(h * h)) == "h**2" and str(field.expr(x**3)) == "x**3"
    assert field.ball(x, 64) == 2


def test_inverses_of_algebraic_numbers() -> None:
    for text in (
        "1 + sqrt(2) + sqrt(3)",
        "2**(1/3) - 1",
        "cos(pi/7) + 2",
        "cos(2*pi/5)*exp(1) + sqrt(2)",
        "sqrt(1 + sqrt(2)) - log(2)",
    ):
        value = one(text)
        assert value * inverse(value) == 1 == (1 / value) * value


def test_rows_times_their_common_denominator() -> None:
    field = Field()
    e, root = field.function("exp", fmpq(1)), field.power(fmpq(2), Fraction(1, 2))
    row = [1 / (e + 1), root / (e * e - 1), fmpq(2, 3), e]
    polys, common = cleared_by(row, field)
    assert polys == cleared(row, field) == [field.reduce(p) for p in polys]
    for v, p in zip(row, polys, strict=True):
        assert field.polynomial(p) == v * field.polynomial(common)
    assert field.polynomial(common) in (e * e - 1, 1 - e * e)


def test_combinations_of_arguments() -> None:
    field = Field()
    a, b = field.function("log", fmpq(2)), field.function("log", fmpq(3))
    assert combination(field, 2 * a / 3 - b, [a, b]) == [fmpq(2, 3), -1]
    assert combination(field, fmpq(5), [a, fmpq(2)]) == [0, fmpq(5, 2)]
    assert combination(field, a / b, [1 / b, a / b]) == [0, 1]
    assert combination(field, a * b, [a, b]) is None and combination(field, a, []) is None
    assert combination(field, a + b, [a + b, 2 * a + 2 * b, b]) == [1, 0, 0]
    assert (leading_sign(a), leading_sign(-a), leading_sign(fmpq(-1))) == (1, -1, -1)


@pytest.mark.parametrize(
    ("a", "b", "least"),
    [("1/2", "1/3", "1"), ("3/4", "5/6", "15/2"), ("2", "3", "6"), ("1/2", "2/3", "2")],
)
def test_least_common_multiples(a: str, b: str, least: str) -> None:
    p, q, m = (fmpq(Fraction(t).numerator, Fraction(t).denominator) for t in (a, b, least))
    assert common_multiple(p, q) == m == common_multiple(q, p)
    assert (m / p).q == 1 == (m / q).q


def test_turns() -> None:
    """(3 + 4i)/5 and its powers, against complex numbers."""
    unit = (fmpq(3, 5), fmpq(4, 5))
    for n in range(-6, 7):
        found = power_of_turn(unit, n)
        expected = complex(0.6, 0.8) ** n
        assert abs(complex(*(float(v.p) / float(v.q) for v in found)) - expected) < 1e-12
    assert times_complex((fmpq(1), fmpq(2)), (fmpq(3), fmpq(-5))) == (13, 1)


def test_limits() -> None:
    field = Field()
    e = field.function("exp", fmpq(1))
    i = len(field.atoms) - 1
    assert field.atom_power(i, -2) * e * e == 1
    with pytest.raises(TooLarge, match=f"exponent beyond {MAX_ATOM_EXPONENT}"):
        field.atom_power(i, MAX_ATOM_EXPONENT + 1)
    with pytest.raises(TooLarge, match=f"exponent beyond {MAX_ATOM_EXPONENT}"):
        field.atom_power(i, -MAX_ATOM_EXPONENT - 1)
    assert isinstance(Field().power(fmpq(2), Fraction(1, MAX_DEGREE)), Element)
    with pytest.raises(TooLarge, match=f"a root of degree {MAX_DEGREE + 1}"):
        Field().power(fmpq(2), Fraction(1, MAX_DEGREE + 1))
    with pytest.raises(TooLarge, match="a power of more than"):
        field.power(fmpq(10**9), Fraction(10**6))
    assert not field.given_up  # nothing was begun
    with pytest.raises(TooLarge):
        field.function("exp", fmpq(10**6))
    assert field.given_up


def test_powers_of_zero_and_of_negative_numbers() -> None:
    assert Field().power(fmpq(0), Fraction(1, 2)) == 0 == Field().power(fmpq(0), Fraction(3))
    for value, exponent, words in (
        (0, Fraction(-1, 2), "division by zero"),
        (0, Fraction(-2), "division by zero"),
        (-8, Fraction(1, 3), "a negative number to the power 1/3"),
    ):
        with pytest.raises(DomainError, match=words):
            Field().power(fmpq(value), exponent)
    for z, words in ((0, "log of zero"), (-2, "log of a negative number")):
        with pytest.raises(DomainError, match=words):
            Field().function("log", fmpq(z))


def test_what_is_known_to_differ_from_zero() -> None:
    field = Field()
    e, c = field.function("exp", fmpq(1)), field.function("erf", fmpq(1))
    assert differs(field, e - 3) and differs(field, c) and differs(field, fmpq(-1))
    assert not differs(field, e - e)
    x = field.indeterminate("x")
    with pytest.raises(UndecidedError, match="depends on a variable"):
        field.sign(x * c)
    assert not differs(field, x * c)
    tiny = field.function("erf", fmpq(1)) - field.function("erf", 1 + fmpq(1, 10**9))
    assert field.sign(tiny) == -1
    with flint.ctx.workprec(64):
        assert field.sign(-tiny * e) == 1


def test_multiples_of_pi_off_every_carried_field() -> None:
    """cos(π/499) and sin(π/499) through a tangent; the whole turns are known."""
    c, s, far = together("cos(pi/499)", "sin(pi/499)", "cos(pi/499 + pi)")
    assert c * c + s * s == 1 and far == -c
    quarter = together("sin(500*pi/998)", "cos(pi/998)")
    assert quarter[0] == quarter[1]
    ball = c.field.ball(c, 200)
    with mpmath.workdps(50):
        theirs = mpmath.cos(mpmath.pi / 499)
        assert abs(mpmath.mpf(ball.mid().str(60, radius=False)) - theirs) < mpmath.mpf(10) ** -40


@pytest.mark.parametrize("seed", range(20))
def test_equal_numbers_have_one_hash_while_the_field_grows(seed: int) -> None:
    """A number made before atoms were added, and the same made of other operations after it."""
    rng = random.Random(seed)
    field = Field()
    u, v = field.function("exp", fmpq(1)), field.function("log", fmpq(7))
    a, b, c = (fmpq(rng.randint(1, 5), rng.randint(1, 3)) for _ in range(3))
    early = (a * u - b * v * v) / (u + c) + 1
    field.function("log", fmpq(rng.choice([2, 3, 5])))
    field.power(fmpq(rng.choice([2, 3, 5])), Fraction(1, 2))
    late = (a * u + u + c - b * (v * v)) / (c + u)
    assert early == late and hash(early) == hash(late) and len({early, late}) == 1
    assert early != late + 1 and hash(early) != hash(early + 1)


def test_a_division_by_zero_keeps_its_place() -> None:
    error = DivisionByZero("w1: division by zero", "point.w1")
    assert (error.key, str(error)) == ("point.w1", "w1: division by zero")
    assert (DivisionByZero().key, str(DivisionByZero())) == (None, "division by zero")
