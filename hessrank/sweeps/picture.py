"""A sweep as an SVG: rank deficits against width, and the spectra of J.

In: frequencies and rows. Out: the text of one SVG, drawn here, so that no plotting library is
needed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from math import log10
from typing import Any

from hessrank.sweeps.frequencies import Frequency

WIDTH, HEIGHT, LEFT, TOP = 420, 260, 60, 40
COLOURS = ("#1b6ca8", "#c44536", "#3a7d44", "#7b4b94", "#b8860b", "#444444")


def picture(frequencies: Sequence[Frequency], rows: Sequence[dict[str, Any]]) -> str:
    """Two panels, one line or cloud for each (data, loss, activation)."""
    series = list(dict.fromkeys(f.setting[:3] for f in frequencies))
    colour = {s: COLOURS[i % len(COLOURS)] for i, s in enumerate(series)}
    parts = [*_deficits(frequencies, colour), *_spectra(rows, colour)]
    for i, s in enumerate(series):
        y = TOP + HEIGHT + 60 + 16 * i
        parts.append(f'<rect x="{LEFT}" y="{y - 9}" width="10" height="10" fill="{colour[s]}"/>')
        parts.append(_text(LEFT + 16, y, ", ".join(s)))
    total = TOP + HEIGHT + 70 + 16 * len(series)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * (WIDTH + 100)}" height="{total}" '
        f'font-family="sans-serif" font-size="11">\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _frame(left: float, title: str, xs: Sequence[tuple[float, str]], ys: Any) -> list[str]:
    box = (
        f'<rect x="{left}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/>'
    )
    parts = [box, _text(left, TOP - 12, title)]
    parts += [_text(left + x * WIDTH, TOP + HEIGHT + 16, label, "middle") for x, label in xs]
    parts += [_text(left - 6, TOP + (1 - y) * HEIGHT + 4, label, "end") for y, label in ys]
    return parts


def _deficits(frequencies: Sequence[Frequency], colour: dict[Any, str]) -> list[str]:
    """The share of certified points with rank J < min(M, N), with Wilson intervals."""
    sizes = sorted({f.parameters for f in frequencies})
    place = {n: (i + 0.5) / max(1, len(sizes)) for i, n in enumerate(sizes)}
    title = "share of certified points with rank J < min(M, N), 95 % intervals, against N"
    shares = [(v / 4, f"{v / 4:.2f}") for v in range(5)]
    parts = _frame(LEFT, title, [(place[n], str(n)) for n in sizes], shares)
    for f in frequencies:
        if not f.decided:
            continue
        shift = 6 * (list(colour).index(f.setting[:3]) - (len(colour) - 1) / 2)
        x = LEFT + place[f.parameters] * WIDTH + shift
        low, high = (TOP + (1 - v) * HEIGHT for v in f.share)
        y, ink = TOP + (1 - f.deficient / f.decided) * HEIGHT, colour[f.setting[:3]]
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{low:.1f}" y2="{high:.1f}" stroke="{ink}"/>'
        )
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{ink}"/>')
    return parts


def _spectra(rows: Sequence[dict[str, Any]], colour: dict[Any, str]) -> list[str]:
    """Singular values of J relative to the largest, by their place."""
    found = [(r, json.loads(r["spectrum"] or "[]")) for r in rows]
    most = max((len(s) for _, s in found), default=0)
    left = LEFT + WIDTH + 100
    ticks = [((18 - v) / 18, f"1e-{v}") for v in range(0, 19, 3)]
    title = "singular values of J / the largest (measured), certified runs"
    step = max(1, most // 12)
    places = [((i + 0.5) / most, str(i + 1)) for i in range(0, most, step)] if most else []
    parts = _frame(left, title, places, ticks)
    for row, values in found:
        if not values or not values[0] > 0:
            continue
        ink = colour[row["data"], row["loss"], row["activation"]]
        for i, v in enumerate(values):
            height = max(0.0, 1 + log10(max(v / values[0], 1e-18)) / 18)
            x, y = left + (i + 0.5) / most * WIDTH, TOP + (1 - height) * HEIGHT
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.5" fill="{ink}" opacity="0.4"/>')
    return parts
