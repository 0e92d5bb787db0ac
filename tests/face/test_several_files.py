"""`-o FILE` more than once, in every command that takes it: each file whole or not at all, one line
for each that cannot be made, and everything else still done."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from hessrank import arguments
from hessrank.__main__ import main

#: Every command with `-o`, and how it is asked quickly.
ASKED = {
    "derive": ["derive", "X1"],
    "theory": ["theory", "--no-claims"],
    "verify": ["verify", "X1", "--no-claims"],
    "rank": ["rank", "X13"],
    "claims": ["claims", "31"],
    "information": ["information", "X9"],
    "audit": ["audit", "rank-equality"],
    "counterexample": ["counterexample", "rank-equality"],
    "labels": ["labels", "X8"],
    "nearby": ["nearby", "X1"],
}
BEGINS = {".html": b"<!DOCTYPE html>", ".tex": rb"\documentclass", ".md": b"# "}


def _with_output() -> set[str]:
    found = set()
    for action in arguments.parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                if "--output" in command._option_string_actions:
                    found.add(name)
    return found


def test_all_commands_that_write_pages_or_pictures_are_here() -> None:
    assert _with_output() == {*ASKED, "plot"}


@pytest.mark.parametrize("command", list(ASKED.values()), ids=list(ASKED))
def test_every_file_is_written_but_the_one_that_cannot_be(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / name for name in ("a.md", "no/b.md", "c.html", "d.tex")]
    asked = [word for file in files for word in ("-o", str(file))]
    assert main([*command, *asked]) == 3
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and "b.md" in said.err
    assert {f.name for f in tmp_path.iterdir()} == {"a.md", "c.html", "d.tex"}
    for file in tmp_path.iterdir():
        assert file.read_bytes().startswith(BEGINS[file.suffix])


@pytest.mark.parametrize("command", [ASKED["derive"], ASKED["rank"], ASKED["theory"]])
def test_without_typst_and_tex_the_others_are_written(
    command: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hessrank.proofs.pages.formats.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    asked = ["-o", str(tmp_path / "a.pdf"), "-o", str(tmp_path / "a.md")]
    assert main([*command, *asked]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and "pip install 'hessrank[report]'" in said.err
    assert [f.name for f in tmp_path.iterdir()] == ["a.md"]


def test_without_tex_it_is_said_before_anything_is_derived(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("hessrank.proofs.derivations.derivation.derive", None)  # nothing is derived
    assert main(["derive", "X1", "--tex", "-o", str(tmp_path / "a.pdf")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "tectonic" in said
    assert main(["derive", "X1", "--tex", "-o", str(tmp_path / "a.md")]) == 2
    assert "by TeX" in capsys.readouterr().err


def test_a_name_of_no_format_ends_it_before_anything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = ["-o", str(tmp_path / "a.md"), "-o", str(tmp_path / "a.docx")]
    assert main(["derive", "X1", *files]) == 2
    assert "a.docx: expected a name that ends in" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="no matplotlib")
def test_pictures_in_several_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(tmp_path / name) for name in ("p.svg", "no/p.png", "p.png")]
    asked = [word for file in files for word in ("-o", file)]
    assert main(["plot", "X11", "--json", *asked]) == 3
    said = capsys.readouterr()
    assert json.loads(said.out)["written"] == [files[0], files[2]]
    assert said.err.count("\n") == 1 and "no/p.png" in said.err
    assert {f.name for f in tmp_path.iterdir()} == {"p.svg", "p.png"}
    assert main(["plot", "X11", "--json", "-o", files[0]]) == 0
    assert json.loads(capsys.readouterr().out)["written"] == files[0]


def test_without_matplotlib_the_line_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [n for n in sys.modules if n.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["plot", "X11", "-o", str(tmp_path / "p.svg")]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and "hessrank[plot]" in said.err
    assert list(tmp_path.iterdir()) == []


def _limited(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """The command where no file may grow beyond 2 kB, as on a disk that is full."""
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)); sys.dont_write_bytecode = True; "
        f"from hessrank.__main__ import main; sys.exit(main({command!r}))"
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=120
    )


def test_on_a_full_disk_nothing_half_written_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("before")
    ended = _limited(["derive", "X1", "-o", "a.md", "-o", "b.html", "-o", "c.tex"], tmp_path)
    assert ended.returncode == 3 and ended.stderr.count("\n") == 3
    assert [f.name for f in tmp_path.iterdir()] == ["a.md"]
    assert (tmp_path / "a.md").read_text() == "before"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
@pytest.mark.parametrize("command", [["derive", "X1"], ["theory", "--no-claims"], ["rank", "X1"]])
def test_a_full_standard_output_is_status_3(command: list[str]) -> None:
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "hessrank", *command],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=120,
        )  # fmt: skip
    assert ended.returncode == 3 and ended.stderr.count("\n") == 1
    assert "could not be written" in ended.stderr
