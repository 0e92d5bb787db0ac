"""The claims at the face: check one, settle them all, audit, find a counterexample.

In: ids or numbers of claims, landscapes, nothing for the gallery. Out: `Finding`s, `Audit`s, and a
`Report` that holds every verdict with its evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from hessrank import gallery
from hessrank.proofs.catalogue import CLAIMS
from hessrank.proofs.catalogue import find as claim_called
from hessrank.proofs.catalogue.asking import Asked, Forms, Layer, ask, ask_all, subject_of
from hessrank.proofs.catalogue.kernel import Kernel, kernel
from hessrank.proofs.information_loss.cuts import Cut
from hessrank.proofs.pages.blocks import Block, Table, Text, literal
from hessrank.proofs.pages.shown import Shown
from hessrank.proofs.reasoning.audit import Audit
from hessrank.proofs.reasoning.audit import audit as audit_claim
from hessrank.proofs.reasoning.claim import Claim, Form, Settled, Settlement, settle_claim
from hessrank.proofs.reasoning.statement import Finding, Instance, open_on
from hessrank.proofs.searching.search import SECONDS, Found
from hessrank.record import record
from hessrank.specs.claim_file import read_claim, refuse_contradictions
from hessrank.specs.spec import read_spec
from hessrank.specs.writer import dumps
from hessrank.sweeps.searching import find, shrunk_from
from hessrank.sweeps.sweep import processes
from hessrank.symbolic import chance
from hessrank.symbolic.brief import Brief
from hessrank.symbolic.budget import SECONDS as BUDGET
from hessrank.symbolic.budget import decision, stopped
from hessrank.symbolic.errors import InputError, UndecidedError, require
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.problems.landscape import A_LANDSCAPE, Landscape

#: The forms of a claim.
FORMS = ("as_written", "strong", "best")


@lru_cache(maxsize=1)
def gallery_instances() -> tuple[Instance, ...]:
    """The gallery's landscapes, each evaluated once."""
    return tuple(Instance(entry, read_spec(entry).landscape()) for entry in gallery.ids())


def claims() -> tuple[Claim, ...]:
    """Every claim, in the order of the catalogue."""
    return CLAIMS


def claim_named(claim: str | int | Claim) -> Claim:
    """A claim of the catalogue by id or number, one's own, or that of a claim file."""
    if isinstance(claim, Claim):
        refuse_contradictions(getattr(claim.stated, "hypotheses", ()))
        return claim
    return read_claim(str(claim)) if str(claim).endswith(".toml") else claim_called(claim)


def check(
    claim: str | int | Claim, here: Landscape, form: str = "stated", seconds: float = BUDGET
) -> Finding:
    """What a claim says of one landscape: holds, fails, not-applicable or undecided.

    claim: id or number; form: "as_written", "strong" or "best"; "stated" is
    the strong form, else the one as written, and "repaired" the best; seconds: after which what is
    open stays undecided (docs/budgets.md). InputError for an unknown
    claim, and for a claim that is not about landscapes at a point.

    >>> import hessrank as hr
    >>> square = hr.Problem(hr.Model.from_expressions("t**2", "t"), hr.Data([[]], [[-1]]))
    >>> check("rank-equality", square.at({"t": 0})).outcome.value
    'fails'
    """
    found = claim_named(claim)
    require(here, (Landscape, Cut), A_LANDSCAPE, "here")
    if form not in (*FORMS, "stated", "repaired"):
        names = ", ".join(map(repr, (*FORMS, "stated", "repaired")))
        raise InputError(f"expected one of {names}, found {form!r}", "form")
    chosen = getattr(found, form)
    statement = chosen.statement if isinstance(chosen, Form) else chosen
    if statement is None:
        why = found.beyond or f"it has no {form} form"
        raise InputError(f"{found.id} cannot be checked: {why}", "claim")
    with decision(seconds):
        try:
            subject = here if isinstance(here, Cut) else subject_of(found, Asked(here))
        except (UndecidedError, TooLarge) as error:
            return open_on(Instance("here", here), str(error))
        return statement.on(Instance("here", subject))


def audit(claim: str | int | Claim, search: bool = True, seconds: float = BUDGET) -> Audit:
    """Which hypotheses of a claim are needed: for each the smallest counterexample when it is
    dropped, from the gallery or, with `search`, found among small problems; rows that `seconds` do
    not suffice for say so."""
    named, gallery = claim_named(claim), gallery_instances()
    with decision(seconds):
        return audit_claim(named, gallery, search)


def counterexample(
    claim: str | int | Claim, without: str | None = None, **options: Any
) -> Finding | None:
    """The smallest counterexample to a claim as stated, or to its repaired form without one of
    its hypotheses; its `subject` is the landscape. None where none was found.

    claim: id, number, a `Claim` of one's own or the path of a claim file; options: as in
    `find_smallest`, which also says how far the search came.

    >>> import hessrank as hr
    >>> strict = hr.Claim(hypotheses=[hr.predicate("strict-minimum")],
    ...                   conclusion=hr.predicate("rank H >= rank J"))
    >>> found = hr.counterexample(strict)
    >>> int(found.subject.rank("jacobian")), int(found.subject.rank("hessian"))
    (1, 0)
    """
    return find_smallest(claim, without, **options).finding


