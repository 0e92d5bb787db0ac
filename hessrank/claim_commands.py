"""The commands about claims: list, settle, audit.

In: parsed arguments. Out: standard output and a status, like `commands`.
"""

from __future__ import annotations

import json
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from hessrank.symbolic.errors import InputError

if TYPE_CHECKING:
    from hessrank.symbolic.problems.landscape import Problem


def claims(arguments: Namespace) -> int:
    """`hessrank claims [ID] [SPEC]`: the list, one claim settled, or what it says of a spec; with
    --all, what every claim says of SPEC, and the kernels of J and H explained."""
    from hessrank import verification
    from hessrank.reports import claims as claims_report

    if arguments.all and arguments.spec is None:
        arguments.claim, arguments.spec = None, arguments.claim
    if arguments.all and (arguments.spec is None or arguments.claim is not None):
        raise InputError("expected one spec: hessrank claims --all SPEC", "claims")
    if arguments.spec is not None:
        return _on_spec(arguments)
    for given in ("layer", "split", "test_inputs", "latex"):
        if getattr(arguments, given):
            option = given.replace("_", "-")
            raise InputError(f"--{option} needs a spec: hessrank claims ID SPEC", "claims")
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
    return 0


def _on_spec(arguments: Namespace) -> int:
    from hessrank import verification
    from hessrank.reports import asked as report
    from hessrank.specs.spec import read_spec

    spec = read_spec(arguments.spec)
    with spec.located():
        here = spec.landscape()
    if arguments.latex:
        print(verification.explain_kernel(here).latex())
        return 0
    found = verification.claims_on(here, arguments.claim, **asked(arguments, spec.problem))
    if not arguments.all:
        ((id, forms),) = found.items()
        if arguments.json:
            return _print({"claim": id, "spec": spec.id, **verification.forms_json(forms)})
        report.print_one(id, spec.id, forms)
        return 0
    explained = verification.explain_kernel(here)
    if arguments.json:
        shown = {id: verification.forms_json(forms) for id, forms in found.items()}
        return _print({"spec": spec.id, "claims": shown, **explained.to_json()})
    report.print_all(spec.id, found)
    report.print_kernel(explained)
    return 0


def asked(arguments: Namespace, problem: Problem) -> dict[str, Any]:
    """The layer, split and further inputs that were named on the command line.

    Raises InputError that names the option.
    """
    split = [n.strip() for n in (arguments.split or "").split(",") if n.strip()]
    rows: list[list[str]] = []
    for row in (arguments.test_inputs or "").split(";"):
        cells = [c.strip() for c in row.split(",") if c.strip()]
        if not cells:
            continue
        if len(cells) != len(problem.model.inputs):
            raise InputError(
                f"expected rows of {len(problem.model.inputs)} numbers, found {row.strip()!r}",
                "test-inputs",
            )
        rows.append(cells)
    return {"layer": arguments.layer, "split": split, "test": rows}


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


def _print(found: dict[str, Any]) -> int:
    print(json.dumps(found, ensure_ascii=False, indent=2))
    return 0
