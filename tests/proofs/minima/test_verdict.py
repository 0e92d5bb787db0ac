"""The verdict at a point: its sentence is true of the case it stands on, and its ranks are those
that SymPy's exact arithmetic gives for small rational problems."""

from __future__ import annotations

import random
import re
from fractions import Fraction

import numpy as np
import pytest
import sympy

import hessrank as hr
from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.facts.landscape_facts import Sign
from hessrank.proofs.minima.verdict import verdict
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.specs.writer import dumps
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem

a, b, c = sympy.symbols("a b c")
FORMS = ["a", "b", "a*b", "a**2", "a + b**2", "a*b*c", "c**2 - b", "(a - 1)**2", "b*(a - 1)", "a*c"]
TRUE, FALSE, UNDECIDED = Truth.TRUE, Truth.FALSE, Truth.UNDECIDED


def sympys(
    outputs: list[str], W: list[list[int]], y: list[int], at: list[int]
) -> dict[str, object]:
    """The exact matrices for ½(F − y)ᵀW(F − y), by SymPy from the composed loss."""
    F = sympy.Matrix([sympy.sympify(f) for f in outputs])
    gap = F - sympy.Matrix(y)
    A = sympy.Matrix(W)
    L = (gap.T * A * gap)[0] / 2
    point = dict(zip((a, b, c), at, strict=True))
    J = F.jacobian([a, b, c]).subs(point)
    r = (A * gap).subs(point)
    H = sympy.hessian(L, (a, b, c)).subs(point)
    GN = J.T * A * J
    return {
        "jacobian": J.rank(),
        "gauss_newton": GN.rank(),
        "residual": (H - GN).rank(),
        "hessian": H.rank(),
        "fit": r.is_zero_matrix,
        "critical": (J.T * r).is_zero_matrix,
        "meet": J.rank() - (A * J).rank(),
        "definite": A.is_positive_definite,
        "semidefinite": A.is_positive_semidefinite,
    }


def random_problem(rng: random.Random) -> tuple[Landscape, dict[str, object]]:
    outputs = [rng.choice(FORMS) for _ in range(rng.randint(1, 3))]
    K = len(outputs)
    half = [[rng.choice([0, 0, 1, -1]) for _ in range(K)] for _ in range(K)]
    W = [[half[i][j] + half[j][i] for j in range(K)] for i in range(K)]
    if rng.random() < 0.6:
        W = [[int(i == j) * rng.choice([0, 1, 1, 2]) for j in range(K)] for i in range(K)]
    at = [rng.choice([0, 0, 1, -1]) for _ in range(3)]
    values = {n: Fraction(v) for n, v in zip("abc", at, strict=True)}
    F = [int(sympy.sympify(f).subs(dict(zip((a, b, c), at, strict=True)))) for f in outputs]
    y = [v + (rng.choice([0, 1, -1]) if rng.random() < 0.4 else 0) for v in F]
    model = Model.from_expressions(outputs, "a b c")
    here = Problem(model, Data([[]], [y]), Loss.weighted(W)).at(values)
    return here, sympys(outputs, W, y, at)


