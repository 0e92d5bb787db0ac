"""Convolutions and average pooling as affine maps with equal entries.

In: a builder, the layer's table. Out: one affine map more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.expression import Expr, number
from hessrank.symbolic.models.builder import Builder, require_size, shape_of


def _windows(
    shape: tuple[int, ...], kernel: Any, layer: Mapping[str, Any], key: str, stride: Any
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """(kernel, stride, padding, positions) for each spatial axis."""
    if len(shape) < 2:
        raise InputError("expected an input of channels and length, not a flat one", key)
    axes = len(shape) - 1

    def each(value: Any, name: str, least: int) -> tuple[int, ...]:
        listed = [value] * axes if isinstance(value, int) else value
        whole = isinstance(listed, (list, tuple)) and len(listed) == axes
        if not whole or not all(type(v) is int and v >= least for v in listed):
            raise InputError(f"expected {axes} whole numbers, found {value!r}", f"{key}.{name}")
        return tuple(listed)

    k = each(kernel, "kernel", 1)
    s = each(stride, "stride", 1)
    p = each(layer.get("padding", 0), "padding", 0)
    out = tuple((n + 2 * b - a) // t + 1 for n, a, t, b in zip(shape[1:], k, s, p, strict=True))
    if min(out) < 1:
        raise InputError(f"a window {list(k)} does not fit {list(shape[1:])}", key)
    return k, s, p, out


def _flat(shape: tuple[int, ...], channel: int, at: Sequence[int]) -> int:
    """The place of a value in a row of values, channel by channel."""
    place = channel
    for n, i in zip(shape[1:], at, strict=True):
        place = place * n + i
    return place


def convolution(built: Builder, channels: Any, layer: Mapping[str, Any], key: str) -> None:
    """{"conv": channels, "kernel": [k, …]}: cross-correlation, as in the frameworks."""
    if isinstance(channels, (list, tuple)):
        raise InputError(f"expected a whole number >= 1, found {channels!r}", f"{key}.conv")
    (channels,) = shape_of(channels, f"{key}.conv")
    if "kernel" not in layer:
        raise InputError("expected, but not there", f"{key}.kernel")
    shape, old = built.shape, None
    k, s, p, out = _windows(shape, layer["kernel"], layer, key, layer.get("stride", 1))
    require_size(channels * prod(out) * shape[0] * prod(k), key)
    windows = list(product(*(range(a) for a in k)))
    bias = layer.get("bias", True)
    if not isinstance(bias, bool):
        raise InputError(f"expected true or false, found {bias!r}", f"{key}.bias")
    if "share" in layer:
        old = built.kept.get(layer["share"])
        if old is None or len(old[0]) != channels or len(old[0][0]) != shape[0] * len(windows):
            raise InputError("no layer of that name and shape before it", f"{key}.share")
        W, b = old
    else:
        built.count += 1
        l = built.count
        names = [
            [
                f"w{l}_{o + 1}_{c + 1}_" + "_".join(str(i + 1) for i in w)
                for c in range(shape[0])
                for w in windows
            ]
            for o in range(channels)
        ]
        W = [[built.new(name) for name in row] for row in names]
        built.blocks[f"W{l}"] = [_nested(row, (shape[0], *k)) for row in names]
        b = [built.new(f"b{l}_{o + 1}") for o in range(channels)] if bias else []
        if bias:
            built.blocks[f"b{l}"] = [f"b{l}_{o + 1}" for o in range(channels)]
    if isinstance(layer.get("name"), str):
        built.kept[layer["name"]] = W, b
    after = (channels, *out)
    entries: dict[tuple[int, int], Expr] = {}
    for o, at in product(range(channels), product(*(range(n) for n in out))):
        unit = _flat(after, o, at)
        for c in range(shape[0]):
            for i, w in enumerate(windows):
                where = [a * t + d - q for a, t, d, q in zip(at, s, w, p, strict=True)]
                if all(0 <= v < n for v, n in zip(where, shape[1:], strict=True)):
                    entries[unit, _flat(shape, c, where)] = W[o][c * len(windows) + i]
    each = prod(out)
    biases = {o * each + i: b[o] for o in range(channels) for i in range(each)} if b else {}
    built.affine(after, entries, biases)


def _nested(flat: Sequence[str], shape: Sequence[int]) -> Any:
    if len(shape) == 1:
        return list(flat)
    step = len(flat) // shape[0]
    return [_nested(flat[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]


def average_pool(built: Builder, kernel: Any, layer: Mapping[str, Any], key: str) -> None:
    """{"average_pool": [k, …]}: means over windows, channel by channel."""
    shape = built.shape
    k, s, _, out = _windows(shape, kernel, {}, key, layer.get("stride", kernel))
    require_size(shape[0] * prod(out) * prod(k), key)
    after, weight = (shape[0], *out), number(Fraction(1, prod(k)))
    entries = {}
    for c, at in product(range(shape[0]), product(*(range(n) for n in out))):
        for w in product(*(range(a) for a in k)):
            where = [a * t + d for a, t, d in zip(at, s, w, strict=True)]
            entries[_flat(after, c, at), _flat(shape, c, where)] = weight
    built.affine(after, entries, {})
