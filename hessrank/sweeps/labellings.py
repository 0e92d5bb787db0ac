"""Running the experiment on all labellings into a file that can be resumed.

In: how many starts a labelling, a seed, a file. Out: the `Table` of what the file holds of them. A
setting is one row, written as soon as it is finished; settings that are there are not run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from hessrank.proofs.experiments.cells import Setting, cells
from hessrank.proofs.experiments.design import SETTINGS, Table
from hessrank.sweeps.store import ResultStore
from hessrank.sweeps.sweep import processes

Track = Callable[[Sequence[Any]], Iterable[Any]]
Task = tuple[Setting, int, int]


def run_labellings(
    into: str | Path,
    runs: int,
    seed: int,
    jobs: int = 1,
    data: str | None = None,
    track: Track = iter,
) -> Table:
    """Run what is not in the file `into` yet, of one data set or of all. Raises InputError,
    OutputError."""
    wanted = [s for s in SETTINGS if data in (None, s.data)]
    store = ResultStore(into, "labellings")
    try:
        there = store.results()
        missing = [(s, runs, seed) for s in wanted if _key((s, runs, seed)) not in there]
        results = processes(_outcome, missing, jobs)
        for _ in track(missing):
            store.add(*next(results))
    finally:
        store.close()
    return read_labellings(into, runs, seed)


def read_labellings(path: str | Path, runs: int, seed: int) -> Table:
    """What the file holds of so many runs a labelling from that seed."""
    store = ResultStore(path, "labellings")
    try:
        there = store.results()
    finally:
        store.close()
    keys = {s.key: _key((s, runs, seed)) for s in SETTINGS}
    return Table(runs, seed, {key: there[k] for key, k in keys.items() if k in there})


def _key(task: Task) -> str:
    setting, runs, seed = task
    return f"{setting.key}; runs {runs}; seed {seed}"


def _outcome(task: Task) -> tuple[str, list[dict[str, Any]]]:
    return _key(task), [cell for _, cell in cells(*task)]