@pytest.mark.parametrize("seed", range(12))
def test_ranks_facts_and_sentences_against_sympy(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(8):
        here, truth = random_problem(rng)
        found = verdict(here)
        text, shown = found.explanation, dumps(here)
        for name in ("jacobian", "gauss_newton", "residual", "hessian"):
            assert int(found.ranks[name]) == truth[name], (name, shown)
        equal = truth["hessian"] == truth["jacobian"]
        assert found.rank_equality.truth is Truth.of(equal), shown
        assert found.facts["perfect fit"].truth is Truth.of(truth["fit"]), shown
        assert found.facts["critical point"].truth is Truth.of(truth["critical"]), shown
        definite, semidefinite = truth["definite"], truth["semidefinite"]
        assert isinstance(definite, bool) and isinstance(semidefinite, bool)
        assert found.facts["A positive definite"].truth is Truth.of(definite), shown
        assert found.facts["A positive semidefinite"].truth is Truth.of(semidefinite), shown
        # what the sentence asserts
        assert ("fit is perfect" in text) is truth["fit"], (text, shown)
        assert ("θ is critical" in text) <= (truth["critical"] and not truth["fit"]), (text, shown)
        assert ("no critical point" in text) <= (not truth["critical"]), (text, shown)
        assert ("A is positive definite" in text) <= definite, (text, shown)
        assert ("A ⪰ 0" in text) <= semidefinite, (text, shown)
        assert ("not positive semidefinite" in text) <= (not semidefinite), (text, shown)
        assert ("ranks agree" in text or "they agree" in text) is equal, (text, shown)
        assert ("term Σ r_m∇²F_m is zero" in text) <= (truth["residual"] == 0), (text, shown)
        assert ("is present" in text) <= (truth["residual"] != 0), (text, shown)
        lost = re.search(r"rank H = rank J − (\d+)", text)
        if lost:
            assert int(lost[1]) == truth["meet"], (text, shown)
        moved = re.search(r"(raises|lowers) the rank from (\d+) to (\d+)", text)
        if moved:
            assert (int(moved[2]), int(moved[3])) == (truth["jacobian"], truth["hessian"]), text
            assert (moved[1] == "raises") is (int(moved[3]) > int(moved[2])), text


def test_a_regulariser_is_said_to_lie_outside() -> None:
    model = Model.from_expressions("a*b", "a b")
    here = Problem(model, Data([[]], [[0]]), "half-squared", "l2").at({"a": 0, "b": 0})
    assert "regulariser" in verdict(here).explanation
    assert int(verdict(here).ranks["hessian"]) == 2  # 2I by hand


@pytest.mark.parametrize(
    ("rows", "sign"),
    [
        ([[2, 1], [1, 2]], Sign.POSITIVE_DEFINITE),
        ([[1, 1], [1, 1]], Sign.POSITIVE_SEMIDEFINITE),
        ([[0, 1], [1, 0]], Sign.INDEFINITE),
        ([[-1, 0], [0, 0]], Sign.NEGATIVE),
        ([[0, 0], [0, 0]], Sign.ZERO),
    ],
)
def test_signs(rows: list[list[int]], sign: Sign) -> None:
    model = Model.from_expressions(["a", "b"], "a b")
    here = Problem(model, Data([[]], [[0, 0]]), Loss.weighted(rows)).at({"a": 0, "b": 0})
    assert landscape_facts.definiteness(here, "loss_hessian")[0] is sign
    assert landscape_facts.loss_hessian_sign(here)[0] is sign


@pytest.mark.parametrize("x", list(Truth))
@pytest.mark.parametrize("y", list(Truth))
def test_three_valued_logic_is_kleenes(x: Truth, y: Truth) -> None:
    """Strong Kleene tables: F < U < T, ∧ is the minimum, ∨ the maximum."""
    order = [FALSE, UNDECIDED, TRUE]
    assert (x & y) is order[min(order.index(x), order.index(y))]
    assert (x | y) is order[max(order.index(x), order.index(y))]
    assert (~x) is order[2 - order.index(x)]
    both = Fact(x, "first") & Fact(y, "second")
    assert both.truth is (x & y)
    if x is FALSE and y is not FALSE:
        assert both.reason == "first"
    with pytest.raises(TypeError):
        bool(x)


#: (outputs in a, b, c at 0, W, y, what the sentence says): J, A and H by hand.
SENTENCES: list[tuple[list[str], list[list[int]], list[int], list[str]]] = [
    (["a", "b"], [[1, 0], [0, 1]], [0, 0], ["fit is perfect", "ker H = ker J"]),
    (["a", "b"], [[1, 0], [0, -1]], [0, 0], ["not positive semidefinite", "here they agree"]),
    (["a", "a"], [[1, 0], [0, -1]], [0, 0], ["not positive semidefinite", "here H loses rank"]),
    (["a", "a"], [[1, 0], [0, 0]], [0, 0], ["im J ∩ ker A = 0", "ranks agree (T4)"]),
    (["a", "b"], [[1, 0], [0, 0]], [0, 0], ["1 direction of", "lies in ker A", "rank J − 1 (T4)"]),
    (
        ["a", "b", "c"],
        [[1, 0, 0], [0, 0, 0], [0, 0, 0]],
        [0, 0, 0],
        ["2 directions of", "lie in ker A", "rank J − 2 (T4)"],
    ),
    (["a**2"], [[1]], [-1], ["θ is critical", "is present", "raises the rank from 0 to 1"]),
    (["a"], [[1]], [-1], ["no critical point", "term Σ r_m∇²F_m is zero", "the ranks agree here"]),
    (["a + b**2", "a"], [[1, 0], [0, 1]], [-1, 0], ["raises the rank from 1 to 2"]),
    (["a", "a"], [[1, 0], [0, -1]], [-1, 1], ["JᵀAJ has lower rank than J"]),
    (["a - a**2/2"], [[1]], [-1], ["lowers the rank from 1 to 0"]),  # H = 1 − r = 0
    (["a + b**2 + c*b"], [[0]], [0], ["fit is perfect", "rank H = rank J − 1"]),
    (["a + b**2 + c**2", "a"], [[1, 0], [0, -1]], [-1, -1], ["JᵀAJ has rank 0 and J rank 1"]),
]


@pytest.mark.parametrize(("outputs", "W", "y", "said"), SENTENCES)
def test_the_sentence_of_each_case(
    outputs: list[str], W: list[list[int]], y: list[int], said: list[str]
) -> None:
    model = Model.from_expressions(outputs, "a b c")
    here = Problem(model, Data([[]], [y]), Loss.weighted(W)).at({"a": 0, "b": 0, "c": 0})
    found = verdict(here)
    for words in said:
        assert words in found.explanation, found.explanation
    truth = sympys(outputs, W, y, [0, 0, 0])
    assert found.rank_equality.truth is Truth.of(truth["hessian"] == truth["jacobian"])


def test_the_names_of_what_is_found() -> None:
    """½(a² + 1)² at 0: each fact, rank and line under its name."""
    model = Model.from_expressions("a**2", "a")
    found = verdict(Problem(model, Data([[]], [[-1]]), "half-squared").at({"a": 0}))
    assert {name: fact.truth for name, fact in found.facts.items()} == {
        "critical point": TRUE,
        "local minimum": TRUE,  # (a² + 1)²/2 ≥ ½
        "perfect fit": FALSE,
        "A positive definite": TRUE,
        "A positive semidefinite": TRUE,
        "A diagonal": TRUE,
    }
    data = found.to_json()
    assert {k: data[k] for k in ("rank_equality", "loss_hessian", "point")} == {
        "rank_equality": False,
        "loss_hessian": "positive definite",
        "point": "global minimum",
    }
    ranks = {k: data[k] for k in data if k.startswith("rank_") and k != "rank_equality"}
    assert set(ranks) == {"rank_jacobian", "rank_gauss_newton", "rank_residual", "rank_hessian"}
    assert set(data["facts"]) == set(found.facts) and data["explanation"] == found.explanation
    assert "jacobian 0" in repr(found) and "hessian 1" in repr(found)
    page = found.markdown()
    for words in ("matrix", "rank", "status", "θ: global minimum", "rank H = rank J:"):
        assert words in page


@pytest.mark.parametrize(("regulariser", "tail"), [("a**2", "happen to agree"), ("b**2", "differ")])
def test_what_a_regulariser_does_to_the_ranks(regulariser: str, tail: str) -> None:
    """F = a, y = 0: rank J = 1, H = diag(1 + 2, 0) or diag(1, 2)."""
    model = Model.from_expressions("a + 0*b", "a b")
    here = Problem(model, Data([[]], [[0]]), "half-squared", regulariser).at({"a": 0, "b": 0})
    said = verdict(here).explanation
    rank = 1 if tail == "happen to agree" else 2
    assert tail in said and f"rank H = {rank}, rank J = 1" in said


# --- T9 in the explanation -----------------------------------------------------------------------


def _with_residuals():
    rng = np.random.default_rng(11)
    yield from (hr.read_spec(s).landscape() for s in ("X1", "X2", "X3", "X13"))
    for seed, regulariser in enumerate((None, "w**2 + v**4", None, "v**2*w**2")):
        model = hr.Model.from_expressions("v*w**2*x + v**3", "v w", "x")
        data = hr.Data([[1], [2]], rng.integers(-3, 4, (2, 1)).tolist())
        problem = hr.Problem(model, data, "half-squared", regulariser)
        yield problem.at([[0, 0], [1, 0], [0, 1], [0, 0]][seed])


@pytest.mark.parametrize("here", list(_with_residuals()), ids=str)
def test_the_numbers_of_T9_are_those_of_numpy(here):
    J, GN, H = (m.to_numpy() for m in (here.jacobian, here.gauss_newton, here.hessian))
    Y = H - GN
    rank = np.linalg.matrix_rank
    said = here.verdict().explanation
    if rank(H) == rank(J) or not rank(Y):
        assert "T9" not in said
        return
    gap, most = map(int, re.search(r"T9: \|.*?\| = (\d+) ≤ (\d+)", said).groups())
    assert (gap, most) == (abs(rank(H) - rank(GN)), rank(Y))
    squares = re.search(r"H has (\d+) positive squares?, at least (\d+) − (\d+)", said)
    definite = here.verdict().facts["A positive definite"].truth is TRUE
    assert (squares is not None) == definite
    if squares:
        plus, r, minus = map(int, squares.groups())
        positive = int((np.linalg.eigvalsh(H) > 1e-9).sum())
        negative = int((np.linalg.eigvalsh(Y) < -1e-9).sum())
        assert (plus, r, minus) == (positive, rank(J), negative) and plus >= r - minus
