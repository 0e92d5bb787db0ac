"""Closed forms put into closed forms: the ring of expressions themselves.

In: `Expr` graphs, and expressions for some of their symbols or nodes. Out: `Expr` graphs that share
what the given ones share. Any rule that runs in a ring derives symbolically in this one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hessrank.symbolic.expressions.expression import (
    ZERO,
    Expr,
    evaluate,
    free_symbols,
    guarded_zero,
    number,
    postorder,
    power,
    symbol,
)
from hessrank.symbolic.expressions.functions import function


class Expressions:
    """The scalar ring of closed forms: a rule evaluated in it is the rule's derivation."""

    number = staticmethod(number)
    power = staticmethod(power)
    function = staticmethod(function)


def substitute(roots: Sequence[Expr], values: Mapping[str, Expr]) -> list[Expr]:
    """`roots` with expressions in the place of symbols; names not in `values` stay.

    >>> a = symbol("a")
    >>> print(*substitute([a * a], {"a": symbol("b") + 1}))
    (b + 1)*(b + 1)
    """
    full = {name: values.get(name, symbol(name)) for name in free_symbols(*roots)}
    return evaluate(roots, Expressions(), full)


def product(a: Expr, b: Expr) -> Expr:
    """a·b as a user wrote it: where one factor is 0, the other must still have a value."""
    if ZERO in (a, b):
        return guarded_zero(b if a is ZERO else a)
    return a * b


def put_in(forms: Sequence[Expr], values: Mapping[str, Expr]) -> list[Expr]:
    """`forms` as a user wrote them, with expressions in the place of symbols. Unlike `substitute`,
    which is for derivatives, it keeps the domain: where a factor becomes 0, the other must still
    have a value.

    >>> y_log_o = symbol("y") * function("log", symbol("o"))
    >>> print(*put_in([y_log_o], {"y": ZERO}), *substitute([y_log_o], {"y": ZERO}))
    0*log(o) 0
    """
    of: dict[Expr, Expr] = {}
    for node in postorder(forms):
        if node.op == "symbol":
            of[node] = values.get(node.name, node)
            continue
        args = [of[a] for a in node.args]
        of[node] = product(*args) if node.op == "mul" else rebuilt(node, args)
    return [of[f] for f in forms]


def replace(forms: Sequence[Expr], named: Mapping[Expr, Expr]) -> list[Expr]:
    """`forms` with whole nodes replaced.

    >>> t = function("tanh", symbol("u"))
    >>> print(*replace([1 - t**2], {t: symbol("v")}))
    -v**2 + 1
    """
    of: dict[Expr, Expr] = {}
    for node in postorder(forms):
        if node in named:
            of[node] = named[node]
        else:
            of[node] = rebuilt(node, [of[a] for a in node.args])
    return [of[f] for f in forms]


def rebuilt(node: Expr, args: Sequence[Expr]) -> Expr:
    """The node with other arguments."""
    match node.op:
        case "add":
            return args[0] + args[1]
        case "mul":
            return guarded_zero(args[1]) if args[0] is ZERO else args[0] * args[1]
        case "pow":
            return power(args[0], node.exponent)
        case "function":
            return function(node.name, *args)
    return node
