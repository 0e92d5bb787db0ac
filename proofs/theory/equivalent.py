r"""Mutants that say the same as the display, with the argument.

In: nothing. Out: `INSIDE`, arguments for a kind of place, and `EQUIVALENT`, arguments for single
mutants by the label of their display and their LaTeX.
"""

from __future__ import annotations

INSIDE = {
    "rank": "a rank, an image and a kernel do not change when a matrix (a block row of it) is "
    "multiplied by 2 or by −1",
    "norm": "a vector and its negative have the same norm",
}

EQUIVALENT: dict[str, dict[str, str]] = {
    "A-bce": {
        r"\nabla^2\ell(-o) = \operatorname{diag}(p) - \operatorname{diag}(p) "
        r"\operatorname{diag}(p)": "p(1 − p) is an even function of the logit",
    },
    "T16-minor": {
        r"\det\begin{pmatrix} 0 & h \\ h & -d \end{pmatrix} = -h^2": "d does not enter",
        r"\det\begin{pmatrix} 0 & h \\ h & 2 d \end{pmatrix} = -h^2": "d does not enter",
    },
    "absorbs": {
        r"A = A P": "PA = A already: the columns of A sum to 0",
        r"A = P A": "AP = A already: the rows of A sum to 0",
    },
    "ce-A": {
        r"\nabla^2\ell(-p)_{k k} = \frac{y_k}{p_k^2}": "1/p² is even, also where ℓ is not defined",
    },
    "along": {
        r"v^{\top} H v = \sum_{x} k_x (-\varphi_v)_x^2": "the square of a number and its negative",
    },
    "eigenvalue": {
        r"\lambda_i = \sum_{x} (-J v_i)_x^2": "the square of a number and its negative",
    },
    "ellipsoid": {
        r"\frac{1}{2} \sum_{i} \lambda_i (-s_i u_i)^2 = \varepsilon \sum_{i} u_i^2": (
            "the square of a number and its negative"
        ),
    },
    "T6": {
        r"(W - t u c^{\top}) a = W a": "t may be any number",
        r"(W + 2 t u c^{\top}) a = W a": "t may be any number",
        r"(W + u c^{\top}) a = W a": "t may be 1",
        r"(W + t 2 u c^{\top}) a = W a": "u may be any vector",
        r"(W + t u 2 c^{\top}) a = W a": "c may be any multiple",
    },
    "hyperbola": {
        r"\det(-\nabla^2 L) = 16 \lambda (1 - \lambda)": "the order, 2, is even",
    },
}
