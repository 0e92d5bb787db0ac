r"""Volumes of basins, learning coefficients (T7), and the effective rank.

In: nothing. Out: a chapter, checked by exact algebra.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from hessrank.proofs.theory import worlds
from hessrank.proofs.theory.chapters.coupling import steps
from hessrank.proofs.theory.statement import Chapter, Check, Display, Figure, Grid, Proof, Say
from hessrank.proofs.theory.world import World
from hessrank.symbolic.expressions.expression import ZERO, number, symbol


@lru_cache(maxsize=1)
def ellipsoid() -> Sequence[World]:
    """λ_i = 2ε/s_i²: the half axes s_i of {½ Σ λ_i θ_i² ≤ ε}, θ_i = s_i u_i."""
    s, u, e = worlds.column("s", 2), worlds.column("u", 2), symbol("eps")
    roots = np.array([[2 * e / v**2] for v in s.flat], dtype=object)
    values = {r"\lambda": roots, "s": s, "u": u, r"\varepsilon": e}
    return (World("exact algebra, N = 2", values, {"i": 2}),)


@lru_cache(maxsize=1)
def spectrum() -> Sequence[World]:
    """H = diag(λ), generic, and a scale b."""
    roots = worlds.column("m", 2)
    diagonal = np.array([[roots[0, 0], ZERO], [ZERO, roots[1, 0]]], dtype=object)
    values = {
        r"\lambda": roots, "H": diagonal, "b": symbol("b"), "I": worlds.identity(2),
        "N": number(2),
    }  # fmt: skip
    return (World("exact algebra, N = 2", values, {"i": 2}),)


def chapter() -> Chapter:
    E, S = Check("A", ellipsoid), Check("A", spectrum)
    return Chapter(
        "Volumes and learning coefficients",
        (
            Say(
                r"Where $L = \frac{1}{2}\sum_i \lambda_i\theta_i^2$ with all $\lambda_i > 0$, the "
                r"set $\{L \le \varepsilon\}$ is an ellipsoid: with half axes $s_i$, "
                r"$\theta_i = s_i u_i$ and"
            ),
            Display("axes", r"\lambda_i s_i^2 = 2 \varepsilon", E),
            Say("the set is the image of the unit ball,"),
            Display(
                "ellipsoid",
                r"\frac{1}{2} \sum_{i} \lambda_i (s_i u_i)^2 = \varepsilon \sum_{i} u_i^2",
                E,
            ),
            Say(
                r"so its volume is that of the ball times $\prod_i s_i = \prod_i\sqrt{2\varepsilon/"
                r"\lambda_i}$, the product of the widths (claim 62). It is of order "
                r"$\varepsilon^{N/2}$."
            ),
            Say(
                r"**T7 (learning coefficient).** For analytic $L \ge 0$ with $L(\theta^*) = 0$ "
                r"the volume of $\{L < \varepsilon\}$ near $\theta^*$ is of order "
                r"$\varepsilon^\lambda$ up to powers of $\log\varepsilon$ [Watanabe], and"
            ),
            Grid(
                ("bound", "because"),
                (
                    (
                        r"$\lambda \ge \frac{1}{2}\operatorname{rank} H$",
                        r"$L$ is at least a quadratic form in $\operatorname{rank} H$ directions, "
                        "up to a change of coordinates (the splitting lemma)",
                    ),
                    (
                        r"$\lambda \le \frac{1}{2}(N - d)$",
                        "around a manifold of $d$ dimensions where $L = 0$, $L$ is at most "
                        "quadratic in the distance",
                    ),
                ),
            ),
            Say(
                r"Both are equalities at once where $d = N - \operatorname{rank} H$. For "
                r"$f = \theta^2$, $y = 0$ (X4) they are $0$ and $\frac{1}{2}$, and $\lambda = "
                r"\frac{1}{4}$: rank does not decide it."
            ),
            Figure(
                "two-basins",
                r"$F = (a(a - 10), b(a - 10))$ (X7): the zeros of $L$ are a point, where $H$ has "
                "rank 2, and the line $a = 10$, along which it has rank 1: near them the volumes "
                r"of $\{L < \varepsilon\}$ have different orders.",
                "hessrank plot X7 --what contours --window=-4,14,-9,9",
            ),
            Say(
                "**Effective rank.** S2's comments salvage “low rank” as “low determinant”. With a "
                r"prior of precision $1/b$ count each direction by $\lambda_i/(\lambda_i + 1/b)$:"
            ),
            Display(
                "share",
                r"\frac{\lambda_i}{\lambda_i + 1 / b} = 1 - \frac{1}{1 + b \lambda_i}",
                S,
            ),
            Display(
                "effective",
                r"\sum_{i} \frac{b \lambda_i}{1 + b \lambda_i} = "
                r"\operatorname{tr}(b H (I + b H)^{-1})",
                S,
            ),
            Say(
                r"for $H \succeq 0$: a number that rises with $b$ from 0 to $\operatorname{rank} "
                "H$ and never exceeds it (claim 86)."
            ),
            Proof(steps("low-determinant")),
        ),
    )
