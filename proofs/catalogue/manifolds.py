"""Claims 1 to 19 (but for 2, 3, 7 and 16): the fibre near a point and the rank of J.

In: the gallery's landscapes as instances, and a few of our own. Out: `CLAIMS`, with those of
`solution_sets` (claims about whole sets) in the order of their numbers. Theorem T1 carries the
repairs: rank J = r near θ ⇒ the fibre is near θ a manifold of dimension N − r; and in any case
every manifold in the fibre has dimension ≤ N − rank J(θ).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from hessrank.proofs import predicates
from hessrank.proofs.catalogue import solution_sets
from hessrank.proofs.claim import Claim, Existence, Instance, Predicate, Statement, Step
from hessrank.proofs.fibre import constant_rank, fibre_dimension, only
from hessrank.proofs.identities import vanish
from hessrank.proofs.kernels import annihilates, null_space, product
from hessrank.proofs.pieces import behaviour_problem, outputs_near
from hessrank.proofs.truth import Fact, Truth
from hessrank.symbolic.differentiation import gradient
from hessrank.symbolic.errors import DomainError
from hessrank.symbolic.expression import (
    free_symbols,
    number,
    postorder,
    substitute,
    symbol,
)
from hessrank.symbolic.functions import FUNCTIONS
from hessrank.symbolic.landscape import Landscape
from hessrank.symbolic.matrices import BallMatrix, Matrix
from hessrank.symbolic.models import Model
from hessrank.symbolic.problems import Data, Problem, object_array
from hessrank.symbolic.ranks import RankResult

HEBBAR = "S1 (Vivek Hebbar)"
NOTE = "S2 (note on the Hessian of the total loss)"

RANK_THEOREM = "constant rank theorem (Lee, Introduction to Smooth Manifolds, 2nd ed., thm 4.12)"
SUBMERSION = "submersion theorem (Lee, Introduction to Smooth Manifolds, 2nd ed., cor. 5.13)"
IMMERSION = "immersions are locally embeddings (Lee, Introduction to Smooth Manifolds, thm 4.25)"
IMPLICIT = "implicit function theorem (Lee, Introduction to Smooth Manifolds, thm C.40)"
CHAIN = "chain rule"
ROWS = "the rank of a matrix is at most the number of its rows and of its columns"
NULLITY = "rank–nullity theorem"

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


def _examples() -> Sequence[Instance]:
    """The instances of most claims: X5 and what isolates single hypotheses."""
    return (
        Instance("spheres at the origin (X5)", spheres(0)),
        Instance("spheres off the axis", spheres(0, 1)),
        Instance(
            "(wx)² + u² + v² at 0 (X10)",
            network("(w*x)**2 + u**2 + v**2", "w u v", [1, -1, 2], {"w": 0, "u": 0, "v": 0}),
        ),
        Instance("x³", behaviour(["x**3"], "x y", {"x": 0, "y": 0})),
        Instance("parallel planes", behaviour(["x", "2*x"], "x y z", {"x": 0, "y": 0, "z": 0})),
    )


# --- properties of a landscape -------------------------------------------------------------------


def _gap(here: Landscape) -> int:
    return here.problem.N - here.problem.M


def _compare(rank: RankResult, bound: int, what: str) -> Fact:
    """rank < bound."""
    shown = f"rank J = {rank.lower}" if rank.decided else f"rank J = {rank.lower}..{rank.upper}"
    known = True if rank.upper < bound else False if rank.lower >= bound else None
    return Fact(Truth.of(known), f"{shown}, {what} = {bound}")


def _dimension_is_nullity(here: Landscape) -> Fact:
    rank = here.rank("jacobian")
    if not rank.decided:
        return Fact(Truth.UNDECIDED, f"rank J = {rank.lower}..{rank.upper}")
    return fibre_dimension(here).equals(here.problem.N - rank.lower)


def _dimension_bound(here: Landscape) -> Fact:
    """dim ≤ N − rank J, with both sides and the gap; the lower bound is found without rank J where
    it comes from explicit families."""
    fibre, rank = fibre_dimension(here), here.rank("jacobian")
    if not rank.decided:
        return Fact(Truth.UNDECIDED, f"rank J = {rank.lower}..{rank.upper}")
    right = here.problem.N - rank.lower
    shown = f"dimension {fibre}, N − rank J = {right}"
    if fibre.lower > right:
        return Fact(Truth.FALSE, f"{shown}: {fibre.lower_reason}")
    if not fibre.decided:
        return Fact(Truth.of(fibre.upper <= right or None), shown)
    return Fact(Truth.of(fibre.upper <= right), f"{shown}, a gap of {right - fibre.upper}")


def _tangents_in_kernel(here: Landscape) -> Fact:
    fibre, J = fibre_dimension(here), here.jacobian
    if isinstance(J, BallMatrix):
        return Fact(Truth.UNDECIDED, "J is only known by balls")
    if fibre.isolated.truth is Truth.TRUE:
        return Fact(Truth.TRUE, "the fibre is a point: it has no tangent vectors")
    if not fibre.tangents and fibre.constant_rank.truth is Truth.TRUE:
        return Fact(Truth.TRUE, f"the tangent space is ker J: {fibre.lower_reason}")
    if not fibre.tangents:
        return Fact(Truth.UNDECIDED, "no curve in the fibre is known")
    if all(annihilates(J.rows, v) for v in fibre.tangents):
        return Fact(Truth.TRUE, f"J v = 0 for {len(fibre.tangents)} tangent vectors of the fibre")
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
    return (
        total
        if total.truth is not Truth.TRUE
        else Fact(
            Truth.TRUE, f"each of the {here.problem.M} contours has dimension {here.problem.N - 1}"
        )
    )


def _no_gradient(here: Landscape, m: int) -> Fact:
    J = here.jacobian
    if isinstance(J, BallMatrix):
        return Fact(Truth.UNDECIDED, "J is only known by balls")
    return predicates.is_zero(
        Matrix.of(object_array([J.rows[m]], (1, J.shape[1])), J.field), f"∇F_{m + 1}"
    )


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
    points = ([Fraction(0)] * problem.N, [Fraction(i + 1, 2) for i in range(problem.N)])
    for values in points[: 2 if problem.N <= 6 else 1]:
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
    ranks = predicates.same_rank(*pair, ("J(θ)", "J elsewhere"))
    if ranks.truth is Truth.FALSE:
        return ranks
    if isinstance(J, BallMatrix) or isinstance(K, BallMatrix):
        return Fact(Truth.UNDECIDED, "J is only known by balls")
    if not (J.is_rational or K.is_rational):
        return Fact(Truth.UNDECIDED, "J at the two points has values of two fields")
    gap = [[a - b for a, b in zip(r, s, strict=True)] for r, s in zip(J.rows, K.rows, strict=True)]
    field = K.field if J.is_rational else J.field
    return predicates.is_zero(Matrix.of(object_array(gap, J.shape), field), "J(θ) − J elsewhere")


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

T1 = Step(
    "rank J = r near θ ⇒ the fibre is near θ a manifold of dimension N − r", cites=RANK_THEOREM
)
R_AT_MOST_M = Step("r ≤ M, so N − r ≥ N − M, and N − r > N − M if r < M", cites=ROWS)
TANGENT = Step(
    "a curve γ in the fibre has 0 = (F∘γ)' = J γ', so tangent vectors lie in ker J", cites=CHAIN
)
NEARBY = Step(
    "near θ rank J ≥ rank J(θ), because a minor that is not zero stays so; hence "
    "manifolds of the fibre near θ have dimension ≤ N − rank J(θ)",
    cites=NULLITY,
)

# --- 4: the spheres ------------------------------------------------------------------------------


def _axis() -> Sequence[Instance]:
    on_axis = [Instance(f"spheres at ({x}, 0, 0)", spheres(x)) for x in (0, "1/2", 1, -3)]
    return (*on_axis, Instance("spheres at (0, 1, 0)", spheres(0, 1)))


def _sphere_identities() -> Fact:
    """F₂ − F₁ = 4x and F₁ − (x−1)² = y² + z²."""
    F1, F2 = spheres(0).problem.model.outputs
    x, y, z = map(symbol, "xyz")
    return vanish(F2 - F1 - 4 * x, F1 - (x - 1) ** 2 - y**2 - z**2)


def _alone(here: Landscape) -> Fact:
    """θ = (x, 0, 0) is all of its fibre: locally by the fibre's dimension, globally by the sums."""
    return fibre_dimension(here).isolated & _sphere_identities()


