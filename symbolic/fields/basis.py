"""One basis for the arguments of exponentials and of angles.

In: arguments as exact numbers. Out: each as a rational combination of basis arguments, so that
e^{1/2} and e^{3/2} are powers of one atom. A basis element b is carried as exp(b/D) or tan(b/2D),
D rational and as small as the multiples of b allow: e^{1.00001} and e^{2.00002} are t and t². Where
a later value needs a larger D, `Refine` is raised and the evaluation starts again with it
(`field.evaluate_in_field`).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, lcm

from flint import fmpq, fmpq_mat, fmpz

from hessrank.symbolic.errors import HessrankError
from hessrank.symbolic.fields.atoms import Atom
from hessrank.symbolic.fields.elements import Atoms, Element, Exact
from hessrank.symbolic.fields.polynomials import TooLarge, common_divisor, times

#: Linear relations among arguments are looked for in tables of at most this many coefficients.
MAX_RELATION = 20_000


class Refine(HessrankError):
    """A basis element must be divided more finely; the evaluation starts again."""


def basis_power(field: Atoms, kind: str, b: Exact, c: fmpq) -> Exact:
    """exp(c·b), or tan(c·b/2) as an atom, through the atom of b; refines its divisor."""
    key = f"{kind}:{b}"
    divisor = field.divisors.setdefault(key, 1 / abs(c))
    if (c * divisor).q != 1:
        field.divisors[key] = common_multiple(divisor, 1 / c)
        raise Refine(key)
    i = field.index_of(Atom(kind, b, divisor))
    turns = int((c * divisor).p)
    if kind == "exp":
        return field.atom_power(i, turns)
    t = field.atom_power(i, 1)
    unit = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    return power_of_turn(unit, turns)


def common_multiple(a: fmpq, b: fmpq) -> fmpq:
    """The least positive rational number that is an integral multiple of a and of b.

    >>> common_multiple(fmpq(1, 2), fmpq(2, 3))
    2
    """
    return fmpq(lcm(int(a.p), int(b.p)), gcd(int(a.q), int(b.q)))


def combination(field: Atoms, z: Exact, spanning: Sequence[Exact]) -> list[fmpq] | None:
    """Rational c with z = Σ c_j·spanning_j, or None: linear algebra on coefficients."""
    if not spanning:
        return None
    one = field.ctx.constant(1)
    pairs = [
        (field.lift(v.num), field.lift(v.den))
        if isinstance(v, Element)
        else (field.ctx.constant(v), one)
        for v in (*spanning, z)
    ]
    common = one
    for _, den in pairs:
        common = times(common, den / common_divisor(common, den))
    polys = [times(num, common / den).to_dict() for num, den in pairs]
    monomials = sorted({m for p in polys for m in p})
    if len(monomials) * len(polys) > MAX_RELATION:
        raise TooLarge("the arguments have no manageable common denominator")
    table = [[fmpq(p.get(m, 0)) for p in polys] for m in monomials]
    reduced, rank = fmpq_mat(table).rref()
    n = len(spanning)
    solution = [fmpq(0)] * n
    for r in range(rank):
        pivot = next(c for c in range(n + 1) if reduced[r, c] != 0)
        if pivot == n:
            return None
        solution[pivot] = reduced[r, n]
    return solution


def content(z: Exact) -> fmpq:
    """The rational c with z/c primitive and of positive leading coefficient."""
    if not isinstance(z, Element):
        return z
    coefficients = [fmpq(c) for c in z.num.coeffs()]
    top, bottom = fmpz(0), 1
    for c in coefficients:
        top = top.gcd(c.p)
        bottom = lcm(bottom, int(c.q))
    return fmpq(top, bottom) * (1 if z.num.leading_coefficient() > 0 else -1)


def leading_sign(z: Exact) -> int:
    lead = z.num.leading_coefficient() if isinstance(z, Element) else z
    return 1 if lead > 0 else -1


def times_complex(a: tuple[Exact, Exact], b: tuple[Exact, Exact]) -> tuple[Exact, Exact]:
    """The product of two complex numbers given as (real, imaginary)."""
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def power_of_turn(unit: tuple[Exact, Exact], n: int) -> tuple[Exact, Exact]:
    """The n-th power of a complex number of modulus 1."""
    if n < 0:
        unit, n = (unit[0], -unit[1]), -n
    result: tuple[Exact, Exact] = (fmpq(1), fmpq(0))
    for bit in bin(n)[2:]:
        result = times_complex(result, result)
        if bit == "1":
            result = times_complex(result, unit)
    return result
