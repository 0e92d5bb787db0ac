"""Algebraic numbers in one field: against SymPy's minimal polynomials, mpmath, closed forms."""

from __future__ import annotations

from fractions import Fraction
from math import gcd

import mpmath
import pytest
import sympy
from flint import fmpq, fmpq_poly
from hypothesis import given, settings
from hypothesis import strategies as st

from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.fields import cyclotomic, radicals
from hessrank.symbolic.fields.elements import Element
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.ranks.rank import rank


def number(text: str):
    return evaluate_in_field(lambda f: evaluate([parse(text)], f, {})[0])


def decimal(value, digits: int = 100):
    """An exact number in mpmath, from its ball."""
    if not isinstance(value, Element):
        return mpmath.mpf(int(value.p)) / int(value.q)
    ball = value.field.ball(value, 8 * digits)
    return mpmath.mpf(ball.mid().str(digits + 20, radius=False))


@pytest.mark.parametrize("m", [8, 12, 16, 20, 24, 28, 44, 60, 84])
def test_the_minimal_polynomial_is_that_of_sympy(m):
    x = sympy.Symbol("x")
    theirs = sympy.minimal_polynomial(2 * sympy.cos(2 * sympy.pi / m), x)
    ours = [int(c.p) for c in cyclotomic.minimal_polynomial(m).coeffs()]
    assert ours == sympy.Poly(theirs, x).all_coeffs()[::-1]


@pytest.mark.parametrize("m", [8, 20, 24, 44, 60, 84])
def test_cosines_sines_and_square_roots_have_their_values(m):
    def at_c(poly: fmpq_poly):
        c = 2 * mpmath.cos(2 * mpmath.pi / m)
        terms = [mpmath.mpf(int(q.p)) / int(q.q) for q in poly.coeffs()]
        return mpmath.polyval(terms[::-1], c) if terms else mpmath.mpf(0)

    with mpmath.workdps(100):
        for k in range(-3, m + 3):
            angle = 2 * mpmath.pi * k / m
            assert abs(at_c(cyclotomic.cosine(m, k)) - mpmath.cos(angle)) < 1e-80
            assert abs(at_c(cyclotomic.sine(m, k)) - mpmath.sin(angle)) < 1e-80
        for p in sympy.primerange(2, m):
            found = cyclotomic.square_root(m, p)
            inside = m % (8 if p == 2 else p) == 0  # the conductor of Q(√p) divides m
            assert (found is not None) == inside
            if found is not None:
                assert abs(at_c(found) - mpmath.sqrt(p)) < 1e-80


#: Numbers of which two forms are one number, and where that is written.
EQUAL = [
    ("tan(pi/8)", "sqrt(2) - 1", "A&S 4.3.145"),
    ("cos(pi/5) - cos(2*pi/5)", "1/2", "Euclid XIII.8"),
    ("cos(pi/5)", "(1 + sqrt(5))/4", "A&S 4.3.145"),
    ("tan(3*pi/11) + 4*sin(2*pi/11)", "sqrt(11)", "Gauss sum of order 11"),
    ("sin(2*pi/7) + sin(4*pi/7) - sin(6*pi/7)", "sqrt(7)/2", "Gauss sum of order 7"),
    ("cos(pi/17)*cos(2*pi/17)*cos(4*pi/17)*cos(8*pi/17)", "1/16", "Morrie's law"),
    ("tan(pi/9)*tan(2*pi/9)*tan(4*pi/9)", "sqrt(3)", "product of tangents"),
    ("sqrt(2 + sqrt(2))", "2*cos(pi/8)", "Viète"),
    ("sqrt(10 + 2*sqrt(5))/4", "cos(pi/10)", "A&S 4.3.145"),
    ("(2 + sqrt(5))**(1/3)", "2*cos(pi/5)", "φ³ = 2 + √5"),
    ("(2**(1/3) - 1)**(1/3)", "(1/9)**(1/3) - (2/9)**(1/3) + (4/9)**(1/3)", "Ramanujan 1913"),
    ("sqrt(5**(1/3) - 4**(1/3))", "(2**(1/3) + 20**(1/3) - 25**(1/3))/3", "Ramanujan"),
    ("log(2 + sqrt(3))", "-log(2 - sqrt(3))", "norm 1"),
    ("log(3 + 2*sqrt(2))", "2*log(1 + sqrt(2))", "(1 + √2)² = 3 + 2√2"),
    ("log(2 + sqrt(2))", "log(2)/2 + log(1 + sqrt(2))", "2 + √2 = √2 (√2 + 1)"),
    ("log(tan(pi/8)) + log(tan(3*pi/8))", "0", "tan x tan(π/2 − x) = 1"),
    ("exp(tan(pi/8))*exp(1)", "exp(sqrt(2))", "tan(π/8) = √2 − 1"),
    ("exp(3000)", "exp(1500)**2", "A&S 4.2.18"),
    ("sqrt(pi)*sqrt(2*pi)", "pi*sqrt(2)", "real radicals multiply"),
    ("exp(log(2 + sqrt(3))/2)", "(sqrt(6) + sqrt(2))/2", "(√6 + √2)² = 8 + 4√3"),
]


