"""Exact inertia: the factorisation is replayed, and counted against NumPy and theorems."""

from fractions import Fraction

import flint
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from hessrank.symbolic.errors import InputError, UndecidedError
from hessrank.symbolic.linear_algebra.inertia import (
    Definiteness,
    Inertia,
    factorise,
    inertia,
    restrict,
)


def sign(x):
    return (x > 0) - (x < 0)


def quadratic(S, v):
    n = len(v)
    return sum((v[i] * S[i][j] * v[j] for i in range(n) for j in range(n)), Fraction(0))


def check(S, **options):
    """S[order][:, order] = L D Lᵀ exactly, and the direction of negative curvature is one."""
    found = factorise(S, **options)
    n = len(found.order)
    D = [[Fraction(0)] * n for _ in range(n)]
    start = 0
    for block in found.blocks:
        for i, row in enumerate(block):
            for j, x in enumerate(row):
                D[start + i][start + j] = x
        start += len(block)
    assert start == n and sorted(found.order) == list(range(n))
    L = found.L
    assert all(L[i][i] == 1 and not any(L[i][i + 1 :]) for i in range(n))
    LD = [[sum(L[i][k] * D[k][j] for k in range(n)) for j in range(n)] for i in range(n)]
    for i in range(n):
        for j in range(n):
            entry = sum(LD[i][k] * L[j][k] for k in range(n))
            assert entry == S[found.order[i]][found.order[j]]
    v = found.negative_direction()
    assert (v is None) == (found.inertia.negative == 0)
    if v is not None:
        assert quadratic(S, v) < 0
    return found.inertia


@st.composite
def forms(draw):
    """BᵀDB for B of full row rank is congruent to D plus zeros: (S, inertia by Sylvester's law)."""
    n = draw(st.integers(0, 7))
    signs = draw(st.lists(st.sampled_from([-1, 1]), max_size=n))
    r = len(signs)
    upper = [
        [Fraction(draw(st.integers(-3, 3)), draw(st.integers(1, 3))) for _ in range(n)]
        for _ in range(r)
    ]
    B = [[upper[i][j] if j > i else Fraction(int(i == j)) for j in range(n)] for i in range(r)]
    p = draw(st.permutations(range(n)))
    S = [
        [sum((B[k][p[i]] * signs[k] * B[k][p[j]] for k in range(r)), Fraction(0)) for j in range(n)]
        for i in range(n)
    ]
    return S, Inertia(signs.count(1), signs.count(-1), n - r)


@settings(max_examples=150, deadline=None)
@given(forms())
def test_sylvester(case):
    S, expected = case
    assert check(S) == expected
    assert check(S, sign=sign) == expected


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 8), st.integers(0, 2**32), st.booleans())
def test_agrees_with_numpy_eigenvalues(n, seed, hollow):
    """Random integer matrices; with a zero diagonal they need 2x2 pivots."""
    A = np.random.default_rng(seed).integers(-4, 5, (n, n))
    S = A + A.T
    if hollow:
        np.fill_diagonal(S, 0)
    values = np.linalg.eigvalsh(S)
    tolerance = 1e-9
    found = check(S.tolist())
    assert found.positive == int((values > tolerance).sum())
    assert found.negative == int((values < -tolerance).sum())


def test_fraction_free_and_field_elimination_agree():
    A = np.random.default_rng(4).integers(-9, 10, (25, 15))
    S = (A @ np.diag([1] * 9 + [-1] * 6) @ A.T).tolist()
    exact = [[Fraction(x) for x in row] for row in S]
    assert check(S) == factorise(exact, sign=sign).inertia == Inertia(9, 6, 10)


def test_two_hundred_rows():
    A = np.random.default_rng(5).integers(-99, 100, (200, 60))
    assert inertia(A @ A.T) == Inertia(60, 0, 140)


