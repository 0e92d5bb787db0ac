"""The decision itself: which kind is named, at which limits it stops, what a ball shows when time
is over, and whether a global minimum is strict, each on cases that are solved by hand."""

from __future__ import annotations

import time

import pytest
import sympy
from landscapes import at

from hessrank.proofs.minima import minimum as module
from hessrank.proofs.minima.kind import (
    NO_GLOBAL,
    Minimum,
    flat_local,
    no_minimum,
    strict_local,
    undecided,
)
from hessrank.proofs.minima.minimum import _by_balls, _falling, _isolated, _local, minimum
from hessrank.proofs.pages.blocks import Table, Text
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.budget import _Limit, _limit, budget, over
from hessrank.symbolic.errors import InputError, KinkError
from hessrank.symbolic.expressions.expression import number
from hessrank.symbolic.models.losses import Loss

TRUE, FALSE, UNDECIDED = Truth.TRUE, Truth.FALSE, Truth.UNDECIDED


# --- kinds ---------------------------------------------------------------------------------------


def test_each_kind_says_what_is_known() -> None:
    yes, no, open_ = (Fact(t, "why") for t in (TRUE, FALSE, UNDECIDED))
    v = (number(1), number(-2))
    assert strict_local("why") == Minimum("strict local minimum", yes, NO_GLOBAL, TRUE)
    assert flat_local("why") == Minimum("local minimum, not strict", yes, NO_GLOBAL, FALSE)
    assert no_minimum("why", v) == Minimum("not a minimum", no, no, FALSE, v)
    assert no_minimum("why") == Minimum("not a minimum", no, no, FALSE, None)
    assert undecided("why") == Minimum("undecided", open_, NO_GLOBAL, UNDECIDED)
    assert NO_GLOBAL.truth is UNDECIDED


def test_a_kind_as_json_and_on_a_page() -> None:
    first, second = Fact(TRUE, "first reason"), Fact(FALSE, "second reason")
    found = Minimum("two", first, second, FALSE, (number(1), number(-2)))
    assert found.to_json() == {
        "kind": "two",
        "local_minimum": {"value": True, "reason": "first reason"},
        "global_minimum": {"value": False, "reason": "second reason"},
        "strict": False,
        "direction": ["1", "-2"],
    }
    title, table, falls = found.blocks()
    assert (title, falls) == (Text("two", tone="strong"), Text("L falls along (1, -2)."))
    assert isinstance(table, Table) and table.rows == (
        ("local minimum", TRUE.mark, "first reason"),
        ("global minimum", FALSE.mark, "second reason"),
    )
    without = Minimum("two", first, second)
    assert without.blocks() == [title, table]
    assert (without.to_json()["direction"], without.to_json()["strict"]) == (None, None)


@pytest.mark.parametrize(
    ("form", "point", "kind"),
    [
        ("t", {"t": 0}, "not a critical point"),
        ("t**2 - t**3", {"t": 0}, "strict local minimum"),
        ("t**2", {"t": 0}, "global minimum"),
        ("-t**2", {"t": 0}, "not a minimum"),
        ("x*y", {"x": 0, "y": 0}, "not a minimum"),
        ("x**2*(1 - y)", {"x": 0, "y": 0}, "undecided"),
        ("x**2*(1 + y)**3", {"x": 0, "y": 0}, "undecided"),
    ],
)
def test_kinds_by_hand(form: str, point: dict[str, object], kind: str) -> None:
    found = minimum(at(form, point))
    assert found.kind == kind or kind == "undecided"
    if kind == "undecided":  # minima that are not strict
        assert found.local.truth is not FALSE and found.strict is not TRUE


def test_what_no_landscape_is() -> None:
    with pytest.raises(InputError, match="expected a landscape"):
        minimum(None)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="seconds > 0"):
        minimum(at("t", {"t": 0}), -1)


