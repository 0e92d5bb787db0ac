"""The sentences of a verdict as a table: which one is said, for what is known of ranks and facts,
and that it is said in whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

import hessrank as hr
from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.facts.landscape_facts import Sign
from hessrank.proofs.minima import verdict as module
from hessrank.proofs.minima.verdict import (
    RANKS,
    SIGNS,
    Verdict,
    _explain,
    _in_time,
    _perfect,
    _regularised,
    _with_residual,
    _within,
    verdict,
)
from hessrank.proofs.pages.blocks import Table, Text
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.budget import OVER, OverBudget, budget
from hessrank.symbolic.errors import InputError, counted
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem

TRUE, FALSE, OPEN = Truth.TRUE, Truth.FALSE, Truth.UNDECIDED
PERFECT = "The fit is perfect (r = 0), so the D²f term vanishes and H = JᵀAJ"
CRITICAL = (
    "θ is critical for L although the outputs are not (r ≠ 0 lies in the left null space of J)"
)
STEEP = "θ is no critical point, and r ≠ 0"
PRESENT = ": the D²f term Σ r_m∇²F_m is present"
ABSENT = ", but the D²f term Σ r_m∇²F_m is zero here, so H = JᵀAJ"


def at(outputs: list[str], W: list[list[int]], y: list[int], regulariser: str | None = None):
    model = Model.from_expressions(outputs, "a b c")
    problem = Problem(model, Data([[]], [y]), Loss.weighted(W), regulariser)
    return problem.at({"a": 0, "b": 0, "c": 0})


@dataclass(frozen=True)
class Rank:
    """What a sentence reads of a rank."""

    lower: int
    upper: int
    status: str = "certified"

    @property
    def decided(self) -> bool:
        return self.lower == self.upper

    @property
    def shown(self) -> str:
        return str(self.lower) if self.decided else f"{self.lower}..{self.upper}"


def ranks(J: int, GN: int, R: int, H: int, **upper: int) -> dict[str, Any]:
    lower = dict(zip(RANKS, (J, GN, R, H), strict=True))
    return {name: Rank(v, upper.get(name, v)) for name, v in lower.items()}


def facts(
    fit: Truth = FALSE,
    critical: Truth = OPEN,
    definite: Truth = OPEN,
    semidefinite: Truth = OPEN,
) -> dict[str, Fact]:
    truths = {
        "critical point": critical,
        "perfect fit": fit,
        "A positive definite": definite,
        "A positive semidefinite": semidefinite,
    }
    return {name: Fact(t, f"reason of {name}") for name, t in truths.items()}


EQUAL, DIFFERENT, UNKNOWN = (Fact(t, "the ranks") for t in (TRUE, FALSE, OPEN))


# --- the whole, on landscapes --------------------------------------------------------------------

#: (outputs in a, b, c at 0, W, y, the explanation): J, A and H by hand.
WHOLE: list[tuple[list[str], list[list[int]], list[int], str]] = [
    (
        ["a", "b"],
        [[1, 0], [0, 1]],
        [0, 0],
        f"{PERFECT}; A is positive definite, so ker H = ker J and the ranks agree (T4).",
    ),
    (
        ["a", "b"],
        [[1, 0], [0, -1]],
        [0, 0],
        f"{PERFECT}; A is not positive semidefinite, so T4 does not apply: here they agree.",
    ),
    (
        ["a", "a"],
        [[1, 0], [0, -1]],
        [0, 0],
        f"{PERFECT}; A is not positive semidefinite, so T4 does not apply: here H loses rank.",
    ),
    (
        ["a", "a"],
        [[1, 0], [0, 0]],
        [0, 0],
        f"{PERFECT}; A ⪰ 0 is singular, but no output direction that θ can reach lies in ker A "
        "(im J ∩ ker A = 0), so the ranks agree (T4).",
    ),
    (
        ["a", "b"],
        [[1, 0], [0, 0]],
        [0, 0],
        f"{PERFECT}; 1 direction of output change that θ can reach lies in ker A, where the loss "
        "has no curvature: rank H = rank J − 1 (T4).",
    ),
    (
        ["a", "b", "c"],
        [[1, 0, 0], [0, 0, 0], [0, 0, 0]],
        [0, 0, 0],
        f"{PERFECT}; 2 directions of output change that θ can reach lie in ker A, where the loss "
        "has no curvature: rank H = rank J − 2 (T4).",
    ),
    (
        ["a**2"],
        [[1]],
        [-1],
        f"{CRITICAL}{PRESENT} and raises the rank from 0 to 1: T4 needs r = 0. T9: |rank H − rank "
        "JᵀAJ| = 1 ≤ 1, the rank of the D²f term; H has 1 positive square, at least 0 − 0 = rank "
        "J − i₋.",
    ),
    (
        ["a"],
        [[1]],
        [-1],
        f"{STEEP}{ABSENT}; the ranks agree here, but T4 (r = 0) does not promise it.",
    ),
    (
        ["a", "a"],
        [[1, 0], [0, -1]],
        [-1, 1],
        f"{STEEP}{ABSENT}; JᵀAJ has lower rank than J, for A as a form on im J is degenerate.",
    ),
    (
        ["a - a**2/2"],
        [[1]],
        [-1],
        f"{STEEP}{PRESENT} and lowers the rank from 1 to 0: T4 needs r = 0. T9: |rank H − rank "
        "JᵀAJ| = 1 ≤ 1, the rank of the D²f term; H has 0 positive squares, at least 1 − 1 = rank "
        "J − i₋.",
    ),
    (
        ["a + b**2 + c**2", "a"],
        [[1, 0], [0, -1]],
        [-1, -1],
        f"{CRITICAL}{PRESENT}; JᵀAJ has rank 0 and J rank 1, and H has rank 2: T4 needs r = 0. T9: "
        "|rank H − rank JᵀAJ| = 2 ≤ 2, the rank of the D²f term.",
    ),
]


@pytest.mark.parametrize(("outputs", "W", "y", "said"), WHOLE)
def test_the_whole_explanation(
    outputs: list[str], W: list[list[int]], y: list[int], said: str
) -> None:
    here = at(outputs, W, y)
    assert verdict(here).explanation == said
    assert verdict(here, 10).explanation == said


@pytest.mark.parametrize(
    ("regulariser", "said"),
    [
        ("a**2", "rank H = 1, rank J = 1, they happen to agree."),
        (
            "b**2",
            "rank H = 2, rank J = 1, they differ. T9: |rank H − rank JᵀAJ| = 1 ≤ 1, the rank of Y, "
            "the D²f term and the regulariser's Hessian; H has 2 positive squares, at least 1 − 0 "
            "= rank J − i₋.",
        ),
    ],
)
def test_the_whole_explanation_with_a_regulariser(regulariser: str, said: str) -> None:
    start = (
        "H contains the regulariser's curvature, which does not pass through the outputs: the "
        "claim does not cover it; "
    )
    assert verdict(at(["a"], [[1]], [0], regulariser)).explanation == start + said


# --- one function at a time ----------------------------------------------------------------------

SOME = at(["a"], [[1]], [0])
HALF = at(["a", "b"], [[1, 0], [0, 0]], [0, 0])
HELD = at(["a"], [[1]], [0], "a**2")


def test_what_is_not_decided() -> None:
    same = ranks(1, 1, 0, 1)
    assert _explain(SOME, same, facts(), UNKNOWN) == "Not decided: the ranks."
    assert _explain(HELD, same, facts(), UNKNOWN) == "Not decided: the ranks."
    assert _explain(SOME, same, facts(fit=OPEN), EQUAL) == (
        "Whether the fit is perfect is not decided (reason of perfect fit)."
    )
    assert _explain(HELD, same, facts(), EQUAL) == _regularised(same, EQUAL)
    assert _explain(SOME, same, facts(fit=FALSE), EQUAL) == _with_residual(same, facts(), EQUAL)
    perfect = facts(fit=TRUE, definite=TRUE)
    assert _explain(SOME, same, perfect, EQUAL) == _perfect(SOME, same, perfect, EQUAL)


@pytest.mark.parametrize(
    ("here", "definite", "semidefinite", "equal", "end"),
    [
        (SOME, TRUE, OPEN, EQUAL, "; A is positive definite, so ker H = ker J and the ranks agree"),
        (SOME, OPEN, TRUE, EQUAL, "; A ⪰ 0 is singular, but no output direction"),
        (HALF, OPEN, TRUE, DIFFERENT, "; 1 direction of output change"),
        (HALF, OPEN, FALSE, DIFFERENT, "so T4 does not apply: here H loses rank."),
        (HALF, OPEN, FALSE, EQUAL, "so T4 does not apply: here they agree."),
        (HALF, OPEN, OPEN, EQUAL, f"{PERFECT}; the sign of A is not decided, so T4 does not "
         "explain the outcome."),
        (HALF, FALSE, OPEN, DIFFERENT, "; the sign of A is not decided, so T4 does not"),
    ],
)  # fmt: skip
def test_perfect_fits(
    here: Landscape, definite: Truth, semidefinite: Truth, equal: Fact, end: str
) -> None:
    known = facts(TRUE, TRUE, definite, semidefinite)
    said = _perfect(here, ranks(1, 1, 0, 1), known, equal)
    assert said.startswith(PERFECT) and end in said


@pytest.mark.parametrize("meets", [None, (0, 1), (1, 2)])
def test_a_perfect_fit_whose_loss_in_rank_was_not_computed(
    meets: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landscape_facts, "image_meets_kernel", lambda here: meets)
    known = facts(TRUE, TRUE, OPEN, TRUE)
    assert _perfect(HALF, ranks(1, 1, 0, 1), known, EQUAL) == (
        f"{PERFECT}; A ⪰ 0, but dim(im J ∩ ker A), which T4 subtracts, was not computed."
    )


NEEDS = ": T4 needs r = 0."


@pytest.mark.parametrize(
    ("found", "critical", "equal", "said"),
    [
        (ranks(1, 1, 1, 1), TRUE, EQUAL, f"{CRITICAL}{PRESENT}; the ranks agree here, but T4 "
         "(r = 0) does not promise it."),
        (ranks(1, 1, 1, 1), FALSE, EQUAL, f"{STEEP}{PRESENT}; the ranks agree here, but T4 "
         "(r = 0) does not promise it."),
        (ranks(1, 1, 0, 1), OPEN, EQUAL, f"r ≠ 0{ABSENT}; the ranks agree here, but T4 (r = 0) "
         "does not promise it."),
        (ranks(2, 1, 0, 1), OPEN, DIFFERENT, f"r ≠ 0{ABSENT}; JᵀAJ has lower rank than J, for A "
         "as a form on im J is degenerate."),
        (ranks(2, 1, 1, 3), OPEN, DIFFERENT, f"r ≠ 0{PRESENT}; JᵀAJ has rank 1 and J rank 2, and "
         f"H has rank 3{NEEDS}"),
        (ranks(2, 2, 1, 3), OPEN, DIFFERENT, f"r ≠ 0{PRESENT} and raises the rank from 2 to 3"
         f"{NEEDS}"),
        (ranks(2, 2, 1, 1), OPEN, DIFFERENT, f"r ≠ 0{PRESENT} and lowers the rank from 2 to 1"
         f"{NEEDS}"),
        (ranks(2, 1, 1, 3, gauss_newton=2), OPEN, DIFFERENT, f"r ≠ 0{PRESENT} and raises the rank "
         f"from 2 to 3{NEEDS}"),
        (ranks(1, 1, 1, 3, jacobian=2), OPEN, DIFFERENT, f"r ≠ 0{PRESENT} and raises the rank "
         f"from 1..2 to 3{NEEDS}"),
        (ranks(2, 2, 0, 0, residual=1, hessian=1), OPEN, DIFFERENT, f"r ≠ 0{PRESENT} and lowers "
         f"the rank from 2 to 0..1{NEEDS}"),
    ],
)  # fmt: skip
def test_residuals(found: dict[str, Any], critical: Truth, equal: Fact, said: str) -> None:
    assert _with_residual(found, facts(FALSE, critical), equal) == said


def test_the_numbers_of_T9() -> None:
    """½(a² + 1)² at 0: Y = H = 2 has rank 1, i₋ = 0. Nothing is said of what is not known."""
    here = at(["a**2"], [[1]], [-1])
    known = facts(definite=TRUE)
    start = " T9: |rank H − rank JᵀAJ| = 1 ≤ 1, the rank of the D²f term"
    whole = f"{start}; H has 1 positive square, at least 0 − 0 = rank J − i₋."
    assert _within(here, ranks(0, 0, 1, 1), known) == whole
    assert _within(here, ranks(0, 0, 1, 1), facts()) == start + "."
    assert _within(here, ranks(0, 0, 1, 1, jacobian=1), known) == start + "."
    assert _within(here, ranks(0, 0, 1, 1, gauss_newton=1), known) == ""
    assert _within(here, ranks(0, 0, 1, 0, hessian=1), known) == ""
    assert _within(SOME, ranks(1, 1, 0, 1), known) == ""  # Y = 0
    three = _within(here, ranks(0, 3, 1, 1), facts())
    assert three.startswith(" T9: |rank H − rank JᵀAJ| = 2 ≤ 1")
    assert _within(here, ranks(0, 0, 1, 1, residual=2), known) == whole


def test_T9_is_left_out_where_numbers_are_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    here = at(["a**2"], [[1]], [-1])

    def fails(*_: object) -> None:
        raise hr.UndecidedError("no")

    monkeypatch.setattr(landscape_facts, "second_term_negative", fails)
    assert _within(here, ranks(0, 0, 1, 1), facts(definite=TRUE)) == ""
    assert _within(here, ranks(0, 0, 1, 1), facts()) != ""
    monkeypatch.setattr(landscape_facts, "second_term", fails)
    assert _within(here, ranks(0, 0, 1, 1), facts()) == ""


def test_counts_have_a_plural() -> None:
    assert [counted(n, "unit") for n in (0, 1, 2)] == ["0 units", "1 unit", "2 units"]


# --- budgets, facts, pages -----------------------------------------------------------------------


def test_a_fact_within_the_budget() -> None:
    fact = Fact(TRUE, "yes")

    def over(here: Landscape) -> Fact:
        raise OverBudget("no time")

    assert _in_time(lambda here: Fact(TRUE, str(here is SOME)), SOME) == Fact(TRUE, "True")
    assert _in_time(lambda here: fact, SOME) is fact
    assert _in_time(over, SOME) == Fact(OPEN, "no time")


def test_a_verdict_without_time() -> None:
    with pytest.raises(InputError, match="seconds > 0"):
        verdict(SOME, 0)
    with pytest.raises(InputError, match="expected a landscape"):
        verdict(None)  # type: ignore[arg-type]
    here = hr.Problem(hr.mlp([2, 3, 1], "softplus"), hr.Data([[1, 2], [3, 4]], [[0], [1]])).at(
        [f"{i}/7" for i in range(1, 14)]
    )
    with budget(-1.0):
        found = verdict(here)
    assert found.rank_equality.truth is OPEN
    assert "over budget" in found.explanation
    assert all(f.truth is OPEN for f in found.facts.values() if "over budget" in f.reason)


def test_when_the_explanation_has_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ranks are known, and only the reason is not."""

    def over(*_: object) -> None:
        raise OverBudget("over budget: late")

    here = at(["a"], [[1]], [-1])
    monkeypatch.setattr(landscape_facts, "loss_hessian_sign", over)
    found = verdict(here)
    assert found.loss_hessian_sign is Sign.UNDECIDED and found.rank_equality.truth is TRUE
    assert found.explanation == f"{found.rank_equality.reason}; over budget: late."


