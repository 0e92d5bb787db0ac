"""Certificates that θ minimises L on all of its domain.

In: a `Landscape`. Out: a `Fact` that is TRUE, or None. The certificates, in the order of trial:

1. r = 0 and ℓ convex, no regulariser: F(θ) minimises ℓ.
2. ℓ convex, F affine in θ, the regulariser convex, or L convex by the rules of composition: then L
   is convex, and a critical point is global.
3. L is constant.
4. Bounds of the parts of L add up to a lower bound that L attains at θ.
5. L − L(θ) is a polynomial and a sum of squares.
6. A linear network whose product is a best approximation of its rank (`linear_network`).
7. ℓ convex, and θ a global minimum of its linear part there, by 2 to 5 (`linear_part`).
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import product
from math import comb, prod

from flint import fmpq, fmpq_mpoly_ctx

from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.minima.germs.leading_form import Monomial, plus, shared_gram
from hessrank.proofs.minima.linear_network import best_of_its_rank
from hessrank.proofs.minima.linear_part import linear_part
from hessrank.proofs.minima.lower_bound import attains_its_bound
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.budget import budget
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.expressions import differentiation
from hessrank.symbolic.expressions.convexity import Curvature, curvature, is_convex
from hessrank.symbolic.expressions.expression import (
    ONE,
    ZERO,
    Expr,
    evaluate,
    number,
    postorder,
    symbol,
)
from hessrank.symbolic.expressions.substitution import put_in
from hessrank.symbolic.fields.elements import Element, as_fraction
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.inertia import factorise, inertia
from hessrank.symbolic.problems.evaluation import total_loss
from hessrank.symbolic.problems.landscape import Landscape, Problem

#: The linear part of ℓ may take this many seconds.
SECONDS = 5
#: Whether F is affine in θ is asked with at most this many parameters.
MAX_AFFINE = 60
#: Whether L is constant is asked with at most this many.
MAX_CONSTANT = 12
#: Sums of squares are looked for with at most this many parameters,
MAX_SQUARES = 5
#: for polynomials of at most this many terms, over at most this many monomials.
MAX_TERMS, MAX_BASIS = 200, 120


def loss_is_convex(problem: Problem) -> Fact:
    """Whether ℓ is convex in the outputs, as far as the rules tell."""
    if problem.loss.is_convex:
        return Fact(Truth.TRUE, f"{problem.loss.name} is convex in the outputs")
    if not problem.M:
        return Fact(Truth.UNDECIDED, "ℓ is not known to be convex")
    terms = {t.kind: t for t in problem.loss_terms}.values()
    bent = [t for t in terms if not (t.has_constant_hessian or is_convex(t.kind.value))]
    if bent:
        return Fact(Truth.UNDECIDED, "ℓ is not known to be convex")
    flat = [t for t in terms if t.has_constant_hessian]

    def build(field: Field) -> bool:
        tables = [[evaluate(row, field, {}) for row in t.kind.derivatives[1]] for t in flat]
        return all(inertia(rows, sign=field.sign).negative == 0 for rows in tables)

    try:
        by = "the inertia of W" if flat else "the composition rules"
        return Fact(Truth.of(evaluate_in_field(build)), f"ℓ is convex by {by}")
    except (TooLarge, UndecidedError) as error:
        return Fact(Truth.UNDECIDED, f"the sign of A, which is constant, is undecided: {error}")


def best_outputs(here: Landscape) -> Fact | None:
    """That F(θ) minimises a convex ℓ and there is no regulariser, or None."""
    if here.problem.regulariser is not None:
        return None
    convex = loss_is_convex(here.problem)
    if (convex & landscape_facts.perfect_fit(here)).truth is not Truth.TRUE:
        return None
    return Fact(Truth.TRUE, f"r = 0 and {convex.reason}: F(θ) minimises ℓ")


def global_minimum(here: Landscape) -> Fact | None:
    """A certificate that the critical point θ minimises L globally, or None."""
    return _by_its_form(here) or best_of_its_rank(here) or _least_in_linear_part(here)


def _by_its_form(here: Landscape) -> Fact | None:
    """The certificates that read L alone."""
    found = best_outputs(here)
    if found is None and (convex := loss_in_theta_is_convex(here.problem)).truth is Truth.TRUE:
        found = Fact(Truth.TRUE, f"{convex.reason}, and θ is critical")
    if found is None and loss_is_constant(here.problem):
        found = Fact(Truth.TRUE, "L does not depend on θ")
    return found or attains_its_bound(here) or _sum_of_squares(here)


def _least_in_linear_part(here: Landscape) -> Fact | None:
    """TRUE where ℓ is convex and θ a global minimum of T = Σ r_m F_m + the regulariser, r fixed."""
    convex = loss_is_convex(here.problem)
    if convex.truth is not Truth.TRUE:
        return None
    try:
        with budget(SECONDS):
            there = linear_part(here)
            found = there and _by_its_form(there)
    except (UndecidedError, TooLarge):
        return None
    if not found:
        return None
    more = "" if here.problem.regulariser is None else " + the regulariser"
    of_T = re.sub(r"\bL\b", "T", found.reason)
    reason = f"θ minimises T = r·F{more}, r = ∇ℓ(F(θ)): {of_T}"
    return Fact(Truth.TRUE, f"{convex.reason}, and {reason}")


def loss_in_theta_is_convex(problem: Problem) -> Fact:
    """TRUE where L is shown to be convex in θ, else UNDECIDED.

    F affine, ℓ convex and a convex regulariser make it so; or the closed form of L is convex by
    the rules of composition. A function that is convex by these rules has a convex domain."""
    unknown = Fact(Truth.UNDECIDED, "L is not known to be convex")
    if problem.N > MAX_AFFINE:
        return unknown
    convex = loss_is_convex(problem)
    bowl = problem.regulariser is None or is_convex(problem.regulariser)
    straight = (Curvature.CONSTANT, Curvature.AFFINE)
    asked = convex.truth is Truth.TRUE and bowl
    if asked and all(curvature(f) in straight for f in _forms_in_theta(problem)):
        return Fact(Truth.TRUE, f"F is affine in θ and {convex.reason}: L is convex")
    if is_convex(total_loss(problem)):
        return Fact(Truth.TRUE, "L is convex by the rules of composition")
    return unknown


def _forms_in_theta(problem: Problem) -> list[Expr]:
    """The outputs on each example as closed forms of θ alone."""
    forms: list[Expr] = []
    for row in dict.fromkeys(problem.data.x):
        x = dict(zip(problem.model.inputs, row, strict=True))
        forms += put_in(problem.model.outputs, x)
    return forms


def loss_is_constant(problem: Problem) -> bool:
    """Whether ∇L is the zero form, θ being indeterminates; False where that is not shown.

    A step or a sign has the derivative zero and is no constant. Elsewhere a gradient that needs
    the sign of a variable is not evaluated, so what is left is constant beyond its poles too.
    """
    if problem.N > MAX_CONSTANT:
        return False
    L = total_loss(problem)
    if any(n.op == "function" and n.name in ("step", "sign") for n in postorder([L])):
        return False

    def build(field: Field) -> bool:
        theta = {name: field.indeterminate(name) for name in problem.model.parameters}
        gradient = differentiation.gradient(L, problem.model.parameters)
        return all(v == 0 for v in evaluate(gradient, field, theta))

    try:
        return evaluate_in_field(build)
    except (TooLarge, UndecidedError):
        return False


def _sum_of_squares(here: Landscape) -> Fact | None:
    """L − L(θ) as a sum of squares, where `squares` finds one."""
    if squares(here) is None:
        return None
    return Fact(Truth.TRUE, "L − L(θ) is a sum of squares")


def squares(here: Landscape) -> list[tuple[Fraction, Expr]] | None:
    """(c, q) with L − L(θ) = Σ c q², c > 0: q polynomials in s = parameters − θ, read off LDLᵀ of a
    Gram matrix over monomials in s, each coefficient shared evenly among the entries that it fits.
    None where that does not show it (a sum of squares may exist all the same). A factor that is a
    square is taken out first.

    >>> from hessrank.symbolic.models.models import Model
    >>> from hessrank.symbolic.problems.data import Data
    >>> there = Problem(Model.from_expressions("t**2", "t"), Data(x=[[]], y=[[-1]])).at({"t": 0})
    >>> [(str(c), str(q)) for c, q in squares(there)]
    [('1', 't'), ('1/2', 't*t')]
    """
    problem = here.problem
    if problem.N > MAX_SQUARES or not problem.N:
        return None

    def build(field: Field) -> dict[Monomial, fmpq] | None:
        theta = here.theta(field)
        near = {n: v + field.indeterminate(f"s_{n}") for n, v in theta.items()}
        L = [total_loss(problem)]
        rise = evaluate(L, field, near)[0] - evaluate(L, field, theta)[0]
        if not isinstance(rise, Element):
            return {}  # L is constant, so that L − L(θ) = 0
        if not field.lift(rise.den).is_constant() or len(field.atoms) != problem.N:
            return None
        return {
            tuple(int(e) for e in m): fmpq(c) for m, c in field.lift(rise.num).to_dict().items()
        }

    try:
        polynomial = evaluate_in_field(build)
    except (TooLarge, UndecidedError):
        return None
    if polynomial is None or len(polynomial) > MAX_TERMS:
        return None
    if not polynomial:
        return []
    shifts = [symbol(n) - v for n, v in here.values]
    outside, inside = _even_part(polynomial)
    found = _gram(inside, shifts)
    return found and [(c, _at(outside, shifts) * q) for c, q in found]


def _even_part(
    polynomial: dict[Monomial, fmpq],
) -> tuple[dict[Monomial, fmpq], dict[Monomial, fmpq]]:
    """(g, h) with polynomial = g² h and h without multiple factors."""
    context = fmpq_mpoly_ctx.get([f"s{i}" for i in range(len(next(iter(polynomial))))])
    scale, factors = context.from_dict(polynomial).factor_squarefree()
    outside, inside = context.constant(1), context.constant(scale)
    for factor, e in factors:
        outside *= factor ** (e // 2)
        inside *= factor ** (e % 2)
    return outside.to_dict(), inside.to_dict()


def _at(polynomial: dict[Monomial, fmpq], shifts: list[Expr]) -> Expr:
    """The polynomial at the shifts."""
    terms = []
    for m, c in polynomial.items():
        powers = (s ** int(e) for s, e in zip(shifts, m, strict=True) if e)
        terms.append(prod(powers, start=number(as_fraction(c))))
    return sum(terms, start=ZERO)


def _gram(
    polynomial: dict[Monomial, fmpq], shifts: list[Expr]
) -> list[tuple[Fraction, Expr]] | None:
    """The squares where evenly shared coefficients give a positive semidefinite Gram matrix."""
    if not polynomial:
        return []
    basis = _squares_in(polynomial)
    if basis is None:
        return None
    if not polynomial.keys() <= {plus(a, b) for a in basis for b in basis}:
        return None
    found = factorise(shared_gram(polynomial, basis))
    if found.inertia.negative:
        return None
    monomials = [
        prod((s**e for s, e in zip(shifts, basis[i], strict=True) if e), start=ONE)
        for i in found.order
    ]
    roots = []
    for k, ((d, *_), *_rest) in enumerate(found.blocks):
        if d:
            column = zip(found.L[k:], monomials[k:], strict=True)
            roots.append((d, sum((row[k] * m for row, m in column), start=ZERO)))
    return roots


def _squares_in(polynomial: dict[Monomial, fmpq]) -> list[Monomial] | None:
    """The monomials that the q_i of Σ q_i² may contain, or None where they are too many.

    Twice their exponents lie in the Newton polytope, so up to the largest exponent of each variable
    and between the least and the largest degree; and a monomial whose square
    neither occurs nor is the product of two others cannot occur."""
    n = len(next(iter(polynomial)))
    ranges = [range(max(e) // 2 + 1) for e in zip(*polynomial, strict=True)]
    low, high = -(-min(map(sum, polynomial)) // 2), max(map(sum, polynomial)) // 2
    if comb(n + high, n) > 20 * MAX_BASIS:
        return None
    basis = [m for m in product(*ranges) if low <= sum(m) <= high]
    if len(basis) > MAX_BASIS:
        return None
    while True:
        sums = {plus(a, b) for i, a in enumerate(basis) for b in basis[:i]}
        keep = [m for m in basis if polynomial.get(plus(m, m), 0) != 0 or plus(m, m) in sums]
        if keep == basis:
            return basis
        basis = keep
