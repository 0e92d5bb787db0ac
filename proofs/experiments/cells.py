"""One cell of the experiment on all labellings: many trainings of one net on one set of labels.

In: a `Setting`, a labelling, a seed. Out: a plain dict of counts, as JSON holds it. Beside each end
of training an exact fit or an exact critical point is certified, by `nearby` or, of relu nets of
one hidden layer, over Q (`pieces`), and both ranks *there*; floats decide no rank. A run counts as

- fit: an exact fit is certain, with rank J and the first hidden layer that merges examples (0:
  none does, -1: not decided); `fits` counts each [rank, layer, moved]. Two examples are merged
  where every unit of a layer is strictly dead on both; or before the output, where the labels are
  equal and all units but one with a weight out agree (F = y then makes that one agree). They are
  apart where an activation differs by more than `APART`, far more than floats and the box err;
- minimum: an exact local minimum with r ≠ 0 is certain; equal, unequal: with rank H = rank J, or
  not; open: that is not decided;
- critical: an exact critical point with r ≠ 0 of another or undecided kind;
- undecided: training ended within `NEAR` of a fit and none was certified; unfinished: the rest.

Gradient descent on relu often ends at a kink: a unit's argument falls to 0 on an example that it
should not fire on. Fits of the piece beyond, where the unit is dead there, come as close as one
likes, so that where no fit is certified at the end itself the arguments below `TINY`, then those
below `BEYOND`, are moved to −`BEYOND` (and such output weights to 0), and the search is made again;
such fits are `moved`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np

from hessrank.proofs.existence.nearby import Nearby, nearby
from hessrank.proofs.existence.relations import rows_near
from hessrank.proofs.experiments.networks import Array, Layout, trained
from hessrank.proofs.experiments.pieces import rational_fit
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.chance import seeded
from hessrank.symbolic.expressions.expression import Expr, number
from hessrank.symbolic.models.models import mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem

NEAR, TINY, BEYOND, APART = 1e-2, 1e-6, 1e-3, 1e-8
#: Seconds and digits of a certification; scales b of det(I + bH).
SECONDS, DIGITS, SCALES = 20.0, 12, (1, 100, 10000)
#: Pairs of solutions of one cell: what is compared, the one of lower rank (or merged) first.
PAIRS = ("flatter", *(f"more at b = {b}" for b in SCALES))

#: How a run may end that is no certified fit.
KINDS = (
    *("minimum, equal", "minimum, unequal", "minimum, open"),
    *("critical", "undecided", "unfinished"),
)

Cell = dict[str, Any]


def _all(D: int) -> tuple[tuple[Fraction, ...], ...]:
    """All labellings by 0 and 1 that are not constant."""
    return tuple(tuple(map(Fraction, y)) for y in product((0, 1), repeat=D) if 0 < sum(y) < D)


def _drawn(D: int, count: int) -> tuple[tuple[Fraction, ...], ...]:
    """`count` label vectors of normal thousandths, always the same."""
    y = np.random.default_rng(D).normal(size=(count, D))
    return tuple(tuple(Fraction(int(1000 * v), 1000) for v in row) for row in y)


@dataclass(frozen=True)
class DataSet:
    """Inputs, the labellings, and inputs off the data where outputs are compared."""

    x: tuple[tuple[Fraction, ...], ...]
    labellings: tuple[tuple[Fraction, ...], ...]
    elsewhere: tuple[tuple[float, ...], ...]


def _points(*rows: Sequence[int | Fraction]) -> tuple[tuple[Fraction, ...], ...]:
    return tuple(tuple(map(Fraction, row)) for row in rows)


_SQUARE = _points((0, 0), (0, 1), (1, 0), (1, 1))
_OFF_SQUARE = ((0.5, 0.5), (-1.0, 0.0), (2.0, 1.0), (0.0, 2.0), (1.0, 0.5))
_LINE = _points(*((Fraction(k, 2),) for k in range(-2, 3)))

DATA = {
    "corner": DataSet(_SQUARE[:3], _all(3), _OFF_SQUARE),
    "square": DataSet(_SQUARE, _all(4), _OFF_SQUARE),
    "line": DataSet(_LINE, _all(5), ((-2.0,), (-0.75,), (-0.25,), (0.25,), (0.75,), (2.0,))),
    "square, random labels": DataSet(_SQUARE, _drawn(4, 14), _OFF_SQUARE),
}


@dataclass(frozen=True)
class Setting:
    """data: one of `DATA`; hidden: widths of the hidden layers; scale: of the start."""

    data: str
    activation: str
    optimiser: str
    hidden: tuple[int, ...]
    scale: Fraction = Fraction(1)

    @property
    def widths(self) -> tuple[int, ...]:
        return (len(DATA[self.data].x[0]), *self.hidden, 1)

    @property
    def net(self) -> Layout:
        x = tuple(tuple(map(float, row)) for row in DATA[self.data].x)
        return Layout(self.widths, self.activation, x)

    @property
    def key(self) -> str:
        hidden = "-".join(map(str, self.hidden))
        return f"{self.data}; {self.activation}; {self.optimiser}; {hidden}; {self.scale}"

    def starts(self, labelling: int, runs: int, seed: int) -> Array:
        """Random parameters that depend on the setting, the labelling and the seed alone."""
        rng = np.random.default_rng([seed, labelling, *self.key.encode()])
        return self.net.start(runs, rng, float(self.scale))


def cells(
    setting: Setting, runs: int, seed: int, labellings: Sequence[int] | None = None
) -> Iterator[tuple[int, Cell]]:
    """The cells of a setting, of all its labellings or of those that are named by place."""
    data = DATA[setting.data]
    chosen = range(len(data.labellings)) if labellings is None else labellings
    starts = [setting.starts(k, runs, seed) for k in chosen]
    y = np.repeat([[float(v) for v in data.labellings[k]] for k in chosen], runs, axis=0)
    ends = trained(setting.net, np.concatenate(starts), y, setting.optimiser)
    for place, k in enumerate(chosen):
        yield k, cell(setting, k, ends[place * runs : (place + 1) * runs])


@dataclass(frozen=True)
class Solution:
    """A certified fit: the rank of J, the layer that merges, whether it was moved over a kink; as
    measured at it the eigenvalues of H = JᵀJ and the outputs off the data."""

    rank: int
    merged: int
    moved: bool
    eigenvalues: Array
    elsewhere: Array

    @property
    def kind(self) -> tuple[int, int, int]:
        return self.rank, self.merged, int(self.moved)


def cell(setting: Setting, labelling: int, ends: Array) -> Cell:
    """What became of the ends of training, (R, N)."""
    data = DATA[setting.data]
    y = data.labellings[labelling]
    model = mlp(list(setting.widths), setting.activation)
    problem = Problem(model, Data([list(row) for row in data.x], [[v] for v in y]))
    found: Counter[str] = Counter()
    solutions: list[Solution] = []
    for theta in ends:
        with seeded(0):
            kind, solved = judged(setting, labelling, problem, theta)
        found[kind] += 1
        if solved is not None:
            solutions.append(solved)
    pairs = [(s, t) for s in solutions for t in solutions]
    return {
        "runs": len(ends),
        "fits": [[*of, n] for of, n in sorted(Counter(s.kind for s in solutions).items())],
        **{kind: found[kind] for kind in KINDS if found[kind]},
        "spread": spread(solutions),
        "lower rank": compared([(s, t) for s, t in pairs if s.rank < t.rank]),
        "merged": compared([(s, t) for s, t in pairs if s.merged > 0 and t.merged == 0]),
    }


def judged(
    setting: Setting, labelling: int, problem: Problem, theta: Array
) -> tuple[str, Solution | None]:
    """What one end of training is, and the solution where it is a fit."""
    if not np.isfinite(theta).all():
        return "unfinished", None
    net = setting.net
    near = _gap(setting, problem, theta) < NEAR
    for tried in (theta, *(beyond(net, theta) if near and setting.activation == "relu" else ())):
        moved = tried is not theta
        here = on_piece(setting, labelling, problem, tried) if near else None
        if here is not None:
            return "fit", solution_at(setting, labelling, here, moved)
        found = certified(problem, tried)
        if is_fit(problem, found):
            return "fit", solution(setting, labelling, found, moved)
    if near:
        return "undecided", None
    if not found.exists or _gap(setting, problem, centre(found)) < NEAR:
        return "unfinished", None
    if "minimum" not in found.point or found.point == "not a minimum":
        return "critical", None
    word = {Truth.TRUE: "equal", Truth.FALSE: "unequal"}.get(found.rank_equality.truth, "open")
    return f"minimum, {word}", None


def certified(problem: Problem, theta: Array) -> Nearby:
    """An exact point near the floats θ."""
    exact = [Fraction(float(v)) for v in theta]
    return nearby(problem.at(_point(problem, exact)), digits=DIGITS, seconds=SECONDS)


def _point(problem: Problem, values: Sequence[Fraction]) -> dict[str, Expr]:
    return {n: number(v) for n, v in zip(problem.model.parameters, values, strict=True)}


def is_fit(problem: Problem, found: Nearby) -> bool:
    """Whether r = 0 is certain there, with a decided rank of J.

    Near a critical point F = B·F[kept] identically (`relations`), so that J = B·J[kept]; where
    the targets obey the same relations r = B·r[kept], and Jᵀr = J[kept]ᵀBᵀB·r[kept] = 0 is r = 0
    as soon as the rows J[kept] are independent.
    """
    J = found.rank_jacobian
    if not found.exists or J is None or not J.decided:
        return False
    if found.kind == "fit" or int(J) == problem.M:
        return True
    if found.found is None:
        return False
    rows = rows_near(problem, found.found.values)
    return int(J) == len(rows.kept) and rows.obeyed_by(problem.data.y)


def centre(found: Nearby) -> Array:
    return np.array([float(v) for _, v in found.centre])


def _gap(setting: Setting, problem: Problem, theta: Array) -> float:
    y = np.array([float(row[0].value) for row in problem.data.y])
    return float(np.abs(setting.net.outputs(theta[None])[0] - y).max())


def beyond(net: Layout, theta: Array) -> Iterator[Array]:
    """θ with arguments of relu near 0 moved below 0, by least changes of weights and biases layer
    by layer; and the same with tiny output weights at 0."""
    for small, snapped in product((TINY, BEYOND), (False, True)):
        moved = theta.copy()
        at, a = 0, net.inputs
        for i, (n, h) in enumerate(zip(net.widths, net.widths[1:], strict=False)):
            W, b = moved[at : at + n * h].reshape(h, n), moved[at + n * h : at + (n + 1) * h]
            if i == len(net.widths) - 2:
                if snapped:
                    W[np.abs(W) < small] = 0.0
                break
            extended = np.column_stack([a, np.ones(len(a))])
            z = a @ W.T + b
            for unit in range(h):
                tiny = np.abs(z[:, unit]) < small
                if tiny.any():
                    goal = -BEYOND - z[tiny, unit]
                    step = np.linalg.lstsq(extended[tiny], goal, rcond=None)[0]
                    W[unit] += step[:-1]
                    b[unit] += step[-1]
            a, at = net.activated(a @ W.T + b), at + (n + 1) * h
        yield moved


def on_piece(setting: Setting, labelling: int, problem: Problem, theta: Array) -> Landscape | None:
    """A rational fit on the piece of θ."""
    data = DATA[setting.data]
    found = rational_fit(setting.net, data.x, theta, data.labellings[labelling])
    return None if found is None else problem.at(_point(problem, found))


def solution(setting: Setting, labelling: int, found: Nearby, moved: bool) -> Solution:
    """The certified fit, with what is measured at it."""
    assert found.rank_jacobian is not None
    return _solution(setting, labelling, int(found.rank_jacobian), centre(found), moved)


def solution_at(setting: Setting, labelling: int, here: Landscape, moved: bool) -> Solution:
    """A rational fit, with the rank of a rational J."""
    theta = np.array([float(v.value) for _, v in here.values])
    return _solution(setting, labelling, int(here.rank("jacobian")), theta, moved)


def _solution(setting: Setting, labelling: int, rank: int, point: Array, moved: bool) -> Solution:
    net, theta = setting.net, point[None]
    _, J = net.run(theta)
    elsewhere = np.array(DATA[setting.data].elsewhere)
    return Solution(
        rank,
        merging_layer(net, theta, DATA[setting.data].labellings[labelling]),
        moved,
        np.linalg.svd(J[0], compute_uv=False) ** 2,
        net.outputs(theta, elsewhere)[0],
    )


def merging_layer(net: Layout, theta: Array, y: Sequence[Fraction]) -> int:
    """The first hidden layer that merges two examples at the exact fit beside θ, (1, N); 0 for
    none, -1 where it is not decided."""
    hidden = net.preactivations(theta)[:-1]
    out = net.layers(theta)[-1][0][0, 0]
    for l, (z,) in enumerate(hidden, 1):
        a = net.activated(z)
        dead = (z < -APART) & (net.activation == "relu")
        open_pairs = 0
        for i, j in combinations(range(len(a)), 2):
            unknown = ~(dead[i] & dead[j])
            forced = l == len(hidden) and y[i] == y[j] and unknown.sum() == 1
            if not unknown.any() or (forced and out[unknown][0] != 0):
                return l
            open_pairs += int(np.abs(a[i] - a[j]).max() < APART)
        if open_pairs:
            return -1
    return 0


def spread(solutions: Sequence[Solution]) -> float | None:
    """The root mean square deviation of the outputs off the data from their mean over the runs;
    the median over the places."""
    if len(solutions) < 3:
        return None
    off = np.array([s.elsewhere for s in solutions])
    return round(float(np.median(off.std(axis=0))), 4)


def compared(pairs: Sequence[tuple[Solution, Solution]]) -> list[int]:
    """How many pairs, and of how many the first is as each of `PAIRS` says: flatter (tr H), or
    holding more of a Gaussian prior, det(I + bH)^(−1/2), at a scale b."""
    found = [len(pairs)] + [0] * len(PAIRS)
    for first, second in pairs:
        s, t = first.eigenvalues, second.eigenvalues
        found[1] += int(s.sum() < t.sum())
        for i, b in enumerate(SCALES, 2):
            found[i] += int(np.log1p(b * s).sum() < np.log1p(b * t).sum())
    return found
