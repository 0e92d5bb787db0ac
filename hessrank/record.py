"""One spec, decided and measured: the record that reports and JSON are made of.

In: a `Spec`. Out: a plain dict: the exact ranks, the numeric ranks beside them, whether the two
agree, the facts at the point, and the verdict on rank H = rank J with its explanation.
"""

from __future__ import annotations

from typing import Any

from hessrank.numeric.measure import NotMeasured, measured_ranks
from hessrank.numeric.rank import NumericRank
from hessrank.proofs.verdict import RANKS as MATRICES
from hessrank.proofs.verdict import verdict
from hessrank.spec import Spec
from hessrank.symbolic.landscape import Landscape
from hessrank.symbolic.ranks import RankResult

Measured = NumericRank | NotMeasured


def record(spec: Spec) -> dict[str, Any]:
    """The record of one spec; its keys are described in docs/report.md.

    Raises SpecError where the point lies on a kink or outside the domain.

    >>> found = record(read_spec("X13"))
    >>> found["rank_jacobian"]["lower"], found["rank_hessian"]["lower"], found["rank_equality"]
    (1, 2, False)
    """
    with spec.located():
        here = spec.landscape()
        exact = verdict(here)
        numeric = measure(here)
    problem = spec.problem
    judged = {name: agreement(exact.ranks[name], numeric[name]) for name in MATRICES}
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
            name: {**numeric[name].to_json(), "agrees": judged[name]} for name in MATRICES
        },
        "agreement": _all(list(judged.values())),
        "rank_equality": exact.rank_equality.truth.to_json(),
        "verdict": exact.explanation,
        "loss_hessian": exact.loss_hessian_sign.value,
        "facts": {name: fact.to_json() for name, fact in exact.facts.items()},
    }


def measure(here: Landscape) -> dict[str, Measured]:
    """The numeric ranks of the four matrices."""
    return measured_ranks(here, MATRICES)


def agreement(exact: RankResult, numeric: Measured) -> bool | None:
    """Whether the exact bounds and the measured ones can both hold; None where not measured."""
    if isinstance(numeric, NotMeasured):
        return None
    return exact.lower <= numeric.upper and numeric.lower <= exact.upper


def _all(judged: list[bool | None]) -> bool | None:
    """False where one is false, else None where one is not known."""
    if False in judged:
        return False
    return None if None in judged else True
