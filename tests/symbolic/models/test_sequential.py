"""Drawn models against autograd on a forward pass written as loops, and as closed forms."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

import hessrank as hr
from hessrank.specs.spec import loads
from hessrank.specs.writer import dumps
from hessrank.symbolic.errors import InputError

Rule = Callable[[Any, Any], Any]


def conv_1d(t: Any, x: Any) -> Any:
    """[1, 4] → conv 2 kernel 2 → tanh → average pool 3 → linear 2, by hand."""
    k, b, W, c = t[:4].reshape(2, 2), t[4:6], t[6:10].reshape(2, 2), t[10:12]
    h = [[anp.tanh(k[o] @ x[i : i + 2] + b[o]) for i in range(3)] for o in range(2)]
    return W @ anp.array([sum(row) / 3 for row in h]) + c


def conv_2d(t: Any, x: Any) -> Any:
    """[2, 3, 3] → conv 1 kernel 2×2, padding 1, stride 2, no bias → flatten → linear 1."""
    X = np.zeros((2, 5, 5))
    X[:, 1:4, 1:4] = np.reshape(x, (2, 3, 3))
    k = t[:8].reshape(2, 2, 2)
    z = [
        anp.sum(k * X[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]) for i in range(2) for j in range(2)
    ]
    a = anp.array(z) ** 2
    return anp.array([t[8:12] @ a + t[12]])


def residual(t: Any, x: Any) -> Any:
    """x + W tanh(V x + b), then tanh, then a skip about a skip."""
    V, b, W = t[:4].reshape(2, 2), t[4:6], t[6:10].reshape(2, 2)
    a = anp.tanh(x + W @ anp.tanh(V @ x + b))
    return a + anp.sin(a + t[10] * anp.array([a[1], a[0]]))


def tied_autoencoder(t: Any, x: Any) -> Any:
    W = t[:2].reshape(1, 2)
    return W.T @ anp.tanh(W @ x) + 0 * t[0]


def pruned(t: Any, x: Any) -> Any:
    z = anp.array([t[0] * x[0] + t[2], t[1] * x[1] + t[3]])
    return anp.array([t[4] * anp.tanh(z[0]) + t[5] * z[1] ** 2 + t[6]])


def general(t: Any, x: Any) -> Any:
    a, b = t
    z = anp.array([a * x[0] + b * x[1] + 1, (2 * b - a) * x[0] + a * x[1] / 3])
    return anp.array([anp.sum(anp.exp(z)) * a])


CASES: dict[str, tuple[list[Any], Any, Rule]] = {
    "conv-1d": (
        [{"conv": 2, "kernel": 2}, "tanh", {"average_pool": 3}, "flatten", {"linear": 2}],
        [1, 4],
        conv_1d,
    ),
    "conv-2d": (
        [
            {"conv": 1, "kernel": [2, 2], "padding": 1, "stride": 2, "bias": False},
            "square",
            "flatten",
            {"linear": 1},
        ],
        [2, 3, 3],
        conv_2d,
    ),
    "residual": (
        [
            {"residual": [{"linear": 2}, "tanh", {"linear": 2, "bias": False}]},
            "tanh",
            {
                "residual": [
                    {"residual": [{"linear": 2, "weights": [[0, "s"], ["s", 0]]}]},
                    {"activation": ["sin", "sin"]},
                ]
            },
        ],
        2,
        residual,
    ),
    "tied": (
        [
            {"linear": 1, "bias": False, "name": "code"},
            "tanh",
            {"linear": 2, "transpose_of": "code", "bias": False},
        ],
        2,
        tied_autoencoder,
    ),
    "pruned": (
        [
            {"linear": 2, "mask": [[1, 0], [0, 1]]},
            {"activation": ["tanh", "square"]},
            {"linear": 1},
        ],
        2,
        pruned,
    ),
    "general": (
        [
            {"linear": 2, "weights": [["a", "b"], ["2*b - a", "a/3"]], "biases": [1, 0]},
            "exp",
            {"linear": 1, "weights": [["a", "a"]]},
        ],
        2,
        general,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_against_autograd(name: str) -> None:
    layers, inputs, rule = CASES[name]
    model = hr.sequential(layers, inputs)
    n = int(np.prod(inputs))
    rng = np.random.default_rng(7)
    x = rng.integers(-3, 4, size=(2, n)) / 2
    theta = rng.integers(-4, 5, size=len(model.parameters)) / 4
    K = model.output_count
    y = rng.integers(-2, 3, size=(2, K))
    problem = hr.Problem(
        model,
        hr.Data([[Fraction(v) for v in r] for r in x], [[int(v) for v in r] for r in y]),
    )
    here = problem.at({k: Fraction(v) for k, v in zip(model.parameters, theta, strict=True)})

    def F(t: Any) -> Any:
        return anp.concatenate([rule(t, row) for row in x])

    def L(t: Any) -> Any:
        return anp.sum((F(t) - y.ravel()) ** 2) / 2

    assert np.allclose(here.outputs.to_numpy().ravel(), F(theta))
    assert np.allclose(here.jacobian.to_numpy(), autograd.jacobian(F)(theta))
    assert np.allclose(here.hessian.to_numpy(), autograd.hessian(L)(theta))

    # the same as closed forms, whose derivatives know no layers
    plain = hr.Model.from_expressions(list(model.outputs), model.parameters, model.inputs)
    there = hr.Problem(plain, problem.data).at(here.point)
    assert np.allclose(there.hessian.to_numpy(), here.hessian.to_numpy())
    assert int(there.rank("jacobian")) == int(here.rank("jacobian"))

    again = loads(dumps(here), "again.toml")
    assert again.problem == problem and again.landscape().point == here.point


def test_fixed_parameters_and_points_by_layer() -> None:
    layers = [{"conv": 1, "kernel": 2}, "tanh", {"linear": 1}]
    model = hr.sequential(layers, [1, 3], fixed={"b1_1": "1/2"})
    assert "b1_1" not in model.parameters
    problem = hr.Problem(model, hr.Data([[1, 2, 3]], [0]))
    here = problem.at({"W1": [[[1, 2]]], "b1": ["1/2"], "W2": [[1, 1]], "b2": [0]})
    expected = np.tanh(1 + 4 + 0.5) + np.tanh(2 + 6 + 0.5)
    assert np.allclose(here.outputs.to_numpy(), expected)
    assert here.jacobian.shape == (1, 5)


def test_no_bound_of_an_untied_network_is_claimed() -> None:
    """w·w·x has rank J = 1 at w = 1, and a dead half of the untied net's scaling."""
    model = hr.sequential(
        [
            {"linear": 1, "weights": [["w"]], "bias": False},
            "relu",
            {"linear": 1, "weights": [["w"]], "bias": False},
        ],
        1,
    )
    here = hr.Problem(model, hr.Data([[1]], [0])).at({"w": 2})
    assert int(here.rank("jacobian")) == 1
    assert here.verdict().ranks["jacobian"].lower == 1


