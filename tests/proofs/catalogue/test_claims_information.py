"""Claims 40 to 50: the verdicts that the toolkit reaches against those that CLAIMS.md believes, and
the facts behind the counterexamples by other means (SymPy, plain arithmetic)."""

from __future__ import annotations

from functools import cache

import pytest
import sympy
from words import plain

from hessrank.gallery import ids, path
from hessrank.proofs.catalogue.information.claims import CLAIMS, instances
from hessrank.proofs.information_loss import information as info
from hessrank.proofs.information_loss.cuts import cuts
from hessrank.proofs.reasoning.claim import settle, settle_claim
from hessrank.proofs.reasoning.statement import Instance, Outcome
from hessrank.specs.spec import read_spec

BY_NUMBER = {claim.number: claim for claim in CLAIMS}

#: CLAIMS.md, "Information loss": TRUE; FALSE; COND is false as stated and true with its condition.
BELIEVED = {
    40: ("refuted", "true"),  # COND no path around L
    41: ("true", None),  # TRUE, sharp at p < k−1
    42: ("refuted", "true"),  # not by itself
    43: ("true", None),  # TRUE for its incoming weights
    44: ("refuted", "true"),  # FALSE as an implication
    45: ("refuted", "true"),  # partly: X8 and X9 separate the two notions
    46: ("refuted", "true"),  # COND T5b
    47: ("not computed", None),  # lives in a video
    48: ("empirical", None),
    49: ("empirical", None),
    50: ("true", None),
}
#: The instances that CLAIMS.md names under "what to show", with how each claim should find them.
SHOWN = {
    41: ("four-merged", Outcome.HOLDS),  # f = v(w₁x₁ + w₂x₂) + c at w = 0
    42: ("X9-as-net", Outcome.FAILS),
    44: ("X8-as-net", Outcome.FAILS),
    46: ("X10-at-wx", Outcome.FAILS),
}


@cache
def gallery() -> tuple[Instance, ...]:
    return tuple(Instance(name, read_spec(path(name)).landscape()) for name in ids())


@cache
def settled(number: int):
    return settle_claim(BY_NUMBER[number], gallery(), seed=None)


def test_every_claim_is_there_once():
    assert [claim.number for claim in CLAIMS if claim.number < 51] == list(range(40, 51))
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS)
    assert all(claim.source[:2] in ("S0", "S1", "S2", "S3") for claim in CLAIMS)


@pytest.mark.parametrize("number", BELIEVED)
def test_verdict_is_the_believed_one(number):
    found = settled(number)
    stated = plain(found.stated) or found.as_stated
    assert (stated, plain(found.repaired)) == BELIEVED[number]


@pytest.mark.parametrize("number", [n for n in BELIEVED if n < 47 or n == 50])
def test_nothing_is_undecided_or_contradictory(number):
    found = settled(number)
    for settlement in (found.stated, found.repaired):
        if settlement is not None:
            assert not settlement.undecided
            assert settlement.confirmations
    assert not found.contradictory


@pytest.mark.parametrize("number", SHOWN)
def test_the_named_instance_shows_it(number):
    name, outcome = SHOWN[number]
    (instance,) = [i for i in instances() if i.id == name]
    assert BY_NUMBER[number].stated.on(instance).outcome is outcome


def test_x8_and_x9_separate_the_notions():
    found = {f.instance: f for f in settled(45).stated.counterexamples}
    assert {"X8-as-net", "X9-as-net"} <= found.keys()


@pytest.mark.parametrize("name", ["X8-as-net", "dependent-inputs", "zero-output-weights"])
def test_low_rank_without_merging(name):
    """CLAIMS 44: X8; dependent inputs; zero output weights."""
    assert name in [f.instance for f in settled(44).stated.counterexamples]


