"""The commands: read, compute, print; each returns the exit status.

In: parsed arguments. Out: standard output, files where asked for, and a status. All input is read
before anything is computed, and everything is computed before anything is printed, so that a
mistake leaves no half of an answer behind. Heavy imports stay inside the functions.
"""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from hessrank.claim_commands import audit, claims
from hessrank.counterexample_commands import counterexample, labels, predicates
from hessrank.point_commands import fit, nearby
from hessrank.sweep_command import sweep
from hessrank.symbolic.errors import InputError

if TYPE_CHECKING:
    from hessrank.proofs.catalogue.asking import Forms
    from hessrank.proofs.catalogue.kernel import Kernel
    from hessrank.specs.spec import Spec


__all__ = [
    "audit",
    "check",
    "claims",
    "counterexample",
    "derive",
    "fit",
    "gallery",
    "generic",
    "labels",
    "nearby",
    "predicates",
    "rank",
    "sweep",
    "verify",
]


def verify(arguments: Namespace) -> int:
    """`hessrank verify [SPEC...]`: without SPEC the whole gallery and every claim. 1 where the
    engines disagree or a proof meets a counterexample; an inequality is a finding."""
    from hessrank.gallery import ids
    from hessrank.record import record
    from hessrank.reports.asked import print_all, print_kernel
    from hessrank.reports.problems import print_gallery
    from hessrank.reports.progress import track
    from hessrank.specs.spec import read_spec
    from hessrank.verification import forms_json

    if arguments.claims and not arguments.specs:
        raise InputError("--claims asks the claims of a spec: hessrank verify SPEC --claims")
    if not arguments.specs and not arguments.no_claims:
        return _verify_all(arguments)
    specs: dict[str, Spec] = {}
    for path in arguments.specs or ids():
        spec = read_spec(path)
        if spec.id in specs:
            raise InputError(f"{path}: id: {spec.id!r} is also the id of {specs[spec.id].source}")
        specs[spec.id] = spec
    records = {spec.id: record(spec) for spec in track(list(specs.values()), "verifying")}
    found = _asked(specs, arguments) if arguments.claims else {}
    if arguments.json:
        for id, (forms, kernel) in found.items():
            shown = {claim: forms_json(one) for claim, one in forms.items()}
            records[id] |= {"claims": shown, **kernel.to_json()}
        _print_json({"gallery": records})
    else:
        print_gallery(records)
        for id, (forms, kernel) in found.items():
            print_all(id, forms)
            print_kernel(kernel)
    return int(any(found["agreement"] is False for found in records.values()))


def _asked(
    specs: dict[str, Spec], arguments: Namespace
) -> dict[str, tuple[dict[str, Forms], Kernel]]:
    """What every claim says of each spec, and its kernels explained."""
    from hessrank.claim_commands import asked
    from hessrank.verification import claims_on, explain_kernel

    found = {}
    for id, spec in specs.items():
        with spec.located():
            here = spec.landscape()
        forms = claims_on(here, **asked(arguments, spec.problem))
        found[id] = (forms, explain_kernel(here))
    return found


def _verify_all(arguments: Namespace) -> int:
    from hessrank import verification
    from hessrank.reports import claims as claims_report
    from hessrank.reports.problems import console, print_gallery
    from hessrank.reports.progress import track

    report = verification.verify(track=lambda items: track(items, "verifying"))
    if arguments.json:
        _print_json(report.to_json())
    else:
        print_gallery(report.gallery)
        print()
        claims_report.print_settled(report.claims.values())
        print()
        console().print(report.summary)
    return int(not report.agreement)


def rank(arguments: Namespace) -> int:
    """`hessrank rank SPEC`: the record of one spec, and where asked for a certificate."""
    from hessrank.proofs import writing
    from hessrank.record import record
    from hessrank.reports.progress import track
    from hessrank.specs.spec import read_spec

    spec = read_spec(arguments.spec)
    [found] = [record(spec) for spec in track([spec], "deciding")]
    if arguments.certificate is not None:
        certificate = _certificate(spec, arguments.matrix)
        writing.write(arguments.certificate, json.dumps(certificate))
    if arguments.json:
        _print_json(found)
    else:
        from hessrank.reports.problems import print_record

        print_record(found)
    return int(found["agreement"] is False)


def _certificate(spec: Spec, name: str) -> dict[str, Any]:
    from hessrank.proofs.certificates import checked_rank
    from hessrank.symbolic.ranks.matrices import BallMatrix

    with spec.located():
        matrix = spec.landscape().matrix(name)
        if isinstance(matrix, BallMatrix) or not matrix.is_rational:
            raise InputError(f"a certificate needs rational entries, and {name} has others here")
        return checked_rank(matrix.fractions())[1]


