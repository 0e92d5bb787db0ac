"""Claims 55 to 70, but for 62: features and the breadth of basins.

In: the gallery's landscapes as instances, and those of `feature_examples`. Out: `CLAIMS`. Theorems
T1, T4 and T6 of the theory carry the repairs.
"""

from __future__ import annotations

from hessrank.proofs.catalogue.features.layer_predicates import (
    COMMUTES,
    DEFICIENT,
    FLAT_FOR_LOST,
    HIDDEN_AND_FREE,
    HOMOGENEOUS,
    LAYERWISE,
    MERGES,
    NETWORK,
    NO_CANCELLATION,
    PYTHAGORAS,
    RESCALED,
    SAME_VECTOR,
    SPANS_LESS,
    TIMES_SLOPE,
)
from hessrank.proofs.catalogue.features.predicates import (
    ALONG,
    ARE_NORMS,
    ARE_SQUARED_NORMS,
    CENTRED,
    COUNTED,
    DIFFERENT_PARTS,
    EXAMPLEWISE,
    FLAT,
    GN_IS_GRAM,
    INDEPENDENT,
    IS_GRAM,
    LINEAR_TERM,
    NO_RESIDUAL_TERM,
    NOT_CONSTANT,
    NOT_HARD,
    ON_A_GRID,
    ORTHOGONAL,
    SCALAR,
    STRAIGHT,
    ZERO_EIGENVALUE,
)
from hessrank.proofs.catalogue.features.proofs import (
    BY_EXAMPLE,
    basis_change_expands,
    chain_rule_expands,
    direction_through_jacobian,
    grid_is_centred,
    null_direction_expands,
    pythagoras_expands,
    softmax_never_hard,
)
from hessrank.proofs.catalogue.features.subjects import (
    features_of_parts,
    hard_labels,
    merging_networks,
    networks,
    perfect_fits,
)
from hessrank.proofs.catalogue.solution_sets.subjects import rescaling_keeps_units
from hessrank.proofs.catalogue.texts import told_in
from hessrank.proofs.catalogue.theorems import FERMAT, T3_AT_FIT, T4_STEPS
from hessrank.proofs.catalogue.vocabulary import (
    A_DEFINITE,
    CONVEX_LOSS,
    LOCAL_MINIMUM,
    PERFECT_FIT,
    UNREGULARISED,
    loss_is,
)
from hessrank.proofs.experiments.labellings import of_claim
from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.reasoning.claim import Claim, Form, Step
from hessrank.proofs.reasoning.statement import Statement
from hessrank.symbolic.expressions.differentiation import gradient
from hessrank.symbolic.expressions.expression import symbol

told = told_in(__package__)