def test_an_order_that_the_guessing_prime_misses():
    """The entry is a multiple of the prime that guesses the order, so the guess has rank 1."""
    p = 8388593
    assert inertia([[1, 0], [0, -p]]) == Inertia(1, 1, 0)
    assert inertia([[p, 0], [0, -p]]) == Inertia(1, 1, 0)
    assert inertia([[p, 1], [1, 0]]) == Inertia(1, 1, 0)


@pytest.mark.parametrize(
    ("S", "expected"),
    [
        ([[2, 1], [1, 2]], Definiteness.POSITIVE_DEFINITE),
        ([[1, 1], [1, 1]], Definiteness.POSITIVE_SEMIDEFINITE),
        ([[-2, 1], [1, -2]], Definiteness.NEGATIVE_DEFINITE),
        ([[-1, 1], [1, -1]], Definiteness.NEGATIVE_SEMIDEFINITE),
        ([[0, 1], [1, 0]], Definiteness.INDEFINITE),
        ([[1, 0], [0, -1]], Definiteness.INDEFINITE),
        ([[0, 0], [0, 0]], Definiteness.ZERO),
        ([], Definiteness.ZERO),
    ],
)
def test_definiteness(S, expected):
    """By the definitions: x² + xy + y² and so on."""
    assert check(S).definiteness is expected


@pytest.mark.parametrize("n", [2, 5, 30])
def test_hilbert_is_positive_definite(n):
    """Σ a_i a_j / (i+j+1) = ∫ (Σ a_i t^i)² dt (Hilbert 1894)."""
    H = [[Fraction(1, i + j + 1) for j in range(n)] for i in range(n)]
    assert inertia(H) == Inertia(n, 0, 0)


