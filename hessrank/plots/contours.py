"""L over a plane through θ, with the level sets of the outputs on it.

In: a `Landscape`, two directions, a window. Out: one panel of a Figure. F and L are evaluated in
floating point from the exact problem; the fibre of θ lies where all outputs' thick lines meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from hessrank.numeric.forward_pass import ForwardPass, forward_pass
from hessrank.numeric.picture import BLACK, figure
from hessrank.numeric.values import theta_of, values
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.problems.landscape import Landscape

#: Points along each side, the level sets of L, and how many outputs are drawn at most.
SIDE, LEVELS, OUTPUTS = 101, 12, 6
DASHES: tuple[Any, ...] = ("-", "--", ":", "-.", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 4)))

Window = Sequence[float]


def contours(
    here: Landscape, window: Window | None = None, parameters: Sequence[str] | None = None
) -> Any:
    """L over two parameters (by default the first two), the others as at θ.

    window: left, right, bottom, top; by default around θ. Raises InputError where there are not
    two parameters of these names.
    """
    forward = forward_pass(here)
    names = forward.parameters
    if len(names) < 2 and parameters is None:
        raise InputError("contours need two parameters; this problem has one (--what slice)")
    chosen = axes_named(names, parameters, 2)
    i, j = (names.index(name) for name in chosen)
    theta, unit = theta_of(forward), np.eye(len(names))
    if window is None:
        half = [max(1.0, 1.5 * abs(theta[k])) for k in (i, j)]
        window = [
            v for k, h in zip((i, j), half, strict=True) for v in (theta[k] - h, theta[k] + h)
        ]
    drawn = figure(6, 5)
    axes = drawn.add_subplot()
    start = theta * (1 - unit[i] - unit[j])
    draw_plane(axes, forward, start, (unit[i], unit[j]), _four(window), (theta[i], theta[j]))
    axes.set_xlabel(chosen[0])
    axes.set_ylabel(chosen[1])
    rest = "" if len(names) == 2 else "; the other parameters as at θ"
    axes.set_title(f"L over {chosen[0]} and {chosen[1]}{rest}", fontsize=10)
    return drawn


def axes_named(
    names: Sequence[str], parameters: Sequence[str] | None, count: Literal[2, 3]
) -> tuple[str, ...]:
    """The parameters that are asked for, or the first `count`. Raises InputError."""
    chosen = tuple(parameters or names[:count])
    for name in chosen:
        if name not in names:
            raise InputError(f"no parameter {name!r}: one of {', '.join(names)}", "parameters")
    if len(set(chosen)) != count or len(chosen) != count:
        number = "two" if count == 2 else "three"
        raise InputError(f"expected {number} parameters, found {', '.join(chosen)}", "parameters")
    return chosen


def _four(window: Window) -> Window:
    return window if len(window) == 4 else (*window, *window)


def draw_plane(
    axes: Any,
    forward: ForwardPass,
    start: Any,
    directions: tuple[Any, Any],
    window: Window,
    at: tuple[float, float],
) -> None:
    """L on start + s·directions[0] + t·directions[1] for (s, t) in the window; θ at (s, t) = at."""
    left, right, bottom, top = window
    s, t = np.linspace(left, right, SIDE), np.linspace(bottom, top, SIDE)
    S, T = np.meshgrid(s, t)
    thetas = start + np.outer(S.ravel(), directions[0]) + np.outer(T.ravel(), directions[1])
    F, L = values(forward, thetas)
    F0, _ = values(forward, theta_of(forward)[None])
    _draw_loss(axes, S, T, L.reshape(S.shape))
    M = F.shape[1]
    some = M <= 2  # of one or two outputs the neighbouring level sets too, as the posts draw them
    for m in range(min(M, OUTPUTS)):
        levels = F[:, m].reshape(S.shape)
        if some:
            _draw_levels(axes, S, T, levels, _around(levels, F0[0, m]), DASHES[m], 0.6)
        if _draw_levels(axes, S, T, levels, [F0[0, m]], DASHES[m], 2.2):
            number = str(m + 1).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
            name = f"F{number} as at θ" + (f" (of {M})" if m == OUTPUTS - 1 < M - 1 else "")
            axes.plot([], [], linestyle=DASHES[m], color=BLACK, label=name, linewidth=2.2)
    axes.plot(*at, "o", color="white", markeredgecolor=BLACK, markersize=8, label="θ", zorder=5)
    axes.locator_params(axis="x", nbins=6)
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.legend(fontsize=8, loc="upper right", framealpha=0.95)


def _draw_loss(axes: Any, S: Any, T: Any, L: Any) -> None:
    """L in steps of equal area, dark where it is low; they show a landscape of any height."""
    finite = L[np.isfinite(L)]
    quantiles = np.linspace(0, 1, LEVELS) ** 1.5
    levels = np.unique(np.quantile(finite, quantiles)) if finite.size else finite
    if len(levels) < 2 or levels[-1] - levels[0] <= 1e-12 * max(1.0, abs(levels[-1])):
        axes.text(0.03, 0.03, "L is constant or has no value here", transform=axes.transAxes)
        return
    from matplotlib.colors import BoundaryNorm

    norm = BoundaryNorm(levels, 256)
    filled = axes.contourf(S, T, np.ma.masked_invalid(L), levels, cmap="cividis", norm=norm)
    bar = axes.figure.colorbar(filled, ax=axes, format="%.2g", ticks=levels[::2])
    bar.set_label("L")


def _around(levels: Any, at: float) -> list[float]:
    """Four levels on either side of one, a tenth of the values' reach apart."""
    finite = levels[np.isfinite(levels)]
    low, high = np.quantile(finite, [0.05, 0.95]) if finite.size else (at, at)
    step = (high - low) / 10
    return [at + k * step for k in range(-8, 9) if k] if step > 0 else []


def _draw_levels(
    axes: Any, S: Any, T: Any, F: Any, at: Sequence[float], dash: Any, width: float
) -> bool:
    """The sets F = c for c in `at`, in white on black; whether there were any to draw."""
    low, high = np.nanmin(F), np.nanmax(F)
    found = sorted(c for c in at if low < c < high)
    if found:
        masked = np.ma.masked_invalid(F)
        if width > 1:
            axes.contour(S, T, masked, found, colors=BLACK, linewidths=width + 1.4, alpha=0.6)
        axes.contour(S, T, masked, found, colors="white", linewidths=width, linestyles=[dash])
    return bool(found)
