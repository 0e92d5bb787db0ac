"""Inverse design: choose θ first, then the labels that make it critical.

In: a model, inputs x and an exact point θ. Out: problems in which θ is a critical point with a
residual. For ½Σ(o−y)² the gradient is Jᵀr with r = F(θ) − y, so every r in the left null space of
J gives labels y = F(θ) − r for which θ is critical: minima with residual become linear algebra.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem
from hessrank.symbolic.ranks import null_space


def left_null_space(
    model: Model, x: Sequence[object], point: Mapping[str, object]
) -> list[list[Expr]]:
    """A basis of {r : rᵀJ = 0} at the point, as closed forms of length M.

    Raises UndecidedError where the numbers are only known by balls.
    """
    J = _at(model, x, point).jacobian.exact("J")
    return [
        [J.field.expr(v) for v in vector]
        for vector in null_space.left_null_space(J.rows, J.shape[1], J.field)
    ]


def with_residual(
    model: Model, x: Sequence[object], point: Mapping[str, object], r: Sequence[object]
) -> Landscape:
    """The landscape of ½Σ(o−y)² with labels y = F(θ) − r, at θ: critical where rᵀJ = 0.

    >>> square = Model.from_expressions("t**2", "t")
    >>> here = with_residual(square, [[]], {"t": 0}, [1])
    >>> print(here.problem.data.y[0][0], here.hessian[0, 0])
    -1 2
    """
    F = _at(model, x, point).outputs.exact("F")
    residual = [constant(v, "r") for v in r]
    if len(residual) != F.shape[0]:
        raise InputError(f"{len(residual)} residuals, but M = {F.shape[0]}", "r")
    y = [F[m, 0] - v for m, v in enumerate(residual)]
    K = model.output_count
    rows = [y[i : i + K] for i in range(0, len(y), K)]
    return Problem(model, Data(x, rows), "half-squared").at(point)


def _at(model: Model, x: Sequence[object], point: Mapping[str, object]) -> Landscape:
    rows = [
        list(row) if hasattr(row, "__iter__") and not isinstance(row, str) else [row] for row in x
    ]
    zeros = [[0] * model.output_count for _ in rows]
    return Problem(model, Data(rows, zeros)).at(point)
