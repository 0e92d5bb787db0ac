"""Each certificate of a global minimum by itself, where no other decides, and its limits."""

from __future__ import annotations

from typing import Any

import pytest
import sympy
from landscapes import at

from hessrank.proofs.minima import global_minimum as module
from hessrank.proofs.minima.global_minimum import (
    _forms_in_theta,
    _sum_of_squares,
    best_outputs,
    global_minimum,
    loss_in_theta_is_convex,
    loss_is_constant,
    loss_is_convex,
    squares,
)
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem

TRUE, FALSE, OPEN = Truth.TRUE, Truth.FALSE, Truth.UNDECIDED


AB = {"a": 0, "b": 0}
HIDDEN = "exp(10**300) - exp(10**300 + 10**(-300))"


@pytest.mark.parametrize(
    ("loss", "truth", "reason"),
    [
        ("half-squared", TRUE, "half-squared is convex in the outputs"),
        ("log-cosh", TRUE, "log-cosh is convex in the outputs"),
        (Loss.weighted([[2, 1], [1, 2]]), TRUE, "ℓ is convex by the inertia of W"),
        (Loss.weighted([[1, 1], [1, 1]]), TRUE, "ℓ is convex by the inertia of W"),
        (Loss.weighted([[1, 2], [2, 1]]), FALSE, ""),
        (Loss.weighted([[-1, 0], [0, 0]]), FALSE, ""),
        (Loss.weighted([[1, 0], [0, HIDDEN]]), OPEN, "the sign of A, which is constant, is"),
        ("o1**2 + exp(o2)", TRUE, "ℓ is convex by the composition rules"),
        ("o1**2 - exp(o2)", OPEN, "ℓ is not known to be convex"),
        ("o1**2 - o2**2", FALSE, ""),
        ("o1**2 + o1*o2 + o2**2", TRUE, "ℓ is convex by the inertia of W"),
        ("o1**2 + 3*o1*o2 + o2**2", FALSE, ""),
        ("o1*o2**2", OPEN, "ℓ is not known to be convex"),
    ],
)
def test_which_losses_are_convex(loss: str | Loss, truth: Truth, reason: str) -> None:
    found = loss_is_convex(at(["a", "b"], AB, loss).problem)
    assert found.truth is truth and found.reason.startswith(reason)


def test_a_fit_of_a_convex_loss() -> None:
    assert best_outputs(at(["a", "b**2"], AB, "half-squared")).truth is TRUE
    assert best_outputs(at(["a", "b**2"], AB, "half-squared", [0, 1])) is None
    assert best_outputs(at(["a", "b**2"], AB, "o1**2 - o2**2")) is None
    assert best_outputs(at(["a", "b**2"], AB, "half-squared", None, "l2")) is None


NAMES = [f"t{i}" for i in range(13)]

#: (landscape, the start of the reason, or None)
CERTIFICATES: list[tuple[str | list[str], dict[str, object], dict[str, Any], str | None]] = [
    (["a", "a"], {"a": 0}, {"loss": "half-squared", "y": [1, -1]}, "F is affine in θ and half-sq"),
    ("exp(a) - a", {"a": 0}, {}, "L is convex by the rules of composition, and θ is critical"),
    ("exp(a)*exp(-a)", {"a": 1}, {}, "L does not depend on θ"),
    ("cosh(a)*(1 + b**4)", AB, {}, "L ≥ 1 by bounds of its parts, which θ attains"),
    ("(a**2 - b)**2 + b**2", AB, {}, "L ≥ 0 by bounds"),
    ("a**4 - 2*a**2*b + 2*b**2", AB, {}, "L − L(θ) is a sum of squares"),
    ("a**2*(1 - a)", {"a": 0}, {}, None),
    ("a**4 - 2*a**2*b + b**2/2", AB, {}, None),
]


@pytest.mark.parametrize(("outputs", "point", "more", "reason"), CERTIFICATES)
def test_the_certificate_that_decides(
    outputs: str | list[str], point: dict[str, object], more: dict[str, Any], reason: str | None
) -> None:
    found = global_minimum(at(outputs, point, **more))
    assert (found is None) is (reason is None)
    if found is not None and reason is not None:
        assert found.truth is TRUE and found.reason.startswith(reason)


