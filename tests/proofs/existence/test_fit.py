"""Training and certifying from seeds; the engines are told apart by what they see."""

from __future__ import annotations

import json
import sys

import pytest

import hessrank as hr
from hessrank.__main__ import main

XOR = hr.Data([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])


def test_runs_that_reach_zero_loss_are_certified_to_fifty_digits() -> None:
    problem = hr.Problem(hr.mlp([2, 2, 1]), XOR)
    for seed in range(4):
        run = hr.fit(problem, seed)
        assert run.loss < 1e-18 and run.kind == "fit"
        assert int(run.rank_jacobian) == int(run.rank_hessian) == 4
        assert float(run.nearby.radius) < 1e-50
    again = hr.fit(problem, 3)
    assert again.trained.theta == run.trained.theta


@pytest.mark.parametrize("loss", ["quartic", "log-cosh", "softmax-cross-entropy"])
def test_losses_that_are_not_squared(loss: str) -> None:
    if loss == "softmax-cross-entropy":
        model, data = hr.mlp([1, 2], "identity"), hr.Data([[0], [1], [2]], [[0, 1], [1, 0], [0, 1]])
    else:
        model, data = (
            hr.Model.from_expressions("a*x + b", "a b", "x"),
            hr.Data([0, 1, 2], [0, 1, 1]),
        )
    run = hr.fit(hr.Problem(model, data, loss))
    assert run.gradient_norm < 1e-6
    assert run.kind == "critical" and "minimum" in run.point


def test_what_does_not_converge_says_how_far_it_got() -> None:
    model = hr.Model.from_expressions("exp(t)", "t")
    run = hr.fit(hr.Problem(model, hr.Data([[]], [[0]])))
    assert run.exists is None and run.gradient_norm > 0
    assert run.to_json()["gradient_norm"] == run.gradient_norm


@pytest.mark.parametrize(
    ("output", "loss", "regulariser"),
    [
        ("a", "-log(o)-o", None),
        ("a+b", "-exp(o)", None),
        ("a", "half-squared", "-exp(a)"),
        ("a*b", "o**3", None),
        ("log(a)", "o", None),
    ],
)
def test_a_loss_without_a_lower_bound_ends_where_the_floats_do(
    output: str, loss: str, regulariser: str | None
) -> None:
    model = hr.Model.from_expressions(output, "a b", "")
    problem = hr.Problem(model, hr.Data([[]], [[0]]), loss, regulariser)
    for seed in range(5):
        run = hr.fit(problem, seed, seconds=5)
        assert "minimum" not in run.point or run.point == "not a minimum"
        told = run.to_json()
        json.dumps(told, allow_nan=False)
        assert told["loss"] is None or told["loss"] < 1


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "xor-tanh-untrained", "--seeds", "2", "--json"]) == 0
    runs = json.loads(capsys.readouterr().out)["runs"]
    assert [run["seed"] for run in runs] == [0, 1]
    keys = {"loss", "gradient_norm", "exists", "kind", "radius", "distance", "rank_jacobian"}
    assert all(keys <= set(run) for run in runs)
    assert main(["fit", "xor-tanh-untrained", "--seeds", "2"]) == 0
    assert "2 of 2: fit" in capsys.readouterr().out


def test_without_scipy_one_line_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    assert main(["fit", "X1"]) == 2
    shown = capsys.readouterr().err.strip()
    assert "hessrank[fit]" in shown and "\n" not in shown
