"""Draws the pictures of the documentation again: python docs/make_pictures.py [FOLDER].

In: specs of the gallery and of examples/. Out: an SVG for each, by default in docs/pictures/.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import hessrank as hr

ROOT = Path(__file__).parent.parent
#: The name of the file, the spec, what is drawn, and the window.
PICTURES: dict[str, tuple[str, str, Any]] = {
    "spectra": ("X8", "spectrum", None),
    "duplicate": ("X8", "slice", None),
    "spheres": ("X5", "slice", None),
    "hyperbola": ("X11", "contours", (-3, 3, -3, 3)),
    "two-basins": ("X7", "contours", (-4, 14, -9, 9)),
    "weight-decay": ("weight-decay", "contours", (-2, 2, -2, 2)),
    "crossing": ("examples/crossing.toml", "contours", (-2, 2, -2, 2)),
    "parallel": ("examples/parallel.toml", "contours", (-2, 2, -2, 2)),
}


def make(folder: Path) -> None:
    for name, (spec, what, window) in PICTURES.items():
        path = ROOT / spec if spec.endswith(".toml") else spec
        hr.plot(hr.read_spec(path).landscape(), what, folder / f"{name}.svg", window)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent / "pictures")
