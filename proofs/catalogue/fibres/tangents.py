"""What claims 75, 76, 77, 84, 87 and theorem T15 are made of: tangents, spare rows, test outputs.

In: nothing. Out: `Predicate`s and instances.
"""

from __future__ import annotations

from collections.abc import Sequence

from hessrank.proofs.catalogue.fibres.predicates import behaviour
from hessrank.proofs.catalogue.fibres.subjects import Split, stacked
from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.facts.smooth_piece import outputs_near
from hessrank.proofs.fibres.fibre import fibre_dimension
from hessrank.proofs.reasoning.statement import Instance, Predicate
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import UndecidedError, counted
from hessrank.symbolic.expressions.differentiation import differentiate
from hessrank.symbolic.expressions.expression import evaluate, number, symbol
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.linear_algebra.elimination import product
from hessrank.symbolic.linear_algebra.object_matrices import object_array
from hessrank.symbolic.models.models import mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem
from hessrank.symbolic.ranks.matrices import Matrix
from hessrank.symbolic.ranks.null_space import null_space


def _second_order(here: Landscape) -> Fact:
    """d/dt F(θ + tv) = 0 at t = 0 for each v of a basis of ker J, by differentiating F along the
    line; J itself comes from the rule of the layers."""
    J, names = here.jacobian.exact("J"), here.problem.model.parameters
    kernel = null_space(J.rows, len(names), J.field)
    if not kernel:
        return Fact(Truth.TRUE, "ker J is 0: there is no such direction")
    F, t = outputs_near(here), symbol("t_")
    slopes = []
    for v in kernel[:MAX_LINES]:
        line = {
            n: value + t * J.field.expr(c)
            for n, (_, value), c in zip(names, here.values, v, strict=True)
        }
        moved = substitute(F, line)
        slopes += substitute([differentiate(f, "t_") for f in moved], {"t_": number(0)})

    def build(field: Field) -> Matrix:
        column = [[s] for s in evaluate(slopes, field, {})]
        return Matrix.of(object_array(column, (len(column), 1)), field)

    fact = landscape_facts.is_zero(evaluate_in_field(build, here.side), "d/dt F(θ + tv)")
    shown = f"d/dt F(θ + tv) = 0 for {counted(len(kernel[:MAX_LINES]), 'direction')} v of ker J"
    return Fact(fact.truth, shown if fact.truth is Truth.TRUE else fact.reason)


#: So many directions of a kernel are followed.
MAX_LINES = 6


def _coincide(here: Landscape) -> Fact:
    """Each contour through θ is the fibre: it has dimension N − 1 as they have."""
    return fibre_dimension(here).equals(here.problem.N - 1)


def _spare_rows(here: Landscape) -> Fact:
    """M − rank J outputs can be left out, and rank J stays: greedily, row by row."""
    J = here.jacobian.exact("J")
    rank, N = here.rank("jacobian"), here.problem.N
    if not rank.decided:
        raise UndecidedError("rank J is not decided")
    kept: list[tuple[object, ...]] = []
    for row in J.rows:
        more = Matrix((*kept, row), (len(kept) + 1, N), J.field).rank()
        if more.lower == len(kept) + 1:
            kept.append(row)
    good = len(kept) == rank.lower
    spare = here.problem.M - len(kept)
    return Fact(Truth.of(good or None), f"{spare} of {here.problem.M} outputs change nothing")


def _column_rank(here: Landscape) -> Fact:
    rank, N = here.rank("jacobian"), here.problem.N
    return ~landscape_facts.rank_below(rank, N, "N")


def _at_most_N(here: Landscape) -> Fact:
    rank, N = here.rank("jacobian"), here.problem.N
    return Fact(Truth.of(rank.upper <= N), f"rank J ≤ {rank.upper} ≤ N = {N}")


def _all_new(s: Split) -> Fact:
    """rank [J_train; J_test] = rank J_train + M_test."""
    found = stacked(s)
    if found is None:
        raise UndecidedError("J is known to any precision, but not exactly")
    both, train, extra = found[0].rank(), s.train.rank("jacobian"), s.test.problem.M
    least, most = both.lower - train.upper, both.upper - train.lower
    known = True if least >= extra else False if most < extra else None
    return Fact(
        Truth.of(known),
        f"rank [J_train; J_test] = {both.shown}, rank J_train = {train.shown}, M_test = {extra}",
    )


def _open_outputs(s: Split) -> Fact:
    """J_test maps ker J_train onto R^M_test: J_test·V has rank M_test, V a basis of the kernel."""
    found = stacked(s)
    if found is None:
        raise UndecidedError("J is known to any precision, but not exactly")
    both, m, n = found
    kernel = null_space(both.rows[:m], n, both.field)
    moved = tuple(tuple(product(both.rows[m:], v)) for v in kernel)
    extra = s.test.problem.M
    rank = Matrix(moved, (len(moved), extra), both.field).rank()
    shown = f"J_test on ker J_train has rank {rank.shown}, M_test = {extra}"
    return Fact(Truth.of(rank.reaches(extra)), shown)


SECOND_ORDER = Predicate(
    "second-order",
    "along every direction of ker J the outputs change to second order only",
    _second_order,
    r"F(\theta + tv) = F(\theta) + O(t^2)",
)
COINCIDE = Predicate(
    "contours-coincide", "the contours through θ coincide: the fibre has dimension N − 1", _coincide
)
SPARE_ROWS = Predicate(
    "spare-outputs", "M − rank J outputs can be left out and rank J stays", _spare_rows
)
FULL_COLUMN_RANK = Predicate(
    "N-dimensional", "the image is near F(θ) N-dimensional: rank J = N", _column_rank
)
AT_MOST_N = Predicate("at-most-N", "the image has at most N dimensions: rank J ≤ N", _at_most_N)
ALL_NEW = Predicate("all-new-gradients", "rank [J_train; J_test] = rank J_train + M_test", _all_new)
OPEN_OUTPUTS = Predicate(
    "open-outputs", "the test outputs on the fibre contain an open set", _open_outputs
)


def tall_models() -> Sequence[Instance]:
    """More outputs than parameters: a curve, and a relu unit whose rescaling changes nothing."""
    relu = mlp([1, 1, 1], "relu", bias=False)
    unit = Problem(relu, Data([1, 2, 3], [0, 0, 0])).at({"w1_1_1": 1, "w2_1_1": 1})
    curve = behaviour(["t", "t**2"], "t", {"t": 2})
    return (Instance("(t, t²) at 2", curve), Instance("a relu unit on three examples", unit))
