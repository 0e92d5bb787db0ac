"""Whether a root is new: is x^k − f irreducible over the field of the atoms that are there?

In: a field and f > 0 in it. Out: a proof that f is no q-th power there, or its q-th root.

The field K is a real one. So for f > 0 the polynomial x^k − f is irreducible exactly where f is no
q-th power in K for any prime q | k (Lang, Algebra, VI 9.1; −4f is no fourth power there).

- f is no q-th power where a homomorphism to F_p, p ≡ 1 mod q, sends it to what is none (`residues`:
  a q-th root in K would have a residue, too). If f is none, such p are many (Chebotarev).
- Roots of distinct primes p, of any degrees, are independent of one another over a real
  cyclotomic field but for √p where it lies there: [K(Γ) : K] = |ΓK*/K*| for a group Γ of real
  roots (Kneser, Acta Arithmetica 26, 1975; Besicovitch 1940 for K = Q), and a real abelian field
  contains no root but square roots of rationals, having their conjugates, too.
- A root that lies in a number field is found by lattice reduction, and verified exactly.
"""

from __future__ import annotations

import itertools
import random
from math import prod

import flint
from flint import arb, fmpq, fmpz, fmpz_mat

from hessrank.symbolic.fields.elements import Atoms, Element, Exact
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.fields.residues import homomorphism, residue

#: Length of the primes of the tests; a power passes all, anything else half of them at most.
_BITS = 31
_TESTS = 24
#: Roots are looked for in number fields of at most this degree.
MAX_DEGREE = 32


def is_no_power(field: Atoms, f: Exact, q: int) -> bool:
    """Whether f is proved not to be a q-th power (q prime) in the field of all atoms.

    >>> from hessrank.symbolic.fields.field import Field
    >>> is_no_power(Field(), fmpq(8), 2), is_no_power(Field(), fmpq(8), 3)
    (True, False)
    """
    rng = random.Random(0)  # reproducible; no verdict depends on the choice
    polys = [field.ctx.gens()[i] for i in _algebraic(field)]
    polys += [field.lift(f.num), field.lift(f.den)] if isinstance(f, Element) else []
    used = field.closure(polys, inside=False)
    for _ in range(_TESTS):
        found = homomorphism(field, used, rng, _BITS, multiple=q)
        if found is None:
            return False
        p, images = found
        try:
            value = residue(f, images, p)
        except ZeroDivisionError:
            continue
        if value and value ** ((p - 1) // q) != 1:
            return True
    return False


def root_in_field(field: Atoms, f: Exact, q: int) -> Exact | None:
    """The positive q-th root of an algebraic f > 0 where it is found in the field of the algebraic
    atoms: first in that of f, then in that of all.

    >>> from hessrank.symbolic.fields.field import Field
    >>> from hessrank.symbolic.fields.atoms import Atom
    >>> field = Field(); two = field.atom_power(field.index_of(Atom("root", fmpq(2), degree=2)), 1)
    >>> print(root_in_field(field, 3 + 2 * two, 2))
    2**(1/2) + 1
    """
    polys = [field.lift(f.num), field.lift(f.den)] if isinstance(f, Element) else []
    inner = field.closure(polys)
    everything = [i for i in _algebraic(field) if _is_number(field, i)]
    if not all(field.atoms[i].algebraic for i in inner):
        return None
    for used in dict.fromkeys((tuple(inner), tuple(everything))):
        found = _by_lattice(field, f, q, used)
        if found is not None:
            return found
    return None


def _algebraic(field: Atoms) -> list[int]:
    return [i for i, a in enumerate(field.atoms) if a.algebraic]


def _is_number(field: Atoms, i: int) -> bool:
    """Whether an atom is an algebraic number, and no root of a transcendental one."""
    return all(field.atoms[j].algebraic for j in field.closure([field.ctx.gens()[i]]))


def _by_lattice(field: Atoms, f: Exact, q: int, used: tuple[int, ...]) -> Exact | None:
    degrees = [field.atoms[i].degree for i in used]
    if prod(degrees) > MAX_DEGREE:
        return None
    basis = []
    for exponents in itertools.product(*(range(k) for k in degrees)):
        monomial = [0] * len(field.atoms)
        for i, e in zip(used, exponents, strict=True):
            monomial[i] = e
        basis.append(field.polynomial(field.ctx.from_dict({tuple(monomial): fmpq(1)})))
    for bits in (32 * (len(basis) + 4), 160 * (len(basis) + 4)):
        n = relation([_root_ball(field, f, q, 2 * bits), *_balls(field, basis, 2 * bits)], bits)
        if not n[0]:
            continue
        g: Exact = fmpq(0)
        for k, b in zip(n[1:], basis, strict=True):
            g = g - fmpq(k, n[0]) * b
        try:
            if g**q == f and field.sign(g) > 0:
                return g
        except TooLarge:
            return None
    return None


def _root_ball(field: Atoms, f: Exact, q: int, bits: int) -> arb:
    with flint.ctx.workprec(bits):
        return field.ball(f, bits).root(q)


def _balls(field: Atoms, values: list[Exact], bits: int) -> list[arb]:
    return [field.ball(v, bits) for v in values]


def relation(values: list[arb], bits: int) -> list[int]:
    """Small integers n with Σ n_i·values_i near 0: a candidate, which the caller verifies."""
    size = len(values)
    rows = [[int(i == j) for j in range(size)] for i in range(size)]
    with flint.ctx.workprec(4 * bits):
        for row, x in zip(rows, values, strict=True):
            near = (x * fmpz(2) ** bits).mid().floor().unique_fmpz()
            row.append(0 if near is None else int(near))
    reduced = fmpz_mat(rows).lll()
    return [int(reduced[0, j]) for j in range(size)]
