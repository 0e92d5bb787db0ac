"""The classes of a cell, inputs x and points θ with the labels left free, in ascending height.

In: a `Cell`. Out: `Batch`es of one total height each, and single classes.

Copies are skipped. Of examples in another order, hidden units permuted, units of an odd activation
with both signs flipped and of an even one with the incoming one, units of a homogeneous activation
scaled within the grammar, and outputs with their sign flipped (labels and loss are symmetric), at
least one is kept, and of most only one. Two or more inputs are taken up to a linear change, with
biases an affine one, which the incoming weights take up: so e_1, …, e_r (and 0) are among the
examples, r the dimension that they span, and the other n − r inputs are idle: 0, as their weights.
An example on which F = 0 for all θ is left out.

Where F(−x) = ±F(x) for all θ and (x, y) ↦ (−x, ±y) changes nothing that is asked (`turns`), an
example is taken up to sign, unless −x is an example, too. The incoming weights take up the sign of
an input. What has the largest sum of all numbers is kept: of the examples x without −x none has a
negative sum, nor has an input over those other than e_1, …, e_r.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product
from typing import Any

import numpy as np

from hessrank.proofs.searching.grammar import Cell
from hessrank.proofs.searching.letters import INPUTS, Letter, alphabets
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.models.layers import Network

Array = np.ndarray[Any, Any]
Row = tuple[int, ...]

#: Of a cell at most so many sets of inputs, simple rows first, and points.
MAX_INPUT_SETS = 1_000
MAX_POINTS = 2_000_000
#: Classes in a batch.
BATCH = 1 << 13


@dataclass(frozen=True)
class Batch:
    """theta: indices of letters, (B, N); x: the indices of the sets of inputs, (B,); height: the
    sum of the heights of all numbers of each class."""

    theta: Array
    x: Array
    height: int

    def __len__(self) -> int:
        return len(self.x)


class Classes:
    """The classes of a cell. flips: whether outputs may change sign; turns: whether examples may,
    with their labels."""

    def __init__(self, cell: Cell, flips: bool = True, turns: bool = False) -> None:
        self.cell, self.flips = cell, flips
        net = cell.model.network
        self.turns = turns and net is not None and not net.bias and bool(net.sigma.parity)
        self.letters = alphabets(cell.model)

    @cached_property
    def inputs(self) -> list[tuple[Row, ...]]:
        """The sets of inputs: D rows of indices into INPUTS."""
        n, D, top = len(self.cell.model.inputs), self.cell.D, self.cell.level
        if not n:
            return [((),)]
        found: list[tuple[Row, ...]] = []
        for r in range(1, n + 1):
            if r < n and self._size(r) > self.cell.idle:
                continue
            base = _unit_rows(r, n, self._affine) if n > 1 else []
            if len(base) > D:
                continue
            rows = [
                (sum(INPUTS[i].level for i in row), sum(i > 0 for i in row), row)
                for row in product(*[range(9)] * r, *[range(1)] * (n - r))
                if sum(INPUTS[i].level for i in row) <= top and row not in base
            ]
            if self._inert:
                rows = [row for row in rows if row[1]]
            rows.sort()
            _grow(base, rows, D - len(base), top, found, self.turns)
        return found

    def _size(self, r: int) -> int:
        """N of the network with r inputs."""
        net = self.cell.model.network
        n = len(self.cell.model.inputs)
        return self.cell.size[0] - (n - r) * (net.widths[1] if net is not None else 0)

    @property
    def _affine(self) -> bool:
        """Whether inputs can be shifted: biases take it up."""
        net = self.cell.model.network
        return net is not None and net.bias

    @property
    def _inert(self) -> bool:
        """Whether F(0) = 0 for all θ, so that an example at 0 tells nothing."""
        net = self.cell.model.network
        sigma = None if net is None else net.sigma
        return (
            net is not None
            and not net.bias
            and sigma is not None
            and (sigma.is_odd or bool(sigma.homogeneity))
        )

    @cached_property
    def points(self) -> Array:
        """The points: indices of letters, (T, N), copies left out."""
        top = self.cell.level
        table = np.zeros((1, 0), dtype=np.int8)
        levels = np.zeros(1, dtype=np.int64)
        for letters in self.letters:
            reached = levels[None] + np.array([l.level for l in letters])[:, None]
            k, rows = np.nonzero(reached <= top)
            table = np.column_stack([table[rows], k.astype(np.int8)])
            levels = reached[k, rows]
            if len(table) > MAX_POINTS:  # the simplest of them
                keep = np.argsort(levels, kind="stable")[:MAX_POINTS]
                table, levels = table[keep], levels[keep]
        net = self.cell.model.network
        return table if net is None else table[self._first_of_its_kind(table, net)]

    def codes(self, table: Array) -> Array:
        """The letters' codes at indices (T, N)."""
        columns = [
            np.array([l.code for l in letters])[table[:, p]]
            for p, letters in enumerate(self.letters)
        ]
        return np.array(columns, dtype=np.int64).reshape(len(columns), len(table)).T

    def batches(self) -> Iterator[Batch]:
        """All classes, by total height, BATCH at most in one batch."""
        if not self.inputs or not len(self.points):
            return
        heights = _sums(self.points, self.letters, "height")
        levels = _sums(self.points, self.letters, "level")
        about = [[INPUTS[i] for row in rows for i in row] for rows in self.inputs]
        x_heights = np.array([sum(l.height for l in flat) for flat in about])
        x_levels = np.array([sum(l.level for l in flat) for flat in about])
        by_theta = {h: np.nonzero(heights == h)[0] for h in np.unique(heights).tolist()}
        by_x = {h: np.nonzero(x_heights == h)[0] for h in np.unique(x_heights).tolist()}
        for total in sorted({a + b for a in by_theta for b in by_x}):
            held: list[tuple[Array, Array]] = []
            count = 0
            for h, xs in by_x.items():
                for k in xs if total - h in by_theta else ():
                    rows = by_theta[total - h]
                    rows = rows[levels[rows] + x_levels[k] <= self.cell.level]
                    rows = rows[~self._moves_idle(self.points[rows], int(k))]
                    held.append((rows, np.full(len(rows), k)))
                    count += len(rows)
                    if count >= BATCH:
                        yield from self._cut(held, total)
                        held, count = [], 0
            yield from self._cut(held, total)

    def _moves_idle(self, table: Array, x: int) -> Array:
        """Which points have weights of idle inputs that are not 0: F does not depend on them."""
        net = self.cell.model.network
        idle = [j for j, column in enumerate(zip(*self.inputs[x], strict=True)) if not any(column)]
        if net is None or not idle or len(self.inputs[x][0]) == 1:
            return np.zeros(len(table), dtype=bool)
        moved: Array = (table[:, net.blocks[0][:, idle].ravel()] != 0).any(axis=1)
        return moved

    @property
    def count(self) -> int:
        """How many classes there are, those with weights of idle inputs among them."""
        levels = np.bincount(_sums(self.points, self.letters, "level"))
        of_x = [sum(INPUTS[i].level for row in rows for i in row) for rows in self.inputs]
        return sum(int(levels[: self.cell.level - b + 1].sum()) for b in of_x)

    def _cut(self, held: Sequence[tuple[Array, Array]], total: int) -> Iterator[Batch]:
        if not held:
            return
        rows, x = (np.concatenate(parts) for parts in zip(*held, strict=True))
        for at in range(0, len(rows), BATCH):
            yield Batch(self.points[rows[at : at + BATCH]], x[at : at + BATCH], total)

    def one(self, theta: Sequence[int], x: int) -> tuple[list[list[Expr]], dict[str, Expr]]:
        """(inputs, a row each; the point) of one class."""
        rows = [[INPUTS[i].value for i in row] for row in self.inputs[x]]
        values = [letters[i].value for letters, i in zip(self.letters, theta, strict=True)]
        return rows, dict(zip(self.cell.model.parameters, values, strict=True))

    # --- copies ---------------------------------------------------------------------------------

    def _first_of_its_kind(self, table: Array, net: Network) -> Array:
        """Which points are kept. Each rule keeps one point of every orbit, given the rules of the
        layers before it."""
        codes = self.codes(table)
        keep = np.ones(len(table), dtype=bool)
        for l in range(1, net.depth):
            incoming = [codes[:, row] for row in net.blocks[l - 1]]
            outgoing = [codes[:, net.blocks[l][:, i]] for i in range(net.widths[l])]
            last = l == net.depth - 1
            for a, b in zip(incoming, outgoing, strict=True):
                keep &= _tidy_unit(a, b, net, last)
            ranks = [table[:, row] for row in net.blocks[l - 1]]
            if last:
                tails = [table[:, net.blocks[l][:, i]] for i in range(net.widths[l])]
                ranks = [np.column_stack(pair) for pair in zip(ranks, tails, strict=True)]
            for first, second in pairwise(ranks):
                keep &= ~_less(second, first)
        if self.flips:
            for row in net.blocks[-1]:
                keep &= codes[:, row].sum(axis=1) >= 0
        return keep


