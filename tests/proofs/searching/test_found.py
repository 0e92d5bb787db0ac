"""Every counterexample of docs/counterexamples.md is replayed from the spec that is printed there:
the claim fails on it exactly, and around a local minimum L is not lower, numerically."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import hessrank as hr
from benchmarks.counterexamples import ROWS
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.fields.field import Field
from oracles.textbook import ACTIVATIONS, LOSSES

PAGE = Path(__file__).parents[3] / "docs" / "counterexamples.md"
NAMED = {row.id: row for row in ROWS}


def _sections():
    return re.split(r"\n## ", PAGE.read_text(encoding="utf-8"))[1:]


def test_the_page_has_every_row():
    assert [s.split("\n")[0] for s in _sections()] == [row.id for row in ROWS]


@pytest.mark.parametrize(
    "section", [s for s in _sections() if "```toml" in s], ids=lambda s: s.split("\n")[0]
)
def test_the_claim_fails_on_the_spec(section):
    row = NAMED[section.split("\n")[0]]
    text = section.split("```toml\n")[1].split("```")[0]
    here = hr.loads(text, row.id).landscape()
    found = hr.check(row.statement(), here)
    assert found.outcome.value == "fails", found
    net, problem = here.problem.model.network, here.problem
    asked = row.asked
    assert not asked.get("overparameterised") or problem.N > problem.M
    assert not asked.get("scalar") or problem.model.output_count == 1
    assert "activation" not in asked or net.activation in asked["activation"]
    if "local-minimum" in row.hypotheses and net is not None and problem.loss.name in LOSSES:
        _not_lower(here)


def _not_lower(here):
    """L at 500 points around θ, by the textbook forward pass."""
    net, problem = here.problem.model.network, here.problem
    x, y = (np.array([[_float(v) for v in r] for r in t]) for t in (problem.data.x, problem.data.y))
    theta = np.array([_float(v) for _, v in here.values])

    def L(t):
        a = x
        for l, block in enumerate(net.blocks, 1):
            a = np.hstack([a, np.ones((len(a), 1))]) if net.bias else a
            a = a @ t[block].T
            a = ACTIVATIONS[net.activation](a) if l < net.depth else a
        return float(LOSSES[problem.loss.name](a, y))

    rng = np.random.default_rng(0)
    for scale in (1e-1, 1e-2, 1e-3):
        for _ in range(200):
            step = rng.normal(size=len(theta))
            assert L(theta + scale**1.5 * step) >= L(theta) - 1e-13 * (1 + abs(L(theta)))


def _float(value):
    """Arb's value of a closed form."""
    field = Field()
    (number,) = evaluate([value], field, {})
    return float(field.ball(number, 64).mid())
