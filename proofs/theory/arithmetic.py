"""Matrices of closed forms: sums, products, inverses, and what shapes do not fit.

In: numbers (closed forms) and NumPy arrays of them. Out: the same. A 1×1 product is a number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from hessrank.symbolic.errors import DomainError, InputError
from hessrank.symbolic.expressions.differentiation import differentiate
from hessrank.symbolic.expressions.expression import ONE, ZERO, Expr, number
from hessrank.symbolic.linear_algebra.object_matrices import matmul


class IllFormed(Exception):
    """The relation means nothing in this world: shapes that do not fit, an unknown name."""


@dataclass(frozen=True)
class AnyIdentity:
    """The identity matrix of the order that its place among blocks asks for, times a number."""

    scale: Expr = ONE


def array_of(value: Any) -> np.ndarray:
    if isinstance(value, np.ndarray):
        return value
    if not isinstance(value, Expr):
        raise IllFormed("a function or a space where a number or a matrix is meant")
    found = np.empty((), dtype=object)
    found[()] = value
    return found


def wrapped(value: Any) -> Any:
    return number(value) if isinstance(value, (int, Fraction)) else value


def scalar(value: Any) -> Expr:
    array = array_of(value)
    if array.size != 1:
        raise IllFormed("a matrix where a number is meant")
    found: Expr = array.reshape(-1)[0]
    return found


def fraction(value: Expr) -> Fraction:
    if not value.is_number:
        raise IllFormed("a number is meant that depends on nothing")
    return value.value


def plus(a: Any, b: Any) -> Any:
    x, y = array_of(a), array_of(b)
    if x.size == y.size == 1:
        return scalar(a) + scalar(b)
    if x.shape != y.shape:
        raise IllFormed(f"a sum of shapes {x.shape} and {y.shape}")
    return x + y


def times(a: Any, b: Any) -> Any:
    for one, other in ((a, b), (b, a)):
        if isinstance(one, AnyIdentity):
            return AnyIdentity(one.scale * scalar(other))
    x, y = array_of(a), array_of(b)
    if x.ndim == 0 or y.ndim == 0:
        return a * b if x.ndim == y.ndim == 0 else x * y
    if x.ndim == y.ndim == 2 and x.shape[1] == y.shape[0]:
        found = matmul(x, y, zero=ZERO)
        return found[0, 0] if found.shape == (1, 1) else found
    if x.size == 1 or y.size == 1:
        return (scalar(a) if x.size == 1 else x) * (scalar(b) if y.size == 1 else y)
    raise IllFormed(f"a product of shapes {x.shape} and {y.shape}")


def power(base: Expr, exponent: int | Fraction) -> Expr:
    try:
        return base**exponent
    except (DomainError, InputError) as error:
        raise IllFormed(str(error)) from None


def total(terms: Sequence[Expr]) -> Expr:
    found = ZERO
    for term in terms:
        found = found + term
    return found


def minor(A: np.ndarray, i: int, j: int) -> np.ndarray:
    return np.delete(np.delete(A, i, 0), j, 1)


def determinant(A: np.ndarray) -> Expr:
    if len(A) == 1:
        found: Expr = A[0, 0]
        return found
    return total([A[0, j] * determinant(minor(A, 0, j)) * (-1) ** j for j in range(len(A))])


def inverse(A: np.ndarray) -> np.ndarray:
    if A.ndim != 2 or A.shape[0] != A.shape[1]:
        raise IllFormed("the inverse of what is not square")
    n, d = len(A), power(determinant(A), -1)
    if n == 1:
        return np.array([[d]], dtype=object)
    rows = [[determinant(minor(A, j, i)) * d * (-1) ** (i + j) for j in range(n)] for i in range(n)]
    return np.array(rows, dtype=object)


def map_forms(value: Any, change: Callable[[list[Expr]], list[Expr]]) -> Any:
    array = array_of(value)
    flat = change(list(array.flat))
    if array.ndim == 0:
        return flat[0]
    return np.array([*flat, None], dtype=object)[:-1].reshape(array.shape)


def differentiated(value: Any, variable: Expr) -> Any:
    return map_forms(value, lambda forms: [differentiate(f, variable.name) for f in forms])


def rational(array: np.ndarray) -> fmpq_mat:
    return fmpq_mat([[fmpq(v) if not isinstance(v, fmpq) else v for v in row] for row in array])


def table(A: fmpq_mat) -> np.ndarray:
    return np.array(A.tolist(), dtype=object).reshape(A.nrows(), A.ncols())


def matrix_of(value: Any) -> fmpq_mat:
    """A matrix of closed forms without symbols as one of rational numbers."""
    array = block(value)
    flat = [fraction(v) for v in array.flat]
    m, n = array.shape
    return fmpq_mat(m, n, [fmpq(v.numerator, v.denominator) for v in flat])


def inside(places: tuple[int, ...], array: np.ndarray) -> tuple[int, ...]:
    if len(places) == 1 and array.ndim == 2 and array.shape[1] == 1:
        places = (*places, 1)
    if len(places) != array.ndim:
        raise IllFormed(f"{len(places)} indices for an array of {array.ndim}")
    for place, size in zip(places, array.shape, strict=True):
        if not 1 <= place <= size:
            raise IllFormed(f"index {place} beyond {size}")
    return tuple(p - 1 for p in places)


def block(v: Any) -> np.ndarray:
    array = array_of(v)
    return array.reshape(1, 1) if array.ndim == 0 else array
