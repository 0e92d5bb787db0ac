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
from fractions import Fraction
from typing import Any

import flint
import numpy as np
from numpy.typing import NDArray

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.linear_algebra.memory import require_memory

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
    >>> integer_matrix([[Fraction(1, 2), Fraction(1, 3)], [4, 5]]).tolist()
    [[3, 2], [4, 5]]
    >>> integer_matrix(flint.fmpz_mat(0, 3)).shape
    (0, 3)
    """
    machine = _machine_integers(matrix)
    if machine is not None:
        return machine
    rows, shape = _ratios(matrix)
    return _multiplied(rows, [math.lcm(*(q for _, q in row)) for row in rows], shape)


def scaled_integers(matrix: Any) -> tuple[Integers, int]:
    """(A, c) with A = c * matrix in integers, c > 0 the common denominator of all entries.

    Unlike `integer_matrix` this keeps symmetry and the signs of quadratic forms. Same errors.

    >>> A, c = scaled_integers([[flint.fmpq(1, 2), 1]])
    >>> A.tolist(), c
    ([[1, 2]], 2)
    """
    machine = _machine_integers(matrix)
    if machine is not None:
        return machine, 1
    rows, shape = _ratios(matrix)
    c = math.lcm(*(q for row in rows for _, q in row))
    return _multiplied(rows, [c] * len(rows), shape), c


def exact_rows(matrix: Any) -> list[list[Fraction]]:
    """The entries of `matrix` as fractions, row by row. Same errors.

    >>> exact_rows(np.array([[1, 2]]))
    [[Fraction(1, 1), Fraction(2, 1)]]
    """
    return [[Fraction(p, q) for p, q in row] for row in _ratios(matrix)[0]]


def fmpz_mat(A: Integers) -> flint.fmpz_mat:
    """The same integers as a python-flint matrix.

    >>> fmpz_mat(np.array([[1, 2]])).tolist()
    [[1, 2]]
    """
    return flint.fmpz_mat(A.shape[0], A.shape[1], A.ravel().tolist())


_Ratio = tuple[int, int]


def _machine_integers(matrix: Any) -> Integers | None:
    """A NumPy array of machine integers, checked and widened to int64; None for all else."""
    if not isinstance(matrix, np.ndarray) or matrix.dtype == object:
        return None
    if matrix.ndim != 2:
        raise InputError(f"a matrix has two dimensions, not {matrix.ndim}", key="matrix")
    if not np.issubdtype(matrix.dtype, np.integer):
        raise InputError(
            f"a matrix of {matrix.dtype} is not exact; use integers or fractions", key="matrix"
        )
    _require(matrix.shape[0], matrix.shape[1])
    return _narrowed(matrix)


def _ratios(matrix: Any) -> tuple[list[list[_Ratio]], tuple[int, int]]:
    """Every entry as (numerator, denominator), and the shape."""
    if isinstance(matrix, flint.fmpz_mat | flint.fmpq_mat):
        _require(matrix.nrows(), matrix.ncols())
    rows = matrix.tolist() if hasattr(matrix, "tolist") else matrix
    if not isinstance(rows, list | tuple) or not all(isinstance(r, list | tuple) for r in rows):
        raise InputError("a matrix is a list of rows, each a list of exact numbers", key="matrix")
    if hasattr(matrix, "ncols"):
        width = int(matrix.ncols())
    elif isinstance(matrix, np.ndarray):
        width = matrix.shape[1]
    else:
        width = len(rows[0]) if rows else 0
    for i, row in enumerate(rows):
        if len(row) != width:
            raise InputError(f"row {i} has {len(row)} entries, row 0 has {width}", key="matrix")
    _require(len(rows), width)
    ratios = [[_ratio(x, i, j) for j, x in enumerate(row)] for i, row in enumerate(rows)]
    return ratios, (len(rows), width)


def _multiplied(rows: list[list[_Ratio]], factors: list[int], shape: tuple[int, int]) -> Integers:
    """Row i times factors[i], which clears its denominators."""
    whole = np.empty(shape, dtype=object)
    for i, (row, factor) in enumerate(zip(rows, factors, strict=True)):
        whole[i] = [p * (factor // q) for p, q in row]
    return _narrowed(whole)


def _require(m: int, n: int) -> None:
    require_memory(m * n * 8 * _COPIES, f"the rank of a {m}x{n} matrix")


def _narrowed(array: Integers) -> Integers:
    """int64 where all entries fit with room to spare, Python ints otherwise."""
    if array.size == 0:
        return np.zeros(array.shape, dtype=np.int64)
    if array.dtype.itemsize < 8 or (array.min() >= -INT64_LIMIT and array.max() <= INT64_LIMIT):
        return array.astype(np.int64, copy=False)
    return array.astype(object)


def _ratio(x: Any, i: int, j: int) -> _Ratio:
    if isinstance(x, flint.fmpz):
        return int(x), 1
    if isinstance(x, flint.fmpq):
        return int(x.p), int(x.q)
    if isinstance(x, numbers.Rational):
        return int(x.numerator), int(x.denominator)
    raise InputError(f"entry ({i}, {j}) is not an exact rational number: {x!r}", key="matrix")
