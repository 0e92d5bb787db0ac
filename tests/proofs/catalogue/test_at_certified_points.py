"""Claims at a point that is certified without being written down.

At a point that is known exactly, the same point given by balls alone, with r = 0 or ∇L = 0 told,
must lead to the same outcome or to none. What `nearby` certifies is then such a point.
"""

from __future__ import annotations

import pytest

import hessrank as hr
from hessrank.proofs.facts.landscape_facts import critical_point, perfect_fit
from hessrank.proofs.reasoning.truth import Truth
from hessrank.specs.spec import read_spec
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.fields.balls import BallRing
from hessrank.symbolic.problems.certified import Certified
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.verification import claims_on, explain_kernel

#: Fits and critical points with residual, tanh, relu, softmax, polynomials, a regulariser.
ENTRIES = ("X1", "X2", "X3", "X4", "X5", "X6", "X7", "X7-line", "X9", "X11", "X12", "X13", "X14")
NETWORKS = ("X15", "dead-unit", "logistic-xor", "merged-inputs", "xor-relu", "weight-decay")


def by_balls(here: Landscape) -> Landscape:
    """The same point, of which balls alone are known, and whether r or ∇L is 0."""
    assert critical_point(here).truth is Truth.TRUE
    problem, forms = here.problem, [value for _, value in here.values]
    fits = perfect_fit(here).truth is Truth.TRUE
    kind = "F = y" if problem.loss.vanishes_at_targets else "r = 0"
    made = Certified.at(
        problem,
        kind if fits else "∇L = 0",
        {},
        "undecided",
        "told",
        [None] * problem.N,
        lambda j: evaluate([forms[j]], BallRing(), {})[0],
    )
    return Landscape(problem, made.values, here.side)


@pytest.mark.parametrize("entry", ENTRIES + NETWORKS)
def test_balls_never_contradict_the_exact_point(entry: str) -> None:
    here = read_spec(entry).landscape()
    exact, known = claims_on(here), claims_on(by_balls(here))
    decided = 0
    for id, forms in exact.items():
        for form, finding in forms.items():
            other = known[id][form]
            if finding is None or other is None:
                assert finding is other
                continue
            if other.outcome.value != "undecided":
                assert other.outcome is finding.outcome, (id, form, finding, other)
                decided += 1
    assert decided > 100


@pytest.mark.parametrize("entry", ["X4", "X9", "X11", "X12", "merged-inputs"])
def test_ranks_by_balls_bound_those_of_the_exact_point(entry: str) -> None:
    here = read_spec(entry).landscape()
    there = by_balls(here)
    for name in ("jacobian", "gauss_newton", "residual", "hessian", "loss_hessian"):
        rank, found = int(here.rank(name)), there.rank(name)
        assert found.lower <= rank <= found.upper, (name, found)


def test_a_trained_net_is_asked_at_the_fit_beside_it() -> None:
    here = read_spec("examples/trained_tanh.toml").landscape()
    assert claims_on(here, 26)["rank-equality"]["as_written"].outcome.value == "not-applicable"
    there = hr.nearby(here).landscape
    for id in ("rank-equality", "squared-loss-minimum", "global-minimum-regression"):
        (forms,) = claims_on(there, id).values()
        assert {form.outcome.value for form in forms.values() if form} == {"holds"}


def test_a_critical_point_with_residual_takes_its_kind_from_the_certificate() -> None:
    net = hr.mlp([1, 1, 1], "tanh", bias=False)
    problem = hr.Problem(net, hr.Data([1, 2, 3], [["1/2"], ["3/4"], [1]]))
    found = hr.nearby(hr.fit(problem, seed=1).here)
    assert found.kind == "critical" and found.point == "strict local minimum"
    there = found.landscape
    assert there.minimum().kind == "strict local minimum"
    assert int(there.rank("hessian")) == 2
    assert claims_on(there, 26)["rank-equality"]["strong"].outcome.value == "holds"
    assert explain_kernel(there).unexplained["jacobian"] == 0


def test_what_follows_of_another_loss_or_other_labels_is_not_taken_for_known() -> None:
    root = hr.Problem(hr.Model.from_expressions("t**2", "t"), hr.Data([[]], [[2]]))
    there = hr.nearby(root.at({"t": "1.41421356"})).landscape
    other = hr.Problem(root.model, hr.Data([[]], [[3]])).at(there.point)
    assert other.certified is not None
    assert perfect_fit(there).truth is Truth.TRUE
    assert perfect_fit(other).truth is Truth.FALSE  # √2² − 3, by its ball
    quartic = hr.Problem(root.model, root.data, "quartic").at(there.point)
    assert perfect_fit(quartic).truth is Truth.TRUE and int(quartic.rank("hessian")) == 0
