"""What the factors of a minor say: equations in θ, as a reader would write them.

In: a polynomial in the atoms of a field of functions. Out: `Condition`s, left = right between
closed forms; the polynomial vanishes exactly where one of them holds.

What is read of a factor f (its zeros, for real θ):
  - f has no zero where it holds no variable and is a number that is known to differ from 0;
  - a root vanishes where what stands under it does: at the boundary of its domain;
  - f has no zero where it is a polynomial in positive numbers (exponentials, roots, π), all
    coefficients of f·(1 + Σ atoms)ᵏ have one sign for some k ≤ 4 (Pólya 1928), and a term holds no
    root that may vanish;
  - nor where it is a polynomial in one variable without real roots, or in squares of variables and
    positive numbers with coefficients of one sign, a term without variables, and without roots that
    may vanish, among them;
  - two monomials in exponentials give a linear equation in their arguments;
  - an equation of degree 1 in the variables is solved for the first of them;
  - anything else is printed as the equation f = 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Any

from flint import fmpq, fmpq_poly

from hessrank.symbolic.brief import Brief
from hessrank.symbolic.expressions.expression import Expr, free_symbols, number
from hessrank.symbolic.expressions.functions import log
from hessrank.symbolic.expressions.printing import latex
from hessrank.symbolic.fields.elements import Element, Exact
from hessrank.symbolic.fields.field import Field, differs
from hessrank.symbolic.fields.polynomials import factors

#: Longer products are not formed.
MAX_TERMS = 2_000
_POLYA = 4


@dataclass(frozen=True, repr=False)
class Condition(Brief):
    """The equation left = right between closed forms in θ."""

    left: Expr
    right: Expr

    @property
    def difference(self) -> Expr:
        """left − right: zero exactly where the condition holds."""
        return self.left - self.right

    @property
    def solved(self) -> bool:
        """Whether the condition gives a variable in terms of others."""
        return self.left.op == "symbol" and self.left.name not in free_symbols(self.right)

    def __str__(self) -> str:
        return f"{self.left} = {self.right}"

    @property
    def latex(self) -> str:
        """The equation without delimiters."""
        return f"{latex(self.left)} = {latex(self.right)}"


def zeros(field: Field, poly: Any) -> tuple[Condition, ...]:
    """The conditions of the factors of a polynomial in the atoms that may vanish."""
    found = (c for f, _ in factors(poly)[1] for c in _zeros_of(field, f))
    return tuple(dict.fromkeys(found))


def _zeros_of(field: Field, f: Any) -> tuple[Condition, ...]:
    """The conditions under one of which an irreducible polynomial vanishes."""
    used = [i for i, e in enumerate(f.degrees()) if e]
    if len(used) == 1 and f == field.ctx.gens()[used[0]] and field.atoms[used[0]].kind == "root":
        return _under(field, used[0])
    known = _read(field, f)
    return () if known is None else (known,)


def _under(field: Field, i: int) -> tuple[Condition, ...]:
    """Where the number under the i-th atom, a root, vanishes."""
    argument = field.atoms[i].argument
    return zeros(field, field.lift(argument.num)) if isinstance(argument, Element) else ()


def _read(field: Field, f: Any) -> Condition | None:
    """What f = 0 means, or None where f has no zero. f is no root."""
    used = [i for i, e in enumerate(f.degrees()) if e]
    kinds = {field.atoms[i].kind for i in used}
    inside = {field.atoms[i].kind for i in field.closure([f])}
    if "symbol" not in inside and differs(field, field.polynomial(f)):
        return None
    if kinds <= {"exp", "root", "pi"} and _has_no_zero(field, f, used):
        return None
    if kinds <= {"exp", "root", "pi", "symbol"} and _is_of_one_sign(field, f, used):
        return None
    if kinds == {"symbol"} and len(used) == 1 and not _real_roots(f, used[0]):
        return None
    if kinds == {"exp"} and len(f) == 2:
        return _equal_exponentials(field, f)
    if kinds == {"symbol"} and f.total_degree() == 1:
        return _solved(field, f, number(0))
    return Condition(field.expr(field.polynomial(f)), number(0))


def _has_no_zero(field: Field, f: Any, used: Sequence[int]) -> bool:
    """Whether all coefficients of f·(1 + Σ atoms)ᵏ have one sign, the atoms being positive, or
    roots that may vanish, which one term of f does not hold."""
    gens = field.ctx.gens()
    exponents = list(f.to_dict())
    vanishing = _vanishing_roots(field, used)
    if all(any(m[i] for i in vanishing) for m in exponents):
        return False
    factor = field.ctx.constant(1)
    for i in used:
        factor = factor + gens[i] ** gcd(*(int(e[i]) for e in exponents))
    for _ in range(_POLYA + 1):
        if len({c > 0 for c in f.coeffs()}) == 1:
            return True
        if len(f) * len(factor) > MAX_TERMS:
            return False
        f = f * factor
    return False


def _vanishing_roots(field: Field, used: Sequence[int]) -> list[int]:
    """The roots among the atoms `used` under which a number may vanish."""
    return [i for i in used if field.atoms[i].kind == "root" and _under(field, i)]


def _is_of_one_sign(field: Field, f: Any, used: Sequence[int]) -> bool:
    """Whether f is ±(c + Σ c_m m) with c_m > 0, monomials m that are even in the variables and
    otherwise of atoms that are not negative, and c of positive atoms alone."""
    variables = [i for i in used if field.atoms[i].kind == "symbol"]
    zero = [*variables, *_vanishing_roots(field, used)]
    terms = f.to_dict()
    even = all(m[i] % 2 == 0 for m in terms for i in variables)
    positive = any(not any(m[i] for i in zero) for m in terms)
    return even and positive and len({c > 0 for c in f.coeffs()}) == 1


def _real_roots(f: Any, i: int) -> bool:
    """Whether a polynomial in the i-th atom alone, irreducible over Q, has a real root."""
    coefficients = [fmpq(0)] * (int(f.degrees()[i]) + 1)
    for m, c in f.to_dict().items():
        coefficients[int(m[i])] = fmpq(c)
    roots: Any = fmpq_poly(coefficients).complex_roots()  # pairs (ball, multiplicity)
    return any(root.imag.contains(0) for root, _ in roots)


def _equal_exponentials(field: Field, f: Any) -> Condition | None:
    """c Π E^p + d Π E^q = 0, where E = exp(b/D) and −d/c > 0: Σ (p − q) b/D = log(−d/c). None where
    the left side is a rational number: it is not 0, and e to its power is irrational (Hermite)."""
    (left, c), (right, d) = f.to_dict().items()
    total: Exact = fmpq(0)
    for i, (p, q) in enumerate(zip(left, right, strict=True)):
        if p != q:
            atom = field.atoms[i]
            total = total + atom.argument * (int(p) - int(q)) / atom.divisor
    if not isinstance(total, Element):
        return None
    ratio = -fmpq(d) / fmpq(c)
    value = number(0) if ratio == 1 else log(field.expr(ratio))
    num = field.lift(total.num)
    linear = {field.atoms[i].kind for i, e in enumerate(num.degrees()) if e} == {"symbol"}
    if linear and num.total_degree() == 1 and field.lift(total.den).is_constant():
        return _solved(field, num, value)
    return Condition(field.expr(total), value)


def _solved(field: Field, linear: Any, value: Expr) -> Condition:
    """linear = value, of degree 1 in the variables, solved for the first of them."""
    i = next(i for i, e in enumerate(linear.degrees()) if e)
    x = field.ctx.gens()[i]
    c = next(fmpq(c) for m, c in linear.to_dict().items() if m[i])
    rest = field.expr(field.polynomial(x - linear / c))
    return Condition(field.expr(field.polynomial(x)), rest + value * Fraction(int(c.q), int(c.p)))
