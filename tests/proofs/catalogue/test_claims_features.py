"""Claims 51 to 72: the verdicts that the toolkit reaches against those that CLAIMS.md believes, the
instances that it names, and the facts behind the counterexamples by other means (NumPy, math)."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from words import plain

from hessrank.gallery import ids, path
from hessrank.proofs.catalogue.basins import claims as basins
from hessrank.proofs.catalogue.basins.couplings import Coupling, couplings, two_modules
from hessrank.proofs.catalogue.features import claims as features
from hessrank.proofs.catalogue.features.subjects import (
    features_of_parts,
    hard_labels,
    merging_networks,
)
from hessrank.proofs.catalogue.vocabulary import PERFECT_FIT
from hessrank.proofs.experiments.basin_volumes import LEVELS, prior_masses
from hessrank.proofs.reasoning.claim import Claim, settle, settle_claim
from hessrank.proofs.reasoning.statement import Instance, Outcome
from hessrank.proofs.reasoning.truth import Truth
from hessrank.specs.spec import read_spec

CLAIMS: tuple[Claim, ...] = (*basins.CLAIMS, *features.CLAIMS)


BY_NUMBER = {claim.number: claim for claim in CLAIMS}

#: CLAIMS.md, "Basin broadness and features". TRUE; FALSE; COND is refuted as stated and true with
#: its condition; "right … wrong reason" is refuted with the reason and true with the right one.
BELIEVED = {
    52: ("true", "true"),  # TRUE: two basins under a Gaussian prior cross over
    53: ("refuted", "true"),  # COND
    54: ("refuted", "true"),  # TRUE for B = 0 against B ≠ 0; FALSE low against full rank
    55: ("true", None),  # TRUE
    56: ("refuted", "true"),  # right at perfect fit, wrong reason; never for hard-label softmax-CE
    57: ("true", "true"),  # TRUE as JᵀAJ; vector outputs: Gram under Σ φᵀAφ
    58: ("refuted", "true"),  # squared norms, times ℓ″
    60: ("refuted", "true"),  # FALSE; TRUE if linear in θ or rank locally constant
    61: ("true", None),  # TRUE
    62: ("refuted", "true"),  # up to the ball's constant, quadratic, all λ > 0
    63: ("refuted", "true"),  # dimension COND; not orthogonal by itself
    64: ("true", None),  # TRUE
    66: ("true", None),  # TRUE
    67: ("true", None),  # TRUE
    68: ("refuted", "true"),  # FALSE pointwise, TRUE in L²
    69: ("true", None),  # TRUE
    70: ("refuted", "true"),  # T6 is the exact form
}
#: CLAIMS.md, "Not claims that a computation settles" (47 is with information loss).
BEYOND = {51, 59, 65, 71, 72}
#: Instances that CLAIMS.md names under "what to show": number, form, instance, outcome.
SHOWN = [
    (54, "stated", "dense-rank-one", Outcome.FAILS),
    (54, "repaired", "uncoupled", Outcome.HOLDS),
    (56, "stated", "X1", Outcome.FAILS),
    (57, "stated", "cosine-features", Outcome.HOLDS),
    (57, "repaired", "two-outputs", Outcome.HOLDS),
    (58, "stated", "X11", Outcome.FAILS),
    (60, "stated", "X4", Outcome.FAILS),
    (60, "stated", "X5", Outcome.FAILS),
    (60, "repaired", "X4", Outcome.NOT_APPLICABLE),
    (60, "repaired", "linear-and-flat", Outcome.HOLDS),
    (60, "repaired", "X11", Outcome.HOLDS),
    (62, "repaired", "valley", Outcome.NOT_APPLICABLE),
    (63, "stated", "x1-x2-on-bits", Outcome.FAILS),
    (63, "stated", "x1-x2-on-signs", Outcome.HOLDS),
    (63, "repaired", "x1-x2-on-bits", Outcome.HOLDS),
    (63, "repaired", "two-constant-squares", Outcome.NOT_APPLICABLE),
    (70, "stated", "merged-full-rank", Outcome.FAILS),  # X9 as a network
    (70, "repaired", "inputs-on-a-line", Outcome.HOLDS),
]


@cache
def gallery() -> tuple[Instance, ...]:
    return tuple(Instance(name, read_spec(path(name)).landscape()) for name in ids())


@cache
def settled(number: int):
    return settle_claim(BY_NUMBER[number], gallery(), seed=None)


def test_every_claim_is_there_once():
    first = sorted(claim.number for claim in CLAIMS if 0 < claim.number < 73)
    assert first == list(range(51, 73))
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS)
    assert set(BELIEVED) | BEYOND == set(first)


@pytest.mark.parametrize("number", sorted(BELIEVED))
def test_verdicts(number):
    found = settled(number)
    stated = plain(found.stated) or found.as_stated
    assert (stated, plain(found.repaired)) == BELIEVED[number]
    assert not found.contradictory


@pytest.mark.parametrize("number", sorted(BEYOND))
def test_what_no_computation_settles_says_why(number):
    claim = BY_NUMBER[number]
    assert claim.beyond and claim.stated is None
    assert settled(number).as_stated == "not computed"


@pytest.mark.parametrize("number", sorted(BELIEVED))
def test_every_step_of_a_proof_holds(number):
    found = settled(number)
    for form in (found.stated, found.repaired):
        for words, fact in form.proof if form else ():
            assert fact.truth is Truth.TRUE, words


@pytest.mark.parametrize(("number", "form", "instance", "outcome"), SHOWN)
def test_the_instances_of_the_catalogue(number, form, instance, outcome):
    claim = BY_NUMBER[number]
    (one,) = [i for i in claim.instances(gallery()) if i.id == instance]
    assert getattr(claim, form).on(one).outcome is outcome


@pytest.mark.parametrize("number", sorted(n for n, v in BELIEVED.items() if v[1] == "true"))
def test_a_repair_is_tried_where_the_stated_form_fails_or_says_why_not(number):
    """A repaired form agrees with instances, and each counterexample of the stated form either
    lies outside of it or is one of them."""
    found = settled(number)
    assert len(found.repaired.confirmations) >= 2
    assert not found.repaired.counterexamples


def test_dropping_the_condition_of_60_brings_the_counterexamples_back():
    claim = BY_NUMBER[60]
    loose = claim.repaired.without(claim.repaired.hypotheses[-1].name)
    assert settle(loose, claim.instances(gallery())).verdict == "refuted"


def test_hard_labels_never_fit():
    """56: r = softmax(2, −3) − (1, 0), by math.exp."""
    (hard,) = [i for i in hard_labels() if i.id == "hard-label-on-logits"]
    p = 1 / (1 + math.exp(-5))
    r = hard.subject.loss_gradient.to_numpy().ravel()
    assert np.allclose(r, [p - 1, 1 - p]) and np.all(r != 0)
    assert PERFECT_FIT(hard.subject).truth is Truth.FALSE
    # an indefinite A at r = 0: convexity is not what removes the term
    assert "X14" in [f.instance for f in settled(56).repaired.confirmations]


def test_couplings_against_numpy():
    """53 and 54: ranks, and the extreme eigenvalues by numpy.linalg.eigvalsh."""
    for instance in couplings():
        c: Coupling = instance.subject
        if c.other is None:
            continue
        one, two = (np.linalg.eigvalsh(np.array(c.joined(B), dtype=float)) for B in (c.B, c.other))
        inside = two[0] <= one[0] + 1e-12 and one[-1] <= two[-1] + 1e-12
        verdict = BY_NUMBER[54].repaired.conclusion(c).truth
        assert verdict is (Truth.TRUE if inside else Truth.FALSE)
    grid = two_modules()  # Σ over {0,1,2}² of x₁ⁱx₂ʲ = (Σxⁱ)(Σxʲ) with Σx = 3, Σx² = 5
    assert np.array_equal(np.array(grid.B, dtype=int), np.outer([3, 5], [3, 5]))


def test_schur_complement_against_numpy():
    """53: det H = det P · det(Q − BᵀP⁻¹B), Schur's formula, on the uneven instance."""
    (uneven,) = [i.subject for i in couplings() if i.id == "uneven"]
    P, Q, B = (np.array(m, dtype=float) for m in (uneven.P, uneven.Q, uneven.B))
    S = Q - B.T @ np.linalg.inv(P) @ B
    H = np.array(uneven.joined(uneven.B), dtype=float)
    assert np.linalg.det(H) == pytest.approx(np.linalg.det(P) * np.linalg.det(S))
    assert BY_NUMBER[53].repaired.conclusion(uneven).truth is Truth.TRUE


