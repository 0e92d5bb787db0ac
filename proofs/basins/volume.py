"""How large a basin is: its volume where L is quadratic, its exponent elsewhere, and under a prior.

In: Hessians as rational matrices, or a `Landscape` at a local minimum. Out: exact volumes, certain
bounds, and crossovers enclosed by balls.

- Quadratic: {½θᵀHθ < ε} with H ≻ 0 is the image of the unit ball under √(2ε) H^(−1/2), so its
  volume is c_N Π_i √(2ε/λ_i) with c_N = π^(N/2)/Γ(N/2 + 1); with a zero eigenvalue it is infinite.
- Exponent: vol{L − L(θ) < ε} near θ behaves like ε^λ (up to powers of log ε). T7: a definite square
  of rank H splits off (Morse's lemma), so λ ≥ rank(H)/2; and on a tube of radius √ε about a
  d-dimensional manifold of minima L − L(θ) = O(ε), so λ ≤ (N − d)/2.
- Where L − L(θ) is a polynomial whose leading form, for weights w, is positive away from 0: put
  θ = ε^w u; then λ = Σ_i w_i. For a single monomial c·Π s_i^(m_i): λ = min 1/m_i.
- Prior: for θ ~ N(0, s²I) and L = ½θᵀHθ, E exp(−βL) = det(I + bH)^(−1/2), b = βs² (a product of
  Gaussian integrals in the eigenbasis): how much of the prior a basin holds at sharpness β.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key
from math import factorial, prod

import flint
from flint import arb, fmpq, fmpq_poly

from hessrank.proofs.basins.spectrum import ascending, characteristic, real_roots, spectrum
from hessrank.proofs.minima.minimum import loss_is_constant, minimum, total_loss
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.bounds import Bounds
from hessrank.symbolic.errors import InputError, UndecidedError
from hessrank.symbolic.expressions.expression import Expr, evaluate, number, power
from hessrank.symbolic.expressions.functions import HALF, PI
from hessrank.symbolic.fields.elements import Element
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.elimination import Rows
from hessrank.symbolic.linear_algebra.inertia import factorise
from hessrank.symbolic.problems.landscape import Landscape

Monomial = tuple[int, ...]

#: Losses are expanded as polynomials for at most this many parameters.
MAX_EXPANDED = 8


# --- quadratic basins ------------------------------------------------------------------------


def ball_constant(n: int) -> Expr:
    """c_n, the volume of the unit ball in R^n: π^(n/2)/Γ(n/2 + 1).

    >>> [str(ball_constant(n)) for n in (1, 2, 3)]
    ['2', 'pi', '4/3*pi']
    """
    m, odd = divmod(n, 2)
    if odd:
        return number(Fraction(2 * factorial(m) * 4**m, factorial(n))) * power(PI, Fraction(m))
    return number(Fraction(1, factorial(m))) * power(PI, Fraction(m))


def quadratic_volume(H: Rows, epsilon: Fraction) -> Expr:
    """vol{½θᵀHθ < ε} for a rational H ≻ 0: with H = P L D Lᵀ Pᵀ and u = Lᵀ Pᵀ θ, of determinant ±1,
    it is the ellipsoid Σ d_i u_i² < 2ε.

    Raises InputError where H is not positive definite: the volume is infinite, or L unbounded.

    >>> str(quadratic_volume([[2, 0], [0, 8]], Fraction(1)))
    '1/2*pi'
    """
    n = len(H)
    found = factorise(H)
    if found.inertia.positive < n:
        raise InputError("H is not positive definite: no finite volume")
    pivots = prod((block[0][0] for block in found.blocks), start=Fraction(1))
    return ball_constant(n) * power(number((2 * epsilon) ** n / pivots), HALF)


def product_of_widths(H: Rows, epsilon: Fraction, bits: int = 128) -> arb:
    """Π_i √(2ε/λ_i) over all eigenvalues, as a ball, by way of the eigenvalues."""
    with flint.ctx.workprec(bits):
        total = arb(1)
        for e in spectrum(H):
            width = (2 * arb(fmpq(epsilon.numerator, epsilon.denominator)) / e.ball(bits)).sqrt()
            total = total * width**e.multiplicity
    return total


# --- under a Gaussian prior ------------------------------------------------------------------


def spread(H: Rows) -> fmpq_poly:
    """det(I + bH) as a polynomial in b: E exp(−βL) is its power −½.

    >>> print(spread([[2, 0], [0, 3]]))
    6*x^2 + 5*x + 1
    """
    # det(xI − S) = Σ c_k x^k, so det(I + bH) = Σ_k c_{n−k} (−b)^k
    n = len(H)
    c = characteristic(H).coeffs()
    return fmpq_poly([c[n - k] * (-1) ** k for k in range(n + 1)])


def holds_more(first: Rows, second: Rows, b: Fraction) -> int:
    """1, 0, −1: whether the first basin holds more of the prior at b = βs², as much, or less."""
    at = fmpq(b.numerator, b.denominator)
    gap = spread(second)(at) - spread(first)(at)
    return int(gap > 0) - int(gap < 0)


def crossovers(first: Rows, second: Rows, bits: int = 128) -> tuple[arb, ...]:
    """The b > 0 at which two basins hold equally much of the prior, each in a ball of its own.

    Raises InputError where they hold equally much at every b.

    >>> [x.str(5, radius=False) for x in crossovers([[8, 0], [0, 0]], [[1, 0], [0, 1]])]
    ['6.0000']
    """
    gap = spread(second) - spread(first)
    if not gap:
        raise InputError("the two basins hold equally much of every such prior")
    found = [r for factor, _ in gap.factor()[1] for r in real_roots(factor, bits) if r > 0]
    return tuple(sorted(found, key=cmp_to_key(ascending)))


# --- exponents -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Exponent(Bounds):
    """lower ≤ λ ≤ upper for vol{L − L(θ) < ε} ~ ε^λ near a local minimum θ, with reasons."""

    lower: Fraction
    upper: Fraction
    lower_reason: str
    upper_reason: str

    def __str__(self) -> str:
        return self.shown


def exponent_bounds(here: Landscape) -> Exponent:
    """T7: rank(H)/2 ≤ λ ≤ (N − d)/2, d the dimension of the fibre at θ.

    Raises UndecidedError where θ is not known to be a local minimum.

    >>> from hessrank.symbolic.models.models import Model
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> hyperbola = Problem(Model.from_expressions("a*b", "a b"), Data([[]], [[1]]))
    >>> str(exponent_bounds(hyperbola.at({"a": 1, "b": 1})))
    '1/2'
    """
    from hessrank.proofs.fibres.fibre import fibre_dimension

    if minimum(here).local.truth is not Truth.TRUE:
        raise UndecidedError("θ is not known to be a local minimum")
    rank, N = here.rank("hessian"), here.problem.N
    low, why = Fraction(rank.lower, 2), f"rank H ≥ {rank.lower}"
    if here.problem.regulariser is not None:
        return Exponent(low, Fraction(N, 2), why, f"N = {N}")
    d = fibre_dimension(here)
    return Exponent(low, Fraction(N - d.lower, 2), why, f"d ≥ {d.lower}: {d.lower_reason}")


def exponent(here: Landscape) -> Exponent:
    """The exponent, exactly where L − L(θ) is a monomial or has a positive leading form, else the
    bounds of T7. Raises UndecidedError as `exponent_bounds`.

    >>> from hessrank.symbolic.models.models import Model
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> square = Problem(Model.from_expressions("t**2", "t"), Data([[]], [[0]]))
    >>> str(exponent(square.at({"t": 0})))
    '1/4'
    """
    bounds = exponent_bounds(here)
    if here.problem.N <= MAX_EXPANDED and loss_is_constant(here.problem):
        return Exponent(Fraction(0), Fraction(0), "L is constant", "L is constant")
    found = None if bounds.decided else leading_exponent(rise(here))
    if found is None:
        return bounds
    value, why = found
    assert bounds.lower <= value <= bounds.upper, "T7 contradicts the leading form"
    return Exponent(value, value, why, why)


def rise(here: Landscape) -> dict[Monomial, fmpq]:
    """L(θ + s) − L(θ) as a polynomial in s: exponents and coefficients; empty where it is none
    with rational coefficients."""
    problem = here.problem
    if problem.N > MAX_EXPANDED:
        return {}

    def build(field: Field) -> dict[Monomial, fmpq]:
        names = problem.model.parameters
        shifts = [field.indeterminate(f"s_{n}") for n in names]
        at = evaluate([v for _, v in here.values], field, {})
        L = [total_loss(problem)]
        moved = {n: v + s for n, v, s in zip(names, at, shifts, strict=True)}
        (there,) = evaluate(L, field, dict(zip(names, at, strict=True)))
        change = evaluate(L, field, moved)[0] - there
        if not isinstance(change, Element):
            return {}
        if not field.lift(change.den).is_constant() or len(field.atoms) != len(names):
            return {}
        terms = field.lift(change.num).to_dict()
        return {tuple(int(e) for e in m): fmpq(c) for m, c in terms.items()}

    try:
        return evaluate_in_field(build, here.side)
    except (TooLarge, UndecidedError):
        return {}


def leading_exponent(polynomial: dict[Monomial, fmpq]) -> tuple[Fraction, str] | None:
    """λ and its reason for a polynomial that is ≥ 0 near 0 and vanishes there; None where neither
    rule applies. Rules: one monomial with even exponents; or weights w_i = 1/(2k_i) from the lowest
    pure powers s_i^(2k_i), no monomial of weight below 1, and all those of weight 1 with even
    exponents and positive coefficients (then their sum is positive away from 0).

    >>> leading_exponent({(4, 0): fmpq(1), (0, 2): fmpq(3), (3, 1): fmpq(7)})[0]
    Fraction(3, 4)
    >>> leading_exponent({(2, 4): fmpq(1)})[0]
    Fraction(1, 4)
    """
    if not polynomial:
        return None
    if len(polynomial) == 1:
        ((m, c),) = polynomial.items()
        if c > 0 and all(e % 2 == 0 for e in m):
            return Fraction(1, max(m)), "L − L(θ) is a monomial"
        return None
    weights = positive_leading_form(polynomial)
    if weights is None:
        return None
    total = sum(weights.values(), Fraction(0))
    return total, "the leading form of L − L(θ) is positive away from 0: λ is the sum of weights"


def positive_leading_form(polynomial: dict[Monomial, fmpq]) -> dict[int, Fraction] | None:
    """Weights w_i = 1/(2k_i) of the variables that occur, for which the terms of weight 1 are the
    least and have even exponents and positive coefficients; None where there are none. If every
    variable occurs, the polynomial is positive near 0, away from 0.

    >>> positive_leading_form({(4, 0): fmpq(1), (0, 2): fmpq(3)})
    {0: Fraction(1, 4), 1: Fraction(1, 2)}
    """
    if not polynomial:
        return None
    n = len(next(iter(polynomial)))
    weights = {}
    for i in (i for i in range(n) if any(m[i] for m in polynomial)):
        pure = [m[i] for m in polynomial if m[i] == sum(m)]
        if not pure:
            return None
        weights[i] = Fraction(1, min(pure))
    for m, c in polynomial.items():
        weight = sum(m[i] * w for i, w in weights.items())
        if weight < 1 or (weight == 1 and (c <= 0 or any(e % 2 for e in m))):
            return None
    return weights
