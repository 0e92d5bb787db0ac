"""Ranks over Q(atoms): against ranks at rational points (a form is 0 where it is 0 at enough of
them), determinants by python-flint, and the stated odds by their formula."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from flint import arb, fmpq, fmpq_mat, nmod

import hessrank as hr
from hessrank.symbolic.budget import OVER, budget
from hessrank.symbolic.errors import UndecidedError, counted
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.fields.elements import Element, cleared
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.fields.residues import poly_residue
from hessrank.symbolic.fields.separation import Size, bits_for, row_size, total_degree
from hessrank.symbolic.linear_algebra.minor import Minor
from hessrank.symbolic.linear_algebra.primefield import prime_count
from hessrank.symbolic.ranks import algebraic_rank as algebraic
from hessrank.symbolic.ranks import formal_rank as formal
from hessrank.symbolic.ranks import null_space as spaces
from hessrank.symbolic.ranks import probable_rank as probable
from hessrank.symbolic.ranks.ball_rank import Elimination
from hessrank.symbolic.ranks.formal_rank import formal_rank
from hessrank.symbolic.ranks.unexpanded.free_forms import combined, core

ONE = fmpq(1)
HALF = Fraction(1, 2)
LINDEMANN = "exponentials of independent algebraic numbers (Lindemann–Weierstrass)"


def letters(kind: str) -> tuple[Field, list[Any]]:
    """Two independent numbers, by a theorem ("exponentials", "mixed") or by no theorem ("logs")."""
    field = Field()
    two = field.power(fmpq(2), HALF)
    if kind == "exponentials":
        return field, [field.function("exp", v) for v in (ONE, two)]
    if kind == "mixed":
        return field, [field.function("exp", ONE), two]
    return field, [field.function("log", fmpq(k)) for k in (2, 3)]


Form = dict[tuple[int, int], fmpq]


def drawn(rng: random.Random) -> Form:
    return {
        (a, b): fmpq(rng.randint(-3, 3), rng.randint(1, 2))
        for a in range(2)
        for b in range(2)
        if rng.random() < 0.5
    }


def product(left: list[list[Form]], right: list[list[Form]]) -> list[list[Form]]:
    n, found = len(right[0]), []
    for row in left:
        cells: list[Form] = [{} for _ in range(n)]
        for j in range(n):
            for t, f in enumerate(row):
                for (a, b), x in f.items():
                    for (c, d), y in right[t][j].items():
                        cells[j][a + c, b + d] = cells[j].get((a + c, b + d), fmpq(0)) + x * y
        found.append(cells)
    return found


def at(form: Form, x: Any, y: Any) -> Any:
    return sum((q * x**a * y**b for (a, b), q in form.items()), fmpq(0))


def true_rank(table: list[list[Form]]) -> int:
    """That of the forms, from their values at five points: both letters are free."""
    rng = random.Random(0)
    ranks = []
    for _ in range(5):
        x, y = (fmpq(rng.randint(2, 999), rng.randint(2, 999)) for _ in "xy")
        ranks.append(fmpq_mat([[at(f, x, y) for f in row] for row in table]).rank())
    return max(ranks)


def planted(rng: random.Random, kind: str) -> tuple[Field, Any, tuple[int, int], int]:
    field, (x, y) = letters(kind)
    m, n = rng.randint(1, 4), rng.randint(1, 4)
    r = rng.randint(1, min(m, n, 2))
    table = product(
        [[drawn(rng) for _ in range(r)] for _ in range(m)],
        [[drawn(rng) for _ in range(n)] for _ in range(r)],
    )
    if kind == "mixed":  # √2 squares to 2
        table = [[_folded(f) for f in row] for row in table]
    rows = [[at(f, x, y) for f in row] for row in table]
    return field, rows, (m, n), -1 if kind == "mixed" else true_rank(table)


def _folded(form: Form) -> Form:
    found: Form = {}
    for (a, b), q in form.items():
        found[a, b % 2] = found.get((a, b % 2), fmpq(0)) + q * 2 ** (b // 2)
    return found


def over_root_two(rows: Any, x: fmpq, e: Any, s: Any) -> int:
    """The rank over Q(√2) where e goes to a rational x: half that of the blocks (a, 2b; b, a)."""

    def blocks(v: Any) -> tuple[fmpq, fmpq]:
        a = b = fmpq(0)
        if not isinstance(v, Element):
            return v, b
        num, den = (p.to_dict() for p in (v.num, v.den))
        assert len(den) == 1
        (scale,) = den.values()
        index_e, index_s = (next(iter(w.num.to_dict())).index(1) for w in (e, s))
        for monomial, c in num.items():
            powers = [int(k) for k in monomial] + [0] * 9
            value = c / scale * x ** powers[index_e]
            a, b = (a + value, b) if not powers[index_s] else (a, b + value)
        return a, b

    table = []
    for row in rows:
        pairs = [blocks(v) for v in row]
        table.append([w for a, b in pairs for w in (a, 2 * b)])
        table.append([w for a, b in pairs for w in (b, a)])
    return int(fmpq_mat(table).rank()) // 2


@pytest.mark.parametrize("kind", ["exponentials", "logs", "mixed"])
@pytest.mark.parametrize("seed", range(12))
def test_the_formal_rank_is_that_of_the_forms(kind: str, seed: int) -> None:
    field, rows, shape, expected = planted(random.Random(seed), kind)
    m, n = shape
    if kind == "mixed":
        e, s = field.function("exp", ONE), field.power(fmpq(2), HALF)
        expected = max(over_root_two(rows, fmpq(k, 7), e, s) for k in (3, 5, 16))
    found = formal_rank(rows, shape, field)
    assert (found.lower, found.upper, found.status) == (expected, expected, "certified"), found
    assert found.shape == shape and found.failure_log2 is None
    used = any(isinstance(v, Element) for row in rows for v in row)
    if not expected:
        assert found.lower_reason == "no rank is negative" and found.witness is None
    elif kind == "logs" and used and field.proven(*(v for row in rows for v in row)) is None:
        assert found.lower_reason == (
            f"a {expected}×{expected} minor lies in a ball of 64 bits without zero"
        )
        assert found.witness is not None and found.witness.prime is None
    if found.witness is not None and found.witness.size:
        P, Q = found.witness.rows, found.witness.columns
        inner = formal_rank([[rows[i][j] for j in Q] for i in P], (expected, expected), field)
        assert inner.lower == expected
    if expected == min(m, n):
        assert found.kernel is None
        side = (
            f"the matrix has {counted(m, 'row')}"
            if m <= n
            else f"the matrix has {counted(n, 'column')}"
        )
        assert found.upper_reason == side
        return
    assert found.kernel is not None and len(found.kernel) == n - expected
    vectors = [evaluate(list(v), field, {}) for v in found.kernel]
    for v in vectors:
        for row in rows:
            assert sum((a * b for a, b in zip(row, v, strict=True)), fmpq(0)) == 0
    assert formal_rank(vectors, (n - expected, n), field).lower == n - expected


def test_each_bound_names_its_reason() -> None:
    field, (x, y) = letters("exponentials")
    rows = [[x, y], [x * y, y * y]]
    found = formal_rank(rows, (2, 2), field)
    minor = found.witness
    assert minor is not None and minor.prime is not None and minor.prime.bit_length() == 62
    assert found.lower_reason == (
        f"a 1×1 minor is not zero modulo {minor.prime}, with random residues for the atoms; "
        f"{LINDEMANN}"
    )
    assert found.upper_reason == "1 independent kernel vector verified exactly"
    rational = formal_rank([[fmpq(3)]], (1, 1), field)
    assert rational.witness is not None
    assert rational.lower_reason == (
        f"a 1×1 minor is not zero modulo {rational.witness.prime}; rational numbers"
    )
    bound = (1, "proved otherwise")
    given = formal_rank(rows, (2, 2), field, bound)
    assert (given.upper, given.upper_reason, given.kernel) == (1, "proved otherwise", None)
    loose = formal_rank(rows, (2, 2), field, (2, "proved otherwise"))
    assert loose.upper == 1 and loose.kernel is not None


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_an_empty_matrix_has_rank_0(shape: tuple[int, int]) -> None:
    found = formal_rank([[]] * shape[0], shape, Field())
    assert (found.lower, found.upper, found.status, found.shape) == (0, 0, "certified", shape)
    assert found.lower_reason == found.upper_reason == "the matrix is empty"


def test_the_best_of_three_specialisations_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A choice of residues may be unlucky; the largest minor of three is taken."""
    field, (x, y) = letters("exponentials")
    rows = [[x, ONE], [ONE, y]]
    genuine = formal._specialised_rank(rows, field, random.Random(0))
    assert genuine is not None and genuine.size == 2
    small = Minor((0,), (0,), genuine.prime)
    for order in ([small, small, genuine], [small, genuine, small], [genuine, small, small]):
        draws: Iterator[Minor] = iter(order)
        monkeypatch.setattr(formal, "_specialised_rank", lambda *_, d=draws: next(d))
        assert formal_rank(rows, (2, 2), field).lower == 2
        assert list(draws) == order[order.index(genuine) + 1 :]  # no row is left to be found
    draws = iter([small] * 3)
    monkeypatch.setattr(formal, "_specialised_rank", lambda *_: next(draws))
    unlucky = formal_rank(rows, (2, 2), field)
    assert (unlucky.lower, unlucky.upper) == (1, 2)


