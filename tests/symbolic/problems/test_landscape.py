"""The exact F, J, r, A, both terms of H and H against HIPS autograd, against SymPy's direct
differentiation of the composed loss, and at the edges: no data, no free parameters, huge numbers.

autograd evaluates textbook formulas in floating point (`strategies`); the two sides share numbers
alone.
"""

from __future__ import annotations

import pickle
import random
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import autograd
import flint
import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hessrank.proofs.counterexamples.labels import labels
from hessrank.proofs.derivations.derivation import derive
from hessrank.proofs.minima.minimum import minimum
from hessrank.proofs.minima.verdict import verdict
from hessrank.specs.spec import loads
from hessrank.specs.writer import dumps
from hessrank.symbolic.budget import budget
from hessrank.symbolic.errors import KinkError, UndecidedError
from hessrank.symbolic.expressions import differentiation
from hessrank.symbolic.expressions.functions import FUNCTIONS, function
from hessrank.symbolic.fields import balls
from hessrank.symbolic.models import architecture_bounds, closed_forms
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.models.sequential import sequential
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem
from hessrank.symbolic.ranks import ball_rank
from hessrank.symbolic.ranks.ball_matrix import BallMatrix
from strategies import Case, cases

pytestmark = pytest.mark.filterwarnings(
    "ignore:Output seems independent of input", "ignore::RuntimeWarning"
)


def against_autograd(case: Case) -> bool:
    """Every matrix of the landscape equals autograd's, to nine digits of its largest entry. False
    where there is nothing to compare: at a kink, or where floats overflow on their side."""
    here = case.landscape()
    try:
        ours = {
            "outputs": here.outputs,
            "jacobian": here.jacobian,
            "loss_gradient": here.loss_gradient,
            "loss_hessian": here.loss_hessian,
            "gauss_newton": here.gauss_newton,
            "residual": here.residual,
            "hessian": here.hessian,
            "gradient": here.gradient,
        }
    except KinkError:
        return False
    t = case.point
    F = case.F(t)
    r = autograd.grad(case.ell)(F)
    A = autograd.hessian(case.ell)(F)
    if t.size:
        J = autograd.jacobian(case.F)(t)
        theirs = {
            "gauss_newton": J.T @ A @ J,
            "residual": autograd.hessian(lambda t: (case.F(t) * r).sum())(t),
            "hessian": autograd.hessian(lambda t: case.ell(case.F(t)) + case.penalty(t))(t),
            "gradient": autograd.grad(lambda t: case.ell(case.F(t)) + case.penalty(t))(t),
            "jacobian": J,
        }
    else:
        theirs = {}
    theirs |= {"outputs": F, "loss_gradient": r, "loss_hessian": A}
    if not all(np.isfinite(v).all() for v in theirs.values()):
        return False
    for name, expected in theirs.items():
        found = np.array(ours[name].to_numpy(), dtype=float)
        expected = np.asarray(expected).reshape(found.shape)
        size = max(1.0, float(np.abs(expected).max(initial=0.0)))
        assert np.abs(found - expected).max(initial=0.0) <= 1e-9 * size, name
    return True


@settings(max_examples=100, deadline=None)
@given(cases())
def test_exact_matrices_agree_with_autograd(case: Case) -> None:
    try:
        with budget(10):
            known = against_autograd(case)
    except UndecidedError:  # over budget: exponentials of exponentials
        known = False
    assume(known)


@settings(max_examples=40, deadline=None)
@given(cases())
def test_every_random_problem_replays(case: Case) -> None:
    here = case.landscape()
    again = loads(dumps(here), "replay")
    assert again.problem == here.problem
    assert dict(again.point or {}) == here.point


