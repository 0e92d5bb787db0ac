"""Spec files: what is written is what is read, exactly."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hessrank as hr
from hessrank import gallery
from hessrank.specs import toml
from hessrank.specs.spec import loads, read_spec
from hessrank.specs.writer import dumps
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.expression import number

LINE = """\
{top}
[model]
outputs = ["a*x + b"]
parameters = ["a", "b"]
inputs = "x"
{model}
[data]
x = {x}
y = {y}
[loss]
{loss}
[point]
{point}
"""


def line(top="", model="", x="[1, 2]", y="[1, 3]", loss='kind = "half-squared"', point=None):
    return LINE.format(
        top=top, model=model, x=x, y=y, loss=loss, point="a = 1\nb = 0" if point is None else point
    )


@given(st.integers(-(10**6), 10**6), st.integers(0, 12))
def test_decimals_are_exact(digits, places):
    text = f"{'-' if digits < 0 else ''}{abs(digits) // 10**places}."
    text += f"{abs(digits) % 10**places:0{places}d}" if places else "0"
    spec = loads(line(point=f"a = {text}\nb = 1e-3"), "s")
    assert spec.point is not None
    assert spec.point["a"] is number(Fraction(digits, 10**places))
    assert spec.point["b"] is number(Fraction(1, 1000))


@pytest.mark.parametrize("text", ["log(3)/2", "sqrt(2)", "1/3", "3*tanh(1/2)", "-2*log(2)", "pi"])
def test_numbers_may_be_texts(text):
    spec = loads(line(y=f'[["{text}"], 0]', point=f'a = "{text}"\nb = 0'), "s")
    assert spec.point is not None
    assert spec.point["a"] is constant(text) is spec.problem.data.y[0][0]


def test_rows_names_and_defaults():
    long = loads(line(x="[[1], [2]]", y="[[1], [3]]"), "folder/s.toml")
    short = loads(line(), "folder/s.toml")
    assert long.problem == short.problem
    assert (long.id, long.title, long.shows, long.side) == ("s", "", "", 0)
    assert long.problem.model.parameters == ("a", "b")


def test_a_model_without_inputs_needs_no_x():
    spec = read_spec("X2")
    assert spec.problem.data.x == ((),)
    assert spec.problem.data.y == ((number(0), number(Fraction(1, 2))),)


def test_fixed_parameters_are_not_free():
    spec = loads(line(model='fixed = { b = "1/2" }', point="a = 1"), "s")
    assert spec.problem.model.parameters == ("a",)
    assert spec.landscape().jacobian.shape == (2, 1)


def test_layers_and_names_give_the_same_point():
    spec = read_spec("xor-relu")
    assert spec.point is not None
    by_name = "\n".join(f'{name} = "{value}"' for name, value in spec.point.items())
    text = gallery.path("xor-relu").read_text(encoding="utf-8")
    again = loads(text.split("[point]")[0] + "[point]\n" + by_name, "s")
    assert again.point == spec.point
    # unit-major rows: W1[i][j] is w1_{i+1}_{j+1}
    transposed = text.replace("W1 = [[1, 1], [1, 1]]", "W1 = [[1, 2], [3, 4]]")
    point = loads(transposed, "s").point
    assert point is not None
    assert [point[f"w1_{i}_{j}"].value for i in (1, 2) for j in (1, 2)] == [1, 2, 3, 4]


def test_a_fixed_weight_stands_in_its_matrix():
    text = gallery.path("exponential-lattice").read_text(encoding="utf-8")
    text = text.replace("bias = false", "bias = false\nfixed = { w2_1_1 = 1 }")
    spec = loads(text, "s")
    assert len(spec.problem.model.parameters) == 3
    with pytest.raises(Exception, match=r"point.W2: w2_1_1 is fixed at 1"):
        loads(text.replace("W2 = [[1, 2]]", "W2 = [[3, 2]]"), "s")


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.fractions(max_denominator=50), min_size=2, max_size=2),
    st.lists(st.fractions(max_denominator=50), min_size=1, max_size=4),
    st.sampled_from(
        ['kind = "half-squared"', 'kind = "mean-squared"', 'expression = "(o - y)**2 + o1*y1"']
    ),
    st.sampled_from(["", 'side = "left"']),
)
def test_what_is_written_replays(theta, xs, loss, side):
    rows = "[" + ", ".join(f'"{x}"' for x in xs) + "]"
    point = f'a = "{theta[0]}"\nb = "{theta[1]}"'
    spec = loads(line(top=side, x=rows, y=rows, loss=loss, point=point), "s")
    again = loads(dumps(spec.landscape()), "s")
    assert again.problem == spec.problem
    assert again.point == spec.point
    assert again.landscape().side == spec.landscape().side


def test_quotes_and_controls_in_a_title_survive():
    title = 'a "quoted"\\ line\nwith \x7f and é'
    text = dumps(read_spec("X1").landscape(), title=title)
    assert loads(text, "s").title == title


def test_no_float_is_ever_made():
    found = toml.loads("a = [0.1, 1e-400, 2.5e3]\nb = {c = 3.0}")
    assert found == {
        "a": [Fraction(1, 10), Fraction(1, 10**400), Fraction(2500)],
        "b": {"c": Fraction(3)},
    }
    assert all(isinstance(v, Fraction) for v in found["a"])


def test_a_point_by_layer_is_the_same_from_python() -> None:
    """W and b as arrays, lists or tuples give the landscape that the parameters' names give."""
    net = hr.mlp([2, 1], activation="identity")
    problem = hr.Problem(net, hr.Data([[1, 2]], [[0]]))
    named = problem.at({"w1_1_1": 1, "w1_1_2": "1/2", "b1_1": 3})
    assert problem.at({"W1": ((1, "1/2"),), "b1": [3]}).values == named.values
    whole = problem.at({"W1": np.array([[1, 2]]), "b1": np.array([3])})
    assert [v.value for _, v in whole.values] == [1, 2, 3]
    with pytest.raises(hr.InputError, match="expected 1 rows"):
        problem.at({"W1": [[1, 2], [3, 4]], "b1": [3]})
    formula = hr.Problem(hr.Model.from_expressions("t", "t"), hr.Data([[]], [[0]]))
    with pytest.raises(hr.InputError, match="no such parameter"):
        formula.at({"W1": [[1]]})


@pytest.mark.parametrize(
    ("kind", "plain"),
    [
        ("mlp", 'widths = [1, 1]\nactivation = "tanh"\nbias = false'),
        ("sequential", "inputs = 1\nlayers = [{linear = 1, bias = false}]"),
    ],
)
def test_widths_and_layers_tell_the_kind(kind: str, plain: str) -> None:
    rest = '[data]\nx = [[1]]\ny = [[0]]\n[loss]\nkind = "mse"\n[point]\nw1_1_1 = 2\n'
    named = loads(f'[model]\nkind = "{kind}"\n{plain}\n{rest}', "named")
    assert loads(f"[model]\n{plain}\n{rest}", "plain").problem == named.problem
