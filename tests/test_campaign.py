"""A sample of the campaign of benchmarks/campaign.py, and checks that it would notice errors."""

import dataclasses
import importlib.util
import json
import sys
from pathlib import Path

import mpmath
import numpy as np
import pytest

import hessrank as hr

_PATH = Path(__file__).parent.parent / "benchmarks" / "campaign.py"
_SPEC = importlib.util.spec_from_file_location("campaign", _PATH)
campaign = importlib.util.module_from_spec(_SPEC)
sys.modules["campaign"] = campaign  # where pickle and dataclasses look for it
_SPEC.loader.exec_module(campaign)


def test_no_contradiction_in_a_sample(capsys):
    kinds = [k for k in campaign.KINDS if k != "claims"]
    chosen = [word for kind in kinds for word in ("--kind", kind)]
    assert campaign.main(["--count", str(10 * len(kinds)), "--seed", "1", *chosen]) == 0
    assert "0 contradictions" in capsys.readouterr().out


@pytest.mark.parametrize("kind", [k for k in campaign.KINDS if not k.startswith("domain")])
def test_every_kind_is_mostly_decided(kind):
    outcomes = [o.status for i in range(5) for o in campaign.run(campaign.draw(2, i, [kind]))]
    assert outcomes.count("undecided") <= len(outcomes) / 2


@pytest.mark.parametrize("kind", campaign.KINDS)
def test_problems_are_replayed_from_their_text(kind, capsys):
    problem = campaign.draw(3, 5, [kind])
    text = json.dumps(problem)
    assert json.loads(text) == problem == campaign.draw(3, 5, [kind])
    assert campaign.main(["--replay", text]) == 0


def told(problem, capsys) -> str:
    """What a replay prints of a problem in which something was made wrong on purpose."""
    assert campaign.main(["--replay", json.dumps(problem)]) == 1
    shown = capsys.readouterr().out
    assert "CONTRADICTION" in shown
    return shown


@pytest.mark.parametrize("wrong", [1, 3])
def test_a_wrong_rank_would_be_noticed(monkeypatch, capsys, wrong):
    """The rank of [[1, 0], [0, 0]] ⊕ [[2]] is 2; an engine that says 1 or 3 is reported."""
    rows = [["1", "0", "0"], ["0", "0", "0"], ["0", "0", "2"]]
    claim = hr.RankResult(wrong, wrong, "certified", (3, 3), "so it says", "so it says")
    monkeypatch.setattr(hr, "rank", lambda rows: claim)
    told({"kind": "rational", "rows": rows, "at_most": 2}, capsys)


def test_a_wrong_rank_of_a_network_would_be_noticed(monkeypatch, capsys):
    problem = campaign.draw(1, 2, ["network"])
    right = hr.Landscape.rank

    def wrong(self, name):
        found = right(self, name)
        step = -1 if found.lower else 1
        return dataclasses.replace(found, lower=found.lower + step, upper=found.upper + step)

    monkeypatch.setattr(hr.Landscape, "rank", wrong)
    told(problem, capsys)


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [("minimum", "local", None), ("fibre", "dimension", 1), ("fibre", "complex", 1)],
)
def test_a_wrong_kind_of_point_would_be_noticed(capsys, kind, key, value):
    for index in range(20):
        problem = campaign.draw(4, index, [kind])
        statuses = [o.status for o in campaign.run(problem)]
        if "undecided" not in statuses and (key != "complex" or "Singular" in statuses):
            break
    else:
        pytest.skip("Singular is not installed")
    changed = not problem[key] if value is None else problem[key] + value
    told(problem | {key: changed}, capsys)


def test_a_verdict_without_a_value_of_L_would_be_noticed(monkeypatch, capsys):
    problem = next(p for i in range(20) if (p := campaign.draw(5, i, ["domain-of-loss"]))["inside"])
    monkeypatch.setattr(hr.Landscape, "minimum", lambda self: "a minimum")
    assert "where L has no value" in told(problem, capsys)


def test_a_theorem_that_fails_would_be_noticed(monkeypatch, capsys):
    """Every finding that holds is turned over: each proved form is reported."""
    right = hr.claims_on

    def wrong(*args, **options):
        found = right(*args, **options)
        failed = {f.outcome for forms in found.values() for f in forms.values() if f}
        failed = next(iter(failed)).__class__("fails")
        return {
            id: {n: f and dataclasses.replace(f, outcome=failed) for n, f in forms.items()}
            for id, forms in found.items()
        }

    monkeypatch.setattr(hr, "claims_on", wrong)
    assert "(best) fails" in told(campaign.draw(1, 0, ["claims"]), capsys)


def test_jets_are_derivatives():
    """The textbook's J and H of a net and its loss, against mpmath's difference quotients."""
    textbook, networks = sys.modules["kinds.textbook"], campaign.networks
    problem = campaign.draw(6, 1, ["network-decimals"])
    problem["activation"], problem["regulariser"] = "gelu", None
    names = list(problem["point"])
    with mpmath.workdps(40):
        J = networks.textbook(problem)["jacobian"]
        theta = [textbook.value(v) for v in problem["point"].values()]

        def output(i, *moved):
            jets = {
                name: textbook.Jet.variable(v, k, len(names))
                for k, (name, v) in enumerate(zip(names, moved, strict=True))
            }
            rows = [networks._outputs(problem, jets, x, len(names)) for x in problem["x"]]
            return [f.value for row in rows for f in row][i]

        for j in range(len(names)):
            order = [int(k == j) for k in range(len(names))]
            seen = mpmath.diff(lambda *t: output(0, *t), theta, tuple(order))
            assert abs(seen - J[0][j]) < mpmath.mpf(10) ** -10
    for name, f in textbook.FUNCTIONS.items():
        z = mpmath.mpf("0.7")
        value, slope, curvature = f(z)
        assert np.isclose(float(mpmath.diff(lambda t, f=f: f(t)[0], z)), float(slope)), name
        assert np.isclose(float(mpmath.diff(lambda t, f=f: f(t)[1], z)), float(curvature)), name
        assert value == f(z)[0]
