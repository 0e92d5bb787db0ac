"""Critical points with silent, mirrored and rescaled units, and those of tied networks.

What is certified is checked in mpmath on the textbook forward pass: ∇L = 0 at the centre, the rank
of J and the inertia of H there.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb

import hessrank as hr
from hessrank.proofs.existence.tied_symmetries import last_is_linear, rescalings, shifts
from tests.proofs.existence.test_nearby import (
    centre_of,
    float_hessian,
    floats,
    mp_gradient,
    mp_jacobian,
    numeric_rank,
    trained,
)

X = [[-2], [-1], [0], [1], [2], [3]]
Y = [Fraction(v, 10) for v in (-9, -8, -3, 3, 9, 8)]


def inertia(H: np.ndarray) -> tuple[int, int]:
    values = np.linalg.eigvalsh(H)
    return int(np.sum(values > 1e-9)), int(np.sum(values < -1e-9))


def checked(model: Any, found: hr.Nearby, x: Any = X, y: Any = Y) -> None:
    """∇L = 0, rank J and rank H at the centre are as claimed."""
    assert found.kind == "critical", found
    with mpmath.workdps(60):
        slope = mp_gradient(model.network, centre_of(found), x, y)
        assert max(abs(v) for v in slope) < mpmath.mpf(10) ** -25
        J = mp_jacobian(model.network, centre_of(found), x)
    assert int(found.rank_jacobian) == numeric_rank(J)
    signs = inertia(float_hessian(model.network, centre_of(found), x, y))
    assert int(found.rank_hessian) == sum(signs)
    if found.point != "undecided":
        assert (found.point == "not a minimum") == (signs[1] > 0)


@pytest.fixture(scope="module")
def one() -> tuple[Any, ...]:
    """(w, b, a, c) of a residual minimum of a·tanh(w·x + b) + c."""
    return tuple(trained(hr.mlp([1, 1, 1]), X, [float(v) for v in Y], 0).x)


@pytest.mark.parametrize("out", [0.0, 1e-9, 1e-4])
@pytest.mark.parametrize("into", [(0.3, 0.2), (0.0, 0.0), (-0.8, 0.5)])
def test_a_unit_without_weights_out(one: Any, into: tuple[float, float], out: float) -> None:
    """Theory: the critical point of the small net, with ∂L/∂out = 0 for the silent unit, is a
    saddle; one direction of its two weights in lies in the kernel of H."""
    w, b, a, c = one
    model = hr.mlp([1, 2, 1])
    theta = [w, into[0], b, into[1], a, out, c]
    found = hr.nearby(floats(hr.Problem(model, hr.Data(X, Y)), theta))
    checked(model, found)
    # its own column of J is tanh(into·x), which is 0 for into = 0
    assert int(found.rank_jacobian) == (4 if into == (0.0, 0.0) else 5)
    assert int(found.rank_hessian) == 6
    assert found.point == "not a minimum" and found.rank_equality.truth.to_json() is False
    assert centre_of(found)[5] == 0


@pytest.mark.parametrize("bias", [True, False])
def test_an_idle_unit_of_two_outputs(bias: bool) -> None:
    """All its weights are 0. G = Σ_d δ_d·(x_d, 1), where Σ_d δ_d = 0 if there are biases: of rank 1
    for one input, so that H has rank 2 more than in the small net."""
    small, large = hr.mlp([1, 1, 2], bias=bias), hr.mlp([1, 2, 2], bias=bias)
    x = [[-2], [-1], [1], [2], [3]]
    y = [
        [Fraction(a, 8), Fraction(b, 8)] for a, b in ((-9, 3), (-6, 4), (7, -2), (8, -6), (10, -5))
    ]
    flat = [v for row in y for v in row]
    run = trained(small, x, [float(v) for v in flat], 1)
    t = list(run.x)
    if bias:  # w b | a1 a2 c1 c2
        w, b, a1, a2, c1, c2 = t
        theta = [w, 0, b, 0, a1, 0, a2, 0, c1, c2]
    else:
        w, a1, a2 = t
        theta = [w, 0, a1, 0, a2, 0]
    found = hr.nearby(floats(hr.Problem(large, hr.Data(x, y)), theta))
    checked(large, found, x, flat)
    assert int(found.rank_hessian) == small.network.size + 2
    assert found.point == "not a minimum"


def test_two_silent_units_of_a_relu_net_with_its_scaling() -> None:
    """A relu net has the rescaling of its loud unit as well."""
    model = hr.mlp([1, 3, 1], "relu")
    x, y = [[-2], [-1], [1], [2], [3]], [Fraction(v) for v in (0, 1, 0, 3, 2)]
    run = trained(hr.mlp([1, 1, 1], "relu"), x, [float(v) for v in y], 0, start=[1, 1.5, 0.6, 0])
    w, b, a, c = run.x
    theta = [w, 1.0, -1.0, b, 0.5, 2.5, a, 0.0, 0.0, c]
    found = hr.nearby(floats(hr.Problem(model, hr.Data(x, y)), theta))
    if found.kind == "critical":
        checked(model, found, x, y)
        assert found.point == "not a minimum"
    else:
        assert found.tried


@pytest.mark.parametrize("share", [0.3, -0.5, 0.5])
def test_mirrored_units_are_equal_units(one: Any, share: float) -> None:
    w, b, a, c = one
    model = hr.mlp([1, 2, 1])
    problem = hr.Problem(model, hr.Data(X, Y))
    plain = hr.nearby(floats(problem, [w, w, b, b, share * a, (1 - share) * a, c]))
    mirrored = hr.nearby(floats(problem, [w, -w, b, -b, share * a, (share - 1) * a, c]))
    checked(model, mirrored)
    assert mirrored.point == plain.point
    same_side = hr.nearby(floats(problem, [w, -w, b, -b, share * a, (1 - share) * a, c]))
    assert same_side.kind != "critical" or same_side.distance > "1e-3"


def test_rescaled_relu_units_are_equal_units() -> None:
    x, y = [[-2], [-1], [1], [2], [3]], [Fraction(v, 2) for v in (0, 1, 2, 5, 5)]
    small = hr.mlp([1, 1, 1], "relu")
    run = trained(small, x, [float(v) for v in y], 0, start=[1, 3, 0.6, 0])
    one = hr.nearby(floats(hr.Problem(small, hr.Data(x, y)), run.x))
    w, b, a, c = run.x
    model = hr.mlp([1, 2, 1], "relu")
    problem = hr.Problem(model, hr.Data(x, y))
    s = 1.7
    found = hr.nearby(floats(problem, [w, s * w, b, s * b, 0.4 * a, 0.6 * a / s, c]))
    assert one.exists and found.exists, (one, found)
    checked(model, found, x, y)
    assert int(found.rank_jacobian) == int(one.rank_jacobian)


# --- tied networks ----------------------------------------------------------------------------

LAST = {"linear": 1}
LAYERS: dict[str, tuple[Any, Any, int]] = {
    # layers, inputs, how many rescalings there are, counted by hand: one a channel or unit
    "conv": ([{"conv": 2, "kernel": [2]}, "relu", "flatten", {"linear": 1}], [1, 4], 2),
    "pool": (
        [{"conv": 2, "kernel": [2]}, "relu", {"average_pool": [3]}, "flatten", {"linear": 2}],
        [1, 4],
        2,
    ),
    "mask": ([{"linear": 2, "mask": [[1, 0], [1, 1]]}, "relu", {"linear": 1}], 2, 2),
    "cubes": ([{"linear": 3}, "cube", {"linear": 1}], 2, 3),
    "curved": ([{"conv": 2, "kernel": [2]}, "tanh", "flatten", {"linear": 1}], [1, 4], 0),
    # x + f(x): the two relu units of f and, since all of x + f(x) can grow, the two before it
    "residual": (
        [
            {"linear": 2},
            "relu",
            {"residual": [{"linear": 2}, "relu", {"linear": 2}]},
            {"linear": 1},
        ],
        2,
        4,
    ),
    # one weight matrix for two layers: only both together could be rescaled, which changes F
    "shared": (
        [
            {"linear": 2, "name": "a", "bias": False},
            "relu",
            {"linear": 2, "share": "a"},
            "relu",
            LAST,
        ],
        2,
        1,
    ),
}


@pytest.mark.parametrize("name", LAYERS)
def test_rescalings_of_tied_networks_keep_the_outputs(name: str) -> None:
    """J·v = 0 for each, by the numeric engine; independent; as many as counted by hand."""
    layers, inputs, count = LAYERS[name]
    model = hr.sequential(layers, inputs)
    rng = np.random.default_rng(0)
    x = rng.integers(-4, 5, size=(5, len(model.inputs))) / 4
    problem = hr.Problem(model, hr.Data(x, np.zeros((5, model.output_count))))
    theta = rng.normal(size=problem.N)
    J = problem.at(hr.exact(theta)).jacobian.to_numpy()
    assert model.tied is not None
    found = rescalings(model.tied, [arb(v) for v in theta])
    fields = np.array([[float(v.mid()) for v in field] for field in found]).reshape(-1, problem.N)
    assert len(found) == count and np.linalg.matrix_rank(fields) == count
    assert np.abs(J @ fields.T).max(initial=0.0) < 1e-13


def test_what_softmax_ignores_in_a_tied_network() -> None:
    free = hr.sequential([{"linear": 2}, "tanh", {"linear": 3}], 2)
    assert free.tied is not None
    assert len(shifts(free.tied)) == 3 and last_is_linear(free.tied)
    shared = [{"linear": 2, "name": "a"}, "tanh", {"linear": 2, "share": "a"}]
    tied = hr.sequential(shared, 2).tied
    assert tied is not None and shifts(tied) == [] and not last_is_linear(tied)
    masked = hr.sequential([{"linear": 2}, "tanh", {"linear": 2, "mask": [[1, 0], [1, 1]]}], 2)
    assert masked.tied is not None
    assert len(shifts(masked.tied)) == 2 and last_is_linear(masked.tied)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_a_convolutional_minimum_with_a_residual(activation: str) -> None:
    """Labels of a teacher, and noise: relu leaves one rescaling, tanh none."""
    layers = [{"conv": 1, "kernel": [2]}, activation, {"average_pool": [2]}, "flatten", LAST]
    model = hr.sequential(layers, [1, 3])
    rng = np.random.default_rng(1)
    x = rng.integers(-8, 9, size=(8, 3)) / 8
    zeros = hr.Problem(model, hr.Data(x, np.zeros((8, 1))))
    clean = zeros.at([1, "-3/4", "1/4", "3/2", "-1/2"]).outputs.to_numpy().ravel()
    y = np.round((clean + rng.normal(size=8) / 32) * 256) / 256
    problem, s = hr.Problem(model, hr.Data(x, y)), int(activation == "relu")
    found = hr.fit(problem, seed=0).nearby
    assert found.kind == "critical"
    assert found.point == ("local minimum, not strict" if s else "strict local minimum")
    assert int(found.rank_hessian) == int(found.rank_jacobian) == problem.N - s
    here = problem.at(dict(found.centre))
    assert np.abs(here.gradient.to_numpy()).max() < 1e-20
    for matrix in (here.hessian, here.jacobian):  # the centre is the exact point to 20 digits
        assert hr.measured_rank(matrix.to_numpy(), tolerance=1e-12).rank == problem.N - s


def test_hard_labels_of_a_tied_network_have_no_critical_point() -> None:
    layers = [{"conv": 2, "kernel": [2]}, "tanh", "flatten", {"linear": 2}]
    model = hr.sequential(layers, [1, 3])
    x = [[0, 1, 1], [1, 0, 1], [1, 1, 0], [0, 0, 1]]
    y = [[1, 0], [0, 1], [1, 0], [0, 1]]
    run = hr.fit(hr.Problem(model, hr.Data(x, y), "softmax-cross-entropy"), seed=0)
    assert run.nearby.exists is None and "no critical point" in run.nearby.why
