"""Losses: values, r and A against SymPy on textbook formulas; targets; which losses are convex."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from hessrank.proofs.minima.minimum import loss_is_convex
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.errors import DomainError, InputError, KinkError
from hessrank.symbolic.models.losses import CONVEX, FIT, NAMES, WEIGHTED, Loss, as_loss
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem

#: ℓ of one example in SymPy (Goodfellow et al., Deep Learning, sections 5.5 and 6.2).
SYMPY = {
    "half-squared": lambda o, y: sum((a - b) ** 2 for a, b in zip(o, y, strict=True)) / 2,
    "sum-of-squares": lambda o, y: sum((a - b) ** 2 for a, b in zip(o, y, strict=True)),
    "mean-squared": lambda o, y: sum((a - b) ** 2 for a, b in zip(o, y, strict=True)) / 6,
    "quartic": lambda o, y: sum((a - b) ** 4 for a, b in zip(o, y, strict=True)),
    "log-cosh": lambda o, y: sum(sympy.log(sympy.cosh(a - b)) for a, b in zip(o, y, strict=True)),
    "softmax-cross-entropy": lambda o, y: (
        -sum(
            b * sympy.log(sympy.exp(a) / sum(map(sympy.exp, o))) for a, b in zip(o, y, strict=True)
        )
    ),
    "cross-entropy": lambda o, y: -sum(b * sympy.log(a) for a, b in zip(o, y, strict=True)),
    "binary-cross-entropy": lambda o, y: (
        -sum(
            b * sympy.log(1 / (1 + sympy.exp(-a))) + (1 - b) * sympy.log(1 / (1 + sympy.exp(a)))
            for a, b in zip(o, y, strict=True)
        )
    ),
}
Y = [["1/2", "1/6", "1/3"], ["1/5", "2/5", "2/5"]]
O = [["1/3", "1/4", "2"], ["1/7", "1", "3/2"]]


def problem(loss: str | Loss, y: list[list[object]] = Y) -> Problem:  # type: ignore[assignment]
    """Outputs are the parameters: F = id on two examples of three outputs (by one-hot inputs)."""
    model = Model.from_expressions(
        [f"e1*a{k} + e2*b{k}" for k in (1, 2, 3)], "a1 a2 a3 b1 b2 b3", "e1 e2"
    )
    return Problem(model, Data([[1, 0], [0, 1]], y), loss)


POINT = dict(zip(("a1", "a2", "a3", "b1", "b2", "b3"), itertools.chain(*O), strict=True))


def test_every_name_is_tested() -> None:
    assert {*SYMPY, WEIGHTED} == set(NAMES)


@pytest.mark.parametrize("name", sorted(SYMPY))
def test_gradient_and_hessian_are_sympys(name: str) -> None:
    here = problem(name).at(POINT)
    o = sympy.symbols("o0:6", positive=True)
    y = [sympy.Rational(v) for v in itertools.chain(*Y)]
    L = SYMPY[name](o[:3], y[:3]) + SYMPY[name](o[3:], y[3:])
    at = dict(zip(o, map(sympy.Rational, itertools.chain(*O)), strict=True))
    r = [sympy.diff(L, v).subs(at) for v in o]
    A = sympy.hessian(L, o).subs(at)
    for m in range(6):
        assert abs((here.loss_gradient.to_sympy()[m] - r[m]).evalf(40)) < 1e-30
        for l in range(6):
            assert abs((here.loss_hessian.to_sympy()[m, l] - A[m, l]).evalf(40)) < 1e-30


def test_weights_couple_examples() -> None:
    """½(o − y)ᵀW(o − y): r = W(o − y), A = W, cross terms between examples included."""
    rng = random.Random(5)
    half = [[rng.randint(-3, 3) for _ in range(6)] for _ in range(6)]
    W = [[half[i][j] + half[j][i] for j in range(6)] for i in range(6)]
    here = problem(Loss.weighted(W)).at(POINT)
    gap = [
        Fraction(a) - Fraction(b)
        for a, b in zip(itertools.chain(*O), itertools.chain(*Y), strict=True)
    ]
    expected = [sum(w * g for w, g in zip(row, gap, strict=True)) for row in W]
    assert [row[0] for row in here.loss_gradient.fractions()] == expected
    assert here.loss_hessian.fractions() == W
    assert here.hessian.fractions() == W  # F = id


def test_expressions_in_outputs_and_targets() -> None:
    here = problem("o1*o2**3 - y3*o3**2 + o2").at(POINT)
    a, b = (Fraction(v) for v in O[0][:2])
    A = [[0, 3 * b**2, 0], [3 * b**2, 6 * a * b, 0], [0, 0, -2 * Fraction(Y[0][2])]]
    assert [row[:3] for row in here.loss_hessian.fractions()[:3]] == A
    assert here.loss_gradient.fractions()[1][0] == 3 * a * b**2 + 1
    assert as_loss("o*y").form(1) is Loss.from_expression("o1*y1").form(1)


@pytest.mark.parametrize("name", sorted(FIT))
def test_regression_losses_vanish_exactly_at_the_labels(name: str) -> None:
    """ℓ(y) = 0 with r = 0, and ℓ > 0, r ≠ 0 elsewhere (a grid)."""
    for d in (Fraction(-1, 2), Fraction(0), Fraction(3)):
        model = Model.from_expressions("t", "t")
        r = Problem(model, Data([[]], [["1/3"]]), name).at({"t": Fraction(1, 3) + d}).loss_gradient
        assert (r.rows[0][0] == 0) is (d == 0)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(CONVEX)), st.integers(0, 2**32))
def test_convex_losses_have_no_negative_curvature(name: str, seed: int) -> None:
    """A ⪰ 0 at random outputs (positive ones for cross-entropy), by numpy's eigenvalues."""
    rng = random.Random(seed)
    o = {k: Fraction(rng.randint(1, 40), rng.choice([3, 7])) for k in POINT}
    if name != "cross-entropy":
        o = {k: v * rng.choice([1, -1]) for k, v in o.items()}
    A = problem(name).at(o).loss_hessian.to_numpy()
    assert np.linalg.eigvalsh(A).min() >= -1e-9


