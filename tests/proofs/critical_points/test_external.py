"""Another program's word on critical sets: known components; what becomes of a contradiction."""

from __future__ import annotations

import shutil

import pytest

import hessrank as hr
from hessrank.proofs.critical_points import critical_points as module
from hessrank.proofs.critical_points.external import External

INSTALLED = pytest.mark.skipif(shutil.which("Singular") is None, reason="Singular is not installed")


def problem(outputs: str, names: str) -> hr.Problem:
    """L = F."""
    model = hr.Model.from_expressions(outputs, names)
    return hr.Problem(model, hr.Data([[]], [[0]]), hr.Loss.from_expression("o - y"))


@INSTALLED
@pytest.mark.parametrize(
    ("outputs", "dimensions"),
    [
        ("s**2 + t**2", (0,)),
        ("s**2*t**2", (1, 1)),  # the axes
        ("s**2*(t - 1)", (1,)),  # s = 0; its point t = 1 lies on it
        ("(s**2 - t)**2 + s*t*(s - 1)**3*0", (1,)),  # a parabola
        ("s**3 - 3*s + t**2", (0, 0)),  # s = ±1
        ("s**4/4 - s**2 + t**2", (0, 0)),  # s = 0, and s² = 2, irreducible over Q
        ("s + t", ()),
    ],
)
def test_components_over_q(outputs: str, dimensions: tuple[int, ...]) -> None:
    found = hr.critical_points(problem(outputs, "s t"), prover="Singular")
    assert found.external is not None and found.external.dimensions == dimensions
    assert found.complete is True
    assert found.to_json()["external"]["dimensions"] == list(dimensions)


@INSTALLED
@pytest.mark.parametrize("activation", ["identity", "square"])
def test_networks_are_not_contradicted(activation: str) -> None:
    net = hr.mlp([1, 2, 1], activation, bias=False)
    whole = hr.Problem(net, hr.Data([[1], [2]], [[1], [-1]]))
    found = hr.critical_points(whole, prover="Singular")
    assert found.complete is True and found.external.dimensions


@pytest.mark.parametrize("said", [(1,), (0, 1), ()])
def test_a_contradiction_takes_completeness_away(monkeypatch, said: tuple[int, ...]) -> None:
    """s² + t² has one critical point: whoever says otherwise is not passed over."""
    monkeypatch.setattr(module, "ask", lambda *_: External("Singular", said, "so it says"))
    found = hr.critical_points(problem("s**2 + t**2", "s t"), prover="Singular")
    assert found.complete is None and "contradicts" in found.why


def test_no_answer_changes_nothing(monkeypatch) -> None:
    monkeypatch.setattr(module, "ask", lambda *_: External("Singular", None, "no time"))
    assert hr.critical_points(problem("s**2 + t**2", "s t"), prover="Singular").complete is True


def test_other_programs_are_refused() -> None:
    with pytest.raises(hr.InputError, match="Singular"):
        hr.critical_points(problem("s**2 + t**2", "s t"), prover="Maple")
