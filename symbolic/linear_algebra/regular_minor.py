"""A leading minor that floating point suggests and integers prove, and whether A depends on it.

In: an m x n matrix A of machine integers. Out: a `RegularMinor`, whose determinant is not 0, and
the odds at which the rank of A is its size.

Floats only guess here. What is concluded rests on sums of integers below 2^53, which float64 adds
exactly in any order, and on Python's integers. With A = [[M, B], [C, D]], M the minor of size r,
rank A = r exactly where S = D - C M^-1 B is 0; docs/ranks.md, "From above, without primes".
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hessrank.symbolic.budget import spend
from hessrank.symbolic.linear_algebra.integer_matrix import Integers
from hessrank.symbolic.linear_algebra.primefield import EXACT

#: Up to this size a floating-point inverse is the quickest guess.
SIZE = 400
_SPARE = 8  # rows and columns beyond half of a block that a guess of the rank looks at
_ZERO = 1e-10  # a diagonal entry of R so much smaller than the first is taken for 0
_RANDOM = 108  # random bits for each row and column that is combined with others
_SHORT = 4  # bits of one of them in a combination of rows: 27 combinations
_LONG = 16  # bits of one of them at most in a combination of columns, so many are tried
_ROOM = 11  # log2 of how far a solution may exceed the column of integers that it solves
_EARLY = 16  # steps between two looks at what is left
_SAFE = 1 + 1e-9  # more than all roundings of a float sum of positive numbers

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RegularMinor:
    """M = A[:size, :size], proved regular. `inverse` is about M^-1, a guess; `bound` is one on the
    row sums of |M^-1|, proved; `norm` is the largest row sum of |M|."""

    M: Floats
    norm: float
    inverse: Floats
    bound: float

    @property
    def size(self) -> int:
        """The number of rows of M."""
        return len(self.M)


def leading_minor(A: Integers) -> RegularMinor | None:
    """A leading minor as large as floating point takes the rank of A to be, if it is proved
    regular; None where none is worth a try or the proof fails.

    First half of the rows and columns, then all, then whatever floating point sees of the whole.

    >>> leading_minor(np.array([[1, 2, 3], [2, 4, 7], [3, 6, 9]])).size
    1
    """
    size = min(A.shape)
    half = size // 2 + _SPARE
    if A.dtype == object or size == 0 or min(size, half) > SIZE + _SPARE:
        return None
    if half < size:
        found = _independent(A[:half, :half])
        if found < half:
            return regular_minor(A, found)
    if size > SIZE:
        return None
    whole = regular_minor(A, size)
    if whole is not None:
        return whole
    found = _independent(A[: A.shape[1] + _SPARE, : A.shape[0] + _SPARE])
    return regular_minor(A, found) if found < size else None


def _independent(A: Integers) -> int:
    """How many leading columns floating point takes to be independent (QR)."""
    R: Any = np.linalg.qr(A.astype(np.float64), mode="r")
    pivots = np.abs(R.diagonal())
    small = np.flatnonzero(pivots <= _ZERO * pivots.max())
    return int(small[0]) if len(small) else len(pivots)


def regular_minor(A: Integers, size: int) -> RegularMinor | None:
    """The leading minor M of that size, where X M is strictly diagonally dominant for an integer
    matrix X, which proves that M is regular (Levy-Desplanques); None proves nothing.

    X is a floating-point inverse, scaled and rounded: a guess. X M is then computed exactly. With
    |p_ii| - sum of the other |p_ij| >= d > 0 in the rows of P = X M, the row sums of |P^-1| are at
    most 1/d (Varah), so those of |M^-1| = |P^-1 X| at most those of |X|, over d.

    >>> regular_minor(np.array([[2, 1], [1, 1]]), 2).size, regular_minor(np.ones((2, 2), int), 2)
    (2, None)
    """
    if not 0 < size <= SIZE or A.dtype == object:
        return None
    M = A[:size, :size].astype(np.float64)
    try:
        inverse: Any = np.linalg.inv(M)
    except np.linalg.LinAlgError:
        return None
    norm = float(np.abs(M).sum(axis=1).max())
    scale = EXACT / 4 / (norm * np.abs(inverse).sum(axis=1).max())
    X = np.rint(inverse * scale)
    rows = float(np.abs(X).sum(axis=1).max())
    if not norm * rows < EXACT:
        return None
    P = X @ M
    np.abs(P, out=P)
    margin = float((2 * P.diagonal() - P.sum(axis=1)).min())
    return RegularMinor(M, norm, inverse, rows / margin * _SAFE) if margin > 0 else None


def dependence(A: Integers, minor: RegularMinor, rng: random.Random) -> float | None:
    """log2 of the odds that rank A > minor.size although it was found to be equal; None where it
    was not found to be equal: it may be larger, or the numbers are too long.

    For random integer rows U and a random column v = sum_j 2^(w j) v_j, the numbers U S v are
    rational with the denominator det M, |det M| <= h: they are 0 if they are below 1/h. With
    T = [M; W], W = U [M; C], refinement goes on until that can be seen: x = rint(X t), X being the
    guessed inverse and t the first r entries of s, and then s -> 2^k (s - T x), exactly. The rest
    of s tends to 2^(k K) U S v.
    """
    r, (m, n) = minor.size, A.shape
    M, X = minor.M, minor.inverse
    wide = max(int(A.max()), -int(A.min()), 1)
    if wide * m >= EXACT / 2 ** (_SHORT + 1):
        return None
    F = A.astype(np.float64)
    U = _random(rng, (-(-_RANDOM // _SHORT), m), _SHORT)
    T = np.vstack([M, U @ F[:, :r]])
    norm = float(np.abs(T).sum(axis=1).max())
    k = 52 - math.ceil(math.log2(max(norm, 4 * minor.bound * minor.norm)))
    w = min(52 - (wide * n * m << _SHORT).bit_length(), k - _ROOM, _LONG)
    while w > 0:
        count = -(-_RANDOM // w)
        AV = F @ _random(rng, (n, count), w)
        Y = np.rint(X @ AV[:r])
        over = norm * _largest(Y) / (EXACT / 2)
        if over < 1:
            break
        if not math.isfinite(over):
            return None
        w -= 1 + math.ceil(math.log2(over))
    else:
        return None
    start = np.vstack([AV[:r], U @ AV]) - T @ Y

    # |det M| <= h by Hadamard and the inequality of the means; |W M^-1 t| <= weight max |t|
    hadamard = r * math.log2(max(float(np.vdot(M, M)) / r, 1.0)) / 2 * _SAFE + 1
    weight = norm * minor.bound * _SAFE
    steps = math.ceil((hadamard + math.log2(norm + weight * minor.norm) + 2) / k) + 1
    # A row of `states` is (s, x), at first s = [A v_0] - T y, v_0 counting the most; the next s is
    # 2^w or 2^k (s - T x), one product.
    height = len(T)
    states = np.zeros((count + steps, height + r))
    move = np.zeros((height, height + r))
    for first, end, shift in ((0, count - 1, w), (count - 1, count + steps - 1, k)):
        move.flat[:: height + r + 1] = 2.0**shift
        np.multiply(T, -(2.0**shift), out=move[:, height:])
        for i in range(first, end):
            state = states[i]
            x = state[height:]
            if i < count:
                state[:height] += start[:, i]
            X.dot(state[:r], out=x)
            np.rint(x, out=x)
            move.dot(state, out=states[i + 1, :height])
            if not i % _EARLY:
                spend()
                if not _largest(state[:height]) < EXACT / 2:
                    return None
    s, digits = states[:, :height], states[:, height:]
    if not (_largest(s) < EXACT / 2 and norm * _largest(digits) < EXACT / 2):
        return None
    left = _largest(s[-1, r:]) + weight * _largest(s[-1, :r])
    if not math.log2(left + 1) * _SAFE + hadamard < k * steps:
        return None
    return 1.0 + math.log2(1 + _LONG) - _RANDOM  # each draw of V may be wrong, and U


def _random(rng: random.Random, shape: tuple[int, int], bits: int) -> Floats:
    """Independent integers, uniform among the 2^bits around 0, at most 16 bits."""
    kind = np.dtype("u1" if bits <= 8 else "<u2")
    drawn = np.frombuffer(rng.randbytes(shape[0] * shape[1] * kind.itemsize), dtype=kind)
    centred = (drawn >> (8 * kind.itemsize - bits)).astype(np.float64)
    centred -= 2.0 ** (bits - 1)
    return centred.reshape(shape)


def _largest(X: Floats) -> float:
    """The largest |entry|; nan where there is one."""
    return float(np.abs(X).max())
