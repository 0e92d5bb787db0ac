"""Pictures by matplotlib, which is imported here only: the paper they are drawn on, and spectra.

In: a `NumericRank`. Out: a Figure, saved where a path is given.

Colours are those of Okabe and Ito, Color Universal Design (2008), told apart by the colour-blind;
whatever a colour says, a marker, a dash or a filling says too, so that grey prints say the same.
"""

from __future__ import annotations

import io
import math
import re
from pathlib import Path
from typing import Any

from hessrank.symbolic.errors import InputError, OutputError

BLACK, ORANGE, SKY, GREEN, BLUE, VERMILLION = (
    *("#000000", "#e69f00", "#56b4e9", "#009e73", "#0072b2", "#d55e00"),
)
#: The formats, by the ending of a file's name.
ENDINGS = (".svg", ".pdf", ".png")


def figure(width: float = 6, height: float = 4) -> Any:
    """An empty Figure, in inches. Raises InputError where matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise InputError(
            "a plot needs matplotlib: pip install 'hessrank[plot]', or pip install matplotlib"
        ) from None
    return Figure(figsize=(width, height), layout="constrained")


def rendered(drawn: Any, ending: str) -> bytes:
    """A Figure as a file of that ending; the same bytes for the same picture."""
    from matplotlib import rc_context

    dated = {".svg": "Date", ".pdf": "CreationDate"}.get(ending)
    buffer = io.BytesIO()
    with rc_context({"svg.hashsalt": "the same names in each drawing", "pdf.fonttype": 42}):
        drawn.savefig(buffer, format=ending[1:], metadata={dated: None} if dated else None)
    if ending != ".svg":
        return buffer.getvalue()
    text = buffer.getvalue().decode("utf-8")  # paths to a tenth of a point: half the size
    return re.sub(r' d="[^"]*"', lambda path: _rounded(path[0]), text).encode("utf-8")


def _rounded(path: str) -> str:
    return re.sub(r"-?\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}", path)


def saved(drawn: Any, path: str | None) -> Any:
    """The figure, written to a path where one is given. Raises OutputError."""
    if path is not None:
        ending = Path(path).suffix.lower()
        if ending not in ENDINGS:
            raise OutputError(f"{path}: expected a name that ends in .svg, .pdf or .png")
        try:
            Path(path).write_bytes(rendered(drawn, ending))
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from None
    return drawn


def spectrum(found: Any, path: str | None = None) -> Any:
    """The singular values, those that count and those that do not, and τ. path: where the figure
    is saved, in the format of its ending. Raises InputError where matplotlib is not installed."""
    drawn = figure()
    draw_spectrum(drawn.add_subplot(), found)
    m, n = found.shape
    safe = "safe" if found.safe else f"not safe: {found.lower}..{found.upper}"
    drawn.axes[0].set_title(f"rank {found.rank} of {m}×{n}, {safe}; gap {found.gap:.1e}")
    return saved(drawn, path)


def draw_spectrum(axes: Any, found: Any) -> None:
    """σ_i on a logarithmic axis: filled where they count, the threshold dashed, the gap an arrow
    from σ_r to what follows it."""
    values, r = found.singular_values, found.rank
    positive = [v for v in (*values, found.tolerance) if v > 0]
    floor = min(positive, default=1.0) / 10  # where exact zeros are drawn
    height = [max(v, floor) for v in values]
    places = range(1, len(values) + 1)
    axes.semilogy(places[:r], height[:r], "o", color=BLUE, label=f"counted: {r}")
    if r < len(values):
        zero = f"; those at {floor:.0e} are 0" if 0 in values else ""
        left = f"not counted: {len(values) - r}{zero}"
        axes.semilogy(places[r:], height[r:], "s", color=VERMILLION, fillstyle="none", label=left)
    if found.tolerance > 0:
        origin = f"threshold {found.tolerance:.1e}"
        axes.axhline(found.tolerance, linestyle="--", color=BLACK, linewidth=1, label=origin)
    if 0 < r < len(values):
        between = {"arrowstyle": "<->", "color": BLACK, "linewidth": 0.8}
        axes.annotate("", (r + 0.5, height[r - 1]), (r + 0.5, height[r]), arrowprops=between)
        middle = math.sqrt(height[r - 1]) * math.sqrt(height[r])
        size = f"gap {found.gap:.0e}" if math.isfinite(found.gap) else "gap ∞"
        axes.annotate(size, (r + 0.5, middle), (4, 4), textcoords="offset points", fontsize=8)
    axes.set_xlabel("i")
    axes.set_ylabel("σᵢ")
    edge = max(0.5, len(values) / 40)
    axes.set_xlim(1 - edge, max(len(values), 1) + edge)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(fontsize=8, loc="best")
