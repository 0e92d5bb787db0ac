"""Small problems, in order of size: where counterexamples are looked for on the spot.

In: a bound on how many. Out: `Instance`s with exact landscapes, the same ones every time: tiny
closed forms at small integer points, with every loss that fits. They are tried after the gallery.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from hessrank.proofs.reasoning.statement import Instance
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem

#: (outputs, parameters): one and two parameters, one and two outputs, degrees up to three.
MODELS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("s",), "s"),
    (("s**2",), "s"),
    (("s**3",), "s"),
    (("s", "s"), "s"),
    (("s", "s**2"), "s"),
    (("s*t",), "s t"),
    (("s + t**2",), "s t"),
    (("s**2 + t**2",), "s t"),
    (("s", "t"), "s t"),
    (("s", "t**2"), "s t"),
    (("s", "s*t"), "s t"),
    (("s + t", "s*t"), "s t"),
)
#: Losses by the number of outputs: names, expressions, and weights.
LOSSES: dict[int, tuple[str | Loss, ...]] = {
    1: ("half-squared", "quartic", "log-cosh", "-o1**2/2"),
    2: (
        "half-squared",
        "quartic",
        "o1**2 + o2**4",
        "(o1**2 - o2**2)/2",
        "softmax-cross-entropy",
        Loss.weighted([[2, 1], [1, 2]]),
        Loss.weighted([[1, 1], [1, 1]]),
    ),
}
POINTS = (0, 1, -1)


def small_problems(limit: int | None = None) -> list[Instance]:
    """All small problems at their points, or the first `limit` of them.

    >>> small_problems(1)[0].id
    's | half-squared | y = 0 | s = 0'
    """
    return list(islice(_all(), limit))


def _all() -> Iterator[Instance]:
    for outputs, parameters in MODELS:
        names = parameters.split()
        model = Model.from_expressions(list(outputs), names)
        for loss in LOSSES[len(outputs)]:
            ones: list[object] = [1] * (len(outputs) - 1)
            labels: list[list[object]] = [[0] * len(outputs), [-1, *ones]]
            if loss == "softmax-cross-entropy":
                labels = [["1/2", "1/2"], ["1/3", "2/3"]]
            for y in labels:
                for values in _points(len(names)):
                    problem = Problem(model, Data([[]], [y]), loss)
                    here = problem.at(dict(zip(names, values, strict=True)))
                    yield Instance(_name(outputs, loss, y, names, values), here)


def _points(n: int) -> list[tuple[int, ...]]:
    return [(p,) for p in POINTS] if n == 1 else [(0, 0), (0, 1), (1, 0), (1, -1)]


def _name(
    outputs: tuple[str, ...],
    loss: str | Loss,
    y: list[object],
    names: list[str],
    values: tuple[int, ...],
) -> str:
    shown = (
        loss
        if isinstance(loss, str)
        else f"weighted {[[str(v) for v in r] for r in loss.weights or ()]}"
    )
    at = ", ".join(f"{n} = {v}" for n, v in zip(names, values, strict=True))
    return f"{', '.join(outputs)} | {shown} | y = {', '.join(map(str, y))} | {at}"
