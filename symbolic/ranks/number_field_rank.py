"""The rank of a matrix over a number field, from residues at primes that split there.

In: a matrix of elements of a `Field` that are algebraic numbers, in atoms known to generate a
number field K of degree d with a basis of monomials. Out: a certified RankResult, or None.

A prime p that splits completely has d homomorphisms φ to F_p, one for each prime ideal above it.

- From below: a minor with φ(minor) ≠ 0 for one φ is not zero.
- From above: on the rows and columns of that minor the kernel is solved for modulo all φ; the d
  residues of an entry determine its coefficients modulo p, several p these coefficients modulo
  their product, and rational reconstruction the coefficients themselves (Wang 1981). Then A k = 0
  is proved: N·(A k)_i is an algebraic integer, N coprime to the p, of conjugates below 2^B. Where
  all φ above primes of product more than 2^B send it to 0, it is divisible by that product in the
  ring of integers, so that its norm is below 1: it is 0.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import gcd, isqrt, lcm, prod
from typing import Any

import numpy as np
from flint import fmpq, nmod_mat

from hessrank.symbolic.budget import spend
from hessrank.symbolic.errors import counted
from hessrank.symbolic.fields.atoms import CYCLOTOMIC
from hessrank.symbolic.fields.elements import Element, Exact
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.fields.residues import embeddings, prime_in_progression
from hessrank.symbolic.fields.separation import row_size
from hessrank.symbolic.linear_algebra.minor import Minor, pivot_columns
from hessrank.symbolic.ranks.rank_result import RankResult

#: Fields of a larger degree are left to other ways.
MAX_DEGREE = 96
#: Primes from which coefficients are reconstructed, at most.
MAX_PRIMES = 64
#: So many are tried until one splits.
MAX_TRIED = 300
#: Kernels of at most this many entries are shown.
MAX_SHOWN = 400
_BITS = 62

Rows = Sequence[Sequence[Exact]]
Coefficients = tuple[fmpq, ...]


@dataclass(frozen=True)
class NumberField:
    """The field that some algebraic atoms generate, with its basis of monomials."""

    field: Field
    used: tuple[int, ...]

    @classmethod
    def of(cls, polys: Sequence[Any], field: Field) -> NumberField | None:
        """That of the atoms of `polys`; None where they are not known to generate one with
        independent monomials, or of too large a degree."""
        used = field.closure(polys)
        known = set(used) <= field.tower or set(used) <= field.simple
        found = cls(field, tuple(used))
        return found if used and known and found.degree <= MAX_DEGREE else None

    @cached_property
    def degrees(self) -> tuple[int, ...]:
        return tuple(self.field.atoms[i].degree for i in self.used)

    @property
    def degree(self) -> int:
        return prod(self.degrees)

    @cached_property
    def monomials(self) -> list[tuple[int, ...]]:
        """The basis, as exponents of the atoms in `used`."""
        return list(itertools.product(*(range(k) for k in self.degrees)))

    def coefficients(self, poly: Any) -> Coefficients:
        """In the basis."""
        terms = {tuple(int(m[i]) for i in self.used): c for m, c in poly.to_dict().items()}
        return tuple(fmpq(terms.get(m, 0)) for m in self.monomials)

    def poly(self, coefficients: Sequence[fmpq]) -> Any:
        """The polynomial in the atoms with these coefficients."""
        terms = {}
        for monomial, c in zip(self.monomials, coefficients, strict=True):
            if c:
                full = [0] * len(self.field.atoms)
                for i, e in zip(self.used, monomial, strict=True):
                    full[i] = e
                terms[tuple(full)] = c
        return self.field.ctx.from_dict(terms)

    def splitting(self, rng: random.Random) -> tuple[int, nmod_mat] | None:
        """(p, the d×d residues of the basis under each of the d homomorphisms), or None."""
        atoms = [self.field.atoms[i] for i in self.used]
        orders = [int(a.argument.p) if a.kind == CYCLOTOMIC else a.degree for a in atoms]
        for _ in range(MAX_TRIED):
            p = prime_in_progression(lcm(*orders), rng, _BITS)
            try:
                found = embeddings(self.field, self.used, p)
            except ZeroDivisionError:
                continue
            table = []
            for images in found:
                row = []
                for monomial in self.monomials:
                    value = 1
                    for i, e in zip(self.used, monomial, strict=True):
                        value = value * int(images[i] ** e) % p
                    row.append(value)
                table.append(row)
            return p, nmod_mat(table, p)
        return None


class Table:
    """A matrix over a number field as indices into its distinct entries."""

    def __init__(self, rows: Sequence[Sequence[Any | None]], over: NumberField) -> None:
        """rows: of polynomials, None for 0."""
        known: dict[tuple[Any, ...], int] = {}
        self.over = over
        self.polys: list[Any] = [over.field.ctx.constant(0)]
        self.at = np.zeros((len(rows), len(rows[0])), dtype=np.intp)
        for i, row in enumerate(rows):
            for j, poly in enumerate(row):
                if poly is not None:
                    key = tuple(poly.to_dict().items())
                    if key not in known:
                        known[key] = len(self.polys)
                        self.polys.append(poly)
                    self.at[i, j] = known[key]
        self.entries = [over.coefficients(p) for p in self.polys]

    def residues(self, p: int, basis: nmod_mat) -> list[np.ndarray]:
        """The matrix under each homomorphism. ZeroDivisionError where p divides a denominator."""
        values = nmod_mat([[_mod(c, p) for c in row] for row in self.entries], p)
        table = np.array((values * basis.transpose()).tolist(), dtype=np.int64)
        return [table[:, k][self.at] for k in range(table.shape[1])]


def number_field_rank(
    rows: Rows, shape: tuple[int, int], field: Field, bound: tuple[int, str] | None = None
) -> RankResult | None:
    """The rank of a matrix of algebraic numbers; None where this way does not decide it.

    bound: an upper bound that was proved otherwise, with its reason.

    >>> f = Field(); c, s = (f.function(n, f.function("pi") / 5) for n in ("cos", "sin"))
    >>> number_field_rank([[c, s], [s * c, s * s]], (2, 2), f).upper
    1
    """
    m, n = shape
    irrational = [v for row in rows for v in row if isinstance(v, Element)]
    if any(v.field is not field or not v.den.is_constant() for v in irrational):
        return None
    over = NumberField.of([v.num for v in irrational], field)
    if over is None:
        return None
    one = field.ctx.constant(1)
    table = Table([[_numerator(v, field, one) for v in row] for row in rows], over)
    rng = random.Random(0)  # reproducible; no verdict depends on the choice
    first = _split(table, rng)
    if first is None:
        return None
    p, _, images = first
    minor = _pivots(images[0], p)
    r = minor.size
    below = f"a {r}×{r} minor is not zero modulo a prime ideal above {p}"
    side = (
        f"the matrix has {counted(m, 'row')}"
        if m <= n
        else f"the matrix has {counted(n, 'column')}"
    )
    for upper, why in (bound or (n, side), (min(m, n), side)):
        if r == upper:
            return RankResult(r, r, "certified", shape, below, why, minor)
    kernel = _kernel(table, minor, first, rng)
    if kernel is None:
        return None
    free = n - r
    vectors = counted(free, "independent kernel vector")
    why = f"{vectors} over a number field of degree {over.degree} verified"
    shown = None
    if n * free <= MAX_SHOWN:
        forms = [[field.expr(field.polynomial(over.poly(c))) for c in v] for v in kernel]
        shown = tuple(tuple(v) for v in forms)
    return RankResult(r, r, "certified", shape, below, why, minor, shown)


def _numerator(value: Exact, field: Field, one: Any) -> Any | None:
    """A number as a polynomial, None for 0."""
    if isinstance(value, Element):
        return field.lift(value.num)
    return one * value if value else None


Split = tuple[int, nmod_mat, list[np.ndarray]]


def _split(table: Table, rng: random.Random) -> Split | None:
    """A prime that splits, the residues of the basis, and the matrix under each homomorphism."""
    for _ in range(MAX_TRIED):
        spend()
        found = table.over.splitting(rng)
        if found is None:
            return None
        try:
            return *found, table.residues(*found)
        except ZeroDivisionError:
            continue
    return None


def _pivots(residues: np.ndarray, p: int) -> Minor:
    """A largest minor that is not zero modulo p."""
    columns = pivot_columns(nmod_mat(residues.tolist(), p))
    chosen = residues[:, list(columns)].T.tolist()
    return Minor(pivot_columns(nmod_mat(chosen, p)) if columns else (), columns, p)


def _kernel(
    table: Table, minor: Minor, first: Split, rng: random.Random
) -> list[list[Coefficients]] | None:
    """Vectors k with A k = 0, proved, one for each column outside the minor; None where the minor
    does not carry the rank, or the kernel is too large."""
    over, (_, n) = table.over, table.at.shape
    outside = [j for j in range(n) if j not in set(minor.columns)]
    splits: list[Split] = []
    known: list[int] = []
    modulus, wanted = 1, 1
    new: Split | None = first
    while new is not None and len(splits) < MAX_PRIMES:
        found = _solved(new, minor, outside)
        if found is not None:
            splits.append(new)
            known, modulus = _combined(known, modulus, found, new[0])
        if len(splits) == wanted:
            wanted *= 2
            values = _reconstructed(known, modulus)
            if values is not None:
                vectors = _vectors(values, over.degree, minor, outside, n)
                if _verified(table, vectors, splits, rng):
                    return vectors
        new = _split(table, rng)
    return None


def _solved(split: Split, minor: Minor, outside: Sequence[int]) -> list[int] | None:
    """The coefficients modulo p of X with S X = −B on the rows of the minor, the basis slowest;
    None where the minor is 0 modulo an ideal above p."""
    p, basis, images = split
    if not minor.size:
        return []
    rows = []
    for image in images:
        spend()
        chosen = image[list(minor.rows)]
        S = nmod_mat(chosen[:, list(minor.columns)].tolist(), p)
        B = nmod_mat((-chosen[:, list(outside)] % p).tolist(), p)
        try:
            X = S.solve(B)
        except ZeroDivisionError:
            return None
        rows.append([int(v) for row in X.tolist() for v in row])
    coefficients = basis.inv() * nmod_mat(rows, p)
    return [int(v) for row in coefficients.tolist() for v in row]


def _combined(known: list[int], modulus: int, found: list[int], p: int) -> tuple[list[int], int]:
    """The residues modulo modulus·p (Chinese remainders)."""
    if modulus == 1:
        return found, p
    inverse = pow(modulus, -1, p)
    lifted = [a + modulus * ((b - a) * inverse % p) for a, b in zip(known, found, strict=True)]
    return lifted, modulus * p


def _reconstructed(residues: list[int], modulus: int) -> list[fmpq] | None:
    """The rationals n/d with |n|, d below √(modulus/2), or None where one does not exist."""
    limit = isqrt(modulus // 2)
    known: dict[int, fmpq | None] = {}
    found = []
    for a in residues:
        if a not in known:
            known[a] = _rational(a, modulus, limit)
        if (q := known[a]) is None:
            return None
        found.append(q)
    return found


def _rational(a: int, modulus: int, limit: int) -> fmpq | None:
    u, v, s, t = modulus, a % modulus, 0, 1
    while v > limit:
        q = u // v
        u, v, s, t = v, u - q * v, t, s - q * t
    return fmpq(v, t) if abs(t) <= limit and gcd(v, abs(t)) == 1 else None


def _vectors(
    values: list[fmpq], d: int, minor: Minor, outside: Sequence[int], n: int
) -> list[list[Coefficients]]:
    r, f = minor.size, len(outside)
    zero = (fmpq(0),) * d
    one = (fmpq(1), *zero[1:])
    vectors = []
    for k, j in enumerate(outside):
        vector = [zero] * n
        vector[j] = one
        for i, c in enumerate(minor.columns):
            vector[c] = tuple(values[e * r * f + i * f + k] for e in range(d))
        vectors.append(vector)
    return vectors


def _verified(
    table: Table, vectors: list[list[Coefficients]], splits: list[Split], rng: random.Random
) -> bool:
    """Whether A k = 0 for every vector, proved by enough primes."""
    over, (_, n) = table.over, table.at.shape
    columns = zip(*vectors, strict=True)
    kernel = Table([[over.poly(c) if any(c) else None for c in row] for row in columns], over)
    sizes = [row_size(over.field, t.polys) for t in (table, kernel)]
    if any(s is None for s in sizes):
        return False
    bits = sum(s.denominator + s.house for s in sizes if s) + n.bit_length() + 1
    done = 1
    for split in itertools.chain(splits, iter(lambda: _split(table, rng), None)):
        p, basis, images = split
        if done % p == 0:
            continue
        try:
            vanish = kernel.residues(p, basis)
        except ZeroDivisionError:
            continue
        for A, K in zip(images, vanish, strict=True):
            spend()
            if (nmod_mat(A.tolist(), p) * nmod_mat(K.tolist(), p)).rank():
                return False
        done *= p
        if done.bit_length() > bits + 1:
            return True
    return False


def _mod(c: fmpq, p: int) -> int:
    denominator = int(c.q)
    if denominator == 1:
        return int(c.p) % p
    if denominator % p == 0:
        raise ZeroDivisionError
    return int(c.p) * pow(denominator, -1, p) % p
