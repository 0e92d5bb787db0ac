"""Properties of the fibre at a point, as predicates for claims.

In: nothing. Out: `Predicate`s on `Landscape`s about the dimension of the fibre, rank J near θ and
the behavioural gradients; and small landscapes, among them the spheres of X5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.facts.smooth_piece import behaviour_problem, outputs_near
from hessrank.proofs.fibres.fibre import constant_rank, fibre_dimension, only, only_point
from hessrank.proofs.reasoning.statement import Predicate
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.brief import count
from hessrank.symbolic.errors import DomainError
from hessrank.symbolic.expressions.differentiation import gradient
from hessrank.symbolic.expressions.expression import ZERO, free_symbols, number, postorder, symbol
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.linear_algebra.elimination import annihilates
from hessrank.symbolic.linear_algebra.object_matrices import object_array
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem
from hessrank.symbolic.ranks.matrices import Matrix
from hessrank.symbolic.ranks.rank_result import RankResult

Point = Mapping[str, object]


def behaviour(outputs: Sequence[str], parameters: str, point: Point) -> Landscape:
    """A model without inputs on one example, with targets 0 and squared error."""
    model = Model.from_expressions(list(outputs), parameters)
    return Problem(model, Data([[]], [[0] * len(outputs)]), "sum-of-squares").at(point)


def network(output: str, parameters: str, x: Sequence[object], point: Point) -> Landscape:
    """A model of one input on the examples x."""
    model = Model.from_expressions(output, parameters, "x")
    return Problem(model, Data(list(x), [0] * len(x))).at(point)


SPHERES = ("(x - 1)**2 + y**2 + z**2", "(x + 1)**2 + y**2 + z**2")


def spheres(x: object, y: object = 0, z: object = 0) -> Landscape:
    """Squared distances to (±1, 0, 0)."""
    return behaviour(SPHERES, "x y z", {"x": x, "y": y, "z": z})


# --- properties of a landscape -------------------------------------------------------------------


def _gap(here: Landscape) -> int:
    return here.problem.N - here.problem.M


def _compare(rank: RankResult, bound: int, what: str) -> Fact:
    """rank < bound."""
    return landscape_facts.rank_below(rank, bound, what)


def _dimension_is_nullity(here: Landscape) -> Fact:
    rank = here.rank("jacobian")
    if not rank.decided:
        return Fact(Truth.UNDECIDED, f"rank J = {rank.shown}")
    return fibre_dimension(here).equals(here.problem.N - rank.lower)


def _dimension_bound(here: Landscape) -> Fact:
    """dim ≤ N − rank J, with both sides and the gap; the lower bound is found without rank J where
    it comes from explicit families."""
    fibre, rank = fibre_dimension(here), here.rank("jacobian")
    if not rank.decided:
        return Fact(Truth.UNDECIDED, f"rank J = {rank.shown}")
    right = here.problem.N - rank.lower
    shown = f"dimension {fibre}, N − rank J = {right}"
    if fibre.lower > right:
        return Fact(Truth.FALSE, f"{shown}: {fibre.lower_reason}")
    if not fibre.decided:
        return Fact(Truth.of(fibre.upper <= right or None), shown)
    return Fact(Truth.of(fibre.upper <= right), f"{shown}, a gap of {right - fibre.upper}")


def _tangents_in_kernel(here: Landscape) -> Fact:
    fibre, J = fibre_dimension(here), here.jacobian.exact("J")
    if fibre.isolated.truth is Truth.TRUE:
        return Fact(Truth.TRUE, "the fibre is a point: it has no tangent vectors")
    if not fibre.tangents and fibre.constant_rank.truth is Truth.TRUE:
        return Fact(Truth.TRUE, f"the tangent space is ker J: {fibre.lower_reason}")
    if not fibre.tangents:
        return Fact(Truth.UNDECIDED, "no curve in the fibre is known")
    if all(annihilates(J.rows, v) for v in fibre.tangents):
        vectors = count(len(fibre.tangents), "tangent vector")
        return Fact(Truth.TRUE, f"J v = 0 for {vectors} of the fibre")
    return Fact(Truth.UNDECIDED, "J v = 0 is not shown in the field of the point")


def _contours(here: Landscape) -> Fact:
    """Every contour {F_m = const} has dimension N − 1 near θ."""
    total = Fact(Truth.TRUE, "")
    for m in range(here.problem.M):
        moves = ~_no_gradient(here, m)
        if moves.truth is Truth.TRUE:
            continue
        fact = fibre_dimension(only(here, [m])).equals(here.problem.N - 1)
        total = total & Fact(fact.truth, f"contour {m + 1}: {fact.reason}")
    if total.truth is not Truth.TRUE:
        return total
    M = here.problem.M
    which = "the contour" if M == 1 else f"each of the {M} contours"
    return Fact(Truth.TRUE, f"{which} has dimension {here.problem.N - 1}")


def _no_gradient(here: Landscape, m: int) -> Fact:
    J = here.jacobian
    if not J.is_exact:
        return Fact(Truth.UNDECIDED, "J is known to any precision, but not exactly")
    row = J.exact().block([m], range(J.shape[1]))
    return landscape_facts.is_zero(row, f"∇F_{m + 1}")


def _gradients_differ_from_zero(here: Landscape) -> Fact:
    total = Fact(Truth.TRUE, "")
    for m in range(here.problem.M):
        total = total & ~_no_gradient(here, m)
    return total if total.truth is not Truth.TRUE else Fact(Truth.TRUE, "no gradient is 0")


def _affine(here: Landscape) -> Fact:
    """F is affine in θ: J does not contain θ. It is not where J differs at another point."""
    model = here.problem.model
    slopes = [g for f in model.outputs for g in gradient(f, model.parameters)]
    if not free_symbols(*slopes) & set(model.parameters):
        return Fact(Truth.TRUE, "the gradients of F do not contain θ")
    kinks = any(n.args and FUNCTIONS[n.name].kink for n in postorder(slopes) if n.op == "function")
    problem = behaviour_problem(outputs_near(here), model.parameters) if kinks else here.problem
    elsewhere = [Fraction(0)] * problem.N, [Fraction(i + 1, 2) for i in range(problem.N)]
    few, at_zero = problem.N <= 6, all(v is ZERO for _, v in here.values)
    points = elsewhere if few else ([Fraction(int(at_zero))] * problem.N,)
    for values in points:
        fact = _same_jacobian(here, problem.at(dict(zip(model.parameters, values, strict=True))))
        if fact.truth is Truth.FALSE:
            return fact
    return Fact(Truth.UNDECIDED, "J was not seen to change with θ")


def _same_jacobian(here: Landscape, there: Landscape) -> Fact:
    try:
        pair = here.rank("jacobian"), there.rank("jacobian")
        J, K = here.jacobian, there.jacobian
    except DomainError as error:
        return Fact(Truth.UNDECIDED, f"J has no value elsewhere: {error}")
    ranks = landscape_facts.same_rank(*pair, ("J(θ)", "J elsewhere"))
    if ranks.truth is Truth.FALSE:
        return ranks
    if not (J.is_exact and K.is_exact):
        return Fact(Truth.UNDECIDED, "J is known to any precision, but not exactly")
    if not (J.is_rational or K.is_rational):
        return Fact(Truth.UNDECIDED, "J at the two points has values of two fields")
    gap = [[a - b for a, b in zip(r, s, strict=True)] for r, s in zip(J.rows, K.rows, strict=True)]
    field = K.field if J.is_rational else J.field
    return landscape_facts.is_zero(
        Matrix.of(object_array(gap, J.shape), field), "J(θ) − J elsewhere"
    )


def _first_order_directions(here: Landscape) -> Fact:
    """dim ker J ≥ N − M."""
    rank, N, M = here.rank("jacobian"), here.problem.N, here.problem.M
    return Fact(
        Truth.of(N - rank.upper >= N - M or None), f"dim ker J ≥ {N - rank.upper}, N − M = {N - M}"
    )


def _rows_dependent(here: Landscape) -> Fact:
    return _compare(here.rank("jacobian"), here.problem.M, "the number M of gradients")


def _not_full_rank(here: Landscape) -> Fact:
    M, N = here.problem.M, here.problem.N
    return _compare(here.rank("jacobian"), min(M, N), "min(M, N)")


def _equivalent(here: Landscape) -> Fact:
    """J has low rank exactly if its rows are dependent."""
    low, dependent = _not_full_rank(here), _rows_dependent(here)
    return (low & dependent) | (~low & ~dependent)


def _size(here: Landscape, good: bool, sign: str) -> Fact:
    return Fact(Truth.of(good), f"N = {here.problem.N} {sign} M = {here.problem.M}")


CONSTANT_RANK = Predicate(
    "constant-rank", "rank J is constant near θ", constant_rank, r"\operatorname{rank}J \equiv r"
)
AT_LEAST = Predicate(
    "dimension-at-least",
    "the fibre has dimension at least N − M at θ",
    lambda h: fibre_dimension(h).at_least(_gap(h)),
    r"\dim F^{-1}(F(\theta)) \geq N - M",
)
ABOVE = Predicate(
    "dimension-above",
    "the fibre has a dimension above N − M at θ",
    lambda h: fibre_dimension(h).at_least(_gap(h) + 1),
    r"\dim F^{-1}(F(\theta)) > N - M",
)
IS_NULLITY = Predicate(
    "dimension-is-nullity",
    "the fibre has dimension N − rank J at θ",
    _dimension_is_nullity,
    r"\dim F^{-1}(F(\theta)) = N - \operatorname{rank}J",
)
BOUNDED_BY_NULLITY = Predicate(
    "dimension-at-most-nullity",
    "the fibre has at most dimension N − rank J at θ",
    _dimension_bound,
    r"\dim F^{-1}(F(\theta)) \leq N - \operatorname{rank}J",
)
TANGENTS = Predicate(
    "tangents-in-kernel",
    "every gradient is perpendicular to every tangent of the fibre",
    _tangents_in_kernel,
    r"T_\theta \subseteq \ker J",
)
CONTOURS = Predicate(
    "contours",
    "every contour {F_m = const} has dimension N − 1 at θ",
    _contours,
    r"\dim \{F_m = c_m\} = N - 1",
)
GRADIENTS_NONZERO = Predicate(
    "gradients-nonzero", "no ∇F_m is 0", _gradients_differ_from_zero, r"\nabla F_m \neq 0"
)
DEPENDENT = Predicate(
    "gradients-dependent",
    "the behavioural gradients are linearly dependent",
    _rows_dependent,
    r"\operatorname{rank}J < M",
)
LOW_RANK_IS_DEPENDENCE = Predicate(
    "low-rank-is-dependence",
    "rank J < min(M, N) exactly if the gradients are dependent",
    _equivalent,
    r"\operatorname{rank}J < \min(M, N) \Leftrightarrow \operatorname{rank}J < M",
)
MORE_PARAMETERS = Predicate(
    "M-at-most-N", "M ≤ N", lambda h: _size(h, h.problem.M <= h.problem.N, "against"), r"M \leq N"
)
FEWER_PARAMETERS = Predicate(
    "N-below-M", "N < M", lambda h: _size(h, h.problem.N < h.problem.M, "against"), "N < M"
)
AFFINE = Predicate("affine", "F is affine in θ", _affine, r"F(\theta) = X\theta + b")
FULL_ROW_RANK = Predicate(
    "submersion", "rank J = M", lambda h: ~_rows_dependent(h), r"\operatorname{rank}J = M"
)
IS_GAP = Predicate(
    "dimension-is-gap",
    "the fibre is near θ a manifold of dimension N − M",
    lambda h: constant_rank(h) & fibre_dimension(h).equals(_gap(h)),
    r"\dim F^{-1}(F(\theta)) = N - M",
)
FIRST_ORDER = Predicate(
    "first-order-directions",
    "at least N − M independent directions leave F unchanged to first order",
    _first_order_directions,
    r"\dim\ker J \geq N - M",
)


def _parallel(here: Landscape) -> Fact:
    """M ≥ 2 gradients, none of them 0, that span a line."""
    several = Fact(Truth.of(here.problem.M >= 2), f"M = {here.problem.M}")
    line = _compare(here.rank("jacobian"), 2, "the rank of gradients that are not parallel")
    return several & _gradients_differ_from_zero(here) & line


PARALLEL = Predicate(
    "parallel",
    "the gradients at θ are parallel and not 0, M ≥ 2",
    _parallel,
    r"\operatorname{rank}J = 1 < M",
)


def sphere_identities() -> Fact:
    """F₂ − F₁ = 4x and F₁ − (x−1)² = y² + z²."""
    F1, F2 = spheres(0).problem.model.outputs
    x, y, z = map(symbol, "xyz")
    return vanish(F2 - F1 - 4 * x, F1 - (x - 1) ** 2 - y**2 - z**2)


def on_axis(here: Landscape) -> Fact:
    y, z = (value for _, value in here.values[1:])
    good = y is number(0) and z is number(0)
    return Fact(Truth.of(good), f"y = {y}, z = {z}")


def alone(here: Landscape) -> Fact:
    """θ is all of its fibre."""
    near = fibre_dimension(here).isolated
    return near if near.truth is Truth.FALSE else only_point(here)
