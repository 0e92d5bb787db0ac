"""A sweep as a picture: rank deficits against the number of parameters, and the spectra of J.

In: frequencies and rows. Out: a Figure of matplotlib with two panels.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hessrank.numeric.picture import BLACK, BLUE, GREEN, ORANGE, SKY, VERMILLION, figure
from hessrank.sweeps.frequencies import Frequency

#: What tells a (data, loss, activation) from the others: a colour, and in grey the marker.
INKS = (BLUE, VERMILLION, GREEN, BLACK, ORANGE, SKY)
MARKERS = "osD^vPX*"
#: Where singular values of 0 are drawn, relative to the largest.
FLOOR = 1e-18


def picture(frequencies: Sequence[Frequency], rows: Sequence[dict[str, Any]]) -> Any:
    """Left: the share of certified points with rank J < min(M, N), with 95 % intervals, against N;
    right: the singular values of J of certified runs, measured, relative to the largest."""
    drawn = figure(10, 4)
    deficits, spectra = drawn.subplots(1, 2)
    series = list(dict.fromkeys(f.setting[:3] for f in frequencies))
    kinds = {
        s: {"color": INKS[i % len(INKS)], "marker": MARKERS[i % len(MARKERS)]}
        for i, s in enumerate(series)
    }
    for i, s in enumerate(series):
        own = [f for f in frequencies if f.setting[:3] == s and f.decided]
        shift = 0.08 * (i - (len(series) - 1) / 2)  # intervals of one N stand side by side
        _deficits(deficits, own, shift, ", ".join(s), kinds[s])
    sizes = sorted({f.parameters for f in frequencies})
    deficits.set_xlim(min(sizes, default=0) - 1, max(sizes, default=0) + 1)
    deficits.set_ylim(-0.03, 1.03)
    deficits.xaxis.get_major_locator().set_params(integer=True)
    deficits.set_xlabel("N")
    deficits.set_title("share of points with rank J < min(M, N), certified; 95 %", fontsize=10)
    if any(f.decided for f in frequencies):
        deficits.legend(fontsize=8)
    for row in rows:
        values = json.loads(row["spectrum"] or "[]")
        if values and values[0] > 0:
            shares = [max(v / values[0], FLOOR) for v in values]
            how = kinds[row["data"], row["loss"], row["activation"]]
            places = range(1, len(values) + 1)
            spectra.semilogy(places, shares, linestyle="none", markersize=3, alpha=0.4, **how)
    spectra.xaxis.get_major_locator().set_params(integer=True)
    spectra.set_xlabel("i")
    spectra.set_title("singular values σᵢ / σ₁ of J, measured at certified points", fontsize=10)
    return drawn


def _deficits(axes: Any, own: Sequence[Frequency], shift: float, label: str, how: Any) -> None:
    """The shares of one series with their intervals."""
    if not own:
        return
    at = [f.parameters + shift for f in own]
    shares = [f.deficient / f.decided for f in own]
    below = [max(0.0, v - f.share[0]) for f, v in zip(own, shares, strict=True)]
    above = [max(0.0, f.share[1] - v) for f, v in zip(own, shares, strict=True)]
    axes.errorbar(at, shares, [below, above], linestyle="none", capsize=2, label=label, **how)
