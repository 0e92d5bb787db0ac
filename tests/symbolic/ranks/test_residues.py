"""Residues and free letters: each value against the quotient of polynomials that it stands for, its
stated degree and norm against theirs, the odds against their formula."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import flint
import pytest
from flint import arb, fmpq, fmpq_mat, fmpz

from hessrank.symbolic.budget import OverBudget, budget
from hessrank.symbolic.errors import DomainError, UndecidedError
from hessrank.symbolic.fields.elements import Element
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.minor import Minor
from hessrank.symbolic.linear_algebra.primefield import prime_count
from hessrank.symbolic.ranks.rank_result import RankResult
from hessrank.symbolic.ranks.unexpanded import free_forms, residue_rank, residue_ring
from hessrank.symbolic.ranks.unexpanded.free_forms import FreeField, free_upper
from hessrank.symbolic.ranks.unexpanded.residue_rank import (
    THEOREM,
    _excludes_zero,
    _exist,
    _largest_minor,
    _odds_log2,
    _of_row,
    residue_bounds,
    unexpanded,
)
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


# --- residues --------------------------------------------------------------------------------------


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
    assert not nothing == 0 and nothing == nothing and R.number(3) == 3 and not R.number(3) == 4
    assert not e == R.function("exp", R.number(1)) and not e == "e"
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


def test_roots_are_letters() -> None:
    R = ring()
    two = R.number(Fraction(2))
    root = R.power(two, Fraction(1, 2))
    assert (root.degree, root.bits, root.exact) == (1, 0, None) and not R.independent
    assert R.power(two, Fraction(1, 2)).value == root.value != R.power(two, Fraction(1, 3)).value
    assert R.power(two, Fraction(3, 2)).value == pow(root.value, 3, P)
    assert (R.power(two, Fraction(-1, 2)) * root - 1).value == 0
    assert R.power(R.number(Fraction(3)), Fraction(1, 2)).value != root.value


# --- functions -------------------------------------------------------------------------------------


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
            assert (c * c + s * s) % p == 1 and R.function("exp", R.number(1)).value not in (0, 1)


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


# --- the rank that residues show -------------------------------------------------------------------


def singular(R: Any) -> Any:
    e = R.function("exp", R.number(1))
    return [[e, e * e], [R.number(1), e]]


def test_a_prime_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    def entries(R: Any) -> Any:
        calls.append(R)
        if len(calls) < 3:
            raise Zero("a test")
        return [[R.function("exp", R.number(Fraction(1, 7))), R.number(1)]]

    found = residue_bounds(entries, (1, 2))
    assert found is not None and (found.rank, found.primes) == (1, 1)
    assert found.failure_log2 == -math.inf and found.independent
    assert found.minor == Minor((0,), (0,), calls[-1].p) and calls[-1].denominator == 7
    assert [R.denominator for R in calls] == [1, 1, 1, 7]
    assert len({R.p for R in calls}) == 4 and all(R.p.bit_length() == 62 for R in calls)

    calls = []

    def never(R: Any) -> Any:
        calls.append(R)
        raise Zero("a test")

    assert residue_bounds(never, (1, 1)) is None and len(calls) == 40
    for error in (UndecidedError("a test"), DomainError("a test")):

        def refuses(R: Any, error: Exception = error) -> Any:
            raise error

        assert residue_bounds(refuses, (1, 1)) is None

    def late(R: Any) -> Any:
        raise OverBudget("a test")

    with pytest.raises(OverBudget):
        residue_bounds(late, (1, 1))


def test_the_largest_rank_that_was_seen_counts() -> None:
    """A first choice of residues that shows less is forgotten, and so are its odds."""
    full = residue_bounds(singular, (2, 2))
    assert full is not None and full.rank == 1
    calls = []

    def unlucky(R: Any) -> Any:
        calls.append(R)
        return [[R.number(0)] * 2] * 2 if len(calls) == 1 else singular(R)

    found = residue_bounds(unlucky, (2, 2))
    assert found is not None and (found.rank, found.primes) == (1, full.primes)
    assert found.failure_log2 == pytest.approx(full.failure_log2) and found.minor.size == 1
    assert found.failure_log2 <= -100 and len(calls) == 1 + full.primes

    def sometimes(R: Any) -> Any:
        calls.append(R)
        if len(calls) == 1:
            R.function("log", R.number(2))
        return singular(R)

    calls = []
    tainted = residue_bounds(sometimes, (2, 2))
    assert tainted is not None and not tainted.independent and full.independent


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_odds_of_residues(order: int) -> None:
    """Degrees and bits of the `order` largest entries of the `order` largest rows, order! terms,
    and pairs of letters whose arguments may meet."""
    R = ring()
    for k in range(5):
        R.function("log", R.number(2 + k))
    R._atom("log", Residue(R, 7, None, 5, 11))
    sizes = [[(3, 5), (9, 1), (2, 7)], [(1, 1), (1, 2), (1, 3)], [(8, 8), (0, 0), (4, 4)]]
    table = [[Residue(R, 1, None, d, b) for d, b in row] for row in sizes]
    for row, pairs in zip(table, sizes, strict=True):
        d, b = (sorted(v)[-order:] for v in zip(*pairs, strict=True))
        assert _of_row(row, order) == (sum(d), sum(b))
    degree = {1: 9, 2: 12 + 12, 3: 14 + 3 + 12}[order]
    bits = {1: 8, 2: 12 + 12, 3: 13 + 6 + 12}[order] + order * math.log2(order)
    pairs = 6 * 6 * 16
    expected = (degree + pairs + 1) / 2.0**60 + (bits + pairs + 1) / 61 / prime_count(62)
    assert _odds_log2(table, R, order) == pytest.approx(math.log2(expected), rel=1e-12)


def test_hopeless_odds_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def entries(R: Any, n: int) -> Any:
        e = R.function("exp", R.number(n))
        return [[e, e], [e, e]]

    assert residue_bounds(lambda R: entries(R, 2**58), (2, 2)) is None
    found = residue_bounds(lambda R: entries(R, 2**50), (2, 2))
    assert found is not None and found.rank == 1 and found.primes > 5


def test_minors_of_residues() -> None:
    R = ring()
    rows = [[R.number(v) for v in row] for row in ([0, 1, 2], [0, 2, 4], [0, 0, 5])]
    assert _largest_minor(rows, (3, 3), P) == Minor((0, 2), (1, 2), P)
    assert _largest_minor([], (0, 3), P) == Minor((), (), P)
    assert _largest_minor([[], []], (2, 0), P) == Minor((), (), P)


# --- what is sharpened -----------------------------------------------------------------------------


def open_result(lower: int, upper: int, shape: tuple[int, int], minor: Minor | None) -> RankResult:
    return RankResult(lower, upper, "undecided", shape, "below", "above", minor)


def balls(rows: list[list[str]]) -> Any:
    def at(bits: int) -> Any:
        with flint.ctx.workprec(bits):
            return [[arb(1).exp() ** int(v) for v in row] for row in rows]

    return at


def test_residues_decide_what_was_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel of (e, e²; 1, e) with one letter for e: without it, residues have the word."""
    known = open_result(0, 2, (2, 2), None)
    kernel = unexpanded(known, singular, balls([["1", "2"], ["0", "1"]]))
    assert (kernel.lower, kernel.upper, kernel.status) == (1, 1, "certified")
    monkeypatch.setattr(residue_rank, "MAX_ENTRIES", 3)
    found = unexpanded(known, singular, balls([["1", "2"], ["0", "1"]]))
    assert (found.lower, found.upper, found.status) == (1, 1, "probabilistic")
    assert found.witness is not None and found.witness.size == 1 and found.witness.prime
    assert found.lower_reason == f"a 1×1 minor is not zero modulo {found.witness.prime}; {THEOREM}"
    seen = residue_bounds(singular, (2, 2))
    assert seen is not None and found.failure_log2 == seen.failure_log2
    assert found.upper_reason == (
        f"no larger minor is nonzero at {seen.primes} random choices of residues for the values of "
        "the functions"
    )
    known = open_result(1, 2, (2, 2), Minor((1,), (1,)))
    kept = unexpanded(known, singular, balls([["1", "2"], ["0", "1"]]))
    assert (kept.lower_reason, kept.witness) == ("below", Minor((1,), (1,)))


