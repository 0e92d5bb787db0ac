"""What layers lose and how broad a landscape is (`information`), each part by a second way.

Independent sources: mpmath's eigenvalues of the matrices that the measuring engine finds at 50
digits; classes by comparing floats of a forward pass written here; ranks by NumPy; closed forms.
"""

from __future__ import annotations

import json
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import hessrank as hr
from hessrank.__main__ import main
from hessrank.numeric.forward_pass import forward_pass
from hessrank.numeric.measure import evaluate
from hessrank.proofs.information_loss.account import information


def measured_eigenvalues(here, name):
    table = getattr(evaluate(forward_pass(here), 50), name)
    with mpmath.workdps(50):
        return sorted(mpmath.eigsy(mpmath.matrix(table.tolist()), eigvals_only=True))


def digits_of(spectrum):
    return [float(v["decimal"]) for v in spectrum["eigenvalues"] for _ in range(v["multiplicity"])]


def landscapes():
    rng = np.random.default_rng(5)
    yield from (hr.read_spec(s).landscape() for s in ("X5", "X8", "X9", "X13", "X15", "X14"))
    for name, widths in (("tanh", [2, 2, 1]), ("relu", [2, 3, 2]), ("square", [1, 2, 2, 1])):
        net = hr.mlp(widths, name)
        x = rng.integers(-3, 4, (3, widths[0])).tolist()
        y = rng.integers(-2, 3, (3, widths[-1])).tolist()
        steps = rng.choice([-9, -5, 1, 3, 8], len(net.parameters))
        point = [Fraction(int(v), 7) + Fraction(1, 13 + i) for i, v in enumerate(steps)]
        yield hr.Problem(net, hr.Data(x, y), "half-squared").at(point)


@pytest.mark.parametrize("here", list(landscapes()), ids=str)
def test_spectra_agree_with_measured_matrices(here):
    found = information(here, b=["1/3", 50]).to_json()
    for name in ("gauss_newton", "hessian"):
        want = measured_eigenvalues(here, name)
        assert digits_of(found[name]) == pytest.approx([float(v) for v in want], abs=1e-9, rel=1e-9)
        for scale in found[name]["scales"]:
            b = mpmath.mpf(Fraction(scale["b"]).numerator) / Fraction(scale["b"]).denominator
            if any(1 + b * v <= 0 for v in want):
                assert scale["log_det"] is None and "positive" in scale["reason"]
                continue
            log_det = sum(mpmath.log(1 + b * v) for v in want)
            if want[0] < -1e-30:  # an indefinite matrix has no effective rank
                assert scale["effective_rank"] is None and "< 0" in scale["reason"]
            else:
                effective = float(sum(v / (v + 1 / b) for v in want))
                assert float(scale["effective_rank"]) == pytest.approx(effective, rel=1e-9)
            assert float(scale["log_det"]) == pytest.approx(float(log_det), abs=1e-9, rel=1e-9)


@pytest.mark.parametrize("here", list(landscapes()), ids=str)
def test_effective_rank_tends_to_the_rank(here):
    found = information(here, b=[10**60]).gauss_newton
    if found.scales[0].effective_rank is not None:
        rank = float(found.scales[0].effective_rank.mid())
        assert rank == pytest.approx(int(here.rank("gauss_newton")), abs=1e-6)


def relu_net(rng, D):
    net = hr.mlp([2, 3, 2, 1], "relu")
    W1, W2, W3 = (rng.integers(-2, 3, s) for s in ((3, 2), (2, 3), (1, 2)))
    b1 = np.array([0, -1, -2]) + Fraction(1, 3)
    b2 = np.array([Fraction(-1, 7), Fraction(2, 11)])  # no kinks
    x = rng.integers(-3, 4, (D, 2))
    layers = {"W1": W1, "b1": b1, "W2": W2, "b2": b2, "W3": W3, "b3": [0]}
    point = {n: [list(r) if np.ndim(r) else r for r in v] for n, v in layers.items()}
    point = {n: np.array(v, dtype=object).tolist() for n, v in point.items()}
    here = hr.Problem(net, hr.Data(x.tolist(), [[0]] * D)).at(point)
    first = np.maximum(x @ W1.T + b1, 0)
    second = np.maximum(first @ W2.T + b2, 0)
    return here, x @ W1.T + b1, (first, second)


@pytest.mark.parametrize("seed", range(6))
def test_classes_bounds_and_dead_units_by_brute_force(seed):
    here, z, activations = relu_net(np.random.default_rng(seed), 7)
    found = information(here)
    J = here.jacobian.to_numpy()
    rank = np.linalg.matrix_rank(J)
    for layer, a, p in zip(found.layers, activations, (9, 17), strict=True):
        alike = {tuple(row) for row in a}
        classes = {tuple(d + 1 for d in range(7) if tuple(a[d]) == key) for key in alike}
        assert set(layer.classes) == classes
        assert (layer.p, layer.bound) == (p, p + len(classes))
        assert layer.sharp.truth.value == ("true" if rank == layer.bound else "false")
        for y in layer.forced:
            assert np.allclose(np.array([float(Fraction(v)) for v in y]) @ J, 0)
        assert len(layer.forced) >= 7 - layer.bound
    dead = {(i + 1, tuple(d + 1 for d in range(7) if z[d, i] < 0)) for i in range(3)}
    assert {(i, d) for l, i, d in found.dead if l == 1} == {(i, d) for i, d in dead if d}