def derive(arguments: Namespace) -> int:
    """`hessrank derive SPEC`: LaTeX, or a file of the kind that its name says; 1 where what was
    derived differs from the differentiated forward pass."""
    from hessrank.proofs.derivations.derivation import derive as derivation_of
    from hessrank.reports.progress import track
    from hessrank.specs.spec import read_spec

    [spec] = track([read_spec(arguments.spec)], "deriving")
    with spec.located():
        free = arguments.free or spec.point is None
        derivation = derivation_of(
            spec.problem if free else spec.landscape(),
            expanded=arguments.expanded,
            limit=arguments.limit,
        )
        checked = derivation.check()
    if arguments.output is not None:
        derivation.save(arguments.output)
    if arguments.json:
        _print_json(
            {
                "id": spec.id,
                "title": spec.title,
                "latex": derivation.latex(standalone=False),
                "check": {"holds": checked.holds, "reason": str(checked)},
            }
        )
    elif arguments.output is None:
        print(derivation.latex(), end="")
    if checked.wrong or not checked.identity_holds:
        print(f"{arguments.spec}: {checked}", file=sys.stderr)
        return 1
    return 0


def check(arguments: Namespace) -> int:
    """`hessrank check CERTIFICATE`: 0 accepted, 1 refused."""
    from pathlib import Path

    from hessrank.proofs import checker

    try:
        certificate = checker.read(Path(arguments.certificate))
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{arguments.certificate}: cannot be read: {reason}") from None
    refusal = checker.check(certificate)
    if arguments.json:
        found = {"certificate": arguments.certificate, "accepted": refusal is None}
        _print_json({**found, "reason": refusal})
    elif refusal is None:
        print(f"{arguments.certificate}: accepted: {_claim(certificate)}")
    else:
        print(f"{arguments.certificate}: refused: {refusal}")
    return int(refusal is not None)


def _claim(certificate: dict[str, Any]) -> str:
    """What an accepted certificate proves."""
    m, n = certificate["shape"]
    if certificate["kind"] == "rank":
        lower, upper = certificate["lower"]["bound"], certificate["upper"]["bound"]
        shown = f"rank {lower}" if lower == upper else f"rank from {lower} to {upper}"
        return f"{shown} of a {m}×{n} matrix"
    counts = ", ".join(f"{count} {sign}" for sign, count in certificate["inertia"].items())
    return f"eigenvalues of a {m}×{n} matrix: {counts}"


def generic(arguments: Namespace) -> int:
    """`hessrank generic`: the ranks at almost every point, of a network and random data."""
    from hessrank.reports.progress import track
    from hessrank.specs.spec import located
    from hessrank.symbolic.models.layers import Network
    from hessrank.symbolic.modular.network_ranks import generic_ranks

    with located("hessrank generic"):
        net = Network(tuple(arguments.widths), arguments.activation, bias=not arguments.no_bias)
        [found] = [
            generic_ranks(net, examples, arguments.input_rank, arguments.loss, arguments.seed)
            for examples in track([arguments.examples], "deciding")
        ]
    if arguments.json:
        _print_json(found.to_json())
    else:
        from hessrank.reports.problems import print_generic

        print_generic(found.to_json())
    return 0


def critical(arguments: Namespace) -> int:
    """`hessrank critical SPEC`: all critical points of a polynomial landscape."""
    from hessrank.proofs.critical_points.critical_points import critical_points
    from hessrank.reports.progress import track
    from hessrank.specs.spec import located, read_spec

    spec = read_spec(arguments.spec)
    with located(spec.source):
        [found] = [
            critical_points(problem, arguments.seconds, arguments.seed)
            for problem in track([spec.problem], "deciding")
        ]
    if arguments.json:
        _print_json({"id": spec.id, **found.to_json()})
    else:
        from hessrank.reports.critical import print_critical

        print_critical(spec.title or spec.id, found)
    return 0


def gallery(arguments: Namespace) -> int:
    """`hessrank gallery`: the ids of the built-in problems with their titles."""
    from hessrank.gallery import titles

    found = titles()
    if arguments.json:
        shown = {"gallery": [{"id": entry, "title": title} for entry, title in found.items()]}
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return 0
    width = max(map(len, found))
    for entry, title in found.items():
        print(f"{entry:{width}}  {title}")
    return 0


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, indent=2, allow_nan=False))
