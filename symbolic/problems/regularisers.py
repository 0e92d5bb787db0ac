"""Regularisers: what is added to the loss of the outputs, a closed form in θ.

In: a name, a strength, or an expression. Out: an `Expr` in the parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.exchange.from_sympy import from_sympy, is_sympy
from hessrank.symbolic.expressions.expression import ZERO, Expr, free_symbols, symbol
from hessrank.symbolic.expressions.functions import function
from hessrank.symbolic.expressions.parsing import nearest, parse


def l2(parameters: Sequence[str], strength: object = 1) -> Expr:
    """strength·Σ θ_i²."""
    total = ZERO
    for name in parameters:
        total = total + symbol(name) ** 2
    return constant(strength, "regulariser.strength") * total


def l1(parameters: Sequence[str], strength: object = 1) -> Expr:
    """strength·Σ |θ_i|: a kink wherever a parameter is zero."""
    total = ZERO
    for name in parameters:
        total = total + function("abs", symbol(name))
    return constant(strength, "regulariser.strength") * total


def as_regulariser(given: Any, parameters: Sequence[str]) -> Expr | None:
    """A closed form in the parameters from None, "l2", "l1", an expression (SymPy's too) or its
    text."""
    if given is None:
        return None
    if is_sympy(given):
        given = from_sympy(given, "regulariser.expression")
    if isinstance(given, str):
        if given in ("l2", "l1"):
            return (l2 if given == "l2" else l1)(parameters)
        given = parse(given, set(parameters), "regulariser.expression")
    unknown = sorted(free_symbols(given) - set(parameters))
    if unknown:
        raise InputError(
            f"unknown name {unknown[0]!r}{nearest(unknown[0], parameters)}",
            "regulariser.expression",
        )
    form: Expr = given
    return form
