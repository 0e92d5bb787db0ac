"""Shares over the cells of all labellings, with clustered intervals.

In: a `Table` of cells, settings of the design, and what is counted in a cell. Out: rows with hits,
of how many, and the 95 % interval. Whatever is pooled, the runs of one labelling of one data set
are one cluster.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hessrank.proofs.experiments.cells import DATA, Cell, Setting
from hessrank.proofs.experiments.design import ACTIVATIONS, RANDOM, SETTINGS, Table, size
from hessrank.proofs.experiments.intervals import clustered

#: Of one cell: how often something was the case, of how many.
Count = Callable[[Setting, Cell], tuple[int, int]]
#: Of one kind of fit [rank, merging layer, moved], whether it is so; None: it does not count.
Which = Callable[[Setting, int, int, bool], bool | None]

DEEP = 2


def plain(setting: Setting) -> bool:
    """Of one hidden layer, from the usual starts, on labels 0 and 1."""
    return len(setting.hidden) < DEEP and setting.scale == 1 and setting.data != RANDOM


def deficient(setting: Setting, rank: int, merged: int, moved: bool) -> bool:
    """rank J < min(M, N)."""
    return rank < min(len(DATA[setting.data].x), setting.net.parameters)


def of_fits(which: Which) -> Count:
    """How many certified fits of a cell are so."""

    def count(setting: Setting, cell: Cell) -> tuple[int, int]:
        hits = of = 0
        for rank, merged, moved, n in cell["fits"]:
            found = which(setting, rank, merged, bool(moved))
            hits += n * (found is True)
            of += n * (found is not None)
        return hits, of

    return count


def share(table: Table, settings: Iterable[Setting], count: Count) -> dict[str, Any]:
    """Hits of how many, and the clustered interval; over how many clusters."""
    clusters: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    for setting in settings:
        for k, cell in enumerate(table.of(setting)):
            hits, of = count(setting, cell)
            clusters[setting.data, k][0] += hits
            clusters[setting.data, k][1] += of
    hit, tried = ([c[i] for c in clusters.values()] for i in (0, 1))
    low, high = clustered(hit, tried)
    return {
        "hits": sum(hit),
        "of": sum(tried),
        "interval": [round(low, 3), round(high, 3)],
        "clusters": sum(n > 0 for n in tried),
    }


def shown(row: Mapping[str, Any]) -> str:
    """A share in words.

    >>> shown({"hits": 3, "of": 4, "interval": [0.3, 0.95], "clusters": 2})
    '3 of 4 (0.3 to 0.95)'
    """
    low, high = row["interval"]
    return f"{row['hits']} of {row['of']} ({low:g} to {high:g})" if row["of"] else "0 of 0"


def counted(value: Any) -> str:
    """A count of an experiment in words.

    >>> counted({"found": {"hits": 1, "of": 2, "interval": [0.1, 0.9], "clusters": 2}, "runs": 4})
    'found 1 of 2 (0.1 to 0.9); runs 4'
    """
    if isinstance(value, Mapping):
        if "interval" in value:
            return shown(value)
        return "; ".join(f"{key} {counted(v)}" for key, v in value.items())
    if isinstance(value, (list, tuple)):
        return " to ".join(map(counted, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def grouped(
    where: Callable[[Setting], bool], by_size: bool = True
) -> dict[str, tuple[Setting, ...]]:
    """Settings of the design by data set, activation, optimiser (and size)."""
    found: dict[str, list[Setting]] = {}
    for s in SETTINGS:
        if where(s):
            name = f"{s.data}, {s.activation}, {s.optimiser}"
            found.setdefault(f"{name}, {size(s)}" if by_size else name, []).append(s)
    return {name: tuple(group) for name, group in found.items()}


def tallied(
    table: Table, groups: Mapping[str, Sequence[Setting]], **counts: Count
) -> dict[str, dict[str, Any]]:
    """For each group that was run the shares that are named."""
    return {
        name: {what.replace("_", " "): share(table, group, c) for what, c in counts.items()}
        for name, group in groups.items()
        if any(table.of(s) for s in group)
    }


def pooled(
    table: Table, where: Callable[[Setting], bool], **counts: Count
) -> dict[str, dict[str, Any]]:
    """Shares for each activation, over all data sets, optimisers and sizes."""
    groups = {a: [s for s in SETTINGS if where(s) and s.activation == a] for a in ACTIVATIONS}
    return {f"all, {a}": row for a, row in tallied(table, groups, **counts).items()}
