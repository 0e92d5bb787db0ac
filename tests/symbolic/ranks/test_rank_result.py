"""Exact rational ranks against python-flint, SymPy's DomainMatrix, NumPy and theorems."""

import random
from fractions import Fraction
from itertools import combinations
from math import prod

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import QQ
from sympy.polys.matrices import DomainMatrix

from hessrank.symbolic.errors import InputError, UndecidedError
from hessrank.symbolic.linear_algebra.integer_matrix import exact_rows, fmpz_mat, integer_matrix
from hessrank.symbolic.linear_algebra.lifting import integer_kernel
from hessrank.symbolic.linear_algebra.minor import Minor
from hessrank.symbolic.linear_algebra.primefield import BITS
from hessrank.symbolic.ranks import rational_rank as rational
from hessrank.symbolic.ranks.rank_result import RankResult
from hessrank.symbolic.ranks.rational_rank import rational_rank

MODES = (True, False, None)


def check(matrix, expected, **options):
    """One strong check of a result: bounds, status, witness and kernel all hold exactly."""
    result = rational_rank(matrix, **options)
    assert (result.lower, result.upper) == (expected, expected), result
    assert int(result) == expected and result.decided
    if result.status == "probabilistic":
        assert options.get("certify") is not True
        assert result.failure_log2 <= -100
    else:
        assert result.status == "certified"
    A = integer_matrix(matrix)
    assert result.shape == A.shape
    witness = result.witness
    assert witness.size == expected
    if expected:
        det = int(flint.fmpz_mat(A[np.ix_(witness.rows, witness.columns)].tolist()).det())
        assert (det if witness.prime is None else det % witness.prime) != 0
    if result.kernel is not None:
        kernel = np.array(result.kernel, dtype=object).reshape(-1, A.shape[1])
        assert len(kernel) == A.shape[1] - expected
        assert not (A.astype(object) @ kernel.T).any()
        if len(kernel):
            assert flint.fmpz_mat(kernel.tolist()).rank() == len(kernel)
    return result


@st.composite
def products(draw, largest=60):
    """Integer matrices of low rank, sparse or dense, with short or very long entries."""
    m, n = draw(st.integers(0, largest)), draw(st.integers(0, largest))
    rank = draw(st.integers(0, min(m, n)))
    size = draw(st.sampled_from([1, 9, 99, 10**4]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    sparse = rng.random((m, rank)) < draw(st.sampled_from([0.1, 1.0]))
    A = (rng.integers(-size, size + 1, (m, rank)) * sparse) @ rng.integers(
        -size, size + 1, (rank, n)
    )
    if draw(st.integers(0, 4)) == 0:
        A = A.astype(object) * np.array([7 ** int(k) for k in rng.integers(0, 900, n)], object)
    return A


@settings(max_examples=120, deadline=None)
@given(products(), st.sampled_from(MODES))
def test_agrees_with_flint(A, certify):
    m, n = A.shape
    check(A, flint.fmpz_mat(m, n, A.ravel().tolist()).rank(), certify=certify)


fractions = st.builds(Fraction, st.integers(-6, 6), st.integers(1, 6))


@settings(max_examples=120, deadline=None)
@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(st.lists(fractions, min_size=n, max_size=n), min_size=1, max_size=5)
    ),
    st.sampled_from(MODES),
)
def test_agrees_with_domain_matrix_on_fractions(rows, certify):
    field = DomainMatrix([[QQ(x.numerator, x.denominator) for x in row] for row in rows],
                         (len(rows), len(rows[0])), QQ)  # fmt: skip
    rank = field.rank()
    check(rows, rank, certify=certify)
    as_flint = [[flint.fmpq(x.numerator, x.denominator) for x in row] for row in rows]
    check(flint.fmpq_mat(as_flint), rank, certify=certify)
    check(as_flint, rank)
    check(np.array(rows, dtype=object), rank)


@pytest.mark.parametrize("shape", [(30, 30), (80, 20), (20, 80), (300, 300), (600, 40)])
@pytest.mark.parametrize("share", [0, 2, 1])
def test_agrees_with_svd_on_well_conditioned_matrices(shape, share):
    """Products of random factors have a wide gap, where NumPy's default tolerance is right."""
    rng = np.random.default_rng(sum(shape) + share)
    rank = min(shape) // share if share else 0
    A = rng.integers(-99, 100, (shape[0], rank)) @ rng.integers(-99, 100, (rank, shape[1]))
    check(A, int(np.linalg.matrix_rank(A)), certify=False)


@pytest.mark.parametrize("certify", MODES)
@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0), (0, 50), (50, 0)])
def test_empty(shape, certify):
    result = check(np.zeros(shape, dtype=np.int64), 0, certify=certify)
    assert result.status == "certified"
    check(flint.fmpz_mat(*shape), 0, certify=certify)


@pytest.mark.parametrize("entry", [0, 1, -3, Fraction(-5, 7), 10**3000, flint.fmpq(1, 3)])
def test_one_by_one(entry):
    assert check([[entry]], int(entry != 0)).status == "certified"


