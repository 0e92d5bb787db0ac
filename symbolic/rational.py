"""The rank of a rational matrix: proved from below, and from above proved or at fixed odds.

In: a matrix of exact rational numbers (see integer_matrix). Out: a RankResult.

From below: elimination modulo a random prime names a minor that is not zero modulo that prime,
hence not zero. From above, the first of these that applies:
  - the size of the matrix, or a structural bound that the caller proved;
  - a kernel basis, lifted p-adically and verified over the integers (`certify`);
  - random primes: were the rank larger than r, some (r+1)-minor would be a nonzero integer, which
    few primes divide; docs/ranks.md bounds the odds that all those that were drawn do.
Where two primes disagree the larger rank is nearer the truth, and the search goes on from there.
"""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import replace
from typing import Any

import flint
import numpy as np

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.integer_matrix import INT64_LIMIT, Integers, fmpz_mat, integer_matrix
from hessrank.symbolic.lifting import integer_kernel, kernel_seconds
from hessrank.symbolic.primefield import (
    BITS,
    EXACT,
    echelon,
    prime_count,
    random_prime,
    residues,
)
from hessrank.symbolic.ranks import Minor, RankResult

#: A probabilistic rank is too small with probability at most 2^FAILURE_LOG2.
FAILURE_LOG2 = -100.0
#: By default the kernel is lifted where that takes less than about this many seconds.
CERTIFY_SECONDS = 0.2

LONG_BITS = 62  # primes for python-flint's word-size arithmetic
_LONG_SIZE = 1000  # up to this size two of them beat a dozen short primes
_DOMINANCE_SIZE = 250  # up to this size a floating-point inverse is the quickest guess
_PROJECTIONS = 8  # random combinations of rows, and of columns, in `_bordered` ...
_PROJECTION_BITS = 14  # ... with coefficients of so many bits


def rational_rank(
    matrix: Any,
    certify: bool | None = None,
    kernel: bool = False,
    structural_upper: tuple[int, str] | None = None,
    seed: int | None = None,
) -> RankResult:
    """Bounds on the rank of `matrix` over Q, with reasons.

    matrix
        m x n exact rationals, as `integer_matrix` takes them; m and n may be 0.
    certify
        True: prove the upper bound by a kernel where nothing else proves it, whatever it costs.
        False: never; draw random primes, with a failure probability below 2^-100.
        None: prove it where that is expected to take less than CERTIFY_SECONDS.
    kernel
        True: give a kernel basis in any case (this implies certify).
    structural_upper
        (bound, reason): an upper bound that the caller has proved otherwise.
    seed
        Reproduces the random choices. Without it they come from the operating system.

    Errors: InputError for inexact entries, ragged rows or a matrix beyond memory, and where a minor
    contradicts `structural_upper`.

    >>> rational_rank([[1, 2], [2, 4]]).status
    'certified'
    >>> rational_rank([[1, 2], [2, 4]]).kernel
    ((-2, 1),)
    >>> int(rational_rank([])), int(rational_rank([[7]]))
    (0, 1)
    """
    A = integer_matrix(matrix)
    m, n = A.shape
    rng = random.SystemRandom() if seed is None else random.Random(seed)
    upper, upper_reason = min(m, n), f"{m} rows" if m <= n else f"{n} columns"
    if structural_upper is not None and structural_upper[0] < upper:
        upper, upper_reason = structural_upper

    if upper == min(m, n) > 0 and not kernel and _dominant(A):
        reason = "a multiple of the leading minor is strictly diagonally dominant"
        witness = Minor(tuple(range(upper)), tuple(range(upper)))
        return RankResult(upper, upper, "certified", (m, n), reason, upper_reason, witness)

    for attempt in itertools.count():
        rows, columns, prime = _pivots(A, rng, LONG_BITS if attempt > 2 else BITS)
        r = len(rows)
        if r > upper:
            raise InputError(
                f"the rank is at least {r}, but at most {upper} was claimed: {upper_reason}",
                key="structural_upper",
            )
        proved = RankResult(
            r,
            upper,
            "certified" if r == upper else "undecided",
            (m, n),
            f"a {r}x{r} minor is not zero modulo {prime}" if r else "no rank is negative",
            upper_reason,
            Minor(tuple(rows), tuple(columns), prime),
        )
        if r == upper and not kernel:
            return proved
        if kernel or certify or (certify is None and kernel_seconds(A, r) < CERTIFY_SECONDS):
            basis = integer_kernel(A, rows, columns, rng)
            if basis is not None:
                reason = f"{n - r} independent kernel vectors, verified over the integers"
                return replace(
                    proved, upper=r, status="certified", upper_reason=reason, kernel=basis
                )
        else:
            primes = _confirming_primes(A, rows, columns, rng)
            if primes is not None:
                number, failure = primes
                reason = f"no larger minor is nonzero modulo {number} random primes"
                return replace(
                    proved,
                    upper=r,
                    status="probabilistic",
                    upper_reason=reason,
                    failure_log2=failure,
                )
    raise AssertionError("unreachable")