def test_residues_below_what_is_proved_are_not_believed() -> None:
    known = open_result(2, 3, (3, 3), Minor((0, 1), (0, 1)))

    def entries(R: Any) -> Any:
        return [[R.number(1) if isinstance(R, ResidueRing) else fmpq(1)] * 3] * 3

    assert unexpanded(known, entries, balls([["0"] * 3] * 3)) is known


def logs(R: Any) -> Any:
    a, b = (R.function("log", R.number(Fraction(k))) for k in (2, 3))
    return [[a, b, a * b], [b, a, b]]


def log_balls(bits: int) -> Any:
    with flint.ctx.workprec(bits):
        a, b = arb(2).log(), arb(3).log()
        return [[a, b, a * b], [b, a, b]]


def test_without_a_theorem_a_ball_has_to_show_the_minor() -> None:
    for known in (open_result(0, 2, (2, 3), None), open_result(1, 2, (2, 3), Minor((0,), (0,)))):
        found = unexpanded(known, logs, log_balls)
        assert (found.lower, found.upper, found.status) == (2, 2, "certified")
        assert found.lower_reason == "a 2×2 minor lies in a ball of 64 bits without zero"
        assert found.upper_reason == "above" and found.witness == Minor((0, 1), (0, 1))
        assert found.failure_log2 is None
    flat = unexpanded(open_result(1, 2, (2, 3), None), logs, lambda bits: [[arb(1)] * 3] * 2)
    assert (flat.lower, flat.upper, flat.status) == (1, 2, "undecided")
    assert (flat.lower_reason, flat.failure_log2) == ("below", None)


