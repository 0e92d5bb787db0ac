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
