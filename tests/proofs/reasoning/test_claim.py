"""Claims, settlements and audits with numbers as subjects: the verdict as a table on (proved,
refuted), and which properties of a number a statement about numbers needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from hessrank.proofs.pages.blocks import Heading, Table, Text
from hessrank.proofs.reasoning.audit import Row, audit, first_failure, needed
from hessrank.proofs.reasoning.claim import (
    Claim,
    Experiment,
    Form,
    Settled,
    Settlement,
    Step,
    proved,
    settle,
    settle_claim,
)
from hessrank.proofs.reasoning.statement import (
    Existence,
    Finding,
    Instance,
    Outcome,
    Predicate,
    Statement,
)
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.budget import OVER, budget
from hessrank.symbolic.errors import InputError, UndecidedError
from hessrank.symbolic.fields.polynomials import TooLarge

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNDECIDED


def about(name: str, holds: Any, setting: bool = False) -> Predicate:
    return Predicate(
        name, f"it is {name}", lambda n: Fact(Truth.of(holds(n)), f"{n}"), setting=setting
    )


EVEN = about("even", lambda n: n % 2 == 0)
POSITIVE = about("positive", lambda n: n > 0)
SMALL = about("small", lambda n: abs(n) < 4)
PRIME = about("prime", lambda n: n in (2, 3, 5, 7))
WHOLE = about("whole", lambda n: n == int(n), setting=True)
OPEN = about("open", lambda n: None)


def numbers(*values: int) -> list[Instance]:
    return [Instance(f"n{v}", v) for v in values]


def names(findings: Sequence[Finding]) -> list[str]:
    return [f.instance for f in findings]


# --- proofs and verdicts --------------------------------------------------------------------------


def fails(error: Exception) -> Any:
    raise error


def test_a_step_is_checked_or_cites_or_says_nothing() -> None:
    assert Step("a", lambda: Fact(F, "no"), cites="Gauss").run() == Fact(F, "no")
    assert Step("a", cites="Gauss").run() == Fact(T, "cited: Gauss")
    assert Step("a").run() == Fact(U, "neither checked nor cited")
    for error in (UndecidedError("too little"), TooLarge("too much")):
        assert Step("a", lambda error=error: fails(error)).run() == Fact(U, str(error))


CHECKED, CITED = Step("c", lambda: Fact(T, "checked")), Step("t", cites="Euler")
VERDICTS = [
    # statement, proof, verdict
    (Statement((POSITIVE,), SMALL), (), "refuted"),
    (Statement((POSITIVE,), SMALL), (CHECKED,), "contradiction"),
    (Statement((POSITIVE,), SMALL), (CITED,), "contradiction"),
    (Statement((SMALL,), SMALL), (), "open"),
    (Statement((SMALL,), SMALL), (CHECKED,), "true"),
    (Statement((SMALL,), SMALL), (CITED,), "cited"),
    (Statement((SMALL,), SMALL), (CITED, CHECKED), "true"),
    (Statement((SMALL,), SMALL), (CHECKED, Step("gap")), "open"),
    (Statement((SMALL,), SMALL), (CITED, Step("no", lambda: Fact(F, ""))), "open"),
    (Existence((POSITIVE, EVEN)), (), "true"),
    (Existence((PRIME, about("nothing", lambda n: False))), (CHECKED,), "open"),
]


@pytest.mark.parametrize(("statement", "proof", "verdict"), VERDICTS)
def test_the_verdict_is_a_table(
    statement: Statement | Existence, proof: tuple[Step, ...], verdict: str
) -> None:
    found = settle(statement, numbers(1, 5, 2, -7, 6), proof)
    assert found.verdict == verdict
    assert [words for words, _ in found.proof] == [s.words for s in proof]
    assert found.cites == tuple(s.cites for s in proof if s.cites)
    assert found.witnessed is isinstance(statement, Existence)
    if isinstance(statement, Statement):
        assert proved(Form(statement, proof)) is (verdict in ("true", "cited", "contradiction"))


def test_findings_are_sorted_by_their_subjects() -> None:
    """By the height of the number: 6 and −7 after 5, however they were given."""
    found = settle(Statement((WHOLE,), SMALL), numbers(6, 2, -7, 1, 5, 3))
    assert names(found.counterexamples) == ["n5", "n6", "n-7"]
    assert names(found.confirmations) == ["n1", "n2", "n3"] and found.tried == 6
    assert found.undecided == ()
    undecided = settle(Statement((OPEN,), SMALL), numbers(2, 1))
    assert names(undecided.undecided) == ["n1", "n2"] and undecided.tried == 0
    other = settle(Statement((EVEN,), SMALL), numbers(1, 2, 6))
    assert other.tried == 2  # to 1 it does not apply


def test_what_a_budget_does_not_reach_is_undecided() -> None:
    with budget(-1):
        found = settle(Statement((), SMALL), numbers(1, 5))
    assert names(found.undecided) == ["n1", "n5"] and found.verdict == "open"
    assert {f.reason for f in found.undecided} == {f"computed: {OVER}"}
    assert found.summary.startswith("open") and found.summary.endswith("over budget on 2")
    assert "budget" not in settle(Statement((OPEN,), SMALL), numbers(1)).summary


def test_summaries() -> None:
    """The verdict first, then the instance or the theorems and the number that it rests on."""
    below, agrees = Statement((POSITIVE,), SMALL), Statement((SMALL,), SMALL)
    both = (CHECKED, CITED, Step("s", cites="Abel"))
    for found, begins, holds in (
        (settle(below, numbers(6, 5)), "refuted", ["n5"]),
        (settle(below, numbers(6, 5), (CHECKED,)), "CONTRADICTION", ["n5"]),
        (settle(agrees, numbers(1, 2), (CHECKED,)), "true", ["(2 "]),
        (settle(agrees, numbers(1), both), "true", ["Euler; Abel", "(1 "]),
        (settle(agrees, numbers(9), (CITED,)), "cited", ["Euler", "(0 "]),
        (settle(agrees, numbers(1, 2)), "open", [" 2 "]),
        (settle(Existence((EVEN,)), numbers(4, 2)), "true", ["n2"]),
    ):
        assert found.summary.startswith(begins) and all(h in found.summary for h in holds)
        assert ("resting on" in found.summary) is bool(found.cites)
        assert "n6" not in found.summary and "n4" not in found.summary


def test_a_settlement_in_json() -> None:
    found = settle(Statement((POSITIVE,), SMALL), numbers(5, 1), (CHECKED, CITED))
    told = found.to_json()
    assert told == {
        "verdict": "contradiction",
        "summary": found.summary,
        "counterexamples": [found.counterexamples[0].to_json()],
        "confirmed_on": ["n1"],
        "undecided_on": [],
        "proof": [
            {"step": "c", "value": True, "reason": "checked"},
            {"step": "t", "value": True, "reason": "cited: Euler"},
        ],
        "cites": ["Euler"],
    }
    assert settle(Statement((OPEN,), SMALL), numbers(1)).to_json()["undecided_on"] == ["n1"]


# --- claims ---------------------------------------------------------------------------------------

A, B, C = (Statement((), p) for p in (EVEN, SMALL, PRIME))


def test_forms_of_a_claim() -> None:
    forms = {"as_written": Form(A), "strong": Form(B), "best": Form(C)}
    whole = Claim(**forms)  # type: ignore[arg-type]
    assert whole.forms == forms and list(whole.forms) == list(forms)
    assert (whole.stated, whole.repaired, whole.provable) == (B, C, C)
    plain = Claim(as_written=Form(A))
    assert (plain.stated, plain.repaired, plain.provable) == (A, None, A)
    theorem = Claim(best=Form(C))
    assert (theorem.stated, theorem.repaired, theorem.provable) == (C, C, C)
    audited = Claim(as_written=Form(A), best=Form(C), audited=B)
    assert audited.provable == B and Claim().stated is Claim().provable is None
    assert (Claim(id="x", number=7).label, Claim(id="x").label) == ("7", "x")


def test_claims_of_ones_own() -> None:
    own = Claim(hypotheses=[POSITIVE], conclusion=EVEN)
    assert own.stated == Statement((POSITIVE,), EVEN) and own.id == own.label == "own"
    assert own.title == "If it is positive, then it is even." and own.number == 0
    assert Claim(title="mine", conclusion=EVEN).title == "mine"
    bad: list[dict[str, Any]] = [{"conclusion": "even"}, {"hypotheses": [EVEN, 3]}]
    for given in bad:
        with pytest.raises(InputError, match="expected a predicate, found") as error:
            Claim(**given)
        assert error.value.key == "claim"


def test_instances_of_a_claim_come_first_and_once() -> None:
    own = [Instance("a", 1), Instance("b", 2), Instance("a", 3)]
    gallery = [Instance("c", 4), Instance("a", 5)]
    claim = Claim(examples=lambda: own)
    assert {i.id: i.subject for i in claim.instances(gallery)} == {"a": 1, "b": 2, "c": 4}
    assert len(claim.instances(gallery)) == 3
    alone = Claim(examples=lambda: own, over_gallery=False)
    assert sorted(i.id for i in alone.instances(gallery)) == ["a", "b"]
    claim = Claim(examples=lambda: own[:2])
    assert [i.id for i in claim.instances(gallery[:1])] == ["a", "b", "c"]
    assert [i.subject for i in Claim().instances(gallery)] == [4, 5]


def measure(seed: int) -> Experiment:
    return Experiment("how many?", "many", {"many": 3}, seed, "count")


@pytest.mark.parametrize(
    ("change", "words", "as_stated"),
    [
        ({"as_written": Form(A)}, ("refuted", None, None), "refuted"),
        ({"as_written": Form(A), "strong": Form(B)}, ("refuted", "open", None), "open"),
        ({"as_written": Form(B), "best": Form(A)}, ("open", None, "refuted"), "open"),
        ({"best": Form(B)}, (None, None, "open"), "open"),
        ({"experiment": measure}, ("empirical", None, None), "empirical"),
        ({"experiment": measure, "best": Form(B)}, ("empirical", None, "open"), "empirical"),
        ({"experiment": measure, "worked": True, "best": Form(B)}, (None, None, "open"), "open"),
        ({"beyond": "it is taste"}, ("not computed", None, None), "not computed"),
        ({}, (None, None, None), ""),
    ],
)
def test_a_settled_claim(change: Any, words: tuple[str | None, ...], as_stated: str) -> None:
    claim = Claim(**change)
    found = settle_claim(claim, numbers(1, 2))
    assert tuple(found.verdict(f) for f in ("as_written", "strong", "best")) == words
    assert found.as_stated == as_stated and not found.contradictory
    assert list(found.settlements) == list(claim.forms) and found.repaired is found.best
    if "strong" in change:
        assert found.stated is found.strong
    elif "as_written" in change:
        assert found.stated is found.as_written
    else:
        assert found.stated is (None if words[0] else found.best)
    assert found.experiment == (measure(0) if "experiment" in change else None)


def test_the_seed_of_an_experiment() -> None:
    claim = Claim(experiment=measure)
    assert settle_claim(claim, [], seed=5).experiment == measure(5)
    assert settle_claim(claim, [], seed=None).experiment is None


@pytest.mark.parametrize("form", ["as_written", "strong", "best"])
def test_a_contradiction_in_any_form(form: str) -> None:
    change: Any = {form: Form(A, (CHECKED,))}
    assert settle_claim(Claim(**change), numbers(1)).contradictory
    assert not settle_claim(Claim(**change), numbers(2)).contradictory


# --- audits ---------------------------------------------------------------------------------------

#: Positive, even and small whole numbers are prime: only 2 is one.
CLAIM = Claim(
    id="primes",
    title="Only 2",
    hypotheses=[WHOLE, POSITIVE, EVEN, SMALL],
    conclusion=PRIME,
    considered=(about("below 3", lambda n: n < 3),),
    over_gallery=False,
    examples=lambda: numbers(8, 4, 2, 1, 0, -2, 3, -9),
)


def rows() -> dict[tuple[str, str, tuple[str, ...]], Row]:
    return {(r.hypothesis.name, r.question, r.dropped): r for r in audit(CLAIM, []).rows}


def test_what_a_statement_about_primes_needs() -> None:
    found = rows()
    answers = {key: r.answer for key, r in found.items()}
    assert answers == {
        # without `positive`: 0 and −2, the smaller by height; the two have heights 1 and 2
        ("positive", "needed", ("positive",)): "needed: n0",
        ("even", "needed", ("even",)): "needed: n1",
        ("small", "needed", ("small",)): "needed: n4",
        ("below 3", "enough", ("positive",)): "not enough in place of positive: n0",
        ("below 3", "enough", ("even",)): "not enough in place of even: n1",
        ("below 3", "enough", ("small",)): "no counterexample in place of small (1 tried)",
        ("below 3", "needed", ("below 3",)): "not needed on everything tried (0 instances)",
    }
    assert [r.tried for r in found.values()] == [1, 1, 2, 1, 1, 1, 0]


def test_a_hypothesis_that_others_imply_falls_with_as_few_as_possible() -> None:
    """Prime and above 6 and odd ⇒ above 4: `above 6` implies the conclusion, as does `is 7`."""
    six, seven = about("above 6", lambda n: n > 6), about("is 7", lambda n: n == 7)
    statement = Statement((PRIME, six, seven), about("above 4", lambda n: n > 4))
    instances = numbers(1, 2, 3, 5, 7)
    found = needed(statement, six, [PRIME, six, seven], instances)
    assert found.dropped == ("above 6", "is 7") and found.tried == 1
    assert found.answer == "needed once is 7 is dropped too: n2"
    none = needed(statement, six, [PRIME, six], instances)
    assert (none.counterexample, none.tried, none.dropped) == (None, 1, ("above 6",))
    assert none.answer == "not needed on everything tried (1 instance)"
    # a counterexample that does not violate the hypothesis does not speak against it
    assert needed(statement, PRIME, [PRIME, six, seven], numbers(2, 3)).counterexample is None
    three = needed(statement, PRIME, [PRIME, six, seven], numbers(2, 3, 1))
    assert three.dropped == ("prime", "above 6", "is 7") and three.tried == 3
    assert three.answer == "needed once above 6 and is 7 is dropped too: n1"


def test_the_first_failure_and_how_many_were_tried() -> None:
    statement = Statement((POSITIVE,), SMALL)
    finding, tried = first_failure(statement, numbers(-1, 1, 2, 5, 6))
    assert finding is not None and (finding.instance, tried) == ("n5", 3)
    finding, tried = first_failure(statement, numbers(1, 5, 6, 7, 8), PRIME)
    assert finding is not None and (finding.instance, tried) == ("n6", 3)
    assert first_failure(statement, numbers(1, 2, -4)) == (None, 2)
    assert first_failure(Statement((), OPEN), numbers(1, 2)) == (None, 0)
    with budget(-1):
        assert first_failure(statement, numbers(5)) == (None, 0)


def test_out_of_time_an_audit_says_so() -> None:
    with budget(-1):
        found = audit(CLAIM, [])
        whole = audit(Claim(conclusion=SMALL, over_gallery=False, examples=lambda: numbers(5)), [])
    words = "undecided, over budget: no counterexample among 0 instances"
    assert [r.hypothesis.name for r in found.rows] == [
        *("positive", "even", "small"),
        *["below 3"] * 4,
    ]
    assert {r.answer for r in found.rows} == {words} == {whole.rows[0].answer}
    known = Row(SMALL, ("small",), Finding("n5", Outcome.FAILS, (("a", Fact(T, "")),)), 1)
    late = Row(SMALL, ("small",), known.counterexample, 1, over_budget=True)
    assert late.answer == known.answer == "needed: n5"


def test_of_a_statement_without_hypotheses_nothing_can_be_dropped() -> None:
    holds = "nothing to drop; it holds on everything that it applies to (2 instances)"
    for values, answer in (((1, 2), holds), ((1, 5), "fails: n5")):
        claim = Claim(hypotheses=[WHOLE], conclusion=SMALL, over_gallery=False,
                      examples=lambda values=values: numbers(*values))  # fmt: skip
        (row,) = audit(claim, []).rows
        assert (row.answer, row.hypothesis, row.question) == (answer, SMALL, "holds")
        assert row.tried == 2 and row.dropped == ()


def test_audits_of_what_is_no_implication() -> None:
    exists = Form(Existence((EVEN, POSITIVE)))
    for values, note in (((1, 4, 2), "it says that a case exists: n2"), ((1,), "no case is known")):
        claim = Claim(best=exists, over_gallery=False, examples=lambda v=values: numbers(*v))
        (row,) = audit(claim, []).rows
        assert row.answer == f"nothing to drop; {note}" and row.hypothesis.name == "a case"
        assert row.hypothesis.words == "it is even and it is positive"
    with budget(-1):
        late = Claim(best=exists, over_gallery=False, examples=lambda: numbers(2))
        assert audit(late, []).rows[0].note == "no case is known"
    (row,) = audit(Claim(id="m", title="how", experiment=measure), []).rows
    assert row.note == "an experiment answers it: hessrank claims m"
    assert (row.hypothesis.name, row.hypothesis.words) == ("measured", "how")
    (row,) = audit(Claim(title="taste", beyond="a matter of taste"), []).rows
    assert row.note == "not settled by computation: a matter of taste"
    assert (row.hypothesis.name, row.hypothesis.words) == ("not computed", "taste")
    assert row.hypothesis(3).truth is U and (row.tried, row.question) == (0, "holds")


def test_an_audit_on_a_page_and_in_json() -> None:
    found = audit(CLAIM, [])
    assert repr(found).startswith("Audit(primes; positive: needed: n0; even: needed: n1; ")
    head, words, table = found.blocks()
    assert isinstance(head, Heading) and head.text == "Only 2 (primes)"
    assert isinstance(words, Text) and words.text == CLAIM.provable.words  # type: ignore[union-attr]
    assert isinstance(table, Table) and len(table.rows) == 7 and table.align == "ppp"
    assert table.columns == (
        "property",
        "without it, or in another's place",
        "what happens there",
    )
    assert table.rows[0] == (
        "positive",
        "needed: n0",
        "prime: 0",
    )
    assert table.rows[5][2] == ""
    told = found.to_json()
    assert (told["claim"], told["statement"]) == ("primes", CLAIM.provable.words)  # type: ignore[union-attr]
    first, *_, last = told["rows"]  # type: ignore[misc]
    assert first == {
        "property": "positive",
        "words": "it is positive",
        "question": "needed",
        "dropped": ["positive"],
        "answer": "needed: n0",
        "counterexample": found.rows[0].counterexample.to_json(),  # type: ignore[union-attr]
        "tried": 1,
        "over_budget": False,
    }
    assert last["counterexample"] is None and last["property"] == "below 3"


def test_small_problems_join_where_the_gallery_does() -> None:
    """F = s, y = 0 at s = 0 is the smallest landscape; a claim of its own objects sees none."""
    nothing = Predicate("nothing", "nothing is so", lambda s: Fact(F, "no"))
    claim = Claim(conclusion=nothing)
    finding = audit(claim, []).rows[0].counterexample
    assert finding is not None and finding.subject.problem.N == finding.subject.problem.M == 1
    assert audit(claim, [], search=False).rows[0].counterexample is None
    own = Claim(conclusion=nothing, over_gallery=False)
    assert audit(own, []).rows[0].counterexample is None
    (row,) = audit(claim, numbers(5, 3), search=False).rows
    assert row.answer == "fails: n3"


def test_settlements_and_claims_are_shown_briefly() -> None:
    found = Settlement("open", (), (), (), (), ())
    assert found.tried == 0 and Settled(Claim(), None, found, None).stated is found
