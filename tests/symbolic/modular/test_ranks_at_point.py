"""Ranks at a point through residues, against python-flint on the exact matrices."""

from __future__ import annotations

import random

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hessrank.symbolic.errors import KinkError
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.models.layers import Network
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.modular.ranks_at_point import is_rational, ranks_at, residues_at
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem

MATRICES = ("jacobian", "gauss_newton", "residual", "hessian")


def exact(net: Network, point: dict, x: list, y: list, loss: str):
    """The exact run, r (D, K) and A (D, K, K), and the four matrices over Q."""
    model: Model = mlp(net.widths, net.activation, net.bias)
    problem = Problem(model, Data(x, y), loss=loss)
    here = problem.at(point)
    field = Field()
    found = here.evaluation(field)
    run, r, A = found.get("run"), found.get("r"), found.get("A")
    D, K = found.get("F").shape
    blocks = np.array([A[d * K : d * K + K, d * K : d * K + K] for d in range(D)])
    J, R = found.get("J"), run.weighted_hessian(r.reshape(D, K))
    GN = J.T @ A @ J
    matrices = dict(zip(MATRICES, (J, GN, R, GN + R), strict=True))
    return run.run, r.reshape(D, K), blocks, matrices


def flint_rank(matrix: np.ndarray) -> int:
    rows = [[flint.fmpq(q) for q in row] for row in matrix.tolist()]
    return flint.fmpq_mat(rows).rank()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 3), min_size=2, max_size=4),
    st.sampled_from(("identity", "square", "cube", "relu", "leaky-relu")),
    st.booleans(),
    st.sampled_from(("half-squared", "mean-squared", "quartic")),
    st.integers(1, 5),
    st.integers(0, 2**32),
)
def test_rational_points(
    widths: list[int], activation: str, bias: bool, loss: str, D: int, seed: int
) -> None:
    net, rng = Network(tuple(widths), activation, bias), random.Random(seed)

    def draw() -> str:
        return f"{rng.choice((-3, -2, -1, 1, 2, 3))}/{rng.randint(1, 3)}"

    point = {name: draw() for name in net.parameters}
    x = [[rng.randint(1, 4) for _ in range(widths[0])] for _ in range(D)]
    y = [[rng.randint(-2, 2) for _ in range(widths[-1])] for _ in range(D)]
    try:
        run, r, A, matrices = exact(net, point, x, y, loss)
    except KinkError:
        return
    found = ranks_at(run, r, A, seed=seed)
    for name, matrix in matrices.items():
        assert found[name].decided
        assert found[name].lower == flint_rank(matrix), (name, found[name])


def test_a_point_of_the_exponential_lattice_is_rational() -> None:
    # tanh(log(3)/2) = (3 − 1)/(3 + 1) = 1/2: everything below is rational
    net = Network((1, 2, 1), "tanh")
    point = {"w1_1_1": "log(3)/2", "w1_2_1": "log(2)", "w2_1_1": 1, "w2_1_2": -2}
    run, r, A, matrices = exact(net, point, [[1], [2], [-1]], [[0], [1], [2]], "half-squared")
    assert is_rational(run, r, A)
    found = ranks_at(run, r, A, seed=0)
    assert {n: f.lower for n, f in found.items()} == {n: flint_rank(m) for n, m in matrices.items()}


def test_residues_are_those_of_the_exact_matrices() -> None:
    net, p = Network((2, 3, 2), "square", bias=True), 16777213
    rng = random.Random(5)
    point = {name: f"{rng.randint(1, 9)}/{rng.randint(1, 9)}" for name in net.parameters}
    run, r, A, matrices = exact(net, point, [[1, 2], [3, -1]], [[0, 1], [2, 2]], "quartic")
    for name, matrix in residues_at(run, r, A, p):
        for (i, j), q in np.ndenumerate(matrices[name]):
            assert (int(matrix[i, j]) * int(q.q) - int(q.p)) % p == 0


def test_a_prime_that_divides_a_denominator_is_refused() -> None:
    net = Network((1, 1))
    run, r, A, _ = exact(net, {"w1_1_1": "1/16777213"}, [[1]], [[0]], "half-squared")
    with pytest.raises(ZeroDivisionError, match="16777213"):
        list(residues_at(run, r, A, 16777213))
    assert ranks_at(run, r, A, seed=1)["hessian"].lower == 1


def test_fixed_parameters_are_left_out() -> None:
    # f = v·(w x)²: with w alone free, H = ∂²/∂w² of ½(v w² x² − y)², which is not 0 here
    net = Network((1, 1, 1), "square")
    run, r, A, _ = exact(net, {"w1_1_1": 2, "w2_1_1": 3}, [[1]], [[1]], "half-squared")
    found = ranks_at(run, r, A, free=[0], seed=0)
    assert found["hessian"].shape == (1, 1)
    assert int(found["hessian"]) == 1


def test_points_off_the_lattice_are_not_rational() -> None:
    net = Network((1, 1, 1), "tanh")
    run, r, A, _ = exact(net, {"w1_1_1": 1, "w2_1_1": 1}, [[1]], [[0]], "half-squared")
    assert not is_rational(run, r, A)
    with pytest.raises(TypeError, match="not a rational"):
        ranks_at(run, r, A)


def test_a_structural_bound_certifies() -> None:
    # identity net of depth 2, one input, one output: F = v w x; at r ≠ 0 the rank of J is 1 of 2
    net = Network((1, 1, 1))
    run, r, A, _ = exact(net, {"w1_1_1": 1, "w2_1_1": 1}, [[1], [2]], [[0], [0]], "half-squared")
    assert ranks_at(run, r, A, seed=0)["jacobian"].status == "probabilistic"
    bound = {"jacobian": (1, "a product of two numbers")}
    assert ranks_at(run, r, A, upper=bound, seed=0)["jacobian"].status == "certified"
