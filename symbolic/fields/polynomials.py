"""Products, common divisors and factors of polynomials, refused before they take long.

In: python-flint's polynomials in the atoms of a field. Out: what is asked, or TooLarge, from which
a caller falls back to balls and bounds.
"""

from __future__ import annotations

from math import prod
from typing import Any

from flint import fmpq, fmpz_poly

from hessrank.symbolic.budget import afford, spend
from hessrank.symbolic.errors import HessrankError

#: Polynomials of more terms than this are not carried: the caller falls back to balls.
MAX_TERMS = 3_000
#: A product of polynomials of a and b terms is not started where a·b exceeds this.
MAX_PRODUCT = 200_000
#: Nor is a common divisor where the product of the two largest degrees exceeds this,
MAX_DIVISOR = 4_000_000
#: or the factors of a polynomial of a higher degree.
MAX_FACTOR_DEGREE = 2_000
#: Polynomials of a higher degree are factored as far as their powers in common and their repeated
#: factors show.
MAX_FULL_DEGREE = 200


class TooLarge(HessrankError):
    """A closed form grew beyond MAX_TERMS terms."""


def times(a: Any, b: Any) -> Any:
    """The product of two polynomials, refused before it is started where it may be too large."""
    spend()
    if len(a) * len(b) > MAX_PRODUCT:
        raise TooLarge(f"a product of polynomials of {len(a)} and {len(b)} terms")
    return a * b


def common_divisor(a: Any, b: Any) -> Any:
    """The greatest common divisor of two polynomials, refused before it is started where it may
    take long: those of large ones were seen to crash, too."""
    spend()
    refuse_large(a, b)
    if a.is_constant() or b.is_constant():
        return a.context().constant(1)
    low = sorted(min(int(d), int(e)) for d, e in zip(a.degrees(), b.degrees(), strict=True))
    if prod(low[-2:]) > MAX_DIVISOR and len(low) > 1:
        raise TooLarge(f"a common divisor of polynomials of degrees {low[-2]} and {low[-1]}")
    return a.gcd(b)


def factors(poly: Any) -> tuple[Any, list[tuple[Any, int]]]:
    """(c, [(f, m), …]) with poly = c Π fᵐ, irreducible; refused where it may take long."""
    degree = int(poly.total_degree())
    if len(poly) > MAX_TERMS or degree > MAX_FACTOR_DEGREE:
        raise TooLarge(f"the factors of a polynomial of {len(poly)} terms and degree {degree}")
    if (known := _cyclotomic_factors(poly)) is not None:
        return known
    afford((degree / 1_000) ** 2)
    scale, found = poly.factor()
    return scale, [(f, int(m)) for f, m in found]


def _cyclotomic_factors(poly: Any) -> tuple[Any, list[tuple[Any, int]]] | None:
    """The factors of c·m·(tⁿ ± 1), m a monomial: tⁿ − 1 = Π Φ_d over d | n. None for others.

    exp(z) + 1 is of this kind, and slow to factor otherwise: 3 s for t^833 + 1.
    """
    if len(poly) != 2:
        return None
    (high, a), (low, b) = poly.to_dict().items()
    changed = [i for i, (p, q) in enumerate(zip(high, low, strict=True)) if p != q]
    if len(changed) != 1 or abs(a) != abs(b):
        return None
    (i,), ctx = changed, poly.context()
    if high[i] < low[i]:
        high, a, low, b = low, b, high, a
    n = int(high[i] - low[i])
    orders = [d for d in range(1, 2 * n + 1) if (2 * n if a == b else n) % d == 0]
    found = [(g, int(e)) for g, e in zip(ctx.gens(), low, strict=True) if e]
    for d in orders if a != b else [d for d in orders if n % d]:
        coefficients = fmpz_poly.cyclotomic(d).coeffs()
        terms = {(*(0,) * i, k, *(0,) * (len(low) - i - 1)): c for k, c in enumerate(coefficients)}
        found.append((ctx.from_dict({m: fmpq(c) for m, c in terms.items() if c}), 1))
    return a, found


def refuse_large(num: Any, den: Any) -> None:
    """TooLarge where two polynomials have more than MAX_TERMS terms together."""
    if len(num) + len(den) > MAX_TERMS:
        raise TooLarge(f"a closed form has more than {MAX_TERMS} terms")


def factored(poly: Any) -> tuple[fmpq, list[tuple[Any, int]]]:
    """(c, [(f, m), …]) with poly = c Π fᵐ. What takes minutes is left out: 1 + t⁹³³ has four
    factors, of high degree; 1 + s with s = t⁹³³ has one.

    >>> from flint import Ordering, fmpq_mpoly_ctx
    >>> (t,) = fmpq_mpoly_ctx.get(("t",), Ordering.lex).gens()
    >>> factored(2 * t**933 + 2)
    (2, [(t^933 + 1, 1)])
    """
    if poly.total_degree() <= MAX_FULL_DEGREE:
        return factors(poly)
    inner, powers, monomial = poly.deflation_monom()
    low = inner.total_degree() <= MAX_FULL_DEGREE
    scale, found = factors(inner) if low else inner.factor_squarefree()
    shift = [] if monomial.is_constant() else monomial.factor()[1]
    return scale, [(f, int(m)) for f, m in shift] + [(f.inflate(powers), int(m)) for f, m in found]
