"""The catalogue as a whole: complete, never contradictory, evidence with every verdict, and the
page docs/claims.md made of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hessrank.proofs.catalogue import CLAIMS, find
from hessrank.proofs.reasoning.claim import HOLDING, Settled
from hessrank.proofs.reasoning.truth import Truth
from hessrank.reports.claims import page
from hessrank.specs.spec import loads, read_spec
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.verification import check, replay, settled_json

ROOT = Path(__file__).parents[3]

#: CLAIMS.md: "Not claims that a computation settles".
NOT_COMPUTED = {47, 51, 59, 65, 71, 72, 80, 82, 85}
#: CLAIMS.md: the claims whose verdict it gives as empirical, heuristic or measured.
EMPIRICAL = {25, 48, 49, 78, 79}


def test_every_number_of_the_catalogue_has_a_claim() -> None:
    assert {c.number for c in CLAIMS} == set(range(1, 94)) | {0}
    assert len({c.id for c in CLAIMS}) == len(CLAIMS)


def test_what_is_not_computed_says_why(settled: dict[str, Settled]) -> None:
    def numbers(verdict: str) -> set[int]:
        return {s.claim.number for s in settled.values() if s.as_stated == verdict}

    assert numbers("not computed") == NOT_COMPUTED
    assert numbers("empirical") == EMPIRICAL
    assert all(s.claim.beyond for s in settled.values() if s.claim.number in NOT_COMPUTED)


def test_no_proof_meets_a_counterexample(settled: dict[str, Settled]) -> None:
    assert [s.claim.id for s in settled.values() if s.contradictory] == []


def test_no_verdict_without_evidence(settled: dict[str, Settled]) -> None:
    for s in settled.values():
        for found in (s.stated, s.repaired):
            if found is None:
                continue
            if found.verdict == "refuted":
                for name, fact in found.counterexamples[0].facts[:-1]:
                    assert fact.truth is Truth.TRUE, (s.claim.id, name)
                assert found.counterexamples[0].facts[-1][1].truth is Truth.FALSE
            elif found.verdict in HOLDING and not found.witnessed:
                assert found.proof, s.claim.id
                assert all(fact.truth is Truth.TRUE for _, fact in found.proof), s.claim.id
            elif found.verdict in HOLDING:
                assert found.confirmations, s.claim.id


def test_every_statement_that_failed_has_a_form_that_holds(settled: dict[str, Settled]) -> None:
    for s in settled.values():
        if s.repaired is not None:
            assert s.repaired.verdict in HOLDING, s.claim.id


def test_counterexamples_replay_from_their_specs(settled: dict[str, Settled]) -> None:
    """The spec printed with a counterexample gives the same finding when it is read back (where
    the claim is about a landscape; a layer of one is named in the title only)."""
    replayed = 0
    for s in settled.values():
        statement, found = s.claim.stated, s.stated
        if found is None or found.verdict != "refuted" or not s.claim.over_gallery:
            continue
        first = found.counterexamples[0]
        text = replay(first)
        if text is None or not isinstance(first.subject, Landscape):
            continue
        again = check(s.claim.id, loads(text, "replayed.toml").landscape())
        assert again.outcome is first.outcome, (s.claim.id, text)
        assert statement is not None
        replayed += 1
    assert replayed >= 15


def test_the_json_of_every_claim_is_complete(settled: dict[str, Settled]) -> None:
    for s in settled.values():
        shown = json.loads(json.dumps(settled_json(s)))
        assert {"as_stated", "repaired", "evidence"} <= shown.keys()


def test_the_page_is_current(settled: dict[str, Settled]) -> None:
    """docs/claims.md is `python -m hessrank.reports.claims`, word for word."""
    assert (ROOT / "docs" / "claims.md").read_text(encoding="utf-8") == page(list(settled.values()))


def test_unknown_claims_name_the_nearest() -> None:
    with pytest.raises(InputError, match="rank-equality"):
        find("rank-equalty")


def test_a_claim_on_other_subjects_is_refused() -> None:
    with pytest.raises(InputError, match="not about a landscape"):
        check("closed-sets-smooth", read_spec("X1").landscape())
    with pytest.raises(InputError, match="cannot be checked"):
        check(51, read_spec("X1").landscape())


def test_a_kink_is_not_applicable_and_says_so() -> None:
    text = """
    [model]
    kind = "mlp"
    widths = [1, 1, 1]
    activation = "relu"
    bias = false
    [data]
    x = [[1]]
    y = [[0]]
    [loss]
    kind = "half-squared"
    [point]
    w1_1_1 = 0
    w2_1_1 = 1
    """
    found = check("rank-equality", loads(text, "kink.toml").landscape())
    assert found.outcome.value == "not-applicable"
    assert "unit 1 in layer 1, example 1" in found.reason
