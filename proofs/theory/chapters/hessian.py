r"""From L = ℓ∘F to the Hessian: S2's equations (1) and (2), and S1's 2GGᵀ.

In: nothing. Out: two chapters, each display checked on generic 2-jets or by exact algebra.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from hessrank.proofs.derivations import identity
from hessrank.proofs.theory import worlds
from hessrank.proofs.theory.statement import Chapter, Check, Display, Grid, Say
from hessrank.proofs.theory.world import Function, World
from hessrank.proofs.theory.worlds import of
from hessrank.symbolic.expressions.expression import number, symbol
from hessrank.symbolic.expressions.functions import exp, function
from hessrank.symbolic.models.losses import Loss


@lru_cache(maxsize=1)
def jets() -> Sequence[World]:
    """Generic 2-jets in two pairs of dimensions."""
    return worlds.jets(2, 3), worlds.jets(3, 2)


@lru_cache(maxsize=1)
def by_example() -> Sequence[World]:
    """Generic 2-jets in S2's notation."""
    return (worlds.outputs_by_example(2, 2, 2),)


@lru_cache(maxsize=1)
def at_minimum() -> Sequence[World]:
    """The same where ∇ℓ = 0 and ∇²ℓ is the identity."""
    words = "generic 2-jets with ∇ℓ = 0, ∇²ℓ = 1; N = 2, K = 2, D = 2"
    r, A = of([[0, 0], [0, 0]]), worlds.identity(4)
    return (worlds.outputs_by_example(2, 2, 2, r=r, A=A, words=words),)


@lru_cache(maxsize=1)
def fitted() -> Sequence[World]:
    """Generic 2-jets with r = 0."""
    return tuple(
        worlds.jets(N, M, r=of([[0]] * M), words=f"generic 2-jets with r = 0, N = {N}, M = {M}")
        for N, M in ((2, 3), (3, 2))
    )


def fitted_with(scale: int) -> Sequence[World]:
    """Generic 2-jets with r = 0 and A = scale·I."""
    A = worlds.identity(3) * number(scale)
    words = f"generic 2-jets with r = 0, A = {'' if scale == 1 else scale}I; N = 2, M = 3"
    return (worlds.jets(2, 3, r=of([[0]] * 3), A=A, words=words),)


def mean_fitted() -> Sequence[World]:
    """Generic 2-jets with r = 0 and A = (2/M)I."""
    A = worlds.identity(3) * (number(2) / 3)
    words = "generic 2-jets with r = 0, A = (2/M)I; N = 2, M = 3"
    return (worlds.jets(2, 3, r=of([[0]] * 3), A=A, words=words),)


def a_loss(name: str) -> Sequence[World]:
    """ℓ of M = 3 outputs, one an example, and what it is made of."""
    M = 3
    o, y = worlds.column("o", M), worlds.column("y", M)
    loss = Loss.named(name)
    terms = []
    for m in range(M):
        value, _, _ = loss.at_targets([y[m, 0]], M)
        terms.append(worlds.put(value, {"o1": o[m, 0]}))
    total = terms[0] + terms[1] + terms[2]
    p = np.array([[1 / (1 + exp(-v))] for v in o.flat], dtype=object)
    values = {
        r"\ell": Function((o,), total), "o": o, "y": y, "I": worlds.identity(M),
        "M": number(M), "p": p,
        "t": np.array([[function("tanh", a - b)] for a, b in zip(o.flat, y.flat, strict=True)]),
        "q": np.array([[(a - b) ** 2] for a, b in zip(o.flat, y.flat, strict=True)]),
    }  # fmt: skip
    return (World(f"exact algebra, {name}, M = {M}", values, {"m": M}),)


def below_label() -> Sequence[World]:
    """f = s² + t² with the label −1, half-squared, at s = t = 0."""
    s, t = symbol("s"), symbol("t")
    f = s**2 + t**2
    theta = np.array([[s], [t]], dtype=object)
    values = {
        r"\theta": theta, "s": s, "t": t, "f": f, "y": number(-1), "I": worlds.identity(2),
        "L": number(1) / 2 * (f + 1) ** 2,
    }  # fmt: skip
    return (World("exact algebra", values),)


