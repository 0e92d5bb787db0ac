r"""S4: the Gram form of the features, its eigenvalues, and what enters from each layer.

In: nothing. Out: a chapter, checked by exact algebra.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from hessrank.proofs.catalogue.features.proofs import BY_EXAMPLE
from hessrank.proofs.theory import worlds
from hessrank.proofs.theory.statement import Chapter, Check, Display, Proof, Say
from hessrank.proofs.theory.world import Function, World
from hessrank.proofs.theory.worlds import of
from hessrank.symbolic.expressions.expression import number, symbol
from hessrank.symbolic.expressions.functions import function
from hessrank.symbolic.linear_algebra.object_matrices import matmul


@lru_cache(maxsize=1)
def scalar_outputs() -> Sequence[World]:
    """Two examples, one output each: φ_i(x) = ∂f(x)/∂θ_i, curvatures ℓ″ of the loss, r = 0."""
    N, D = 2, 2
    J, k = worlds.matrix("J", D, N), worlds.column("k", D)
    A = np.array([[k[d, 0] if d == e else number(0) for e in range(D)] for d in range(D)])
    v = worlds.column("v", N)
    values = {
        r"\varphi": J.T, r"\varphi_v": matmul(J, v), "k": k, "J": J, "A": A,
        "H": matmul(J.T, A, J), "v": v, "D": number(D), "N": number(N),
    }  # fmt: skip
    return (World("exact algebra, N = 2, D = 2", values, {"i": N, "j": N, "x": D}),)


@lru_cache(maxsize=1)
def vector_outputs() -> Sequence[World]:
    """Two examples with two outputs: a block A_x for each."""
    N, K, D = 2, 2, 2
    J = [worlds.matrix(f"J{d}", K, N) for d in range(D)]
    A = [worlds.symmetric(f"A{d}", K) for d in range(D)]
    H = matmul(J[0].T, A[0], J[0]) + matmul(J[1].T, A[1], J[1])
    whole = np.vstack(J)
    zero = np.full((K, K), number(0), dtype=object)
    values = {
        "J_": J, "A_": A, "H": H, "J": whole, "D": number(D),
        "A": np.block([[A[0], zero], [zero, A[1]]]),
    }  # fmt: skip
    return (World("exact algebra, N = K = D = 2", values, {"i": N, "j": N, "x": D}),)


@lru_cache(maxsize=1)
def eigen() -> Sequence[World]:
    """H = JᵀJ = UΛUᵀ with a rational rotation U and J = diag(m) Uᵀ, λ = m²."""
    found = []
    for a, b, c in ((3, 4, 5), (5, 12, 13)):
        u = of([[number(a) / c, number(b) / c], [-number(b) / c, number(a) / c]])
        roots = [symbol("m0"), symbol("m1")]  # λ = m², J = diag(m) Uᵀ
        J = np.array([[roots[i] * u[i, j] for j in range(2)] for i in range(2)], dtype=object)
        values = {
            "J": J, "H": matmul(J.T, J), "v_": [u[i].reshape(-1, 1) for i in range(2)],
            r"\lambda_": [m**2 for m in roots], "D": number(2),
        }  # fmt: skip
        found.append(World("exact algebra, rational rotations", values, {"i": 2, "j": 2, "x": 2}))
    return tuple(found)


@lru_cache(maxsize=1)
def example() -> Sequence[World]:
    """S4's example f = θ_0 + θ_1 x + θ_2 cos x."""
    theta, x = worlds.column("theta", 3), symbol("x")
    f = theta[0, 0] + theta[1, 0] * x + theta[2, 0] * function("cos", x)
    values = {r"\theta": theta, "f": f, "x": x, "c": function("cos", x)}
    return (World("exact algebra", values),)


