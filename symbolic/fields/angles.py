"""cos and sin of an exact number.

In: z. Out: (cos z, sin z), through the tangents of half the basis angles; what z holds of π is
algebraic: multiples of π/12 are roots, all others lie in one real cyclotomic field. A later angle
that needs a larger one asks for it with `Refine`.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm

from flint import arb, ctx, fmpq, fmpz

from hessrank.symbolic.fields import cyclotomic
from hessrank.symbolic.fields.atoms import CYCLOTOMIC, Atom
from hessrank.symbolic.fields.basis import (
    Refine,
    basis_power,
    combination,
    content,
    power_of_turn,
    times_complex,
)
from hessrank.symbolic.fields.elements import Atoms, Element, Exact

#: n² + d² of more bits is not factored for atan(n/d).
MAX_NORM_BITS = 80


def arctangent(field: Atoms, z: fmpq) -> Exact:
    """atan z for a rational z > 0: the angle of d + n·i. With d + n·i = unit·(1 + i)ᵏ·Π π_pᵉ over
    Gaussian primes, atan(n/d) = Σ ±e·atan(b/a) + m·π/4, where a² + b² = p, a > b > 0, and m is the
    one integer in a ball. By unique factorisation these angles and π are independent over Q."""
    n, d = int(z.p), int(z.q)
    norm = n * n + d * d
    if norm.bit_length() > MAX_NORM_BITS:
        return _angle(field, z)
    total: Exact = fmpq(0)
    with ctx.workprec(256):
        left = _angle_ball(z)
        for prime, exponent in fmpz(norm).factor():
            if prime == 2:
                continue
            a, b = two_squares(int(prime))
            sign = 1 if (n * a - d * b) % prime == 0 else -1
            slope = fmpq(b, a)
            total = total + sign * exponent * _angle(field, slope)
            left = left - sign * exponent * _angle_ball(slope)
        m = (4 * left / arb.pi()).unique_fmpz()
    assert m is not None  # the ball is narrower than 2^−200
    return total + fmpq(m, 4) * field.function("pi") if m else total


def _angle(field: Atoms, z: fmpq) -> Exact:
    return field.atom_power(field.index_of(Atom("atan", z)), 1)


def _angle_ball(z: fmpq) -> arb:
    return arb(z).atan()


def two_squares(p: int) -> tuple[int, int]:
    """a > b > 0 with a² + b² = p, for a prime p = 1 mod 4 (Hermite and Serret).

    >>> two_squares(13), two_squares(1009)
    ((3, 2), (28, 15))
    """
    g = next(g for g in range(2, p) if pow(g, (p - 1) // 2, p) == p - 1)
    a, b = p, pow(g, (p - 1) // 4, p)
    while b * b > p:
        a, b = b, a % b
    return b, a % b


def turn(field: Atoms, z: Exact) -> tuple[Exact, Exact]:
    """(cos z, sin z)."""
    if z == 0:
        return fmpq(1), fmpq(0)
    turn: tuple[Exact, Exact] = (fmpq(1), fmpq(0))
    pis = [i for i, a in enumerate(field.atoms) if a.kind == "pi"]
    if pis and isinstance(z, Element) and field.lift(z.den).is_constant():
        i = pis[0]
        q = field.lift(z.num).to_dict().get(tuple(int(j == i) for j in range(len(field.atoms))))
        if q:
            known = q
            found_turn = turn_of_pi(field, q)
            if found_turn is None:
                known = fmpq((2 * q).floor(), 2)
                found_turn = known_turn(field, int((12 * known).p) % 24)
            turn = found_turn
            z = z - known * field.atom_power(i, 1)
            if z == 0:
                return turn
    basis = [i for i, a in enumerate(field.atoms) if a.kind == "half-tangent"]
    found = combination(field, z, [field.atoms[i].argument for i in basis])
    if found is None:
        scale = content(z)
        return times_complex(turn, basis_power(field, "half-tangent", z / scale, scale))
    for i, c in zip(basis, found, strict=True):
        if c:
            b = field.atoms[i].argument
            turn = times_complex(turn, basis_power(field, "half-tangent", b, c))
    return turn


def turn_of_pi(field: Atoms, q: fmpq) -> tuple[Exact, Exact] | None:
    """(cos qπ, sin qπ), or None where the cyclotomic field is too large to carry."""
    if (12 * q).q == 1:
        return known_turn(field, int((12 * q).p) % 24)
    have = field.divisors.get(CYCLOTOMIC, 1)
    m = lcm(have, cyclotomic.order_for(q))
    if m != have:
        if cyclotomic.degree(m) > cyclotomic.MAX_DEGREE:
            return None
        field.divisors[CYCLOTOMIC] = m
        if any(a.algebraic for a in field.atoms):
            raise Refine(CYCLOTOMIC)
    field.index_of(Atom(CYCLOTOMIC, fmpq(m), degree=cyclotomic.degree(m)))
    k = int((q * m / 2).p)
    parts = cyclotomic.cosine(m, k), cyclotomic.sine(m, k)
    return field.cyclotomic_number(parts[0]), field.cyclotomic_number(parts[1])


def known_turn(field: Atoms, n: int) -> tuple[Exact, Exact]:
    """(cos, sin) of nπ/12, where (cos, sin) of π/12 = ((√6 + √2)/4, (√6 − √2)/4)."""
    if n % 6 == 0:
        return power_of_turn((fmpq(0), fmpq(1)), n // 6)
    two = field.power(fmpq(2), Fraction(1, 2))
    six = two * field.power(fmpq(3), Fraction(1, 2))
    return power_of_turn(((six + two) / 4, (six - two) / 4), n)
