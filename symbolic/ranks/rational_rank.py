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

from hessrank.symbolic.budget import OverBudget, spend
from hessrank.symbolic.chance import generator
from hessrank.symbolic.errors import InputError, counted
from hessrank.symbolic.linear_algebra.integer_matrix import (
    INT64_LIMIT,
    Integers,
    fmpz_mat,
    integer_matrix,
)
from hessrank.symbolic.linear_algebra.lifting import integer_kernel, kernel_seconds
from hessrank.symbolic.linear_algebra.minor import Minor
from hessrank.symbolic.linear_algebra.primefield import (
    BITS,
    EXACT,
    echelon,
    prime_count,
    random_prime,
    residues,
)
from hessrank.symbolic.linear_algebra.regular_minor import RegularMinor, dependence, leading_minor
from hessrank.symbolic.ranks.rank_result import (
    RankResult,
    Status,
    cut_short,
    together,
)

#: A probabilistic rank is too small with probability at most 2^FAILURE_LOG2.
FAILURE_LOG2 = -100.0
#: By default the kernel is lifted where that takes less than about this many seconds.
CERTIFY_SECONDS = 0.2

LONG_BITS = 62  # primes for python-flint's word-size arithmetic
_CHECK_BITS = 64  # primes that only confirm a rank: the fewer are needed
_LONG_ENTRIES = 5000  # up to this many entries they serve for the pivots, too
_LONG_SIZE = 1000  # a bordered minor up to this size takes two of them, else a dozen short primes
_SHORT_ATTEMPTS = 3  # after so many disagreements the pivots take a long prime
_ATTEMPTS_LOG2 = 3  # fewer than 2^3 attempts are expected, and each may fail
_PROJECTED_BITS = 106  # random bits for each row and column that `_bordered` combines


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
        Reproduces the random choices; without it they come from `chance.generator`.

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
    rng = generator("rational rank", seed)
    upper, upper_reason = min(m, n), counted(m, "row") if m <= n else counted(n, "column")
    if structural_upper is not None and structural_upper[0] < upper:
        upper, upper_reason = structural_upper

    minor = None if kernel else leading_minor(A)
    if minor is not None and minor.size <= upper:
        leading = tuple(range(minor.size))
        reason = "a multiple of the leading minor is strictly diagonally dominant"
        status: Status = "certified" if minor.size == upper else "undecided"
        witness = Minor(leading, leading)
        known = RankResult(minor.size, upper, status, (m, n), reason, upper_reason, witness)
        if known.decided:
            return known
        found = _from_leading(A, minor, known, certify, rng)
        if found is not None:
            return found
    long = A.dtype == object or A.size <= _LONG_ENTRIES
    image = None
    status = "undecided" if upper else "certified"
    known = RankResult(0, upper, status, (m, n), "no rank is negative", upper_reason)
    try:
        for attempt in itertools.count():
            spend()
            bits = LONG_BITS if long or attempt >= _SHORT_ATTEMPTS else BITS
            if bits == LONG_BITS and image is None:
                image = fmpz_mat(A)
            rows, columns, prime = _pivots(A, image, rng)
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
                f"a {r}×{r} minor is not zero modulo {prime}" if r else "no rank is negative",
                upper_reason,
                Minor(tuple(rows), tuple(columns), prime),
            )
            if r == upper and not kernel:
                return proved
            known = together(known, proved)
            spend()
            if kernel or certify or (certify is None and kernel_seconds(A, r) < CERTIFY_SECONDS):
                basis = integer_kernel(A, rows, columns, rng)
                if basis is not None:
                    reason = (
                        f"{counted(n - r, 'independent kernel vector')}, verified over the integers"
                    )
                    return replace(
                        proved, upper=r, status="certified", upper_reason=reason, kernel=basis
                    )
            else:
                confirmed = _confirmed(A, image, rows, columns, rng)
                if confirmed is not None:
                    primes, failure = confirmed
                    reason = f"no larger minor is nonzero modulo any of {primes} random primes"
                    return replace(
                        proved,
                        upper=r,
                        status="probabilistic",
                        upper_reason=reason,
                        failure_log2=failure,
                    )
    except OverBudget as error:
        return cut_short(known, str(error))
    raise AssertionError("unreachable")


def _from_leading(
    A: Integers, minor: RegularMinor, known: RankResult, certify: bool | None, rng: random.Random
) -> RankResult | None:
    """The rank where it is the size of `minor`; None where that is not found, or where a proof from
    above is asked for or cheap."""
    if certify or (certify is None and kernel_seconds(A, minor.size) < CERTIFY_SECONDS):
        return None
    try:
        failure = dependence(A, minor, rng)
    except OverBudget as error:
        return cut_short(known, str(error))
    if failure is None:
        return None
    return replace(
        known,
        upper=minor.size,
        status="probabilistic",
        upper_reason="random combinations of all rows and columns depend on the leading minor's",
        failure_log2=failure,
    )


