"""The three forms of a claim: what is written, the strong reading, the best theorem (CLAIMS.md,
"Fair readings"). Expected verdicts are those of that table; counterexamples are
recomputed with SymPy."""

from __future__ import annotations

import pytest
import sympy
from words import plain

from hessrank.proofs.catalogue import CLAIMS
from hessrank.proofs.reasoning.claim import HOLDING, Settled
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.verification import settled_json

#: The table of fair readings: what is written is true, whatever a strong reading of it is worth.
WRITTEN_TRUE = (
    "low-fibres-null",
    "parallel-contours",
    "low-rank-high-dimension",
    "low-rank-dependence",
    "nonlinear-solution-dimension",
    "regulariser-fixes",
    "low-rank-is-sparse",
    "convexity-kills-residual",
)
#: Converses and universal forms that nobody says, and the list that is lost.
NOBODYS = (
    "kernel-is-tangent",
    "dependence-high-dimension",
    "closed-sets-analytic",
    "diagonal-loss-hessian",
    "fine-losses",
)


@pytest.mark.parametrize("id", WRITTEN_TRUE)
def test_what_is_written_is_true_where_the_strong_reading_falls(
    settled: dict[str, Settled], id: str
) -> None:
    found = settled[id]
    assert plain(found.as_written) == "true" and plain(found.strong) == "refuted"
    assert found.claim.quote


@pytest.mark.parametrize("id", NOBODYS)
def test_a_sentence_that_nobody_wrote_stands_beside_no_name(
    settled: dict[str, Settled], id: str
) -> None:
    assert settled[id].verdict("as_written") is None
    assert plain(settled[id].strong) == "refuted"


def test_claims_of_s1_fall_inside_its_own_setting(settled: dict[str, Settled]) -> None:
    """N > M, one output; recomputed from the landscapes, not read off the predicates."""
    fallen = 0
    for found in settled.values():
        form = found.claim.as_written
        if form is None or not found.claim.source.startswith(("S0", "S1")):
            continue
        if plain(found.as_written) != "refuted":
            continue
        for finding in found.as_written.counterexamples:
            if isinstance(finding.subject, Landscape):
                problem = finding.subject.problem
                assert problem.N > problem.M and problem.model.output_count == 1, found.claim.id
                fallen += 1
    assert fallen >= 6


def test_claim_3_falls_at_s2_t2() -> None:
    """f = s² + t², y = −1, half-squared: rank J = 0, rank H = 2 at the global minimum."""
    s, t = sympy.symbols("s t")
    f = s**2 + t**2
    L = (f + 1) ** 2 / 2
    at = {s: 0, t: 0}
    assert sympy.Matrix([[f.diff(s), f.diff(t)]]).subs(at).rank() == 0
    assert sympy.hessian(L, (s, t)).subs(at) == 2 * sympy.eye(2)


def test_as_stated_is_the_strong_form_else_the_written_one(settled: dict[str, Settled]) -> None:
    for found in settled.values():
        shown = settled_json(found)
        assert shown["as_stated"] == (shown["strong"] or shown["as_written"] or shown["best"])
        assert shown["repaired"] == shown["best"]


def test_cited_means_that_no_step_was_checked(settled: dict[str, Settled]) -> None:
    for found in settled.values():
        for name, form in found.claim.forms.items():
            verdict = found.settlements[name].verdict
            checked = any(step.check is not None for step in form.proof)
            if verdict in HOLDING and not found.settlements[name].witnessed:
                assert verdict == ("true" if checked else "cited"), (found.claim.id, name)


def test_every_best_form_holds(settled: dict[str, Settled]) -> None:
    for claim in CLAIMS:
        found = settled[claim.id].best
        if found is not None:
            assert found.verdict in HOLDING, claim.id
            assert all(fact.truth is Truth.TRUE for _, fact in found.proof), claim.id
