"""The arithmetic under the signs of forms, piece by piece against SymPy's polynomials; and where it
stops, by counting."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product
from math import comb

import pytest
import sympy
from flint import fmpq

from hessrank.proofs.minima.germs.leading_form import (
    MAX_GRAM,
    FormSign,
    _divided,
    _gcd,
    _gram_is_definite,
    _squarefree,
    _trimmed,
    form_sign,
    plus,
    real_roots,
    shared_gram,
    value,
)
from hessrank.proofs.minima.global_minimum import MAX_BASIS, _gram, _squares_in
from hessrank.symbolic.expressions.expression import symbol

T = sympy.Symbol("t")
NONE, SEMI, POS, NEG = (
    FormSign.UNDECIDED,
    FormSign.SEMIDEFINITE,
    FormSign.POSITIVE,
    FormSign.NEGATIVE,
)


def rational(v: fmpq) -> int:
    return (v > 0) - (v < 0)


def listed(p: sympy.Poly) -> list[fmpq]:
    """Coefficients from the constant term up; [] for 0."""
    if p.is_zero:
        return []
    return [fmpq(int(c.p), int(c.q)) for c in reversed(p.all_coeffs())]


def random_poly(rng: random.Random, degree: int) -> sympy.Poly:
    entries = [sympy.Rational(rng.randint(-3, 3), rng.choice([1, 1, 2])) for _ in range(degree)]
    return sympy.Poly([rng.choice([1, -2, 3]), *entries], T, domain="QQ")


@pytest.mark.parametrize("seed", range(20))
def test_division_and_common_divisors(seed: int) -> None:
    rng = random.Random(seed)
    shared = random_poly(rng, rng.randint(0, 2))
    a = random_poly(rng, rng.randint(0, 4)) * shared
    b = random_poly(rng, rng.randint(0, 3)) * shared
    quotient, remainder = sympy.div(a, b)
    assert _divided(listed(a), listed(b), rational) == (listed(quotient), listed(remainder))
    for p, q in ((a, b), (b, a)):
        assert _gcd(listed(p), listed(q), rational) == listed(sympy.gcd(p, q).monic())
    assert _gcd(listed(a), [], rational) == listed(a.monic())
    assert _gcd([*listed(a), fmpq(0)], [fmpq(0)], rational) == listed(a.monic())


def test_a_remainder_keeps_no_zero_that_is_not_seen() -> None:
    """Where x − x is no literal 0 the leading terms still cancel: degrees fall at each step."""

    class Blind(Fraction):
        """A rational whose sign is seen only where it was not made by a subtraction."""

        blind = False

        def __sub__(self, other: Fraction) -> Blind:  # type: ignore[override]
            found = Blind(Fraction(self) - other)
            found.blind = True
            return found

    def sign(v: Fraction) -> int:
        assert not (getattr(v, "blind", False) and v == 0), "not decided"
        return (v > 0) - (v < 0)

    a, b = [Blind(v) for v in (5, 0, 1)], [Blind(v) for v in (1, 1)]  # t² + 5 = (t − 1)(t + 1) + 6
    assert _divided(a, b, sign) == ([-1, 1], [6])  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(25))
def test_squarefree_parts(seed: int) -> None:
    rng = random.Random(seed)
    p = sympy.Poly(rng.choice([1, -3]), T, domain="QQ")
    for _ in range(rng.randint(0, 3)):
        p *= random_poly(rng, rng.randint(1, 2)) ** rng.randint(1, 4)
    want = {i: listed(f.monic()) for f, i in p.sqf_list()[1]}
    found = _squarefree(listed(p), rational)
    monic = {i: [c / f[-1] for c in f] for i, f in enumerate(found, 1) if len(f) > 1}
    assert monic == want
    assert len(found) == max(want, default=0)


@pytest.mark.parametrize("seed", range(25))
def test_numbers_of_real_roots(seed: int) -> None:
    rng = random.Random(seed)
    p = random_poly(rng, rng.randint(0, 3)) * random_poly(rng, rng.randint(0, 2)) ** 2
    padded = [*listed(p), *[fmpq(0)] * rng.randint(0, 2)]
    assert real_roots(padded, rational) == len(set(sympy.real_roots(p) if p.degree() > 0 else []))


def test_trailing_zeros() -> None:
    zero, one = fmpq(0), fmpq(1)
    assert _trimmed([zero, one, zero, zero], rational) == [zero, one]
    assert _trimmed([-one], rational) == [-one] and _trimmed([zero, zero], rational) == []


X, Y = sympy.symbols("x y")
BINARY = [
    (X**2, SEMI),
    (Y**2, SEMI),
    (Y**4 + X**2 * Y**2, SEMI),
    (X * Y, NEG),
    (-(Y**2), NEG),
    (-(X**2), NEG),
    (X**2 + Y**2, POS),
    (-(X**2) - Y**2, NEG),
    (Y**2 - 100 * X * Y + 2500 * X**2, SEMI),
    (X**4 + Y**4, POS),
    (X**3 * (X - Y), NEG),
    (X**3 * (X - Y) ** 3, NEG),
    (X**4 * (X**2 + Y**2), SEMI),
    (X**4, SEMI),
    (X**5 * (X - Y) * (X**2 + Y**2), NEG),
    (X**5 * (X - Y) ** 5, NEG),
    ((X - Y) ** 2 * (X + Y) ** 4, SEMI),
    ((X - Y) ** 3 * (X + Y) ** 3 * (X**2 + Y**2), NEG),
    ((X**2 + Y**2) ** 3, POS),
    ((X**2 + Y**2) * (X**2 + 2 * Y**2) ** 2, POS),
    ((X**2 + Y**2) * (X - Y) ** 2, SEMI),
    (Y * (X**3 + Y**3), NEG),
    (Y**2 * (X**2 + Y**2), SEMI),
    (Y**2 * (Y**2 - X * Y), NEG),
    (Y**6 - X * Y**5 + X**2 * Y**4, SEMI),
    (-(Y**6) - X**2 * Y**4, NEG),
    (X**3, NEG),
    (X**2 * Y, NEG),
    (Y**5, NEG),
]


@pytest.mark.parametrize(("P", "want"), BINARY)
def test_binary_forms_by_hand(P: sympy.Expr, want: FormSign) -> None:
    for flipped in (P, P.subs({X: Y, Y: X}, simultaneous=True), P.subs(X, -3 * X)):
        form = {m: fmpq(int(c)) for m, c in sympy.Poly(flipped, X, Y).terms()}
        assert form_sign(form, rational) is want, flipped


@pytest.mark.parametrize(("degree", "c", "want"), [(2, 1, POS), (4, -1, NEG), (6, 5, POS)])
def test_one_variable(degree: int, c: int, want: FormSign) -> None:
    assert form_sign({(degree,): fmpq(c, 7)}, rational) is want
    assert form_sign({(degree + 1,): fmpq(c, 7)}, rational) is NEG


def test_values_at_integral_points() -> None:
    form = {(2, 1, 0): fmpq(3), (0, 0, 3): fmpq(-1, 2), (1, 1, 1): fmpq(5)}
    for p, q, r in product((-2, 0, 1, 3), repeat=3):
        assert value(form, (p, q, r)) == fmpq(3) * p**2 * q - fmpq(r**3, 2) + 5 * p * q * r


# --- Gram matrices -------------------------------------------------------------------------------


def test_a_gram_matrix_multiplies_out_to_its_form() -> None:
    """mᵀGm = q, G symmetric, and entries of one product are equal."""
    basis = [m for m in product(range(3), repeat=3) if sum(m) == 2]
    rng = random.Random(5)
    form = {m: fmpq(rng.randint(-5, 5)) for m in product(range(5), repeat=3) if sum(m) == 4}
    G = shared_gram(form, basis)
    total: dict[tuple[int, ...], fmpq] = {}
    for a, row in zip(basis, G, strict=True):
        for b, entry in zip(basis, row, strict=True):
            m = tuple(p + q for p, q in zip(a, b, strict=True))
            total[m] = total.get(m, fmpq(0)) + entry
    assert total == form
    first: dict[tuple[int, ...], fmpq] = {}
    for a, row in zip(basis, G, strict=True):
        for b, entry in zip(basis, row, strict=True):
            assert first.setdefault(plus(a, b), entry) == entry


def diagonal(n: int, half: int = 1) -> dict[tuple[int, ...], fmpq]:
    """Σ x_i^(2·half)."""
    return {tuple(2 * half * int(i == j) for j in range(n)): fmpq(1) for i in range(n)}


def test_up_to_how_many_monomials_a_gram_matrix_is_formed() -> None:
    """Σ x_i² has n of them."""
    for n in (3, MAX_GRAM, MAX_GRAM + 1):
        assert _gram_is_definite(diagonal(n), n, 2, rational) is (n <= MAX_GRAM)
    assert comb(5 + 3, 4) > MAX_GRAM >= comb(5 + 1, 2)
    norm = sympy.Poly(sum(s**2 for s in sympy.symbols("a b c d e")) ** 4)
    form = {m: fmpq(int(c)) for m, c in norm.terms()}
    assert not _gram_is_definite(form, 5, 8, rational)


def test_at_how_many_points_negative_values_are_looked_for() -> None:
    """5³ points of three variables, 3⁴ of four, none of five: each asks for one sign at least."""

    def asked(n: int) -> int:
        count = 0

        def sign(v: fmpq) -> int:
            nonlocal count
            count += 1
            return rational(v)

        assert form_sign(diagonal(n), sign) is POS
        return count

    few = asked(5)
    assert few < 5 * 10  # an elimination of size n
    assert 5**3 <= asked(3) <= 5**3 + few
    assert 3**4 <= asked(4) <= 3**4 + few


def test_negative_values_of_forms_in_three_and_four_variables() -> None:
    """3x² + 12y² − 12.5xy + … is negative only near x = 2y, where 12 + 12 − 25 < 0."""
    near = {(2, 0, 0): fmpq(3), (0, 2, 0): fmpq(12), (1, 1, 0): fmpq(-25, 2), (0, 0, 2): fmpq(1)}
    assert form_sign(near, rational) is NEG
    four = diagonal(4) | {(1, 1, 0, 0): fmpq(1), (0, 0, 1, 1): fmpq(-3)}
    assert form_sign(four, rational) is NEG
    five = diagonal(5) | {(1, 1, 0, 0, 0): fmpq(-3)}
    assert form_sign(five, rational) is NONE  # not looked for
    hollow = {m: c for m, c in diagonal(4).items() if m[3] == 0}
    assert form_sign(hollow, rational) is NONE  # 0 at (0, 0, 0, 1)


# --- monomials of sums of squares ----------------------------------------------------------------


def greatest(support: set[tuple[int, ...]]) -> set[tuple[int, ...]]:
    """The largest set of monomials of which each is half of a term, or the middle of two others;
    by taking away one at a time from all up to half of the degree."""
    n, top = len(next(iter(support))), max(map(sum, support)) // 2
    left = {m for m in product(range(top + 1), repeat=n) if sum(m) <= top}
    while True:
        for m in left:
            twice = plus(m, m)
            sums = (plus(a, b) == twice for a in left for b in left if a != m and b != a)
            if twice not in support and not any(sums):
                left.remove(m)
                break
        else:
            return left


@pytest.mark.parametrize("seed", range(25))
def test_monomials_that_squares_may_contain(seed: int) -> None:
    rng = random.Random(seed)
    n = rng.randint(1, 3)
    size = {1: 9, 2: 4, 3: 2}[n]
    support = {tuple(rng.randint(0, size) for _ in range(n)) for _ in range(rng.randint(1, 6))}
    support = {m for m in support if any(m)} or {(2,) * n}
    found = _squares_in({m: fmpq(1) for m in support})
    assert found is not None and set(found) == greatest(support), support
    assert len(found) == len(set(found))


def test_zero_coefficients_are_no_terms() -> None:
    assert _squares_in({(2,): fmpq(1), (4,): fmpq(0)}) == [(1,)]


def test_monomials_are_sought_between_the_least_and_the_largest_exponents() -> None:
    """Far from 0 few lie between: x⁴⁰⁰ + x⁴⁰²; on one degree fewer than in the square around it."""
    assert _squares_in({(400,): fmpq(1), (402,): fmpq(1)}) == [(200,), (201,)]
    assert _squares_in({(399,): fmpq(1), (403,): fmpq(1)}) == []
    assert _squares_in({(132, 0): fmpq(1), (0, 132): fmpq(1)}) is not None
    ends = {(60, 0): fmpq(1), (0, 60): fmpq(1), (2, 60): fmpq(1), (60, 2): fmpq(1)}
    found = _squares_in(ends)
    assert found is not None and {(30, 0), (0, 30), (1, 30), (30, 1)} <= set(found)


def test_how_many_monomials_are_too_many() -> None:
    """All x^i up to MAX_BASIS of them, and one more."""
    for k, known in ((MAX_BASIS - 1, True), (MAX_BASIS, False)):
        assert (_squares_in({(0,): fmpq(1), (2 * k,): fmpq(1)}) is not None) is known
    edge = 20 * MAX_BASIS - 1  # comb(1 + edge, 1) = 20·MAX_BASIS
    for k, known in ((edge, True), (edge + 1, False)):
        assert (_squares_in({(2 * k,): fmpq(1)}) is not None) is known


SQUARES: list[tuple[dict[tuple[int, ...], int], bool]] = [
    ({}, True),
    ({(2, 0): 1}, True),
    ({(2, 0): 1, (1, 1): 2, (0, 2): 1}, True),
    ({(2, 0): 1, (1, 1): 3, (0, 2): 1}, False),
    ({(2, 0): -1, (0, 2): 1}, False),
    ({(3, 0): 1, (2, 0): 1}, False),
    ({(4, 0): 2, (2, 2): 3, (0, 4): 5}, True),
    ({(4, 0): 1, (2, 1): -2, (0, 2): 1, (0, 4): 7}, True),
    ({(1, 1): 1}, False),
    ({(1, 0): 1, (2, 0): 1}, False),
]


@pytest.mark.parametrize(("terms", "known"), SQUARES)
def test_squares_multiply_out(terms: dict[tuple[int, ...], int], known: bool) -> None:
    """Σ c q² = P in shifted symbols, c > 0 (SymPy)."""
    x, y = sympy.symbols("x y")
    shifts = [symbol("x") - 2, symbol("y") + 1]
    found = _gram({m: fmpq(c, 3) for m, c in terms.items()}, shifts)
    assert (found is not None) is known
    if found is None:
        return
    P = sum(sympy.Rational(c, 3) * (x - 2) ** i * (y + 1) ** j for (i, j), c in terms.items())
    assert all(isinstance(c, Fraction) and c > 0 for c, _ in found)
    total = sum(sympy.Rational(str(c)) * sympy.sympify(str(q)) ** 2 for c, q in found)
    assert sympy.expand(total - P) == 0
