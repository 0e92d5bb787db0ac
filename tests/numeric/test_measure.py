"""The measuring engine: stable forward passes, ranks of matrices with known spectra, cross-checks.

Expected ranks come from theory or from published tables, named beside them.
"""

from __future__ import annotations

import json
import math
import random
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hessrank.gallery import ids, path
from hessrank.numeric.crosscheck import crosscheck
from hessrank.numeric.differentiation.arithmetic import arithmetic
from hessrank.numeric.differentiation.jets import Jet, Sweep
from hessrank.numeric.differentiation.program import program
from hessrank.numeric.forward_pass import ForwardPass, forward_pass
from hessrank.numeric.measure import evaluate
from hessrank.numeric.measured_ranks import (
    MATRICES,
    NotMeasured,
    measured_rank,
    measured_ranks,
)
from hessrank.numeric.rank import NumericRank, numeric_rank
from hessrank.numeric.reach import height, span
from hessrank.specs.spec import read_spec
from hessrank.symbolic.errors import DomainError, InputError, KinkError, UndecidedError
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem
from hessrank.symbolic.ranks.rank_result import RankResult


def jet(text: str, at: float, digits: int = 16) -> tuple[Any, Any, Any]:
    """(f, f', f'') of an expression in z, by the engine."""
    steps = program([parse(text, {"z"})])
    numbers = arithmetic(digits)
    sweep = Sweep(numbers)
    z = Jet(numbers.lift(np.array([at])), numbers.eye(1))
    with np.errstate(all="ignore"):
        jets = sweep.forwards(steps, {"z": z})
        out = jets[steps.results[0]]
        slope = sweep.backwards(steps, jets, [sweep.constant(1)])["z"]
    assert out.tangent is not None and slope.tangent is not None
    return out.value[0], slope.value[0], slope.tangent[0, 0]


#: Each function again, in mpmath's own words; its derivatives come from mpmath.taylor.
REFERENCE = {
    "exp": mpmath.exp,
    "log": mpmath.log,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "softplus": lambda z: mpmath.log(1 + mpmath.exp(z)),
    "erf": mpmath.erf,
    "atan": mpmath.atan,
    "asinh": mpmath.asinh,
}
#: The pieces: f and f' on either side of 0.
PIECES = {
    "relu": ((0, 0), (2, 1)),
    "abs": ((2, -1), (2, 1)),
    "step": ((0, 0), (1, 0)),
    "sign": ((-1, 0), (1, 0)),
}
POINTS = (-30.0, -2.5, -0.75, -1e-8, 1e-8, 0.5, 3.25, 30.0)


def test_the_reference_knows_every_function() -> None:
    assert {*REFERENCE, *PIECES} == set(FUNCTIONS)


@pytest.mark.parametrize("digits", [16, 40])
@pytest.mark.parametrize("name", sorted(REFERENCE))
def test_functions_and_two_derivatives(name: str, digits: int) -> None:
    """Against mpmath's numerical Taylor coefficients with 400 digits."""
    for at in POINTS:
        if name == "log" and at < 0:
            continue
        with mpmath.workdps(400):
            f, f1, f2 = mpmath.taylor(REFERENCE[name], mpmath.mpf(at), 2, h=mpmath.mpf(10) ** -90)
            for ours, theirs in zip(jet(f"{name}(z)", at, digits), (f, f1, 2 * f2), strict=True):
                error = abs(mpmath.mpf(ours) - theirs)
                small = 10.0 ** (3 - digits)
                assert error <= small * max(1, abs(theirs)), (name, at, ours, theirs)


@pytest.mark.parametrize("name", sorted(PIECES))
def test_pieces(name: str) -> None:
    """At ±2, added to z²."""
    for at, (f, f1) in zip((-2, 2), PIECES[name], strict=True):
        assert jet(f"{name}(z) + z**2", at) == (4 + f, 2 * at + f1, 2)


@pytest.mark.parametrize("at", [-1000.0, 1000.0])
def test_no_overflow_far_out(at: float) -> None:
    """At ±1000, where e^1000 overflows: the limits of the functions and their derivatives."""
    up = float(at > 0)
    assert jet("tanh(z)", at) == (math.copysign(1, at), 0, 0)
    assert jet("sigmoid(z)", at) == (up, 0, 0)
    assert jet("softplus(z)", at) == (up * at, up, 0)
    assert jet("erf(z)", at) == (math.copysign(1, at), 0, 0)


