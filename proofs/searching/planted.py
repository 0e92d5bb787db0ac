"""Planted structure: the points of a network at which J is dependent, and special data.

In: a `Cell`. Out: classes (x, point): all hidden units equal; all but one equal; one unit dead;
inputs on a line, so that weights of the other inputs are idle. The simplest of each kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product

import numpy as np

from hessrank.proofs.searching.grammar import Cell
from hessrank.proofs.searching.letters import INPUTS, Letter, alphabets
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.models.layers import Network

#: At most so many classes of a cell.
PLANTED = 48

_VALUE = {letter.code: letter.value for letter in INPUTS}
#: Inputs on a line, as integers.
_LINES = ((1, 2, 3, -1, 4, -2), (1, -1, 2, -2, 3, -3), (0, 1, -1, 2, -2, 3), (1, 2, -1, -2, 3, 4))


def planted(cell: Cell) -> Iterator[tuple[list[list[Expr]], dict[str, Expr]]]:
    """The classes of planted structure of a cell: (inputs, a row each; the point)."""
    net = cell.model.network
    if net is None or net.depth == 1:
        return
    yield from islice(_all(cell, net), PLANTED)


def _all(cell: Cell, net: Network) -> Iterator[tuple[list[list[Expr]], dict[str, Expr]]]:
    points = list(_points(net, alphabets(cell.model)))
    for theta in points:
        for x in _data(net.widths[0], cell.D):
            yield x, dict(zip(net.parameters, theta, strict=True))


def _data(n: int, D: int) -> Iterator[list[list[Expr]]]:
    seen = set()
    for line in _LINES:
        chosen = line[:D]
        if len(chosen) == D and chosen not in seen:
            seen.add(chosen)
            yield [[_VALUE[v], *[_VALUE[0]] * (n - 1)] for v in chosen]
    if n > 1:
        rows = [r for r in product((1, 0, -1), repeat=2) if any(r)][: D + 2]
        for start in range(3):
            few = rows[start : start + D]
            if len(few) == D:
                yield [[*map(_VALUE.__getitem__, r), *[_VALUE[0]] * (n - 2)] for r in few]


def _points(net: Network, letters: Sequence[Sequence[Letter]]) -> Iterator[list[Expr]]:
    """θ with equal units in each hidden layer, their outgoing weights by pattern."""
    h = net.widths[-2]
    patterns = [(1,) * h]
    if h > 1:
        patterns += [(1,) * (h - 1) + (2,), (1,) * (h - 1) + (0,), (1,) * (h - 1) + (-1,)]
    for k in (1, 3, 2):
        for pattern in patterns:
            for along in (True, False) if net.widths[0] > 1 else (True,):
                theta = np.zeros(net.size, dtype=object)
                for l, block in enumerate(net.blocks, 1):
                    for i, row in enumerate(block):
                        for j, position in enumerate(row):
                            if l == net.depth:
                                bias = j == h
                                value = 0 if bias else pattern[j] if i == 0 else 1
                                theta[position] = _VALUE[value]
                            else:
                                idle = l == 1 and not along and j > 0
                                chosen = letters[position]
                                theta[position] = chosen[0 if idle else k % len(chosen)].value
                yield list(theta)
