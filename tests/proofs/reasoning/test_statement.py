"""Truth, facts, predicates and statements on numbers as subjects: tables of three-valued logic
(Kleene 1938), and every way a statement can end on an instance."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from hessrank.proofs.pages.blocks import Table, Text
from hessrank.proofs.reasoning.statement import (
    Existence,
    Finding,
    Instance,
    Outcome,
    Predicate,
    Statement,
    open_on,
)
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import DomainError, KinkError, UndecidedError
from hessrank.symbolic.fields.polynomials import TooLarge

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNDECIDED
TESTS = {"even": lambda n: n % 2 == 0, "small": lambda n: n < 10}
PAIRS = list(itertools.product(Truth, repeat=2))
ORDER = {F: 0, U: 1, T: 2}  # Kleene: "and" is the minimum, "or" the maximum


def asks(name: str, answer: Any, **more: Any) -> Predicate:
    """A property with one answer, or with an error for one."""

    def test(subject: Any) -> Fact:
        found = answer(subject) if callable(answer) else answer
        if isinstance(found, Exception):
            raise found
        return Fact(found, f"{name} of {subject}")

    return Predicate(name, f"it is {name}", test, **more)


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_three_valued_logic(a: Truth, b: Truth) -> None:
    assert a & b is min(a, b, key=ORDER.__getitem__)
    assert a | b is max(a, b, key=ORDER.__getitem__)
    one, two = Fact(a, "one"), Fact(b, "two")
    for found, truth, tells in ((one & two, a & b, T), (one | two, a | b, F)):
        both = truth is tells or a is b
        reasons = [f.reason for f in (one, two) if both or f.truth is truth]
        assert (found.truth, found.reason) == (truth, "; ".join(reasons))
    assert (Fact(a, "one") & Fact(a, "one")).reason == "one"


def test_a_truth_is_no_bool_and_has_a_word() -> None:
    assert [~t for t in (T, F, U)] == [F, T, U] and repr(U) == "Truth.UNDECIDED"
    assert [Truth.of(v) for v in (True, False, None)] == [T, F, U]
    assert [t.to_json() for t in (T, F, U)] == [True, False, None]
    assert [(t.mark.text, t.mark.tone) for t in (T, F, U)] == [
        ("yes", "yes"),
        ("no", "no"),
        ("undecided", "open"),
    ]
    for t in Truth:
        with pytest.raises(TypeError, match="compare it with `is`"):
            bool(t)
    assert Fact(F, "so").to_json() == {"value": False, "reason": "so"}
    assert ~Fact(F, "so") == Fact(T, "so")


def test_predicates_join_with_brackets_where_words_differ() -> None:
    a, b, c = (asks(n, T, latex=n.upper()) for n in "abc")
    assert [(a & b & c).name, (a & (b | c)).name, ((a & b) | c).name, (a | b | c).name] == [
        "a and b and c",
        "a and (b or c)",
        "(a and b) or c",
        "a or b or c",
    ]
    assert (a & (b | c)).words == "it is a and (it is b or it is c)"
    assert (a & (b | c)).latex == r"A \wedge (B \vee C)" and (a & asks("d", T)).latex == ""
    assert (~a).name == "not (a)" and (~a).words == "not (it is a)"
    assert (~a).latex == r"\neg (A)" and (~asks("d", T)).latex == ""
    assert [p.name for p in (a & (b & c)).conjuncts] == ["a", "b", "c"]
    assert [p.name for p in (a & (b | c)).conjuncts] == ["a", "b or c"]
    assert [p.name for p in (a | b).conjuncts] == ["a or b"] and a.conjuncts == (a,)
    assert (a | b).joined == "or" and (a | b).parts == (a, b)


@pytest.mark.parametrize(("x", "y"), PAIRS)
def test_joined_predicates_ask_both(x: Truth, y: Truth) -> None:
    a, b = asks("a", x), asks("b", y)
    assert ((a & b)(3).truth, (a | b)(3).truth, (~a)(3).truth) == (x & y, x | y, ~x)
    assert a(3).reason == "a of 3"
    even, small = (asks(n, lambda s, t=t: Truth.of(t(s))) for n, t in TESTS.items())
    for subject in (2, 3, 12, 13):
        assert (even & small)(subject).truth is Truth.of(subject == 2)
        assert (even | small)(subject).truth is Truth.of(subject != 13)


def test_what_cannot_be_computed_is_undecided_and_a_kink_an_error() -> None:
    for error in (UndecidedError("too little"), TooLarge("too much")):
        assert asks("a", error)(0) == Fact(U, str(error))
    for kink in (KinkError("a kink"), DomainError("no value")):
        with pytest.raises(type(kink)):
            asks("a", kink)(0)


ENDS = [
    # answers of two hypotheses and the conclusion; the outcome, the facts in their order
    ((T, T, T), Outcome.HOLDS, "p q r"),
    ((T, T, F), Outcome.FAILS, "p q r"),
    ((T, T, U), Outcome.UNDECIDED, "p q r"),
    ((F, T, T), Outcome.NOT_APPLICABLE, "p"),
    ((T, F, F), Outcome.NOT_APPLICABLE, "p q"),
    ((U, F, F), Outcome.NOT_APPLICABLE, "p q"),
    ((U, T, F), Outcome.UNDECIDED, "q p"),
    ((T, U, F), Outcome.UNDECIDED, "p q"),
    ((U, U, F), Outcome.UNDECIDED, "q p"),
]


@pytest.mark.parametrize(("answers", "outcome", "asked"), ENDS)
def test_a_statement_on_an_instance(
    answers: tuple[Truth, ...], outcome: Outcome, asked: str
) -> None:
    p, q, r = (asks(n, t) for n, t in zip("pqr", answers, strict=True))
    found = Statement((p, q), r).on(Instance("five", 5))
    assert (found.instance, found.outcome, found.subject) == ("five", outcome, 5)
    assert [name for name, _ in found.facts] == asked.split()
    assert dict(found.facts)["p"] == Fact(answers[0], "p of 5")


def test_a_thorough_statement_asks_every_hypothesis() -> None:
    p, q, s = asks("p", F), asks("q", F), asks("s", U)
    found = Statement((p, s, q), asks("r", T)).on(Instance("x", 0), thorough=True)
    assert found.outcome is Outcome.NOT_APPLICABLE and [n for n, _ in found.facts] == [
        "p",
        "s",
        "q",
    ]
    assert found.reason == "p: p of 0; q: q of 0"  # all that fail
    short = Statement((p, s, q), asks("r", T)).on(Instance("x", 0))
    assert [n for n, _ in short.facts] == ["p"] and short.reason == "p: p of 0"
    undecided = Statement((s, asks("t", T)), asks("r", T)).on(Instance("x", 0))
    assert undecided.reason == "s: s of 0"
    assert repr(undecided) == "Finding(x: undecided; s: s of 0)"
    exists = Existence((p, q)).on(Instance("x", 0), thorough=True)
    assert [n for n, _ in exists.facts] == ["p"]
    both = Existence((p, q, s)).on(Instance("x", 0), thorough=True)
    assert [n for n, _ in both.facts] == ["p", "q"]


@pytest.mark.parametrize("error", [KinkError("a kink"), DomainError("no value")])
@pytest.mark.parametrize("at", [0, 1])
def test_where_the_subject_is_not_smooth_a_statement_does_not_apply(
    error: Exception, at: int
) -> None:
    p, r = (asks(n, error if i == at else T) for i, n in enumerate("pr"))
    found = Statement((p,), r).on(Instance("x", 0))
    assert found.outcome is Outcome.NOT_APPLICABLE
    assert found.facts[-1] == ("smooth at the point", Fact(F, str(error)))
    assert found.reason == f"smooth at the point: {error}"


@pytest.mark.parametrize(
    ("parts", "outcome", "subject"),
    [
        ((4, 6), Outcome.HOLDS, 4),
        ((4, 5, 6), Outcome.FAILS, 5),
        ((-4, 0, 6), Outcome.UNDECIDED, 0),
        ((-4, 6), Outcome.HOLDS, 6),
        ((-4, -6), Outcome.NOT_APPLICABLE, -4),
        ((0, 5), Outcome.FAILS, 5),
        ((), Outcome.FAILS, 3),  # taken apart into nothing: itself
    ],
)
def test_of_several_parts_the_one_that_tells_most_speaks(
    parts: tuple[int, ...], outcome: Outcome, subject: int
) -> None:
    """Positive numbers are even, 0 being neither here nor there."""
    positive = asks("positive", lambda n: U if n == 0 else Truth.of(n > 0))
    even = asks("even", lambda n: Truth.of(n % 2 == 0))
    found = Statement((positive,), even, lambda s: parts).on(Instance("x", 3))
    assert (found.outcome, found.subject) == (outcome, subject)


def test_what_cannot_be_taken_apart_is_undecided() -> None:
    def refuses(subject: Any) -> Any:
        raise UndecidedError("no parts")

    found = Statement((), asks("r", T), refuses).on(Instance("x", 3))
    assert found == open_on(Instance("x", 3), "no parts") and found.subject == 3
    assert found.outcome is Outcome.UNDECIDED and found.facts == (
        ("computed", Fact(U, "no parts")),
    )


def test_words_of_statements_and_hypotheses_more_and_less() -> None:
    p, q, r = asks("p", T, setting=True), asks("q", T), asks("r", T)
    s = Statement((p, q), r, lambda n: (n,))
    assert s.words == "If it is p; it is q, then it is r." and Statement((), r).words == "It is r."
    assert s.setting == (p,) and s.without("q").hypotheses == (p,)
    assert s.given(r).hypotheses == (p, q, r) and s.without("p").each is s.each is s.given(q).each
    e = Existence((p, q))
    assert e.words == "There is a case in which it is p and it is q." and e.setting == (p,)


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ((T, T), Outcome.HOLDS),
        ((T, F), Outcome.NOT_APPLICABLE),
        ((F, T), Outcome.NOT_APPLICABLE),
        ((T, U), Outcome.UNDECIDED),
        ((U, T), Outcome.UNDECIDED),
    ],
)
def test_a_witness_of_an_existence_has_all_properties(
    answers: tuple[Truth, ...], outcome: Outcome
) -> None:
    found = Existence(tuple(map(asks, "pq", answers))).on(Instance("x", 2))
    assert found.outcome is outcome and found.instance == "x"


def test_a_finding_on_a_page_and_in_json() -> None:
    found = Finding("X_1", Outcome.FAILS, (("p", Fact(T, "so")), ("r", Fact(F, "not so"))))
    head, table = found.blocks()
    assert isinstance(head, Text) and isinstance(table, Table) and head.tone == "strong"
    assert len(table.rows) == 2 and [row[1] for row in table.rows] == [T.mark, F.mark]
    assert table.columns == ("property", "", "why") and table.align == "plp"
    assert found.to_json() == {
        "instance": "X_1",
        "outcome": "fails",
        "facts": {
            "p": {"value": True, "reason": "so"},
            "r": {"value": False, "reason": "not so"},
        },
    }
