"""The formal rank of a matrix over Q(atoms) by random specialisation, with its odds.

In: rows of elements of a `Field` without roots, and a rank r that was seen. Out: an upper bound r
on the rank that fails with a stated probability, or None.

The rows are cleared of denominators: polynomials over Z in atoms that are carried as
indeterminates. Were the formal rank larger than r, some (r+1)-minor would be a nonzero polynomial,
of total degree at most d and coefficients below 2^h in modulus. It is 0 modulo a random prime of
b bits with probability at most (h/(b − 1)) / (number of such primes), and where it is not, 0 at
random nonzero residues with probability at most d/(p − 1) (Schwartz 1980, Zippel 1979). What is
zero as a form is zero as a number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from math import lcm
from typing import Any

from flint import fmpq, nmod, nmod_mat

from hessrank.symbolic.budget import spend
from hessrank.symbolic.chance import generator
from hessrank.symbolic.fields.elements import Exact, cleared
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.primefield import prime_count, random_prime
from hessrank.symbolic.ranks.rational_rank import FAILURE_LOG2, LONG_BITS


def probable_upper(
    rows: Sequence[Sequence[Exact]], r: int, field: Field
) -> tuple[int, float] | None:
    """(number of specialisations, log2 of the odds that the rank exceeds r all the same), or None
    where roots are involved, the polynomials are too large, or a specialisation has larger rank.

    >>> f = Field(); t = f.function("tanh", fmpq(1))
    >>> probable_upper([[t, t * t], [fmpq(1), t]], 1, f)[1] < -100
    True
    """
    try:
        polys = [_integral(cleared(row, field)) for row in rows]
    except TooLarge:
        return None
    used = field.closure([p for row in polys for p in row], inside=False)
    if any(field.atoms[i].algebraic for i in used):
        return None
    degrees = [
        max((int(p.total_degree()) for p in row if not p.is_zero()), default=0) for row in polys
    ]
    heights = [_height(row) for row in polys]
    d, h = sum(sorted(degrees)[-r - 1 :]), sum(sorted(heights)[-r - 1 :])
    odds = math.log2(
        (h + 1) / (LONG_BITS - 1) / prime_count(LONG_BITS) + (d + 1) / 2.0 ** (LONG_BITS - 2)
    )
    if odds > -20:
        return None
    number = math.ceil((FAILURE_LOG2 - 0.01) / odds)
    rng = generator("probable rank")
    for _ in range(number):
        p = random_prime(rng, LONG_BITS)
        images = {i: nmod(rng.randrange(1, p), p) for i in used}
        if nmod_mat([[_value(q, images, p) for q in row] for row in polys], p).rank() > r:
            return None
    return number, number * odds


def _integral(row: Sequence[Any]) -> list[Any]:
    """The row times the common denominator of its coefficients."""
    scale = lcm(*(int(fmpq(c).q) for p in row for c in p.coeffs()))
    return [p * scale for p in row]


def _height(row: Sequence[Any]) -> int:
    """An integer b with Σ of the moduli of all coefficients of the row below 2^b."""
    return sum(abs(int(fmpq(c).p)) for p in row for c in p.coeffs()).bit_length()


def _value(poly: Any, images: dict[int, nmod], p: int) -> nmod:
    spend()
    total = nmod(0, p)
    for monomial, c in poly.to_dict().items():
        term = nmod(int(fmpq(c).p), p)
        for i, e in enumerate(monomial):
            if e:
                term = term * images[i] ** int(e)
        total = total + term
    return total
