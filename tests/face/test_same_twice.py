"""The same question with the same seed prints the same JSON, to the letter, for every command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hessrank import verification
from hessrank.__main__ import main
from hessrank.arguments import SEEDED, _subparsers, parser
from hessrank.symbolic import chance

GRID = """
widths = [[2, 2, 1]]
activations = ["tanh"]
seeds = 1
[[data]]
id = "xor"
x = [[0, 0], [0, 1], [1, 0], [1, 1]]
y = [0, 1, 1, 0]
"""
#: Each command that takes --json, with arguments that keep it short.
ARGUMENTS = {
    "verify": ["X1", "X8"],
    "rank": ["X13"],
    "derive": ["X1"],
    "theory": ["--no-claims"],
    "generic": ["--widths", "2,3,1", "--examples", "5", "--seed", "5"],
    "claims": ["rank-equality", "X8"],
    "information": ["X9"],
    "audit": ["no-cancellation"],
    "counterexample": ["rank-equality", "--without", "perfect-fit"],
    "predicates": [],
    "labels": ["X8"],
    "nearby": ["X1"],
    "fit": ["xor-tanh-untrained", "--seeds", "1"],
    "critical": ["X1"],
    "sweep": ["grid.toml"],
    "experiment": ["off-fit", "X2"],
    "plot": ["X1", "-o", "x.svg"],
    "check": ["c.json"],
    "gallery": [],
    "new": ["new.toml"],
}
#: What is made anew before each run.
WRITES = ("x.svg", "new.toml", "grid.sqlite")


def test_time_and_memory_are_told_where_no_seed_is_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["generic", "--widths", "2,3,1", "--examples", "5", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["seconds"] > 0 and found["peak_memory"] > 1_000_000


def test_every_command_is_here() -> None:
    assert {p.prog.split()[-1] for p in _subparsers(parser())} == set(ARGUMENTS)


@pytest.mark.parametrize("command", ARGUMENTS)
def test_the_same_twice(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grid.toml").write_text(GRID)
    if command == "check":
        assert main(["rank", "X1", "--certificate", "c.json"]) == 0
    seed = ["--seed", "5"] if command in SEEDED else []
    printed = []
    for _ in range(2):
        for name in WRITES:
            (tmp_path / name).unlink(missing_ok=True)
        capsys.readouterr()
        assert main([command, *ARGUMENTS[command], "--json", *seed]) == 0
        printed.append(capsys.readouterr().out)
    json.loads(printed[0])
    assert printed[0] == printed[1]


def test_processes_change_nothing_in_what_verify_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A claim about a layer is among them: cuts travel between processes too."""
    pytest.importorskip("joblib")
    verification.gallery_instances.cache_clear()  # what others found came from another seed
    verification.gallery_instances()  # kept with all entries before `ids` is cut short
    chosen = ("link-is-tautology", "rank-equality", "merging-causes-dependence")
    monkeypatch.setattr(verification, "CLAIMS", tuple(map(verification.claim_named, chosen)))
    monkeypatch.setattr(verification.gallery, "ids", lambda: ("X8", "X13"))
    with chance.seeded(1):
        one, two = (verification.verify(jobs=jobs).to_json() for jobs in (1, 2))
    assert one == two and list(two["gallery"]) == ["X8", "X13"] and len(two["claims"]) == 3
