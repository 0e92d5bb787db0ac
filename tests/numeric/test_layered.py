"""The sweep by layers against the sweep by steps, which shares no formula with it but σ's jets, and
against autograd."""

from __future__ import annotations

import numpy as np
import pytest
from autograd import hessian, jacobian
from autograd import numpy as anp

import hessrank as hr
from hessrank.numeric import measure
from hessrank.numeric.forward_pass import forward_pass
from hessrank.symbolic.errors import KinkError
from oracles.textbook import ACTIVATIONS

NAMES = ("value", "outputs", "jacobian", "loss_gradient", "loss_hessian", "gradient")
SECOND = ("gauss_newton", "regulariser_hessian", "residual", "hessian")


def landscape(widths, activation="tanh", bias=True, loss="half-squared", seed=0, **options):
    rng = np.random.default_rng(seed)
    fixed = options.pop("fixed", None)
    net = hr.mlp(widths, activation, bias=bias, fixed=fixed)
    x = rng.integers(-8, 9, size=(5, widths[0])) / 8
    y = (
        rng.dirichlet(np.ones(widths[-1]), size=5)
        if "softmax" in loss
        else rng.normal(size=(5, widths[-1]))
    )
    if "softmax" in loss:
        y = np.eye(widths[-1])[y.argmax(axis=1)]
    problem = hr.Problem(net, hr.Data(hr.exact(x), hr.exact(y)), loss, **options)
    return problem.at(hr.exact(rng.normal(size=problem.N)))


CASES = {
    "tanh": landscape([3, 4, 2]),
    "deep": landscape([2, 3, 3, 2], "swish"),
    "softmax": landscape([2, 3, 3], loss="softmax-cross-entropy"),
    "relu": landscape([3, 5, 1], "relu"),
    "leaky": landscape([2, 3, 2, 1], "leaky-relu", bias=False),
    "linear": landscape([2, 3, 2], "identity", bias=False),
    "gelu": landscape([2, 2, 1], "gelu", loss="log-cosh"),
    "one layer": landscape([3, 2], "tanh"),
    "decay": landscape([2, 3, 1], regulariser="l2"),
    "fixed": landscape([2, 2, 1], fixed={"w1_1_1": 1, "b2_1": "1/2", "w2_1_2": -2}),
    "first layer fixed": landscape(
        [1, 2, 2, 1], bias=False, fixed={"w1_1_1": 1, "w1_2_1": 2, "w2_1_1": 1}
    ),
    "last layer alone": landscape([1, 2, 1], bias=False, fixed={"w1_1_1": 1, "w1_2_1": 2}),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("second", [True, False])
def test_layers_and_steps_agree(name: str, second: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    forward = forward_pass(CASES[name])
    steps = measure.evaluate(forward, second=second)
    monkeypatch.setattr(measure, "OPERATIONS", 0)
    layers = measure.evaluate(forward, second=second)
    assert layers.linear == steps.linear
    for key in NAMES + (SECOND if second else ()):
        a, b = getattr(layers, key), getattr(steps, key)
        scale = max(1.0, float(np.abs(b).max(initial=0.0)))
        assert np.abs(a - b).max(initial=0.0) < 1e-13 * scale, key
    if second:
        assert layers.defect is not None and layers.defect < 1e-14


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu", "sigmoid", "square"])
def test_layers_against_autograd(activation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    here = landscape([3, 4, 3, 2], activation, seed=4)
    sigma, net = ACTIVATIONS[activation], here.problem.model.network
    x = np.array([[float(v.value) for v in row] for row in here.problem.data.x])
    y = np.array([[float(v.value) for v in row] for row in here.problem.data.y])

    def outputs(t):
        a, start = x, 0
        for l, (m, n) in enumerate(zip(net.widths, net.widths[1:], strict=False), 1):
            W = anp.reshape(t[start : start + m * n], (n, m))
            b = t[start + m * n : start + m * n + n]
            a, start = anp.dot(a, W.T) + b, start + m * n + n
            a = sigma(a) if l < len(net.widths) - 1 else a
        return anp.ravel(a)

    def loss(t):
        return anp.sum((outputs(t) - y.ravel()) ** 2) / 2

    theta = np.array([float(v.value) for v in here.point.values()])
    monkeypatch.setattr(measure, "OPERATIONS", 0)
    found = measure.evaluate(forward_pass(here))
    assert np.allclose(found.jacobian, jacobian(outputs)(theta), atol=1e-12)
    assert np.allclose(found.hessian, hessian(loss)(theta), atol=1e-11)


def test_a_kink_is_refused_and_has_its_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    net = hr.mlp([1, 2, 1], "relu", bias=False)
    problem = hr.Problem(net, hr.Data([[1], [2]], [[0], [0]]))
    monkeypatch.setattr(measure, "OPERATIONS", 0)
    point = {"W1": [[0], [1]], "W2": [[1, 1]]}
    with pytest.raises(KinkError):
        measure.evaluate(forward_pass(problem.at(point)))
    right = measure.evaluate(forward_pass(problem.at(point, side="right"))).jacobian
    left = measure.evaluate(forward_pass(problem.at(point, side="left"))).jacobian
    assert right.tolist() == [[1, 1, 0, 1], [2, 2, 0, 2]]
    assert left.tolist() == [[0, 1, 0, 1], [0, 2, 0, 2]]


def test_a_net_that_was_too_large_step_by_step_is_measured() -> None:
    """Rank J of a deep linear net at a generic point: that of the maps of rank 12."""
    rng = np.random.default_rng(0)
    net = hr.mlp([16, 12, 16], "identity", bias=False)
    x = rng.integers(-9, 10, size=(60, 16))
    problem = hr.Problem(net, hr.Data(x, np.zeros((60, 16), dtype=int)))
    here = problem.at(hr.exact(rng.normal(size=problem.N)))
    forward = forward_pass(here)
    assert measure._by_layers(forward, 16)
    J = measure.evaluate(forward, second=False).jacobian
    # dim {matrices 16×16 of rank 12} = 12·(16 + 16 − 12), seen through X of rank 16
    assert np.linalg.matrix_rank(J) == 12 * 20
