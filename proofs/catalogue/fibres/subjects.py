"""What claims about fibres speak of besides a landscape at a point.

In: nothing. Out: frozen subjects with the instances and predicates of their claims: five level sets
of the same rank (S2's list), two preimages of one output, training data beside other inputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hessrank.proofs.catalogue.fibres.predicates import Point, behaviour
from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.facts.smooth_piece import outputs_near
from hessrank.proofs.fibres.fibre import constant_rank, fibre_dimension, only_point
from hessrank.proofs.reasoning.statement import Instance, Predicate
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.expressions.expression import number, symbol
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.linear_algebra.elimination import product
from hessrank.symbolic.linear_algebra.object_matrices import object_array
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem
from hessrank.symbolic.ranks.matrices import Matrix
from hessrank.symbolic.ranks.null_space import null_space

# --- five level sets with J = 0 -----------------------------------------------------------------


@dataclass(frozen=True)
class AtOrigin:
    """Functions of (x, y) at the origin."""

    landscapes: tuple[Landscape, ...]


def at_origin() -> AtOrigin:
    """S2's examples: x² + y², x², x³, xy, 0."""
    forms = ("x**2 + y**2", "x**2", "x**3", "x*y", "0*x")
    return AtOrigin(tuple(behaviour([f], "x y", {"x": 0, "y": 0}) for f in forms))


def same_sizes(five: AtOrigin) -> Fact:
    seen = {
        (h.problem.N, h.problem.M, h.rank("jacobian").lower, h.rank("jacobian").upper)
        for h in five.landscapes
    }
    return Fact(Truth.of(seen == {(2, 1, 0, 0)}), f"(N, M, rank J) = {sorted(seen)}")


def different_fibres(five: AtOrigin) -> Fact:
    found = [fibre_dimension(h) for h in five.landscapes]
    if not all(f.decided for f in found):
        return Fact(Truth.UNDECIDED, ", ".join(map(str, found)))
    return Fact(
        Truth.of(len({f.lower for f in found}) > 1), f"dimensions {', '.join(map(str, found))}"
    )


def crossing(five: AtOrigin) -> Fact:
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


def images() -> Sequence[Instance]:
    curve = ["t**2 - 1", "t*(t**2 - 1)"]
    return (
        Instance(
            "(t² − 1, t(t² − 1)) at t = ±1 (X12)",
            Preimages(behaviour(curve, "t", {"t": 1}), behaviour(curve, "t", {"t": -1})),
        ),
        Instance("(t, t²)", Preimages(behaviour(["t", "t**2"], "t", {"t": 2}))),
        Instance("the cusp (t², t³)", Preimages(behaviour(["t**2", "t**3"], "t", {"t": 0}))),
    )


def full_column_rank(p: Preimages) -> Fact:
    N, M, rank = p.here.problem.N, p.here.problem.M, p.here.rank("jacobian")
    known = rank.reaches(N)
    return Fact(Truth.of(known and N < M), f"rank J = {rank.shown}, N = {N}, M = {M}")


def image_embedded(p: Preimages) -> Fact:
    """F(Θ) is near F(θ) an embedded N-manifold. Were it one (a larger dimension is excluded by
    Sard's theorem), its tangent space would hold im J of both preimages, of dimension > N."""
    if p.there is None:
        return Fact(Truth.UNDECIDED, "no second preimage is known")
    J, K = p.here.jacobian, p.there.jacobian
    values = (J, K, p.here.outputs, p.there.outputs)
    if not all(v.is_rational for v in values):
        return Fact(Truth.UNDECIDED, "only rational points are compared")
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


def locally_embedded(p: Preimages) -> Fact:
    fact = full_column_rank(p)
    return Fact(fact.truth, f"{fact.reason}: F embeds a neighbourhood of θ")


# --- 19: off the data ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Split:
    """The same model at the same θ on the training data and on other inputs."""

    train: Landscape
    test: Landscape


def split(
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


def splits() -> Sequence[Instance]:
    linear = {"w1": 1, "w2": 2}
    tilted = "(x - u)**2 + y**2 + z**2 + v*(y - (x - u)**2 - y**2 - z**2)"
    return (
        Instance(
            "an invertible linear model",
            split("w1*x1 + w2*x2", "w1 w2", "x1 x2", [[1, 0], [0, 1]], [[1, 1]], linear),
        ),
        Instance(
            "a linear model on one example",
            split("w1*x1 + w2*x2", "w1 w2", "x1 x2", [[1, 0]], [[0, 1]], linear),
        ),
        Instance(
            "a tanh net on one example",
            split("a*tanh(w*x) + b", "a w b", "x", [1], [2], {"a": 1, "w": "log(2)", "b": 0}),
        ),
        Instance(
            "the spheres of X5, with the output y off the data",
            split(tilted, "x y z", "u v", [[1, 0], [-1, 0]], [[1, 1]], {"x": 0, "y": 0, "z": 0}),
        ),
    )


def stacked(s: Split) -> tuple[Matrix, int, int] | None:
    """([J_train; J_test], M, N); None where a matrix is known to any precision, but not exactly."""
    J, K = s.train.jacobian, s.test.jacobian
    if not (J.is_exact and K.is_exact):
        return None
    return J.exact().stacked(K.exact()), J.shape[0], J.shape[1]


def _test_gradients_new(s: Split) -> Fact:
    found = stacked(s)
    if found is None:
        return Fact(Truth.UNDECIDED, "J is known to any precision, but not exactly")
    both, train = found[0].rank(), s.train.rank("jacobian")
    known = True if both.lower > train.upper else False if both.upper <= train.lower else None
    shown = f"rank [J_train; J_test] = {both.shown}, rank J_train = {train.shown}"
    return Fact(Truth.of(known), shown)


def _behaviour_varies(s: Split) -> Fact:
    """Whether some output off the data changes along the fibre of the training data."""
    fibre, alone = fibre_dimension(s.train), only_point(s.train)
    if alone.truth is Truth.TRUE:
        return Fact(Truth.FALSE, f"θ is all of its fibre: {alone.reason}")
    found = stacked(s)
    if found is None:
        return Fact(Truth.UNDECIDED, "J is known to any precision, but not exactly")
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
    "the fibre contains models with other outputs off the data",
    _behaviour_varies,
)
TRAIN_CONSTANT_RANK = Predicate(
    "train-constant-rank", "rank J_train is constant near θ", lambda s: constant_rank(s.train)
)
