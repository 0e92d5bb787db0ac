"""The limits at which certificates of minima stop: within them each decides, beyond them none."""

from __future__ import annotations

import pytest
import sympy
from flint import fmpq
from landscapes import at

import hessrank as hr
from hessrank.proofs.facts.smooth_piece import smooth_piece
from hessrank.proofs.minima import degenerate, linear_part, rays
from hessrank.proofs.minima.germs.leading_form import FormSign, form_sign
from hessrank.proofs.minima.rays import falls_along_a_ray
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.expressions.differentiation import gradient
from hessrank.symbolic.expressions.expression import number, postorder
from hessrank.symbolic.problems.evaluation import total_loss
from hessrank.symbolic.problems.landscape import Landscape


def odd_net() -> Landscape:
    """r·F = 0 for all weights: F is odd in x, r even."""
    net = hr.mlp([1, 1, 1], activation="tanh", bias=False)
    return hr.Problem(net, hr.Data([[1], [-1]], [[3], [3]])).at([0, 0])


def nodes_of_the_linear_part() -> int:
    there = linear_part.linear_part(odd_net())
    assert there is not None
    return len(postorder(there.problem.model.outputs))


@pytest.mark.parametrize(
    ("name", "most"), [("MAX_PARAMETERS", 2), ("MAX_NODES", nodes_of_the_linear_part())]
)
def test_which_linear_parts_are_examined(
    name: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linear_part, name, most)
    assert linear_part.linear_part(odd_net()) is not None
    monkeypatch.setattr(linear_part, name, most - 1)
    assert linear_part.linear_part(odd_net()) is None


@pytest.mark.parametrize(("form", "w"), [("log(w)", "1/1000"), ("log(-w)", "-1/1000")])
def test_points_outside_the_domain_do_not_end_the_comparison(form: str, w: str) -> None:
    """T = r·log|w| with r = log|w| < 0 is lower farther off, on the one side where it exists."""
    assert linear_part.linear_part(at(form, {"w": w}, "half-squared")) is None


def test_at_which_points_linear_parts_are_compared() -> None:
    """The same each time: ninths of 2 and of 1/100 in turn, to both sides."""
    steps = list(linear_part._steps(200))
    assert steps == list(linear_part._steps(200)) and len(steps) == linear_part.POINTS == 12
    for k, row in enumerate(steps):
        size = fmpq(1, 100) if k % 2 else fmpq(2)
        assert {9 * v / size for v in row} == set(range(-9, 10))


def test_along_which_rays_L_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    """−relu(x)³ falls in the third order."""
    here = at("-relu(x)**3", {"x": 0})
    size = len(postorder([total_loss(here.problem)]))
    for name, most in (("ORDER", 3), ("MAX_NODES", size)):
        with monkeypatch.context() as within:
            within.setattr(rays, name, most)
            assert falls_along_a_ray(here) is not None
            within.setattr(rays, name, most - 1)
            assert falls_along_a_ray(here) is None


def flat(here: Landscape) -> object:
    return degenerate._on_flat_space(here, here.hessian.exact(), here.hessian.inertia.zero)


def test_which_flat_spaces_are_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    """L = log(1 + exp(x²/(1 + y² + z²))): ∇L = 0 on x = 0, of two dimensions."""
    here = at("log(1 + exp(x**2/(1 + y**2 + z**2)))", dict.fromkeys("xyz", 0))
    slopes = gradient(
        *smooth_piece([total_loss(here.problem)], here), here.problem.model.parameters
    )
    for name, most in (("MAX_FLAT", 2), ("MAX_FLAT_NODES", len(postorder(slopes)))):
        with monkeypatch.context() as within:
            within.setattr(degenerate, name, most)
            assert flat(here) is not None
            within.setattr(degenerate, name, most - 1)
            assert flat(here) is None


@pytest.mark.parametrize(
    ("weights", "critical"), [([(1, 0)], True), ([(0, 2)], True), ([(1, 1)], False), (None, False)]
)
def test_spaces_of_critical_points_in_chosen_directions(
    weights: list[tuple[int, int]] | None, critical: bool
) -> None:
    """L = x² + y²z²: ker H is x = 0, where ∇L = (0, 2yz², 2y²z)."""
    here = at("x**2 + y**2*z**2", dict.fromkeys("xyz", 0))
    assert degenerate._is_critical(here, here.hessian.exact(), weights) is critical


def sign_of(form: str, names: str) -> FormSign:
    poly = sympy.Poly(sympy.expand(sympy.sympify(form)), *sympy.symbols(names))
    terms = {m: fmpq(int(c.p), int(c.q)) for m, c in poly.terms()}
    return form_sign(terms, lambda v: (v > 0) - (v < 0))


@pytest.mark.parametrize(
    ("names", "form", "seen"),
    [
        ("x y z", "9*(x - 2*y)**2*(x**2 + y**2 + z**2) + 9*z**4 - y**4", True),  # at (2, 1, 0)
        ("x y z", "9*(x + 2*y)**2*(x**2 + y**2 + z**2) + 9*z**4 - y**4", True),
        ("x y z u", "9*(x - 2*y)**2*(x**2 + y**2) + 9*z**4 + 9*u**4 - y**4", False),
        ("x y z u", "2*(x**2 + y**2 + z**2 + u**2) - (x + y + z - u)**2", True),
        ("x y z u v", "2*(x**2 + y**2 + z**2 + u**2 + v**2) - (x + y + z + u + v)**2", False),
    ],
)
def test_at_which_points_a_negative_value_is_looked_for(names: str, form: str, seen: bool) -> None:
    """Each is negative somewhere; up to three variables at ±2 too, with five of them nowhere."""
    assert (sign_of(form, names) is FormSign.NEGATIVE) is seen


@pytest.mark.parametrize(
    ("form", "direction"), [("x**13", -1), ("-x**13", 1), ("-x**14", 1), ("x**12 - x**15", None)]
)
def test_one_parameter_to_the_order_of_single_vectors(form: str, direction: int | None) -> None:
    """The kernel is expanded to order 12, its vectors one by one to order 16."""
    found = at(form, {"x": 0}).minimum()
    assert found.local.truth is Truth.of(direction is None)
    if direction is not None and "14" not in form:  # which falls to both sides
        assert found.direction == (number(direction),)


def test_a_linear_part_with_a_kink_at_the_point_is_not_compared() -> None:
    """½(|w| + 1)² at 0: T = |w| is least there."""
    assert linear_part.linear_part(at("abs(w)", {"w": 0}, "half-squared", [-1])) is not None
