"""A preactivation that is 0 on a neighbourhood of the point is no kink: against exact values of F
at points nearby, by a forward pass in Fractions."""

from __future__ import annotations

import random
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise

import pytest

from hessrank.proofs.facts.smooth_piece import outputs_near
from hessrank.symbolic.errors import KinkError
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem

SMALL = Fraction(1, 10**6)


def run(widths, bias, theta, x, slope):
    """The outputs on one example; θ in the order of the parameters; σ(z) = slope·z below 0."""
    a, at = [Fraction(v) for v in x], 0
    for l, (m, n) in enumerate(pairwise(widths)):
        W = [theta[at + i * m : at + i * m + m] for i in range(n)]
        at += n * m
        b = theta[at : at + n] if bias else [Fraction(0)] * n
        at += n if bias else 0
        z = [
            sum((w * v for w, v in zip(row, a, strict=True)), c)
            for row, c in zip(W, b, strict=True)
        ]
        a = z if l == len(widths) - 2 else [v if v > 0 else slope * v for v in z]
    return a


def check(net, widths, bias, theta, rows, slope):
    """J·v and vᵀ∇²F_m v from second differences along random v, F being a polynomial nearby whose
    third differences are of order 10⁻¹⁸."""
    names = net.parameters
    full = net.network.parameters
    here = Problem(net, Data(rows, [[0] * widths[-1] for _ in rows])).at(
        {n: v for n, v in zip(full, theta, strict=True) if n in names}
    )
    J = here.jacobian
    rng = random.Random(1)
    for _ in range(6):
        v = [Fraction(rng.randint(-3, 3)) if n in names else Fraction(0) for n in full]
        short = [s for s, n in zip(v, full, strict=True) if n in names]
        F = []
        for k in (-1, 0, 1):
            near = [t + s * SMALL * k for t, s in zip(theta, v, strict=True)]
            F.append([o for x in rows for o in run(widths, bias, near, x, slope)])
        for m, row in enumerate(J.rows):
            entries = [Fraction(int(c.p), int(c.q)) for c in row]
            along = sum((c * s for c, s in zip(entries, short, strict=True)), Fraction(0))
            assert abs((F[2][m] - F[0][m]) / (2 * SMALL) - along) < Fraction(1, 10**6)
            table = here.second_derivative(m).rows
            bent = sum(
                Fraction(int(c.p), int(c.q)) * s * t
                for s, r in zip(short, table, strict=True)
                for t, c in zip(short, r, strict=True)
            )
            assert abs((F[2][m] + F[0][m] - 2 * F[1][m]) / SMALL**2 - bent) < Fraction(1, 100)
    return here


@pytest.mark.parametrize("name", ["relu", "leaky-relu"])
def test_a_net_without_biases_on_the_input_zero(name):
    net = mlp([2, 2, 1], name, bias=False)
    theta = [Fraction(v) for v in (1, 2, -1, 1, 3, -2)]
    slope = Fraction(0) if name == "relu" else Fraction(1, 100)
    check(net, [2, 2, 1], False, theta, [[0, 0], [1, 2]], slope)


def test_a_unit_behind_a_dead_layer():
    net = mlp([1, 2, 1, 1], "relu", bias=False)
    here = check(net, [1, 2, 1, 1], False, [Fraction(v) for v in (-1, -2, 1, 1, 1)], [[1], [-1]], 0)
    assert all(v == 0 for v in here.jacobian.rows[0])
    assert str(outputs_near(here)[0]) == "0"


