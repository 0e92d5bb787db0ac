"""To SymPy and back, over all functions; values against SymPy's own evaluation at 50 digits."""

from __future__ import annotations

import pickle
from contextlib import suppress
from fractions import Fraction

import flint
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import hessrank as hr
from hessrank.symbolic.errors import DomainError, InputError, KinkError, UndecidedError
from hessrank.symbolic.expressions.exchange.from_sympy import from_sympy
from hessrank.symbolic.expressions.expression import Expr, evaluate, number, power, symbol
from hessrank.symbolic.expressions.functions import FUNCTIONS, function
from hessrank.symbolic.expressions.parsing import CALLS, parse
from hessrank.symbolic.fields.balls import BallRing

VALUES = {"a": Fraction(3, 7), "b": Fraction(-5, 4)}
A, B, X = sympy.symbols("a b x")
#: The functions of a formula whose value is SymPy's own, in SymPy's words.
SYMPYS = {
    "sqrt": sympy.sqrt,
    "sigmoid": lambda z: 1 / (1 + sympy.exp(-z)),
    "softplus": lambda z: sympy.log(1 + sympy.exp(z)),
    "relu": lambda z: sympy.Max(z, 0),
    "step": sympy.Heaviside,
    "gelu": lambda z: z * (1 + sympy.erf(z / sympy.sqrt(2))) / 2,
    "swish": lambda z: z / (1 + sympy.exp(-z)),
    "silu": lambda z: z / (1 + sympy.exp(-z)),
    "leaky_relu": lambda z: sympy.Piecewise((z, z > 0), (z / 100, True)),
    "elu": lambda z: sympy.Piecewise((z, z > 0), (sympy.exp(z) - 1, True)),
    "max": sympy.Max,
    "min": sympy.Min,
    **{f.name: getattr(sympy, f.sympy) for f in FUNCTIONS.values() if f.sympy},
}


def ball(form: Expr) -> flint.arb:
    values = {n: BallRing.number(q) for n, q in VALUES.items()}
    with flint.ctx.workprec(300):
        return evaluate([form], BallRing(), values)[0]


def at_50_digits(expression: sympy.Expr) -> flint.arb:
    """SymPy's value, as a ball that allows for its last digits."""
    rationals = {
        sympy.Symbol(n, **how): sympy.Rational(q.numerator, q.denominator)
        for n, q in VALUES.items()
        for how in ({}, {"real": True})
    }
    with flint.ctx.workprec(300):
        found = sympy.N(expression.subs(rationals), 50)
        value = flint.arb(str(found))
        return value + flint.arb(0, 1e-40) * (1 + abs(value))


def agree(form: Expr, expression: sympy.Expr) -> bool:
    with flint.ctx.workprec(300):
        return ball(form).overlaps(at_50_digits(expression))


def test_every_function_of_a_formula_is_compared() -> None:
    assert set(SYMPYS) == set(CALLS)


@pytest.mark.parametrize("name", sorted(SYMPYS))
@pytest.mark.parametrize("inside", ["a", "-b/3", "a + 2", "2*a*b"])
def test_values_and_round_trips_of_all_functions(name: str, inside: str) -> None:
    many = name in ("max", "min")
    text = f"{name}({inside}, b + 1)" if many else f"{name}({inside})"
    z = parse(inside, VALUES)
    form = parse(text, VALUES)
    theirs = SYMPYS[name](z.to_sympy(), B + 1) if many else SYMPYS[name](z.to_sympy())
    if name in ("log", "sqrt") and inside == "2*a*b":  # negative
        with suppress(DomainError, UndecidedError):
            assert not ball(form).is_finite()  # Arb's way of no real value
        return
    assert agree(form, theirs)
    there = form.to_sympy()
    assert agree(form, there)
    back = from_sympy(there)
    assert agree(back, theirs)
    assert back.to_sympy() == there
    if not theirs.has(sympy.Piecewise):
        assert agree(from_sympy(theirs), theirs)


def grown(below: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    return st.one_of(
        st.builds(lambda a, b: a + b, below, below),
        st.builds(lambda a, b: a * b, below, below),
        st.builds(power, below, st.sampled_from([Fraction(2), Fraction(-1), Fraction(1, 3)])),
        st.builds(function, st.sampled_from(sorted(FUNCTIONS)), below),
    )


LEAVES = st.one_of(
    st.sampled_from([symbol("a"), symbol("b")]),
    st.builds(number, st.fractions(-3, 3, max_denominator=4)),
)


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_random_forms_come_back_with_their_value(data: st.DataObject) -> None:
    try:
        form = data.draw(st.recursive(LEAVES, grown, max_leaves=8))
        value = ball(form)
    except (DomainError, UndecidedError, KinkError):
        return
    if not (value.is_finite() and abs(value) < 1e20):
        return
    there = form.to_sympy()
    if there.has(sympy.zoo, sympy.nan, sympy.I):
        return
    back = from_sympy(there)
    with flint.ctx.workprec(300):
        assert ball(back).overlaps(value)
    assert from_sympy(back.to_sympy()) is from_sympy(from_sympy(back.to_sympy()).to_sympy())


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "relu", "step"])
def test_our_functions_live_in_sympy(name: str) -> None:
    """Derivatives against SymPy's of the closed form, lambdify against NumPy, pickle, LaTeX."""
    s = sympy.Symbol("a", real=True)
    there = function(name, symbol("a") * 2).to_sympy()
    assert there.is_real and pickle.loads(pickle.dumps(there)) == there
    assert from_sympy(there) is function(name, symbol("a") * 2)
    closed = there.doit()
    assert not closed.has(type(there))
    for at in (sympy.Rational(2, 7), sympy.Rational(-3, 5)):
        slope = there.diff(s).doit().subs(s, at)
        assert abs(sympy.N(slope - closed.diff(s).subs(s, at), 30)) < 1e-25
        assert float(there.subs(s, at).evalf()) == pytest.approx(float(closed.subs(s, at)))
    values = np.array([-1.5, 0.25, 2.0])
    expected = [float(closed.subs(s, sympy.Rational(v))) for v in (-1.5, 0.25, 2.0)]
    assert sympy.lambdify(s, there, "numpy")(values) == pytest.approx(expected)
    assert name[:4] in sympy.latex(there) or "sigma" in sympy.latex(there)


