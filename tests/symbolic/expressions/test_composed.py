"""Every function of a formula in every ring, against mpmath's own words for it; kinks as kinks."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint
import mpmath
import numpy as np
import pytest

import hessrank as hr
from hessrank.numeric.forward_pass import forward_pass
from hessrank.numeric.measure import evaluate as measure
from hessrank.symbolic.errors import InputError, KinkError
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.expressions.parsing import CALLS, parse
from hessrank.symbolic.fields.balls import BallRing
from hessrank.symbolic.fields.field import evaluate_in_field

#: The functions by their definitions, in mpmath: PyTorch's for gelu, silu, elu.
REFERENCE: dict[str, Callable[..., Any]] = {
    "gelu": lambda z: z * mpmath.ncdf(z),
    "swish": lambda z: z / (1 + mpmath.exp(-z)),
    "silu": lambda z: z / (1 + mpmath.exp(-z)),
    "leaky_relu": lambda z: z if z > 0 else z / 100,
    "elu": lambda z: z if z > 0 else mpmath.expm1(z),
    "atan": mpmath.atan,
    "asinh": mpmath.asinh,
    "max": max,
    "min": min,
}
CALL = {name: f"{name}(a*x, b)" if name in ("max", "min") else f"{name}(a*x)" for name in REFERENCE}
#: (a, x, b)
POINTS = [(Fraction(3, 2), Fraction(1), Fraction(1)), (Fraction(-7, 5), Fraction(2), Fraction(1))]


def value(name: str, a: Any, x: Any, b: Any) -> Any:
    return REFERENCE[name](a * x, b) if name in ("max", "min") else REFERENCE[name](a * x)


@pytest.mark.parametrize("name", REFERENCE)
@pytest.mark.parametrize("point", POINTS, ids=str)
def test_value_and_derivatives_in_every_ring(name: str, point: tuple[Fraction, ...]) -> None:
    a, x, b = (mpmath.mpf(q.numerator) / q.denominator for q in point)
    model = hr.Model.from_expressions([f"c*{CALL[name]}"], "a b c", "x")
    problem = hr.Problem(model, hr.Data([[point[1]]], [[0]]), loss="o")
    here = problem.at({"a": point[0], "b": point[2], "c": 1})
    with mpmath.workdps(60):
        slopes = [
            mpmath.diff(lambda t: value(name, t, x, b), a, 1),
            mpmath.diff(lambda t: value(name, a, x, t), b, 1),
            value(name, a, x, b),
        ]
        second = mpmath.diff(lambda t: value(name, t, x, b), a, 2)
    for found in (here.jacobian.to_numpy(), measure(forward_pass(here)).jacobian):
        assert np.allclose(found, [[float(s) for s in slopes]], rtol=1e-13, atol=1e-13)
    for found in (here.hessian.to_numpy(), measure(forward_pass(here)).hessian):
        assert found[0, 0] == pytest.approx(float(second), rel=1e-12, abs=1e-13)
    for rank in (here.rank("jacobian"), here.rank("hessian")):
        assert rank.lower <= 2
    assert int(here.rank("jacobian")) == 1


@pytest.mark.parametrize("name", REFERENCE)
def test_balls_and_the_exact_field_hold_the_value(name: str) -> None:
    form = parse(CALL[name], {"a", "x", "b"})
    for point in POINTS:
        with mpmath.workdps(60), flint.ctx.workprec(160):
            theirs = value(name, *(mpmath.mpf(q.numerator) / q.denominator for q in point))
            expected = flint.arb(mpmath.nstr(theirs, 55))
        values = dict(zip("axb", point, strict=True))
        with flint.ctx.workprec(160):
            balls = {k: BallRing.number(v) for k, v in values.items()}
            (ball,) = evaluate([form], BallRing(), balls)
            assert ball.rad() < 1e-30 and abs(ball - expected) < 1e-40

        def exact(field: Any, values: Any = values) -> tuple[Any, Any]:
            numbers = {k: field.number(v) for k, v in values.items()}
            (found,) = evaluate([form], field, numbers)
            return field, found

        field, found = evaluate_in_field(exact)
        with flint.ctx.workprec(160):
            assert abs(field.ball(found, 160) - expected) < 1e-40


@pytest.mark.parametrize("name", REFERENCE)
def test_what_is_printed_is_read_back(name: str) -> None:
    form = parse(CALL[name], {"a", "x", "b"})
    assert parse(str(form), {"a", "x", "b"}) is form


def test_exact_values() -> None:
    """atan 1 = π/4 and asinh(3/4) = log 2, from their definitions; both are odd."""
    zeros = ["4*atan(1) - pi", "asinh(3/4) - log(2)", "asinh(-3/4) + log(2)", "atan(2) + atan(-2)"]
    for text in [*zeros, "max(1, 2, 1/2) - 2", "min(3, 2, 5) - 2", "max(2, 0) - min(2, 3)"]:
        assert int(hr.rank([[text]])) == 0
    assert int(hr.rank([["atan(2)", 1], [1, "atan(2)"]])) == 2


@pytest.mark.parametrize(
    "text",
    [
        "atan(1/2) + atan(1/3) - pi/4",  # Euler
        "4*atan(1/5) - atan(1/239) - pi/4",  # Machin
        "12*atan(1/18) + 8*atan(1/57) - 5*atan(1/239) - pi/4",  # Gauss
        "44*atan(1/57) + 7*atan(1/239) - 12*atan(1/682) + 24*atan(1/12943) - pi/4",  # Størmer
        "2*atan(2) + atan(4/3) - pi",
        "atan(1/7) + 2*atan(1/3) - pi/4",  # Hutton
    ],
)
def test_formulas_for_pi(text: str) -> None:
    assert int(hr.rank([[text]])) == 0
    assert int(hr.rank([[f"{text} + atan(1/10**9)"]])) == 1


@pytest.mark.parametrize("seed", range(20))
def test_the_angle_of_a_rational_slope(seed: int) -> None:
    rng = np.random.default_rng(seed)
    q = Fraction(int(rng.integers(1, 10**6)), int(rng.integers(1, 10**6)))

    def exact(field: Any) -> Any:
        return field, field.function("atan", field.number(q))

    field, found = evaluate_in_field(exact)
    with mpmath.workdps(60), flint.ctx.workprec(160):
        expected = flint.arb(mpmath.nstr(mpmath.atan(mpmath.mpf(q.numerator) / q.denominator), 55))
        assert abs(field.ball(found, 160) - expected) < 1e-40


@pytest.mark.parametrize(
    "text",
    ["max(a, b)*x", "min(a, b)*x", "max(a*x, b*x, 0)", "leaky_relu(a - b)*x", "elu(a - b)*x"],
)
def test_a_kink_at_the_point_is_an_error_and_has_two_sides(text: str) -> None:
    problem = hr.Problem(hr.Model.from_expressions([text], "a b", "x"), hr.Data([[1]], [[0]]))
    with pytest.raises(KinkError):
        _ = problem.at({"a": 1, "b": 1}).jacobian
    assert problem.at({"a": 1, "b": 1}, side="right").jacobian is not None
    assert problem.at({"a": 1, "b": 2}).jacobian is not None


def test_beside_the_kink_the_larger_one_alone_counts() -> None:
    problem = hr.Problem(
        hr.Model.from_expressions(["max(a*x, b)", "min(a*x, b)"], "a b", "x"),
        hr.Data([[1], [3]], [[0, 0], [0, 0]]),
    )
    J = problem.at({"a": 1, "b": 2}).jacobian
    assert J.fractions() == [[0, 1], [1, 0], [3, 0], [0, 1]]


def test_far_out_nothing_is_lost() -> None:
    for z in (-1e12, -1e-9, 1e-9, 1e150):
        model = hr.Model.from_expressions(["asinh(a)", "atan(a)"], "a")
        here = hr.Problem(model, hr.Data([[]], [[0, 0]])).at({"a": hr.exact(z)})
        found = measure(forward_pass(here)).outputs
        assert found == pytest.approx([math.asinh(z), math.atan(z)], rel=1e-14, abs=0)


@pytest.mark.parametrize("text", ["max(a)", "max()", "gelu(a, b)", "min(*a)", "atan()", "elu(z=a)"])
def test_the_number_of_arguments_is_checked(text: str) -> None:
    with pytest.raises(InputError, match="argument"):
        parse(text, {"a", "b"})


def test_names_of_functions_are_taken() -> None:
    assert set(REFERENCE) <= set(CALLS)
    for name in REFERENCE:
        with pytest.raises(InputError, match="taken by the function"):
            hr.Model.from_expressions([name], [name])
