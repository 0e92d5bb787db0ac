"""The search over the grammar: what it finds, what it says where it finds nothing, constraints."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import pytest

import hessrank as hr
from hessrank.proofs.counterexamples.language import predicate
from hessrank.proofs.reasoning.order import smallness
from hessrank.proofs.reasoning.statement import Statement
from hessrank.proofs.reasoning.truth import Truth
from hessrank.proofs.searching.constraints import Constraints
from hessrank.proofs.searching.grammar import _widths, cells
from hessrank.proofs.searching.question import Question
from hessrank.proofs.searching.search import search
from hessrank.symbolic.errors import InputError

NO_MORE = Statement((predicate("local-minimum"),), predicate("rank H <= rank J"))
NO_FEWER = Statement((predicate("local-minimum"),), predicate("rank H >= rank J"))


def _asked(**more):
    return Constraints(**{"loss": ("mse",), "scalar": True, "overparameterised": True, **more})


def test_a_duplicated_tanh_unit_is_found():
    asked = _asked(activation=("tanh",), widths=(1, 2, 1), max_parameters=4)
    found = search(Question(NO_MORE, asked), seconds=4)
    here = found.finding.subject
    assert here.problem.loss.name == "mean-squared" and here.problem.N > here.problem.M
    assert hr.minimum(here).local.truth is Truth.TRUE
    assert int(here.rank("hessian")) > int(here.rank("jacobian"))
    again = hr.loads(hr.dumps(here), "again").landscape()  # the spec replays it
    assert int(again.rank("hessian")) == int(here.rank("hessian"))


def test_the_smallest_over_all_cells_is_given():
    found = search(Question(NO_MORE, _asked(activation=("square",), layers=2, max_parameters=2)))
    best = smallness(found.finding.subject)
    # F = (wx)²·1 at w = 0 with y < 0 (X1 as a network): N = 2, M = 1
    assert best[:3] == (2, 1, 1)
    assert found.none_up_to == 1


@pytest.mark.parametrize("kind", ["relu", "identity"])
@pytest.mark.parametrize("statement", [NO_MORE, NO_FEWER])
def test_where_a_theorem_forbids_it_is_named(kind, statement):
    asked = _asked(activation=(kind,), layers=2, max_parameters=2, max_examples=2)
    found = search(Question(statement, asked))
    assert found.finding is None and found.examined > 0
    assert found.complete and found.none_up_to == 2
    assert "T16" in found.theorem
    other = search(Question(Statement((), predicate("N >= 0")), asked))
    assert other.finding is None and not other.theorem  # T16 says nothing of it


def test_the_budget_ends_a_search():
    found = search(Question(NO_FEWER, _asked(activation=("sigmoid",))), seconds=0.5)
    assert not found.complete and found.seconds < 5
    assert "within the budget" in found.words


def test_cells_ascend():
    sizes = [c.size for c in cells(Constraints())]
    assert sizes == sorted(sizes) and len(set(sizes)) > 10


@pytest.mark.parametrize(
    ("constraints", "key"),
    [
        ({"widths": (1, 2, 1), "layers": 3}, "layers"),
        ({"widths": (1, 2, 2), "scalar": True}, "scalar"),
        ({"max_parameters": 0}, "max_parameters"),
        ({"activation": ("tanhh",)}, "activation"),
        ({"loss": ("mze",)}, "loss"),
        ({"layers": 0}, "layers"),
        ({"widths": (1, 0, 1)}, "widths"),
    ],
)
def test_impossible_constraints_are_named(constraints, key):
    with pytest.raises(InputError) as caught:
        Constraints(**constraints)
    assert caught.value.key == key


def test_an_empty_grammar_is_refused():
    with pytest.raises(InputError, match="no problem of the grammar"):
        cells(Constraints(widths=(2, 3, 1), max_parameters=2))


def test_a_claim_of_ones_own():
    strict = hr.Claim(
        hypotheses=[hr.predicate("strict-minimum")], conclusion=hr.predicate("rank H >= rank J")
    )
    here = hr.counterexample(strict).subject
    assert hr.minimum(here).strict is Truth.TRUE
    assert int(here.rank("hessian")) < int(here.rank("jacobian"))
    assert hr.check(strict, here).outcome.value == "fails"
    assert [row.hypothesis.name for row in hr.audit(strict).rows] == ["strict-minimum"]


def test_a_claim_file(tmp_path, capsys):
    from hessrank.__main__ import main

    file = tmp_path / "own.toml"
    file.write_text('hypotheses = ["strict-minimum"]\nconclusion = "rank H >= rank J"\n')
    assert main(["counterexample", str(file), "--json"]) == 0
    assert '"spec"' in capsys.readouterr().out
    for text, place in (
        ('conclusion = "open(1)"', "conclusion"),
        ('conclusion = "N > M"\nhypotheses = ["N > 1", "~(N > 1)"]', "hypotheses"),
        ('conclusion = "N > M"\nhypotheses = "N > 1"', "hypotheses"),
        ('hypotheses = ["N > 1"]', "conclusion"),
        ('conclusion = "N > M"\nhypotheses = ["perfect-fits"]', "hypotheses[0]"),
    ):
        file.write_text(text)
        assert main(["counterexample", str(file)]) == 2
        line = capsys.readouterr().err
        assert place in line and line.count("\n") == 1


def test_the_command_says_how_far_it_came(capsys):
    import json

    from hessrank.__main__ import main

    asked = "counterexample rank-equality --activation square --loss mse --scalar --max-parameters"
    assert main([*asked.split(), "2", "--overparameterised", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["none_up_to"] == 1 and found["examined"] > 0
    hr.loads(found["spec"], "spec").landscape()


@pytest.mark.parametrize(
    ("constraints", "said"),
    [
        ({"max_parameters": 10**6}, "ends at 100 parameters, found 1000000"),
        ({"widths": (100, 100, 1), "max_parameters": 10**8}, "ends at 100 parameters"),
        ({"layers": 1000, "max_parameters": 100}, "ends at 12 layers, found 1000"),
        ({"max_parameters": 100}, "more than 200000"),
        ({"max_examples": 10**6}, "more than 200000"),
        ({"layers": 7, "max_parameters": 6}, "no problem of the grammar"),
    ],
)
def test_what_no_budget_goes_through_is_refused(constraints: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        cells(Constraints(**constraints))


def test_widths_are_those_with_few_enough_parameters() -> None:
    """By trying all of them."""
    for layers, most in product((1, 2, 3), (1, 4, 7)):
        found = set(_widths(Constraints(layers=layers, max_parameters=most)))
        every = product(range(1, most + 1), repeat=layers + 1)
        fits = {w for w in every if sum(a * b for a, b in pairwise(w)) <= most and w[-1] <= 2}
        assert found == fits


def test_what_is_said_of_sizes_and_of_numbers():
    """conclude: all cells of smaller N, M, D, but not all numbers of the finding's own cells."""
    from hessrank.proofs.searching.grammar import cells
    from hessrank.proofs.searching.question import size
    from hessrank.proofs.searching.search import Result, conclude

    found = hr.find_smallest(
        "rank-equality", activation="square", loss="mse", scalar=True, overparameterised=True
    )
    best = found.finding
    assert found.complete and found.sentence.startswith("The smallest in the grammar")
    asked = Constraints.read(
        {"activation": "square", "loss": "mse", "scalar": True, "overparameterised": True}
    )
    listed = cells(asked)
    below = [c for c in listed if c.size < size(best)[:3]]
    same = [c for c in listed if c.size == size(best)[:3]]
    assert same
    smaller = [(c, Result(None, 10, 1, True)) for c in below]
    open_ = conclude(listed, [*smaller, (same[0], Result(best, 5, 3, False))], best, 1.0)
    assert open_.is_least_size and not open_.complete
    assert open_.undecided == len(below) and open_.open_from == size(best)[:3]
    assert open_.sentence.startswith("Of the least N, M, D in the grammar")
    done = conclude(listed, [*smaller, *((c, Result(best, 5, 3, True)) for c in same)], best, 1.0)
    assert done.complete and done.undecided == len(below) + 3 * len(same)
    if below:
        none = conclude(listed, [(same[0], Result(best, 5, 3, True))], best, 1.0)
        assert not none.is_least_size and none.sentence.startswith("Smaller ones in")
