"""Bad input: every mistake is one line that names file and key, exit status 2, nothing written.

The list is the contract of docs/spec.md; each case is a small change of one sound spec.
"""

from __future__ import annotations

import json
import warnings
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hessrank as hr
from hessrank import gallery
from hessrank.__main__ import main
from hessrank.specs.places import SpecError
from hessrank.specs.spec import loads
from hessrank.symbolic.errors import InputError

SOUND = """\
[model]
outputs = ["a*x + b"]
parameters = "a b"
inputs = "x"
[data]
x = [1, 2]
y = [1, 3]
[loss]
kind = "half-squared"
[point]
a = 1
b = 0
"""
NET = """\
[model]
kind = "mlp"
widths = [1, 2, 1]
activation = "relu"
[data]
x = [1, 2]
y = [1, 3]
[loss]
kind = "half-squared"
[point]
W1 = [[1], [-1]]
b1 = [0, 1]
W2 = [[1, 1]]
b2 = [0]
"""
OUTPUT = 'outputs = ["a*x + b"]'


def changed(old: str, new: str, base: str = SOUND) -> str:
    assert base.count(old) == 1, f"{old!r} must stand once in the sound spec"
    return base.replace(old, new)


def output(text: str) -> str:
    return changed(OUTPUT, f"outputs = ['{text}']")


def named(name: str) -> str:
    """The sound spec with the parameter a called `name`."""
    return changed(OUTPUT, f'outputs = ["{name}*x + b"]').replace('"a b"', f'["{name}", "b"]')


