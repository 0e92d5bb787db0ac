"""The search in several processes and into a file: the same answer, and nothing twice."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

import hessrank as hr
from hessrank.proofs.searching import classes, search
from hessrank.proofs.searching.constraints import Constraints
from hessrank.proofs.searching.search import Result
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


def test_a_dask_cluster_gives_the_same():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, protocol="tcp://", dashboard_address=None
    ) as cluster:
        far = hr.find_smallest(CLAIM, dask=cluster.scheduler_address, **ASKED)
    assert _told(far) == _told(hr.find_smallest(CLAIM, **ASKED))


def test_no_scheduler_is_one_clear_line():
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match=r"127\.0\.0\.1:1: no Dask scheduler answers"):
        hr.find_smallest(CLAIM, dask="tcp://127.0.0.1:1", **ASKED)


def test_the_budget_is_processor_time():
    start = time.process_time()
    found = hr.find_smallest(CLAIM, activation="sigmoid", loss="mse", layers=3, seconds=2)
    assert time.process_time() - start < 6
    assert not found.complete and found.open_from is not None


def test_each_process_keeps_the_budget():
    pytest.importorskip("joblib")
    asked = {"activation": "sigmoid", "loss": "mse", "overparameterised": True, "scalar": True}
    never = hr.Claim(
        hypotheses=[hr.predicate("local-minimum")], conclusion=hr.predicate("rank H >= rank J")
    )
    found = hr.find_smallest(never, jobs=2, seconds=5, **asked)
    assert 4 < found.seconds < 6.5 and not found.complete


def test_a_task_that_waited_has_what_its_process_has_left(monkeypatch):
    given = []
    monkeypatch.setattr(searching, "_worker", searching._Worker("elsewhere 1", spent=7.0))
    monkeypatch.setattr(searching, "_examined", lambda task, mine, s: given.append(s) or Result())
    task = searching._Task("elsewhere 1", CLAIM, None, (), Constraints(), 0, 0, 1, "", 6.0, 10.0)
    done = searching._one(task)
    assert given == [3.0] and done.took > 0 and searching._worker.spent == 7.0 + done.took
    searching._one(replace(task, share=7.0))  # nothing is left: nothing is begun
    assert given == [3.0]
    searching._one(replace(task, search="elsewhere 2"))
    assert given == [3.0, 6.0]


def test_parts_of_cells_give_what_whole_cells_give(monkeypatch, tmp_path):
    alone = hr.find_smallest(CLAIM, into=tmp_path / "whole", **ASKED)
    monkeypatch.setattr(search, "PART", 50)
    monkeypatch.setattr(classes, "BATCH", 20)
    assert _told(hr.find_smallest(CLAIM, into=tmp_path / "parts", **ASKED)) == _told(alone)
    never = hr.Claim(
        hypotheses=[hr.predicate("local-minimum")], conclusion=hr.predicate("rank H >= rank J")
    )
    asked = {**ASKED, "overparameterised": True, "widths": [1, 1, 1], "max_examples": 2}
    told = _told(hr.find_smallest(never, into=tmp_path / "none", **asked))
    assert told == _told(hr.find_smallest(never, **asked)) and told[2] > 50


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads processor times in /proc")
def test_an_interrupt_prints_what_is_known():
    asked = "counterexample rank-equality --activation sigmoid --layers 3 --loss mse --seconds 500"
    child = subprocess.Popen(
        [sys.executable, "-m", "hessrank", *asked.split()],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    begun = time.monotonic()
    while _processor_time(child.pid) < 5 and time.monotonic() - begun < 100:
        time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    shown, _ = child.communicate(timeout=100)
    assert child.returncode == 130
    assert "grammar of toy problems" in shown


def _processor_time(pid):
    """Of a child that runs, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
        ({"jobs": 1.5}, "jobs"),
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


@pytest.mark.parametrize(
    "hypotheses",
    [
        ["perfect-fit & ~perfect-fit"],
        ["one-output & perfect-fit", "N > M & ~perfect-fit"],
        ["overparameterised", "M >= N"],
        ["~overparameterised", "N > M"],
        ["one-output", "K != 1"],
        ["rank H < rank J & one-output", "rank-equality"],
        ["~(one-output & perfect-fit)", "one-output & perfect-fit"],
        ["~~perfect-fit", "~perfect-fit"],
        ["strict-minimum & ~local-minimum"],
        ["~local-minimum", "one-output & global-minimum"],
        ["A-scalar", "~A-diagonal"],
        ["~A-positive-semidefinite", "A-positive-definite"],
    ],
)
def test_hypotheses_that_no_case_fulfils_are_refused(hypotheses):
    claim = hr.Claim(
        hypotheses=[hr.predicate(h) for h in hypotheses], conclusion=hr.predicate("rank J = N")
    )
    with pytest.raises(InputError, match="no case fulfils both"):
        hr.counterexample(claim)


@pytest.mark.parametrize(
    "hypotheses",
    [
        ["perfect-fit | ~perfect-fit"],
        ["~(one-output & perfect-fit)", "~one-output & perfect-fit"],
        ["(N > 9 | M > 9) & D > 9", "~(N > 9 | (M > 9 & D > 9))"],
    ],
)
def test_hypotheses_that_only_look_alike_are_taken(hypotheses):
    claim = hr.Claim(
        hypotheses=[hr.predicate(h) for h in hypotheses], conclusion=hr.predicate("rank J = N")
    )
    here = hr.Problem(hr.mlp([1, 1], bias=False), hr.Data([[1]], [[1]])).at([1])
    assert hr.check(claim, here).instance == "here"


def test_a_proved_claim_is_not_searched():
    found = hr.find_smallest("submersion", seconds=5)
    assert found.finding is None and found.examined == 0
    assert "submersion" in found.theorem and found.sentence.startswith("There is none: proved")
    assert hr.find_smallest("rank-equality", seconds=5).theorem == ""


def test_a_search_about_layers_travels_as_text(tmp_path):
    """Its findings are cuts: their landscapes are kept, and asked anew."""
    from hessrank.proofs.information_loss.cuts import Cut

    asked = {"activation": ("tanh", "relu"), "max_parameters": 3, "max_examples": 2}
    kept = hr.find_smallest(
        "merging-causes-dependence", into=tmp_path / "s.sqlite", seconds=3, **asked
    )
    assert kept.finding is not None and isinstance(kept.finding.subject, Cut)
    assert kept.finding.subject.here.problem.N <= 3
