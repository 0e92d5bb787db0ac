"""How small an algebraic number can be without being zero.

In: polynomials in `Atoms`, all of them algebraic numbers. Out: a number of bits B
such that the value of the polynomial is 0 or at least 2^−B in modulus. With a ball narrower than
that, equality of algebraic numbers is decided whatever the nesting of their radicals.

α ≠ 0 of degree at most n, d·α an algebraic integer, all conjugates of α at most H in modulus
(and dH ≥ 1): the norm of d·α is a nonzero integer, hence 1 ≤ |dα|·(dH)^(n−1) and

    |α| ≥ d^−n · H^−(n−1).

Of the atoms: a root aᵏ = c has conjugates at most H(c)^(1/k), and d(c)·a is an integer since its
k-th power is; 2cos(2π/m) is an integer, with conjugates at most 2; t = tan(kπ/n) lies in the real
subfield of Q(i, e^(2πi/n)) and is a zero of Im (1 + it)ⁿ, whose leading coefficient is ±1 or ±n,
and its conjugates ±tan(jπ/n) are at most
cot(π/2n) < n. (Such bounds: Mignotte, Mathematics for Computer Algebra, 1992; Burnikel and others,
Algorithmica 55, 2009.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm
from typing import Any

from flint import fmpq, fmpz

from hessrank.symbolic.fields.atoms import CYCLOTOMIC
from hessrank.symbolic.fields.elements import Atoms, Element

#: Bounds of more bits than this are not used.
MAX_BITS = 120_000


@dataclass(frozen=True)
class Size:
    """Of an algebraic number α: 2^denominator ≥ d and 2^house ≥ the modulus of all conjugates."""

    denominator: int
    house: int


def atom_size(field: Atoms, i: int) -> tuple[int, Size] | None:
    """(degree over the earlier atoms, size) of atom i, or None where it is not algebraic."""
    atom = field.atoms[i]
    if atom.kind == CYCLOTOMIC:
        return atom.degree, Size(0, 1)
    if atom.kind == "root":
        c = atom.argument
        inner = poly_size(field, c.num) if isinstance(c, Element) else Size(0, _bits(c))
        if inner is None:
            return None
        return atom.degree, Size(inner.denominator, -(-inner.house // atom.degree))
    if atom.kind == "half-tangent":
        q = field.multiple_of_pi(atom.argument)
        if q is not None:
            n = 2 * int((q / atom.divisor).q)
            degree = int(fmpz(lcm(4, n)).euler_phi()) // 2
            return degree, Size(n.bit_length(), n.bit_length())
    return None


def poly_size(field: Atoms, poly: Any) -> Size | None:
    """The size of the value of a polynomial in the atoms, or None where it is not algebraic."""
    return row_size(field, [poly])


def row_size(field: Atoms, polys: Sequence[Any]) -> Size | None:
    """A common denominator of the values of `polys`, and a bound on the sum of their houses."""
    lifted = [field.lift(p) for p in polys if not p.is_zero()]
    degrees = [max(map(int, column)) for column in zip(*(p.degrees() for p in lifted), strict=True)]
    sizes: dict[int, Size] = {}
    for i, e in enumerate(degrees):
        if e:
            known = atom_size(field, i)
            if known is None:
                return None
            sizes[i] = known[1]
    denominator, house, terms = 1, 0, 0
    for poly in lifted:
        for monomial, c in poly.to_dict().items():
            denominator = lcm(denominator, int(fmpq(c).q))
            powers = sum(int(e) * sizes[i].house for i, e in enumerate(monomial) if e)
            house = max(house, _bits(fmpq(c)) + powers)
            terms += 1
    scale = sum(degrees[i] * s.denominator for i, s in sizes.items())
    return Size(denominator.bit_length() + scale, house + terms.bit_length())


def total_degree(field: Atoms, polys: Sequence[Any]) -> int | None:
    """A bound on the degree over Q of the field that the values of `polys` generate."""
    degree = 1
    for i in field.closure(polys):
        known = atom_size(field, i)
        if known is None:
            if field.atoms[i].kind == "pi":  # only inside of half-tangents, which count themselves
                continue
            return None
        degree *= known[0]
    return degree


def separation_bits(field: Atoms, poly: Any) -> int | None:
    """B with: the value of `poly` is 0, or at least 2^−B in modulus; None where none is known."""
    size, degree = poly_size(field, poly), total_degree(field, [poly])
    return None if size is None or degree is None else bits_for(degree, size)


def bits_for(degree: int, size: Size) -> int | None:
    """B for a number of that degree and size, or None beyond MAX_BITS."""
    bits = degree * size.denominator + (degree - 1) * size.house + 1
    return bits if bits <= MAX_BITS else None


def _bits(q: fmpq) -> int:
    """An integer b ≥ 0 with |q| ≤ 2^b."""
    return max(0, int(abs(q.p)).bit_length() - int(q.q).bit_length() + 1)
