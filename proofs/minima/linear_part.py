"""The linear part of a convex loss at a point, as a landscape of its own.

In: a `Landscape` with a convex ℓ. Out: that of T = Σ r_m F_m + P at the same point, r = ∇ℓ(F(θ))
held fixed, P the regulariser; None where it is seen not to be least at θ.

As ℓ is convex, ℓ(F(θ')) ≥ ℓ(F(θ)) + r·(F(θ') − F(θ)), so that L(θ') − L(θ) ≥ T(θ') − T(θ): where θ
is a global minimum of T it is one of L. T may be a constant although L is not: tanh nets without
biases at 0 on inputs ±x with equal labels, for F is odd in x; linear nets of any depth with
Σ_d r_d x_dᵀ = 0.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress

import flint
from flint import arb, fmpq

from hessrank.proofs.facts.smooth_piece import outputs_of
from hessrank.symbolic.errors import HessrankError
from hessrank.symbolic.expressions.expression import ZERO, Expr, evaluate, postorder
from hessrank.symbolic.fields.balls import PRECISIONS, BallRing
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem

#: T is examined with at most this many parameters and nodes,
MAX_PARAMETERS, MAX_NODES = 40, 5_000
#: and compared with its value at θ at this many other points first, at these distances in turn.
POINTS, SIZES = 12, (fmpq(2), fmpq(1, 100))
#: Balls of so many bits compare.
BITS = PRECISIONS[1]


def linear_part(here: Landscape) -> Landscape | None:
    """The landscape of T, whose loss is its output. Raises UndecidedError where r is not known
    exactly.

    >>> from hessrank.symbolic.models.models import mlp
    >>> from hessrank.symbolic.problems.data import Data
    >>> net = Problem(mlp([1, 1, 1], "tanh", bias=False), Data([[1], [-1]], [[3], [3]]))
    >>> T = linear_part(net.at([0, 0]))  # −3a tanh(w) − 3a tanh(−w)
    >>> T.gradient.is_exact, T.rank("hessian").shown
    (True, '0')
    """
    problem = here.problem
    if problem.N > MAX_PARAMETERS:
        return None
    T: Expr = ZERO if problem.regulariser is None else problem.regulariser
    for (r,), form in zip(here.loss_gradient.closed_forms(), outputs_of(problem), strict=True):
        T = T + r * form
    if len(postorder([T])) > MAX_NODES or _is_lower_elsewhere(T, here):
        return None
    model = Model.from_expressions([T], problem.model.parameters)
    return Problem(model, Data(x=[[]], y=[[0]]), Loss.from_expression("o")).at(here.point)


def _is_lower_elsewhere(T: Expr, here: Landscape) -> bool:
    """Whether balls show a value below the one at θ, near θ or farther off."""
    with flint.ctx.workprec(BITS), suppress(HessrankError):
        ring = BallRing()
        theta = here.theta(ring)
        (least,) = evaluate([T], ring, theta)
        for steps in _steps(len(theta)):
            there = {n: v + arb(s) for (n, v), s in zip(theta.items(), steps, strict=True)}
            with suppress(HessrankError):
                if evaluate([T], ring, there)[0] < least:
                    return True
    return False


def _steps(n: int) -> Iterator[list[fmpq]]:
    """To the points at which T is compared: in turn far and near."""
    rng = random.Random(n)
    for k in range(POINTS):
        yield [SIZES[k % 2] * rng.randint(-9, 9) / 9 for _ in range(n)]
