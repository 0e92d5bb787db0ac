"""Claims 73, 74, 83, 86, 88, 89, 92 and 93, and theorems T9, T10, T12, T14, T16 and T17.

In: the gallery's landscapes as instances, and those of `off_fit`. Out: `CLAIMS`. T16 makes claims
26 and 27 true in the setting of S1's networks: one hidden layer of relu units, one output.
"""

from __future__ import annotations

from hessrank.proofs.catalogue.features.predicates import (
    ARE_SQUARED_NORMS,
    COUNTED,
    EXAMPLEWISE,
    HARD,
)
from hessrank.proofs.catalogue.features.proofs import BY_EXAMPLE, softmax_never_hard
from hessrank.proofs.catalogue.hessian.deep import DEEP_PIECES, T17_STEPS, deep_subjects
from hessrank.proofs.catalogue.hessian.off_fit import (
    EFFECTIVE,
    GN_CENTRED,
    H_DEFINITE,
    H_SEMIDEFINITE,
    NEAR_GAUSS_NEWTON,
    ONE_HIDDEN_PIECES,
    POSITIVE_SQUARES,
    REGULARISED,
    SENSITIVE,
    T16_STEPS,
    at_fits,
    effective_rank_expands,
    one_hidden,
    quotient_form,
)
from hessrank.proofs.catalogue.hessian.predicates import CENTRED, multiple_of_gram
from hessrank.proofs.catalogue.hessian.proofs import SQUARES, centring_kernel
from hessrank.proofs.catalogue.hessian.subjects import equal_logits, rank_subjects
from hessrank.proofs.catalogue.texts import told_in
from hessrank.proofs.catalogue.theorems import (
    FERMAT,
    T3,
    T3_AT_FIT,
    T4_STEPS,
    gram_kernel,
    rank_of_product,
)
from hessrank.proofs.catalogue.vocabulary import (
    A_DEFINITE,
    CRITICAL,
    LOCAL_MINIMUM,
    NOT_PERFECT,
    PERFECT_FIT,
    RANK_EQUALITY,
    S1_REGRESSION,
    SQUARED_LOSS,
    UNREGULARISED,
    loss_is,
)
from hessrank.proofs.experiments.off_fit import off_perfect_optimum
from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.fibres.fibre import fibre_dimension
from hessrank.proofs.reasoning.claim import Claim, Form, Step
from hessrank.proofs.reasoning.statement import Existence, Predicate, Statement
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.problems.landscape import Landscape


def _below_hessian(here: Landscape) -> Fact:
    """The fibre, which is the zero-loss set near θ, has at most dimension N − rank H."""
    fibre, H = fibre_dimension(here), here.rank("hessian")
    low, high = here.problem.N - H.upper, here.problem.N - H.lower
    known = True if fibre.upper <= low else False if fibre.lower > high else None
    null = f"{low}" if low == high else f"{low}..{high}"
    return Fact(Truth.of(known), f"the fibre has dimension {fibre}, N − rank H = {null}")


def _moves_with_labels(here: Landscape) -> Fact:
    """∂(∇L)/∂θ = H is invertible: near these labels θ moves smoothly and stays a minimum with
    r ≠ 0."""
    return Fact(
        Truth.of(here.rank("hessian").lower == here.problem.N or None),
        f"rank H = {here.rank('hessian').lower} = N: ∇L(θ, y) = 0 is solved by a smooth θ(y)",
    )


MULTIPLE = Predicate(
    "multiple-of-gram", "H is a multiple of JᵀJ", multiple_of_gram, "H = cJ^{\\mathsf T}J"
)
NO_SECOND_TERM = Predicate(
    "no-second-term",
    "the D²f term is 0, so that H = JᵀAJ",
    lambda h: landscape_facts.is_zero(h.residual, "Σ r_m ∇²F_m"),
    r"\textstyle\sum_m r_m\nabla^2F_m = 0",
)
BELOW_HESSIAN = Predicate(
    "fibre-below-hessian",
    "near θ the points of equal loss are the fibre, of dimension at most N − rank H",
    _below_hessian,
)
PERSISTS = Predicate(
    "persists",
    "such minima exist for all labels near y",
    _moves_with_labels,
)
ZERO_SECOND_TERM = Predicate("second-term-zero", "Σ_m r_m∇²F_m = 0", NO_SECOND_TERM.test)
SUBADDITIVE = Step(
    "H = JᵀAJ + Y, and |rank(P + Y) − rank P| ≤ rank Y for any P: with P = QR and Y = Q'R' the "
    "sum is [Q | Q']·[R; R'], a product through rank P + rank Y dimensions",
    rank_of_product,
)
told = told_in(__package__)

