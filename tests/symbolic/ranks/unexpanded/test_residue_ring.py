"""Residues: each value against the quotient of polynomials that it stands for, its stated degree
and norm against theirs."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import flint
import pytest
from flint import fmpq, fmpz

from hessrank.symbolic.errors import DomainError, UndecidedError
from hessrank.symbolic.ranks.unexpanded import residue_ring
from hessrank.symbolic.ranks.unexpanded.residue_ring import (
    Refine,
    Residue,
    ResidueRing,
    Zero,
    is_exact,
)

P = 2**61 - 1


def ring(seed: int = 0, denominator: int = 10, p: int = P) -> ResidueRing:
    return ResidueRing(p, random.Random(seed), denominator)


@pytest.mark.parametrize("q", [(0, 1), (1, 1), (-7, 3), (22, 7), (5, 1024)])
def test_a_rational_has_its_residue_and_its_size(q: tuple[int, int]) -> None:
    R = ring()
    for v in (R.rational(fmpq(*q)), R.number(Fraction(*q))):
        assert v.value == q[0] * pow(q[1], -1, P) % P and v.exact == fmpq(*q)
        assert (v.degree, v.bits) == (0, max(abs(q[0]).bit_length(), q[1].bit_length()))
    small = ring(p=101)
    for denominator in (101, 202):
        with pytest.raises(Zero):
            small.rational(fmpq(1, denominator))
    assert small.rational(fmpq(1, 102)).value == 1


def test_long_rationals_forget_that_they_are() -> None:
    R = ring()
    for n, known in ((2**residue_ring.MAX_BITS - 1, True), (2**residue_ring.MAX_BITS, False)):
        for q in (fmpq(n), fmpq(1, n) if n % 2 else fmpq(1, n + 1)):
            v = R.rational(q)
            assert (v.exact is not None) is known
            assert v.bits == n.bit_length()
            assert v.value * int(q.q) % P == int(q.p) % P


@pytest.mark.parametrize("a", [Fraction(0), Fraction(3), Fraction(-2, 7)])
@pytest.mark.parametrize("b", [Fraction(0), Fraction(-3), Fraction(5, 2)])
def test_exact_numbers_stay_exact(a: Fraction, b: Fraction) -> None:
    R = ring()
    u, v = R.number(a), R.number(b)
    results = [(u + v, a + b), (u - v, a - b), (u * v, a * b), (-u, -a)]
    if b:
        results += [(u / v, a / b), (v.inverse(), 1 / b), (1 / v, 1 / b), (2 / v, 2 / b)]
    if b.denominator == 1:
        n = int(b)
        results += [(u + n, a + b), (n + u, a + b), (u - n, a - b), (n - u, b - a)]
        results += [(u * n, a * b), (n * u, a * b)]
        if n:
            results += [(u / n, a / b)]
    for found, expected in results:
        assert found.exact == fmpq(expected.numerator, expected.denominator)
        assert found.value == expected.numerator * pow(expected.denominator, -1, P) % P
    zero = R.number(0)
    with pytest.raises(DomainError):
        zero.inverse()
    with pytest.raises(DomainError):
        u / zero
    assert is_exact(u) and is_exact(3) and is_exact(a) and is_exact(fmpq(1)) and is_exact(fmpz(2))
    assert not is_exact(R.function("exp", R.number(1))) and not is_exact("1") and not is_exact(0.5)


def test_what_is_known_to_be_a_number() -> None:
    R = ring()
    e = R.function("exp", R.number(1))
    nothing = e * e - R.function("exp", R.number(2))
    assert nothing.value == 0 and nothing.exact is None
    known = [nothing == 0, nothing == nothing, R.number(3) == 3, R.number(3) == 4]
    assert known == [False, True, True, False]
    assert [e == R.function("exp", R.number(1)), e == "e"] == [False, False]
    with pytest.raises(Zero):
        nothing.inverse()
    zero = R.number(0)
    assert e + zero is e and zero + e is e and e + 0 is e
    assert (e * zero).exact == 0 and (zero * e).exact == 0 and (0 * e).exact == 0
    assert len({e, e}) == 1 and len({e, R.function("exp", R.number(1))}) == 2


Quotient = tuple[Any, Any]  # polynomials over Z in the letters of a ring


class Reference:
    """The same operations on quotients of polynomials, without cancelling."""

    def __init__(self) -> None:
        self.ctx = flint.fmpz_mpoly_ctx.get([f"x{i}" for i in range(4)], flint.Ordering.lex)

    def constant(self, q: Fraction) -> Quotient:
        return self.ctx.constant(q.numerator), self.ctx.constant(q.denominator)

    @staticmethod
    def add(a: Quotient, b: Quotient) -> Quotient:
        return a[0] * b[1] + b[0] * a[1], a[1] * b[1]

    @staticmethod
    def mul(a: Quotient, b: Quotient) -> Quotient:
        return a[0] * b[0], a[1] * b[1]


def degree_and_norm(q: Quotient) -> tuple[int, int]:
    degree = max(0 if p.is_zero() else int(p.total_degree()) for p in q)
    return degree, max(sum(abs(int(c)) for c in p.coeffs()) for p in q)


@pytest.mark.parametrize("seed", range(20))
def test_degrees_and_norms_bound_those_of_the_form(seed: int) -> None:
    """Random sums, products and quotients of four letters and rational numbers."""
    rng = random.Random(seed)
    R, reference = ring(seed), Reference()
    letters = [R.function("log", R.number(Fraction(2 + k))) for k in range(4)]
    assert R.atoms == 4 and all((v.degree, v.bits) == (1, 0) for v in letters)
    pool: list[tuple[Residue, Quotient]] = [
        (v, (g, reference.ctx.constant(1)))
        for v, g in zip(letters, reference.ctx.gens(), strict=True)
    ]
    for q in (Fraction(-2, 3), Fraction(5), Fraction(1, 4)):
        pool.append((R.number(q), reference.constant(q)))
    for _ in range(8):
        (a, x), (b, y) = rng.choice(pool), rng.choice(pool)
        match rng.choice(["add", "sub", "mul", "div", "neg", "pow"]):
            case "add":
                new = a + b, reference.add(x, y)
            case "sub":
                new = a - b, reference.add(x, (-y[0], y[1]))
            case "mul":
                new = a * b, reference.mul(x, y)
            case "div":
                new = a / b, reference.mul(x, (y[1], y[0]))
            case "neg":
                new = -a, (-x[0], x[1])
            case _:
                n = rng.randint(1, 3)
                new = R.power(a, Fraction(n)), (x[0] ** n, x[1] ** n)
                inverse = R.power(a, Fraction(-n))
                assert (inverse * new[0] - 1).value == 0
        if new[1][0].is_zero() or int(new[1][0].total_degree()) > 12:
            continue
        pool.append(new)
    for v, (num, den) in pool:
        point = [w.value for w in letters]
        value = int(num(*point)) * pow(int(den(*point)), -1, P) % P
        assert v.value == value
        if v.exact is None:
            degree, norm = degree_and_norm((num, den))
            assert degree <= v.degree and norm <= 2**v.bits
            assert v.degree <= 12 * 8


def test_sizes_add_up() -> None:
    """A sum of fractions has the sum of the degrees, and norms that multiply twice over."""
    R = ring()
    a, b = Residue(R, 5, None, 3, 7), Residue(R, 9, None, 10, 100)
    assert [((a + b).degree, (a + b).bits), ((a * b).degree, (a * b).bits)] == [
        (13, 108),
        (13, 107),
    ]
    for same in (-a, a.inverse()):
        assert (same.degree, same.bits) == (3, 7)
    assert ((a / b).degree, (a / b).bits) == (13, 107)
    cube = R.power(a, Fraction(3))
    assert (cube.value, cube.degree, cube.bits, cube.exact) == (125, 9, 21, None)
    whole = R.number(Fraction(3))
    n = residue_ring.MAX_BITS // whole.bits
    assert R.power(whole, Fraction(n)).exact == fmpq(3) ** n
    assert R.power(whole, Fraction(n + 1)).exact is None
    assert R.power(whole, Fraction(n + 1)).value == pow(3, n + 1, P)
    assert R.power(whole, Fraction(-2)).exact == fmpq(1, 9)
    assert R.power(R.number(0), Fraction(0)).exact == 1 and R.power(a, Fraction(0)).value == 1


def test_roots_are_letters() -> None:
    R = ring()
    two = R.number(Fraction(2))
    root = R.power(two, Fraction(1, 2))
    assert (root.degree, root.bits, root.exact) == (1, 0, None) and not R.independent
    assert R.power(two, Fraction(1, 2)).value == root.value != R.power(two, Fraction(1, 3)).value
    assert R.power(two, Fraction(3, 2)).value == pow(root.value, 3, P)
    assert (R.power(two, Fraction(-1, 2)) * root - 1).value == 0
    assert R.power(R.number(Fraction(3)), Fraction(1, 2)).value != root.value


# --- functions -----------------------------------------------------------------------------------


def test_values_at_zero_and_one_are_exact() -> None:
    R = ring()
    zero, one = R.number(Fraction(0)), R.number(Fraction(1))
    for name, value in {
        "exp": 1, "cos": 1, "cosh": 1, "sin": 0, "tan": 0, "tanh": 0, "sinh": 0, "erf": 0,
        "atan": 0, "asinh": 0, "relu": 0, "abs": 0,
    }.items():  # fmt: skip
        assert R.function(name, zero).exact == value, name
    assert R.function("sigmoid", zero).exact == fmpq(1, 2)
    assert R.function("log", one).exact == 0
    assert R.independent and R.atoms == 0 and not R.circles
    assert R.function("softplus", zero).exact is None and not R.independent
    for q in (0, -1, Fraction(-1, 10)):
        with pytest.raises(DomainError):
            R.function("log", R.number(Fraction(q)))
    with pytest.raises(UndecidedError, match="gamma has no residue"):
        R.function("gamma", one)


def test_pieces_of_rational_numbers() -> None:
    R = ring()
    for q in (Fraction(3, 2), Fraction(-3, 2)):
        z, up = R.number(q), q > 0
        assert R.function("relu", z).exact == (z.exact if up else 0)
        assert R.function("abs", z).exact == fmpq(3, 2)
        assert R.function("step", z).exact == int(up)
        assert R.function("sign", z).exact == (1 if up else -1)
    for name in ("step", "sign"):
        with pytest.raises(UndecidedError, match="a kink lies exactly at the point"):
            R.function(name, R.number(0))
    with pytest.raises(UndecidedError, match="the sign of an argument of relu is not known"):
        R.function("relu", R.function("exp", R.number(1)))


@pytest.mark.parametrize("n", [-13, -1, 1, 2, 7, 100])
def test_exponentials_of_rationals_are_powers_of_one_residue(n: int) -> None:
    R = ring()
    g = R.function("exp", R.number(Fraction(1, 10)))
    e = R.function("exp", R.number(Fraction(n, 10)))
    assert e.value == pow(g.value, n, P) and (e.degree, e.bits) == (abs(n), 0)
    assert R.independent and R.atoms == 0 and not R.circles


@pytest.mark.parametrize("n", [-13, -1, 1, 2, 7, 100])
def test_sines_of_rationals_are_powers_of_one_point(n: int) -> None:
    R = ring(3)
    c, s = (R.function(name, R.number(Fraction(1, 10))).value for name in ("cos", "sin"))
    assert (c * c + s * s) % P == 1
    a, b = 1, 0
    for _ in range(abs(n)):
        a, b = (a * c - b * s) % P, (a * s + b * c) % P
    z = R.number(Fraction(n, 10))
    cosine, sine, tangent = (R.function(name, z) for name in ("cos", "sin", "tan"))
    assert cosine.value == a and sine.value == (b if n > 0 else -b) % P
    assert (cosine * tangent - sine).value == 0
    for v in (cosine, sine):
        assert (v.degree, v.bits) == (2 * abs(n), 2 * abs(n))
    assert R.independent and R.circles and R.atoms == 0


def test_a_point_of_the_circle_modulo_small_primes() -> None:
    """1 + t² may be 0 modulo p: then another t is drawn."""
    for p in (5, 13, 17):
        for seed in range(30):
            R = ring(seed, 1, p)
            c, s = (R.function(name, R.number(1)).value for name in ("cos", "sin"))
            assert (
                (c * c + s * s) % p == 1
                and s
                and R.function("exp", R.number(1)).value not in (0, 1)
            )


def test_every_point_of_the_circle_may_be_drawn() -> None:
    """All points modulo 7 but those of t = 0 and 1, and (−1, 0), which no t gives."""
    R = ring(p=7)
    circle = {(c, s) for c in range(7) for s in range(7) if (c * c + s * s) % 7 == 1}
    left = circle - {(1, 0), (0, 1), (6, 0)}
    assert {R._point_of_circle() for _ in range(300)} == left


def test_numbers_that_the_prime_divides_are_not_zero() -> None:
    for name in ("exp", "cos", "sin", "erf"):
        R = ring(p=101)
        assert R.function(name, R.number(202)).exact is None
        assert R.function(name, R.number(0)).exact is not None


def test_arguments_need_a_denominator(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("exp", "tanh", "sigmoid", "sinh", "sin", "cos", "tan"):
        with pytest.raises(Refine) as found:
            ring().function(name, ring().number(Fraction(1, 14)))
        assert found.value.denominator == (10 * 7 if name != "tanh" else 70)
    monkeypatch.setattr(residue_ring, "MAX_DENOMINATOR", 70)
    with pytest.raises(Refine):
        ring().function("exp", ring().number(Fraction(1, 7)))
    monkeypatch.setattr(residue_ring, "MAX_DENOMINATOR", 69)
    R = ring()
    z = R.number(Fraction(1, 7))
    e = R.function("exp", z)
    assert (e.degree, e.bits) == (1, 0) and R.atoms == 1 and not R.independent
    assert (R.function("exp", -z) * e - 1).value == 0
    assert R.function("exp", z).value == e.value


def test_letters_of_one_argument_are_one() -> None:
    R = ring()
    z = R.function("log", R.number(2))
    for name in ("exp", "erf", "atan", "asinh", "softplus", "log"):
        a, b = R.function(name, z), R.function(name, z + 0)
        assert a.value == b.value and a.exact is None
        assert R.function(name, z + 1).value != a.value
    assert len({R.function(n, z).value for n in ("erf", "atan", "asinh", "log")}) == 4
    assert R.function("pi").value == R.function("pi").value and not ring().atoms
    # equal residues of what is exact and of what is not are two arguments
    R = ring()
    R._atom("log", R.number(5))
    R._atom("log", Residue(R, 5, None, 1, 0))
    assert R.atoms == 2


def test_the_largest_argument_of_a_letter() -> None:
    R = ring()
    assert R.largest == 1
    R._atom("log", Residue(R, 7, None, 5, 11))
    assert R.largest == 16
    R._atom("log", Residue(R, 8, None, 1, 2))
    assert R.largest == 16 and R.atoms == 2


@pytest.mark.parametrize("seed", range(6))
def test_odd_and_even_functions_of_what_is_no_number(seed: int) -> None:
    """f(−z) through f(z), whichever of the two has the smaller residue."""
    R = ring(seed)
    for base in (R.function("log", R.number(2)), R.function("exp", R.number(3))):
        for z in (base, -base):
            for name in ("erf", "atan", "asinh", "sin", "tan", "sinh", "tanh"):
                assert (R.function(name, z) + R.function(name, -z)).value == 0, name
                assert R.function(name, z).value != 0
            for name in ("cos", "cosh"):
                assert (R.function(name, z) - R.function(name, -z)).value == 0, name
            assert (R.function("exp", z) * R.function("exp", -z) - 1).value == 0
            assert (R.function("softplus", z) - R.function("softplus", -z) - z).value == 0
            c, s, t = (R.function(name, z) for name in ("cos", "sin", "tan"))
            assert (c * c + s * s - 1).value == 0 and (t * c - s).value == 0 and c.value != 1
            u = R.function("exp", z)
            assert (R.function("sinh", z) * 2 * u - (u * u - 1)).value == 0
            assert (R.function("cosh", z) * 2 * u - (u * u + 1)).value == 0
            assert (R.function("sigmoid", z) * (u + 1) - u).value == 0
            two = R.function("exp", z + z)
            assert (R.function("tanh", z) * (two + 1) - (two - 1)).value == 0
    assert R.circles


def test_the_half_of_the_residues_is_flipped() -> None:
    R = ring(p=101)
    for value, flipped in ((1, False), (50, False), (51, True), (100, True)):
        z = Residue(R, value, None, 1, 0)
        kept, flip = R._signed(z)
        assert flip is flipped and kept.value == (101 - value if flip else value)
    assert not R._signed(R.number(Fraction(1, 3)))[1] and R._signed(R.number(Fraction(-1, 3)))[1]


def test_what_only_seems_to_be_zero_ends_independence() -> None:
    for name, value in {"exp": 1, "cos": 1, "sin": 0, "erf": 0}.items():
        R = ring()
        e = R.function("exp", R.number(1))
        nothing = e * e - R.function("exp", R.number(2))
        assert R.independent
        assert R.function(name, nothing).exact == value and not R.independent
