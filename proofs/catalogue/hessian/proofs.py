"""The proofs of the claims on ranks: identities that are expanded or differentiated.

In: nothing. Out: checks, and the `Step`s that several claims share.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from hessrank.proofs.catalogue.theorems import T4_STEPS
from hessrank.proofs.catalogue.vocabulary import (
    SQUARED,
)
from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.reasoning.claim import Step
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.expressions import differentiation
from hessrank.symbolic.expressions.expression import evaluate, number, symbol
from hessrank.symbolic.expressions.functions import exp
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.field import evaluate_in_field
from hessrank.symbolic.models.losses import Loss


def cross_entropy_cancels() -> Fact:
    """At p = y the gradient of −Σ y log p is −1 in every component: Σ_k r_k ∇²p_k = −∇²(Σ p_k) = 0;
    and A = diag(1/y) has no kernel. Checked symbolically for one component."""
    r = differentiation.differentiate(Loss.named("cross-entropy").form(1), "o1")
    at_fit = substitute([r], {"o1": symbol("y1")})[0]
    same = evaluate_in_field(
        lambda f: evaluate([at_fit], f, {"y1": f.indeterminate("y1")})[0] == -1
    )
    return Fact(Truth.of(same), "∂(−y log o)/∂o at o = y is −1")


def centring_kernel() -> Fact:
    """vᵀAv = Σ_{i<j} p_ip_j(v_i − v_j)² for A = diag(p) − ppᵀ and Σp = 1, A differentiated from the
    loss. Times (Σ e^o)² each term involves at most two logits, so these K hold all others."""
    facts = []
    for K in (2, 3, 4):
        o, v = ([symbol(f"{n}{k + 1}") for k in range(K)] for n in "ov")
        A = differentiation.hessian(
            Loss.named("softmax-cross-entropy").form(K), [f"o{k + 1}" for k in range(K)]
        )
        A = [substitute(row, {f"y{k + 1}": number(Fraction(1, K)) for k in range(K)}) for row in A]
        total = sum((exp(q) for q in o[1:]), exp(o[0]))
        gap = number(0)
        for i, j in product(range(K), repeat=2):
            gap = gap + v[i] * A[i][j] * v[j]
            if i < j:
                gap = gap - exp(o[i]) * exp(o[j]) / total**2 * (v[i] - v[j]) ** 2
        facts.append(vanish(gap))
    good = all(fact.truth is Truth.TRUE for fact in facts)
    return Fact(
        Truth.of(good or None), "vᵀAv = Σ_{i<j} p_ip_j(v_i − v_j)², identically, p_i > 0, K ≤ 4"
    )


def _squares_curve() -> Fact:
    """A = cI with c > 0 for each squared error: ∂²/∂o² of its term is a positive number."""
    found = [
        differentiation.differentiate(
            differentiation.differentiate(Loss.named(name).form(1), "o1"), "o1"
        )
        for name in SQUARED
    ]
    good = all(c.is_number and c.value > 0 for c in found)
    return Fact(Truth.of(good or None), f"∂²ℓ/∂o² = {', '.join(map(str, found))}")


SQUARES = (*T4_STEPS, Step("for squared errors A = cI with c > 0: ker A = 0", _squares_curve))
