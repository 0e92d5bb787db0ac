"""Features, spectra, volumes and exponents against NumPy, autograd, SymPy and textbook formulas."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import sympy
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from hessrank.gallery import ids, path
from hessrank.proofs.basins.features import (
    adds_in_squares,
    eigen_features,
    enters_times_slope,
    feature_along,
    features,
    gauss_newton_is_gram,
    gram,
    independent_features,
    is_gram,
    is_orthogonal,
    keeps_function,
    layer_basis,
    never_opposes,
)
from hessrank.proofs.basins.spectrum import eigenbasis, spectrum
from hessrank.proofs.basins.volume import (
    ball_constant,
    crossovers,
    exponent,
    exponent_bounds,
    holds_more,
    leading_exponent,
    product_of_widths,
    quadratic_volume,
    spread,
)
from hessrank.proofs.catalogue.features.subjects import closed_form, cosine_features, fitted_net
from hessrank.proofs.reasoning.truth import Truth
from hessrank.specs.spec import read_spec
from hessrank.symbolic.errors import InputError, UndecidedError
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem

SYMMETRIC = st.integers(1, 4).flatmap(
    lambda n: st.lists(
        st.lists(st.integers(-3, 3), min_size=n, max_size=n), min_size=n, max_size=n
    ).map(lambda rows: [[rows[max(i, j)][min(i, j)] for j in range(n)] for i in range(n)])
)


def _gallery(name: str):
    return read_spec(path(name)).landscape()


# --- features ------------------------------------------------------------------------------------


def _coupled_weights() -> list[list[int]]:
    """W over all six outputs, not definite, with cross terms between outputs and examples."""
    half = np.random.default_rng(7).integers(-2, 3, size=(6, 6))
    return (half + half.T).tolist()


def _tanh_net():
    """[2, 2, 2] with tanh and biases, no perfect fit."""
    net = mlp([2, 2, 2], "tanh")
    values = [1, "-1/2", "1/3", 1, "1/2", 0, 1, -1, "1/2", 2, 0, "1/4"]
    data = Data([[1, 0], ["1/2", -1], [0, 2]], [[1, 0], ["1/3", "2/3"], [0, 1]])
    problem = Problem(net, data, Loss.weighted(_coupled_weights()))
    return problem.at(dict(zip(net.parameters, values, strict=True)))


def _forward(theta, x):
    """[2, 2, 2] with tanh, by hand: W1 row by row, b1, W2, b2."""
    W1, b1, W2, b2 = theta[:4].reshape(2, 2), theta[4:6], theta[6:10].reshape(2, 2), theta[10:]
    return anp.dot(W2, anp.tanh(anp.dot(W1, x) + b1)) + b2


def test_features_and_gram_against_autograd():
    here = _tanh_net()
    theta = np.array([1, -0.5, 1 / 3, 1, 0.5, 0, 1, -1, 0.5, 2, 0, 0.25])
    x = np.array([[1, 0], [0.5, -1], [0, 2.0]])
    J = np.concatenate([autograd.jacobian(_forward)(theta, row) for row in x])
    f = features(here)
    assert np.allclose(f.matrix(f.phi).to_numpy(), J, atol=1e-12)
    own = np.kron(np.eye(3), np.ones((2, 2)))  # the blocks of one example
    total = J.T @ (own * np.array(_coupled_weights())) @ J
    assert np.allclose(gram(f).to_numpy(), total, atol=1e-12)
    # the loss couples examples, which Σ_x φᵀA_xφ does not see
    assert gauss_newton_is_gram(here).truth is Truth.FALSE
    apart = Problem(here.problem.model, here.problem.data, "half-squared").at(here.point)
    assert gauss_newton_is_gram(apart).truth is Truth.TRUE
    # there is a residual here, so the whole Hessian is something else
    assert is_gram(apart).truth is Truth.FALSE
    assert enters_times_slope(here).truth is Truth.TRUE


def test_gram_of_the_cosine_example_by_hand():
    # f = a + bx + c cos x at x = 0, π/3, π/2, π: Σ1 = 4, Σcos² = 1 + 1/4 + 0 + 1, Σcos = 1/2
    G = gram(features(cosine_features())).to_numpy()
    x = np.array([0, np.pi / 3, np.pi / 2, np.pi])
    columns = np.stack([np.ones(4), x, np.cos(x)])
    assert np.allclose(G, columns @ columns.T)
    assert np.isclose(G[2, 2], 2.25) and np.isclose(G[0, 2], 0.5)
    assert independent_features(cosine_features()) == 3


def test_dependent_features_are_counted():
    # sin²x, cos²x and 1 span two dimensions
    here = closed_form(
        "a*sin(x)**2 + b*cos(x)**2 + c", "a b c", "x", [1, 2, 3, 4], [0] * 4,
        {"a": 1, "b": 1, "c": -1},
    )  # fmt: skip
    assert independent_features(here) == 2


def test_feature_along_is_a_directional_derivative():
    here = _gallery("X8")
    v = [constant(c) for c in (1, -2, "1/2", 3)]
    (phi,) = feature_along(here, v)
    a, b, u, w = 1.0, 2.0, 0.5, 0.5
    t = 1e-6

    def f(s: float, x: float) -> float:
        return (a + s) * np.tanh((u + s / 2) * x) + (b - 2 * s) * np.tanh((w + 3 * s) * x)

    from hessrank.symbolic.expressions.exchange.to_sympy import to_sympy

    for x in (1.0, 2.0, -0.3):
        (name,) = to_sympy(phi).free_symbols
        value = float(to_sympy(phi).subs(name, x))
        assert value == pytest.approx((f(t, x) - f(-t, x)) / (2 * t), abs=1e-7)


def test_golden_ratio_eigenfeatures():
    # F = (a + b, a): H = JᵀJ = ((2, 1), (1, 1)), eigenvalues (3 ± √5)/2
    here = closed_form(["a + b", "a"], "a b", "", [[]], [[1, 1]], {"a": 1, "b": 0})
    field, found = eigen_features(here)
    values = [float(field.ball(e.eigenvalue, 64).mid()) for e in found]
    assert values == pytest.approx([(3 - 5**0.5) / 2, (3 + 5**0.5) / 2])
    assert all(e.norm == e.eigenvalue * e.square for e in found)


# --- layers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["tanh", "relu", "square"])
def test_transformed_network_is_the_same_function(activation):
    """On inputs that were not used to find the basis, in floating point."""
    sigma = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0), "square": np.square}[activation]
    points = [1, 2, -1, 1, "1/2", 0, "1/3", 1, 3, -2, 1]
    here = fitted_net([1, 3, 1], activation, [["1/2"], [1], [-2]], points[:10], bias=True)
    first, second = layer_basis(here, 1), layer_basis(here, 2)
    for basis in (first, second):
        assert is_orthogonal(basis).truth is Truth.TRUE
        assert keeps_function(basis).truth is Truth.TRUE
        assert adds_in_squares(basis).truth is Truth.TRUE
    W1, W2 = (b.matrix(b.W).to_numpy() for b in (first, second))
    T1, N1 = (first.matrix(m).to_numpy() for m in (first.T, first.new_W))
    T2, N2 = (second.matrix(m).to_numpy() for m in (second.T, second.new_W))
    for x in np.random.default_rng(3).normal(size=(5, 1)):
        old = W2 @ np.append(sigma(W1 @ np.append(x, 1)), 1)
        new = N2 @ (T2 @ np.append(sigma(N1 @ (T1 @ np.append(x, 1))), 1))
        assert np.allclose(old, new)


def test_a_wrong_basis_is_noticed():
    here = fitted_net([2, 1], "identity", [[0, 1], [1, 0], [1, 1]], [3, 1])
    basis = layer_basis(here, 1)
    tilted = basis.T.copy()
    tilted[0, 0] = tilted[0, 0] + 1
    broken = replace(basis, T=tilted, b=basis.a @ tilted.T)
    assert keeps_function(broken).truth is Truth.FALSE
    assert is_orthogonal(broken).truth is Truth.FALSE


def test_cancellation_needs_a_unique_basis():
    # Σ a aᵀ = 4I on {±1}²: every orthogonal basis will do, also x₁ + x₂, which is the output
    signs = [[-1, -1], [-1, 1], [1, -1], [1, 1]]
    twin = layer_basis(fitted_net([2, 1], "identity", signs, [1, 1]), 1)
    assert never_opposes(twin).truth is Truth.UNDECIDED
    # on {±1} × {±2} it is diag(4, 16), and 2x₁ and x₂ cancel at (1, −2)
    uneven = [[a, 2 * b] for a, b in signs]
    one = layer_basis(fitted_net([2, 1], "identity", uneven, [2, 1]), 1)
    assert never_opposes(one).truth is Truth.FALSE


# --- spectra -------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(SYMMETRIC)
def test_spectrum_against_numpy(S):
    found = [float(e.ball(64).mid()) for e in spectrum(S) for _ in range(e.multiplicity)]
    assert np.allclose(found, np.linalg.eigvalsh(np.array(S, dtype=float)), atol=1e-6)
    zeros = sum(e.multiplicity for e in spectrum(S) if e.is_zero)
    assert zeros == len(S) - sympy.Matrix(S).rank()


@settings(max_examples=60, deadline=None)
@given(SYMMETRIC)
def test_eigenbasis_against_numpy(S):
    field = Field()
    exact = [[fmpq(v) for v in row] for row in S]
    try:
        pairs = eigenbasis(exact, field)
    except UndecidedError:
        assert any(len(e.factor) > 3 for e in spectrum(S))
        return
    V = np.array([[float(field.ball(c, 64).mid()) for c in v] for _, v in pairs])
    values = [float(field.ball(l, 64).mid()) for l, _ in pairs]
    assert len(pairs) == len(S)
    assert np.allclose(V @ np.array(S, dtype=float), np.diag(values) @ V, atol=1e-8)
    off = V @ V.T - np.diag(np.diag(V @ V.T))
    assert np.allclose(off, 0, atol=1e-8) and np.linalg.matrix_rank(V) == len(S)


def test_eigenvalues_compare_exactly():
    # √2 as a root of x² − 2 against 99/70 and 141/100, its neighbours
    (_, root) = spectrum([[1, 1], [1, -1]])
    (above,) = spectrum([[Fraction(99, 70)]])
    (below,) = spectrum([[Fraction(141, 100)]])
    assert (root.compare(above), root.compare(below), root.compare(root)) == (-1, 1, 0)


# --- volumes -------------------------------------------------------------------------------------


def test_ball_constants():
    """π^(n/2)/Γ(n/2 + 1), DLMF 5.19.4."""
    from hessrank.symbolic.expressions.exchange.to_sympy import to_sympy

    for n in range(1, 9):
        expected = sympy.pi ** sympy.Rational(n, 2) / sympy.gamma(sympy.Rational(n, 2) + 1)
        assert sympy.simplify(to_sympy(ball_constant(n)) - expected) == 0


def test_area_of_an_ellipse():
    """½(2x² + 8y²) < ε has the half-axes √ε and √ε/2: area π·ε/2."""
    from hessrank.symbolic.expressions.exchange.to_sympy import to_sympy

    area = to_sympy(quadratic_volume([[2, 0], [0, 8]], Fraction(1, 3)))
    assert sympy.simplify(area - sympy.pi / 6) == 0
    with pytest.raises(InputError):
        quadratic_volume([[1, 1], [1, 1]], Fraction(1))


def test_volume_by_counting():
    """A tilted ellipsoid in three dimensions by sampling a box, 5 standard deviations."""
    H = np.array([[4, 1, 0], [1, 3, 1], [0, 1, 2]])
    rng, n, half = np.random.default_rng(5), 200_000, 1.2
    points = rng.uniform(-half, half, size=(n, 3))
    share = np.mean(np.einsum("ni,ij,nj->n", points, H, points) / 2 < 1)
    box = (2 * half) ** 3
    widths = float(product_of_widths(H.tolist(), Fraction(1)).mid())
    volume = 4 / 3 * np.pi * widths
    error = box * np.sqrt(share * (1 - share) / n)
    assert abs(share * box - volume) < 5 * error
    assert volume == pytest.approx(4 / 3 * np.pi * np.sqrt(8 / np.linalg.det(H)))


def test_prior_weight_against_quadrature():
    """E exp(−βL) under N(0, s²I) by Gauss–Hermite quadrature (NumPy): β = 3, s² = ½, b = 3/2."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    x, y = np.meshgrid(nodes * 0.5**0.5, nodes * 0.5**0.5)
    L = (2 * x * x + 2 * x * y + 3 * y * y) / 2
    whole = np.einsum("ij,i,j->", np.exp(-3 * L), weights, weights) / (2 * np.pi)
    det = spread([[2, 1], [1, 3]])(fmpq(3, 2))
    assert whole == pytest.approx((int(det.p) / int(det.q)) ** -0.5, rel=1e-8)