def chapter() -> Chapter:
    J, P, Q = Check("J", jets), Check("J", by_example), Check("J", at_minimum)
    return Chapter(
        "The Hessian of the loss",
        (
            Say(
                r"A model with parameters $\theta \in \mathbb{R}^N$ is asked on $D$ examples $x_d$ "
                r"and answers each with $K$ outputs $f_p(x_d,\theta)$. All $M = KD$ outputs "
                r"together are the behaviour $F(\theta) \in \mathbb{R}^M$, and a loss $\ell$ of "
                "the outputs makes the total loss [S2]:"
            ),
            Display("total", r"L = \ell(F(\theta))", J),
            Say(
                r"The Jacobian $J$ has a row for each output $m$; $r$ and $A$ are the gradient and "
                r"the Hessian of $\ell$ in the outputs, taken at $F(\theta)$:"
            ),
            Display("jacobian", r"J_{mi} = \frac{\partial F_m}{\partial\theta_i}", J),
            Display("gradient-of-loss", r"r = \nabla\ell(F(\theta))", J),
            Display("hessian-of-loss", r"A = \nabla^2\ell(F(\theta))", J),
            Say(
                "**In indices.** Write $(p,d)$ for output $p$ of example $d$, and "
                r"$\nabla_{(p,d)}\ell$ for the derivative of $\ell$ in it. The chain rule gives"
            ),
            Display(
                "first",
                r"\frac{\partial L}{\partial\theta_i} = \sum_{p=1}^{K}\sum_{d=1}^{D} "
                r"\nabla_{(p,d)}\ell(F(\theta))\,\frac{\partial f_p(x_d,\theta)}{\partial\theta_i}",
                P,
            ),
            Say(
                r"Each summand is a product of two functions of $\theta$, and both have to be "
                "differentiated. The first factor gives, by the chain rule once more,"
            ),
            Display(
                "factor",
                r"\frac{\partial}{\partial\theta_j}\left(\nabla_{(p,d)}\ell(F(\theta))\right) = "
                r"\sum_{q=1}^{K}\sum_{d'=1}^{D} \nabla_{(q,d')}\nabla_{(p,d)}\ell(F(\theta))\,"
                r"\frac{\partial f_q(x_{d'},\theta)}{\partial\theta_j}",
                P,
            ),
            Say(
                r"and the second factor gives $\partial^2 f_p(x_d,\theta)/\partial\theta_j\partial"
                r"\theta_i$. This is where the second term comes from: $F$ is curved in "
                r"$\theta$, and $\ell$ feels that as soon as $\nabla\ell \ne 0$. Together, S2's "
                "equation (1):"
            ),
            Display(
                "S2-1",
                identity.INDEX_FORM,
                P,
            ),
            Say(
                "**In matrices.** With $m$ for the pair $(p,d)$ the same steps read: the gradient "
                "is"
            ),
            Display("gradient", r"\nabla L = J^{\top} r", J),
            Say(
                r"and, differentiated again, its factor $r$ moves with $\theta$ by $AJ$, its "
                r"factor $J^{\top}$ by the second derivatives of the outputs. Together this is "
                r"theorem T3:"
            ),
            Display(
                "moving-r",
                r"\frac{\partial}{\partial\theta_j}\left(\nabla\ell(F(\theta))\right)_m = "
                r"(AJ)_{mj}",
                J,
            ),
            Display(
                "T3",
                identity.MATRIX_FORM,
                J,
            ),
            Say(
                r"with $H = \nabla^2 L$. Call $J^{\top}AJ$ the Gauss–Newton term and the sum the "
                r"$D^2f$ term, or residual term. A regulariser $\rho(\theta)$ would add "
                r"$\nabla^2\rho$. Both sides of ({T3}) depend on the 2-jets of $F$ and $\ell$ "
                "alone; so it was enough to expand it for quadratic maps."
            ),
            Say(
                r"**At a minimum of $\ell$.** If $F(\theta^*)$ is a local minimum of $\ell$, then "
                r"$r = 0$ and the second term is gone:"
            ),
            Display("at-fit", r"H = J^{\top} A J", Check("J", fitted, after=("T3",))),
            Say(
                r"If besides $\nabla_{(q,d')}\nabla_{(p,d)}\ell = \delta_{pq}\delta_{dd'}$, as for "
                r"half the sum of the squared errors, what is left is S2's equation (2):"
            ),
            Display(
                "S2-2",
                identity.INDEX_FORM_AT_MINIMUM,
                Q,
            ),
            Say(
                "or, with the outputs of an example as a vector, an inner product for each of them:"
            ),
            Display(
                "S2-2-vector",
                r"\frac{\partial^2 L}{\partial\theta_j\,\partial\theta_i} = \sum_{d=1}^{D} "
                r"\left(\frac{\partial f(x_d,\theta^*)}{\partial\theta_i}\right)^{\top} "
                r"\frac{\partial f(x_d,\theta^*)}{\partial\theta_j}",
                Q,
            ),
            Say(
                "**The two senses of “minimum”.** The step from ({T3}) to ({at-fit}) needs "
                r"$\nabla\ell = 0$ at $F(\theta)$: the outputs minimise $\ell$. That $\theta$ "
                r"minimises $L$ says only $J^{\top}r = 0$, by ({gradient}): $r$ lies in the left "
                r"null space of $J$ and need not vanish. In S1's own setting ($N > M$, one output, "
                r"squared error) take one example with the output $f = s^2 + t^2$ and the label "
                r"$y = -1$, at $s = t = 0$:"
            ),
            Display(
                "below-label",
                r"L = \frac{1}{2}(s^2 + t^2 + 1)^2",
                Check("A", below_label),
            ),
            Display(
                "below-label-r",
                r"\nabla f = \begin{pmatrix} 2 s \\ 2 t \end{pmatrix}",
                Check("A", below_label),
            ),
            Display(
                "below-label-H",
                r"\nabla^2 L = (f - y) \nabla^2 f + \nabla f (\nabla f)^{\top}",
                Check("A", below_label),
            ),
            Say(
                r"At $s = t = 0$ the gradient of $f$ vanishes and $\nabla^2 L = 2I$, all of it "
                r"from the second term. This is the global minimum, $r = 1$, rank $J = 0$ and rank "
                r"$H = 2$. Both readers "
                "in the comments were right, each about one sense: for $F(\\theta)$ minimising "
                r"$\ell$ the ranks agree where $A \succ 0$ (claims 27 and 83), for $\theta$ "
                "minimising $L$ they need not (claim 26)."
            ),
        ),
    )