@lru_cache(maxsize=1)
def layers() -> Sequence[World]:
    """A weight into unit i from unit j: z = W a + b, g a generic function of z."""
    W, a, b = worlds.matrix("W", 2, 2), worlds.column("a", 2), worlds.column("b", 2)
    z = worlds.column("z", 2)
    g = worlds.jet("c", symbol("g"), worlds.matrix("d", 1, 2)[0], worlds.symmetric("q", 2), z)
    whole = Function((z,), g)
    inside = whole.at([matmul(W, a) + b])
    delta = [
        worlds.put(
            whole.derivative((i + 1,)).body, {f"z_{k}": (matmul(W, a) + b)[k, 0] for k in range(2)}
        )
        for i in range(2)
    ]
    values = {
        "W": W, "a": a, "b": b, "g": inside, r"\delta_": delta,
    }  # fmt: skip
    return (World("a generic 2-jet of what follows the layer", values, {"i": 2, "j": 2}),)


@lru_cache(maxsize=1)
def bases() -> Sequence[World]:
    """W T⁻¹ (T a) = W a."""
    values = {
        "W": worlds.matrix("W", 2, 2), "T": worlds.matrix("T", 2, 2), "a": worlds.column("a", 2),
    }  # fmt: skip
    return (World("exact algebra, 2×2", values),)


def chapter() -> Chapter:
    S, V = Check("A", scalar_outputs), Check("A", vector_outputs)
    return Chapter(
        "Features and the breadth of basins",
        (
            Say(
                r"S4 calls $\varphi_i(x) = \partial f(x,\theta)/\partial\theta_i$ the features. "
                r"For one output an example, at a perfect fit and with $k_x = \ell''$ at example "
                r"$x$, ({at-fit}) reads"
            ),
            Display("gram", r"H_{ij} = \sum_{x} k_x \varphi_{i x} \varphi_{j x}", S),
            Say(
                "the Gram matrix of the features in the $L^2$ product over the data, weighted by "
                r"$\ell''$. In S4's example $f = \theta_0 + \theta_1 x + \theta_2\cos x$ they are"
            ),
            Display(
                "example",
                r"\frac{\partial f}{\partial\theta} = \begin{pmatrix} 1 & x & c \end{pmatrix}",
                Check("A", example),
            ),
            Say(
                r"with $c = \cos x$. With $K$ outputs an example $\ell''$ is no factor to be "
                "pulled out: it is the bilinear form between the columns of $J_x$, as Becker-Kahn "
                "objected:"
            ),
            Display("gram-K", r"H = \sum_{x} J_x^{\top} A_x J_x", V),
            Say(
                r"**Eigenvalues.** A direction $v$ has the feature $\varphi_v(x) = \nabla f(x)"
                r"\cdot v$, and"
            ),
            Display("along", r"v^{\top} H v = \sum_{x} k_x (\varphi_v)_x^2", S),
            Say(
                "for any $v$. So for orthonormal eigenvectors $v_i$ and half the squared error the "
                "eigenvalues are the squared norms of the features, and the features of two "
                "eigenvectors are orthogonal:"
            ),
            Display(
                "eigenvalue",
                r"\lambda_i = \sum_{x} (J v_i)_x^2",
                Check("A", eigen, after=("along",)),
            ),
            Display("eigenvector", r"H v_i = \lambda_i v_i", Check("A", eigen)),
            Say(
                "S4 writes norms for squared norms (claim 58). A zero eigenvalue says that the "
                "features depend on each other, hence fewer of them than parameters (claim 61); it "
                "does not say that the direction is flat beyond second order (claim 60): "
                r"$f = \theta^2$, $y = 0$ has $H = 0$ and one solution (X4)."
            ),
            Say(
                r"**Layers.** With $z = Wa + b$ in a layer, $g$ what the net makes of it, and "
                r"$\delta_i = \partial g/\partial z_i$,"
            ),
            Display(
                "layer", r"\frac{\partial g}{\partial W_{ij}} = \delta_i a_j", Check("J", layers)
            ),
            Say(
                r"A feature of the layer below enters multiplied by $\delta$, which holds the "
                r"derivatives of the activations above (claim 64); the vector $a$ is the same for "
                r"every $i$ (claim 69). A change of basis in the layer is carried along by the "
                "weights (claims 67 and 90):"
            ),
            Display("basis", r"W T^{-1} T a = W a", Check("A", bases)),
            Proof((BY_EXAMPLE,)),
        ),
    )