def test_crossover_by_hand():
    """1 + 8b = (1 + b)² at b = 6 alone."""
    first, second = [[8, 0], [0, 0]], [[1, 0], [0, 1]]
    (b,) = crossovers(first, second)
    assert b.contains(6) and float(b.rad()) < 1e-30
    at = [holds_more(first, second, Fraction(q)) for q in (5, 6, 7)]
    assert at == [-1, 0, 1]
    assert crossovers([[1, 0], [0, 0]], [[2, 0], [0, 1]]) == ()
    with pytest.raises(InputError):
        crossovers(first, first)


# --- exponents -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X1", Fraction(1, 2)),  # L = ½(t² + 1)² = ½ + t² + …: a parabola
        ("X4", Fraction(1, 4)),  # ½t⁴ < ε: an interval of length 2(2ε)^(1/4)
        ("X2", Fraction(1, 4)),  # θ⁴ + ¼
        ("X5", Fraction(1)),  # 8x² + 2|θ|⁴: weights ½, ¼, ¼
        ("X11", Fraction(1, 2)),  # a regular curve in the plane: a strip of width ~ √ε
        ("X7", Fraction(1)),  # H = 100 I in the plane
        ("X3", Fraction(0)),  # L is constant
    ],
)
def test_exponents(name, value):
    found = exponent(_gallery(name))
    assert found.decided and found.lower == value


