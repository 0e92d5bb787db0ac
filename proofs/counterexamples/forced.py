"""What local minima force on the labels: which of them are left, and when none lowers rank H.

In: a `LabelSpace`. Out: the space that is left, and whether a proof excludes rank H < rank J.

1. `narrowed`. The facial reduction of `more` uses nothing but H ⪰ 0 and D³L = 0 on ker H. So at
   every local minimum r lies in the span of its space C, and its vectors Z ⊂ ker J lie in ker H.
   C = 0: r = 0, H = JᵀAJ.
2. `pencil`. C of dimension 1, r = c·n: on a complement of Z, H is h(c) = G + cS, G = JᵀAJ of rank
   ρ = rank J. rank H < ρ makes all ρ×ρ minors of h vanish at the real number c. Where h is larger,
   two random ρ×ρ compressions f, g of it have det f(c) = det g(c) = 0. Where it is ρ×ρ, let v(c) =
   adj h(c)·e. At such a c it is a vector of ker H, or 0, and D³L[v, v, v] = 0 there: f = det h and
   g = D³L[v(c), v(c), v(c)] vanish together. Both ways: only common real zeros of polynomials f, g
   in c can make θ a local minimum with rank H < rank J. Often there is none; rational ones are
   asked one by one.

Both need null spaces, which may be too large to carry. `perfect` does without: where ∂F/∂θ_p = 0
and ∂²F/∂θ_p² = 0 for all examples, H_pp = 0 for all labels, so that H ⪰ 0 makes
Σ_m r_m ∂²F_m/∂θ_p∂θ_q = 0 for all q. Where these columns and those of J have rank M, r = 0. Outputs
whose J and ∇²F are ± those of another, or 0, count but together: with ρ the sum of their ± r_m,
Σ_m r_m ∇²F_m = Σ ρ ∇²F over one of each kind, and rank M of these makes ρ = 0.

Common zeros are those of the greatest common divisor over Q; over other fields they are excluded by
an enclosure of Sylvester's determinant that does not contain 0.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import flint
import numpy as np
from flint import arb_mat, fmpq, fmpq_poly

from hessrank.proofs.counterexamples.higher import trilinear
from hessrank.proofs.counterexamples.label_space import SOFTMAX, LabelSpace
from hessrank.proofs.counterexamples.more import admissible, independent, reduce
from hessrank.proofs.minima.germs.leading_form import real_roots
from hessrank.symbolic.fields.balls import excludes_zero
from hessrank.symbolic.fields.elements import Element, Exact
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.linear_algebra.elimination import Vector
from hessrank.symbolic.linear_algebra.object_matrices import matmul
from hessrank.symbolic.ranks.formal_rank import columns_are_independent
from hessrank.symbolic.ranks.null_space import distinct, null_space

Array = np.ndarray[Any, Any]
Poly = list[Exact]

#: Pencils of at most this size; the bits of an enclosure.
MAX_PENCIL = 4
BITS = 512


def perfect(space: LabelSpace) -> bool:
    """Whether the D²f term is 0 wherever H ⪰ 0 and ∇L = 0: by a rank alone."""
    M, N, field = space.problem.M, space.problem.N, space.field
    if columns_are_independent(space.J.T.tolist(), M, field):
        return True
    columns = [*space.J.T]
    for p in range(N):
        if any(v != 0 for v in space.J[:, p]):
            continue
        if not any(v != 0 for v in space.second[:, p, p]):
            columns += [*space.second[:, p].T]
    examples, _ = distinct(np.hstack([space.J, space.second.reshape(M, N * N)]).tolist())
    if len(columns) == N and len(examples) == M:
        return False
    rows = [[c[m] for m in examples] for c in columns]
    return columns_are_independent(rows, len(examples), field)


def gauss_newton(space: LabelSpace) -> str:
    """Why H = JᵀAJ at all local minima, seen without the kernel of J, or ""."""
    if space.loss == SOFTMAX:
        return ""
    if perfect(space):
        return "the D²f term is 0 at every local minimum (zeros on the diagonal of H): H = JᵀAJ"
    if not any(v != 0 for S in space.bends for v in S.flat):
        return "the D²f term is 0 for every critical label: H = JᵀAJ"
    return ""


def narrowed(space: LabelSpace) -> tuple[LabelSpace, tuple[Vector, ...]]:
    """(the space with residuals that span C; a basis of Z)."""
    if not space.kernel or not space.residuals:
        return space, ()
    face = reduce(space)
    Z = independent([*(v for vectors, _ in face.steps for v in vectors), *space.flats], space)
    C = face.space
    if not face.vectors:  # all of ker J is in Z
        C = admissible(space, Z, len(space.residuals))
    if len(C) == len(space.residuals):
        return space, Z
    return space.within(C), Z


def pencil(
    space: LabelSpace, G: Array, Z: Sequence[Vector], rank_jacobian: int
) -> list[fmpq] | None:
    """The c at which the one residual that is left, c·n, can make rank H < rank J at a local
    minimum; None where they are not known. A of the loss is constant, Z as `narrowed` gives it,
    rank G = rank J."""
    field, N = space.field, space.problem.N
    off = null_space(list(Z), N, field) if Z else np.eye(N, dtype=int).tolist()
    W = np.array([[fmpq(v) if isinstance(v, int) else v for v in w] for w in off], dtype=object)
    size = len(W)
    if len(space.residuals) != 1 or not rank_jacobian or size > MAX_PENCIL:
        return None
    g, s = matmul(W, G, W.T), matmul(W, space.bends[0], W.T)
    if size > rank_jacobian:
        rng = random.Random(size)
        P, Q = (_random(rng, rank_jacobian, size) for _ in range(2))
        f, h = (_values(matmul(X, g, X.T), matmul(X, s, X.T), rank_jacobian) for X in (P, Q))
        return _common_zeros(f, h, field)
    cubic = _Cubic(space, W)
    f = _values(g, s, size)
    h = [cubic(fmpq(c), _adjugate_column(g + c * s, field)) for c in range(3 * size - 1)]
    return _common_zeros(f, h, field)


def _random(rng: random.Random, rows: int, columns: int) -> Array:
    return np.array(
        [[fmpq(rng.randint(-9, 9)) for _ in range(columns)] for _ in range(rows)], dtype=object
    )


def _values(g: Array, s: Array, degree: int) -> Poly:
    """det(g + cs) at c = 0, …, degree."""
    return [_det(g + c * s) for c in range(degree + 1)]


def _det(M: Array) -> Exact:
    """By expansion: for small matrices without divisions."""
    if not len(M):
        return fmpq(1)
    total: Exact = fmpq(0)
    for j in range(len(M)):
        if M[0, j] != 0:
            total = total + (-1) ** j * M[0, j] * _det(np.delete(M[1:], j, axis=1))
    return total


def _adjugate_column(M: Array, field: Field) -> Array:
    """adj(M)·e for a symmetric M and e = (1, 2, 4, …), which few kernels are orthogonal to."""
    n = len(M)
    adj = [
        [(-1) ** (i + j) * _det(np.delete(np.delete(M, j, 0), i, 1)) for j in range(n)]
        for i in range(n)
    ]
    weights = [fmpq(2) ** j for j in range(n)]
    return np.array(
        [sum((a * w for a, w in zip(row, weights, strict=True)), fmpq(0)) for row in adj],
        dtype=object,
    )


class _Cubic:
    """(c, x) ↦ D³L[v, v, v] for v = Σ x_i w_i and the residual c·n, A constant:
    3 Σ_m (AJv)_m vᵀ∇²F_m v + c Σ_m n_m D³F_m[v, v, v]."""

    def __init__(self, space: LabelSpace, W: Array) -> None:
        A = space.constant_loss_hessian
        assert A is not None
        self.AJ = matmul(A, space.J, W.T)
        self.second = [matmul(W, H, W.T) for H in space.second]
        found = trilinear(space, [tuple(w) for w in W])
        self.third = {at: value for at, (value,) in found.items()}  # one residual

    def __call__(self, c: fmpq, x: Array) -> Exact:
        total: Exact = fmpq(0)
        for slope, H in zip(matmul(self.AJ, x), self.second, strict=True):
            total = total + 3 * slope * matmul(x, H, x)
        for (i, j, k), value in self.third.items():
            same = len({i, j, k})
            total = total + c * (1, 3, 6)[same - 1] * value * x[i] * x[j] * x[k]
        return total


def _common_zeros(f: Poly, g: Poly, field: Field) -> list[fmpq] | None:
    """The common real zeros of polynomials, given by their values at 0, 1, …; None where they are
    not known to be rational and few."""
    if any(isinstance(v, Element) for v in (*f, *g)):
        coprime = _resultant_not_zero(_coefficients(f), _coefficients(g), field)
        return [] if coprime else None
    one, other = (fmpq_poly(_coefficients(v)) for v in (f, g))
    common = one.gcd(other)
    if not common:
        return None
    found = []
    for factor, _ in common.factor()[1]:
        if factor.degree() == 1:
            found.append(-factor[0] / factor[1])
        elif real_roots(list(factor.coeffs()), _sign):
            return None
    return found


def _sign(value: fmpq) -> int:
    return (value > 0) - (value < 0)


def _coefficients(values: Sequence[Exact]) -> Poly:
    """The coefficients of the polynomial of degree < n with the n values at 0, 1, …, by Newton's
    differences."""
    n = len(values)
    row, differences = list(values), []
    for k in range(n):
        differences.append(row[0])
        row = [(b - a) / (k + 1) for a, b in pairwise(row)]
    total: Poly = [fmpq(0)] * n
    for k in reversed(range(n)):  # total·(c − k) + differences[k]
        shifted = [fmpq(0), *total[:-1]]
        total = [a - k * b for a, b in zip(shifted, total, strict=True)]
        total[0] = total[0] + differences[k]
    return total


def _resultant_not_zero(f: Poly, g: Poly, field: Field) -> bool:
    """Whether an enclosure of Sylvester's determinant excludes 0. At a common zero c the powers of
    c are a vector of its kernel, whatever the leading coefficients are."""
    f, g = (_trimmed(p) for p in (f, g))
    if not f or not g:
        return False
    a, b = len(f) - 1, len(g) - 1
    if not a or not b:
        constant = f[0] if not a else g[0]
        return excludes_zero(field.ball(constant, BITS))
    rows = [[*[fmpq(0)] * i, *f[::-1], *[fmpq(0)] * (b - 1 - i)] for i in range(b)]
    rows += [[*[fmpq(0)] * i, *g[::-1], *[fmpq(0)] * (a - 1 - i)] for i in range(a)]
    balls = [[field.ball(v, BITS) for v in row] for row in rows]
    with flint.ctx.workprec(BITS):
        return excludes_zero(arb_mat(balls).det())


def _trimmed(p: Poly) -> Poly:
    kept = list(p)
    while kept and kept[-1] == 0:
        kept.pop()
    return kept
