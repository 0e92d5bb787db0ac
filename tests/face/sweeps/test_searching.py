"""The search in several processes and into a file: the same answer, and nothing twice."""

from __future__ import annotations

import json
import sqlite3

import pytest

import hessrank as hr
from hessrank.sweeps import searching
from hessrank.symbolic.errors import InputError

ASKED = {"activation": "square", "loss": "mse", "scalar": True, "layers": 2, "max_parameters": 3}
CLAIM = "rank-equality"


def _told(found):
    finding = found.finding and found.finding.instance
    return finding, found.none_up_to, found.examined, found.undecided, found.complete


def test_processes_give_the_same():
    pytest.importorskip("joblib")
    alone = hr.find_smallest(CLAIM, **ASKED)
    assert _told(hr.find_smallest(CLAIM, jobs=2, **ASKED)) == _told(alone)


def test_a_file_keeps_what_is_finished(tmp_path, monkeypatch):
    # N > M, and no local minimum of this kind has rank H < rank J for one square unit of one input
    asked = {**ASKED, "overparameterised": True, "widths": [1, 1, 1]}
    never = hr.Claim(
        hypotheses=[hr.predicate("local-minimum")], conclusion=hr.predicate("rank H >= rank J")
    )
    file = tmp_path / "found.sqlite"
    first = hr.find_smallest(never, into=file, **asked)
    assert first.finding is None and first.complete and first.examined > 0
    assert sqlite3.connect(file).execute("SELECT count(*) FROM cells").fetchone()[0] > 0

    def again(*_):
        raise AssertionError("searched twice")

    monkeypatch.setattr(searching, "examine", again)
    assert _told(hr.find_smallest(never, into=file, **asked)) == _told(first)
    monkeypatch.undo()
    # another question does not read these answers
    other = hr.find_smallest(CLAIM, into=file, **asked)
    assert other.finding is not None


def test_what_stands_in_a_file_is_asked_again(tmp_path):
    asked = {**ASKED, "widths": [1, 1, 1], "max_examples": 1}
    file = tmp_path / "found.sqlite"
    true = hr.find_smallest(CLAIM, into=file, **asked)
    fit = hr.Problem(hr.mlp([1, 1, 1], "square", bias=False), hr.Data([[1]], [[1]])).at([1, 1])
    with sqlite3.connect(file) as connection:
        told = '{"finding": %s, "examined": 1, "undecided": 0, "complete": true, "theorem": ""}'
        text = told % json.dumps(hr.dumps(fit))
        connection.execute("UPDATE cells SET result = ?", (text,))
    again = hr.find_smallest(CLAIM, into=file, **asked)  # a perfect fit is no counterexample
    assert again.finding is None or hr.check(CLAIM, again.finding.subject).outcome.value == "fails"
    assert true.finding is not None


@pytest.mark.parametrize("text", [b"not a database at all", b""])
def test_other_files_are_refused(tmp_path, text):
    file = tmp_path / "other"
    file.write_bytes(text)
    if not text:
        with sqlite3.connect(file) as connection:
            connection.execute("CREATE TABLE cells (a)")
    with pytest.raises(InputError, match=str(file)):
        hr.find_smallest(CLAIM, into=file, **ASKED)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"seconds": 0}, "seconds"),
        ({"jobs": "two"}, "jobs"),
        ({"activations": "tanh"}, "activations"),
        ({"max_parameters": 1, "widths": [2, 2, 1]}, "constraints"),
    ],
)
def test_bad_options_are_named(given, key):
    with pytest.raises(InputError) as caught:
        hr.find_smallest(CLAIM, **given)
    assert caught.value.key == key


def test_constraints_that_contradict_a_hypothesis_are_named():
    few = hr.Claim(hypotheses=[hr.predicate("N <= M")], conclusion=hr.predicate("rank J = N"))
    with pytest.raises(InputError, match="N <= M") as caught:
        hr.counterexample(few, overparameterised=True)
    assert caught.value.key == "overparameterised"
    both = hr.Claim(
        hypotheses=[hr.predicate("N <= M"), hr.predicate("M < N")],
        conclusion=hr.predicate("rank J = N"),
    )
    with pytest.raises(InputError, match="no case fulfils both"):
        hr.counterexample(both)


def test_a_proved_claim_is_not_searched():
    found = hr.find_smallest("submersion", seconds=5)
    assert found.finding is None and found.examined == 0
    assert "submersion" in found.theorem and found.sentence.startswith("There is none: proved")
    assert hr.find_smallest("rank-equality", seconds=5).theorem == ""
