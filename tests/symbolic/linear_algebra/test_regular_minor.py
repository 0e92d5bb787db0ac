"""A regular leading minor, and whether the rest of a matrix depends on it: floats guess, integers
decide. Ranks are known by construction or are python-flint's."""

from __future__ import annotations

import random
import warnings
from dataclasses import replace
from fractions import Fraction

import flint
import numpy as np
import pytest

from hessrank.symbolic.linear_algebra import regular_minor as rm
from hessrank.symbolic.linear_algebra.regular_minor import (
    RegularMinor,
    dependence,
    leading_minor,
    regular_minor,
)
from hessrank.symbolic.ranks.rational_rank import rational_rank


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def of_rank(rng: np.random.Generator, m: int, n: int, r: int, size: int) -> np.ndarray:
    return rng.integers(-size, size + 1, (m, r)) @ rng.integers(-size, size + 1, (r, n))


def test_diagonal_dominance_proves_and_never_errs() -> None:
    rng = np.random.default_rng(3)
    regular = rng.integers(-99, 99, (20, 20))
    found = regular_minor(regular, 20)
    assert found is not None and found.size == 20
    singular = regular.copy()
    singular[7] = singular[3] + singular[4]
    assert regular_minor(singular, 20) is None
    assert regular_minor(singular, 7) is not None
    assert regular_minor(regular.astype(object), 20) is None
    assert regular_minor(regular, 0) is None


@pytest.mark.parametrize("size", [1, 2, 7, 15])
def test_row_sums_of_the_inverse_are_bounded(size: int) -> None:
    rng = np.random.default_rng(size)
    for largest in (1, 9, 10**6):
        for _ in range(10):
            A = rng.integers(-largest, largest + 1, (size, size))
            found = regular_minor(A, size)
            exact = flint.fmpq_mat(size, size, A.ravel().tolist())
            if found is None:
                continue
            assert exact.det() != 0
            rows = exact.inv().tolist()
            sums = [sum(abs(Fraction(int(q.p), int(q.q))) for q in row) for row in rows]
            assert max(sums) <= Fraction(found.bound) <= 2 * max(sums)
            assert found.norm == np.abs(A).sum(axis=1).max()


SHAPES = [
    (1, 4, 1),
    (9, 5, 2),
    (20, 20, 10),
    (60, 16, 8),
    (16, 60, 15),
    (40, 40, 39),
    (150, 90, 70),
]


@pytest.mark.parametrize("size", [1, 9, 99, 10**4])
@pytest.mark.parametrize(("m", "n", "r"), SHAPES)
def test_dependence_is_found_where_it_is(m: int, n: int, r: int, size: int) -> None:
    rng = np.random.default_rng(m + size)
    A = of_rank(rng, m, n, r, size)
    found = regular_minor(A, r)
    if found is None:  # factors of zeros and ones may be singular, long entries out of reach
        assert size == 1 or (size == 10**4 and r == 70)
        return
    odds = dependence(A, found, random.Random(0))
    assert odds is not None and odds <= -100


@pytest.mark.parametrize("size", [1, 9, 99, 10**4])
@pytest.mark.parametrize(("m", "n", "r"), SHAPES)
def test_a_larger_rank_is_never_missed(m: int, n: int, r: int, size: int) -> None:
    """One entry outside the minor changed by 1, and one row and column added to the product."""
    rng = np.random.default_rng(m + size)
    A = of_rank(rng, m, n, r, size)
    cases = [A + of_rank(rng, m, n, 1, 1)]
    if r < min(m, n):
        near = A.copy()
        near[-1, -1] += 1
        cases.append(near)
    for B in cases:
        found = regular_minor(B, r)
        exact = flint.fmpz_mat(m, n, B.ravel().tolist()).rank()
        if found is None or exact <= r:
            continue
        assert exact == r + 1
        for seed in range(3):
            assert dependence(B, found, random.Random(seed)) is None


@pytest.mark.parametrize("seed", range(6))
def test_a_complement_far_below_one_is_seen(seed: int) -> None:
    """The last entry is the integer next to what dependence asks for: |S| < 1, but not 0."""
    rng = np.random.default_rng(seed)
    r = 6 + seed
    M = rng.integers(-99, 100, (r, r))
    b, c = rng.integers(-99, 100, r), rng.integers(-99, 100, r)
    exact = flint.fmpq_mat(r, r, M.ravel().tolist())
    wanted = flint.fmpq_mat(1, r, c.tolist()) * exact.inv() * flint.fmpq_mat(r, 1, b.tolist())
    q = Fraction(int(wanted[0, 0].p), int(wanted[0, 0].q))
    A = np.block([[M, b[:, None]], [c[None], np.array([[round(q)]])]])
    found = regular_minor(A, r)
    assert found is not None and q != round(q)
    assert dependence(A, found, random.Random(seed)) is None


def test_a_complement_of_one_over_the_determinant_is_seen() -> None:
    """M = I with one prime p at its end, S = 1/p: the least that is not 0."""
    for p in (2, 101, 65537, 1048573):
        A = np.array([[1, 0, 5], [0, p, 1], [3, p - 1, 16]])  # 16 - 15 - (p - 1)/p = 1/p
        found = regular_minor(A, 2)
        assert found is not None and flint.fmpz_mat(A.tolist()).det() == 1
        assert dependence(A, found, random.Random(1)) is None
        A[2] = A[0] * 3 + A[1]
        assert dependence(A, found, random.Random(1)) is not None


