"""From a seed to a theorem: train in floats, then look for the exact point beside it.

In: a problem and a seed. Out: a `Fit`: where training ended, and what `nearby` certifies there
with 50 digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hessrank.numeric.fitting import Trained, train
from hessrank.proofs.existence.nearby import MAX_PARAMETERS, Nearby, nearby
from hessrank.proofs.reasoning.truth import Fact
from hessrank.symbolic.budget import SECONDS, decision
from hessrank.symbolic.errors import InputError, require
from hessrank.symbolic.expressions.expression import number
from hessrank.symbolic.problems.landscape import A_PROBLEM, Landscape, Problem
from hessrank.symbolic.ranks.rank_result import RankResult

#: Digits to which the exact point is enclosed.
DIGITS = 50


@dataclass(frozen=True, repr=False)
class Fit:
    """One run: its seed, where training ended (`trained`, at the point of `here`) and what is
    certain beside it (`nearby`). The fields of `nearby` are read through."""

    seed: int
    trained: Trained
    here: Landscape | None
    nearby: Nearby

    @property
    def loss(self) -> float:
        return self.trained.loss

    @property
    def gradient_norm(self) -> float:
        return self.trained.gradient_norm

    @property
    def exists(self) -> bool | None:
        return self.nearby.exists

    @property
    def kind(self) -> str | None:
        return self.nearby.kind

    @property
    def rank_jacobian(self) -> RankResult | None:
        return self.nearby.rank_jacobian

    @property
    def rank_hessian(self) -> RankResult | None:
        return self.nearby.rank_hessian

    @property
    def rank_equality(self) -> Fact:
        return self.nearby.rank_equality

    @property
    def point(self) -> str:
        return self.nearby.point

    def __repr__(self) -> str:
        return (
            f"Fit(seed {self.seed}: L = {self.loss:.3g}, ‖∇L‖ = {self.gradient_norm:.1e}; "
            f"{self.nearby!r})"
        )

    def to_json(self) -> dict[str, Any]:
        """The keys of a run of `hessrank fit --json`."""
        return {
            "seed": self.seed,
            "loss": _finite(self.loss),
            "gradient_norm": _finite(self.gradient_norm),
            **self.nearby.to_json(),
        }


def fit(
    problem: Problem,
    seed: int = 0,
    side: str | int = 0,
    digits: int = DIGITS,
    seconds: float = SECONDS,
) -> Fit:
    """Train `problem` from the start of that seed and look for the exact point beside the end.

    side: the piece to take at a kink; digits: to which the exact point is enclosed; seconds: after
    which training ends where it is, and nothing more is certified (docs/budgets.md). Raises
    InputError for more than MAX_PARAMETERS parameters, or where SciPy is missing.
    """
    require(problem, Problem, A_PROBLEM, "problem")
    if problem.N > MAX_PARAMETERS:
        raise InputError(f"{problem.N} parameters: fit takes at most {MAX_PARAMETERS}", "model")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(f"expected a whole number >= 0, found {seed!r}", "seed")
    with decision(seconds):
        return _fit(problem, seed, side, digits)


def _fit(problem: Problem, seed: int, side: str | int, digits: int) -> Fit:
    names = problem.model.parameters
    # a kink met exactly while training takes the right piece; the end is judged without
    start = problem.at(dict.fromkeys(names, 0), side or "right")
    trained = train(start, seed)
    if not all(abs(v) < float("inf") for v in trained.theta):
        return Fit(seed, trained, None, Nearby.none("training left the finite numbers"))
    point = {n: number(Fraction(v)) for n, v in zip(names, trained.theta, strict=True)}
    here = problem.at(point, side)
    return Fit(seed, trained, here, nearby(here, digits=digits))


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None