@pytest.mark.parametrize("kind", ["exponentials", "mixed", "logs"])
def test_columns_that_a_minor_shows_to_be_independent(kind: str) -> None:
    """By a theorem, or by a ball where there is none; dependent ones never are."""
    field, (x, y) = letters(kind)
    independent = formal.columns_are_independent
    assert independent([[x, ONE], [ONE, y], [x, y]], 2, field)
    assert independent([[x], [ONE]], 1, field) and independent([], 0, field)
    assert not independent([[x, x * y], [ONE, y], [y, y * y]], 2, field)
    assert not independent([[x, ONE]], 2, field) and not independent([], 1, field)
    assert independent([[ONE, x, y]], 0, field)


#: Decimals of which the exponentials are far apart: the kernel is too large to carry.
FAR = ("cos(149/100)", "tanh(7/50)", "cos(277/100)", "tanh(197/100)", "sigmoid(11039/5000)")


@pytest.mark.parametrize("seed", range(12))
def test_rows_and_columns_that_are_zero_or_multiples_cost_nothing(seed: int) -> None:
    """Rank by construction: a regular block, then zeros and rational multiples, in any order."""
    rng = random.Random(seed)
    texts = rng.sample(FAR, 3)
    block = [[texts[0], "1"], ["0", texts[1]]] if seed % 2 else [[texts[0]]]
    rank = len(block)
    rows = [*block, *([f"({c})*({v})" for v in block[0]] for c in ("-2", "3/7"))]
    columns = [*zip(*rows, strict=True), ["0"] * len(rows)]
    columns += [[f"({c})*({v})" for v in columns[0]] for c in ("-1", "5/3")]
    rng.shuffle(columns)
    matrix = [list(row) for row in zip(*columns, strict=True)]
    rng.shuffle(matrix)
    found = hr.rank(matrix)
    assert (found.lower, found.upper, found.status) == (rank, rank, "certified"), matrix