def test_fixed_weights_make_preactivations_constant():
    """w = (1, −1) fixed, x = (1, 1): z = 0 for ever; with a free weight it is a kink."""
    fixed = {"w1_1_1": 1, "w1_1_2": -1}
    net = mlp([2, 2, 1], "relu", bias=False, fixed=fixed)
    theta = [Fraction(v) for v in (1, -1, 2, 3, 1, 1)]
    check(net, [2, 2, 1], False, theta, [[1, 1], [2, 1]], 0)
    loose = mlp([2, 2, 1], "relu", bias=False, fixed={"w1_1_1": 1})
    point = dict(zip(net.network.parameters, theta, strict=True))
    point = {n: point[n] for n in loose.parameters}
    with pytest.raises(KinkError, match="unit 1 in layer 1, example 1"):
        assert Problem(loose, Data([[1, 1]], [0])).at(point).jacobian


def test_a_zero_that_is_left_is_a_kink():
    """z = w·1 at w = 0; a bias that is 0; a unit behind a unit that is 0 without being dead."""
    for net, x, point in (
        (mlp([1, 1, 1], "relu", bias=False), [[1]], [0, 1]),
        (mlp([1, 1, 1], "relu"), [[0]], [1, 0, 1, 0]),
        (mlp([1, 1, 1, 1], "relu", bias=False), [[1]], [0, 1, 1]),
    ):
        problem = Problem(net, Data(x, [0]))
        with pytest.raises(KinkError):
            assert problem.at(dict(zip(net.parameters, point, strict=True))).jacobian


@pytest.mark.parametrize("seed", range(40))
def test_random_nets_with_zeros_everywhere(seed):
    rng = random.Random(seed)
    widths = rng.choice([[1, 2, 1], [2, 2, 1], [2, 1, 2, 1], [1, 2, 2, 2]])
    bias = rng.random() < 0.3
    full = mlp(widths, "relu", bias=bias).parameters
    theta = [Fraction(rng.choice([-2, -1, -1, 1, 2, 0])) for _ in full]
    fixed = {n: v for n, v in zip(full, theta, strict=True) if rng.random() < 0.25}
    net = mlp(widths, "relu", bias=bias, fixed=fixed)
    rows = [[rng.choice([-1, 0, 0, 1]) for _ in range(widths[0])] for _ in range(2)]
    if not net.parameters:
        return
    with suppress(KinkError):
        check(net, widths, bias, theta, rows, Fraction(0))


@pytest.mark.parametrize(
    ("form", "x", "gradient", "bent"),
    [
        ("a*relu(b*x)", 0, [0, 0], 0),
        ("a*relu(b*relu(c*x)) + a**2*x", 1, [4, 0], 2),  # c = −3: dead, and b·0 behind it
        ("a*abs(b*x) + abs(a*x)", 0, [0, 0], 0),
        ("a*relu(b*x - b*x*1)", 0, [0, 0], 0),
    ],
)
def test_closed_forms_that_vanish_near_the_point(form, x, gradient, bent):
    """At a = 2, b = 5, c = −3, derivatives by hand."""
    names = "a b c" if "c" in form else "a b"
    model = Model.from_expressions(form, names, "x")
    point = {"a": 2, "b": 5, "c": -3}
    here = Problem(model, Data([x], [1])).at({n: point[n] for n in names.split()})
    assert [int(v.p) for v in here.jacobian.rows[0][:2]] == gradient
    assert here.second_derivative(0).rows[0][0] == bent
    assert int(here.rank("hessian")) >= 0


def test_closed_forms_with_a_kink():
    model = Model.from_expressions("a*relu(b*x)", "a b", "x")
    with pytest.raises(KinkError, match="example"):
        assert Problem(model, Data([0, 1], [0, 0])).at({"a": 1, "b": 0}).jacobian


def test_closed_forms_near_a_point():
    model = Model.from_expressions("a*relu(b*x) + relu(c - c)*a", "a b c", "x")
    here = Problem(model, Data([2], [0])).at({"a": 1, "b": 3, "c": 5}, side=1)
    (form,) = outputs_near(here)
    field = Field()
    a, b, c = (field.indeterminate(n) for n in "abc")
    assert evaluate([form], field, {"a": a, "b": b, "c": c})[0] == 2 * a * b