@pytest.mark.parametrize(
    ("layers", "inputs", "words"),
    [
        ([{"linear": 0}], 2, "layers[0].linear"),
        ([{"linar": 2}], 2, "layers[0]"),
        ([{"linear": 2, "bais": True}], 2, "bias"),
        ([{"conv": 1, "kernel": 2}], 2, "flat"),
        ([{"conv": 1, "kernel": 5}], [1, 3], "fit"),
        ([{"residual": [{"linear": 3}]}], 2, "add up"),
        ([{"linear": 1, "weights": [["a*b", 1]]}], 2, "affine"),
        ([{"linear": 1, "weights": [["__import__('os')", 1]]}], 2, ""),
        ([{"linear": 2, "share": "none"}], 2, "none"),
        (["tanhh"], 2, "tanh"),
        ([{"linear": 90}, {"linear": 90}], 90, "at most"),
        ([], 2, "layers"),
        ([{"linear": 10**9}], 3, "layers[0].linear: more than"),
        ([{"conv": 10**7, "kernel": 1}], [1, 3], "layers[0]"),
        ([{"conv": 1, "kernel": 10**8, "padding": 10**8}], [1, 3], "more than"),
        ([{"conv": [1, 2], "kernel": 2}], [1, 3], "layers[0].conv"),
        ([{"average_pool": 1}], [1, 10**9], "inputs: more than"),
        ([{"linear": 1}], 0, "inputs"),
    ],
)
def test_mistakes_name_the_layer(layers: Any, inputs: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        hr.sequential(layers, inputs)
    assert words in f"{caught.value.key}: {caught.value}"
    assert "\n" not in str(caught.value)


def test_existence_through_a_tie() -> None:
    model = hr.sequential(
        [{"conv": 2, "kernel": 2}, "tanh", {"average_pool": 2}, "flatten", {"linear": 1}], [1, 3]
    )
    data = hr.Data([[1, 0, 2], [0, 1, 1], [2, 1, 0]], [0, 1, "1/2"])
    run = hr.fit(hr.Problem(model, data), seed=1)
    assert run.kind == "fit" and int(run.rank_jacobian) == int(run.rank_hessian) == 3