def _on_axis(here: Landscape) -> Fact:
    y, z = (value for _, value in here.values[1:])
    good = y is number(0) and z is number(0)
    return Fact(Truth.of(good), f"y = {y}, z = {z}")


# --- 6: parallel gradients -----------------------------------------------------------------------


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

# --- 15: five level sets with J = 0 --------------------------------------------------------------


@dataclass(frozen=True)
class AtOrigin:
    """Functions of (x, y) at the origin."""

    landscapes: tuple[Landscape, ...]


def at_origin() -> AtOrigin:
    """S2's examples: x² + y², x², x³, xy, 0."""
    forms = ("x**2 + y**2", "x**2", "x**3", "x*y", "0*x")
    return AtOrigin(tuple(behaviour([f], "x y", {"x": 0, "y": 0}) for f in forms))


def _same_sizes(five: AtOrigin) -> Fact:
    seen = {
        (h.problem.N, h.problem.M, h.rank("jacobian").lower, h.rank("jacobian").upper)
        for h in five.landscapes
    }
    return Fact(Truth.of(seen == {(2, 1, 0, 0)}), f"(N, M, rank J) = {sorted(seen)}")


def _different_fibres(five: AtOrigin) -> Fact:
    found = [fibre_dimension(h) for h in five.landscapes]
    if not all(f.decided for f in found):
        return Fact(Truth.UNDECIDED, ", ".join(map(str, found)))
    return Fact(
        Truth.of(len({f.lower for f in found}) > 1), f"dimensions {', '.join(map(str, found))}"
    )


