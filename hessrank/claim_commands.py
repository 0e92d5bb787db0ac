"""The commands about claims: list, settle, audit, find a counterexample.

In: parsed arguments. Out: standard output and a status, like `commands`.
"""

from __future__ import annotations

import json
from argparse import Namespace
from typing import Any


def claims(arguments: Namespace) -> int:
    """`hessrank claims [ID]`: the list, or one claim settled; 1 where it contradicts itself."""
    from hessrank import verification
    from hessrank.reports import claims as claims_report

    if arguments.claim is None:
        if arguments.json:
            return _print(
                {
                    c.id: {"number": c.number, "title": c.title, "source": c.source}
                    for c in verification.claims()
                }
            )
        claims_report.print_list(verification.claims())
        return 0
    settled = verification.settle_one(arguments.claim)
    if arguments.json:
        _print(verification.settled_json(settled))
    else:
        claims_report.print_claim(settled)
    return int(settled.contradictory)


def audit(arguments: Namespace) -> int:
    """`hessrank audit ID`: which hypotheses are needed."""
    from hessrank import verification
    from hessrank.reports import claims as claims_report

    found = verification.audit(arguments.claim)
    if arguments.json:
        return _print(found.to_json())
    if arguments.latex:
        print(found.latex())
    else:
        claims_report.print_audit(found)
    return 0


def counterexample(arguments: Namespace) -> int:
    """`hessrank counterexample ID [--without HYP]`: of which form, and the spec that replays it."""
    from hessrank import verification
    from hessrank.reports import claims as claims_report

    found = verification.counterexample(arguments.claim, arguments.without)
    form = verification.refuted_form(arguments.claim, arguments.without)
    what = f"{arguments.claim} ({form.replace('_', ' ')})"
    what += f" without {arguments.without}" if arguments.without else ""
    if arguments.json:
        spec = verification.replay(found) if found else None
        _print(
            {
                "claim": arguments.claim,
                "without": arguments.without,
                "form": form,
                "counterexample": found.to_json() if found else None,
                "spec": spec,
            }
        )
    else:
        claims_report.print_counterexample(found, what)
    return 0


def _print(found: dict[str, Any]) -> int:
    print(json.dumps(found, ensure_ascii=False, indent=2))
    return 0
