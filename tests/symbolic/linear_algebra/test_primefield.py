"""Linear algebra modulo a prime, against python-flint's nmod_mat and exact integer arithmetic."""

import random

import flint
import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.linear_algebra import primefield
from hessrank.symbolic.linear_algebra.primefield import (
    echelon,
    inner_limit,
    inverse,
    matmul,
    prime_count,
    random_prime,
    reduce_in_place,
    residues,
    solve,
    solve_left,
)

PRIMES = (2, 3, 7, 101, 65537, 4194319, 8388593, 16777213, 33554393)


@st.composite
def low_rank(draw, largest=80):
    """An integer matrix of bounded rank, and a prime."""
    m, n = draw(st.integers(0, largest)), draw(st.integers(0, largest))
    rank = draw(st.integers(0, min(m, n)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    zeros = draw(st.sampled_from([0.0, 0.7]))
    left = rng.integers(-99, 100, (m, rank)) * (rng.random((m, rank)) >= zeros)
    right = rng.integers(-99, 100, (rank, n)) * (rng.random((rank, n)) >= zeros)
    return left @ right, draw(st.sampled_from(PRIMES))


def equal_mod(X, Y, p):
    return not reduce_in_place(X - Y, p).any()


@settings(max_examples=150, deadline=None)
@given(low_rank())
def test_echelon_agrees_with_flint_and_replays(case):
    integers, p = case
    A = residues(integers, p)
    found = echelon(A, p, multipliers=True)
    m, n = integers.shape
    assert found.rank == flint.nmod_mat(flint.fmpz_mat(m, n, integers.ravel().tolist()), p).rank()
    assert sorted([*found.rows, *found.others]) == list(range(m))
    minor = integers[np.ix_(found.rows, found.columns)]
    if found.rank:
        assert flint.nmod_mat(flint.fmpz_mat(minor.tolist()), p).det() != 0
    assert equal_mod(matmul(found.multipliers, A[found.rows], p), A[found.others], p)


@settings(max_examples=30, deadline=None)
@given(low_rank(largest=40))
def test_columns_are_the_rank_profile(case):
    integers, p = case
    columns = set(echelon(residues(integers, p), p).columns.tolist())
    m, n = integers.shape
    before = 0
    for j in range(n):
        first = flint.fmpz_mat(m, j + 1, integers[:, : j + 1].ravel().tolist())
        rank = flint.nmod_mat(first, p).rank()
        assert (rank > before) == (j in columns)
        before = rank


@pytest.mark.parametrize("p", PRIMES)
@pytest.mark.parametrize("shape", [(0, 3, 2), (1, 1, 1), (3, 0, 2), (5, 700, 4), (300, 40, 7)])
def test_matmul_is_exact_at_the_extremes(p, shape):
    """All residues as large as they may be, of one sign: the sums are the largest possible."""
    m, k, n = shape
    A, B = np.full((m, k), p // 2 + 1.0), np.full((k, n), -(p // 2) - 1.0)
    product = matmul(A, B, p)
    expected = -k * (p // 2 + 1) ** 2 % p
    assert all(int(x) % p == expected for x in product.ravel())
    assert np.abs(product).max(initial=0) <= p / 2 + 1


@pytest.mark.parametrize("p", PRIMES)
def test_inner_limit_keeps_sums_below_2_to_53(p):
    limit = inner_limit(p)
    assert limit * (p // 2 + 1) ** 2 + 2 * p <= 2**53


def test_too_large_a_prime_is_refused():
    with pytest.raises(InputError, match="too large"):
        inner_limit(2**61 - 1)


@pytest.mark.parametrize("size", [1, 2, 31, 33, 64, 65, 200])
def test_inverse_and_solve(size):
    p = 8388593
    rng = np.random.default_rng(size)
    A = residues(rng.integers(-(10**6), 10**6, (size, size)), p)
    B = residues(rng.integers(-(10**6), 10**6, (size, 3)), p)
    assert equal_mod(matmul(A, inverse(A, p), p), np.eye(size), p)
    assert equal_mod(matmul(A, solve(A, B, p), p), B, p)
    assert equal_mod(matmul(solve_left(A, B.T.copy(), p), A, p), B.T, p)


@pytest.mark.parametrize("size", [1, 5, 40, 90])
def test_singular_matrices_have_no_inverse(size):
    A = np.zeros((size, size))
    A[:-1] = residues(np.random.default_rng(1).integers(-9, 9, (size - 1, size)), 101)
    with pytest.raises(ZeroDivisionError):
        inverse(A, 101)


@pytest.mark.parametrize(
    "entries",
    [
        np.array([[-(2**63), 2**63 - 1]]),
        np.array([[2**64 - 1, 0]], dtype=np.uint64),
        np.array([[-128, 127]], dtype=np.int8),
        [[10**1000, -(10**1000) - 1]],
        [[flint.fmpz(3) ** 500, 2]],
    ],
)
def test_residues_of_every_kind_of_integer(entries):
    exact = [[int(x) for x in row] for row in np.asarray(entries).tolist()]
    for p in PRIMES:
        X = residues(entries, p)
        assert [[int(x) % p for x in row] for row in X.tolist()] == [
            [x % p for x in row] for row in exact
        ]
        assert np.abs(X).max() <= p / 2 + 1


def test_residues_refuse_inexact_entries():
    with pytest.raises(InputError, match="float32"):
        residues(np.zeros((1, 1), dtype=np.float32), 7)


def test_prime_counts_by_sieve_and_by_riemann():
    """Short ranges are counted by a sieve; long ones lie within sqrt(x) of Riemann's R(x)."""
    sieve = np.ones(2**25, dtype=bool)
    sieve[:2] = False
    for q in range(2, 5793):
        if sieve[q]:
            sieve[q * q :: q] = False
    for power, count in primefield.PRIMES_BELOW_POWER_OF_TWO.items():
        if power <= 25:
            assert count == np.count_nonzero(sieve[: 2**power])
        else:
            with mpmath.workdps(30):
                assert abs(mpmath.riemannr(mpmath.mpf(2) ** power) - count) < 2 ** (power // 2)
    with pytest.raises(InputError, match="no count"):
        prime_count(40)


def test_random_primes_have_the_length_and_reach_both_ends():
    drawn = [random_prime(random.Random(seed), 20) for seed in range(400)]
    assert all(2**19 < p < 2**20 and flint.fmpz(p).is_prime() for p in drawn)
    assert min(drawn) < 2**19 * 1.02 and max(drawn) > 2**20 * 0.98
    assert random_prime(random.Random(7)) == random_prime(random.Random(7))
