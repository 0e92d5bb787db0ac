"""The commands about points: `nearby`, `fit`, `critical`, `sweep`.

In: options. Out: standard output and an exit status, which is 0 whether something was certified or
not.
"""

from __future__ import annotations

from hessrank.commands.answers import answer
from hessrank.symbolic.budget import stopped


def nearby(spec: str, seconds: float, certificate: str | None, json: bool) -> int:
    """`hessrank nearby SPEC`: an exact fit or critical point near the spec's point."""
    from hessrank.commands.certificates import written
    from hessrank.proofs.existence.nearby import nearby as look
    from hessrank.proofs.statements.exact_fit import fit_certificate
    from hessrank.reports.points import of_nearby
    from hessrank.reports.progress import track
    from hessrank.specs.spec import read_spec

    [asked] = track([read_spec(spec)], "looking")
    with asked.located():
        found = look(asked.landscape(), seconds=seconds)
        told, said = written(lambda: fit_certificate(asked.landscape(), found), certificate)
    return answer(
        json,
        lambda: {"id": asked.id, **found.to_json(), **told},
        lambda: [*of_nearby(asked.id, asked.title, found), *said],
    )


def fit(spec: str, seeds: int, seconds: float, json: bool) -> int:
    """`hessrank fit SPEC`: train from several seeds and certify beside each end."""
    from hessrank.numeric.fitting import scipy_optimize
    from hessrank.proofs.existence.training import fit as fitted
    from hessrank.reports.points import of_runs
    from hessrank.reports.progress import track
    from hessrank.specs.spec import read_spec

    asked = read_spec(spec)
    with asked.located():
        scipy_optimize()
        numbers = list(range(seeds))
        runs = [
            fitted(asked.problem, seed, asked.side, seconds=seconds)
            for seed in track(numbers, "training")
            if not stopped()
        ]
    return answer(
        json,
        lambda: {"id": asked.id, "runs": [run.to_json() for run in runs]},
        lambda: of_runs(asked.id, asked.title, runs),
    )


def critical(
    spec: str,
    seconds: float,
    seed: int,
    prover: str | None,
    certificates: str | None,
    json: bool,
) -> int:
    """`hessrank critical SPEC`: all critical points of a polynomial landscape."""
    from hessrank.commands.certificates import write_points
    from hessrank.proofs.critical_points.critical_points import critical_points
    from hessrank.proofs.writing import check_new_folder
    from hessrank.reports.critical import of_critical
    from hessrank.reports.progress import track
    from hessrank.specs.places import located
    from hessrank.specs.spec import read_spec

    if certificates is not None:
        check_new_folder(certificates)
    asked = read_spec(spec)
    with located(asked.source):
        [found] = [
            critical_points(problem, seconds, seed, prover)
            for problem in track([asked.problem], "deciding")
        ]
    if certificates is not None:
        write_points(asked.problem, found, certificates)
    return answer(
        json,
        lambda: {"id": asked.id, **found.to_json()},
        lambda: of_critical(asked.title or asked.id, found),
    )


def sweep(
    grid: str,
    into: str | None,
    jobs: int,
    dask: str | None,
    plot: str | None,
    seconds: float,
    json: bool,
) -> int:
    """`hessrank sweep GRID`: every run that is not in the file yet, then the frequencies;
    interrupted, what is known is printed first."""
    from hessrank.plots.plot import check_now
    from hessrank.reports.progress import track
    from hessrank.reports.sweeps import of_sweep
    from hessrank.sweeps.sweep import Sweep
    from hessrank.sweeps.sweep import sweep as run

    if plot:
        check_now(plot)
    file = into or f"{grid.removesuffix('.toml')}.sqlite"

    def shown() -> int:
        done = Sweep(file)
        found = done.frequencies()
        return answer(
            json,
            lambda: {"into": done.into, "frequencies": [f.to_json() for f in found]},
            lambda: of_sweep(str(done.into), found),
        )

    try:
        run(grid, file, jobs, dask, lambda items: track(items, "sweeping"), seconds)
    except KeyboardInterrupt:
        shown()
        raise
    if plot:
        Sweep(file).plot(plot)
    return shown()
