"""Models as people draw them: layers in a row, as one tied network.

In: layers, each a name or a table such as {"conv": 2, "kernel": [2, 2]}. Out: a `Model` whose
network is tied (`tied`). Parameters are called w{layer}_{unit}_{input}, for a convolution
w{layer}_{out}_{in}_{row}_{column}, and b{layer}_{unit}; only layers with parameters are counted.
docs/points.md lists the layers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.expression import ONE, Expr, add, free_symbols, number, symbol
from hessrank.symbolic.expressions.parsing import CALLS, check_names, nearest, parse
from hessrank.symbolic.expressions.substitution import Expressions
from hessrank.symbolic.models import layers as rule
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.builder import Affine, Builder, require_size, shape_of, table_of
from hessrank.symbolic.models.convolutions import average_pool, convolution
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.models.tied import Tied, affine

Layer = str | Mapping[str, Any]

#: Each kind of layer and the keys that may stand beside it.
KINDS: dict[str, tuple[str, ...]] = {
    "linear": ("bias", "mask", "weights", "biases", "share", "transpose_of", "name"),
    "conv": ("kernel", "stride", "padding", "bias", "name", "share"),
    "average_pool": ("stride",),
    "activation": (),
    "residual": (),
    "flatten": (),
}


def sequential(
    layers: Sequence[Layer],
    inputs: int | Sequence[int],
    fixed: Mapping[str, object] | None = None,
) -> Model:
    """A model from layers in a row.

    inputs: how many, or the shape [channels, length] or [channels, height, width] for
    convolutions (examples are rows, channel by channel). layers: names of activations, "flatten",
    or tables: {"linear": units}, {"conv": channels, "kernel": [k]}, {"average_pool": [k]},
    {"activation": name or one name a unit}, {"residual": [layers]}. fixed: values of parameters
    that are not free. Raises InputError that names the layer.

    >>> net = sequential([{"conv": 1, "kernel": [2]}, "tanh", {"linear": 1}], inputs=[1, 3])
    >>> net.parameters
    ('w1_1_1_1', 'w1_1_1_2', 'b1_1', 'w2_1_1', 'w2_1_2', 'b2_1')
    >>> print(sequential([{"residual": [{"linear": 1, "bias": False}]}], inputs=1).outputs[0])
    x1*w1_1_1 + x1
    """
    shape = shape_of(inputs, "inputs")
    if not 1 <= len(shape) <= 3:
        raise InputError("expected one, two or three numbers", "inputs")
    if isinstance(layers, (str, Mapping)) or not isinstance(layers, Sequence) or not layers:
        raise InputError("expected a list of layers", "layers")
    built = Builder(shape)
    for i, layer in enumerate(layers):
        _add(built, layer, f"layers[{i}]")
    if not built.net or set(built.net[-1].activations) != {"identity"}:
        built.identity()
    return _model(built, prod(shape), layers, inputs, fixed)


def _model(
    built: Builder, n: int, source: Any, inputs: Any, fixed: Mapping[str, object] | None
) -> Model:
    given = dict(fixed or {})
    for name in given:
        if name not in built.names:
            raise InputError(f"no parameter {name!r}{nearest(name, built.names)}", f"fixed.{name}")
    values = {n: constant(v, f"fixed.{n}") for n, v in given.items()}
    free = [name for name in check_names(built.names, "layers") if name not in values]
    place = {name: i for i, name in enumerate(free)}
    widths = (n, *(layer.width for layer in built.net))
    S: list[tuple[int, int, Expr]] = []
    c: list[tuple[int, Expr]] = []
    start = 0
    for m, layer in zip(widths, built.net, strict=False):
        places = {(i, j): start + i * m + j for i, j in layer.entries}
        at = [(places[ij], form) for ij, form in layer.entries.items()]
        at += [(start + layer.width * m + i, form) for i, form in layer.biases.items()]
        start += layer.width * (m + 1)
        for entry, form in at:
            slopes, rest = affine(form, sorted(free_symbols(form)))
            for name, slope in slopes.items():
                if name in place:
                    S.append((entry, place[name], slope))
                else:
                    rest = add(rest, slope * values[name])
            if not (rest.is_number and rest.value == 0):
                c.append((entry, rest))
    tied = Tied(
        widths,
        tuple(tuple(layer.activations) for layer in built.net[:-1]),
        tuple(S),
        tuple(c),
        tuple(free),
        tuple(built.blocks.items()),
        json.dumps({"inputs": _plain(inputs), "layers": _plain(source)}),
    )
    xs = tuple(f"x{j + 1}" for j in range(n))
    theta = {name: symbol(name) for name in free}
    x = np.array([[symbol(name) for name in xs]], dtype=object)
    outputs = tied.run(theta, x, rule.Objects(Expressions())).outputs[0]
    return Model(tuple(free), xs, forms=tuple(outputs), fixed=tuple(values.items()), tied=tied)


def _plain(value: Any) -> Any:
    """As JSON holds it; exact numbers as text."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value if isinstance(value, (str, bool, int)) else str(value)