@pytest.mark.parametrize("rows", [[], [[], []]])
def test_empty_lists(rows):
    check(rows, 0)


# --- families whose rank is a theorem ---------------------------------------------------------


@pytest.mark.parametrize("n", [3, 12, 40])
def test_hilbert_matrices_are_regular(n):
    """det > 0 for every n (Cauchy 1841); float64 gives rank 13 or so from n = 14 on."""
    H = [[Fraction(1, i + j + 1) for j in range(n)] for i in range(n)]
    check(H, n)
    if n >= 20:
        floats = np.array([[float(x) for x in row] for row in H])
        assert np.linalg.matrix_rank(floats) < n


@pytest.mark.parametrize("certify", MODES)
@pytest.mark.parametrize("nodes", [(0, 1, 2, 3, 4), (1, 1, 2, 5, 5, 5, -7), tuple([3] * 6)])
def test_vandermonde_rank_is_the_number_of_distinct_nodes(nodes, certify):
    """A polynomial of degree < k vanishes at fewer than k points."""
    V = [[Fraction(x, 3) ** k for k in range(len(nodes))] for x in nodes]
    check(V, len(set(nodes)), certify=certify)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 25), st.data())
def test_incidence_matrices_and_laplacians(n, data):
    """Rank = vertices - components, for the oriented incidence matrix and for Kirchhoff's
    Laplacian (Biggs, Algebraic Graph Theory, propositions 4.3 and 6.2)."""
    edges = data.draw(st.lists(st.sampled_from(list(combinations(range(n), 2))), max_size=30))
    component = list(range(n))
    for u, v in edges:
        old, new = component[u], component[v]
        component = [new if c == old else c for c in component]
    rank = n - len(set(component))
    B = np.zeros((n, len(edges)), dtype=np.int64)
    for k, (u, v) in enumerate(edges):
        B[u, k], B[v, k] = 1, -1
    check(B, rank, certify=True)
    check(B @ B.T, rank, certify=False)


