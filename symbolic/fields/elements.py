"""Arithmetic in Q(atoms): rational functions of named numbers, in canonical form.

An *atom* is a number that is carried as an indeterminate: √2, e^{1/2}, log 3. In: fractions and
atoms with, for the algebraic ones, the relation aᵏ = c. Out: `Atoms`, which knows them (their
polynomials, relations and balls), and `Element`s num/den with + − · / and equality. The denominator
is free of algebraic atoms and monic, the numerator is reduced by the relations, so that equal
elements are equal objects: where the atoms generate a field without
further relations (see `field.Field.proven`), an element is zero exactly when it is written 0.
Rational results are returned as `flint.fmpq`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import flint
from flint import arb, fmpq, fmpq_poly

from hessrank.symbolic.budget import spend
from hessrank.symbolic.errors import DomainError, UndecidedError
from hessrank.symbolic.expressions.expression import Expr, number
from hessrank.symbolic.fields import cyclotomic
from hessrank.symbolic.fields.atoms import CYCLOTOMIC, Atom, Exact
from hessrank.symbolic.fields.balls import integer_power
from hessrank.symbolic.fields.polynomials import TooLarge, common_divisor, refuse_large, times

#: Exponents of one atom beyond this are not carried as powers.
MAX_ATOM_EXPONENT = 20_000


class DivisionByZero(DomainError):
    """A divisor is the form 0; where it is a function, it is 0 everywhere."""

    def __init__(self, message: str = "division by zero", key: str | None = None) -> None:
        super().__init__(message, key)  # both: it is raised again with its place and key


class Atoms:
    """Numbers carried as indeterminates, with their relations: the polynomials in them, and balls.

    What a nonzero form says of the number that it stands for, and how functions are evaluated, a
    `field.Field` adds.
    """

    def __init__(self, side: int, divisors: dict[str, Exact] | None) -> None:
        self.side = side
        self.divisors = {} if divisors is None else divisors
        self.atoms: list[Atom] = []
        self.ctx = flint.fmpq_mpoly_ctx.get([], "lex")
        self._balls: dict[tuple[int, int], arb] = {}
        self.given_up = False
        self.simple: set[int] = set()  # atoms that are roots of primes
        self.tower: set[int] = set()  # algebraic ones proved irreducible over all before them
        if m := self.divisors.get(CYCLOTOMIC):
            self.index_of(Atom(CYCLOTOMIC, fmpq(m), degree=cyclotomic.degree(m)))

    # --- what a field adds --------------------------------------------------------------------

    def power(self, value: Exact, exponent: Fraction) -> Exact:
        """value ** exponent, real."""
        raise NotImplementedError

    def function(self, name: str, *args: Exact) -> Exact:
        """The value of an elementary function."""
        raise NotImplementedError

    def sign(self, value: Exact) -> int:
        """−1, 0 or 1, or an UndecidedError."""
        raise NotImplementedError

    def require_nonzero(self, value: Exact) -> None:
        """DomainError where `value` is 0, UndecidedError where it is not known to differ from 0."""
        raise NotImplementedError

    def joined(self, values: Sequence[Exact]) -> list[Exact]:
        """The same numbers as elements of one field."""
        raise NotImplementedError

    # --- polynomials in the atoms -------------------------------------------------------------

    def lift(self, poly: Any) -> Any:
        """`poly` in the ring of all atoms known now."""
        return poly if poly.context() is self.ctx else poly.project_to_context(self.ctx)

    def reduce(self, poly: Any) -> Any:
        """`poly` with every power of an algebraic atom below the degree of its relation."""
        for i in reversed([i for i, a in enumerate(self.atoms) if a.algebraic]):
            atom = self.atoms[i]
            if poly.is_zero() or poly.degrees()[i] < atom.degree:
                continue
            if atom.kind == CYCLOTOMIC:
                psi = cyclotomic.minimal_polynomial(int(atom.argument.p))
                terms = {}
                for rest, value in self.powers(poly, i).items():
                    for e, q in enumerate((value % psi).coeffs()):
                        terms[(*rest[:i], e, *rest[i + 1 :])] = q
                poly = self.ctx.from_dict(terms)
                continue
            c = atom.argument
            relation = self.lift(c.num) if isinstance(c, Element) else self.ctx.constant(c)
            parts: dict[int, dict[tuple[int, ...], fmpq]] = {}
            for monomial, coefficient in poly.to_dict().items():
                turns, left = divmod(monomial[i], atom.degree)
                key = (*monomial[:i], left, *monomial[i + 1 :])
                parts.setdefault(turns, {})[key] = coefficient
            poly = self.ctx.constant(0)
            for turns, terms in parts.items():
                poly = poly + self.ctx.from_dict(terms) * relation**turns
        return poly

    def powers(self, poly: Any, i: int) -> dict[tuple[int, ...], fmpq_poly]:
        """`poly` as Σ (monomial in the other atoms)·(polynomial in atom i)."""
        parts: dict[tuple[int, ...], dict[int, fmpq]] = {}
        for monomial, coefficient in poly.to_dict().items():
            rest = (*monomial[:i], 0, *monomial[i + 1 :])
            parts.setdefault(rest, {})[int(monomial[i])] = coefficient
        return {
            rest: fmpq_poly([found.get(e, 0) for e in range(max(found) + 1)])
            for rest, found in parts.items()
        }

    @property
    def cyclotomic(self) -> int | None:
        """The index of the cyclotomic atom."""
        return next((i for i, a in enumerate(self.atoms) if a.kind == CYCLOTOMIC), None)

    def cyclotomic_number(self, value: fmpq_poly) -> Exact:
        """The value of a reduced polynomial at the cyclotomic atom."""
        i, n = self.cyclotomic, len(self.atoms)
        terms = {tuple(e * (j == i) for j in range(n)): q for e, q in enumerate(value.coeffs())}
        return self.polynomial(self.ctx.from_dict(terms))

    def last_algebraic(self, poly: Any) -> int | None:
        """The index of the last algebraic atom that occurs in `poly`."""
        degrees = poly.degrees()
        found = [i for i, a in enumerate(self.atoms) if a.algebraic and degrees[i]]
        return found[-1] if found else None

    def coefficients(self, poly: Any, i: int, k: int) -> list[Exact]:
        """`poly` as Σ_e c_e aᵉ in atom i: [c_0, …, c_{k−1}]."""
        parts: list[dict[tuple[int, ...], fmpq]] = [{} for _ in range(k)]
        for monomial, coefficient in poly.to_dict().items():
            parts[monomial[i]][(*monomial[:i], 0, *monomial[i + 1 :])] = coefficient
        return [self.polynomial(self.ctx.from_dict(p)) for p in parts]

    def polynomial(self, poly: Any) -> Exact:
        return fraction(self, poly, self.ctx.constant(1))

    def atom_power(self, i: int, n: int) -> Exact:
        """The n-th power of atom i, n of either sign."""
        if abs(n) > MAX_ATOM_EXPONENT:
            raise TooLarge(f"an exponent beyond {MAX_ATOM_EXPONENT}")
        if n >= 0:
            return self.polynomial(self.reduce(self.ctx.gens()[i] ** n))
        return inverse(self.atom_power(i, -n))

    def index_of(self, atom: Atom) -> int:
        """The index of `atom`, added where it is new."""
        for i, known in enumerate(self.atoms):
            if known == atom:
                return i
        self.atoms.append(atom)
        if atom.kind == CYCLOTOMIC:
            self.simple.add(len(self.atoms) - 1)
            self.tower.add(len(self.atoms) - 1)
        names = [f"t{i}" for i in range(len(self.atoms))]
        self.ctx = flint.fmpq_mpoly_ctx.get(names, "lex")
        return len(self.atoms) - 1

    def multiple_of_pi(self, value: Exact) -> fmpq | None:
        """The rational q with value = q·π as forms, or None."""
        pis = [i for i, a in enumerate(self.atoms) if a.kind == "pi"]
        if not pis or not isinstance(value, Element):
            return None
        q: Exact = value / self.atom_power(pis[0], 1)
        return None if isinstance(q, Element) else q

    def used(self, values: Sequence[Exact], inside: bool = False) -> list[Atom]:
        """The atoms of `values`, with those in the relations of their roots; with `inside` also
        those in the arguments of all others."""
        polys = [p for v in values if isinstance(v, Element) for p in (v.num, v.den)]
        return [self.atoms[i] for i in self.closure(polys, inside)]

    def closure(self, polys: Sequence[Any], inside: bool = True) -> list[int]:
        """The indices of the atoms that occur in `polys`, in the relations of their roots, and
        with `inside` in the arguments of all of them."""
        found: set[int] = set()
        todo = list(polys)
        while todo:
            new = {i for i, e in enumerate(todo.pop().degrees()) if e > 0} - found  # −1 for 0
            found |= new
            arguments = [
                self.atoms[i].argument for i in new if inside or self.atoms[i].kind == "root"
            ]
            todo += [p for c in arguments if isinstance(c, Element) for p in (c.num, c.den)]
        return sorted(found)

    # --- the numbers that they stand for ------------------------------------------------------

    def ball(self, value: Exact, bits: int) -> arb:
        """An interval that contains `value`, computed with `bits` bits."""
        if isinstance(value, Element) and value.field is not self:
            return value.field.ball(value, bits)
        with flint.ctx.workprec(bits):
            return self._ball(value, bits)

    def _ball(self, value: Exact, bits: int) -> arb:
        if not isinstance(value, Element):
            return arb(value)
        return self.poly_ball(value.num, bits) / self.poly_ball(value.den, bits)

    def poly_ball(self, poly: Any, bits: int) -> arb:
        spend()
        total = arb(0)
        powers: dict[tuple[int, int], arb] = {}
        for monomial, coefficient in poly.to_dict().items():
            term = arb(coefficient)
            for i, e in enumerate(monomial):
                if e:
                    if (i, int(e)) not in powers:
                        powers[i, int(e)] = integer_power(self._atom_ball(i, bits), int(e))
                    term = term * powers[i, int(e)]
            total = total + term
        return total

    def _atom_ball(self, i: int, bits: int) -> arb:
        if (i, bits) not in self._balls:
            a = self.atoms[i]
            self._balls[i, bits] = a.ball(self._ball(a.argument, bits))
        return self._balls[i, bits]

    def expr(self, value: Exact) -> Expr:
        """`value` as a closed form in the numbers that the atoms stand for."""
        if not isinstance(value, Element):
            return number(as_fraction(value))
        if value.field is not self:
            return value.field.expr(value)
        num, den = self._poly_expr(value.num), self._poly_expr(value.den)
        return num / den

    def _poly_expr(self, poly: Any) -> Expr:
        total, i = number(0), self.cyclotomic
        if i is not None and (poly := self.lift(poly)).degrees()[i]:
            m = int(self.atoms[i].argument.p)
            for rest, value in self.powers(poly, i).items():
                found = cyclotomic.closed_form(m, value.coeffs())
                total = total + found * self._monomial_expr(rest)
            return total
        for monomial, c in poly.to_dict().items():
            total = total + number(as_fraction(c)) * self._monomial_expr(monomial)
        return total

    def _monomial_expr(self, monomial: tuple[int, ...]) -> Expr:
        term = number(1)
        for i, e in enumerate(monomial):
            if e:
                term = term * self.atom_expr(i, int(e))
        return term

    def atom_expr(self, i: int, e: int = 1) -> Expr:
        """The e-th power of the number that atom i stands for."""
        a = self.atoms[i]
        return a.power_expr(self.expr(a.argument), e)


class Element:
    """num/den, polynomials over Q in the atoms of `field`; never a rational constant.

    Elements of two fields are brought into one before they meet (`field.Field.joined`).
    """

    __slots__ = ("den", "field", "num")

    def __init__(self, field: Atoms, num: Any, den: Any) -> None:
        self.field, self.num, self.den = field, num, den

    def __add__(self, other: Exact) -> Exact:
        if isinstance(other, Element):
            if other.field is not self.field:
                x, y = self.field.joined((self, other))
                return x + y
            f = self.field
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
            if other.field is not self.field:
                a, b = self.field.joined((self, other))
                return a * b
            f = self.field
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
            raise DivisionByZero
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
        f = self.field
        if other.field is not f:
            return bool((self - other) == 0)
        return bool(f.lift(self.num) == f.lift(other.num) and f.lift(self.den) == f.lift(other.den))

    def __bool__(self) -> bool:
        return True

    def __hash__(self) -> int:
        num, den = self.num, self.den
        shape = (len(num), num.total_degree(), len(den), den.total_degree())
        return hash((*shape, num.leading_coefficient()))

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


def fraction(field: Atoms, num: Any, den: Any) -> Exact:
    """num/den in canonical form; `den` is free of algebraic atoms and not zero."""
    if num.is_zero():
        return fmpq(0)
    if not den.is_constant():
        common = common_divisor(num, den)
        if not common.is_constant():
            num, den = num / common, den / common
    lead = den.leading_coefficient()
    if lead != 1:
        num, den = num / lead, den / lead
    refuse_large(num, den)
    if num.is_constant() and den.is_constant():
        return fmpq(num.leading_coefficient())
    return Element(field, num, den)


def cleared(row: Sequence[Exact], field: Atoms) -> list[Any]:
    """The row times a common denominator: polynomials in the atoms. The denominator is that of
    values that exist, hence not zero: the rank is the same."""
    return cleared_by(row, field)[0]


def cleared_by(row: Sequence[Exact], field: Atoms) -> tuple[list[Any], Any]:
    """(the row times a common denominator, that denominator), as polynomials in the atoms."""
    one = field.ctx.constant(1)
    pairs = [
        (field.lift(v.num), field.lift(v.den))
        if isinstance(v, Element)
        else (field.ctx.constant(v), one)
        for v in row
    ]
    common = one
    for _, den in pairs:
        common = times(common, den / common_divisor(common, den))
    return [field.reduce(times(num, common / den)) for num, den in pairs], common


def inverse(x: Exact) -> Exact:
    """1/x. Raises DomainError for 0."""
    if not isinstance(x, Element):
        if not x:
            raise DivisionByZero
        return 1 / x
    f = x.field
    f.require_nonzero(x)
    num, den = f.lift(x.num), f.lift(x.den)
    i = f.last_algebraic(num)
    if i is None:
        return fraction(f, den, num)
    if i == f.cyclotomic and len(parts := f.powers(num, i)) == 1 and not any(next(iter(parts))):
        (value,) = parts.values()
        known = cyclotomic.inverse(int(f.atoms[i].argument.p), value)
        return f.cyclotomic_number(known) * fraction(f, den, f.ctx.constant(1))
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


def as_fraction(q: fmpq) -> Fraction:
    return Fraction(int(q.p), int(q.q))
