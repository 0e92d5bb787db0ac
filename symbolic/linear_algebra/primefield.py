"""Dense linear algebra modulo a prime, on the floating-point BLAS, without a rounding error.

In: float64 arrays that hold residues, i.e. integers x with |x| <= p/2 + 1 (centred, so that
products stay small), and the prime p. Out: arrays of the same kind, and index lists.

Why it exists: a float64 holds every integer up to 2^53 exactly, and a BLAS product of integers is
exact, in any order of summation, as long as the sum of the |products| stays below that. So a
product of residues with inner dimension K is exact when K (p/2 + 1)^2 < 2^53, and one reduction
mod p does for K terms (Dumas, Giorgi, Pernet, "Dense linear algebra over word-size prime fields:
the FFLAS and FFPACK packages", ACM TOMS 35, 2008). `inner_limit` is that K; every product here is
cut to it.

The primes are drawn uniformly, by rejection, from all primes of a given length; how many there are
is known (OEIS A007053), and the failure bounds in docs/ranks.md rest on it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import flint
import numpy as np
from numpy.typing import NDArray

from hessrank.symbolic.budget import spend
from hessrank.symbolic.errors import InputError

Residues = NDArray[np.float64]

#: The number of primes below 2^k (OEIS A007053); `prime_count` needs both ends of its range.
PRIMES_BELOW_POWER_OF_TWO = {
    19: 43390,
    20: 82025,
    21: 155611,
    22: 295947,
    23: 564163,
    24: 1077871,
    25: 2063689,
    61: 55890484045084135,
    62: 109932807585469973,
    63: 216289611853439384,
    64: 425656284035217743,
}

#: Length of the primes that this module computes with: products of 512 terms are exact.
BITS = 23
EXACT = 2.0**53
_CACHED_ROWS = 128  # reductions go through blocks of rows that stay in the cache
_BLOCK = 1 << 19  # entries of a product that are held beside the result
_TALL = 12  # a panel so many times as tall as wide is eliminated in its first rows
_PANEL = 48  # columns that are eliminated one at a time


def prime_count(bits: int) -> int:
    """How many primes have exactly `bits` binary digits, 2^(bits-1) < p < 2^bits.

    Source: OEIS A007053. InputError where the table has no entry.

    >>> prime_count(20)  # 82025 primes below 2^20, 43390 below 2^19
    38635
    """
    table = PRIMES_BELOW_POWER_OF_TWO
    if bits not in table or bits - 1 not in table:
        raise InputError(f"no count of the {bits}-bit primes is known here", key="bits")
    return table[bits] - table[bits - 1]


def random_prime(rng: random.Random, bits: int = BITS) -> int:
    """A prime drawn uniformly from all those of exactly `bits` binary digits.

    Odd numbers are drawn until one is prime: `flint.fmpz.is_prime` proves primality. `rng` is the
    caller's: `chance.generator` elsewhere, random.Random(seed) to reproduce.

    >>> p = random_prime(random.Random(1), 23)
    >>> p.bit_length(), bool(flint.fmpz(p).is_prime())
    (23, True)
    """
    while True:
        p = rng.getrandbits(bits - 1) | 1 << (bits - 1) | 1
        if flint.fmpz(p).is_prime():
            return p


def inner_limit(p: int) -> int:
    """The largest inner dimension K of a product of residues that float64 holds exactly.

    K (p/2 + 1)^2 <= 2^53 - 2p: the last term leaves room to add one more residue, and to reduce.

    >>> inner_limit(2**23 - 15)
    512
    """
    limit = int((EXACT - 2 * p) // (p / 2 + 1) ** 2)
    if limit < 1:
        raise InputError(f"the prime {p} is too large for exact products in float64", key="p")
    return limit


def reduce_in_place(X: Residues, p: int) -> Residues:
    """Replace each entry x by a residue, |x| <= p/2 + 1. Needs |x| <= 2^53 - 2p. Returns X.

    x - p rint(x/p): the computed quotient is off by less than 2^-20, the rest is exact.
    """
    if X.ndim == 2 and X.shape[0] > _CACHED_ROWS:
        for start in range(0, X.shape[0], _CACHED_ROWS):
            reduce_in_place(X[start : start + _CACHED_ROWS], p)
        return X
    quotient = X * (1.0 / p)
    np.rint(quotient, out=quotient)
    quotient *= p
    X -= quotient
    return X


def residues(entries: Any, p: int) -> Residues:
    """The residues of an array of integers (any shape), as a new float64 array.

    `entries`: a NumPy integer array, an object array or nested list of int or fmpz, or a float64
    array of integers below 2^53.

    >>> residues([[10**30, -1], [3, 8]], 7).tolist()
    [[1.0, -1.0], [3.0, 1.0]]
    """
    array = np.asarray(entries)
    if array.dtype == object or array.size == 0:
        flat = [int(x) % p for x in array.ravel()]
        X = np.array(flat, dtype=np.float64).reshape(array.shape)
    elif array.dtype == np.float64:
        X = array.copy()
    elif np.issubdtype(array.dtype, np.integer):
        small = array.itemsize <= 4 or (array.min() >= -(2**52) and array.max() <= 2**52)
        X = (array if small else array % p).astype(np.float64)
    else:
        raise InputError(f"residues of {array.dtype} entries are not defined", key="entries")
    return reduce_in_place(X, p)


def subtract_product(C: Residues, A: Residues, B: Residues, p: int) -> Residues:
    """C := C - A B mod p, in place, by blocks; C is m x n, A is m x k, B is k x n. Returns C."""
    limit = inner_limit(p)
    step = max(_CACHED_ROWS, _BLOCK // max(1, C.shape[1]))
    for row in range(0, C.shape[0], step):
        rows = slice(row, row + step)
        for start in range(0, A.shape[1], limit):
            block = slice(start, start + limit)
            C[rows] -= A[rows, block] @ B[block]
            reduce_in_place(C[rows], p)
    return C


def matmul(A: Residues, B: Residues, p: int) -> Residues:
    """A B mod p for residues of any shapes m x k and k x n.

    >>> matmul(np.array([[2.0, 3.0]]), np.array([[3.0], [3.0]]), 7).tolist()
    [[1.0]]
    """
    limit = inner_limit(p)
    C = reduce_in_place(A[:, :limit] @ B[:limit], p)
    if A.shape[1] > limit:
        np.negative(C, out=C)
        np.negative(subtract_product(C, A[:, limit:], B[limit:], p), out=C)
    return C


@dataclass(frozen=True)
class Echelon:
    """Which rows and columns of A carry its rank mod p.

    A[rows][:, columns] is invertible mod p, of size `rank`. `others` are the remaining rows, and
    A[others] = multipliers A[rows] mod p (multipliers is None unless asked for).
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    others: NDArray[np.intp]
    multipliers: Residues | None

    @property
    def rank(self) -> int:
        """The rank of A mod p."""
        return len(self.rows)