def test_rows_and_columns_that_the_others_combine() -> None:
    """With rational factors alone; and the reason names the side that is left."""
    field, (x, y) = letters("exponentials")
    zero = fmpq(0)
    vectors = [[x, ONE], [x / 3, ONE / 3], [zero, zero], [x * x, x], [x - x * x, 1 - x]]
    assert core(vectors, field) == ([0, 3], [0, 1])  # x·(x, 1) is a multiple by no rational number
    rows = [[x, y, x + y], [ONE, x, 1 + x], [y, y, 2 * y]]
    assert core(rows, field) == ([0, 1, 2], [0, 1])
    assert combined(*core(rows, field), (3, 3)) == (
        2, "the 3 columns are rational combinations of 2 of them",
    )  # fmt: skip
    assert combined([0, 1], [0, 1], (2, 2)) is None


def test_without_residues_balls_bound_from_below(monkeypatch: pytest.MonkeyPatch) -> None:
    field, (x, y) = letters("exponentials")
    monkeypatch.setattr(formal, "_specialised_rank", lambda *_: None)
    found = formal_rank([[x, ONE], [ONE, y]], (2, 2), field)
    assert (found.lower, found.status) == (2, "certified")
    assert found.lower_reason == "2 pivots in balls of 128 bits without zero"
    assert found.witness is not None and sorted(found.witness.rows) == [0, 1]
    less = formal_rank([[x, x * y], [ONE, y]], (2, 2), field)
    assert (less.lower, less.upper, less.status) == (1, 2, "undecided")
    assert less.upper_reason == "the matrix has 2 rows"


