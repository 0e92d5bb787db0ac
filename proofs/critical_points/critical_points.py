"""All critical points of a polynomial landscape, with their ranks and kinds.

In: a `Problem` polynomial in a few parameters, with rational data. Out: `CriticalPoints`: the
strata of the critical set, each with its dimension over C, rank J, rank H, real points, critical
values and kinds. The way: `ideals` (covers), `strata` (constant ranks), `real_points`, `kinds`.
"""

from __future__ import annotations

import random
from dataclasses import replace

from hessrank.proofs.critical_points.external import ask
from hessrank.proofs.critical_points.findings import Component, CriticalPoints
from hessrank.proofs.critical_points.kinds import Judge
from hessrank.proofs.critical_points.polynomials import polynomial_landscape
from hessrank.proofs.critical_points.strata import Stratum, strata
from hessrank.symbolic.budget import SECONDS, OverBudget, budget, decision, left
from hessrank.symbolic.errors import require
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.problems.landscape import A_PROBLEM, Problem

#: The share of the budget in which the critical set is decomposed.
STRATA = 0.7


def critical_points(
    problem: Problem, seconds: float = SECONDS, seed: int = 0, prover: str | None = None
) -> CriticalPoints:
    """All critical points of a landscape that is polynomial in a few parameters.

    Raises InputError where it is not, or has too many parameters. After `seconds` what is known
    is returned, with complete = None. prover: "Singular", where it is installed, is asked for the
    components too, after our own list was made; where it contradicts the list, complete is None.
    Method: docs/critical.md.

    >>> import hessrank as hr
    >>> net = hr.mlp([1, 1, 1], "identity", bias=False)
    >>> found = critical_points(hr.Problem(net, hr.Data([[1]], [[1]])))
    >>> [(c.dimension, c.rank_jacobian, c.rank_hessian, c.kinds) for c in found.components]
    [(1, 1, 1, ('global minimum',)), (0, 0, 2, ('saddle',))]
    >>> found.complete, found.claim_26[0]
    (True, True)
    """
    require(problem, Problem, A_PROBLEM, "problem")
    with decision(seconds):
        found = _critical_points(problem, seed)
    if prover is None:
        return found
    said = ask(polynomial_landscape(problem), prover, seconds)
    if found.complete and said.contradicts([c.dimension for c in found.components]):
        why = f"{prover} contradicts the list: {said.why}"
        return replace(found, complete=None, kinds_complete=None, why=why, external=said)
    return replace(found, external=said)


def _critical_points(problem: Problem, seed: int) -> CriticalPoints:
    try:
        landscape = polynomial_landscape(problem)
    except OverBudget as error:
        return CriticalPoints((), None, None, str(error))
    found: list[Stratum] = []
    complete: bool | None = True
    try:
        with budget(left() * STRATA):
            strata(landscape, found)
    except (OverBudget, TooLarge):
        complete = None
    judge = Judge(landscape, random.Random(seed))
    components: list[Component] = []
    for done, stratum in enumerate(found):
        with budget(left() / (len(found) - done)):
            components.append(judge.component(stratum))
    for i, stratum in enumerate(found):
        components[i] = judge.settled(stratum, components[i])
    kinds = complete and all(c.kinds_complete for c in components)
    why = (
        "every critical point lies in a component listed"
        if complete
        else "over budget: time ran out while the critical set was decomposed"
    )
    return CriticalPoints(tuple(components), complete, True if kinds else None, why)
