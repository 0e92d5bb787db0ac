"""Signs of binary forms against real roots isolated by SymPy; of others against sampling."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
import sympy
from flint import fmpq

from hessrank.proofs.minima.germs.leading_form import FormSign, form_sign, real_roots, value
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.fields.field import evaluate_in_field

X, Y = sympy.symbols("x y")


def rational(v: fmpq) -> int:
    return (v > 0) - (v < 0)


def random_binary(rng: random.Random) -> sympy.Poly:
    """A product of linear and quadratic forms, some of them squared: multiple roots are common."""
    p = sympy.Integer(rng.choice([1, 1, -1]))
    for _ in range(rng.randint(1, 4)):
        a, b, c = (rng.randint(-2, 2) for _ in range(3))
        kind = rng.randrange(3)
        q = a * X + b * Y if kind == 0 else a * X**2 + b * X * Y + c * Y**2
        q = (a * X + b * Y) ** 2 + c**2 * Y**2 if kind == 2 else q
        p *= q ** rng.choice([1, 2, 2])
    return sympy.Poly(sympy.expand(p), X, Y)


def by_roots(P: sympy.Poly) -> FormSign:
    """From the signs between the real roots of P(x, 1) and at (1, 0)."""
    degree = P.total_degree()
    lead = P.coeff_monomial(X**degree)
    if degree % 2 or lead < 0:
        return FormSign.NEGATIVE
    p = sympy.Poly(P.as_expr().subs(Y, 1), X)
    places = sorted(float(r) for r in set(sympy.real_roots(p))) if p.degree() > 0 else []
    if not places:
        tried = [0.0]
    else:
        tried = [places[0] - 1, *((a + b) / 2 for a, b in pairwise(places)), places[-1] + 1]
    if any(p.eval(sympy.Rational(t)) < 0 for t in tried):
        return FormSign.NEGATIVE
    return FormSign.SEMIDEFINITE if places or lead == 0 else FormSign.POSITIVE


@pytest.mark.parametrize("seed", range(120))
def test_binary_forms(seed: int) -> None:
    P = random_binary(random.Random(seed))
    if P.is_zero or not P.total_degree():
        return
    form = {m: fmpq(int(c)) for m, c in P.terms()}
    assert form_sign(form, rational) is by_roots(P), P


@pytest.mark.parametrize("seed", range(60))
def test_forms_of_more_variables_are_never_called_wrongly(seed: int) -> None:
    """Σ squares (never negative somewhere), with a multiple of one square taken away."""
    rng = random.Random(seed)
    names = sympy.symbols("x y z")
    squares = [
        sum(rng.randint(-2, 2) * a * b for a in names for b in names) ** 2
        for _ in range(rng.randint(1, 6))
    ]
    P = sympy.Poly(sympy.expand(sum(squares) - rng.choice([0, 0, 3]) * squares[0]), *names)
    if P.is_zero:
        return
    form = {m: fmpq(int(c)) for m, c in P.terms()}
    points = [tuple(rng.randint(-9, 9) for _ in names) for _ in range(400)]
    values = [value(form, p) for p in points if any(p)]
    found = form_sign(form, rational)
    if found is FormSign.POSITIVE:
        assert min(values) > 0
    if found is FormSign.NEGATIVE:
        shown = [value(form, p) for p in points] + [
            value(form, (a, b, c)) for a in range(-2, 3) for b in range(-2, 3) for c in range(-2, 3)
        ]
        assert min(shown) < 0


def test_roots_of_textbook_polynomials() -> None:
    """Wilkinson's with 6 roots; Chebyshev's T_5; x⁴ + 1; a double root counts once."""
    for p, want in (
        (sympy.prod(X - k for k in range(1, 7)), 6),
        (sympy.chebyshevt(5, X), 5),
        (X**4 + 1, 0),
        ((X - 1) ** 2 * (X**2 + 1), 1),
    ):
        coefficients = [fmpq(int(c)) for c in reversed(sympy.Poly(p, X).all_coeffs())]
        assert real_roots(coefficients, rational) == want


def test_an_irrational_gram_matrix_is_definite():
    """√2(x² + y² + z²) − xy is positive, (√2 − 2)x² + y² + z² is not."""

    def build(field):
        root = evaluate([parse("sqrt(2)", set())], field, {})[0]
        rises = {(2, 0, 0): root, (0, 2, 0): root, (0, 0, 2): root, (1, 1, 0): fmpq(-1)}
        falls = {(2, 0, 0): root - 2, (0, 2, 0): fmpq(1), (0, 0, 2): fmpq(1)}
        return [form_sign(form, field.sign) for form in (rises, falls)]

    assert evaluate_in_field(build) == [FormSign.POSITIVE, FormSign.NEGATIVE]
