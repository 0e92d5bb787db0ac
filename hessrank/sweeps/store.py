"""Finished runs in one SQLite file, written so that a kill loses nothing that was finished.

In: runs and outcomes. Out: rows. The journal is a write-ahead log; each outcome is a transaction of
its own, keyed by everything that decides it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hessrank.sweeps.grid import Run, key_of
from hessrank.symbolic.budget import OVER
from hessrank.symbolic.errors import InputError, OutputError

COLUMNS = (
    "widths",
    "activation",
    "bias",
    "loss",
    "decay",
    "data",
    "seed",
    "parameters",
    "outputs",
    "final_loss",
    "gradient_norm",
    "certified",
    "kind",
    "distance",
    "rank_jacobian_lower",
    "rank_jacobian_upper",
    "rank_hessian_lower",
    "rank_hessian_upper",
    "rank_equality",
    "point",
    "why",
    "spectrum",
    "seconds",
)

#: The keys of a cell's result.
CELL_KEYS = {"finding", "examined", "undecided", "complete", "theorem"}


class File:
    """The table `table` in the file at `path`. Raises InputError where it cannot be opened or is
    something else."""

    def __init__(self, path: str | Path, table: str, columns: tuple[str, ...]) -> None:
        self.path = str(path)
        with self._located():
            self.connection = sqlite3.connect(self.path, timeout=60)
            self.connection.execute("PRAGMA journal_mode=WAL")
            self.connection.execute("PRAGMA synchronous=NORMAL")
            self.connection.execute(
                f"CREATE TABLE IF NOT EXISTS {table} (key TEXT PRIMARY KEY, {', '.join(columns)})"
            )
            have = {row[1] for row in self.connection.execute(f"PRAGMA table_info({table})")}
            if have != {"key", *columns}:
                raise InputError(f"{path}: its table `{table}` is not one of this version")

    @contextmanager
    def _located(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:  # no such folder, a full disk, read-only, locked
            raise OutputError(f"{self.path}: cannot be written: {error}") from None
        except sqlite3.Error as error:
            raise InputError(f"{self.path}: {error}") from None

    def close(self) -> None:
        """Close the file; what the log holds goes into it."""
        self.connection.close()


class Store(File):
    """The finished runs of a sweep."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(path, "runs", COLUMNS)

    def finished(self) -> set[str]:
        """The keys of the runs that are there and were not over their budget."""
        with self._located():
            found = self.connection.execute(
                "SELECT key FROM runs WHERE why IS NULL OR instr(why, ?) = 0", (OVER,)
            )
            return {key for (key,) in found}

    def add(self, run: Run, found: dict[str, Any]) -> None:
        """One outcome, at once on the disk."""
        row = {
            **run,
            "widths": json.dumps(run["widths"]),
            "data": run["data"]["id"],
            **found,
            "spectrum": json.dumps(found.get("spectrum", [])),
        }
        marks = ", ".join("?" * (len(COLUMNS) + 1))
        with self._located(), self.connection:
            self.connection.execute(
                f"INSERT OR REPLACE INTO runs VALUES ({marks})",
                (key_of(run), *(row.get(name) for name in COLUMNS)),
            )

    def rows(self) -> list[dict[str, Any]]:
        """All rows, as dicts, in the order of the grid."""
        names = ", ".join(COLUMNS)
        with self._located():
            found = self.connection.execute(
                f"SELECT {names} FROM runs "
                "ORDER BY data, loss, activation, parameters, widths, seed"
            )
            return [dict(zip(COLUMNS, row, strict=True)) for row in found]


class ResultStore(File):
    """Results as JSON, by key, in the table `table`."""

    def __init__(self, path: str | Path, table: str) -> None:
        super().__init__(path, table, ("result",))
        self.table = table

    def results(self) -> dict[str, Any]:
        """By key. InputError where a row is not JSON."""
        with self._located():
            rows = self.connection.execute(f"SELECT key, result FROM {self.table}").fetchall()
        try:
            return {key: json.loads(text) for key, text in rows}
        except ValueError as error:
            raise InputError(f"{self.path}: table `{self.table}`: {error}") from None

    def add(self, key: str, result: Any) -> None:
        """One result, at once on the disk."""
        with self._located(), self.connection:
            self.connection.execute(
                f"INSERT OR REPLACE INTO {self.table} VALUES (?, ?)", (key, json.dumps(result))
            )


class CellStore(ResultStore):
    """What was found in cells of the grammar of toy problems."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(path, "cells")

    def results(self) -> dict[str, dict[str, Any]]:
        """By the cell's key. InputError where a row is not one of ours."""
        found = super().results()
        for told in found.values():
            if not isinstance(told, dict) or set(told) != CELL_KEYS:
                raise InputError(f"{self.path}: a row of `cells` is not one of this version")
        return found
