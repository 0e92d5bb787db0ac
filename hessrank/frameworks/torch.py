"""From a PyTorch module, without importing PyTorch: class names and attributes say it all.

In: an `nn.Sequential` of known layers. Out: the exact `Landscape` at its weights. Known: Linear,
Conv1d and Conv2d, AvgPool1d and AvgPool2d, Flatten, Identity, activations, Dropout in evaluation
mode, Sequential within Sequential, and x + f(x) as a module called Residual, ResidualBlock, Skip or
SkipConnection with f as its only child.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hessrank.frameworks.drawn import Drawn
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.exact import exact
from hessrank.symbolic.problems.landscape import Landscape

#: Activations that have no options, by their names there.
ACTIVATIONS = {
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "ReLU": "relu",
    "SiLU": "swish",
    "Softplus": "softplus",
    "GELU": "gelu",
    "LeakyReLU": "leaky-relu",
}
RESIDUAL = ("Residual", "ResidualBlock", "Skip", "SkipConnection")
PASSING = ("Identity", "Dropout", "Dropout1d", "Dropout2d", "AlphaDropout")


def from_torch(module: Any, x: Any, y: Any, loss: Any = "half-squared") -> Landscape:
    """The landscape of a PyTorch module at its weights, on data, exactly.

    module: see above; x: one row an example, for convolutions of shape (channels, length) or
    (channels, height, width); y: targets, for CrossEntropyLoss classes or probabilities; loss: a
    PyTorch loss or its name, with its reduction, or a loss of hessrank. Floats of 16 bits are taken
    exactly too. Raises InputError that names the layer.
    """
    drawn = Drawn()
    _add(drawn, drawn.layers, module, "module")
    return drawn.landscape(x, y, loss)


def _add(drawn: Drawn, layers: list[Any], module: Any, name: str) -> None:
    kind = type(module).__name__
    if kind == "Sequential":
        for i, child in enumerate(module.children()):
            _add(drawn, layers, child, f"{name}[{i}]")
    elif kind in RESIDUAL:
        children = list(module.children())
        if len(children) != 1:
            raise InputError(f"{name} ({kind}): expected one child f for x + f(x)")
        inner: list[Any] = []
        _add(drawn, inner, children[0], f"{name}.f")
        layers.append({"residual": inner})
    elif "BatchNorm" in kind or (kind in PASSING and kind != "Identity"):
        if getattr(module, "training", False):
            raise InputError(f"{name} ({kind}) is in training mode: call module.eval() first")
        if "BatchNorm" in kind:
            raise InputError(f"{name} ({kind}) is not supported: fold it into the layer before it")
    elif kind == "Identity":
        pass
    elif kind in ACTIVATIONS:
        layers.append(_activation(module, kind, name))
    elif kind in _WEIGHTED:
        _WEIGHTED[kind](drawn, layers, module, name)
    elif kind == "Flatten":
        _expect(module, "start_dim", 1, name)
        layers.append("flatten")
    elif kind in ("AvgPool1d", "AvgPool2d"):
        _expect(module, "padding", 0, name)
        _expect(module, "ceil_mode", False, name)
        axes = int(kind[-2])
        layers.append(
            {
                "average_pool": _each(module.kernel_size, axes),
                "stride": _each(module.stride, axes),
            }
        )
    else:
        known = "Linear, Conv1d, Conv2d, AvgPool1d, AvgPool2d, Flatten, Residual and activations"
        raise InputError(f"{name} ({kind}) is not supported; known are {known}")


def _linear(drawn: Drawn, layers: list[Any], module: Any, name: str) -> None:
    bias = getattr(module, "bias", None)
    units = drawn.weighted(module.weight, bias, f"{name} (Linear)")
    layers.append({"linear": units, "bias": bias is not None})


def _conv(drawn: Drawn, layers: list[Any], module: Any, name: str) -> None:
    axes = int(type(module).__name__[-2])
    _expect(module, "groups", 1, name)
    _expect(module, "padding_mode", "zeros", name)
    if any(v != 1 for v in _each(getattr(module, "dilation", 1), axes)):
        raise InputError(f"{name}: dilation {module.dilation!r} is not supported")
    if isinstance(module.padding, str):
        raise InputError(f"{name}: padding {module.padding!r} is not supported, numbers are")
    bias = getattr(module, "bias", None)
    channels = drawn.weighted(module.weight, bias, f"{name} ({type(module).__name__})")
    layers.append(
        {
            "conv": channels,
            "kernel": _each(module.kernel_size, axes),
            "stride": _each(module.stride, axes),
            "padding": _each(module.padding, axes),
            "bias": bias is not None,
        }
    )


_WEIGHTED: dict[str, Callable[[Drawn, list[Any], Any, str], None]] = {
    "Linear": _linear,
    "Conv1d": _conv,
    "Conv2d": _conv,
}


def _activation(module: Any, kind: str, name: str) -> str:
    """The activation, where its options are those of ours."""
    if kind == "LeakyReLU":
        slope = exact(getattr(module, "negative_slope", 0.01), name)
        if slope is not exact(0.01):
            raise InputError(f"{name} (LeakyReLU): only negative_slope = 0.01 is known")
    if kind == "GELU":
        _expect(module, "approximate", "none", name)
    if kind == "Softplus":
        _expect(module, "beta", 1, name)
    return ACTIVATIONS[kind]


def _expect(module: Any, option: str, value: Any, name: str) -> None:
    found = getattr(module, option, value)
    good = (
        all(v == value for v in found)
        if isinstance(found, Iterable) and not isinstance(found, str)
        else found == value
    )
    if not good:
        kind = type(module).__name__
        raise InputError(f"{name} ({kind}): {option} = {found!r} is not supported, {value!r} is")


def _each(value: Any, axes: int) -> list[int]:
    return [int(v) for v in value] if isinstance(value, (list, tuple)) else [int(value)] * axes
