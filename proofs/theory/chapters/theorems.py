r"""Theorems T1 to T17, each with what it says, its displays and its proof.

In: nothing. Out: two chapters. T3 and T4 stand in the chapters before; T5, T6 and T8, which are
about networks, T14 about softmax, T11 about coupling and T7 about volumes stand in those behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from flint import fmpq, fmpq_mat

from hessrank.proofs.catalogue import find
from hessrank.proofs.catalogue.theorems import R_AT_MOST_M, T1, T4_STEPS
from hessrank.proofs.reasoning.claim import Step
from hessrank.proofs.theory import worlds
from hessrank.proofs.theory.arithmetic import matrix_of
from hessrank.proofs.theory.chapters.fibres import samples
from hessrank.proofs.theory.statement import Chapter, Check, Display, Proof, Say
from hessrank.proofs.theory.world import World, null_space
from hessrank.proofs.theory.worlds import of
from hessrank.symbolic.expressions.expression import ZERO, Expr, number, symbol
from hessrank.symbolic.linear_algebra.object_matrices import matmul

#: Y beside the samples' Gauss–Newton terms: of every rank and sign that a 3×3 or 2×2 one can have.
TERMS = ([[0, 0, 0], [0, 0, 0], [0, 0, 1]], [[-1, 0, 0], [0, 0, 0], [0, 0, 0]],
         [[1, -2, 0], [-2, 0, 1], [0, 1, 0]])  # fmt: skip


def proof_of(id: str) -> tuple[Step, ...]:
    """The steps of the best form of a theorem of the catalogue."""
    best = find(id).best
    assert best is not None
    return best.proof


@lru_cache(maxsize=1)
def sums() -> Sequence[World]:
    """JᵀAJ of the samples and Y, H = JᵀAJ + Y; the signs counted exactly."""
    found = []
    for world in samples():
        N = world.values["J"].shape[1]
        for rows in TERMS:
            Y = of([row[:N] for row in rows[:N]])
            H = world.values["H"] + Y
            values = {**world.values, "Y": Y, "H": H, "i_+": _positive, "i_-": _negative}
            found.append(World(world.words, values))
    return tuple(found)


def _positive(A: np.ndarray) -> int:
    return _signs(matrix_of(A))[0]


def _negative(A: np.ndarray) -> int:
    return _signs(matrix_of(A))[1]


def _signs(A: fmpq_mat) -> tuple[int, int]:
    """How many eigenvalues of a symmetric matrix are positive and negative: by Descartes' rule,
    which is exact where all roots are real."""
    c = [v for v in A.charpoly().coeffs() if v != 0]
    changes = sum((a > 0) != (b > 0) for a, b in pairwise(c))
    return changes, int(A.rank()) - changes


@lru_cache(maxsize=1)
def factored() -> Sequence[World]:
    """JᵀAJ = QR and Y = Q'R' in generic factors."""
    names = {"Q": (3, 2), "R": (2, 3), "Q'": (3, 1), "R'": (1, 3)}
    values = {n: worlds.matrix(n.replace("'", "p"), *shape) for n, shape in names.items()}
    return (World("exact algebra, 3×3 through 2 + 1 dimensions", values),)


@lru_cache(maxsize=1)
def with_second_term() -> Sequence[World]:
    """H = JᵀCᵀCJ + Y in generic C, J, Y, v."""
    C, J = worlds.matrix("C", 2, 2), worlds.matrix("J", 2, 3)
    Y, v = worlds.symmetric("Y", 3), worlds.column("v", 3)
    values = {"C": C, "J": J, "Y": Y, "v": v, "H": matmul(J.T, C.T, C, J) + Y}
    return (World("exact algebra, N = 3, M = 2", values),)


@lru_cache(maxsize=1)
def any_label() -> Sequence[World]:
    """L = ½(s² + t² − y)² with its label free."""
    s, t, y = symbol("s"), symbol("t"), symbol("y")
    values = {
        r"\theta": np.array([[s], [t]], dtype=object), "y": y, "I": worlds.identity(2),
        "L": (s**2 + t**2 - y) ** 2 / 2, "s": s, "t": t,
    }  # fmt: skip
    return (World("exact algebra, at s = t = 0", values, {}, {"s": ZERO, "t": ZERO}),)


@lru_cache(maxsize=1)
def implicit() -> Sequence[World]:
    """∇L(θ(y), y) along a curve of labels, L a generic 2-jet in θ and a label."""
    t = symbol("tau")
    theta, way = worlds.column("theta", 2), worlds.column("w", 2)
    y = symbol("y")
    H, b = worlds.symmetric("H", 2), worlds.column("b", 2)
    g = matmul(H, theta) + b * y
    moved = np.array(
        [
            [worlds.put(v, {"theta_0": way[0, 0] * t, "theta_1": way[1, 0] * t, "y": t})]
            for v in g.flat
        ],
        dtype=object,
    )
    values = {"g": moved, r"\tau": t, "H": H, "b": b, "w": way}
    return (World("generic 2-jets of L in θ and a label", values),)


@lru_cache(maxsize=1)
def stacked() -> Sequence[World]:
    """J on the data, T off the data, Z a basis of ker J."""
    rows = (
        ([[1, 2, 0], [0, 1, 1]], [[1, 0, 0]]),
        ([[1, 2, 0], [0, 1, 1]], [[1, 3, 1]]),
        ([[1, 0, 0]], [[0, 1, 0], [0, 0, 1]]),
        ([[1, 0, 0]], [[1, 1, 0], [2, 2, 0]]),
        ([[0, 0, 0]], [[1, 1, 0], [0, 2, 0]]),
    )
    found = []
    for J_rows, T_rows in rows:
        J = of(J_rows)
        Z = null_space(matrix_of(J))
        basis = of([[_rational(v) for v in row] for row in Z.tolist()])
        found.append(World("exact samples", {"J": J, "T": of(T_rows), "Z": basis}))
    return tuple(found)


def _rational(v: fmpq) -> Expr:
    return number(int(v.p)) / int(v.q)


@lru_cache(maxsize=1)
def one_hidden() -> Sequence[World]:
    """f = Σ_i a_i σ'_i (w_i x + b_i) + c on two examples, the slopes of the pieces held; two units.

    s_1, s_2 are T16's vectors; r the derivative of the loss in the outputs.
    """
    D, h = 2, 2
    x, r = [symbol(f"x{d}") for d in range(D)], [symbol(f"r{d}") for d in range(D)]
    a, w, b = ([symbol(f"{n}{i}") for i in range(h)] for n in "awb")
    slope = [[symbol(f"k{i}{d}") for d in range(D)] for i in range(h)]
    f = []
    for d in range(D):
        total = symbol("c")
        for i in range(h):
            total = total + a[i] * slope[i][d] * (w[i] * x[d] + b[i])
        f.append(total)
    g = r[0] * f[0] + r[1] * f[1]
    u = [np.array([[w[i]], [b[i]]], dtype=object) for i in range(h)]
    values = {
        "g": g, "a_": a, "u_": u, "r_": r, "f_": f, "D": number(D),
        "k": np.array(slope, dtype=object),
        "x_": [np.array([[v], [number(1)]], dtype=object) for v in x],
        "s_": [
            np.array(
                [[r[0] * slope[i][0] * x[0] + r[1] * slope[i][1] * x[1]],
                 [r[0] * slope[i][0] + r[1] * slope[i][1]]], dtype=object,
            )
            for i in range(h)
        ],
    }  # fmt: skip
    return (World("exact algebra, two units, two examples", values, {"i": h, "d": D}),)


@lru_cache(maxsize=1)
def minor() -> Sequence[World]:
    return (World("exact algebra", {"h": symbol("h"), "d": symbol("d")}),)


def chapter() -> Chapter:
    return Chapter(
        "Theorems on maps and losses",
        (
            Say(
                "**T1 (constant rank).** If $\\operatorname{rank} J$ is constant near $\\theta$, "
                "the "
                r"fibre is near $\theta$ a manifold of dimension $N - \operatorname{rank} J$ "
                r"[Lee]. "
                "At any point, constant rank or not, every "
                r"differentiable manifold in the fibre has at most $N - \operatorname{rank} "
                r"J(\theta)$ dimensions, by ({curve}) and ({nullity})."
            ),
            Proof((T1, R_AT_MOST_M)),
            Say(
                "**T2 (Sard).** For smooth $F$ and almost every label vector $y$ every $\\theta$ "
                "with $F(\\theta) = y$ has $\\operatorname{rank} J = M$ [Sard]: an exact solution "
                "of deficient rank exists for a null set of labels only."
            ),
            Say(
                "T3 is ({T3}) and T4 ({T4}); T5, T6 and T8 stand at ({T5}), ({T6}) and ({T8}), T7 "
                "in the chapter on volumes, T11 at ({T11-sign}), T14 at ({absorbs}), T16 and T17 "
                "in the next chapter."
            ),
            Say(
                r"**T9 (off a perfect fit).** Let $Y$ be the residual term plus the Hessian of a "
                r"regulariser, so that $H = J^{\top}AJ + Y$. At any $\theta$, for any $A$,"
            ),
            Display(
                "T9",
                r"\lvert \operatorname{rank} H - \operatorname{rank} J^{\top} A J\rvert \le "
                r"\operatorname{rank} Y",
                Check("L", sums, after=("T3", "through"), steps=proof_of("T9")),
            ),
            Say(r"because, with full-rank factors $J^{\top}AJ = QR$ and $Y = Q'R'$,"),
            Display(
                "through",
                r"Q R + Q' R' = \begin{pmatrix} Q & Q' \end{pmatrix} "
                r"\begin{pmatrix} R \\ R' \end{pmatrix}",
                Check("A", factored),
            ),
            Say(
                r"goes through $\operatorname{rank} J^{\top}AJ + \operatorname{rank} Y$ "
                r"dimensions, "
                r"and $J^{\top}AJ = H - Y$ likewise. If $A = C^{\top}C \succ 0$,"
            ),
            Display(
                "form-with-Y",
                r"v^{\top} H v = \lVert C J v\rVert^2 + v^{\top} Y v",
                Check("A", with_second_term),
            ),
            Say(
                r"is positive on what a complement of $\ker J$ has outside of $i_-(Y)$ dimensions: "
                "with $i_+$ and $i_-$ the numbers of positive and negative eigenvalues,"
            ),
            Display(
                "T9-squares",
                r"i_+(H) \ge \operatorname{rank} J^{\top} A J - i_-(Y)",
                Check("L", sums, after=("form-with-Y",), steps=proof_of("T9")),
            ),
            Say(
                "**T10 (minima with residual are not rare).** Differentiate $\\nabla L(\\theta(y), "
                "y) = 0$ along labels $y(\\tau)$ that move: with $w = \\dot\\theta$ and $b$ the "
                r"derivative of $\nabla L$ in the label along $\dot y$,"
            ),
            Display("T10", r"\frac{\partial g}{\partial \tau} = H w + b", Check("J", implicit)),
            Say(
                "for $g = \\nabla L$. Where $H$ is invertible this is solved by $w = -H^{-1}b$, "
                "and by the implicit function theorem a nondegenerate minimum persists for an open "
                "set of labels, $r \\ne 0$ with it. For $f = s^2 + t^2$ at $s = t = 0$,"
            ),
            Display("T10-case", r"\nabla^2 L = -2 y I", Check("A", any_label)),
            Say("a nondegenerate minimum with $r \\ne 0$ for every $y < 0$, with $N > M$."),
            Proof(proof_of("T10")),
            Say(
                "**T12 (near a perfect fit the points of equal loss are the fibre).** Where $r = "
                r"0$ and $A \succ 0$, the set $\{L = L(\theta)\}$ is near $\theta$ the fibre, and "
                r"has at most $N - \operatorname{rank} H$ dimensions, by ({claim-3}) and T1."
            ),
            Proof((*T4_STEPS, *proof_of("T12")[2:])),
            Say(
                "**T13 (fibres of lower dimension are rare, relu included).** For a piecewise "
                "analytic net the parameters whose fibre has local dimension below $N - M$ form a "
                "null set [Mityagin]. S1's footnote 2 is right for every net of the post."
            ),
            Proof(proof_of("T13")),
            Say(
                "**T15 (when the outputs off the data are free).** Let $T$ be the Jacobian on test "
                r"inputs and $Z$ a basis of $\ker J$. Then"
            ),
            Display(
                "T15",
                r"\operatorname{rank} \begin{pmatrix} J \\ T \end{pmatrix} = \operatorname{rank} J "
                r"+ \operatorname{rank} T Z",
                Check("L", stacked, after=("nullity",), steps=proof_of("T15")[2:]),
            ),
            Say(
                r"so where this is $\operatorname{rank} J + M_{\text{test}}$ and "
                r"$\operatorname{rank} J$ is locally constant, $T$ maps the tangent space of the "
                "fibre onto all test outputs: on the fibre they contain an open set."
            ),
            Proof(proof_of("T15")),
        ),
    )


def one_hidden_layer() -> Chapter:
    return Chapter(
        "T16: one hidden layer of relu, one output",
        (
            Say(
                "Let the net have one hidden layer of relu, leaky relu or identity, one output, no "
                "regulariser and no fixed or tied parameters, and let no preactivation lie at a "
                "kink. With $u_i = (w_i, b_i)$, $x_d$ extended by 1 and the slopes "
                r"$k_{id} = \sigma'$ of unit $i$ on example $d$ held, put"
            ),
            Display("T16-s", r"s_i = \sum_{d} r_d k_{id} x_d", Check("A", one_hidden)),
            Say(
                r"For $g = \sum_d r_d f_d$ with $r$ held constant, $\nabla g = \nabla L$ and "
                r"$\nabla^2 g$ is the $D^2f$ term. Its only blocks that need not vanish, and the "
                "gradient, are"
            ),
            Display(
                "T16-block",
                r"\frac{\partial}{\partial a_i}\left(\frac{\partial g}{\partial u_i}\right) = "
                r"s_i^{\top}",
                Check("A", one_hidden),
            ),
            Display(
                "T16-gradient",
                r"\frac{\partial g}{\partial u_i} = a_i s_i^{\top}",
                Check("A", one_hidden),
            ),
            Say(
                r"At a critical point $a_i s_i = 0$. If $a_i \ne 0$, then $s_i = 0$. If $a_i = 0$, "
                "the columns of $J$ for $u_i$ vanish, $H$ has a zero diagonal there, and of every "
                "minor with an entry $h$ of the row $s_i$"
            ),
            Display(
                "T16-minor",
                r"\det\begin{pmatrix} 0 & h \\ h & d \end{pmatrix} = -h^2",
                Check("A", minor),
            ),
            Say(
                r"which $H \succeq 0$ forbids unless $h = 0$. So the $D^2f$ term is 0 at every "
                r"critical point with $H \succeq 0$, perfect fit or not: $H = J^{\top}AJ$, so that "
                r"$\operatorname{rank} H = \operatorname{rank} J$ where $A \succ 0$. Claims 26 and "
                "27 are true, off the kinks, of S1's relu nets with one hidden layer and one "
                "output. The theorem is "
                r"sharp: with three outputs, a linear net of widths 3, 2, 3 at "
                r"$W^{(1)} = (e_1, e_2)^{\top}$, $W^{(2)} = 2(e_1, e_2)$ on $x = I$, $y = 2I$ has "
                r"$\operatorname{rank} J = 8$ and $\operatorname{rank} H = 6$ at a global minimum "
                "[EY]."
            ),
            Proof(proof_of("T16")),
            Say(
                "**T17 (deeper nets).** The same holds at every local minimum of linear nets of "
                "any "
                "depth with one output [LB], and of nets with two hidden layers of relu or leaky "
                "relu of which the second is one unit, again off the kinks. It is sharp: with two "
                r"units there, relu of widths 2, 2, 2, 1 has a local minimum with "
                r"$\operatorname{rank} J = 5$ and $\operatorname{rank} H = 6$ on six examples."
            ),
            Proof(proof_of("T17")),
        ),
    )
