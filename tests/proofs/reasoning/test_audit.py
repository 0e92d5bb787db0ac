"""The audit: what rank equality needs (S1, claim 3 and its comments; CLAIMS.md 26 and 32), and that
every counterexample it names is one, replayed from its spec."""

from __future__ import annotations

from fractions import Fraction

import pytest

from hessrank.proofs.catalogue import CLAIMS
from hessrank.proofs.catalogue.information.claims import instances
from hessrank.proofs.catalogue.vocabulary import A_DIAGONAL
from hessrank.proofs.information_loss.cuts import Cut
from hessrank.proofs.reasoning.audit import Audit
from hessrank.proofs.reasoning.order import height, smallness
from hessrank.proofs.reasoning.search import small_problems
from hessrank.proofs.reasoning.statement import Instance, Outcome, Statement
from hessrank.proofs.reasoning.truth import Truth
from hessrank.specs.spec import loads, read_spec
from hessrank.symbolic.errors import InputError
from hessrank.verification import audit, counterexample, replay


@pytest.fixture(scope="module")
def found() -> Audit:
    return audit("rank-equality")


@pytest.mark.parametrize("name", ["local-minimum", "perfect-fit", "A-positive-definite"])
def test_each_hypothesis_of_rank_equality_is_needed(found: Audit, name: str) -> None:
    (row,) = [r for r in found.rows if r.hypothesis.name == name]
    finding = row.counterexample
    assert finding is not None and row.answer.startswith("needed") and name in row.dropped
    text = replay(finding)
    assert text is not None
    here = loads(text, name).landscape()
    assert row.hypothesis(here).truth is Truth.FALSE  # it is this property that is missing
    for h in found.statement.hypotheses:
        if h.name not in row.dropped:
            assert h(here).truth is Truth.TRUE, h.name
    assert int(here.rank("hessian")) != int(here.rank("jacobian"))


def test_diagonality_is_neither_needed_nor_enough(found: Audit) -> None:
    rows = [r for r in found.rows if r.hypothesis.name == A_DIAGONAL.name]
    (needed,) = [r for r in rows if r.question == "needed"]
    assert needed.counterexample is None and needed.tried >= 1
    enough = {r.dropped: r for r in rows if r.question == "enough"}
    assert {("perfect-fit",), ("A-positive-definite",)} <= set(enough)
    for row in enough.values():
        assert row.counterexample is not None and "not enough" in row.answer
        assert A_DIAGONAL(row.counterexample.subject).truth is Truth.TRUE


def test_the_table_in_json_and_latex(found: Audit) -> None:
    rows = found.to_json()["rows"]
    assert isinstance(rows, list) and len(rows) == len(found.rows)
    latex = found.latex()
    assert latex.count(r"\\") == len(rows) + 1
    assert not set("∇ℓθ⪰≻∩≠≤∂²Σᵀ−·") & set(latex)


def test_small_problems_are_the_same_every_time_and_all_distinct() -> None:
    ids = [i.id for i in small_problems()]
    assert ids == [i.id for i in small_problems()] and len(set(ids)) == len(ids) > 100


@pytest.mark.parametrize("claim", [c.id for c in CLAIMS if c.over_gallery], ids=str)
def test_counterexamples_replay(claim: str) -> None:
    (known,) = [c for c in CLAIMS if c.id == claim]
    if not isinstance(known.stated, Statement):
        with pytest.raises(InputError):
            counterexample(claim)
        return
    finding = counterexample(claim, seconds=0.1)
    if finding is None:
        return
    text = replay(finding)
    if text is None:  # its subject is no landscape: an object of the claim's own
        return
    here = loads(text, claim).landscape()
    original = getattr(finding.subject, "here", finding.subject)
    for part in ("model", "data", "loss", "regulariser"):
        assert getattr(here.problem, part) == getattr(original.problem, part)
    assert here.point == original.point and here.side == original.side
    if original is finding.subject:
        again = known.stated.on(Instance(finding.instance, here))
        assert again.outcome is Outcome.FAILS
        assert [f.truth for _, f in again.facts] == [f.truth for _, f in finding.facts]


def test_dropping_a_hypothesis_gives_its_counterexample() -> None:
    finding = counterexample("rank-equality", without="perfect-fit")
    assert finding is not None and finding.instance == "X1"
    with pytest.raises(InputError, match="perfect-fit"):
        counterexample("rank-equality", without="perfect-fits")


@pytest.mark.parametrize("claim", [c.id for c in CLAIMS], ids=str)
def test_no_audit_is_empty_or_an_error(claim: str) -> None:
    """Also of claims without hypotheses, of existences, experiments and what is not computed."""
    (known,) = [c for c in CLAIMS if c.id == claim]
    heavy = sum(not h.setting for h in getattr(known.provable, "hypotheses", ())) > 3
    rows = audit(claim, search=not heavy and not known.considered).rows
    assert rows and all(r.answer for r in rows)


def test_the_smallest_counterexample_is_one_order_everywhere() -> None:
    """Dropping the last hypothesis of a claim can only leave its smallest counterexample."""
    whole = counterexample("contours-dimension", seconds=20)
    weaker = counterexample("contours-dimension", without="gradients-nonzero", seconds=20)
    assert whole is not None and weaker is not None
    assert smallness(whole.subject) == smallness(weaker.subject)
    problem = whole.subject.problem
    assert (problem.N, problem.M) == (2, 1)  # N = 1 has contours of dimension 0, as claimed


def test_a_cut_is_as_large_as_its_landscape() -> None:
    here = read_spec("X8").landscape()
    for cut in layer_cuts():
        assert smallness(cut) == smallness(cut.here) > (0, 0)
    assert smallness(here)[:3] == (4, 3, 3)  # a, b, u, w; three examples of one output


def test_height_is_that_of_a_fraction() -> None:
    assert [height(Fraction(*p)) for p in ((1, 3), (-7, 2), (0, 1), (6, 4))] == [3, 7, 1, 3]


def layer_cuts() -> list[Cut]:
    subjects = [i.subject for i in instances()]
    return [s for s in subjects if isinstance(s, Cut)]
