"""Minima at a kink: L is not differentiable at θ, but has a derivative in every direction.

In: a `Landscape` whose L has kinks at θ. Out: a `Minimum`, or None.

Let z_1, …, z_m be the arguments of those relu and abs in L that vanish at θ, each smooth near θ,
and L = Φ(θ, k_1(z_1), …, k_m(z_m)) with Φ smooth. With g = ∂Φ/∂θ, c_i = ∂Φ/∂k_i and a_i = ∇z_i at
θ, L has the directional derivative

    L′(θ; v) = g·v + Σ_i c_i k_i(a_i·v),      L(θ + v) = L(θ) + L′(θ; v) + o(|v|).

- L′(θ; v) < 0 for some v: L falls along v.
- c_i ≥ 0 for all i: L′(θ; ·) is the support function of Z = g + Σ_i c_i [l_i, 1] a_i, with l = 0
  for relu and −1 for abs. It is ≥ 0 in all directions iff 0 ∈ Z. If L is convex, Z is its
  subdifferential and 0 ∈ Z makes θ a global minimum (Rockafellar, Convex Analysis, section 23). If
  0 lies inside Z, in the interior, L′(θ; v) ≥ ε|v|: a strict local minimum, convex or not.

0 ∈ Z is decided here where the a_i are independent: the s_i with g + Σ s_i a_i = 0 are unique. 0 is
an interior point where they are a basis of R^N and all c_i l_i < s_i < c_i.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq

from hessrank.proofs.facts.smooth_piece import piece
from hessrank.proofs.minima.global_minimum import loss_in_theta_is_convex
from hessrank.proofs.minima.kind import Minimum, no_minimum, strict_local
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import HessrankError
from hessrank.symbolic.expressions.differentiation import gradient
from hessrank.symbolic.expressions.expression import (
    Expr,
    evaluate,
    free_symbols,
    number,
    postorder,
    symbol,
)
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.expressions.substitution import rebuilt
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.problems.evaluation import total_loss
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.null_space import null_space

#: More kinks at one point are not examined.
MAX_KINKS = 60


@dataclass(frozen=True)
class FirstOrder:
    """L′(θ; v) = g·v + Σ_i c_i k_i(a_i·v), over `field`; least_i = l_i as above."""

    field: Field
    g: list[Exact]
    c: list[Exact]
    a: list[list[Exact]]
    least: list[int]

    def slope(self, v: Sequence[int]) -> Exact:
        """L′(θ; v)."""
        total = _dot(self.g, v)
        for c, a, least in zip(self.c, self.a, self.least, strict=True):
            z = _dot(a, v)
            total = total + c * z * (1 if self.field.sign(z) > 0 else least)
        return total


def minimum_at_kink(here: Landscape) -> Minimum | None:
    """Decide a point at which a kink of L lies, as far as first-order certificates reach."""
    try:
        return evaluate_in_field(lambda field: _decide(here, field))
    except HessrankError:
        return None


def _decide(here: Landscape, field: Field) -> Minimum | None:
    found = _first_order(here, field)
    if found is None or not found.c:
        return None
    N = here.problem.N
    for i in range(N):
        for step in (1, -1):
            v = [step * int(j == i) for j in range(N)]
            if field.sign(found.slope(v)) < 0:
                return no_minimum("L has a negative slope along a line", tuple(map(number, v)))
    if any(field.sign(c) < 0 for c in found.c):
        return None
    inside = _zero_inside(found, N)
    if inside is None:
        return None
    if inside < 0:
        return no_minimum("0 is not among the slopes g + Σ s_i a_i: L falls along some line")
    convex = loss_in_theta_is_convex(here.problem)
    if convex.truth is Truth.TRUE:
        yes = Fact(Truth.TRUE, f"{convex.reason}, and 0 lies in its subdifferential at θ")
        return Minimum("global minimum", yes, yes, Truth.of(inside > 0 or None))
    if inside > 0:
        return strict_local("L rises along every line from θ at least in proportion: a sharp kink")
    return None


def _first_order(here: Landscape, field: Field) -> FirstOrder | None:
    """L to first order at θ; None where a kink lies inside another, or L jumps."""
    names, at = here.problem.model.parameters, here.theta(field)
    kinks: dict[str, tuple[Expr, int]] = {}  # name of k_i: (z_i, l_i)
    known = dict(at)
    of: dict[Expr, Expr] = {}
    L = total_loss(here.problem)
    for node in postorder([L]):
        args = [of[a] for a in node.args]
        of[node] = rebuilt(node, args)
        if node.op != "function" or not node.args or not FUNCTIONS[node.name].kink:
            continue
        (z,) = args
        sign = field.sign(evaluate([z], field, known)[0])
        if sign or not free_symbols(z):
            of[node] = piece(node.name, sign, z)
        elif node.name not in ("relu", "abs") or free_symbols(z) & kinks.keys():
            return None
        else:
            name = f"k[{len(kinks)}]"  # no parameter can be called so
            kinks[name] = (z, 0 if node.name == "relu" else -1)
            known[name] = fmpq(0)
            of[node] = symbol(name)
        if len(kinks) > MAX_KINKS:
            return None
    slopes = evaluate(gradient(of[L], [*names, *kinks]), field, known)
    a = [evaluate(gradient(z, names), field, at) for z, _ in kinks.values()]
    n = len(names)
    return FirstOrder(field, slopes[:n], slopes[n:], a, [l for _, l in kinks.values()])


def _zero_inside(found: FirstOrder, N: int) -> int | None:
    """Whether 0 lies in Z: 1 in its interior, 0 in it, −1 not at all; None where the a_i that
    count are dependent."""
    field = found.field
    active = [i for i, c in enumerate(found.c) if field.sign(c)]
    columns = [[found.a[i][j] for i in active] for j in range(N)]
    if null_space(columns, len(active), field):
        return None
    wide = [[*row, g] for row, g in zip(columns, found.g, strict=True)]
    basis = null_space(wide, len(active) + 1, field)
    if not basis:
        return -1
    room = []
    for i, s in zip(active, basis[0], strict=False):  # its last entry is 1, the factor of g
        c = found.c[i]
        room += [field.sign(c - s), field.sign(s - c * found.least[i])]
    if any(r < 0 for r in room):
        return -1
    return int(len(active) == N and all(room))


def _dot(a: Sequence[Exact], b: Sequence[int]) -> Exact:
    return sum((x * y for x, y in zip(a, b, strict=True) if y), fmpq(0))