def _dominant(A: Integers) -> bool:
    """Whether X A' is strictly diagonally dominant for some integer matrix X, which proves that the
    leading minor A' is not zero (Levy-Desplanques). Only a quick attempt: False proves nothing.

    X is a floating-point inverse, scaled and rounded: a guess. X A' is then computed exactly: all
    partial sums are integers below 2^53.
    """
    size = min(A.shape)
    if size > _DOMINANCE_SIZE or A.dtype == object:
        return False
    leading = A[:size, :size].astype(np.float64)
    try:
        guess = np.linalg.inv(leading)
    except np.linalg.LinAlgError:
        return False
    norm = np.abs(leading).sum(axis=1).max()
    scale = EXACT / 4 / (norm * np.abs(guess).sum(axis=1).max())
    X = np.rint(guess * scale)
    if not norm * np.abs(X).sum(axis=1).max() < EXACT:
        return False
    product = X @ leading
    np.abs(product, out=product)
    return bool((2 * product.diagonal() > product.sum(axis=1)).all())


def _pivots(A: Integers, rng: random.Random, bits: int) -> tuple[list[int], list[int], int]:
    """Rows, columns and a random prime modulo which A[rows, columns] is a largest nonzero minor."""
    prime = random_prime(rng, bits)
    if bits == BITS:
        found = echelon(residues(A, prime), prime)
        return found.rows.tolist(), found.columns.tolist(), prime
    M = flint.nmod_mat(fmpz_mat(A), prime)
    columns = _leading_columns(M)
    inside = flint.nmod_mat(fmpz_mat(A[:, columns]), prime)
    return _leading_columns(inside.transpose()), columns, prime


def _leading_columns(M: flint.nmod_mat) -> list[int]:
    """The column rank profile of M, read off its reduced row echelon form."""
    reduced, rank = M.rref()
    columns: list[int] = []
    for i in range(rank):
        j = columns[-1] + 1 if columns else 0
        while not reduced[i, j]:
            j += 1
        columns.append(j)
    return columns


def _confirming_primes(
    A: Integers, rows: list[int], columns: list[int], rng: random.Random
) -> tuple[int, float] | None:
    """How many fresh primes saw no rank above r = len(rows), and log2 of the odds that all of them
    are wrong (docs/ranks.md); None if one of them saw more.
    """
    r = len(rows)
    bordered = _bordered(A, rows, columns, rng)
    hadamard = _hadamard_log2(bordered, r + 1)
    long = bordered.dtype == object or len(bordered) <= _LONG_SIZE
    bits = LONG_BITS if long else BITS
    odds = math.log2(max(hadamard, 1.0) / (bits - 1) / prime_count(bits))
    if odds > -1:
        raise InputError("the entries are too long for a probabilistic rank", key="matrix")
    number = math.ceil((FAILURE_LOG2 - 0.01) / odds)
    integers = fmpz_mat(bordered) if long else None
    for _ in range(number):
        q = random_prime(rng, bits)
        if long:
            seen = flint.nmod_mat(integers, q).rank()
        else:
            seen = echelon(residues(bordered, q), q).rank
        if seen > r:
            return None
    projections = 1 - _PROJECTIONS * _PROJECTION_BITS
    return number, math.log2(2.0**projections + 2.0 ** (number * odds))


def _bordered(A: Integers, rows: list[int], columns: list[int], rng: random.Random) -> Integers:
    """The minor A[rows, columns] bordered by random combinations of all rows and all columns of A.

    [[A[rows, columns], (A V)[rows]], [(U A)[:, columns], U A V]]: its rank is at most that of A,
    and larger than the minor's if that of A is, but for odds below 2^(1 - bits . projections).
    """
    m, n = A.shape
    U = _random_array(rng, _PROJECTIONS, m)
    V = _random_array(rng, n, _PROJECTIONS)
    AV = _product(A, V)
    top = [A[np.ix_(rows, columns)], AV[rows]]
    return np.block([top, [_product(U, A)[:, columns], _product(U, AV)]])


def _random_array(rng: random.Random, m: int, n: int) -> Integers:
    """m x n independent uniform integers of _PROJECTION_BITS bits."""
    drawn = np.frombuffer(rng.randbytes(2 * m * n), dtype="<u2").reshape(m, n)
    return (drawn >> (16 - _PROJECTION_BITS)).astype(np.int64)


def _product(A: Integers, B: Integers) -> Integers:
    """A B over the integers, in the quickest arithmetic that cannot overflow."""
    if A.dtype != object and B.dtype != object:
        largest = int(np.abs(A).max(initial=0)) * int(np.abs(B).max(initial=0)) * A.shape[1]
        if largest < EXACT:
            return (A.astype(np.float64) @ B.astype(np.float64)).astype(np.int64)
        if largest < INT64_LIMIT:
            return A @ B
    return A.astype(object) @ B.astype(object)


def _hadamard_log2(A: Integers, size: int) -> float:
    """log2 of a bound on every minor of that size: the product of the longest rows."""
    if A.dtype == object:
        half = 0.5 * math.log2(A.shape[1])
        norms = [max(abs(x) for x in row).bit_length() + half for row in A.tolist()]
    else:
        lengths = np.linalg.norm(A.astype(np.float64), axis=1)
        norms = np.log2(np.maximum(lengths, 1.0)).tolist()
    return sum(sorted(norms)[-size:]) * (1 + 1e-9) + 1
