"""The commands about claims: list, settle, ask of a net, audit, refute.

In: options. Out: standard output and a status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hessrank.commands.answers import answer, put
from hessrank.symbolic.errors import InputError, counted

if TYPE_CHECKING:
    from hessrank.proofs.existence.nearby import Nearby
    from hessrank.specs.spec import Spec
    from hessrank.symbolic.problems.landscape import Landscape, Problem


def claims(
    claim: str | None,
    spec: str | None,
    all: bool,
    latex: bool,
    layer: int | None,
    split: str | None,
    test_inputs: str | None,
    nearby: bool,
    seconds: float,
    json: bool,
) -> int:
    """`hessrank claims [ID] [SPEC]`: the list, one claim settled, or what it says of a spec; with
    --all, what every claim says of SPEC, and the kernels of J and H explained; with --nearby, at
    the exact point beside it."""
    from hessrank import verification
    from hessrank.proofs.catalogue.pages import of_claim
    from hessrank.reports import claims as report
    from hessrank.reports.asked import same_number

    if all and spec is None:
        claim, spec = None, claim
    if all and (spec is None or claim is not None):
        raise InputError("expected one spec: hessrank claims --all SPEC", "claims")
    about = {"layer": layer, "split": split, "test-inputs": test_inputs}
    if spec is not None:
        return _on_spec(claim, spec, latex, about, nearby, seconds, json)
    for option, given in {**about, "latex": latex, "nearby": nearby}.items():
        if given:
            raise InputError(f"--{option} needs a spec: hessrank claims ID SPEC", "claims")
    if claim is None:
        return answer(
            json,
            lambda: {
                c.id: {"number": c.number, "title": c.title, "source": c.source}
                for c in verification.claims()
            },
            lambda: report.of_list(verification.claims()),
            seed=False,
        )
    settled = verification.settle_one(claim, seconds=seconds)
    return answer(
        json,
        lambda: verification.settled_json(settled),
        lambda: [
            *of_claim(settled),
            *same_number(claim, settled.claim),
            *report.of_replays(settled),
        ],
    )


def check(certificate: str, spec: str | None, json: bool) -> int:
    """`hessrank check FILE`: replays a certificate; of a claim file what `claims` says of it."""
    from hessrank.commands.certificates import replay
    from hessrank.specs.claim_file import is_claim
    from hessrank.symbolic.budget import SECONDS

    if is_claim(certificate):
        return claims(certificate, spec, False, False, None, None, None, False, SECONDS, json)
    return replay(certificate, spec, json)


def _on_spec(
    claim: str | None,
    source: str,
    latex: bool,
    about: dict[str, Any],
    nearby: bool,
    seconds: float,
    json: bool,
) -> int:
    from hessrank import verification
    from hessrank.reports import asked as report
    from hessrank.specs.places import located
    from hessrank.specs.spec import read_spec

    spec = read_spec(source)
    with spec.located():
        here = spec.landscape()
        at = beside(here, nearby, seconds)
    if at is not None and not at.exists:
        return answer(
            json,
            lambda: {"spec": spec.id, "nearby": at.to_json(), "claims": {}, "kernel": []},
            lambda: report.at_point(at),
        )
    here = here if at is None else at.landscape
    place = {} if at is None else {"nearby": at.to_json()}
    if latex:
        return put(verification.explain_kernel(here, seconds).latex())
    with located(source):
        parts = asked(about, spec)
        found = verification.claims_on(here, claim, **parts, seconds=seconds)
    if claim is not None:
        ((id, forms),) = found.items()
        return answer(
            json,
            lambda: {"claim": id, "spec": spec.id, **place, **verification.forms_json(forms)},
            lambda: [
                *report.of_one(verification.claim_named(claim), spec.id, forms),
                *report.same_number(claim, verification.claim_named(claim)),
                *report.at_point(at),
                *report.beside(here),
            ],
        )
    explained = verification.explain_kernel(here, seconds)
    return answer(
        json,
        lambda: {
            "spec": spec.id,
            **place,
            "claims": {id: verification.forms_json(forms) for id, forms in found.items()},
            **explained.to_json(),
        },
        lambda: [
            report.heading(spec.id, spec.title),
            report.of_net(spec.id, here),
            *report.at_point(at),
            *report.of_all(found),
            *explained.blocks(),
            *report.beside(here),
        ],
    )


def beside(here: Landscape, nearby: bool, seconds: float) -> Nearby | None:
    """What is certified beside θ, where it was asked for."""
    if not nearby:
        return None
    from hessrank.proofs.existence.nearby import nearby as look

    return look(here, seconds=seconds)


def asked(about: dict[str, Any], spec: Spec) -> dict[str, Any]:
    """The layer, split and further inputs that were named on the command line, else in the spec.

    Raises InputError that names the option.
    """
    split = [n.strip() for n in (about["split"] or "").split(",") if n.strip()]
    test = rows_of(about["test-inputs"], spec.problem)
    named = {"layer": about["layer"], "split": split, "test": test}
    return spec.about | {part: given for part, given in named.items() if given}


def rows_of(text: str | None, problem: Problem) -> list[list[str]]:
    """Further inputs such as "1,0;1/2,3". Raises InputError for rows of another length."""
    rows = []
    for row in (text or "").split(";"):
        cells = [c.strip() for c in row.split(",") if c.strip()]
        if not cells:
            continue
        if len(cells) != len(problem.model.inputs):
            raise InputError(
                f"expected rows of {counted(len(problem.model.inputs), 'number')}, "
                f"found {row.strip()!r}",
                "test-inputs",
            )
        rows.append(cells)
    return rows


def audit(claim: str, latex: bool, seconds: float, json: bool) -> int:
    """`hessrank audit ID`: which hypotheses are needed."""
    from hessrank import verification

    found = verification.audit(claim, seconds=seconds)
    if latex and not json:
        return put(found.latex())
    return answer(json, found.to_json, found.blocks)


def counterexample(
    claim: str,
    without: str | None,
    certificate: str | None,
    package: str | None,
    json: bool,
    **options: Any,
) -> int:
    """`hessrank counterexample ID [--without HYP]`: the smallest one, of which form, the spec that
    replays it, and how far the grammar of toy problems was gone through."""
    from hessrank import verification
    from hessrank.commands.certificates import of_finding
    from hessrank.proofs import writing
    from hessrank.proofs.pages.blocks import Text, literal
    from hessrank.reports.claims import of_counterexample

    if package is not None:
        writing.check_new_folder(package)
    given = {k: v for k, v in options.items() if v not in (None, False)}
    searched = verification.find_smallest(claim, without, **given)
    found = searched.finding
    form = verification.refuted_form(claim, without)
    what = f"{claim} ({form.replace('_', ' ')})" + (f" without {without}" if without else "")
    words = searched.sentence
    if found and (certificate or package):
        words += of_finding(found, what, certificate, package)
    elif certificate or package:
        words += " Nothing was written."
    return answer(
        json,
        lambda: {
            "claim": claim,
            "without": without,
            "form": form,
            "counterexample": found.to_json() if found else None,
            "spec": verification.replay(found) if found else None,
            "none_up_to": searched.none_up_to,
            "examined": searched.examined,
            "complete": searched.complete,
            "open_from": searched.open_from,
            "undecided": searched.undecided,
            "theorem": searched.theorem or None,
        },
        lambda: [*of_counterexample(found, what), Text(literal(words))],
    )


def predicates(json: bool) -> int:
    """`hessrank predicates`: each with its meaning and an entry of the gallery where it holds."""
    from hessrank.proofs.counterexamples.language import EXAMPLES, PREDICATES, QUANTITIES
    from hessrank.proofs.pages.blocks import literal, pairs

    return answer(
        json,
        lambda: {
            "predicates": {
                name: {"means": p.words, "example": EXAMPLES[name]}
                for name, p in PREDICATES.items()
            },
            "quantities": {name: {"means": words} for name, (_, words) in QUANTITIES.items()},
        },
        lambda: [
            pairs(
                [
                    (name, literal(f"{p.words} (holds on {EXAMPLES[name]})"))
                    for name, p in PREDICATES.items()
                ]
            ),
            pairs([(name, literal(words)) for name, (_, words) in QUANTITIES.items()]),
        ],
    )


def labels(spec: str, seconds: float, certificate: str | None, json: bool) -> int:
    """`hessrank labels SPEC`: the labels for which the point is a minimum with rank H ≠ rank J."""
    from hessrank.commands.certificates import written
    from hessrank.proofs.counterexamples.labels import labels_at
    from hessrank.proofs.statements.all_labels import labels_certificate
    from hessrank.reports.progress import track
    from hessrank.specs.spec import read_spec

    [asked] = track([read_spec(spec)], "deciding")
    with asked.located():
        found = labels_at(asked.landscape(), seconds)
        told, said = written(lambda: labels_certificate(found), certificate)
    return answer(json, lambda: found.to_json() | told, lambda: [*found.blocks(), *said])