def _sums(table: Array, letters: Sequence[Sequence[Letter]], name: str) -> Array:
    total = np.zeros(len(table), dtype=np.int64)
    for p, alphabet in enumerate(letters):
        total += np.array([getattr(l, name) for l in alphabet])[table[:, p]]
    return total


def _unit_rows(r: int, n: int, affine: bool) -> list[Row]:
    """e_1, …, e_r and, where inputs can be shifted, 0."""
    units = [tuple(int(i == j) for j in range(n)) for i in range(r)]
    return [(0,) * n, *units] if affine else units


def _grow(
    base: list[Row],
    rows: list[tuple[int, int, Row]],
    more: int,
    top: int,
    found: list[tuple[Row, ...]],
    turns: bool,
) -> None:
    """`base` with `more` of the ascending rows, of at most level `top`, MAX_INPUT_SETS at most."""

    def grow(chosen: tuple[Row, ...], start: int, level: int) -> None:
        if len(chosen) == len(base) + more:
            if _tidy_inputs(chosen) and (not turns or _is_turned(chosen, len(base))):
                found.append(chosen)
            return
        for k in range(start, len(rows)):
            if level + rows[k][0] > top or len(found) >= MAX_INPUT_SETS:
                return
            grow((*chosen, rows[k][2]), k + 1, level + rows[k][0])

    grow(tuple(base), 0, 0)


