"""`hessrank theory`: files of every kind, what is missing in one line, and the JSON."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import pytest

import hessrank as hr
from hessrank.__main__ import main
from hessrank.article import _cases
from hessrank.plots.figures import DRAWINGS
from hessrank.proofs.catalogue import find
from hessrank.proofs.reasoning.claim import settle_claim
from hessrank.proofs.reasoning.truth import Truth
from hessrank.proofs.theory.statement import Figure
from hessrank.proofs.theory.theory import Theory, theory
from hessrank.verification import gallery_instances


@lru_cache(maxsize=1)
def with_some_claims() -> Theory:
    """The article with a few claims, and the worked examples of the posts' kind."""
    names = ("rank-equality", "T16", "kernel-is-tangent", "convex-is-quadratic", "grokking")
    settled = [settle_claim(find(name), gallery_instances(), None) for name in names]
    return theory(settled, [c for c in _cases(settled) if c.id.startswith("X")])


def test_files_of_every_kind_and_what_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hessrank.proofs.pages.formats.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    names = ["t.html", "t.md", "t.pdf", "no/t.md", "t.tex"]
    outputs = [word for name in names for word in ("-o", str(tmp_path / name))]
    assert main(["theory", "--no-claims", *outputs]) == 2  # of the first: typst is missing
    said = capsys.readouterr()
    assert said.out == ""
    missing, folder = said.err.strip().splitlines()
    assert "pip install 'hessrank[report]'" in missing and "no/t.md" in folder
    assert {p.name for p in tmp_path.iterdir()} == {"t.html", "t.md", "t.tex"}
    assert main(["theory", "--no-claims", "-o", str(tmp_path / "no" / "t.md")]) == 3


def test_pictures_are_in_the_article_and_without_matplotlib_their_commands_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    figures = [i for c in theory().chapters for i in c.items if isinstance(i, Figure)]
    assert len(figures) >= 4 and {f.name for f in figures} <= set(DRAWINGS)
    for figure in figures:  # the command below a picture draws that picture
        words, drawing = shlex.split(figure.command), DRAWINGS[figure.name]
        assert words[3:5] == ["--what", drawing.what]
        assert words[2] in (drawing.spec, f"examples/{drawing.spec}.toml")
        assert words[5] == "--window=" + ",".join(f"{v:g}" for v in drawing.window or ())
    page = tmp_path / "t.html"
    assert main(["theory", "--no-claims", "-o", str(page)]) == 0
    assert page.read_text(encoding="utf-8").count("data:image/svg+xml;base64,") == len(figures)
    capsys.readouterr()
    command = sys.modules["hessrank.commands.theory"]
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    assert main(["theory", "--no-claims", "-o", str(page)]) == 0
    assert "pip install 'hessrank[plot]'" in capsys.readouterr().err
    plain = page.read_text(encoding="utf-8")
    assert "data:image" not in plain and plain.count("(hessrank plot ") == len(figures)


def test_an_ending_that_is_no_format_is_refused_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["theory"], ["derive", "X2"]):
        assert main([*command, "-o", str(tmp_path / "t.docx")]) == 2
        assert "expected a name that ends in" in capsys.readouterr().err
    assert main(["derive", "X2", "--tex", "-o", str(tmp_path / "t.md")]) == 2
    assert "only a .pdf is made by TeX" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_json_has_every_display(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["theory", "--no-claims", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["holds"] is True
    shown = found["displays"]["T3"]
    assert shown["kind"] == "J" and shown["value"] is True and r"\nabla^2 F_m" in shown["latex"]
    assert found["claims"] == found["examples"] == {}


@pytest.mark.skipif(find_spec("typst") is None, reason="typst is not installed")
def test_derive_makes_a_pdf_without_tex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    for name in ("h.pdf", "h.html"):
        assert main(["derive", "X8", "-o", str(tmp_path / name)]) == 0
    assert (tmp_path / "h.pdf").read_bytes().startswith(b"%PDF")


def test_claims_and_counterexamples_are_pages() -> None:
    made = with_some_claims()
    checked = made.check()
    assert checked.holds, str(checked)
    assert set(checked.claims) == {
        "rank-equality", "T16", "kernel-is-tangent", "convex-is-quadratic", "grokking",
    }  # fmt: skip
    assert {f"X{n}" for n in range(1, 16)} <= set(checked.cases)
    text = made.markdown()
    assert "As written: refuted by" in text and "Best theorem: true (" in text
    assert "X1: " in text and "Refutes claim 26" in text
    assert made.html().count("<h3>") == 5 + len(made.cases)


def test_a_worked_example_that_is_wrong_is_not_hidden() -> None:
    made = with_some_claims()
    case = next(c for c in made.cases if c.id == "X2")
    other = next(c for c in made.cases if c.id == "X3")
    wrong = replace(case)
    wrong.__dict__["derivation"] = replace(hr.derive(case.here), point=other.derivation.point)
    assert case.agreement().truth is Truth.TRUE and wrong.agreement().truth is Truth.FALSE
