"""The spectra of J and H: every singular value, the threshold, the gap, and the exact rank above.

In: a `Landscape`. Out: a Figure.
"""

from __future__ import annotations

from typing import Any

from hessrank.numeric.measured_ranks import NotMeasured, measured_ranks
from hessrank.numeric.picture import draw_spectrum, figure
from hessrank.symbolic.problems.landscape import Landscape

#: The matrices, with their letters.
LETTERS = {"jacobian": "J", "hessian": "H"}


def spectra(here: Landscape) -> Any:
    """Two panels, J and H, measured; the exact ranks stand in the titles."""
    drawn = figure(9, 4)
    panels = drawn.subplots(1, 2)
    measured = measured_ranks(here, LETTERS)
    for axes, (name, letter) in zip(panels, LETTERS.items(), strict=True):
        found, exact = measured[name], here.rank(name)
        m, n = exact.shape
        axes.set_title(f"rank {letter} = {exact.shown} of {m}×{n} ({exact.status})")
        if isinstance(found, NotMeasured):
            note = f"not measured:\n{found.reason}"
            axes.text(0.5, 0.5, note, ha="center", wrap=True, transform=axes.transAxes)
            axes.set_axis_off()
        else:
            draw_spectrum(axes, found)
    return drawn
