"""Outputs that cannot carry the answer, or cannot be written."""

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from hessrank.__main__ import main
from hessrank.plain_text import plain

COMMANDS = [["rank", "X13"], ["rank", "X13", "--json"], ["claims"], ["derive", "X2"], ["--help"]]


def run(arguments, encoding="utf-8", **streams):
    return subprocess.run(
        [sys.executable, "-m", "hessrank", *arguments],
        env={**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "200"},
        stderr=subprocess.PIPE,
        check=False,
        **streams,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_full_disk_is_one_line_and_status_3(arguments):
    with open("/dev/full", "wb") as full:
        found = run(arguments, stdout=full)
    assert found.returncode == 3
    assert found.stderr.count(b"\n") == 1 and b"could not be written" in found.stderr


@pytest.mark.parametrize("error", [OSError(5, "Input/output error", "w.bin"), PermissionError()])
def test_an_error_of_reading_is_bad_input(error, monkeypatch, capsys):
    """Only an error of writing the output is status 3."""

    def read_spec(path):
        raise error

    monkeypatch.setattr("hessrank.specs.spec.read_spec", read_spec)
    assert main(["rank", "X1"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "could not be written" not in err
    assert error.filename is None or error.filename in err


def test_a_database_that_cannot_be_written_is_status_3(tmp_path, capsys):
    grid = Path(__file__).parents[2] / "examples" / "grid.toml"
    into = str(tmp_path / "missing" / "runs.sqlite")
    assert main(["sweep", str(grid), "--into", into]) == 3
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and into in err


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell closes the output")
def test_a_closed_output_is_one_line_and_status_3():
    found = subprocess.run(
        ["sh", "-c", 'exec "$0" -m hessrank rank X13 >&-', sys.executable],
        capture_output=True,
        check=False,
    )
    assert found.returncode == 3
    assert found.stderr.count(b"\n") == 1 and b"closed" in found.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437"])
@pytest.mark.parametrize("arguments", COMMANDS[:3:2], ids=" ".join)
def test_signs_become_words_and_never_question_marks(arguments, encoding):
    shown = run(arguments, encoding, stdout=subprocess.PIPE)
    full = run(arguments, stdout=subprocess.PIPE)
    assert shown.returncode == full.returncode == 0
    text, whole = shown.stdout.decode(encoding), full.stdout.decode("utf-8")
    assert text.count("?") == whole.count("?")
    if arguments[0] == "rank" and encoding != "cp437":
        assert "theta" in text and ">=" in text and "<=" in text


def test_words_of_signs():
    assert plain("λ ≤ μ, A ⪰ 0, JᵀAJ, W₁ ≥ ½") == "lambda <= mu, A >= 0, J^TAJ, W_1 >= 1/2"
    assert plain("│─┼") == "|-|" and plain("plain ~ text?") == "plain ~ text?"


def test_no_sign_of_the_source_is_lost():
    """Every sign in the package's own texts has a spelling without `?` and without its name."""
    root = Path(__file__).parents[2]
    used = {
        c
        for folder in ("hessrank", "proofs", "numeric", "symbolic")
        for file in (root / folder).rglob("*.py")
        for c in file.read_text(encoding="utf-8")
        if not c.isascii()
    }
    for c in used:
        shown = plain(c)
        assert shown.isascii() and "?" not in shown
        assert shown or unicodedata.combining(c)
        assert shown != f"<{unicodedata.name(c, '').lower()}>"


@pytest.mark.parametrize("control", ["\\u001b[2J", "\\u009b2J", "\\u0007", "\\r", "\\b"])
def test_a_terminal_gets_no_orders_from_a_file(control, tmp_path, capsys):
    """A title is kept as it is, and shown with its control characters written out."""
    spec, claim = tmp_path / "spec.toml", tmp_path / "own.toml"
    point = 'outputs = "a"\nparameters = "a"\n[data]\ny = [0]\n[loss]\nkind = "half-squared"\n'
    head = f'id = "{control}x"\ntitle = "{control}y"\n'
    spec.write_text(f'{head}shows = "{control}z"\n[model]\n{point}[point]\na = 0\n')
    claim.write_text(f'{head}conclusion = "N >= 1"\n')
    for arguments in (
        ["rank", str(spec)],
        ["verify", str(spec), "--no-claims"],
        ["claims", str(claim), str(spec)],
        ["claims", "--all", str(spec)],
        ["derive", str(spec)],
    ):
        assert main(arguments) == 0
        out, err = capsys.readouterr()
        assert not err and out
        assert not any(unicodedata.category(c) == "Cc" and c != "\n" for c in out), arguments
