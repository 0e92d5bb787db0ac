r"""Information loss: T5, T6 and T8, and how far merging forces dependence.

In: nothing. Out: a chapter, checked on generic 2-jets, by exact algebra and on exact samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from hessrank.proofs.catalogue.information.proofs import (
    CHAIN,
    DEAD,
    FACTORS,
    GROUP_COUNT,
    REGULAR,
    SHARP,
)
from hessrank.proofs.catalogue.information.proofs import SUBADDITIVE as BOUNDED
from hessrank.proofs.catalogue.theorems import rank_of_product
from hessrank.proofs.reasoning.claim import Step
from hessrank.proofs.theory import worlds
from hessrank.proofs.theory.statement import Chapter, Check, Display, Proof, Say
from hessrank.proofs.theory.world import Function, World
from hessrank.proofs.theory.worlds import of
from hessrank.symbolic.expressions.expression import Expr, number, symbol
from hessrank.symbolic.linear_algebra.object_matrices import matmul

SUM_OF_RANKS = Step(
    "[P | Q] and its parts are products through rank P + rank Q dimensions", rank_of_product
)


@lru_cache(maxsize=1)
def cut() -> Sequence[World]:
    """f(x) = g(a(x; θ_<), θ_>) on three examples, two of which have equal activations.

    a: two activations a(x), with generic derivatives in one parameter before the layer; g a generic
    2-jet in a and two parameters behind.
    """
    low, behind = worlds.column("low", 1), worlds.column("up", 2)
    at = symbol("at")
    slope = [worlds.column(f"s{d}", 2) for d in range(3)]
    value = [worlds.column("a0", 2), worlds.column("a0", 2), worlds.column("a2", 2)]
    a = [value[d] + slope[d] * (low[0, 0] - at) for d in range(3)]
    z = worlds.column("z", 2)
    g = Function((z, behind), _generic(z, behind))
    f = [g.at([a[d], behind]) for d in range(3)]
    theta = np.vstack([low, behind])
    classes = [g.at([value[0], behind]), g.at([value[2], behind])]
    values = {
        r"\theta": theta, r"\theta_<": low, r"\theta_>": behind, "F": np.array([[v] for v in f]),
        "g": g, "a_": a, "f_": f, "E": of([[1, 0], [1, 0], [0, 1]]),
        "B": np.array(
            [[worlds.derivative(c, b) for b in behind.flat] for c in classes], dtype=object
        ),
        "J_<": np.array([[worlds.derivative(v, low[0, 0])] for v in f], dtype=object),
    }  # fmt: skip
    words = "generic 2-jets of g and a, three examples in two classes"
    return (World(words, values, {"d": 3}, {"low_0": at}),)


def _generic(z: np.ndarray, up: np.ndarray) -> Expr:
    """A generic quadratic in activations and parameters."""
    both = np.vstack([z, up])
    linear = worlds.matrix("l", 1, 4)[0]
    return worlds.jet("", symbol("g"), linear, worlds.symmetric("q", 4), both)


@lru_cache(maxsize=1)
def blocks() -> Sequence[World]:
    """P, E and B of many ranks, with J = [P | EB]."""
    found = []
    for P, E, B in (
        ([[1], [2], [0]], [[1, 0], [1, 0], [0, 1]], [[1, 2, 0], [0, 1, 1]]),
        ([[1], [1], [0]], [[1, 0], [1, 0], [0, 1]], [[1, 2, 0], [2, 4, 0]]),
        ([[0], [0], [0]], [[1], [1], [1]], [[1, 1, 0]]),
        ([[1], [0], [0]], [[1], [1], [1]], [[1, 0, 0]]),
    ):
        p = of(P).shape[1]
        c = of(E).shape[1]
        J = np.hstack([of(P), matmul(of(E), of(B))])
        values = {"P": of(P), "Q": matmul(of(E), of(B)), "J": J, "p": number(p), "C": number(c)}
        found.append(World("exact samples", {**values, "K": number(1)}))
    return tuple(found)


@lru_cache(maxsize=1)
def null_direction() -> Sequence[World]:
    """c with c·a = 0 for the activations a entering W (bias included), and any u."""
    a0, c0, c1 = symbol("a0"), symbol("c0"), symbol("c1")
    a = np.array([[a0], [-(c0 * a0) / c1]], dtype=object)
    c = np.array([[c0], [c1]], dtype=object)
    values = {
        "W": worlds.matrix("W", 2, 2), "a": a, "c": c, "t": symbol("t"), "u": worlds.column("u", 2),
    }  # fmt: skip
    return (World("exact algebra, two units, c·a = 0", values),)


@lru_cache(maxsize=1)
def relu_unit() -> Sequence[World]:
    """f = a σ(wx + b) + c with σ linear of slope k on the piece."""
    a, w, b, k, x = (symbol(n) for n in "awbkx")
    f = a * k * (w * x + b) + symbol("c")
    values = {"f": f, "a": a, "w": w, "b": b, "k": k, "x": x, "c": symbol("c")}
    return (World("exact algebra, one unit on a linear piece", values),)


def chapter() -> Chapter:
    C, U = Check("J", cut), Check("A", relu_unit)
    return Chapter(
        "Information loss",
        (
            Say(
                r"Let $f(x) = g(a(x;\theta_<), \theta_>)$: all that the net knows of $x$ goes "
                r"through the activations $a$ of one layer, with $p$ parameters $\theta_<$ before "
                "it and no path around it. Then $a$ is to the net what a sufficient statistic is "
                "to a posterior (claim 81). Inputs with equal activations form a class; let there "
                r"be $C$ of them. The chain rule gives, for the parameters behind the layer,"
            ),
            Display(
                "behind",
                r"\frac{\partial F}{\partial\theta_>} = E B",
                C,
            ),
            Say(
                r"where $B$ has one row for each class (and output) and $E$ copies it to the "
                "examples of that class: equal activations give equal gradients behind the layer "
                "(claim 40). All together"
            ),
            Display(
                "J-blocks",
                r"\frac{\partial F}{\partial\theta} = \begin{pmatrix} J_< & E B \end{pmatrix}",
                C,
            ),
            Say("**T5a.** The rank of a matrix in two parts is at most the sum of theirs,"),
            Display(
                "subadditive",
                r"\operatorname{rank} \begin{pmatrix} P & Q \end{pmatrix} \le "
                r"\operatorname{rank} P + \operatorname{rank} Q",
                Check("L", blocks, steps=(SUM_OF_RANKS,)),
            ),
            Say("so"),
            Display(
                "T5",
                r"\operatorname{rank} J \le p + K C",
                Check("L", blocks, after=("J-blocks", "subadditive"), steps=(FACTORS,)),
            ),
            Say(
                "For $k$ merged inputs and one output: the $k$ gradients span at most $p + 1$ "
                "dimensions, and dependence is forced exactly for $p < k - 1$. S1 asks for few "
                "parameters before the layer and is right (claim 41). Merging alone forces nothing "
                "(X9), and rank may be low without it (X8)."
            ),
            Proof((FACTORS, CHAIN, BOUNDED, GROUP_COUNT, SHARP)),
            Say(
                r"**T5b.** If $\partial g/\partial\theta_>$ on one input of each class has rank "
                r"$KC$, the fibre contains a manifold of $N - p - KC$ dimensions."
            ),
            Say(
                "**T5c.** A layer of relu units that are all strictly dead on some inputs gives "
                "them equal rows of $J$, zero in the parameters before the layer."
            ),
            Proof((REGULAR, DEAD)),
            Say(
                r"**T6 (activation null space).** Let $c$ be perpendicular to the activations that "
                "enter a weight matrix $W$ (the 1 of the bias included) on every example. For "
                "every $u$ and $t$"
            ),
            Display("T6", r"(W + t u c^{\top}) a = W a", Check("A", null_direction)),
            Say(
                r"Where the activations span only $s$ of their $d$ dimensions, this leaves $F$ "
                r"unchanged in $(d - s)d_{\text{out}}$ independent directions, along straight "
                "lines, with $d_{\\text{out}}$ the rows of $W$: the exact "
                "form of “information loss is breadth” (claim 70)."
            ),
            Say(
                r"**T8 (relu scaling).** On a piece where unit $i$ has the slope $k$, "
                r"$f = a k (wx + b) + c$, and"
            ),
            Display(
                "T8",
                r"w \frac{\partial f}{\partial w} + b \frac{\partial f}{\partial b} = "
                r"a \frac{\partial f}{\partial a}",
                U,
            ),
            Say(
                r"so the rescaling $(w, b, -a)$ of each unit lies in $\ker J$, and rank $J$ is at "
                "most $N$ minus the number of hidden units, where every one is joined to an input, "
                "a bias or an output by a path of nonzero weights."
            ),
        ),
    )
