"""The real cyclotomic fields K = Q(c), c = 2cos(2π/m), where 4 | m.

In: m, and what is asked for: an angle, a prime. Out: polynomials in c over Q, reduced modulo the
minimal polynomial Ψ_m of c, and the closed forms that they stand for. K is of degree φ(m)/2; in it
lie cos and sin of all multiples of 2π/m,

    2cos(2πk/m) = C_k(c),   C_0 = 2, C_1 = c, C_{k+1} = c·C_k − C_{k−1},   sin x = cos(π/2 − x),

and √p for the odd primes p | m, and √2 where 8 | m, by the sums of Gauss:

    Σ_k (k/p) e^{2πik/p} = √p for p ≡ 1 mod 4, i√p for p ≡ 3 mod 4.

No other square root of a squarefree integer lies in K but the products of these, for the conductor
of Q(√d) has to divide m. (Washington, Introduction to Cyclotomic Fields, chapters 2 and 6.)
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import count
from math import lcm

from flint import arb, ctx, fmpq, fmpq_poly, fmpz, fmpz_poly

from hessrank.symbolic.expressions.expression import Expr, number, power
from hessrank.symbolic.expressions.functions import PI, function

#: Fields of a larger degree φ(m)/2 are not carried.
MAX_DEGREE = 96


def order_for(q: fmpq) -> int:
    """The least m, divisible by 4, with cos(qπ) and sin(qπ) in the field of m."""
    return lcm(4, 2 * int(q.q))


def generator(m: arb) -> arb:
    """c = 2cos(2π/m) at the working precision."""
    return 2 * (2 * arb.pi() / m).cos()


def degree(m: int) -> int:
    """φ(m)/2.

    >>> degree(20), degree(44)
    (4, 10)
    """
    return int(fmpz(m).euler_phi()) // 2


@lru_cache(64)
def minimal_polynomial(m: int) -> fmpq_poly:
    """Ψ_m, monic with integer coefficients.

    >>> str(minimal_polynomial(20))
    'x^4 + (-5)*x^2 + 5'
    """
    return fmpq_poly(fmpz_poly.cos_minpoly(m))


@lru_cache(16)
def _cosines(m: int) -> tuple[fmpq_poly, ...]:
    """C_0, …, C_{m−1} modulo Ψ_m."""
    psi, c = minimal_polynomial(m), fmpq_poly([0, 1])
    table = [fmpq_poly([2]) % psi, c % psi]
    while len(table) < m:
        table.append((c * table[-1] - table[-2]) % psi)
    return tuple(table)


def cosine(m: int, k: int) -> fmpq_poly:
    """cos(2πk/m) as a polynomial in c."""
    return _cosines(m)[k % m] / 2


def sine(m: int, k: int) -> fmpq_poly:
    """sin(2πk/m) as a polynomial in c."""
    return cosine(m, m // 4 - k)


def square_root(m: int, p: int) -> fmpq_poly | None:
    """√p for a prime p as a polynomial in c, or None where it does not lie in the field.

    >>> str(square_root(20, 5)), square_root(20, 2)
    ('2*x^2 + (-5)', None)
    """
    if p == 2:
        return _cosines(m)[m // 8] if m % 8 == 0 else None
    if m % p:
        return None
    part = cosine if p % 4 == 1 else sine
    total = fmpq_poly([0])
    for k in range(1, p):
        total = total + fmpz(k).jacobi(p) * part(m, k * (m // p))
    return total


def inverse(m: int, value: fmpq_poly) -> fmpq_poly:
    """1/value for a value that is not 0 modulo Ψ_m."""
    common, s, _ = value.xgcd(minimal_polynomial(m))
    return s / common[0]


def closed_form(m: int, coefficients: Sequence[fmpq]) -> Expr:
    """Σ_e coefficients[e]·cᵉ as a square root or a cosine where it is one times a rational, else as
    a combination of cosines.

    >>> print(closed_form(20, [fmpq(-5), fmpq(0), fmpq(2)]), closed_form(20, [fmpq(0), fmpq(1, 2)]))
    5**(1/2) cos(1/10*pi)
    """
    value = fmpq_poly(list(coefficients))
    if value.degree() <= 0:
        return number(_fraction(value[0]))
    square = (value * value) % minimal_polynomial(m)
    if square.degree() <= 0:
        root = power(number(_fraction(square[0])), Fraction(1, 2))
        return root if _sign(value, m) > 0 else -root
    for k in range(1, m // 4):
        one = _cosines(m)[k]
        if one.degree() == value.degree():
            ratio = value[value.degree()] / one[one.degree()]
            if one * ratio == value:
                return number(2 * _fraction(ratio)) * _cos(m, k)
    total, rest = number(0), value
    for k in range(value.degree(), 0, -1):  # C_k is monic of degree k < φ(m)/2
        if rest[k]:
            total = total + number(2 * _fraction(rest[k])) * _cos(m, k)
            rest = rest - rest[k] * _cosines(m)[k]
    return total + number(_fraction(rest[0]))


def _cos(m: int, k: int) -> Expr:
    return function("cos", PI * Fraction(2 * k, m))


def _sign(value: fmpq_poly, m: int) -> int:
    """The sign of a number that is not 0, at the first precision that shows it."""
    for bits in count(64, 64):
        with ctx.workprec(bits):
            c, total = generator(arb(m)), arb(0)
            for e in range(value.degree(), -1, -1):
                total = total * c + arb(value[e])
            if total > 0 or total < 0:
                return 1 if total > 0 else -1
    raise AssertionError("unreachable")


def _fraction(q: fmpq) -> Fraction:
    return Fraction(int(q.p), int(q.q))