CLAIMS: tuple[Claim, ...] = (
    told(
        "linear-term-vanishes",
        as_written=Form(
            Statement((LOCAL_MINIMUM,), LINEAR_TERM),
            (FERMAT,),
        ),
        examples=perfect_fits,
    ),
    told(
        "convexity-kills-residual",
        as_written=Form(
            Statement((UNREGULARISED, CONVEX_LOSS, PERFECT_FIT), NO_RESIDUAL_TERM), (T3_AT_FIT,)
        ),
        strong=Form(Statement((UNREGULARISED, CONVEX_LOSS, LOCAL_MINIMUM), NO_RESIDUAL_TERM)),
        best=Form(
            Statement((UNREGULARISED, PERFECT_FIT), NO_RESIDUAL_TERM & NOT_HARD),
            (
                T3_AT_FIT,
                Step(
                    "with softmax cross-entropy on K ≥ 2 logits r = softmax(o) − y, and every "
                    "component of the softmax lies strictly between 0 and 1: r ≠ 0 for a hard "
                    "label",
                    softmax_never_hard,
                    "exponentials are positive",
                ),
            ),
        ),
        examples=hard_labels,
    ),
    told(
        "hessian-is-gram",
        as_written=Form(
            Statement((UNREGULARISED, SCALAR, EXAMPLEWISE, PERFECT_FIT), IS_GRAM),
            (T3_AT_FIT, BY_EXAMPLE),
        ),
        best=Form(
            Statement((UNREGULARISED, EXAMPLEWISE, PERFECT_FIT), IS_GRAM & GN_IS_GRAM),
            (T3_AT_FIT, BY_EXAMPLE),
        ),
        examples=perfect_fits,
    ),
    told(
        "eigenvalues-are-norms",
        as_written=Form(
            Statement((UNREGULARISED, loss_is("half-squared"), PERFECT_FIT), ARE_NORMS)
        ),
        best=Form(
            Statement((UNREGULARISED, EXAMPLEWISE, PERFECT_FIT), ARE_SQUARED_NORMS),
            (
                T3_AT_FIT,
                Step(
                    "λ|v|² = vᵀHv = (Jv)ᵀA(Jv), and Jv = Σ_i v_iφ_i is φ_v on the data",
                    direction_through_jacobian,
                ),
            ),
        ),
        examples=perfect_fits,
    ),
    told("orthogonal-wording", over_gallery=False),
    told(
        "zero-eigenvalue-is-flat",
        as_written=Form(Statement((UNREGULARISED, PERFECT_FIT, A_DEFINITE, ZERO_EIGENVALUE), FLAT)),
        best=Form(
            Statement((UNREGULARISED, PERFECT_FIT, A_DEFINITE, ZERO_EIGENVALUE, STRAIGHT), FLAT),
            (
                *T4_STEPS,
                Step(
                    "A ≻ 0 and r = 0: near F(θ) the loss of the outputs is zero at F(θ) only, so "
                    "the zero-loss set near θ is the fibre",
                    cites="the second-order condition at F(θ)",
                ),
                Step(
                    "where F is affine in θ rank J is constant; where it is, the fibre is a "
                    "manifold of "
                    "dimension N − rank J",
                    cites="the constant rank theorem (T1)",
                ),
            ),
        ),
        examples=perfect_fits,
    ),
    told(
        "zeros-count-features",
        as_written=Form(
            Statement((UNREGULARISED, PERFECT_FIT, A_DEFINITE), COUNTED),
            (
                *T4_STEPS,
                Step(
                    "the columns of J are the tangent features on the data, so rank J is the "
                    "dimension of their span",
                    cites="the rank is the dimension of the column space",
                ),
            ),
        ),
        examples=perfect_fits,
    ),
    told(
        "independent-parts",
        as_written=Form(Statement((SCALAR, DIFFERENT_PARTS, ON_A_GRID), INDEPENDENT)),
        strong=Form(Statement((SCALAR, DIFFERENT_PARTS, ON_A_GRID), ORTHOGONAL)),
        best=Form(
            Statement((SCALAR, DIFFERENT_PARTS, ON_A_GRID, NOT_CONSTANT), CENTRED),
            (
                Step(
                    "on a product grid the inner product of centred features factors into sums "
                    "that are zero",
                    grid_is_centred,
                ),
                Step(
                    "centred features that are not zero and orthogonal are independent, even "
                    "modulo constants; so are the features themselves",
                    cites="orthogonal nonzero vectors are independent",
                ),
            ),
        ),
        examples=features_of_parts,
    ),
    told(
        "earlier-features",
        as_written=Form(
            Statement((NETWORK,), TIMES_SLOPE),
            (
                Step(
                    "W_ij enters through z_i = Σ_j W_ij a_j alone, so ∂f/∂W_ij = (∂f/∂z_i)·a_j; "
                    "δ_l = σ'(z_l) ∘ W_{l+1}ᵀδ_{l+1}",
                    cites="the chain rule",
                ),
                Step("expanded for [1, 1, 1] with tanh", chain_rule_expands),
            ),
        ),
        examples=networks,
    ),
    told("constant-features-wording", over_gallery=False),
    told(
        "eigenvector-feature",
        as_written=Form(
            Statement((UNREGULARISED, loss_is("half-squared"), PERFECT_FIT), ALONG),
            (
                T3_AT_FIT,
                Step(
                    "A = I and Jv = (∇f(x)·v)_x, so λ|v|² = vᵀHv = |Jv|²",
                    direction_through_jacobian,
                ),
            ),
        ),
        examples=lambda: (*perfect_fits(), *networks()),
    ),
    told(
        "layerwise-basis",
        as_written=Form(
            Statement((NETWORK,), LAYERWISE),
            (
                Step(
                    "Σ_x a aᵀ is symmetric, so an invertible T diagonalises it",
                    cites="spectral theorem",
                ),
                Step("W' = WT⁻¹ gives W'(Ta) = Wa for every input", basis_change_expands),
            ),
        ),
        examples=networks,
    ),
    told(
        "no-cancellation",
        as_written=Form(Statement((NETWORK,), NO_CANCELLATION)),
        best=Form(
            Statement((NETWORK,), PYTHAGORAS),
            (
                Step(
                    "(Σ_j W'_j b_j)² summed over the data: the cross terms hold the factors "
                    "Σ_x b_j b_k",
                    pythagoras_expands,
                ),
                Step("which vanish for j ≠ k (claim 67)", cites="orthogonality of the basis"),
            ),
        ),
        examples=networks,
    ),
    told(
        "same-gradient",
        as_written=Form(
            Statement((NETWORK,), SAME_VECTOR),
            (
                Step(
                    "z_i = W_i·a with a bias as the weight of the constant 1",
                    lambda: vanish(
                        gradient(symbol("w") * symbol("a") + symbol("b"), ["w"])[0] - symbol("a")
                    ),
                ),
            ),
        ),
        examples=networks,
    ),
    told(
        "information-loss-is-broad",
        experiment=of_claim(70),
        strong=Form(Statement((UNREGULARISED, NETWORK, PERFECT_FIT, MERGES), DEFICIENT)),
        best=Form(
            Statement((NETWORK, SPANS_LESS), FLAT_FOR_LOST),
            (
                Step(
                    "T6: with c in the null space of the activations, z(θ + tv) = z(θ) + "
                    "t·(a·c) = z(θ)",
                    null_direction_expands,
                ),
                Step(
                    "each unit of the layer can take each such c: (d − s)·d_out directions, which "
                    "move independent weights",
                    cites="the rank–nullity theorem",
                ),
            ),
        ),
        examples=merging_networks,
    ),
    told(
        "both-bases",
        as_written=Form(
            Statement((NETWORK,), LAYERWISE),
            (Step("W' = WT⁻¹ gives W'(Ta) = Wa for every input", basis_change_expands),),
        ),
        strong=Form(Statement((NETWORK,), COMMUTES)),
        examples=networks,
    ),
    told(
        "weight-is-not-signal",
        as_written=Form(
            Statement((NETWORK, HIDDEN_AND_FREE, HOMOGENEOUS), RESCALED),
            (
                Step(
                    "v·σ(λwa)·λ⁻ᵏ = v·σ(wa): F stays, the weight is λ times as large",
                    rescaling_keeps_units,
                ),
            ),
        ),
        examples=networks,
    ),
)

__all__ = ["CLAIMS"]
