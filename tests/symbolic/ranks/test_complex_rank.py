"""Complex entries and SymPy's odd symbols: the rank is SymPy's own, or that of a known product."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import hessrank as hr

I = sympy.I
GAUSSIAN = st.builds(lambda a, b: a + b * I, st.integers(-3, 3), st.integers(-3, 3))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 3), st.data())
def test_products_of_gaussian_matrices(r: int, data: st.DataObject) -> None:
    """rank (A B) ≤ r, and what SymPy's own elimination over Q(i) says."""
    entries = data.draw(st.lists(GAUSSIAN, min_size=7 * r, max_size=7 * r))
    a, b = sympy.Matrix(4, r, entries[: 4 * r]), sympy.Matrix(r, 3, entries[4 * r :])
    product = (a * b).applyfunc(sympy.expand)
    found = hr.rank(product)
    assert int(found) == product.rank() <= r and found.status == "certified"
    assert found.shape == (4, 3)


@pytest.mark.parametrize("n", [2, 3, 4, 6, 8, 12])
def test_fourier_matrices_are_regular_and_their_projections_of_rank_one(n: int) -> None:
    """F Fᴴ = n I; v vᴴ has rank 1 for a column v of F."""
    z = sympy.exp(2 * sympy.pi * I / n)
    F = sympy.Matrix(n, n, lambda i, j: z ** (i * j % n))
    assert int(hr.rank(F[:, :2])) == 2
    v = F[:, 1]
    assert int(hr.rank(v * v.H)) == 1


def test_mixed_lists_and_functions() -> None:
    assert int(hr.rank([[1, I], [I, -1]])) == 1
    assert int(hr.rank([["sqrt(2)", I * sympy.sqrt(2)], [1, I]])) == 1
    x = sympy.Symbol("x")
    assert int(hr.generic_rank(sympy.Matrix([[x * I, 1], [-(x**2), x * I]]))) == 1
    assert int(hr.generic_rank(sympy.Matrix([[x * I, 1], [x**2, x * I]]))) == 2
    with pytest.raises(hr.InputError, match="complex number"):
        hr.rank(sympy.Matrix([[sympy.log(I + 2), 1]]))
    with pytest.raises(hr.InputError):
        hr.rank(sympy.Matrix([[x * I]]))


def test_different_symbols_stay_different_whatever_they_are_called() -> None:
    odd, one, two = sympy.Symbol("__h"), sympy.Dummy("x"), sympy.Dummy("x")
    assert int(hr.generic_rank(sympy.Matrix([[odd, one], [odd, two]]))) == 2
    assert int(hr.generic_rank(sympy.Matrix([[odd, one], [odd, one]]))) == 1
    names = [sympy.Symbol(n) for n in ("N", "I", "x y", "λ", "sympy_4e", "pi")]
    for i, a in enumerate(names):
        for b in names[:i]:
            assert int(hr.generic_rank(sympy.Matrix([[a, b], [b, a]]))) == 2
            assert int(hr.generic_rank(sympy.Matrix([[a, a], [a, a]]))) == 1


@pytest.mark.parametrize("k", [1500, 1000, 2000])
def test_high_exponentials_of_one_atom(k: int) -> None:
    assert hr.rank([[f"exp({2 * k})", f"exp({k})**2"], [1, 1]]).upper == 1
    assert int(hr.rank([[f"exp({2 * k})", f"exp({k + 1})**2"], [1, 1]])) == 2