def _tidy_inputs(rows: tuple[Row, ...]) -> bool:
    """Sums of inputs do not rise, and one input alone has no negative one."""
    sums = [sum(INPUTS[i].code for i in column) for column in zip(*rows, strict=True)]
    if len(sums) == 1:
        return sums[0] >= 0
    used = [s for s, column in zip(sums, zip(*rows, strict=True), strict=True) if any(column)]
    return all(a >= b for a, b in pairwise(used))


def _is_turned(rows: tuple[Row, ...], base: int) -> bool:
    """Of the rows without their negatives none has a negative sum, nor has a column over those
    after `base`."""
    codes = [tuple(INPUTS[i].code for i in row) for row in rows]
    free = [k for k, row in enumerate(codes) if tuple(-c for c in row) not in codes]
    columns = zip(*(codes[k] for k in free if k >= base), strict=True)
    return all(sum(codes[k]) >= 0 for k in free) and all(sum(c) >= 0 for c in columns)


def _leading(codes: Array) -> Array:
    """The first entry of each row that is not 0, or 0."""
    first = (codes != 0).argmax(axis=1)
    return codes[np.arange(len(codes)), first]


def _tidy_unit(incoming: Array, outgoing: Array, net: Network, last: bool) -> Array:
    """Signs: the first incoming weight of an odd or even unit is positive; without incoming
    weights, the first outgoing one of an odd unit. Scale: a homogeneous unit is not a multiple of
    one in the grammar."""
    sigma = net.sigma
    keep = np.ones(len(incoming), dtype=bool)
    lead = _leading(incoming)
    if sigma.parity:
        keep &= lead >= 0
    if sigma.is_odd and last:
        keep &= (lead != 0) | (_leading(outgoing) >= 0)
    k = sigma.homogeneity
    if k is not None:
        for factor in (2, 3):
            multiple = (incoming % factor == 0).all(axis=1) & (lead != 0)
            keep &= ~(multiple & (np.abs(outgoing) * factor**k <= 3).all(axis=1))
    return keep


def _less(a: Array, b: Array) -> Array:
    """Whether rows of a come before those of b."""
    differs = a != b
    first = differs.argmax(axis=1)
    at = np.arange(len(a))
    return differs.any(axis=1) & (a[at, first] < b[at, first])