@pytest.mark.parametrize("n", [1, 2, 3, 8])
def test_softmax_hessian(n):
    """diag(p) - ppᵀ is positive semidefinite with kernel (1, ..., 1) (claims T4, X15)."""
    p = [Fraction(k + 1, n * (n + 1) // 2) for k in range(n)]
    A = [[(p[i] if i == j else 0) - p[i] * p[j] for j in range(n)] for i in range(n)]
    assert check(A) == Inertia(n - 1, 0, 1)


def test_subspace():
    S = [[1, 0, 0], [0, -1, 0], [0, 0, Fraction(1, 2)]]
    assert inertia(restrict(S, [(1, 0, 0), (0, 0, 1)])) == Inertia(2, 0, 0)
    assert inertia(restrict(S, [(1, 1, 0)])) == Inertia(0, 0, 1)
    assert inertia(restrict(S, [])) == Inertia(0, 0, 0)
    assert restrict(flint.fmpz_mat([[1, 2], [2, 5]]), [(1, 1)]) == [[10]]
    with pytest.raises(InputError, match="2 entries"):
        restrict(S, [(1, 0)])


class Surd:
    """a + b√2 with exact sign: a field of its own, to show that only + - * / and sign are used."""

    def __init__(self, a, b=0):
        self.a, self.b = Fraction(a), Fraction(b)

    @staticmethod
    def of(x):
        return x if isinstance(x, Surd) else Surd(x)

    def __add__(self, other):
        other = Surd.of(other)
        return Surd(self.a + other.a, self.b + other.b)

    def __sub__(self, other):
        other = Surd.of(other)
        return Surd(self.a - other.a, self.b - other.b)

    def __mul__(self, other):
        other = Surd.of(other)
        return Surd(self.a * other.a + 2 * self.b * other.b, self.a * other.b + self.b * other.a)

    def __truediv__(self, other):
        other = Surd.of(other)
        norm = other.a**2 - 2 * other.b**2
        return self * Surd(other.a / norm, -other.b / norm)

    def __neg__(self):
        return Surd(-self.a, -self.b)

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return Surd.of(other) - self

    def sign(self):
        same = sign(self.a) * sign(self.b) >= 0
        if same:
            return sign(self.a) or sign(self.b)
        return sign(self.a) * sign(self.a**2 - 2 * self.b**2)


@pytest.mark.parametrize(
    ("c", "expected"),
    [(Surd(2), Inertia(1, 0, 1)), (Surd(1, 1), Inertia(2, 0, 0)), (Surd(0, 1), Inertia(1, 1, 0))],
)
def test_another_field(c, expected):
    """[[1, √2], [√2, c]] has determinant c - 2."""
    S = [[Surd(1), Surd(0, 1)], [Surd(0, 1), c]]
    found = factorise(S, sign=lambda x: Surd.of(x).sign())
    assert found.inertia == expected
    assert (found.negative_direction() is None) == (expected.negative == 0)
    v = found.negative_direction()
    if v is not None:
        v = [Surd.of(x) for x in v]
        form = v[0] * S[0][0] * v[0] + v[0] * S[0][1] * v[1] * Surd(2) + v[1] * S[1][1] * v[1]
        assert form.sign() < 0


def test_an_undecided_sign_passes_through():
    def unknown(x):
        raise UndecidedError("no sign")

    with pytest.raises(UndecidedError):
        factorise([[1]], sign=unknown)


@pytest.mark.parametrize(
    ("S", "message"),
    [
        ([[1, 2], [3, 4]], "not symmetric: entries \\(1, 0\\)"),
        ([[1, 2]], "1 rows, but row 0 has 2"),
        ([[0.5]], "not an exact rational"),
    ],
)
def test_bad_input(S, message):
    with pytest.raises(InputError, match=message):
        factorise(S)


@pytest.mark.parametrize("seed", range(30))
def test_hyperbolic_planes_beside_squares(seed):
    """BᵀDB with D = squares ⊕ planes ((0, b), (b, 0)) ⊕ zeros, each plane one eigenvalue of each
    sign (Sylvester); B unit upper triangular in the order squares, planes: pivots of size 1 come
    before those of size 2, and between them where the order is mixed."""
    rng = np.random.default_rng(seed)
    squares = [int(v) for v in rng.choice([-2, -1, 1, 3], rng.integers(0, 4))]
    planes = [int(v) for v in rng.choice([-1, 1, 2], rng.integers(1, 3))]
    n = len(squares) + 2 * len(planes) + int(rng.integers(0, 2))
    D = np.zeros((n, n), dtype=int)
    for i, d in enumerate(squares):
        D[i, i] = d
    for k, b in enumerate(planes):
        i = len(squares) + 2 * k
        D[i, i + 1] = D[i + 1, i] = b
    B = np.triu(rng.integers(-1, 2, (n, n)), 1) * int(rng.integers(0, 2)) + np.eye(n, dtype=int)
    S = [[Fraction(int(v)) for v in row] for row in B.T @ D @ B]
    if seed % 2:
        p = rng.permutation(n)
        S = [[S[i][j] for j in p] for i in p]
    positive = sum(d > 0 for d in squares) + len(planes)
    negative = sum(d < 0 for d in squares) + len(planes)
    expected = Inertia(positive, negative, n - positive - negative)
    assert check(S) == check(S, sign=sign) == expected
    assert inertia(S) == inertia(S, sign) == expected


def test_over_a_number_field():
    """Over Q(√2): (1, √2; √2, 2) is a square, (1, √2; √2, 1) has the determinant −1."""
    root = sympy.sqrt(2)

    def exact_sign(x):
        return int(sympy.sign(sympy.nsimplify(sympy.simplify(x))))

    assert inertia([[1, root], [root, 2]], exact_sign) == Inertia(1, 0, 1)
    assert inertia([[1, root], [root, 1]], exact_sign) == Inertia(1, 1, 0)
    assert inertia([[0, root], [root, 0]], sign=exact_sign) == Inertia(1, 1, 0)


def test_nothing_and_one_number():
    for S, expected in (
        ([], (0, 0, 0)),
        ([[5]], (1, 0, 0)),
        ([[-5]], (0, 1, 0)),
        ([[0]], (0, 0, 1)),
    ):
        assert inertia(S) == Inertia(*expected)
        assert check(S) == Inertia(*expected)
