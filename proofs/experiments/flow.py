"""Which minimum does gradient flow reach? X7 for claim 25: a point against a line of minima.

In: a seed and a number of runs. Out: an `Experiment`: how many runs end on the line, for starts of
several widths, with Wilson intervals. All of it is floating point and labelled so.

    L = ½(a − 10)²(a² + b²),   ∇L = (a − 10)·(a² + b² + a(a − 10), b(a − 10))

has the isolated minimum (0, 0), the line of minima a = 10 and a saddle at (5, 0). The flow
θ' = −∇L is followed by Runge–Kutta steps of size `RATE` over the local size of the Hessian; a run
counts where it comes within `NEAR` of a minimum, and one that does not settle is counted apart.

    hessrank experiment drainage --runs 2000
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hessrank.proofs.experiments.intervals import wilson
from hessrank.proofs.reasoning.claim import Experiment

Array = np.ndarray[Any, Any]

STEPS, RATE, NEAR = 1000, 0.5, 1e-6
RUNS = 1000
#: Where training starts: a centre and the standard deviation about it.
STARTS = (
    ("about the point, σ = 1", (0.0, 0.0), 1.0),
    ("about the point, σ = 5", (0.0, 0.0), 5.0),
    ("about the point, σ = 20", (0.0, 0.0), 20.0),
    ("about the saddle, σ = 1", (5.0, 0.0), 1.0),
    ("about the saddle, σ = 20", (5.0, 0.0), 20.0),
)


def slope(theta: Array) -> Array:
    """∇L at the rows (a, b) of `theta`.

    >>> slope(np.array([[4.0, 1.0], [10.0, 3.0]])).tolist()
    [[42.0, 36.0], [0.0, 0.0]]
    """
    a, b = theta.T
    gap = a - 10
    return np.stack([gap * (a * a + b * b + a * gap), gap * gap * b], axis=1)


def ends(theta: Array) -> tuple[Array, Array]:
    """For each start in the rows of `theta`: whether the flow ends at the point, and on the line.

    >>> [found.tolist() for found in ends(np.array([[4.9, 0.0], [5.1, 0.0]]))]
    [[True, False], [False, True]]
    """
    for _ in range(STEPS):
        a, b = theta.T
        size = a * a + b * b + (a - 10) ** 2  # of ∇²L, up to a factor
        h = (RATE / size)[:, None]
        k1 = -slope(theta)
        k2 = -slope(theta + h / 2 * k1)
        k3 = -slope(theta + h / 2 * k2)
        k4 = -slope(theta + h * k3)
        theta = theta + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.hypot(*theta.T) < NEAR, np.abs(theta[:, 0] - 10) < NEAR


def comparison(intervals: Sequence[tuple[float, ...]]) -> str:
    """What the intervals of the line's share over several starts say, in words.

    >>> comparison([(0.6, 0.7), (0.8, 0.9)])
    'the line of minima drains more from every start'
    """
    more = [low > 0.5 for low, _ in intervals]
    less = [high < 0.5 for _, high in intervals]
    if all(more):
        return "the line of minima drains more from every start"
    if any(more) and any(less):
        return "where training starts decides, the dimension alone does not"
    if any(less):
        return "the line of minima drains more from no start"
    return "the intervals do not tell which drains more from every start"


def drainage(seed: int = 0, runs: int = RUNS) -> Experiment:
    """The share of starts that each of the two solution sets of X7 drains."""
    rng = np.random.default_rng(seed)
    counts: dict[str, dict[str, Any]] = {}
    for name, centre, sigma in STARTS:
        point, line = ends(np.array(centre) + sigma * rng.standard_normal((runs, 2)))
        hits = int(line.sum())
        low, high = wilson(hits, runs)
        counts[name] = {
            "runs": runs,
            "line": hits,
            "point": int(point.sum()),
            "unsettled": int((~point & ~line).sum()),
            "line_share_95": [round(low, 3), round(high, 3)],
        }
    shares = [f"{100 * c['line'] / runs:.0f} % {name}" for name, c in counts.items()]
    tail = comparison([tuple(c["line_share_95"]) for c in counts.values()])
    return Experiment(
        "Of (0, 0) and the line a = 10, which drains more under gradient flow?",
        f"The line of minima drains {', '.join(shares)}: {tail}.",
        counts,
        seed,
        f"hessrank experiment drainage --runs {runs} --seed {seed}",
    )
