"""Worked equalities: by hand where they are short, refused where one sign is changed, and numbered.

References: hand calculation; the structure of what is printed; mutants of every equality.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from hessrank.proofs.derivations.derivation import Derivation, derive
from hessrank.proofs.derivations.equations import printed
from hessrank.proofs.derivations.text.numbering import numbered
from hessrank.proofs.derivations.worked import Equation, Meaning, Worked
from hessrank.proofs.pages.blocks import Formula, Items, Text
from hessrank.proofs.reasoning.truth import Truth
from hessrank.proofs.theory.arithmetic import IllFormed
from hessrank.proofs.theory.mutation import mutants, survives
from hessrank.proofs.theory.reading import Node
from hessrank.proofs.theory.values import _VALUES, value_of
from hessrank.proofs.theory.world import World
from hessrank.specs.spec import read_spec
from hessrank.symbolic.expressions.expression import number
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem

ROOT = Path(__file__).parent.parent.parent.parent
NET = Problem(mlp([2, 3, 1]), Data([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]])).at(
    [1, "-1/2", "1/3", 2, -1, 1, 0, "1/2", 1, 1, -1, 2, "1/4"]
)


@pytest.fixture(scope="module")
def net() -> Derivation:
    return derive(NET)


def texts(derivation: Derivation) -> list[str]:
    return [e.latex for e in printed(derivation.blocks())]


def test_symbols_numbers_and_values_by_hand() -> None:
    """X2 at θ = 0: f₂ = θ², J = (1, 0)ᵀ, A = 2, r = (0, −1), H = 2 − 2."""
    shown = texts(derive(read_spec("X2").landscape()))
    assert "f_{2} = t^{2} = 0^{2} = 0" in shown
    assert r"\frac{\partial f_{2}}{\partial t} = 2 t = 2 \cdot 0 = 0" in shown
    (H,) = (t for t in shown if t.startswith("H = J"))
    assert H.endswith(r"= 2 + \left(-2\right) = 0")


def test_a_network_is_worked_by_its_layers(net: Derivation) -> None:
    """Of example 2, x = (0, 1): z = W x + b = (−1/2, 2 + 1/2, 1 + 1)."""
    shown = texts(net)
    z = r"z^{(1)} = W^{(1)} x + b^{(1)} = "
    assert len([t for t in shown if t.startswith(z)]) == 4
    assert any(
        t.startswith(z)
        and r"\begin{pmatrix} -\frac{1}{2} \\[4pt] \frac{5}{2} \\[4pt] 2 \end{pmatrix}" in t
        for t in shown
    )
    for left in (r"\delta^{(1)} = ", r"P^{(2,1)} = ", r"T^{(1,1)} = "):
        assert any(t.startswith(left) for t in shown)
    assert net.check(points=0).equations.failed == ()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("f_{2} = t^{2} = 0^{2} = 0", "f_{2} = 2 t^{2} = 0^{2} = 0"),
        ("f_{2} = t^{2} = 0^{2} = 0", "f_{2} = t^{2} = 1^{2} = 0"),
        ("f_{2} = t^{2} = 0^{2} = 0", "f_{2} = -t^{2} = 0^{2} = 0"),
        ("f_{2} = t^{2} = 0^{2} = 0", "2 f_{2} = t^{2} = 0^{2} = 0"),
        ("f_{2} = t^{2} = 0^{2} = 0", "f_{2} = t^{2} = 0^{2} = 1"),
        ("f_{2} = t^{2} = 0^{2} = 0", "f_{3} = t^{2} = 0^{2} = 0"),
    ],
)
def test_a_zero_hides_nothing(text: str, wrong: str) -> None:
    (equation,) = (
        e for e in printed(derive(read_spec("X2").landscape()).blocks()) if e.latex == text
    )
    assert equation.run().truth is Truth.TRUE
    assert equation.run(wrong).truth is Truth.FALSE


@pytest.mark.parametrize("entry", ["X8", "weight-decay", "X12"])
def test_mutants_of_what_is_printed_fail(entry: str) -> None:
    problem = read_spec(entry).problem
    names = problem.model.parameters
    here = problem.at({n: f"{i + 2}/{2 * i + 5}" for i, n in enumerate(names)})
    equations = list({e.latex: e for e in printed(derive(here).blocks())}.values())
    made = [(e, m) for e in equations[::8] for m in mutants(e)]
    killed = sum(not survives(e, m) for e, m in made)
    assert len(made) > 20 and killed >= 0.95 * len(made)


def test_a_wrong_page_is_no_agreement(net: Derivation) -> None:
    """A sign in one of the displays, nothing else."""
    blocks = net.blocks()
    place = next(
        i for i, b in enumerate(blocks) if isinstance(b, Worked) and "P^{(2,1)} = W" in b.latex
    )
    block = blocks[place]
    assert isinstance(block, Worked)
    wrong = replace(block, latex=block.latex.replace("= W", "= -W", 1))
    assert [e.run().truth for e in wrong.equations()].count(Truth.FALSE) == 1


def test_undecided_steps_are_named(net: Derivation) -> None:
    found = net.check(points=1, seconds=1e-6)
    assert not found.holds and found.undisputed
    assert any("forward pass" in step for step in found.undecided)
    assert any("W^{(1)}" in step for step in found.undecided)
    assert "undecided" in str(found)


def test_every_reference_has_its_display(net: Derivation) -> None:
    blocks = net.blocks()
    numbers = [b.number for b in blocks if isinstance(b, Formula) and b.number]
    assert numbers == [str(n) for n in range(1, len(numbers) + 1)]
    said = [t for b in blocks if isinstance(b, Items) for t in b.texts]
    ranked = [re.match(r"rank \$(.+?)\$ \((\d+)\) ", t) for t in said if t.startswith("rank $")]
    assert len(ranked) == 4
    for match in ranked:
        assert match is not None
        (shown,) = (b for b in blocks if isinstance(b, Formula) and b.number == match[2])
        assert match[1] in shown.latex
    assert not any("({" in b.text for b in blocks if isinstance(b, Text))


def test_a_reference_to_what_is_not_shown_is_left_out() -> None:
    found = numbered([Formula("a = b", number="x y"), Text("see ({y}), and not ({z}).")], "3.")
    assert found == [Formula("a = b", number="3.1"), Text("see (3.1), and not.")]


def test_symmetric_matrices_show_one_side() -> None:
    model = Model.from_expressions("a*x + b*x**2 + c*x**3 + k", "a b c k", "x")
    shown = derive(Problem(model, Data([[1], [2]], [[0], [1]])), only="hessian").latex()
    body = shown.partition(r"\begin{pmatrix}")[2].partition(r"\end{pmatrix}")[0]
    rows = [row.split("&") for row in body.split(r"\\")]
    assert [[bool(c.strip()) for c in row] for row in rows][:3] == [
        [True] * 4,
        [False] + [True] * 3,
        [False] * 2 + [True] * 2,
    ]
    assert rows[3][0].strip() == r"\text{sym.}"
    by_hand = [[5, 9, 17, 3], [17, 33, 5], [65, 9], [2]]
    assert [[int(c) for c in row if c.strip().isdigit()] for row in rows] == by_hand


@pytest.mark.parametrize("entry", ["X2", "X8", "X13", "deep-linear", "softmax-classifier"])
def test_no_theorem_is_named_without_its_sentence(entry: str) -> None:
    blocks = derive(read_spec(entry).landscape()).blocks()
    said = " ".join(b.text for b in blocks if isinstance(b, Text))
    said += " ".join(t for b in blocks if isinstance(b, Items) for t in b.texts)
    explained = {b.lead.rstrip(":") for b in blocks if isinstance(b, Text) and b.lead}
    assert set(re.findall(r"\bT\d+\b", said)) <= explained


def test_large_problems_have_a_summary() -> None:
    big = mlp([20, 40, 10])
    point = dict.fromkeys(big.parameters, "1/7")
    here = Problem(big, Data([[1] * 20], [[0] * 10])).at(point)
    shown = derive(here).markdown()
    assert "too large to print" in shown and "10×1250" in shown
    assert isinstance(printed(derive(here).blocks())[0], Equation)


def test_what_is_read_has_a_value_or_is_refused() -> None:
    """Every kind of node of the reader; / and ∘ alone where a name is expected are no value."""
    source = "".join(p.read_text("utf-8") for p in (ROOT / "proofs" / "theory").glob("read*.py"))
    kinds = set(re.findall(r"""(?:made|Node)\(\s*"([a-z-]+)\"""", source))
    assert len(kinds) > 15
    for kind in kinds:
        node = Node(kind)
        if kind not in _VALUES:
            with pytest.raises(IllFormed):
                value_of(node, World("", {}), {})
    one = Meaning("", {"a": number(1), "b": number(2)})
    for wrong in (r"a = b = \circ b", r"a = b = / b", r"a = b \circ b = b / b"):
        assert Equation("", wrong, one, 0).run().truth is Truth.FALSE


@pytest.mark.parametrize("name", ["sigma_w", "sigma", "sigma_1", "delta_1", "P", "T_2", "z_1"])
def test_own_names_that_are_letters_of_the_layers(name: str) -> None:
    """σ_w(1 − t²) is a product, not the activation of a network."""
    model = Model.from_expressions(f"{name}*tanh(lambda_1*x) + beta", f"{name} lambda_1 beta", "x")
    problem = Problem(model, Data([[1], [2], ["-1/2"]], [[0], ["1/2"], [1]]))
    for what in (problem, problem.at({name: 1, "lambda_1": "1/2", "beta": 0})):
        checked = derive(what).check(points=1)
        assert checked.holds and checked.equations.failed == ()
