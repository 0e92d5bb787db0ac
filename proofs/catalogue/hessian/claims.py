"""Claims 26 to 39: the rank of the Hessian and the rank of the Jacobian.

In: the gallery's landscapes as instances, and a few of its own. Out: `CLAIMS`. Theorems T3 and T4
carry the best forms: H = JᵀAJ + Σ_m r_m ∇²F_m, and for r = 0, A ⪰ 0, ker H = J⁻¹(ker A).
"""

from __future__ import annotations

from hessrank.proofs.catalogue.hessian.off_fit import MINIMUM_OF_ONE_HIDDEN, T16_STEPS, one_hidden
from hessrank.proofs.catalogue.hessian.predicates import (
    CENTRED,
    CROSS_TERMS,
    IDENTITY,
    NOT_MULTIPLE,
    PROBABILITIES,
    behaviour_moves,
    constant_loss,
    flatter,
    lower,
    no_descent_to_second_order,
)
from hessrank.proofs.catalogue.hessian.proofs import SQUARES, centring_kernel, cross_entropy_cancels
from hessrank.proofs.catalogue.hessian.subjects import (
    decaying,
    duplicated_neuron,
    equal_logits,
    flat_fits,
    on_probabilities,
    rank_subjects,
    two_basins,
)
from hessrank.proofs.catalogue.texts import told_in
from hessrank.proofs.catalogue.theorems import FERMAT, T3, T3_AT_FIT, T4_STEPS, gram_kernel
from hessrank.proofs.catalogue.vocabulary import (
    A_DEFINITE,
    A_DIAGONAL,
    A_MISSES_IMAGE,
    A_SCALAR,
    A_SEMIDEFINITE,
    CONVEX_LOSS,
    FITS_LABELS,
    GLOBAL_MINIMUM,
    INTERIOR_TARGETS,
    LOCAL_MINIMUM,
    NOT_PERFECT,
    PERFECT_FIT,
    RANK_EQUALITY,
    REGRESSION,
    S1_NETWORK,
    S1_REGRESSION,
    SQUARED_LOSS,
    UNREGULARISED,
    loss_is,
)
from hessrank.proofs.experiments.labellings import of_claim
from hessrank.proofs.reasoning.claim import Claim, Form, Step
from hessrank.proofs.reasoning.statement import Existence, Predicate, Statement

#: Where T4 holds, or T16.
FIT_OR_ONE_HIDDEN = PERFECT_FIT | MINIMUM_OF_ONE_HIDDEN

told = told_in(__package__)

