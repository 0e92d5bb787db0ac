"""Complex SymPy expressions as pairs of real closed forms.

In: a SymPy expression with the imaginary unit. Out: (real, imaginary part), symbols being real.
Sums, products, whole powers, conjugates, exp and what is real; anything else is an InputError.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessrank.symbolic.errors import DomainError, InputError
from hessrank.symbolic.expressions.exchange.from_sympy import from_sympy, is_sympy
from hessrank.symbolic.expressions.expression import ONE, ZERO, Expr
from hessrank.symbolic.expressions.functions import exp, function
from hessrank.symbolic.expressions.parsing import MAX_EXPONENT

Pair = tuple[Expr, Expr]


def is_complex(value: object) -> bool:
    """Whether `value` is a SymPy expression in which the imaginary unit stands."""
    if not is_sympy(value):
        return False
    import sympy

    return isinstance(value, sympy.Expr) and bool(value.has(sympy.I))


def complex_parts(value: Any, key: str | None = None) -> Pair:
    """(Re value, Im value).

    Raises InputError for a function of a complex argument other than exp, DomainError for a
    division by zero.

    >>> import sympy
    >>> print(*complex_parts((1 + sympy.I) ** 2 / 2))
    0 1
    """
    if not is_complex(value):
        return from_sympy(value, key, any_name=True), ZERO
    name, args = type(value).__name__, value.args
    if name == "ImaginaryUnit":
        return ZERO, ONE
    parts = [complex_parts(a, key) for a in args]
    if name == "Add":
        return _fold(lambda a, b: (a[0] + b[0], a[1] + b[1]), parts)
    if name == "Mul":
        return _fold(_times, parts)
    if name == "conjugate":
        return parts[0][0], -parts[0][1]
    if name in ("re", "im"):
        return parts[0][name == "im"], ZERO
    if name == "exp":
        size, angle = exp(parts[0][0]), parts[0][1]
        return size * function("cos", angle), size * function("sin", angle)
    if name == "Pow" and args[1].is_Integer:
        n = int(args[1])
        if abs(n) > MAX_EXPONENT:
            raise InputError(f"exponents are at most {MAX_EXPONENT}", key)
        total: Pair = (ONE, ZERO)
        for bit in bin(abs(n))[2:]:
            total = _times(total, total)
            if bit == "1":
                total = _times(total, parts[0])
        return total if n >= 0 else _inverse(total, key)
    raise InputError(f"{value}: {name} of a complex number is not read here", key)


def _fold(join: Callable[[Pair, Pair], Pair], parts: list[Pair]) -> Pair:
    total = parts[0]
    for p in parts[1:]:
        total = join(total, p)
    return total


def _times(a: Pair, b: Pair) -> Pair:
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def _inverse(z: Pair, key: str | None) -> Pair:
    size = z[0] * z[0] + z[1] * z[1]
    if size is ZERO:
        raise DomainError("division by zero", key)
    return z[0] / size, -z[1] / size
