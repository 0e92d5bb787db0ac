"""Homomorphisms from the ring of the atoms of a field to prime fields.

In: a field, atoms of it, a source of random numbers. Out: a prime p and a residue for each atom
that keeps the relations of the algebraic ones: roots go to roots that are not 0, 2cos(2π/m) to
ζ + 1/ζ for a ζ of order m, where p ≡ 1 mod m; transcendental atoms to random residues. As p divides
neither m nor the degree of a root, and no root goes to 0, the ring is étale over a polynomial ring
over Z_(p) there, hence normal: what is integral over it has a residue, too.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from math import gcd, lcm
from typing import Any

from flint import fmpz, nmod, nmod_poly

from hessrank.symbolic.fields.atoms import CYCLOTOMIC
from hessrank.symbolic.fields.elements import Atoms, Element, Exact

#: So many primes are tried until one has all the roots.
MAX_PRIMES = 1_000

Images = dict[int, nmod]


def homomorphism(
    field: Atoms, used: Sequence[int], rng: random.Random, bits: int, multiple: int = 1
) -> tuple[int, Images] | None:
    """(p, the residue of each atom in `used`) with p ≡ 1 modulo `multiple`; None where no prime was
    found modulo which all roots exist. used: closed under `field.closure`."""
    orders = [int(field.atoms[i].argument.p) for i in used if field.atoms[i].kind == CYCLOTOMIC]
    step = lcm(multiple, *orders)
    for _ in range(MAX_PRIMES):
        p = prime_in_progression(step, rng, bits)
        try:
            return p, images(field, used, p, rng)
        except ZeroDivisionError:
            continue
    return None


def prime_in_progression(step: int, rng: random.Random, bits: int) -> int:
    """A random prime p ≡ 1 modulo `step`, of `bits` binary digits.

    >>> p = prime_in_progression(20, random.Random(0), 31)
    >>> p % 20, p.bit_length()
    (1, 31)
    """
    low = (1 << (bits - 1)) // step + 1
    while True:
        p = rng.randrange(low, 2 * low - 2) * step + 1
        if fmpz(p).is_prime() and p.bit_length() == bits:
            return p


def images(field: Atoms, used: Sequence[int], p: int, rng: random.Random) -> Images:
    """A residue modulo p for each atom of `used`. ZeroDivisionError where there is none."""
    found: Images = {}
    for i in used:
        atom = field.atoms[i]
        if not atom.algebraic:
            found[i] = nmod(rng.randrange(1, p), p)
            continue
        choices = conjugates(field, i, found, p)
        if not choices:
            raise ZeroDivisionError
        found[i] = rng.choice(choices)
    return found


def conjugates(field: Atoms, i: int, before: Mapping[int, nmod], p: int) -> list[nmod]:
    """All residues that an algebraic atom can have, given those before it, if none of them is 0 or
    double."""
    atom = field.atoms[i]
    if atom.kind == CYCLOTOMIC:
        m = int(atom.argument.p)
        zeta = _of_order(m, p)
        return [zeta**k + zeta ** (m - k) for k in range(1, m // 2) if gcd(k, m) == 1]
    c = residue(atom.argument, before, p)
    k = atom.degree
    if not c or c ** ((p - 1) // gcd(k, p - 1)) != 1:
        return []
    return [root for root, _ in nmod_poly([-c] + [0] * (k - 1) + [1], p).roots()]


def embeddings(field: Atoms, used: Sequence[int], p: int) -> list[Images]:
    """All homomorphisms modulo p, for algebraic atoms closed under `field.closure`.
    ZeroDivisionError where there are fewer than the degree of their field."""
    found: list[Images] = [{}]
    for i in used:
        longer = []
        for before in found:
            choices = conjugates(field, i, before, p)
            if len(choices) != field.atoms[i].degree:
                raise ZeroDivisionError
            longer += [{**before, i: c} for c in choices]
        found = longer
    return found


def _of_order(m: int, p: int) -> nmod:
    """A residue of order m modulo a prime p ≡ 1 mod m. ZeroDivisionError for another p."""
    if (p - 1) % m:
        raise ZeroDivisionError
    primes = [int(q) for q, _ in fmpz(m).factor()]
    x = 2
    while True:
        zeta = nmod(x, p) ** ((p - 1) // m)
        if all(zeta ** (m // q) != 1 for q in primes):
            return zeta
        x += 1


def residue(value: Exact, found: Mapping[int, nmod], p: int) -> nmod:
    """The residue of an exact number. ZeroDivisionError where p divides a denominator."""
    if not isinstance(value, Element):
        return nmod(int(value.p), p) / nmod(int(value.q), p)
    return poly_residue(value.num, found, p) / poly_residue(value.den, found, p)


def poly_residue(poly: Any, found: Mapping[int, nmod], p: int) -> nmod:
    """The residue of a polynomial in the atoms."""
    total = nmod(0, p)
    for monomial, c in poly.to_dict().items():
        term = nmod(int(c.p), p) / nmod(int(c.q), p)
        for i, e in enumerate(monomial):
            if e:
                term = term * found[i] ** int(e)
        total = total + term
    return total
