"""Sweeps: every run certified by the same rules as alone; killed, resumed, in several processes."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import hessrank as hr
from hessrank.__main__ import main
from hessrank.sweeps.grid import key_of, read_grid
from hessrank.symbolic.errors import InputError

SQUARE = [[0, 0], [0, 1], [1, 0], [1, 1]]
GRID: dict[str, Any] = {
    "widths": [[2, 2, 1]],
    "activations": ["tanh", "relu"],
    "seeds": 3,
    "data": [{"id": "xor", "x": SQUARE, "y": [0, 1, 1, 0]}],
}
TOML = """
widths = [[2, 2, 1]]
activations = ["tanh"]
seeds = 60
[[data]]
id = "xor"
x = [[0, 0], [0, 1], [1, 0], [1, 1]]
y = [0, 1, 1, 0]
"""


def signature(rows: list[dict[str, Any]]) -> list[Any]:
    keep = ("activation", "seed", "kind", "rank_jacobian_upper", "rank_hessian_upper", "distance")
    return [tuple(row[k] for k in keep) for row in rows]


def test_runs_are_those_of_fit(tmp_path: Path) -> None:
    done = hr.sweep(GRID, tmp_path / "runs.sqlite")
    rows = done.rows()
    assert len(rows) == 6
    problem = hr.Problem(hr.mlp([2, 2, 1]), hr.Data(SQUARE, [0, 1, 1, 0]))
    for row in (r for r in rows if r["activation"] == "tanh"):
        run = hr.fit(problem, row["seed"])
        assert row["kind"] == run.kind and row["rank_jacobian_lower"] == int(run.rank_jacobian)
        assert row["final_loss"] == run.loss
    tanh = next(f for f in done.frequencies() if f.setting[2] == "tanh")
    assert (tanh.runs, tanh.certified, tanh.deficient) == (3, 3, 0)
    assert tanh.to_json()["deficient_interval"][0] == 0


def test_processes_give_the_same(tmp_path: Path) -> None:
    pytest.importorskip("joblib")
    one = hr.sweep(GRID, tmp_path / "one.sqlite").rows()
    two = hr.sweep(GRID, tmp_path / "two.sqlite", jobs=2).rows()
    assert signature(one) == signature(two)


def test_a_dask_cluster_gives_the_same(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, protocol="tcp://", dashboard_address=None
    ) as cluster:
        assert cluster.scheduler_address.startswith("tcp://")
        far = hr.sweep(GRID, tmp_path / "far.sqlite", dask=cluster.scheduler_address).rows()
    assert signature(far) == signature(hr.sweep(GRID, tmp_path / "near.sqlite").rows())


def test_a_killed_sweep_goes_on_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "grid.toml").write_text(TOML)
    into = tmp_path / "runs.sqlite"
    command = [sys.executable, "-m", "hessrank", "sweep", str(tmp_path / "grid.toml")]
    child = subprocess.Popen(
        [*command, "--into", str(into)], stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[3]
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and _count(into) < 3:
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    before = _count(into)
    assert 3 <= before < 60
    kept = {row["seed"]: row["seconds"] for row in hr.Sweep(str(into)).rows()}
    done = hr.sweep(tmp_path / "grid.toml", into)
    rows = done.rows()
    assert len(rows) == 60 and {r["seed"] for r in rows} == set(range(60))
    assert all(r["seconds"] == kept[r["seed"]] for r in rows if r["seed"] in kept)


def _count(path: Path) -> int:
    if not path.exists():
        return 0
    try:
        with sqlite3.connect(path) as connection:
            return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "grid.toml").write_text(TOML.replace("60", "2"))
    picture = tmp_path / "p.svg"
    assert main(["sweep", str(tmp_path / "grid.toml"), "--plot", str(picture), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["frequencies"][0]["runs"] == 2
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")
    deficits, spectra = hr.Sweep(str(tmp_path / "grid.sqlite")).plot().axes
    [share] = [c for c in deficits.containers if c.has_yerr]
    [counted] = found["frequencies"]
    assert list(share[0].get_ydata()) == [counted["rank_deficient"] / counted["rank_decided"]]
    [interval] = share[2][0].get_segments()
    assert [y for _, y in interval] == pytest.approx(counted["deficient_interval"], abs=1e-4)
    assert all(max(line.get_ydata()) == 1 for line in spectra.lines)
    assert len(spectra.lines) == counted["certified"]
    before = (tmp_path / "grid.sqlite").read_bytes()
    for name, status in (("p.jpg", 2), ("none/p.svg", 3)):  # said before anything is trained
        assert (
            main(["sweep", str(tmp_path / "grid.toml"), "--plot", str(tmp_path / name)]) == status
        )
        assert capsys.readouterr().err.count("\n") == 1
    assert (tmp_path / "grid.sqlite").read_bytes() == before
    assert (tmp_path / "grid.sqlite").exists()
    assert main(["sweep", str(tmp_path / "grid.toml")]) == 0
    assert "2-2-1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"seeds": 0}, "seeds"),
        ({"seeds": True}, "seeds"),
        ({"widths": []}, "widths"),
        ({"widths": [[3, 2, 1]]}, "data"),
        ({"activations": ["tanhh"]}, "activations"),
        ({"losses": ["squre"]}, "losses"),
        ({"decay": -1}, "decay"),
        ({"wdiths": [[2, 1]]}, "wdiths"),
        ({"data": [{"id": "a", "x": SQUARE, "y": [0]}]}, "data[0].y"),
        ({"data": [{"id": "a", "x": SQUARE, "y": [0, 0, 0, float("nan")]}]}, "data[0].y"),
    ],
)
def test_mistakes_name_the_key(change: dict[str, Any], key: str) -> None:
    with pytest.raises(InputError) as caught:
        read_grid(GRID | change)
    assert str(caught.value.key).startswith(key)


def test_files_that_are_no_sweeps(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database, but long enough to be read as one" * 40)
    with pytest.raises(InputError, match="text"):
        hr.sweep(GRID, tmp_path / "text")
    with pytest.raises(InputError, match="no such file"):
        hr.Sweep(str(tmp_path / "none")).rows()
    with pytest.raises(InputError):
        hr.sweep(GRID, tmp_path / "none" / "runs.sqlite")


def test_keys_tell_every_setting_apart() -> None:
    grid = read_grid(GRID | {"decay": "1/100", "losses": ["half-squared", "log-cosh"]})
    assert len({key_of(run) for run in grid.runs}) == len(grid) == 12


def test_a_run_over_its_budget_is_made_again(tmp_path: Path) -> None:
    into = tmp_path / "runs.sqlite"
    cut = hr.sweep(GRID, into, seconds=1e-9).rows()
    assert len(cut) == 6 and all("over budget" in row["why"] for row in cut)
    assert all(row["rank_jacobian_lower"] in (None, 0) for row in cut)
    whole = hr.sweep(GRID, into).rows()
    assert signature(whole) == signature(hr.sweep(GRID, tmp_path / "two.sqlite").rows())
    with pytest.raises(InputError, match="seconds"):
        hr.sweep(GRID, into, seconds=0)