def test_tails_keep_their_relative_accuracy() -> None:
    """σ(z) and 1 − tanh² in the far tail, where 1/(1 + e^{−z}) and 1 − t·t give noise."""
    assert jet("sigmoid(z)", -700.0)[0] == pytest.approx(math.exp(-700), rel=1e-13, abs=0)
    assert jet("tanh(z)", 300.0)[1] == pytest.approx(4 * math.exp(-600), rel=1e-12, abs=0)
    assert jet("tanh(z)", 1e-12)[0] == pytest.approx(1e-12, rel=1e-15, abs=0)


def test_float64_that_overflows_is_replaced_by_more_digits() -> None:
    """e^w/(1 + e^w) at 1000 is 1, though e^1000 overflows."""
    here = expression("exp(w)/(1 + exp(w))", "w", {"w": 1000})
    assert evaluate(forward_pass(here)).outputs.tolist() == [1]


def test_too_far_out_is_not_measured() -> None:
    """e^{10^2000} has more digits than there is room for; so has 10^400 in a float."""
    for text, at in (("exp(-w)", 10**2000), ("w**20", 10**20)):
        found = measured_rank(expression(text, "w", {"w": at}), "jacobian")
        assert isinstance(found, NotMeasured) and "too large" in found.reason


def test_losses_far_out() -> None:
    """log cosh 1000 = 1000 − log 2, and softmax at logits of ±1000: e^1000 would overflow."""
    model = Model.from_expressions(["w"], "w")
    here = Problem(model, Data([[]], [[0]]), "log-cosh").at({"w": 1000})
    measured = evaluate(forward_pass(here))
    assert float(measured.value) == pytest.approx(1000 - math.log(2), rel=1e-15)
    assert float(measured.loss_gradient[0]) == 1
    logits = Model.from_expressions(["a", "b"], "a b")
    here = Problem(logits, Data([[]], [[1, 0]]), "softmax-cross-entropy").at(
        {"a": 1000, "b": -1000}
    )
    assert evaluate(forward_pass(here)).loss_gradient.tolist() == pytest.approx([0, 0], abs=1e-300)


def test_kinks_and_poles_are_errors() -> None:
    with pytest.raises(KinkError, match="relu is evaluated exactly at its kink"):
        jet("relu(z)", 0.0)
    data = Data([[1], [2], [0]], [[0], [0], [0]])
    here = Problem(Model.from_expressions(["abs(w*x)"], "w", "x"), data).at({"w": 1})
    with pytest.raises(KinkError, match="on example 3"):
        evaluate(forward_pass(here))
    here = Problem(Model.from_expressions(["1/(w*x)"], "w", "x"), data).at({"w": 1})
    with pytest.raises(DomainError, match="example 3 is not finite"):
        evaluate(forward_pass(here))


def test_taking_a_side_of_a_kink() -> None:
    problem = Problem(Model.from_expressions(["relu(w)"], "w"), Data([[]], [[1]]))
    sides = {side: evaluate(forward_pass(problem.at({"w": 0}, side))).jacobian for side in (1, -1)}
    assert sides == {1: 1.0, -1: 0.0}


# --- ranks of plain matrices ----------------------------------------------------------------------


def hilbert(n: int) -> list[list[Fraction]]:
    return [[Fraction(1, i + j + 1) for j in range(n)] for i in range(n)]


def test_hilbert_singular_values() -> None:
    """cond₂ of the Hilbert matrix: 1.9e1, 4.8e5, 1.5e10 for n = 2, 5, 8 (Higham, Accuracy and
    Stability of Numerical Algorithms, 2nd ed., table 28.1: 19.28, 4.766e5, 1.526e10)."""
    for n, condition in ((2, 19.28), (5, 4.766e5), (8, 1.526e10)):
        s = numeric_rank(hilbert(n)).singular_values
        assert s[0] / s[-1] == pytest.approx(condition, rel=1e-3)


