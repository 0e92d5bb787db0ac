"""SymPy expressions to closed forms.

In: a SymPy expression. Out: an `Expr` with the same meaning, built by walking the tree through a
whitelist of node types; SymPy is never asked to simplify or to evaluate. What has no real closed
form here (I, oo, nan, floats, RootOf, special functions) is an InputError that names it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.composed import OF_MANY, OF_ONE
from hessrank.symbolic.expressions.expression import Expr, number, symbol
from hessrank.symbolic.expressions.functions import FUNCTIONS, PI, exp, function, log, sqrt
from hessrank.symbolic.expressions.parsing import MAX_EXPONENT, check_names, raised
from hessrank.symbolic.expressions.substitution import product

_ONE = number(1)
_MADE = "sympy_"
#: SymPy's functions that are functions of `functions.FUNCTIONS`, and those of `to_sympy` or of a
#: user's `sympy.Function("relu")`: class name and ours.
_SAME = {f.sympy or f.name: f.name for f in FUNCTIONS.values()}
_COMPOSED: dict[str, Callable[[Expr], Expr]] = {
    "sec": lambda z: 1 / function("cos", z),
    "csc": lambda z: 1 / function("sin", z),
    "cot": lambda z: function("cos", z) / function("sin", z),
    "sech": lambda z: 1 / function("cosh", z),
    "csch": lambda z: 1 / function("sinh", z),
    "coth": lambda z: function("cosh", z) / function("sinh", z),
    **OF_ONE,
    "acosh": lambda z: log(z + sqrt(z - 1) * sqrt(z + 1)),
    "atanh": lambda z: log((1 + z) / (1 - z)) / 2,
}


def is_sympy(value: object) -> bool:
    """Whether `value` belongs to SymPy; SymPy itself is not imported for that."""
    return type(value).__module__.partition(".")[0] == "sympy"


def is_symbol(value: object) -> bool:
    """Whether `value` is a Symbol of SymPy."""
    return is_sympy(value) and bool(getattr(value, "is_Symbol", False))


def from_sympy(value: Any, key: str | None = None, any_name: bool = False) -> Expr:
    """`value` as a closed form; symbols keep their names.

    any_name: take names that are none here (`__h`, `N`) and SymPy's Dummies too, by names of ours.

    Raises InputError for a node that is not on the list, DomainError for a value that is not real.

    >>> import sympy
    >>> print(from_sympy(sympy.tanh(1) / sympy.sqrt(2)))
    1/2*2**(1/2)*tanh(1)
    """
    import sympy

    of: dict[Any, Expr] = {}
    stack: list[tuple[Any, bool]] = [(value, False)]
    while stack:
        node, ready = stack.pop()
        if node in of:
            continue
        if ready:
            of[node] = _convert(node, [of[a] for a in node.args], key, any_name)
        elif isinstance(node, sympy.Basic):
            stack.append((node, True))
            stack.extend((a, False) for a in node.args)
        else:
            raise InputError(f"expected a SymPy expression, found {node!r}", key)
    return of[value]


def _convert(node: Any, args: list[Expr], key: str | None, any_name: bool) -> Expr:
    name = type(node).__name__
    if node.is_Rational:
        return number(Fraction(int(node.p), int(node.q)))
    if node.is_Float:
        raise InputError(f"{node} is a floating-point number; use a Rational", key)
    match name, args:
        case "Pi", []:
            return PI
        case "Exp1", []:
            return exp(_ONE)
        case "GoldenRatio", []:
            return (1 + sqrt(number(5))) / 2
        case "Symbol" | "Dummy", []:
            return symbol(_name(node, key, any_name))
        case "Add", _:
            return _fold(lambda a, b: a + b, args)
        case "Mul", _:
            return _fold(product, args)
        case "Pow", [base, exponent]:
            if exponent.is_number:
                if max(abs(exponent.value.numerator), exponent.value.denominator) > MAX_EXPONENT:
                    raise InputError(f"exponents are at most {MAX_EXPONENT}", key)
                return raised(base, exponent.value)
            if node.base.is_Exp1:
                return exp(exponent)
            if base.is_number and base.value > 0:
                return exp(exponent * log(base))
            raise InputError(f"{node}: expected a rational exponent or a positive base", key)
        case "Max" | "Min", _:
            return _fold(OF_MANY[name.lower()], args)
        case "Heaviside", [z, _]:  # whatever it is at 0: the step has no value there
            return function("step", z)
        case _, [z] if name in _SAME:
            return function(_SAME[name], z)
        case _, [z] if name in _COMPOSED:
            return _COMPOSED[name](z)
    raise InputError(f"{node}: {name} is not a real number or function that is read here", key)


def _name(node: Any, key: str | None, any_name: bool) -> str:
    """The name of a SymPy symbol; where it is none that is read here, one made of its letters'
    code, so that different symbols stay different."""
    dummy = type(node).__name__ == "Dummy"
    if not (any_name and (dummy or node.name.startswith(_MADE))):
        try:
            return check_names([node.name], key or "matrix")[0]
        except InputError:
            if not any_name:
                raise
    index = f"_{node.dummy_index}" if dummy else ""
    return _MADE + node.name.encode().hex() + index


def _fold(join: Callable[[Expr, Expr], Expr], args: list[Expr]) -> Expr:
    total = args[0]
    for a in args[1:]:
        total = join(total, a)
    return total
