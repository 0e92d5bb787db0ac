"""Claims 55 to 70, but for 62: features and the breadth of basins.

In: the gallery's landscapes as instances, and those of `feature_examples`. Out: `CLAIMS`. Theorems
T1, T4 and T6 of the theory carry the repairs.
"""

from __future__ import annotations

from hessrank.proofs.catalogue.features.predicates import (
    ALONG,
    ARE_NORMS,
    ARE_SQUARED_NORMS,
    CENTRED,
    COUNTED,
    DEFICIENT,
    DIFFERENT_PARTS,
    EXAMPLEWISE,
    FLAT,
    FLAT_FOR_LOST,
    GN_IS_GRAM,
    IS_GRAM,
    LAYERWISE,
    LINEAR_TERM,
    MERGES,
    NETWORK,
    NO_CANCELLATION,
    NO_RESIDUAL_TERM,
    NOT_CONSTANT,
    NOT_HARD,
    ON_A_GRID,
    ORTHOGONAL,
    PYTHAGORAS,
    SAME_VECTOR,
    SCALAR,
    SPANS_LESS,
    STRAIGHT,
    TIMES_SLOPE,
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
from hessrank.proofs.catalogue.hessian.claims import T3_AT_FIT, T4_STEPS
from hessrank.proofs.catalogue.sources import S1, S4
from hessrank.proofs.catalogue.vocabulary import (
    A_DEFINITE,
    CONVEX_LOSS,
    LOCAL_MINIMUM,
    PERFECT_FIT,
    UNREGULARISED,
    loss_is,
)
from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.reasoning.claim import Claim, Statement, Step
from hessrank.symbolic.expressions.differentiation import gradient
from hessrank.symbolic.expressions.expression import symbol


def _beyond(id: str, n: int, title: str, source: str, says: str, why: str) -> Claim:
    return Claim(id, n, title, source, says, beyond=why, over_gallery=False)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "linear-term-vanishes",
        55,
        "The linear Taylor term vanishes at an optimum",
        S4,
        "The first-order term of the expansion vanishes, since we are at an optimum.",
        r"\theta \text{ a local minimum} \Rightarrow \nabla L(\theta)=0",
        stated=Statement((LOCAL_MINIMUM,), LINEAR_TERM),
        stated_proof=(
            Step(
                "the derivative of a differentiable function vanishes at a local minimum in the "
                "interior",
                cites="Fermat's theorem on stationary points",
            ),
        ),
        examples=perfect_fits,
    ),
    Claim(
        "convexity-kills-residual",
        56,
        "The second Hessian term vanishes, losses being convex",
        f"{S4}, footnote 3",
        "The second term of the Hessian vanishes at an optimum because loss functions are required "
        "to be convex (and the loss is perfect).",
        r"\ell\text{ convex},\ \theta\text{ a local minimum} \Rightarrow \sum_m r_m\nabla^2F_m = 0",
        stated=Statement((UNREGULARISED, CONVEX_LOSS, LOCAL_MINIMUM), NO_RESIDUAL_TERM),
        repaired=Statement((UNREGULARISED, PERFECT_FIT), NO_RESIDUAL_TERM & NOT_HARD),
        repaired_proof=(
            T3_AT_FIT,
            Step(
                "with softmax cross-entropy on K ≥ 2 logits r = softmax(o) − y, and every "
                "component of the softmax lies strictly between 0 and 1: r ≠ 0 for a hard label",
                softmax_never_hard,
                "exponentials are positive",
            ),
        ),
        examples=hard_labels,
        settles="Right at a perfect fit, for another reason than the one given: r = 0 "
        "alone removes "
        "the term, convex or not (X14), and convexity without a perfect fit does not (X1). With "
        "softmax cross-entropy and hard labels r = 0 never happens.",
    ),
    Claim(
        "hessian-is-gram",
        57,
        "The Hessian is the Gram matrix of the features",
        S4,
        "At the optimum the Hessian consists of the L² inner products of the features over the "
        "training data.",
        r"H_{ij} = \sum_x \ell''(x)\,\varphi_i(x)\,\varphi_j(x)",
        stated=Statement((UNREGULARISED, SCALAR, EXAMPLEWISE, PERFECT_FIT), IS_GRAM),
        stated_proof=(T3_AT_FIT, BY_EXAMPLE),
        repaired=Statement((UNREGULARISED, EXAMPLEWISE, PERFECT_FIT), IS_GRAM & GN_IS_GRAM),
        repaired_proof=(T3_AT_FIT, BY_EXAMPLE),
        examples=perfect_fits,
        settles="The comment is right that for vector outputs ∇²ℓ cannot be pulled out as "
        "a scalar; "
        "the post is right that a Gram matrix remains, of the inner product Σ_x φᵀA_xψ. "
        "Away from a "
        "perfect fit it is the Gauss–Newton term alone.",
    ),
    Claim(
        "eigenvalues-are-norms",
        58,
        "Eigenvalues are the L² norms of the features",
        S4,
        "The eigenvalues of the Hessian are the L² norms of the orthogonal feature combinations.",
        r"\lambda_v = \|\varphi_v\|",
        stated=Statement((UNREGULARISED, loss_is("half-squared"), PERFECT_FIT), ARE_NORMS),
        repaired=Statement((UNREGULARISED, EXAMPLEWISE, PERFECT_FIT), ARE_SQUARED_NORMS),
        repaired_proof=(
            T3_AT_FIT,
            Step(
                "λ|v|² = vᵀHv = (Jv)ᵀA(Jv), and Jv = Σ_i v_iφ_i is φ_v on the data",
                direction_through_jacobian,
            ),
        ),
        examples=perfect_fits,
        settles="They are squared norms, weighted by ℓ″: the feature of f = 2a has norm 2 and "
        "eigenvalue 4.",
    ),
    _beyond(
        "orthogonal-wording",
        59,
        "Two features are orthogonal if their norm is zero",
        S4,
        "Two features are orthogonal if their L² norm is zero.",
        "Wording: the inner product is meant, as a comment points out.",
    ),
    Claim(
        "zero-eigenvalue-is-flat",
        60,
        "Each zero eigenvalue is a perfectly flat direction",
        S4,
        "Zero eigenvalues give directions that are perfectly flat; each increases the dimension of "
        "the optimum by one.",
        r"\dim\{L = 0\} = N - \operatorname{rank}H \text{ near } \theta",
        stated=Statement((UNREGULARISED, PERFECT_FIT, A_DEFINITE, ZERO_EIGENVALUE), FLAT),
        repaired=Statement(
            (UNREGULARISED, PERFECT_FIT, A_DEFINITE, ZERO_EIGENVALUE, STRAIGHT), FLAT
        ),
        repaired_proof=(
            *T4_STEPS,
            Step(
                "A ≻ 0 and r = 0: near F(θ) the loss of the outputs is zero at F(θ) only, so the "
                "zero-loss set near θ is the fibre",
                cites="the second-order condition at F(θ)",
            ),
            Step(
                "where F is affine in θ rank J is constant; where it is, the fibre is a "
                "manifold of "
                "dimension N − rank J",
                cites="the constant rank theorem (T1)",
            ),
        ),
        examples=perfect_fits,
        settles="The quadratic approximation is flat along ker H, the loss itself need not be: θ⁴ "
        "(X4) and 8x² + 2|θ|⁴ (X5) have zero eigenvalues and a single optimum. The post's own "
        "remark draws the line: if f is linear in θ it holds everywhere; and so it does, along "
        "curves, where rank J is locally constant.",
    ),
    Claim(
        "zeros-count-features",
        61,
        "Zero eigenvalues mean fewer independent features than parameters",
        S4,
        "Eigenvalues of zero mean that the network had fewer independent features than parameters.",
        r"N - \operatorname{rank}H = N - \dim\operatorname{span}\{\varphi_1,\dots,\varphi_N\}",
        stated=Statement((UNREGULARISED, PERFECT_FIT, A_DEFINITE), COUNTED),
        stated_proof=(
            *T4_STEPS,
            Step(
                "the columns of J are the tangent features on the data, so rank J is the dimension "
                "of their span",
                cites="the rank is the dimension of the column space",
            ),
        ),
        examples=perfect_fits,
    ),
    Claim(
        "independent-parts",
        63,
        "Features on independent parts of the input are orthogonal",
        S4,
        "If k features all depend on different independent parts of the input, they have an "
        "orthogonal basis of size k.",
        r"\varphi_i = g_i(x_i) \Rightarrow \sum_x\varphi_i\varphi_j = 0",
        stated=Statement((SCALAR, DIFFERENT_PARTS, ON_A_GRID), ORTHOGONAL),
        repaired=Statement((SCALAR, DIFFERENT_PARTS, ON_A_GRID, NOT_CONSTANT), CENTRED),
        repaired_proof=(
            Step(
                "on a product grid the inner product of centred features factors into sums that "
                "are zero",
                grid_is_centred,
            ),
            Step(
                "centred features that are not zero and orthogonal are independent, even modulo "
                "constants; so are the features themselves",
                cites="orthogonal nonzero vectors are independent",
            ),
        ),
        examples=features_of_parts,
        settles="The dimension is right where no feature is constant on the data and the parts are "
        "independent over it (x₁² and x₂² on {±1}² are the same constant). Orthogonal they "
        "are only up "
        "to their means: x₁, x₂ on {±1}², not on {0, 1}².",
    ),
    Claim(
        "earlier-features",
        64,
        "Earlier features enter times activation derivatives",
        S4,
        "Features in earlier layers enter multiplied with derivatives of activation functions.",
        r"\frac{\partial f}{\partial W_{ij}}(x) = \delta_i(x)\,a_j(x)",
        stated=Statement((NETWORK,), TIMES_SLOPE),
        stated_proof=(
            Step(
                "W_ij enters through z_i = Σ_j W_ij a_j alone, so ∂f/∂W_ij = (∂f/∂z_i)·a_j; "
                "δ_l = σ'(z_l) ∘ W_{l+1}ᵀδ_{l+1}",
                cites="the chain rule",
            ),
            Step("expanded for [1, 1, 1] with tanh", chain_rule_expands),
        ),
        examples=networks,
    ),
    _beyond(
        "constant-features-wording",
        65,
        "Constant features and norms of products",
        S4,
        "Each constant feature is treated as multiplying a constant; the Hessian contains the L² "
        "norm of the products of all features with each other.",
        "Wording: a bias is the weight of the constant feature 1 (as claim 64 has it), and inner "
        "products are meant, not norms of products.",
    ),
    Claim(
        "eigenvector-feature",
        66,
        "φ_v(x) = ∇f(x)·v is the eigenvector's feature",
        f"{S4}, comments",
        "For an eigenvector v of the Hessian, ∇f(x)·v measures how much x exhibits the feature.",
        r"\varphi_v(x)=\nabla f(x)\cdot v,\quad \lambda_v=\sum_x\varphi_v(x)^2",
        stated=Statement((UNREGULARISED, loss_is("half-squared"), PERFECT_FIT), ALONG),
        stated_proof=(
            T3_AT_FIT,
            Step("A = I and Jv = (∇f(x)·v)_x, so λ|v|² = vᵀHv = |Jv|²", direction_through_jacobian),
        ),
        examples=lambda: (*perfect_fits(), *networks()),
        settles="Both commenters describe one function: ∇f(x)·v = Σ_i v_i φ_i(x), the "
        "combination of "
        "activations that the eigenvector spells out, where weights of earlier layers contribute "
        "their activations times δ (claim 64).",
    ),
    Claim(
        "layerwise-basis",
        67,
        "A layer has an orthogonal basis, and the weights transform along",
        S4,
        "The features of a layer can be orthogonalised by the eigenbasis of Σ a aᵀ, and the weight "
        "matrix to the next layer can be transformed into the new basis.",
        r"b = Ta,\ \textstyle\sum_x bb^{\mathsf T}\text{ diagonal},\ W'=WT^{-1},\ W'b = Wa",
        stated=Statement((NETWORK,), LAYERWISE),
        stated_proof=(
            Step(
                "Σ_x a aᵀ is symmetric, so an invertible T diagonalises it",
                cites="spectral theorem",
            ),
            Step("W' = WT⁻¹ gives W'(Ta) = Wa for every input", basis_change_expands),
        ),
        examples=networks,
    ),
    Claim(
        "no-cancellation",
        68,
        "In that basis nothing cancels between nodes",
        S4,
        "In the orthogonal basis cancellations between the signals of different nodes no longer "
        "occur.",
        r"|z_i(x)| = \textstyle\sum_j |W'_{ij}b_j(x)|",
        stated=Statement((NETWORK,), NO_CANCELLATION),
        repaired=Statement((NETWORK,), PYTHAGORAS),
        repaired_proof=(
            Step(
                "(Σ_j W'_j b_j)² summed over the data: the cross terms hold the factors "
                "Σ_x b_j b_k",
                pythagoras_expands,
            ),
            Step("which vanish for j ≠ k (claim 67)", cites="orthogonality of the basis"),
        ),
        examples=networks,
        settles="True on average over the data (Pythagoras), false at single examples: the inputs "
        "of 2x₁ + x₂ on {±1} × {±2} are its orthogonal features, and they cancel at (1, −2).",
    ),
    Claim(
        "same-gradient",
        69,
        "The gradient in any next preactivation's weights is the same vector",
        f"{S4}, comments",
        "Take the gradient with respect to the weights of any preactivation of the next layer: the "
        "vector does not depend on which.",
        r"\partial z_i/\partial W_{i\cdot} = a(x) \text{ for every } i",
        stated=Statement((NETWORK,), SAME_VECTOR),
        stated_proof=(
            Step(
                "z_i = W_i·a with a bias as the weight of the constant 1",
                lambda: vanish(
                    gradient(symbol("w") * symbol("a") + symbol("b"), ["w"])[0] - symbol("a")
                ),
            ),
        ),
        examples=networks,
    ),
    Claim(
        "information-loss-is-broad",
        70,
        "Information loss leads to breadth",
        f"{S4}; {S1}",
        "Information loss about the input tends to lead to basin broadness.",
        r"a(x)=a(x') \Rightarrow \operatorname{rank}J < \min(M,N)",
        stated=Statement((UNREGULARISED, NETWORK, PERFECT_FIT, MERGES), DEFICIENT),
        repaired=Statement((NETWORK, SPANS_LESS), FLAT_FOR_LOST),
        repaired_proof=(
            Step(
                "T6: with c in the null space of the activations, z(θ + tv) = z(θ) + "
                "t·(a·c) = z(θ)",
                null_direction_expands,
            ),
            Step(
                "each unit of the layer can take each such c: (d − s)·d_out directions, which move "
                "independent weights",
                cites="the rank–nullity theorem",
            ),
        ),
        examples=merging_networks,
        settles="'Tends to' is right; merging two inputs forces nothing by itself (X9). "
        "What forces "
        "flat directions is that the activations span fewer dimensions than they have (T6).",
    ),
)

__all__ = ["CLAIMS"]
