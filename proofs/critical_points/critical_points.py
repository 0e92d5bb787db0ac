"""All critical points of a polynomial landscape, with their ranks and kinds.

In: a `Problem` polynomial in a few parameters, with rational data. Out: `CriticalPoints`: the
strata of the critical set, each with its dimension over C, rank J, rank H, real points, critical
values and kinds. The way: `ideals` (covers), `strata` (constant ranks), `real_points`, `kinds`.
"""

from __future__ import annotations

import random
import time

from hessrank.proofs.critical_points.findings import Component, CriticalPoints
from hessrank.proofs.critical_points.kinds import Judge, OutOfTime, clock_of
from hessrank.proofs.critical_points.polynomials import polynomial_landscape
from hessrank.proofs.critical_points.strata import Stratum, strata
from hessrank.symbolic.problems.landscape import Problem


def critical_points(problem: Problem, seconds: float = 30, seed: int = 0) -> CriticalPoints:
    """All critical points of a landscape that is polynomial in a few parameters.

    Raises InputError where it is not, or has too many parameters. After `seconds` what is known
    is returned, with complete = None. Method: docs/critical.md.

    >>> import hessrank as hr
    >>> net = hr.mlp([1, 1, 1], "identity", bias=False)
    >>> found = critical_points(hr.Problem(net, hr.Data([[1]], [[1]])))
    >>> [(c.dimension, c.rank_jacobian, c.rank_hessian, c.kinds) for c in found.components]
    [(1, 1, 1, ('global minimum',)), (0, 0, 2, ('saddle',))]
    >>> found.complete, found.claim_26[0]
    (True, True)
    """
    landscape = polynomial_landscape(problem)
    end = time.monotonic() + seconds
    found: list[Stratum] = []
    complete: bool | None = True
    try:
        strata(landscape, clock_of(seconds * 0.7), found)
    except OutOfTime:
        complete = None
    judge = Judge(landscape, clock_of(seconds), random.Random(seed))
    components: list[Component] = []
    for done, stratum in enumerate(found):
        share = (end - time.monotonic()) / (len(found) - done)
        components.append(judge.component(stratum, clock_of(share)))
    for i, stratum in enumerate(found):
        components[i] = judge.settled(stratum, components[i], clock_of(end - time.monotonic()))
    kinds = complete and all(c.kinds_complete for c in components)
    why = (
        "every critical point lies in a component listed"
        if complete
        else f"the {seconds:g} seconds ran out while the critical set was decomposed"
    )
    return CriticalPoints(tuple(components), complete, True if kinds else None, why)
