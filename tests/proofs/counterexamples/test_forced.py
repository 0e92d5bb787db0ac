"""What is excluded for all labels never excludes a planted minimum: Taylor's series by hand.

With r in ker Jᵀ and F = Jθ + Q + C + D, homogeneous of degrees 1 to 4, L = |F + r|²/2 − |r|²/2 is

    r·Q + |Jθ|²/2   +   r·C + Jθ·Q   +   r·D + |Q|²/2 + Jθ·C   +   terms of degree 5 and above.

r has an entry ±1, so one output of Q, C, D makes these ½θᵀHθ for a chosen H ⪰ 0, 0 and |θ|⁴. Then
0 is a strict local minimum with that Hessian, whatever the rest is.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
import sympy
from flint import fmpq, fmpq_poly

from hessrank.proofs.counterexamples import forced
from hessrank.proofs.counterexamples.labels import labels
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.models.models import Model, mlp


def planted(seed):
    """(outputs, names, rank J, rank H < rank J)."""
    rng = random.Random(seed)
    N = rng.randint(1, 3)
    rank = rng.randint(1, N)
    M = rank + rng.randint(1, 2)
    t = sympy.symbols("s t u")[:N]
    basis = [[rng.randint(-1, 2) for _ in range(N)] for _ in range(rank)]
    rows = [list(b) for b in basis] + [
        [sum(k * b[j] for k, b in zip(mix, basis, strict=True)) for j in range(N)]
        for mix in ([rng.randint(-1, 1) for _ in basis] for _ in range(M - rank))
    ]
    J = sympy.Matrix(rows)
    rank = J.rank()
    left = J.T.nullspace()
    r = left[rng.randrange(len(left))]
    r = r * sympy.ilcm(*[v.q for v in r])
    one = next((m for m in range(M) if abs(r[m]) == 1), None)
    lower = rng.randint(0, rank - 1) if rank else 0
    if one is None or not rank:
        return None
    V = sympy.Matrix(lower, N, lambda i, j: rng.randint(-2, 2))
    H = V.T * V
    theta = sympy.Matrix(t)
    linear = J * theta

    def form(degree):
        terms = sympy.itermonomials(t, degree, degree)
        return sum(rng.choice([-1, 0, 0, 1]) * m for m in terms)

    Q, C, D = ([form(k) for _ in range(M)] for k in (2, 3, 4))
    square = sum(v**2 for v in linear)

    def mend(parts, wanted):
        rest = sum(r[m] * parts[m] for m in range(M) if m != one)
        parts[one] = sympy.expand((wanted - rest) / r[one])

    mend(Q, (theta.T * H * theta)[0] / 2 - square / 2)
    mend(C, -sum(a * b for a, b in zip(linear, Q, strict=True)))
    rest = sum(q**2 for q in Q) / 2 + sum(a * b for a, b in zip(linear, C, strict=True))
    mend(D, sum(v**2 for v in t) ** 2 - rest)
    outputs = [sympy.expand(a + b + c + d) for a, b, c, d in zip(linear, Q, C, D, strict=True)]
    return [str(o) for o in outputs], [str(v) for v in t], rank, H.rank()


@pytest.mark.parametrize("seed", range(60))
def test_a_planted_minimum_of_lower_rank_is_never_excluded(seed):
    made = planted(seed)
    if made is None:
        return
    outputs, names, rank, lower = made
    found = labels(Model.from_expressions(outputs, names), [[]], dict.fromkeys(names, 0))
    assert int(found.rank_jacobian) == rank > lower
    assert found.fewer.exists is not Truth.FALSE, (outputs, found.fewer.why)


@pytest.mark.parametrize("seed", range(20))
def test_common_zeros_as_sympy_sees_them(seed):
    """Values at 0, 1, … of polynomials with and without a common factor."""
    rng = random.Random(seed)
    c = sympy.Symbol("c")
    parts = [sum(rng.randint(-3, 3) * c**k for k in range(3)) + c**3 for _ in range(2)]
    if seed % 2:
        parts = [p * (c**2 - 2) for p in parts]
    f, g = (sympy.Poly(p, c) for p in parts)
    common = sympy.gcd(f, g).degree() > 0
    values = [[_exact(p.eval(k)) for k in range(p.degree() + 1)] for p in (f, g)]
    found = forced._common_zeros(*values, Field())
    assert found is None if common else found == []
    by_balls = [[_exact(v) for v in reversed(p.all_coeffs())] for p in (f, g)]
    assert forced._resultant_not_zero(*by_balls, Field()) is not common
    assert fmpq_poly(forced._coefficients(values[0])) == fmpq_poly(by_balls[0])


def test_common_zeros_that_are_rational_are_named():
    c = sympy.Symbol("c")
    common = (2 * c - 1) * (c + 3) * (c**2 + 1)
    f, g = (sympy.Poly(common * p, c) for p in (c - 7, c**2 + c + 1))
    values = [[_exact(p.eval(k)) for k in range(p.degree() + 1)] for p in (f, g)]
    assert sorted(forced._common_zeros(*values, Field())) == [-3, sympy.Rational(1, 2)]
    real = [[_exact((p * (c**2 - 2)).eval(k)) for k in range(p.degree() + 3)] for p in (f, g)]
    assert forced._common_zeros(*real, Field()) is None  # √2 is not asked
    nothing = [fmpq(0)] * 3
    assert forced._common_zeros(nothing, nothing, Field()) is None


def test_two_residuals_are_left_and_asked():
    """x, y with F = (x, y, 2xy, x² + y² …): at c = ±1 H loses rank along (1, ∓1)."""
    model = Model.from_expressions(["x", "y", "x*y"], "x y")
    found = labels(model, [[]], {"x": 0, "y": 0}, "sum-of-squares")
    # r = c·(0, 0, 1): H = 2I + c·[[0, 1], [1, 0]], singular at c = ±2; there L = (x ∓ y)² + x²y²
    assert found.fewer.exists is Truth.TRUE and int(found.fewer.rank_hessian) == 1
    assert "c = " in found.fewer.why or "(1, " in found.fewer.why


def test_a_fall_at_each_zero_excludes_all():
    """The third output bends down along both lines: L = (x ∓ y)² ∓ … falls at c = ±2."""
    model = Model.from_expressions(["x", "y", "x*y - 3*x**2*y**2"], "x y")
    here = {"x": 0, "y": 0}
    found = labels(model, [[]], here, "sum-of-squares")
    # x = ±y = t with c = ∓2: c·(±t² − 3t⁴) + 2t² + t⁴ + … = (1 ± 6)t⁴ + …, and one sign is +
    assert found.fewer.exists is Truth.TRUE
    both = Model.from_expressions(["x", "y", "x*y - 3*x**3*y - 3*x*y**3"], "x y")
    # x = ±y = t with c = ∓2: c·(±t² ∓ 6t⁴) + 2t² + t⁴ + … = 13t⁴ + …
    assert labels(both, [[]], here, "sum-of-squares").fewer.exists is Truth.TRUE
    none = Model.from_expressions(["x", "y", "x*y + 3*x**3*y + 3*x*y**3"], "x y")
    # c·(±t² ± 6t⁴) + 2t² + t⁴ + … = −11t⁴ + …: L falls along both
    excluded = labels(none, [[]], here, "sum-of-squares").fewer
    assert excluded.exists is Truth.FALSE, excluded.why


def _exact(v):
    return fmpq(int(sympy.numer(v)), int(sympy.denom(v)))


@pytest.mark.parametrize(
    ("x", "first", "second", "third", "words"),
    [  # F(−x) = −F(x), so ∇²F cancels on x = ±1; and units that cancel at θ
        ([1, -1, 2], ["log(2)", "log(3)"], [1, -2], [1], "D²f term is 0"),
        ([1, 2, 3], ["log(2)"], [1, 1], [1, -1], "zeros on the diagonal"),
        ([1, -1, 2, 3], ["log(2)"], [1, 1], [1, -1], "zeros on the diagonal"),
        ([1, -1, -2, 3], ["log(2)"], [0, 1], [1, 0], "zeros on the diagonal"),
    ],
)
def test_null_spaces_too_large_to_carry(x, first, second, third, words):
    widths = [1, len(first), len(second) // len(first), 1]
    net = mlp(widths, "tanh", bias=False)
    found = labels(net, [[v] for v in x], [*first, *second, *third])
    for answer in (found.more, found.fewer):
        assert answer.exists is Truth.FALSE and words in answer.why
    assert float_labels_never(net, x, [*first, *second, *third])


def float_labels_never(net, x, point):
    """Random critical labels in floats: no H ⪰ 0 has another rank than J."""
    values = [float(sympy.sympify(str(v))) for v in point]
    names = list(net.parameters)
    theta = sympy.symbols(names)
    outputs = [sympy.sympify(str(f)).subs("x1", v) for v in x for f in net.outputs]
    at = dict(zip(theta, values, strict=True))
    J = np.array([[float(sympy.diff(f, t).subs(at)) for t in theta] for f in outputs], dtype=float)
    second = np.array(
        [[[float(sympy.diff(f, s, t).subs(at)) for t in theta] for s in theta] for f in outputs]
    )
    rank = np.linalg.matrix_rank(J, tol=1e-9)
    _, _, V = np.linalg.svd(J.T)
    left = V[rank:]
    rng = np.random.default_rng(0)
    for _ in range(200):
        r = rng.normal(size=len(left)) @ left * 10 ** rng.uniform(-3, 2)
        eigenvalues = np.linalg.eigvalsh(J.T @ J + np.tensordot(r, second, 1))
        if eigenvalues.min() > -1e-9 and (abs(eigenvalues) > 1e-6).sum() != rank:
            return False
    return True
