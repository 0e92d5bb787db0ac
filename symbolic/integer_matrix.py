"""Any exact rational matrix as a matrix of integers of the same rank and kernel.

In: NumPy integer arrays, python-flint fmpz_mat and fmpq_mat, object arrays and nested lists whose
entries are int, Fraction, fmpz, fmpq or any other `numbers.Rational`.
Out: a NumPy array of integers, int64 where every entry fits, Python ints (dtype object) otherwise.
Each row is multiplied by the least common multiple of its denominators, which changes neither the
rank nor the (right) kernel. So no modulus ever meets a denominator.
"""

from __future__ import annotations

import math
import numbers
from typing import Any

import flint
import numpy as np
from numpy.typing import NDArray

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.memory import require_memory

#: int64 arrays hold entries up to this in absolute value, so that no sum of two overflows.
INT64_LIMIT = 2**62
#: Working copies that an elimination keeps at the same time, as a multiple of the matrix.
_COPIES = 6

Integers = NDArray[Any]


def integer_matrix(matrix: Any) -> Integers:
    """The rows of `matrix` cleared of denominators, as a two-dimensional integer array.

    InputError: entries that are not exact numbers (floats included), rows of unequal length, or a
    matrix that memory cannot hold.

    >>> integer_matrix([["1/2", 1]])
    Traceback (most recent call last):
    hessrank.symbolic.errors.InputError: entry (0, 0) is not an exact rational number: '1/2'
    >>> from fractions import Fraction
    >>> integer_matrix([[Fraction(1, 2), Fraction(1, 3)], [4, 5]]).tolist()
    [[3, 2], [4, 5]]
    >>> integer_matrix(flint.fmpz_mat(0, 3)).shape
    (0, 3)
    """
    if isinstance(matrix, flint.fmpz_mat | flint.fmpq_mat):
        shape = matrix.nrows(), matrix.ncols()
        _require(shape)
        return _cleared(matrix.tolist(), shape)
    if isinstance(matrix, np.ndarray):
        if matrix.ndim != 2:
            raise InputError(f"a matrix has two dimensions, not {matrix.ndim}", key="matrix")
        shape = matrix.shape[0], matrix.shape[1]
        _require(shape)
        if np.issubdtype(matrix.dtype, np.signedinteger) and matrix.dtype.itemsize < 8:
            return matrix.astype(np.int64)
        if np.issubdtype(matrix.dtype, np.integer):
            return _narrowed(matrix)
        if matrix.dtype == bool:
            return matrix.astype(np.int64)
        if matrix.dtype != object:
            raise InputError(
                f"a matrix of {matrix.dtype} is not exact; use integers or fractions", key="matrix"
            )
        return _cleared(matrix.tolist(), shape)
    rows = [list(row) for row in _rows(matrix)]
    width = len(rows[0]) if rows else 0
    for i, row in enumerate(rows):
        if len(row) != width:
            raise InputError(f"row {i} has {len(row)} entries, row 0 has {width}", key="matrix")
    _require((len(rows), width))
    return _cleared(rows, (len(rows), width))


def scaled_integers(matrix: Any) -> tuple[Integers, int]:
    """(A, c) with A = c * matrix in integers, c > 0 the common denominator of all entries.

    Unlike `integer_matrix` this keeps symmetry and the signs of quadratic forms. Same errors.

    >>> A, c = scaled_integers([[flint.fmpq(1, 2), 1]])
    >>> A.tolist(), c
    ([[1, 2]], 2)
    """
    cleared = integer_matrix(matrix)
    if isinstance(matrix, flint.fmpz_mat) or (
        isinstance(matrix, np.ndarray) and matrix.dtype != object
    ):
        return cleared, 1
    pairs = [[_ratio(x, i, j) for j, x in enumerate(row)] for i, row in enumerate(_rows(matrix))]
    c = math.lcm(*(q for row in pairs for _, q in row))
    whole = np.empty(cleared.shape, dtype=object)
    for i, row in enumerate(pairs):
        whole[i] = [p * (c // q) for p, q in row]
    return _narrowed(whole), c


def fmpz_mat(A: Integers) -> flint.fmpz_mat:
    """The same integers as a python-flint matrix.

    >>> fmpz_mat(np.array([[1, 2]])).tolist()
    [[1, 2]]
    """
    return flint.fmpz_mat(A.shape[0], A.shape[1], A.ravel().tolist())


def _rows(matrix: Any) -> list[Any]:
    rows = matrix.tolist() if hasattr(matrix, "tolist") else matrix
    if not isinstance(rows, list | tuple) or not all(isinstance(r, list | tuple) for r in rows):
        raise InputError("a matrix is a list of rows, each a list of exact numbers", key="matrix")
    return list(rows)


def _require(shape: tuple[int, int]) -> None:
    require_memory(shape[0] * shape[1] * 8 * _COPIES, f"the rank of a {shape[0]}x{shape[1]} matrix")


def _narrowed(array: Integers) -> Integers:
    """int64 where all entries fit with room to spare, Python ints otherwise."""
    if array.size == 0:
        return np.zeros(array.shape, dtype=np.int64)
    if array.min() >= -INT64_LIMIT and array.max() <= INT64_LIMIT:
        return array.astype(np.int64, copy=False)
    return array.astype(object)


def _cleared(rows: list[list[Any]], shape: tuple[int, int]) -> Integers:
    whole = np.empty(shape, dtype=object)
    for i, row in enumerate(rows):
        if all(type(x) is int for x in row):
            whole[i] = row
            continue
        pairs = [_ratio(x, i, j) for j, x in enumerate(row)]
        common = math.lcm(*(q for _, q in pairs))
        whole[i] = [p * (common // q) for p, q in pairs]
    return _narrowed(whole)


def _ratio(x: Any, i: int, j: int) -> tuple[int, int]:
    if isinstance(x, flint.fmpz):
        return int(x), 1
    if isinstance(x, flint.fmpq):
        return int(x.p), int(x.q)
    if isinstance(x, numbers.Rational):
        return int(x.numerator), int(x.denominator)
    raise InputError(f"entry ({i}, {j}) is not an exact rational number: {x!r}", key="matrix")