#: what is wrong: (spec, the key in the message, words of the message)
CASES = {
    # TOML
    "broken TOML": (changed("[data]", "[data"), "", "not TOML"),
    "an endless integer": (changed("a = 1", "a = " + "9" * 5000), "point.a", "digits"),
    "an integer beyond reading": (changed("a = 1", "a = " + "9" * 10**6), "", "not TOML"),
    "deep TOML": (changed("a = 1", "a = " + "[" * 5000 + "]" * 5000), "", "nested too deeply"),
    # keys
    "unknown table": (changed("[loss]", "[lose]"), "lose", "did you mean 'loss'"),
    "unknown key of data": (changed("y = [1, 3]", "z = 1\ny = [1, 3]"), "data.z", "unknown key"),
    "unknown key of the model": (
        changed('parameters = "a b"', 'paramters = "a b"'),
        "model.paramters",
        "did you mean 'parameters'",
    ),
    "a key of the other kind of model": (
        changed(OUTPUT, OUTPUT + "\nwidths = [1, 1]"),
        "model.widths",
        "unknown key",
    ),
    "unknown key of the loss": (
        changed('"half-squared"', '"half-squared"\nweight = 1'),
        "loss.weight",
        "did you mean 'weights'",
    ),
    "no loss": (changed('[loss]\nkind = "half-squared"\n', ""), "loss", "expected"),
    "no point": (changed("[point]\na = 1\nb = 0\n", ""), "point", "expected a value"),
    "a table that is none": (
        changed('[loss]\nkind = "half-squared"\n', "").replace(
            "[model]", 'loss = "half-squared"\n[model]'
        ),
        "loss",
        "expected a table",
    ),
    "a side that is none": ('side = "up"\n' + SOUND, "side", "left"),
    # names
    "unknown loss": (changed("half-squared", "half-sqared"), "loss.kind", "'half-squared'"),
    "unknown activation": (changed('"relu"', '"rellu"', NET), "model.activation", "'relu'"),
    "an activation that is no text": (changed('"relu"', "3", NET), "model.activation", "unknown"),
    "unknown kind of model": (changed('"mlp"', '"cnn"', NET), "model.kind", "mlp"),
    "unknown regulariser": (
        SOUND + '[regulariser]\nkind = "l3"\nstrength = 1\n',
        "regulariser.kind",
        "l2",
    ),
    "a regulariser in unknown names": (
        SOUND + '[regulariser]\nexpression = "c**2"\n',
        "regulariser.expression",
        "unknown name",
    ),
    # shapes
    "too few targets": (changed("y = [1, 3]", "y = [1]"), "data.y", "1 row, but"),
    "a row too wide": (changed("x = [1, 2]", "x = [[1], [2, 3]]"), "data.x[1]", "2 numbers"),
    "no inputs given": (changed("x = [1, 2]\n", ""), "data.x", "expected"),
    "W too small": (
        changed('"half-squared"', '"weighted-squared"\nweights = [[1]]'),
        "loss.weights",
        "2 outputs",
    ),
    "asymmetric W": (
        changed('"half-squared"', '"weighted-squared"\nweights = [[1, 2], [3, 1]]'),
        "loss.weights",
        "not symmetric",
    ),
    "ragged W": (
        changed('"half-squared"', '"weighted-squared"\nweights = [[1, 2], [2]]'),
        "loss.weights",
        "square",
    ),
    "widths of one layer": (changed("[1, 2, 1]", "[1]", NET), "model.widths", "two or more"),
    "a width of 0": (changed("[1, 2, 1]", "[1, 0, 1]", NET), "model.widths", "whole numbers"),
    "a network beyond memory": (
        changed("[1, 2, 1]", f"[{10**300}, {10**300}]", NET),
        "model.widths",
        "more than 10000 parameters",
    ),
    "a weight matrix too small": (changed("[[1], [-1]]", "[[1]]", NET), "point.W1", "2 rows"),
    "a ragged weight matrix": (
        changed("[[1], [-1]]", "[[1], [-1, 2]]", NET),
        "point.W1[1]",
        "expected 1 numbers",
    ),
    "a bias that is no vector": (changed("b2 = [0]", "b2 = 0", NET), "point.b2", "expected 1"),
    "an expression in unknown outputs": (
        changed('kind = "half-squared"', 'expression = "o1*o2"'),
        "loss.expression",
        "unknown name",
    ),
    # parameters
    "a parameter missing": (changed("b = 0\n", ""), "point", "no value for b"),
    "a parameter too many": (SOUND + "c = 1\n", "point.c", "no such parameter"),
    "a layer too many": (NET + "W3 = [[1]]\n", "point.W3", "no such parameter"),
    "a parameter twice": (NET + "b2_1 = 0\n", "point.b2_1", "twice"),
    "a name twice": (changed('"a b"', '"a b a"'), "model.parameters", "twice"),
    # numbers
    "nan": (changed("a = 1", "a = nan"), "point.a", "nan"),
    "inf": (changed("y = [1, 3]", "y = [1, -inf]"), "data.y[1]", "inf"),
    "nan as text": (changed("a = 1", 'a = "nan"'), "point.a", "nan"),
    "a truth value": (changed("a = 1", "a = true"), "point.a", "expected a number"),
    "a date": (changed("a = 1", "a = 2026-01-01"), "point.a", "expected an exact number"),
    "an endless decimal": (changed("a = 1", "a = 1e99999"), "point.a", "digits"),
    "log 0 as a number": (changed("a = 1", 'a = "log(0)"'), "point.a", "log(0)"),
    # expressions
    "__import__": (output('__import__("os")'), "model.outputs[0]", "__import__"),
    "attribute access": (output("a.real"), "model.outputs[0]", "attribute"),
    "a lambda": (output("(lambda: a)()"), "model.outputs[0]", "lambda"),
    "a call outside the whitelist": (output("eval(a)"), "model.outputs[0]", "'eval'"),
    "a subscript": (output("a[0]"), "model.outputs[0]", "subscript"),
    "9**9**9": (output("9**9**9"), "model.outputs[0]", "exponents"),
    "a tower as a number": (changed("a = 1", 'a = "9**9**9"'), "point.a", "exponents"),
    "10,000 parentheses": (
        output("(" * 10_000 + "a" + ")" * 10_000),
        "model.outputs[0]",
        "characters",
    ),
    "200 parentheses": (output("(" * 200 + "a" + ")" * 200), "model.outputs[0]", "nested"),
    "an unknown name": (output("a*x + c"), "model.outputs[0]", "'c'"),
    # the point
    "a kink at the point": (changed("b1 = [0, 1]", "b1 = [-1, 2]", NET), "point", "unit"),
    "a kink in a formula": (output("relu(a*x - 2) + b"), "point", "example 2"),
    "log 0 at the point": (output("a*log(b) + x"), "point", "log"),
    "division by zero at the point": (output("a/b + x"), "point", "zero"),
}
RESERVED = ["E", "I", "N", "Q", "S", "pi", "lambda"]


