"""Exact integer kernels by p-adic lifting, proved by the lifting itself.

In: an integer matrix and the pivots (rows, columns) of a minor that is not zero.
Out: a kernel basis in integers, or None where the rank is larger than the minor.

Let S = A[rows, C] (r x r, invertible), T = A[:, C] and B = A[:, free], so that a kernel vector for
each free column is a column of X with S X = B[rows]. The digits of X in base p come one by one
(Dixon, "Exact solution of linear equations using p-adic expansions", Numer. Math. 40, 1982):

    R_0 = B,   X_i = S^-1 R_i[rows] mod p,   R_{i+1} = (R_i - T X_i) / p.

The division is exact on `rows` by construction; on the other rows it is exact at every step only if
A has rank r modulo p^k. After k steps T (sum_i X_i p^i) = B - p^k R_k. With a common denominator d,
N = d X mod p^k (centred) satisfies T N = d B mod p^k, and both sides are integers: where
2 (|T||N| + |d||B|) < p^k they are equal. That proves the kernel with no further multiplication.
"""

from __future__ import annotations

import math
import random
from typing import Any

import flint
import numpy as np

from hessrank.symbolic.budget import afford, spend
from hessrank.symbolic.linear_algebra.integer_matrix import Integers, fmpz_mat
from hessrank.symbolic.linear_algebra.primefield import (
    BITS,
    EXACT,
    Residues,
    inverse,
    matmul,
    random_prime,
    reduce_in_place,
    residues,
)

_LIMB = 16  # bits of the limbs in which digits are gathered
_SMALLEST_BITS = 16  # shorter primes than this are not worth lifting with
_ENTRIES = 1 << 15  # entries of X lifted at a time
_GATHERED = 1 << 13  # digits gathered in one product
_LIFTED_SIZE = 40  # smaller systems are quicker in python-flint
_TRIALS = 20  # primes tried before a determinant is left to python-flint

Vector = tuple[int, ...]


def integer_kernel(
    A: Integers, rows: list[int], columns: list[int], rng: random.Random
) -> tuple[Vector, ...] | None:
    """A basis of {k : A k = 0}, each vector of coprime integers, or None if rank A > len(rows).

    A is m x n; A[rows, columns] (r x r) must be invertible over Q. Vector number i is positive in
    the i-th column outside `columns` and zero in the others outside, so that the n - r vectors are
    independent. That A k = 0 is proved over the integers, on all rows.

    >>> A = np.array([[1, 2, 3], [2, 4, 6]])
    >>> integer_kernel(A, [0], [0], random.Random(0))
    ((-2, 1, 0), (-3, 0, 1))
    >>> integer_kernel(np.array([[1, 2], [3, 4]]), [0], [0], random.Random(0)) is None
    True
    """
    n = A.shape[1]
    inside = set(columns)
    free = [j for j in range(n) if j not in inside]
    T, B = A[:, columns], A[:, free]
    field = _lifting_field(T, B, rows, rng) if len(rows) >= _LIFTED_SIZE and free else None
    if field is None:
        afford(_direct_seconds(A, len(rows)))
    found = _solve_directly(T, B, rows) if field is None else _solve_by_lifting(T, B, rows, *field)
    if found is None:
        return None
    return tuple(
        _vector(n, columns, [-int(x) for x in numerators], j, int(d))
        for (numerators, d), j in zip(found, free, strict=True)
    )


def kernel_seconds(A: Integers, r: int) -> float:
    """About how long `integer_kernel` takes for rank r: digits, then entries of so many bits."""
    m, n = A.shape
    if r == 0 or r == n:
        return 0.0
    length = max(int(A.max()), -int(A.min()), 1).bit_length()
    bits = r * (length + math.log2(r) / 2)
    per_digit = 1e-4 + (m + r) * r * (n - r) * 1e-10
    per_entry = 2e-6 + bits * 3e-9
    return bits / BITS * per_digit + r * (n - r) * per_entry


