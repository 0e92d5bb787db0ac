"""Curvature of a closed form, by the composition rules of convex analysis, and its sign.

In: an `Expr`. Out: whether it is constant, affine, convex, concave, or not known to be any of
these, as a function of all its symbols; whether it is positive. The rules are sufficient, never
necessary: UNKNOWN says nothing (Boyd and Vandenberghe, Convex Optimization, section 3.2; log Σ exp:
section 3.1.5).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from hessrank.symbolic.expressions.expression import Expr, postorder
from hessrank.symbolic.expressions.functions import FUNCTIONS


class Curvature(Enum):
    CONSTANT = "constant"
    AFFINE = "affine"
    CONVEX = "convex"
    CONCAVE = "concave"
    UNKNOWN = "unknown"


C, A, V, W, U = Curvature.CONSTANT, Curvature.AFFINE, Curvature.CONVEX, Curvature.CONCAVE, None


def curvature(root: Expr) -> Curvature:
    """The curvature of `root` as far as the rules tell.

    >>> from hessrank.symbolic.expressions.parsing import parse
    >>> curvature(parse("o1**2 + o2**4", {"o1", "o2"})).value
    'convex'
    >>> curvature(parse("log(exp(o1) + exp(o2)) - o1/3", {"o1", "o2"})).value
    'convex'
    >>> curvature(parse("o1*o2", {"o1", "o2"})).value
    'unknown'
    """
    of: dict[Expr, Curvature] = {}
    for node in postorder([root]):
        of[node] = _rule(node, of)
    return of[root]


def is_convex(root: Expr) -> bool:
    """Whether the rules show that `root` is convex."""
    return curvature(root) in (C, A, V)


def _rule(node: Expr, of: dict[Expr, Curvature]) -> Curvature:
    inner = [of[a] for a in node.args]
    if all(c is C for c in inner) and node.op != "symbol":
        return C
    match node.op:
        case "symbol":
            return A
        case "add":
            return _sum(inner[0], inner[1])
        case "mul":
            return _product(node, inner)
        case "pow":
            return _power(node, inner[0])
        case "function":
            return _function(node, inner[0])
    return Curvature.UNKNOWN


def _product(node: Expr, inner: list[Curvature]) -> Curvature:
    """Of a constant and a form."""
    for c, form in ((0, 1), (1, 0)):
        if inner[c] is C:
            if inner[form] is A:
                return A
            if is_positive(node.args[c]):
                return inner[form]
            if is_positive(-node.args[c]):
                return _flip(inner[form])
    return Curvature.UNKNOWN


def _sum(a: Curvature, b: Curvature) -> Curvature:
    kinds = {a, b} - {C}
    if kinds <= {A}:
        return A
    for bent in (V, W):
        if kinds <= {A, bent}:
            return bent
    return Curvature.UNKNOWN


def _flip(c: Curvature) -> Curvature:
    return {V: W, W: V}.get(c, c)


def _power(node: Expr, inner: Curvature) -> Curvature:
    e = node.exponent
    even = e.denominator == 1 and e > 0 and e.numerator % 2 == 0
    if even and inner is A:
        return V
    base = node.args[0]  # an increasing power of a convex function that is never negative
    if e >= 1 and inner is V and base.op == "pow" and base.exponent.numerator % 2 == 0:
        return V
    return Curvature.UNKNOWN


def _function(node: Expr, inner: Curvature) -> Curvature:
    name, (z,) = node.name, node.args
    f = FUNCTIONS[name]
    if f.convex and (inner is A or (f.increasing and inner is V)):
        return V
    if name == "log" and (
        _is_sum_of_exponentials(z)
        or (z.op == "function" and z.name == "cosh" and curvature(z.args[0]) is A)
    ):
        return V
    if f.concave and (inner is A or (f.increasing and inner is W)):
        return W
    return Curvature.UNKNOWN


def _is_sum_of_exponentials(z: Expr) -> bool:
    """z = Σ c·exp(affine) with c ≥ 0 (a positive constant may be among the terms)."""
    if z.op == "add":
        return all(_is_sum_of_exponentials(a) for a in z.args)
    if z.op == "mul" and z.args[0].op == "number":
        return z.args[0].value > 0 and _is_sum_of_exponentials(z.args[1])
    if z.op == "number":
        return z.value > 0
    return z.op == "function" and z.name == "exp" and curvature(z.args[0]) in (C, A)


# --- signs ---------------------------------------------------------------------------------------

#: Functions that are positive, and nonnegative, wherever they are defined.
_POSITIVE = ("exp", "cosh", "sigmoid", "softplus")
_NONNEGATIVE = ("relu", "abs", "step")


def sign_of(node: Expr, of: Sequence[int]) -> int:
    """2 where a node is positive wherever it has a value, 1 where it is nonnegative, else 0."""
    match node.op:
        case "number":
            return 2 if node.value > 0 else 1 if node.value == 0 else 0
        case "add":
            return max(of) if min(of) else 0
        case "mul":
            return 1 if node.args[0] is node.args[1] and not of[0] else min(of)
        case "pow":
            even = node.exponent.numerator % 2 == 0 or node.exponent.denominator % 2 == 0
            return of[0] or int(even)
        case "function":
            known = 2 if node.name in (*_POSITIVE, "pi") else 1
            return known if node.name in (*_POSITIVE, *_NONNEGATIVE, "pi") else 0
    return 0


def is_positive(root: Expr) -> bool:
    """Whether `root` is seen to be positive wherever it has a value.

    >>> from hessrank.symbolic.expressions.parsing import parse
    >>> is_positive(parse("sqrt(2) + exp(-t)", {"t"})), is_positive(parse("sqrt(2) - 1", set()))
    (True, False)
    """
    known: dict[Expr, int] = {}
    for node in postorder([root]):
        known[node] = sign_of(node, [known[a] for a in node.args])
    return known[root] == 2
