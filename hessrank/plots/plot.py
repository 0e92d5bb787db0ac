"""One picture of a landscape, by its name.

In: a `Landscape`, what is wanted, and where to save it. Out: a Figure of matplotlib.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hessrank.numeric.picture import ENDINGS, figure, rendered
from hessrank.plots.contours import contours
from hessrank.plots.slices import slices
from hessrank.plots.spectra import spectra
from hessrank.plots.tubes import tubes
from hessrank.proofs.writing import check_folder, write
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.problems.landscape import Landscape

#: What can be drawn.
WHAT = ("spectrum", "slice", "contours", "tubes")


def plot(
    here: Landscape,
    what: str = "spectrum",
    path: str | Path | None = None,
    window: Sequence[float] | None = None,
    parameters: Sequence[str] | None = None,
) -> Any:
    """A picture of the landscape around θ, drawn by matplotlib (extra `plot`): its Figure.

    what: "spectrum": the singular values of J and H with threshold and gap; "slice": L along an
    exact kernel direction of H, along the most curved one, and on the plane of both; "contours": L
    over two parameters; on planes the level sets of the outputs are drawn; "tubes": these in the
    space of three parameters, with the surface around the lowest values of L.
    path: a file that ends in .svg, .pdf or .png. window: what is shown: left and right, for
    contours also bottom and top. parameters: the two of contours, the three of tubes. Raises
    InputError where matplotlib is missing, OutputError where the file cannot be written. A picture
    decides nothing.

    >>> import hessrank as hr
    >>> figure = hr.plot(hr.read_spec("X8").landscape())
    >>> [axes.get_title() for axes in figure.axes]
    ['rank J = 2 of 3×4 (certified)', 'rank H = 2 of 4×4 (certified)']
    """
    if what not in WHAT:
        raise InputError(f"expected one of {', '.join(WHAT)}, found {what!r}", "what")
    if path is not None:
        check(path)
    if window is not None and (what == "spectrum" or not _is_window(window, what)):
        raise InputError("expected left < right, for contours also bottom < top", "window")
    if parameters is not None and what not in ("contours", "tubes"):
        raise InputError("only contours and tubes are over named parameters", "parameters")
    if what == "spectrum":
        drawn = spectra(here)
    elif what == "slice":
        drawn = slices(here, window)
    elif what == "contours":
        drawn = contours(here, window, parameters)
    else:
        drawn = tubes(here, window, parameters)
    if path is not None:
        save(drawn, path)
    return drawn


def save(drawn: Any, path: str | Path) -> None:
    """Write a Figure. Raises OutputError where that cannot be done."""
    write(path, rendered(drawn, Path(path).suffix.lower()))


def check(path: str | Path) -> None:
    """Raises InputError where a file of that name cannot be drawn."""
    if Path(path).suffix.lower() not in ENDINGS:
        raise InputError(f"{path}: expected a name that ends in .svg, .pdf or .png")


def check_now(path: str | Path) -> None:
    """`check`, and before a long computation: matplotlib is here (InputError), the folder too
    (OutputError)."""
    check(path)
    figure()
    check_folder(path)


def _is_window(window: Sequence[float], what: str) -> bool:
    sizes = (2, 4) if what == "contours" else (2,)
    pairs = list(zip(window[::2], window[1::2], strict=False))
    return len(window) in sizes and all(-1e300 < a < b < 1e300 for a, b in pairs)