def _add(built: Builder, layer: Layer, key: str) -> None:
    """One layer more."""
    if isinstance(layer, str):
        if layer == "flatten":
            built.shape = (built.size,)
        else:
            _activate(built, layer, key)
        return
    if not isinstance(layer, Mapping):
        raise InputError(f"expected a name or a table, found {layer!r}", key)
    kinds = [k for k in layer if k in KINDS]
    if len(kinds) != 1:
        known = ", ".join(KINDS)
        raise InputError(f"expected one of {known} in each layer, found {list(layer)}", key)
    kind = kinds[0]
    for name in layer:
        if name != kind and name not in KINDS[kind]:
            hint = nearest(name, KINDS[kind]) or f"; known here: {', '.join(KINDS[kind])}"
            raise InputError(f"unknown key{hint}", f"{key}.{name}")
    value = layer[kind]
    if kind == "activation":
        _activate(built, value, key)
    elif kind == "flatten":
        built.shape = (built.size,)
    elif kind == "linear":
        _linear(built, value, layer, key)
    elif kind == "conv":
        convolution(built, value, layer, key)
    elif kind == "average_pool":
        average_pool(built, value, layer, key)
    else:
        _residual(built, value, key)


def _activate(built: Builder, name: Any, key: str) -> None:
    names = [name] * built.size if isinstance(name, str) else name
    if not isinstance(names, (list, tuple)) or len(names) != built.size:
        raise InputError(f"expected one activation, or one for each of {built.size} units", key)
    if not built.active:
        built.identity()
    canonical = {n: activation(n, key).name for n in dict.fromkeys(names)}
    built.net[-1].activations[: built.size] = [canonical[n] for n in names]
    built.active = False


def _residual(built: Builder, inner: Any, key: str) -> None:
    """x + f(x): x is carried past the layers of f, then added."""
    if not isinstance(inner, (list, tuple)) or not inner:
        raise InputError("expected a list of layers", f"{key}.residual")
    size, shape, carried = built.size, built.shape, built.carried
    # double the units: the first copy goes through f, the second is carried
    double = {(i, i): ONE for i in range(size)} | {(size + i, i): ONE for i in range(size)}
    double |= {(2 * size + i, size + i): ONE for i in range(carried)}
    width = 2 * size + carried
    built.net.append(Affine(width, double, {}, ["identity"] * width))
    built.carried, built.active = carried + size, False
    for i, layer in enumerate(inner):
        _add(built, layer, f"{key}.residual[{i}]")
    if built.size != size:
        raise InputError(f"f maps {size} units to {built.size}: x + f(x) does not add up", key)
    built.carried = carried
    entries = {(i, i): ONE for i in range(size)} | {(i, size + i): ONE for i in range(size)}
    entries |= {(size + i, 2 * size + i): ONE for i in range(carried)}
    built.net.append(Affine(size + carried, entries, {}, ["identity"] * (size + carried)))
    built.shape, built.active = shape, True


