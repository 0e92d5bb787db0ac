"""A tied network while it is built, layer by layer.

In: affine maps whose entries are closed forms in θ. Out: a `Builder` that holds them, with names of
parameters and what is carried past layers. Only `sequential` and `convolutions` use it; what they
hand out is frozen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.expression import ONE, Expr, symbol

#: A layer with more units, or more weights counted with their repetitions, is refused.
MAX_SIZE = 1_000_000


@dataclass
class Affine:
    """One layer of the net: entries (unit, input) and biases, closed forms affine in θ."""

    width: int
    entries: dict[tuple[int, int], Expr]
    biases: dict[int, Expr]
    activations: list[str]


@dataclass
class Builder:
    """The net so far. shape: of what leaves it, without what is carried past (`carried` units)."""

    shape: tuple[int, ...]
    net: list[Affine] = field(default_factory=list)
    carried: int = 0
    names: list[str] = field(default_factory=list)
    blocks: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, tuple[list[list[Expr]], list[Expr]]] = field(default_factory=dict)
    count: int = 0
    active: bool = False  # whether the last layer may still be given an activation

    @property
    def size(self) -> int:
        return prod(self.shape)

    def affine(
        self,
        shape: tuple[int, ...],
        entries: dict[tuple[int, int], Expr],
        biases: dict[int, Expr],
    ) -> None:
        """One more layer; what is carried passes."""
        n, m = prod(shape), self.size
        passing = {(n + i, m + i): ONE for i in range(self.carried)}
        width = n + self.carried
        self.net.append(Affine(width, entries | passing, biases, ["identity"] * width))
        self.shape, self.active = shape, True

    def identity(self) -> None:
        self.affine(self.shape, {(i, i): ONE for i in range(self.size)}, {})

    def new(self, name: str) -> Expr:
        self.names.append(name)
        return symbol(name)


def require_size(count: int, key: str) -> None:
    """InputError at `key` for a layer of more than MAX_SIZE units or weights."""
    if count > MAX_SIZE:
        raise InputError(f"more than {MAX_SIZE} units or weights in one layer", key)


def shape_of(value: Any, key: str) -> tuple[int, ...]:
    """One whole number >= 1 or a list of them."""
    listed = [value] if isinstance(value, int) else value
    whole = isinstance(listed, (list, tuple)) and all(
        isinstance(v, int) and not isinstance(v, bool) and v >= 1 for v in listed
    )
    if not whole or not listed:
        raise InputError(f"expected whole numbers >= 1, found {value!r}", key)
    require_size(prod(listed), key)
    return tuple(listed)


def table_of(value: Any, rows: int, columns: int, key: str) -> list[list[Any]]:
    """A table of that size. Raises InputError at `key`."""
    good = isinstance(value, (list, tuple)) and len(value) == rows
    if not good or not all(isinstance(r, (list, tuple)) and len(r) == columns for r in value):
        raise InputError(f"expected {rows} rows of {columns}", key)
    return [list(r) for r in value]
