"""The rank of a matrix of algebraic numbers, decided by separation bounds.

In: rows of elements of a `Field`. Out: a certified RankResult, or None where an entry is not known
to be algebraic or the bound is too fine to reach.

Elimination in balls names a minor P of size r that does not vanish. Every minor of size r + 1 that
contains P is det P times an entry of the Schur complement. If its ball is narrower about 0 than
the least modulus of a nonzero number of that size (`separation`), it is 0; and where all of these
minors are 0, the rank is r. No canonical form is needed: nested radicals and cos(kπ/n) may be
related in ways that the field does not know.
"""

from __future__ import annotations

from collections.abc import Sequence

import flint
from flint import arb, fmpq

from hessrank.symbolic.budget import spend
from hessrank.symbolic.errors import counted
from hessrank.symbolic.fields.elements import Exact, cleared
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.fields.separation import Size, bits_for, row_size, total_degree
from hessrank.symbolic.linear_algebra.minor import Minor
from hessrank.symbolic.ranks.ball_rank import eliminate
from hessrank.symbolic.ranks.rank_result import RankResult

#: Separation bounds are tried for matrices with at most this many entries ...
MAX_ENTRIES = 400
#: ... and where the number of terms times the bits is at most this (some seconds).
MAX_WORK = 200_000_000


def algebraic_rank(
    rows: Sequence[Sequence[Exact]], shape: tuple[int, int], field: Field
) -> RankResult | None:
    """The rank of a matrix of algebraic numbers, or None where this way does not decide it.

    >>> from fractions import Fraction
    >>> f = Field(); c = f.function("cos", f.function("pi") / 5)
    >>> golden = (1 + f.power(fmpq(5), Fraction(1, 2))) / 4
    >>> algebraic_rank([[c, golden], [fmpq(1), fmpq(1)]], (2, 2), f).upper
    1
    """
    m, n = shape
    if m * n > MAX_ENTRIES:
        return None
    try:
        polys = [cleared(row, field) for row in rows]
    except TooLarge:
        return None
    sizes = [row_size(field, row) for row in polys]
    degree = total_degree(field, [p for row in polys for p in row])
    known = [s for s in sizes if s is not None]
    if degree is None or len(known) < m:
        return None
    terms = sum(len(p) for row in polys for p in row)
    bits = 128
    while True:
        spend()
        with flint.ctx.workprec(bits):
            table = [[field.poly_ball(p, bits) for p in row] for row in polys]
            found = eliminate(table, min(m, n))
            r = len(found.rows)
            reason = f"{counted(r, 'pivot')} in balls of {bits} bits without zero"
            minor = Minor(found.rows, found.columns)
            if r == min(m, n):
                return RankResult(r, r, "certified", shape, reason, _side(shape), minor)
            least = bits_for(degree, _minor_size(known, r + 1))
            if least is None or least * terms > MAX_WORK:
                return None
            small = arb(fmpq(1, 1 << least))
            if all(abs(found.product * s) < small for s in found.rest):
                why = f"all larger minors are algebraic and below their separation bound 2^-{least}"
                return RankResult(r, r, "certified", shape, reason, why, minor)
        if bits > 8 * least + 1024:
            return None
        bits = least + 128 if bits < least + 128 else 2 * bits


def _side(shape: tuple[int, int]) -> str:
    m, n = shape
    return (
        f"the matrix has {counted(m, 'row')}"
        if m <= n
        else f"the matrix has {counted(n, 'column')}"
    )


def _minor_size(rows: Sequence[Size], size: int) -> Size:
    """A size that fits every minor: |det| ≤ Π_i Σ_j |a_ij|, over the largest rows."""
    return Size(
        sum(sorted(s.denominator for s in rows)[-size:]),
        sum(sorted(s.house for s in rows)[-size:]),
    )