@pytest.mark.parametrize("n", [12, 15, 20])
def test_hilbert_is_nonsingular(n: int) -> None:
    """The Hilbert matrix is positive definite (Hilbert 1894); float64 alone says less."""
    measured = numeric_rank(hilbert(n))
    assert int(measured) == n and measured.digits > 16
    alone = numeric_rank(np.array(hilbert(n), dtype=float))
    assert alone.ambiguous and alone.lower < n == alone.upper
    with pytest.raises(UndecidedError):
        int(alone)


def test_policies_on_hilbert() -> None:
    """numpy.linalg.matrix_rank's own answer is the policy "numpy"'s."""
    for n in range(1, 16):
        H = np.array(hilbert(n), dtype=float)
        assert numeric_rank(H, "numpy").rank == np.linalg.matrix_rank(H)


def kahan(n: int, theta: float) -> np.ndarray[Any, Any]:
    """Kahan 1966: upper triangular, det = s^{n(n−1)/2} > 0."""
    s, c = math.sin(theta), math.cos(theta)
    return np.diag(s ** np.arange(n)) @ (np.eye(n) - c * np.triu(np.ones((n, n)), 1))


def test_kahan_is_never_called_deficient_by_its_pivots() -> None:
    """A matrix whose QR with column pivoting shows no small pivot though σ_n is tiny (Kahan 1966;
    Golub and Van Loan, section 5.4.3). It is nonsingular."""
    K = kahan(90, 1.2)
    exact = [[Fraction(v) for v in row] for row in K]
    measured = numeric_rank(exact)
    assert (measured.lower, measured.upper) == (90, 90)
    assert measured.singular_values[-1] < 1e-5 * float(np.abs(np.diag(K)).min())


@pytest.mark.parametrize("decades", [4, 10, 14, 20, 40, 90])
def test_graded_diagonal_and_its_image(decades: int) -> None:
    """P·diag(1, 10^-d, 10^-2d, 0)·Pᵀ with P unimodular has rank 3 at every grading."""
    P = np.array([[1, 2, 3, 4], [0, 1, 5, 6], [0, 0, 1, 7], [0, 0, 0, 1]], dtype=object)
    D = np.diag(
        [Fraction(1), Fraction(1, 10**decades), Fraction(1, 10 ** (2 * decades)), Fraction(0)]
    )
    measured = numeric_rank(P @ D @ P.T)
    assert measured.lower <= 3 <= measured.upper
    assert measured.ambiguous == (decades == 90)  # 10^-180 is too small for 120 digits to confirm


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 8), st.integers(1, 8), st.integers(0, 8), st.integers(0, 2**32))
def test_products_of_factors(m: int, n: int, r: int, seed: int) -> None:
    """U·V with U (m, r) and V (r, n) in unit echelon form has rank min(m, n, r)."""
    r = min(m, n, r)
    rng = random.Random(seed)
    U = np.array(
        [[int(i == j) or (rng.randint(-9, 9) if i > j else 0) for j in range(r)] for i in range(m)],
        dtype=object,
    ).reshape(m, r)
    V = np.array(
        [[int(i == j) or (rng.randint(-9, 9) if i < j else 0) for j in range(n)] for i in range(r)],
        dtype=object,
    ).reshape(r, n)
    product = U @ V if r else np.zeros((m, n), dtype=int)
    assert int(numeric_rank(product)) == r
    floats = numeric_rank(np.array(product, dtype=float))
    assert floats.lower <= r <= floats.upper


@pytest.mark.parametrize("scale", [1e-300, 1e-150, 1.0, 1e150, 1e300])
def test_scale_does_not_matter(scale: float) -> None:
    A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]) * scale
    measured = numeric_rank(A)
    assert int(measured) == 2
    # σ of the magic [[1,2,3],[4,5,6],[7,8,9]]: 16.848, 1.0684 (σ² are the roots of x² − 285x + 324)
    root = math.sqrt(285**2 - 4 * 324)
    expected = [scale * math.sqrt((285 + root) / 2), scale * math.sqrt((285 - root) / 2)]
    assert list(measured.singular_values[:2]) == pytest.approx(expected, rel=1e-12)


