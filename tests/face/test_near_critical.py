"""‖∇L‖, ‖r‖ and the word "near-critical" in records and on the terminal.

Expected values by hand: for F = (w, 2w), y = (0, 3) and L = c·½‖F − y‖² they are L' = c(5w − 6),
L'' = 5c, r = c(w, 2w − 3).
"""

from __future__ import annotations

import json
import math

import pytest

import hessrank as hr
from hessrank.__main__ import main
from hessrank.numeric.slope import slope

SPEC = """
[model]
outputs = ["w*x"]
parameters = "w"
inputs = "x"
[data]
x = [1, 2]
y = [0, 3]
[loss]
expression = "{c}*(o - y)**2/2"
[point]
w = "{w}"
"""


@pytest.mark.parametrize("c", ["1", "1/10**9", "10**9"])
@pytest.mark.parametrize(
    ("w", "near"), [("1.2000001", True), ("6/5", False), ("1.3", False), ("-40", False)]
)
def test_the_record_knows_the_norms(c, w, near, tmp_path, capsys):
    spec = tmp_path / "near.toml"
    spec.write_text(SPEC.format(c=c, w=w))
    assert main(["rank", str(spec), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    scale, at = {"1": 1.0, "1/10**9": 1e-9, "10**9": 1e9}[c], 1.2 if w == "6/5" else float(w)
    exact = 0.0 if w == "6/5" else scale * abs(5 * at - 6)
    assert found["gradient_norm"] == pytest.approx(exact, rel=1e-6)
    assert found["residual_norm"] == pytest.approx(scale * math.hypot(at, 2 * at - 3), rel=1e-6)
    assert found["near_critical"] is near
    assert main(["rank", str(spec)]) == 0
    shown = capsys.readouterr().out
    assert "‖∇L‖" in shown and "‖r‖" in shown and "σ(J)" in shown and "σ(H)" in shown
    said = f"not critical, but ‖∇L‖ = {exact:.0e}: `hessrank nearby` looks for the exact one"
    assert (said in shown) == near
    assert main(["verify", str(spec)]) == 0
    assert (said in " ".join(capsys.readouterr().out.split())) == near


def test_a_perfect_fit_has_exact_zeros_and_a_spectrum_its_gap(capsys):
    assert main(["rank", "X8", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["gradient_norm"], found["residual_norm"]) == (0.0, 0.0)
    assert found["near_critical"] is False
    main(["rank", "X8"])
    line = next(row for row in capsys.readouterr().out.splitlines() if row.startswith("σ(J)"))
    assert line.index("|") < line.index("gap")


def test_a_tiny_gradient_is_not_lost_in_the_rounding_of_floats():
    w = hr.Model.from_expressions(["w*x"], "w", "x")
    here = hr.Problem(w, hr.Data([1, 2], [0, 3])).at({"w": "1.20000000000000000001"})
    assert slope(here).gradient == pytest.approx(5e-20, rel=1e-6)


def test_what_cannot_be_measured_is_null(monkeypatch, capsys):
    import hessrank.numeric.measure as measure

    monkeypatch.setattr(measure, "MEMORY", 0)
    assert main(["rank", "X8", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["gradient_norm"] == 0.0  # exact algebra knows it
    assert main(["rank", "xor-tanh-untrained", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["gradient_norm"] is found["residual_norm"] is found["near_critical"] is None
    assert main(["rank", "xor-tanh-untrained"]) == 0
    assert "‖∇L‖  ?" in capsys.readouterr().out


def test_a_new_spec_is_read_and_leads_to_a_certified_fit(tmp_path, capsys):
    file = tmp_path / "mine.toml"
    assert main(["new", str(file)]) == 0
    assert main(["rank", str(file)]) == 0
    assert "`hessrank nearby` looks for the exact one" in capsys.readouterr().out
    assert main(["nearby", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["kind"] == "fit" and found["rank_equality"] is True
    before = file.read_text()
    assert main(["new", str(file)]) == 2 and file.read_text() == before
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["new", str(tmp_path / "none" / "x.toml")]) == 3
    commented = before.replace('# kind = "l2"', 'kind = "l2"').replace("# [regul", "[regul")
    file.write_text(commented.replace('# strength = "1/1000"', 'strength = "1/1000"'))
    assert main(["nearby", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "critical"


@pytest.mark.parametrize(("spec", "near"), [("rounded", True), ("X1", False), ("far", False)])
def test_claims_say_that_they_were_asked_beside_an_exact_point(spec, near, tmp_path, capsys):
    """L = (ab − 1)²/2 has the fits ab = 1: beside one at (1, 1.000001), far from them at (3, 5)."""
    model = hr.Model.from_expressions("a*b", "a b")
    problem = hr.Problem(model, hr.Data([[]], [[1]]))
    for name, b in (("rounded", "1000001/1000000"), ("far", "5")):
        file = tmp_path / f"{name}.toml"
        file.write_text(hr.dumps(problem.at({"a": 1 if name == "rounded" else 3, "b": b})))
    source = spec if spec == "X1" else str(tmp_path / f"{spec}.toml")
    assert main(["claims", "26", source]) == 0
    assert ("With --nearby they are asked" in " ".join(capsys.readouterr().out.split())) is near
