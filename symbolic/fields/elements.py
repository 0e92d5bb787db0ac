"""Arithmetic in Q(atoms): rational functions of named numbers, in canonical form.

An *atom* is a number that is carried as an indeterminate: √2, e^{1/2}, log 3. In: fractions and
atoms with, for the algebraic ones, the relation aᵏ = c. Out: `Element`s num/den with + − · / and
equality. The denominator is free of algebraic atoms and monic, the numerator is reduced by the
relations, so that equal elements are equal objects: where the atoms generate a field without
further relations (see `field.Field.proven`), an element is zero exactly when it is written 0.
Rational results are returned as `flint.fmpq`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import flint
from flint import fmpq

from hessrank.symbolic.errors import DomainError, HessrankError, UndecidedError

if TYPE_CHECKING:
    from hessrank.symbolic.fields.field import Field

#: Polynomials of more terms than this are not carried: the caller falls back to balls.
MAX_TERMS = 3_000
#: A product of polynomials of a and b terms is not started where a·b exceeds this.
MAX_PRODUCT = 200_000


class TooLarge(HessrankError):
    """A closed form grew beyond MAX_TERMS terms."""


Exact = Any  # fmpq or Element


class Element:
    """num/den, polynomials over Q in the atoms of `field`; never a rational constant."""

    __slots__ = ("den", "field", "num")

    def __init__(self, field: Field, num: Any, den: Any) -> None:
        self.field, self.num, self.den = field, num, den

    def _same(self, other: Element) -> Field:
        if self.field is not other.field:
            raise ValueError("these numbers come from different evaluations of a point")
        return self.field

    def __add__(self, other: Exact) -> Exact:
        if isinstance(other, Element):
            f = self._same(other)
            a, b, c, d = f.lift(self.num), f.lift(self.den), f.lift(other.num), f.lift(other.den)
            if b == d:
                return fraction(f, a + c, b)
            return fraction(f, times(a, d) + times(c, b), times(b, d))
        if (q := _rational(other)) is None:
            return NotImplemented
        return fraction(self.field, self.num + self.den * q, self.den) if q else self

    __radd__ = __add__

    def __neg__(self) -> Element:
        return Element(self.field, -self.num, self.den)

    def __sub__(self, other: Exact) -> Exact:
        return self + (-other)

    def __rsub__(self, other: Exact) -> Exact:
        return (-self) + other

    def __mul__(self, other: Exact) -> Exact:
        if isinstance(other, Element):
            f = self._same(other)
            num = f.reduce(times(f.lift(self.num), f.lift(other.num)))
            return fraction(f, num, times(f.lift(self.den), f.lift(other.den)))
        if (q := _rational(other)) is None:
            return NotImplemented
        return Element(self.field, self.num * q, self.den) if q else fmpq(0)

    __rmul__ = __mul__

    def __truediv__(self, other: Exact) -> Exact:
        if isinstance(other, Element):
            return self * inverse(other)
        if (q := _rational(other)) is None:
            return NotImplemented
        if not q:
            raise DomainError("division by zero")
        return self * (1 / q)

    def __rtruediv__(self, other: Exact) -> Exact:
        return inverse(self) * other

    def __pow__(self, n: int) -> Exact:
        base: Exact = self if n >= 0 else inverse(self)
        result: Exact = fmpq(1)
        for bit in bin(abs(n))[2:]:
            result = result * result
            if bit == "1":
                result = result * base
        return result

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Element):
            return False if _rational(other) is not None else NotImplemented
        f = self._same(other)
        return bool(f.lift(self.num) == f.lift(other.num) and f.lift(self.den) == f.lift(other.den))

    def __bool__(self) -> bool:
        return True

    def __hash__(self) -> int:
        return hash((str(self.num), str(self.den)))

    def __str__(self) -> str:
        return str(self.field.expr(self))

    def __repr__(self) -> str:
        return f"Element({self})"


def _rational(value: object) -> fmpq | None:
    if isinstance(value, fmpq):
        return value
    if isinstance(value, (int, flint.fmpz)):
        return fmpq(value)
    if isinstance(value, Fraction):
        return fmpq(value.numerator, value.denominator)
    return None


def times(a: Any, b: Any) -> Any:
    """The product of two polynomials, refused before it is started where it may be too large."""
    if len(a) * len(b) > MAX_PRODUCT:
        raise TooLarge(f"a product of polynomials of {len(a)} and {len(b)} terms")
    return a * b


def fraction(field: Field, num: Any, den: Any) -> Exact:
    """num/den in canonical form; `den` is free of algebraic atoms and not zero."""
    if num.is_zero():
        return fmpq(0)
    if not den.is_constant():
        common = num.gcd(den)
        if not common.is_constant():
            num, den = num / common, den / common
    lead = den.leading_coefficient()
    if lead != 1:
        num, den = num / lead, den / lead
    if len(num) + len(den) > MAX_TERMS:
        raise TooLarge(f"a closed form has more than {MAX_TERMS} terms")
    if num.is_constant() and den.is_constant():
        return fmpq(num.leading_coefficient())
    return Element(field, num, den)


def cleared(row: Sequence[Exact], field: Field) -> list[Any]:
    """The row times a common denominator: polynomials in the atoms. The denominator is that of
    values that exist, hence not zero: the rank is the same."""
    one = field.ctx.constant(1)
    pairs = [
        (field.lift(v.num), field.lift(v.den))
        if isinstance(v, Element)
        else (field.ctx.constant(v), one)
        for v in row
    ]
    common = one
    for _, den in pairs:
        common = times(common, den / common.gcd(den))
    return [field.reduce(times(num, common / den)) for num, den in pairs]


def inverse(x: Exact) -> Exact:
    """1/x. Raises DomainError for 0."""
    if not isinstance(x, Element):
        if not x:
            raise DomainError("division by zero")
        return 1 / x
    f = x.field
    f.require_nonzero(x)
    num, den = f.lift(x.num), f.lift(x.den)
    i = f.last_algebraic(num)
    if i is None:
        return fraction(f, den, num)
    # 1/num = Σ y_j aʲ with (Σ y_j aʲ)·num = 1: a linear system over the field without a.
    k = f.atoms[i].degree
    a = f.ctx.gens()[i]
    columns = [f.coefficients(f.reduce(num * a**j), i, k) for j in range(k)]
    rows = [[columns[j][e] for j in range(k)] + [fmpq(int(e == 0))] for e in range(k)]
    y = _solve(rows)
    total: Exact = fmpq(0)
    for j, value in enumerate(y):
        total = total + value * f.atom_power(i, j)
    return total * fraction(f, den, f.ctx.constant(1))


def _solve(rows: list[list[Exact]]) -> list[Exact]:
    """The solution of a square system given as augmented rows, by Gauss–Jordan."""
    n = len(rows)
    for c in range(n):
        pivot = next((r for r in range(c, n) if rows[r][c] != 0), None)
        if pivot is None:
            raise UndecidedError("a relation between algebraic numbers of the point is not known")
        rows[c], rows[pivot] = rows[pivot], rows[c]
        scale = inverse(rows[c][c])
        rows[c] = [scale * v for v in rows[c]]
        for r in range(n):
            if r != c and rows[r][c] != 0:
                factor = rows[r][c]
                rows[r] = [v - factor * w for v, w in zip(rows[r], rows[c], strict=True)]
    return [row[n] for row in rows]