def test_edges() -> None:
    assert [int(numeric_rank(np.zeros(s))) for s in ((0, 0), (0, 3), (3, 0), (2, 3))] == [0] * 4
    assert int(numeric_rank([])) == 0 and int(numeric_rank([[5]])) == 1
    assert int(numeric_rank([[1e-320]])) == 1
    unknown: Any = "best"
    for bad in (math.nan, math.inf):
        with pytest.raises(InputError, match=r"entry \[1\]\[0\]"):
            numeric_rank([[1.0, 2.0], [bad, 4.0]])
    with pytest.raises(InputError, match="unknown policy"):
        numeric_rank([[1.0]], unknown)
    with pytest.raises(InputError, match="needs the error"):
        numeric_rank([[1.0]], policy="uncertainty")
    with pytest.raises(InputError, match="expected a matrix"):
        numeric_rank(np.zeros((2, 2, 2)))


def test_thresholds_from_errors() -> None:
    """Weyl: a perturbation of norm 0.1 can make diag(1, 0.05) singular, not diag(1, 0.5)."""
    for policy in ("entry-error", "uncertainty"):
        for small, lower in ((0.05, 1), (0.5, 2)):
            measured = numeric_rank(np.diag([1.0, small]), policy, error=0.1)
            assert measured.rank == lower and measured.tolerance == pytest.approx(0.1)
    assert numeric_rank(np.diag([1.0, 1e-3, 1e-12]), "gap").rank == 2


def test_json_is_plain() -> None:
    text = json.dumps(numeric_rank(hilbert(12)).to_json(), allow_nan=False)
    assert json.loads(text)["rank"] == 12


# --- landscapes -----------------------------------------------------------------------------------


def expression(
    outputs: str, parameters: str, point: dict[str, Any], loss: str = "half-squared"
) -> Any:
    """One example without inputs, target 0."""
    model = Model.from_expressions([outputs], parameters)
    return Problem(model, Data([[]], [[0]]), loss).at(point)


def test_a_hidden_identity_sinks() -> None:
    """tanh(2w)(1 + tanh²w) = 2 tanh w: the derivative of the difference is 0, its float is not."""
    here = expression(
        "v*(tanh(2*w)*(1 + tanh(w)**2) - 2*tanh(w)) + v - v", "v w", {"v": 1, "w": "1/3"}
    )
    assert int(measured_rank(here, "jacobian")) == 0


def test_a_tiny_value_stays() -> None:
    """e^{−100}·w has the derivative 4e−44 beside 1: rank 2, though float64 and 30 digits say 1."""
    model = Model.from_expressions(["v", "exp(-100)*w"], "v w")
    here = Problem(model, Data([[]], [[0, 0]])).at({"v": 1, "w": 1})
    measured = measured_rank(here, "jacobian")
    assert int(measured) == 2 and "float64 alone says 1" in measured.note


def test_cancellation_is_not_rank() -> None:
    """(g + w)³ − g³ − 3g²w − 3gw² − w³ = 0 identically; at g = 10^10 float64 sees noise of 10^3."""
    text = "(10**10 + w)**3 - 10**30 - 3*10**20*w - 3*10**10*w**2 - w**3"
    here = expression(text, "w", {"w": "1/3"})
    assert abs(evaluate(forward_pass(here)).jacobian[0, 0]) > 1
    assert int(measured_rank(here, "jacobian")) == 0


def test_j_is_not_judged_by_its_square() -> None:
    """Läuchli's matrix [[1, 1], [ε, 0], [0, ε]], ε = 10^-9 (Golub and Van Loan, example 5.3.2): JᵀJ
    rounds to a singular matrix, J has rank 2."""
    model = Model.from_expressions(["u + v", "u/10**9", "v/10**9"], "u v")
    here = Problem(model, Data([[]], [[0, 0, 0]])).at({"u": 1, "v": 1})
    J = evaluate(forward_pass(here)).jacobian
    assert np.linalg.matrix_rank(J.T @ J) == 1
    assert int(measured_rank(here, "jacobian", "numpy")) == 2
    assert int(measured_rank(here, "gauss_newton")) == 2  # by more digits


