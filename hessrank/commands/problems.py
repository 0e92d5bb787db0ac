"""The commands about problems: their ranks, derivations and certificates.

In: options. Out: standard output, files where asked for, and a status.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hessrank.commands.answers import answer, put
from hessrank.commands.files import by_tex, each, pages
from hessrank.symbolic.budget import stopped
from hessrank.symbolic.errors import InputError

if TYPE_CHECKING:
    from hessrank.proofs.catalogue.asking import Forms
    from hessrank.proofs.catalogue.kernel import Kernel
    from hessrank.proofs.existence.nearby import Nearby
    from hessrank.specs.spec import Spec


def verify(
    specs: Sequence[str],
    no_claims: bool,
    claims: bool,
    layer: int | None,
    split: str | None,
    test_inputs: str | None,
    nearby: bool,
    certificate: str | None,
    jobs: int,
    seconds: float,
    json: bool,
) -> int:
    """`hessrank verify [SPEC...]`: without SPEC the whole gallery and every claim; of a claim file
    what `hessrank claims` says. 1 where the engines disagree or a proof meets a counterexample; an
    inequality is a finding."""
    from hessrank.commands.certificates import written
    from hessrank.commands.claims import claims as claims_command
    from hessrank.gallery import ids
    from hessrank.proofs.statements.statement import statement_certificate
    from hessrank.record import record
    from hessrank.reports.asked import at_point, heading, of_all
    from hessrank.reports.problems import of_gallery
    from hessrank.reports.progress import track
    from hessrank.specs.claim_file import is_claim
    from hessrank.specs.spec import read_spec
    from hessrank.verification import forms_json

    if specs and is_claim(specs[0]):
        if len(specs) > 2 or certificate is not None or no_claims:
            raise InputError("a claim file: expected hessrank verify CLAIM.toml [SPEC]", specs[0])
        about_spec = specs[1] if len(specs) == 2 else None
        return claims_command(
            specs[0], about_spec, False, False, layer, split, test_inputs, nearby, seconds, json
        )
    if nearby and not claims:
        raise InputError("--nearby is where claims are asked: hessrank verify SPEC --claims")
    if claims and not specs:
        raise InputError("--claims asks the claims of a spec: hessrank verify SPEC --claims")
    if certificate is not None and len(specs) != 1:
        raise InputError("--certificate is of one spec: hessrank verify SPEC --certificate FILE")
    if not specs and not no_claims:
        return _verify_all(json, seconds, jobs)
    if jobs > 1:
        raise InputError("--jobs is for the whole gallery with every claim: hessrank verify")
    read: dict[str, Spec] = {}
    for path in specs or ids():
        spec = read_spec(path)
        if spec.id in read:
            raise InputError(f"{path}: id: {spec.id!r} is also the id of {read[spec.id].source}")
        read[spec.id] = spec
    records = {
        spec.id: record(spec, seconds=seconds)
        for spec in track(list(read.values()), "verifying")
        if not stopped()
    }
    about = {"layer": layer, "split": split, "test-inputs": test_inputs}
    found = _asked(read, about, nearby, seconds) if claims else {}
    for id, (at, forms, kernel) in found.items():
        shown = {claim: forms_json(one) for claim, one in forms.items()}
        place = {} if at is None else {"nearby": at.to_json()}
        records[id] |= {**place, "claims": shown, **(kernel.to_json() if kernel else {})}
    told, said = written(
        lambda: statement_certificate(read_spec(specs[0]).landscape()), certificate
    )
    answer(
        json,
        lambda: {"gallery": records, **told},
        lambda: [
            *of_gallery(records),
            *(
                block
                for id, (at, forms, kernel) in found.items()
                for block in (
                    heading(id, read[id].title),
                    *at_point(at),
                    *((*of_all(forms), *kernel.blocks()) if kernel else ()),
                )
            ),
            *said,
        ],
    )
    return int(any(found["agreement"] is False for found in records.values()))


def _asked(
    specs: dict[str, Spec], about: dict[str, Any], nearby: bool, seconds: float
) -> dict[str, tuple[Nearby | None, dict[str, Forms], Kernel | None]]:
    """What every claim says of each spec, and its kernels explained; with `nearby`, at the exact
    point beside θ, if one is certified."""
    from hessrank.commands.claims import asked, beside
    from hessrank.verification import claims_on, explain_kernel

    found: dict[str, tuple[Nearby | None, dict[str, Forms], Kernel | None]] = {}
    for id, spec in specs.items():
        if stopped():
            break
        with spec.located():
            here = spec.landscape()
            at = beside(here, nearby, seconds)
        if at is not None and not at.exists:
            found[id] = at, {}, None
            continue
        here = here if at is None else at.landscape
        forms = claims_on(here, **asked(about, spec), seconds=seconds)
        found[id] = at, forms, explain_kernel(here, seconds)
    return found


def _verify_all(json: bool, seconds: float, jobs: int) -> int:
    from hessrank import verification
    from hessrank.proofs.catalogue.pages import overview
    from hessrank.proofs.pages.blocks import Text
    from hessrank.reports.problems import of_gallery
    from hessrank.reports.progress import track

    report = verification.verify(
        track=lambda items: track(items, "verifying"), seconds=seconds, jobs=jobs
    )
    answer(
        json,
        report.to_json,
        lambda: [
            *of_gallery(report.gallery),
            overview(report.claims.values()),
            Text(report.summary),
        ],
    )
    return int(not report.agreement)


def rank(spec: str, certificate: str | None, matrix: str, seconds: float, json: bool) -> int:
    """`hessrank rank SPEC`: the record of one spec, and where asked for a certificate."""
    from hessrank.commands.certificates import of_rank, written
    from hessrank.record import record
    from hessrank.reports.problems import of_record
    from hessrank.reports.progress import track
    from hessrank.specs.spec import read_spec

    asked = read_spec(spec)
    [found] = [record(one, seconds=seconds) for one in track([asked], "deciding")]
    told, said = written(lambda: of_rank(asked, matrix), certificate)
    answer(json, lambda: found | told, lambda: [*of_record(found), *said])
    return int(found["agreement"] is False)


def derive(
    spec: str,
    output: Sequence[str] | None,
    tex: bool,
    free: bool,
    expanded: bool,
    only: str | None,
    in_theta: bool,
    limit: int,
    seconds: float,
    json: bool,
) -> int:
    """`hessrank derive SPEC`: LaTeX, or a file of the kind that its name says; 1 where what was
    derived differs from the differentiated forward pass."""
    from hessrank.proofs.derivations.derivation import ONLY
    from hessrank.proofs.derivations.derivation import derive as derivation_of
    from hessrank.reports.progress import track
    from hessrank.specs.spec import read_spec

    files, missing = pages(output or (), tex)
    if only is not None and only not in ONLY:
        raise InputError(f"--only: expected one of {', '.join(ONLY)}, found {only!r}", "derive")
    [asked] = track([read_spec(spec)], "deriving")
    with asked.located():
        what = asked.problem if free or asked.point is None else asked.landscape()
        derivation = derivation_of(
            what, expanded, limit, asked.title or asked.id, only or "", in_theta, seconds
        )
        checked = derivation.check(seconds=seconds)
    _, unwritten = each(files, lambda file: derivation.save(file, by_tex(file, tex)))
    if json:
        record = {
            "id": asked.id,
            "title": asked.title,
            "latex": derivation.latex(standalone=False),
            "check": {"holds": checked.holds, "reason": str(checked)},
        }
        answer(json, lambda: record, derivation.blocks)
    elif not output:
        put(derivation.latex(standalone=only is None))
    if checked.undecided or not checked.undisputed:
        print(f"{spec}: {checked}", file=sys.stderr)
    return int(not checked.undisputed) or missing or unwritten


def generic(
    widths: Sequence[int],
    activation: str,
    no_bias: bool,
    loss: str,
    examples: int,
    input_rank: int | None,
    seed: int | None,
    seconds: float,
    json: bool,
) -> int:
    """`hessrank generic`: the ranks at almost every point, of a network and random data. Where a
    seed is given the JSON is the same twice: time and memory are null in it."""
    from hessrank.reports.problems import of_generic
    from hessrank.reports.progress import track
    from hessrank.specs.places import located
    from hessrank.symbolic.models.layers import Network
    from hessrank.symbolic.modular.network_ranks import generic_ranks

    with located("hessrank generic"):
        net = Network(tuple(widths), activation, bias=not no_bias)
        [found] = [
            generic_ranks(net, D, input_rank, loss, seed or 0, seconds)
            for D in track([examples], "deciding")
        ]
    left_out = {} if seed is None else {"seconds": None, "peak_memory": None}
    return answer(json, lambda: found.to_json() | left_out, lambda: of_generic(found.to_json()))


def gallery(json: bool) -> int:
    """`hessrank gallery`: the ids of the built-in problems with their titles."""
    from hessrank.gallery import titles
    from hessrank.proofs.pages.blocks import Code

    found = titles()
    width = max(map(len, found))
    return answer(
        json,
        lambda: {"gallery": [{"id": entry, "title": title} for entry, title in found.items()]},
        lambda: [Code("\n".join(f"{entry:{width}}  {title}" for entry, title in found.items()))],
    )


def new(file: str, json: bool) -> int:
    """`hessrank new FILE`: a commented spec to start from."""
    from pathlib import Path

    from hessrank.proofs.pages.blocks import Text, literal
    from hessrank.proofs.writing import write
    from hessrank.specs.template import TEMPLATE

    if Path(file).exists():
        raise InputError(f"{file}: there is such a file already")
    write(file, TEMPLATE)
    next_step = f"{file}: written. Next: hessrank rank {file}, hessrank nearby {file}"
    return answer(json, lambda: {"written": file}, lambda: [Text(literal(next_step))])
