"""Claims that a point is a strict minimum in a valley of higher order: proposals of curves.

In: a `Landscape` at a critical point with H ⪰ 0 of nullity 1. Out: claims "valley"; that they prove
something is for `proofs/checker.py` to see, whose power series are used here, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Any

from flint import fmpq, fmpq_mat

from hessrank.proofs import checker
from hessrank.proofs.statements.problem import problem_json
from hessrank.symbolic.errors import HessrankError
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.problems.landscape import Landscape

#: Curves are found for at most this many parameters, and L on them to this order.
MAX_PARAMETERS, ORDERS = 16, (4, 6, 8)


def valley(here: Landscape) -> Iterator[dict[str, Any]]:
    """The curve along which L rises least, to half of each order that is tried."""
    if here.problem.N > MAX_PARAMETERS or not here.hessian.is_rational:
        return
    with suppress(HessrankError, TooLarge, checker.Refused):
        signs = here.inertia()
        if signs.negative == 0 and signs.zero == 1:
            yield from _curves(here)


def _curves(here: Landscape) -> Iterator[dict[str, Any]]:
    names, N = here.problem.model.parameters, here.problem.N
    H = [
        [fmpq(x.numerator, x.denominator) for x in row] for row in here.hessian.exact().fractions()
    ]
    own, inverse = next(
        (i, block.inv())
        for i in range(N)
        for block in [fmpq_mat(N - 1, N - 1, [H[a][b] for a in range(N) if a != i
                                              for b in range(N) if b != i])]
        if block.det() != 0
    )  # fmt: skip
    others = [a for a in range(N) if a != own]
    problem = checker.Problem(problem_json(here))
    steps: dict[int, list[Fraction]] = {a: [Fraction(0)] for a in others}
    for order in ORDERS:
        for k in range(len(steps[others[0]]) if others else order, order // 2 + 1):
            _, slopes, _ = checker.along(problem, _texts(here, own, steps), order)
            gap = [slopes[a].c[k] for a in others]
            if not all(isinstance(x, Fraction) for x in gap):
                return
            moves = inverse * fmpq_mat(N - 1, 1, [fmpq(x.numerator, x.denominator) for x in gap])
            for i, a in enumerate(others):
                steps[a].append(-Fraction(int(moves[i, 0].p), int(moves[i, 0].q)))
        yield {
            "kind": "valley",
            "pivot": names[own],
            "order": order,
            "curve": _texts(here, own, steps),
        }


def _texts(here: Landscape, own: int, steps: dict[int, list[Fraction]]) -> dict[str, str]:
    curve = {}
    for i, (name, value) in enumerate(here.values):
        terms = [f" + ({x})*s**{k}" for k, x in enumerate(steps.get(i, [])) if x]
        curve[name] = f"{value} + s" if i == own else f"{value}{''.join(terms)}"
    return curve
