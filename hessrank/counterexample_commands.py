"""The commands about counterexamples: find one, all labels at a point, the list of predicates.

In: parsed arguments. Out: standard output and a status, like `commands`.
"""

from __future__ import annotations

import json
from argparse import Namespace
from typing import Any

#: Arguments that constrain the search.
CONSTRAINTS = (
    "activation",
    "loss",
    "widths",
    "overparameterised",
    "scalar",
    "layers",
    "max_parameters",
    "max_examples",
)


def counterexample(arguments: Namespace) -> int:
    """`hessrank counterexample ID [--without HYP]`: of which form, and the spec that replays it;
    with constraints or a budget the grammar of toy problems is searched too."""
    from hessrank import verification
    from hessrank.reports import claims as claims_report

    given = {k: v for k in CONSTRAINTS if (v := getattr(arguments, k)) not in (None, False)}
    searched = None
    if given or arguments.seconds is not None:
        if arguments.seconds is not None:
            given["seconds"] = arguments.seconds
        searched = verification.find_smallest(arguments.claim, arguments.without, **given)
        found = searched.finding
    else:
        found = verification.counterexample(arguments.claim, arguments.without)
    form = verification.refuted_form(arguments.claim, arguments.without)
    what = f"{arguments.claim} ({form.replace('_', ' ')})"
    what += f" without {arguments.without}" if arguments.without else ""
    if arguments.json:
        shown: dict[str, Any] = {
            "claim": arguments.claim,
            "without": arguments.without,
            "form": form,
            "counterexample": found.to_json() if found else None,
            "spec": verification.replay(found) if found else None,
            "none_up_to": searched.none_up_to if searched else None,
            "examined": searched.examined if searched else None,
            "theorem": (searched.theorem or None) if searched else None,
        }
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return 0
    claims_report.print_counterexample(found, what)
    if searched:
        print(f"In the grammar of toy problems: {searched.words}.")
    return 0


def predicates(arguments: Namespace) -> int:
    """`hessrank predicates`: each with its meaning and an entry of the gallery where it holds."""
    from hessrank.proofs.counterexamples.language import EXAMPLES, PREDICATES, QUANTITIES

    if arguments.json:
        shown = {
            "predicates": {
                name: {"means": p.words, "example": EXAMPLES[name]}
                for name, p in PREDICATES.items()
            },
            "quantities": {name: {"means": words} for name, (_, words) in QUANTITIES.items()},
        }
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return 0
    for name, p in PREDICATES.items():
        print(f"{name:25} {p.words} (holds on {EXAMPLES[name]})")
    print()
    for name, (_, words) in QUANTITIES.items():
        print(f"{name:25} {words}")
    return 0


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