def test_uncertainty_of_theta() -> None:
    """f = w²/2 at w = 0.001 ± 0.01: J = w is not known to differ from 0; at w = 1 it is."""
    for at, rank in (("1/1000", 0), (1, 1)):
        measured = measured_rank(
            expression("w**2/2", "w", {"w": at}), "jacobian", "uncertainty", 0.01
        )
        assert measured.rank == rank and measured.tolerance == pytest.approx(0.01)


def test_shapes_without_examples_or_parameters() -> None:
    nothing = Problem(mlp([1, 1]), Data([], [])).at({"w1_1_1": 1, "b1_1": 1})
    assert {int(r) for r in measured_ranks(nothing).values()} == {0}
    fixed = Problem(mlp([1, 1], fixed={"w1_1_1": 1, "b1_1": 2}), Data([[1]], [[1]])).at({})
    measured = evaluate(forward_pass(fixed))
    assert measured.outputs.tolist() == [3] and measured.hessian.shape == (0, 0)


def test_a_fixed_parameter_has_no_column() -> None:
    free = mlp([1, 2, 1], "tanh")
    point = {name: Fraction(i + 1, 7) for i, name in enumerate(free.parameters)}
    data = Data([[1], [2]], [[0], [1]])
    whole = evaluate(forward_pass(Problem(free, data).at(point)))
    kept = [i for i, name in enumerate(free.parameters) if name != "w1_2_1"]
    part = mlp([1, 2, 1], "tanh", fixed={"w1_2_1": point.pop("w1_2_1")})
    H = evaluate(forward_pass(Problem(part, data).at(point))).hessian
    assert H is not None and whole.hessian is not None
    assert np.allclose(H, whole.hessian[np.ix_(kept, kept)], rtol=1e-14)


def test_too_large_is_said_not_tried() -> None:
    net = mlp([60, 60, 60], "tanh")
    zero = dict.fromkeys(net.parameters, 0)
    here = Problem(net, Data([[1] * 60] * 40, [[0] * 60] * 40)).at(zero)
    answer = measured_ranks(here, ["hessian", "loss_hessian"])["hessian"]
    assert isinstance(answer, NotMeasured) and "GB" in answer.reason


def test_j_is_measured_where_h_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    from hessrank.numeric import measure
    from hessrank.numeric import measured_ranks as ranks

    forward = forward_pass(expression("v*tanh(w)", "v w", {"v": 1, "w": 2}))
    monkeypatch.setattr(measure, "MEMORY", forward.size * 12)
    monkeypatch.setattr(ranks, "OPERATIONS", 0)
    found = measured_ranks(forward, ["hessian", "jacobian"])
    assert isinstance(found["hessian"], NotMeasured) and list(found) == ["hessian", "jacobian"]
    jacobian = found["jacobian"]
    assert isinstance(jacobian, NumericRank)
    assert jacobian.rank == 1 and "no second precision" in jacobian.note


def test_a_kink_is_not_measured() -> None:
    found = measured_rank(expression("relu(w)", "w", {"w": 0}), "jacobian")
    assert isinstance(found, NotMeasured) and "kink" in found.reason


def test_unknown_matrix() -> None:
    with pytest.raises(InputError, match="no matrix 'jacobain'"):
        measured_rank(expression("w", "w", {"w": 1}), "jacobain")


def test_reads_values_only() -> None:
    """The engine runs on bare values: no derived matrix is within its reach."""
    real = Problem(Model.from_expressions(["tanh(w*x)"], "w", "x"), Data([[1]], [[0]])).at({"w": 2})
    bare = SimpleNamespace(problem=real.problem, point=dict(real.values))
    assert isinstance(forward_pass(bare), ForwardPass)
    assert evaluate(forward_pass(bare)).jacobian == pytest.approx((1 - np.tanh(2) ** 2), rel=1e-14)


def test_the_same_numbers_at_every_precision() -> None:
    here = read_spec(path("xor-tanh-untrained")).landscape()
    forward = forward_pass(here)
    coarse, fine = evaluate(forward), evaluate(forward, 50)
    for name in MATRICES:
        a, b = getattr(coarse, name), np.array(getattr(fine, name), dtype=float)
        assert np.abs(a - b).max() < 1e-14 * max(1, np.abs(b).max()), name
    assert fine.defect is not None and fine.defect < 1e-47


