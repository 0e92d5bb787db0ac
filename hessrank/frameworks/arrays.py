"""Arrays of other programs as nested lists of exact numbers.

In: tensors and arrays of PyTorch, JAX and NumPy, or nested lists. Out: nested lists of `Expr`, each
float the dyadic rational that it is. float16 and bfloat16 are exact as well: their `tolist` gives
the same number in double precision. Numbers that are not finite are named.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import isfinite
from typing import Any

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.expression import Expr, number
from hessrank.symbolic.models.models import Model


def listed(value: Any) -> Any:
    """An array as nested lists of Python numbers."""
    for step in ("detach", "cpu"):
        if hasattr(value, step):
            value = getattr(value, step)()
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "__array__"):
        import numpy as np

        return np.asarray(value).tolist()
    return [listed(v) for v in value] if isinstance(value, (list, tuple)) else value


def exact_array(value: Any, name: str) -> Any:
    """Nested lists of exact numbers. Raises InputError that says where one is not finite.

    >>> exact_array([[0.5, 1]], "W")
    [[Expr(1/2), Expr(1)]]
    """
    return _exact(listed(value), name)


def _exact(value: Any, name: str) -> Any:
    if isinstance(value, list):
        return [_exact(v, f"{name}[{i}]") for i, v in enumerate(value)]
    if isinstance(value, complex):
        raise InputError(f"{name} is complex: {value}")
    if isinstance(value, float):
        if not isfinite(value):
            raise InputError(f"{name} is {value}, which is no number")
        return number(Fraction(value))
    if hasattr(value, "dtype"):  # a scalar whose tolist keeps its type, as bfloat16's may
        return _exact(float(value), name)
    return constant(value, name)


def shape(value: Any) -> tuple[int, ...]:
    """Of nested lists."""
    found: list[int] = []
    while isinstance(value, list):
        found.append(len(value))
        value = value[0] if value else None
    return tuple(found)


def rows(value: Any, name: str) -> tuple[list[list[Expr]], tuple[int, ...]]:
    """(one flat row an example, the shape of an example)."""
    nested = exact_array(value, name)
    if not isinstance(nested, list) or not nested:
        raise InputError("expected one row an example", name)
    one = shape(nested[0])
    out = [_flat(row) for row in nested]
    if any(len(row) != len(out[0]) for row in out):
        raise InputError("the examples have different lengths", name)
    return out, one or (1,)


def _flat(value: Any) -> list[Expr]:
    return [v for part in value for v in _flat(part)] if isinstance(value, list) else [value]


def layer_shapes(model: Model) -> dict[str, tuple[int, ...]]:
    """The shapes of W1, b1, … of a network; nothing for closed forms."""
    if model.tied is not None:
        return {name: shape(_lists(block)) for name, block in model.tied.blocks}
    if model.network is None:
        return {}
    found: dict[str, tuple[int, ...]] = {}
    for l, (m, n) in enumerate(pairwise(model.network.widths), 1):
        found[f"W{l}"] = (n, m)
        if model.network.bias:
            found[f"b{l}"] = (n,)
    return found


def _lists(value: Any) -> Any:
    return [_lists(v) for v in value] if isinstance(value, (list, tuple)) else value
