r"""The Hessian identity in indices and in matrices, and its proof (claim 31, theorem T3).

In: the numbers N of parameters and M of outputs. Out: the formulas as LaTeX, and whether the
identity holds, decided by polynomial arithmetic.

    ∂²L/∂θ_i∂θ_j = Σ_{m,m'} A_{mm'} ∂_iF_m ∂_jF_{m'} + Σ_m r_m ∂_i∂_jF_m,   H = JᵀAJ + Σ_m r_m ∇²F_m

Both sides depend on the 2-jets of F and ℓ alone. So let F and ℓ be quadratic with indeterminate
coefficients, expand ℓ∘F as a polynomial in θ and read off its second derivatives at θ = 0: if they
are the right side, identically in all coefficients, the identity holds for every C² map of these
dimensions. Each term of either side involves at most two parameters and two outputs, so the case
N = M = 2 holds all others.
"""

from __future__ import annotations

from functools import lru_cache

from flint import fmpq, fmpq_mpoly_ctx, fmpz

#: Above this many products of monomials the case N = M = 2 stands for the dimensions asked for.
PRODUCTS = 100_000

#: S2's equation (1): outputs f_p(x_d), p = 1…K, d = 1…D; ∇_{(p,d)}ℓ the derivative in that output.
INDEX_FORM = (
    r"\frac{\partial^2 L}{\partial\theta_j\,\partial\theta_i} = "
    r"\sum_{p,q=1}^{K}\sum_{d,d'=1}^{D} \nabla_{(q,d')}\nabla_{(p,d)}\ell(F(\theta))\,"
    r"\frac{\partial f_q(x_{d'},\theta)}{\partial\theta_j}\,"
    r"\frac{\partial f_p(x_d,\theta)}{\partial\theta_i} + "
    r"\sum_{p=1}^{K}\sum_{d=1}^{D} \nabla_{(p,d)}\ell(F(\theta))\,"
    r"\frac{\partial^2 f_p(x_d,\theta)}{\partial\theta_j\,\partial\theta_i}"
)

#: S2's equation (2): what is left where F(θ*) is a local minimum of ℓ and ∇²ℓ is the identity.
INDEX_FORM_AT_MINIMUM = (
    r"\frac{\partial^2 L}{\partial\theta_j\,\partial\theta_i} = \sum_{p=1}^{K}"
    r"\sum_{d=1}^{D} \frac{\partial f_p(x_d,\theta^*)}{\partial\theta_j}\,"
    r"\frac{\partial f_p(x_d,\theta^*)}{\partial\theta_i}"
)

MATRIX_FORM = r"H = J^{\top} A J + \sum_{m=1}^{M} r_m \nabla^2 F_m"
DEFINITIONS = r"J = \partial F/\partial\theta", r"r = \nabla\ell(F)", r"A = \nabla^2\ell(F)"


def representative(N: int, M: int) -> tuple[int, int]:
    """The dimensions in which the identity is expanded: (N, M) themselves while they are small."""
    small = M * M * (N * N) ** 2 <= PRODUCTS
    return (N, M) if small else (min(N, 2), min(M, 2))


@lru_cache(maxsize=64)
def holds(N: int, M: int) -> bool:
    """Whether H = JᵀAJ + Σ_m r_m ∇²F_m for generic quadratic F: Q^N → Q^M and ℓ, by expansion.

    >>> holds(2, 2)
    True
    """
    theta = [f"theta_{i}" for i in range(N)]
    J = [[f"J_{m}_{i}" for i in range(N)] for m in range(M)]
    G = [[[f"G_{m}_{min(i, j)}_{max(i, j)}" for j in range(N)] for i in range(N)] for m in range(M)]
    r = [f"r_{m}" for m in range(M)]
    A = [[f"A_{min(m, n)}_{max(m, n)}" for n in range(M)] for m in range(M)]
    used = {*theta, *r, *(e for row in [*J, *A, *(row for t in G for row in t)] for e in row)}
    ring = fmpq_mpoly_ctx.get(sorted(used), "lex")
    of = dict(zip(sorted(used), ring.gens(), strict=True))
    zero, half = ring.constant(0), ring.constant(1) / 2

    F = [
        sum((of[J[m][i]] * of[theta[i]] for i in range(N)), zero)
        + half
        * sum(
            (of[G[m][i][j]] * of[theta[i]] * of[theta[j]] for i in range(N) for j in range(N)), zero
        )
        for m in range(M)
    ]
    L = sum((of[r[m]] * F[m] for m in range(M)), zero) + half * sum(
        (of[A[m][n]] * F[m] * F[n] for m in range(M) for n in range(M)), zero
    )
    origin: dict[str | int, int | fmpz | fmpq] = dict.fromkeys(theta, 0)
    for i in range(N):
        for j in range(i + 1):
            left = L.derivative(theta[i]).derivative(theta[j]).subs(origin)
            gauss_newton = sum(
                (of[J[m][i]] * of[A[m][n]] * of[J[n][j]] for m in range(M) for n in range(M)), zero
            )
            residual = sum((of[r[m]] * of[G[m][i][j]] for m in range(M)), zero)
            if left != gauss_newton + residual:
                return False
    return True