def test_a_gradient_of_unknown_sign_is_undecided() -> None:
    W = Loss.weighted([["exp(10**300) - exp(10**300 + 10**(-300))"]])
    found = minimum(at("t", {"t": 1}, W))
    assert (found.kind, found.local.truth, found.is_global.truth) == (
        "undecided",
        UNDECIDED,
        UNDECIDED,
    )
    assert found.local.reason


# --- kinks ---------------------------------------------------------------------------------------


def test_a_kink_at_which_slopes_do_not_decide() -> None:
    """t·relu(t) − t² is 0 to the right and falls to the left, which a ray shows; t² + relu(t)² −
    relu(t)³ rises to both sides, which nothing shows."""
    rises = "t**2 + relu(t)**2 - relu(t)**3"
    with pytest.raises(KinkError):
        minimum(at(rises, {"t": 0}))
    for side in (1, -1):
        found = minimum(at(rises, {"t": 0}, side=side))
        assert (found.kind, found.local.truth) == ("undecided", UNDECIDED)
    for side in (1, 0, -1):
        assert minimum(at("t*relu(t) - t**2", {"t": 0}, side=side)).kind == "not a minimum"


def test_a_perfect_fit_decides_at_a_kink_with_and_without_a_side() -> None:
    for side in (1, 0, -1):
        fits = minimum(at("relu(t)", {"t": 0}, "half-squared", [0], side=side))
        assert (fits.kind, fits.local.truth, fits.is_global.truth) == ("global minimum", TRUE, TRUE)
        low = minimum(at("relu(t)", {"t": 0}, "half-squared", [1], side=side))
        assert (low.kind, low.local.truth) == ("not a minimum", FALSE)
        high = minimum(at("abs(t)", {"t": 0}, "half-squared", [-1], side=side))
        assert high.local.truth is TRUE and high.strict is TRUE  # (|t| + 1)²/2


def test_a_side_changes_nothing_away_from_kinks() -> None:
    for side in (1, 0, -1):
        found = minimum(at("relu(t)**2 - 2*relu(t)", {"t": 1}, side=side))
        assert (found.local.truth, found.strict) == (TRUE, TRUE)
        assert minimum(at("relu(t) - t/2", {"t": 1}, side=side)).kind == "not a critical point"


# --- limits, budgets -----------------------------------------------------------------------------


def test_up_to_how_many_parameters_H_is_factored(monkeypatch: pytest.MonkeyPatch) -> None:
    here = at("x**2 + y**2 - x**3", {"x": 0, "y": 0})
    for most, kind in ((2, "strict local minimum"), (1, "undecided")):
        monkeypatch.setattr(module, "MAX_PARAMETERS", most)
        assert _local(here).kind == kind


def test_H_by_balls_alone_decides_nothing_where_it_may_be_singular() -> None:
    hidden = "(exp(10**300) - exp(10**300 + 10**(-300)))"
    found = _local(at(f"x**2 + {hidden}*y**2", {"x": 0, "y": 0}))
    assert found.kind == "undecided" and found.local.reason


def test_up_to_how_many_parameters_strictness_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    form = "x**4 + y**4"
    for most, strict in ((2, TRUE), (1, UNDECIDED)):
        monkeypatch.setattr(module, "MAX_STRICT", most)
        found = minimum(at(form, {"x": 0, "y": 0}))
        assert (found.is_global.truth, found.strict) == (TRUE, strict)
    assert minimum(at("x**2 + y**2", {"x": 0, "y": 0})).strict is TRUE  # H ≻ 0 at any size


def test_a_ball_shows_a_slope() -> None:
    steep = _by_balls(at("exp(t) + s**2", {"s": 0, "t": 0}))
    assert steep is not None
    assert (steep.kind, steep.local.truth, steep.is_global.truth, steep.strict) == (
        "not a critical point",
        FALSE,
        FALSE,
        UNDECIDED,
    )
    assert _by_balls(at("t**2 + s**3", {"s": 0, "t": 0})) is None
    assert _by_balls(at("abs(t)", {"t": 0}, side=1)) is None  # the slope of one side alone
    away = _by_balls(at("abs(t)", {"t": 2}, side=1))
    assert away is not None and away.local.truth is FALSE