@pytest.mark.parametrize("entry", [e for e in ids() if not e.endswith("-46")])
def test_gallery_engines_agree(entry: str) -> None:
    """Exact algebra and measuring, which share no derivative, on every small gallery entry."""
    here = read_spec(path(entry)).landscape()
    for name, measured in measured_ranks(here).items():
        outcome = crosscheck(here.rank(name), measured)
        assert not outcome.flag, f"{name}: {outcome.reason}"
        assert outcome.verdict == "agree", f"{name}: {outcome.reason}"


# --- zero or tiny ---------------------------------------------------------------------------------


def logistic(*weights: int) -> Any:
    """Logistic regression on the four corners, whose A is diagonal with σ(z)(1 − σ(z)) > 0: rank A
    is 4, and J = (x₁, x₂, 1) has rank 3, so that by T4 JᵀAJ has rank 3 whatever the weights."""
    net = mlp([2, 1], "identity")
    data = Data([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]])
    return Problem(net, data, "binary-cross-entropy").at(
        dict(zip(net.parameters, weights, strict=True))
    )


@pytest.mark.parametrize(
    "weights",
    [
        (0, 0, 0),
        (30, 1, -2),
        (1000, -1000, 7),
        (10**20, 1, 1),
        (10**20, -(10**20), 3),
        (7, 9, 3000),
    ],
)
def test_what_underflows_is_no_zero(weights: tuple[int, int, int]) -> None:
    found = measured_ranks(logistic(*weights))
    ranks = {"jacobian": 3, "loss_hessian": 4, "gauss_newton": 3, "residual": 0, "hessian": 3}
    for name, measured in found.items():
        assert isinstance(measured, NumericRank)
        assert measured.lower <= ranks[name] <= measured.upper, f"{name}: {measured!r}"
        if name == "jacobian" or max(map(abs, weights)) <= 30:
            assert int(measured) == ranks[name]
        assert not measured.ambiguous or "decades" in measured.note


def test_rounding_inside_a_tiny_block_is_no_rank() -> None:
    """diag(1, T) with T = e^{−10^20}·uuᵀ: rank 2. The logarithms of T and of its rounding are one
    float."""
    model = Model.from_expressions(["v", "exp(-10**20)*(u/3 + w/7)**2"], "v u w")
    here = Problem(model, Data([[]], [[0, -1]]), "sum-of-squares").at({"v": 1, "u": 2, "w": 5})
    for name, rank in (("jacobian", 2), ("gauss_newton", 2), ("hessian", 2)):
        measured = measured_rank(here, name)
        assert isinstance(measured, NumericRank)
        assert measured.lower <= rank <= measured.upper, f"{name}: {measured!r}"


@pytest.mark.parametrize("places", [1, 8, 20, 60, 150])
def test_nearly_equal_units_are_not_equal(places: int) -> None:
    """exp(ux) + exp(wx) at x = 1, 2 with u = 1/3, w = u + 10^-places: J = (x e^{ux}, x e^{wx}) has
    the determinant 2 e^{u+w}(e^w − e^u) ≠ 0; so has JᵀJ, which squares it. At w = u both are 0."""
    model = Model.from_expressions(["exp(u*x) + exp(w*x)"], "u w", "x")
    problem = Problem(model, Data([[1], [2]], [[0], [0]]))
    for w, rank in ((Fraction(1, 3) + Fraction(1, 10**places), 2), (Fraction(1, 3), 1)):
        found = measured_ranks(problem.at({"u": Fraction(1, 3), "w": w}), MATRICES)
        for name in ("jacobian", "gauss_newton"):
            measured = found[name]
            assert isinstance(measured, NumericRank)
            assert measured.lower <= rank <= measured.upper, f"{name}: {measured!r}"
            if rank == 1:
                assert int(measured) == 1


