"""Grids: widths × activations × losses × data × seeds.

In: a TOML file or a dict. Out: a `Grid`, whose runs are plain dicts that travel between processes.

    widths = [[2, 2, 1], [2, 3, 1]]
    activations = ["tanh", "relu"]
    losses = ["half-squared"]        # default
    bias = true                      # default
    decay = 0                        # c of c·Σθ², default
    seeds = 20                       # how many, from 0

    [[data]]
    id = "xor"
    x = [[0, 0], [0, 1], [1, 0], [1, 1]]
    y = [0, 1, 1, 0]
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hessrank.specs import toml
from hessrank.specs.places import located
from hessrank.specs.toml import table
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.layers import Network
from hessrank.symbolic.models.losses import Loss

KEYS = ("widths", "activations", "losses", "bias", "decay", "seeds", "data")
#: Runs that a grid may have, and seeds.
MAX_RUNS = 1_000_000

Run = dict[str, Any]


@dataclass(frozen=True)
class Grid:
    """runs: one dict a run; each knows all that is needed to repeat it, as JSON holds it."""

    runs: tuple[Run, ...]

    def __len__(self) -> int:
        return len(self.runs)


def key_of(run: Run) -> str:
    """The run's name in the file: everything that decides its outcome."""
    return json.dumps(run, sort_keys=True)


def read_grid(source: str | Path | Mapping[str, Any]) -> Grid:
    """The grid in a TOML file, or in a dict. Raises InputError that names file and key.

    >>> grid = read_grid({"widths": [[1, 1]], "activations": ["tanh"], "seeds": 3,
    ...                   "data": [{"id": "d", "x": [[1]], "y": [[0]]}]})
    >>> len(grid), grid.runs[2]["seed"]
    (3, 2)
    """
    if isinstance(source, Mapping):
        return _grid(dict(source))
    with located(str(source)):
        return _grid(toml.loads(toml.read(Path(source))))


def _grid(raw: dict[str, Any]) -> Grid:
    table(raw, "", KEYS, required=("widths", "activations", "seeds", "data"))
    seeds, bias = raw["seeds"], raw.get("bias", True)
    if isinstance(seeds, bool) or not isinstance(seeds, int) or not 1 <= seeds <= MAX_RUNS:
        raise InputError(f"expected a whole number from 1 to {MAX_RUNS}, found {seeds}", "seeds")
    if not isinstance(bias, bool):
        raise InputError(f"expected true or false, found {bias}", "bias")
    decay = constant(raw.get("decay", 0), "decay")
    if not decay.is_number or decay.value < 0:
        raise InputError(f"expected a rational number >= 0, found {decay}", "decay")
    data = [_data(part, f"data[{i}]") for i, part in enumerate(_list(raw["data"], "data"))]
    if len({d["id"] for d in data}) != len(data):
        raise InputError("the same id twice", "data")
    names = [activation(a, "activations").name for a in _list(raw["activations"], "activations")]
    losses = [
        Loss.named(l, "losses").name for l in _list(raw.get("losses", ["half-squared"]), "losses")
    ]
    runs = []
    for widths in _list(raw["widths"], "widths"):
        if not isinstance(widths, (list, tuple)):
            raise InputError("expected a list of lists such as [[2, 2, 1]]", "widths")
        Network(tuple(widths))
        for d in data:
            if (len(d["x"][0]), len(d["y"][0])) != (widths[0], widths[-1]):
                raise InputError(f"{d['id']} does not fit the widths {list(widths)}", "data")
        runs += [
            {
                "widths": list(widths),
                "activation": name,
                "bias": bias,
                "loss": loss,
                "decay": str(decay),
                "data": d,
                "seed": seed,
            }
            for name in names
            for loss in losses
            for d in data
            for seed in range(seeds)
        ]
        if len(runs) > MAX_RUNS:
            raise InputError(f"more than {MAX_RUNS} runs", "widths")
    return Grid(tuple(runs))


def _list(value: Any, key: str) -> Sequence[Any]:
    if not isinstance(value, (list, tuple)) or not value:
        raise InputError("expected a list that is not empty", key)
    return value


def _data(raw: Any, key: str) -> dict[str, Any]:
    found = table(raw, key, ("id", "x", "y"), required=("id", "x", "y"))
    if not isinstance(found["id"], str):
        raise InputError("expected text", f"{key}.id")
    rows = {name: _rows(found[name], f"{key}.{name}") for name in ("x", "y")}
    if len(rows["x"]) != len(rows["y"]):
        raise InputError(f"{len(rows['y'])} rows, and x has {len(rows['x'])}", f"{key}.y")
    return {"id": found["id"], **rows}


def _rows(value: Any, key: str) -> list[list[str]]:
    """Rows of exact numbers as text; a bare number is a row of one."""
    rows = []
    for d, row in enumerate(_list(value, key)):
        cells = row if isinstance(row, (list, tuple)) else [row]
        rows.append([str(constant(v, f"{key}[{d}]")) for v in cells])
        if len(rows[-1]) != len(rows[0]):
            raise InputError("rows of different lengths", f"{key}[{d}]")
    return rows
