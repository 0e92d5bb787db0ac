"""Nets of PyTorch and JAX by stand-ins with the same class names and attributes, against NumPy; and
against PyTorch itself where it is installed."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hessrank as hr
from hessrank.__main__ import main
from hessrank.symbolic.errors import InputError

RNG = np.random.default_rng(3)


class Tensor:
    """What is asked of torch.Tensor."""

    def __init__(self, array: Any, dtype: Any = np.float32) -> None:
        self.array = np.asarray(array, dtype=dtype)

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def tolist(self) -> Any:
        return self.array.tolist()


class Module:
    training = False

    def __init__(self, *children: Any, **attributes: Any) -> None:
        self._children = children
        self.__dict__.update(attributes)

    def children(self) -> Any:
        return iter(self._children)


def stand_in(name: str) -> type[Module]:
    return type(name, (Module,), {})


def linear(n: int, m: int, bias: bool = True) -> Module:
    b = Tensor(RNG.normal(size=m)) if bias else None
    return stand_in("Linear")(weight=Tensor(RNG.normal(size=(m, n))), bias=b)


def conv(kind: str, o: int, c: int, *kernel: int, **options: Any) -> Module:
    given = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "padding_mode": "zeros"}
    return stand_in(kind)(
        weight=Tensor(RNG.normal(size=(o, c, *kernel))),
        bias=Tensor(RNG.normal(size=o)),
        kernel_size=kernel,
        **(given | options),
    )


def layer(name: str, **attributes: Any) -> Module:
    return stand_in(name)(**attributes)


def sequential(*children: Any) -> Module:
    return stand_in("Sequential")(*children)


X = RNG.normal(size=(3, 2)).astype(np.float32)
Y = RNG.normal(size=(3, 1)).astype(np.float32)


def loss(name: str, **options: Any) -> Any:
    return stand_in(name)(**({"reduction": "mean"} | options))


def test_a_plain_net_is_a_network_with_exact_weights() -> None:
    first, last = linear(2, 3), linear(3, 1)
    here = hr.from_torch(sequential(first, layer("Tanh"), last), X, Y, loss("MSELoss"))
    W, b = first.weight.array, first.bias.array
    V, c = last.weight.array, last.bias.array
    F = np.tanh(X @ W.T + b) @ V.T + c
    assert here.problem.model.network is not None and here.problem.loss.name == "mean-squared"
    assert np.allclose(here.outputs.to_numpy(), F, rtol=1e-5)
    assert here.point["w1_1_1"].value == Fraction(float(W[0, 0]))
    assert hr.nearby(here).exists in (True, None)


def test_convolutions_and_skips() -> None:
    c1, head = conv("Conv1d", 2, 1, 2), linear(2, 2)
    inner = sequential(linear(2, 2), layer("ReLU"))
    net = sequential(
        c1,
        layer("Sigmoid"),
        layer("AvgPool1d", kernel_size=(3,), stride=(3,), padding=(0,), ceil_mode=False),
        layer("Flatten", start_dim=1, end_dim=-1),
        stand_in("ResidualBlock")(inner),
        layer("Dropout", p=0.5),
        head,
    )
    x = RNG.normal(size=(2, 1, 4)).astype(np.float32)
    here = hr.from_torch(net, x, [1, 0], loss("CrossEntropyLoss"))
    (f, _), k, b = list(inner.children()), c1.weight.array, c1.bias.array
    for d in range(2):
        z = [[k[o, 0] @ x[d, 0, i : i + 2] + b[o] for i in range(3)] for o in range(2)]
        a = np.mean(1 / (1 + np.exp(-np.array(z))), axis=1)
        a = a + np.maximum(f.weight.array @ a + f.bias.array, 0)
        o = head.weight.array @ a + head.bias.array
        assert np.allclose(here.outputs.to_numpy().ravel()[2 * d : 2 * d + 2], o, rtol=1e-5)
    p = np.exp(here.outputs.to_numpy().reshape(2, 2))
    p = p / p.sum(axis=1, keepdims=True)
    r = (p - np.array([[0, 1], [1, 0]])) / 2  # the mean over two examples
    assert np.allclose(here.loss_gradient.to_numpy().ravel(), r.ravel())


def test_two_dimensional_convolution() -> None:
    c = conv("Conv2d", 1, 2, 2, 2, stride=(2, 2), padding=(1, 1))
    net = sequential(c, layer("Flatten", start_dim=1))
    x = RNG.normal(size=(1, 2, 3, 3)).astype(np.float32)
    here = hr.from_torch(net, x, np.zeros((1, 4)), "half-squared")
    padded = np.zeros((2, 5, 5))
    padded[:, 1:4, 1:4] = x[0]
    F = [
        np.sum(c.weight.array[0] * padded[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
        + c.bias.array[0]
        for i in range(2)
        for j in range(2)
    ]
    assert np.allclose(here.outputs.to_numpy().ravel(), F, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "options", "scale"),
    [
        ("BCEWithLogitsLoss", {}, Fraction(1, 3)),
        ("BCEWithLogitsLoss", {"reduction": "sum"}, 1),
        ("MSELoss", {"reduction": "sum"}, 1),
    ],
)
def test_reductions(name: str, options: Any, scale: Any) -> None:
    targets = [[1], [0], [1]]
    here = hr.from_torch(sequential(linear(2, 1)), X, targets, loss(name, **options))
    assert here.problem.loss.scale(3) == scale
    assert hr.loads(hr.dumps(here), "again.toml").problem == here.problem


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_every_width_of_floats_is_exact(dtype: Any) -> None:
    W = RNG.normal(size=(1, 2)).astype(dtype)
    module = sequential(stand_in("Linear")(weight=Tensor(W, dtype), bias=None))
    here = hr.from_torch(module, X, Y)
    assert here.point["w1_1_1"].value == Fraction(float(W[0, 0]))


BAD = {
    "training": (sequential(linear(2, 2), layer("Dropout", training=True)), "training mode"),
    "batch norm": (sequential(linear(2, 2), layer("BatchNorm1d", training=True)), "training mode"),
    "recurrent": (sequential(layer("LSTM")), "module[0] (LSTM)"),
    "slope": (sequential(linear(2, 2), layer("LeakyReLU", negative_slope=0.2)), "0.01"),
    "nan": (
        sequential(stand_in("Linear")(weight=Tensor([[1, np.nan]]), bias=None)),
        "nan is not a number (at module[0] (Linear).weight[0][1])",
    ),
    "inf": (
        sequential(stand_in("Linear")(weight=Tensor([[1, 2]]), bias=Tensor([np.inf]))),
        "inf is not a number (at module[0] (Linear).bias[0])",
    ),
    "shapes": (sequential(linear(3, 2), layer("Tanh"), linear(2, 1)), "W1 has shape"),
}


@pytest.mark.parametrize("name", BAD)
def test_one_line_names_the_layer(name: str) -> None:
    module, words = BAD[name]
    with pytest.raises(InputError) as caught:
        hr.from_torch(module, X, Y)
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("targets", "given", "words"),
    [
        ([0, 1, 2], loss("CrossEntropyLoss"), "class from 0 to 1"),
        ([0, 0.5, 1], loss("CrossEntropyLoss"), "class from 0 to 1"),
        ([[0, 1]] * 3, loss("CrossEntropyLoss", label_smoothing=0.1), "label_smoothing"),
        ([[0, 1]] * 3, loss("MSELoss", reduction="none"), "reduction"),
        ([[0, 2]] * 3, loss("BCEWithLogitsLoss"), "between 0 and 1"),
        ([[0, 1]] * 3, loss("HuberLoss"), "HuberLoss"),
        ([[0, 1]] * 2, loss("MSELoss"), "2"),
    ],
)
def test_targets_of_the_wrong_kind(targets: Any, given: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        hr.from_torch(sequential(linear(2, 2)), X, targets, given)
    assert words in str(caught.value)


def test_jax_layouts() -> None:
    W, b, V, c = (RNG.normal(size=s).astype(np.float32) for s in ((2, 3), (3,), (3, 1), (1,)))
    F = np.tanh(X @ W + b) @ V + c
    forms = (
        [(W, b), (V, c)],
        [(W.T, b), (V.T, c)],
        [{"kernel": W, "bias": b}, {"kernel": V, "bias": c}],
        {"params": {"Dense_0": {"kernel": W, "bias": b}, "Dense_1": {"kernel": V, "bias": c}}},
        [{"weight": W.T, "bias": b}, {"weight": V.T, "bias": c}],
    )
    for parameters in forms:
        here = hr.from_jax(parameters, "tanh", X, Y)
        assert np.allclose(here.outputs.to_numpy(), F, rtol=1e-5)
    square = RNG.normal(size=(2, 2))
    with pytest.raises(InputError, match="layout"):
        hr.from_jax([(square, [0, 0])], "tanh", X, X)
    here = hr.from_jax([(square, [0, 0])], "tanh", X, X, layout="in,out")
    assert np.allclose(here.outputs.to_numpy().reshape(3, 2), X @ square, rtol=1e-5)


def arrays() -> dict[str, Any]:
    shapes = {"0.weight": (2, 2), "0.bias": (2,), "2.weight": (1, 2), "2.bias": (1,)}
    return {k: RNG.normal(size=s).astype(np.float32) for k, s in shapes.items()}


SPEC = """
[model]
kind = "mlp"
widths = [2, 2, 1]
activation = "tanh"
[data]
x = [[0, 0], [0, 1], [1, 0], [1, 1]]
y = [0, 1, 1, 0]
[loss]
kind = "half-squared"
[point]
file = "FILE"
"""


def test_files_of_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save = pytest.importorskip("safetensors.numpy")
    found = arrays()
    save.save_file(found, tmp_path / "w.safetensors")
    np.savez(tmp_path / "w.npz", **found)
    expected = {"w1_1_2": found["0.weight"][0, 1], "b2_1": found["2.bias"][0]}
    for name in ("w.safetensors", "w.npz"):
        (tmp_path / "s.toml").write_text(SPEC.replace("FILE", name))
        point = hr.read_spec(tmp_path / "s.toml").landscape().point
        assert all(point[k].value == Fraction(float(v)) for k, v in expected.items())
        x = [[0, 0], [0, 1], [1, 0], [1, 1]]
        here = hr.from_safetensors(tmp_path / name, "Linear,Tanh,Linear", x, [0, 1, 1, 0])
        assert here.point == point
    assert main(["nearby", str(tmp_path / "s.toml")]) == 0
    with pytest.raises(InputError, match="leaves"):
        hr.from_safetensors(tmp_path / "w.npz", "Linear", x, [0, 1, 1, 0])
    with pytest.raises(InputError, match="no tensor is left"):
        hr.from_safetensors(tmp_path / "w.npz", "Linear,Tanh,Linear,Tanh,Linear", x, [0, 1, 1, 0])


def test_files_that_do_not_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("safetensors")
    wide = arrays() | {"2.weight": np.zeros((1, 3), dtype=np.float32)}
    np.savez(tmp_path / "wide.npz", **wide)
    np.savez(tmp_path / "few.npz", **{"0.weight": np.zeros((2, 2))})
    np.savez(tmp_path / "nan.npz", **(arrays() | {"0.bias": np.array([1, np.nan])}))
    (tmp_path / "bad.safetensors").write_bytes(struct.pack("<Q", 9) + b"garbage")
    (tmp_path / "bad.npz").write_bytes(b"not a zip")
    (tmp_path / "w.bin").write_bytes(b"")
    for name, words in {
        "wide.npz": "2.weight",
        "few.npz": "1 tensors",
        "nan.npz": "nan",
        "bad.safetensors": "safetensors",
        "bad.npz": "npz",
        "w.bin": "expected a .safetensors",
        "none.npz": "cannot be read",
    }.items():
        (tmp_path / "s.toml").write_text(SPEC.replace("FILE", name))
        assert main(["nearby", str(tmp_path / "s.toml")]) == 2
        shown = capsys.readouterr().err.strip()
        assert words in shown and "\n" not in shown and "s.toml" in shown, name


def test_against_torch_itself() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Conv1d(1, 2, 2), torch.nn.Tanh(), torch.nn.Flatten(), torch.nn.Linear(6, 2)
    )
    x = torch.randn(2, 1, 4)
    here = hr.from_torch(net, x, torch.tensor([0, 1]), torch.nn.CrossEntropyLoss())
    assert np.allclose(here.outputs.to_numpy().ravel(), net(x).detach().numpy().ravel(), rtol=1e-4)
