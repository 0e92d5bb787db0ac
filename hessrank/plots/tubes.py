"""Level sets of the outputs in the space of three parameters, and the tube of small loss.

In: a `Landscape`, three parameters, a window. Out: a Figure with one panel. A surface is drawn by
its curves in planes across two of the axes; F and L are evaluated in floating point from the exact
problem, and decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from hessrank.numeric.forward_pass import ForwardPass, forward_pass
from hessrank.numeric.picture import BLACK, BLUE, VERMILLION, figure
from hessrank.numeric.values import theta_of, values
from hessrank.plots.contours import axes_named
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.problems.landscape import Landscape

#: Points along each side, planes across an axis, those of the tube, outputs drawn at most.
SIDE, PLANES, RINGS, OUTPUTS = 61, 7, 9, 3
#: The tube is the surface of this share of the window, where L is lowest.
SHARE = 0.05
LINES: tuple[tuple[str, Any], ...] = ((BLACK, "-"), (VERMILLION, "--"), ("#777777", ":"))

Curve = np.ndarray[Any, np.dtype[np.float64]]


def tubes(
    here: Landscape, window: Sequence[float] | None = None, parameters: Sequence[str] | None = None
) -> Any:
    """The level sets {F_m = F_m(θ)} over three parameters (by default the first three), the others
    as at θ, and the surface {L = c} around the lowest values of L.

    window: from and to, the same for each axis, by default around θ. Raises InputError where there
    are not three parameters of these names.
    """
    forward = forward_pass(here)
    if len(forward.parameters) < 3 and parameters is None:
        raise InputError("tubes need three parameters (--what contours takes two)")
    chosen = axes_named(forward.parameters, parameters, 3)
    places = [forward.parameters.index(name) for name in chosen]
    theta = theta_of(forward)
    middle = theta[places]
    half = np.maximum(1.0, 1.5 * np.abs(middle))
    low, high = (middle - half, middle + half) if window is None else np.array([window] * 3).T
    axes_at = [np.linspace(a, b, SIDE) for a, b in zip(low, high, strict=True)]
    F, L = _on_grid(forward, theta, places, axes_at)
    F0, _ = values(forward, theta[None])
    drawn = figure(6, 5.5)
    axes = drawn.add_subplot(projection="3d")
    for m in range(min(F.shape[-1], OUTPUTS)):
        colour, dash = LINES[m]
        planes = _planes(np.ones(SIDE, dtype=bool), PLANES)
        curves = [c for k in range(3) for c in _curves(F[..., m], F0[0, m], axes_at, k, planes)]
        _draw(axes, curves, f"F{'₁₂₃'[m]} as at θ", color=colour, linestyle=dash, linewidth=0.9)
    level = _tube_level(L)
    if level is not None:
        planes = _planes((level > L).any(axis=(0, 1)), RINGS)
        rings = list(_curves(L, level, axes_at, 2, planes))
        _draw(axes, rings, f"L = {level:.2g}", color=BLUE, linestyle="-", linewidth=2.0)
    axes.plot(*middle[:, None], "o", color="white", markeredgecolor=BLACK, label="θ", zorder=10)
    for put, name, a, b in zip(("x", "y", "z"), chosen, low, high, strict=True):
        getattr(axes, f"set_{put}label")(name)
        getattr(axes, f"set_{put}lim")(a, b)
        axes.locator_params(axis=put, nbins=5)
    axes.set_box_aspect((1, 1, 1), zoom=0.9)
    axes.view_init(elev=22, azim=-58)
    rest = "" if len(forward.parameters) == 3 else "; the other parameters as at θ"
    more = f" (three of {F.shape[-1]} outputs)" if F.shape[-1] > OUTPUTS else ""
    axes.set_title(f"level sets of the outputs, and a tube of low L{more}{rest}", fontsize=10)
    axes.legend(fontsize=8, loc="upper left")
    return drawn


def _on_grid(
    forward: ForwardPass, theta: Any, places: Sequence[int], axes_at: Sequence[Any]
) -> tuple[Any, Any]:
    """F (n, n, n, M) and L (n, n, n), by the places on the three axes in their order."""
    grid = np.meshgrid(*axes_at, indexing="ij")
    thetas = np.repeat(theta[None], grid[0].size, axis=0)
    for place, coordinate in zip(places, grid, strict=True):
        thetas[:, place] = coordinate.ravel()
    F, L = values(forward, thetas)
    return F.reshape(*grid[0].shape, -1), L.reshape(grid[0].shape)


def _tube_level(L: Any) -> float | None:
    """A value of L just above its lowest ones; None where L is constant or has no value."""
    finite = L[np.isfinite(L)]
    if not finite.size:
        return None
    level = float(np.quantile(finite, SHARE))
    low, high = float(finite.min()), float(finite.max())
    return level if low < level < high else None


def _planes(meets: Any, most: int) -> Any:
    """At most so many places on an axis, spread over those where there is something."""
    places = np.flatnonzero(meets)
    return np.unique(places[np.linspace(0, len(places) - 1, most).round().astype(int)])


def _draw(axes: Any, curves: Sequence[Curve], label: str, **how: Any) -> None:
    """The curves as one entry of the legend; points are left out."""
    long = [c for c in curves if np.ptp(c, axis=1).max() > 1e-9]
    for curve in long:
        axes.plot(*curve, alpha=0.85, **how)
    if long:
        axes.plot([], [], [], label=label, **how)


def _curves(
    field: Any, level: float, axes_at: Sequence[Any], axis: int, planes: Any
) -> Iterator[Curve]:
    """The set where the field has that level, in planes across one axis: (3, points) each."""
    from contourpy import contour_generator

    others = [k for k in range(3) if k != axis]
    for i in planes:
        masked = np.ma.masked_invalid(np.take(field, i, axis=axis).T)
        x, y = (axes_at[k] for k in others)
        for line in contour_generator(x, y, masked).lines(level):
            points = np.asarray(line)
            curve = np.empty((3, len(points)))
            curve[axis] = axes_at[axis][i]
            curve[others[0]], curve[others[1]] = points.T
            yield curve
