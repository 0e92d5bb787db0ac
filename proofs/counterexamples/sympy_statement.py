"""Statements written with SymPy: `(sympy.Symbol("N") > sympy.Symbol("M")) & …`.

In: relations between linear combinations of symbols, and symbols, joined by & | ~. Out: the same
statement in the words of `language`. Symbols bear the names of predicates and quantities there.
"""

from __future__ import annotations

from typing import Any

from hessrank.symbolic.errors import InputError


def statement_text(node: Any) -> str:
    """The text of a statement of SymPy. Raises InputError for what is none.

    >>> import sympy
    >>> N, M, fit = sympy.symbols("N, M, perfect-fit")
    >>> statement_text((N > 2 * M) & ~fit)
    '(N > 2*M) & (~(perfect-fit))'
    """
    name = type(node).__name__
    if name == "Symbol":
        return str(node.name)
    if name in ("And", "Or"):
        parts = sorted((statement_text(a) for a in node.args), key=lambda part: (len(part), part))
        return (" & " if name == "And" else " | ").join(f"({part})" for part in parts)
    if name == "Implies":
        hypothesis, conclusion = map(statement_text, node.args)
        return f"~({hypothesis}) | ({conclusion})"
    if name == "Not":
        return f"~({statement_text(node.args[0])})"
    if getattr(node, "is_Relational", False):
        return f"{_linear(node.lhs)} {node.rel_op} {_linear(node.rhs)}"
    raise InputError(f"expected a relation or predicates joined by & | ~, found {node}")


def _linear(node: Any) -> str:
    """A linear combination of symbols, with rational coefficients."""
    words = ""
    for part, c in sorted(node.expand().as_coefficients_dict().items(), key=lambda p: str(p[0])):
        if not c.is_Rational or not (part.is_Symbol or part == 1):
            raise InputError(f"{node} is no linear combination of quantities")
        sign = "-" if c < 0 else "+" if words else ""
        size = "" if abs(c) == 1 and part != 1 else str(abs(c))
        words += (
            sign + size + ("*" if size and part != 1 else "") + ("" if part == 1 else part.name)
        )
    return words or "0"