def _crossing(five: AtOrigin) -> Fact:
    """xy = 0 holds two transversal lines and has dimension 1, so it is no manifold at 0."""
    cross = five.landscapes[3]
    (form,) = outputs_near(cross)
    t = symbol("t")
    axes = ({"x": t, "y": number(0)}, {"x": number(0), "y": t})
    lines = [value for axis in axes for value in substitute([form], axis)]
    return vanish(*lines) & fibre_dimension(cross).equals(1)


# --- 17: images ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Preimages:
    """A landscape and another point of the same model with the same outputs, if one is known."""

    here: Landscape
    there: Landscape | None = None


def _images() -> Sequence[Instance]:
    curve = ["t**2 - 1", "t*(t**2 - 1)"]
    return (
        Instance(
            "(t² − 1, t(t² − 1)) at t = ±1 (X12)",
            Preimages(behaviour(curve, "t", {"t": 1}), behaviour(curve, "t", {"t": -1})),
        ),
        Instance("(t, t²)", Preimages(behaviour(["t", "t**2"], "t", {"t": 2}))),
        Instance("the cusp (t², t³)", Preimages(behaviour(["t**2", "t**3"], "t", {"t": 0}))),
    )


def _full_column_rank(p: Preimages) -> Fact:
    N, M, rank = p.here.problem.N, p.here.problem.M, p.here.rank("jacobian")
    known = True if rank.lower == N else False if rank.upper < N else None
    return Fact(Truth.of(known and N < M), f"rank J = {rank.lower}, N = {N}, M = {M}")


def _image_embedded(p: Preimages) -> Fact:
    """F(Θ) is near F(θ) an embedded N-manifold. Were it one (a larger dimension is excluded by
    Sard's theorem), its tangent space would hold im J of both preimages, of dimension > N."""
    if p.there is None:
        return Fact(Truth.UNDECIDED, "no second preimage is known")
    J, K = p.here.jacobian, p.there.jacobian
    values = (J, K, p.here.outputs, p.there.outputs)
    if not all(isinstance(v, Matrix) and v.is_rational for v in values):
        return Fact(Truth.UNDECIDED, "only rational points are compared")
    assert isinstance(J, Matrix) and isinstance(K, Matrix)
    if p.here.outputs != p.there.outputs:
        return Fact(Truth.UNDECIDED, "the outputs differ")
    rows = [(*a, *b) for a, b in zip(J.rows, K.rows, strict=True)]
    both = Matrix.of(object_array(rows, (J.shape[0], 2 * J.shape[1])), J.field).rank()
    N = p.here.problem.N
    if both.lower > N:
        return Fact(
            Truth.FALSE,
            f"two branches of the image meet, and their tangents span {both.lower} > N = "
            f"{N} dimensions",
        )
    return Fact(Truth.UNDECIDED, "the branches have the same tangents")


def _locally_embedded(p: Preimages) -> Fact:
    fact = _full_column_rank(p)
    return Fact(fact.truth, f"{fact.reason}: F embeds a neighbourhood of θ")