def test_what_is_not_convex_is_not_called_so() -> None:
    for loss in ("o1**3 + o2 + o3", "o1*o2 + o3", "-o1**2 + o2 + o3"):
        assert loss_is_convex(problem(loss)).truth is not Truth.TRUE
    W = [[int(i == j) - 2 * int(i == j == 0) for j in range(6)] for i in range(6)]
    assert loss_is_convex(problem(Loss.weighted(W))).truth is Truth.FALSE
    assert loss_is_convex(problem("o1**2 + exp(o2) - y1*log(o3)")).truth is Truth.TRUE


@pytest.mark.parametrize(
    ("loss", "y"),
    [
        ("softmax-cross-entropy", ["1/2", "1/2", "1/2"]),
        ("softmax-cross-entropy", ["3/2", "-1/2", 0]),
        ("cross-entropy", ["sqrt(2)", "1 - sqrt(2)", 0]),
        ("binary-cross-entropy", ["1 + exp(-10)", 0, 0]),
    ],
)
def test_targets_that_are_no_probabilities(loss: str, y: list[object]) -> None:
    with pytest.raises(InputError, match="targets"):
        problem(loss, [y, y])


def test_targets_of_which_it_is_not_decided_are_not_called_wrong() -> None:
    """They are probabilities, of logits 10⁸ apart."""
    below, above = "exp(1)", "exp(123456789000)"
    y = [f"{above}/({above} + {below})", f"{below}/({above} + {below})"]
    with pytest.raises(InputError, match="is not decided") as caught:
        Problem(mlp([1, 2]), Data([[0], [1]], [["1/2", "1/2"], y]), "softmax-cross-entropy")
    assert caught.value.key == "data.y[1]"


def test_irrational_probabilities_are_fine() -> None:
    y: list[object] = ["exp(-1)", "1/2", "1/2 - exp(-1)"]
    problem("softmax-cross-entropy", [y, y])


def test_hard_targets_forgive_log_zero_only_where_they_are_zero() -> None:
    model = Model.from_expressions(["a", "b"], "a b")
    here = Problem(model, Data([[]], [[1, 0]]), "cross-entropy").at({"a": 1, "b": 0})
    assert here.loss_hessian.fractions() == [[1, 0], [0, 0]]
    hard = Problem(model, Data([[]], [[0, 1]]), "cross-entropy").at({"a": 1, "b": 0})
    with pytest.raises(DomainError):
        hard.rank("loss_hessian")


def test_a_kink_of_the_loss_is_named() -> None:
    here = Problem(Model.from_expressions("t", "t"), Data([[]], [[1]]), "abs(o - y)").at({"t": 1})
    with pytest.raises(KinkError, match="example 1"):
        assert here.loss_gradient


def test_weights_must_fit_and_be_symmetric() -> None:
    with pytest.raises(InputError, match="symmetric"):
        Loss.weighted([[1, 2], [3, 4]])
    with pytest.raises(InputError, match="2×2"):
        problem(Loss.weighted([[1, 0], [0, 1]]))
    with pytest.raises(InputError, match="half-squared"):
        Loss.named("half-square")


def test_an_expression_and_the_matrix_of_its_quadratic_form_are_one_loss() -> None:
    """½(o−y)ᵀW(o−y) for W with one block B in each example, and ½(o−y)ᵀB(o−y) as an expression: the
    two kinds of a loss agree in every matrix, and so does whether B ⪰ 0 (by its determinant)."""
    for b, convex in ((2, Truth.TRUE), (3, Truth.TRUE), (4, Truth.FALSE)):  # 3·3 − b² ≥ 0?
        B = [[3, b], [b, 3]]
        form = f"3/2*(o1-y1)**2 + {b}*(o1-y1)*(o2-y2) + 3/2*(o2-y2)**2"
        W = [[B[i % 2][j % 2] if i // 2 == j // 2 else 0 for j in range(4)] for i in range(4)]
        model = Model.from_expressions(["t + x*s", "exp(t) - s**2"], "s t", "x")
        data = Data([[1], [2]], [[0, "1/2"], ["log(2)", 1]])
        one, all_ = (Problem(model, data, loss) for loss in (form, Loss.weighted(W)))
        assert (len(one.loss_terms), len(all_.loss_terms)) == (2, 1)
        assert loss_is_convex(one).truth is loss_is_convex(all_).truth is convex
        a, c = (p.at({"s": "1/3", "t": "log(3)"}) for p in (one, all_))
        for name in ("loss", "loss_gradient", "loss_hessian", "gradient", "hessian"):
            assert getattr(a, name) == getattr(c, name), name


def test_terms_name_the_example_that_fails() -> None:
    y = [["1/2", "1/4", "1/4"], [1, 0, 0]]
    terms = problem("cross-entropy", y).loss_terms
    assert [list(t.places) for t in terms] == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(DomainError, match="example 2"):
        problem("cross-entropy", y).at(POINT | {"b1": -1}).loss  # noqa: B018
