"""Inertia by balls, against eigenvalues that are known and against exact LDLᵀ."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

import hessrank as hr
from hessrank.symbolic.linear_algebra.ball_inertia import ball_inertia, eigenvalue_signs
from hessrank.symbolic.linear_algebra.inertia import Inertia, inertia

small = st.integers(-3, 3)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_agrees_with_a_congruence_of_known_signs(data: st.DataObject) -> None:
    """PᵀDP with P unit triangular has the signs of D (Sylvester), whatever P is."""
    n = data.draw(st.integers(1, 6))
    D = data.draw(st.lists(st.sampled_from([-2, -1, 0, 0, 1, 3]), min_size=n, max_size=n))
    P = [[1 if i == j else data.draw(small) if j > i else 0 for j in range(n)] for i in range(n)]
    S = fmpq_mat([[fmpq(x) for x in row] for row in P])
    S = (
        S.transpose()
        * fmpq_mat([[fmpq(D[i] if i == j else 0) for j in range(n)] for i in range(n)])
        * S
    )
    rows = [[arb(x) for x in row] for row in S.tolist()]
    expected = Inertia(sum(d > 0 for d in D), sum(d < 0 for d in D), D.count(0))
    assert ball_inertia(lambda bits: rows, n, expected.rank) in (expected, None)
    assert ball_inertia(lambda bits: rows, n, expected.rank) == expected or expected.rank > 4
    assert inertia([[Fraction(int(x.p), int(x.q)) for x in row] for row in S.tolist()]) == expected


def test_balls_that_hold_a_singular_matrix_show_nothing() -> None:
    assert eigenvalue_signs_of([[arb(0, 1e-3)]]) is None
    assert eigenvalue_signs_of([[arb(1), arb(1, 1e-3)], [arb(1, 1e-3), arb(1)]]) is None


def eigenvalue_signs_of(rows: list[list[arb]]) -> tuple[int, int] | None:
    import numpy as np

    return eigenvalue_signs(np.array(rows, dtype=object))


@pytest.mark.parametrize("activation", ["tanh", "softplus", "gelu"])
def test_hessians_at_decimals_are_counted(activation: str) -> None:
    """Where H has full rank its signs are those of the floats' eigenvalues (none is near 0)."""
    import numpy as np

    point = {"W1": [[0.5, 1], [-1, 0.25], [1, 1]], "b1": [0.1, 0, -0.2], "W2": [[1, 0.7, -0.3]]}
    flat = [hr.exact(v) for v in np.concatenate([np.ravel(v) for v in point.values()])] + [0]
    x = [[0, 0], [0, 1], [1, 0], [1, 1], ["1/2", 2]]
    problem = hr.Problem(hr.mlp([2, 3, 1], activation), hr.Data(x, [0, 1, 1, 0, 2]))
    here = problem.at(dict(zip(problem.model.parameters, flat, strict=True)))
    values = np.linalg.eigvalsh(here.hessian.to_numpy())
    rank = here.rank("hessian")
    assert rank.decided and rank.lower == len(values)
    assert here.inertia("hessian") == Inertia(int((values > 0).sum()), int((values < 0).sum()), 0)
    assert here.inertia("gauss_newton").negative == 0


def test_only_symmetric_matrices_have_inertia() -> None:
    here = hr.Problem(hr.mlp([1, 1], "tanh"), hr.Data([1], [0])).at({"w1_1_1": 1, "b1_1": 0})
    with pytest.raises(hr.InputError, match="symmetric"):
        here.inertia("jacobian")