def find_smallest(
    claim: str | int | Claim,
    without: str | None = None,
    *,
    seconds: float = SECONDS,
    jobs: int = 1,
    into: str | Path | None = None,
    dask: str | None = None,
    **constraints: Any,
) -> Found:
    """The smallest counterexample under the user's constraints, over the gallery, the claim's own
    instances, small closed forms and the grammar of toy problems together; or none up to a size,
    with how many classes were examined; or the theorem that forbids one.

    seconds: the budget, of processor time of each process; jobs: processes; into: a file that keeps
    what is finished, so that the same search goes on where it was; dask: the address of a Dask
    scheduler whose workers do it. constraints: activation, loss (names, or several in a tuple),
    widths, overparameterised, scalar, layers, max_parameters, max_examples. Raises InputError.
    """
    named = claim_named(claim)
    return find(named, gallery_instances(), without, constraints, seconds, jobs, into, dask)


def shrink(
    claim: str | int | Claim,
    here: Landscape,
    without: str | None = None,
    *,
    seconds: float = SECONDS,
    **constraints: Any,
) -> Finding:
    """A smaller counterexample that moves from `here` reach: fewer parameters, fewer examples,
    simpler numbers, a simpler loss; the claim fails on it exactly.

    claim, without: as in `counterexample`; here: a landscape on which the claim fails; constraints:
    what the smaller one has to be. Raises InputError where the claim does not fail on `here`.

    >>> import hessrank as hr
    >>> large = hr.Model.from_expressions("s**2 + t**2", "s t")
    >>> found = shrink("rank-equality", hr.Problem(large, hr.Data([[]], [[-4]])).at([0, 0]))
    >>> found.subject.problem.N, str(found.subject.problem.data.y[0][0])
    (1, '-1')
    """
    return shrunk_from(claim_named(claim), gallery_instances(), here, without, constraints, seconds)


def refuted_form(claim: str | int | Claim, without: str | None = None) -> str:
    """Which form `counterexample` speaks of: the strong one, else the one as written; the best
    (or audited) one where a hypothesis is dropped."""
    found = claim_named(claim)
    if without is not None and found.provable is not found.stated:
        return "best"
    return "strong" if found.strong else "as_written"


def claims_on(
    here: Landscape,
    claim: str | int | Claim | None = None,
    layer: Layer | None = None,
    split: Sequence[str] = (),
    test: Sequence[Any] = (),
    seconds: float = BUDGET,
) -> dict[str, Forms]:
    """What the claims say of one landscape: by the claim's id its three forms, each with a Finding
    (None for a form that it does not have).

    claim: only this one (id, number, one's own, a claim file); layer: a hidden layer, or the
    closed forms of its activations, for claims about one; split: the
    parameters of the first of two modules; test: further inputs, a row each; seconds: for all of
    them together (docs/budgets.md). InputError where a
    claim that was named cannot speak of the landscape; among all claims it is not applicable.

    >>> import hessrank as hr
    >>> square = hr.Problem(hr.Model.from_expressions("t**2", "t"), hr.Data([[]], [[-1]]))
    >>> found = claims_on(square.at({"t": 0}), "rank-equality")["rank-equality"]
    >>> {form: finding.outcome.value for form, finding in found.items()}
    {'as_written': 'not-applicable', 'strong': 'fails', 'best': 'not-applicable'}
    """
    require(here, Landscape, A_LANDSCAPE, "here")
    asked = Asked(here, layer, tuple(split), tuple(test))
    asked.require()
    with decision(seconds):
        if claim is None:
            return ask_all(CLAIMS, asked)
        found = claim_named(claim)
        return {found.id: ask(found, asked)}


def explain_kernel(here: Landscape, seconds: float = BUDGET) -> Kernel:
    """Every direction of ker J and ker H named as what it is, as exact vectors that span, and how
    many are unexplained; what `seconds` do not suffice for is unknown, with that reason."""
    require(here, Landscape, A_LANDSCAPE, "here")
    with decision(seconds):
        return kernel(here)


def forms_json(forms: Forms) -> dict[str, Any]:
    """The three forms of a claim, each with outcome, reason and facts; null for one that is not."""
    return {
        name: None
        if finding is None
        else {
            "outcome": finding.outcome.value,
            "reason": finding.reason,
            "facts": {n: fact.to_json() for n, fact in finding.facts},
        }
        for name, finding in forms.items()
    }


