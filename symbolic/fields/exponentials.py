"""exp and log of exact numbers: the exponential lattice.

In: z. Out: exp(z), with z written in the basis arguments seen so far and in logarithms, so that
exp(2 log 3) is 9 and everything else is a product of powers of the atoms of the basis.

In: z > 0. Out: log z: of a rational through its prime factors, of a polynomial in atoms through its
factors, of an exponential or a root through what it was made of. Logarithms of algebraic numbers
are reduced to those that are there: a candidate for Π z_i^(n_i) = 1 comes from lattice reduction
and is verified exactly in the field, so that log(2 + √3) is −log(2 − √3).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import flint
from flint import fmpq

from hessrank.symbolic.errors import DomainError
from hessrank.symbolic.fields.atoms import Atom
from hessrank.symbolic.fields.basis import basis_power, combination, content
from hessrank.symbolic.fields.elements import Atoms, Element, Exact
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.fields.radicals import relation
from hessrank.symbolic.fields.roots import atom_of, positive_factors, prime_factors

#: Relations are looked for among at most so many logarithms, with exponents up to this.
MAX_LOGARITHMS = 12
MAX_EXPONENT = 1_000


def exp(field: Atoms, z: Exact) -> Exact:
    """exp(z), z = Σ q·log f + Σ c·b with rational q, c and basis arguments b."""
    if z == 0:
        return fmpq(1)
    logs = [i for i, a in enumerate(field.atoms) if a.kind == "log"]
    basis = [i for i, a in enumerate(field.atoms) if a.kind == "exp"]
    spanning = [field.atom_power(i, 1) for i in logs]
    spanning += [field.atoms[i].argument for i in basis]
    found = combination(field, z, spanning)
    if found is None:
        z, shift = without_logs(field, z, logs)
        scale = content(z)
        return shift * basis_power(field, "exp", z / scale, scale)
    value: Exact = fmpq(1)
    for i, q in zip(logs, found, strict=False):
        if q:
            value = value * field.power(field.atoms[i].argument, Fraction(int(q.p), int(q.q)))
    for i, c in zip(basis, found[len(logs) :], strict=True):
        if c:
            value = value * basis_power(field, "exp", field.atoms[i].argument, c)
    return value


def without_logs(field: Atoms, z: Exact, logs: Sequence[int]) -> tuple[Exact, Exact]:
    """(z − Σ q·log f, Π f^q) for the terms of z that are rational multiples of log atoms."""
    shift: Exact = fmpq(1)
    if isinstance(z, Element) and field.lift(z.den).is_constant():
        terms = field.lift(z.num).to_dict()
        for i in logs:
            q = terms.get(tuple(int(j == i) for j in range(len(field.atoms))))
            if q:
                z = z - q * field.atom_power(i, 1)
                exponent = Fraction(int(q.p), int(q.q))
                shift = shift * field.power(field.atoms[i].argument, exponent)
    return z, shift


def log(field: Atoms, z: Exact) -> Exact:
    """log z. DomainError where z is not positive."""
    s = field.sign(z)
    if s <= 0:
        raise DomainError("log of zero" if s == 0 else "log of a negative number")
    total: Exact = fmpq(0)
    if not isinstance(z, Element):
        for p, e in prime_factors(z):
            total = total + e * _log_of_new(field, fmpq(p))
        return total
    constant, factors = positive_factors(field, z)
    for f, m in factors:
        total = total + m * log_of_factor(field, f)
    return total + log(field, constant)


def log_of_factor(field: Atoms, value: Exact) -> Exact:
    """log of a positive polynomial; that of an exp or root atom is known."""
    a = atom_of(field, value, ("exp", "root"))
    if a is None:
        return _log_of_new(field, value)
    return a.argument / a.divisor if a.kind == "exp" else log(field, a.argument) / a.degree


def _log_of_new(field: Atoms, value: Exact) -> Exact:
    """log of a prime or of a polynomial, through the logarithms that are there."""
    atom = Atom("log", value)
    if atom not in field.atoms and (known := _related(field, value)) is not None:
        return known
    return field.atom_power(field.index_of(atom), 1)


def _related(field: Atoms, value: Exact) -> Exact | None:
    """log of an algebraic number as Σ q_i·log z_i, in the logarithms of algebraic numbers that are
    there; None where no such relation is found."""
    here = [i for i, a in enumerate(field.atoms) if a.kind == "log" and _is_algebraic(field, a)]
    arguments = [field.atoms[i].argument for i in here]
    irrational = any(isinstance(v, Element) for v in (value, *arguments))
    if not here or not irrational or not _is_algebraic(field, Atom("log", value)):
        return None
    if len(here) > MAX_LOGARITHMS:
        return None
    numbers = [value, *arguments]
    bits = 24 * (len(numbers) + 4)
    with flint.ctx.workprec(4 * bits):
        balls = [field.ball(v, 4 * bits).log() for v in numbers]
    n = relation(balls, bits)
    if not n[0] or max(map(abs, n)) > MAX_EXPONENT:
        return None
    try:
        product: Exact = fmpq(1)
        for v, e in zip(numbers, n, strict=True):
            product = product * field.power(v, Fraction(e))
    except TooLarge:
        return None
    if product != 1:
        return None
    total: Exact = fmpq(0)
    for i, e in zip(here, n[1:], strict=True):
        total = total - fmpq(e, n[0]) * field.atom_power(i, 1)
    return total


def _is_algebraic(field: Atoms, a: Atom) -> bool:
    if not isinstance(a.argument, Element):
        return True
    polys = [field.lift(a.argument.num), field.lift(a.argument.den)]
    return all(field.atoms[i].algebraic for i in field.closure(polys))
