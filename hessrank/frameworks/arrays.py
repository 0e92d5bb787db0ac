"""Shapes of arrays and of layers.

In: tensors and arrays of PyTorch, JAX and NumPy, or nested lists, which `hr.exact` takes exactly.
Out: rows of constants, one an example, and shapes.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.exact import exact
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.points import listed


def shape(value: Any) -> tuple[int, ...]:
    """Of nested lists."""
    found: list[int] = []
    while isinstance(value, list):
        found.append(len(value))
        value = value[0] if value else None
    return tuple(found)


def rows(value: Any, name: str) -> tuple[list[list[Expr]], tuple[int, ...]]:
    """(one flat row an example, the shape of an example)."""
    nested = exact(value, name)
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
        return {name: shape(listed(block)) for name, block in model.tied.blocks}
    if model.network is None:
        return {}
    found: dict[str, tuple[int, ...]] = {}
    for l, (m, n) in enumerate(pairwise(model.network.widths), 1):
        found[f"W{l}"] = (n, m)
        if model.network.bias:
            found[f"b{l}"] = (n,)
    return found
