"""A spectrum on paper: singular values on a logarithmic axis, with the threshold.

In: a `NumericRank`. Out: a Figure of matplotlib, which is imported here only.
"""

from __future__ import annotations

from typing import Any

from hessrank.symbolic.errors import InputError, OutputError


def spectrum(found: Any, path: str | None = None) -> Any:
    """The singular values, those that count and those that do not, and τ. path: where the figure
    is saved, in the format of its ending. Raises InputError where matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise InputError(
            "a plot needs matplotlib: pip install 'hessrank[plot]', or pip install matplotlib"
        ) from None
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.add_subplot()
    values, r = found.singular_values, found.rank
    positive = [v for v in (*values, found.tolerance) if v > 0]
    floor = min(positive, default=1.0) / 10  # where exact zeros are drawn
    height = [max(v, floor) for v in values]
    places = range(1, len(values) + 1)
    axes.semilogy(places[:r], height[:r], "o", label=f"counted: {r}")
    if r < len(values):
        axes.semilogy(places[r:], height[r:], "o", fillstyle="none", label="not counted")
    if found.tolerance > 0:
        origin = f"threshold {found.tolerance:.1e} ({found.origin})"
        axes.axhline(found.tolerance, linestyle="--", color="black", label=origin)
    safe = "safe" if found.safe else f"not safe: {found.lower}..{found.upper}"
    m, n = found.shape
    axes.set_title(f"rank {r} of {m}×{n}, {safe}; gap {found.gap:.1e}")
    axes.set_xlabel("i")
    axes.set_ylabel("σ_i")
    axes.legend()
    if path is not None:
        try:
            figure.savefig(path)
        except (OSError, ValueError) as error:
            raise OutputError(f"{path}: {error}") from None
    return figure