def test_each_fact_is_asked_of_the_landscape() -> None:
    """F = (a, a), W = diag(2, 0), y = (0, 5): the second residual has no weight."""
    found = verdict(at(["a", "a"], [[2, 0], [0, 0]], [0, 5]))
    assert {name: f.truth for name, f in found.facts.items()} == {
        "critical point": TRUE,
        "local minimum": TRUE,
        "perfect fit": TRUE,
        "A positive definite": FALSE,
        "A positive semidefinite": TRUE,
        "A diagonal": TRUE,
    }
    assert found.loss_hessian_sign is Sign.POSITIVE_SEMIDEFINITE
    assert found.rank_equality.reason == "rank H = 1, rank J = 1"
    assert {name: int(r) for name, r in found.ranks.items()} == {
        "jacobian": 1,
        "gauss_newton": 1,
        "residual": 0,
        "hessian": 1,
    }
    joined = verdict(at(["a", "b"], [[2, 1], [1, 2]], [0, 1]))
    assert joined.facts["A diagonal"].truth is FALSE
    assert joined.facts["critical point"].truth is FALSE
    assert joined.facts["perfect fit"].truth is FALSE


def test_a_verdict_as_text_table_and_json() -> None:
    kinds = ranks(1, 2, 3, 4)
    kinds["hessian"] = Rank(4, 5, "bounds")
    found = Verdict(EQUAL, "because * of", "a point", kinds, facts(), Sign.INDEFINITE)
    assert repr(found) == (
        "Verdict(true; jacobian 1, gauss_newton 2, residual 3, hessian 4..5; a point; because * of)"
    )
    table, point, equality, why = found.blocks()
    assert table == Table(
        ("matrix", "rank", "status"),
        (
            ("J", "1", "certified"),
            ("JᵀAJ", "2", "certified"),
            ("Σ r_m∇²F_m", "3", "certified"),
            ("H", "4..5", "bounds"),
        ),
        "lrl",
    )
    assert (point, equality) == (Text("θ: a point"), Text("rank H = rank J: yes"))
    assert isinstance(why, Text) and why.text.replace("\\", "") == "because * of"
    assert list(SIGNS) == list(RANKS)
    data = json.loads(json.dumps(verdict(SOME).to_json()))
    assert data["rank_equality"] is True and data["rank_jacobian"]["lower"] == 1
    assert data["facts"]["perfect fit"]["value"] is True
    assert (data["point"], data["loss_hessian"]) == ("global minimum", "positive definite")
    assert data["explanation"].startswith(PERFECT)


def test_what_stays_open_with_time_left_is_not_blamed_on_the_budget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And what is decided stays so when time is over."""
    open_ = Fact(OPEN, "rank H = 1..2, rank J = 1")
    with monkeypatch.context() as patch:
        patch.setattr(landscape_facts, "same_rank", lambda *_: open_)
        assert verdict(SOME).explanation == "Not decided: rank H = 1..2, rank J = 1."
        patch.setattr(module, "over", lambda: True)
        late = f"Not decided: rank H = 1..2, rank J = 1; {OVER}."
        assert verdict(SOME).explanation == late
    monkeypatch.setattr(module, "over", lambda: True)
    assert verdict(SOME).explanation.startswith(PERFECT)
