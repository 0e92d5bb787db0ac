"""The commands about exact points near a point: `nearby` and `fit`.

In: parsed arguments. Out: standard output and an exit status, which is 0 whether something was
certified or not.
"""

from __future__ import annotations

import json
from argparse import Namespace


def nearby(arguments: Namespace) -> int:
    """`hessrank nearby SPEC`: an exact fit or critical point near the spec's point."""
    from hessrank.proofs.existence.nearby import nearby as look
    from hessrank.reports.points import print_nearby
    from hessrank.reports.progress import track
    from hessrank.specs.spec import read_spec

    [spec] = track([read_spec(arguments.spec)], "looking")
    with spec.located():
        found = look(spec.landscape())
    if arguments.json:
        print(json.dumps({"id": spec.id, **found.to_json()}, indent=2, allow_nan=False))
    else:
        print_nearby(spec.id, spec.title, found)
    return 0


def fit(arguments: Namespace) -> int:
    """`hessrank fit SPEC`: train from several seeds and certify beside each end."""
    from hessrank.numeric.fitting import scipy_optimize
    from hessrank.proofs.existence.training import fit as fitted
    from hessrank.reports.points import print_runs
    from hessrank.reports.progress import track
    from hessrank.specs.spec import read_spec

    spec = read_spec(arguments.spec)
    with spec.located():
        scipy_optimize()
        seeds = list(range(arguments.seeds))
        runs = [fitted(spec.problem, seed, spec.side) for seed in track(seeds, "training")]
    if arguments.json:
        found = {"id": spec.id, "runs": [run.to_json() for run in runs]}
        print(json.dumps(found, indent=2, allow_nan=False))
    else:
        print_runs(spec.id, spec.title, runs)
    return 0