@pytest.mark.parametrize(("n", "some"), [(12, True), (13, False)])
def test_up_to_how_many_parameters_constants_are_seen(n: int, some: bool) -> None:
    form = " + ".join(f"exp({t})*exp(-{t})" for t in NAMES[:n])
    here = at(form, dict.fromkeys(NAMES[:n], 0))
    assert loss_is_constant(here.problem) is some
    found = global_minimum(here)
    assert (found is not None) is some
    assert found is None or found.reason == "L does not depend on θ"


def test_outputs_on_each_example_as_forms_of_theta() -> None:
    model = Model.from_expressions(["w*p + q", "v*p*q"], "w v", "p q")
    data = Data([[2, 3], [5, 7], [2, 3]], [[0, 0]] * 3)
    forms = [sympy.sympify(str(f)) for f in _forms_in_theta(Problem(model, data, "half-squared"))]
    w, v = sympy.symbols("w v")
    assert {sympy.expand(f) for f in forms} == {2 * w + 3, 6 * v, 5 * w + 7, 35 * v}
    assert len(forms) == 4  # an example that comes twice is looked at once


@pytest.mark.parametrize(
    ("outputs", "loss", "regulariser", "truth"),
    [
        (["a", "b"], "half-squared", None, TRUE),
        (["a + b", "3*a - 1"], "softmax-cross-entropy", None, TRUE),
        (["a + b", "3*a - 1"], "softmax-cross-entropy", "a**2", TRUE),
        (["a + b", "3*a - 1"], "softmax-cross-entropy", "-a**2", OPEN),
        (["a + b", "a*b"], "softmax-cross-entropy", None, OPEN),
        (["3", "1"], "softmax-cross-entropy", "a**2 + exp(b)", TRUE),
        (["a", "b"], "o1**2 - o2**2", None, OPEN),
        (["exp(a)", "b"], "o1 + o2**2", None, TRUE),  # by composition alone
    ],
)
def test_convexity_in_theta(
    outputs: list[str], loss: str, regulariser: str | None, truth: Truth
) -> None:
    model = Model.from_expressions(outputs, "a b")
    problem = Problem(model, Data([[]], [["1/2", "1/2"]]), loss, regulariser)
    found = loss_in_theta_is_convex(problem)
    assert found.truth is truth
    if truth is OPEN:
        assert found.reason == "L is not known to be convex"


@pytest.mark.parametrize(
    ("form", "known"),
    [
        ("a**2 + 0*b", True),
        ("7 + 0*a + 0*b", True),
        ("a**2/(1 + b**2)", False),
        ("sqrt(2)*a**2 + 0*b", False),
        ("exp(a) - a + 0*b", False),
        ("a**2 - b**2", False),
        ("a*b", False),
        ("a**2/2 + 3*(b + a)**2 + b**6", True),
        ("a**4 - 2*a**2*b**2 + b**4", True),
        ("3*a**4 - 6*a**2*b**2 + 3*b**4", True),
        ("2*a**2*b**2 - a**4 - b**4", False),
        ("(a - b)**4*(a**2 + a*b + b**2)*(1 + b**2)/5", True),
        ("(a - b)**2*(a**2 + 3*a*b + b**2)", False),
        ("(a - b)**3*(a + b)", False),
    ],
)
def test_which_forms_are_written_as_squares(form: str, known: bool) -> None:
    here = at(form, AB)
    found = squares(here)
    assert (found is not None) is known is (_sum_of_squares(here) is not None)
    if found is not None:
        total = sum(sympy.Rational(str(c)) * sympy.sympify(str(q)) ** 2 for c, q in found)
        L = sympy.sympify(form)
        assert sympy.expand(total - L + L.subs({"a": 0, "b": 0})) == 0


def test_the_limits_of_squares(monkeypatch: pytest.MonkeyPatch) -> None:
    here = at("a**2 + b**2 + a**2*b**2", AB)
    for name, enough in (("MAX_SQUARES", 2), ("MAX_TERMS", 3)):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, enough)
            assert squares(here) is not None
            patch.setattr(module, name, enough - 1)
            assert squares(here) is None
    nothing = Problem(Model.from_expressions("3", []), Data([[]], [[0]]), "o").at({})
    assert squares(nothing) is None