@pytest.mark.parametrize("one, two, source", EQUAL, ids=[e[2] + " " + e[0] for e in EQUAL])
def test_two_forms_of_one_number_are_one_form(one, two, source):
    assert number(f"({one}) - ({two})") == 0, source
    for beside in ("tanh(1)", "sqrt(pi)", "log(3)"):
        same = rank([[one, beside], [two, beside]])
        assert (same.lower, same.upper, same.status) == (1, 1, "certified")
        other = rank([[one, beside], [f"({two}) + 1/10**30", beside]])
        assert (other.lower, other.upper) == (2, 2)


def test_what_is_no_power_is_not_called_one_and_powers_are_found():
    field = Field()
    root = field.power(fmpq(2), Fraction(1, 2))
    for a in range(-4, 5):
        for b in range(1, 4):
            value = (a + b * root) ** 2
            assert not radicals.is_no_power(field, value, 2)
            found = radicals.root_in_field(field, value, 2)
            assert found is not None and found * found == value
            # a + b√2 is a square in Q(√2) only if its norm a² − 2b² is one in Q; −1 and ±2 are not
            if a * a - 2 * b * b in (-1, -2, 2):
                assert radicals.is_no_power(field, a + b * root, 2)


TERMS = st.sampled_from(
    [f"cos({k}*pi/{n})" for n in (5, 8) for k in (1, 2) if gcd(k, n) == 1]
    + ["sin(pi/5)", "tan(pi/8)", "sqrt(2)", "sqrt(5)", "sqrt(7)", "2**(1/3)", "5**(1/4)", "3/2"]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(TERMS, min_size=1, max_size=3), min_size=1, max_size=4))
def test_sums_of_products_have_their_value_and_their_sign(terms):
    """The value of mpmath at 100 digits; the same number again from the form that is printed."""
    text = " - ".join("*".join(factors) for factors in terms)
    found = number(text)
    with mpmath.workdps(120):
        names = {n: getattr(mpmath, n) for n in ("cos", "sin", "tan", "sqrt", "pi")}
        total = mpmath.mpf(0)
        for i, factors in enumerate(terms):
            product = mpmath.mpf(1)
            for f in factors:
                product *= _in_mpmath(f, names)
            total += product if i == 0 else -product
        assert abs(decimal(found) - total) < mpmath.mpf(10) ** -95
        assert (found == 0) == (abs(total) < mpmath.mpf(10) ** -95)
    shown = str(found.field.expr(found)) if isinstance(found, Element) else str(found)
    assert number(f"({shown}) - ({text})") == 0


def _in_mpmath(text: str, names):
    form = parse(text)

    class Ring:
        def number(self, q):
            return mpmath.mpf(q.numerator) / q.denominator

        def power(self, x, e):
            return mpmath.power(x, mpmath.mpf(e.numerator) / e.denominator)

        def function(self, name, *args):
            return +names[name] if name == "pi" else names[name](*args)

    return evaluate([form], Ring(), {})[0]


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 3), st.data())
def test_a_product_through_a_thin_middle_has_at_most_its_rank(r, data):
    """rank UV ≤ r (Sylvester); from below mpmath's singular values at 100 digits."""
    entries = [[data.draw(TERMS) for _ in range(2 * r + 2)] for _ in range(4)]
    U, V = [row[:r] for row in entries], [row[r : 2 * r] for row in entries]
    table = [["+".join(f"{a}*{b}" for a, b in zip(u, v, strict=True)) for v in V] for u in U]
    found = rank(table)
    assert found.decided and found.is_certain
    with mpmath.workdps(100):
        values = mpmath.matrix([[decimal(number(t)) for t in row] for row in table])
        singular = mpmath.svd_r(values, compute_uv=False)
    assert found.lower == sum(s > mpmath.mpf(10) ** -60 for s in singular) <= r


def test_a_field_of_two_matrices_is_one():
    """cos(π/8) asks for the field of m = 16 after √2 was there, and then for m = 80."""
    assert number("sqrt(2)*cos(pi/8)*cos(pi/5) - sqrt(2)*cos(pi/5)*cos(pi/8)") == 0
    a, b = number("cos(pi/8)**2"), number("(2 + sqrt(2))/4")
    assert a == b and a - b == 0


MIXED = st.sampled_from(
    [
        "cos(pi/5)",
        "tan(pi/8)",
        "sqrt(2)",
        "2**(1/3)",
        "sqrt(1+sqrt(2))",
        "tanh(1)",
        "exp(sqrt(2))",
        "exp(tan(pi/8))",
        "sqrt(pi)",
        "sin(1)",
    ]
)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 2), st.data())
def test_algebraic_numbers_beside_transcendental_ones(r, data):
    """rank UV ≤ r for U and V of r columns; from below mpmath's singular values at 100 digits."""
    U, V = ([[data.draw(MIXED) for _ in range(r)] for _ in range(3)] for _ in range(2))
    table = [["+".join(f"{a}*{b}" for a, b in zip(u, v, strict=True)) for v in V] for u in U]
    found = rank(table)
    with mpmath.workdps(100):
        names = ("cos", "sin", "tan", "sqrt", "pi", "exp", "tanh")
        known = {n: getattr(mpmath, n) for n in names}
        values = mpmath.matrix([[_in_mpmath(t, known) for t in row] for row in table])
        singular = mpmath.svd_r(values, compute_uv=False)
    above = sum(s > mpmath.mpf(10) ** -60 for s in singular)
    assert found.lower == found.upper == above, table
    assert found.is_certain
