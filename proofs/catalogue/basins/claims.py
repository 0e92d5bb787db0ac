"""Claims 51 to 54, 62, 71 and 72: what couples modules, priors, and the volume of a basin.

In: the instances of `couplings` and `basins`. Out: `CLAIMS`.
"""

from __future__ import annotations

from hessrank.proofs.catalogue.basins.couplings import (
    DECOUPLES,
    LESS_EXTREME,
    LOW_RANK,
    LOWER_RANK_SAME_NORM,
    P_INVERTIBLE,
    SPARSE,
    UNCOUPLED,
    couplings,
    schur_expands,
)
from hessrank.proofs.catalogue.basins.subjects import (
    FIRST_HOLDS_MORE,
    FIRST_IN_THE_END,
    LOWER_RANK,
    POSITIVE,
    SECOND_HOLDS_MORE,
    SEMIDEFINITE,
    VOLUME_OF_BALL,
    VOLUME_OF_BOX,
    quadratics,
    rivals,
)
from hessrank.proofs.catalogue.sources import S1, S4
from hessrank.proofs.experiments.basin_volumes import prior_masses
from hessrank.proofs.reasoning.claim import Claim, Existence, Statement, Step


def _beyond(id: str, n: int, title: str, source: str, says: str, why: str) -> Claim:
    return Claim(id, n, title, source, says, beyond=why, over_gallery=False)


CLAIMS: tuple[Claim, ...] = (
    _beyond(
        "grokking",
        51,
        "Does the framework explain grokking?",
        f"{S1}, comments",
        "The framework does not apply to grokking, which happens long after the loss is zero.",
        "It is about the course of training; no statement on a landscape is made.",
    ),
    Claim(
        "steepness-under-priors",
        52,
        "With priors, steep directions matter",
        f"{S1}, comment",
        "Once priors over the parameters are taken into account, how steep the directions are that "
        "are not flat makes a huge difference.",
        r"\exists:\ \operatorname{rank}H_1<\operatorname{rank}H_2,\ \det(I+bH_1)>\det(I+bH_2)",
        stated=Existence((SEMIDEFINITE, LOWER_RANK, SECOND_HOLDS_MORE, FIRST_HOLDS_MORE)),
        repaired=Statement(
            (
                SEMIDEFINITE,
                LOWER_RANK,
            ),
            FIRST_IN_THE_END,
        ),
        repaired_proof=(
            Step(
                "E exp(−βL) = det(I + βs²H)^(−1/2) for θ ~ N(0, s²I) and L = ½θᵀHθ",
                cites="the Gaussian integral, in the eigenbasis of H",
            ),
            Step(
                "det(I + bH) = Π(1 + bλ_i), so its degree in b is rank H and its leading "
                "coefficient the product of the λ_i > 0",
                cites="the spectral theorem",
            ),
        ),
        examples=rivals,
        over_gallery=False,
        experiment=prior_masses,
        settles="Both pictures hold, each at its own scale: rank decides in the limit of a sharp "
        "posterior, steepness before it. diag(8, 0) against I cross over at βs² = 6 exactly.",
    ),
    Claim(
        "low-rank-is-sparse",
        53,
        "Low-rank off-diagonal blocks are sparse ones, by Schur",
        f"{S1}, comment",
        "A modular network has off-diagonal blocks of low dimension, which by the Schur complement "
        "is the same as sparse off-diagonals.",
        r"\operatorname{rank}B = k \Rightarrow B \text{ has at most } k \text{ nonzero entries}",
        stated=Statement(
            (LOW_RANK,),
            SPARSE,
        ),
        repaired=Statement(
            (P_INVERTIBLE,),
            DECOUPLES,
        ),
        repaired_proof=(
            Step("UBV = diag(I_k, 0) for invertible U, V", cites="the rank normal form"),
            Step(
                "block elimination: a unit triangular congruence takes H to P ⊕ (Q − BᵀP⁻¹B)",
                schur_expands,
            ),
            Step("so ranks and inertias add", cites="Haynsworth 1968, inertia additivity"),
            Step("rank BᵀP⁻¹B ≤ rank B", cites="the rank of a product is at most that of a factor"),
        ),
        examples=couplings,
        over_gallery=False,
        settles="Not in the given basis: two modules on a product grid are coupled by a "
        "dense block "
        "of rank 1, through the means of their features. Sparse after a change of basis inside "
        "each module; the Schur complement decouples them, but a congruence keeps signs of "
        "eigenvalues, not their sizes.",
    ),
    Claim(
        "low-rank-less-extreme",
        54,
        "Low-rank off-diagonals give less extreme eigenvalues",
        f"{S1}, comment",
        "Low-rank (or sparse) off-diagonal blocks give less extreme eigenvalues.",
        r"\operatorname{rank}B<\operatorname{rank}C,\ \|B\|=\|C\| \Rightarrow "
        r"\lambda(H_B)\subset[\lambda_{\min}(H_C),\lambda_{\max}(H_C)]",
        stated=Statement(
            (LOWER_RANK_SAME_NORM,),
            LESS_EXTREME,
        ),
        repaired=Statement(
            (UNCOUPLED,),
            LESS_EXTREME,
        ),
        repaired_proof=(
            Step(
                "the eigenvalues of P and Q lie between the extreme ones of H",
                cites="Cauchy interlacing (Horn and Johnson, theorem 4.3.17)",
            ),
            Step("those of P ⊕ Q are those of P and of Q", cites="block diagonal matrices"),
        ),
        examples=couplings,
        over_gallery=False,
        settles="True of no coupling against some. At equal norm the opposite happens: a rank-one "
        "block puts its whole norm into one singular value, and 4 ± 2 is more extreme than 4 ± √2.",
    ),
    Claim(
        "product-of-widths",
        62,
        "The product of the widths is the basin's volume",
        S4,
        "Multiplying the widths of the parabolas along the eigenvectors gives the basin's volume.",
        r"\operatorname{vol}\{\tfrac12\theta^{\mathsf T}H\theta<\varepsilon\} = "
        r"\prod_i 2\sqrt{2\varepsilon/\lambda_i}",
        stated=Statement(
            (POSITIVE,),
            VOLUME_OF_BOX,
        ),
        repaired=Statement(
            (POSITIVE,),
            VOLUME_OF_BALL,
        ),
        repaired_proof=(
            Step(
                "θ = √(2ε) H^(−1/2) u takes the unit ball to the basin; its Jacobian "
                "determinant is "
                "(2ε)^(N/2)/√det H",
                cites="the change of variables formula",
            ),
            Step("det H = Π λ_i", cites="the determinant is the product of the eigenvalues"),
        ),
        examples=quadratics,
        over_gallery=False,
        settles="Right for comparing quadratic basins of equal N: the constant c_N/2^N is the same "
        "for all. With a zero eigenvalue the volume is infinite, and for loss functions that are "
        "not quadratic there the exponent of ε decides: rank(H)/2 ≤ λ ≤ (N − d)/2 (T7).",
    ),
    _beyond(
        "corrigibility",
        71,
        "Basins of corrigibility",
        f"{S4}, comments",
        "Broad basins of corrigibility might be found in the same way.",
        "An analogy between different kinds of basins.",
    ),
    _beyond(
        "generality",
        72,
        "Broad basins generalise",
        S4,
        "The broader the basin, the more general the solution is likely to be.",
        "A hypothesis on new data; nothing on the training landscape decides it.",
    ),
)

__all__ = ["CLAIMS"]