def footnote() -> Chapter:
    """S1's footnote 9 with the constant of each loss."""

    def loss(label: str, name: str, latex: str) -> Display:
        return Display(label, latex, Check("A", lambda: a_loss(name)))

    return Chapter(
        r"$2GG^{\top}$ and its constant",
        (
            Say(
                r"S1 writes $G = J^{\top}$: column $m$ is the behavioural gradient of output $m$. "
                "Its footnote 9 states $H = 2GG^{\\top}$ at a perfect fit, “assuming MSE "
                "loss; the constant will change otherwise”. The constant is $\\nabla^2\\ell$:"
            ),
            loss("A-sum", "sum-of-squares", r"\nabla^2\ell = 2 I"),
            loss("A-half", "half-squared", r"\nabla^2\ell = I"),
            loss("A-mean", "mean-squared", r"\nabla^2\ell = \frac{2}{M} I"),
            loss("A-quartic", "quartic", r"\nabla^2\ell(o) = 12 \operatorname{diag}(q)"),
            loss(
                "A-cosh",
                "log-cosh",
                r"\nabla^2\ell(o) = I - \operatorname{diag}(t) \operatorname{diag}(t)",
            ),
            loss(
                "A-bce",
                "binary-cross-entropy",
                r"\nabla^2\ell(o) = \operatorname{diag}(p) - \operatorname{diag}(p) "
                r"\operatorname{diag}(p)",
            ),
            Say(
                r"for the sum of squares ({A-sum}), its half ({A-half}), its mean ({A-mean}), the "
                r"sum of fourth powers ({A-quartic}) with $q_m = (o_m - y_m)^2$, log-cosh "
                r"({A-cosh}) with $t_m = \tanh(o_m - y_m)$, and binary cross-entropy on logits "
                r"({A-bce}) with $p_m = 1/(1 + e^{-o_m})$. Hence, at a perfect fit,"
            ),
            Display(
                "two-gram",
                r"H = 2 G G^{\top}",
                Check("J", lambda: fitted_with(2), after=("at-fit", "A-sum")),
            ),
            Display(
                "one-gram",
                r"H = \sum_{m=1}^{M} G_m G_m^{\top}",
                Check("J", lambda: fitted_with(1), after=("at-fit", "A-half")),
            ),
            Display(
                "mean-gram",
                r"H = \frac{2}{M} G G^{\top}",
                Check("J", mean_fitted, after=("at-fit", "A-mean")),
            ),
            Say(
                "for the sum, the half and the mean. At a fit log-cosh has the constant 1 as well; "
                "fourth powers have the constant 0, so that nothing is left of $H$; binary "
                "cross-entropy weighs the outputs differently, and there $H$ is no multiple of "
                r"$GG^{\top}$, though of the same rank by ({T4}). The last step of the footnote is"
            ),
            Display(
                "gram-form", r"v^{\top} G G^{\top} v = \lVert G^{\top} v\rVert^2", Check("J", jets)
            ),
            Say(
                r"so $GG^{\top}v = 0$ exactly where $G^{\top}v = 0$, and $\operatorname{rank} "
                r"GG^{\top} = \operatorname{rank} G$ over the reals (footnote 10)."
            ),
            Grid(
                ("loss", r"$\nabla^2\ell$", "at a perfect fit"),
                (
                    ("sum-of-squares", "$2I$", r"$H = 2GG^{\top}$"),
                    ("half-squared", "$I$", r"$H = GG^{\top}$"),
                    ("mean-squared", r"$\frac{2}{M}I$", r"$H = \frac{2}{M}GG^{\top}$"),
                    ("log-cosh", r"$I - \operatorname{diag}(t)^2$", r"$H = GG^{\top}$"),
                    (
                        "binary cross-entropy",
                        r"$\operatorname{diag}(p) - \operatorname{diag}(p)^2$",
                        r"$H = G \operatorname{diag}(p)(I - \operatorname{diag}(p)) G^{\top}$",
                    ),
                    ("quartic", r"$12\operatorname{diag}(q)$", "$H = 0$"),
                ),
            ),
        ),
    )
