"""An argument of the wrong kind is one line that says what was expected, not an attribute that is
missing: above all a problem where a landscape is meant, and the other way round."""

from __future__ import annotations

from typing import Any

import pytest

import hessrank as hr

PROBLEM = hr.Problem(hr.mlp([1, 1], "identity"), hr.Data([[1]], [[1]]), loss="half-squared")
POINT = PROBLEM.at([1, 1])


@pytest.mark.parametrize("wrong", [PROBLEM, PROBLEM.model, 5, None, "X1"])
@pytest.mark.parametrize(
    "ask",
    [
        hr.nearby,
        hr.minimum,
        hr.verdict,
        hr.explain_kernel,
        hr.claims_on,
        lambda here: hr.check("rank-equality", here),
        lambda here: hr.shrink("rank-equality", here),
    ],
)
def test_a_landscape_is_asked_for(ask: Any, wrong: Any) -> None:
    with pytest.raises(hr.InputError, match="expected a landscape: a problem at a point"):
        ask(wrong)


@pytest.mark.parametrize("wrong", [POINT, PROBLEM.model, 5, None])
@pytest.mark.parametrize("ask", [hr.fit, hr.critical_points])
def test_a_problem_is_asked_for(ask: Any, wrong: Any) -> None:
    with pytest.raises(hr.InputError, match="expected a problem"):
        ask(wrong)


@pytest.mark.parametrize("wrong", [PROBLEM.model, 5, None])
def test_a_derivation_is_of_either(wrong: Any) -> None:
    with pytest.raises(hr.InputError, match=r"expected a problem.* or one at a point"):
        hr.derive(wrong)


@pytest.mark.parametrize("wrong", [PROBLEM, POINT, 5])
def test_labels_are_found_for_a_model(wrong: Any) -> None:
    with pytest.raises(hr.InputError, match="expected a model"):
        hr.labels(wrong, [[1]], [1, 1])


@pytest.mark.parametrize("reach", [0, -1, float("nan"), float("inf"), "far", None])
def test_a_reach_is_a_positive_number(reach: Any) -> None:
    with pytest.raises(hr.InputError, match="expected a finite number > 0"):
        hr.nearby(POINT, reach=reach)


@pytest.mark.parametrize("digits", [0, -3, 10**6, 2.5, "25"])
def test_digits_are_a_number_of_them(digits: Any) -> None:
    with pytest.raises(hr.InputError, match="digits"):
        hr.nearby(POINT, digits=digits)


@pytest.mark.parametrize(("loss", "w"), [("sign(o) + o**2", 0), ("abs(o)", 0), ("sqrt(o)", 0)])
def test_a_loss_that_is_not_smooth_is_not_called_an_output(loss: str, w: int) -> None:
    """F = w is smooth; it is ℓ, hence L, that is not."""
    model = hr.Model.from_expressions(["w"], "w", "x")
    why = hr.nearby(hr.Problem(model, hr.Data([[1]], [[0]]), loss=loss).at([w])).why
    assert why.startswith("L is not known to be smooth")
