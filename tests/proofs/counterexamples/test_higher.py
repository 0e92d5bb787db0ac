"""Third derivatives of outputs along directions: by all of them and by polarisation, as SymPy has
them."""

from __future__ import annotations

import random

import pytest
import sympy
from flint import fmpq

from hessrank.proofs.counterexamples import higher
from hessrank.proofs.counterexamples.label_space import label_space
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem


def drawn(seed):
    """(the space of a random net or closed form at a random point, its outputs in SymPy)."""
    rng = random.Random(seed)
    x = [[rng.randint(-2, 2) for _ in range(2)] for _ in range(5)]
    if seed % 2:
        model = mlp([2, 1, 1], rng.choice(["tanh", "sigmoid", "cube"]), bias=False)
        a, b, c = sympy.symbols(model.parameters)
        sigma = {
            "tanh": sympy.tanh,
            "sigmoid": lambda z: 1 / (1 + sympy.exp(-z)),
            "cube": lambda z: z**3,
        }[model.network.activation]
        outputs = [c * sigma(a * p + b * q) for p, q in x]
    else:
        text = rng.choice(["a*x1*b**2 + b*a**3*x2", "a**3*x1 - exp(b)*x2**2", "x1*a*b*(a + x2*b)"])
        model = Model.from_expressions([text], ["a", "b"], ["x1", "x2"])
        form = sympy.sympify(text)  # a text of this file
        outputs = [form.subs({"x1": p, "x2": q}) for p, q in x]
    values = [rng.choice([-1, 0, 1, 2, fmpq(1, 2)]) for _ in model.parameters]
    problem = Problem(model, Data(x, [[0]] * len(x)), Loss.named("half-squared"))
    here = problem.at(dict(zip(model.parameters, map(str, values), strict=True)))
    return label_space(here), outputs, model.parameters, [sympy.Rational(str(v)) for v in values]


@pytest.mark.parametrize("limit", [0, 8])
@pytest.mark.parametrize("seed", range(16))
def test_third_derivatives_are_those_of_sympy(seed, limit, monkeypatch):
    space, outputs, names, values = drawn(seed)
    monkeypatch.setattr(higher, "MAX_TENSOR", limit)
    rng = random.Random(seed)
    N = len(names)
    basis = [tuple(fmpq(rng.randint(-2, 2)) for _ in range(N)) for _ in range(2)]
    found = higher.trilinear(space, basis)
    assert sorted(found) == [(0, 0, 0), (0, 0, 1), (0, 1, 1), (1, 1, 1)]
    assert space.residuals  # else nothing is asked
    t = sympy.symbols("t0:3")
    symbols = sympy.symbols(names)
    for at, rows in found.items():
        moved = {
            s: v + sum(k * sympy.Rational(str(basis[i][p])) for k, i in zip(t, at, strict=True))
            for p, (s, v) in enumerate(zip(symbols, values, strict=True))
        }
        third = [
            sympy.diff(F.subs(moved, simultaneous=True), *t).subs(dict.fromkeys(t, 0))
            for F in outputs
        ]
        for n, value in zip(space.residuals, rows, strict=True):
            exact = sum(_number(space, c) * T.evalf(60) for c, T in zip(n, third, strict=True))
            assert abs(exact - _number(space, value)) < 1e-25 * (1 + abs(exact))
    along = higher.cubic(space, basis[1])
    for form, value in zip(along, found[1, 1, 1], strict=True):
        assert sum((f * v for f, v in zip(form, basis[1], strict=True)), fmpq(0)) == value


def _number(space, value):
    """An exact number with 60 digits."""
    ball = space.field.ball(value, 300)
    return sympy.Float(ball.mid().str(60, radius=False), 60)
