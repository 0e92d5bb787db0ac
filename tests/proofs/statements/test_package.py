"""Packages: every way to verify that lies in the folder, run as a stranger would."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from hessrank.__main__ import main
from hessrank.proofs.statements.coq import HEAD, coq_file, rank_theorem, sign_theorem
from hessrank.proofs.statements.package import package
from hessrank.proofs.statements.replay import replay_file
from hessrank.specs.spec import loads, read_spec
from hessrank.specs.writer import dumps
from hessrank.symbolic.errors import InputError

ROOT = Path(__file__).parents[3]
_SPEC = importlib.util.spec_from_file_location("bench_coq", ROOT / "benchmarks" / "coq.py")
bench_coq = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(bench_coq)


def run(folder, *command):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def test_a_package_is_written_and_verified_without_hessrank(tmp_path, capsys):
    folder = tmp_path / "p"
    arguments = ["counterexample", "rank-equality", "--without", "perfect-fit"]
    assert main([*arguments, "--package", str(folder)]) == 0
    capsys.readouterr()
    names = {path.name for path in folder.iterdir()} - {"page.pdf"}  # where typst or TeX is there
    assert names == {
        "spec.toml",
        "certificate.json",
        "checker.py",
        "replay.py",
        "proof.v",
        "Certificate.v",
        "page.tex",
        "page.md",
        "page.html",
        "page.txt",
    }
    checked = run(folder, sys.executable, "-I", "-S", "checker.py", "certificate.json")
    assert checked.returncode == 0 and "accepted: rank J = 0, rank H = 1" in checked.stdout
    replayed = run(folder, sys.executable, "-I", "-S", "replay.py")
    assert replayed.returncode == 0 and replayed.stdout.startswith("rank J = 0, rank H = 1")
    imports = re.findall(r"^(?:from|import) (\w+)", (folder / "replay.py").read_text(), re.M)
    assert imports == ["fractions"]
    assert main(["rank", str(folder / "spec.toml")]) == 0
    assert (
        main(["check", str(folder / "certificate.json"), "--spec", str(folder / "spec.toml")]) == 0
    )
    capsys.readouterr()
    assert main([*arguments, "--package", str(folder)]) == 3
    assert "it is there already" in capsys.readouterr().err
    assert main([*arguments, "--package", str(tmp_path / "no" / "p")]) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p"]


#: By hand: see test_statement.
REPLAYED = {
    "X3": "rank J = 1, rank H = 0, H: 0 positive, 0 negative, 1 zero",
    "X14": "rank J = 1, rank H = 0, H: 0 positive, 0 negative, 1 zero",
    "deep-linear-saddle": "rank J = 0, rank H = 2, H: 1 positive, 1 negative, 0 zero",
    "softmax-classifier": "rank J = 9, rank H = 6, H: 6 positive, 0 negative, 3 zero",
    "exponential-lattice": "rank J = 2, rank H = 2, H: 2 positive, 0 negative, 2 zero",
    "xor-relu": "rank J = 4, rank H = 4, H: 4 positive, 0 negative, 5 zero",
    "hard-label": "rank J = 0, rank H = 1, H: 1 positive, 0 negative, 0 zero",
}


@pytest.mark.parametrize("id", REPLAYED)
def test_replays_with_fractions_alone(id, tmp_path):
    ranks = REPLAYED[id].partition(", H:")[0]
    critical = ", ∇L = 0" if id != "softmax-classifier" else ""
    text = replay_file(read_spec(id).landscape(), ranks + critical)
    (tmp_path / "replay.py").write_text(text, encoding="utf-8")
    done = run(tmp_path, sys.executable, "-I", "-S", "replay.py")
    assert done.returncode == 0 and done.stdout.startswith(REPLAYED[id]), done
    wrong = text.replace('{"J": ', '{"J": 1', 1)
    (tmp_path / "replay.py").write_text(wrong, encoding="utf-8")
    assert run(tmp_path, sys.executable, "-I", "-S", "replay.py").returncode == 1


def test_what_is_not_rational_is_left_out_and_said():
    here = read_spec("X8").landscape()
    files, missing = package(here, dumps(here), "X8")
    assert "replay.py" not in files and "proof.v" not in files and "Certificate.v" not in files
    assert {line.partition(":")[0] for line in missing} >= {"replay.py", "proof.v"}
    with pytest.raises(InputError, match="rational"):
        coq_file(here)


def test_what_the_checker_does_not_carry_is_said():
    """1/(1 + e) is no product of powers of e."""
    text = """
[model]
outputs = ["a/(1 + exp(b))"]
parameters = "a b"
[data]
y = [1]
[loss]
kind = "half-squared"
[point]
a = 1
b = 1
"""
    here = loads(text, "t").landscape()
    files, missing = package(here, dumps(here), "t")
    assert "certificate.json" not in files and "checker.py" not in files
    assert {"spec.toml", "page.md"} <= set(files)
    assert any("certificate.json: " in line and "division" in line for line in missing)


def test_coq_accepts_the_theorems_without_axioms_and_refuses_a_changed_one(tmp_path):
    if packages := bench_coq.missing():
        pytest.skip(f"not installed: {' '.join(packages)}")
    assert bench_coq.compiled(tmp_path, "Certificate", bench_coq.LIBRARY.read_text())[0]
    text = coq_file(read_spec("deep-linear-saddle").landscape())
    assert "rank_H : \\rank H = 2%N" in text and "H_indefinite : exists" in text
    accepted, said, _ = bench_coq.compiled(tmp_path, "saddle", text)
    assert accepted and said.count(bench_coq.CLOSED) == 3
    assert not bench_coq.compiled(tmp_path, "forged", text.replace("H = 2%N", "H = 1%N"))[0]
    one, two = Fraction(1), Fraction(2)
    rank = rank_theorem("S", [[one, two], [two, one]], (2, 2))
    definite, _ = sign_theorem("S", [[two, one], [one, two]])  # says it of the other matrix
    assert not bench_coq.compiled(tmp_path, "indefinite", HEAD + rank + definite)[0]


def test_a_missing_library_is_named(tmp_path, monkeypatch, capsys):
    """A coqc that loads all but the libraries of mathcomp beyond its algebra."""
    fake = tmp_path / "coqc"
    fake.write_text('#!/bin/sh\nfor file; do :; done\n! grep -q "mathcomp\\.[za]" "$file"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert bench_coq.missing() == ["libcoq-mathcomp-zify", "libcoq-mathcomp-algebra-tactics"]
    monkeypatch.setattr(sys, "argv", ["coq.py"])
    assert bench_coq.main() == 2
    assert capsys.readouterr().err == (
        "not installed: apt-get install libcoq-mathcomp-zify libcoq-mathcomp-algebra-tactics\n"
    )


def test_every_library_that_is_required_is_looked_for():
    for text in (HEAD, bench_coq.LIBRARY.read_text(encoding="utf-8")):
        for line in re.findall(r"^From .*Require.*\.$", text, re.M):
            place, names = re.fullmatch(r"From (\S+) Require Import (.+)\.", line).groups()
            known = [x for x in bench_coq.LIBRARIES if x.startswith(f"From {place} Require")]
            assert known and (
                place == "Coq" or set(names.split()) <= set(re.findall(r"\w+", known[0]))
            )
