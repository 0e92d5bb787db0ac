"""T4 and T9 as bounds: ranks of JᵀAJ and H from those of J, PJ and the D²f term.

Expected ranks come from rational linear algebra on J, centred by hand, and the numeric engine.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

import hessrank as hr
from hessrank.proofs.facts.landscape_facts import (
    Sign,
    image_meets_kernel,
    loss_hessian_sign,
    perfect_fit,
)
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.models.losses import NAMES, WEIGHTED, Loss
from hessrank.symbolic.problems.rank_theorems import equal_to, off_by, sharpened
from hessrank.symbolic.ranks.ball_matrix import BallMatrix
from hessrank.symbolic.ranks.matrices import Matrix
from hessrank.symbolic.ranks.rank_result import RankResult

INPUTS = [[1, 2], [0, 1], [1, -1], [2, 0], [3, 1], [-1, 2]]


def one_hot(D: int, K: int) -> list[list[int]]:
    return [[int(k == d % K) for k in range(K)] for d in range(D)]


def rationals(net: hr.Model) -> dict[str, str]:
    return {n: f"{(7 * i) % 11 - 5}/3 + 1/17" for i, n in enumerate(net.parameters)}


def centred_rank(J: Matrix, K: int) -> int:
    """rank PJ over Q, P = I − 11ᵀ/K for each example, written out."""
    rows = J.fractions()
    table = []
    for d in range(0, len(rows), K):
        for row in rows[d : d + K]:
            mean = [sum(r[j] for r in rows[d : d + K]) / Fraction(K) for j in range(len(row))]
            table.append(
                [
                    fmpq((a - b).numerator, (a - b).denominator)
                    for a, b in zip(row, mean, strict=True)
                ]
            )
    return int(fmpq_mat(table).rank())


@pytest.mark.parametrize("fixed", [True, False])
@pytest.mark.parametrize("K", [2, 3, 4])
def test_a_linear_model_in_softmax_cross_entropy(fixed: bool, K: int) -> None:
    """F is affine in θ and rank H = rank PJ: 3·(K − 1) for inputs of rank 3 and fixed biases."""
    biases = {f"b1_{k + 1}": 0 for k in range(K)} if fixed else None
    net = hr.mlp([3, K], "identity", fixed=biases)
    data = hr.Data([[1, 2, 3], [0, 1, "1/2"], [1, 1, -1], [2, 0, 1]], one_hot(4, K))
    here = hr.Problem(net, data, "softmax-cross-entropy").at(rationals(net))
    expected = (3 if fixed else 4) * (K - 1)
    for name in ("gauss-newton", "hessian"):
        found = here.rank(name)
        assert (int(found), found.status) == (expected, "certified")


@pytest.mark.parametrize("activation", ["relu", "leaky-relu", "identity", "square"])
@pytest.mark.parametrize("loss", ["softmax-cross-entropy", "binary-cross-entropy", "log-cosh"])
def test_a_rational_jacobian_and_a_transcendental_loss(activation: str, loss: str) -> None:
    net = hr.mlp([2, 3, 3], activation)
    here = hr.Problem(net, hr.Data(INPUTS, one_hot(6, 3)), loss).at(rationals(net))
    J = here.jacobian
    assert isinstance(J, Matrix) and J.is_rational
    plain = int(fmpq_mat([list(row) for row in J.rows]).rank())
    expected = centred_rank(J, 3) if loss == "softmax-cross-entropy" else plain
    found = here.rank("gauss-newton")
    assert (int(found), found.status) == (expected, "certified")
    assert here.rank("hessian").decided
    low, high = image_meets_kernel(here)
    assert low == high == plain - expected


@pytest.mark.parametrize("loss", [n for n in NAMES if n not in (WEIGHTED, "cross-entropy")])
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_bounds_agree_with_the_measured_ranks(loss: str, data: st.DataObject) -> None:
    activation = data.draw(st.sampled_from(["identity", "relu", "tanh", "square", "sin"]))
    widths = data.draw(st.sampled_from([[1, 2], [2, 2, 2], [1, 3, 2]]))
    weight = st.integers(-30, 30).filter(lambda n: n % 10).map(lambda n: Fraction(n, 10))
    net = hr.mlp(widths, activation)
    point = {n: data.draw(weight) for n in net.parameters}
    x = [[data.draw(weight) for _ in range(widths[0])] for _ in range(3)]
    penalty = data.draw(st.sampled_from([None, "w1_1_1**2"]))
    problem = hr.Problem(net, hr.Data(x, one_hot(3, 2)), loss, regulariser=penalty)
    here = problem.at(point)
    try:
        found = {n: here.rank(n) for n in ("jacobian", "gauss-newton", "residual", "hessian")}
    except hr.KinkError:
        return
    for name in ("jacobian", "gauss-newton", "hessian"):
        measured = here.numeric_rank(name)
        if not measured.ambiguous:
            assert found[name].lower <= measured.rank <= found[name].upper, (name, loss, point, x)


def far_away(loss: str) -> hr.Landscape:
    """A model whose outputs are too large to carry: e to the 20.00001."""
    model = hr.Model.from_expressions(["a*exp(20.00001)", "a*exp(1.5)*b"], "a b", "")
    return hr.Problem(model, hr.Data([[]], [[1, 0]]), loss).at({"a": "0.5", "b": "1/3"})


def test_the_hessian_of_a_quadratic_loss_is_known_at_any_point() -> None:
    for loss, scale in {"half-squared": 1, "sum-of-squares": 2, "mean-squared": 1}.items():
        here = far_away(loss)
        assert isinstance(here.outputs, BallMatrix)
        A = here.loss_hessian
        assert isinstance(A, Matrix) and A.fractions() == [[scale, 0], [0, scale]]
        assert loss_hessian_sign(here)[0] is Sign.POSITIVE_DEFINITE
        assert image_meets_kernel(here) == (0, 0)


def test_softmax_is_never_definite_log_cosh_always() -> None:
    assert loss_hessian_sign(far_away("softmax-cross-entropy"))[0] is Sign.POSITIVE_SEMIDEFINITE
    for loss in ("log-cosh", "binary-cross-entropy"):
        here = far_away(loss)
        assert loss_hessian_sign(here)[0] is Sign.POSITIVE_DEFINITE
        found = here.rank("loss-hessian")
        assert (int(found), found.status) == (2, "certified")
    found = far_away("softmax-cross-entropy").rank("loss-hessian")
    assert (int(found), found.status) == (1, "certified")


def test_a_perfect_fit_is_recognised_where_nothing_is_carried() -> None:
    model = hr.Model.from_expressions(["a*exp(20.00001)*exp(1/3)"], "a", "")
    for y, truth in {"exp(20.00001)": Truth.TRUE, "exp(20.00002)": Truth.FALSE}.items():
        here = hr.Problem(model, hr.Data([[]], [[f"{y}*exp(1/3)"]])).at({"a": 1})
        assert isinstance(here.loss_gradient, BallMatrix)
        assert perfect_fit(here).truth is truth
        assert int(here.rank("hessian")) == 1  # F is linear in a
    # cross-entropy on probabilities: F = y, and yet r = −1
    here = hr.Problem(
        hr.Model.from_expressions(["a", "1 - a"], "a", ""),
        hr.Data([[]], [["1/3", "2/3"]]),
        "cross-entropy",
    ).at({"a": "1/3"})
    assert perfect_fit(here).truth is Truth.FALSE
    # binary cross-entropy on logits: the fit is o = 0 for y = ½
    here = hr.Problem(model, hr.Data([[]], [["1/2"]]), "binary-cross-entropy").at({"a": 0})
    assert perfect_fit(here).truth is Truth.TRUE


def test_the_facts_of_the_losses() -> None:
    assert [n for n in NAMES if n != WEIGHTED and Loss.named(n).is_definite] == [
        "half-squared",
        "sum-of-squares",
        "mean-squared",
        "log-cosh",
        "binary-cross-entropy",
    ]
    assert [n for n in NAMES if n != WEIGHTED and Loss.named(n).is_centred] == [
        "softmax-cross-entropy"
    ]


def result(lower: int, upper: int, failure: float | None = None) -> RankResult:
    status = "undecided" if lower < upper else "certified" if failure is None else "probabilistic"
    return RankResult(lower, upper, status, (9, 9), "below", "above", failure_log2=failure)


def test_a_probable_bound_is_never_passed_on_as_a_proof() -> None:
    probable = result(3, 3, -100.0)
    assert equal_to(probable, "J", "A")[1] is None
    assert off_by(probable, 1, "Y")[1] is None
    assert sharpened(result(3, 5), equal_to(probable, "J", "A")).status == "undecided"
    assert sharpened(probable, (None, (3, "T4"))).status == "certified"
    assert sharpened(result(2, 5), off_by(result(4, 4), 1, "Y")).shown == "3..5"
    assert sharpened(result(2, 6), off_by(result(4, 4), 0, "Y")).shown == "4"
    with pytest.raises(ValueError):  # a contradiction is never papered over
        sharpened(result(5, 6), (None, (4, "wrong")))
    found = result(2, 5)
    assert (found.below(6), found.below(2), found.below(4)) == (True, False, None)
    assert (found.at_most(5), found.at_most(1), found.at_most(4)) == (True, False, None)
