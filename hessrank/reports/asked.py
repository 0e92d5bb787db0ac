"""What claims say of a user's own landscape, as pages.

In: the findings of each form of each claim. Out: blocks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

from hessrank.numeric.measured_ranks import measured_rank
from hessrank.numeric.rank import NumericRank
from hessrank.numeric.slope import slope
from hessrank.proofs.catalogue import beside as beside_number
from hessrank.proofs.catalogue import find
from hessrank.proofs.catalogue.asking import PROOF, Forms
from hessrank.proofs.catalogue.pages import FORMS
from hessrank.proofs.existence.nearby import Nearby
from hessrank.proofs.facts.landscape_facts import critical_point
from hessrank.proofs.pages.blocks import Block, Cell, Heading, Mark, Table, Text, Tone, literal
from hessrank.proofs.reasoning.claim import Claim
from hessrank.proofs.reasoning.statement import Finding, Outcome, Statement
from hessrank.proofs.reasoning.truth import Truth
from hessrank.reports.claims import facts
from hessrank.symbolic.errors import HessrankError, counted
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.problems.landscape import Landscape

TONES: dict[Outcome, Tone] = {
    Outcome.HOLDS: "yes",
    Outcome.FAILS: "no",
    Outcome.NOT_APPLICABLE: "quiet",
    Outcome.UNDECIDED: "open",
}


def of_one(claim: Claim, spec: str, forms: Forms) -> list[Block]:
    """One claim on one landscape: each form with its outcome, reason and facts."""
    shown: list[Block] = [Heading(literal(f"{claim.label}. {claim.title}, asked of {spec}"))]
    for name, finding in forms.items():
        if finding is None:
            continue
        words = literal(claim.forms[name].statement.words) if name in claim.forms else ""
        lead = f"{FORMS[name]}: {_outcome(finding)}" + ("." if words else "")
        shown += [Text(words, lead), facts(finding)]
    return shown


def same_number(named: str, claim: Claim) -> list[Block]:
    """That a number is that of further claims, where a claim was called by it."""
    others = [c.id for c in beside_number(claim)] if named == str(claim.number) else []
    words = f"{named} is also the number of {' and '.join(others)}."
    return [Text(literal(words), tone="quiet")] if others else []


def heading(id: str, title: str) -> Heading:
    """Of which net the claims are asked."""
    return Heading(literal(f"What the claims say of {title or id}"))


def of_net(id: str, here: Landscape) -> Text:
    """Its sizes and ranks."""
    N, M = here.problem.N, here.problem.M
    sizes = f"{id}: N = {N}, M = {M}, {here.problem.loss.name}"
    with suppress(HessrankError, TooLarge):
        J, H = here.rank("jacobian"), here.rank("hessian")
        sizes += f"; rank J = {J.shown}, rank H = {H.shown}"
    return Text(literal(f"{sizes}."))


def of_all(found: Mapping[str, Forms]) -> list[Block]:
    """Every claim on one landscape: a row for each that applies, the others by the hypotheses that
    fail."""
    rows: list[tuple[Cell, ...]] = []
    quiet: dict[str, list[str]] = {}
    for id, forms in found.items():
        claim = find(id)
        outcomes = [f.outcome for f in forms.values() if f is not None]
        if all(o is Outcome.NOT_APPLICABLE for o in outcomes):
            name = id if claim.label == id else f"{claim.label} {id}"
            quiet.setdefault(_not_given(claim, forms), []).append(name)
            continue
        cells = [_outcome(f) if f is not None else "" for f in forms.values()]
        rows.append((claim.label, literal(claim.title), *cells, literal(_reason(claim, forms))))
    counts = Counter(f.outcome for forms in found.values() for f in forms.values() if f)
    shown = ", ".join(f"{words} {counts[o]}" for o, words in _COUNTED.items() if counts[o])
    order = sorted(quiet, key=lambda why: why == ELSEWHERE)
    missing = [(literal(why), literal(", ".join(quiet[why]))) for why in order]
    return [
        Table(("#", "claim", "written", "strong", "best", "why"), tuple(rows), "rplllp"),
        Text(f"{counted(len(found), 'claim')}. Forms: {shown}."),
        Text(
            "hessrank claims ID SPEC names the other hypotheses with the numbers behind them.",
            "Not applicable.",
        ),
        Table(("what is not given", "claims"), tuple(missing), "pp"),
    ]


#: Outcomes as they are counted.
_COUNTED = {
    Outcome.HOLDS: "holds",
    Outcome.FAILS: "fails",
    Outcome.UNDECIDED: "undecided",
    Outcome.NOT_APPLICABLE: "not applicable",
}
ELSEWHERE = "none: the claim speaks of no landscape at a point"


def _not_given(claim: Claim, forms: Forms) -> str:
    """What fails of the hypotheses of a claim that does not apply, in its best form."""
    name, finding = [(n, f) for n, f in forms.items() if f is not None][-1]
    words = _words(claim, name)
    failing = [(p, fact) for p, fact in finding.facts if fact.truth is Truth.FALSE]
    if any(fact.reason.startswith(f"{claim.id} ") for _, fact in failing):
        return ELSEWHERE
    return "; ".join(words.get(p, fact.reason) for p, fact in failing)


def at_point(at: Nearby | None) -> list[Block]:
    """At which point the claims were asked, where it is not θ: the exact one beside it."""
    if at is None:
        return []
    if not at.exists:
        words = (
            "No exact point was certified near θ, so no claim was asked there: "
            f"{at.why}. Without --nearby the claims are asked of θ itself."
        )
        return [Text(literal(words), tone="open")]
    what = {"fit": "fit (r = 0)", "critical": "critical point (∇L = 0)"}[str(at.kind)]
    J, H = at.rank_jacobian, at.rank_hessian
    ranks = f"; rank J = {J.shown}, rank H = {H.shown}" if J and H else ""
    where = f"the exact {what} within {at.distance} of θ{ranks}; {at.point}"
    if at.exactly is None:
        where += (
            ". Of its coordinates a box is known and no closed form: what neither follows from "
            "r or ∇L being 0 there nor shows itself in the box is undecided"
        )
    return [Text(literal(f"Asked at {where}."))]


def beside(here: Landscape) -> list[Block]:
    """Where θ is near a critical point and is none: that the claims were asked of θ itself. A
    hypothesis such as r = 0 fails at every trained point whose digits were rounded."""
    with suppress(HessrankError, TooLarge):
        if critical_point(here).truth is Truth.TRUE:
            return []
        steep, measured = slope(here), measured_rank(here, "hessian")
        if isinstance(measured, NumericRank) and steep.near(
            max(measured.singular_values, default=0.0)
        ):
            words = (
                f"θ is not critical, but ‖∇L‖ = {steep.gradient:.0e}: the claims were asked of θ "
                "itself. With --nearby they are asked at the exact point beside it."
            )
            return [Text(literal(words), tone="open")]
    return []


def _outcome(finding: Finding) -> Mark:
    shown = finding.outcome.value
    return Mark({"not-applicable": "n/a"}.get(shown, shown), TONES[finding.outcome])


def _reason(claim: Claim, forms: Forms) -> str:
    """The reason of the form that tells most; for one that is undecided, what is not known."""
    order = (Outcome.FAILS, Outcome.HOLDS, Outcome.UNDECIDED, Outcome.NOT_APPLICABLE)
    told = {name: f for name, f in forms.items() if f is not None}
    if not told:
        return ""
    name = min(told, key=lambda name: order.index(told[name].outcome))
    finding = told[name]
    if finding.facts[-1][0] == PROOF:
        return f"{_words(claim, name)[finding.facts[-2][0]]}, by its proof (hessrank claims ID)"
    if finding.outcome is not Outcome.UNDECIDED:
        return finding.facts[-1][1].reason
    property, fact = finding.facts[-1]
    words = _words(claim, name).get(property)
    if not words:
        return fact.reason
    plain = words.removeprefix("not (").removesuffix(")") if words.startswith("not (") else words
    return f"whether {plain} is open: {fact.reason}"


def _words(claim: Claim, form: str) -> dict[str, str]:
    """The properties of a form in words, by their names."""
    statement = claim.forms[form].statement if form in claim.forms else None
    if isinstance(statement, Statement):
        return {p.name: p.words for p in (*statement.hypotheses, statement.conclusion)}
    return {p.name: p.words for p in statement.properties} if statement else {}