def test_nothing_is_said_where_the_entries_may_not_exist() -> None:
    known = open_result(0, 2, (2, 2), None)
    assert unexpanded(known, singular, lambda bits: [[arb("nan")] * 2] * 2) is known
    assert unexpanded(known, singular, lambda bits: [[arb(1), arb("inf")], [arb(1)] * 2]) is known

    def refuses(bits: int) -> Any:
        raise UndecidedError("a test")

    assert unexpanded(known, singular, refuses) is known
    asked: list[int] = []

    def late(bits: int) -> Any:
        asked.append(bits)
        if bits < 512:
            raise UndecidedError("a test")
        return [[arb(1)]]

    assert _exist(late) and asked == [128, 256, 512]
    asked.clear()
    assert not _exist(lambda bits: asked.append(bits) or [[arb("nan")]]) and asked == [
        128,
        256,
        512,
    ]
    sure = RankResult(1, 1, "certified", (2, 2), "below", "above")
    assert unexpanded(sure, singular, refuses) is sure

    def stops(bits: int) -> Any:
        raise OverBudget("over budget: a test")

    cut = unexpanded(known, singular, stops)
    assert (cut.lower, cut.upper, cut.upper_reason) == (0, 2, "above; over budget: a test")
    with pytest.raises(OverBudget):
        _exist(stops)
    with budget(1e-9):
        assert unexpanded(known, singular, balls([["1"] * 2] * 2)).upper_reason.startswith(
            "above; "
        )


def test_free_letters_come_before_residues(monkeypatch: pytest.MonkeyPatch) -> None:
    def entries(R: Any) -> Any:
        e = R.function("exp", R.number(Fraction(1)))
        return [[e, 2 * e], [e, 2 * e]]

    known = open_result(1, 2, (2, 2), Minor((0,), (0,)))
    ones = balls([["1", "1"], ["1", "1"]])
    found = unexpanded(known, entries, ones)
    assert (found.lower, found.upper, found.status) == (1, 1, "certified")
    assert found.upper_reason == "the 2 columns are rational combinations of 1 of them"
    zero = unexpanded(open_result(0, 2, (2, 2), None), entries, ones)
    assert (zero.lower, zero.upper, zero.status, zero.failure_log2) == (1, 1, "certified", None)
    monkeypatch.setattr(residue_rank, "MAX_ENTRIES", 4)
    assert unexpanded(known, entries, ones).status == "certified"
    monkeypatch.setattr(residue_rank, "MAX_ENTRIES", 3)
    assert unexpanded(known, entries, ones).status == "probabilistic"


def test_how_many_bits_a_minor_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    def near(k: int) -> Any:
        return lambda bits: [
            [arb(0), arb(1) + arb(fmpq(1, 2**k)), arb(1)],
            [arb(0), arb(1), arb(1)],
        ]

    minor = Minor((0, 1), (1, 2))
    for k, bits in ((20, 64), (100, 128), (1000, 1024), (4000, 4096), (6000, 8192), (9000, 16384)):
        assert _excludes_zero(near(k), minor) == bits
    assert _excludes_zero(near(20_000), minor) == 0
    monkeypatch.setattr(residue_rank, "MAX_FINE", 2)
    assert _excludes_zero(near(6000), minor) == 8192
    monkeypatch.setattr(residue_rank, "MAX_FINE", 1)
    assert _excludes_zero(near(6000), minor) == 0

    def late(bits: int) -> Any:
        if bits < 512:
            raise UndecidedError("a test")
        return near(20)(bits)

    assert _excludes_zero(late, minor) == 512

    def stops(bits: int) -> Any:
        raise OverBudget("a test")

    with pytest.raises(OverBudget):
        _excludes_zero(stops, minor)


# --- free letters ----------------------------------------------------------------------------------


