"""The command line: statuses, JSON, tables, and what it costs to start."""

from __future__ import annotations

import inspect
import json
import os
import shutil
import subprocess
import sys

import pytest

from hessrank import __version__, gallery
from hessrank.__main__ import main
from hessrank.arguments import PAGED, SEEDED, parser
from hessrank.specs.spec import read_spec

COMMANDS = ["verify", "rank", "derive", "generic", "gallery", "check"]
#: Not the root of the checkout, where ./hessrank would be taken for the package.
HERE = os.path.dirname(os.path.abspath(__file__))
MATRICES = ["jacobian", "gauss_newton", "residual", "hessian"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The installed command in a process of its own, with pipes for its output."""
    return subprocess.run(
        [sys.executable, "-m", "hessrank", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        cwd=HERE,
        timeout=300,
    )


@pytest.mark.parametrize("arguments", [["--help"], [], *([c, "--help"] for c in COMMANDS)])
def test_help_imports_neither_sympy_nor_numpy(arguments):
    program = (
        "import sys\n"
        "from hessrank.__main__ import main\n"
        "try:\n"
        f"    status = main({arguments})\n"
        "except SystemExit as stop:\n"
        "    status = stop.code\n"
        "heavy = {'sympy', 'numpy', 'mpmath', 'flint', 'rich'} & set(sys.modules)\n"
        "assert status == 0 and not heavy, (status, heavy)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, cwd=HERE
    )
    assert done.returncode == 0, done.stderr
    assert "usage: hessrank" in done.stdout


def test_every_option_is_an_argument_of_its_command():
    """And every argument an option: what `**constraints` takes is what a search can be given."""
    from argparse import _SubParsersAction
    from dataclasses import fields

    from hessrank import commands
    from hessrank.proofs.searching.constraints import Constraints
    from hessrank.verification import find_smallest

    (choices,) = [a.choices for a in parser()._actions if isinstance(a, _SubParsersAction)]
    assert sorted(choices) == commands.__all__
    for name, options in choices.items():
        given = {a.dest for a in options._actions} - {"help"}
        given -= {"seed"} if name in SEEDED else set()
        given -= {"output"} if name in PAGED else set()
        taken = inspect.signature(getattr(commands, name)).parameters
        named = {p for p in taken if taken[p].kind is not inspect.Parameter.VAR_KEYWORD}
        search = {f.name for f in fields(Constraints)} | set(
            inspect.signature(find_smallest).parameters
        )
        assert given - named <= (search if name == "counterexample" else set())
        assert named <= given


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_shows_an_example(command, capsys):
    with pytest.raises(SystemExit):
        parser().parse_args([command, "--help"])
    text = capsys.readouterr().out
    assert f"example: hessrank {command}" in text
    assert "--json" in text


def test_verify_json_holds_the_gallery():
    done = run("verify", "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = json.loads(done.stdout)["gallery"]
    assert list(found) == list(gallery.ids())
    for entry in found.values():
        for name in MATRICES:
            rank = entry[f"rank_{name}"]
            assert set(rank) >= {"lower", "upper", "status"}
            assert entry["numeric"][name]["rank"] >= 0
        assert entry["rank_equality"] in (True, False, None)
        assert entry["verdict"] and entry["facts"]
    ranks = {
        i: (found[i]["rank_jacobian"]["lower"], found[i]["rank_hessian"]["lower"])
        for i in ("X1", "X2", "X6", "X13", "X15")
    }  # the catalogue of claims
    assert ranks == {"X1": (0, 1), "X2": (1, 0), "X6": (2, 1), "X13": (1, 2), "X15": (1, 0)}


def test_a_seed_is_printed_and_prints_the_same_again(capsys):
    """Also in one of several specs: no choice depends on what was asked before."""
    assert main(["rank", "X13", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    seed = str(first.pop("seed"))
    assert main(["rank", "X13", "--json", "--seed", seed]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again.pop("seed") == int(seed) and again == first
    assert main(["verify", "X1", "X13", "--json", "--seed", seed]) == 0
    assert json.loads(capsys.readouterr().out)["gallery"]["X13"] == first
    assert main(["rank", "X13", "--seed", seed]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"seed {seed}"
    assert main(["rank", "X13", "--json", "--seed", str(int(seed) + 1)]) == 0
    other = json.loads(capsys.readouterr().out)
    witness = first["rank_jacobian"]["witness"]
    assert other["rank_jacobian"]["witness"] != witness and witness["prime"] > 2**60


def test_derivations_are_the_same_twice(capsys):
    assert main(["derive", "X13"]) == 0
    first = capsys.readouterr().out
    assert main(["derive", "X13"]) == 0
    assert capsys.readouterr().out == first


@pytest.mark.parametrize("arguments", [["verify"], ["rank", "X15"], ["rank", "xor-tanh"]])
def test_tables_fit_80_columns_and_have_no_colour_in_a_pipe(arguments):
    done = run(*arguments, COLUMNS="80")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert done.stderr == ""


def test_output_survives_a_terminal_without_unicode():
    done = run("rank", "X3", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr


def test_colour_only_on_a_terminal_and_not_with_no_color():
    pty = pytest.importorskip("pty")

    def on_a_terminal(**environment: str) -> str:
        shown = bytearray()
        script = (
            "import os, pty, sys\n"
            "sys.exit(os.waitstatus_to_exitcode(pty.spawn([sys.executable, '-m', 'hessrank',"
            " 'verify', 'X1'])))\n"
        )
        plain = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
        done = subprocess.run(
            [sys.executable, "-c", script],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**plain, "TERM": "xterm-256color", "COLUMNS": "80", **environment},
            cwd=HERE,
            timeout=60,
        )
        shown += done.stdout
        assert done.returncode == 0
        return shown.decode("utf-8", "replace")

    assert pty is not None
    assert "\x1b[3" in on_a_terminal()
    assert "\x1b[3" not in on_a_terminal(NO_COLOR="1")


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_closed_pipe_ends_quietly(form):
    verify = subprocess.Popen(
        [sys.executable, "-m", "hessrank", "verify", "X1", *form],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=HERE,
    )
    assert verify.stdout is not None
    verify.stdout.close()
    _, err = verify.communicate(timeout=60)
    assert verify.returncode == 141
    assert err == b""


def test_an_interrupt_ends_quietly(monkeypatch, capsys):
    from hessrank import commands

    def interrupted(**options):
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "rank", interrupted)
    assert main(["rank", "X1"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_disagreement_of_the_engines_is_status_1(monkeypatch, capsys):
    """The numeric engine is made to lie, and verify must notice."""
    from dataclasses import replace

    from hessrank import record

    honest = record.measure

    def lying(here):
        found = honest(here)
        more = found["jacobian"].rank + 1
        return {**found, "jacobian": replace(found["jacobian"], rank=more, lower=more, upper=more)}

    monkeypatch.setattr(record, "measure", lying)
    assert main(["verify", "X5", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["gallery"]["X5"]["agreement"] is False
    assert main(["rank", "X5"]) == 1
    assert "disagree" in capsys.readouterr().out


def test_derive_prints_latex_and_writes_files(tmp_path, capsys):
    assert main(["derive", "X2"]) == 0
    latex = capsys.readouterr().out
    assert r"\begin{" in latex
    for name in ("h.tex", "h.md"):
        assert main(["derive", "X2", "-o", str(tmp_path / name)]) == 0
        assert capsys.readouterr().err == ""
        assert (tmp_path / name).read_text(encoding="utf-8")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["h.md", "h.tex"]


def test_a_certificate_is_written_accepted_and_refused_after_a_change(tmp_path, capsys):
    path = tmp_path / "h.json"
    assert main(["rank", "X13", "--certificate", str(path)]) == 0
    capsys.readouterr()
    assert main(["check", str(path)]) == 0
    assert "accepted: rank 2 of a 2×2 matrix" in capsys.readouterr().out
    path.write_text(path.read_text().replace('"matrix": [[1, 0]', '"matrix": [[0, 0]'))
    assert main(["check", str(path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["accepted"] is False


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["rank", "X8"], "needs rational entries"),
        (["rank", "xor-tanh-untrained", "--matrix", "jacobian"], "needs rational entries"),
        (["nearby", "X3"], "none was certified"),
        (["nearby", "X4"], "is θ itself"),
        (["labels", "X8"], "does not carry this problem"),
        (["verify", "no-certificate.toml", "--no-claims"], "not carried"),
    ],
)
def test_where_there_is_no_certificate_the_answer_is_given_and_says_so(
    arguments, why, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "no-certificate.toml").write_text(
        'model.outputs = "w/(exp(w) + tanh(w) + 1)"\nmodel.parameters = "w"\ndata.y = [0]\n'
        'loss.kind = "half-squared"\npoint.w = 1\n'
    )
    before = sorted(tmp_path.iterdir())
    assert main([*arguments, "--certificate", "c.json"]) == 0
    out, err = capsys.readouterr()
    words = " ".join(out.split())
    assert "There is no certificate, and c.json was not written: " in words and why in words
    assert len(out.splitlines()) > 5 and not err
    assert main([*arguments, "--json", "--certificate", "c.json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["certificate"] is None and why in told["no_certificate"]
    assert sorted(tmp_path.iterdir()) == before


def test_a_statement_is_written_checked_and_told_from_another(tmp_path, capsys):
    path = tmp_path / "x13.json"
    assert main(["verify", "X13", "--certificate", str(path)]) == 0
    capsys.readouterr()
    assert main(["check", str(path), "--spec", "X13", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"certificate", "accepted", "reason", "statement", "recomputed"}
    assert found["statement"].startswith("rank J = 1, rank H = 2, ")
    assert {"F", "J", "r", "A", "H"} <= set(found["recomputed"])
    text = path.read_text()
    for change, words in (
        (lambda: path.write_text(text[: len(text) // 2]), "cannot be read"),
        (lambda: path.write_text(text.replace('"version": 1', '"version": 7')), "version is not 1"),
        (lambda: path.write_text(text.replace('"kind": "statement"', '"kind": "x"')), "not a cert"),
        (lambda: path.write_text("[]"), "not a certificate"),
    ):
        change()
        assert main(["check", str(path)]) == 2
        out, err = capsys.readouterr()
        assert out == "" and err.count("\n") == 1 and words in err and path.name in err
    path.write_text(text)
    assert main(["check", str(path), "--spec", "X12"]) == 2
    assert "expected that of X12" in capsys.readouterr().err


def test_generic_prints_the_ranks_of_a_deep_linear_net(capsys):
    """At a generic point the products W2·W1 of a [3, 2, 3] net fill the 3×3 matrices of rank 2,
    a manifold of dimension 2·(3 + 3 − 2) = 8."""
    arguments = ["generic", "--widths", "3,2,3", "--activation", "identity", "--no-bias"]
    assert main([*arguments, "--loss", "half-squared", "--examples", "5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["jacobian"]["lower"] == 8
    assert main([*arguments, "--loss", "half-squared", "--examples", "5"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_labels_at_a_point(capsys):
    assert main(["labels", "X8", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["rank_jacobian"]["lower"] == 2
    assert found["more"]["exists"] is True and found["more"]["rank_hessian"]["lower"] == 3
    assert len(found["more"]["labels"]) == 3
    assert set(found["fewer"]) == {"exists", "labels", "rank_hessian", "why"}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
@pytest.mark.parametrize("arguments", [["gallery"], ["rank", "X13"]])
def test_a_full_disk_is_status_3_in_one_line(arguments):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "hessrank", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=HERE,
            timeout=120,
        )
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1 and "could not be written" in done.stderr


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"hessrank {__version__}\n"


def test_gallery_lists_every_entry_with_the_title_of_its_spec(capsys):
    assert main(["gallery", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["gallery"]
    assert [entry["id"] for entry in found] == list(gallery.ids())
    for entry in found[::5]:
        assert entry["title"] == read_spec(entry["id"]).title
    assert main(["gallery"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(maxsplit=1) for line in lines] == [[e["id"], e["title"]] for e in found]


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_knows_the_commands(shell, capsys):
    pytest.importorskip("shtab")
    with pytest.raises(SystemExit) as stop:
        main(["--print-completion", shell])
    assert stop.value.code == 0
    script = capsys.readouterr().out
    for command in ("counterexample", "nearby", "gallery"):
        assert command in script


def test_completion_without_shtab_is_refused_in_one_line(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["--print-completion", "bash"]) == 2
    assert capsys.readouterr().err == (
        "--print-completion: needs shtab: pip install 'hessrank[completion]'\n"
    )


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_the_completion_script_is_bash(tmp_path):
    pytest.importorskip("shtab")
    script = tmp_path / "completion.bash"
    script.write_text(run("--print-completion", "bash").stdout, encoding="utf-8")
    assert subprocess.run(["bash", "-n", str(script)], timeout=60).returncode == 0
