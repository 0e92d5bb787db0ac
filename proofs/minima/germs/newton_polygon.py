"""The sign of a function of two variables near 0, from the edges of its Newton polygon.

In: the terms of g up to an order, as {(a, b): coefficient of xᵃyᵇ}. Out: `FormSign`: POSITIVE where
g > 0 near 0 away from 0, NEGATIVE where g takes negative values arbitrarily near 0.

For weights p, q > 0 let g_w be the part of g of least weight d = pa + qb. Then
g(tᵖx, t^q y) = t^d (g_w(x, y) + O(t)). The parts g_w are those of the edges and corners of the
Newton polygon, the lower left boundary of the convex hull of all (a, b) + [0, ∞)².

- Where the part of an edge is negative at (x, y), g is on the curve (tᵖx, t^q y) for small t > 0.
- Let the polygon meet both axes, and let every edge be positive where xy ≠ 0. Then g > 0 near 0
  away from 0: else there were an analytic curve (x(t), y(t)) → 0 with g ≤ 0 for t > 0 (curve
  selection; Milnor, Singular Points of Complex Hypersurfaces, 1968, lemma 3.1). With
  x = αtᵖ + …, y = βt^q + …, αβ ≠ 0, g is t^d (g_w(α, β) + O(t)), g_w the part of an edge or of an
  end of one, which is positive as a limit that is not zero; with x = 0 it is that of the corner on
  the axis. (Vasil’ev 1977, on minima and the Newton polygon.)
- An edge that is never negative may vanish at x = ±X, y = ±Y. The curves that are left out so far
  are x = ±tᵖ(X + s), y = ±t^q Y with s → 0: on them g = t^d G(s, t), and the same is asked of G for
  t > 0 (Newton and Puiseux). (x² + y³)² + y⁷ is found to fall so, and (x + y)⁴ − y⁵. It is asked
  where X^q/Yᵖ is rational; then X and Y can be.

xᵃyᵇ of a degree above the order m has at least the weight (m + 1)·min(p, q): an edge counts where
its own weight is smaller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise, product
from math import comb, gcd

from flint import fmpq, fmpq_poly

from hessrank.proofs.minima.germs.leading_form import FormSign, Sign, form_sign, real_roots
from hessrank.symbolic.fields.elements import Element, Exact

Point = tuple[int, int]
Terms = Mapping[Point, Exact]
#: The least weight pa + qb of a term that is not known, from p and q.
Unknown = Callable[[int, int], int]

#: Curves are followed through at most this many substitutions.
MAX_DEPTH = 6


def edges_sign(terms: Mapping[tuple[int, ...], Exact], order: int, sign: Sign) -> FormSign:
    """What the edges say of g. terms: those of degree at most `order` that are not 0, none of
    degree 0.

    >>> rational = lambda v: (v > 0) - (v < 0)
    >>> edges_sign({(4, 0): fmpq(1), (2, 3): fmpq(-3), (0, 6): fmpq(1)}, 6, rational).value
    'negative somewhere'
    >>> edges_sign({(4, 0): fmpq(1), (2, 3): fmpq(-1), (0, 6): fmpq(1)}, 6, rational).value
    'positive away from 0'
    """
    points = {(m[0], m[1]): c for m, c in terms.items()}
    return _sign_of(points, lambda p, q: (order + 1) * min(p, q), (1, -1), sign, 0)


def _sign_of(
    terms: Terms, unknown: Unknown, sides: Sequence[int], sign: Sign, depth: int
) -> FormSign:
    """What the edges say of g where y has one of the signs `sides`."""
    corners = _corners(terms)
    known = len(corners) > 1 and corners[0][0] == 0 == corners[-1][1]
    for start, end in pairwise(corners):
        p, q = _weights(start, end)
        if p * start[0] + q * start[1] >= unknown(p, q):
            known = False
            continue
        for x, y in product((1, -1), sides):
            quadrant = {(a, b): c * (x**a * y**b) for (a, b), c in terms.items()}
            found = _on_edge(quadrant, start, end, unknown, sign, depth)
            if found is FormSign.NEGATIVE:
                return found
            known = known and found is FormSign.POSITIVE
    return FormSign.POSITIVE if known else FormSign.UNDECIDED


def _on_edge(
    terms: Terms, start: Point, end: Point, unknown: Unknown, sign: Sign, depth: int
) -> FormSign:
    """What g is on the curves (tᵖ(X + s), t^q Y), X, Y > 0, s → 0, that belong to an edge. Its part
    is a monomial times f(x^q/yᵖ), f a polynomial with a coefficient for each lattice point."""
    p, q = _weights(start, end)
    steps = range((end[0] - start[0]) // q + 1)
    f = [terms.get((start[0] + i * q, start[1] - i * p), fmpq(0)) for i in steps]
    k = len(f) - 1
    found = form_sign({(2 * i, 2 * (k - i)): c for i, c in enumerate(f)}, sign)  # f(u²)
    if found is not FormSign.SEMIDEFINITE or depth == MAX_DEPTH:
        return found
    d, roots = p * start[0] + q * start[1], _rational_roots(f)
    room, known = unknown(p, q) - d, len(roots) == _positive_roots(f, sign)
    for root in roots:
        below = _moved(terms, (p, q), d, _place(root, p, q), room)
        inner = _sign_of(below, lambda _, t: t * room, (1,), sign, depth + 1)
        if inner is FormSign.NEGATIVE:
            return inner
        known = known and inner is FormSign.POSITIVE
    return FormSign.POSITIVE if known else FormSign.UNDECIDED


def _positive_roots(f: Sequence[Exact], sign: Sign) -> int:
    """How many there are, f(0) ≠ 0."""
    spread = [fmpq(0)] * (2 * len(f) - 1)
    spread[::2] = f
    return real_roots(spread, sign) // 2


def _rational_roots(f: Sequence[Exact]) -> list[fmpq]:
    """Those that are positive; none where f has irrational coefficients."""
    if any(isinstance(c, Element) for c in f):
        return []
    linear = [g for g, _ in fmpq_poly(list(f)).numer().factor()[1] if g.degree() == 1]
    return [root for g in linear if (root := fmpq(-g[0], g[1])) > 0]


def _place(root: fmpq, p: int, q: int) -> tuple[fmpq, fmpq]:
    """(X, Y) with X^q/Yᵖ = root, by 1 = uq + vp."""
    u = pow(q, -1, p)
    return root**u, root ** ((u * q - 1) // p)


def _moved(
    terms: Terms, weights: Point, d: int, place: tuple[fmpq, fmpq], room: int
) -> dict[Point, Exact]:
    """G(s, t) with g(tᵖ(X + s), t^q Y) = t^d G(s, t), as far as it is known: below t^room."""
    (p, q), (X, Y) = weights, place
    found: dict[Point, Exact] = {}
    for (a, b), c in terms.items():
        t = p * a + q * b - d
        for j in range(a + 1 if t < room else 0):
            found[j, t] = found.get((j, t), fmpq(0)) + c * (comb(a, j) * X ** (a - j) * Y**b)
    return {m: c for m, c in found.items() if c != 0}


# --- the polygon ---------------------------------------------------------------------------------


def _corners(points: Terms) -> list[Point]:
    """The corners of the Newton polygon, from the y axis to the x axis (Andrew's chain)."""
    hull: list[Point] = []
    for p in sorted(points):
        if hull and p[1] >= hull[-1][1]:
            continue
        while len(hull) > 1 and not _turns_left(hull[-2], hull[-1], p):
            hull.pop()
        hull.append(p)
    return hull


def _turns_left(a: Point, b: Point, c: Point) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) > (b[1] - a[1]) * (c[0] - a[0])


def _weights(start: Point, end: Point) -> Point:
    """(p, q) without common factor, with pa + qb the same at both ends of an edge."""
    p, q = start[1] - end[1], end[0] - start[0]
    k = gcd(p, q)
    return p // k, q // k
