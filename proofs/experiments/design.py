"""The experiment on all labellings: which settings, and what was recorded of them.

In: nothing. Out: `SETTINGS`, and the `Table` of cells in `recorded.json`, which one command gives
again (`COMMAND`). A setting is a data set with all its labellings, an activation, an optimiser and
hidden widths; each is run from `RUNS` starts a labelling.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product
from pathlib import Path

from hessrank.proofs.experiments.cells import DATA, Cell, Setting
from hessrank.proofs.experiments.networks import OPTIMISERS

ACTIVATIONS = ("relu", "tanh")
RUNS, SEED = 60, 0
COMMAND = "hessrank experiment labellings"
RECORDED = Path(__file__).with_name("recorded.json")

#: The data set whose labels are drawn, so that almost surely no fit is deficient (T2).
RANDOM = "square, random labels"

#: Hidden widths of each data set; nets of two hidden layers tell early merging from late.
WIDTHS: dict[str, tuple[tuple[int, ...], ...]] = {
    "corner": ((2,), (3,), (5,)),
    "square": ((2,), (3,), (5,), (8,), (16,), (3, 3)),
    "line": ((2,), (3,), (5,)),
    RANDOM: ((2,), (5,)),
}
#: Tanh nets of seven parameters on five points: hardly a training of them is finished.
LEFT_OUT = [("line", "tanh", (2,))]


def _settings() -> tuple[Setting, ...]:
    found = [
        Setting(data, activation, optimiser, hidden)
        for data, widths in WIDTHS.items()
        for activation, optimiser, hidden in product(ACTIVATIONS, OPTIMISERS, widths)
        if (data, activation, hidden) not in LEFT_OUT
    ]
    found += [
        Setting("square", "relu", OPTIMISERS[0], (h,), scale)
        for h, scale in product((2,), (Fraction(1, 2), Fraction(2)))
    ]
    return tuple(found)


SETTINGS = _settings()


@dataclass(frozen=True)
class Table:
    """Cells by setting, in the order of its labellings; runs a cell, and the seed."""

    runs: int
    seed: int
    cells: Mapping[str, Sequence[Cell]]

    def of(self, setting: Setting) -> Sequence[Cell]:
        """The cells of a setting; none where it was not run."""
        return self.cells.get(setting.key, ())

    def text(self) -> str:
        """As JSON, one line a setting."""
        rows = ",\n".join(
            f"  {json.dumps(key)}: {json.dumps(list(cells))}" for key, cells in self.cells.items()
        )
        return f'{{"runs": {self.runs}, "seed": {self.seed}, "cells": {{\n{rows}\n}}}}\n'


@lru_cache
def recorded() -> Table:
    """The table that the claims cite."""
    found = json.loads(RECORDED.read_text(encoding="utf-8"))
    return Table(found["runs"], found["seed"], found["cells"])


def size(setting: Setting) -> str:
    """N and M, as tables name them."""
    return f"N = {setting.net.parameters}, M = {len(DATA[setting.data].x)}"