# --- 19: off the data ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Split:
    """The same model at the same θ on the training data and on other inputs."""

    train: Landscape
    test: Landscape


def _split(
    output: str,
    parameters: str,
    inputs: str,
    train: Sequence[object],
    test: Sequence[object],
    point: Point,
) -> Split:
    model = Model.from_expressions(output, parameters, inputs)
    landscapes = [Problem(model, Data(x, [0] * len(x))).at(point) for x in (train, test)]
    return Split(*landscapes)


def _splits() -> Sequence[Instance]:
    linear = {"w1": 1, "w2": 2}
    tilted = "(x - u)**2 + y**2 + z**2 + v*(y - (x - u)**2 - y**2 - z**2)"
    return (
        Instance(
            "an invertible linear model",
            _split("w1*x1 + w2*x2", "w1 w2", "x1 x2", [[1, 0], [0, 1]], [[1, 1]], linear),
        ),
        Instance(
            "a linear model on one example",
            _split("w1*x1 + w2*x2", "w1 w2", "x1 x2", [[1, 0]], [[0, 1]], linear),
        ),
        Instance(
            "a tanh net on one example",
            _split("a*tanh(w*x) + b", "a w b", "x", [1], [2], {"a": 1, "w": "log(2)", "b": 0}),
        ),
        Instance(
            "the spheres of X5, with the output y off the data",
            _split(tilted, "x y z", "u v", [[1, 0], [-1, 0]], [[1, 1]], {"x": 0, "y": 0, "z": 0}),
        ),
    )


def _stacked(s: Split) -> tuple[Matrix, int, int] | None:
    J, K = s.train.jacobian, s.test.jacobian
    if isinstance(J, BallMatrix) or isinstance(K, BallMatrix):
        return None
    if J.field is not K.field and not (J.is_rational and K.is_rational):
        both = [*s.train.problem.data.x, *s.test.problem.data.x]
        problem = Problem(s.train.problem.model, Data(both, [0] * len(both)))
        stacked = problem.at(s.train.point).jacobian
        if isinstance(stacked, BallMatrix):
            return None
        return stacked, J.shape[0], J.shape[1]
    rows = [*J.rows, *K.rows]
    return Matrix.of(object_array(rows, (len(rows), J.shape[1])), J.field), J.shape[0], J.shape[1]


def _test_gradients_new(s: Split) -> Fact:
    found = _stacked(s)
    if found is None:
        return Fact(Truth.UNDECIDED, "J is only known by balls")
    both, train = found[0].rank(), s.train.rank("jacobian")
    known = True if both.lower > train.upper else False if both.upper <= train.lower else None
    return Fact(
        Truth.of(known), f"rank [J_train; J_test] = {both.lower}, rank J_train = {train.lower}"
    )


def _behaviour_varies(s: Split) -> Fact:
    """Whether some output off the data changes along the fibre of the training data."""
    fibre = fibre_dimension(s.train)
    alone = fibre.isolated
    if alone.truth is Truth.TRUE:
        return Fact(Truth.FALSE, f"θ is alone in its fibre nearby: {alone.reason}")
    found = _stacked(s)
    if found is None:
        return Fact(Truth.UNDECIDED, "J is only known by balls")
    both, m, n = found
    if fibre.decided and fibre.constant_rank.truth is Truth.TRUE:
        kernel = null_space(both.rows[:m], n, both.field)
        moved = [product(both.rows[m:], v) for v in kernel]
        if any(_differs(both, x) for v in moved for x in v):
            return Fact(
                Truth.TRUE, "a tangent of the fibre (all of ker J_train) changes a test output"
            )
    return Fact(Truth.UNDECIDED, "no change along the fibre is shown")


def _differs(matrix: Matrix, value: object) -> bool:
    return value != 0 and (bool(matrix.field.proven(value)) or matrix.field.sign(value) != 0)


NEW_GRADIENTS = Predicate(
    "new-gradients",
    "rank [J_train; J_test] > rank J_train",
    _test_gradients_new,
    r"\operatorname{rank}\begin{bmatrix}J\\J'\end{bmatrix} > \operatorname{rank}J",
)
VARIES = Predicate(
    "off-data-behaviour-varies",
    "the fibre contains models near θ with other outputs off the data",
    _behaviour_varies,
)
TRAIN_CONSTANT_RANK = Predicate(
    "train-constant-rank", "rank J_train is constant near θ", lambda s: constant_rank(s.train)
)


