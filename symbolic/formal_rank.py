"""The rank of a matrix over Q(atoms): a formal rank, and what of it holds at the numbers.

In: a matrix of exact elements of a `Field`. Out: a RankResult.

From below: the atoms are sent to random residues modulo a 60-bit prime (roots to roots of their
relations), which is a homomorphism; a minor that is not zero there is not the zero form. Where a
theorem says that nonzero forms are nonzero numbers (`Field.proven`) that is the bound; elsewhere
the determinant of that minor is enclosed in a ball that excludes zero.
From above: the size, or a kernel basis computed and verified in Q(atoms); what is zero as a form is
zero as a number. Where the two do not meet, the rank is undecided.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import flint
from flint import fmpq, nmod, nmod_mat, nmod_poly

from hessrank.symbolic import balls
from hessrank.symbolic.elements import Element, Exact, TooLarge, inverse
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.field import Field
from hessrank.symbolic.ranks import Minor, RankResult, Status

_BITS = 60
_TRIALS = 3

Rows = Sequence[Sequence[Exact]]


def formal_rank(rows: Rows, shape: tuple[int, int], field: Field) -> RankResult:
    """Bounds on the rank of the matrix of numbers that `rows` stand for.

    >>> from fractions import Fraction
    >>> f = Field(); u, v = (f.function("tanh", fmpq(k)) for k in (1, 2))
    >>> formal_rank([[v * (1 + u * u), 2 * u], [fmpq(1), fmpq(1)]], (2, 2), f).upper
    1
    """
    m, n = shape
    if not m or not n:
        return RankResult(0, 0, "certified", shape, "the matrix is empty", "the matrix is empty")
    rng = random.Random(0)  # reproducible; no verdict depends on the choice
    r, where, minor, prime = max(
        (_specialised_rank(rows, field, rng) for _ in range(_TRIALS)), key=lambda t: t[0]
    )
    lower, lower_reason, witness = _from_below(rows, field, r, where, minor, prime)
    upper, upper_reason, kernel = _from_above(rows, shape, field, minor)
    status: Status = "certified" if lower == upper else "undecided"
    return RankResult(lower, upper, status, shape, lower_reason, upper_reason, witness, kernel)


def _from_below(
    rows: Rows, field: Field, r: int, where: str, minor: Minor, prime: int
) -> tuple[int, str, Minor | None]:
    if r == 0:
        return 0, "nothing to show", None
    theorem = field.proven(*(v for row in rows for v in row))
    if theorem:
        return r, f"a {r}×{r} minor is not zero modulo {prime}{where}; {theorem}", minor
    sub = [[rows[i][j] for j in minor.columns] for i in minor.rows]
    for bits in balls.PRECISIONS[:5]:
        entries = [[field.ball(v, bits) for v in row] for row in sub]
        if balls.minor_excludes_zero(entries, bits):
            return r, f"a {r}×{r} minor lies in a ball of {bits} bits without zero", minor
    found, best, bits = balls.rank_lower(
        lambda b: [[field.ball(v, b) for v in row] for row in rows], r
    )
    return found, f"{found} pivots lie in balls of {bits} bits without zero", best


def _from_above(
    rows: Rows, shape: tuple[int, int], field: Field, minor: Minor
) -> tuple[int, str, tuple[tuple[Any, ...], ...] | None]:
    m, n = shape
    size = (min(m, n), f"the matrix has {m} rows" if m <= n else f"the matrix has {n} columns", None)
    if minor.size == min(m, n):
        return size
    try:
        kernel = _kernel(rows, n, minor)
    except (TooLarge, UndecidedError):
        return size
    if kernel is None:
        return size
    shown = tuple(tuple(field.expr(x) for x in vector) for vector in kernel)
    return n - len(kernel), f"{len(kernel)} independent kernel vectors verified exactly", shown


def _kernel(rows: Rows, n: int, minor: Minor) -> list[list[Exact]] | None:
    """Vectors k with A k = 0, one for each column outside the minor, or None if the minor does
    not carry the rank. They are independent: each has a 1 where the others have 0."""
    free = [j for j in range(n) if j not in minor.columns]
    table = [[rows[i][j] for j in (*minor.columns, *free)] for i in minor.rows]
    r = minor.size
    for c in range(r):
        pivot = min(
            (i for i in range(c, r) if table[i][c] != 0), key=lambda i: _size(table[i][c]), default=-1
        )
        if pivot < 0:
            return None
        table[c], table[pivot] = table[pivot], table[c]
        scale = inverse(table[c][c])
        table[c] = [fmpq(0)] * c + [scale * v for v in table[c][c:]]
        for i in range(r):
            if i != c and table[i][c] != 0:
                factor = table[i][c]
                table[i] = [
                    v - factor * w if k >= c else v
                    for k, (v, w) in enumerate(zip(table[i], table[c], strict=True))
                ]
    vectors = []
    for f, j in enumerate(free):
        vector: list[Exact] = [fmpq(0)] * n
        vector[j] = fmpq(1)
        for c, column in enumerate(minor.columns):
            vector[column] = -table[c][r + f]
        vectors.append(vector)
    for row in rows:
        for vector in vectors:
            total: Exact = fmpq(0)
            for a, k in zip(row, vector, strict=True):
                if k != 0 and a != 0:
                    total = total + a * k
            if total != 0:
                return None
    return vectors


def _size(value: Exact) -> int:
    return len(value.num) + len(value.den) if isinstance(value, Element) else 0


def _specialised_rank(rows: Rows, field: Field, rng: random.Random) -> tuple[int, str, Minor, int]:
    """(rank, description, minor, prime) under a random homomorphism to a prime field."""
    while True:
        p = _random_prime(rng)
        images = _images(field, p, rng)
        if images is None:
            continue
        try:
            table = [[_residue(v, images, p, field) for v in row] for row in rows]
        except ZeroDivisionError:
            continue
        columns = _pivot_columns(nmod_mat(table, p))
        transposed = [[row[j] for row in table] for j in columns]
        chosen = _pivot_columns(nmod_mat(transposed, p)) if columns else ()
        where = " with random residues for the atoms" if field.atoms else ""
        return len(columns), where, Minor(chosen, columns, p), p


def _pivot_columns(a: nmod_mat) -> tuple[int, ...]:
    reduced, rank = a.rref()
    found, j = [], 0
    for i in range(rank):
        while int(reduced[i, j]) == 0:
            j += 1
        found.append(j)
    return tuple(found)


def _random_prime(rng: random.Random) -> int:
    while True:
        p = rng.getrandbits(_BITS - 1) | (1 << (_BITS - 1)) | 1
        if flint.fmpz(p).is_prime():
            return p


def _images(field: Field, p: int, rng: random.Random) -> list[nmod] | None:
    """A residue for each atom, respecting the relations of the algebraic ones; None if p has
    no such residues."""
    images: list[nmod] = []
    for atom in field.atoms:
        if not atom.algebraic:
            images.append(nmod(rng.randrange(1, p), p))
            continue
        try:
            c = _residue(atom.argument, images, p, field)
        except ZeroDivisionError:
            return None
        roots = nmod_poly([-c] + [0] * (atom.degree - 1) + [1], p).roots()
        if not roots:
            return None
        images.append(rng.choice(roots)[0])
    return images


def _residue(value: Exact, images: Sequence[nmod], p: int, field: Field) -> nmod:
    if not isinstance(value, Element):
        return nmod(int(value.p), p) / nmod(int(value.q), p)
    return _poly_residue(value.num, images, p) / _poly_residue(value.den, images, p)


def _poly_residue(poly: Any, images: Sequence[nmod], p: int) -> nmod:
    total = nmod(0, p)
    for monomial, c in poly.to_dict().items():
        term = nmod(int(c.p), p) / nmod(int(c.q), p)
        for i, e in enumerate(monomial):
            if e:
                term = term * images[i] ** int(e)
        total = total + term
    return total
