"""Rays θ + tv, t > 0, along which L falls from a kink.

In: a `Landscape` whose L has kinks at θ. Out: a `Minimum` that says it is none, or None.

On a ray the argument z(t) of a relu or abs is analytic at t = 0 if those inside of it are, and has
for small t > 0 the sign of its first coefficient that is not 0: the piece is known, and L(θ + tv)
is analytic in t ≥ 0. Where all coefficients up to the order vanish, relu(z) and |z| are of higher
order too, and 0 up to this order. If the first coefficient of L(θ + tv) − L(θ) that is not 0 is
negative, L takes lower values near θ: relu nets with weights 0 do, where slopes are 0 in all
directions.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import partial

from flint import fmpq

from hessrank.proofs.minima.germs.power_series import PowerSeries, Series
from hessrank.proofs.minima.kind import Minimum, no_minimum
from hessrank.symbolic.budget import OverBudget, spend
from hessrank.symbolic.errors import HessrankError, KinkError
from hessrank.symbolic.expressions.expression import Expr, evaluate, number, postorder
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.problems.evaluation import total_loss
from hessrank.symbolic.problems.landscape import Landscape

#: L is expanded along so many rays, up to this order,
RAYS, ORDER = 80, 6
#: with steps drawn from these in turn,
STEPS = ((-1, 0, 0, 1), (-2, -1, 1, 1))
#: where its closed form has at most this many nodes.
MAX_NODES = 5_000


class Ray(PowerSeries):
    """Power series in one variable t > 0, cut off: kinks are on the side of the first term.

    >>> from hessrank.symbolic.expressions.parsing import parse
    >>> ring = Ray(Field(), 1, 3)
    >>> (z,) = evaluate([parse("relu(t**2 - t)", {"t"})], ring, {"t": ring.variable(0)})
    >>> z.terms
    {}
    """

    def _piece(self, name: str, value: Series) -> Series:
        for _, c in sorted(value.terms.items()):
            if (sign := self.field.sign(c)) != 0:
                break
        else:
            if name in ("step", "sign"):
                raise KinkError(f"the side of a {name} is not known")
            return self.scalar(fmpq(0))
        if name in ("step", "sign"):
            return self.scalar(fmpq(int(sign > 0) if name == "step" else sign))
        if sign > 0:
            return value
        return self.scalar(fmpq(0)) if name == "relu" else value * self.scalar(fmpq(-1))


def falls_along_a_ray(here: Landscape) -> Minimum | None:
    """That L falls along some ray from θ, where one is found."""
    L = total_loss(here.problem)
    if len(postorder([L])) > MAX_NODES:
        return None
    for v in _rays(here.problem.N):
        spend()
        try:
            degree = evaluate_in_field(partial(_falls, L, here, v))
        except OverBudget:
            raise
        except HessrankError:
            continue
        if degree:
            why = f"L falls along a ray from the kink: its first term there is of order {degree}"
            return no_minimum(why, tuple(map(number, v)))
    return None


def _falls(L: Expr, here: Landscape, v: Sequence[int], field: Field) -> int:
    """The order of the first term of L(θ + tv) − L(θ) where it is negative, else 0."""
    ring = Ray(field, 1, ORDER)
    at = {
        name: ring.series({(0,): base, (1,): fmpq(step)})
        for (name, base), step in zip(here.theta(field).items(), v, strict=True)
    }
    (along,) = evaluate([L], ring, at)
    for (degree,), c in sorted(along.terms.items()):
        if degree and (sign := field.sign(c)):
            return degree if sign < 0 else 0
    return 0


def _rays(n: int) -> Iterator[tuple[int, ...]]:
    """Sparse and full integral directions."""
    draw = random.Random(n)
    for k in range(RAYS):
        v = tuple(draw.choice(STEPS[k % 2]) for _ in range(n))
        if any(v):
            yield v
