"""Derivatives of closed forms: the graph of the derivative shares what the graph shares.

In: an `Expr` and names of symbols. Out: `Expr`s. The chain rule is walked once over the
graph (forward, one tangent a symbol), so the cost is that of the graph, not of its expansion.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hessrank.symbolic.expressions.expression import ONE, ZERO, Expr, number, postorder, power
from hessrank.symbolic.expressions.functions import FUNCTIONS


def differentiate(root: Expr, name: str) -> Expr:
    """∂root/∂name.

    >>> from hessrank.symbolic.expressions.expression import symbol
    >>> from hessrank.symbolic.expressions.functions import function
    >>> w, x = symbol("w"), symbol("x")
    >>> print(differentiate(function("tanh", w * x), "w"))
    (-tanh(w*x)**2 + 1)*x
    """
    return gradient(root, [name])[0]


def gradient(root: Expr, names: Sequence[str]) -> list[Expr]:
    """[∂root/∂name for name in names], backwards: one adjoint for each node."""
    program = postorder([root])
    adjoint: dict[Expr, Expr] = {root: ONE}
    found: dict[str, Expr] = {}
    for node in reversed(program):
        bar = adjoint.get(node)
        if bar is None or bar is ZERO:
            continue
        if node.op == "symbol":
            found[node.name] = bar
        for argument, partial in _partials(node):
            adjoint[argument] = adjoint.get(argument, ZERO) + bar * partial
    return [found.get(name, ZERO) for name in names]


def hessian(root: Expr, names: Sequence[str]) -> list[list[Expr]]:
    """[[∂²root/∂a∂b]], computed on and below the diagonal and mirrored: the derivative is
    symmetric because every elementary function is smooth where it is differentiable."""
    first = gradient(root, names)
    rows = [gradient(g, names[: i + 1]) for i, g in enumerate(first)]
    n = len(names)
    return [[rows[max(i, j)][min(i, j)] for j in range(n)] for i in range(n)]


def _partials(node: Expr) -> list[tuple[Expr, Expr]]:
    """(argument, ∂node/∂argument) for each argument."""
    if node.op == "add":
        return [(a, ONE) for a in node.args]
    if node.op == "mul":
        a, b = node.args
        return [(a, b), (b, a)]
    if node.op == "pow":
        (a,), e = node.args, node.exponent
        return [(a, number(e) * power(a, e - Fraction(1)))]
    if node.op == "function" and node.args:
        (z,) = node.args
        return [(z, FUNCTIONS[node.name].derivative(z))]
    return []