def test_letters_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(free_forms, "MAX_ATOMS", 2)
    field = FreeField()
    a, b = field.letter("erf", fmpq(1)), field.letter("erf", fmpq(2))
    assert a == field.letter("erf", fmpq(1)) != b and field.letters == 2
    with pytest.raises(TooLarge):
        field.letter("erf", fmpq(3))

    def entries(f: Any) -> Any:
        return [[f.function("erf", fmpq(k)) for k in (1, 2, 3)]] * 2

    assert free_upper(entries, (2, 3)) is None
    monkeypatch.setattr(free_forms, "MAX_ATOMS", 3)
    assert free_upper(entries, (2, 3)) == (1, "the 2 rows are rational combinations of 1 of them")


def test_powers_and_roots_of_letters() -> None:
    field = FreeField()
    e = field.function("exp", fmpq(1))
    assert field.power(e, Fraction(3)) == e * e * e and field.power(e, Fraction(-1)) * e == 1
    root = field.power(fmpq(2), Fraction(1, 2))
    assert isinstance(root, Element) and field.power(fmpq(2), Fraction(3, 2)) == root * root * root
    assert root == field.power(fmpq(2), Fraction(1, 2)) != field.power(fmpq(2), Fraction(1, 3))
    assert field.power(fmpq(3), Fraction(1, 2)) != root
    assert field.power(fmpq(2), Fraction(-1, 2)) * root == 1 and field.letters == 4
    assert isinstance(field.function("pi"), Element) and field.function("pi") == field.function(
        "pi"
    )


def test_exact_values_and_letters_of_functions() -> None:
    field = FreeField()
    zero, one = fmpq(0), fmpq(1)
    for name, value in {
        "exp": 1, "cos": 1, "cosh": 1, "sin": 0, "tan": 0, "tanh": 0, "sinh": 0, "erf": 0,
        "atan": 0, "asinh": 0, "relu": 0, "abs": 0, "sigmoid": fmpq(1, 2),
    }.items():  # fmt: skip
        assert field.function(name, zero) == value, name
    assert field.function("log", one) == 0 and field.letters == 0
    assert isinstance(field.function("softplus", zero), Element) and field.letters == 1
    assert isinstance(field.function("log", fmpq(2)), Element) and field.letters == 2
    assert field.function("relu", fmpq(-2)) == 0 and field.function("abs", fmpq(-2)) == 2
    with pytest.raises(UndecidedError, match="the sign of an argument of relu is not known"):
        field.function("relu", field.function("exp", one))


@pytest.mark.parametrize("inside", ["number", "letter"])
def test_free_letters_keep_parity_and_half_angles(inside: str) -> None:
    field = FreeField()
    for sign in (1, -1):
        z = fmpq(3147 * sign, 1000) if inside == "number" else sign * field.letter("w")
        for name in ("erf", "atan", "asinh", "sin", "tan", "sinh", "tanh"):
            assert field.function(name, z) == -field.function(name, -z) != 0, name
        for name in ("cos", "cosh"):
            assert field.function(name, z) == field.function(name, -z) != 1, name
        assert field.function("exp", z) * field.function("exp", -z) == 1
        assert field.function("sigmoid", z) + field.function("sigmoid", -z) == 1
        assert field.function("softplus", z) - field.function("softplus", -z) == z
        c, s, t = (field.function(name, z) for name in ("cos", "sin", "tan"))
        assert c * c + s * s == 1 and t * c == s
        u = field.function("exp", z)
        assert field.function("sinh", z) * 2 * u == u * u - 1
        assert field.function("cosh", z) * 2 * u == u * u + 1
    assert len({str(field.function(n, fmpq(5))) for n in ("erf", "atan", "asinh", "exp")}) == 4


@pytest.mark.parametrize("seed", range(12))
def test_columns_that_generate_the_others(seed: int) -> None:
    """Combinations with rational coefficients of letters, against the rank of the coefficients."""
    rng = random.Random(seed)
    field = FreeField()
    e = [field.function("exp", fmpq(k)) for k in (1, 2, 3)]
    basis = [*e, e[0] * e[1], 1 / e[2], fmpq(1)]
    width, r = rng.randint(1, 5), rng.randint(1, 3)
    right = [[fmpq(rng.randint(-2, 2), rng.randint(1, 2)) for _ in range(width)] for _ in range(r)]
    left = [[[rng.randint(-1, 1) for _ in basis] for _ in range(r)] for _ in range(3)]
    coefficients = [
        [
            [sum((fmpq(row[t][k]) * right[t][j] for t in range(r)), fmpq(0)) for k in range(6)]
            for j in range(width)
        ]
        for row in left
    ]
    rows = [
        [sum((q * b for q, b in zip(c, basis, strict=True)), fmpq(0)) for c in row]
        for row in coefficients
    ]
    stacked = [[row[j][k] for j in range(width)] for row in coefficients for k in range(6)]
    kept = free_forms._independent(rows, field)
    assert len(kept) == fmpq_mat(stacked).rank()
    assert not kept or fmpq_mat([[v[j] for j in kept] for v in stacked]).rank() == len(kept)
    assert free_forms._independent([], field) == free_forms._independent([[], []], field) == []
    assert free_forms._independent([[fmpq(0)] * 2], field) == []


