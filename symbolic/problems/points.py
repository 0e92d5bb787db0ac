"""Points θ: a constant for each free parameter, by name or by layer.

In: a mapping such as {"a": 1} or {"W1": [[1, 2]], "b1": [0]}, or all numbers in their order.
Out: constants by parameter; binary floats are taken for the dyadic rationals that they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from hessrank.symbolic.errors import InputError, shown
from hessrank.symbolic.expressions.exact import Floats, taken
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.expressions.parsing import nearest
from hessrank.symbolic.models.models import Model

#: A parameter's name, or names in the shape of a bias vector or a weight matrix.
Names = str | Sequence["Names"]


def point_of(value: Any, model: Model, floats: Floats | None = None) -> dict[str, Expr]:
    """A value for each free parameter: by name; for networks also by layer, W1 = [[…]], one row a
    unit, and b1 = […]; or all of them in their order. `floats` hears of binary floats. Raises
    InputError that names the key."""
    floats = floats or Floats()
    if not isinstance(value, Mapping):
        value = _by_position(value, model)
    raw = {str(key): taken(given, f"point.{key}", floats) for key, given in value.items()}
    layers = names_by_layer(model)
    fixed = dict(model.fixed)
    known = {*model.parameters, *fixed, *layers}
    point: dict[str, Expr] = {}
    for key, given in raw.items():
        place = f"point.{key}"
        if key not in known:
            raise InputError(f"no such parameter{nearest(key, known)}", place)
        names = layers.get(key, key)
        for name, number in _block(given, names, place).items():
            if name in point:
                raise InputError(f"the value of {name} stands there twice", place)
            if name in fixed and fixed[name] is not number:
                raise InputError(f"{name} is fixed at {fixed[name]}", place)
            point[name] = number
    missing = [name for name in model.parameters if name not in point]
    if missing:
        names = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        raise InputError(f"no value for {names} ({len(missing)} missing)", "point")
    return {name: point[name] for name in model.parameters}


def names_by_layer(model: Model) -> dict[str, Names]:
    """W1 -> rows of the names w1_1_1, w1_1_2, ...; b1 -> the names b1_1, ..."""
    blocks: dict[str, Names] = {}
    if model.tied is not None:
        return dict(model.tied.blocks)
    if model.network is None:
        return blocks
    widths = model.network.widths
    for l, (m, n) in enumerate(pairwise(widths), 1):
        blocks[f"W{l}"] = [[f"w{l}_{i}_{j}" for j in range(1, m + 1)] for i in range(1, n + 1)]
        if model.network.bias:
            blocks[f"b{l}"] = [f"b{l}_{i}" for i in range(1, n + 1)]
    return blocks


def _block(value: Any, names: Names, place: str) -> dict[str, Expr]:
    """One number, a bias vector or a weight matrix (one row a unit), by name."""
    if isinstance(names, str):
        number = value
        if not isinstance(number, Expr):
            raise InputError(f"expected a number, found {shown(value)}", place)
        if not names and not (number.is_number and number.value == 0):
            raise InputError(f"the connection is masked: expected 0, found {value}", place)
        return {names: number} if names else {}
    if not isinstance(value, list) or len(value) != len(names):
        found = f"{len(value)}" if isinstance(value, list) else shown(value)
        what = "numbers" if isinstance(names[0], str) else "rows, one a unit"
        raise InputError(f"expected {len(names)} {what}, found {found}", place)
    entries: dict[str, Expr] = {}
    for i, (part, name) in enumerate(zip(value, names, strict=True)):
        entries |= _block(part, name, f"{place}[{i}]")
    return entries


def _by_position(value: Any, model: Model) -> dict[str, Any]:
    """A vector of N numbers as values by name."""
    flat = listed(value)
    if not isinstance(flat, list):
        raise InputError(
            f"expected a value for each parameter by name, or all of them, found {shown(value)}",
            "point",
        )
    if len(flat) != len(model.parameters):
        raise InputError(
            f"expected {len(model.parameters)} numbers, one a parameter, found {len(flat)}", "point"
        )
    return dict(zip(model.parameters, flat, strict=True))


def listed(value: Any) -> Any:
    """Arrays and tuples as lists, at every level."""
    if not isinstance(value, (str, Expr)) and hasattr(value, "tolist"):
        value = value.tolist()
    return [listed(v) for v in value] if isinstance(value, (list, tuple)) else value


def side_of(side: str | int) -> int:
    """0, 1 or −1 from 0, "right" or "left": the piece to take at a kink."""
    known: dict[object, int] = {"right": 1, "left": -1, 1: 1, -1: -1, 0: 0}
    if side not in known:
        raise InputError(f"expected 'left' or 'right', found {side!r}", "point.side")
    return known[side]


def modules(first: Sequence[str], names: Sequence[str]) -> tuple[list[int], list[int]]:
    """The places of the parameters of two modules, given the first. Raises InputError where that is
    no partition.

    >>> modules(["b"], ["a", "b", "c"])
    ([1], [0, 2])
    """
    unknown = [n for n in first if n not in names]
    if unknown:
        raise InputError(f"no free parameter {unknown[0]!r}; they are {', '.join(names)}", "split")
    if not first or len(set(first)) < len(first) or len(first) == len(names):
        raise InputError("expected some of the parameters, each once, and not all", "split")
    inside = [names.index(n) for n in first]
    return inside, [i for i in range(len(names)) if i not in inside]
