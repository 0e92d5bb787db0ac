"""The critical set cut into strata on which rank J and rank H are constant.

In: a `PolynomialLandscape`. Out: `Stratum`s that together hold every real critical point: a
Gröbner basis of equations, an inequation D ≠ 0, and both ranks. Way: V(∇L) is covered by factors;
each part is cut by the value of L, which takes finitely many there. On a part the rank of H, real
and symmetric, is at most the last k with e_k ≠ 0 modulo the part's ideal, and it is k wherever a
principal k-minor is not 0; one such minor m cuts: m ≠ 0 is a stratum, at m = 0 one looks again.
Likewise J, by JJᵀ. What is empty over C is left out; what is empty over R may stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from flint import fmpq_mat, fmpq_poly

from hessrank.proofs.critical_points.ideals import (
    Basis,
    Polynomial,
    contains,
    cover,
    dimension,
    irreducible_factors,
    normal_form,
)
from hessrank.proofs.critical_points.polynomials import (
    PolynomialLandscape,
    Table,
    elementary_symmetric,
    gram,
)
from hessrank.symbolic.budget import spend

#: The value of L on a part is looked for as a root of a polynomial of at most this degree.
MAX_VALUE_DEGREE = 40


@dataclass(frozen=True, eq=False)
class Stratum:
    """{θ : G(θ) = 0, D(θ) ≠ 0}: there rank J and rank H are what is said, at every real point.

    equations: G, a basis in Q[θ]; inequation: D; closed: a basis in Q[θ, z] of G with zD = 1;
    dimension: over C; value: the irreducible polynomial over Q that L satisfies there, or None.
    """

    equations: Basis
    inequation: Polynomial
    closed: Basis
    dimension: int
    rank_jacobian: int
    rank_hessian: int
    value: Any


def strata(landscape: PolynomialLandscape, found: list[Stratum]) -> None:
    """Append all strata to `found`, so that what is known is there when a budget ends it."""
    if not any(landscape.gradient):
        todo: list[Basis] = [()]  # L is constant: every point is critical
    else:
        todo = list(cover(landscape.gradient))
    seen: list[Basis] = []
    while todo:
        spend()
        part = todo.pop(0)
        if any(_same(part, other) for other in seen):
            continue
        seen.append(part)
        pieces, value = _by_value(landscape, part)
        if pieces is not None:
            todo = pieces + todo
            continue
        h, for_H = _rank(landscape.hessian, part, landscape.context, symmetric=True)
        j, for_J = _rank(landscape.jacobian, part, landscape.context, symmetric=False)
        D = landscape.context.constant(1)
        for f in (*irreducible_factors(for_H), *irreducible_factors(for_J)):
            if normal_form(D, [f]):
                D = D * f
        for closed in cover([*part, landscape.z * D - 1], [landscape.z, D]):
            new = Stratum(part, D, closed, dimension(closed), j, h, value)
            if not any(_extends(old, new) for old in found):
                found.append(new)
        for minor in (for_H, for_J):
            if not minor.is_constant():
                todo += cover([*part, minor])


def _extends(old: Stratum, new: Stratum) -> bool:
    """Whether `new` lies in the closed set of `old` and has its ranks: `old` speaks of both."""
    ranks = (old.rank_jacobian, old.rank_hessian) == (new.rank_jacobian, new.rank_hessian)
    return ranks and contains(new.closed, old.equations)


def _rank(matrix: Table, part: Basis, context: Any, symmetric: bool) -> tuple[int, Polynomial]:
    """(k, m): the rank is at most k at every real point of the part, and k where m ≠ 0, m being a
    minor of size k."""
    square = matrix if symmetric else gram(matrix, part, context)
    k = max(i for i, e in enumerate(elementary_symmetric(square, part, context)) if e)
    rows = [[normal_form(v, part) for v in row] for row in matrix]
    best = context.constant(1) if k == 0 else None
    height, width = len(rows), len(rows[0]) if rows else 0
    for chosen in combinations(range(height), k) if k else ():
        for columns in [chosen] if symmetric else combinations(range(width), k):
            spend()
            minor = _determinant([[rows[i][c] for c in columns] for i in chosen], part, context)
            if minor and (best is None or _size(minor) < _size(best)):
                best = minor
                if minor.is_constant():
                    return k, best
    assert best is not None  # e_k is the sum of the principal minors, of squared minors for J
    return k, best


def _size(p: Polynomial) -> tuple[int, int]:
    return int(p.total_degree()), len(p)


def _determinant(rows: list[list[Polynomial]], part: Basis, context: Any) -> Polynomial:
    """By expansion along rows, each minor of the first rows once, modulo the part's ideal."""
    n = len(rows)
    minors: dict[tuple[int, ...], Polynomial] = {(): context.constant(1)}
    for i in range(n):
        grown: dict[tuple[int, ...], Polynomial] = {}
        for columns in combinations(range(n), i + 1):
            total = context.constant(0)
            for place, c in enumerate(columns):
                below = minors[columns[:place] + columns[place + 1 :]]
                if below and rows[i][c]:
                    term = rows[i][c] * below
                    total = total + term if (i + place) % 2 == 0 else total - term
            grown[columns] = normal_form(total, part)
        minors = grown
    return minors[tuple(range(n))]


