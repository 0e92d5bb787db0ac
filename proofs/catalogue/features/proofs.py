"""Identities that the proofs of the claims about features expand, with indeterminates.

In: nothing. Out: `Fact`s, each an identity decided in a field of rational functions.
"""

from __future__ import annotations

from collections.abc import Sequence

from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.reasoning.claim import Step
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.expressions.differentiation import gradient
from hessrank.symbolic.expressions.expression import Expr, number, symbol
from hessrank.symbolic.expressions.functions import exp, function
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import mlp


def softmax_never_hard() -> Fact:
    """r_k + y_k = e^{o_k}/Σ e^{o_j}, which is neither 0 nor 1 for K ≥ 2."""
    facts = []
    for K in (2, 3):
        o = [symbol(f"o{k + 1}") for k in range(K)]
        total = sum((exp(v) for v in o[1:]), exp(o[0]))
        y = [symbol(f"y{k + 1}") for k in range(K - 1)]
        last = number(1)
        for v in y:
            last = last - v
        form = Loss.named("softmax-cross-entropy").form(K)
        slopes = substitute(gradient(form, [f"o{k + 1}" for k in range(K)]), {f"y{K}": last})
        facts.append(
            vanish(*(g + t - exp(v) / total for g, t, v in zip(slopes, [*y, last], o, strict=True)))
        )
    good = all(f.truth is Truth.TRUE for f in facts)
    return Fact(Truth.of(good or None), "r + y = softmax(o) for K = 2 and 3, identically")


def grid_is_centred() -> Fact:
    """Σ_{a,b} (u_a − ū)(v_b − v̄) = 0 for generic u, v on a 2×3 grid."""
    u, v = [symbol(f"u{i}") for i in range(2)], [symbol(f"v{i}") for i in range(3)]
    mean_u = (u[0] + u[1]) / 2
    mean_v = (v[0] + v[1] + v[2]) / 3
    total = number(0)
    for a in u:
        for b in v:
            total = total + (a - mean_u) * (b - mean_v)
    return vanish(total)


def chain_rule_expands() -> Fact:
    """∂f/∂w = v·σ'(wx + b)·x and ∂f/∂b = v·σ'(wx + b) for f = v·σ(wx + b), σ = tanh."""
    here = mlp([1, 1, 1], "tanh", bias=True)
    w, x, b, v = (symbol(n) for n in ("w1_1_1", "x1", "b1_1", "w2_1_1"))
    (f,) = here.outputs
    slope = 1 - function("tanh", w * x + b) ** 2
    in_w, in_b = gradient(f, ["w1_1_1", "b1_1"])
    return vanish(in_w - v * slope * x, in_b - v * slope)


def basis_change_expands() -> Fact:
    """W T⁻¹ (T a) = W a for a generic 2×2 T."""
    t = [[symbol(f"t{i}{j}") for j in range(2)] for i in range(2)]
    w, a = [symbol("w0"), symbol("w1")], [symbol("a0"), symbol("a1")]
    det = t[0][0] * t[1][1] - t[0][1] * t[1][0]
    back = [[t[1][1] / det, -t[0][1] / det], [-t[1][0] / det, t[0][0] / det]]
    new_w = [w[0] * back[0][j] + w[1] * back[1][j] for j in range(2)]
    b = [t[i][0] * a[0] + t[i][1] * a[1] for i in range(2)]
    return vanish(new_w[0] * b[0] + new_w[1] * b[1] - w[0] * a[0] - w[1] * a[1])


def pythagoras_expands() -> Fact:
    """Σ_x (p b + q c)² = p² Σ_x b² + q² Σ_x c² on two examples, where Σ_x b c = 0 was solved."""
    p, q, b1, b2, c1 = (symbol(n) for n in ("p", "q", "b1", "b2", "c1"))
    c2 = -(b1 * c1) / b2
    whole = (p * b1 + q * c1) ** 2 + (p * b2 + q * c2) ** 2
    return vanish(whole - p**2 * (b1**2 + b2**2) - q**2 * (c1**2 + c2**2))


def null_direction_expands() -> Fact:
    """(W + tc)·a = W·a for every t where c·a = 0."""
    w0, w1, a0, c0, t = (symbol(n) for n in ("w0", "w1", "a0", "c0", "t"))
    c1 = symbol("c1")
    a1 = -(c0 * a0) / c1  # c·a = 0
    return vanish((w0 + t * c0) * a0 + (w1 + t * c1) * a1 - w0 * a0 - w1 * a1)


def _sum_over_blocks() -> Fact:
    """uᵀ diag(A_1, A_2) v = Σ_x u_xᵀA_xv_x for two examples with two outputs."""
    u, v = [symbol(f"u{m}") for m in range(4)], [symbol(f"v{m}") for m in range(4)]
    A = [
        [symbol(f"a{m}{n}") if m // 2 == n // 2 else number(0) for n in range(4)] for m in range(4)
    ]
    gap = _form(u, A, v)
    for x in (slice(0, 2), slice(2, 4)):
        gap = gap - _form(u[x], [row[x] for row in A[x]], v[x])
    return vanish(gap)


def _form(u: Sequence[Expr], A: Sequence[Sequence[Expr]], v: Sequence[Expr]) -> Expr:
    """uᵀAv."""
    total = number(0)
    for a, row in zip(u, A, strict=True):
        for b, c in zip(v, row, strict=True):
            total = total + a * c * b
    return total


def direction_through_jacobian() -> Fact:
    """vᵀ(JᵀAJ)v = (Jv)ᵀA(Jv) for two parameters and two outputs."""
    J, A = ([[symbol(f"{n}{i}{j}") for j in range(2)] for i in range(2)] for n in "ja")
    v = [symbol("v0"), symbol("v1")]
    Jv = [J[m][0] * v[0] + J[m][1] * v[1] for m in range(2)]
    JtAJ = [[_form([J[0][i], J[1][i]], A, [J[0][j], J[1][j]]) for j in range(2)] for i in range(2)]
    return vanish(_form(v, JtAJ, v) - _form(Jv, A, Jv))


BY_EXAMPLE = Step(
    "A is block diagonal by example, so JᵀAJ = Σ_x J_xᵀA_xJ_x, and column i of J_x is φ_i(x)",
    _sum_over_blocks,
)
