"""Budgets: the inner or the outer one ends first; outside there is none; decisions end in time."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest

from hessrank.proofs.minima.inverse_design import with_residual
from hessrank.proofs.minima.minimum import minimum
from hessrank.symbolic.budget import OverBudget, budget, spend
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.models.models import mlp


def work() -> None:
    started = time.process_time()
    while time.process_time() < started + 0.001:
        pass


@pytest.mark.parametrize(("outer", "inner"), [(0.0, 60.0), (60.0, 0.0)])
def test_the_budget_that_ends_first_counts(outer: float, inner: float) -> None:
    with budget(outer), budget(inner):
        work()
        with pytest.raises(OverBudget):
            spend()


def test_a_budget_ends_with_its_context() -> None:
    with budget(0.0):
        pass
    work()
    spend()
    assert issubclass(OverBudget, UndecidedError)


def test_kernels_of_nested_softplus_end_in_time() -> None:
    """Each of 26 directions takes seconds to order 12, and nothing decides."""
    net = mlp([1, 1, 1, 1], "softplus")
    point = dict(zip(net.parameters, [0, 2, -1, 2, 2, 0], strict=True))
    r = [Fraction(-1, 3), Fraction(-2, 3), 1]
    started = time.process_time()
    minimum(with_residual(net, [[-1], [2], [1]], point, r))
    assert time.process_time() - started < 60
