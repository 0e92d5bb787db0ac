"""`-o FILE` of the commands whose answer is a page: every format, whole or one line."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from hessrank import arguments
from hessrank.__main__ import main

#: Each command, with a word that its page holds.
ASKED = {
    "verify": (["verify", "X1", "X4", "--no-claims"], "2 problems"),
    "rank": (["rank", "X13"], "Outputs (t₁, t₂²) under the loss o₁²/2 + o₂"),
    "claims": (["claims"], "Settle one"),
    "information": (["information", "X9"], "0.08597662263"),
    "audit": (["audit", "ker-identity"], "perfect-fit"),
    "counterexample": (["counterexample", "rank-equality"], "a counterexample to rank-equality"),
    "labels": (["labels", "X8"], "rank"),
    "nearby": (["nearby", "X1"], "θ² with the unreachable target"),
}


def test_every_command_that_takes_a_file_is_asked() -> None:
    assert set(ASKED) == set(arguments.PAGED)


@pytest.mark.parametrize(
    "name", ["verify", "rank", "claims", "information", "counterexample", "labels", "nearby"]
)
def test_the_page_is_in_the_file(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command, word = ASKED[name]
    file = tmp_path / "page.md"
    assert main([*command, "-o", str(file)]) == 0
    assert capsys.readouterr().out == ""
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# ") and text.count("\n# ") == 0
    assert word in text


def test_every_format_and_the_json_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begins = {
        "p.html": b"<!DOCTYPE html>",
        "p.tex": rb"\documentclass",
        "p.md": b"# X13: ",
        "p.txt": b"X13: ",
    }
    if find_spec("typst") is not None:
        begins["p.pdf"] = b"%PDF"
    for name, first in begins.items():
        assert main(["rank", "X13", "--json", "-o", str(tmp_path / name)]) == 0
        assert json.loads(capsys.readouterr().out)["id"] == "X13"
        assert (tmp_path / name).read_bytes().startswith(first)


@pytest.mark.parametrize("command", [c for c, _ in ASKED.values()], ids=list(ASKED))
def test_what_cannot_be_made_is_one_line_before_anything_is_computed(
    command: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hessrank.proofs.pages.formats.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("hessrank.commands.answers.answer", None)  # nothing is answered
    cases = [("p.pdf", 2, "hessrank[report]"), ("p.docx", 2, "ends in"), ("no/p.md", 3, "written")]
    for name, status, words in cases:
        assert main([*command, "-o", str(tmp_path / name)]) == status
        said = capsys.readouterr()
        assert said.out == "" and said.err.count("\n") == 1
        assert words in said.err and name in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_and_latex_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "rank-equality", "--latex", "-o", "a.md"]) == 2
    assert "one of -o and --latex" in capsys.readouterr().err


def test_one_matrix_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "X13", "--only", "loss_hessian"]) == 0
    out = capsys.readouterr().out
    assert "documentclass" not in out and out.split() == [
        r"\[",
        "A",
        "=",
        r"\operatorname{diag}(1,",
        "0)",
        r"\]",
    ]
    assert main(["derive", "X13", "--only", "jacobian"]) == 0
    out = capsys.readouterr().out
    assert "documentclass" not in out and out.count("pmatrix") == 2
    file = tmp_path / "h.md"
    assert main(["derive", "X8", "--free", "--in-theta", "--only", "hessian", "-o", str(file)]) == 0
    assert "tanh" in file.read_text(encoding="utf-8")
    assert main(["derive", "X8", "--only", "G"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "expected one of" in said
