"""Signs of functions of two variables by their Newton polygons, against curves in exact arithmetic.

Truths by construction: f² h with known zeros, sums of squares, products; and sampling along
x = ±tᵖ(X + tᵃ…), y = ±t^q, with the values in fractions.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import gcd

import pytest
import sympy
from flint import fmpq
from landscapes import at

from hessrank.proofs.minima.germs import newton_polygon as way
from hessrank.proofs.minima.germs.leading_form import FormSign
from hessrank.proofs.minima.germs.newton_polygon import edges_sign
from hessrank.proofs.minima.germs.reduction import newton_edges

X, Y = sympy.symbols("x y")
POS, NEG, OPEN = FormSign.POSITIVE, FormSign.NEGATIVE, FormSign.UNDECIDED


def rational(v: fmpq) -> int:
    return (v > 0) - (v < 0)


def said(form: object, order: int | None = None) -> FormSign:
    """What the edges say of a polynomial, all of it known, or up to the order."""
    P = sympy.Poly(form, X, Y)
    order = P.total_degree() + 40 if order is None else order
    known = {m: fmpq(int(c.p), int(c.q)) for m, c in P.terms() if sum(m) <= order}
    return edges_sign(known, order, rational)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("x**4 + y**6 - 3*x**2*y**3", NEG),
        ("x**4 + y**6 - 2*x**2*y**3 - y**7", NEG),  # on x² = y³
        ("x**4 + y**6 - 2*x**2*y**3 + y**7", POS),  # there y > 0
        ("x**4 + y**6 + 2*x**2*y**3 + y**7", NEG),  # on x² = −y³, y < 0
        ("x**4 + y**6 - x*y**5", POS),
        ("x**4 + x**3*y**2 + y**8", POS),
        ("x**4 - 2*x**3*y**2 + y**8", NEG),  # u⁴ − 2u³ + 1 is −0.68 at 3/2
        ("x**6 + x**2*y**2 + y**5", NEG),
        ("x**6 + x**2*y**2 + y**6", POS),
        ("x**6 - x**2*y**2 + y**6", NEG),
        ("(x + y)**4 + y**6 - 3*(x + y)**2*y**3", NEG),
        ("(x - 2*y + y**2)**4 + y**6 - 3*(x - 2*y + y**2)**2*y**3", NEG),
        ("(x - 2*y + y**2)**4 + y**6 - (x - 2*y + y**2)**2*y**3", POS),
        ("(2*x**2 - 3*y**3)**2 + y**7", POS),  # X² = 3/2 Y³ has the solution (9/4, 3/2)
        ("(2*x**2 - 3*y**3)**2 - y**7", NEG),
        ("((x - y**2)**2 - y**5)**2 + y**11", POS),
        ("((x - y**2)**2 - y**5)**2 - y**11", NEG),
        ("((x - y**2)**2 - y**5)**2 + x*y**9", POS),  # x is near y² there
        ("((x - y**2)**2 - y**5)**2 - x*y**9", NEG),
        ("(x**2 - y**2)**2 + x**6", POS),
        ("(x**2 - y**2)**2 + x**5*y", NEG),  # on x = −y
        # never negative, and 0 on a curve: nothing is said
        ("x**2*y**2", OPEN),
        ("x**2*y**2 + x**4", OPEN),
        ("(x**2 - y**3)**2", OPEN),
        ("(x**2 - 2*y**2)**2*(x**2 - y**2)**2", OPEN),
        ("(x**2 - 2*y**2)**2*((x**2 - y**2)**2 + y**6)", OPEN),
        ("(x - y)**2*((x - 2*y)**2 + y**4)", OPEN),
        ("(x - 2*y)**2*((x - y)**2 + y**4)", OPEN),
        ("(x - y)**4*(1 + x)", OPEN),
        ("(x**2 - 2*y**2)**2 + x**6", OPEN),  # at irrational places nothing is followed
        ("(x**2 - 2*y**2)**2 - x**2*y**2", NEG),
    ],
)
def test_by_hand(form: str, expected: FormSign) -> None:
    P = sympy.sympify(form)
    assert said(P) is expected
    swapped = P.subs({X: Y, Y: X}, simultaneous=True)
    turned = P.subs({X: -X, Y: -Y}, simultaneous=True)
    assert said(swapped) is expected and said(turned) is expected


def curves(P: sympy.Poly, rng: random.Random) -> Iterator[Fraction]:
    """Values of P on curves into 0."""
    terms = [(m, Fraction(int(c.p), int(c.q))) for m, c in P.terms()]
    for _ in range(300):
        t = Fraction(1, 10 ** rng.randint(3, 8))
        p, q = rng.randint(1, 4), rng.randint(1, 4)
        x = (
            rng.choice((-2, -1, 0, 1, 1, 2))
            * t**p
            * (1 + rng.randint(-2, 2) * t ** rng.randint(1, 3))
        )
        y = rng.choice((-2, -1, 0, 1, 1, 2)) * t**q
        if x or y:
            yield sum((c * x**a * y**b for (a, b), c in terms), Fraction(0))


def random_form(rng: random.Random) -> sympy.Poly:
    """A square and a few terms, 0 at 0."""

    def terms(degree: int) -> sympy.Expr:
        return sum(
            rng.choice((1, 1, -1, 2)) * X ** rng.randint(0, degree) * Y ** rng.randint(0, degree)
            for _ in range(3)
        )

    f = sympy.expand(terms(3))
    form = (f - f.subs({X: 0, Y: 0})) ** 2 + terms(8)
    return sympy.Poly(form - form.subs({X: 0, Y: 0}), X, Y)


def test_sampling_finds_nothing_that_was_excluded() -> None:
    counts = dict.fromkeys(FormSign, 0)
    for seed in range(200):
        rng = random.Random(seed)
        P = random_form(rng)
        if not P.is_zero:
            found = said(P.as_expr())
            counts[found] += 1
            assert found is not POS or min(curves(P, rng)) > 0, P
    assert counts[POS] > 10 and counts[NEG] > 50


@pytest.mark.parametrize("seed", range(100))
def test_what_is_known_to_an_order_holds_whatever_follows(seed: int) -> None:
    """The answer from the terms up to an order is that of the whole polynomial, or none."""
    rng = random.Random(seed)
    a, b = rng.randint(1, 3), rng.randint(1, 3)
    f = (X**a - rng.choice((1, 2)) * Y**b) ** 2
    g = sum(rng.choice((1, -1)) * X ** rng.randint(0, 7) * Y ** rng.randint(0, 7) for _ in range(4))
    whole = sympy.expand(f + g - g.subs({X: 0, Y: 0}))
    expected = said(whole)
    for order in range(2, 12):
        assert said(whole, order) in (OPEN, expected), (whole, order)


def test_weights_have_no_common_factor() -> None:
    for p in range(1, 7):
        for q in range(1, 7):
            if gcd(p, q) == 1:
                for root in (fmpq(2), fmpq(3, 5), fmpq(1)):
                    x, y = way._place(root, p, q)
                    assert x**q / y**p == root and x > 0 and y > 0
    assert way._weights((0, 6), (4, 0)) == (3, 2)
    assert way._corners({(0, 6): 1, (2, 3): 1, (4, 0): 1, (1, 5): 1, (3, 3): 1}) == [(0, 6), (4, 0)]
    assert way._corners({(0, 6): 1, (1, 2): 1, (0, 7): 1, (5, 0): 1}) == [(0, 6), (1, 2), (5, 0)]


@pytest.mark.parametrize("seed", range(20))
def test_what_is_left_on_a_curve(seed: int) -> None:
    """g(tᵖ(X + s), t^q Y)/tᵈ by SymPy, and of it what lies below t^room."""
    rng = random.Random(seed)
    s, t = sympy.symbols("s t")
    p, q = rng.choice([(1, 1), (1, 2), (3, 2)])
    terms = {(rng.randrange(5), rng.randrange(5)): fmpq(rng.randint(1, 4)) for _ in range(4)}
    d, room = min(p * a + q * b for a, b in terms), rng.randint(0, 9)
    place = fmpq(rng.randint(1, 3), 2), fmpq(rng.randint(1, 3))
    at_x, at_y = (sympy.Rational(int(v.p), int(v.q)) for v in place)
    g = sum(int(c.p) * (t**p * (at_x + s)) ** a * (t**q * at_y) ** b for (a, b), c in terms.items())
    expected = {m: c for m, c in sympy.Poly(sympy.expand(g / t**d), s, t).terms() if m[1] < room}
    found = way._moved(terms, (p, q), d, place, room)
    assert {m: sympy.Rational(int(c.p), int(c.q)) for m, c in found.items()} == {
        m: c for m, c in expected.items() if c
    }


def test_how_many_substitutions_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    for most, expected in ((2, FormSign.POSITIVE), (1, FormSign.UNDECIDED)):
        monkeypatch.setattr(way, "MAX_DEPTH", most)
        assert said(sympy.expand((X - Y - Y**2) ** 4 + X * Y**9)) is expected


@pytest.mark.parametrize("seed", range(40))
def test_corners_are_least_for_some_weights_alone(seed: int) -> None:
    """Slopes between points with coordinates below 8 have terms below 8: each corner is the only
    least point for weights below 16, mediants of the slopes beside it."""
    rng = random.Random(seed)
    points = {(rng.randrange(8), rng.randrange(8)) for _ in range(rng.randint(1, 12))}
    least = set()
    for p, q in product(range(1, 17), repeat=2):
        first, *others = sorted((p * a + q * b, (a, b)) for a, b in points)
        if not others or others[0][0] > first[0]:
            least.add(first[1])
    assert way._corners(dict.fromkeys(points, fmpq(1))) == sorted(least)


@pytest.mark.parametrize(
    ("roots", "irrational", "expected"),
    [((), False, 0), ((1, 2, -3), False, 2), ((-1,), False, 0), ((1,), True, 2), ((), True, 1)],
)
def test_positive_roots_are_counted(
    roots: tuple[int, ...], irrational: bool, expected: int
) -> None:
    """Π (t − root), and t² − 2 with its one positive root."""
    t = sympy.Symbol("t")
    f = sympy.Poly(sympy.prod(t - r for r in roots) * (t**2 - 2 if irrational else 1), t)
    coefficients = [fmpq(int(c)) for c in reversed(f.all_coeffs())]
    assert way._positive_roots(coefficients, lambda v: (v > 0) - (v < 0)) == expected


def test_curves_are_followed_through_two_substitutions() -> None:
    """On x = y + y² the first factor is 0 and the rest is ±y¹⁰(1 + y)."""
    curve = (X - Y - Y**2) ** 4
    assert said(sympy.expand(curve + X * Y**9)) is FormSign.POSITIVE
    assert said(sympy.expand(curve - X * Y**9)) is FormSign.NEGATIVE


@pytest.mark.parametrize("constant", ["", " + 5", " - 5"])
def test_the_value_at_the_point_is_no_corner(constant: str) -> None:
    """x⁴ − k·x²y³ + y⁶ falls for k > 2, along x² = y³."""
    for k, expected in ((3, FormSign.NEGATIVE), (1, FormSign.POSITIVE)):
        here = at(f"x**4 - {k}*x**2*y**3 + y**6{constant}", {"x": 0, "y": 0})
        assert newton_edges(here, here.hessian.exact(), None, 12) is expected
