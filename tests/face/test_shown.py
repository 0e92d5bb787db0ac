"""What a notebook or an interpreter shows of a public object is bounded, however large it is.

Every class that the public functions return is looked at, on a tanh net of 46 parameters, long
numbers and thousands of examples; a class that is new in the list of names must join.
"""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Callable
from dataclasses import is_dataclass
from typing import Any

import pytest

import hessrank as hr
from hessrank.symbolic.problems.landscape import Landscape

#: Letters of a `repr`, and of a page in a notebook.
TEXT, PAGE = 20_000, 60_000
SIZES = range(1, 41)
LONG = "1/" + "7" * 3000


def _net() -> Landscape:
    return hr.read_spec("tanh-46").landscape()


def _square() -> Landscape:
    problem = hr.Problem(hr.Model.from_expressions("t**2", "t"), hr.Data([[]], [[LONG]]))
    return problem.at({"t": LONG})


def _many() -> hr.Data:
    return hr.Data([[i] for i in range(600)], [[10**i] for i in range(600)])


def _spec() -> hr.Spec:
    return hr.loads(hr.dumps(_square(), title="x" * 100_000), "long.toml")


def _sum(n: int) -> Any:
    return hr.exact(" + ".join(f"sqrt({k})" for k in range(2, n)))


MATRICES = ("outputs", "jacobian", "loss_gradient", "loss_hessian", "gauss_newton", "residual")
#: How to make a large one of each class.
LARGE: dict[str, Callable[[], Any]] = {
    "Agreement": lambda: hr.derive(_square()).check(1),
    "Audit": lambda: hr.audit("rank-equality", search=False),
    "Claim": lambda: hr.claims(),
    "CriticalPoints": lambda: hr.critical_points(hr.read_spec("X1").problem),
    "Data": _many,
    "Derivation": lambda: hr.derive(_net()),
    "Expr": lambda: _sum(400),
    "Finding": lambda: hr.check("rank-equality", _square()),
    "Fit": lambda: hr.fit(hr.read_spec("xor-tanh").problem),
    "Found": lambda: hr.find_smallest("rank-equality", seconds=1),
    "GenericRank": lambda: hr.generic_rank([["t", "u"]]),
    "GenericRanks": lambda: hr.generic_ranks(_net().problem.model.network, 10),
    "Information": lambda: hr.information(_net()),
    "Kernel": lambda: hr.explain_kernel(hr.read_spec("square-46").landscape()),
    "Labels": lambda: hr.labels(hr.Model.from_expressions("t**2", "t"), [[]], {"t": 0}),
    "Landscape": lambda: (_net(), _square()),
    "Loss": lambda: hr.Loss.weighted([[LONG] * 30] * 30),
    "Minimum": lambda: _square().minimum(),
    "Model": lambda: hr.mlp([30, 30, 30]),
    "Nearby": lambda: hr.nearby(hr.read_spec("xor-tanh").landscape()),
    "NotMeasured": lambda: hr.measured_rank(_square(), "hessian"),
    "NumericRank": lambda: hr.measured_rank(
        [[1 / (i + j) for i in range(40)] for j in range(1, 41)]
    ),
    "Problem": lambda: hr.Problem(hr.mlp([1, 1]), _many()),
    "RankLocus": lambda: hr.rank_locus([["u", LONG], ["1", "v"]]),
    "RankResult": lambda: hr.rank([[LONG] * 30] * 30),
    "Spec": _spec,
    "Theory": lambda: hr.theory(claims=False),
    "Truth": lambda: hr.Truth.TRUE,
    "Verdict": lambda: _square().verdict(),
}
#: Made of others, or of files, by tests of their own; and the errors.
ELSEWHERE = {"Report", "Sweep", "Predicate"} | {n for n in hr.__all__ if n.endswith("Error")}


def _returned() -> set[str]:
    """The classes of this package among the public names and what the public functions return."""
    found: set[str] = set()
    for name in hr.__all__:
        value = getattr(hr, name)
        if inspect.isclass(value):
            found.add(name)
        elif callable(value):
            found |= set(re.findall(r"[A-Z]\w+", str(value.__annotations__.get("return", ""))))
    return found - {"Any", "None", "Forms"}


def test_every_public_class_is_looked_at() -> None:
    assert _returned() <= {*LARGE, *ELSEWHERE}, _returned() - {*LARGE, *ELSEWHERE}


def _bounded(value: Any) -> None:
    for way, most in (
        ("__repr__", TEXT),
        ("_repr_latex_", PAGE),
        ("_repr_markdown_", PAGE),
        ("_repr_html_", PAGE),
    ):
        show = getattr(value, way, None)
        if show is not None:
            start = time.process_time()
            assert 0 < len(show()) <= most, (type(value).__name__, way, len(show()))
            assert time.process_time() - start < 5, (type(value).__name__, way)


@pytest.mark.parametrize("name", LARGE)
def test_a_large_one_shows_itself_in_bounds(name: str) -> None:
    made = LARGE[name]()
    for value in made if type(made) is tuple else (made,):
        assert is_dataclass(value) or name in ("Expr", "Truth")
        _bounded(value)


@pytest.mark.parametrize("entry", ["tanh-46", "square-46"])
def test_matrices_of_46_parameters(entry: str) -> None:
    here = hr.read_spec(entry).landscape()
    for owner in (here, here.problem):
        for name in (*MATRICES, "hessian"):
            _bounded(getattr(owner, name))


def test_what_is_left_out_is_said_with_the_way_to_it() -> None:
    H = hr.read_spec("tanh-46").problem.hessian
    for shown in (repr(H), H._repr_latex_()):
        assert "46" in shown and "to_sympy" in shown.replace("\\_", "_")
    small = hr.read_spec("X2").problem.hessian
    assert repr(small) == f"SymbolicMatrix(1×1)\n{small}" and "left" not in repr(small)


def test_the_report_of_many_claims() -> None:
    from hessrank.verification import Report

    report = Report({str(i): {"agreement": True, "verdict": "x" * 1000} for i in range(1000)})
    _bounded(report)
