"""From the parameters of a JAX network: pairs (W, b), or dicts of Flax, Haiku and Equinox.

In: one entry a layer. Out: the exact `Landscape` of the fully connected network with these weights.
JAX itself is not imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hessrank.frameworks.arrays import rows, shape
from hessrank.frameworks.drawn import Drawn
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.exact import exact
from hessrank.symbolic.problems.landscape import Landscape

#: (weights, biases, whether weights are (inputs, units)) by the names that libraries use.
NAMES = (("kernel", "bias", True), ("w", "b", True), ("weight", "bias", False))


def from_jax(
    parameters: Any,
    activation: str,
    x: Any,
    y: Any,
    loss: Any = "half-squared",
    layout: str | None = None,
) -> Landscape:
    """The landscape of a fully connected JAX network at its parameters, on data, exactly.

    parameters: a list of pairs (W, b) or arrays W, or of dicts {"kernel", "bias"}, {"w", "b"},
    {"weight", "bias"}; or a dict of such dicts by the layers' names. layout: "in,out" where W is
    (inputs, units), so that z = a W + b, or "out,in" where z = W a + b; found from the shapes where
    they tell. Raises InputError that names the layer.
    """
    if layout not in (None, "in,out", "out,in"):
        raise InputError(f"expected 'in,out' or 'out,in', found {layout!r}", "layout")
    layers = [_pair(layer, name) for name, layer in _layers(parameters)]
    width = len(rows(x, "x")[0][0])
    said = {flipped for _, _, flipped, _ in layers if flipped is not None}
    if layout is not None:
        said = {layout == "in,out"}
    if len(said) > 1:
        raise InputError("the layers' weights are named in two ways")
    turned = said.pop() if said else _turned([W for W, *_ in layers], width)
    drawn = Drawn()
    for i, (W, b, _, name) in enumerate(layers):
        if len(shape(W)) != 2:
            raise InputError(f"{name}: expected a matrix, found shape {list(shape(W))}")
        table = [list(row) for row in zip(*W, strict=True)] if turned else W
        drawn.linear(table, b, name)
        if i < len(layers) - 1:
            drawn.layers.append(activation)
    return drawn.landscape(x, y, loss)


def _layers(parameters: Any) -> list[tuple[str, Any]]:
    if isinstance(parameters, Mapping):
        inner = parameters.get("params", parameters)
        if not all(isinstance(v, Mapping) for v in inner.values()):
            raise InputError("expected one dict of weights and biases for each layer", "parameters")
        return [(str(k), v) for k, v in inner.items()]
    if not isinstance(parameters, Sequence) or not parameters:
        raise InputError("expected a list of layers, each a pair (W, b)", "parameters")
    return [(f"layer {i}", v) for i, v in enumerate(parameters)]


def _pair(layer: Any, name: str) -> tuple[Any, Any, bool | None, str]:
    """(W, b or None, whether W is (inputs, units) or None for unknown, the layer's name)."""
    if isinstance(layer, Mapping):
        for weights, biases, flipped in NAMES:
            if weights in layer:
                b = layer.get(biases)
                bias = None if b is None else exact(b, f"{name}.{biases}")
                return exact(layer[weights], f"{name}.{weights}"), bias, flipped, name
        raise InputError(f"{name}: expected kernel, w or weight, found {', '.join(layer)}")
    if isinstance(layer, (tuple, list)) and len(layer) == 2 and not _is_number(layer[0]):
        first = exact(layer[0], f"{name}[0]")
        if len(shape(first)) == 2:
            return first, exact(layer[1], f"{name}[1]"), None, name
    return exact(layer, name), None, None, name


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))


def _turned(matrices: Sequence[Any], width: int) -> bool:
    """Whether the weights are (inputs, units): the shapes fit one way only."""
    fits = []
    for turned in (True, False):
        n, good = width, True
        for W in matrices:
            size = shape(W)
            a, b = size if len(size) == 2 else (-1, -1)
            m, units = (a, b) if turned else (b, a)
            good, n = good and m == n, units
        fits.append(good)
    if fits[0] == fits[1]:
        why = "fit both ways" if fits[0] else f"do not fit {width} inputs"
        raise InputError(f"the shapes {why}: say layout='in,out' or 'out,in'", "layout")
    return fits[0]
