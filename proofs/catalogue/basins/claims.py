"""Claims 51 to 54, 62, 71 and 72: what couples modules, priors, and the volume of a basin.

In: the instances of `couplings` and `basins`. Out: `CLAIMS`.
"""

from __future__ import annotations

from hessrank.proofs.catalogue.basins.couplings import (
    COUPLING_WIDENS,
    DECOUPLES,
    LESS_EXTREME,
    LOW_RANK,
    LOWER_RANK_SAME_NORM,
    P_INVERTIBLE,
    SPARSE,
    SPARSE_AFTER_BASES,
    UNCOUPLED,
    couplings,
    flipped_coupling,
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
from hessrank.proofs.catalogue.texts import told_in
from hessrank.proofs.experiments.labellings import of_claim
from hessrank.proofs.reasoning.claim import Claim, Form, Step
from hessrank.proofs.reasoning.statement import Existence, Statement

told = told_in(__package__)

CLAIMS: tuple[Claim, ...] = (
    told("grokking", over_gallery=False),
    told(
        "steepness-under-priors",
        as_written=Form(Existence((SEMIDEFINITE, LOWER_RANK, SECOND_HOLDS_MORE, FIRST_HOLDS_MORE))),
        best=Form(
            Statement(
                (
                    SEMIDEFINITE,
                    LOWER_RANK,
                ),
                FIRST_IN_THE_END,
            ),
            (
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
        ),
        examples=rivals,
        over_gallery=False,
        experiment=of_claim(52),
    ),
    told(
        "low-rank-is-sparse",
        as_written=Form(
            Statement((LOW_RANK,), SPARSE_AFTER_BASES),
            (Step("UBV = diag(I_k, 0) for invertible U, V", cites="the rank normal form"),),
        ),
        strong=Form(Statement((LOW_RANK,), SPARSE)),
        best=Form(
            Statement(
                (P_INVERTIBLE,),
                DECOUPLES,
            ),
            (
                Step("UBV = diag(I_k, 0) for invertible U, V", cites="the rank normal form"),
                Step(
                    "block elimination: a unit triangular congruence takes H to P ⊕ (Q − BᵀP⁻¹B)",
                    schur_expands,
                ),
                Step("so ranks and inertias add", cites="Haynsworth 1968, inertia additivity"),
                Step(
                    "rank BᵀP⁻¹B ≤ rank B",
                    cites="the rank of a product is at most that of a factor",
                ),
            ),
        ),
        examples=couplings,
        over_gallery=False,
    ),
    told(
        "low-rank-less-extreme",
        as_written=Form(
            Statement(
                (LOWER_RANK_SAME_NORM,),
                LESS_EXTREME,
            )
        ),
        best=Form(
            Statement(
                (UNCOUPLED,),
                LESS_EXTREME,
            ),
            (
                Step(
                    "the eigenvalues of P and Q lie between the extreme ones of H",
                    cites="Cauchy interlacing (Horn and Johnson, theorem 4.3.17)",
                ),
                Step("those of P ⊕ Q are those of P and of Q", cites="block diagonal matrices"),
            ),
        ),
        examples=couplings,
        over_gallery=False,
    ),
    told(
        "product-of-widths",
        as_written=Form(
            Statement(
                (POSITIVE,),
                VOLUME_OF_BOX,
            )
        ),
        best=Form(
            Statement(
                (POSITIVE,),
                VOLUME_OF_BALL,
            ),
            (
                Step(
                    "θ = √(2ε) H^(−1/2) u takes the unit ball to the basin; its Jacobian "
                    "determinant is "
                    "(2ε)^(N/2)/√det H",
                    cites="the change of variables formula",
                ),
                Step("det H = Π λ_i", cites="the determinant is the product of the eigenvalues"),
            ),
        ),
        examples=quadratics,
        over_gallery=False,
    ),
    told("corrigibility", over_gallery=False),
    told("generality", over_gallery=False),
    told("number-times-volume", over_gallery=False),
    told(
        "T11",
        best=Form(
            Statement((), COUPLING_WIDENS),
            (
                Step(
                    "with S = diag(I, −I), S·H(t)·S = H(−t): both have the same eigenvalues",
                    flipped_coupling,
                ),
                Step(
                    "λ_max is a maximum of functions vᵀH(t)v that are affine in t, hence convex; "
                    "it "
                    "is even, so it does not fall in t ≥ 0; λ_min likewise does not rise",
                    cites="Rayleigh's principle; an even convex function does not fall in t ≥ 0",
                ),
            ),
        ),
        examples=couplings,
        over_gallery=False,
    ),
)

__all__ = ["CLAIMS"]
