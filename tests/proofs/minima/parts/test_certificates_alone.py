"""Certificates that alone decide: a perfect fit under a convex loss that no bound of parts knows, a
point that is certified without being written down, the common zeros of a sum of squares."""

from __future__ import annotations

from math import isnan

import pytest
from flint import arb, fmpz_poly
from landscapes import at

from hessrank.proofs.fibres.fibre import fibre_dimension
from hessrank.proofs.minima.kind import flat_local, no_minimum, strict_local
from hessrank.proofs.minima.lower_bound import _sign
from hessrank.proofs.minima.minimum import _certified, _common_zeros, minimum
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.problems.certified import Certified


@pytest.mark.parametrize("loss", ["log(exp(o - y) + exp(y - o))", "exp(o - y) - o + y"])
def test_a_perfect_fit_of_a_convex_loss(loss: str) -> None:
    """Both have their least value where o = y, and neither is a sum of parts with known bounds."""
    found = minimum(at("u*tanh(w)", {"u": 0, "w": 1}, loss))
    assert found.kind == "global minimum"
    assert found.is_global.reason == (
        "r = 0 and ℓ is convex by the composition rules: F(θ) minimises ℓ"
    )


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ("not a minimum", no_minimum("why")),
        ("strict local minimum", strict_local("why")),
        ("local minimum, not strict", flat_local("why")),
        ("not known", None),
    ],
)
def test_what_is_certified_of_a_point_is_taken_over(point: str, expected: object) -> None:
    assert _certified(Certified(None, "∇L = 0", {}, point, "why")) == expected


@pytest.mark.parametrize(
    ("form", "point", "dimension"),
    [
        ("x**4 - 2*x**2*y + y**2", {"x": 1, "y": 1}, 1),  # (x² − y)²: a parabola
        ("x**4 + 2*x**2*y**2 - 2*x**2*y + y**2", {"x": 0, "y": 0}, 0),  # + 2x²y²: x = y = 0
        ("x**4 - 4*x**2*y + 4*y**2 + z**2", {"x": 2, "y": 2, "z": 0}, 1),  # x² = 2y, z = 0
    ],
)
def test_the_common_zeros_of_squares(form: str, point: dict[str, object], dimension: int) -> None:
    zeros = _common_zeros(at(form, point))
    assert zeros is not None and int(fibre_dimension(zeros)) == dimension
    assert [str(zeros.point[n]) for n in point] == [str(v) for v in point.values()]


def test_no_squares_no_common_zeros() -> None:
    assert _common_zeros(at("x**3", {"x": 0})) is None
    assert _common_zeros(at("x**2 - y**2", {"x": 0, "y": 0})) is None


@pytest.mark.parametrize(
    ("bound", "sign"),
    [("sqrt(2)/2", 1), ("exp(2)", 1), ("-sqrt(2)/2", -1), ("-exp(2)", -1), ("1/3", 1), ("0", 0)],
)
def test_the_sign_of_a_bound(bound: str, sign: int) -> None:
    assert _sign(parse(bound)) == sign
    assert isnan(_sign(parse("exp(1)*exp(2) - exp(3)")))  # 0, which no ball shows


def _largest_root(_: int) -> arb:
    """Of 4t³ − 6t + 1, to the working precision."""
    return max((z.real for z, _ in fmpz_poly([1, -6, 0, 4]).complex_roots()), key=float)


@pytest.mark.parametrize("kind", ["strict local minimum", "not known"])
def test_what_is_certified_is_asked_before_derivatives(kind: str) -> None:
    """L = t⁴ − 3t² + t is lower at t = −1.3; L″ = 12t² − 6 > 0 at the largest zero of L′."""
    problem = at("t**4 - 3*t**2 + t", {"t": 0}).problem
    there = Certified.at(problem, "∇L = 0", {}, kind, "it was shown", [None], _largest_root)
    found = minimum(problem.at(dict(there.values)))
    assert found.kind == "strict local minimum"
    assert (found.local.reason == "it was shown") is (kind == "strict local minimum")