def test_a_form_that_may_vanish_needs_a_ball() -> None:
    """log 2 and log 3 under no theorem: a minor within 10⁻³⁰ of 0 takes 128 bits, one within
    10⁻⁴⁰⁰⁰ is left open."""
    field, (x, y) = letters("logs")
    tiny = fmpq(1, 10**30)
    found = formal_rank([[x * y, x], [y + tiny * x, ONE]], (2, 2), field)
    reason = "a 2×2 minor lies in a ball of 128 bits without zero"
    assert (found.lower, found.lower_reason) == (2, reason)
    tiny = fmpq(1, 10**4000)
    found = formal_rank([[x * y, x], [y + tiny * x, ONE]], (2, 2), field)
    assert (found.lower, found.upper, found.status) == (1, 2, "undecided")
    assert found.lower_reason == "1 pivot in balls of 128 bits without zero"


def test_a_kernel_too_large_leaves_odds(monkeypatch: pytest.MonkeyPatch) -> None:
    field, (x, y) = letters("exponentials")
    rows = [[x, x * y], [ONE, y]]

    def too_large(*_: object) -> None:
        raise TooLarge("a test")

    monkeypatch.setattr(formal, "_kernel", too_large)
    found = formal_rank(rows, (2, 2), field)
    count, odds = probable.probable_upper(rows, 1, field) or (0, 0.0)
    assert (found.lower, found.upper, found.status) == (1, 1, "probabilistic")
    assert found.failure_log2 == odds and found.kernel is None
    assert found.upper_reason == f"no larger minor is nonzero at {count} random specialisations"
    for error in (UndecidedError("a test"), formal.DomainError("a test")):
        monkeypatch.setattr(formal, "_kernel", lambda *_, e=error: (_ for _ in ()).throw(e))
        assert formal_rank(rows, (2, 2), field).status == "probabilistic"
    monkeypatch.setattr(formal, "_kernel", lambda *_: None)
    assert formal_rank(rows, (2, 2), field).status == "probabilistic"
    field, (x, y) = letters("logs")
    tiny = fmpq(1, 10**4000)
    found = formal_rank([[x * y, x, y], [y + tiny * x, ONE, x], [0 * ONE] * 3], (3, 3), field)
    assert (found.lower, found.upper, found.failure_log2) == (2, 2, found.failure_log2)


def test_over_budget_the_size_is_left() -> None:
    field, (x, y) = letters("logs")
    with budget(-1):
        found = formal_rank([[x, y], [y, x]], (2, 2), field)
        bound = formal_rank([[x, y], [y, x]], (2, 2), field, (1, "proved otherwise"))
        zero = formal_rank([[x, y], [y, x]], (2, 2), field, (0, "proved otherwise"))
    assert (found.lower, found.upper, found.status) == (0, 2, "undecided")
    assert found.lower_reason == "no rank is negative" and found.witness is None
    assert found.upper_reason == f"the matrix has 2 rows; {OVER}"
    assert (bound.upper, bound.upper_reason) == (1, f"proved otherwise; {OVER}")
    assert (zero.status, zero.upper_reason) == ("certified", "proved otherwise")


# --- kernels -------------------------------------------------------------------------------------


def test_which_fields_are_mixed() -> None:
    field, (e, s) = letters("mixed")
    assert formal._is_mixed([[e, s]], field)
    assert formal._is_mixed([[e * s, ONE]], field)
    assert not formal._is_mixed([[e, ONE]], field)
    assert not formal._is_mixed([[s, ONE]], field)
    assert not formal._is_mixed([[ONE]], field)


