"""Products of object matrices: against NumPy's of integers, and where a multiplication raises."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from hessrank.numeric.differentiation.arithmetic import arithmetic
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.linear_algebra.object_matrices import matmul, object_array


class Raising:
    """A number whose k-th multiplication raises; all products are the one shared number."""

    count = 0
    at = 0
    shared: Raising

    def __mul__(self, other: object) -> Raising:
        Raising.count += 1
        if Raising.count == Raising.at:
            raise ZeroDivisionError
        return Raising.shared

    __rmul__ = __mul__

    def __add__(self, other: object) -> Raising:
        return Raising.shared

    __radd__ = __add__


def lost(product: Any, count: int, shared: Raising) -> list[int]:
    """At which multiplications that raise the number of references to `shared` changes."""
    Raising.shared, found = shared, []
    for k in range(1, count + 1):
        Raising.count, Raising.at = 0, k
        before = sys.getrefcount(shared)
        with pytest.raises(ZeroDivisionError):
            product()
        if sys.getrefcount(shared) != before:
            found.append(k)
    return found


@pytest.mark.parametrize("shapes", [((4, 4), (4, 4)), ((4, 4), (4,)), ((4,), (4,)), ((4,), (4, 3))])
def test_no_reference_is_lost_where_a_multiplication_raises(shapes: Any) -> None:
    shared = Raising()
    held = [shared] * 10_000  # so that none that is lost frees it
    A, B = (np.full(shape, shared, dtype=object) for shape in shapes)
    count = A.size * (B.size // len(B))
    assert lost(lambda: matmul(A, B), count, shared) == []
    assert lost(lambda: arithmetic(30).matmul(A, B), count, shared) == [] if A.ndim == 2 else True
    assert len(held) == 10_000


small = st.integers(-9, 9)


@given(st.data())
def test_products_are_numpys_of_integers(data: st.DataObject) -> None:
    m, k, l, n = (data.draw(st.integers(0, 3)) for _ in range(4))
    A, B, C = (
        np.array(data.draw(st.lists(small, min_size=a * b, max_size=a * b)), dtype=int).reshape(
            a, b
        )
        for a, b in ((m, k), (k, l), (l, n))
    )
    kind = data.draw(st.sampled_from([fmpq, arb, Fraction, int]))
    tables = [object_array([[kind(int(v)) for v in row] for row in T], T.shape) for T in (A, B, C)]
    found = matmul(*tables, zero=kind(0))
    assert found.shape == (m, n)
    assert [[int(float(v)) for v in row] for row in found.tolist()] == (A @ B @ C).tolist()
    if len(tables[0]) and m:
        assert [int(float(v)) for v in matmul(tables[0][0], tables[1], zero=kind(0))] == (
            A[0] @ B
        ).tolist()


def test_products_over_a_field() -> None:
    """(e, 0; 2, e)² = (e², 0; 4e, e²)."""
    field = Field()
    e = field.function("exp", fmpq(1))
    A = np.array([[e, fmpq(0)], [fmpq(2), e]], dtype=object)
    square = field.function("exp", fmpq(2))
    assert (matmul(A, A) == np.array([[square, fmpq(0)], [4 * e, square]], dtype=object)).all()


def test_shapes_that_do_not_multiply() -> None:
    with pytest.raises(InputError, match="do not multiply"):
        matmul(np.ones((2, 3), dtype=object), np.ones((2, 3), dtype=object))
