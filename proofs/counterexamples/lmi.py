"""Homogeneous linear matrix inequalities, decided exactly: is some Σ c_k R_k positive definite?

In: symmetric m×m matrices R_k over the field of a point, without a common kernel. Out: `Feasible`
(such a c), or `Dual` (W ⪰ 0, W ≠ 0 with ⟨W, R_k⟩ = 0 for all k, which excludes it), each verified
by exact LDLᵀ; None where neither was found.

Sizes 1 and 2 need no solver. Of two dimensions, the complement of the span of the R_k holds a
matrix that tells: definite or of rank 1, it is W; indefinite, some definite matrix is orthogonal to
it. Larger ones are proposed by clarabel (the extra `search`), whose floats decide nothing: what
they propose is rounded and verified.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
from flint import fmpq

from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.linear_algebra.inertia import factorise, inertia
from hessrank.symbolic.ranks.null_space import null_space

Array = np.ndarray[Any, Any]

#: Denominators that are tried when a proposal is rounded: simple numbers first.
DENOMINATORS = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 30, 100, 1000, 10**4, 10**6)
#: How many short combinations are tried before anything else.
MAX_SHORT = 400


@dataclass(frozen=True)
class Feasible:
    """Σ c_k R_k ≻ 0."""

    c: tuple[Exact, ...]


@dataclass(frozen=True)
class Dual:
    """W ⪰ 0, W ≠ 0, ⟨W, R_k⟩ = 0 for all k."""

    W: tuple[tuple[Exact, ...], ...]


def solve(R: Sequence[Array], field: Field) -> Feasible | Dual | None:
    """Decide the inequality for matrices of one size m ≥ 1.

    >>> from fractions import Fraction
    >>> one = lambda *rows: np.array([[fmpq(v) for v in row] for row in rows], dtype=object)
    >>> solve([one([1, 0], [0, -1]), one([0, 1], [1, 0])], Field())
    Dual(W=((1, 0), (0, 1)))
    """
    m = len(R[0])
    for c in short(len(R)):
        if is_definite(combination(c, R), field):
            return Feasible(c)
    if m <= 2:
        return _two(R, field) if m == 2 else None
    return _proposed(R, field)


def short(width: int) -> Iterator[tuple[Exact, ...]]:
    """Combinations with entries 0, 1, −1, those with few entries first, at most MAX_SHORT."""
    found = 0
    for size in range(1, min(width, 4) + 1):
        for places in combinations(range(width), size):
            for signs in product((1, -1), repeat=size):
                at = dict(zip(places, signs, strict=True))
                yield tuple(fmpq(at.get(i, 0)) for i in range(width))
                found += 1
                if found == MAX_SHORT:
                    return


def combination(c: Sequence[Exact], R: Sequence[Array]) -> Array:
    """Σ c_k R_k."""
    total: Array = np.full(R[0].shape, fmpq(0), dtype=object)
    for factor, matrix in zip(c, R, strict=True):
        if factor != 0:
            total = total + factor * matrix
    return total


def is_definite(S: Array, field: Field) -> bool:
    """S ≻ 0, by exact LDLᵀ; refused early by a diagonal entry."""
    if any(field.sign(S[i, i]) <= 0 for i in range(len(S))):
        return False
    return inertia(S.tolist(), sign=field.sign).positive == len(S)


def _two(R: Sequence[Array], field: Field) -> Feasible | Dual | None:
    """Two dimensions, exactly."""
    rows = [[S[0, 0], 2 * S[0, 1], S[1, 1]] for S in R]
    complement = null_space(rows, 3, field)
    if not complement:
        return _reach(R, [[fmpq(1), fmpq(0)], [fmpq(0), fmpq(1)]], field)
    if len(complement) == 1:
        a, b, d = complement[0]
        kind = field.sign(a * d - b * b)
        if kind < 0:
            return _reach(R, _orthogonal([[a, b], [b, d]], field), field)
        turn = field.sign(a) or field.sign(d)
        return Dual(((turn * a, turn * b), (turn * b, turn * d)))
    if len(complement) == 2:  # the R_k are multiples of one matrix, neither definite nor singular
        one = next(S for S in R if any(v != 0 for v in S.flat))
        return Dual(tuple(map(tuple, _orthogonal(one.tolist(), field))))
    return None


def _orthogonal(X: Sequence[Sequence[Exact]], field: Field) -> list[list[Exact]]:
    """Y ≻ 0 with ⟨X, Y⟩ = 0, for an indefinite 2×2 matrix X = P L D Lᵀ Pᵀ."""
    found = factorise([list(row) for row in X], sign=field.sign)
    if len(found.blocks) == 1:
        return [[fmpq(1), fmpq(0)], [fmpq(0), fmpq(1)]]
    (((first,),), ((second,),)), l = found.blocks, found.L[1][0]
    e, f = field.sign(second) * second, field.sign(first) * first
    Y = [[e + l * l * f, -l * f], [-l * f, f]]
    i, j = found.order
    return [[Y[i][i], Y[i][j]], [Y[j][i], Y[j][j]]]


def _reach(R: Sequence[Array], Y: list[list[Exact]], field: Field) -> Feasible | None:
    """c with Σ c_k R_k = Y, for Y ≻ 0 in the span."""
    m = len(Y)
    rows = [[*(S[i, j] for S in R), -Y[i][j]] for i in range(m) for j in range(i, m)]
    found = null_space(rows, len(R) + 1, field)
    if not found or found[-1][-1] == 0:
        return None
    c = tuple(v / found[-1][-1] for v in found[-1][:-1])
    return Feasible(c) if is_definite(combination(c, R), field) else None


# --- larger sizes: proposed in floats, decided exactly --------------------------------------------


def _proposed(R: Sequence[Array], field: Field) -> Feasible | Dual | None:
    near = [floats(S, field) for S in R]
    scale = max(float(np.abs(S).max()) for S in near)
    guess = _clarabel([S / scale for S in near])
    if guess is None:
        return None
    c, W = guess
    if (largest := max(map(abs, c))) > 0:
        for rational in rounded(np.asarray(c) / largest):
            if is_definite(combination(rational, R), field):
                return Feasible(rational)
    return _round_dual(W, R, field)


def rounded(values: Any) -> Iterator[tuple[Exact, ...]]:
    """The values with denominators 1, 2, 3, …: simple ones first."""
    for d in DENOMINATORS:
        yield tuple(fmpq(round(float(v) * d), d) for v in values)


def floats(S: Array, field: Field) -> Array:
    return np.array([[float(field.ball(v, 64).mid()) for v in row] for row in S])


def _round_dual(W: Array, R: Sequence[Array], field: Field) -> Dual | None:
    """W rounded in its free entries; the others follow from ⟨W, R_k⟩ = 0 exactly."""
    m = len(W)
    places = [(i, j) for i in range(m) for j in range(i, m)]
    rows = [[S[i, j] * (1 if i == j else 2) for i, j in places] for S in R]
    basis = null_space(rows, len(places), field)
    if not basis:
        return None
    free = [max(k for k, v in enumerate(b) if v == 1 and _alone(basis, k)) for b in basis]
    top = max(abs(W[i, i]) for i in range(m)) or 1.0
    for weights in rounded([W[places[k]] / top for k in free]):
        entries = [
            sum((w * b[k] for w, b in zip(weights, basis, strict=True)), fmpq(0))
            for k in range(len(places))
        ]
        table = [[fmpq(0)] * m for _ in range(m)]
        for (i, j), v in zip(places, entries, strict=True):
            table[i][j] = table[j][i] = v
        found = inertia(table, sign=field.sign)
        if found.negative == 0 and found.positive > 0:
            return Dual(tuple(map(tuple, table)))
    return None


def _alone(basis: Sequence[Sequence[Exact]], k: int) -> bool:
    """Whether only one vector of the basis has an entry at k: its free coordinate."""
    return sum(b[k] != 0 for b in basis) == 1


def _clarabel(R: Sequence[Array]) -> tuple[Array, Array] | None:
    """max t with Σ c_k R_k ⪰ t I, |c| ≤ 1: (c, the dual matrix); None without the solver."""
    m, k = len(R[0]), len(R)
    columns = [-svec(S) for S in R] + [svec(np.eye(m))]
    bound = np.hstack([np.eye(k), np.zeros((k, 1))])
    found = conic(
        np.vstack([np.column_stack(columns), bound, -bound]),
        np.concatenate([np.zeros(m * (m + 1) // 2), np.ones(2 * k)]),
        m,
    )
    if found is None:
        return None
    x, z = found
    W, at = np.zeros((m, m)), 0
    for j in range(m):
        for i in range(j + 1):
            W[i, j] = W[j, i] = z[at] / (1 if i == j else 2**0.5)
            at += 1
    return x[:k], W


def conic(A: Array, b: Array, m: int) -> tuple[Array, Array] | None:
    """max of the last variable with b − Ax in (the cone of m×m matrices) × (nonnegative numbers):
    (x, z), or None where clarabel is not there."""
    try:
        import clarabel
        from scipy import sparse
    except ImportError:
        return None
    n = A.shape[1]
    q = np.zeros(n)
    q[-1] = -1
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    rest = len(b) - m * (m + 1) // 2
    cones = [clarabel.PSDTriangleConeT(m), clarabel.NonnegativeConeT(rest)]
    zero = sparse.csc_matrix((n, n))
    solver = clarabel.DefaultSolver(zero, q, sparse.csc_matrix(A), b, cones, settings)
    solution = solver.solve()
    x, z = np.array(solution.x), np.array(solution.z)
    return (x, z) if np.isfinite(x).all() and np.isfinite(z).all() else None


def svec(M: Array) -> Array:
    return np.array(
        [M[i, j] * (1 if i == j else 2**0.5) for j in range(len(M)) for i in range(j + 1)]
    )
