r"""Softmax: diag(p) − ppᵀ and its kernel; why cross-entropy on probabilities works.

In: nothing. Out: two chapters, checked by exact algebra in generic logits.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from hessrank.proofs.theory import worlds
from hessrank.proofs.theory.chapters.theorems import proof_of
from hessrank.proofs.theory.statement import Chapter, Check, Display, Proof, Say
from hessrank.proofs.theory.world import Function, World
from hessrank.proofs.theory.worlds import of
from hessrank.symbolic.expressions.expression import number, symbol
from hessrank.symbolic.expressions.functions import exp, log
from hessrank.symbolic.linear_algebra.object_matrices import matmul
from hessrank.symbolic.models.losses import Loss


@lru_cache(maxsize=1)
def logits() -> Sequence[World]:
    """K = 3 generic logits o, p their softmax, y with sum 1, ℓ the cross-entropy of the toolkit."""
    K = 3
    o = worlds.column("o", K)
    total = exp(o[0, 0]) + exp(o[1, 0]) + exp(o[2, 0])
    p = np.array([[exp(v) / total] for v in o.flat], dtype=object)
    y = np.array([[symbol("y0")], [symbol("y1")], [1 - symbol("y0") - symbol("y1")]], dtype=object)
    form = Loss.named("softmax-cross-entropy").form(K)
    names = {f"o{k + 1}": o[k, 0] for k in range(K)} | {f"y{k + 1}": y[k, 0] for k in range(K)}
    one = of([[1]] * K)
    values = {
        r"\ell": Function((o,), worlds.put(form, names)), "o": o, "p": p, "y": y,
        "v": worlds.column("v", K), r"\mathbf{1}": one, "K": number(K),
        "P": worlds.identity(K) - matmul(one, one.T) * (number(1) / K), "I": worlds.identity(K),
        "A": np.array([[p[i, 0] * (int(i == j) - p[j, 0]) for j in range(K)] for i in range(K)]),
    }  # fmt: skip
    return (World("exact algebra, K = 3", values, {"i": K, "j": K, "k": K}),)


@lru_cache(maxsize=1)
def probabilities() -> Sequence[World]:
    """Outputs p(θ) of K = 3 classes with Σ p = 1 and generic 2-jets; cross-entropy with y > 0."""
    theta, K = worlds.column("theta", 2), 3
    at = worlds.column("at", 2)
    moved = theta - at
    p = []
    for k in range(K - 1):
        J, G = worlds.matrix(f"J{k}", 1, 2)[0], worlds.symmetric(f"G{k}", 2)
        p.append(worlds.jet(f"c{k}", symbol(f"p{k}"), J, G, moved))
    p.append(1 - p[0] - p[1])
    o, y = worlds.column("o", K), worlds.column("y", K)
    loss = number(0)
    for k in range(K):
        loss = loss - y[k, 0] * log(o[k, 0])
    values = {
        r"\theta": theta, "p": np.array([[v] for v in p], dtype=object), "p_": p, "y": y,
        r"\ell": Function((o,), loss), "o": o, "K": number(K),
    }  # fmt: skip
    point = {t.name: a for t, a in zip(theta.flat, at.flat, strict=True)}
    return (World("generic 2-jets of p with Σ p = 1, N = 2, K = 3", values, {"k": K}, point),)


@lru_cache(maxsize=1)
def fitted_probabilities() -> Sequence[World]:
    """The same where p = y."""
    (world,) = probabilities()
    y = np.array([[worlds.put(v, dict(world.point))] for v in world.values["p"].flat], dtype=object)
    loss = number(0)
    o = world.values["o"]
    for k in range(3):
        loss = loss - y[k, 0] * log(o[k, 0])
    L = worlds.put(loss, {f"o_{k}": world.values["p_"][k] for k in range(3)})
    values = {
        **world.values, "y": y, r"\ell": Function((o,), loss), "L": L, r"\mathbf{1}": of([[1]] * 3),
        "r_": [number(-1)] * 3,
    }  # fmt: skip
    return (World(f"{world.words}, p = y", values, world.ranges, world.point),)


def chapter() -> Chapter:
    A = Check("A", logits)
    return Chapter(
        "Softmax on logits",
        (
            Say(
                r"With $K$ logits $o$ and the label $y$, $\sum_k y_k = 1$, cross-entropy is "
                r"$\ell = \log\sum_k e^{o_k} - \sum_k y_k o_k$. Its derivatives are"
            ),
            Display("softmax", r"p_k = \frac{e^{o_k}}{\sum_j e^{o_j}}", A),
            Display("softmax-r", r"\nabla\ell(o) = p - y", A),
            Display("softmax-A", r"\nabla^2\ell(o) = \operatorname{diag}(p) - p p^{\top}", A),
            Display("softmax-jacobian", r"\frac{\partial p}{\partial o} = A", A),
            Say(
                r"so practical losses do have cross terms (claim 36): $-p_a p_b$ between two "
                "classes. The kernel: adding the same number to all logits changes nothing, and"
            ),
            Display(
                "softmax-kernel", r"p p^{\top} \mathbf{1} = \operatorname{diag}(p) \mathbf{1}", A
            ),
            Display(
                "softmax-form",
                r"v^{\top} A v = \sum_{i<j} p_i p_j (v_i - v_j)^2",
                A,
            ),
            Say(
                r"Since all $p_k > 0$, this is 0 exactly where $v$ is a multiple of $\mathbf{1}$: "
                r"$A \succeq 0$ and $\ker A$ is spanned by $\mathbf{1}$. With the centring of an "
                "example's logits"
            ),
            Display("centring", r"P = I - \frac{1}{K} \mathbf{1} \mathbf{1}^{\top}", A),
            Display("absorbs", r"A = P A P", A),
            Say(
                r"**T14.** Applied to every example, this gives $\ker J^{\top}AJ = J^{-1}(\ker "
                r"P)$, and $\operatorname{rank} "
                r"J^{\top}AJ = \operatorname{rank} PJ = \operatorname{rank} \partial p/\partial"
                r"\theta$ at every $\theta$. $H$ has the same rank where the $D^2f$ term vanishes: "
                r"where $p = y$, or $F$ is linear in $\theta$. A hard label is never attained, as "
                "every $p_k$ lies strictly between 0 and 1. So softmax on logits fails claim 3 "
                r"exactly by what $P$ removes (claim 35): with equal logits $(t, t, t)$ "
                r"$\operatorname{rank} J = 1$ and $\operatorname{rank} H = 0$ (X15)."
            ),
            Proof(proof_of("T14")),
        ),
    )


def on_probabilities() -> Chapter:
    P, Q = Check("J", probabilities), Check("J", fitted_probabilities)
    return Chapter(
        "Cross-entropy on probabilities",
        (
            Say(
                r"Let the outputs be probabilities $p_k(\theta) > 0$ with $\sum_k p_k = 1$, and "
                r"$\ell = -\sum_k y_k \log p_k$ with interior targets $y_k > 0$. Claim 34 says "
                "that this loss is fine, and it is; but not because $r$ vanishes at the fit. Its "
                "derivatives in the outputs are"
            ),
            Display("ce-r", r"\nabla\ell(p)_k = -\frac{y_k}{p_k}", P),
            Display("ce-A", r"\nabla^2\ell(p)_{k k} = \frac{y_k}{p_k^2}", P),
            Say(r"and 0 off the diagonal, so at $p = y$ every component of $r$ is $-1$:"),
            Display("ce-fit", r"\nabla\ell(y) = -\mathbf{1}", Q),
            Say(
                r"The $D^2f$ term is $\sum_k r_k\nabla^2 p_k = -\nabla^2\sum_k p_k$, and the sum "
                "of the probabilities is constant:"
            ),
            Display("ce-sum", r"\sum_{k=1}^{K} p_k = 1", P),
            Display("ce-cancels", r"\nabla^2 p_1 + \nabla^2 p_2 = -\nabla^2 p_3", P),
            Say(r"for three classes. What is left is the Gauss–Newton term alone,"),
            Display(
                "ce-H",
                r"\nabla^2 L = \sum_{k=1}^{K} \frac{1}{y_k} \nabla p_k (\nabla p_k)^{\top}",
                Q,
            ),
            Say(
                r"with $A = \operatorname{diag}(1/y) \succ 0$: the ranks of $H$ and $J$ agree. "
                "With a hard label some $y_k = 0$, $A$ is singular, and the equality fails: "
                r"$p = (1 - \theta^2, \theta^2)$ with the label $(1, 0)$ at $\theta = 0$ has "
                r"$\operatorname{rank} J = 0$ and $\operatorname{rank} H = 1$."
            ),
        ),
    )