@pytest.mark.parametrize("number", [40, 42, 44, 45, 46])
def test_each_hypothesis_of_the_repaired_form_is_needed(number):
    """With a hypothesis dropped some instance refutes the claim; that the model is layered and that
    something merges only says what is spoken of."""
    claim = BY_NUMBER[number]
    for hypothesis in claim.repaired.hypotheses:
        if hypothesis.setting:
            continue
        weaker = settle(claim.repaired.without(hypothesis.name), claim.instances(gallery()))
        assert weaker.counterexamples, hypothesis.name


def test_41_needs_that_everything_passes_through_the_layer():
    claim = BY_NUMBER[41]
    weaker = settle(claim.stated.without("no-path-around"), claim.instances(gallery()))
    assert {f.instance for f in weaker.counterexamples} == {"path-around", "even-with-path"}
    weaker = settle(claim.stated.without("few-parameters-before"), claim.instances(gallery()))
    assert "three-merged" in {f.instance for f in weaker.counterexamples}
    x, v, w, s, t = sympy.symbols("x v w s t")
    f = v * sympy.tanh(w * x) + s * x**2 + t * x**3
    rows = [
        [sympy.diff(f, q).subs({v: 1, w: 0, s: 1, t: 1, x: k}) for q in (v, w, s, t)]
        for k in (1, 2, 3)
    ]
    assert sympy.Matrix(rows).rank() == 3


def test_a_living_unit_carries_gradients_past_a_dead_one():
    """Claim 43 fails if read as "all gradients before it": unit 2 is dead throughout, 1 is not."""
    (here,) = [i.subject for i in instances() if i.id == "one-of-two-dead"]
    J = here.jacobian.fractions()
    w11, w12 = (here.problem.model.parameters.index(n) for n in ("w1_1_1", "w1_2_1"))
    assert [row[w11] for row in J] == [2 * 1, 2 * 2, 2 * 3] and not any(row[w12] for row in J)


def test_dead_layer_rows():
    """Two relu units, both dead on x = 1, 2, 3 and one alive on x = −2; rows by hand."""
    (here,) = [i.subject for i in instances() if i.id == "dead-layer"]
    # z_1 = x − 4, z_2 = −x − 1: both dead on 1, 2, 3; on −2 z_2 = 1; F = 2a_1 + 3a_2 + 1
    zero = [0] * 6 + [1]
    assert here.jacobian.fractions() == [zero, zero, zero, [0, -2 * 3, 0, 3, 0, 1, 1]]


def test_orbits_have_the_size_of_the_formula():
    """3!·2³ = 48, with two equal units 24; opposite units count as equal; relu has no flips."""
    found = {f.instance: f.reason for f in settled(50).stated.confirmations}
    for name, size in (
        ("three-tanh", 48),
        ("two-equal-tanh", 24),
        ("opposite-tanh", 24),
        ("three-relu", 6),
        ("equal-relu", 3),
    ):
        assert f"{size} points" in found[name]
    assert "zero-unit" not in found  # a zero unit is its own flip: 2^h would be wrong


def test_proofs_run_and_cite():
    for number in (40, 41, 42, 43, 44, 45, 46, 50):
        found = settled(number)
        settlement = found.repaired or found.stated
        checked = [fact for words, fact in settlement.proof if not fact.reason.startswith("cited")]
        assert checked and settlement.cites


def test_sharpness_of_41_on_the_named_example():
    """f = v(w₁x₁ + w₂x₂) + c at w = 0: rows (x₁v, x₂v, 0, 1); four dependent, three not."""
    for name, k, dependent in (("four-merged", 4, True), ("three-merged", 3, False)):
        (here,) = [i.subject for i in instances() if i.id == name]
        (cut,) = cuts(here)
        assert cut.p == 2 and len(cut.classes.largest) == k
        assert bool(info.class_dependence(cut, cut.classes.largest)) is dependent
        x = [[int(str(v)) for v in row] for row in here.problem.data.x]
        rows = sympy.Matrix([[2 * a, 2 * b, 0, 1] for a, b in x])
        assert (rows.rank() < k) is dependent
