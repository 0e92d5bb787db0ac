"""Strict minima in a valley of higher order: power series against SymPy, examples, forgeries."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
import sympy

import hessrank as hr
from hessrank.proofs import checker
from hessrank.proofs.statements.problem import problem_json
from hessrank.proofs.statements.statement import statement_certificate
from hessrank.proofs.statements.valley import valley

ORDER = 7


@pytest.mark.parametrize(
    "text",
    ["(1 + 2*s)**3", "1/(2 + s)", "(4 + s)**(1/2)", "(1 - s)**(-5/3)", "exp(s)", "exp(s**2 + s)",
     "log(1 + s)", "tanh(s)", "sigmoid(s + s**2)", "softplus(s)", "sin(s)*cos(s - s**2)", "erf(s)",
     "cosh(s) - sinh(2*s)", "relu(1 + s)**2", "abs(s - 1)", "(2 + s)**70"],
)  # fmt: skip
def test_power_series_are_those_of_sympy(text: str) -> None:
    s = sympy.Symbol("s")
    names = {
        "sigmoid": lambda z: 1 / (1 + sympy.exp(-z)),
        "softplus": lambda z: sympy.log(1 + sympy.exp(z)),
        "relu": lambda z: z,
        "abs": lambda z: -z,
    }
    form = sympy.sympify(text, locals={**names, "s": s}, rational=True)
    start = [Fraction(0), Fraction(1)] + [Fraction(0)] * (ORDER - 1)
    found = checker._value(checker._parsed(text), {"s": checker.Series(start)})
    for k, c in enumerate(found.c):
        true = sympy.N(form.diff(s, k).subs(s, 0) / sympy.factorial(k), 60)
        lo, hi = checker._enclose(c, 96)
        scaled = true * 2**96
        assert lo - 1 <= scaled <= hi + 1 and hi - lo < 2**20 * (1 + abs(true)), k


def here(loss: str, **theta: object) -> hr.Landscape:
    """The landscape of a function L of two parameters, which stand as they are for outputs."""
    model = hr.Model.from_expressions(list(theta), list(theta))
    data = hr.Data([[]], [[0] * len(theta)])
    return hr.Problem(model, data, loss=loss).at(theta)


STRICT = "θ is a strict local minimum of L"


def accepted(at: hr.Landscape) -> list[dict[str, object]]:
    found = []
    for claim in json.loads(json.dumps(list(valley(at)))):
        try:
            assert said(at, claim) == STRICT
        except checker.Refused:
            continue
        found.append(claim)
    return found


def said(at: hr.Landscape, claim: dict[str, object]) -> str:
    n = at.problem.N - 1
    proved = ["∇L = 0", f"H has {n} positive, 0 negative, 1 zero eigenvalues"]
    return checker.sentence(checker.Problem(problem_json(at)), claim, proved)


@pytest.mark.parametrize(
    ("loss", "strict"),
    [
        ("(o1 - o2**2)**2 + o2**4", True),
        ("(o1 - o2**2)**2 + o2**6", True),
        ("(o1 - o2**2)**2 + o2**5", False),
        ("(o1 - o2**2)**2 - o2**4", False),
        ("(o1 - o2**2)**2", False),  # a flat valley
        ("o1**2 + 3*o1*o2**2 + 2*o2**4", False),  # (o1 + o2²)(o1 + 2o2²), Peano
        ("o1**2 + 3*o1*o2**2 + 9*o2**4/4 + o2**6", True),
        ("(o1 - tanh(o2)**2)**2 + o2**4*exp(o2)", True),
        ("(o1 + o2)**2 + o2**4 + o1**3*0", True),
        ("o1**2 - o2**4", False),
        ("o1**2 + o2**8", True),
    ],
)
def test_valleys(loss: str, strict: bool) -> None:
    assert bool(accepted(here(loss, x=0, y=0))) is strict


def test_forged_valleys_are_refused() -> None:
    at = here("(o1 - o2**2)**2 + o2**6", x=0, y=0)
    [claim, *_] = accepted(at)
    assert claim["pivot"] == "y"
    for change, reason in (
        ({"curve": {"x": "0*s", "y": "s"}}, "does not follow the valley"),
        ({"curve": {"x": "s**2", "y": "2*s"}}, "does not move as"),
        ({"curve": {"x": "s**2", "y": "1 + s"}}, "misses θ"),
        ({"curve": {"x": "1 + s**2", "y": "s"}}, "misses θ"),
        ({"order": 4}, "does not follow the valley"),
        ({"order": 0}, "order is not positive"),
        ({"order": 17}, "out of range"),
        ({"pivot": "z"}, "pivot is not a parameter"),
        ({"curve": {"x": "sign(s)", "y": "s"}}, "kink"),
    ):
        with pytest.raises(checker.Refused, match=reason):
            said(at, claim | change)
    with pytest.raises(checker.Refused, match="claimed before"):
        checker.sentence(checker.Problem(problem_json(at)), claim, [])


def test_the_pivot_must_move_along_the_kernel() -> None:
    """x² − y⁴ rises along x, where the other derivative is 0 for ever; it is no minimum."""
    at = here("o1**2 - o2**4", x=0, y=0)
    lies = {"kind": "valley", "pivot": "x", "order": 8, "curve": {"x": "s", "y": "0"}}
    with pytest.raises(checker.Refused, match="does not follow the valley"):
        said(at, lies)


def test_labels_with_a_quartic_valley_are_certified() -> None:
    """docs/labels.md: tanh [1,1,1], four examples: rank H = 1 < rank J = 2, a strict minimum."""
    net = hr.mlp([1, 1, 1], "tanh", bias=False)
    point = {"W1": [["log(3)/2"]], "W2": [[1]]}
    found = hr.labels(net, [[1], [2], [3], [4]], point).fewer
    assert found.here is not None
    made = json.loads(json.dumps(statement_certificate(found.here)))
    assert checker.check(made) is None
    assert made["statement"].startswith("rank J = 2, rank H = 1, ")
    assert made["statement"].endswith(STRICT)