def _direct_seconds(A: Integers, r: int) -> float:
    """About how long one call of fmpz_mat.solve takes, as measured for 30 to 100 rows."""
    length = max(int(A.max(initial=0)), -int(A.min(initial=0)), 1).bit_length()
    return 1.4e-9 * math.sqrt(r) * float(r * (length + math.log2(max(r, 1)) / 2)) ** 2.17


Solutions = list[tuple[list[flint.fmpz], flint.fmpz]]  # (N, d) for each column b of B: T N = d b


def _vector(n: int, columns: list[int], entries: list[int], j: int, d: int) -> Vector:
    """The coprime multiple of the vector with d in place j and `entries` in `columns`."""
    shared = math.gcd(d, *entries) * (1 if d > 0 else -1)
    vector = [0] * n
    vector[j] = d // shared
    for i, x in zip(columns, entries, strict=True):
        vector[i] = x // shared
    return tuple(vector)


def _solve_directly(T: Integers, B: Integers, rows: list[int]) -> Solutions | None:
    """By python-flint's fmpz_mat.solve on `rows`, and a product to verify all rows."""
    if not rows or not B.shape[1]:
        return None if B.any() else [([], flint.fmpz(1))] * B.shape[1]
    solution: Any = fmpz_mat(T[rows]).solve(fmpz_mat(B[rows]))
    N, d = solution.numer_denom()
    if fmpz_mat(T) * N != fmpz_mat(B) * d:
        return None
    return [(column, d) for column in N.transpose().tolist()]


