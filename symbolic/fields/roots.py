"""Roots of positive exact numbers, through their factors.

In: a positive number. Out: its power with a rational exponent: of a rational through its prime
factors, of a polynomial in atoms through its factors, of an exponential or a root through what it
was made of. Roots are looked for among the numbers that are there: an atom is made where a root is
new (`radicals`), or where neither is shown.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm

from flint import fmpq, fmpz

from hessrank.symbolic.fields import cyclotomic, radicals
from hessrank.symbolic.fields.atoms import Atom
from hessrank.symbolic.fields.basis import Refine, basis_power, content
from hessrank.symbolic.fields.elements import Atoms, Element, Exact
from hessrank.symbolic.fields.polynomials import factored

#: Integers of more bits than this are only divided by the primes below MAX_TRIAL.
MAX_FACTOR_BITS = 160
MAX_TRIAL = 3_600
#: Polynomials of more terms than this are not factored.
MAX_FACTOR_TERMS = 200
#: Square roots are looked for in the field itself to this depth.
MAX_DENESTING = 4


def positive_factors(field: Atoms, z: Element) -> tuple[fmpq, list[tuple[Exact, int]]]:
    """(c, [(f, m), …]) with z = c Π fᵐ for a z > 0: polynomials f > 0 in the atoms. Those without
    algebraic atoms are irreducible where their degree is at most MAX_FULL_DEGREE."""
    constant = fmpq(1)
    found: list[tuple[Exact, int]] = []
    for poly, direction in ((field.lift(z.num), 1), (field.lift(z.den), -1)):
        whole = len(poly) > 1 and field.last_algebraic(poly) is not None
        if whole or len(poly) > MAX_FACTOR_TERMS:
            scale = content(field.polynomial(poly))
            factors = [(poly / scale, 1)]
        else:
            scale, factors = factored(poly)
        constant = constant * fmpq(scale) ** direction
        for factor, multiplicity in factors:
            value = field.polynomial(factor)
            if field.sign(value) < 0:
                value, constant = -value, constant * (-1) ** multiplicity
            found.append((value, direction * int(multiplicity)))
    return constant, found


def atom_of(field: Atoms, value: Exact, kinds: tuple[str, ...]) -> Atom | None:
    """The atom that `value` is, if it is one of these kinds."""
    for i, a in enumerate(field.atoms):
        if a.kind in kinds and value == field.atom_power(i, 1):
            return a
    return None


def root(field: Atoms, value: Exact, n: int, k: int) -> Exact:
    """value ** (n/k) for positive value."""
    result: Exact = fmpq(1)
    if not isinstance(value, Element):
        for p, e in prime_factors(value):
            result = result * factor_power(field, fmpq(p), Fraction(n * e, k))
        return result
    if k % 2 == 0 and (simple := square_root(field, value, MAX_DENESTING)) is not None:
        return field.power(simple, Fraction(2 * n, k))
    constant, factors = positive_factors(field, value)
    for f, m in factors:
        result = result * factor_power(field, f, Fraction(n * m, k))
    return result * root(field, constant, n, k)


def factor_power(field: Atoms, f: Exact, exponent: Fraction) -> Exact:
    """f ** exponent for a prime number or a positive polynomial f."""
    a = atom_of(field, f, ("exp", "root"))
    if a is not None and a.kind == "exp":
        turns = fmpq(exponent.numerator, exponent.denominator) / a.divisor
        return basis_power(field, "exp", a.argument, turns)
    if a is not None:
        return field.power(a.argument, exponent / a.degree)
    if (half := cyclotomic_root(field, f)) is not None:
        f, exponent = half, 2 * exponent
    whole, rest = divmod(exponent, 1)
    result: Exact = field.power(f, Fraction(int(whole)))
    return result * root_atom(field, f, rest) if rest else result


def cyclotomic_root(field: Atoms, f: Exact) -> Exact | None:
    """√f for a prime number f, where it lies in the cyclotomic field."""
    i = field.cyclotomic
    if i is None or isinstance(f, Element):
        return None
    found = cyclotomic.square_root(int(field.atoms[i].argument.p), int(f.p))
    return None if found is None else field.cyclotomic_number(found)


def root_atom(field: Atoms, f: Exact, exponent: Fraction) -> Exact:
    """f ** exponent, 0 < exponent < 1, through the atom f ** (1/D), or through roots of f that are
    there."""
    key, need = f"root:{f}", exponent.denominator
    have = field.divisors.get(key, 1)
    if have % need:
        field.divisors[key] = lcm(have, need)
        if any(a.kind == "root" and a.argument == f for a in field.atoms):
            raise Refine(key)
    degree = field.divisors[key]
    atom = Atom("root", f, degree=degree)
    if atom not in field.atoms:
        before = {i for i, a in enumerate(field.atoms) if a.algebraic}
        is_new, simple = True, is_prime_root(field, atom)
        if not (simple and before <= field.simple):
            for q, _ in fmpz(degree).factor():
                if radicals.is_no_power(field, f, int(q)):
                    continue
                if (found := radicals.root_in_field(field, f, int(q))) is not None:
                    return field.power(found, int(q) * exponent)
                is_new = False
        i = field.index_of(atom)
        field.simple |= {i} if simple else set()
        field.tower |= {i} if is_new and before <= field.tower else set()
    return field.atom_power(field.index_of(atom), int(exponent * degree))


def square_root(field: Atoms, value: Exact, depth: int) -> Exact | None:
    """√value for a value > 0 that is made of roots of primes, as such a number, if it is found.

    √(a + b√c) = √((a+s)/2) ± √((a−s)/2) with s = √(a² − b²c), where a, b lie in a smaller
    field; what comes out is squared to make sure.
    """
    if not isinstance(value, Element):
        return root(field, value, 1, 2)
    if depth == 0 or any(not _is_root_of_prime(a) for a in field.used([value])):
        return None
    if len(value.num) == 1:
        constant, factors = positive_factors(field, value)
        result: Exact = root(field, constant, 1, 2)
        for f, m in factors:
            result = result * factor_power(field, f, Fraction(m, 2))
        return result
    num = field.lift(value.num)
    i = field.last_algebraic(num)
    assert i is not None  # the value is irrational, and its atoms are roots
    k = field.atoms[i].degree
    parts = field.coefficients(num, i, k)
    if k % 2 or any(p != 0 for e, p in enumerate(parts) if e not in (0, k // 2)):
        return None
    a, b, c = parts[0], parts[k // 2], field.atoms[i].argument
    norm = a * a - b * b * c
    if field.sign(norm) <= 0:
        return None
    s = square_root(field, norm, depth - 1)
    if s is None:
        return None
    halves: list[Exact] = []
    for half in ((a + s) / 2, (a - s) / 2):
        r = square_root(field, half, depth - 1) if field.sign(half) > 0 else None
        if r is None:
            return None
        halves.append(r)
    found = halves[0] + field.sign(b) * halves[1]
    return found if found * found == value and field.sign(found) > 0 else None


def is_prime_root(field: Atoms, a: Atom) -> bool:
    """Whether an atom is a root of a prime number, or of its square root in the cyclotomic field;
    and not of what was left unfactored."""
    c = a.argument
    if isinstance(c, Element):
        square = c * c
        if isinstance(square, Element) or cyclotomic_root(field, square) != c:
            return False
        c = square
    return a.kind == "root" and int(c.p).bit_length() <= MAX_FACTOR_BITS


def _is_root_of_prime(a: Atom) -> bool:
    return a.kind == "root" and not isinstance(a.argument, Element)


def prime_factors(q: fmpq) -> list[tuple[int, int]]:
    """The factors of a positive rational, exponents of either sign: primes, but for a cofactor of
    more than MAX_FACTOR_BITS bits, which stays whole."""
    return _integer_factors(fmpz(q.p)) + [(p, -e) for p, e in _integer_factors(fmpz(q.q))]


def _integer_factors(n: fmpz) -> list[tuple[int, int]]:
    if n.bit_length() <= MAX_FACTOR_BITS:
        return [(int(p), int(e)) for p, e in n.factor()]
    found = []
    for p, e in n.factor(trial_limit=MAX_TRIAL):
        if p.bit_length() <= MAX_FACTOR_BITS:
            found += [(f, m * int(e)) for f, m in _integer_factors(p)]
        else:
            found.append((int(p), int(e)))
    return found
