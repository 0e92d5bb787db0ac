"""The commands about certificates: written and replayed.

In: options. Out: files where asked for, standard output, and a status.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from hessrank.commands.answers import answer
from hessrank.symbolic.errors import InputError

if TYPE_CHECKING:
    from hessrank.proofs.critical_points.findings import CriticalPoints
    from hessrank.proofs.pages.blocks import Block
    from hessrank.proofs.reasoning.claim import Finding
    from hessrank.specs.spec import Spec
    from hessrank.symbolic.problems.landscape import Problem

#: What the JSON record and the page say beside the answer.
Told: TypeAlias = "tuple[dict[str, Any], list[Block]]"


def written(make: Callable[[], Any], path: str | None) -> Told:
    """The certificate that `make` gives into a file. Where there is none nothing is written, and
    the answer is told with the reason; the status is 0 all the same."""
    from json import dumps

    from hessrank.proofs import writing
    from hessrank.proofs.pages.blocks import Text, literal

    if path is None:
        return {}, []
    try:
        made = make()
    except InputError as error:
        words = f"There is no certificate, and {path} was not written: {error}."
        return {"certificate": None, "no_certificate": str(error)}, [Text(literal(words))]
    writing.write(path, dumps(made, ensure_ascii=False))
    return {"certificate": path, "no_certificate": None}, []


def of_rank(spec: Spec, name: str) -> Any:
    """A certificate of the rank of one matrix, that stands in it."""
    from hessrank.proofs.certificates import checked_rank

    matrix = spec.landscape().matrix(name)
    if not matrix.is_rational:
        raise InputError(f"a certificate needs rational entries, and {name} has others here")
    return checked_rank(matrix.exact().fractions())[1]


def write_points(problem: Problem, found: CriticalPoints, path: str) -> None:
    """A certificate of each real critical point that was found, into a new folder."""
    from json import dumps

    from hessrank.proofs import writing
    from hessrank.proofs.critical_points.polynomials import polynomial_landscape
    from hessrank.proofs.statements.algebraic import point_certificates

    made = point_certificates(polynomial_landscape(problem), found)
    files = {f"{name}.json": dumps(made[name], ensure_ascii=False) for name in made}
    writing.write_folder(path, files)


def of_finding(finding: Finding, what: str, certificate: str | None, package: str | None) -> str:
    """Writes the certificate and the package of a counterexample; what could not be made."""
    from hessrank.proofs import writing
    from hessrank.proofs.pages.blocks import literal
    from hessrank.proofs.statements.package import package as files_of
    from hessrank.proofs.statements.statement import statement_certificate
    from hessrank.reports.claims import facts
    from hessrank.symbolic.problems.landscape import Landscape
    from hessrank.verification import replay

    here, spec = finding.subject, replay(finding)
    if not isinstance(here, Landscape) or spec is None:
        option = "--package" if package else "--certificate"
        raise InputError(f"{option}: this counterexample is no problem with a point")
    told, _ = written(lambda: statement_certificate(here), certificate)
    why = told.get("no_certificate")
    words = f" There is no certificate: {why}." if why else ""
    if package is None:
        return words
    title = literal(f"A counterexample to {what}")
    files, missing = files_of(here, spec, title, [facts(finding)])
    writing.write_folder(package, files)
    return words + "".join(f" Not in the package: {line}." for line in missing)


def replay(certificate: str, spec: str | None, json: bool) -> int:
    """`hessrank check CERTIFICATE`: 0 accepted, 1 refused."""
    from pathlib import Path

    from hessrank.proofs import checker
    from hessrank.proofs.pages.blocks import Code

    try:
        read = checker.read(Path(certificate))
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{certificate}: cannot be read: {reason}") from None
    refusal, statement = None, None
    try:
        if spec is not None:
            _same_problem(read, certificate, spec)
        statement = checker.prove(read)
    except checker.Foreign as error:
        raise InputError(f"{certificate}: {error}") from None
    except checker.Refused as error:
        refusal = str(error)
    said = f"accepted: {statement}" if refusal is None else f"refused: {refusal}"
    answer(
        json,
        lambda: {
            "certificate": certificate,
            "accepted": refusal is None,
            "reason": refusal,
            "statement": statement,
            "recomputed": checker.recomputed(read),
        },
        lambda: [Code(f"{certificate}: {said}")],
    )
    return int(refusal is not None)


def _same_problem(certificate: Any, name: str, path: str) -> None:
    """InputError where the certificate is not about the problem and the point of the spec."""
    from hessrank.proofs.statements.problem import problem_json
    from hessrank.specs.spec import read_spec

    spec = read_spec(path)
    with spec.located():
        wanted = problem_json(spec.landscape())
    if not isinstance(certificate, dict) or certificate.get("problem") != wanted:
        raise InputError(f"{name}: problem: expected that of {path}, found another")
