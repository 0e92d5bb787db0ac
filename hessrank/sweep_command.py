"""The command `sweep`: run a grid into a file, resume it, count.

In: parsed arguments. Out: standard output and an exit status; interrupted, what is known is printed
first.
"""

from __future__ import annotations

import json
from argparse import Namespace
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table

if TYPE_CHECKING:
    from hessrank.sweeps.sweep import Sweep


def sweep(arguments: Namespace) -> int:
    """`hessrank sweep GRID`: every run that is not in the file yet, then the frequencies."""
    from hessrank.reports.progress import track
    from hessrank.sweeps.sweep import Sweep
    from hessrank.sweeps.sweep import sweep as run

    into = arguments.into or f"{arguments.grid.removesuffix('.toml')}.sqlite"
    try:
        run(
            arguments.grid,
            into,
            arguments.jobs,
            arguments.dask,
            track=lambda items: track(items, "sweeping"),
        )
    except KeyboardInterrupt:
        _print(Sweep(into), arguments.json)
        raise
    if arguments.plot:
        Sweep(into).plot(arguments.plot)
    _print(Sweep(into), arguments.json)
    return 0


def _print(done: Sweep, as_json: bool) -> None:
    from hessrank.reports.problems import console

    found = done.frequencies()
    if as_json:
        shown = {"into": done.into, "frequencies": [f.to_json() for f in found]}
        print(json.dumps(shown, indent=2, allow_nan=False))
        return
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for column in ("data", "loss", "activation"):
        table.add_column(column, overflow="fold")
    table.add_column("widths", no_wrap=True)
    for column in ("N", "runs", "sure", "fits", "deficient", "95 %", "H≠J"):
        table.add_column(column, justify="right", no_wrap=True)
    for f in found:
        low, high = f.share
        interval = f"{low:.2f}–{high:.2f}" if f.decided else ""
        table.add_row(
            *f.setting[:3],
            "-".join(map(str, json.loads(f.setting[3]))),
            *map(str, (f.parameters, f.runs, f.certified, f.fits)),
            f"{f.deficient}/{f.decided}",
            interval,
            str(f.unequal),
        )
    out = console()
    out.print(table)
    out.print()
    out.print(
        "sure: an exact fit or critical point was certified; deficient: rank J < min(M, N) among "
        f"those whose rank J is decided; every run is in {done.into}."
    )
