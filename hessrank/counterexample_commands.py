"""The commands about counterexamples: all labels at a point.

In: parsed arguments. Out: standard output and a status, like `commands`.
"""

from __future__ import annotations

import json
from argparse import Namespace


def labels(arguments: Namespace) -> int:
    """`hessrank labels SPEC`: the labels for which the point is a minimum with rank H ≠ rank J."""
    from hessrank.proofs.counterexamples.labels import labels_at
    from hessrank.reports.progress import track
    from hessrank.specs.spec import read_spec

    [spec] = track([read_spec(arguments.spec)], "deciding")
    with spec.located():
        found = labels_at(spec.landscape())
    if arguments.json:
        print(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
        return 0
    rank = found.rank_jacobian
    print(f"rank J = {rank.lower if rank.decided else f'{rank.lower}..{rank.upper}'}")
    for name, answer in (("rank H > rank J", found.more), ("rank H < rank J", found.fewer)):
        print(f"{name}: {answer.exists.value}: {answer.why}")
        if answer.labels is not None:
            print("  y = " + str([[str(v) for v in row] for row in answer.labels]))
    return 0
