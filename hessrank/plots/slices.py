"""L along a direction that H does not see and along the one in which it bends most.

In: a `Landscape` and a window. Out: a Figure: both slices, and beside them the plane that they
span, with the fibre {F = F(θ)} drawn into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hessrank.numeric.forward_pass import forward_pass
from hessrank.numeric.picture import BLACK, BLUE, VERMILLION, figure
from hessrank.numeric.values import theta_of, values
from hessrank.plots.contours import draw_plane
from hessrank.plots.directions import curved_direction, kernel_direction
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.problems.landscape import Landscape

#: Points along a slice.
POINTS = 401


def slices(here: Landscape, window: Sequence[float] | None = None) -> Any:
    """t ↦ L(θ + t v) for an exact kernel direction v of H and for a curved direction u, |v| = |u| =
    1; where there are both, L over the plane θ + s v + t u too. window: left and right of t."""
    forward = forward_pass(here)
    theta = theta_of(forward)
    left, right = window[:2] if window else (-1.0, 1.0)
    v, u = kernel_direction(here), curved_direction(forward)
    if v is None and u is None:
        raise InputError("no direction to draw: H is 0 as measured, and its null space not known")
    drawn = figure(10 if v and u else 6, 4.2)
    panels = drawn.subplots(1, 2) if v and u else [drawn.add_subplot()]
    axes = panels[0]
    t = np.linspace(left, right, POINTS)
    for direction, letter, dash, colour in ((v, "v", "-", BLUE), (u, "u", "--", VERMILLION)):
        if direction is not None:
            _, L = values(forward, theta + np.outer(t, direction.vector))
            label = f"L(θ + t{letter}), {letter} {direction.what}"
            if letter == "u":
                label = f"L(θ + tu), Hu = λu, {direction.what}"
            axes.plot(t, L, dash, color=colour, label=label, linewidth=2)
    _, at = values(forward, theta[None])
    axes.plot([0], at, "o", color="white", markeredgecolor=BLACK, markersize=8, zorder=5)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel("t")
    axes.set_ylabel("L")
    axes.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    if v and u:
        square = (left, right, left, right)
        draw_plane(panels[1], forward, theta, (v.vector, u.vector), square, (0.0, 0.0))
        panels[1].set_xlabel("s, along v")
        panels[1].set_ylabel("t, along u")
        panels[1].set_title(
            "L on θ + sv + tu; the fibre of θ: where all thick lines meet", fontsize=9
        )
    return drawn