def test_exponent_by_counting():
    """The share of a box below ε and ε/16 for s⁴ + 3t² − s³t/2 (weights ¼, ½): 16^(3/4)."""
    assert leading_exponent({(4, 0): fmpq(1), (0, 2): fmpq(3), (3, 1): fmpq(-1, 2)})[0] == Fraction(
        3, 4
    )
    s, t = np.random.default_rng(1).uniform(-0.3, 0.3, size=(2, 2_000_000))
    loss = s**4 + 3 * t**2 - s**3 * t / 2
    many, few = np.sum(loss < 4e-3), np.sum(loss < 4e-3 / 16)
    assert few > 1000
    assert np.log(many / few) / np.log(16) == pytest.approx(0.75, abs=0.02)


def test_no_exponent_without_a_positive_leading_form():
    # (s − t²)² = s² − 2st² + t⁴ vanishes along a curve: its exponent is ½, not ¾
    assert leading_exponent({(2, 0): fmpq(1), (1, 2): fmpq(-2), (0, 4): fmpq(1)}) is None
    assert leading_exponent({(3,): fmpq(1)}) is None
    assert leading_exponent({(2, 0): fmpq(1), (1, 1): fmpq(5), (0, 4): fmpq(1)}) is None
    curve = closed_form("s - t**2", "s t", "", [[]], [0], {"s": 0, "t": 0})
    assert exponent(curve).lower == exponent(curve).upper == Fraction(1, 2)