def _pivots(
    A: Integers, image: flint.fmpz_mat | None, rng: random.Random
) -> tuple[list[int], list[int], int]:
    """Rows, columns and a random prime modulo which A[rows, columns] is a largest nonzero minor.

    A long prime and python-flint where A is given as `image`, too; else a short prime. Rows that
    span the row space and columns that span the column space meet in such a minor.
    """
    if image is None:
        prime = random_prime(rng, BITS)
        found = echelon(residues(A, prime), prime)
        return found.rows.tolist(), found.columns.tolist(), prime
    prime = random_prime(rng, LONG_BITS)
    M = flint.nmod_mat(image, prime)
    return _leading_columns(M.transpose()), _leading_columns(M), prime


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


def _confirmed(
    A: Integers,
    image: flint.fmpz_mat | None,
    rows: list[int],
    columns: list[int],
    rng: random.Random,
) -> tuple[int, float] | None:
    """How many primes, that of the pivots included, saw no rank above r = len(rows), and log2 of
    the odds that they are all wrong (docs/ranks.md); None if one of them saw more. Arguments as for
    `_pivots`, which found the rows and columns.
    """
    r = len(rows)
    pivots = min(0.0, _odds_log2(A, min(A.shape), BITS if image is None else LONG_BITS))
    seen_in, projected = A, 0.0
    if image is None:
        seen_in, bits = _bordered(A, rows, columns, rng)
        projected = 2.0 ** (1 - bits)
        if len(seen_in) <= _LONG_SIZE or seen_in.dtype == object:
            image = fmpz_mat(seen_in)
    bits = BITS if image is None else _CHECK_BITS
    odds = _odds_log2(seen_in, r + 1, bits)
    if odds > -1:
        raise InputError("the entries are too long for a probabilistic rank", key="matrix")
    fresh = math.ceil((FAILURE_LOG2 - _ATTEMPTS_LOG2 - 0.02 - pivots) / odds)
    for _ in range(fresh):
        spend()
        q = random_prime(rng, bits)
        if image is None:
            rank = echelon(residues(seen_in, q), q).rank
        else:
            rank = flint.nmod_mat(image, q).rank()
        if rank > r:
            return None
    return fresh + 1, _ATTEMPTS_LOG2 + math.log2(projected + 2.0 ** (pivots + fresh * odds))


def _odds_log2(A: Integers, size: int, bits: int) -> float:
    """log2 of a bound on the share of the primes of that length that divide a given nonzero minor.

    The minor is at most the product of the longest rows (Hadamard), so it has at most
    log2(product) / (bits - 1) divisors of that length.
    """
    if A.dtype == object:
        half = 0.5 * math.log2(A.shape[1])
        norms = [max(abs(x) for x in row).bit_length() + half for row in A.tolist()]
    else:
        squares = np.einsum("ij,ij->i", A, A, dtype=np.float64)
        norms = (np.log2(np.maximum(squares, 1.0)) / 2).tolist()
    hadamard = sum(sorted(norms)[-size:]) * (1 + 1e-9) + 1
    return math.log2(hadamard / (bits - 1) / prime_count(bits))


def _bordered(
    A: Integers, rows: list[int], columns: list[int], rng: random.Random
) -> tuple[Integers, int]:
    """The minor A[rows, columns] bordered by random combinations of all rows and all columns of A.

    [[A[rows, columns], (A V)[rows]], [(U A)[:, columns], U A V]]: its rank is at most that of A,
    and larger than the minor's if that of A is, but for odds of 2^(1 - b): b is returned, the
    number of random bits in a column of U. Coefficients are as long as int64 allows.
    """
    m, n = A.shape
    largest = max(abs(int(A.max())), abs(int(A.min())), 1)
    room = (INT64_LIMIT.bit_length() - 1 - (largest * m * n).bit_length()) // 2
    length = room if 4 <= room <= 16 else 16
    count = -(-_PROJECTED_BITS // length)
    U = _random_array(rng, (count, m), length)
    V = _random_array(rng, (n, count), length)
    AV, UA = _product(A, V), _product(U, A)
    top = [A[np.ix_(rows, columns)], AV[rows]]
    return np.block([top, [UA[:, columns], _product(U, AV)]]), count * length


def _random_array(rng: random.Random, shape: tuple[int, int], bits: int) -> Integers:
    """Independent uniform integers of so many bits, at most 16."""
    drawn = np.frombuffer(rng.randbytes(2 * shape[0] * shape[1]), dtype="<u2").reshape(shape)
    return (drawn >> (16 - bits)).astype(np.int64)


def _product(A: Integers, B: Integers) -> Integers:
    """A B over the integers, in the quickest arithmetic that cannot overflow."""
    if A.dtype != object and B.dtype != object:
        largest = int(np.abs(A).max(initial=0)) * int(np.abs(B).max(initial=0)) * A.shape[1]
        if largest < EXACT:
            return ((1.0 * A) @ (1.0 * B)).astype(np.int64)
        if largest < INT64_LIMIT:
            return A @ B
    return A.astype(object) @ B.astype(object)
