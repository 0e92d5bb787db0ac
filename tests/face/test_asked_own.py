"""A claim file at every command that takes a claim: one meaning, whatever way it is asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import hessrank as hr
from hessrank.__main__ import main

OWN = """
id = "strict-minima"
title = "A strict local minimum has rank H ≥ rank J"
hypotheses = ["strict-minimum", "squared-loss"]
conclusion = "rank H >= rank J"
"""


@pytest.fixture
def own(tmp_path: Path) -> str:
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(("entry", "outcome"), [("X2", "fails"), ("X1", "holds"), ("X8", "not")])
def test_on_a_net_by_three_commands(
    entry: str, outcome: str, own: str, capsys: pytest.CaptureFixture[str]
) -> None:
    here = hr.check(hr.read_claim(own), hr.read_spec(entry).landscape())
    assert here.outcome.value.startswith(outcome)
    for command in (
        ["claims", own, entry],
        ["verify", own, entry],
        ["check", own, "--spec", entry],
    ):
        assert main([*command, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["as_written"]["outcome"] == here.outcome.value
        assert main(command) == 0
        assert "A strict local minimum has rank H" in capsys.readouterr().out


def test_over_the_gallery_by_three_commands(own: str, capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for command in ("claims", "verify", "check"):
        assert main([command, own, "--json"]) == 0
        printed.append(json.loads(capsys.readouterr().out) | {"seed": None})
    assert printed[0] == printed[1] == printed[2]


def test_what_a_claim_file_is_not_asked_with(own: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["verify", own, "X1", "X2"], ["verify", own, "--no-claims"]):
        assert main(command) == 2
        said = capsys.readouterr().err
        assert "expected hessrank verify CLAIM.toml [SPEC]" in said and said.count("\n") == 1
    assert main(["verify", "X1", own]) == 2
    assert "hypotheses: unknown key" in capsys.readouterr().err