def test_inner_products_of_parts_by_hand():
    """63: Σ x₁x₂ is 1 on {0,1}² and 0 on {±1}²."""
    by = {i.id: i.subject for i in features_of_parts()}
    for name, value in (("x1-x2-on-bits", 1), ("x1-x2-on-signs", 0)):
        assert by[name].hessian.to_numpy()[0, 1] == value


def test_information_loss_does_not_force_breadth():
    """70: J of v tanh(w·x) + c at w = (1, 0), v = 1, on (1, 0), (1, 1), by hand: rank 2 = M."""
    by = {i.id: i.subject for i in merging_networks()}
    slope = 1 - math.tanh(1) ** 2
    J = np.array([[slope, 0, math.tanh(1), 1], [slope, slope, math.tanh(1), 1]])
    assert np.allclose(by["merged-full-rank"].jacobian.to_numpy(), J)
    assert np.linalg.matrix_rank(J) == 2


# --- experiments ---------------------------------------------------------------------------------


def test_prior_masses_lie_near_the_exact_ones():
    """52: erf and exp from `math`; every share within five standard deviations; and they cross."""
    runs = 100_000
    found = prior_masses(seed=4, runs=runs)
    for epsilon in LEVELS:
        e = float(epsilon)
        exact = {"line": math.erf(math.sqrt(e / 100)), "bowl": -math.expm1(-e)}
        for name, p in exact.items():
            row = found.counts[f"{name}, ε = {epsilon}"]
            assert float(row["exact"]) == pytest.approx(p, rel=1e-5)
            assert abs(row["inside"] / runs - p) < 5 * math.sqrt(p * (1 - p) / runs)
    assert "at ε = 1 the bowl" in found.answer and "at ε = 1/1000 the line" in found.answer


# --- audit ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "hypothesis"),
    [
        (52, "convex"),
        (52, "lower-rank"),
        (53, "P-invertible"),
        (54, "uncoupled"),
        (56, "perfect-fit"),
        (57, "sum-over-examples"),
        (58, "perfect-fit"),
        (60, "perfect-fit"),
        (60, "A-positive-definite"),
        (61, "A-positive-definite"),
        (62, "positive"),
        (63, "independent-parts"),
        (63, "no-constant-feature"),
    ],
)
def test_no_condition_of_a_repair_is_idle(number, hypothesis):
    """Without it the statement has a counterexample among the instances at hand."""
    claim = BY_NUMBER[number]
    loose = (claim.repaired or claim.stated).without(hypothesis)
    assert settle(loose, claim.instances(gallery())).verdict == "refuted"