def refused(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    """The one line on standard error with which `rank` (and `derive`) refuse the file."""
    before = sorted(path.parent.iterdir()) if path.parent.is_dir() else []
    assert main(["rank", str(path), *more]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1 and err.endswith("\n")
    assert (sorted(path.parent.iterdir()) if path.parent.is_dir() else []) == before
    return err


@pytest.mark.parametrize("case", CASES)
def test_mistakes_name_file_and_key(case, tmp_path, capsys):
    text, key, words = CASES[case]
    path = tmp_path / "spec.toml"
    path.write_text(text, encoding="utf-8")
    line = refused(path, capsys)
    assert line.startswith(f"{path}: {key}: " if key else f"{path}: "), line
    assert words in line
    assert len(line) < 400 + len(str(path))


def test_what_a_command_refuses_stands_at_its_own_key(tmp_path, capsys):
    path = tmp_path / "spec.toml"
    path.write_text(SOUND + '[regulariser]\nexpression = "a**2"\n', encoding="utf-8")
    assert main(["labels", str(path)]) == 2
    err = capsys.readouterr().err
    assert err == f"{path}: regulariser: labels are found without a regulariser\n"


@pytest.mark.parametrize("name", RESERVED)
def test_reserved_names(name, tmp_path, capsys):
    path = tmp_path / "spec.toml"
    path.write_text(named(name), encoding="utf-8")
    line = refused(path, capsys)
    assert line.startswith(f"{path}: model.parameters: ") and f"'{name}' is reserved" in line


def test_the_kink_names_unit_and_example(tmp_path, capsys):
    path = tmp_path / "spec.toml"
    path.write_text(changed("b1 = [0, 1]", "b1 = [-2, 3]", NET), encoding="utf-8")
    line = refused(path, capsys)  # 1·x − 2 at the second example, x = 2
    assert "unit 1" in line and "example 2" in line


def test_a_side_resolves_the_kink(tmp_path, capsys):
    path = tmp_path / "spec.toml"
    text = 'side = "left"\n' + changed("b1 = [0, 1]", "b1 = [-2, 3]", NET)
    path.write_text(text, encoding="utf-8")
    assert main(["rank", str(path), "--json"]) == 0
    assert capsys.readouterr().err == ""


#: Numbers at the edge of what can be carried; each once hung, crashed or overflowed.
EXTREME = {
    "a root of degree 10**30": ("exponential-lattice", "x = [1, 2, 3]", 'x = ["1e-30", 2, 3]'),
    "a power of 10**20 bits": ("exponential-lattice", "x = [1, 2, 3]", 'x = ["1e20", 2, 3]'),
    "an integer of 10,000 digits": ("exponential-lattice", "x = [1, 2, 3]", "x = [20000, 2, 3]"),
    "an enclosure without a value": ("softmax-classifier", "[1, 1]]", '["pi/4", "1e20"]]'),
}


@pytest.mark.parametrize("case", EXTREME)
def test_extreme_points_end_in_bounds(case, tmp_path, capsys):
    entry, old, new = EXTREME[case]
    path = tmp_path / "spec.toml"
    text = changed(old, new, gallery.path(entry).read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    assert main(["rank", str(path), "--json"]) in (0, 1)  # 1: floating point may underflow here
    found = json.loads(capsys.readouterr().out)
    for name in ("jacobian", "gauss_newton", "residual", "hessian"):
        assert found[f"rank_{name}"]["lower"] <= found[f"rank_{name}"]["upper"]


def test_files_that_are_none(tmp_path, capsys):
    assert "No such file" in refused(tmp_path / "missing.toml", capsys)
    assert "directory" in refused(tmp_path, capsys)
    latin = tmp_path / "latin.toml"
    latin.write_bytes("title = 'é'".encode("latin-1"))
    assert "not UTF-8 at byte 9" in refused(latin, capsys)
    huge = tmp_path / "huge.toml"
    with huge.open("wb") as file:
        file.truncate(10**9)
    assert "longer than" in refused(huge, capsys)
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    assert "model: expected" in refused(empty, capsys)
    assert "cannot be read" in refused(Path("a\0b"), capsys)


def test_one_bad_spec_among_good_ones_stops_all(tmp_path, capsys):
    bad = tmp_path / "bad.toml"
    bad.write_text(changed("a = 1", "a = nan"), encoding="utf-8")
    assert main(["verify", "X1", str(bad), "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith(f"{bad}: point.a: ")


@pytest.mark.parametrize("name", ["h.docx", "missing/h.tex", "h.tex"])
def test_derive_writes_nothing_when_it_fails(name, tmp_path, capsys):
    spec = "X1" if name != "h.tex" else str(tmp_path / "no-spec.toml")
    assert main(["derive", spec, "-o", str(tmp_path / name)]) == (3 if "missing" in name else 2)
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["generic", "--widths", "3,2", "--activation", "tahn"], "did you mean 'tanh'"),
        (["generic", "--widths", "3,2", "--loss", "half-sqared"], "did you mean 'half-squared'"),
        (["generic", "--widths", "3,2", "--activation", "nope"], "expected one of identity, "),
        (["counterexample", "rank-equality", "--loss", "huber"], "expected one of half-squared, "),
        (["counterexample", "rank-equality", "--without", "x"], "expected one of local-minimum, "),
        (["claims", "999"], "expected a number or an id that `hessrank claims` lists"),
        (["generic", "--widths", "3,2", "--input-rank", "9"], "input rank"),
        (["generic", "--widths", "500000,500000"], "memory"),
        (["check", "missing.json"], "missing.json: cannot be read"),
        (["check", "."], ".: cannot be read"),
        (["rank", "X1", "--certificate", "missing/c.json"], "missing/c.json: cannot be written"),
        (["verify", "X1", "X1"], "is also the id of"),
    ],
)
def test_mistakes_in_arguments_are_one_line(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == (3 if "written" in words else 2)
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and words in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["rank"],
        ["rank", "X1", "X2"],
        ["rnak", "X1"],
        ["verify", "--jsn"],
        ["generic", "--widths", "3"],
        ["generic", "--widths", "3,x"],
        ["generic", "--widths", "3,1", "--examples", "-1"],
    ],
)
def test_mistakes_on_the_command_line(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    out, err = capsys.readouterr()
    assert stop.value.code == 2
    assert out == "" and err.count("\n") == 1 and "--help" in err


def test_python_takes_binary_floats_and_says_so():
    """Expected values: Fraction(0.1), the definition of the float."""
    net = hr.mlp([1, 1], activation="tanh", bias=False)
    with pytest.warns(UserWarning, match=r"data\.x\[0\]\[0\].*3602879701896397/36028797018963968"):
        data = hr.Data(x=[[0.1]], y=[[1]])
    assert data.x[0][0].value == Fraction(0.1) != Fraction("0.1")
    problem = hr.Problem(net, hr.Data(x=[[1]], y=[[1]]), loss="half-squared")
    for point in ({"w1_1_1": 0.1}, [0.1], {"W1": [[0.1]]}):
        with pytest.warns(UserWarning, match=r"point\..*hr\.exact") as said:
            here = problem.at(point)
        assert len(said) == 1 and said[0].filename == __file__
        assert here.point["w1_1_1"].value == Fraction(0.1)
    with warnings.catch_warnings():  # what was typed is what is taken: nothing to say
        warnings.simplefilter("error")
        assert hr.Data([[0.5]], [[-0.25]]) == hr.Data([["1/2"]], [["-1/4"]])
        assert problem.at({"w1_1_1": hr.exact(0.1)}) == here
    for bad in (float("nan"), float("inf")):
        with pytest.raises(InputError, match=r"not a number \(at point\.W1\[0\]\[0\]\)"):
            problem.at({"W1": [[bad]]})
        with pytest.raises(InputError, match=r"not a number \(at data\.y\[0\]\[0\]\)"):
            hr.Data([[1]], [bad])
    with pytest.raises(InputError, match="binary float"):
        hr.Loss.weighted([[0.1]])


TEXTS = [gallery.path(entry).read_text(encoding="utf-8") for entry in gallery.ids()]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(TEXTS),
    st.floats(0, 1),
    st.integers(0, 12),
    st.one_of(
        st.text(max_size=6),
        st.sampled_from(["nan", "[]", "{}", "''", "-", "1e999999", "\n[point]\n", "true", "\0"]),
    ),
)
def test_a_damaged_spec_is_read_or_refused_in_one_line(text, where, cut, put):
    """Any cut and insertion: nothing but SpecError comes out, and it names the file."""
    at = int(where * len(text))
    try:
        spec = loads(text[:at] + put + text[at + cut :], "damaged.toml")
    except SpecError as error:
        assert str(error).startswith("damaged.toml: ")
        assert str(error).isprintable()
    else:
        assert spec.source == "damaged.toml"