def test_a_model_a_loss_a_regulariser_data_and_a_point_of_sympy() -> None:
    """The derivatives are SymPy's own of the same L."""
    model = hr.Model.from_expressions([A * sympy.tanh(B * X)], [A, B], [X])
    assert model == hr.Model.from_expressions(["a*tanh(b*x)"], "a b", "x")
    o, y = sympy.symbols("o y")
    ours = hr.Problem(
        model,
        hr.Data(sympy.Matrix([1, 2]), [[sympy.Rational(1, 3)], [sympy.log(2)]]),
        loss=(o - y) ** 2 * sympy.exp(o),
        regulariser=A**2 / 10 + B**4,
    )
    L = A**2 / 10 + B**4
    for x, target in ((1, sympy.Rational(1, 3)), (2, sympy.log(2))):
        F = A * sympy.tanh(B * x)
        L += (F - target) ** 2 * sympy.exp(F)
    here = ours.at({A: sympy.Rational(1, 2), B: sympy.log(3) / 2})
    point = {A: sympy.Rational(1, 2), B: sympy.log(3) / 2}
    real = {A: sympy.Symbol("a", real=True), B: sympy.Symbol("b", real=True)}
    hessian = sympy.hessian(L, (A, B))
    for found, expected in (
        (here.hessian, hessian.subs(point)),
        (ours.hessian, hessian),
        (here.gradient, sympy.Matrix([L.diff(A), L.diff(B)]).subs(point)),
        (here.loss, sympy.Matrix([L]).subs(point)),
    ):
        there = found.to_sympy()
        assert there.shape == expected.shape
        numbers = [
            sympy.N(m.subs({A: point[A], B: point[B], real[A]: point[A], real[B]: point[B]}), 50)
            for m in (there, expected)
        ]
        assert max(abs(v) for v in numbers[0] - numbers[1]) < 1e-40
    assert isinstance(here.hessian[0, 0].to_sympy(), sympy.Expr)
    assert (
        sympy.Matrix([[real[A] * sympy.tanh(real[B]), real[A] * sympy.tanh(2 * real[B])]])
        == ours.outputs.to_sympy().T
    )


def test_single_symbols_matrices_and_fixed_parameters() -> None:
    one = hr.Model.from_expressions(A**2, A)
    assert one.parameters == ("a",) and one.inputs == ()
    two = hr.Model.from_expressions(sympy.Matrix([A * X, B]), (A, B), X, fixed={B: 2})
    assert two.parameters == ("a",) and two.output_count == 2
    generic = hr.generic_rank(sympy.Matrix([[A, sympy.sqrt(A)], [1, B]]), near={A: 2})
    assert int(generic) == 2


def test_matrices_that_are_too_large_to_carry_have_their_form_too() -> None:
    net = hr.mlp([1, 2, 1])
    theta = [Fraction(k, 1009 + k) for k in range(1, 8)]
    here = hr.Problem(net, hr.Data([["1/7"], ["2001/1000"]], [[0], [1]])).at(theta)
    J = here._enclosed_matrix("J", (2, 7))
    values = np.array(J.to_sympy().evalf(30), dtype=float)
    assert values == pytest.approx(here.jacobian.to_numpy(), rel=1e-12)


@pytest.mark.parametrize(
    ("outputs", "parameters", "inputs", "key"),
    [
        ([sympy.gamma(A)], [A], [], "outputs[0]"),
        ([A * sympy.Float(0.5)], [A], [], "outputs[0]"),
        ([A * B], [A], [], "outputs[0]"),
        ([A * sympy.I], [A], [], "outputs[0]"),
        ([A], [A + 1], [], "parameters"),
        ([A], [A], [A], "inputs"),
        ([A], [A, sympy.Symbol("N")], [], "parameters"),
        ([sympy.Piecewise((A, A > 0), (0, True))], [A], [], "outputs[0]"),
    ],
    ids=str,
)
def test_what_has_no_form_here_is_named(outputs, parameters, inputs, key) -> None:
    with pytest.raises(InputError) as caught:
        hr.Model.from_expressions(outputs, parameters, inputs)
    assert caught.value.key == key and "\n" not in str(caught.value)
