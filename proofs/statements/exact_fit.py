"""A certificate that an exact fit lies beside a point, from what `nearby` found.

In: a `Nearby` that holds a fit. Out: a certificate about the problem at the centre of its box. The
checker repeats Krawczyk's test with its own intervals; here are only the centre, a radius and an
approximate inverse.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from hessrank.proofs.certificates import Certificate
from hessrank.proofs.existence.nearby import Nearby
from hessrank.proofs.statements.enclosed import dyadic
from hessrank.proofs.statements.problem import problem_json
from hessrank.proofs.statements.statement import proved
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.expression import Expr, number
from hessrank.symbolic.problems.landscape import Landscape

#: The centre is rounded to multiples of 2^-BITS; radii 2^-k are tried in this order.
BITS, RADII = 100, (80, 60, 40, 24)


def fit_certificate(problem: Landscape, found: Nearby) -> Certificate:
    """The certificate of "F = y has exactly one solution within ρ of the centre".

    problem: the landscape that `nearby` was asked about. Raises InputError where no fit was found,
    or where as many parameters as outputs are not free, or the checker does not carry it.
    """
    if found.kind == "fit" and found.found is None:
        raise InputError(
            "the exact fit is θ itself: `hessrank verify SPEC --certificate FILE` certifies it"
        )
    if found.kind != "fit" or found.found is None:
        raise InputError("a certificate needs an exact fit nearby, and none was certified")
    at = found.found
    if len(at.free) != problem.problem.M:
        raise InputError("a certificate needs as many free parameters as outputs")
    names = problem.problem.model.parameters
    values: list[Expr] = [v if isinstance(v, Expr) else number(Fraction(v)) for v in at.forms]
    for j, ball in zip(at.free, at.enclosure.centre, strict=True):
        values[j] = number(_dyadic(ball))
    centre = problem.problem.at(dict(zip(names, values, strict=True)))
    inverse = np.linalg.inv(centre.jacobian.to_numpy()[:, list(at.free)])
    free = [names[j] for j in at.free]

    def claims() -> Iterator[dict[str, Any]]:
        for k in RADII:
            yield {
                "kind": "exact-fit",
                "free": free,
                "bits": k,
                "inverse": dyadic(inverse),
            }

    return proved(problem_json(centre), [claims()])


def _dyadic(ball: Any) -> Fraction:
    """The midpoint of a ball, rounded."""
    mantissa, exponent = ball.mid().man_exp()
    exact = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    return Fraction(round(exact * 2**BITS), 2**BITS)
