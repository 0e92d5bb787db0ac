"""Labels that make θ a local minimum with a Hessian of lower rank than J, found along a direction.

In: a `LabelSpace` of a loss whose A and higher derivatives do not depend on the labels. Out: an
`Answer`. Up to a constant, L with residual r is L with r = 0 plus Σ_m r_m F_m, so all derivatives
of L are affine in c. (Softmax: where rank PJ < rank J, the labels y = p do.)

For v ∉ ker J the conditions H(c)v = 0 and D³L[v, v, u] = 0 for u = v and for all u that lie in
ker H whatever the labels are (`forced`) are linear in c, necessary at a local minimum, and so is

    M(c) = [[D⁴L[v, v, v, v]/12, bᵀ/2], [b/2, H]],    b = D³L[v, v, ·].

M ≻ 0 off v means that L rises with the fourth power along the valley of v. Where every S_k kills u,
uᵀHv = uᵀ(JᵀAJ)v must vanish, so only v in B = {v : uᵀ(JᵀAJ)v = 0} can lie in ker H: where B ⊂ ker J
there are no such labels. Where `forced` leaves one v, or one residual, that may be excluded, too.
Otherwise the choice of v is open, and what was not found is not excluded. What is found counts only
where `minima` certifies the local minimum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import gcd
from typing import Any

import numpy as np
from flint import fmpq

from hessrank.proofs.counterexamples import lmi
from hessrank.proofs.counterexamples.answer import Answer
from hessrank.proofs.counterexamples.forced import narrowed, pencil
from hessrank.proofs.counterexamples.higher import along, cubic
from hessrank.proofs.counterexamples.label_space import (
    BINARY,
    LABEL_FREE,
    SOFTMAX,
    LabelSpace,
    label_space,
)
from hessrank.proofs.minima.minimum import minimum
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.errors import DomainError, InputError, UndecidedError
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.elimination import Vector, annihilates
from hessrank.symbolic.linear_algebra.inertia import inertia
from hessrank.symbolic.linear_algebra.object_matrices import matmul
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.null_space import null_space

Array = np.ndarray[Any, Any]

#: Entries of v in its basis, and how many directions are tried.
HEIGHT = 2
MAX_DIRECTIONS = 24
#: What rounding may leave of H(c)v = 0 in floats.
ROUNDING = 1e-7
#: Proposals of the solver lie in |u| ≤ this.
BOX = 1e4
_THIRD = "D³L[v, v, ·] = 0 on ker H"
_ONE = "one residual c·n is left at local minima"


def fewer(space: LabelSpace, rank_jacobian: int) -> Answer:
    """Whether some labels make θ a certified local minimum with rank H < rank J."""
    if space.loss == SOFTMAX and space.problem.N - len(space.kernel) < rank_jacobian:
        return _at_probabilities(space)
    if not rank_jacobian:
        return Answer(Truth.FALSE, "rank J = 0")
    if not space.residuals:
        return Answer(Truth.FALSE, "no residual r ≠ 0 makes θ critical, so H = JᵀAJ")
    if not any(v != 0 for S in space.bends for v in S.flat):
        return Answer(Truth.FALSE, "the D²f term is 0 for every critical label: H = JᵀAJ")
    space, Z = narrowed(space)
    if not any(v != 0 for S in space.bends for v in S.flat):
        why = "the D²f term is 0 for all labels of a local minimum (facial reduction): H = JᵀAJ"
        return Answer(Truth.FALSE, why)
    if space.loss not in LABEL_FREE:
        return Answer(Truth.UNDECIDED, f"not looked for: A of {space.loss} depends on the labels")
    if space.loss == BINARY:
        with_p = label_space(space.here, probabilities=True)
        assert with_p is not None
        space, Z = narrowed(with_p)
    G = _gauss_newton(space)
    B = _directions(space, G, Z)
    if all(annihilates(space.J.tolist(), v) for v in B):
        return Answer(
            Truth.FALSE,
            "every v with uᵀ(JᵀAJ)v = 0 for all u that the D²f term kills at local minima lies in "
            "ker J, and ker H consists of such v: rank H ≥ rank J for all labels",
        )
    found = _along(space, G, B, Z, rank_jacobian) if len(B) == 1 else None
    if found is not None and found.exists is not Truth.UNDECIDED:
        return found
    if space.constant_loss_hessian is not None:
        zeros = pencil(space, G, Z, rank_jacobian)
        if zeros is not None and (answer := _one_by_one(space, zeros, rank_jacobian)):
            return answer
    return found or _along(space, G, B, Z, rank_jacobian)


def _one_by_one(space: LabelSpace, zeros: Sequence[fmpq], rank_jacobian: int) -> Answer | None:
    """The answer where only the residuals c·n of some c are left; None where one is undecided."""
    if not zeros:
        return Answer(
            Truth.FALSE,
            f"{_ONE}, and no c makes rank H < rank J with D³L = 0 on ker H: two polynomials in c "
            "have no common zero",
        )
    whys = []
    for c in zeros:
        here = space.at(space.residual([c]))
        rank, local = here.rank("hessian"), minimum(here).local
        if rank.upper < rank_jacobian and local.truth is Truth.TRUE:
            return Answer(Truth.TRUE, f"{_ONE}, c = {c}: {local.reason}", here, rank)
        if rank.lower < rank_jacobian and local.truth is not Truth.FALSE:
            return None
        why = local.reason if rank.lower < rank_jacobian else f"rank H = {rank.shown}"
        whys.append(f"c = {c} ({why})")
    return Answer(Truth.FALSE, f"{_ONE}, and rank H < rank J takes {' or '.join(whys)}")


def _along(
    space: LabelSpace, G: Array, B: Sequence[Vector], Z: Sequence[Vector], rank_jacobian: int
) -> Answer:
    """Small directions of B. Where B has one alone, up to Z, the answer may be that there are
    none: v or what differs from it by Z lies in ker H."""
    tried, found_flat = 0, ""
    promising = _promising(space, G)
    for v in _small(space, B):
        tried += 1
        only = f"ker H is spanned by ker J and v = {_row(v)}, and " if len(B) == 1 else ""
        try:
            problem = _affine(space, G, v, Z) if only or promising(v) else None
        except (UndecidedError, TooLarge):
            continue
        if only and (why := _excluded(space, problem)):
            return Answer(Truth.FALSE, only + why)
        if problem is None:
            continue
        for here in _valleys(space, problem):
            rank = here.rank("hessian")
            if rank.upper >= rank_jacobian:
                continue
            kind = minimum(here)
            if kind.local.truth is Truth.TRUE:
                why = f"Hv = 0 along v = {_row(v)}; {kind.local.reason}"
                return Answer(Truth.TRUE, why, here, rank)
            if only and not problem.free and kind.local.truth is Truth.FALSE:
                return Answer(
                    Truth.FALSE,
                    f"{only}one label vector has Hv = 0 and {_THIRD}: {kind.local.reason}",
                )
            found_flat = f"; the last with H ⪰ 0: {kind.local.reason}"
    return Answer(Truth.UNDECIDED, f"{tried} directions v were tried, none excluded{found_flat}")


def _row(v: Vector) -> str:
    return f"({', '.join(map(str, v))})"


def _excluded(space: LabelSpace, problem: _Affine | None) -> str:
    """Why no labels of a local minimum have Hv = 0, or "". M(c) ⪰ 0 is necessary: along θ + sv +
    s²w the fourth order of L is s⁴/2 times the form of M at (1, w)."""
    if problem is None:
        return f"no labels have Hv = 0 and {_THIRD}"
    if not problem.free and inertia(problem.constant.tolist(), sign=space.field.sign).negative:
        return f"L falls along a parabola at the only labels with Hv = 0 and {_THIRD}"
    return ""


def _promising(space: LabelSpace, G: Array) -> Callable[[Vector], bool]:
    """Whether floats see labels with H(c)v = 0. Where they do not, v is tried no further: then
    nothing is found along v, and nothing is said of it."""
    near = [lmi.floats(S, space.field) for S in (G, *space.bends)]

    def test(v: Vector) -> bool:
        direction = lmi.floats(np.array([v], dtype=object), space.field)[0]
        right, *columns = (S @ direction for S in near)
        slopes = np.column_stack(columns)
        c = np.linalg.lstsq(slopes, -right, rcond=1e-10)[0]
        miss = np.abs(slopes @ c + right).max()
        return bool(miss <= ROUNDING * (1 + np.abs(slopes).max()) * (1 + np.abs(c).max()))

    return test


def _at_probabilities(space: LabelSpace) -> Answer:
    """Softmax with rank PJ < rank J: the labels y = p."""
    here = space.at([fmpq(0)] * space.problem.M)
    kind, rank = minimum(here), here.rank("hessian")
    why = f"y = p, so H = JᵀAJ, and rank JᵀAJ = rank PJ; {kind.local.reason}"
    return Answer(kind.local.truth, why, here, rank)


def _curvatures(space: LabelSpace) -> tuple[Array, list[Exact], list[Exact]]:
    """(A, the third, the fourth derivatives of ℓ by each output), free of the labels."""
    M = space.problem.M
    constant = space.constant_loss_hessian
    if constant is not None:
        return constant, [fmpq(0)] * M, [fmpq(0)] * M
    assert space.loss == BINARY
    p = space.probabilities
    s = [v * (1 - v) for v in p]
    A = np.full((M, M), fmpq(0), dtype=object)
    np.fill_diagonal(A, s)
    third = [v * (1 - 2 * q) for v, q in zip(s, p, strict=True)]
    return A, third, [v * (1 - 6 * v) for v in s]


def _gauss_newton(space: LabelSpace) -> Array:
    A, _, _ = _curvatures(space)
    return matmul(space.J.T, A, space.J)


def _directions(space: LabelSpace, G: Array, flats: Sequence[Vector]) -> tuple[Vector, ...]:
    """A basis of {v : uᵀGv = 0 for all u with S_k u = 0 for all k} orthogonal to the flat
    directions: these lie in ker J and in ker H, and can be added to any v."""
    N = space.problem.N
    rows = [row for S in space.bends for row in S.tolist()]
    killed = null_space(rows, N, space.field)
    images = [matmul(np.array(u, dtype=object), G).tolist() for u in killed]
    return null_space([*images, *flats], N, space.field)


def _small(space: LabelSpace, B: Sequence[Vector]) -> Iterator[Vector]:
    """Small combinations of B outside of ker J, one of each pair ±v."""
    found = 0
    for c in _grid(len(B)):
        if next((x for x in c if x), -1) < 0 or gcd(*c) > 1:
            continue
        v = tuple(
            sum((x * b[i] for x, b in zip(c, B, strict=True) if x), fmpq(0))
            for i in range(space.problem.N)
        )
        if annihilates(space.J.tolist(), v):
            continue
        yield v
        found += 1
        if found == MAX_DIRECTIONS:
            return


@cache
def _grid(width: int) -> list[tuple[int, ...]]:
    """Small integer vectors, those with small entries first."""
    if width > 5:  # the grid is too large: few entries
        return [tuple(map(int, c)) for c in lmi.short(width)]
    span = range(-HEIGHT, HEIGHT + 1)
    return sorted(product(span, repeat=width), key=lambda c: (sum(map(abs, c)), c))


@dataclass(frozen=True)
class _Affine:
    """M(c₀ + Σ u_k c_k) = M₀ + Σ u_k M_k on the complement of v and the flat directions."""

    start: Vector
    free: tuple[Vector, ...]
    constant: Array
    slopes: tuple[Array, ...]


def _valleys(space: LabelSpace, problem: _Affine) -> Iterator[Landscape]:
    """Landscapes with Hv = 0, no cubic term along v and M ≻ 0 off v."""
    try:
        for u in _feasible(problem, space):
            c = list(problem.start)
            for factor, direction in zip(u, problem.free, strict=True):
                c = [x + factor * y for x, y in zip(c, direction, strict=True)]
            yield space.at(space.residual(c))
    except (UndecidedError, TooLarge, InputError, DomainError):
        return


def _affine(space: LabelSpace, G: Array, v: Vector, flats: Sequence[Vector]) -> _Affine | None:
    field, N, q = space.field, space.problem.N, len(space.residuals)
    vector = np.array(v, dtype=object)
    images, Gv = [matmul(S, vector) for S in space.bends], matmul(G, vector)
    rows = [[*(image[i] for image in images), Gv[i]] for i in range(N)]
    if not _solvable(null_space(rows, q + 1, field), q):  # no labels have Hv = 0
        return None
    A, ell3, ell4 = _curvatures(space)
    Jv = matmul(space.J, vector)
    bent = [matmul(H, vector) for H in space.second]
    vHv = np.array([matmul(b, vector) for b in bent], dtype=object)
    AJv, AvHv = matmul(A, Jv), matmul(A, vHv)
    # D³L₀[v,v,·] of L with r = 0
    b0 = matmul(AvHv, space.J) + sum(2 * a * b for a, b in zip(AJv, bent, strict=True))
    b0 = b0 + sum(k * j * j * row for k, j, row in zip(ell3, Jv, space.J, strict=True))
    bs = cubic(space, v)
    for u in (v, *flats):
        along_u = np.array(u, dtype=object)
        rows.append([*(matmul(b, along_u) for b in bs), matmul(b0, along_u)])
    solutions = null_space(rows, q + 1, field)
    if not _solvable(solutions, q):
        return None
    start = tuple(x / solutions[-1][q] for x in solutions[-1][:q])
    free = tuple(s[:q] for s in solutions[:-1])
    higher = along(space, v)
    T3 = [np.array(t, dtype=object) for t in higher.third]
    # D⁴L₀[v,v,v,v]
    l0 = 3 * matmul(vHv, AvHv) + sum(
        (4 * a * matmul(t, vector) for a, t in zip(AJv, T3, strict=True)), 0
    )
    l0 = l0 + sum(6 * k * j * j * h for k, j, h in zip(ell3, Jv, vHv, strict=True))
    l0 = l0 + sum(k * j * j * j * j for k, j in zip(ell4, Jv, strict=True))
    ls = [sum(n * t for n, t in zip(r, higher.fourth, strict=True)) for r in space.residuals]
    off = np.array(null_space([v, *flats], N, field), dtype=object).reshape(-1, N)

    def border(l: Exact, b: Array, H: Array) -> Array:
        n = len(off)
        M = np.full((n + 1, n + 1), fmpq(0), dtype=object)
        M[0, 0] = l * fmpq(1, 12)
        M[0, 1:] = M[1:, 0] = matmul(off, b) * fmpq(1, 2)
        M[1:, 1:] = matmul(off, H, off.T)
        return M

    slopes = [border(l, b, S) for l, b, S in zip(ls, bs, space.bends, strict=True)]
    constant = border(l0, b0, G) + lmi.combination(start, slopes)
    return _Affine(start, free, constant, tuple(lmi.combination(f, slopes) for f in free))


def _solvable(solutions: Sequence[Vector], q: int) -> bool:
    """Whether the last coordinate can be 1."""
    return bool(solutions) and solutions[-1][q] != 0


def _feasible(problem: _Affine, space: LabelSpace) -> Iterator[tuple[Exact, ...]]:
    """u with M₀ + Σ u_k M_k ≻ 0: short ones first, then what the solver proposes."""
    width = len(problem.free)

    def good(u: Sequence[Exact]) -> bool:
        M = problem.constant + (lmi.combination(u, problem.slopes) if width else 0)
        return lmi.is_definite(M, space.field)

    zero = (fmpq(0),) * width
    if good(zero):
        yield zero
        return
    if not width:
        return
    guess = _proposal(problem, space)
    if guess is None:
        yield from (u for u in lmi.short(width) if good(u))
        return
    if guess[-1] > 0:
        for u in lmi.rounded(guess[:-1]):
            if good(u):
                yield u
                return


def _proposal(problem: _Affine, space: LabelSpace) -> Array | None:
    """max t ≤ 1 with M₀ + Σ u_k M_k ⪰ t I, in floats: (u, t)."""
    near = [lmi.floats(S, space.field) for S in (problem.constant, *problem.slopes)]
    m, k = len(near[0]), len(problem.free)
    columns = [-lmi.svec(S) for S in near[1:]] + [lmi.svec(np.eye(m))]
    bound = np.hstack([np.eye(k), np.zeros((k, 1))])
    last = np.array([[0.0] * k + [1.0]])
    found = lmi.conic(
        np.vstack([np.column_stack(columns), bound, -bound, last]),
        np.concatenate([lmi.svec(near[0]), np.full(2 * k, BOX), np.ones(1)]),
        m,
    )
    return None if found is None else found[0]
