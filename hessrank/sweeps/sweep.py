"""Running a grid, and what came out of it.

In: a grid and a file. Out: a `Sweep`: every run of the grid that is finished, frequencies with
intervals, a picture. Runs that are in the file already are not made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from hessrank.plots.plot import check, save
from hessrank.sweeps.frequencies import Frequency, frequency
from hessrank.sweeps.grid import Run, key_of, read_grid
from hessrank.sweeps.one_run import outcome
from hessrank.sweeps.picture import picture
from hessrank.sweeps.store import Store
from hessrank.symbolic.budget import SECONDS, decision
from hessrank.symbolic.errors import InputError

Track = Callable[[Sequence[Any]], Iterable[Any]]


@dataclass(frozen=True)
class Sweep:
    """The finished runs in the file `into`."""

    into: str

    def rows(self) -> list[dict[str, Any]]:
        """One dict a run. Raises InputError where there is no such file."""
        if not Path(self.into).exists():
            raise InputError(f"{self.into}: no such file")
        store = Store(self.into)
        try:
            return store.rows()
        finally:
            store.close()

    def frequencies(self) -> list[Frequency]:
        """Counts for each setting."""
        groups: dict[tuple[str, str, str, str], list[dict[str, Any]]] = {}
        for row in self.rows():
            setting = (row["data"], row["loss"], row["activation"], row["widths"])
            groups.setdefault(setting, []).append(row)
        return [frequency(setting, rows) for setting, rows in groups.items()]

    def plot(self, path: str | Path | None = None) -> Any:
        """Rank deficits against the number of parameters and the spectra of J: a Figure of
        matplotlib (extra `plot`), saved where a path is given (.svg, .pdf or .png).

        Raises InputError where matplotlib is missing, OutputError where it cannot be written.
        """
        if path is not None:
            check(path)
        drawn = picture(self.frequencies(), self.rows())
        if path is not None:
            save(drawn, path)
        return drawn


def sweep(
    grid: str | Path | Mapping[str, Any],
    into: str | Path,
    jobs: int = 1,
    dask: str | None = None,
    track: Track = iter,
    seconds: float = SECONDS,
) -> Sweep:
    """Make every run of `grid` that is not in the file `into` yet, and write each there.

    grid: a TOML file, or a dict with the same keys (`grid`); jobs: processes, by joblib; dask: the
    address of a Dask scheduler instead; seconds: the budget of each run (docs/budgets.md). A sweep
    that is killed goes on where it was; a run that was over its budget is made again. Raises
    InputError.
    """
    from hessrank.numeric.fitting import scipy_optimize

    with decision(seconds):  # refuses what is no time
        scipy_optimize()
    wanted = read_grid(grid)
    store = Store(into)
    try:
        there = store.finished()
        missing = [run for run in wanted.runs if key_of(run) not in there]
        results = _outcomes(missing, jobs, dask, seconds)
        for _ in track(missing):
            run, found = next(results)
            store.add(run, found)
    finally:
        store.close()
    return Sweep(str(into))


def _outcomes(
    runs: Sequence[Run], jobs: int, dask: str | None, seconds: float
) -> Iterator[tuple[Run, dict[str, Any]]]:
    """Runs with their outcomes, in the order in which they finish."""
    work = partial(_both, seconds=seconds)
    yield from processes(work, runs, jobs) if dask is None else on_cluster(work, runs, dask)


def processes(work: Callable[[Any], Any], tasks: Iterable[Any], jobs: int) -> Iterator[Any]:
    """What `work` gives for each task, as it is finished: by joblib where there are several jobs.
    Tasks are taken as they are needed. InputError where joblib is not there."""
    if jobs == 1:
        yield from map(work, tasks)
        return
    try:
        from joblib import Parallel, delayed
    except ImportError:
        raise InputError("several jobs need joblib: pip install 'hessrank[sweep]'") from None
    parallel = Parallel(n_jobs=jobs, return_as="generator_unordered", pre_dispatch="n_jobs + 1")
    yield from parallel(delayed(work)(task) for task in tasks)


def on_cluster(work: Callable[[Any], Any], tasks: Iterable[Any], address: str) -> Iterator[Any]:
    """The same by the workers of the Dask scheduler at `address`. InputError where there is none,
    or `distributed` is missing."""
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise InputError("Dask is not there: pip install 'hessrank[dask]'") from None
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise InputError(f"{address}: no Dask scheduler answers ({type(error).__name__})") from None
    with client:
        left = iter(tasks)

        def some(count: int) -> list[Any]:
            return [client.submit(work, task, pure=False) for task in islice(left, count)]

        running = as_completed(some(sum(client.ncores().values()) + 1))
        for future in running:
            yield future.result()
            future.release()
            running.update(some(1))


def _both(run: Run, seconds: float) -> tuple[Run, dict[str, Any]]:
    return run, outcome(run, seconds)
