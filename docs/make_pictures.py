"""Draws the pictures of the documentation again: python docs/make_pictures.py [FOLDER].

Out: an SVG for each of `hessrank.plots.figures` and of the experiments, by default in
docs/pictures/.
"""

from __future__ import annotations

import sys
from pathlib import Path

from hessrank.plots.experiments import DRAWN
from hessrank.plots.figures import DRAWINGS, drawn
from hessrank.plots.plot import save

if __name__ == "__main__":
    folder = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent / "pictures"
    for name in DRAWINGS:
        save(drawn(name), folder / f"{name}.svg")
    for name, draw in DRAWN.items():
        save(draw(), folder / f"{name}.svg")