@pytest.mark.parametrize("certify", MODES)
def test_isotropic_vectors_do_not_lower_the_rank_of_a_gram_matrix(certify):
    """JᵀJ has the rank of J over Q. Modulo a prime p = 1 mod 4 it may not: (1, i) is isotropic."""
    p = 8388593
    i = next(pow(a, (p - 1) // 4, p) for a in range(2, p) if pow(a, (p - 1) // 2, p) == p - 1)
    assert (1 + i * i) % p == 0
    J = np.array([[1], [i]])
    check(J.T @ J, 1, certify=certify)


@pytest.mark.parametrize("certify", MODES)
def test_entries_of_a_thousand_digits(certify):
    rng = random.Random(3)
    left = [[rng.randrange(10**1000) for _ in range(2)] for _ in range(6)]
    right = [[rng.randrange(10**1000) for _ in range(5)] for _ in range(2)]
    A = [[sum(x * y for x, y in zip(row, col, strict=True)) for col in zip(*right, strict=True)]
         for row in left]  # fmt: skip
    check(A, 2, certify=certify)


# --- disagreement, odds and bounds -------------------------------------------------------------


@pytest.mark.parametrize("certify", MODES)
def test_unlucky_primes_are_overruled(monkeypatch, certify):
    """The first primes divide the last invariant factor: each alone would give rank 2."""
    unlucky = [8388593, 8388587, 8388581]
    A = [[1, 0, 0], [0, 1, 0], [0, 0, prod(unlucky)], [0, 0, 0]]
    genuine, first = rational.random_prime, iter(unlucky)

    def drawn(rng, bits):
        return next(first, None) or genuine(rng, bits) if bits == BITS else genuine(rng, bits)

    monkeypatch.setattr(rational, "_LONG_ENTRIES", 0)
    monkeypatch.setattr(rational, "random_prime", drawn)
    check([[*row, 0] for row in A], 3, certify=certify)


def test_every_short_prime_may_be_unlucky(monkeypatch):
    """When short primes keep failing, long ones find the pivots."""
    genuine = rational.random_prime
    monkeypatch.setattr(rational, "_LONG_ENTRIES", 0)
    monkeypatch.setattr(
        rational, "random_prime", lambda rng, bits: 8388593 if bits == BITS else genuine(rng, bits)
    )
    A = [[5, 1, 0, 0], [5, 1, 8388593, 0], [0, 0, 0, 0]]
    assert check(A, 2, certify=False).witness.prime.bit_length() == rational.LONG_BITS


def test_a_larger_matrix_uses_short_primes(monkeypatch):
    monkeypatch.setattr(rational, "_LONG_SIZE", 10)
    rng = np.random.default_rng(5)
    A = rng.integers(-9, 10, (70, 30)) @ rng.integers(-9, 10, (30, 60))
    assert check(A, 30, certify=False).failure_log2 <= -100


def test_the_bordered_matrix_sees_a_larger_rank():
    """From a minor that is too small, the confirming primes must object."""
    rng = np.random.default_rng(6)
    A = rng.integers(-9, 10, (30, 12)) @ rng.integers(-9, 10, (12, 25))
    rows, columns = list(range(11)), list(range(11))
    assert flint.fmpz_mat(A[:11, :11].tolist()).det() != 0
    assert rational._confirmed(A, None, rows, columns, random.Random(0)) is None
    assert rational._confirmed(A, fmpz_mat(A), rows, columns, random.Random(0)) is None
    assert integer_kernel(A, rows, columns, random.Random(0)) is None


def test_a_lifted_kernel_refuses_a_minor_that_is_too_small():
    rng = np.random.default_rng(7)
    A = rng.integers(-9, 10, (90, 60)) @ rng.integers(-9, 10, (60, 80))
    assert integer_kernel(A, list(range(59)), list(range(59)), random.Random(0)) is None


@pytest.mark.parametrize("bits", [1, 12, 20, 26, 40])
def test_lifted_kernels_for_short_and_long_entries(bits):
    """Up to 26 bits or so the lifting is floating point; beyond it python-flint takes over. The
    columns have different denominators."""
    rng = np.random.default_rng(bits)
    S = rng.integers(-(2**bits), 2**bits, (50, 50))
    A = np.hstack([S, S @ np.diag(rng.integers(1, 4, 50)), S[:, :10] // 3])
    check(A, int(flint.fmpz_mat(A.tolist()).rank()), kernel=True)
    check(A[:, ::-1], 50, kernel=True)


def test_kernel_on_request_of_a_wide_matrix():
    result = check([[1, 2, 3], [0, 1, 1]], 2, kernel=True)
    assert result.kernel == ((-1, -1, 1),)


def test_structural_upper_bound_certifies_at_no_cost():
    rng = np.random.default_rng(8)
    A = rng.integers(-99, 100, (200, 30)) @ rng.integers(-99, 100, (30, 200))
    result = check(A, 30, certify=False, structural_upper=(30, "a product through 30 columns"))
    assert result.status == "certified" and result.upper_reason == "a product through 30 columns"


def test_a_false_structural_bound_is_an_error():
    with pytest.raises(InputError, match="at most 1 was claimed"):
        rational_rank([[1, 2], [3, 4]], structural_upper=(1, "wishful thinking"))


def test_seed_reproduces():
    A = np.random.default_rng(9).integers(-9, 10, (40, 4)) @ np.ones((4, 40), dtype=np.int64)
    assert rational_rank(A, seed=5) == rational_rank(A, seed=5)
    witness = rational_rank(A, certify=False).witness
    minor = A[np.ix_(witness.rows, witness.columns)]
    assert witness.size == 1 and flint.fmpz_mat(minor.tolist()).det() != 0


# --- bad input ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[0.5]], "not an exact rational"),
        ([[float("nan")]], "not an exact rational"),
        ([["1"]], "not an exact rational"),
        ([[1, 2], [3]], "row 1 has 1 entries, row 0 has 2"),
        ([1, 2], "list of rows"),
        (5, "list of rows"),
        (np.zeros((2, 2)), "float64"),
        (np.zeros(3, dtype=int), "two dimensions"),
        (np.array([[None]]), "not an exact rational"),
    ],
)
def test_bad_input(matrix, message):
    with pytest.raises(InputError, match=message):
        rational_rank(matrix)


def test_beyond_memory_is_refused_with_the_size():
    """A view that repeats one byte: nothing is allocated before the refusal."""
    huge = np.broadcast_to(np.int8(1), (10**6, 10**6))
    with pytest.raises(InputError, match=r"needs 48000\.0 GB"):
        rational_rank(huge)


def test_exact_rows():
    assert exact_rows(flint.fmpq_mat([[flint.fmpq(1, 2)]])) == [[Fraction(1, 2)]]


# --- RankResult ---------------------------------------------------------------------------------


def test_undecided_has_no_int():
    bounds = RankResult(1, 3, "undecided", (3, 3), "a minor", "3 rows")
    assert not bounds.decided
    with pytest.raises(UndecidedError, match="between 1 and 3: a minor; 3 rows"):
        int(bounds)


@pytest.mark.parametrize(
    "fields",
    [
        (2, 1, "undecided", (3, 3)),
        (-1, 1, "undecided", (3, 3)),
        (3, 3, "certified", (2, 4)),
        (1, 2, "certified", (3, 3)),
        (2, 2, "undecided", (3, 3)),
        (2, 2, "probabilistic", (3, 3)),
        (2, 2, "sure", (3, 3)),
    ],
)
def test_contradictory_results_cannot_be_made(fields):
    with pytest.raises(ValueError):
        RankResult(*fields, "below", "above")


def test_a_minor_is_square():
    with pytest.raises(ValueError):
        Minor((1, 2), (1,))


def test_json():
    record = rational_rank([[1, 2], [2, 4]], seed=1).to_json()
    assert (record["lower"], record["upper"], record["status"]) == (1, 1, "certified")
    assert record["kernel"] == [["-2", "1"]] and record["witness"]["rows"] == [0]