def _linear(built: Builder, units: Any, layer: Mapping[str, Any], key: str) -> None:
    """{"linear": units}: all inputs to all units; mask: 0 removes a connection; weights and
    biases: affine expressions in names of parameters; share: the weights of the layer of that
    name; transpose_of: the transposed ones."""
    if isinstance(units, bool) or not isinstance(units, int) or units < 1:
        raise InputError(f"expected a whole number >= 1, found {units!r}", f"{key}.linear")
    n = built.size
    require_size(units * n, f"{key}.linear")
    bias = layer.get("bias", True)
    if not isinstance(bias, bool):
        raise InputError(f"expected true or false, found {bias!r}", f"{key}.bias")
    W, b = _given(built, units, n, layer, key)
    if W is None:
        built.count += 1
        l = built.count
        mask = table_of(layer["mask"], units, n, f"{key}.mask") if "mask" in layer else None
        names = [[f"w{l}_{i}_{j}" for j in range(1, n + 1)] for i in range(1, units + 1)]
        W = [
            [
                number(0) if mask and not _kept(mask[i][j], key) else built.new(names[i][j])
                for j in range(n)
            ]
            for i in range(units)
        ]
        built.blocks[f"W{l}"] = [
            [name if v is not number(0) else "" for name, v in zip(r, row, strict=True)]
            for r, row in zip(names, W, strict=True)
        ]
        if bias and b is None:
            b = [built.new(f"b{l}_{i}") for i in range(1, units + 1)]
            built.blocks[f"b{l}"] = [f"b{l}_{i}" for i in range(1, units + 1)]
    elif bias and b is None and "weights" not in layer:
        built.count += 1
        l = built.count
        b = [built.new(f"b{l}_{i}") for i in range(1, units + 1)]
        built.blocks[f"b{l}"] = [f"b{l}_{i}" for i in range(1, units + 1)]
    if isinstance(layer.get("name"), str):
        built.kept[layer["name"]] = W, b or []
    zero = number(0)
    entries = {(i, j): v for i, row in enumerate(W) for j, v in enumerate(row) if v is not zero}
    built.affine((units,), entries, dict(enumerate(b or [])))


def _given(
    built: Builder, units: int, n: int, layer: Mapping[str, Any], key: str
) -> tuple[list[list[Expr]] | None, list[Expr] | None]:
    """Weights and biases that are written out or taken from another layer."""
    chosen = [k for k in ("weights", "share", "transpose_of", "mask") if k in layer]
    if len(chosen) > 1:
        raise InputError(f"expected one of {', '.join(chosen)}", key)
    if "weights" in layer:
        table = table_of(layer["weights"], units, n, f"{key}.weights")
        W = [[_entry(built, v, f"{key}.weights") for v in row] for row in table]
        b = None
        if "biases" in layer:
            row = table_of([layer["biases"]], 1, units, f"{key}.biases")[0]
            b = [_entry(built, v, f"{key}.biases") for v in row]
        return W, b
    for how in ("share", "transpose_of"):
        if how in layer:
            name = layer[how]
            if name not in built.kept:
                hint = nearest(str(name), built.kept)
                raise InputError(f"no layer before it is called {name!r}{hint}", f"{key}.{how}")
            W, old = built.kept[name]
            if how == "transpose_of":
                W, old = [list(row) for row in zip(*W, strict=True)], []
            if len(W) != units or len(W[0]) != n:
                raise InputError(
                    f"weights {len(W)}×{len(W[0])} where {units}×{n} are needed", f"{key}.{how}"
                )
            return W, old or None
    return None, None


def _entry(built: Builder, value: Any, key: str) -> Expr:
    """A number, or an affine expression; its names become parameters."""
    if not isinstance(value, str):
        return constant(value, key)
    names = [w for w in re.findall(r"[A-Za-z]\w*", value) if w not in CALLS]
    names = [w for w in dict.fromkeys(names) if w != "pi"]
    form = parse(value, set(names), key)
    affine(form, sorted(free_symbols(form)))
    for name in names:
        if name not in built.names:
            built.new(name)
    return form


def _kept(value: Any, key: str) -> bool:
    if isinstance(value, bool) or value not in (0, 1):
        raise InputError(f"expected 0 or 1, found {value!r}", f"{key}.mask")
    return bool(value)
