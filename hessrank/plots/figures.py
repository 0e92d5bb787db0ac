"""The pictures of the documentation and of the theory, by name.

In: a name of `DRAWINGS`. Out: its Figure, or the text of its SVG.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from hessrank.numeric.picture import rendered
from hessrank.plots.plot import plot
from hessrank.specs.spec import read_spec
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem


class Drawing(NamedTuple):
    """spec: an id of the gallery or of `PAIRS`; window: None for the one that `plot` takes."""

    spec: str
    what: str
    window: tuple[float, ...] | None = None


#: Two examples and three parameters, at the origin: outputs and inputs (examples/ has the specs).
PAIRS = {
    "crossing": ("a*x + tanh(b)*(1 - x)", (0, 1)),
    "parallel": ("x*(a + tanh(b))", (1, 2)),
}

DRAWINGS = {
    "spectra": Drawing("X8", "spectrum"),
    "duplicate": Drawing("X8", "slice"),
    "spheres": Drawing("X5", "slice"),
    "spheres-in-space": Drawing("X5", "tubes", (-1.5, 1.5)),
    "hyperbola": Drawing("X11", "contours", (-3, 3, -3, 3)),
    "two-basins": Drawing("X7", "contours", (-4, 14, -9, 9)),
    "weight-decay": Drawing("weight-decay", "contours", (-2, 2, -2, 2)),
    "crossing": Drawing("crossing", "contours", (-2, 2, -2, 2)),
    "crossing-in-space": Drawing("crossing", "tubes", (-2, 2)),
    "parallel": Drawing("parallel", "contours", (-2, 2, -2, 2)),
    "parallel-in-space": Drawing("parallel", "tubes", (-2, 2)),
}


def landscape(spec: str) -> Landscape:
    """The landscape of an id of the gallery or of `PAIRS`."""
    if spec not in PAIRS:
        return read_spec(spec).landscape()
    outputs, x = PAIRS[spec]
    model = Model.from_expressions([outputs], "a b c", "x")
    problem = Problem(model, Data([[v] for v in x], [[0], [0]]), "half-squared")
    return problem.at({"a": 0, "b": 0, "c": 0})


def drawn(name: str) -> Any:
    """A Figure of `DRAWINGS`."""
    spec, what, window = DRAWINGS[name]
    return plot(landscape(spec), what, None, window)


def svg(names: Iterable[str]) -> dict[str, str]:
    """The SVG of each, by name. Raises InputError where matplotlib is missing."""
    return {name: rendered(drawn(name), ".svg").decode("utf-8") for name in names}
