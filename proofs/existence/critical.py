"""An exact critical point near θ where H is as regular as the symmetries of L allow.

In: boxes, a start. Out: what is certain of the critical point in the box. Where fields v_1 … v_s
with ∇L·v_i = 0 are known (`invariance`), s coordinates T are frozen on which their restriction V_T
is invertible on the whole box, and the equations of the other coordinates are solved: those of T
follow, V_T ∇L_T = −V_{T'} ∇L_{T'} = 0. At that point H v_i = 0, so that H has the inertia of its
block on T' beside s zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
from flint import arb

from hessrank.proofs.existence.boxes import Array, Boxes, Values, dyadic, middle
from hessrank.proofs.existence.found import Found, bounded, minor_of, theta_of
from hessrank.proofs.existence.invariance import (
    Generator,
    Symmetry,
    generators,
    spanning,
    symmetry,
)
from hessrank.proofs.existence.krawczyk import NotCertifiedError, enclose, nonsingular
from hessrank.proofs.existence.relations import reduced_residual, rows_near
from hessrank.symbolic.budget import spend
from hessrank.symbolic.errors import counted
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.linear_algebra.ball_inertia import eigenvalue_signs
from hessrank.symbolic.ranks.rank_result import RankResult

#: Steps of the search in floats, and the gradient that ends it.
STEPS, STILL = 60, 1e-11
#: Eigenvalues of H below this fraction of the largest count as 0 in suggestions.
FLAT = 1e-8


def approach(boxes: Boxes, start: Sequence[float], reach: float) -> list[float]:
    """Floats near a critical point, by Newton steps without the flat directions of H."""
    theta = np.array(start, dtype=float)

    def look(t: np.ndarray) -> Values:
        return boxes.at(dyadic(t.tolist()))

    values = look(theta)
    g = middle(values.gradient)
    for _ in range(STEPS):
        spend()
        H = middle(values.hessian)
        if np.abs(g).max(initial=0.0) < STILL * max(1.0, np.abs(H).max(initial=0.0)):
            break
        sizes, vectors = np.linalg.eigh(H)
        big = np.abs(sizes) > FLAT * np.abs(sizes).max(initial=0.0)
        step = -vectors[:, big] @ ((vectors[:, big].T @ g) / sizes[big])
        for _ in range(12):
            tried = theta + step
            there = look(tried)
            f = middle(there.gradient)
            if np.linalg.norm(f) < np.linalg.norm(g):
                break
            step = step / 4
        else:
            break
        if np.abs(tried - start).max() > reach:
            raise NotCertifiedError(f"the search for ∇L = 0 leaves the reach of {reach:.1e}")
        theta, values, g = tried, there, f
    size = float(np.abs(g).max(initial=0.0))
    if not size < 1e-6 * max(1.0, float(np.abs(middle(values.hessian)).max(initial=0.0))):
        raise NotCertifiedError(f"no critical point was found: ‖∇L‖ stays at {size:.1e}")
    return [float(v) for v in theta]


def certified_critical(boxes: Boxes, start: Sequence[Expr], values: Values, reach: float) -> Found:
    """The exact critical point near `start`. values: at the start. Raises NotCertifiedError."""
    problem = boxes.problem
    N = problem.N
    forms: list[Expr | float] = list(start)
    size = float(np.abs(middle(values.gradient)).max(initial=0.0))
    if size > 1e-5 * max(1.0, float(np.abs(middle(values.hessian)).max(initial=0.0))):
        forms = list(approach(boxes, [float(v.mid()) for v in values.theta], reach))
        values = boxes.at(theta_of(boxes, forms))
    columns: dict[int, list[int]] = {}

    def kept(layer: int, A: Array) -> list[int]:
        return columns.setdefault(layer, spanning(layer, A))

    fields = generators(problem, values, kept)
    taken = symmetry(fields, N)
    frozen = set(taken.coordinates)
    free = [j for j in range(N) if j not in frozen]
    flat = _nullity(middle(values.hessian))
    if flat > len(frozen):
        raise NotCertifiedError(
            f"H has numerically a kernel of dimension {flat} near θ, and symmetries explain "
            f"{len(frozen)} of it"
        )

    found = solved(boxes, forms, free, free, reach)
    with found.enclosure.precision():
        return judged(found, still_independent(found, fields, taken, kept), taken)


def solved(
    boxes: Boxes,
    forms: Sequence[Expr | float],
    free: Sequence[int],
    equations: Sequence[int],
    reach: float,
) -> Found:
    """The one point near `forms` where ∂L/∂θ_j = 0 for j in `equations`, all parameters but `free`
    being what `forms` says. Raises NotCertifiedError."""

    def system(t: Sequence[arb]) -> tuple[Array, Array]:
        theta = theta_of(boxes, forms)
        for j, v in zip(free, t, strict=True):
            theta[j] = v
        there = boxes.at(theta)
        return there.gradient[equations], there.hessian[np.ix_(equations, free)]

    first = theta_of(boxes, forms)
    enclosure = enclose(system, [first[j].mid() for j in free], reach, boxes.bits, 256)
    with enclosure.precision():
        found = Found.of(boxes, forms, free, enclosure)
        found.check_smooth()
    return found


def still_independent(
    found: Found,
    fields: Sequence[Generator],
    taken: Symmetry,
    kept: Callable[[int, Array], list[int]],
) -> list[Generator]:
    """The symmetries' fields over the box of `found`, as many as at the start and `taken` of them
    independent. Raises NotCertifiedError."""
    there = list(generators(found.boxes.problem, found.values, kept))
    if len(there) != len(fields) or not taken.certain(there):
        raise NotCertifiedError("the symmetries are not certain to be independent on the box")
    return there


def judged(found: Found, fields: Sequence[Generator], taken: Symmetry) -> Found:
    """What is known at the critical point in the box of `found`: `taken` of the `fields` span a
    part of ker H, and H is nonsingular on the other coordinates."""
    values, problem = found.values, found.boxes.problem
    N, s = problem.N, len(taken.chosen)
    frozen = set(taken.coordinates)
    rest = [j for j in range(N) if j not in frozen]
    block = values.hessian[np.ix_(rest, rest)]
    words = sorted({fields[i].words for i in taken.chosen})
    kernel = (
        f"{counted(s, 'independent kernel vector')}: {'; '.join(words)}"
        if s
        else counted(N, "parameter")
    )
    signs = eigenvalue_signs(block)
    regular = signs is not None or nonsingular(block)
    lower = N - s if regular else len(minor_of(block, N - s)[0])
    H = bounded(
        lower,
        N - s,
        (N, N),
        f"H is nonsingular on {lower} coordinates, on the whole box",
        kernel,
        (rest, rest) if regular else None,
    )
    J = rank_jacobian(values, [fields[i] for i in taken.chosen])
    kind = "undecided"
    if signs is not None:
        kind = (
            "not a minimum"
            if signs[1]
            else "strict local minimum"
            if s == 0
            else "local minimum, not strict"
        )
    half = Fraction(N - s, 2) if signs is not None and not signs[1] else None
    shown = f"; H has {signs[0]} positive and {signs[1]} negative eigenvalues" if signs else ""
    why = (
        "Krawczyk's test: exactly one solution of ∇L = 0 in "
        f"{counted(len(found.free), 'parameter')} within {float(found.enclosure.radius):.1e}"
        + (f", the other {N - len(found.free)} frozen along symmetries of L" if s else "")
        + shown
    )
    steady = J.decided and int(J) == _most_rank(values, fields, taken)
    dimension = N - J.lower if steady else None
    return found.with_ranks(
        "critical", J, H, kind, dimension, (half, half) if half is not None else None, why
    )


def _most_rank(values: Values, fields: Sequence[Generator], taken: Symmetry) -> int:
    """An upper bound of rank J that holds near θ, not only at it."""
    problem = values.boxes.problem
    moved = sum(fields[i].keeps_outputs for i in taken.chosen)
    rows = rows_near(problem, values)
    return min(problem.N - moved, problem.model.output_count * len(rows.kept))


def rank_jacobian(
    values: Values, kernel: Sequence[Generator], more: Sequence[tuple[int, str]] = ()
) -> RankResult:
    """Bounds on rank J at the critical point. kernel: independent fields; more: other bounds."""
    problem = values.boxes.problem
    N, M, K = problem.N, problem.M, problem.model.output_count
    bounds = [(N, f"J has {counted(N, 'column')}"), (M, f"J has {counted(M, 'row')}"), *more]
    moved = [g for g in kernel if g.keeps_outputs]
    if moved:
        words = "; ".join(sorted({g.words for g in moved}))
        bounds.append(
            (N - len(moved), f"{counted(len(moved), 'independent kernel vector')}: {words}")
        )
    rows = rows_near(problem, values)
    independent = K * len(rows.kept)
    if not rows.trivial:
        bounds.append(
            (independent, f"{counted(independent, 'output')} independent at most: {rows.why}")
        )
    if problem.regulariser is None:
        reduced = reduced_residual(values.r, rows, K)
        if any(v > 0 or v < 0 for v in reduced):
            bounds.append(
                (independent - 1, "r ≠ 0 on the box, and Jᵀr = ∇L = 0 at the point: a row less")
            )
    upper, above = min(bounds, key=lambda b: b[0])
    chosen = minor_of(values.J, upper)
    lower = len(chosen[0])
    below = f"a minor of size {lower} is not 0 on the whole box" if lower else "nothing is shown"
    return bounded(lower, upper, (M, N), below, above, chosen)


def _nullity(H: np.ndarray) -> int:
    sizes = np.abs(np.linalg.eigvalsh(H)) if len(H) else np.zeros(0)
    return int(np.sum(sizes < FLAT / 100 * sizes.max(initial=0.0)))