LOCAL: tuple[Claim, ...] = (
    Claim(
        "fibre-dimension-at-least",
        1,
        "Fibres are at least (N−M)-dimensional",
        f"{HEBBAR}, behaviour manifolds; {NOTE}",
        "Each output removes at most one dimension, so the manifolds of constant "
        "behaviour are at least (N−M)-dimensional.",
        r"\dim F^{-1}(F(\theta)) \geq N - M",
        stated=Statement((), AT_LEAST),
        repaired=Statement((CONSTANT_RANK,), AT_LEAST),
        repaired_proof=(T1, R_AT_MOST_M),
        examples=_examples,
        settles="True wherever the rank of J is locally constant, in particular at full rank; "
        "at single points an output may remove several dimensions at once (X5, and "
        "footnote 3 of S1 concedes it).",
    ),
    Claim(
        "spheres-unique",
        4,
        "On the axis of two families of spheres every behaviour is unique",
        f"{HEBBAR}, fn 3",
        "If the contours are spheres about (±1, 0, 0), all points on the x-axis are "
        "unique in behaviour, so they lie on 0-dimensional manifolds.",
        r"F^{-1}(F(x,0,0)) = \{(x,0,0)\}",
        stated=Statement(
            (Predicate("on-axis", "θ = (x, 0, 0)", _on_axis),),
            Predicate("alone", "θ is the only point of its fibre", _alone),
        ),
        stated_proof=(
            Step("F₂ − F₁ = 4x and F₁ = (x−1)² + y² + z²", _sphere_identities),
            Step(
                "so F determines x and y² + z², and y² + z² = 0 only at y = z = 0",
                cites="a sum of real squares is 0 only where each is",
            ),
        ),
        examples=_axis,
        over_gallery=False,
    ),
    Claim(
        "contours-dimension",
        5,
        "Each contour is (N−1)-dimensional",
        f"{HEBBAR}, behaviour manifolds",
        "Each contour of a single output is an (N−1)-dimensional manifold.",
        r"\dim\{F_m = c\} = N-1",
        stated=Statement((), CONTOURS),
        repaired=Statement((GRADIENTS_NONZERO,), CONTOURS),
        repaired_proof=(
            Step(
                "∇F_m(θ) ≠ 0 ⇒ {F_m = F_m(θ)} is near θ a graph over N − 1 coordinates",
                cites=IMPLICIT,
            ),
        ),
        examples=_examples,
    ),
    Claim(
        "parallel-contours",
        6,
        "Parallel contours permit a dimension above N−M",
        f"{HEBBAR}, parallel contours",
        "If the contours are parallel, the behaviour manifolds have more than N−M dimensions.",
        r"\operatorname{rank}J = 1 < M \Rightarrow \dim F^{-1}(F(\theta)) > N-M",
        stated=Statement((PARALLEL,), ABOVE),
        repaired=Statement((PARALLEL, CONSTANT_RANK), ABOVE),
        repaired_proof=(T1, R_AT_MOST_M),
        examples=_examples,
        settles="The contours must be parallel on a neighbourhood. At the origin of X5 the two "
        "spheres touch, the gradients are parallel, and the fibre is a point.",
    ),
    Claim(
        "gradients-perpendicular",
        8,
        "Behavioural gradients are perpendicular to the fibre",
        f"{HEBBAR}, claim 1",
        "The space spanned by the behavioural gradients at a point is perpendicular to "
        "the behaviour manifold there.",
        r"T_\theta \subseteq \ker J",
        stated=Statement((), TANGENTS),
        stated_proof=(TANGENT,),
        examples=_examples,
        settles="The commenter's simpler argument is the proof: the derivative along the "
        "manifold is zero because the behaviour does not change.",
    ),
    Claim(
        "kernel-is-tangent",
        8,
        "Conversely, every direction in ker J is tangent to the fibre",
        f"{HEBBAR}, claim 1, read backwards",
        "The directions perpendicular to all behavioural gradients are the tangent "
        "space of the behaviour manifold.",
        r"T_\theta = \ker J",
        stated=Statement((), IS_NULLITY),
        repaired=Statement((CONSTANT_RANK,), IS_NULLITY),
        repaired_proof=(T1,),
        examples=_examples,
    ),
    Claim(
        "fibre-dimension-at-most",
        9,
        "The dimension of the fibre is at most N − rank G",
        f"S0; {HEBBAR}, claim 2",
        "dim(manifold) ≤ N − rank(G).",
        r"\dim F^{-1}(F(\theta)) \leq N - \operatorname{rank}J",
        stated=Statement((), BOUNDED_BY_NULLITY),
        stated_proof=(TANGENT, NEARBY),
        examples=_examples,
    ),
    Claim(
        "high-dimension-dependence",
        10,
        "A dimension above N−M forces dependent gradients",
        f"{HEBBAR}, key result",
        "If a behaviour manifold has more than N−M dimensions, the normal vectors of "
        "the contours are linearly dependent.",
        r"\dim F^{-1}(F(\theta)) > N-M \Rightarrow \operatorname{rank}J < M",
        stated=Statement((ABOVE,), DEPENDENT),
        stated_proof=(TANGENT, NEARBY),
        examples=_examples,
    ),
    Claim(
        "dependence-high-dimension",
        10,
        "Conversely, dependent gradients give a dimension above N−M",
        f"{HEBBAR}, key result, read backwards",
        "If the behavioural gradients are dependent, the behaviour manifold has more "
        "than N−M dimensions.",
        r"\operatorname{rank}J < M \Rightarrow \dim F^{-1}(F(\theta)) > N-M",
        stated=Statement((DEPENDENT,), ABOVE),
        repaired=Statement((DEPENDENT, CONSTANT_RANK), ABOVE),
        repaired_proof=(T1, R_AT_MOST_M),
        examples=_examples,
    ),
    Claim(
        "low-rank-high-dimension",
        11,
        "Low-rank G ≈ high manifold dimension",
        f"S0; {HEBBAR}, claim 3",
        "High manifold dimension and low rank of G amount to the same: dimension = N − rank(G).",
        r"\dim F^{-1}(F(\theta)) = N - \operatorname{rank}J",
        stated=Statement((), IS_NULLITY),
        repaired=Statement((), BOUNDED_BY_NULLITY),
        repaired_proof=(TANGENT, NEARBY),
        examples=_examples,
        settles="One direction only, as footnote 11 of S1 says: high dimension forces low "
        "rank, low rank merely permits high dimension.",
    ),
    Claim(
        "low-rank-dependence",
        12,
        "Low-rank G is linear dependence of the gradients",
        f"S0; {HEBBAR}, behavioural gradients",
        "That G has low rank (less than it could have) means that the behavioural "
        "gradients are linearly dependent.",
        r"\operatorname{rank}J < \min(M,N) \Leftrightarrow \operatorname{rank}J < M",
        stated=Statement((), LOW_RANK_IS_DEPENDENCE),
        repaired=Statement((MORE_PARAMETERS,), LOW_RANK_IS_DEPENDENCE),
        repaired_proof=(
            Step("M ≤ N ⇒ min(M, N) = M; the M gradients are dependent iff rank J < M", cites=ROWS),
        ),
        settles="With more outputs than parameters the gradients are always dependent, "
        "whatever J's rank.",
    ),
    Claim(
        "linear-solution-dimension",
        13,
        "Linear model: the solution set has dimension N − rank X",
        "S1, comment (the accessible summary)",
        "For a perceptron the solutions form a set of dimension N − rank X.",
        r"\dim\{\theta : X\theta = y\} = N - \operatorname{rank}X",
        stated=Statement((AFFINE,), IS_NULLITY),
        stated_proof=(Step("F(θ + v) = F(θ) + J v, so the fibre is θ + ker J", cites=NULLITY),),
        examples=_examples,
    ),
    Claim(
        "nonlinear-solution-dimension",
        13,
        "… and the same reasoning works for a neural net near θ",
        "S1, comment (the accessible summary)",
        "For a neural net at least N − M orthogonal directions leave the training "
        "outputs unchanged near a given θ.",
        r"\dim F^{-1}(F(\theta)) \geq N - M",
        stated=Statement((), AT_LEAST),
        repaired=Statement((), FIRST_ORDER),
        repaired_proof=(Step("dim ker J = N − rank J ≥ N − M", cites=NULLITY),),
        examples=_examples,
        settles="For infinitesimal steps, as the commenter says: ker J has dimension ≥ N − M. "
        "For a set of solutions it fails at X5.",
    ),
    Claim(
        "submersion",
        14,
        "Submersion theorem for F",
        f"{HEBBAR}; {NOTE}",
        "At a point where J has full rank M the behaviour manifold is a smooth "
        "(N−M)-dimensional submanifold.",
        r"\operatorname{rank}J = M \Rightarrow \dim F^{-1}(F(\theta)) = N-M",
        stated=Statement((FULL_ROW_RANK,), IS_GAP),
        stated_proof=(Step("F is a submersion at θ, hence near θ", cites=SUBMERSION),),
        examples=_examples,
    ),
    Claim(
        "low-rank-says-little",
        15,
        "Where J drops rank, the level set is not determined by it",
        f"{NOTE}, reservations",
        "When the Jacobian does not have full rank it is difficult to conclude "
        "anything about the level set: functions of (x, y) with J = 0 at the origin "
        "have level sets of every kind.",
        r"J(0)=0:\ \dim = 0, 1, 1, \text{a cross}, 2",
        stated=Existence(
            (
                Predicate(
                    "same-sizes", "all have N = 2, M = 1 and J = 0 at the origin", _same_sizes
                ),
                Predicate("cross", "xy = 0 is no manifold at the origin", _crossing),
                Predicate("different", "the fibres have different dimensions", _different_fibres),
            )
        ),
        examples=lambda: (Instance("x² + y², x², x³, xy, 0 at the origin", at_origin()),),
        over_gallery=False,
    ),
    Claim(
        "image-embedded",
        17,
        "Full rank with N < M makes the image smooth and embedded",
        f"{NOTE}, behavioural space",
        "With N < M, points at which J has full rank map to points that have "
        "neighbourhoods in which F(Θ) is smooth and embedded.",
        r"\operatorname{rank}J = N < M \Rightarrow F(\Theta)\text{ is an embedded "
        r"manifold near }F(\theta)",
        stated=Statement(
            (Predicate("full-column-rank", "rank J = N < M", _full_column_rank),),
            Predicate(
                "image-embedded", "F(Θ) is near F(θ) an embedded N-manifold", _image_embedded
            ),
        ),
        repaired=Statement(
            (Predicate("full-column-rank", "rank J = N < M", _full_column_rank),),
            Predicate("locally-embedded", "F embeds a neighbourhood of θ", _locally_embedded),
        ),
        repaired_proof=(Step("rank J = N ⇒ F is an immersion near θ", cites=IMMERSION),),
        examples=_images,
        over_gallery=False,
        settles="The neighbourhood must be taken in Θ, not in the image: other parts of Θ may "
        "map there.",
    ),
    Claim(
        "submersion-needs-parameters",
        18,
        "The submersion theorem needs N ≥ M",
        f"{NOTE}, reservations, and its author's reply",
        "The submersion theorem makes sense only when there are at least as many "
        "parameters as outputs.",
        r"N < M \Rightarrow \operatorname{rank}J < M",
        stated=Statement((FEWER_PARAMETERS,), DEPENDENT),
        stated_proof=(Step("rank J ≤ N < M", cites=ROWS),),
        settles="S2 asks for N > M; N = M does as well, and makes the fibre a point near θ.",
    ),
    Claim(
        "off-data-arbitrary",
        19,
        "A fibre always contains models that differ off the data",
        "S2, comment",
        "Models in a behaviour manifold only need to agree on the training inputs, and "
        "always include models with arbitrary behaviour on other inputs.",
        r"\exists\,\theta' \in F^{-1}(F(\theta)):\ F_{\text{test}}(\theta') \neq "
        r"F_{\text{test}}(\theta)",
        stated=Statement((), VARIES),
        repaired=Statement((TRAIN_CONSTANT_RANK, NEW_GRADIENTS), VARIES),
        repaired_proof=(
            T1,
            Step(
                "then the tangent space is ker J_train, and some v in it has J_test v ≠ 0",
                cites=NULLITY,
            ),
        ),
        examples=_splits,
        over_gallery=False,
        settles="Not always: an invertible linear model has one model in its fibre. It takes "
        "gradients off the data that the training gradients do not span, and a locally "
        "constant rank on the data: without the latter the fibre of X5 is a point, "
        "although a test output y has a new gradient.",
    ),
)

CLAIMS: tuple[Claim, ...] = tuple(
    sorted((*LOCAL, *solution_sets.CLAIMS), key=lambda claim: claim.number)
)
