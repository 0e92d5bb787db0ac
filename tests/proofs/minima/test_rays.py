"""L along rays from a kink: series against values of L on the ray, and relu nets at weights 0."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from flint import fmpq
from landscapes import at

import hessrank as hr
from hessrank.proofs.minima.rays import RAYS, Ray, _rays, falls_along_a_ray
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.errors import KinkError
from hessrank.symbolic.expressions.expression import evaluate, number
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.field import Field

FORMS = (
    "relu(x - y)*y - abs(x*y)",
    "abs(relu(x) - abs(y)) + x**2",
    "relu(relu(x) - x*y) - y",
    "sign(x - y)*relu(x)",
    "relu(x**2 - y**2)**2 - abs(x - x)",
    "step(x)*y**2 + abs(abs(x) - 1)",
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(6))
def test_series_along_a_ray_are_the_values_there(form: str, seed: int) -> None:
    """Polynomials on each piece: for small t the series is the value itself."""
    rng = random.Random(seed)
    v = {"x": rng.choice((-2, -1, 1, 3)), "y": rng.choice((-3, 2, 4))}
    ring = Ray(Field(), 1, 6)
    (along,) = evaluate(
        [parse(form, set(v))], ring, {n: ring.series({(1,): fmpq(k)}) for n, k in v.items()}
    )
    t = Fraction(1, 1000)
    (value,) = substitute([parse(form, set(v))], {n: number(t * k) for n, k in v.items()})
    total = sum(
        (Fraction(int(c.p), int(c.q)) * t**d for (d,), c in along.terms.items()), Fraction()
    )
    assert value is number(total)


@pytest.mark.parametrize(
    ("name", "value"), [("relu", 0), ("abs", 0), ("step", None), ("sign", None)]
)
def test_what_vanishes_up_to_the_order(name: str, value: int | None) -> None:
    """relu and |·| are of higher order too; on which side of a jump the ray runs is not known."""
    ring = Ray(Field(), 1, 3)
    zero = ring.scalar(fmpq(0))
    if value is None:
        with pytest.raises(KinkError, match=name):
            ring.function(name, zero)
    else:
        assert ring.function(name, zero).terms == {}


@pytest.mark.parametrize("activation", ["relu", "leaky-relu"])
@pytest.mark.parametrize("widths", [[1, 1, 1], [1, 2, 1], [1, 2, 2, 1]])
@pytest.mark.parametrize("y", [[1, 2, -1], [-1, 0, 1], [2, 2, 1]])
def test_nets_at_zero_weights_are_no_minima(
    widths: list[int], activation: str, y: list[int]
) -> None:
    """A kink of every unit and example; one unit, with the sign of a label, lowers L. The ray that
    is named is asked for lower values."""
    net = hr.mlp(widths, activation=activation, bias=False)
    problem = hr.Problem(net, hr.Data([[1], [2], [-1]], [[v] for v in y]))
    found = problem.at([0] * len(net.parameters)).minimum()
    assert found.local.truth is Truth.FALSE and found.direction is not None
    base = problem.at([0] * len(net.parameters)).loss.to_numpy()[0, 0]
    t = Fraction(1, 1000)
    there = problem.at([str(t * v.value) for v in found.direction])
    assert there.loss.to_numpy()[0, 0] < base


def test_a_net_has_outputs_at_a_kink() -> None:
    """F, r and L have values there; J has none. A perfect fit decides."""
    net = hr.mlp([1, 2, 1], activation="relu", bias=False)
    here = hr.Problem(net, hr.Data([[1], [-1]], [[0], [0]])).at([0, 1, 1, 0])
    assert here.outputs.to_numpy().tolist() == [[0], [0]]
    assert here.minimum().kind == "global minimum"
    with pytest.raises(hr.KinkError):
        here.rank("jacobian")
    fit = hr.Problem(net, hr.Data([[1], [-1]], [[2], [0]])).at([0, 1, 3, 2])
    assert fit.outputs.to_numpy().tolist() == [[2], [0]]
    assert fit.minimum().kind == "global minimum"


@pytest.mark.parametrize(
    ("form", "local"),
    [
        ("abs(x)*(1 + y) - y**4", Truth.FALSE),
        ("relu(x)*y + x**2 + y**2/8", Truth.FALSE),  # at x = 1, y = −4: −4 + 1 + 2
        ("relu(x) + cosh(y)", Truth.TRUE),
        ("(relu(x) + 1)**2 + y**4", Truth.TRUE),
        ("abs(x*y) + 2", Truth.TRUE),
        ("relu(x)*y - 5", Truth.FALSE),
        ("relu(x) + cosh(y) - 5", Truth.TRUE),
    ],
)
def test_at_kinks(form: str, local: Truth) -> None:
    here = at(form, {"x": 0, "y": 0})
    assert here.minimum().local.truth is local
    assert (falls_along_a_ray(here) is not None) is (local is Truth.FALSE)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_rays_that_are_tried(n: int) -> None:
    """The same each time, none of them 0; every second one is full."""
    tried = list(_rays(n))
    assert tried == list(_rays(n)) and all(len(v) == n and any(v) for v in tried)
    assert RAYS // 2 <= len(tried) <= RAYS and sum(map(all, tried)) >= RAYS // 2
    assert n == 1 or any(0 in v for v in tried)
    assert {k for v in tried for k in v} >= {-2, -1, 1}