def _lifting_field(
    T: Integers, B: Integers, rows: list[int], rng: random.Random
) -> tuple[int, Residues] | None:
    """A random prime p and S^-1 mod p, such that float64 holds every step exactly; or None.

    |R_i| <= max(|B|, r|T|) =: size throughout, so it is enough that size (p/2 + 2) < 2^53 - 2p.
    """
    if T.dtype == object or B.dtype == object:
        return None
    size = max(int(np.abs(B).max()), len(rows) * int(np.abs(T).max()))
    bits = min(BITS, (int(EXACT) // (size + 4)).bit_length())
    if bits < _SMALLEST_BITS:
        return None
    for _ in range(_TRIALS):
        p = random_prime(rng, bits)
        if size * (p // 2 + 2) + 2 * p < EXACT:
            try:
                return p, inverse(residues(T[rows], p), p)
            except ZeroDivisionError:
                continue
    return None


def _solve_by_lifting(
    T: Integers, B: Integers, rows: list[int], p: int, inverse_of_S: Residues
) -> Solutions | None:
    """T N = d B, proved; None where some row contradicts it."""
    r, f = T.shape[1], B.shape[1]
    lift = _Lifting(T.astype(np.float64), rows, inverse_of_S, p)
    right = B.astype(np.float64)
    size_T, size_B = r * int(np.abs(T).max()), int(np.abs(B).max())
    bound = _cramer_bound(T[rows], B[rows])
    steps = (2 * bound * (size_T + size_B)).bit_length() // (p.bit_length() - 1) + 1
    modulus = flint.fmpz(p) ** steps
    half = modulus // 2
    d = flint.fmpz(1)
    solutions: Solutions = []

    def proved(numerators: list[flint.fmpz]) -> bool:
        largest = max(map(abs, numerators))
        return bool(2 * (size_T * largest + d * size_B) < modulus)

    width = max(1, _ENTRIES // r)
    for start in range(0, f, width):
        block = lift.digits(right[:, start : start + width], steps)
        if block is None:
            return None
        images = _assemble(block, p)
        for k in range(0, len(images), r):
            spend()
            numerators = [(x * d + half) % modulus - half for x in images[k : k + r]]
            if not proved(numerators):
                single = lift.digits(right[:, len(solutions), None], 2 * steps)
                if single is None:
                    return None
                d = _common_denominator(_assemble(single, p), modulus * modulus, bound, d)
                numerators = [(x * d + half) % modulus - half for x in images[k : k + r]]
                assert proved(numerators), "Cramer's bound is broken"
            solutions.append((numerators, d))
    return solutions


class _Lifting:
    """The digits of X with T X = B, for one T, p and S^-1 mod p."""

    def __init__(self, T: Residues, rows: list[int], inverse_of_S: Residues, p: int) -> None:
        self.T, self.rows, self.inverse_of_S, self.p = T, rows, inverse_of_S, p

    def digits(self, B: Residues, steps: int) -> list[Residues] | None:
        """X_0, X_1, ... (r x columns of B), or None where a row of T X = B has none mod p^k."""
        R = B.copy()
        digits = []
        for _ in range(steps):
            spend()
            X = matmul(self.inverse_of_S, reduce_in_place(R[self.rows], self.p), self.p)
            R -= self.T @ X
            quotient = np.rint(R / self.p)
            if np.any(quotient * self.p != R):
                return None
            R = quotient
            digits.append(X)
        return digits


def _cramer_bound(S: Integers, B: Integers) -> int:
    """A bound on |det S| and on every |det S . (S^-1 B)_ij|: Hadamard's, with room for rounding."""
    norms = np.log2(np.linalg.norm(S.astype(np.float64), axis=0))
    largest = np.log2(1 + np.linalg.norm(B.astype(np.float64), axis=0).max())
    return 1 << (math.ceil(float(norms.sum() + largest) * (1 + 1e-9)) + 1)


def _assemble(digits: list[Residues], p: int) -> list[flint.fmpz]:
    """sum_i X_i p^i for every entry, in column-major order.

    The powers of p are written in 16-bit limbs, so that one product gathers the limbs of all sums
    (below 2^53 for up to 2^13 digits); then the carries are passed on, and a limb more than the
    sum needs holds the sign.
    """
    steps = len(digits)
    if steps > _GATHERED:
        low, high = _assemble(digits[:_GATHERED], p), _assemble(digits[_GATHERED:], p)
        shift = flint.fmpz(p) ** _GATHERED
        return [x + shift * y for x, y in zip(low, high, strict=True)]
    width = ((p.bit_length() * steps) // _LIMB + 4) * _LIMB // 8
    powers = b"".join((p**i).to_bytes(width, "little") for i in range(steps))
    P = np.frombuffer(powers, dtype="<u2").reshape(steps, -1).astype(np.float64)
    X = np.array([x.T.ravel() for x in digits])
    sums = (P.T @ X).astype(np.int64)
    limbs = np.empty(sums.shape, dtype="<u2")
    carry = np.zeros(sums.shape[1], dtype=np.int64)
    for k, row in enumerate(sums):
        row += carry
        limbs[k] = row & 0xFFFF
        carry = row >> _LIMB
    buffer = np.ascontiguousarray(limbs.T).tobytes()
    return [
        flint.fmpz(int.from_bytes(buffer[k : k + width], "little", signed=True))
        for k in range(0, len(buffer), width)
    ]


def _common_denominator(
    images: list[flint.fmpz], modulus: flint.fmpz, bound: int, d: flint.fmpz
) -> flint.fmpz:
    """The least multiple of d that makes every d * image mod modulus at most `bound`."""
    half = modulus // 2
    for image in images:
        x = (image * d + half) % modulus - half
        if abs(x) > bound:
            d *= _denominator(x, modulus, bound)
    return d


def _denominator(x: flint.fmpz, modulus: flint.fmpz, bound: int) -> flint.fmpz:
    """The least d with |d x mod modulus| <= bound: Wang's half-extended Euclidean algorithm."""
    a, b = modulus, x % modulus
    u, v = flint.fmpz(0), flint.fmpz(1)
    while b > bound:
        q = a // b
        a, b = b, a - q * b
        u, v = v, u - q * v
    return abs(v)