CLAIMS: tuple[Claim, ...] = (
    told(
        "hessian-is-two-gram",
        as_written=Form(Statement((*S1_REGRESSION, PERFECT_FIT), MULTIPLE), SQUARES),
        best=Form(Statement((UNREGULARISED, SQUARED_LOSS, PERFECT_FIT), MULTIPLE), SQUARES),
        examples=at_fits,
    ),
    told(
        "sensitivity-translates",
        as_written=Form(Statement((*S1_REGRESSION, LOCAL_MINIMUM), SENSITIVE)),
        best=Form(Statement((UNREGULARISED, PERFECT_FIT, A_DEFINITE), SENSITIVE), T4_STEPS),
        examples=at_fits,
    ),
    told(
        "behaviour-minimises-loss",
        as_written=Form(Statement((UNREGULARISED, PERFECT_FIT), NO_SECOND_TERM), (T3_AT_FIT,)),
        examples=at_fits,
    ),
    told(
        "low-determinant",
        best=Form(
            Statement((H_SEMIDEFINITE,), EFFECTIVE),
            (
                Step("Σ λ/(λ + 1/b) = Σ (1 − 1/(1 + bλ))", effective_rank_expands),
                Step("tr bH(I + bH)⁻¹ is that sum", cites="the spectral theorem"),
            ),
        ),
        examples=at_fits,
    ),
    told(
        "broadness-number-and-norm",
        as_written=Form(
            Statement(
                (UNREGULARISED, EXAMPLEWISE, PERFECT_FIT, A_DEFINITE), COUNTED & ARE_SQUARED_NORMS
            ),
            (*T4_STEPS, BY_EXAMPLE),
        ),
        examples=at_fits,
    ),
    told(
        "loss-of-parameters",
        as_written=Form(Existence((REGULARISED, PERFECT_FIT, A_DEFINITE, ~RANK_EQUALITY))),
        examples=at_fits,
    ),
    told(
        "off-perfect-optimum",
        best=Form(Statement((), NEAR_GAUSS_NEWTON), (T3, SUBADDITIVE)),
        examples=at_fits,
        experiment=off_perfect_optimum,
        worked=True,
    ),
    told(
        "solutions-at-infinity",
        as_written=Form(
            Statement((HARD,), ~PERFECT_FIT),
            (
                Step(
                    "r = softmax(o) − y, and every component of the softmax lies strictly between "
                    "0 and 1: with a hard label r ≠ 0 at every θ",
                    softmax_never_hard,
                ),
            ),
        ),
        examples=equal_logits,
    ),
    told(
        "T9",
        best=Form(
            Statement((A_DEFINITE,), NEAR_GAUSS_NEWTON & POSITIVE_SQUARES),
            (
                T3,
                SUBADDITIVE,
                Step(
                    "vᵀHv = |CJv|² + vᵀYv is positive on a complement of ker J, less i₋(Y) "
                    "dimensions",
                    quotient_form,
                ),
            ),
        ),
        examples=lambda: (*at_fits(), *rank_subjects()),
    ),
    told(
        "T10",
        best=Form(
            Statement((CRITICAL, NOT_PERFECT, H_DEFINITE), PERSISTS),
            (
                FERMAT,
                Step(
                    "∂(∇L)/∂θ = H is invertible: θ(y) solves ∇L = 0 near y, and r ≠ 0, H ≻ 0 stay",
                    cites="implicit function theorem",
                ),
            ),
        ),
        examples=at_fits,
    ),
    told(
        "T12",
        best=Form(
            Statement((UNREGULARISED, PERFECT_FIT, A_DEFINITE), BELOW_HESSIAN),
            (
                *T4_STEPS,
                Step(
                    "A ≻ 0, r = 0: near F(θ) ℓ takes its value at F(θ) only there, so the points "
                    "of equal loss near θ are the fibre",
                    cites="the second-order condition at F(θ)",
                ),
            ),
        ),
        examples=at_fits,
    ),
    told(
        "T14",
        best=Form(
            Statement((UNREGULARISED, loss_is("softmax-cross-entropy")), GN_CENTRED),
            (
                Step(
                    "A = diag(p) − ppᵀ ⪰ 0 has the kernel spanned by (1, …, 1), that of P",
                    centring_kernel,
                ),
                Step("so ker JᵀAJ = J⁻¹(ker P) = ker PJ", gram_kernel),
            ),
        ),
        audited=Statement(
            (UNREGULARISED, loss_is("softmax-cross-entropy"), ZERO_SECOND_TERM), CENTRED
        ),
        examples=equal_logits,
    ),
    told(
        "T16",
        best=Form(
            Statement((UNREGULARISED, ONE_HIDDEN_PIECES, CRITICAL, H_SEMIDEFINITE), NO_SECOND_TERM),
            T16_STEPS,
        ),
        examples=one_hidden,
    ),
    told(
        "T16-ranks",
        best=Form(
            Statement(
                (UNREGULARISED, ONE_HIDDEN_PIECES, CRITICAL, H_SEMIDEFINITE, A_DEFINITE),
                RANK_EQUALITY,
            ),
            (*T16_STEPS, Step("A ≻ 0 ⇒ rank JᵀAJ = rank J", gram_kernel)),
        ),
        examples=one_hidden,
    ),
    told(
        "T17",
        best=Form(
            Statement((UNREGULARISED, DEEP_PIECES, LOCAL_MINIMUM), NO_SECOND_TERM), T17_STEPS
        ),
        examples=deep_subjects,
    ),
    told(
        "T17-ranks",
        best=Form(
            Statement((UNREGULARISED, DEEP_PIECES, LOCAL_MINIMUM, A_DEFINITE), RANK_EQUALITY),
            (*T17_STEPS, Step("A ≻ 0 ⇒ rank JᵀAJ = rank J", gram_kernel)),
        ),
        examples=deep_subjects,
    ),
)
__all__ = ["CLAIMS"]
