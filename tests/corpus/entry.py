"""One trap: a matrix, its true rank with its source, and the tools that fall into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

Number = int | Fraction | str


@dataclass(frozen=True)
class Entry:
    """fooled: names of `naive.TOOLS` whose answer for `rows` is not `rank`."""

    name: str
    rows: Sequence[Sequence[Number]]
    rank: int
    source: str
    fooled: tuple[str, ...]