def echelon(A: Residues, p: int, multipliers: bool = False) -> Echelon:
    """Eliminate A (m x n residues) mod p; A is left as it was.

    The columns are halved until they are few. With M = A[o, J] A[I, J]^-1 for the pivots (I, J) of
    the left half and o its other rows, the right half becomes A[o] - M A[I], one product, and the
    M of both halves together is [M1 - M2 M1', M2]. `columns` is the column rank profile: column j
    is in it iff it does not depend on those before it.

    >>> e = echelon(residues([[1, 2, 3], [2, 4, 6], [0, 0, 1]], 101), 101, multipliers=True)
    >>> e.rank, e.rows.tolist(), e.columns.tolist(), e.others.tolist(), e.multipliers.tolist()
    (2, [0, 2], [0, 2], [1], [[2.0, 0.0]])
    """
    rows, columns, others, M = _eliminate(A, p, multipliers)
    return Echelon(rows, columns, others, M if multipliers else None)


_Pivots = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], Residues]


def _eliminate(A: Residues, p: int, want: bool) -> _Pivots:
    """Pivot rows I, pivot columns J, other rows o, and (if wanted) M with A[o] = M A[I]."""
    spend()
    m, n = A.shape
    if n <= _PANEL or m == 0:
        return _eliminate_panel(A, p)
    half = min(n // 2, m) if n > 2 * m else n // 2
    I1, J1, o1, M1 = _eliminate(A[:, :half], p, True)
    if len(o1) == 0:
        return I1, J1, o1, M1
    right = subtract_product(A[o1, half:], M1, A[I1, half:], p)
    I2, J2, o2, M2 = _eliminate(right, p, want)
    rows = np.concatenate([I1, o1[I2]])
    columns = np.concatenate([J1, J2 + half])
    if not want:
        return rows, columns, o1[o2], np.zeros((len(o2), 0))
    left = subtract_product(M1[o2], M2, M1[I2], p)
    return rows, columns, o1[o2], np.hstack([left, M2])


def _eliminate_panel(A: Residues, p: int) -> _Pivots:
    """The same for few columns. A tall panel is eliminated in its first rows; the rest follows."""
    m, n = A.shape
    if m <= _TALL * n:
        return _eliminate_columns(A, p)
    I, J, o, M = _eliminate_columns(A[: 2 * n], p)
    if len(I) < n:
        return _eliminate_columns(A, p)
    below = np.arange(2 * n, m)
    rest = matmul(A[2 * n :], inverse(A[I], p), p)
    return I, J, np.concatenate([o, below]), np.vstack([M, rest])


def _eliminate_columns(A: Residues, p: int) -> _Pivots:
    """One column at a time. W holds what is left of A and, in the columns that are done, M P with
    P the diagonal of the pivots, so that one scaled row serves both.

    Entries of W are reduced only when they are looked at: each step adds less than (p/2 + 1)^2,
    and at most `inner_limit` steps may go by.
    """
    W = A.copy()
    m, n = W.shape
    limit = inner_limit(p)
    rows: list[int] = []
    columns: list[int] = []
    inverses: list[int] = []
    for j in range(n):
        column = reduce_in_place(W[:, j].copy(), p)
        nonzero = column.nonzero()[0]
        if len(nonzero) == 0:
            W[:, j] = 0.0
            continue
        i = int(nonzero[0])
        inverse_of_pivot = pow(int(column[i]), -1, p)
        pivot_row = reduce_in_place(W[i].copy(), p)
        pivot_row[j] = 0.0
        pivot_row *= inverse_of_pivot  # below p^2 / 2: exact
        reduce_in_place(pivot_row, p)
        column[i] = 0.0
        W[i] = 0.0
        W -= column[:, None] * pivot_row
        W[:, j] = column
        rows.append(i)
        columns.append(j)
        inverses.append(inverse_of_pivot)
        if len(rows) == m:
            break
        if len(rows) % limit == 0:
            reduce_in_place(W, p)
    I, J = np.array(rows, dtype=np.intp), np.array(columns, dtype=np.intp)
    free = np.ones(m, dtype=bool)
    free[I] = False
    o = free.nonzero()[0]
    M = reduce_in_place(W[o][:, J], p)
    M *= reduce_in_place(np.array(inverses, dtype=np.float64), p)
    return I, J, o, reduce_in_place(M, p)


def solve_left(A: Residues, B: Residues, p: int) -> Residues:
    """X with X A = B mod p, for A (n x n) invertible and B (m x n). ZeroDivisionError if singular.

    Elimination of A stacked on B: pivots are sought from the top, so they are the rows of A.

    >>> solve_left(residues([[2, 0], [1, 1]], 7), residues([[5, 1]], 7), 7).tolist()
    [[2.0, 1.0]]
    """
    n = len(A)
    if n == 0:
        return np.zeros((len(B), 0))
    found = echelon(np.vstack([A, B]), p, multipliers=True)
    if found.rank < n or found.rows.max() >= n:
        raise ZeroDivisionError(f"the matrix is singular mod {p}")
    X = np.empty((len(B), n))
    assert found.multipliers is not None
    X[:, found.rows] = found.multipliers
    return X


def inverse(A: Residues, p: int) -> Residues:
    """The inverse of A (n x n) mod p. ZeroDivisionError if A is singular mod p.

    >>> inverse(residues([[2, 0], [1, 1]], 7), 7).tolist()
    [[-3.0, 0.0], [3.0, 1.0]]
    """
    return solve_left(A, np.eye(len(A)), p)


def solve(A: Residues, B: Residues, p: int) -> Residues:
    """X with A X = B mod p, for A (n x n) invertible and B (n x m). ZeroDivisionError if singular.

    >>> solve(residues([[2, 0], [1, 1]], 7), residues([[4], [5]], 7), 7).tolist()
    [[2.0], [3.0]]
    """
    return np.ascontiguousarray(solve_left(A.T, B.T, p).T)