def test_a_wrong_derivative_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The property can fail: with the sign of one rule turned it does."""
    wrong = replace(FUNCTIONS["sin"], derivative=lambda z: -function("cos", z))
    monkeypatch.setitem(FUNCTIONS, "sin", wrong)
    case = Case(2, (), "", False, "half-squared", (), ((1, 2),), ((0, 1),), (1, 2), (), None)
    closed_forms.derive.cache_clear()
    with pytest.raises(AssertionError, match="gauss_newton"):
        against_autograd(case)
    closed_forms.derive.cache_clear()


@pytest.mark.parametrize(
    ("outputs", "loss", "y"),
    [
        (["a*b + a**2"], "half-squared", ["1/2"]),
        (["tanh(a*b)", "a - b"], "quartic", [0, 1]),
        (["exp(a)*b", "a*b"], "softmax-cross-entropy", ["1/3", "2/3"]),
        (["a*b"], "log-cosh", [1]),
        (["a**2", "b", "a*b"], "(o1 - y1)*o2**2 + exp(o3*y3)", [1, 2, 3]),
    ],
)
def test_the_hessian_is_sympys_of_the_composed_loss(
    outputs: list[str], loss: str, y: list[object]
) -> None:
    """H = JᵀAJ + Σ r_m∇²F_m (S2, (1)) against sympy.hessian of ℓ∘F, written here in SymPy."""
    a, b = sympy.symbols("a b")
    o = [sympy.sympify(f, locals={"a": a, "b": b}) for f in outputs]
    t = [sympy.Rational(str(v)) for v in y]
    L = {
        "half-squared": lambda: sum((p - q) ** 2 for p, q in zip(o, t, strict=True)) / 2,
        "quartic": lambda: sum((p - q) ** 4 for p, q in zip(o, t, strict=True)),
        "log-cosh": lambda: sum(sympy.log(sympy.cosh(p - q)) for p, q in zip(o, t, strict=True)),
        "softmax-cross-entropy": lambda: (
            sympy.log(sum(map(sympy.exp, o))) - sum(p * q for p, q in zip(o, t, strict=True))
        ),
    }.get(loss, lambda: (o[0] - t[0]) * o[1] ** 2 + sympy.exp(o[2] * t[2]))()
    at = {a: sympy.Rational(1, 2), b: sympy.Rational(-2, 3)}
    expected = sympy.hessian(L, (a, b)).subs(at)
    problem = Problem(Model.from_expressions(outputs, "a b"), Data([[]], [y]), loss)
    here = problem.at({"a": "1/2", "b": "-2/3"})
    for found in (here.hessian, problem.hessian):  # at the point; and θ put in afterwards
        ours = found.to_sympy()
        gap = ours.subs({s: at[sympy.Symbol(s.name)] for s in ours.free_symbols}) - expected
        assert all(abs(v.evalf(40)) < sympy.Float(10) ** -30 for v in gap)


# --- bounds from the architecture ----------------------------------------------------------------


def _special(rng: random.Random) -> tuple[Landscape, bool]:
    """A small net at a point with many zeros and repeated examples; whether r may be anything."""
    small = [0, 0, 0, 1, -1, 2, Fraction(1, 2), -3]
    widths = [rng.randint(1, 3) for _ in range(rng.randint(2, 4))]
    name = rng.choice(["identity", "square", "cube", "relu", "leaky-relu", "power-4"])
    D, K = rng.randint(1, 4), widths[-1]
    x = [[rng.choice(small) for _ in range(widths[0])] for _ in range(D)]
    x[-1] = x[0]
    y = [[rng.choice(small) for _ in range(K)] for _ in range(D)]
    half = [[rng.choice(small) for _ in range(D * K)] for _ in range(D * K)]
    W = [[half[i][j] + half[j][i] for j in range(D * K)] for i in range(D * K)]
    cubes = " + ".join(f"(o{k + 1} - y{k + 1})**3" for k in range(K)) if K > 1 else "(o - y)**3"
    loss = rng.choice(["half-squared", "mean-squared", "quartic", Loss.weighted(W), cubes])
    model = mlp(widths, name, rng.random() < 0.5)
    point = {p: rng.choice(small) for p in model.parameters}
    return Problem(model, Data(x, y), loss).at(point, side=rng.choice([1, -1]))


@pytest.mark.parametrize("seed", range(4))
def test_no_rank_exceeds_its_bound_at_special_points(seed: int) -> None:
    """`structure.upper_bound` against FLINT's exact rank, with zeros, dead units, kinks taken from
    a side, duplicated inputs, single examples and single outputs; and the bounds of the rank."""
    rng = random.Random(seed)
    for _ in range(100):
        here = _special(rng)
        assert here._setting is not None
        for name in architecture_bounds.MATRICES:
            exact = here.matrix(name).to_flint().rank()
            bound, why = architecture_bounds.upper_bound(name, here._setting)
            assert exact <= bound, (name, why, dumps(here))
            found = here.rank(name)
            assert found.lower <= exact <= found.upper, (name, found, dumps(here))


# --- edges ---------------------------------------------------------------------------------------


def test_no_examples() -> None:
    """M = 0: L is the constant 0, every rank is 0, and every point is a global minimum."""
    here = Problem(Model.from_expressions("a*b", "a b"), Data([], [])).at({"a": 1, "b": 2})
    found = verdict(here)
    assert {int(r) for r in found.ranks.values()} == {0}
    assert here.hessian.shape == (2, 2) and here.jacobian.shape == (0, 2)
    assert found.point == "global minimum"
    assert found.facts["A positive definite"].truth.to_json() is True  # the empty form


@pytest.mark.parametrize("loss", ["half-squared", "softmax-cross-entropy", "log-cosh", "o1**4"])
@pytest.mark.parametrize(
    "model",
    [
        mlp([1, 2, 1], "tanh", bias=False),
        mlp([1, 2, 1], "relu"),
        mlp([2, 2, 2, 2], "square"),
        mlp([2, 1], "identity", fixed={"b1_1": 1}),
        sequential([{"conv": 1, "kernel": [2]}, "tanh", {"linear": 1}], inputs=[1, 3]),
    ],
)
def test_a_network_on_no_examples(model: Model, loss: str) -> None:
    """M = 0: J is 0 × N, and H is that of the regulariser θ₁² alone."""
    N = len(model.parameters)
    regulariser = f"{model.parameters[0]}**2"
    here = Problem(model, Data([], []), loss=loss, regulariser=regulariser).at([1] * N)
    assert here.jacobian.shape == (0, N) and here.residual.shape == (N, N)
    assert str(here.hessian[0][0]) == "2"
    ranks = {name: int(here.rank(name)) for name in architecture_bounds.MATRICES}
    assert ranks == {**dict.fromkeys(ranks, 0), "hessian": 1}
    bare = Problem(model, Data([], []), loss=loss)
    assert bare.at([1] * N).minimum().kind == "global minimum"
    assert verdict(bare.at([1] * N)).ranks["hessian"].upper == 0
    assert derive(bare).latex()
    found = labels(model, [], [1] * N).to_json()
    assert found["more"]["exists"] is found["fewer"]["exists"] is False  # H = 0 = J


@pytest.mark.parametrize("y", [2, 3])
def test_no_free_parameters(y: int) -> None:
    model = Model.from_expressions("a*b", "a b", fixed={"a": 1, "b": 2})
    here = Problem(model, Data([[]], [[y]])).at({})
    found = verdict(here)
    assert {int(r) for r in found.ranks.values()} == {0}
    assert here.jacobian.shape == (1, 0) and here.hessian.shape == (0, 0)
    assert found.facts["perfect fit"].truth.to_json() is (y == 2)
    assert minimum(here).is_global.truth.to_json() is True


def test_huge_and_tiny_numbers_keep_their_ranks() -> None:
    """½(ab − 1)² at a = 10^300, b = 10^−300: H = JJᵀ has rank 1, though floats see nothing."""
    problem = Problem(Model.from_expressions("a*b", "a b"), Data([[]], [[1]]))
    here = problem.at({"a": "10**300", "b": "10**(-300)"})
    assert int(here.rank("hessian")) == int(here.rank("jacobian")) == 1
    assert minimum(here).is_global.truth.to_json() is True


def test_fields_that_were_refined_in_between() -> None:
    """J needs e, A then e^(1/2): both are read in one field. By hand: J = diag(e,
    ½), A = p₁p₂(1, −1)(1, −1)ᵀ, so im J ∩ ker A is one line and rank H = 1."""
    model = Model.from_expressions(["s*exp(t)", "t/2"], "s t")
    y = ["1/(1 + exp(1/2))", "exp(1/2)/(1 + exp(1/2))"]
    here = Problem(model, Data([[]], [y]), "softmax-cross-entropy").at({"s": 0, "t": 1})
    assert here.jacobian.field is here.loss_hessian.field
    found = verdict(here)
    assert "rank H = rank J − 1" in found.explanation
    assert (int(found.ranks["jacobian"]), int(found.ranks["hessian"])) == (2, 1)


# --- balls ---------------------------------------------------------------------------------------


def test_the_pattern_of_zeros_of_a_large_matrix() -> None:
    """The longest alternating path: an upper bidiagonal matrix read from below, 1,500 rows."""
    n = 1_200
    rows = [[arb(int(j in (i, i + 1))) for j in range(n + 1)] for i in range(n)]
    assert ball_rank.term_rank(rows, (n, n + 1)) == n
    single = [[arb(int(j == 0)) for j in range(40)] for _ in range(40)]
    assert ball_rank.term_rank(single, (40, 40)) == 1


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**36 - 1))
def test_the_pattern_bound_is_the_generic_rank(m: int, n: int, bits: int) -> None:
    """Edmonds: the term rank is the rank of the pattern with indeterminate entries, here random
    ones modulo a large prime."""
    mask = [[bits >> (6 * i + j) & 1 for j in range(n)] for i in range(m)]
    rng = random.Random(bits)
    modulus = 2**61 - 1
    entries = [[rng.randrange(1, modulus) * v for v in row] for row in mask]
    expected = flint.nmod_mat(m, n, [v for row in entries for v in row], modulus).rank()
    assert ball_rank.term_rank([[arb(v) for v in row] for row in mask], (m, n)) == expected


def test_balls_that_are_undefined_prove_nothing() -> None:
    nan = arb("nan")
    found = BallMatrix(lambda bits: [[nan, nan], [nan, nan]], (2, 2)).rank()
    assert (found.lower, found.upper) == (0, 2)


def test_balls_that_cannot_be_had_leave_the_size() -> None:
    def at(bits: int) -> list[list[arb]]:
        raise UndecidedError("a divisor is not separated from zero by balls")

    found = BallMatrix(at, (3, 2)).rank()
    assert (found.lower, found.upper) == (0, 2)


def test_a_kink_in_balls() -> None:
    for side, step in ((1, 1), (-1, 0)):
        assert balls.BallRing(side).function("step", arb(0)) == step
    with pytest.raises(KinkError):
        balls.BallRing().function("step", arb(0))
    with pytest.raises(UndecidedError):
        balls.BallRing(1).function("step", arb(0, 1e-30))


def test_second_derivatives_are_symmetric_and_shared() -> None:
    problem = Problem(mlp([1, 2, 1]), Data([[1], [2]], [[0], [1]]))
    table = problem.hessian.rows
    assert all(table[i][j] is not None for i in range(7) for j in range(7))
    for m in range(2):
        second = problem.second_derivative(m).rows
        assert all(second[i][j] is second[j][i] for i in range(7) for j in range(7))
    form = problem.outputs.rows[0][0]
    names = problem.model.parameters
    direct = differentiation.hessian(form, names)
    values = {n: sympy.Rational(k + 1, 7) for k, n in enumerate(names)}
    from hessrank.symbolic.expressions.exchange.to_sympy import to_sympy_matrix

    gap = to_sympy_matrix(direct, (7, 7)) - problem.second_derivative(0).to_sympy()
    gap = gap.subs({s: values[s.name] for s in gap.free_symbols})
    assert all(abs(v.evalf(40)) < sympy.Float(10) ** -30 for v in gap)


# --- one landscape, one field --------------------------------------------------------------------


def test_matrices_read_before_and_after_a_finer_atom_lie_in_one_field() -> None:
    """By hand: J = (e − 2, 1)ᵀ and A = diag(1, e^½/4), so A @ J begins with e − 2."""
    model = Model.from_expressions(["exp(t) - 2*t", "t"], "t")
    here = Problem(model, Data([[]], [[0, 0]]), "o1**2/2 + exp(o2/2)").at({"t": 1})
    J, A = here.jacobian, here.loss_hessian
    assert J.field is A.field is here.hessian.field
    assert str((A @ J)[0, 0]) in ("exp(1) - 2", "-2 + exp(1)")
    assert np.allclose((A @ J).to_numpy()[:, 0], [np.e - 2, np.exp(0.5) / 4])


@pytest.mark.parametrize("first", ["jacobian", "loss_hessian"])
def test_products_work_in_either_order(first: str) -> None:
    """F = w/2 + v eʷ at w = 1, v = 0: J = (½, e), A = p(1 − p), p = 1/(1 + e^{−½})."""
    model = Model.from_expressions(["w/2 + v*exp(w)"], "w v")
    here = Problem(model, Data([[]], [["1/3"]]), "binary-cross-entropy").at({"w": 1, "v": 0})
    getattr(here, first)
    p = 1 / (1 + np.exp(-0.5))
    found = (here.jacobian.T @ here.loss_hessian).to_numpy()[:, 0]
    assert np.allclose(found, p * (1 - p) * np.array([0.5, np.e]))


def test_landscapes_are_equal_where_problem_and_point_are() -> None:
    problem = Problem(Model.from_expressions("a*tanh(b*x)", "a b", "x"), Data([[1]], [[0]]))
    here = problem.at({"a": 1, "b": "log(2)"})
    assert here == problem.at({"a": 1, "b": "log(2)"}) != problem.at({"a": 1, "b": "log(3)"})
    assert len({here, problem.at({"a": 1, "b": "log(2)"})}) == 1
    assert here.rank("hessian").lower == 2
    again = pickle.loads(pickle.dumps(here))
    assert again == here and hash(again) == hash(here)
    assert again.minimum().kind == here.minimum().kind


def test_a_landscape_unpickled_elsewhere_answers_its_questions() -> None:
    problem = Problem(Model.from_expressions("t**2", "t"), Data([[]], [[-1]]))
    text = pickle.dumps(problem.at({"t": 0})).hex()
    program = (
        f"import pickle; h = pickle.loads(bytes.fromhex('{text}')); "
        "print(h.minimum().kind, bool(h.verdict().explanation), h.numeric_rank('jacobian').rank)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("global minimum")
