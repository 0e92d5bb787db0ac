"""`claims`, `audit` and `counterexample` agree on every claim, however little time they have."""

from __future__ import annotations

from hessrank.proofs.catalogue import CLAIMS
from hessrank.proofs.reasoning.audit import audit
from hessrank.proofs.reasoning.claim import HOLDING, Settled
from hessrank.proofs.reasoning.order import smallness
from hessrank.proofs.reasoning.statement import Outcome, Statement
from hessrank.symbolic.budget import decision
from hessrank.verification import find_smallest, gallery_instances, refuted_form

#: Seconds of processor time for a search: the claim's own instances, and what fits of the grammar.
CHEAP = 0.1


def test_the_counterexample_is_that_of_the_verdict(settled: dict[str, Settled]) -> None:
    """None where the form is proved; else at most as large as the one that refutes it, and of the
    same size the same: the grammar may know a smaller one."""
    for claim in CLAIMS:
        told = settled[claim.id].settlements.get(refuted_form(claim.id))
        if told is None or not isinstance(claim.stated, Statement):
            continue
        answer = find_smallest(claim.id, seconds=CHEAP)
        found = answer.finding
        assert (found is None) or told.verdict == "refuted", claim.id
        if told.verdict in HOLDING or found is None:
            assert told.verdict != "refuted" or not answer.complete, claim.id
            continue
        mine, its = smallness(found.subject), smallness(told.counterexamples[0].subject)
        assert found.outcome is Outcome.FAILS and mine <= its, claim.id
        assert mine < its or found.instance == told.counterexamples[0].instance, claim.id


def test_no_audit_is_empty_and_each_agrees_with_the_verdict(settled: dict[str, Settled]) -> None:
    """Of a form of which nothing can be dropped it names the instance that refutes it, or none."""
    for claim in CLAIMS:
        with decision(CHEAP):
            rows = audit(claim, gallery_instances(), search=False).rows
        assert rows and all(row.answer for row in rows), claim.id
        told = [
            settled[claim.id].settlements[name]
            for name, form in claim.forms.items()
            if form.statement is claim.provable
        ]
        whole = rows[0].question == "holds" and not rows[0].over_budget
        if told and whole and isinstance(claim.provable, Statement):
            first = rows[0].counterexample
            names = [f.instance for f in told[0].counterexamples[:1]]
            assert ([first.instance] if first else []) == names, claim.id
