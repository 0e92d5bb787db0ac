"""The real points of a zero-dimensional system over Q, each as an exact algebraic point.

In: a Gröbner basis G of an ideal with finitely many zeros. Out: `AlgebraicPoint`s: an irreducible
f over Q, one real root t of f in an Arb ball that isolates it, and each coordinate as a polynomial
in t. Way: standard monomials, multiplication matrices, the characteristic polynomial of a
separating linear form, coordinates by linear algebra (a rational univariate representation,
Rouillier 1999). That every element of G vanishes at (x_1(t), …) modulo f is computed again at the
end, so that a point is one whatever was done before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import flint
from flint import arb, fmpq, fmpq_mat, fmpq_poly

from hessrank.proofs.critical_points.ideals import (
    Basis,
    Monomial,
    Polynomial,
    divides,
    groebner,
    is_empty,
    normal_form,
)
from hessrank.symbolic.budget import spend

#: Systems with more zeros than this, counted with multiplicity, are refused.
MAX_ZEROS = 120
#: Balls are refined to this many bits before a sign is given up; exact zeros need none.
MAX_BITS = 1 << 14


class TooManyZeros(Exception):
    """The system has more zeros than are separated here."""


@dataclass(frozen=True, eq=False)
class AlgebraicPoint:
    """θ = (x_1(t), …, x_n(t)) for the root number `index` of f among its real roots, ascending.

    f: an irreducible polynomial over Q; coordinates: polynomials over Q modulo f.
    """

    f: Any
    index: int
    coordinates: tuple[Any, ...]

    def root(self, bits: int) -> Any:
        """t as a ball, computed with `bits` bits."""
        with flint.ctx.workprec(bits):
            return real_roots(self.f)[self.index]

    def value(self, p: Polynomial) -> Any:
        """p(θ) in Q(t), as a polynomial modulo f: zero exactly if p(θ) is."""
        return evaluate(p, self.coordinates, self.f)

    def ball(self, value: Any, digits: int = 30) -> Any:
        """An element of Q(t) as a ball, refined until `digits` digits of it are known."""
        bits = 64
        while True:
            with flint.ctx.workprec(bits):
                found = _horner(value, self.root(bits))
                if value == 0:
                    return arb(0)
                if found.rel_accuracy_bits() > digits * 3.33 or bits >= MAX_BITS:
                    return found
            bits *= 2

    def sign(self, value: Any) -> int:
        """The sign of an element of Q(t): 0 exactly if it is 0 modulo f."""
        if value == 0:
            return 0
        found = self.ball(value, 1)
        if found > 0 or found < 0:
            return 1 if found > 0 else -1
        raise ArithmeticError("a nonzero number was not separated from 0")

    def decimals(self, value: Any, digits: int = 20) -> str:
        """An element of Q(t) as a decimal, every digit shown being right up to one unit."""
        return str(self.ball(value, digits + 3).str(digits, radius=False))


def real_roots(f: Any) -> list[Any]:
    """The real roots of a squarefree f over Q as balls, ascending, each isolated.

    >>> [round(float(t), 3) for t in real_roots(fmpq_poly([-2, 0, 1]))]
    [-1.414, 1.414]
    """
    found = [z.real for z, _ in f.numer().complex_roots() if z.imag == 0]
    return sorted(found, key=lambda b: float(b.mid()))


def _horner(p: Any, t: Any) -> Any:
    total = arb(0)
    for c in reversed(p.coeffs()):
        total = total * t + arb(c)
    return total


def evaluate(p: Polynomial, coordinates: Sequence[Any], f: Any) -> Any:
    """p(x_1(t), …) modulo f(t)."""
    powers: list[list[Any]] = [[fmpq_poly([1]), x % f] for x in coordinates]
    total = fmpq_poly([0])
    for exponents, c in p.to_dict().items():
        term = fmpq_poly([c])
        for known, e in zip(powers, exponents, strict=True):
            while len(known) <= e:
                known.append(known[-1] * known[1] % f)
            if e:
                term = term * known[e] % f
        total += term
    return total


@dataclass(frozen=True)
class _Quotient:
    """Q[x]/I for finitely many zeros: standard monomials and the matrices of the variables."""

    monomials: tuple[Monomial, ...]
    by_variable: tuple[Any, ...]


def _standard_monomials(basis: Basis) -> list[Monomial] | None:
    """The monomials outside the ideal of the leading ones; None where there are infinitely many.
    Raises TooManyZeros."""
    n = basis[0].context().nvars()
    leads = [g.monomial(0) for g in basis]
    if not all(any(sum(1 for e in m if e) == 1 and m[i] for m in leads) for i in range(n)):
        return None
    found, todo = [], [(0,) * n]
    seen = set(todo)
    while todo:
        m = todo.pop()
        if any(divides(lead, m) for lead in leads):
            continue
        found.append(m)
        if len(found) > MAX_ZEROS:
            raise TooManyZeros(f"more than {MAX_ZEROS} zeros")
        for i in range(n):
            up = (*m[:i], m[i] + 1, *m[i + 1 :])
            if up not in seen:
                seen.add(up)
                todo.append(up)
    return sorted(found, key=lambda m: (sum(m), m))


def _quotient(basis: Basis) -> _Quotient | None:
    monomials = _standard_monomials(basis)
    if monomials is None:
        return None
    context = basis[0].context()
    at = {m: i for i, m in enumerate(monomials)}
    size, tables = len(monomials), []
    for i in range(context.nvars()):
        rows = [[fmpq(0)] * size for _ in range(size)]
        for column, m in enumerate(monomials):
            spend()
            up = context.from_dict({(*m[:i], m[i] + 1, *m[i + 1 :]): 1})
            for k, c in normal_form(up, basis).to_dict().items():
                rows[at[tuple(map(int, k))]][column] = fmpq(c)
        tables.append(fmpq_mat(rows))
    return _Quotient(tuple(monomials), tuple(tables))


def _squarefree(f: Any) -> Any:
    return f / f.gcd(f.derivative())


def _radical(basis: Basis, quotient: _Quotient) -> Basis:
    """The basis with each variable's squarefree eliminant added (Seidenberg's lemma)."""
    context = basis[0].context()
    extra = []
    for i, table in enumerate(quotient.by_variable):
        spend()
        least = table.minpoly()
        bare = _squarefree(least)
        if bare.degree() < least.degree():
            place = [0] * context.nvars()
            terms = {}
            for e, c in enumerate(bare.coeffs()):
                place[i] = e
                terms[tuple(place)] = c
            extra.append(context.from_dict(terms))
    return groebner([*basis, *extra]) if extra else basis


def zeros(basis: Basis, draw: Callable[[int, int], int]) -> list[AlgebraicPoint]:
    """All real zeros of a Gröbner basis with finitely many zeros.

    draw(a, b) gives a random integer for the separating form. Raises ValueError where there are
    infinitely many zeros, TooManyZeros beyond `MAX_ZEROS`.

    >>> import flint
    >>> x, y = flint.fmpq_mpoly_ctx.get(["x", "y"], flint.Ordering.degrevlex).gens()
    >>> points = zeros(groebner([x**2 - 2, y - x]), lambda a, b: 1)
    >>> [[p.decimals(c, 5) for c in p.coordinates] for p in points]
    [['-1.4142', '-1.4142'], ['1.4142', '1.4142']]
    """
    if is_empty(basis):
        return []
    quotient = _quotient(basis)
    if quotient is None:
        raise ValueError("infinitely many zeros")
    radical = _radical(basis, quotient)
    if radical is not basis:
        quotient = _quotient(radical)
        assert quotient is not None
    size = len(quotient.monomials)
    one = fmpq_mat([[fmpq(int(not sum(m)))] for m in quotient.monomials])
    for attempt in range(20):
        spend()
        spread = 3 + 3 * attempt
        form = quotient.by_variable[0] * 0
        for table in quotient.by_variable:
            form = form + table * fmpq(draw(-spread, spread))
        chi = form.charpoly()
        if _squarefree(chi).degree() < size:
            continue  # the form does not separate the zeros
        columns, v = [], one
        for _ in range(size):
            columns.append(v)
            v = form * v
        krylov = fmpq_mat([[c[i, 0] for c in columns] for i in range(size)])
        coordinates = [fmpq_poly(krylov.solve(t * one).entries()) for t in quotient.by_variable]
        return _isolated(chi, coordinates, radical)
    raise TooManyZeros("no separating form was found")


def _isolated(chi: Any, coordinates: Sequence[Any], basis: Basis) -> list[AlgebraicPoint]:
    out = []
    for f, _ in chi.factor()[1]:
        reduced = tuple(x % f for x in coordinates)
        if any(evaluate(g, reduced, f) != 0 for g in basis):
            raise ArithmeticError("a computed zero does not satisfy the equations")
        out += [AlgebraicPoint(f, i, reduced) for i in range(len(real_roots(f)))]
    return out


def characteristic(matrix: Sequence[Sequence[Any]], f: Any) -> list[Any]:
    """e_0, …, e_n of a matrix over Q[t]/f (Faddeev and LeVerrier)."""
    n = len(matrix)
    zero, out = fmpq_poly([0]), [fmpq_poly([1])]
    M = [[zero] * n for _ in range(n)]
    for k in range(1, n + 1):
        c = out[-1] if k % 2 else -out[-1]
        M = [
            [
                sum((matrix[i][q] * M[q][j] for q in range(n)), zero) % f + (c if i == j else zero)
                for j in range(n)
            ]
            for i in range(n)
        ]
        trace = sum((matrix[i][q] * M[q][i] for i in range(n) for q in range(n)), zero) % f
        out.append(trace * fmpq(1 if k % 2 else -1, k))
    return out