def test_float64_alone_sees_too_much_or_too_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a second precision: noise is not taken for rank, and less rank raises no flag."""
    from hessrank.numeric import measured_ranks as ranks

    monkeypatch.setattr(ranks, "OPERATIONS", 0)
    text = "(10**10 + w)**3 - 10**30 - 3*10**20*w - 3*10**10*w**2 - w**3"  # 0 identically
    measured = measured_rank(expression(text, "w", {"w": "1/3"}), "jacobian")
    assert isinstance(measured, NumericRank)
    assert measured.lower == 0 and "largest numbers" in measured.origin
    outcome = crosscheck(
        logistic(1000, -1000, 7).rank("loss_hessian"),
        measured_ranks(logistic(1000, -1000, 7), ["loss_hessian"])["loss_hessian"],
    )
    assert outcome.verdict == "inconclusive" and "float64 alone" in outcome.reason


@pytest.mark.filterwarnings("error")
def test_nothing_is_written_to_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    """Entries of 10^200 and more, whose squares overflow."""
    numeric_rank([[Fraction(10) ** 200, 1], [1, Fraction(1, 10**200)]])
    numeric_rank(np.diag([1e200, 1e-200]), "entry-error", error=1e200)
    here = expression("10**160*(v + w)**2", "v w", {"v": 10**20, "w": "1/3"})
    measured_ranks(here)
    measured_ranks(here, policy="uncertainty", uncertainty=1e150)
    measured_ranks(logistic(10**20, -(10**20), 3))
    assert capfd.readouterr() == ("", "")


def test_decades() -> None:
    """What falls with the precision is rounding; what underflows in float64 is not."""
    assert height([parse("w**3 - w/7", {"w"})], {"w": 20.0}) == 60
    fine = np.array([0.0, -3.0, -31.0, -np.inf])
    assert span(np.array([0.0, -3.0, -17.0, -np.inf]), fine, 30) == 3
    assert span(np.array([0.0, -3.0, -31.0, -np.inf]), fine, 30) == 31
    assert span(np.array([0.0, -np.inf]), np.array([0.0, -4e19]), 30) == 4e19
    assert span(np.array([0.0, -np.inf]), np.array([0.0, -31.0]), 30) == 0


# --- cross-checks ---------------------------------------------------------------------------------


def bounds(lower: int, upper: int, shape: tuple[int, int] = (3, 3)) -> RankResult:
    status = "certified" if lower == upper else "undecided"
    return RankResult(lower, upper, status, shape, "reason below", "reason above")


ONE, TWO = np.diag([1, 0, 0]), np.diag([1, 1, 0])
UNCLEAR = np.diag([1.0, 1e-15, 0.0])


@pytest.mark.parametrize(
    ("exact", "matrix", "verdict"),
    [
        (bounds(1, 1), ONE, "agree"),
        (bounds(1, 1), TWO, "disagree"),
        (bounds(2, 3), ONE, "disagree"),
        (bounds(2, 3), ONE * 1.0, "inconclusive"),  # float64 alone cannot tell zero from tiny
        (bounds(0, 0), ONE * 1.0, "disagree"),  # but what it sees, it sees
        (bounds(1, 2), ONE, "inconclusive"),
        (bounds(2, 2), UNCLEAR, "inconclusive"),
        (bounds(0, 0), UNCLEAR, "disagree"),
        (bounds(2, 2), np.eye(2), "disagree"),
    ],
)
def test_crosscheck(exact: RankResult, matrix: Any, verdict: str) -> None:
    outcome = crosscheck(exact, numeric_rank(matrix))
    assert outcome.verdict == verdict and outcome.reason
    assert outcome.flag == (verdict == "disagree")


@pytest.mark.parametrize(
    "entry", ["X8", "X13", "deep-linear", "polynomial", "xor-relu", "xor-tanh-untrained"]
)
def test_a_wrong_exact_rank_is_flagged(entry: str) -> None:
    """One less or one more than the rank on which both agree: each is a disagreement."""
    here = read_spec(path(entry)).landscape()
    for name, measured in measured_ranks(here).items():
        exact = here.rank(name)
        assert crosscheck(exact, measured).verdict == "agree", name
        for wrong in (int(exact) - 1, int(exact) + 1):
            if 0 <= wrong <= min(exact.shape):
                outcome = crosscheck(bounds(wrong, wrong, exact.shape), measured)
                assert outcome.flag, f"{name} {wrong}: {outcome.reason}"


def test_crosscheck_without_a_measurement() -> None:
    outcome = crosscheck(bounds(1, 1), NotMeasured("it would need 3 TB"))
    assert outcome.verdict == "inconclusive" and "3 TB" in outcome.reason
