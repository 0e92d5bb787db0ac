"""LaTeX means what the closed form means: read back by a reader that shares nothing with it."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hessrank.specs.spec import read_spec
from hessrank.symbolic.errors import DomainError
from hessrank.symbolic.expressions.expression import (
    Expr,
    evaluate,
    number,
    postorder,
    power,
    symbol,
)
from hessrank.symbolic.expressions.functions import FUNCTIONS, function
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.expressions.printing import latex, latex_matrix, symbol_latex
from hessrank.symbolic.expressions.tidy import name_shared, tidy
from hessrank.symbolic.models.models import mlp
from oracles.latex_reader import FUNCTIONS as READ
from oracles.latex_reader import structure, value
from oracles.rings import Floats

NAMES = {"a": 0.7, "x": -1.3, "w1_2_1": 0.4, "theta2": 1.1}


NAMED = {"atan": "arctan", "asinh": "arsinh"}


class Read(Floats):
    """Floats, with the functions that the reader of LaTeX knows."""

    def function(self, name: str, *args: float) -> float:
        known = name in ("pi", "abs")
        return super().function(name, *args) if known else READ[NAMED.get(name, name)](*args)


def grown(below: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    smooth = sorted(FUNCTIONS)
    return st.one_of(
        st.builds(lambda a, b: a + b, below, below),
        st.builds(lambda a, b: a - b, below, below),
        st.builds(lambda a, b: a * b, below, below),
        st.builds(power, below, st.sampled_from([Fraction(k) for k in (2, 3, -1, -2)])),
        st.builds(power, below, st.sampled_from([Fraction(1, 2), Fraction(2, 3), Fraction(-1, 2)])),
        st.builds(function, st.sampled_from(smooth), below),
    )


leaves = st.one_of(
    st.sampled_from([symbol(n) for n in NAMES]),
    st.builds(number, st.fractions(-4, 4, max_denominator=5)),
)
forms = st.recursive(leaves, grown, max_leaves=12)


def in_floats(e: Expr) -> float | None:
    """The value, or None where a value on the way is not real, huge, or nearly zero (noise)."""
    nodes = postorder([e])
    try:
        found = evaluate(nodes, Read(), NAMES)
    except (ArithmeticError, ValueError, DomainError):
        return None
    moderate = all(v == 0 or 1e-5 < abs(v) < 1e4 for v in found)
    return found[-1] if moderate else None


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_latex_reads_back_to_the_same_value(data: st.DataObject) -> None:
    try:
        form = data.draw(forms)
    except (DomainError, ZeroDivisionError):
        return
    expected = in_floats(form)
    if expected is None:
        return
    try:
        printed = latex(form)
        (tidied,) = tidy([form])
    except DomainError:
        return  # 1/(x - x): no value either
    structure(printed)
    again = in_floats(tidied)
    assert again is None or math.isclose(again, expected, rel_tol=1e-6, abs_tol=1e-6)
    if again is not None:
        read = value(printed, {symbol_latex(n): v for n, v in NAMES.items()})
        assert math.isclose(read, expected, rel_tol=1e-6, abs_tol=1e-6), printed


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("1 - tanh(u*x)**2", r"1 - \tanh^{2}(u x)"),
        ("-x - 1", "-x - 1"),
        ("x*u*x*2*a", "2 a u x^{2}"),
        ("a/(1 + exp(-x))", r"\frac{a}{e^{-x} + 1}"),
        ("exp(x)*exp(-x)", "1"),
        ("(exp(1) - 1)/(exp(1) + 1)", r"\frac{e - 1}{e + 1}"),
        ("w1_2_3**2", r"\left(w^{(1)}_{2,3}\right)^{2}"),
        ("3*2**(3/2)", r"3 \cdot 2^{3/2}"),
        ("abs(x)*sqrt(2)/2", r"\frac{\sqrt{2} \left|x\right|}{2}"),
    ],
)
def test_how_it_is_written(text: str, printed: str) -> None:
    # conventions of mathematical typesetting; nothing here is computed
    assert latex(parse(text, {"u", "x", "a", "w1_2_3"})) == printed


def test_order_does_not_depend_on_how_a_form_was_built() -> None:
    a, b, x = symbol("a"), symbol("b"), symbol("x")
    assert latex(x * a * b) == latex(b * (a * x)) == "a b x"
    assert latex(a * x * b - b * (x * a)) == "0"


def test_names_replace_what_occurs_twice_and_give_it_back() -> None:
    form = parse("a*tanh(u*x) + (1 - tanh(u*x)**2)*sin(tanh(u*x))", {"a", "u", "x"})
    known, (short,) = name_shared(tidy([form]), "t")
    assert [n for n, _ in known] == ["@t_1"]
    point = {"a": 0.3, "u": 0.9, "x": 1.7}
    t = evaluate([known[0][1]], Read(), point)[0]
    named = evaluate([short], Read(), {**point, "@t_1": t})[0]
    assert math.isclose(named, evaluate([form], Read(), point)[0])


def test_names_of_symbols() -> None:
    assert symbol_latex("w2_10_3") == "w^{(2)}_{10,3}"
    assert symbol_latex("Lambda_1_2") == r"\Lambda_{1,2}"
    assert symbol_latex("rate_of_w") == r"\mathrm{rate}_{\mathrm{of},w}"


@pytest.mark.parametrize("entry", ["X2", "X8", "X15", "xor-tanh-untrained"])
def test_matrices_show_themselves_as_mathematics(entry: str) -> None:
    here = read_spec(entry).landscape()
    for matrix in (here.jacobian, here.loss_hessian, here.hessian, here.problem.jacobian):
        shown = matrix._repr_latex_()
        assert shown.startswith("$") and shown.endswith("$")
        structure(shown)


def test_wide_and_empty_matrices() -> None:
    wide = latex_matrix([[number(j) for j in range(12)]], (1, 12))
    structure(wide)
    assert "array" in wide and wide.count("&") == 11
    structure(latex_matrix([], (0, 3)))


def test_a_long_composition_does_not_exhaust_the_stack() -> None:
    form = symbol("x")
    for _ in range(3000):
        form = function("sin", form)
    assert latex(form).count(r"\sin") == 3000


def test_networks_print_layer_unit_and_input() -> None:
    (f,) = mlp([1, 1, 1], "tanh", bias=True).outputs
    assert value(
        latex(f),
        {"w^{(1)}_{1,1}": 0.5, "b^{(1)}_{1}": 0.25, "w^{(2)}_{1,1}": 2.0, "b^{(2)}_{1}": -1.0,
         "x_{1}": 0.75},
    ) == pytest.approx(2 * math.tanh(0.5 * 0.75 + 0.25) - 1)  # fmt: skip


@pytest.mark.parametrize("scale", [2, -3, Fraction(1, 2), Fraction(-5, 7)])
def test_two_numbers_side_by_side_have_a_dot_between_them(scale: object) -> None:
    """A number in the place of a name is not read together with the coefficient: 2·1, not 21."""
    a, x, t = (symbol(n) for n in "axt")
    for form in (scale * a * x**2 * t * (1 - t**2), scale * a * (1 + x), scale * a * x * t):
        shown = latex(form, {"a": "1", "x": "3", "t": "4"})
        assert not re.search(r"[\d}] +(\d|\\frac)", shown), shown
