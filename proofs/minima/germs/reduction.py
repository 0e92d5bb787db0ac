"""L near a critical point with H ⪰ 0, reduced to the kernel of H (splitting lemma).

In: a `Landscape` with ∇L = 0. Out: the leading form at 0 of a function g on ker H, or on a few
directions of it, exact, up to order 12; for two directions also what the edges of its Newton
polygon say, which see L = x⁴ + y⁶ − 3x²y³ fall where the leading form x⁴ does not.

Let k_1, …, k_n ∈ ker H, and let W be the coordinates of the pivots of H, on which H is definite.
There are analytic w_p(t) = O(|t|²), p ∈ W, with ∂_p L(θ + Σ t_i k_i + w(t)) = 0 near t = 0, by the
implicit function theorem; put g(t) = L(θ + Σ t_i k_i + w(t)) − L(θ).

- Every value of g is one that L takes near θ: where g takes negative values arbitrarily near 0, θ
  is no minimum.
- Where k_1, …, k_n span ker H, (t, w) are coordinates around θ, and L is strictly convex in w
  there: L(t, w) ≥ L(t, w(t)), with equality only at w = w(t). Hence θ is a (strict) local minimum
  of L exactly where 0 is one of g. (Thom's splitting lemma: Bröcker, Differentiable Germs and
  Catastrophes, 14.12; in one variable the method of Lyapunov and Schmidt.)
- Where the leading form q of g, of degree d, is positive away from 0, g ≥ c|t|^d near 0, c > 0: a
  strict minimum. Where q takes a negative value at v, g(sv) = s^d (q(v) + O(s)) < 0 for small
  s > 0: no minimum.

L is analytic near θ away from kinks: closed forms are compositions of analytic functions. w is
computed order by order: with w known below order k, the terms of order k of ∂_W L are
c_k + H_WW w_k. An error of order k + 1 in w changes g, stationary in w, by order 2k + 2: w to order
m/2 gives g to order m.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flint import fmpq

from hessrank.proofs.facts.smooth_piece import smooth_piece
from hessrank.proofs.minima.germs.leading_form import FormSign, Monomial, form_sign
from hessrank.proofs.minima.germs.newton_polygon import edges_sign
from hessrank.proofs.minima.germs.power_series import PowerSeries, Series
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.expressions import differentiation
from hessrank.symbolic.expressions.expression import Expr, evaluate, postorder
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.linear_algebra.elimination import Vector
from hessrank.symbolic.problems.evaluation import total_loss
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.matrices import Matrix
from hessrank.symbolic.ranks.null_space import null_space

#: L is expanded where its closed form, with its gradient, has at most this many nodes.
MAX_NODES = 20_000

T = TypeVar("T")


@dataclass(frozen=True)
class Leading:
    """What the leading form of g is, and its degree; None where all terms up to the order vanish.
    falls: for one direction v and a negative form, ±1 where g(t) < 0 for small t of that sign."""

    sign: FormSign | None
    degree: int
    falls: int = 0


def leading(
    here: Landscape, H: Matrix, weights: Sequence[Sequence[int]] | None, order: int
) -> Leading:
    """The leading form of g up to `order`.

    weights: the directions as integral combinations of the basis of ker H that has a 1 at each free
    coordinate; None for that basis itself. Raises UndecidedError or TooLarge where values are not
    decided or grow too large, KinkError at a kink.
    """
    return _reduced(here, H, weights, order, _leading)


def newton_edges(
    here: Landscape, H: Matrix, weights: Sequence[Sequence[int]] | None, order: int
) -> FormSign:
    """What the Newton polygon of g says, for two directions; arguments and errors of `leading`."""
    return _reduced(here, H, weights, order, _edges)


def _reduced(
    here: Landscape,
    H: Matrix,
    weights: Sequence[Sequence[int]] | None,
    order: int,
    read: Callable[[Iterator[tuple[int, Series]], Field], T],
) -> T:
    """What `read` says of (m, g up to the order m) for m = 4, 6, …, order."""
    names = here.problem.model.parameters
    (L,) = smooth_piece([total_loss(here.problem)], here)
    slopes = differentiation.gradient(L, names)
    if len(postorder([L, *slopes])) > MAX_NODES:
        raise UndecidedError(f"the closed form of ∇L has more than {MAX_NODES} nodes")

    def build(field: Field) -> T:
        rows = _carried(H, field)
        return read(_expansions(here, rows, L, slopes, weights, order, field), field)

    return evaluate_in_field(build)


def _carried(H: Matrix, field: Field) -> list[list[Exact]]:
    """The entries of H as numbers of another field."""
    if H.is_rational:
        return [list(row) for row in H.rows]
    flat = evaluate([H.field.expr(v) for row in H.rows for v in row], field, {})
    n = H.shape[1]
    return [flat[i : i + n] for i in range(0, len(flat), n)]


def _leading(expansions: Iterator[tuple[int, Series]], field: Field) -> Leading:
    for m, g in expansions:
        for degree in range(1, m + 1):
            part = g.part(degree)
            if any(field.sign(c) for c in part.values()):
                if degree < 3:
                    raise UndecidedError("a first or second derivative was not seen to vanish")
                found = form_sign(part, field.sign)
                if g.ring.n > 1 or found is not FormSign.NEGATIVE:
                    return Leading(found, degree)
                odd = degree % 2 and field.sign(part[(degree,)]) > 0
                return Leading(found, degree, -1 if odd else 1)
    return Leading(None, 0)


def _edges(expansions: Iterator[tuple[int, Series]], field: Field) -> FormSign:
    for m, g in expansions:
        terms = {e: c for e, c in g.terms.items() if any(e) and field.sign(c)}
        found = edges_sign(terms, m, field.sign)
        if found in (FormSign.POSITIVE, FormSign.NEGATIVE):
            return found
    return FormSign.UNDECIDED


def _expansions(
    here: Landscape,
    H: list[list[Exact]],
    L: Expr,
    slopes: Sequence[Expr],
    weights: Sequence[Sequence[int]] | None,
    order: int,
    field: Field,
) -> Iterator[tuple[int, Series]]:
    kernel = null_space(H, len(H), field)
    free = [max(i for i, v in enumerate(k) if v != 0) for k in kernel]
    pivots = [i for i in range(len(H)) if i not in free]
    chosen = list(kernel) if weights is None else [combined(kernel, w) for w in weights]
    inverse = _inverse([[H[i][j] for j in pivots] for i in pivots], field)
    theta = here.theta(field)
    n = len(chosen)
    w: dict[int, dict[Monomial, Exact]] = {p: {} for p in pivots}

    def point(ring: PowerSeries) -> dict[str, Series]:
        at = {}
        for i, name in enumerate(here.problem.model.parameters):
            terms: dict[Monomial, Exact] = {ring.one: theta[name], **w.get(i, {})}
            for j, k in enumerate(chosen):
                if k[i] != 0:
                    terms[tuple(int(a == j) for a in range(n))] = k[i]
            at[name] = ring.series(terms)
        return at

    for k in range(2, order // 2 + 1):  # w to order k gives g to order 2k
        ring = PowerSeries(field, n, k)
        G = [g.part(k) for g in evaluate([slopes[p] for p in pivots], ring, point(ring))]
        for monomial in sorted({x for part in G for x in part}):
            c = [part.get(monomial, fmpq(0)) for part in G]
            for p, row in zip(pivots, inverse, strict=True):
                w[p][monomial] = -sum(a * b for a, b in zip(row, c, strict=True))
        ring = PowerSeries(field, n, 2 * k)
        (g,) = evaluate([L], ring, point(ring))
        yield 2 * k, g


def combined(kernel: Sequence[Vector], weights: Sequence[int]) -> Vector:
    """Σ w_j k_j."""
    return tuple(
        sum((w * k[i] for w, k in zip(weights, kernel, strict=True) if w), fmpq(0))
        for i in range(len(kernel[0]))
    )


def _inverse(rows: list[list[Exact]], field: Field) -> list[list[Exact]]:
    """The inverse of an invertible symmetric matrix: what [A | −I] annihilates is (A⁻¹y, y)."""
    r = len(rows)
    wide = [[*row, *(fmpq(-int(i == j)) for j in range(r))] for i, row in enumerate(rows)]
    basis = null_space(wide, 2 * r, field) if r else ()
    if len(basis) != r or any(b[r + j] != 1 for j, b in enumerate(basis)):
        raise UndecidedError("H was not inverted on its pivots")
    return [list(b[:r]) for b in basis]  # symmetric: columns are rows
