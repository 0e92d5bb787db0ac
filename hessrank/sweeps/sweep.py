"""Running a grid, and what came out of it.

In: a grid and a file. Out: a `Sweep`: every run of the grid that is finished, frequencies with
intervals, a picture. Runs that are in the file already are not made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hessrank.proofs.experiments.sweep import wilson
from hessrank.sweeps.grid import Run, key_of, read_grid
from hessrank.sweeps.one_run import outcome
from hessrank.sweeps.store import Store
from hessrank.symbolic.errors import InputError

Track = Callable[[Sequence[Any]], Iterable[Any]]


@dataclass(frozen=True)
class Frequency:
    """Of one setting (data, loss, activation, widths): how many runs, how many certified, as what.

    deficient: certified points with rank J < min(M, N), among `decided`, whose rank J is decided;
    unequal: those with rank H ≠ rank J; intervals: Wilson, 95 %.
    """

    setting: tuple[str, str, str, str]
    parameters: int
    runs: int
    certified: int
    fits: int
    decided: int
    deficient: int
    equal: int
    unequal: int

    @property
    def share(self) -> tuple[float, float]:
        """The interval of the share of deficient ranks."""
        return wilson(self.deficient, self.decided)

    def to_json(self) -> dict[str, Any]:
        data, loss, activation, widths = self.setting
        return {
            "data": data,
            "loss": loss,
            "activation": activation,
            "widths": widths,
            "parameters": self.parameters,
            "runs": self.runs,
            "certified": self.certified,
            "certified_interval": [round(v, 4) for v in wilson(self.certified, self.runs)],
            "fits": self.fits,
            "rank_decided": self.decided,
            "rank_deficient": self.deficient,
            "deficient_interval": [round(v, 4) for v in self.share],
            "rank_equal": self.equal,
            "rank_unequal": self.unequal,
        }


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
        return [_frequency(setting, rows) for setting, rows in groups.items()]

    def plot(self, path: str | Path) -> None:
        """Rank deficits against the number of parameters and the spectra of J, as an SVG."""
        from hessrank.proofs.writing import write
        from hessrank.sweeps.picture import picture

        write(path, picture(self.frequencies(), self.rows()))


def _frequency(setting: tuple[str, str, str, str], rows: Sequence[dict[str, Any]]) -> Frequency:
    sure = [r for r in rows if r["certified"]]
    decided = [r for r in sure if r["rank_jacobian_lower"] == r["rank_jacobian_upper"]]
    full = [min(r["parameters"], r["outputs"]) for r in decided]
    return Frequency(
        setting,
        max((r["parameters"] or 0 for r in rows), default=0),
        len(rows),
        len(sure),
        sum(r["kind"] == "fit" for r in sure),
        len(decided),
        sum(r["rank_jacobian_upper"] < m for r, m in zip(decided, full, strict=True)),
        sum(r["rank_equality"] == 1 for r in sure),
        sum(r["rank_equality"] == 0 for r in sure),
    )


def sweep(
    grid: str | Path | Mapping[str, Any],
    into: str | Path,
    jobs: int = 1,
    dask: str | None = None,
    track: Track = iter,
) -> Sweep:
    """Make every run of `grid` that is not in the file `into` yet, and write each there.

    grid: a TOML file, or a dict with the same keys (`grid`); jobs: processes, by joblib; dask: the
    address of a Dask scheduler instead. A sweep that is killed goes on where it was. Raises
    InputError.
    """
    from hessrank.numeric.fitting import scipy_optimize

    scipy_optimize()
    wanted = read_grid(grid)
    store = Store(into)
    try:
        there = store.finished()
        missing = [run for run in wanted.runs if key_of(run) not in there]
        results = _outcomes(missing, jobs, dask)
        for _ in track(missing):
            run, found = next(results)
            store.add(run, found)
    finally:
        store.close()
    return Sweep(str(into))


def _outcomes(
    runs: Sequence[Run], jobs: int, dask: str | None
) -> Iterator[tuple[Run, dict[str, Any]]]:
    """Runs with their outcomes, in the order in which they finish."""
    if dask is not None:
        yield from _by_dask(runs, dask)
    elif jobs == 1:
        yield from map(_both, runs)
    else:
        try:
            from joblib import Parallel, delayed
        except ImportError:
            raise InputError("several jobs need joblib: pip install 'hessrank[sweep]'") from None
        parallel = Parallel(n_jobs=jobs, return_as="generator_unordered")
        yield from parallel(delayed(_both)(run) for run in runs)


def _both(run: Run) -> tuple[Run, dict[str, Any]]:
    return run, outcome(run)


def _by_dask(runs: Sequence[Run], address: str) -> Iterator[tuple[Run, dict[str, Any]]]:
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise InputError("Dask is not there: pip install 'hessrank[dask]'") from None
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise InputError(f"{address}: no Dask scheduler answers ({type(error).__name__})") from None
    with client:
        futures = client.map(_both, list(runs), pure=False)
        for future in as_completed(futures):
            yield future.result()
            future.release()
