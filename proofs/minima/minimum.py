"""What kind of point is this: a minimum of L, or not, and how do we know?

In: a `Landscape`. Out: a `Minimum`: whether θ is a local and whether it is a global minimum of L,
each a Fact with its certificate. The certificates, in the order in which they are tried:

1. ∇L ≠ 0: no minimum.
2. r = 0 and ℓ convex (no regulariser): F(θ) minimises ℓ, so θ minimises L globally.
3. ℓ convex, F affine in θ, a convex regulariser: L is convex, so a critical point is global.
4. L is constant; or a polynomial with L − L(θ) a sum of squares.
5. H ≻ 0: a strict local minimum. H with a negative square: a direction along which L falls.
6. H ⪰ 0 with kernel K: L is expanded on θ + k + w with k ∈ K. A cubic term on K makes L fall; if
   there is none, w = −½H⁺b(k), b = ∇³L(k,k,·), leaves the quartic
       Q(k) = ∇⁴L(k,k,k,k)/24 − b(k)ᵀH⁺b(k)/8,
   which decides where it is definite or takes a negative value (Lyapunov–Schmidt reduction).
   For one parameter the first derivative that does not vanish decides.
7. H ⪰ 0 and θ lies on a manifold of equal behaviour of dimension nullity(H): on it L is constant,
   and across it H is definite, so θ is a local minimum (Morse–Bott). This needs every point of the
   manifold to be critical, which L being constant on it does not give (y²/2 + x³y on y = 0). It is
   so where rank J is constant, for L factors through the submersion whose level set the manifold
   is; along a family θ + tv on which ∇F is affine in t, ∇L = (∇F)ᵀr is affine too, with slope
   Hv = 0, for the tangents lie in ker H; and symmetries of F carry ∇L along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement, product
from math import factorial
from typing import Any

import numpy as np
from flint import fmpq

from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.fibres.families import largest_family
from hessrank.proofs.fibres.fibre import fibre_dimension
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import KinkError, UndecidedError
from hessrank.symbolic.expressions import differentiation
from hessrank.symbolic.expressions.convexity import Curvature, curvature, is_convex
from hessrank.symbolic.expressions.expression import (
    ZERO,
    Expr,
    evaluate,
    number,
    postorder,
    symbol,
)
from hessrank.symbolic.expressions.functions import HALF
from hessrank.symbolic.expressions.substitution import Expressions, substitute
from hessrank.symbolic.fields.elements import Element, Exact, TooLarge
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.linear_algebra.inertia import factorise, inertia
from hessrank.symbolic.models import layers
from hessrank.symbolic.models.losses import CONVEX
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.problems.problem import Problem, object_array
from hessrank.symbolic.ranks.matrices import BallMatrix, Matrix
from hessrank.symbolic.ranks.null_space import null_space

#: H is factored with at most this many parameters.
MAX_PARAMETERS = 200
#: Kernels of larger dimension are not expanded to fourth order.
MAX_KERNEL = 4
#: The first derivatives that are tried for a single parameter.
MAX_ORDER = 12
#: Whether F is affine in θ is asked with at most this many parameters.
MAX_AFFINE = 60
#: Sums of squares are looked for with at most this many parameters.
MAX_SQUARES = 5

Monomial = tuple[int, ...]


@dataclass(frozen=True)
class Minimum:
    """kind in words; `local` and `is_global`: whether θ is a local, a global minimum of L;
    strict: whether it is known to be strict; direction: one along which L falls, where known."""

    kind: str
    local: Fact
    is_global: Fact
    strict: Truth = Truth.UNDECIDED
    direction: tuple[Expr, ...] | None = None

    def _repr_markdown_(self) -> str:
        return f"**{self.kind}**: {self.local.reason}"

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "local_minimum": self.local.to_json(),
            "global_minimum": self.is_global.to_json(),
            "strict": self.strict.to_json(),
            "direction": None if self.direction is None else [str(v) for v in self.direction],
        }


def minimum(here: Landscape) -> Minimum:
    """Decide what kind of critical point θ is, as far as the certificates reach.

    >>> from hessrank.symbolic.models.models import Model
    >>> from hessrank.symbolic.problems.problem import Data
    >>> quartic = Problem(Model.from_expressions(["t", "t**2"], "t"), Data([[]], [[0, "1/2"]]),
    ...                   "sum-of-squares")
    >>> minimum(quartic.at({"t": 0})).kind
    'global minimum'
    """
    found: Minimum | None = here.__dict__.get("_minimum")
    if found is None:
        found = here.__dict__["_minimum"] = _decide(here)
    return found


def loss_is_convex(problem: Problem) -> Fact:
    """Whether ℓ is convex in the outputs, as far as the rules tell."""
    loss = problem.loss
    if loss.name in CONVEX:
        return Fact(Truth.TRUE, f"{loss.name} is convex in the outputs")
    if loss.weights is not None:
        n = len(loss.weights)

        def build(field: Field) -> bool:
            flat = evaluate([w for row in loss.weights or () for w in row], field, {})
            rows = [flat[i * n : i * n + n] for i in range(n)]
            return inertia(rows, sign=field.sign).negative == 0

        try:
            return Fact(Truth.of(evaluate_in_field(build)), "by the inertia of W")
        except (TooLarge, UndecidedError) as error:
            return Fact(Truth.UNDECIDED, f"the sign of W is undecided: {error}")
    K = problem.model.output_count
    forms = [loss.at_targets(y, problem.M)[0] for y in dict.fromkeys(problem.data.y)]
    if K and all(is_convex(f) for f in forms):
        return Fact(Truth.TRUE, "ℓ is convex by the composition rules")
    return Fact(Truth.UNDECIDED, "ℓ is not known to be convex")


def total_loss(problem: Problem) -> Expr:
    """L(θ) as one closed form (for weighted-squared too), regulariser included."""
    theta = {name: symbol(name) for name in problem.model.parameters}
    x = object_array(problem.data.x, (len(problem.data), len(problem.model.inputs)))
    F = problem.model.run(theta, x, layers.Objects(Expressions())).outputs
    total = problem.regulariser or ZERO
    if problem.loss.weights is not None:
        gap = [
            o - y
            for row, ys in zip(F, problem.data.y, strict=True)
            for o, y in zip(row, ys, strict=True)
        ]
        for g, row in zip(gap, problem.loss.weights, strict=True):
            for h, w in zip(gap, row, strict=True):
                total = total + HALF * (w * (g * h))
        return total
    for outputs, y in zip(F, problem.data.y, strict=True):
        value, _, _ = problem.loss.at_targets(y, problem.M)
        o = {f"o{k + 1}": v for k, v in enumerate(outputs)}
        total = total + substitute([value], o)[0]
    return total


# --- the certificates, one after the other -------------------------------------------------------


def _decide(here: Landscape) -> Minimum:
    if here.side:
        try:
            return _decide(here.problem.at(here.point))
        except KinkError:
            return _on_kink(here)
    critical = landscape_facts.critical_point(here)
    if critical.truth is not Truth.TRUE:
        kind = "not a critical point" if critical.truth is Truth.FALSE else "undecided"
        return Minimum(kind, critical, critical)
    whole = _globally(here)
    if whole is not None:
        sign, _ = landscape_facts.definiteness(here.hessian)
        strict = Truth.of(True if sign is landscape_facts.Sign.POSITIVE_DEFINITE else None)
        return Minimum("global minimum", whole, whole, strict)
    unknown = Fact(Truth.UNDECIDED, "no certificate of a global minimum applies")
    if here.problem.N > MAX_PARAMETERS:
        why = Fact(Truth.UNDECIDED, f"H is not factored beyond {MAX_PARAMETERS} parameters")
        return Minimum("undecided", why, unknown)
    H = here.hessian
    if isinstance(H, BallMatrix):
        return Minimum("undecided", Fact(Truth.UNDECIDED, "H is only known by balls"), unknown)
    try:
        found = H.inertia
    except (TooLarge, UndecidedError) as error:
        return Minimum("undecided", Fact(Truth.UNDECIDED, str(error)), unknown)
    if found.negative:
        no = Fact(Truth.FALSE, "H has a direction of negative curvature")
        return Minimum("not a minimum", no, no, Truth.FALSE, _falling(H))
    if not found.zero:
        yes = Fact(Truth.TRUE, "∇L = 0 and H is positive definite")
        return Minimum("strict local minimum", yes, unknown, Truth.TRUE)
    return _degenerate(here, H, found.zero, unknown)


def _on_kink(here: Landscape) -> Minimum:
    """At a kink ∇L and H are those of one side alone: only a perfect fit decides."""
    best = _best_outputs(here)
    if best is not None:
        return Minimum("global minimum", best, best)
    why = Fact(Truth.UNDECIDED, "θ lies on a kink, where ∇L and H are those of one side alone")
    return Minimum("undecided", why, why)


def _best_outputs(here: Landscape) -> Fact | None:
    """That F(θ) minimises a convex ℓ, or None."""
    if here.problem.regulariser is not None:
        return None
    convex = loss_is_convex(here.problem)
    if (convex & landscape_facts.perfect_fit(here)).truth is not Truth.TRUE:
        return None
    return Fact(Truth.TRUE, f"r = 0 and {convex.reason}: F(θ) minimises ℓ")


def _globally(here: Landscape) -> Fact | None:
    """A certificate that the critical point θ minimises L globally, or None."""
    problem = here.problem
    convex, best = loss_is_convex(problem), _best_outputs(here)
    if best is not None:
        return best
    bowl = problem.regulariser is None or is_convex(problem.regulariser)
    straight = (Curvature.CONSTANT, Curvature.AFFINE)
    asked = convex.truth is Truth.TRUE and bowl and problem.N <= MAX_AFFINE
    if asked and all(curvature(f) in straight for f in _forms_in_theta(problem)):
        return Fact(Truth.TRUE, f"F is affine in θ and {convex.reason}: L is convex")
    if problem.N <= 12 and loss_is_constant(problem):
        return Fact(Truth.TRUE, "L does not depend on θ")
    return _sum_of_squares(here)


def _forms_in_theta(problem: Problem) -> list[Expr]:
    """The outputs on each example as closed forms of θ alone."""
    forms: list[Expr] = []
    for row in dict.fromkeys(problem.data.x):
        x = dict(zip(problem.model.inputs, row, strict=True))
        forms += substitute(problem.model.outputs, x)
    return forms


def loss_is_constant(problem: Problem) -> bool:
    """Whether ∇L is the zero form, θ being indeterminates; False where that is not shown.

    A step or a sign has the derivative zero and is no constant. Elsewhere a gradient that needs
    the sign of a variable is not evaluated, so what is left is constant beyond its poles too.
    """
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
    """L(θ + s) − L(θ) as a sum of squares of polynomials in s: a Gram matrix G ⪰ 0 over monomials,
    each coefficient shared evenly among the entries that it fits. None where that does not show
    it (a sum of squares may exist all the same)."""
    problem = here.problem
    if problem.N > MAX_SQUARES or not problem.N:
        return None

    def build(field: Field) -> dict[Monomial, fmpq] | None:
        names = problem.model.parameters
        shifts = {n: field.indeterminate(f"s_{n}") for n in names}
        at = evaluate([v for _, v in here.values], field, {})
        theta = {n: v + shifts[n] for n, v in zip(names, at, strict=True)}
        there = dict(zip(names, at, strict=True))
        L = [total_loss(problem)]
        rise = evaluate(L, field, theta)[0] - evaluate(L, field, there)[0]
        if not isinstance(rise, Element):
            return {} if rise == 0 else None
        if not field.lift(rise.den).is_constant() or len(field.atoms) != len(names):
            return None
        return {
            tuple(int(e) for e in m): fmpq(c) for m, c in field.lift(rise.num).to_dict().items()
        }

    try:
        polynomial = evaluate_in_field(build, here.side)
    except (TooLarge, UndecidedError):
        return None
    if polynomial is None or len(polynomial) > 200 or not _gram(polynomial):
        return None
    return Fact(Truth.TRUE, "L − L(θ) is a sum of squares")


def _gram(polynomial: dict[Monomial, fmpq]) -> bool:
    """Whether evenly shared coefficients give a Gram matrix that is positive semidefinite."""
    if not polynomial:
        return True
    n, half = len(next(iter(polynomial))), max(map(sum, polynomial)) // 2
    basis = [m for m in product(range(half + 1), repeat=n) if 0 < sum(m) <= half]
    while True:  # a monomial whose square cannot occur cannot occur
        sums = [_plus(a, b) for i, a in enumerate(basis) for b in basis[:i]]
        keep = [m for m in basis if polynomial.get(_plus(m, m), 0) != 0 or _plus(m, m) in sums]
        if keep == basis:
            break
        basis = keep
    places: dict[Monomial, list[tuple[int, int]]] = {}
    for i, a in enumerate(basis):
        for j, b in enumerate(basis):
            places.setdefault(_plus(a, b), []).append((i, j))
    if any(m not in places for m in polynomial):
        return False
    G = [[fmpq(0)] * len(basis) for _ in basis]
    for m, where in places.items():
        for i, j in where:
            G[i][j] = polynomial.get(m, fmpq(0)) / len(where)
    return inertia(G).negative == 0


def _plus(a: Monomial, b: Monomial) -> Monomial:
    return tuple(x + y for x, y in zip(a, b, strict=True))


def _falling(H: Matrix) -> tuple[Expr, ...] | None:
    """A direction v with vᵀHv < 0."""
    v = factorise([list(row) for row in H.rows], sign=H.field.sign).negative_direction()
    if v is None:
        return None
    return tuple(number(x) if isinstance(x, (int, Fraction)) else H.field.expr(x) for x in v)


def _degenerate(here: Landscape, H: Matrix, nullity: int, unknown: Fact) -> Minimum:
    """H ⪰ 0 with a kernel."""
    try:
        if here.problem.N == 1:
            return _one_parameter(here, unknown)
        if nullity <= MAX_KERNEL:
            found = _reduced(here, nullity, unknown)
            if found is not None:
                return found
    except (TooLarge, UndecidedError):
        pass
    if here.problem.regulariser is None:
        dimension, why = _critical_manifold(here)
        if dimension >= nullity:
            yes = Fact(
                Truth.TRUE,
                f"H ⪰ 0, and θ lies on a manifold of equal behaviour of dimension {dimension} = "
                f"nullity(H) ({why})",
            )
            return Minimum("local minimum, not strict", yes, unknown, Truth.FALSE)
    why = f"H ⪰ 0 has a kernel of dimension {nullity}, on which no certificate decides"
    return Minimum("undecided", Fact(Truth.UNDECIDED, why), unknown)


def _critical_manifold(here: Landscape) -> tuple[int, str]:
    """The dimension of a manifold of equal behaviour through θ on which ∇L = 0 if its tangents lie
    in ker H, and why (certificate 7)."""
    fibre = fibre_dimension(here)
    if fibre.constant_rank.truth is Truth.TRUE:
        return fibre.lower, fibre.lower_reason
    family = largest_family(here, steady=True)
    return (family.dimension, family.reason) if family else (0, "no family is known")


def _one_parameter(here: Landscape, unknown: Fact) -> Minimum:
    """The first derivative that does not vanish."""
    (name,) = here.problem.model.parameters
    derivative = total_loss(here.problem)
    for order in range(1, MAX_ORDER + 1):
        derivative = differentiation.differentiate(derivative, name)
        (sign,) = _signs(here, [derivative])
        if sign:
            if order % 2 == 0 and sign > 0:
                yes = Fact(
                    Truth.TRUE, f"the first derivative that does not vanish is the {order}th, > 0"
                )
                return Minimum("strict local minimum", yes, unknown, Truth.TRUE)
            no = Fact(Truth.FALSE, f"derivative {order} is the first that does not vanish: L falls")
            return Minimum("not a minimum", no, no, Truth.FALSE, (ZERO + (1 if sign < 0 else -1),))
    why = f"the first {MAX_ORDER} derivatives vanish"
    return Minimum("undecided", Fact(Truth.UNDECIDED, why), unknown)


def _signs(here: Landscape, forms: Sequence[Expr]) -> list[int]:
    """The signs of closed forms of θ at the point."""

    def build(field: Field) -> list[int]:
        return [field.sign(v) for v in _values(here, forms, field)]

    return evaluate_in_field(build, here.side)


def _values(here: Landscape, forms: Sequence[Expr], field: Field) -> list[Exact]:
    names = [n for n, _ in here.values]
    theta = dict(zip(names, evaluate([v for _, v in here.values], field, {}), strict=True))
    return evaluate(forms, field, theta)


def _reduced(here: Landscape, nullity: int, unknown: Fact) -> Minimum | None:
    """Cubic and quartic terms on the kernel of H; None where they do not decide."""
    kernel = here.hessian.rank().kernel
    if kernel is None or len(kernel) != nullity:
        return None
    basis = [_as_exprs(v) for v in kernel]
    n = len(basis)
    names = here.problem.model.parameters
    L = total_loss(here.problem)

    def along(form: Expr, k: Sequence[Expr]) -> Expr:
        total = ZERO
        for partial, c in zip(differentiation.gradient(form, names), k, strict=True):
            total = total + c * partial
        return total

    first = [along(L, k) for k in basis]
    second = {(a, b): along(first[a], basis[b]) for a, b in _multi(n, 2)}
    third = {(a, b, c): along(second[a, b], basis[c]) for a, b, c in _multi(n, 3)}
    cubic = list(third)
    if any(_signs(here, [third[key]])[0] for key in cubic):
        no = Fact(Truth.FALSE, "H ⪰ 0, but L has a cubic term on ker H, so it falls along a line")
        return Minimum("not a minimum", no, no, Truth.FALSE)
    fourth: dict[tuple[int, ...], Expr] = {
        (a, b, c, d): along(third[a, b, c], basis[d]) for a, b, c, d in _multi(n, 4)
    }
    bends = {key: differentiation.gradient(form, names) for key, form in second.items()}

    def build(field: Field) -> tuple[dict[tuple[int, ...], Exact], Field]:
        H = _values(here, [e for row in differentiation.hessian(L, names) for e in row], field)
        N = len(names)
        rows = [H[i * N : i * N + N] for i in range(N)]
        flat = _values(here, list(fourth.values()), field)
        quartic = {
            key: v * _arrangements(key) / factorial(4) for key, v in zip(fourth, flat, strict=True)
        }
        b = {key: _values(here, form, field) for key, form in bends.items()}
        lifted = {key: _solve(rows, v, field) for key, v in b.items()}
        for p, q in product(b, repeat=2):
            value = sum((x * y for x, y in zip(b[p], lifted[q], strict=True)), fmpq(0))
            weight = _arrangements(p) * _arrangements(q)
            key = tuple(sorted(p + q))
            quartic[key] = quartic[key] - value * weight / 8
        return quartic, field

    quartic, field = evaluate_in_field(build, here.side)
    sign = _quartic_sign(quartic, n, field)
    if sign > 0:
        yes = Fact(Truth.TRUE, "H ⪰ 0, no cubic term on ker H, and the reduced quartic is positive")
        return Minimum("strict local minimum", yes, unknown, Truth.TRUE)
    if sign < 0:
        no = Fact(
            Truth.FALSE,
            "H ⪰ 0, but the reduced quartic on ker H takes a negative value: L falls along a curve",
        )
        return Minimum("not a minimum", no, no, Truth.FALSE)
    return None


def _as_exprs(vector: Sequence[Any]) -> list[Expr]:
    from hessrank.symbolic.expressions.exact import constant

    return [constant(v) for v in vector]


def _multi(n: int, order: int) -> list[tuple[int, ...]]:
    return list(combinations_with_replacement(range(n), order))


def _arrangements(key: tuple[int, ...]) -> int:
    """In how many orders the indices of `key` can stand."""
    total = factorial(len(key))
    for i in set(key):
        total //= factorial(key.count(i))
    return total


def _solve(rows: Sequence[Sequence[Exact]], b: Sequence[Exact], field: Field) -> list[Exact]:
    """Some v with Hv = b: (−v, 1) spans what [H | b] annihilates beside ker H. Raises
    UndecidedError where b does not lie in the image of H."""
    n = len(rows)
    basis = null_space([[*row, x] for row, x in zip(rows, b, strict=True)], n + 1, field)
    if not basis or basis[-1][n] != 1:
        raise UndecidedError("a third derivative does not lie in the image of H")
    return [-x for x in basis[-1][:n]]


def _quartic_sign(q: dict[tuple[int, ...], Exact], n: int, field: Field) -> int:
    """+1 where the form is shown positive definite, −1 where it takes a negative value, else 0."""
    for point in product((-1, 0, 1), repeat=n):
        if any(point):
            value = sum(
                (c * int(np.prod([point[i] for i in key])) for key, c in q.items()), fmpq(0)
            )
            if field.sign(value) < 0:
                return -1
    if n == 1:
        return max(0, field.sign(q[0, 0, 0, 0]))
    return 1 if _gram_is_definite(q, n, field) else 0


def _gram_is_definite(q: dict[tuple[int, ...], Exact], n: int, field: Field) -> bool:
    """Whether q = mᵀGm with m all products of two variables and G ≻ 0 (so that q is a sum of
    squares without zero): each coefficient is shared evenly among the entries of G it fits."""
    pairs = _multi(n, 2)
    places: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for i, p in enumerate(pairs):
        for j, r in enumerate(pairs):
            places.setdefault(tuple(sorted(p + r)), []).append((i, j))
    G: list[list[Exact]] = [[fmpq(0)] * len(pairs) for _ in pairs]
    for key, where in places.items():
        for i, j in where:
            G[i][j] = q[key] / len(where)
    return inertia(G, sign=field.sign).positive == len(pairs)
