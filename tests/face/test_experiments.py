"""`hessrank experiment`: resumed, the same numbers again, drawn, bad input in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hessrank.__main__ import main
from hessrank.options import points
from hessrank.proofs.experiments import design
from hessrank.proofs.experiments.cells import DATA, Setting
from hessrank.proofs.experiments.networks import OPTIMISERS
from hessrank.reports import experiments as page
from hessrank.sweeps import labellings
from hessrank.sweeps.labellings import read_labellings, run_labellings

ROOT = Path(__file__).parent.parent.parent
SMALL = tuple(Setting("corner", activation, OPTIMISERS[1], (2,)) for activation in ("relu", "tanh"))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A design of two settings."""
    for module in (design, labellings, page):
        monkeypatch.setattr(module, "SETTINGS", SMALL)


def test_a_killed_run_goes_on_and_gives_the_same(
    small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run_labellings(tmp_path / "whole.sqlite", 1, 3)
    into = tmp_path / "killed.sqlite"

    def killed(items: list) -> object:
        yield items[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_labellings(into, 1, 3, track=killed)
    assert len(read_labellings(into, 1, 3).cells) == 1
    made: list[object] = []
    make = labellings._outcome

    def counted(task: labellings.Task) -> object:
        made.append(task)
        return make(task)

    monkeypatch.setattr(labellings, "_outcome", counted)
    assert run_labellings(into, 1, 3) == whole and len(made) == 1
    assert run_labellings(into, 1, 3) == whole and len(made) == 1


def test_the_command_prints_every_claim(
    small: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["experiment", "labellings", "--runs", "1", "--into", str(tmp_path / "x.sqlite")]
    assert main([*asked, "--plot", str(tmp_path / "x.svg"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"into", "runs", "seed", "claims"}
    assert (tmp_path / "x.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert main(asked) == 0
    assert "Claim 48" in capsys.readouterr().out


def test_off_fit_as_json_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "x2.svg"
    assert main(["experiment", "off-fit", "X2", "--plot", str(picture), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["critical"] is True and found["crossings"] == [["7/8", "1"]]
    assert [step["inertia"] for step in found["steps"]] == [[1, 0, 0]] * 8 + [[0, 0, 1]]
    assert picture.exists()


@pytest.mark.parametrize("name", ["drainage", "priors"])
def test_sampled_experiments(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["experiment", name, "--runs", "20", "--seed", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["seed"] == 1 and "--runs 20 --seed 1" in found["command"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["off-fit"], "expected a SPEC"),
        (["labellings", "X2"], "expected no SPEC"),
        (["drainage", "--plot", "x.svg"], "--plot is for"),
        (["priors", "--data", "corner"], "are for labellings"),
        (["off-fit", "X8"], "X8: data.y: no residual"),
        (["off-fit", "X2", "--plot", "x.txt"], "ends in .svg"),
        (["off-fit", "no-such.toml"], "no-such.toml"),
    ],
)
def test_bad_input_is_one_line(
    asked: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["experiment", *asked]) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1


def test_names_of_data_sets() -> None:
    assert set(points.DATA_SETS) == set(DATA)


def test_the_page_is_what_the_command_prints() -> None:
    """docs/experiments.md holds no number that does not come from the recorded cells or anew."""
    assert (ROOT / "docs/experiments.md").read_text(encoding="utf-8") == page.document()