def _same(a: Basis, b: Basis) -> bool:
    return len(a) == len(b) and all(x == y for x, y in zip(a, b, strict=True))


def _by_value(landscape: PolynomialLandscape, part: Basis) -> tuple[list[Basis] | None, Any]:
    """(pieces, None) where L satisfies a polynomial with several factors on the part, one piece
    for each factor; (None, m) where it satisfies the irreducible m; (None, None) else.

    Critical values are finitely many, so that some power of such a polynomial is in the ideal.
    """
    L = normal_form(landscape.loss, part)
    powers = [landscape.context.constant(1)]
    while len(powers) <= MAX_VALUE_DEGREE:
        relation = _relation(powers)
        if relation is not None:
            break
        spend()
        powers.append(normal_form(powers[-1] * L, part))
    else:
        return None, None
    factors = [f for f, _ in relation.factor()[1]]
    if len(factors) == 1 and relation.degree() == factors[0].degree():
        return None, factors[0]
    pieces: list[Basis] = []
    for f in factors:
        at = landscape.context.constant(0)
        for c in reversed(f.coeffs()):
            at = at * L + landscape.context.constant(c)
        pieces += cover([*part, at])
    if len(pieces) == 1 and _same(pieces[0], part):
        return None, factors[0] if len(factors) == 1 else None
    return pieces, None


def _relation(powers: Sequence[Polynomial]) -> Any:
    """The monic polynomial that makes the last power a combination of the ones before, or None."""
    monomials = sorted({m for p in powers for m in p.to_dict()})
    if not monomials:  # the last power is 0
        return fmpq_poly([0] * (len(powers) - 1) + [1])
    columns = [[p.to_dict().get(m, 0) for m in monomials] for p in powers]
    n = len(powers)
    if n == 1:
        return None
    matrix = fmpq_mat([[columns[j][i] for j in range(n)] for i in range(len(monomials))])
    reduced, rank = matrix.rref()
    if rank == n:
        return None
    # the earlier powers are independent, so the one free column is the last
    return fmpq_poly([-reduced[i, n - 1] for i in range(n - 1)] + [1])


def critical_manifold(
    landscape: PolynomialLandscape,
    rows: Sequence[int],
    units: Sequence[Polynomial],
) -> list[tuple[Basis, bool]]:
    """Closed pieces that cover {∂_iL = 0 for i in rows} where no unit vanishes; with each, whether
    all of ∇L vanishes on it.

    Let θ be a point where no unit is 0 and the rows of H named are independent. Near it the set is
    a smooth manifold of dimension N − len(rows), also over R, hence irreducible, and lies in one
    of the pieces through θ. If ∇L vanishes on each of these, the manifold is the critical set.
    """
    chosen = [landscape.gradient[i] for i in rows]
    pieces = cover(chosen, units)
    return [(piece, contains(piece, landscape.gradient)) for piece in pieces]
