"""One spec, decided and measured: the record that reports and JSON are made of.

In: a `Spec`. Out: a plain dict: the exact ranks, the numeric ranks beside them, whether the two
agree, the facts at the point, and the verdict on rank H = rank J with its explanation.
"""

from __future__ import annotations

from typing import Any

from hessrank.numeric.crosscheck import CrossCheck, crosscheck
from hessrank.numeric.measured_ranks import NotMeasured, measured_ranks
from hessrank.numeric.rank import NumericRank
from hessrank.numeric.slope import Slope, slope
from hessrank.proofs.minima.verdict import RANKS as MATRICES
from hessrank.proofs.minima.verdict import Verdict, verdict
from hessrank.proofs.reasoning.truth import Truth
from hessrank.specs.spec import Spec
from hessrank.symbolic.budget import SECONDS
from hessrank.symbolic.problems.landscape import Landscape

Measured = NumericRank | NotMeasured


def record(spec: Spec, here: Landscape | None = None, seconds: float = SECONDS) -> dict[str, Any]:
    """The record of one spec; its keys are described in docs/report.md. here: its landscape,
    where it was evaluated before; seconds: for the verdict (docs/budgets.md).

    Raises SpecError where the point lies on a kink or outside the domain.

    >>> from hessrank.specs.spec import read_spec
    >>> found = record(read_spec("X13"))
    >>> found["rank_jacobian"]["lower"], found["rank_hessian"]["lower"], found["rank_equality"]
    (1, 2, False)
    """
    with spec.located():
        here = here or spec.landscape()
        exact = verdict(here, seconds)
        numeric = measure(here)
        known = exact.facts["critical point"].truth & exact.facts["perfect fit"].truth
        steep = Slope(0.0, 0.0) if known is Truth.TRUE else slope(here)
    problem = spec.problem
    checks = {name: crosscheck(exact.ranks[name], numeric[name]) for name in MATRICES}
    return {
        "id": spec.id,
        "title": spec.title,
        "shows": spec.shows,
        "size": {
            "parameters": problem.N,
            "examples": len(problem.data),
            "outputs": problem.model.output_count,
        },
        **{f"rank_{name}": exact.ranks[name].to_json() for name in MATRICES},
        "numeric": {
            name: {**numeric[name].to_json(), "crosscheck": checks[name].to_json()}
            for name in MATRICES
        },
        **_nearness(exact, steep, numeric["hessian"]),
        "agreement": agreement(list(checks.values())),
        "rank_equality": exact.rank_equality.truth.to_json(),
        "verdict": exact.explanation,
        "point": exact.point,
        "loss_hessian": exact.loss_hessian_sign.value,
        "facts": {name: fact.to_json() for name, fact in exact.facts.items()},
    }


def _nearness(exact: Verdict, steep: Slope, hessian: Measured) -> dict[str, Any]:
    """‖∇L‖ and ‖r‖, 0 where exact algebra says so, and whether a critical point is near."""
    critical = exact.facts["critical point"].truth is Truth.TRUE
    fit = exact.facts["perfect fit"].truth is Truth.TRUE
    sigma = hessian.singular_values if isinstance(hessian, NumericRank) else None
    near = steep.near(max(sigma, default=0.0)) if sigma is not None else None
    return {
        "gradient_norm": 0.0 if critical else steep.gradient,
        "residual_norm": 0.0 if fit else steep.residual,
        "near_critical": False if critical else near,
    }


def measure(here: Landscape) -> dict[str, Measured]:
    """The numeric ranks of the four matrices."""
    return measured_ranks(here, MATRICES)


def agreement(checks: list[CrossCheck]) -> bool | None:
    """False where the engines contradict each other, True where they say the same of every matrix,
    None where one of them leaves more than one value."""
    if any(check.flag for check in checks):
        return False
    return True if all(check.verdict == "agree" for check in checks) else None
