"""cos and sin of an exact number.

In: z. Out: (cos z, sin z), through the tangents of half the basis angles; what z holds of π is
algebraic: multiples of π/12 are roots, all others lie in one real cyclotomic field. A later angle
that needs a larger one asks for it with `Refine`.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm

from flint import fmpq

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
