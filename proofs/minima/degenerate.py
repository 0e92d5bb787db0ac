"""A critical point with H ⪰ 0 and a kernel: which certificate decides?

In: a `Landscape`, H and the dimension of its kernel. Out: a `Minimum`. In the order of trial:

1. The leading form on ker H of the reduction of `reduction`, up to order 12; where a group leaves F
   as it is (rescaled units, idle inputs), on ker H modulo the tangents T of its orbit: near θ every
   point is moved into θ + S, for S a complement of T, and L is the same there.
2. θ lies on a manifold of critical points of dimension nullity(H), on which L is constant; H is
   definite across it, so θ is a local minimum (Morse–Bott). That L is constant on a manifold is not
   enough (y²/2 + x³y on y = 0): every point must be critical. It is so
   - where rank J is constant near θ, for L factors through the submersion whose level set the
     manifold is;
   - along a family θ + tv on which ∇F is affine in t: ∇L = (∇F)ᵀr is affine too, with slope Hv = 0,
     for the tangents lie in ker H; and symmetries of F carry ∇L along;
   - on the fixed space of a finite symmetry (`symmetric_set`).
   A regulariser is no function of the behaviour: with one, none of these holds. With or without
   one, ∇L may vanish identically on θ + ker H: log(1 + exp(x²/(1 + y²))) on x = 0.
3. For two such directions, the edges of the Newton polygon of L there (`newton_polygon`).
4. The reduction along single vectors of ker H: where it shows lower values, θ is no minimum.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import product

from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.facts.smooth_piece import smooth_piece
from hessrank.proofs.fibres.families import largest_family
from hessrank.proofs.fibres.fibre import fibre_dimension
from hessrank.proofs.fibres.symmetries import orbit_directions
from hessrank.proofs.minima.germs.leading_form import FormSign
from hessrank.proofs.minima.germs.reduction import Leading, combined, leading, newton_edges
from hessrank.proofs.minima.kind import Minimum, flat_local, no_minimum, strict_local, undecided
from hessrank.proofs.minima.symmetric_set import critical_set
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.budget import OverBudget, budget, spend
from hessrank.symbolic.errors import KinkError, UndecidedError
from hessrank.symbolic.expressions.differentiation import gradient
from hessrank.symbolic.expressions.expression import number, postorder, symbol
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.elimination import Vector
from hessrank.symbolic.problems.evaluation import total_loss
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.matrices import Matrix
from hessrank.symbolic.ranks.null_space import null_space

#: Each of the four ways may take this many seconds.
SECONDS = 10
#: The order up to which L is expanded on a kernel of 1, 2, 3 or 4 dimensions.
ORDERS = {1: 12, 2: 12, 3: 6, 4: 4}
#: Affine spaces of critical points are looked for in at most this many dimensions, where the closed
#: form of ∇L has at most this many nodes.
MAX_FLAT, MAX_FLAT_NODES = 6, 3_000
#: Single kernel vectors are tried with at most this many parameters, to these orders,
MAX_PARAMETERS, STEPS = 60, (4, 8, 12, 16)
#: and at most this many of them.
MAX_DIRECTIONS = 40


def degenerate(here: Landscape, H: Matrix, nullity: int) -> Minimum:
    """Decide a critical point with H ⪰ 0 of that nullity ≥ 1, as far as the certificates reach."""
    looks: tuple[Callable[[Landscape, Matrix, int], Minimum | None], ...] = (
        _on_kernel,
        _on_manifold,
        _on_flat_space,
        _on_edges,
        _along_vectors,
    )
    for look in looks:
        try:
            with budget(SECONDS):
                found = look(here, H, nullity)
        except (TooLarge, UndecidedError, KinkError):
            continue
        if found is not None:
            return found
    return undecided(f"H ⪰ 0 has a kernel of dimension {nullity}, on which no certificate decides")


def _on_kernel(here: Landscape, H: Matrix, nullity: int) -> Minimum | None:
    weights, left, modulo = _directions(here, H, nullity)
    if left == 0:
        return flat_local(
            "H ⪰ 0, and ker H is tangent to the orbit of a group that leaves F as it is"
        )
    if left not in ORDERS:
        return None
    found = leading(here, H, weights, ORDERS[left])
    what = f"the leading form of L on ker H{modulo}, of degree {found.degree},"
    if found.sign is FormSign.POSITIVE:
        return _rises(f"H ⪰ 0, and {what} is positive", modulo)
    if found.sign is FormSign.NEGATIVE:
        return _falls(here, found, f"H ⪰ 0, but {what} takes a negative value: L falls")
    return None


def _on_edges(here: Landscape, H: Matrix, nullity: int) -> Minimum | None:
    """By the edges of the Newton polygon of L on two directions."""
    weights, left, modulo = _directions(here, H, nullity)
    if left != 2:
        return None
    found = newton_edges(here, H, weights, ORDERS[2])
    what = f"of the Newton polygon of L on ker H{modulo}"
    if found is FormSign.POSITIVE:
        return _rises(f"H ⪰ 0, and the part of every edge {what} is positive", modulo)
    if found is FormSign.NEGATIVE:
        why = f"H ⪰ 0, but the part of an edge {what} takes a negative value: L falls"
        return no_minimum(why)
    return None


def _directions(
    here: Landscape, H: Matrix, nullity: int
) -> tuple[list[tuple[int, ...]] | None, int, str]:
    """Combinations of the basis of ker H that span it modulo the symmetries of F (None for the
    basis itself), how many, and what to say of them."""
    idle = orbit_directions(here) if here.problem.regulariser is None else ()
    if not idle:
        return None, nullity, ""
    weights = _complement(H, idle)
    return weights, len(weights), " modulo symmetries"


def _rises(why: str, modulo: str) -> Minimum:
    return flat_local(why) if modulo else strict_local(why)


def _complement(H: Matrix, idle: Sequence[Vector]) -> list[tuple[int, ...]]:
    """Vectors of the basis of ker H, as unit vectors, that with `idle` span ker H."""
    N = H.shape[1]
    kernel = null_space([list(row) for row in H.rows], N, H.field)
    held: list[Sequence[Exact]] = list(idle)
    rank = N - len(null_space(held, N, H.field))
    found = []
    for i, k in enumerate(kernel):
        more = N - len(null_space([*held, k], N, H.field))
        if more > rank:
            held, rank = [*held, k], more
            found.append(tuple(int(i == j) for j in range(len(kernel))))
    return found


def _on_manifold(here: Landscape, H: Matrix, nullity: int) -> Minimum | None:
    if here.problem.regulariser is not None:
        return None
    found = _critical_manifold(here)
    if found is None or found[0] < nullity:
        found = critical_set(here, nullity)
    if found is None:
        return None
    dimension, why = found
    return flat_local(
        f"H ⪰ 0, and θ lies on a manifold of equal behaviour of dimension {dimension} = "
        f"nullity(H) ({why})"
    )


def _on_flat_space(here: Landscape, H: Matrix, nullity: int) -> Minimum | None:
    """By an affine space of critical points of the dimension of ker H modulo symmetries: with these
    it is a manifold of critical points of dimension nullity."""
    weights, left, modulo = _directions(here, H, nullity)
    if not left or left > MAX_FLAT or not _is_critical(here, H, weights):
        return None
    return flat_local(f"H ⪰ 0, and ∇L vanishes on all of θ + ker H{modulo}")


def _is_critical(here: Landscape, H: Matrix, weights: Sequence[Sequence[int]] | None) -> bool:
    """Whether ∇L vanishes identically on θ + the directions."""
    (L,) = smooth_piece([total_loss(here.problem)], here)
    slopes = gradient(L, here.problem.model.parameters)
    if len(postorder(slopes)) > MAX_FLAT_NODES:
        return False
    kernel = null_space([list(row) for row in H.rows], H.shape[1], H.field)
    chosen = kernel if weights is None else [combined(kernel, w) for w in weights]
    moved = {
        name: sum((H.field.expr(k[i]) * symbol(f"t[{j}]") for j, k in enumerate(chosen)), start=at)
        for i, (name, at) in enumerate(here.values)
    }
    return vanish(*substitute(slopes, moved)).truth is Truth.TRUE


def _critical_manifold(here: Landscape) -> tuple[int, str] | None:
    """The dimension of a manifold of equal behaviour through θ on which ∇L = 0 if its tangents lie
    in ker H, and why; None where no family is known."""
    fibre = fibre_dimension(here)
    if fibre.constant_rank.truth is Truth.TRUE:
        return fibre.lower, fibre.lower_reason
    family = largest_family(here, steady=True)
    return (family.dimension, family.reason) if family else None


def _along_vectors(here: Landscape, H: Matrix, nullity: int) -> Minimum | None:
    """Lower values on a curve θ + tv + O(t²) with v ∈ ker H."""
    if here.problem.N > MAX_PARAMETERS:
        return None
    for order, weights in product(STEPS, list(_combinations(nullity))):
        spend()
        try:
            found = leading(here, H, [weights], order)
        except OverBudget:
            raise
        except (TooLarge, UndecidedError):
            continue
        if found.sign is FormSign.NEGATIVE:
            why = (
                f"H ⪰ 0, but on a curve that leaves θ along a vector of ker H the first term of L "
                f"is of order {found.degree}: L falls"
            )
            return _falls(here, found, why)
    return None


def _combinations(n: int) -> Iterator[tuple[int, ...]]:
    """Integral combinations of n basis vectors: all at once, each alone, signs and zeros mixed."""
    yield (1,) * n
    if n > 1:
        for i in range(min(n, MAX_DIRECTIONS // 2)):
            yield tuple(int(i == j) for j in range(n))
        mixed = random.Random(n)
        for _ in range(MAX_DIRECTIONS // 2):
            yield tuple(mixed.choice((-2, -1, 0, 1, 1, 2)) for _ in range(n))


def _falls(here: Landscape, found: Leading, why: str) -> Minimum:
    direction = (number(found.falls),) if here.problem.N == 1 and found.falls else None
    return no_minimum(why, direction)
