"""Truncated power series over the field of a point: closed forms expanded exactly around it.

In: a `Field`, a number of variables t_1, …, t_n and an order. Out: `PowerSeries`, a ring in which
any `Expr` without kinks can be evaluated: its value is the Taylor polynomial of the given order.

Sums and products are those of polynomials cut off at the order. For an elementary function f and
u = u_0 + v with v(0) = 0,

    f(u) = Σ_k f⁽ᵏ⁾(u_0)/k! · vᵏ,

and the Taylor coefficients of f at u_0 come from f′ alone, which stands in the table of functions:
with c_k those of f and d_k those of f′, c_0 = f(u_0) and k·c_k = d_{k−1}, where d up to the order
k − 1 needs f only up to the order k − 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flint import fmpq

from hessrank.symbolic.budget import spend
from hessrank.symbolic.errors import KinkError, UndecidedError
from hessrank.symbolic.expressions.expression import evaluate, symbol
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.fields.polynomials import TooLarge

Monomial = tuple[int, ...]

#: A series of more terms than this is not carried.
MAX_SERIES = 5_000


class Series:
    """Σ c_m tᵐ over monomials m of degree at most ring.order; terms without zeros."""

    __slots__ = ("ring", "terms")

    def __init__(self, ring: PowerSeries, terms: Mapping[Monomial, Exact]) -> None:
        self.ring, self.terms = ring, terms

    def __add__(self, other: Series) -> Series:
        total = dict(self.terms)
        for m, c in other.terms.items():
            value = total[m] + c if m in total else c
            if value == 0:
                del total[m]
            else:
                total[m] = value
        return Series(self.ring, total)

    def __mul__(self, other: Series) -> Series:
        spend()
        order = self.ring.order
        total: dict[Monomial, Exact] = {}
        by_degree = sorted((sum(m), m, c) for m, c in other.terms.items())
        for m, c in self.terms.items():
            room = order - sum(m)
            for degree, n, d in by_degree:
                if degree > room:
                    break
                key = tuple(a + b for a, b in zip(m, n, strict=True))
                value = c * d
                total[key] = total[key] + value if key in total else value
        if len(total) > MAX_SERIES:
            raise TooLarge(f"a power series of {len(total)} terms")
        return Series(self.ring, {m: c for m, c in total.items() if c != 0})

    @property
    def constant(self) -> Exact:
        return self.terms.get(self.ring.one, fmpq(0))

    def part(self, degree: int) -> dict[Monomial, Exact]:
        """The homogeneous part of that degree."""
        return {m: c for m, c in self.terms.items() if sum(m) == degree}


class PowerSeries:
    """The ring of power series in n variables over `field`, cut off beyond `order`.

    >>> from hessrank.symbolic.expressions.parsing import parse
    >>> ring = PowerSeries(Field(), 1, 5)
    >>> (tanh,) = evaluate([parse("tanh(t)", {"t"})], ring, {"t": ring.variable(0)})
    >>> {m: str(tanh.terms[m]) for m in sorted(tanh.terms)}
    {(1,): '1', (3,): '-1/3', (5,): '2/15'}
    """

    def __init__(
        self, field: Field, n: int, order: int, known: dict[Any, list[Exact]] | None = None
    ) -> None:
        self.field, self.n, self.order = field, n, order
        self._known = {} if known is None else known
        self.one: Monomial = (0,) * n

    def series(self, terms: Mapping[Monomial, Exact]) -> Series:
        """The series with these coefficients; zeros and terms beyond the order are left out."""
        return Series(self, {m: c for m, c in terms.items() if c != 0 and sum(m) <= self.order})

    def scalar(self, value: Exact) -> Series:
        """A number of the field as a series."""
        return self.series({self.one: value})

    def variable(self, i: int) -> Series:
        """t_i."""
        return self.series({tuple(int(j == i) for j in range(self.n)): fmpq(1)})

    # --- the ring interface ---------------------------------------------------------------------

    def number(self, q: Fraction) -> Series:
        return self.scalar(self.field.number(q))

    def power(self, value: Series, exponent: Fraction) -> Series:
        """value ** exponent. UndecidedError for a root, or an inverse, of what is 0 at the
        point: it has no power series there."""
        if exponent.denominator == 1 and exponent >= 0:
            result, base, n = self.scalar(fmpq(1)), value, int(exponent)
            while n:
                if n & 1:
                    result = result * base
                n >>= 1
                if n:
                    base = base * base
            return result
        c = value.constant
        if c == 0:
            raise UndecidedError("a root or inverse of what vanishes at the point: no power series")
        # (c + v)^e = Σ_k binom(e, k) c^{e−k} v^k
        coefficients, binomial = [], Fraction(1)
        for k in range(self.order + 1):
            term = self.field.power(c, exponent - k)
            coefficients.append(term * self.field.number(binomial))
            binomial = binomial * (exponent - k) / (k + 1)
        return self._composed(coefficients, value)

    def function(self, name: str, *args: Series) -> Series:
        """f(value). KinkError for a piecewise function of what is 0 at the point."""
        if not args:
            return self.scalar(self.field.function(name))
        (value,) = args
        if FUNCTIONS[name].kink:
            return self._piece(name, value)
        return self._composed(self._coefficients(name, value.constant), value)

    def _piece(self, name: str, value: Series) -> Series:
        sign = self.field.sign(value.constant)
        if sign == 0:
            raise KinkError(f"a kink of {name} lies exactly at the point")
        if name in ("step", "sign"):
            return self.scalar(self.field.function(name, value.constant))
        if sign > 0:
            return value
        return self.scalar(fmpq(0)) if name == "relu" else value * self.scalar(fmpq(-1))

    def _coefficients(self, name: str, at: Exact) -> list[Exact]:
        """f⁽ᵏ⁾(u_0)/k! for k = 0, …, order, or further. A list that is being made is already known
        up to where it is, which is as far as f′ needs it."""
        if (name, at) not in self._known:
            self._known[name, at] = [self.field.function(name, at)]
        found = self._known[name, at]
        slope = FUNCTIONS[name].derivative(symbol("z"))
        while len(found) <= self.order:
            k = len(found)
            ring = PowerSeries(self.field, 1, k - 1, self._known)
            (series,) = evaluate([slope], ring, {"z": ring.series({(0,): at, (1,): fmpq(1)})})
            found.append(series.terms.get((k - 1,), fmpq(0)) / k)
        return found

    def _composed(self, coefficients: list[Exact], value: Series) -> Series:
        """Σ_k c_k (value − value(0))^k, by Horner's rule."""
        v = self.series({m: c for m, c in value.terms.items() if m != self.one})
        least = min((sum(m) for m in v.terms), default=self.order + 1)
        total = self.scalar(fmpq(0))
        for c in reversed(coefficients[: self.order // least + 1]):
            total = total * v + self.scalar(c)
        return total
