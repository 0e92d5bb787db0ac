"""The frequencies of a sweep as a page."""

from __future__ import annotations

import json
from collections.abc import Sequence

from hessrank.proofs.pages.blocks import Block, Table, Text, literal
from hessrank.sweeps.frequencies import Frequency


def of_sweep(into: str, found: Sequence[Frequency]) -> list[Block]:
    """One row a setting of the grid; into: the file that holds every run."""
    rows = []
    for f in found:
        low, high = f.share
        rows.append(
            (
                *map(literal, f.setting[:3]),
                "-".join(map(str, json.loads(f.setting[3]))),
                *map(str, (f.parameters, f.runs, f.certified, f.fits)),
                f"{f.deficient}/{f.decided}",
                f"{low:.2f}–{high:.2f}" if f.decided else "",
                str(f.unequal),
            )
        )
    settings = ("data", "loss", "activation", "widths")
    counts = ("N", "runs", "sure", "fits", "deficient", "95 %", "H≠J")
    return [
        Table((*settings, *counts), tuple(rows), "ppplrrrrrrr"),
        Text(
            "sure: an exact fit or critical point was certified; deficient: rank J < min(M, N) "
            f"among those whose rank J is decided; every run is in {literal(into)}."
        ),
    ]
