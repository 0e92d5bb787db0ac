"""How steep L is at a point, and how far the outputs are from a stationary point of the loss.

In: a landscape, of which `forward_pass` reads values only. Out: ‖∇L‖ and ‖r‖, measured. They decide
nothing: whether ∇L is 0 is for exact algebra; they say whether a point is *near* a critical one.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum, inf, isfinite, sqrt
from typing import Any

from hessrank.numeric.differentiation.arithmetic import FLOAT_DIGITS, arithmetic
from hessrank.numeric.forward_pass import ForwardPass, forward_pass
from hessrank.numeric.measure import OPERATIONS, constants, evaluate
from hessrank.numeric.precision import LEVELS
from hessrank.symbolic.errors import DomainError, InputError

#: A step of ‖∇L‖/‖H‖ that is shorter than this, relative to max(1, |θ|), counts as near.
NEAR = 1e-4


@dataclass(frozen=True)
class Slope:
    """gradient: ‖∇L‖₂, with the regulariser; residual: ‖r‖₂; size: max(1, max_i |θ_i|). None where
    they were not measured.

    >>> Slope(6e-7, 0.1, 2.0).near(1.5), Slope(6e-7, 0.1, 2.0).near(1e-7)
    (True, False)
    """

    gradient: float | None
    residual: float | None
    size: float = 1.0

    def near(self, curvature: float | None) -> bool | None:
        """Whether ‖∇L‖ is small beside ‖H‖₂ = `curvature`; None where that is not known. It scales
        with L: a flat L is not taken for a critical point."""
        if self.gradient is None or curvature is None:
            return None
        return self.gradient <= NEAR * curvature * self.size


def slope(landscape: Any) -> Slope:
    """The norms at the point, with 30 digits where that takes a fraction of a second.

    >>> from hessrank.symbolic.models.models import Model
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> root = Problem(Model.from_expressions(["t**2"], "t"), Data([[]], [[2]]))
    >>> slope(root.at({"t": 1}))  # L = (t² − 2)²/2: L' = 2t(t² − 2), r = t² − 2
    Slope(gradient=2.0, residual=1.0, size=1.0)
    """
    forward = landscape if isinstance(landscape, ForwardPass) else forward_pass(landscape)
    digits = LEVELS[0] if 3 * forward.size <= OPERATIONS // 10 else FLOAT_DIGITS
    try:
        measured = evaluate(forward, digits, second=False)
        theta = [abs(float(v)) for v in constants(forward.point, arithmetic())]
    except (DomainError, InputError, OverflowError):
        return Slope(None, None)
    return Slope(_norm(measured.gradient), _norm(measured.loss_gradient), max([1.0, *theta]))


def _norm(entries: Any) -> float | None:
    largest = max((abs(v) for v in entries), default=0)
    if not largest:
        return 0.0
    found = float(largest) * sqrt(fsum(float(v / largest) ** 2 for v in entries))
    return found if isfinite(found) and found < inf else None
