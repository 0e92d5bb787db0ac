"""A sample of the campaign of benchmarks/campaign.py, and a check that it would notice an error."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from hessrank.symbolic.ranks.rank_result import RankResult

_PATH = Path(__file__).parent.parent / "benchmarks" / "campaign.py"
_SPEC = importlib.util.spec_from_file_location("campaign", _PATH)
campaign = importlib.util.module_from_spec(_SPEC)
sys.modules["campaign"] = campaign  # where dataclasses look for it
_SPEC.loader.exec_module(campaign)


def test_no_contradiction_in_a_sample(capsys):
    assert campaign.main(["--count", "152", "--seed", "1"]) == 0
    assert "0 contradictions" in capsys.readouterr().out


def test_every_kind_is_mostly_decided():
    for kind_index in range(len(campaign.KINDS)):
        outcomes = [
            o.status
            for i in range(5)
            for o in campaign.run(campaign.spec(2, kind_index + i * len(campaign.KINDS)))
        ]
        assert sum(s in ("certified", "probabilistic") for s in outcomes) >= len(outcomes) / 2


def test_problems_are_replayed_from_their_text(capsys):
    text = json.dumps(campaign.spec(3, 5))
    assert json.loads(text) == campaign.spec(3, 5)
    assert campaign.main(["--replay", text]) == 0


@pytest.mark.parametrize("wrong", [1, 3])
def test_a_wrong_rank_would_be_noticed(monkeypatch, capsys, wrong):
    """The rank of [[1, 0], [0, 0]] ⊕ [[2]] is 2; an engine that says 1 or 3 is reported."""
    problem = {
        "kind": "rational",
        "rows": [["1", "0", "0"], ["0", "0", "0"], ["0", "0", "2"]],
        "at_most": 2,
    }
    claim = RankResult(wrong, wrong, "certified", (3, 3), "so it says", "so it says")
    monkeypatch.setattr(campaign, "rank", lambda rows: claim)
    assert campaign.main(["--replay", json.dumps(problem)]) == 1
    assert "CONTRADICTION" in capsys.readouterr().out
