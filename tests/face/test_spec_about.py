"""What a spec names besides the landscape: a layer, two modules, inputs off the data."""

from __future__ import annotations

import json

import pytest

import hessrank as hr
from hessrank.__main__ import main

NET = """
split = ["w1_1_1", "b1_1"]
[model]
kind = "mlp"
widths = [1, 1, 2, 1]
activation = "relu"
[data]
x = [[-1], [-2], [3]]
y = [0, 0, 1]
test = [[5], ["1/2"]]
[loss]
kind = "half-squared"
[layer]
number = 2
[point]
W1 = [[1]]
b1 = [0]
W2 = [[1], [1]]
b2 = [1, 2]
W3 = [[1, 1]]
b3 = [0]
"""
FORMS = """
[model]
outputs = "v*tanh(w*x) + c"
parameters = "v w c"
inputs = "x"
[data]
x = [1, 1, 2]
y = [1, 0, 0]
[loss]
kind = "half-squared"
[layer]
activations = "tanh(w*x)"
[point]
v = 1
w = 1
c = 0
"""


def test_round_trip_through_dumps():
    for text in (NET, FORMS):
        spec = hr.loads(text, "s.toml")
        again = hr.loads(hr.dumps(spec.landscape(), **spec.about), "s.toml")
        assert again.about == spec.about
        assert again.landscape() == spec.landscape()
    assert hr.loads(NET, "s.toml").about["layer"] == 2
    assert str(hr.loads(FORMS, "s.toml").layer[0]) == "tanh(w*x)"


@pytest.mark.parametrize("claim", ["19", "53", "few-parameters-before"])
def test_the_spec_names_what_options_name(claim, tmp_path, capsys):
    file = tmp_path / "net.toml"
    file.write_text(NET)
    bare = NET
    for line in ('split = ["w1_1_1", "b1_1"]', 'test = [[5], ["1/2"]]', "[layer]", "number = 2"):
        bare = bare.replace(line + "\n", "")
    plain = tmp_path / "bare" / "net.toml"
    plain.parent.mkdir()
    plain.write_text(bare)
    options = ["--split", "w1_1_1,b1_1", "--test-inputs", "5;1/2", "--layer", "2"]
    assert main(["claims", claim, str(file), "--json", "--seed", "1"]) == 0
    from_spec = json.loads(capsys.readouterr().out)
    assert main(["claims", claim, str(plain), "--json", "--seed", "1", *options]) == 0
    assert json.loads(capsys.readouterr().out) == from_spec


def test_a_named_layer_of_closed_forms(tmp_path, capsys):
    file = tmp_path / "forms.toml"
    file.write_text(FORMS)
    assert main(["information", str(file), "--json"]) == 0
    (layer,) = json.loads(capsys.readouterr().out)["layers"]
    assert (layer["classes"], layer["parameters_before"]) == ([[1, 2], [3]], 1)
    assert main(["claims", "41", str(file), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)["as_written"]["facts"]
    assert "examples 1, 2" in facts["merged"]["reason"]


@pytest.mark.parametrize(
    ("was", "now", "line"),
    [
        ("number = 2", "number = 3", "layer.number: expected a hidden layer from 1 to 2, found 3"),
        ("number = 2", "number = true", "layer.number: expected a hidden layer from 1 to 2"),
        ("number = 2", "depth = 2", "layer.depth: unknown key"),
        ("number = 2", "", "layer: expected either number or activations"),
        ("number = 2", 'activations = ["tanh(q)"]', "layer.activations: "),
        ('"b1_1"]', '"b9_1"]', "split: no free parameter 'b9_1'; they are w1_1_1"),
        ('"b1_1"]', '"w1_1_1"]', "split: expected some of the parameters, each once"),
        ('["w1_1_1", "b1_1"]', "[]", "split: expected some of the parameters, each once"),
        ("[[5], ", "[[5, 6], ", "data.test: expected rows of 1 numbers"),
        ("[[5], ", '[["y"], ', "data.test[0]"),
        ('[[5], ["1/2"]]', "[]", "data.test: expected one row an example"),
    ],
)
def test_mistakes_are_one_line_with_their_key(was, now, line):
    assert was in NET
    with pytest.raises(hr.InputError) as error:
        hr.loads(NET.replace(was, now), "net.toml")
    assert str(error.value).startswith(f"net.toml: {line}")
    assert "\n" not in str(error.value)
