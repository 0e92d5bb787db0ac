"""Landscapes for tests of minima: closed forms without inputs, at a point."""

from __future__ import annotations

from collections.abc import Sequence

from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem


def at(
    outputs: str | list[str],
    point: dict[str, object],
    loss: str | Loss = "o",
    y: Sequence[object] | None = None,
    regulariser: str | None = None,
    side: int = 0,
) -> Landscape:
    """Examples without inputs: y is the row of targets of the only one (zeros if not given), or a
    list of such rows. L is the output itself where no loss is named."""
    model = Model.from_expressions(outputs, list(point))
    given = [0] * model.output_count if y is None else list(y)
    rows = given if given and isinstance(given[0], list) else [given]
    return Problem(model, Data([[]] * len(rows), rows), loss, regulariser).at(point, side)


def origin(form: str) -> Landscape:
    """L itself at 0, in those of u, …, z that occur."""
    return at(form, dict.fromkeys(sorted(set(form) & set("uvwxyz")), 0))