def forms(table: list[list[str]]) -> Any:
    """Entries such as "2a", "ab", "1", "0" in letters a, b, …: exp of 1, of 2, … as letters."""

    def entries(f: Any) -> Any:
        def value(text: str) -> Any:
            found = fmpq(1)
            for c in text:
                found = found * (fmpq(int(c)) if c.isdigit() else f.letter(c))
            return found

        return [[value(text) for text in row] for row in table]

    return entries


@pytest.mark.parametrize(
    ("table", "shape", "expected"),
    [
        ([["a", "b"], ["b", "a"]], (2, 2), None),
        ([["a", "b", "a"]] * 2, (2, 3), (1, "the 2 rows are rational combinations of 1 of them")),
        (
            [["a", "2a"], ["b", "2b"], ["c", "2c"]],
            (3, 2),
            (1, "the 2 columns are rational combinations of 1 of them"),
        ),
        ([["a", "0"], ["b", "0"]], (2, 2), (1, "the 2 columns are rational combinations of 1 of them")),
        (
            [["a", "b", "c"], ["d", "0", "0"], ["e", "0", "0"]],
            (3, 3),
            (2, "at most 2 nonzero entries share no row or column"),
        ),
        (
            [["a", "aa"], ["1", "a"]],
            (2, 2),
            (1, "a kernel verified with a free letter for each value of a function"),
        ),
        ([["0", "0"], ["0", "0"]], (2, 2), (0, "the 2 columns are rational combinations of 0 of them")),
    ],
)  # fmt: skip
def test_what_free_letters_show(table: Any, shape: Any, expected: Any) -> None:
    found = free_upper(forms(table), shape)
    if expected and expected[0] == 1 and "rows" in expected[1]:
        assert found is not None and found[0] == 1
    else:
        assert found == expected


def test_free_letters_are_not_asked_for_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    table = [["a", "aa"], ["b", "ab"]]
    rows = lambda f: forms(table)(f)  # noqa: E731
    field = FreeField()
    value = forms(table)(field)
    assert free_forms._formal(value, field) == 1
    terms = sum(len(v.num) + len(v.den) for row in value for v in row)
    for name, enough in (("MAX_LETTERS", 2), ("MAX_SIDE", 2), ("MAX_TERMS", terms)):
        monkeypatch.setattr(free_forms, name, enough)
        assert free_forms._formal(value, field) == 1
        monkeypatch.setattr(free_forms, name, enough - 1)
        assert free_forms._formal(value, field) is None and free_upper(rows, (2, 2)) is None
        monkeypatch.undo()
    monkeypatch.setattr(free_forms, "MAX_SIDE", 2)
    wide = forms([["a", "b", "c"]])(field)
    assert free_forms._formal(wide, field) is None
    assert free_forms._formal([[r[0]] for r in zip(*wide, strict=True)], field) is None
    monkeypatch.undo()
    assert free_forms._formal(wide, field) == 1 and free_forms._formal([], field) is None
    assert free_forms._formal(forms([["a", "b"], ["b", "a"]])(field), field) == 2
    for error in (TooLarge("a test"), UndecidedError("a test"), DomainError("a test")):

        def refuses(*_: object, error: Exception = error) -> Any:
            raise error

        monkeypatch.setattr(free_forms, "reduced", refuses)
        assert free_forms._formal(value, field) is None
        assert free_upper(refuses, (2, 2)) is None

    def late(*_: object) -> Any:
        raise OverBudget("a test")

    monkeypatch.setattr(free_forms, "reduced", late)
    with pytest.raises(OverBudget):
        free_forms._formal(value, field)
    with pytest.raises(OverBudget):
        free_upper(late, (2, 2))
    monkeypatch.undo()
    monkeypatch.setattr(free_forms, "annihilates", lambda *_: False)
    assert free_forms._formal(value, field) is None

    def too_large(*_: object) -> Any:
        raise TooLarge("a test")

    monkeypatch.setattr(free_forms, "cleared", too_large)
    assert free_upper(rows, (2, 2)) is None