def test_duplicated_units_up_to_sign():
    net = hr.mlp([1, 3, 1], "tanh", bias=False)
    here = hr.Problem(net, hr.Data([1, 2], [0, 0])).at([1, -1, 2, 1, 1, 1])
    assert information(here).duplicated == ((1, 1, 2, -1),)


@pytest.mark.parametrize("seed", range(4))
def test_further_inputs_by_ranks_of_stacked_jacobians(seed):
    rng = np.random.default_rng(seed)
    net = hr.mlp([2, 2, 1], "tanh")
    point = [Fraction(int(v), 5) for v in rng.integers(-6, 7, 9)]
    x, more = rng.integers(-3, 4, (4, 2)).tolist(), rng.integers(-3, 4, (3, 2)).tolist()
    zero = [[0]] * 4
    here = hr.Problem(net, hr.Data(x, zero)).at(point)
    test = hr.Problem(net, hr.Data(more, [[0]] * 3)).at(point).jacobian.to_numpy()
    off = information(here, test=more).off_data
    J = here.jacobian.to_numpy()
    want = np.linalg.matrix_rank(np.vstack([J, test])) - np.linalg.matrix_rank(J)
    assert (off.lower, off.upper) == (want, want)


def test_learning_coefficients_with_closed_forms():
    # vol{x²y² ≤ ε} ~ ε^(1/2) log(1/ε) and vol{(ab − 1)² ≤ ε} ~ ε^(1/2): Watanabe's examples
    for form, y, point in (("a*b", 0, [0, 0]), ("a*b", 1, [1, 1])):
        model = hr.Model.from_expressions(form, "a b")
        here = hr.Problem(model, hr.Data([[]], [[y]])).at(point)
        λ = information(here).exponent
        assert (λ.lower, λ.upper) == (Fraction(1, 2), Fraction(1, 2))


def test_what_is_not_known_says_why():
    saddle = hr.read_spec("X14").landscape()
    found = information(saddle)
    assert set(found.why) == {"layers", "units", "learning_coefficient"}
    assert "local minimum" in found.why["learning_coefficient"]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--b", "0"], "X9: b: expected a rational number > 0, found 0\n"),
        (["--test-inputs", "1"], "X9: test-inputs: expected rows of 2 numbers, found '1'\n"),
    ],
)
def test_bad_options_are_one_line(options, line, capsys):
    assert main(["information", "X9", *options]) == 2
    assert capsys.readouterr().err == line


def test_a_kink_is_refused_and_one_off_the_data_is_named(capsys, tmp_path):
    net = hr.mlp([2, 1, 1], "relu", bias=False)
    kink = hr.Problem(net, hr.Data([[1, 1]], [0])).at([1, -1, 1])
    with pytest.raises(hr.HessrankError, match="kink"):
        information(kink)
    file = tmp_path / "kink.toml"
    file.write_text(hr.dumps(kink))
    assert main(["information", str(file)]) == 2
    assert (
        "kink.toml: point: relu of unit 1 in layer 1, example 1: a kink" in capsys.readouterr().err
    )
    smooth = hr.Problem(net, hr.Data([[2, 1]], [0])).at([1, -1, 1])
    assert "kink" in information(smooth, test=[[1, 1]]).why["off_data"]


def test_bad_values_in_python():
    here = hr.read_spec("X9").landscape()
    for bad in ({"test": [[1, 2, 3]]}, {"b": [-1]}, {"b": ["x"]}, {"seconds": 0}):
        with pytest.raises(hr.InputError):
            information(here, **bad)
    with pytest.raises(hr.InputError):
        information(here.problem)


@pytest.mark.parametrize("ending", [".md", ".html", ".tex"])
def test_pages_and_json(ending, tmp_path, capsys):
    file = tmp_path / f"page{ending}"
    assert main(["information", "X9", "--test-inputs", "0,1", "-o", str(file)]) == 0
    assert "0.08597662263" in file.read_text()
    capsys.readouterr()
    assert main(["information", "X9", "--test-inputs", "0,1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["off_data"]["lower"] == found["off_data"]["upper"] == 1
    assert [v["multiplicity"] for v in found["hessian"]["eigenvalues"]] == [2, 1, 1]


@pytest.mark.parametrize("repeat", [False, True])
def test_activations_that_are_not_carried_are_parted_by_balls(repeat):
    net = hr.mlp([3, 4, 1], "tanh")
    rng = np.random.default_rng(0)
    x = [[2, 1, 0], [-2, -1, -3], [-3, -3, -2], [2, 1, 3], [0, 1, 3], [1, 1, 1]]
    x = [*x[:5], x[0]] if repeat else x
    steps = rng.integers(-120, 120, 21)
    point = [Fraction(int(v), 97) + Fraction(1, 1000 + i) for i, v in enumerate(steps)]
    found = information(hr.Problem(net, hr.Data(x, [[0]] * 6)).at(point))
    if repeat:  # equal examples are not parted: nothing is said of the layer
        assert found.layers == () and "layers" in found.why
    else:
        (layer,) = found.layers
        assert layer.classes == ((1,), (2,), (3,), (4,), (5,), (6,)) and not layer.forced
        assert (layer.name, layer.p, layer.bound) == ("hidden layer 1", 16, 22)
