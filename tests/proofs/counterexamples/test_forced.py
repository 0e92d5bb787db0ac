"""What is excluded for all labels never excludes a planted minimum: Taylor's series by hand.

With r in ker Jᵀ and F = Jθ + Q + C + D, homogeneous of degrees 1 to 4, L = |F + r|²/2 − |r|²/2 is

    r·Q + |Jθ|²/2   +   r·C + Jθ·Q   +   r·D + |Q|²/2 + Jθ·C   +   terms of degree 5 and above.

r has an entry ±1, so one output of Q, C, D makes these ½θᵀHθ for a chosen H ⪰ 0, 0 and |θ|⁴. Then
0 is a strict local minimum with that Hessian, whatever the rest is.
"""

from __future__ import annotations

import random

import pytest
import sympy
from flint import fmpq_poly

from hessrank.proofs.counterexamples import forced
from hessrank.proofs.counterexamples.labels import labels
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.models.models import Model


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
    assert forced._coprime(*values, Field()) is not common
    by_balls = [[_exact(v) for v in reversed(p.all_coeffs())] for p in (f, g)]
    assert forced._resultant_not_zero(*by_balls, Field()) is not common
    assert fmpq_poly(forced._coefficients(values[0])) == fmpq_poly(by_balls[0])


def _exact(v):
    from flint import fmpq

    return fmpq(int(sympy.numer(v)), int(sympy.denom(v)))