@pytest.mark.parametrize("size", range(5))
def test_determinants_by_expansion(size: int) -> None:
    rng = random.Random(size)
    field, (e, s) = letters("mixed")
    one = field.ctx.constant(1)
    for _ in range(4):
        A = [[rng.randint(-3, 3) for _ in range(size)] for _ in range(size)]
        det = fmpq_mat(size, size, [fmpq(v) for row in A for v in row]).det()
        rows = [[one * v for v in row] for row in A]
        assert formal._determinant(rows, field) == one * det
    r, x = field.lift(s.num), field.lift(e.num)
    reduced = formal._determinant([[r, x], [one, r]], field)
    assert field.polynomial(reduced) == 2 - e


@pytest.mark.parametrize("r", [1, 2, 3, 4])
def test_kernels_by_cramers_rule(r: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(r)
    field, (e, s) = letters("mixed")
    m, n = r + 1, r + 2

    def number() -> Any:
        return rng.randint(-2, 2) + rng.randint(-1, 1) * s + rng.randint(0, 1) * e

    left = [[number() for _ in range(r)] for _ in range(m)]
    right = [[number() for _ in range(n)] for _ in range(r)]
    rows = [
        [sum((row[t] * right[t][j] for t in range(r)), fmpq(0)) for j in range(n)] for row in left
    ]
    minor = formal._specialised_rank(rows, field, random.Random(0))
    assert minor is not None and minor.size == r
    for way in (formal._by_cofactors(rows, n, minor, field), formal._kernel(rows, n, minor)):
        assert way is not None and len(way) == n - r
        for k in way:
            for row in rows:
                assert sum((a * b for a, b in zip(row, k, strict=True)), fmpq(0)) == 0
        outside = [j for j in range(n) if j not in minor.columns]
        for j, k in zip(outside, way, strict=True):
            assert k[j] != 0 and all(k[i] == 0 for i in outside if i != j)
    if r > 1:  # a smaller minor does not carry the rank
        small = Minor(minor.rows[:1], minor.columns[:1])
        if rows[small.rows[0]][small.columns[0]] != 0:
            assert formal._by_cofactors(rows, n, small, field) is None
            assert formal._kernel(rows, n, small) is None
    monkeypatch.setattr(formal, "_kernel", None)  # where both kinds of atoms meet Cramer's rule is
    found = formal_rank(rows, (m, n), field)  # taken, for elimination divides by mixed forms
    assert (found.lower, found.upper, len(found.kernel or ())) == (r, r, 2)


def test_a_minor_that_is_zero_has_no_kernel() -> None:
    field, (e, s) = letters("mixed")
    rows = [[s, fmpq(2), e], [ONE, s, e]]
    zero = Minor((0, 1), (0, 1))
    assert formal._by_cofactors(rows, 3, zero, field) is None
    assert formal._kernel(rows, 3, zero) is None


def test_a_prime_in_a_denominator_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    field, (x, _) = letters("exponentials")
    first = formal._specialised_rank([[x]], field, random.Random(0))
    assert first is not None and first.prime is not None
    for rows in ([[x / first.prime]], [[x, fmpq(1, first.prime)]]):
        found = formal._specialised_rank(rows, field, random.Random(0))
        assert found is not None and found.size == 1 and found.prime != first.prime
    monkeypatch.setattr(formal, "_PRIMES", 1)
    assert formal._specialised_rank([[x / first.prime]], field, random.Random(0)) is None
    monkeypatch.setattr(formal, "homomorphism", lambda *_: None)
    assert formal._specialised_rank([[x]], field, random.Random(0)) is None
    assert formal_rank([[x]], (1, 1), field).lower == 1  # by balls


# --- odds ----------------------------------------------------------------------------------------


def test_rows_are_cleared_measured_and_specialised() -> None:
    field, (x, y) = letters("exponentials")
    (p, q) = cleared([x / 2 - 3 * y, fmpq(5, 3) * x * y + fmpq(1, 7)], field)
    whole = probable._integral([p, q])
    scale = 42 if p.to_dict() != whole[0].to_dict() else 1
    assert [f.to_dict() for f in whole] == [(p * scale).to_dict(), (q * scale).to_dict()]
    coefficients = [c for f in whole for c in f.coeffs()]
    assert all(fmpq(c).q == 1 for c in coefficients)
    total = sum(abs(int(fmpq(c).p)) for c in coefficients)
    assert 2 ** (probable._height(whole) - 1) <= total < 2 ** probable._height(whole)
    images = {i: nmod(k + 5, 10007) for k, i in enumerate(field.closure([p, q], inside=False))}
    for f in whole:
        assert probable._value(f, images, 10007) == poly_residue(f, images, 10007)


def test_the_odds_are_those_of_schwartz_and_zippel() -> None:
    """Rows of degrees 5, 1, 3 and norms 9, 2, 70000: a minor of order 3 has at most their sums, as
    degree and as bits. Rows xᵏ (3x, y) have the rank 1: two of the degrees 1, 4, 7 count."""
    field, (x, y) = letters("exponentials")
    zero = fmpq(0)
    rows = [[8 * x**5, ONE, zero], [x, ONE, zero], [70000 * x * y**2, zero, zero]]
    multiples = [[3 * x ** (k + 1), x**k * y] for k in (0, 3, 6)]
    for table, r, d, h in ((rows, 2, 5 + 1 + 3, 4 + 2 + 17), (multiples, 1, 4 + 7, 3 + 3)):
        odds = math.log2((h + 1) / 61 / prime_count(62) + (d + 1) / 2.0**60)
        found = probable.probable_upper(table, r, field)
        assert found is not None
        assert found[1] == pytest.approx(found[0] * odds, rel=1e-12)
        assert found[1] <= -100 < (found[0] - 1) * odds + 0.02
        assert probable.probable_upper(table, r - 1, field) is None


def test_too_few_primes_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    field, (x, y) = letters("exponentials")
    rows = [[x, x * y], [ONE, y]]
    monkeypatch.setattr(probable, "LONG_BITS", 22)
    assert probable.probable_upper(rows, 1, field) is None
    monkeypatch.setattr(probable, "LONG_BITS", 25)
    found = probable.probable_upper(rows, 1, field)
    assert found is not None and found[0] >= 4 and found[1] <= -100


def test_what_is_too_large_has_no_odds(monkeypatch: pytest.MonkeyPatch) -> None:
    field, (x, y) = letters("exponentials")

    def too_large(*_: object) -> None:
        raise TooLarge("a test")

    monkeypatch.setattr(probable, "cleared", too_large)
    assert probable.probable_upper([[x]], 1, field) is None
    monkeypatch.setattr(algebraic, "cleared", too_large)
    s = field.power(fmpq(2), HALF)
    assert algebraic.algebraic_rank([[s, 2 * ONE], [ONE, s]], (2, 2), field) is None
    monkeypatch.setattr(spaces, "reduced", too_large)
    with pytest.raises(UndecidedError, match="a null space is too large to carry: a test"):
        spaces.null_space([[x, x * y], [ONE, y]], 2, field)


# --- separation ----------------------------------------------------------------------------------


def test_the_size_of_minors() -> None:
    """A minor is a sum of products of one entry from each row (Leibniz): sizes add, and only the
    largest rows count."""
    rows = [Size(1, 5), Size(3, 2), Size(2, 9)]
    assert algebraic._minor_size(rows, 2) == Size(5, 14)
    assert algebraic._minor_size(rows, 1) == Size(3, 9)
    assert algebraic._minor_size(rows, 3) == Size(6, 16)


def test_separated_ranks_name_their_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    field = Field()
    s = field.power(fmpq(2), HALF)
    rows = [[s, fmpq(2), ONE], [ONE, s, s / 2]]
    found = algebraic.algebraic_rank(rows, (2, 3), field)
    assert found is not None and (found.lower, found.upper, found.status) == (1, 1, "certified")
    start = "all larger minors are algebraic and below their separation bound 2^-"
    assert found.upper_reason.startswith(start)
    least = int(found.upper_reason.removeprefix(start))
    assert found.lower_reason == "1 pivot in balls of 128 bits without zero"
    assert found.witness == Minor((0,), (1,)) and found.shape == (2, 3)
    # minors of √2, 1, 2: numbers a + b√2 of denominator at most 2, conjugates at most 6
    assert 3 <= least <= 40
    terms = sum(len(p) for row in rows for p in cleared(row, field))
    monkeypatch.setattr(algebraic, "MAX_WORK", least * terms)
    assert algebraic.algebraic_rank(rows, (2, 3), field) is not None
    monkeypatch.setattr(algebraic, "MAX_WORK", least * terms - 1)
    assert algebraic.algebraic_rank(rows, (2, 3), field) is None
    square = algebraic.algebraic_rank([[s, ONE], [ONE, s]], (2, 2), field)
    assert square is not None and square.upper_reason == "the matrix has 2 rows"
    for tall in (False, True):
        shape = (2, 1) if tall else (1, 2)
        one = algebraic.algebraic_rank([[s], [ONE]] if tall else [[s, ONE]], shape, field)
        assert one is not None and one.shape == shape
        assert one.upper_reason == f"the matrix has 1 {'column' if tall else 'row'}"
        assert one.lower_reason == "1 pivot in balls of 128 bits without zero"


def test_the_separation_bound_is_that_of_the_larger_minors() -> None:
    """Rank r with rows of different sizes: the r + 1 largest rows count, and at least as many bits
    as the smallest nonzero minor of that order among neighbours needs."""
    field = Field()
    s = field.power(fmpq(2), HALF)
    base = [[s, ONE, 3 * s, fmpq(5)], [fmpq(7, 2), s / 3, ONE, s], [ONE, ONE, s, s + 1]]
    for r in (1, 2):
        rows = [[1000**k * v for v in base[k % r]] for k in range(4)]
        found = algebraic.algebraic_rank(rows, (4, 4), field)
        assert found is not None and (found.lower, found.upper) == (r, r)
        least = int(found.upper_reason.rpartition("-")[2])
        polys = [cleared(row, field) for row in rows]
        sizes = [row_size(field, row) for row in polys]
        d, h = (
            sum(sorted(getattr(size, name) for size in sizes)[-r - 1 :])
            for name in ("denominator", "house")
        )
        assert least == bits_for(total_degree(field, [p for q in polys for p in q]), Size(d, h))


@pytest.mark.parametrize(("product", "radius"), [(1, 1.5), (2, 0.75), (1, 1.0)])
def test_balls_as_wide_as_the_bound_are_made_finer(
    product: int, radius: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What may be as large as 2^-B in modulus is not called 0."""
    field = Field()
    s = field.power(fmpq(2), HALF)
    wide = arb(0, radius) / 2**40
    steps = iter(
        [
            Elimination((0,), (0,), arb(product), (wide,)),
            Elimination((0, 1), (0, 1), arb(1), ()),
        ]
    )
    monkeypatch.setattr(algebraic, "bits_for", lambda *_: 40)
    monkeypatch.setattr(algebraic, "eliminate", lambda *_: next(steps))
    found = algebraic.algebraic_rank([[s, fmpq(2)], [ONE, s]], (2, 2), field)
    assert found is not None and found.lower == 2 and next(steps, None) is None
    assert found.lower_reason == "2 pivots in balls of 168 bits without zero"
    small = Elimination((0,), (0,), arb(product), (wide / 2,))
    monkeypatch.setattr(algebraic, "eliminate", lambda *_: small)
    found = algebraic.algebraic_rank([[s, fmpq(2)], [ONE, s]], (2, 2), field)
    assert found is not None and (found.upper, found.status) == (1, "certified")


@pytest.mark.parametrize("digits", [10, 60, 200])
def test_near_misses_are_told_apart(digits: int) -> None:
    """(√2, 2 + ε; 1, √2): the minor is −ε, 0 only for ε = 0, whatever the bits it takes."""
    field = Field()
    s = field.power(fmpq(2), HALF)
    for epsilon in (fmpq(0), fmpq(1, 10**digits), -fmpq(1, 10**digits)):
        rows = [[s, fmpq(2) + epsilon], [ONE, s]]
        found = algebraic.algebraic_rank(rows, (2, 2), field)
        assert found is not None and found.status == "certified"
        assert found.lower == found.upper == (1 if epsilon == 0 else 2)
        assert found.witness is not None and found.witness.size == found.lower
