r"""S1's three claims: gradients and fibre, the dimension of a fibre, rank H = rank G.

In: nothing. Out: a chapter whose displays are checked on generic 2-jets and on exact samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from hessrank.proofs.catalogue.theorems import AT_MOST_ROWS, T4_KERNEL, TANGENT
from hessrank.proofs.theory import worlds
from hessrank.proofs.theory.arithmetic import matrix_of
from hessrank.proofs.theory.statement import Chapter, Check, Display, Figure, Points, Proof, Say
from hessrank.proofs.theory.world import Function, World
from hessrank.proofs.theory.worlds import of
from hessrank.symbolic.expressions.expression import number, symbol
from hessrank.symbolic.linear_algebra.object_matrices import matmul

#: J (M×N) and C (A = CᵀC) of many kinds: full rank, deficient, zero, and A that feels only a part.
SAMPLES = (
    ([[1, 2, 0], [0, 1, 1]], [[1, 0], [0, 1]]),
    ([[1, 2, 0], [2, 4, 0]], [[1, 0], [0, 1]]),
    ([[1, 2, 0], [0, 1, 1]], [[1, 0], [0, 0]]),
    ([[1, 2, 0], [0, 0, 0]], [[0, 0], [0, 1]]),
    ([[0, 0, 0], [0, 0, 0]], [[1, 0], [0, 1]]),
    ([[1, 1], [1, -1], [0, 2]], [[1, 1, 0], [0, 0, 1], [0, 0, 0]]),
    ([[1, 1], [2, 2], [3, 3]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    ([[1, 0], [0, 1], [1, 1]], [[1, 1, 0], [1, 1, 0], [0, 0, 0]]),
)


@lru_cache(maxsize=1)
def samples() -> Sequence[World]:
    """Exact J and A = CᵀC ⪰ 0, with H = JᵀAJ."""
    found = []
    for J_rows, C_rows in SAMPLES:
        J, C = of(J_rows), of(C_rows)
        A = matmul(C.T, C)
        M, N = J.shape
        values = {
            "J": J, "A": A, "H": matmul(J.T, A, J), "C": C,
            "N": number(N), "M": number(M), "G": J.T,
        }  # fmt: skip
        found.append(World("exact samples", values))
    return tuple(found)


@lru_cache(maxsize=1)
def definite_samples() -> Sequence[World]:
    """The samples with a definite A, besides others."""
    definite = [w for w in samples() if matrix_of(w.values["A"]).det() != 0]
    more = []
    for w in samples():
        J = w.values["J"]
        n = J.shape[0]
        A = of([[2 if i == j else 1 for j in range(n)] for i in range(n)])
        more.append(World(w.words, {**w.values, "A": A, "H": matmul(J.T, A, J)}))
    return (*definite, *more)


@lru_cache(maxsize=1)
def moving() -> Sequence[World]:
    """Generic 2-jets without the cubes, with a step s along v, and a curve γ."""
    s = symbol("s")
    found = []
    for N, M in ((2, 3), (3, 2)):
        world = worlds.jets(N, M, cubes=False)
        theta = world.values[r"\theta"]
        w = worlds.column("w", N)
        at = np.array([[world.point[t.name]] for t in theta.flat], dtype=object)
        variable = np.array([[s]], dtype=object)
        curve = at + world.values["v"] * s + w * s**2
        values = {
            **world.values, "s": s, "w": w, r"\gamma": Function((variable,), curve),
        }  # fmt: skip
        found.append(World(world.words, values, world.ranges, world.point))
    return tuple(found)


@lru_cache(maxsize=1)
def at_start() -> Sequence[World]:
    """The same at s = 0."""
    return tuple(World(w.words, w.values, w.ranges, {**w.point, "s": number(0)}) for w in moving())


@lru_cache(maxsize=1)
def fitted_by_squares() -> Sequence[World]:
    """Generic 2-jets with r = 0 and A = CᵀC."""
    found = []
    for N, M in ((2, 3), (3, 2)):
        C = worlds.matrix("C", M, M)
        words = f"generic 2-jets with r = 0 and A = CᵀC, N = {N}, M = {M}"
        found.append(
            worlds.jets(N, M, r=of([[0]] * M), A=matmul(C.T, C), words=words, values={"C": C})
        )
    return tuple(found)


def chapter() -> Chapter:
    return Chapter(
        "Fibres, and S1's three claims",
        (
            Say(
                r"The fibre of $\theta$, S1's behaviour manifold, is $\{\theta' : F(\theta') = "
                r"F(\theta)\}$. Its parts need not be manifolds; what follows speaks of "
                r"differentiable manifolds inside it."
            ),
            Say(
                r"**Claim 1: gradients are perpendicular to the fibre.** A step $sv$ changes the "
                "outputs by"
            ),
            Display(
                "step",
                r"F(\theta + s v)_m = F(\theta)_m + s (J v)_m + \frac{1}{2} s^2 v^{\top} "
                r"\nabla^2 F_m v",
                Check("J", moving),
            ),
            Say(
                "for quadratic $F$, and up to $o(s^2)$ for every $C^2$ map. So the output moves by "
                r"$O(s^2)$ exactly where $Jv = 0$: S1's “the output is only second-order "
                r"sensitive”. A curve $\gamma$ in the fibre has $F(\gamma(s))$ constant, and"
            ),
            Display(
                "curve",
                r"\frac{\partial F(\gamma(s))}{\partial s} = J \frac{\partial\gamma(s)}"
                r"{\partial s}",
                Check("J", at_start),
            ),
            Say(
                r"at $s = 0$, so a tangent vector $v = \dot\gamma(0)$ has $Jv = 0$: every row of "
                "$J$ is perpendicular to it. The converse is false: a vector of $\\ker J$ need not "
                "be tangent to anything in the fibre (counterexample X5)."
            ),
            Figure(
                "hyperbola",
                r"One example, two parameters (X11, $f = ab$): the fibre of $\theta = (1, 1)$ is "
                "the hyperbola drawn thick, and the gradient of $f$ is perpendicular to it. "
                "$L$ is dark where it is low.",
                "hessrank plot X11 --what contours --window=-3,3,-3,3",
            ),
            Figure(
                "spheres-in-space",
                r"Two outputs, three parameters (X5): both level sets of $\theta = 0$ are spheres, "
                r"which touch at $\theta$ alone. $\ker J$ has two dimensions, the fibre none.",
                "hessrank plot X5 --what tubes --window=-1.5,1.5",
            ),
            Say(r"**Claim 2: the dimension.** The kernel has"),
            Display(
                "nullity",
                r"\dim(\ker J) = N - \operatorname{rank} J",
                Check("C", samples, cites=("HJ",)),
            ),
            Say(
                "dimensions (rank–nullity theorem [HJ]), so a manifold in the fibre through "
                r"$\theta$ has at most $N - \operatorname{rank} J(\theta)$ dimensions. The "
                "inequality is often strict. Since the rank of a matrix is that of its transpose "
                "and at most the "
                "number of its rows,"
            ),
            Display(
                "rank-of-G",
                r"\operatorname{rank} G = \operatorname{rank} J",
                Check("C", samples, cites=("HJ",)),
            ),
            Display(
                "rank-at-most",
                r"\operatorname{rank} J \le M",
                Check("L", samples, steps=(AT_MOST_ROWS,)),
            ),
            Say(
                "S1's key result follows: a manifold of more than $N - M$ dimensions in the fibre "
                "makes the $M$ behavioural gradients dependent. Its converse is false (X5)."
            ),
            Figure(
                "crossing-in-space",
                r"Two examples, three parameters: the level sets cross, $\operatorname{rank} J = 2$"
                r", and the fibre is a line; $\{L \le \varepsilon\}$ is a tube around it.",
                "hessrank plot examples/crossing.toml --what tubes --window=-2,2",
            ),
            Figure(
                "parallel",
                r"Two examples with the same level sets: $\operatorname{rank} J = 1$, and the "
                "fibre has a dimension more than $N - M$.",
                "hessrank plot examples/parallel.toml --what contours --window=-2,2,-2,2",
            ),
            Proof((TANGENT, AT_MOST_ROWS)),
            Say(
                r"**Claim 3: $\operatorname{rank} H = \operatorname{rank} G$.** At a perfect fit "
                r"({at-fit}) holds; if moreover "
                r"$A \succeq 0$, then $A = C^{\top}C$ for some $C$, and"
            ),
            Display(
                "squares",
                r"v^{\top} H v = \lVert C J v\rVert^2",
                Check("J", fitted_by_squares, after=("at-fit",)),
            ),
            Display(
                "back",
                r"H v = J^{\top} C^{\top} C J v",
                Check("J", fitted_by_squares, after=("at-fit",)),
            ),
            Say(
                r"So $Hv = 0$ exactly where $CJv = 0$, that is where $AJv = 0$: "
                r"$\ker H = J^{-1}(\ker A)$. Counting dimensions gives theorem T4:"
            ),
            Display(
                "T4",
                r"\operatorname{rank} H = \operatorname{rank} J - \dim(\operatorname{im} J \cap "
                r"\ker A)",
                Check("L", samples, after=("squares", "back", "nullity"), steps=(T4_KERNEL,)),
            ),
            Say(r"and for $A \succ 0$, where $\ker A = 0$,"),
            Display(
                "claim-3",
                r"\operatorname{rank} H = \operatorname{rank} G",
                Check("L", definite_samples, after=("T4", "rank-of-G"), steps=(T4_KERNEL,)),
            ),
            Say(
                "Diagonality of $A$ plays no part: it may be diagonal and singular. Off a perfect "
                "fit the claim fails both ways; what is left of it is ({T9}), and for some nets "
                "T16 and T17."
            ),
            Points(
                (
                    r"$\operatorname{rank} H > \operatorname{rank} J$: $f = \theta^2$, $y = -1$ "
                    "(X1), a global minimum.",
                    r"$\operatorname{rank} H < \operatorname{rank} J$: $F = (\theta, \theta^2)$, "
                    r"$y = (0, \frac{1}{2})$ (X2), a global minimum.",
                    r"$A$ diagonal and singular: $\ell = o_1^2 + o_2^4$ (X6).",
                )
            ),
        ),
    )
