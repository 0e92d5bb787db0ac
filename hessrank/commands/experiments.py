"""The command of the experiments.

In: the name of one, and what it is run with. Out: its tables, a picture, a file that can be
resumed.
"""

from __future__ import annotations

from hessrank.commands.answers import answer
from hessrank.symbolic.chance import seeded
from hessrank.symbolic.errors import InputError


def experiment(
    name: str,
    spec: str | None,
    runs: int | None,
    seed: int,
    data: str | None,
    into: str | None,
    jobs: int,
    plot: str | None,
    json: bool,
) -> int:
    """`hessrank experiment NAME [SPEC]`."""
    if (spec is None) == (name == "off-fit"):
        wanted = "a SPEC: hessrank experiment off-fit X2" if spec is None else "no SPEC"
        raise InputError(f"hessrank experiment {name}: expected {wanted}")
    if plot is not None:
        from hessrank.plots.plot import check

        check(plot)
        if name not in ("labellings", "off-fit"):
            raise InputError(f"hessrank experiment {name}: --plot is for labellings and off-fit")
    if name != "labellings" and (data, into, jobs) != (None, None, 1):
        raise InputError(
            f"hessrank experiment {name}: --data, --into and --jobs are for labellings"
        )
    if name == "off-fit":
        assert spec is not None
        with seeded(seed):  # the primes of its ranks
            return _off_fit(spec, plot, json)
    if name == "labellings":
        return _labellings(runs, seed, data, into, jobs, plot, json)
    return _sampled(name, runs, seed, json)


def _off_fit(spec: str, plot: str | None, json: bool) -> int:
    from hessrank.proofs.experiments.off_fit import off_fit
    from hessrank.reports.experiments import of_path
    from hessrank.reports.progress import track
    from hessrank.specs.places import located
    from hessrank.specs.spec import read_spec

    [asked] = track([read_spec(spec)], "deciding")
    with located(asked.source):
        path = off_fit(asked.landscape())
    if plot is not None:
        from hessrank.plots.experiments import off_fit_figure
        from hessrank.plots.plot import save

        save(off_fit_figure(path, asked.title or asked.id), plot)
    return answer(
        json,
        lambda: {"id": asked.id, **path.to_json()},
        lambda: of_path(asked.title or asked.id, path),
        seed=False,
    )


def _labellings(
    runs: int | None,
    seed: int,
    data: str | None,
    into: str | None,
    jobs: int,
    plot: str | None,
    json: bool,
) -> int:
    from hessrank.proofs.experiments.design import RUNS
    from hessrank.reports.experiments import findings, of_labellings
    from hessrank.reports.progress import track
    from hessrank.sweeps.labellings import read_labellings, run_labellings

    file, runs = into or "labellings.sqlite", runs or RUNS

    def shown() -> int:
        table = read_labellings(file, runs, seed)
        return answer(
            json,
            lambda: {"into": file, "runs": runs, "seed": seed, "claims": findings(table)},
            lambda: of_labellings(table),
            seed=False,
        )

    try:
        table = run_labellings(file, runs, seed, jobs, data, lambda items: track(items, "training"))
    except KeyboardInterrupt:
        shown()
        raise
    if plot is not None:
        from hessrank.plots.experiments import labellings_figure
        from hessrank.plots.plot import save

        save(labellings_figure(table), plot)
    return shown()


def _sampled(name: str, runs: int | None, seed: int, json: bool) -> int:
    from hessrank.proofs.experiments import basin_volumes, flow
    from hessrank.reports.experiments import of_experiment

    made, usual = {
        "drainage": (flow.drainage, flow.RUNS),
        "priors": (basin_volumes.prior_masses, basin_volumes.RUNS),
    }[name]
    found = made(seed, runs or usual)
    return answer(json, lambda: vars(found), lambda: of_experiment(found), seed=False)
