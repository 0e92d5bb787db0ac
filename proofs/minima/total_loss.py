"""L as one closed form of θ."""

from __future__ import annotations

from hessrank.symbolic.expressions.expression import ZERO, Expr, symbol
from hessrank.symbolic.expressions.functions import HALF
from hessrank.symbolic.expressions.substitution import Expressions, substitute
from hessrank.symbolic.models import layers
from hessrank.symbolic.problems.problem import Problem, object_array


def total_loss(problem: Problem) -> Expr:
    """L(θ) as one closed form (for weighted-squared too), regulariser included."""
    theta = {name: symbol(name) for name in problem.model.parameters}
    x = object_array(problem.data.x, (len(problem.data), len(problem.model.inputs)))
    F = problem.model.run(theta, x, layers.Objects(Expressions())).outputs
    total = problem.regulariser or ZERO
    if problem.loss.weights is not None:
        gap = [
            o - y
            for row, ys in zip(F, problem.data.y, strict=True)
            for o, y in zip(row, ys, strict=True)
        ]
        for g, row in zip(gap, problem.loss.weights, strict=True):
            for h, w in zip(gap, row, strict=True):
                total = total + HALF * (w * (g * h))
        return total
    for outputs, y in zip(F, problem.data.y, strict=True):
        value, _, _ = problem.loss.at_targets(y, problem.M)
        o = {f"o{k + 1}": v for k, v in enumerate(outputs)}
        total = total + substitute([value], o)[0]
    return total
