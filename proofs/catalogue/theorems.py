"""The theorems that several themes cite, each a step of a proof with its check.

In: nothing. Out: `Step`s for T1 (constant rank and its pointwise half), T3 (the Hessian identity),
T4 (the rank at a perfect fit), and the elementary facts under them. The checks expand identities in
generic matrices, vectors and quadratic maps of small dimensions; each term of such an identity
involves few rows and columns, so that these dimensions show every kind of term.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import permutations, product

from hessrank.proofs.derivations import identity
from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.reasoning.claim import Step
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.expressions.differentiation import differentiate
from hessrank.symbolic.expressions.expression import Expr, number, symbol
from hessrank.symbolic.expressions.substitution import substitute

Rows = list[list[Expr]]

RANK_THEOREM = "constant rank theorem (Lee, Introduction to Smooth Manifolds, 2nd ed., thm 4.12)"


def generic(name: str, rows: int, columns: int) -> Rows:
    """A matrix of indeterminates."""
    return [[symbol(f"{name}_{i}_{j}") for j in range(columns)] for i in range(rows)]


def times(A: Rows, B: Rows) -> Rows:
    """A·B."""
    return [
        [total(a * b for a, b in zip(row, column, strict=True)) for column in zip(*B, strict=True)]
        for row in A
    ]


def transposed(A: Rows) -> Rows:
    """Aᵀ."""
    return [list(column) for column in zip(*A, strict=True)]


def total(terms: Iterable[Expr]) -> Expr:
    """Σ of an iterable of closed forms."""
    found = number(0)
    for term in terms:
        found = found + term
    return found


def determinant(A: Rows) -> Expr:
    """det A, by Leibniz' formula."""
    n = len(A)

    def sign(p: Sequence[int]) -> int:
        return (-1) ** sum(p[i] > p[j] for i in range(n) for j in range(i + 1, n))

    terms = []
    for p in permutations(range(n)):
        term = number(sign(p))
        for i in range(n):
            term = term * A[i][p[i]]
        terms.append(term)
    return total(terms)


def rank_of_product() -> Fact:
    """Minors of order m+1 of a product through m dimensions vanish: rank QR ≤ m; with R = I, a
    matrix of m columns (of m rows) has rank at most m."""
    minors = [determinant(times(generic("q", m + 1, m), generic("r", m, m + 1))) for m in (1, 2)]
    return _all(minors, "det(QR) = 0 for Q of m columns and m + 1 rows, expanded for m = 1, 2")


def _along_a_curve() -> Fact:
    """(F∘γ)'(0) = J γ'(0) for a generic quadratic F and curve γ in two parameters."""
    t = symbol("t")
    x = [symbol(f"g{i}") * t + symbol(f"h{i}") * t**2 for i in (0, 1)]
    linear = [symbol(f"j{i}") for i in (0, 1)]
    F = total(j * xi for j, xi in zip(linear, x, strict=True))
    F = F + total(symbol(f"s{i}{j}") * x[i] * x[j] for i in (0, 1) for j in (0, 1))
    slope = substitute([differentiate(F, "t")], {"t": number(0)})[0]
    expected = total(j * symbol(f"g{i}") for i, j in enumerate(linear))
    return _all([slope - expected], "(F∘γ)'(0) = J γ'(0), expanded for generic 2-jets")


def _quadratic(v: list[Expr], H: Rows) -> Expr:
    return total(v[i] * H[i][j] * v[j] for i in range(len(v)) for j in range(len(v)))


def _fermat() -> Fact:
    """L(−tg) = −t|g|² + t²gᵀHg/2 and, for g = 0, L(tv) = t²vᵀHv/2, for L = g·θ + ½θᵀHθ."""
    t, g, v = symbol("t"), [symbol("g0"), symbol("g1")], [symbol("v0"), symbol("v1")]
    H = generic("h", 2, 2)
    half = number(1) / 2

    def L(theta: list[Expr], slope: list[Expr]) -> Expr:
        return total(a * b for a, b in zip(slope, theta, strict=True)) + half * _quadratic(theta, H)

    down = L([-t * a for a in g], g) + t * total(a * a for a in g) - half * t**2 * _quadratic(g, H)
    zero = [number(0)] * 2
    bend = L([t * a for a in v], zero) - half * t**2 * _quadratic(v, H)
    return _all([down, bend], "expanded for a generic 2-jet of L: it falls along −∇L, and along v")


