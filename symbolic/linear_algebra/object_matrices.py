"""Arrays whose elements are objects: how they are made, and how they are multiplied.

In: NumPy arrays of dtype object (closed forms, rationals, elements of a field, balls). Out: arrays
of the same kind.

NumPy's own product of object arrays (`A @ B`, `np.matmul`) gives up one reference too many where
the multiplication of two elements raises: the element may be freed while others still hold it, and
the interpreter crashes later. Here multiplications do raise, where a budget is spent, a field gives
up or the user interrupts; so no product of object arrays is taken by `@`. (Elementwise operations
and sums are sound.)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, Final, TypeAlias

import flint
import numpy as np
import numpy.typing as npt

from hessrank.symbolic.budget import spend
from hessrank.symbolic.errors import InputError

Array: TypeAlias = npt.NDArray[Any]

_RATIONAL_ZERO: Final = flint.fmpq(0)
#: Elements whose matrices are multiplied in C.
_IN_C: Final[dict[type, Any]] = {flint.fmpq: flint.fmpq_mat, flint.arb: flint.arb_mat}


def object_array(rows: Sequence[Sequence[Any]], shape: tuple[int, int]) -> Array:
    """Rows as an object array of that shape, also where it is empty.

    >>> object_array([], (0, 2)).shape
    (0, 2)
    """
    out = np.empty(shape, dtype=object)
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            out[i, j] = value
    return out


def matmul(*factors: Array, zero: Any = _RATIONAL_ZERO) -> Any:
    """The product of matrices (and of a vector at either end, as `@` has it), from the right; in C
    where all entries are rational or all are balls, by the kind's own `matmul` where it has one,
    else by the entries that are not 0. `zero` is the sum of no terms. Raises InputError where two
    shapes do not multiply, OverBudget between two rows.

    >>> a = np.array([[1, 2], [3, 4]], dtype=object)
    >>> matmul(a, a, np.array([1, 0], dtype=object)).tolist()
    [7, 15]
    >>> matmul(np.empty((1, 0), dtype=object), np.empty((0, 1), dtype=object), zero=0).tolist()
    [[0]]
    """
    return reduce(lambda right, left: _product(left, right, zero), reversed(factors))


def _product(a: Array, b: Array, zero: Any) -> Any:
    if a.ndim == 1:
        found = _product(a[None, :], b, zero)
        return found[0]
    if b.ndim == 1:
        return _product(a, b[:, None], zero)[:, 0]
    if a.shape[1] != b.shape[0]:
        raise InputError(f"shapes {a.shape} and {b.shape} do not multiply")
    m, n = a.shape[0], b.shape[1]
    if 0 in a.shape or 0 in b.shape:
        return np.full((m, n), zero, dtype=object)
    kinds = {type(v) for v in (*a.ravel(), *b.ravel())}
    if len(kinds) == 1:
        kind = next(iter(kinds))
        if kind in _IN_C:
            matrix = _IN_C[kind]
            return object_array((matrix(a.tolist()) * matrix(b.tolist())).tolist(), (m, n))
        if hasattr(kind, "matmul"):
            return object_array(kind.matmul(a.tolist(), b.tolist()), (m, n))
    return object_array(_by_rows(a.tolist(), b.tolist()), (m, n))


def _by_rows(a: list[list[Any]], b: list[list[Any]]) -> list[list[Any]]:
    """A product by the entries that are not 0. Where all pairs have a 0, the first is multiplied:
    the ring has a 0 of its own."""
    n = len(b[0])
    sparse = [[(j, v) for j, v in enumerate(row) if v != 0] for row in b]
    product = []
    for line in a:
        spend()
        total: list[Any] = [None] * n
        for u, row in zip(line, sparse, strict=True):
            if u != 0:
                for j, v in row:
                    total[j] = u * v if total[j] is None else total[j] + u * v
        product.append([line[0] * b[0][j] if t is None else t for j, t in enumerate(total)])
    return product
