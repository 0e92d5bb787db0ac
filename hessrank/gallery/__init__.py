"""The gallery: every entry a spec file that the command line reads like any other.

In: nothing, or an id such as "X1". Out: where the spec files lie. X1 to X15 are the
counterexamples of the catalogue of claims; the others are ordinary toy networks. The files hold
problems and points only: every verdict is found anew.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

FOLDER = Path(__file__).parent


def _order(name: str) -> tuple[bool, int, str]:
    numbered = re.match(r"X(\d+)", name)
    return numbered is None, int(numbered[1]) if numbered else 0, name


def ids() -> tuple[str, ...]:
    """The ids of all entries: X1, X2, ... first, then the toy networks by name.

    >>> ids()[:3]
    ('X1', 'X2', 'X3')
    """
    return tuple(sorted((path.stem for path in FOLDER.glob("*.toml")), key=_order))


def path(entry: str) -> Path:
    """The spec file of the entry called `entry`; whether it exists is the reader's question."""
    return FOLDER / f"{entry}.toml"


def titles() -> dict[str, str]:
    """The title of every entry by its id, in the order of `ids`.

    >>> titles()["X1"]
    'θ² with the unreachable target −1'
    """
    return {
        entry: tomllib.loads(path(entry).read_text(encoding="utf-8"))["title"] for entry in ids()
    }
