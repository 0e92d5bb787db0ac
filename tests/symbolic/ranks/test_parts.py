"""The parts that ranks are made of, each against its theorem: matchings by brute force, Schur
complements by determinants, odds by counting primes, reconstruction by number theory."""

from __future__ import annotations

import json
import math
import random
import re
from fractions import Fraction
from itertools import combinations, permutations

import flint
import numpy as np
import pytest
import sympy
from flint import arb, fmpq, fmpq_mat

from hessrank.symbolic.errors import InputError, UndecidedError
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.linear_algebra.integer_matrix import fmpz_mat
from hessrank.symbolic.linear_algebra.minor import Minor
from hessrank.symbolic.ranks import algebraic_rank as algebraic
from hessrank.symbolic.ranks import rational_rank as rational
from hessrank.symbolic.ranks.ball_rank import (
    _float_pivots,
    eliminate,
    minor_excludes_zero,
    rank_lower,
    term_rank,
)
from hessrank.symbolic.ranks.null_space import left_null_space, null_space
from hessrank.symbolic.ranks.number_field_rank import _combined, _rational, _reconstructed
from hessrank.symbolic.ranks.probable_rank import probable_upper
from hessrank.symbolic.ranks.rank_result import RankResult, cut_short, nothing_known, together
from hessrank.symbolic.ranks.rational_rank import (
    _bordered,
    _confirmed,
    _leading_columns,
    _odds_log2,
    _product,
    _random_array,
    rational_rank,
)

# --- algebraic numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [8, 60, 300, 900])
def test_long_algebraic_entries_take_more_bits(bits: int) -> None:
    """(u, v; uc, vc + e) with u, v, c in Q(√2): of rank 1 for e = 0, else 2."""
    rng = random.Random(bits)
    field = Field()
    root = field.power(fmpq(2), Fraction(1, 2))
    u, v, c = (fmpq(rng.getrandbits(bits)) + fmpq(rng.getrandbits(bits)) * root for _ in "uvc")
    for e in (fmpq(0), fmpq(1, 2**bits)):
        found = algebraic.algebraic_rank([[u, v], [u * c, v * c + e]], (2, 2), field)
        assert found is not None and found.status == "certified" and found.lower == 1 + (e != 0)
        if e == 0:  # from what the bound needs on, twice as many bits each time
            used, least = (int(re.findall(r"\d+", text)[-1]) for text in (
                found.lower_reason, found.upper_reason))  # fmt: skip
            assert used in (128, least + 128, 2 * (least + 128))


# --- balls ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_the_term_rank_is_the_largest_matching(seed: int) -> None:
    """Against all injections of the shorter side into the longer one."""
    rng = random.Random(seed)
    m, n = rng.randint(1, 5), rng.randint(1, 5)
    full = [[rng.random() < 0.4 for _ in range(n)] for _ in range(m)]
    rows = [[arb(2) if v else arb(0) for v in row] for row in full]
    wide = full if m <= n else [list(c) for c in zip(*full, strict=True)]
    best = max(
        sum(row[j] for row, j in zip(wide, order, strict=True))
        for order in permutations(range(max(m, n)), min(m, n))
    )
    assert term_rank(rows, (m, n)) == best


def test_a_ball_around_zero_may_be_an_entry() -> None:
    assert term_rank([[arb(0, 1)]], (1, 1)) == 1
    assert term_rank([[arb(0)]], (1, 1)) == 0
    assert term_rank([], (0, 3)) == 0