@dataclass(frozen=True, repr=False)
class Report(Shown, Brief):
    """Every claim settled, and every entry of the gallery decided and measured."""

    gallery: dict[str, dict[str, Any]]
    claims: dict[str, Settled] = field(default_factory=dict)

    @property
    def agreement(self) -> bool:
        """False where exact and measured ranks contradict each other, or a proof its instances."""
        engines = all(r["agreement"] is not False for r in self.gallery.values())
        return engines and not any(s.contradictory for s in self.claims.values())

    @property
    def summary(self) -> str:
        """One line: how many claims ended how."""
        counts: dict[str, int] = {}
        for s in self.claims.values():
            counts[s.as_stated] = counts.get(s.as_stated, 0) + 1
        shown = ", ".join(f"{n} {verdict}" for verdict, n in counts.items())
        state = "the engines agree" if self.agreement else "THE ENGINES DISAGREE"
        return f"{len(self.claims)} claims: {shown}; {len(self.gallery)} landscapes: {state}"

    def to_json(self) -> dict[str, Any]:
        return {
            "gallery": self.gallery,
            "claims": {id: settled_json(s) for id, s in self.claims.items()},
            "summary": self.summary,
            "agreement": self.agreement,
        }

    def blocks(self) -> list[Block]:
        rows = [
            (s.claim.label, literal(s.claim.title), *(s.verdict(form) or "" for form in FORMS))
            for s in self.claims.values()
        ]
        columns = ("#", "claim", "as written", "strong reading", "best")
        return [Table(columns, tuple(rows), "rplll"), Text(self.summary)]


def verify(
    seed: int | None = 0,
    track: Callable[[Sequence[Any]], Iterable[Any]] = iter,
    seconds: float = BUDGET,
    jobs: int = 1,
) -> Report:
    """Settle every claim on the gallery and decide and measure each of its entries.

    seed: for the experiments of the empirical claims; None leaves them out; track: wraps the work
    list, for a progress bar; seconds: for each claim and for each entry (docs/budgets.md); jobs:
    processes (by joblib, the extra `sweep`), which change nothing in the answer.
    """
    ids = gallery.ids()
    work = [*((id, False) for id in ids), *((claim.id, True) for claim in CLAIMS)]
    one = partial(_settled_or_recorded, seed=seed, seconds=seconds, chosen=chance.seed())
    found: dict[tuple[str, bool], Any] = {}
    results = processes(one, work, jobs)
    for _ in track(work):
        if stopped():
            break
        item, result = next(results)
        found[item] = result
    records = {id: found[id, False] for id in ids if (id, False) in found}
    settled = {c.id: found[c.id, True] for c in CLAIMS if (c.id, True) in found}
    return Report(records, settled)


def _settled_or_recorded(
    item: tuple[str, bool], seed: int | None, seconds: float, chosen: int | None
) -> tuple[tuple[str, bool], Settled | dict[str, Any]]:
    """What `verify` finds of a claim (True) or of an entry, with the random choices of the seed
    `chosen`."""
    id, is_claim = item
    everywhere = gallery_instances()
    with chance.seeded(chosen), decision(seconds):
        if is_claim:
            return item, settle_claim(claim_called(id), everywhere, seed)
        here = next(i.subject for i in everywhere if i.id == id)
        return item, record(read_spec(id), here)


def settle_one(claim: str | int | Claim, seed: int | None = 0, seconds: float = BUDGET) -> Settled:
    """One claim, settled on the gallery and its own instances."""
    named, gallery = claim_named(claim), gallery_instances()
    with decision(seconds):
        return settle_claim(named, gallery, seed)


def settled_json(s: Settled) -> dict[str, Any]:
    """A settled claim with its evidence; each finding carries the spec that replays it."""
    claim = s.claim
    return {
        "number": claim.number,
        "title": claim.title,
        "source": claim.source,
        "says": claim.says,
        "quote": claim.quote or None,
        "as_written": s.verdict("as_written"),
        "strong": s.verdict("strong"),
        "best": s.verdict("best"),
        "as_stated": s.as_stated,
        "repaired": s.verdict("best"),
        "statement": claim.stated.words if claim.stated else None,
        "repaired_statement": claim.repaired.words if claim.repaired else None,
        "evidence": {
            **{form: _evidence(s.settlements.get(form)) for form in FORMS},
            "stated": _evidence(s.stated),
            "repaired": _evidence(s.repaired),
            "experiment": None if s.experiment is None else vars(s.experiment),
            "reason": claim.beyond or None,
            "reproduce": f"hessrank claims {claim.id}",
        },
        "settles": claim.settles or None,
    }


def _evidence(found: Settlement | None) -> dict[str, Any] | None:
    if found is None:
        return None
    shown = found.to_json()
    specs = {f.instance: replay(f) for f in (*found.counterexamples, *found.confirmations[:3])}
    return {**shown, "specs": {name: text for name, text in specs.items() if text}}


def replay(finding: Finding) -> str | None:
    """The spec text that replays a finding's landscape; None where its subject is none."""
    subject, title = finding.subject, finding.instance
    if isinstance(subject, Cut):
        return dumps(subject.here, title=f"{title}, seen at {subject.name}")
    if not isinstance(subject, Landscape):
        return None
    return dumps(subject, title=title)