def gram_kernel() -> Fact:
    """vᵀJᵀCᵀCJv = |CJv|² and JᵀCᵀ(CJv) = JᵀAJv for A = CᵀC, in generic C, J, v."""
    C, J, v = generic("c", 2, 2), generic("j", 2, 2), generic("v", 2, 1)
    w = times(C, times(J, v))
    A = times(transposed(C), C)
    whole = times(transposed(J), times(A, times(J, v)))
    gaps = [times(transposed(v), whole)[0][0] - total(row[0] * row[0] for row in w)]
    back = times(transposed(J), times(transposed(C), w))
    gaps += [a[0] - b[0] for a, b in zip(whole, back, strict=True)]
    return _all(gaps, "vᵀJᵀAJv = |CJv|² for A = CᵀC, expanded in generic C, J, v")


def affine_fibre() -> Fact:
    """F(θ + v) − F(θ) = Xv for F = Xθ + b."""
    X, theta, v = generic("x", 2, 2), generic("t", 2, 1), generic("v", 2, 1)
    moved = [[a[0] + b[0]] for a, b in zip(theta, v, strict=True)]
    sides = zip(times(X, moved), times(X, theta), times(X, v), strict=True)
    return _all([a[0] - b[0] - c[0] for a, b, c in sides], "X(θ + v) − Xθ = Xv, expanded")


def _all(forms: Sequence[Expr], words: str) -> Fact:
    fact = vanish(*forms)
    return Fact(fact.truth, words if fact.truth is Truth.TRUE else fact.reason)


def _identity_expands() -> Fact:
    """T3 for generic quadratic maps, by expansion, in several dimensions."""
    good = all(identity.holds(n, m) for n, m in product((1, 2), (1, 2)))
    return Fact(
        Truth.of(good),
        "expanded for N, M ≤ 2 with indeterminate coefficients; each term involves at most two "
        "parameters and two outputs",
    )


T3 = Step(
    "H = JᵀAJ + Σ_m r_m∇²F_m; both sides depend on the 2-jets of F and ℓ alone, so it is "
    "enough to expand it for generic quadratic maps",
    _identity_expands,
)
T3_AT_FIT = Step(f"{T3.words}; r = 0 leaves H = JᵀAJ", _identity_expands)
T4_KERNEL = Step(
    "A ⪰ 0, so A = CᵀC and vᵀJᵀAJv = |CJv|²: ker JᵀAJ = ker CJ = J⁻¹(ker A), and rank H = "
    "rank J − dim(im J ∩ ker A)",
    gram_kernel,
)
T4_STEPS = (T3_AT_FIT, T4_KERNEL)

T1 = Step(
    "where rank J is constant near θ, the fibre is near θ a manifold of dimension N − rank J",
    cites=RANK_THEOREM,
)
AT_MOST_ROWS = Step("the rank of a matrix is at most the number of its rows", rank_of_product)
R_AT_MOST_M = Step(
    "rank J ≤ M, so N − rank J ≥ N − M, and N − rank J > N − M if rank J < M", rank_of_product
)
TANGENT = Step(
    "a curve γ in the fibre has 0 = (F∘γ)' = J γ', so tangent vectors lie in ker J",
    _along_a_curve,
)
NEARBY = Step(
    "near θ rank J ≥ rank J(θ), because a minor that is not zero stays so; hence "
    "manifolds of the fibre near θ have dimension ≤ N − rank J(θ)",
    cites="rank–nullity theorem",
)
FERMAT = Step(
    "L(θ − t∇L) = L − t|∇L|² + O(t²) and, where ∇L = 0, L(θ + tv) = L + t²vᵀHv/2 + o(t²): at a "
    "minimum in the interior ∇L = 0 and H ⪰ 0",
    _fermat,
)
AFFINE_FIBRE = Step("F(θ + v) = F(θ) + Jv, so the fibre is θ + ker J", affine_fibre)