@pytest.mark.parametrize("seed", range(25))
def test_elimination_leaves_schur_complements(seed: int) -> None:
    """product = ± the minor of the pivots; each entry that is left, times the product, is ± that
    minor bordered by its row and column (Schur); their number is that of the other entries."""
    rng = random.Random(seed)
    m, n = rng.randint(1, 4), rng.randint(1, 4)
    A = [[rng.randint(-4, 4) for _ in range(n)] for _ in range(m)]
    goal = rng.randint(1, min(m, n))
    found = eliminate([[arb(v) for v in row] for row in A], goal)
    r = len(found.rows)

    def minor(rows: list[int], columns: list[int]) -> fmpq:
        return fmpq_mat([[fmpq(A[i][j]) for j in columns] for i in rows]).det()

    assert r == min(goal, fmpq_mat(m, n, [v for row in A for v in row]).rank())
    if not r:
        return
    P, Q = list(found.rows), list(found.columns)
    assert found.product.overlaps(arb(minor(P, Q))) or found.product.overlaps(arb(-minor(P, Q)))
    others = [(i, j) for i in range(m) if i not in P for j in range(n) if j not in Q]
    assert len(found.rest) == len(others)
    for (i, j), s in zip(others, found.rest, strict=True):
        bordered = abs(minor([*P, i], [*Q, j]))
        assert abs(found.product * s).overlaps(arb(bordered))


def test_pivots_are_certain() -> None:
    """(±1 0; 0 [−1, 1]): one pivot; both entries of a row of balls around 0: none."""
    assert eliminate([[arb(-1), arb(0)], [arb(0), arb(0, 1)]], 2).rows == (0,)
    assert eliminate([[arb(0, 1), arb(0, 1)]], 1).rows == ()
    assert eliminate([], 3).rows == ()
    assert minor_excludes_zero([[arb(3), arb(1)], [arb(1), arb(1)]], 64)
    assert not minor_excludes_zero([[arb(1), arb(1)], [arb(1), arb(1)]], 64)


def test_pivots_that_floats_suggest() -> None:
    """Complete pivoting: the largest entry first; nothing below 10⁻¹¹ of it; at most `goal`."""
    a = np.diag([1.0, -5.0, 2.0])
    assert _float_pivots(a, 3) == ((1, 2, 0), (1, 2, 0))
    assert _float_pivots(a, 2) == ((1, 2), (1, 2))
    assert _float_pivots(np.diag([1.0, 1e-9]), 2) == ((0, 1), (0, 1))
    assert _float_pivots(np.diag([1.0, 1e-12]), 2) == ((0,), (0,))
    assert _float_pivots(np.array([[np.nan, 2.0], [1.0, np.inf]]), 2) == ((0, 1), (1, 0))
    assert _float_pivots(np.array([[np.nan, 0.5], [0.25, 0.0]]), 2) == ((0, 1), (1, 0))
    assert _float_pivots(np.zeros((2, 2)), 2) == ((), ())
    assert _float_pivots(np.outer([1.0, 2.0, 3.0], [4.0, 5.0]), 2) == ((2,), (1,))


def test_lower_bounds_that_need_more_digits() -> None:
    """(1, 1; 1, 1 + 2⁻ᵏ) is regular: 53 bits do not see it for k = 200; its singular neighbour is
    never called regular."""

    def near(k: int) -> object:
        return lambda bits: [[arb(1), arb(1)], [arb(1), arb(1) + arb(fmpq(1, 2**k))]]

    for k in (10, 60, 200):
        rank, minor, bits = rank_lower(near(k), 2)  # type: ignore[arg-type]
        assert (rank, minor.size) == (2, 2)
        assert bits > k
    for goal in (0, 1, 2):
        ones = rank_lower(lambda bits: [[arb(1), arb(1)], [arb(1), arb(1)]], goal)
        assert ones[0] == min(goal, 1)


