"""The predicates of the claims about features (55 to 70).

In: nothing. Out: `Predicate`s on `Landscape`s, from the exact features of `features`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import product as grid
from math import prod
from typing import Any

from flint import fmpq

from hessrank.proofs.basins.features import (
    eigen_features,
    feature_along,
    features,
    gauss_newton_is_gram,
    independent_features,
    is_gram,
    tangent_features,
)
from hessrank.proofs.basins.volume import positive_leading_form, rise
from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.facts.smooth_piece import outputs_of
from hessrank.proofs.fibres.fibre import constant_rank, fibre_dimension
from hessrank.proofs.minima.minimum import total_loss
from hessrank.proofs.reasoning.statement import Predicate
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import UndecidedError, counted
from hessrank.symbolic.expressions.convexity import Curvature, curvature
from hessrank.symbolic.expressions.differentiation import gradient, hessian
from hessrank.symbolic.expressions.expression import evaluate, free_symbols
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.object_matrices import object_array
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.matrices import Matrix

#: The composed loss is differentiated directly for at most this many parameters.
MAX_DIRECT = 16


def _direct_gradient(here: Landscape) -> Fact:
    """The linear Taylor term of L, from differentiating the composed closed form of L."""
    problem = here.problem
    if problem.N > MAX_DIRECT:
        raise UndecidedError(f"L is differentiated directly for at most {MAX_DIRECT} parameters")
    forms = gradient(total_loss(problem), problem.model.parameters)

    def build(field: Field) -> Matrix:
        found = [[v] for v in evaluate(forms, field, here.theta(field))]
        return Matrix.of(object_array(found, (len(found), 1)), field)

    try:
        return landscape_facts.is_zero(evaluate_in_field(build, here.side), "the linear term of L")
    except TooLarge as error:
        raise UndecidedError(f"the linear term: {error}") from None


def _no_residual(here: Landscape) -> Fact:
    return landscape_facts.is_zero(here.residual, "Σ r_m ∇²F_m")


def _hard_softmax(here: Landscape) -> Fact:
    """Softmax cross-entropy on K ≥ 2 logits with a target of exactly 0 or 1."""
    if here.problem.loss.name != "softmax-cross-entropy" or here.problem.model.output_count < 2:
        return Fact(Truth.FALSE, "no softmax cross-entropy on two or more logits")
    hard = any(v.is_number and v.value in (0, 1) for row in here.problem.data.y for v in row)
    return Fact(Truth.of(hard), "a target is hard" if hard else "every target is soft")


def _scalar_output(here: Landscape) -> Fact:
    K = here.problem.model.output_count
    return Fact(Truth.of(K == 1), f"K = {K}")


def _sum_over_examples(here: Landscape) -> Fact:
    if not here.problem.loss.couples or len(here.problem.data) == 1:
        return Fact(Truth.TRUE, "ℓ is a sum over examples")
    A, K = here.loss_hessian.exact("A"), here.problem.model.output_count
    off = [v for i, row in enumerate(A.rows) for j, v in enumerate(row) if i // K != j // K]
    column = Matrix.of(object_array([[v] for v in off], (len(off), 1)), A.field)
    return landscape_facts.is_zero(column, "the part of A between examples")


def _norms(here: Landscape, squared: bool) -> Fact:
    """λ|v|² = Σ φ_vᵀAφ_v for an eigenbasis; or λ as the norm, not its square."""
    try:
        field, found = eigen_features(here)
    except UndecidedError:
        if not squared:
            raise
        fact = is_gram(here)
        return Fact(fact.truth, f"vᵀHv = Σ_x φ_vᵀA_xφ_v for every v: {fact.reason}")
    if squared:
        gaps = [[e.eigenvalue * e.square - e.norm] for e in found]
    else:
        gaps = [[e.eigenvalue * e.eigenvalue * e.square - e.norm] for e in found]
    shown = ", ".join(
        f"λ = {field.expr(e.eigenvalue)}: {field.expr(e.norm / e.square)}" for e in found[:3]
    )
    column = Matrix.of(object_array(gaps, (len(gaps), 1)), field)
    fact = landscape_facts.is_zero(column, "the difference")
    return Fact(fact.truth, f"squared norms of unit eigenvectors' features: {shown}")


def _along_eigenvectors(here: Landscape) -> Fact:
    """λ|v|² = Σ_x (d/dt f(x; θ + tv))² for each eigenvector v: φ_v by a directional derivative."""
    field, found = eigen_features(here)
    model, data = here.problem.model, here.problem.data
    forms = [
        (
            field.expr(e.eigenvalue),
            field.expr(e.square),
            feature_along(here, [field.expr(c) for c in e.vector]),
        )
        for e in found
    ]

    def build(fresh: Field) -> Matrix:
        gaps = []
        for value, square, phi in forms:
            total, size = evaluate([value, square], fresh, {})
            gap = total * size
            for row in data.x:
                x = dict(zip(model.inputs, evaluate(row, fresh, {}), strict=True))
                for v in evaluate(phi, fresh, x):
                    gap = gap - v * v
            gaps.append([gap])
        return Matrix.of(object_array(gaps, (len(gaps), 1)), fresh)

    fact = landscape_facts.is_zero(evaluate_in_field(build, here.side), "λ|v|² − Σ_x φ_v(x)²")
    return Fact(
        fact.truth,
        f"λ|v|² = Σ_x φ_v(x)² for {len(found)} eigenvectors"
        if (fact.truth is Truth.TRUE)
        else fact.reason,
    )


def _nullity(here: Landscape) -> int:
    H = here.rank("hessian")
    if not H.decided:
        raise UndecidedError("rank H is not decided")
    return here.problem.N - H.lower


def _has_zero_eigenvalue(here: Landscape) -> Fact:
    n = _nullity(here)
    return Fact(Truth.of(n > 0), f"H has {n} zero eigenvalues")


def _flat_for_each_zero(here: Landscape) -> Fact:
    """The zero-loss set near θ has the dimension nullity(H)."""
    n = _nullity(here)
    fact = fibre_dimension(here).at_least(n)  # F constant, and L with it
    if fact.truth is not Truth.FALSE:
        return fact
    if (
        landscape_facts.perfect_fit(here) & landscape_facts.loss_hessian_definite(here)
    ).truth is Truth.TRUE:
        return fact  # near θ L is zero on the fibre alone
    weights = positive_leading_form(rise(here))
    if weights is not None and len(weights) == here.problem.N:
        return Fact(Truth.FALSE, f"L > L(θ) around θ, and H has {n} zero eigenvalues")
    return Fact(Truth.UNDECIDED, "L may be constant where F is not")


def _linear_in_parameters(here: Landscape) -> Fact:
    """F is affine in θ: all second derivatives of the outputs on the data vanish identically."""
    forms = outputs_of(here.problem)
    if all(curvature(f) in (Curvature.CONSTANT, Curvature.AFFINE) for f in forms):
        return Fact(Truth.TRUE, "affine in θ by its form")
    for m in range(here.problem.M):
        bent = landscape_facts.is_zero(here.second_derivative(m), f"∇²F_{m + 1}")
        if bent.truth is Truth.FALSE:
            return bent
    if here.problem.N > MAX_DIRECT:
        return Fact(Truth.UNDECIDED, "too many parameters for an identity in θ")
    names = here.problem.model.parameters
    return vanish(*(e for f in forms for row in hessian(f, names) for e in row))


def _counts_features(here: Landscape) -> Fact:
    """nullity H = N − dim span{φ_i} over the data."""
    n, k = _nullity(here), independent_features(here)
    return Fact(
        Truth.of(n == here.problem.N - k),
        f"{counted(n, 'zero eigenvalue')}, {counted(here.problem.N, 'parameter')}, "
        f"{counted(k, 'independent feature')}",
    )


def _parts_of(here: Landscape) -> list[frozenset[str]]:
    rows = tangent_features(here)
    return [free_symbols(*(row[i] for row in rows)) for i in range(here.problem.N)]


def _on_different_parts(here: Landscape) -> Fact:
    if here.problem.N > MAX_DIRECT:
        raise UndecidedError("too many parameters")
    parts = _parts_of(here)
    apart = len(parts) > 1 and all(parts) and sum(map(len, parts)) == len(frozenset.union(*parts))
    return Fact(
        Truth.of(apart),
        "each feature reads inputs of its own"
        if apart
        else "two features read the same inputs, or one reads none",
    )


def _on_a_grid(here: Landscape) -> Fact:
    """The data are a product: each combination of values as often as independence says."""
    x = here.problem.data.x
    count, D, n = Counter(x), len(x), len(here.problem.model.inputs)
    single = [Counter(row[j] for row in x) for j in range(n)]
    whole = all(
        count[values] * D ** (n - 1) == prod(single[j][v] for j, v in enumerate(values))
        for values in grid(*single)
    )
    return Fact(
        Truth.of(n > 0 and whole),
        "the data are a product grid"
        if whole
        else "the inputs depend on one another over the data",
    )


def _centred(here: Landscape) -> tuple[Field, list[list[Any]]]:
    """φ_i minus its mean over the examples, on the data; one output."""
    f = features(here)
    D = len(f.phi)
    return f.field, [[v - sum(column, fmpq(0)) / D for v in column] for column in f.phi.T]


def _no_constant_feature(here: Landscape) -> Fact:
    field, columns = _centred(here)
    fact = Fact(Truth.TRUE, "no feature is constant on the data")
    for i, column in enumerate(columns):
        table = Matrix.of(object_array([[v] for v in column], (len(column), 1)), field)
        fact = fact & ~landscape_facts.is_zero(table, f"φ_{i + 1} minus its mean")
    return fact


def _inner_products(field: Field, columns: Sequence[Sequence[Any]], what: str) -> Fact:
    off = [
        [sum((a * b for a, b in zip(u, v, strict=True)), fmpq(0))]
        for i, u in enumerate(columns)
        for v in columns[:i]
    ]
    return landscape_facts.is_zero(Matrix.of(object_array(off, (len(off), 1)), field), what)


def _orthogonal(here: Landscape) -> Fact:
    f = features(here)
    return _inner_products(f.field, list(f.phi.T), "Σ_x φ_iφ_j, i ≠ j,")


def _independent_and_centred_orthogonal(here: Landscape) -> Fact:
    """An orthogonal basis of size k exists, and φ_i − mean are orthogonal already."""
    k, N = independent_features(here), here.problem.N
    field, columns = _centred(here)
    full = Fact(Truth.of(k == N), f"{k} of {N} features are independent")
    return full & _inner_products(field, columns, "Σ_x (φ_i − φ̄_i)(φ_j − φ̄_j), i ≠ j,")


def _independent(here: Landscape) -> Fact:
    """The features span as many dimensions over the data as there are: an orthogonal basis of that
    size exists."""
    k, N = independent_features(here), here.problem.N
    return Fact(Truth.of(k == N), f"{k} of {N} features are independent on the data")


LINEAR_TERM = Predicate(
    "linear-term-vanishes",
    "the linear term of the Taylor expansion vanishes",
    _direct_gradient,
    r"\nabla L(\theta) = 0",
)
NO_RESIDUAL_TERM = Predicate(
    "no-residual-term", "Σ_m r_m∇²F_m = 0", _no_residual, r"\sum_m r_m\nabla^2F_m = 0"
)
HARD = Predicate(
    "hard-softmax", "the loss is softmax cross-entropy with a hard label", _hard_softmax
)
NOT_HARD = ~HARD
SCALAR = Predicate("scalar-output", "the output is a scalar", _scalar_output, "K = 1")
EXAMPLEWISE = Predicate("sum-over-examples", "ℓ is a sum over examples", _sum_over_examples)
IS_GRAM = Predicate(
    "gram-matrix",
    "H_ij = Σ_x φ_i(x)ᵀ A_x φ_j(x)",
    is_gram,
    r"H_{ij} = \sum_x \varphi_i(x)^{\mathsf T}A_x\varphi_j(x)",
)
GN_IS_GRAM = Predicate(
    "gauss-newton-gram", "(JᵀAJ)_ij = Σ_x φ_i(x)ᵀ A_x φ_j(x)", gauss_newton_is_gram
)
ARE_NORMS = Predicate(
    "eigenvalues-are-norms",
    "each eigenvalue of H is the L² norm of its unit eigenvector's feature",
    lambda h: _norms(h, squared=False),
    r"\lambda_v = \|\varphi_v\|",
)
ARE_SQUARED_NORMS = Predicate(
    "eigenvalues-are-squared-norms",
    "each eigenvalue of H is Σ_x φ_vᵀA_xφ_v, its unit "
    "eigenvector's feature squared and weighted by ∇²ℓ",
    lambda h: _norms(h, squared=True),
    r"\lambda_v = \sum_x \varphi_v(x)^{\mathsf T}A_x\varphi_v(x)",
)
ALONG = Predicate(
    "eigenvector-feature",
    "λ_v = Σ_x φ_v(x)² with φ_v(x) = ∇f(x)·v",
    _along_eigenvectors,
    r"\lambda_v = \sum_x (\nabla f(x)\cdot v)^2",
)
ZERO_EIGENVALUE = Predicate(
    "zero-eigenvalue", "H has a zero eigenvalue", _has_zero_eigenvalue, setting=True
)
FLAT = Predicate(
    "flat-for-each-zero",
    "the zero-loss set near θ has as many dimensions as H has zero eigenvalues",
    _flat_for_each_zero,
    r"\dim = N - \operatorname{rank}H",
)
STRAIGHT = Predicate("linear-in-θ", "F is linear in θ", _linear_in_parameters) | Predicate(
    "constant-rank", "rank J is constant near θ", constant_rank
)
COUNTED = Predicate(
    "counted-by-features",
    "the number of zero eigenvalues of H is the number of "
    "parameters minus that of independent tangent features",
    _counts_features,
    r"N - \operatorname{rank}H = N - \dim\operatorname{span}\{\varphi_i\}",
)
DIFFERENT_PARTS = Predicate(
    "different-parts", "the tangent features read different inputs", _on_different_parts
)
ON_A_GRID = Predicate("independent-parts", "these inputs are independent over the data", _on_a_grid)
NOT_CONSTANT = Predicate(
    "no-constant-feature", "no feature is constant on the data", _no_constant_feature
)
ORTHOGONAL = Predicate(
    "orthogonal", "the features are orthogonal in L²", _orthogonal, r"\sum_x\varphi_i\varphi_j = 0"
)
INDEPENDENT = Predicate(
    "independent-features",
    "the k features have an orthogonal basis of size k: they are independent",
    _independent,
)
CENTRED = Predicate(
    "independent-centred-orthogonal",
    "they are independent, so that an orthogonal basis of as many exists, and less their means "
    "they are orthogonal themselves",
    _independent_and_centred_orthogonal,
)
