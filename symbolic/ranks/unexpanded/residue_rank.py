"""Bounds on the rank of a matrix of numbers from residues, in milliseconds.

In: a way to evaluate the entries in any ring. Out: a bound from above at stated odds, and from
below for certain where the numbers are independent by Lindemann and Weierstrass (`residue_ring`).

Nothing is expanded: the entries are evaluated modulo random primes. The rank seen there is that of
the matrix of forms, unless a minor that is not the zero form is 0 at all the random residues that
were tried; and a rank of forms bounds that of the numbers from above wherever the entries exist,
which balls have to show. It is an upper bound alone: [[e, e²], [1, e]] with a free letter for each
of e and e² has rank 2, at the point 1.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import flint
from flint import arb, nmod_mat

from hessrank.symbolic.budget import OverBudget, spend
from hessrank.symbolic.errors import DomainError, KinkError, UndecidedError
from hessrank.symbolic.fields.balls import PRECISIONS
from hessrank.symbolic.linear_algebra.minor import Minor, pivot_columns
from hessrank.symbolic.linear_algebra.primefield import prime_count, random_prime
from hessrank.symbolic.ranks.ball_rank import minor_excludes_zero
from hessrank.symbolic.ranks.rank_result import RankResult, Status, cut_short
from hessrank.symbolic.ranks.rational_rank import FAILURE_LOG2, LONG_BITS
from hessrank.symbolic.ranks.unexpanded.free_forms import free_upper
from hessrank.symbolic.ranks.unexpanded.residue_ring import Refine, Residue, ResidueRing, Zero

Rows = Sequence[Sequence[Any]]
#: A way to evaluate the entries of a matrix in a ring.
Entries = Callable[[Any], Rows]

#: Where one prime fails with more than this probability, more of them lead nowhere.
HOPELESS_LOG2 = -3.0
_ATTEMPTS = 40
#: More bits, for minors of at most MAX_FINE rows: erf(90) differs from 1 by 10^-3520.
FINER = (8192, 16384)
MAX_FINE = 24
#: Free letters are tried for matrices of at most this many entries.
MAX_ENTRIES = 400
THEOREM = "e^(1/Q) and e^(i/Q) are algebraically independent (Lindemann-Weierstrass)"


@dataclass(frozen=True)
class Seen:
    """rank: of the matrix of forms; primes: how many were tried; failure_log2: log2 of the odds
    that the rank of forms is larger; independent: whether `minor` is a nonzero number for certain.
    """

    rank: int
    primes: int
    failure_log2: float
    independent: bool
    minor: Minor


def residue_bounds(entries: Entries, shape: tuple[int, int], seed: int = 0) -> Seen | None:
    """What random residues show of the rank; None where the entries have no residues, or too large
    degrees.

    >>> def rows(ring):
    ...     e = ring.function("exp", ring.number(1))
    ...     return [[e, e * e], [ring.number(1), e]]
    >>> found = residue_bounds(rows, (2, 2))
    >>> found.rank, found.independent, found.failure_log2 < -100
    (1, True, True)
    """
    rng = random.Random(seed)  # reproducible; the odds are over this choice
    denominator, primes = 1, 0
    best, failure, independent = Minor((), ()), 0.0, True
    for _ in range(_ATTEMPTS):
        p = random_prime(rng, LONG_BITS)
        ring = ResidueRing(p, rng, denominator)
        try:
            table = entries(ring)
        except Refine as finer:
            denominator = finer.denominator
            continue
        except Zero:
            continue
        except OverBudget:
            raise
        except (UndecidedError, DomainError, KinkError):
            return None
        minor = _largest_minor(table, shape, p)
        independent = independent and ring.independent
        if minor.size > best.size:
            best, failure, primes = minor, 0.0, 0
        if best.size == min(shape):
            return Seen(best.size, 1, -math.inf, ring.independent, best)
        odds = _odds_log2(table, ring, best.size + 1)
        if odds > HOPELESS_LOG2:
            return None
        failure, primes = failure + odds, primes + 1
        if failure <= FAILURE_LOG2:
            return Seen(best.size, primes, failure, independent, best)
    return None


def unexpanded(
    found: RankResult,
    entries: Entries,
    balls: Callable[[int], Sequence[Sequence[arb]]],
) -> RankResult:
    """`found`, a rank that is not certain, sharpened by free letters and by residues.

    entries(ring) evaluates the matrix in a ring; balls(bits) encloses the entries: bounds from
    above need that they exist.
    """
    try:
        if (found.decided and found.is_certain) or not _exist(balls):
            return found
        if found.shape[0] * found.shape[1] <= MAX_ENTRIES:
            above = free_upper(entries, found.shape)
            if above is not None and found.lower <= above[0] < found.upper + (not found.is_certain):
                status: Status = "certified" if found.lower == above[0] else "undecided"
                upper, why = above
                found = replace(
                    found, status=status, upper=upper, upper_reason=why, failure_log2=None
                )
        return found if found.decided else _with_residues(found, entries, balls)
    except OverBudget as error:
        return cut_short(found, str(error))


def _with_residues(
    found: RankResult,
    entries: Entries,
    balls: Callable[[int], Sequence[Sequence[arb]]],
) -> RankResult:
    seen = residue_bounds(entries, found.shape)
    if seen is None or seen.rank < found.lower:
        return found
    lower, why, witness = found.lower, found.lower_reason, found.witness
    if seen.rank > lower and seen.independent:
        lower, witness = seen.rank, seen.minor
        why = f"a {lower}×{lower} minor is not zero modulo {witness.prime}; {THEOREM}"
    elif seen.rank > lower:
        bits = _excludes_zero(balls, seen.minor)
        if bits:
            lower, witness = seen.rank, Minor(seen.minor.rows, seen.minor.columns)
            why = f"a {lower}×{lower} minor lies in a ball of {bits} bits without zero"
    upper, above, failure = found.upper, found.upper_reason, None
    if seen.rank < upper:
        upper, failure = seen.rank, seen.failure_log2
        above = (
            f"no larger minor is nonzero at {seen.primes} random choices of residues for the "
            "values of the functions"
        )
    decided: Status = "certified" if failure is None else "probabilistic"
    return RankResult(
        lower,
        upper,
        decided if lower == upper else "undecided",
        found.shape,
        why,
        above,
        witness,
        found.kernel if failure is None else None,
        failure,
    )


def _excludes_zero(balls: Callable[[int], Sequence[Sequence[arb]]], minor: Minor) -> int:
    """With how many bits a ball shows that the minor is not zero; 0 where none does."""
    fine = FINER if minor.size <= MAX_FINE else ()
    for bits in (*PRECISIONS, *fine):
        spend()
        with flint.ctx.workprec(bits):
            try:
                table = balls(bits)
            except OverBudget:
                raise
            except UndecidedError:
                continue
            if minor_excludes_zero(
                [[table[i][j] for j in minor.columns] for i in minor.rows], bits
            ):
                return bits
    return 0


def _exist(balls: Callable[[int], Sequence[Sequence[arb]]]) -> bool:
    """Whether balls show that every entry is a number, so that no denominator is 0 there."""
    for bits in PRECISIONS[1:4]:
        with flint.ctx.workprec(bits):
            try:
                spend()
                if all(v.is_finite() for row in balls(bits) for v in row):
                    return True
            except OverBudget:
                raise
            except UndecidedError:
                continue
    return False


def _largest_minor(table: Rows, shape: tuple[int, int], p: int) -> Minor:
    matrix = nmod_mat(*shape, [v.value for row in table for v in row], p)
    return Minor(pivot_columns(matrix.transpose()), pivot_columns(matrix), p)


def _odds_log2(table: Rows, ring: ResidueRing, order: int) -> float:
    """log2 of a bound on the chance that a minor of this order that is not the zero form is 0.

    A row times the denominators of its entries in the minor has polynomials for entries, of degree
    at most Σ_j d_ij and norms below 2^Σ_j b_ij; a minor of these has at most the sums over its
    rows. Two arguments of atoms that are different forms and yet have one residue are counted, too.
    """
    rows = [_of_row(row, order) for row in table]
    degree = sum(sorted(d for d, _ in rows)[-order:])
    bits = sum(sorted(b for _, b in rows)[-order:]) + order * math.log2(order)
    pairs = ring.atoms**2 / 2 * 2 * ring.largest
    zeros = (degree + pairs + 1) / 2.0 ** (LONG_BITS - 2)
    dividing = (bits + pairs + 1) / (LONG_BITS - 1) / prime_count(LONG_BITS)
    return math.log2(zeros + dividing)


def _of_row(row: Sequence[Residue], order: int) -> tuple[int, int]:
    """(degree, bits) of the `order` largest entries together."""
    degrees, bits = (sorted((getattr(v, a) for v in row), reverse=True) for a in ("degree", "bits"))
    return sum(degrees[:order]), sum(bits[:order])