CLAIMS: tuple[Claim, ...] = (
    told(
        "rank-equality",
        as_written=Form(Statement((*S1_REGRESSION, LOCAL_MINIMUM), RANK_EQUALITY)),
        strong=Form(Statement((UNREGULARISED, LOCAL_MINIMUM), RANK_EQUALITY)),
        best=Form(
            Statement((UNREGULARISED, FIT_OR_ONE_HIDDEN, A_DEFINITE), RANK_EQUALITY),
            (*T4_STEPS, *T16_STEPS),
        ),
        examples=lambda: (*rank_subjects(), *one_hidden()),
        audited=Statement((UNREGULARISED, LOCAL_MINIMUM, PERFECT_FIT, A_DEFINITE), RANK_EQUALITY),
        considered=(A_DIAGONAL,),
    ),
    told(
        "squared-loss-minimum",
        as_written=Form(Statement((*S1_REGRESSION, LOCAL_MINIMUM), RANK_EQUALITY)),
        strong=Form(Statement((UNREGULARISED, SQUARED_LOSS, LOCAL_MINIMUM), RANK_EQUALITY)),
        best=Form(
            Statement((UNREGULARISED, SQUARED_LOSS, FIT_OR_ONE_HIDDEN), RANK_EQUALITY),
            (*SQUARES, *T16_STEPS),
        ),
        audited=Statement((UNREGULARISED, SQUARED_LOSS, PERFECT_FIT), RANK_EQUALITY),
        examples=lambda: (*rank_subjects(), *one_hidden()),
    ),
    told(
        "residual-minimum-exists",
        as_written=Form(Existence((UNREGULARISED, LOCAL_MINIMUM, NOT_PERFECT))),
        examples=rank_subjects,
        experiment=of_claim(28),
    ),
    told(
        "global-minimum-regression",
        as_written=Form(Statement((*S1_REGRESSION, GLOBAL_MINIMUM), RANK_EQUALITY)),
        strong=Form(Statement((UNREGULARISED, REGRESSION, GLOBAL_MINIMUM), RANK_EQUALITY)),
        best=Form(
            Statement((UNREGULARISED, REGRESSION, PERFECT_FIT, A_DEFINITE), RANK_EQUALITY), T4_STEPS
        ),
        examples=rank_subjects,
    ),
    told(
        "behaviour-may-move",
        as_written=Form(
            Existence(
                (
                    Predicate("constant-loss", "L is constant", constant_loss),
                    Predicate("behaviour-moves", "J ≠ 0", behaviour_moves),
                )
            )
        ),
        best=Form(Statement((UNREGULARISED, SQUARED_LOSS, PERFECT_FIT), RANK_EQUALITY), SQUARES),
    ),
    told("hessian-identity", as_written=Form(Statement((), IDENTITY), (T3,))),
    told(
        "diagonal-loss-hessian",
        strong=Form(Statement((UNREGULARISED, PERFECT_FIT, A_DIAGONAL), RANK_EQUALITY)),
        best=Form(
            Statement((UNREGULARISED, PERFECT_FIT, A_SEMIDEFINITE, A_MISSES_IMAGE), RANK_EQUALITY),
            T4_STEPS,
        ),
        examples=rank_subjects,
    ),
    told(
        "no-multiple-of-gram",
        as_written=Form(
            Existence((UNREGULARISED, PERFECT_FIT, A_DEFINITE, ~A_SCALAR, NOT_MULTIPLE))
        ),
        best=Form(Statement((UNREGULARISED, PERFECT_FIT, A_DEFINITE), RANK_EQUALITY), T4_STEPS),
        examples=rank_subjects,
    ),
    told(
        "fine-losses",
        strong=Form(
            Statement(
                (
                    UNREGULARISED,
                    loss_is("half-squared", "sum-of-squares", "mean-squared", "cross-entropy"),
                    FITS_LABELS,
                    LOCAL_MINIMUM,
                ),
                RANK_EQUALITY,
            )
        ),
        best=Form(
            Statement(
                (
                    UNREGULARISED,
                    loss_is("cross-entropy"),
                    PROBABILITIES,
                    INTERIOR_TARGETS,
                    FITS_LABELS,
                ),
                RANK_EQUALITY,
            ),
            (
                T3,
                Step(
                    "at p = y, r = (−1, …, −1), so Σ_k r_k∇²p_k = −∇²(Σ_k p_k) = −∇²1 = 0",
                    cross_entropy_cancels,
                ),
                Step("A = diag(1/y) ≻ 0, so rank JᵀAJ = rank J", gram_kernel),
            ),
        ),
        examples=on_probabilities,
    ),
    told(
        "softmax-on-logits",
        as_written=Form(
            Existence(
                (UNREGULARISED, loss_is("softmax-cross-entropy"), PERFECT_FIT, ~RANK_EQUALITY)
            )
        ),
        best=Form(
            Statement((UNREGULARISED, loss_is("softmax-cross-entropy"), PERFECT_FIT), CENTRED),
            (
                T3_AT_FIT,
                Step(
                    "A = diag(p) − ppᵀ ⪰ 0 has the kernel spanned by (1, …, 1), that of the "
                    "centring P",
                    centring_kernel,
                ),
                Step("so ker H = J⁻¹(ker P) = ker PJ", gram_kernel),
            ),
        ),
        examples=equal_logits,
    ),
    told(
        "cross-terms-in-practice",
        as_written=Form(Existence((loss_is("softmax-cross-entropy"), CROSS_TERMS))),
        examples=equal_logits,
    ),
    told(
        "convex-is-quadratic",
        as_written=Form(
            Statement((UNREGULARISED, *S1_NETWORK, CONVEX_LOSS, PERFECT_FIT), RANK_EQUALITY)
        ),
        strong=Form(Statement((UNREGULARISED, CONVEX_LOSS, PERFECT_FIT), RANK_EQUALITY)),
        best=Form(
            Statement((UNREGULARISED, CONVEX_LOSS, PERFECT_FIT, A_DEFINITE), RANK_EQUALITY),
            T4_STEPS,
        ),
        examples=flat_fits,
    ),
    told(
        "no-saddles-all-the-way",
        as_written=Form(
            Statement(
                (GLOBAL_MINIMUM,),
                Predicate("no-descent", "θ is critical and H ⪰ 0", no_descent_to_second_order),
            ),
            (FERMAT,),
        ),
        examples=decaying,
    ),
    told(
        "flat-is-low-rank",
        experiment=of_claim(39),
        strong=Form(
            Statement(
                (Predicate("lower-rank", "the first basin (H ⪰ 0) has the lower rank", lower),),
                Predicate("flatter", "the first basin is the flatter (smaller tr H)", flatter),
            )
        ),
        examples=two_basins,
        over_gallery=False,
    ),
)

__all__ = ["CLAIMS", "duplicated_neuron"]
