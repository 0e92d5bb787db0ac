"""Points as users have them, floats as what they are, and landscapes as values."""

import pickle
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

import hessrank as hr
from hessrank.symbolic.errors import InputError

NET = hr.Problem(hr.mlp([2, 2, 1], "tanh"), hr.Data([[1, 2]], [[0]]))
VALUES = [0.1, -0.5, 1e-3, 2.0, 0.0, 0.25, -1.5, 3.0, 0.75]


def test_by_name_by_layer_and_as_one_vector_is_the_same_point():
    W1, b1, W2, b2 = (
        [VALUES[0:2], VALUES[2:4]],
        VALUES[4:6],
        [VALUES[6:8]],
        VALUES[8:],
    )
    flat = NET.at(hr.exact(VALUES))
    layers = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    assert NET.at({k: hr.exact(v) for k, v in layers.items()}) == flat
    assert NET.at(hr.exact(np.array(VALUES))) == flat
    assert NET.at(dict(zip(NET.model.parameters, hr.exact(VALUES), strict=True))) == flat
    assert [v.value for _, v in flat.values] == [Fraction(v) for v in VALUES]
    with pytest.warns(UserWarning, match="dyadic"):
        assert NET.at(np.array(VALUES)) == flat
    narrow = np.array([0.5, 0.25] * 4 + [2], dtype=np.float16)
    assert NET.at(narrow) == NET.at(["1/2", "1/4"] * 4 + [2])


def test_a_landscape_is_a_value():
    a, b = NET.at([1] * 9), NET.at([1] * 9)
    assert a == b and hash(a) == hash(b) and len({a, b}) == 1
    assert a != NET.at([2] * 9) and a != NET.at([1] * 9, side="right")
    assert int(a.rank("jacobian")) == int(b.rank("jacobian"))  # what was computed changes nothing
    again = pickle.loads(pickle.dumps(a))
    assert again == b and hash(again) == hash(b)


def test_a_worker_that_unpickles_can_ask_everything():
    square = hr.Problem(hr.Model.from_expressions("t**2", "t"), hr.Data([[]], [[-1]]))
    here = square.at({"t": 0})
    assert here.minimum().kind == "global minimum"
    code = (
        "import pickle, sys; h = pickle.load(sys.stdin.buffer);"
        "print(h.minimum().kind, int(h.rank('hessian')), h.verdict().rank_equality.truth.to_json(),"
        " h.numeric_rank('hessian').rank)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(here), capture_output=True, check=True
    )
    assert run.stdout.decode().split() == ["global", "minimum", "1", "False", "1"]


@pytest.mark.parametrize("claim", ["fibre-dimension-at-least", "rank-equality"])
def test_every_landscape_that_is_handed_out_can_be_asked(claim):
    subject = hr.counterexample(claim, seconds=1).subject
    assert type(subject) is hr.Landscape
    assert subject.verdict().ranks["jacobian"].upper >= 0
    assert subject.minimum().kind
    assert subject.numeric_rank("jacobian") is not None


@pytest.mark.parametrize(
    ("point", "key"),
    [
        ([1.0] * 8 + [float("nan")], "point.b2_1"),
        ({"W1": [[1.0, 2.0], [0.0, float("inf")]]}, "point.W1[1][1]"),
        ([1, 2], "point"),
        ("1", "point"),
        ({"W1": [[1, 2]]}, "point.W1"),
        ({"W3": [1]}, "point.W3"),
        ({"w1_1_1": 1}, "point"),
    ],
)
def test_bad_points_are_named(point, key):
    with pytest.raises(InputError) as caught:
        NET.at(point)
    assert caught.value.key == key


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.longdouble])
def test_floats_are_the_dyadic_rationals_that_they_are(kind):
    values = (np.arange(6, dtype=kind) / kind(7) - kind(0.3)).reshape(2, 3)
    found = hr.exact(values)
    for i, row in enumerate(found):
        for j, v in enumerate(row):
            n, d = values[i, j].as_integer_ratio()
            assert v.value == Fraction(n, d) and d & (d - 1) == 0


def test_integers_nests_and_texts_pass():
    assert hr.exact([["1/3", 2], (0.5,)])[1][0].value == Fraction(1, 2)
    assert hr.exact(np.array([[1, 2]]))[0][1].value == 2
    assert hr.exact(np.array(0.5)).value == Fraction(1, 2)
    assert hr.Data(hr.exact(np.eye(2)), hr.exact([[0.5], [1]])).y[0][0].value == Fraction(1, 2)


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ([[1.0, float("nan")]], "[0][1]"),
        (np.array([0.0, np.inf]), "[1]"),
        (np.array([-np.inf], dtype=np.float16), "[0]"),
        (np.array([[np.nan]], dtype=np.longdouble), "[0][0]"),
        (np.array([1 + 1j]), "[0]"),
        ([True], "[0]"),
        ([None], "[0]"),
    ],
)
def test_what_is_no_number_is_named(value, key):
    with pytest.raises(InputError) as caught:
        hr.exact(value)
    assert caught.value.key == key


@pytest.mark.parametrize("library", ["jax.numpy", "torch"])
def test_arrays_of_other_libraries(library):
    module = pytest.importorskip(library)
    make = module.tensor if library == "torch" else module.array
    for kind in ("float32", "float16", "bfloat16"):
        values = make([[0.5, 1.0], [-0.25, 3.0]], dtype=getattr(module, kind))
        assert [[float(v.value) for v in r] for r in hr.exact(values)] == [[0.5, 1], [-0.25, 3]]