@pytest.mark.parametrize("wrong", ["zero", "nan", "infinite", "half", "random", "transposed"])
def test_whatever_is_guessed_nothing_wrong_is_concluded(wrong: str) -> None:
    rng = np.random.default_rng(8)
    A = of_rank(rng, 30, 30, 15, 9)
    B = A + of_rank(rng, 30, 30, 1, 1)
    minors = regular_minor(A, 15), regular_minor(B, 15)
    for C, found, exact in zip((A, B), minors, (15, 16), strict=True):
        assert found is not None
        X = found.inverse
        guesses = {
            "zero": X * 0,
            "nan": X * np.nan,
            "infinite": np.full_like(X, 1e305),
            "half": X / 2,
            "random": rng.normal(size=X.shape),
            "transposed": X.T.copy(),
        }
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            odds = dependence(C, replace(found, inverse=guesses[wrong]), random.Random(0))
        assert odds is None or exact == 15


def test_long_entries_are_left_to_others() -> None:
    A = np.array([[2**50, 1, 1], [1, 2**50, 1], [1, 1, 1]])
    found = RegularMinor(A[:2, :2].astype(float), 2.0**50 + 1, np.eye(2) / 2**50, 2.0**-49)
    assert dependence(A, found, random.Random(0)) is None


@pytest.mark.parametrize("bits", [1, 4, 8, 9, 16])
def test_random_integers_are_uniform_around_zero(bits: int) -> None:
    drawn = rm._random(random.Random(bits), (300, 300), bits)
    half = 2 ** (bits - 1)
    assert drawn.min() >= -half and drawn.max() <= half - 1
    assert (drawn == np.rint(drawn)).all()
    assert abs(drawn.mean() + 0.5) < 0.02 * 2**bits
    assert abs(np.abs(drawn + 0.5).mean() / (2**bits / 4) - 1) < 0.02 or bits == 1
    if bits <= 8:
        values, counts = np.unique(drawn, return_counts=True)
        assert len(values) == 2**bits and counts.min() > 0.7 * 300 * 300 / 2**bits


@pytest.mark.parametrize(("m", "n", "r"), [(40, 40, 20), (60, 20, 10), (20, 60, 20), (30, 30, 27)])
def test_a_leading_minor_as_large_as_the_rank(m: int, n: int, r: int) -> None:
    A = of_rank(np.random.default_rng(r), m, n, r, 99)
    found = leading_minor(A)
    assert found is not None and found.size == r
    assert leading_minor(A.astype(object)) is None
    assert leading_minor(np.zeros((3, 3), dtype=int)) is None
    rank = rational_rank(A, certify=False)
    assert int(rank) == r and rank.witness is not None and rank.witness.prime is None
    assert rank.is_certain == (r == min(m, n))
    assert int(rational_rank(A, certify=True)) == r


def test_the_same_seed_gives_the_same_answer_and_a_hidden_rank_is_found() -> None:
    """The leading minor has a smaller rank than the matrix, which the whole shows."""
    rng = np.random.default_rng(4)
    A = of_rank(rng, 40, 40, 12, 9)
    A[-3:, -3:] += 7 * np.eye(3, dtype=int)
    found = leading_minor(A)
    assert found is not None and found.size == 12
    assert dependence(A, found, random.Random(0)) is None
    assert int(rational_rank(A, certify=False)) == 15
    B = of_rank(rng, 40, 40, 12, 9)
    assert rational_rank(B, certify=False, seed=3) == rational_rank(B, certify=False, seed=3)


def test_dominance_is_tried_up_to_a_size() -> None:
    assert regular_minor(np.eye(400, dtype=np.int64), 400) is not None
    assert regular_minor(np.eye(401, dtype=np.int64), 401) is None
    assert regular_minor(np.eye(401, dtype=np.int64), 400) is not None
    assert regular_minor(np.zeros((2, 2), dtype=np.int64), 1) is None
    assert regular_minor(np.full((2, 2), 2**61, dtype=np.int64), 2) is None


@pytest.mark.parametrize(
    ("A", "columns"),
    [
        (np.array([[1, 2], [2, 4]]), 1),
        (np.array([[1, 2], [2, 5]]), 2),
        (np.array([[0, 0], [0, 0]]), 0),
        (np.array([[10**12, 0], [0, 1]]), 1),  # a guess: floats take the second for 0
        (np.array([[10**9, 0], [0, 1]]), 2),
        (np.array([[1, 1, 0], [1, 1, 1]]), 1),
        (np.array([[1, 0, 5]]), 1),
        (np.array([[1], [0], [5]]), 1),
        (np.eye(500, dtype=np.int64), 500),
    ],
    ids=lambda v: str(v)[:20] if isinstance(v, int) else f"{v.shape}",
)
def test_what_floats_guess(A: np.ndarray, columns: int) -> None:
    assert rm._independent(A) == columns


@pytest.mark.parametrize(
    ("A", "size"),
    [
        (np.eye(400, dtype=np.int64), 400),
        (np.eye(401, dtype=np.int64), None),  # half of it is regular, and the whole is too large
        (np.diag([1] * 100 + [0] * 601), 100),
        (np.diag([1] * 100 + [0] * 801), None),  # half of it is too large to guess
        (np.eye(501, 60, dtype=np.int64), 60),
        (np.eye(60, 501, dtype=np.int64), 60),
        (np.zeros((0, 5), dtype=np.int64), None),
        (np.diag([1] * 30 + [0] * 6), 30),  # more than half
    ],
    ids=lambda v: str(v) if v is None or isinstance(v, int) else f"{v.shape}",
)
def test_which_leading_minor_is_tried(A: np.ndarray, size: int | None) -> None:
    found = leading_minor(A)
    assert (found and found.size) == size