# --- residues and reconstruction -----------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_rational_reconstruction(seed: int) -> None:
    """n/d with |n|, d ≤ √(M/2) is the only such fraction of its residue (Wang 1981)."""
    rng = random.Random(seed)
    M = sympy.randprime(10**6, 10**9) if seed % 2 else 101 * 10007 * 65537
    limit = math.isqrt(M // 2)
    while True:
        n, d = rng.randint(-limit, limit), rng.randint(1, limit)
        if math.gcd(n, d) == 1 and math.gcd(d, M) == 1:
            break
    residue = n * pow(d, -1, M) % M
    assert _rational(residue, M, limit) == fmpq(n, d)
    assert _reconstructed([residue, 0, 1], M) == [fmpq(n, d), fmpq(0), fmpq(1)]


def test_residues_of_no_small_fraction() -> None:
    """Modulo 101 fractions with |n|, d ≤ 7 have at most 99 residues: some have none."""
    limit = 7
    small = {n * pow(d, -1, 101) % 101 for n in range(-7, 8) for d in range(1, 8)}
    for a in range(101):
        assert (_rational(a, 101, limit) is not None) is (a in small), a
    missing = next(a for a in range(101) if a not in small)
    assert _reconstructed([1, missing], 101) is None


@pytest.mark.parametrize("seed", range(10))
def test_chinese_remainders(seed: int) -> None:
    rng = random.Random(seed)
    p, q = 10007, 65537
    values = [rng.randrange(p * q) for _ in range(5)]
    first = _combined([], 1, [v % p for v in values], p)
    assert first == ([v % p for v in values], p)
    assert _combined(*first, [v % q for v in values], q) == (values, p * q)


@pytest.mark.parametrize("seed", range(15))
def test_leading_columns_are_the_first_independent_ones(seed: int) -> None:
    rng = random.Random(seed)
    m, n = rng.randint(1, 4), rng.randint(1, 6)
    rows = [[rng.choice([0, 0, 1, 2]) for _ in range(n)] for _ in range(m)]
    M = flint.nmod_mat(rows, 10007)
    columns: list[int] = []
    for j in range(n):
        chosen = [[row[k] for k in [*columns, j]] for row in rows]
        if flint.nmod_mat(chosen, 10007).rank() > len(columns):
            columns.append(j)
    assert _leading_columns(M) == columns


# --- odds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [np.int64, object])
def test_odds_bound_the_share_of_unlucky_primes(kind: type) -> None:
    """diag(p, q, …) with primes of 20 bits, of which there are 38,635: each divides the minor. The
    share is at most the bound, which is not many times larger."""
    primes = list(sympy.primerange(2**19, 2**19 + 200))
    for count in (1, 3, 6):
        A = np.diag(np.array(primes[:count], dtype=kind))
        share = count / 38_635
        bound = 2.0 ** _odds_log2(A, count, 20)
        assert share <= bound <= 1.3 * share + 1 / 38_635, (share, bound)


def test_odds_grow_with_the_minor_and_the_entries() -> None:
    A = np.array([[3, 1], [1, 200]], dtype=np.int64)
    assert _odds_log2(A, 1, 20) < _odds_log2(A, 2, 20) < _odds_log2(A * 1000, 2, 20)
    assert _odds_log2(A, 2, 62) < _odds_log2(A, 2, 20)
    for kind in (np.int64, object):  # a minor of 1 has no divisor: one is allowed for rounding
        unit = 2.0 ** _odds_log2(np.array([[1]], dtype=kind), 1, 20)
        assert unit == pytest.approx((1 if kind is np.int64 else 2) / 19 / 38_635, rel=1e-6)


def test_a_probable_rank_states_odds_below_the_promise() -> None:
    """Half rank beyond what is lifted: at most 2⁻¹⁰⁰; certified where asked."""
    rng = np.random.default_rng(1)
    A = rng.integers(-9, 9, (40, 20)) @ rng.integers(-9, 9, (20, 40))
    found = rational_rank(A, certify=False)
    assert (found.lower, found.status) == (20, "probabilistic")
    assert found.failure_log2 is not None and -400 < found.failure_log2 <= -100
    sure = rational_rank(A, certify=True)
    assert (sure.lower, sure.status, sure.failure_log2) == (20, "certified", None)
    assert sure.kernel is not None and len(sure.kernel) == 20
    assert all(not np.any(A.astype(object) @ np.array(k, dtype=object)) for k in sure.kernel)


@pytest.mark.parametrize("zeros", [0, 1])
def test_a_kernel_is_there_where_it_is_asked_for_or_costs_little(
    zeros: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a leading minor that is regular, and with one that is not."""
    rng = np.random.default_rng(2)
    A = rng.integers(-9, 9, (12, 5)) @ rng.integers(-9, 9, (5, 12))
    A = np.vstack([np.zeros((zeros, 12), dtype=A.dtype), A])
    for certify, status in ((False, "probabilistic"), (None, "certified"), (True, "certified")):
        found = rational_rank(A, certify=certify)
        assert (found.lower, found.status, found.kernel is None) == (5, status, certify is False)
    monkeypatch.setattr(rational, "CERTIFY_SECONDS", 0.0)
    assert rational_rank(A).status == "probabilistic"
    assert rational_rank(A, certify=True).status == "certified"


@pytest.mark.parametrize("size", [1, 100, 10**6, 2**55])
def test_products_are_exact_whatever_their_size(size: int) -> None:
    rng = random.Random(size)
    A = np.array([[rng.randint(-size, size) for _ in range(4)] for _ in range(3)])
    B = np.array([[rng.randint(-size, size) for _ in range(2)] for _ in range(4)])
    expected = A.astype(object) @ B.astype(object)
    found, largest = _product(A, B), 4 * int(abs(A).max()) * int(abs(B).max())
    assert (found.astype(object) == expected).all()
    assert (found.dtype == object) is (largest >= 2**63)  # Python's integers only where needed
    # at the edges of float64 and int64
    for edge in (2**26, 2**27, 2**31, 2**32):
        C = np.full((2, 2), edge, dtype=np.int64)
        assert (_product(C, C).astype(object) == C.astype(object) @ C.astype(object)).all()


def test_random_arrays_have_so_many_bits() -> None:
    for bits in (1, 4, 16):
        a = _random_array(random.Random(5), (60, 50), bits)
        assert a.shape == (60, 50) and a.min() >= 0 and a.max() <= 2**bits - 1
        assert abs(a.mean() / (2**bits - 1) - 0.5) < 0.05


def test_a_bordered_minor_sees_more_and_never_too_much() -> None:
    rng = np.random.default_rng(0)
    A = rng.integers(-5, 5, (12, 5)) @ rng.integers(-5, 5, (5, 14))
    for r in (2, 5):
        B, bits = _bordered(A, list(range(r)), list(range(r)), random.Random(1))
        assert fmpq_mat(*B.shape, [int(v) for v in B.ravel()]).rank() == 5
        assert bits >= 106 and B.shape[0] == B.shape[1] and B.shape[0] < 12 + 106


def test_a_bordered_minor_is_a_product() -> None:
    """(E; U) A (F, V) with unit rows E, unit columns F and random U, V of the bits said."""
    rng = np.random.default_rng(2)
    # 63 entries times two factors of `length` bits stay below 2⁶², or Python's integers take over
    for size, length in ((5, 16), (2**44, 6), (2**46, 5), (2**48, 4), (2**50, 16), (2**55, 16)):
        A = rng.integers(-size, size, (7, 9))
        rows, columns = [4, 0], [8, 3]
        B, bits = _bordered(A, rows, columns, random.Random(1))
        again = random.Random(1)
        count = -(-106 // length)
        U, V = (_random_array(again, s, length).astype(object) for s in ((count, 7), (9, count)))
        unit = np.eye(7, dtype=object)[rows], np.eye(9, dtype=object)[:, columns]
        P, Q = np.vstack([unit[0], U]), np.hstack([unit[1], V])
        assert bits == count * length >= 106
        assert (B.astype(object) == P @ A.astype(object) @ Q).all()


@pytest.mark.parametrize("whole", [False, True])
def test_how_often_all_primes_are_wrong(whole: bool) -> None:
    """As docs/ranks.md has it: 2³ attempts at most; a bordered minor misses a rank with odds
    2^(1 − b); each prime divides it with the odds of its length."""
    rng = np.random.default_rng(4)
    A = rng.integers(-9, 9, (30, 6)) @ rng.integers(-9, 9, (6, 40))
    lead = list(range(6))
    image = fmpz_mat(A) if whole else None
    found = _confirmed(A, image, lead, lead, random.Random(1))
    assert found is not None
    count, failure = found
    B, bits = _bordered(A, lead, lead, random.Random(1))
    odds = _odds_log2(A if whole else B, 7, 64)
    pivots = _odds_log2(A, 30, 62 if whole else 23)
    missed = 0.0 if whole else 2.0 ** (1 - bits)
    attempts, fresh = 3, count - 1
    assert failure == pytest.approx(attempts + math.log2(missed + 2.0 ** (pivots + fresh * odds)))
    assert failure <= -100
    assert attempts + math.log2(missed + 2.0 ** (pivots + (fresh - 1) * odds)) > -100
    small = lead[:5]
    assert _confirmed(A, image, small, small, random.Random(1)) is None


def test_large_bordered_minors_take_short_primes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond _LONG_SIZE rows a bordered minor is reduced modulo primes of 23 bits."""
    rng = np.random.default_rng(4)
    A = rng.integers(-9, 9, (30, 6)) @ rng.integers(-9, 9, (6, 40))
    monkeypatch.setattr(rational, "_LONG_SIZE", 5)
    lead = list(range(6))
    found = _confirmed(A, None, lead, lead, random.Random(1))
    B, _ = _bordered(A, lead, lead, random.Random(1))
    each = -_odds_log2(B, 7, 23)
    assert found is not None and found[0] >= 1 + (100 + _odds_log2(A, 30, 23)) / each
    assert _confirmed(A, None, lead[:5], lead[:5], random.Random(1)) is None


def test_products_of_nothing() -> None:
    for m, k, n in ((0, 3, 2), (2, 0, 3), (2, 3, 0)):
        found = _product(np.zeros((m, k), dtype=np.int64), np.zeros((k, n), dtype=np.int64))
        assert found.shape == (m, n) and not found.any()


def test_small_matrices_take_long_primes() -> None:
    found = rational_rank([[1, 2, 3], [2, 4, 6], [1, 1, 1]], kernel=True)
    assert found.witness is not None and found.witness.prime is not None
    assert found.witness.prime.bit_length() == 62 and len(found.kernel or ()) == 1


def test_entries_too_long_for_odds(monkeypatch: pytest.MonkeyPatch) -> None:
    A, image = np.array([[1, 1], [1, 1]]), fmpz_mat(np.array([[1, 1], [1, 1]]))
    monkeypatch.setattr(rational, "_odds_log2", lambda *_: -1.0)
    found = _confirmed(A, image, [0], [0], random.Random(1))
    assert found is not None and found[0] == 104  # 2³·2^(−1 − 103) and 0.02 to spare
    monkeypatch.setattr(rational, "_odds_log2", lambda *_: -0.99)
    with pytest.raises(InputError, match="too long for a probabilistic rank") as error:
        _confirmed(A, image, [0], [0], random.Random(1))
    assert error.value.key == "matrix"


def test_a_leading_minor_is_its_own_witness() -> None:
    """Half rank: the leading minor by dominance, and a random column from above."""
    rng = np.random.default_rng(1)
    A = rng.integers(-9, 9, (40, 20)) @ rng.integers(-9, 9, (20, 40))
    dominant = "a multiple of the leading minor is strictly diagonally dominant"
    found = rational_rank(A, certify=False, seed=1)
    leading = tuple(range(20))
    assert (found.lower_reason, found.witness) == (dominant, Minor(leading, leading))
    assert found.upper_reason == (
        "random combinations of all rows and columns depend on the leading minor's"
    )
    for block, side in ((A[:20, :], "20 rows"), (A[:, :20], "20 columns"), (A[:5, :5], "5 rows")):
        full = rational_rank(block)
        assert (full.status, full.lower_reason, full.upper_reason) == ("certified", dominant, side)
    given = rational_rank(A, structural_upper=(20, "two factors"))
    assert (given.status, given.upper_reason) == ("certified", "two factors")
    assert given.lower_reason == dominant
    loose = rational_rank(A, certify=False, structural_upper=(21, "two factors"))
    assert (loose.lower, loose.upper, loose.status) == (20, 20, "probabilistic")
    sure = rational_rank(A, certify=True)
    assert sure.lower_reason.startswith("a 20×20 minor is not zero modulo ")
    assert sure.upper_reason == "20 independent kernel vectors, verified over the integers"


# --- forms and fields ----------------------------------------------------------------------------


def test_specialisation_bounds_the_rank_from_above() -> None:
    """t = tanh(1) as an indeterminate: (t, t²; 1, t) has the formal rank 1, (t, 1; 1, t) 2."""
    field = Field()
    t = field.function("tanh", fmpq(1))
    one = fmpq(1)
    found = probable_upper([[t, t * t], [one, t]], 1, field)
    assert found is not None and found[0] >= 1 and -400 < found[1] <= -99.9
    assert probable_upper([[t, one], [one, t]], 1, field) is None
    assert probable_upper([[t, one], [one, t]], 2, field) is not None
    assert probable_upper([[t, t * t], [one, t]], 0, field) is None
    root = field.power(fmpq(2), Fraction(1, 2))
    assert probable_upper([[root, fmpq(2)], [one, root]], 1, field) is None


def test_null_spaces_over_a_field() -> None:
    field = Field()
    t = field.function("tanh", fmpq(1))
    rows = [[t, t * t, fmpq(0)], [fmpq(1), t, fmpq(0)]]
    basis = null_space(rows, 3, field)
    assert len(basis) == 2
    for v in basis:
        assert all(sum((a * b for a, b in zip(r, v, strict=True)), fmpq(0)) == 0 for r in rows)
    left = left_null_space(rows, 3, field)
    assert len(left) == 1
    assert all(left[0][0] * rows[0][j] + left[0][1] * rows[1][j] == 0 for j in range(3))
    assert null_space([[t, fmpq(1)], [fmpq(1), t]], 2, field) == ()
    assert len(null_space([], 2, field)) == 2


def test_separation_decides_nested_radicals() -> None:
    """√2·√3 = √6, √(3 + 2√2) = 1 + √2: rank 1; with 1 + √2 + 10⁻³⁰ it is 2."""
    field = Field()

    def root(q: object) -> object:
        return field.power(q, Fraction(1, 2))  # type: ignore[arg-type]

    nested, sum_ = root(3 + 2 * root(fmpq(2))), 1 + root(fmpq(2))  # type: ignore[operator]
    one = fmpq(1)
    low = algebraic.algebraic_rank([[nested, sum_], [one, one]], (2, 2), field)
    assert low is not None and (low.lower, low.upper, low.status) == (1, 1, "certified")
    off = algebraic.algebraic_rank([[nested, sum_ + fmpq(1, 10**30)], [one, one]], (2, 2), field)
    assert off is not None and (off.lower, off.upper) == (2, 2) and off.witness is not None
    e = field.function("exp", one)
    assert algebraic.algebraic_rank([[e]], (1, 1), field) is None
    wide = [[one] * (algebraic.MAX_ENTRIES + 1)]
    assert algebraic.algebraic_rank(wide, (1, algebraic.MAX_ENTRIES + 1), field) is None
    assert algebraic.algebraic_rank([wide[0][:-1]], (1, algebraic.MAX_ENTRIES), field) is not None


# --- results -------------------------------------------------------------------------------------


def result(low: int, high: int, status: str = "undecided", **more: object) -> RankResult:
    return RankResult(low, high, status, (4, 5), f"≥{low}", f"≤{high}", **more)  # type: ignore[arg-type]


def test_two_results_intersect() -> None:
    """Whatever two intervals of true bounds say together is their intersection, with the reasons
    and evidence of the better bound on each side."""
    every = [result(a, b) for a, b in combinations(range(5), 2)]
    every.append(result(2, 2, "certified"))
    for a in every:
        for b in every:
            low, high = max(a.lower, b.lower), min(a.upper, b.upper)
            if low > high:
                continue
            both = together(a, b)
            assert (both.lower, both.upper) == (low, high)
            assert both.status == ("certified" if low == high else "undecided")
            assert (both.lower_reason, both.upper_reason) == (f"≥{low}", f"≤{high}")


def test_the_reason_of_a_bound_that_both_have() -> None:
    """That of a decided result, else that of the second from below; from above the second's."""
    one, two = (RankResult(1, k, "undecided", (4, 5), f"below {k}", f"above {k}") for k in (3, 4))
    assert together(one, two).lower_reason == "below 4" and together(one, two).upper == 3
    assert together(two, one).lower_reason == "below 3" and together(two, one).upper == 3
    sure = RankResult(1, 1, "certified", (4, 5), "below", "above")
    assert together(sure, one).lower_reason == "below"
    assert together(sure, one).upper_reason == "above"
    twin = RankResult(0, 3, "undecided", (4, 5), "no", "twin")
    assert together(one, twin).upper_reason == "twin"
    assert together(twin, one).upper_reason == "above 3"


def test_a_probable_bound_yields_to_a_proved_one() -> None:
    probable = result(1, 2, failure_log2=-120.0)
    assert together(probable, result(0, 2)).failure_log2 is None
    assert together(result(0, 2), probable).failure_log2 is None
    met = together(probable, result(2, 4))
    assert (met.status, met.failure_log2) == ("probabilistic", -120.0)
    assert together(result(0, 3), probable).failure_log2 == -120.0
    minor = Minor((0, 1), (0, 1))
    assert together(result(2, 4, witness=minor), result(1, 3, kernel=((1,),))).witness is minor
    assert together(result(2, 4, witness=minor), result(1, 3, kernel=((1,),))).kernel == ((1,),)


def test_what_the_shape_and_the_clock_say() -> None:
    for shape, upper in (((2, 3), 2), ((3, 2), 2), ((0, 3), 0), ((1, 1), 1)):
        found = nothing_known(shape)
        assert (found.lower, found.upper) == (0, upper)
        assert found.status == ("certified" if not upper else "undecided")
    assert "2 rows" in nothing_known((2, 3)).upper_reason
    assert "2 columns" in nothing_known((3, 2)).upper_reason
    assert "2 rows" in nothing_known((2, 2)).upper_reason
    cut = cut_short(result(1, 2), "over budget")
    assert cut.upper_reason == "≤2; over budget" and cut_short(cut, "over budget") is cut
    sure = result(2, 2, "certified")
    assert cut_short(sure, "over budget") is sure


def test_how_a_result_is_shown() -> None:
    found = result(1, 3, failure_log2=-100.4)
    assert repr(found) == (
        "RankResult(rank 1..3 of 4x5, undecided (failure < 2^-100); >= 1: ≥1; <= 3: ≤3)"
    )
    assert repr(result(2, 2, "certified")) == (
        "RankResult(rank 2 of 4x5, certified; >= 2: ≥2; <= 2: ≤2)"
    )
    assert found._repr_latex_() == (
        r"$\operatorname{rank} \in \{1, \dots, 3\} \quad \text{(undecided)}$"
    )
    sure = result(2, 2, "certified", witness=Minor((0, 1), (1, 2)), kernel=((Fraction(1, 2), 1),))
    assert sure._repr_latex_() == r"$\operatorname{rank} = 2 \quad \text{(certified)}$"
    data = json.loads(json.dumps(sure.to_json()))
    assert data["kernel"] == [["1/2", "1"]] and data["shape"] == [4, 5]
    assert (data["lower"], data["upper"], data["status"]) == (2, 2, "certified")
    assert (data["lower_reason"], data["upper_reason"]) == ("≥2", "≤2")
    assert data["failure_log2"] is None and result(0, 1).to_json()["witness"] is None
    assert sure.is_certain and not found.is_certain
    assert int(sure) == 2
    with pytest.raises(UndecidedError, match="between 1 and 3: ≥1; ≤3"):
        int(found)
