"""Worked equalities at a point: softmax by its probabilities, layers of one unit, and names."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from hessrank.proofs.derivations.derivation import derive
from hessrank.proofs.derivations.equations import printed
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem


@pytest.mark.parametrize("factor", [1, Fraction(1, 3)])
@pytest.mark.parametrize("a", ["1/2", 0])
def test_softmax_at_a_point_is_written_by_its_probabilities(
    factor: Fraction | int, a: str | int
) -> None:
    """p of the first example by hand: e^{o} over its sum."""
    model = Model.from_expressions(["a*x", "b", "2*b"], "a b", "x")
    loss = Loss.named("softmax-cross-entropy").times(Fraction(factor))
    data = Data([[1], [2]], [[1, 0, 0], ["1/2", "1/2", 0]])
    derivation = derive(Problem(model, data, loss).at({"a": a, "b": 0}))
    assert derivation.check().holds
    shown = derivation.markdown()
    assert shown.count(r"\operatorname{softmax}(f(x_{") == 2
    third = r"(\frac{1}{3},\; \frac{1}{3},\; \frac{1}{3})^{\top}"
    assert (third in shown) == (a == 0)
    signs = ("softmax", r"diag}(p^{(1)})")
    found = [e for e in printed(derivation.blocks()) if any(sign in e.latex for sign in signs)]
    assert len(found) == 3
    for equation in found:
        wrong = equation.latex.replace("softmax", "diag").replace(") - p^", ") + p^")
        assert equation.run().truth is Truth.TRUE
        assert equation.run(wrong).truth is Truth.FALSE


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("widths", [(1, 1, 1), (2, 1, 1), (1, 1, 2), (1, 1, 1, 1), (1, 2, 1, 1)])
@pytest.mark.parametrize("activation", ["tanh", "square", "relu"])
def test_layers_of_one_unit(widths: tuple[int, ...], activation: str, bias: bool) -> None:
    net = mlp(list(widths), activation, bias)
    point = {name: i % 3 + 1 for i, name in enumerate(net.parameters)}
    problem = Problem(net, Data([[2] * widths[0]], [[3] * widths[-1]]))
    derivation = derive(problem.at(point))
    assert derivation.check(points=1).holds
    assert not re.search(r"(?<![\d{^_])\d+ \d", derivation.latex(standalone=False))


def test_e_is_a_number_that_is_read_back() -> None:
    model = Model.from_expressions("exp(a)*x + b", "a b", "x")
    derivation = derive(Problem(model, Data([[1]], [[0]])).at({"a": 1, "b": 0}))
    assert "= e" in derivation.latex() and derivation.check().holds


@pytest.mark.parametrize("name", ["let", "sum", "e", "frac", "alpha_1_2", "x_", "a" * 58, "none"])
@pytest.mark.parametrize("ending", [".html", ".tex", ".md", ".pdf"])
def test_names_that_a_format_might_take_for_its_own(name: str, ending: str, tmp_path: Path) -> None:
    if ending == ".pdf":
        pytest.importorskip("typst")
    model = Model.from_expressions(f"{name}*x + q", [name, "q"], "x")
    derivation = derive(Problem(model, Data([[1]], [[0]])).at({name: 2, "q": 0}))
    derivation.save(tmp_path / f"h{ending}")
    assert derivation.check(points=1).holds and (tmp_path / f"h{ending}").stat().st_size > 0


@pytest.mark.parametrize("name", [r"\foo", "a#b", "_a", "θ₁", "#", "a" * 80])
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(InputError) as error:
        Model.from_expressions("q*x", [name, "q"], "x")
    assert "\n" not in str(error.value)
