"""Eckart and Young's theorem, part by part: projections and eigenvalues against SymPy, and networks
whose singular values are chosen, beside those that only look like them."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
import sympy
from flint import fmpq

from hessrank.proofs.minima.linear_network import (
    _between,
    _centred,
    _projected,
    best_of_its_rank,
)
from hessrank.proofs.minima.minimum import minimum
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem


def array(rows):
    return np.array([[fmpq(v) for v in row] for row in rows], dtype=object)


def as_sympy(table) -> sympy.Matrix:
    return sympy.Matrix(
        [[sympy.Rational(int(fmpq(v).p), int(fmpq(v).q)) for v in row] for row in table]
    )


@pytest.mark.parametrize("seed", range(15))
def test_projections(seed: int) -> None:
    """P R = X B lies in the column space, and R − P R is orthogonal to it; X may be singular."""
    rng = random.Random(seed)
    D, n, K = rng.randint(1, 4), rng.randint(1, 3), rng.randint(1, 3)
    X = array([[rng.randint(-2, 2) for _ in range(n)] for _ in range(D)])
    R = array([[rng.randint(-2, 2) for _ in range(K)] for _ in range(D)])
    E = as_sympy(_projected(X, R, Field()))
    x, r = as_sympy(X), as_sympy(R)
    assert (x.T * (r - E)).is_zero_matrix
    assert x.row_join(E).rank() == x.rank()


@pytest.mark.parametrize("rows", [[["sqrt(2)"], ["1"]], [["sqrt(2)", "1"], ["1", "0"], ["2", "1"]]])
def test_projections_of_irrational_tables(rows: list[list[str]]) -> None:
    """P = X (XᵀX)⁻¹ Xᵀ by SymPy."""
    field, n = Field(), len(rows)
    X = np.array([evaluate([parse(v) for v in row], field, {}) for row in rows], dtype=object)
    x = sympy.Matrix(rows)
    expected = x * (x.T * x).inv() * x.T
    for k in range(n):
        unit = array([[int(i == k)] for i in range(n)])
        found = [sympy.sympify(str(field.expr(v))) for (v,) in _projected(X, unit, field)]
        assert all(sympy.simplify(a - b) == 0 for a, b in zip(found, expected[:, k], strict=True))


def test_centred_columns() -> None:
    table = array([[1, 5], [2, -1], [6, 2]])
    assert _centred(table).tolist() == [[-2, 3], [-1, -3], [3, 0]]


@pytest.mark.parametrize("seed", range(15))
def test_candidates_lie_between_eigenvalues(seed: int) -> None:
    """The trace, each rational eigenvalue, and a point strictly between any two that differ."""
    rng = random.Random(seed)
    n = rng.randint(1, 3)
    tables = []
    for _ in range(2):
        half = array([[rng.randint(-2, 2) for _ in range(n)] for _ in range(n)])
        tables.append(half.T @ half * fmpq(1, rng.choice([1, 1, 1000])))
    small, large = tables
    found = [sympy.Rational(int(c.p), int(c.q)) for c in map(fmpq, _between(small, large))]
    assert found[0] == as_sympy(small).trace()
    roots = []
    for table in tables:
        p = as_sympy(table).charpoly()
        roots += sympy.Poly(p.as_expr(), p.gen).real_roots()
        assert set(sympy.roots(p.as_expr(), p.gen, filter="Q")) <= set(found)
    places = sorted(set(roots), key=lambda v: sympy.N(v, 30))
    for a, b in pairwise(places):
        assert any(sympy.N(c - a, 30) > 0 and sympy.N(b - c, 30) > 0 for c in found), (a, b)


def test_the_only_candidate_for_irrational_entries_is_the_trace() -> None:
    field = Field()
    (root,) = evaluate([parse("sqrt(2)", set())], field, {})
    small = np.array([[root, fmpq(0)], [fmpq(0), fmpq(3)]], dtype=object)
    assert [v - root for v in _between(small, small)] == [3]


UNIT = [[int(i == j) for j in range(3)] for i in range(3)]


def network(widths, y, point, loss="half-squared", activation="identity", regulariser=None, x=UNIT):
    net = mlp(widths, activation, bias=False)
    return Problem(net, Data(x, y), loss, regulariser).at(
        dict(zip(net.parameters, point, strict=True))
    )


def diag(*values):
    return [[v * int(i == j) for j in range(3)] for i, v in enumerate(values)]


def kept(which, values):
    """W1 = rows e_i, W2 = columns v_i e_i for the i of `which`."""
    first = [int(j == i) for i in which for j in range(3)]
    second = [values[i] * int(r == i) for r in range(3) for i in which]
    return [*first, *second]


CASES = [  # (values on the diagonal of Y, those that F keeps, is it a best approximation?)
    ((5, 3, 1), (0, 1), True),
    ((5, 3, 1), (0, 2), False),
    ((5, 3, 1), (1, 2), False),
    ((5, 3, 1), (0,), True),
    ((5, 3, 1), (1,), False),
    ((2, 2, 2), (0,), True),
    ((2, 2, 1), (1,), True),
    ((2, 2, 1), (2,), False),
    ((3, 2, 2), (0, 2), True),
    ((5, 0, 0), (0, 1), True),
    ((5, 3, 0), (0, 2), False),
    ((1, 1, 1), (0, 1, 2), True),
    (("3", "sqrt(5)", "1"), (0, 1), True),
    (("1", "sqrt(5)", "3"), (0, 1), False),
    (("3", "2", "sqrt(2) - 1"), (0, 1), True),
    (("3", "1", "sqrt(2) + 1"), (0, 1), False),
]


@pytest.mark.parametrize("loss", ["half-squared", "sum-of-squares", "mean-squared"])
@pytest.mark.parametrize(("values", "which", "best"), CASES)
def test_which_singular_values_are_kept(values, which, best, loss) -> None:
    y = [[v if i == j else 0 for j in range(3)] for i, v in enumerate(values)]
    first = [int(j == i) for i in which for j in range(3)]
    second = [values[i] if r == i else 0 for r in range(3) for i in which]
    here = network([3, len(which), 3], y, [*first, *second], loss)
    found = best_of_its_rank(here)
    assert (found is not None) is best
    if found is not None:
        assert found.truth is Truth.TRUE and found.reason


def test_a_deep_one_has_the_rank_of_its_narrowest_layer() -> None:
    """[3, 1, 2, 3]: products of rank 1."""
    y = diag(5, 3, 1)
    best = [1, 0, 0, 1, 0, 5, 0, 0, 0, 0, 0]
    assert best_of_its_rank(network([3, 1, 2, 3], y, best)) is not None
    second = [0, 1, 0, 1, 0, 0, 0, 3, 0, 0, 0]
    assert best_of_its_rank(network([3, 1, 2, 3], y, second)) is None


def test_residuals_that_are_not_orthogonal_decide_nothing() -> None:
    """F = diag(5, 0, 0) + something in its own rows or columns: no critical point."""
    assert best_of_its_rank(network([3, 1, 3], diag(6, 3, 1), kept((0,), (5, 3, 1)))) is None
    y = [[5, 1, 0], [0, 3, 0], [0, 0, 1]]
    assert best_of_its_rank(network([3, 1, 3], y, kept((0,), (5, 3, 1)))) is None
    y = [[5, 0, 0], [1, 3, 0], [0, 0, 1]]
    assert best_of_its_rank(network([3, 1, 3], y, kept((0,), (5, 3, 1)))) is None
    assert best_of_its_rank(network([3, 3], diag(6, 3, 1), [5, 0, 0, 0, 3, 0, 0, 0, 1])) is None
    assert best_of_its_rank(network([3, 3], diag(6, 3, 1), [0] * 9)) is None  # E is orthogonal to 0


def test_what_a_linear_map_cannot_reach_does_not_count() -> None:
    """Two examples with one input: y = (1, 3) is projected to 2 each; with 3 inputs, to itself."""
    here = network([1, 1, 1], [[1], [3]], [1, 2], x=[[1], [1]])
    assert "projection" in best_of_its_rank(here).reason
    assert best_of_its_rank(network([1, 1, 1], [[1], [3]], [1, 1], x=[[1], [1]])) is None
    twice = network([2, 1, 1], [[1], [3]], [1, 0, 2], x=[[1, 1], [1, 1]])  # XᵀX is singular
    assert best_of_its_rank(twice) is not None


def test_irrational_inputs() -> None:
    """X = diag(√2, 1), Y = diag(3√2, 2): W = diag(3, 0) leaves the singular value 2 < 3√2, and
    W = diag(0, 2) the other one. On x = (√2, 1), y = (0, 3) the least squares are at w = 1."""
    x, y = [["sqrt(2)", 0], [0, 1]], [["3*sqrt(2)", 0], [0, 2]]
    assert best_of_its_rank(network([2, 1, 2], y, [1, 0, 3, 0], x=x)).truth is Truth.TRUE
    assert best_of_its_rank(network([2, 1, 2], y, [0, 1, 0, 2], x=x)) is None
    x, y = [["sqrt(2)"], [1]], [[0], [3]]
    assert "projection" in best_of_its_rank(network([1, 1, 1], y, [1, 1], x=x)).reason
    assert best_of_its_rank(network([1, 1, 1], y, [1, 2], x=x)) is None


def test_which_networks_are_linear() -> None:
    y = diag(5, 3, 1)
    point = kept((0, 1), (5, 3, 1))
    assert best_of_its_rank(network([3, 2, 3], y, point)) is not None
    tanh = network([3, 2, 3], diag(0, 0, 0), [0] * 12, activation="tanh")
    assert best_of_its_rank(tanh) is None  # fits, but no linear network
    shallow = network([3, 3], y, [5, 0, 0, 0, 3, 0, 0, 0, 1], activation="tanh")
    assert best_of_its_rank(shallow) is not None  # no hidden layer, no activation
    assert best_of_its_rank(network([3, 2, 3], y, point, regulariser="l2")) is None
    assert best_of_its_rank(network([3, 2, 3], y, point, loss="log-cosh")) is None
    form = Model.from_expressions("t", "t")
    assert best_of_its_rank(Problem(form, Data([[]], [[0]]), "half-squared").at({"t": 0})) is None


def biased(y, shift, first, second, x):
    net = mlp([2, 1, 2], "identity", bias=True)
    values = {"b1_1": 0, "b2_1": shift[0], "b2_2": shift[1]}
    values |= dict(zip(("w1_1_1", "w1_1_2"), first, strict=True))
    values |= dict(zip(("w2_1_1", "w2_2_1"), second, strict=True))
    return Problem(net, Data(x, y), "half-squared").at(values)


def test_biases_take_the_means() -> None:
    """x = (±1, 0), (0, ±1), moved by (1, 2); y = (3x₁, 2x₂) + (7, −1)."""
    x = [[2, 2], [0, 2], [1, 3], [1, 1]]
    y = [[3 * (a - 1) + 7, 2 * (b - 2) - 1] for a, b in x]
    best = biased(y, (7 - 3, -1), (1, 0), (3, 0), x)
    assert best_of_its_rank(best) is not None
    worse = biased(y, (7, -1 - 4), (0, 1), (0, 2), x)
    assert best_of_its_rank(worse) is None
    moved = biased(y, (7 - 2, -1), (1, 0), (3, 0), x)  # the mean of the residual is not 0
    assert best_of_its_rank(moved) is None
    other = biased(y, (7 - 3, -2), (1, 0), (3, 0), x)
    assert best_of_its_rank(other) is None


def test_an_irrational_target_of_reduced_rank():
    """Eckart and Young at x = I, y = diag(√2, 1): the larger singular value is kept."""
    net = mlp([2, 1, 2], "identity", bias=False)
    data = Data([[1, 0], [0, 1]], [["sqrt(2)", 0], [0, 1]])
    problem = Problem(net, data)
    kept, lost = problem.at([1, 0, "sqrt(2)", 0]), problem.at([0, 1, 0, 1])
    assert minimum(kept).is_global.truth is Truth.TRUE
    assert minimum(lost).local.truth is Truth.FALSE
