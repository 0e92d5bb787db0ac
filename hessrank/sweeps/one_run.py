"""One run of a sweep: trained, certified, ranked.

In: a run as `grid` describes it. Out: a plain dict of numbers and text, so that both travel between
processes and machines.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np

from hessrank.proofs.existence.boxes import Boxes, middle
from hessrank.proofs.existence.nearby import Nearby
from hessrank.proofs.existence.training import fit
from hessrank.symbolic.budget import SECONDS
from hessrank.symbolic.errors import HessrankError
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.models.models import mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem
from hessrank.symbolic.problems.regularisers import l2


def problem_of(run: dict[str, Any]) -> Problem:
    """The problem of a run."""
    model = mlp(run["widths"], run["activation"], run["bias"])
    data = Data(run["data"]["x"], run["data"]["y"])
    decay = constant(run["decay"])
    penalty = None if decay.value == 0 else l2(model.parameters, decay)
    return Problem(model, data, run["loss"], penalty)


def outcome(run: dict[str, Any], seconds: float = SECONDS) -> dict[str, Any]:
    """What one run reached within so many seconds of processor time. A run that cannot be made says
    why."""
    start = perf_counter()
    try:
        problem = problem_of(run)
        found = fit(problem, run["seed"], digits=25, seconds=seconds)
    except HessrankError as error:
        return {"why": str(error), "seconds": perf_counter() - start}
    near = found.nearby
    J, H = near.rank_jacobian, near.rank_hessian
    known = found.to_json()
    return {
        "parameters": problem.N,
        "outputs": problem.M,
        "final_loss": known["loss"],
        "gradient_norm": known["gradient_norm"],
        "certified": int(near.exists is True),
        "kind": near.kind,
        "distance": near.distance,
        "rank_jacobian_lower": None if J is None else J.lower,
        "rank_jacobian_upper": None if J is None else J.upper,
        "rank_hessian_lower": None if H is None else H.lower,
        "rank_hessian_upper": None if H is None else H.upper,
        "rank_equality": known["rank_equality"],
        "point": near.point,
        "why": near.why,
        "spectrum": spectrum(near, problem),
        "seconds": perf_counter() - start,
    }


def spectrum(near: Nearby, problem: Problem) -> list[float]:
    """The singular values of J at the centre of the box, in floats: measured, not proved."""
    if not near.centre or len(near.centre) != problem.N:
        return []
    from flint import arb

    try:
        boxes = near.found.boxes if near.found else Boxes(problem, 1)
        J = middle(boxes.at([arb(float(v)) for _, v in near.centre]).J)
    except HessrankError:
        return []
    return [float(v) for v in np.linalg.svd(J, compute_uv=False)]
