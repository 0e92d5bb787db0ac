r"""Two modules of parameters: Schur's complement, coupling (T11), and a regulariser.

In: nothing. Out: a chapter, checked by exact algebra.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from hessrank.proofs.catalogue import find
from hessrank.proofs.reasoning.claim import Step
from hessrank.proofs.theory import worlds
from hessrank.proofs.theory.chapters.theorems import proof_of
from hessrank.proofs.theory.statement import Chapter, Check, Display, Proof, Say
from hessrank.proofs.theory.world import Function, World
from hessrank.symbolic.expressions.expression import symbol


@lru_cache(maxsize=1)
def modules() -> Sequence[World]:
    """H in blocks P, Q, B, coupled by t; S = diag(1, −1); generic vectors."""
    P, Q, B = worlds.symmetric("P", 3), worlds.symmetric("Q", 2), worlds.matrix("B", 3, 2)
    t = np.array([[symbol("t")]], dtype=object)
    coupled = np.block([[P, B * t[0, 0]], [B.T * t[0, 0], Q]])
    signs = [[(i == j) * (1 if i < 3 else -1) for j in range(5)] for i in range(5)]
    values = {
        "P": P, "Q": Q, "B": B, "H": Function((t,), coupled), "t": t[0, 0], "S": worlds.of(signs),
        "I": worlds.ANY_IDENTITY,
    }  # fmt: skip
    return (World("exact algebra, blocks of order 3 and 2", values),)


@lru_cache(maxsize=1)
def hyperbola() -> Sequence[World]:
    """L = (ab − 1)² + λ(a² + b²) with a critical point a = b, a² = 1 − λ."""
    a, b = symbol("a"), symbol("b")
    lam = 1 - a * a
    values = {
        r"\theta": np.array([[a], [b]], dtype=object), "a": a, "b": b, r"\lambda": lam,
        "L": (a * b - 1) ** 2 + symbol("lam") * (a**2 + b**2),
    }  # fmt: skip
    return (World("exact algebra, at a = b, a² = 1 − λ", values, {}, {"b": a, "lam": lam}),)


def steps(id: str) -> tuple[Step, ...]:
    """The steps of the first form of a claim that has a proof."""
    return next((f.proof for f in find(id).forms.values() if f.proof), ())


def chapter() -> Chapter:
    M = Check("A", modules)
    return Chapter(
        "Coupling of modules, and regularisers",
        (
            Say(
                r"Split the parameters into two modules and $H$ into blocks: $P$ and $Q$ within, "
                r"$B$ between them. Schur's complement $Q - B^{\top}P^{-1}B$ comes from"
            ),
            Display(
                "schur",
                r"\begin{pmatrix} P & B \\ B^{\top} & Q \end{pmatrix} = "
                r"\begin{pmatrix} I & 0 \\ B^{\top} P^{-1} & I \end{pmatrix} "
                r"\begin{pmatrix} P & 0 \\ 0 & Q - B^{\top} P^{-1} B \end{pmatrix} "
                r"\begin{pmatrix} I & P^{-1} B \\ 0 & I \end{pmatrix}",
                M,
            ),
            Display(
                "schur-det",
                r"\det\begin{pmatrix} P & B \\ B^{\top} & Q \end{pmatrix} = \det(P) "
                r"\det(Q - B^{\top} P^{-1} B)",
                M,
            ),
            Say(
                r"for invertible $P$. A block $B$ of rank $s$ changes $Q$ by a matrix of rank at "
                "most $s$; that this is “equivalent to sparse off-diagonals” (claim 53) is true up "
                "to a change of basis."
            ),
            Say(
                "**T11 (coupling widens the spectrum).** Let $H(t)$ have the off-diagonal block "
                r"$tB$, and let $S = \operatorname{diag}(I, -I)$. Then"
            ),
            Display("T11-sign", r"S H(t) S = H(-t)", M),
            Display("T11-mean", r"2 H(0) = H(t) + H(-t)", M),
            Say(
                r"$H(t)$ and $H(-t)$ have the same eigenvalues, and $\lambda_{\max}$, a maximum of "
                r"functions $v^{\top}H(t)v$ that are affine in $t$ (Rayleigh), is convex: even and "
                r"convex, it does not fall in $t \ge 0$; $\lambda_{\min}$ likewise does not rise. "
                "So coupling makes the extreme eigenvalues more extreme (claim 54), whatever its "
                "rank."
            ),
            Proof(proof_of("T11")),
            Say(
                "**Regularisers.** They add their own Hessian, and a manifold of solutions can "
                r"shrink to points: for $L = (ab - 1)^2 + \lambda(a^2 + b^2)$ with $0 < \lambda < "
                r"1$ the minima are $a = b = \pm\sqrt{1 - \lambda}$, and there"
            ),
            Display(
                "hyperbola",
                r"\det(\nabla^2 L) = 16 \lambda (1 - \lambda)",
                Check("A", hyperbola),
            ),
            Say(
                "which is positive: isolated points. They need not: with $a\\cdot b = 1$ for "
                "vectors $a, b$ of the plane a rotation of both leaves $L$ and the regulariser "
                "unchanged, and a circle remains (claim 22)."
            ),
        ),
    )