def test_bounds_never_cross():
    """T7 on every local minimum of the gallery of at most 16 parameters."""
    seen = 0
    for name in ids():
        here = _gallery(name)
        if here.problem.N > 16:
            continue
        try:
            found = exponent_bounds(here)
        except UndecidedError:
            continue
        seen += 1
        assert 0 <= found.lower <= found.upper <= Fraction(here.problem.N, 2), name
    assert seen > 15


@pytest.mark.parametrize(
    ("form", "truth"),
    [
        ("(x + y**2)**2", Fraction(1, 2)),  # u² with u = x + y² as coordinate; not ½ + ¼
        ("(x - y**3)**2", Fraction(1, 2)),
        ("x**2*y**2 + z**2", Fraction(1)),  # vol ~ ε^½ · ε^½ log(1/ε); not ½ + ½ + ½
        ("x**2*y**4 + z**2", Fraction(3, 4)),
        ("x**2*y**2", Fraction(1, 2)),
        ("x**2 + y**4", Fraction(3, 4)),
        ("x**4 + y**4 + z**2", Fraction(1)),
        ("x**2 + 2*x*y + y**2", Fraction(1, 2)),
    ],
)
def test_exponents_never_leave_the_true_one_out(form, truth):
    """λ by hand: coordinates that straighten a manifold of minima, and λ of a sum in separate
    variables is the sum (Watanabe, Algebraic Geometry and Statistical Learning Theory, 7.2)."""
    names = [n for n in "xyz" if n in form]
    model = Model.from_expressions(form, names)
    found = exponent(Problem(model, Data([[]], [[0]]), "o").at(dict.fromkeys(names, 0)))
    assert found.lower <= truth <= found.upper, found