def test_a_ball_is_asked_when_the_budget_is_over() -> None:
    """A tenth of the budget is left for it; when that is gone too, nothing is said."""
    gone, rest = at("exp(t)", {"t": 0}), at("exp(t)", {"t": 0})
    with budget(-1e-9):
        assert over() and _by_balls(gone) is None
    now = time.process_time()
    token = _limit.set(_Limit(now - 1, now + 100))
    try:
        assert over() and _by_balls(rest) is not None
    finally:
        _limit.reset(token)


# --- directions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "direction"),
    [
        ("sqrt(2)*x*y", (1, -1)),  # small integers where they do
        ("sqrt(2)*(x**2 - y**2)", (0, 1)),
        ("pi*x*y + x**2", (1, -1)),
        ("sqrt(2)*x*y + 3*sqrt(2)/2*y**2", None),  # vᵀHv = 0 at (1, 0), to which v is rounded
        ("sqrt(3)*x*y + 5*sqrt(3)*x**2", None),
        ("pi*x**2 - 2*sqrt(pi)*x*y + y**2*999/1000", None),
        ("x**2 - y**2/7 + x*y", None),
    ],
)
def test_falling_directions(form: str, direction: tuple[int, ...] | None) -> None:
    v = _falling(at(form, {"x": 0, "y": 0}).hessian)
    assert v is not None
    entries = sympy.Matrix([sympy.Rational(str(c)) for c in v])
    H = sympy.hessian(sympy.sympify(form), sympy.symbols("x y"))
    assert sympy.N((entries.T * H * entries)[0], 60) < 0
    assert "sqrt" not in form or max(map(abs, entries)) == 1
    if direction is not None:
        assert tuple(entries) in (direction, tuple(-c for c in direction))


def test_no_direction_falls_where_H_is_positive() -> None:
    for form in ("x**2 + y**2", "x**2 + sqrt(2)*y**2", "(x + y)**2"):
        assert _falling(at(form, {"x": 0, "y": 0}).hessian) is None


# --- strictness ----------------------------------------------------------------------------------


def test_an_isolated_fibre_is_not_enough() -> None:
    """The behaviour tells θ apart, and yet L is constant nearby: on the circle (cos t, sin t) about
    y = 0 (r ≠ 0), and along (1, 1) for logits (A ⪰ 0 is singular)."""
    circle = at(["cos(t)", "sin(t)"], {"t": 0}, "half-squared")
    logits = at(["a", "b"], {"a": 0, "b": 0}, "softmax-cross-entropy", ["1/2", "1/2"])
    for here in (circle, logits):
        found = minimum(here)
        assert found.is_global.truth is TRUE and found.strict is not TRUE
        assert _isolated(here) is not TRUE


@pytest.mark.parametrize(
    ("outputs", "names", "regulariser", "isolated"),
    [
        (["x", "x*y"], "xy", None, FALSE),  # the fibre is the line x = 0
        (["x", "y**2"], "xy", None, TRUE),
        (["x + y"], "xy", "x**2*y**2", TRUE),  # x = −y and xy = 0: a product of squares
        (["x + y"], "xy", "x**2 - x", UNDECIDED),
        (["x + 0*y"], "xy", "x**2", FALSE),  # no y
        (["x"], "xy", "y**2", TRUE),
        (["x"], "xy", "y**4", TRUE),
    ],
)
def test_whether_the_level_set_is_a_point(
    outputs: list[str], names: str, regulariser: str | None, isolated: Truth
) -> None:
    here = at(outputs, dict.fromkeys(names, 0), "half-squared", None, regulariser)
    assert _isolated(here) in (isolated, UNDECIDED)
    if isolated is not UNDECIDED:
        assert _isolated(here) is isolated
