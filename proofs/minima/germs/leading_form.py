"""The sign of a homogeneous form: positive away from 0, negative somewhere, or neither is shown.

In: a form as {exponents: coefficient} with exact coefficients, and a `sign` that decides theirs.
Out: `FormSign`. Forms of odd degree take both signs. In two variables the answer is complete, by
Sturm sequences; with more of them a negative value is looked for at small points, and positivity by
a Gram matrix.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from itertools import combinations_with_replacement, pairwise, product
from math import comb, prod

from flint import fmpq

from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.linear_algebra.inertia import inertia

Monomial = tuple[int, ...]
Form = Mapping[Monomial, Exact]
Sign = Callable[[Exact], int]

#: Gram matrices are formed over at most this many monomials.
MAX_GRAM = 60
#: Negative values are looked for at points with these coordinates, in at most this many variables.
COORDINATES, MAX_VARIABLES = (0, 1, -1, 2, -2), 4


class FormSign(Enum):
    POSITIVE = "positive away from 0"
    SEMIDEFINITE = "never negative, zero somewhere away from 0"
    NEGATIVE = "negative somewhere"
    UNDECIDED = "undecided"


def form_sign(form: Form, sign: Sign) -> FormSign:
    """What a form that is not zero, of degree at least 1, is.

    Raises UndecidedError where `sign` does.

    >>> rational = lambda v: (v > 0) - (v < 0)
    >>> form_sign({(4, 0): fmpq(1), (2, 2): fmpq(-1), (0, 4): fmpq(1)}, rational).value
    'positive away from 0'
    >>> form_sign({(4, 0): fmpq(1), (2, 2): fmpq(-3), (0, 4): fmpq(1)}, rational).value
    'negative somewhere'
    """
    n, degree = len(next(iter(form))), sum(next(iter(form)))
    if degree % 2:  # q(−v) = −q(v), and q is not zero
        return FormSign.NEGATIVE
    if n == 1:
        return FormSign.POSITIVE if sign(form[(degree,)]) > 0 else FormSign.NEGATIVE
    if n == 2:
        return _binary(form, degree, sign)
    if n <= MAX_VARIABLES:
        for point in product(COORDINATES[:3] if n > 3 else COORDINATES, repeat=n):
            if sign(value(form, point)) < 0:
                return FormSign.NEGATIVE
    return FormSign.POSITIVE if _gram_is_definite(form, n, degree, sign) else FormSign.UNDECIDED


def value(form: Form, point: Sequence[int]) -> Exact:
    """The form at an integral point."""
    terms = (c * prod(b**e for b, e in zip(point, m, strict=True)) for m, c in form.items())
    return sum(terms, fmpq(0))


def _binary(form: Form, degree: int, sign: Sign) -> FormSign:
    """q(x, y) with p(t) = q(t, 1): every line but y = 0 passes through a point (t, 1) up to scale.

    q is negative somewhere iff q(1, 0) < 0, or p is: a polynomial takes a negative value iff its
    leading coefficient is negative, or it changes sign at a root, which roots of odd multiplicity
    do (one of odd degree has such a root). q is positive away from 0 iff q(1, 0) > 0 and p > 0
    throughout. The roots of odd multiplicity are those of p_1·p_3·…, p = Π p_iⁱ the square-free
    decomposition."""
    p = [form.get((i, degree - i), fmpq(0)) for i in range(degree + 1)]
    at_infinity = sign(p[degree])
    if at_infinity < 0:
        return FormSign.NEGATIVE
    p = _trimmed(p, sign)
    if sign(p[-1]) < 0:
        return FormSign.NEGATIVE
    roots = [real_roots(factor, sign) for factor in _squarefree(p, sign)]  # of p_1, p_2, …
    if any(roots[::2]):
        return FormSign.NEGATIVE
    return FormSign.SEMIDEFINITE if any(roots) or at_infinity == 0 else FormSign.POSITIVE


# --- polynomials in one variable, coefficients from the constant term up -------------------------


def real_roots(p: Sequence[Exact], sign: Sign) -> int:
    """The number of different real roots, by Sturm's theorem: sign changes of p, p′, −rem, … at −∞
    minus those at +∞ (Basu, Pollack, Roy, Algorithms in Real Algebraic Geometry, theorem 2.50).

    >>> rational = lambda v: (v > 0) - (v < 0)
    >>> real_roots([fmpq(-2), fmpq(0), fmpq(1)], rational), real_roots([fmpq(1)] * 3, rational)
    (2, 0)
    """
    sequence = [_trimmed(p, sign), _derivative(_trimmed(p, sign))]
    while sequence[-1]:
        sequence.append([-c for c in _remainder(sequence[-2], sequence[-1], sign)])
    right = [sign(q[-1]) for q in sequence if q]
    left = [sign(q[-1]) * (-1) ** len(q) for q in sequence if q]  # all of them negated
    return _changes(left) - _changes(right)


def _changes(signs: Sequence[int]) -> int:
    return sum(a != b for a, b in pairwise(signs))


def _trimmed(p: Sequence[Exact], sign: Sign) -> list[Exact]:
    p = list(p)
    while p and sign(p[-1]) == 0:
        p.pop()
    return p


def _derivative(p: Sequence[Exact]) -> list[Exact]:
    return [c * i for i, c in enumerate(p)][1:]


def _divided(a: Sequence[Exact], b: Sequence[Exact], sign: Sign) -> tuple[list[Exact], list[Exact]]:
    """(quotient, remainder) of a by b, b with a leading coefficient that is not zero."""
    a, quotient = list(a), [fmpq(0)] * max(0, len(a) - len(b) + 1)
    for i in range(len(a) - len(b), -1, -1):
        factor = a[i + len(b) - 1] / b[-1]
        quotient[i] = factor
        for j, c in enumerate(b):
            a[i + j] = a[i + j] - factor * c
        a[i + len(b) - 1] = fmpq(0)
    return quotient, _trimmed(a, sign)


def _remainder(a: Sequence[Exact], b: Sequence[Exact], sign: Sign) -> list[Exact]:
    return _divided(a, b, sign)[1]


def _gcd(a: Sequence[Exact], b: Sequence[Exact], sign: Sign) -> list[Exact]:
    a, b = _trimmed(a, sign), _trimmed(b, sign)
    while b:
        a, b = b, _remainder(a, b, sign)
    return [c / a[-1] for c in a]


def _squarefree(p: Sequence[Exact], sign: Sign) -> list[list[Exact]]:
    """p_1, p_2, … with p = c·Π p_iⁱ, each without multiple roots and without common ones (Yun)."""
    found = []
    common = _gcd(p, _derivative(p), sign)
    rest, _ = _divided(p, common, sign)
    while len(rest) > 1:
        shared = _gcd(rest, common, sign)
        found.append(_divided(rest, shared, sign)[0])
        rest = shared
        common, _ = _divided(common, shared, sign)
    return found


# --- Gram matrices -------------------------------------------------------------------------------


def _gram_is_definite(form: Form, n: int, degree: int, sign: Sign) -> bool:
    """Whether q = mᵀGm with m all monomials of half the degree and G ≻ 0 (so that q is a sum of
    squares that vanish together only at 0), for the G of `shared_gram`."""
    half = degree // 2
    if comb(n + half - 1, half) > MAX_GRAM:
        return False
    factors = combinations_with_replacement(range(n), half)
    basis = [tuple(map(f.count, range(n))) for f in factors]
    return inertia(shared_gram(form, basis), sign=sign).positive == len(basis)


def shared_gram(form: Form, basis: Sequence[Monomial]) -> list[list[Exact]]:
    """G with mᵀGm = form for m = basis, each coefficient shared evenly among the entries that it
    fits; a term that is no product of two of the basis is left out."""
    products = [[plus(a, b) for b in basis] for a in basis]
    shares = Counter(m for row in products for m in row)
    return [[form.get(m, fmpq(0)) / shares[m] for m in row] for row in products]


def plus(a: Monomial, b: Monomial) -> Monomial:
    """The exponents of a product of monomials."""
    return tuple(x + y for x, y in zip(a, b, strict=True))
