"""The rank of any exact matrix of numbers.

In: a matrix as users have them: nested lists of exact numbers, NumPy integer arrays, matrices of
SymPy or python-flint, or of this package. Out: a RankResult. A matrix with symbols is refused: its
rank at almost every point is another thing (`generic_rank`).

How a rank is decided: rational matrices in `rational`, numbers in a field of atoms in
`formal_rank`; what is too large to carry there, or has a sign that is not decided, is bounded by
balls alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar

import flint
import numpy as np

from hessrank.symbolic.budget import SECONDS, OverBudget, decision, grace
from hessrank.symbolic.chance import seeded
from hessrank.symbolic.errors import (
    DomainError,
    InputError,
    JumpError,
    KinkError,
    UndecidedError,
    shown,
)
from hessrank.symbolic.expressions.complex_parts import complex_parts, is_complex
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.exchange.from_sympy import from_sympy, is_sympy
from hessrank.symbolic.expressions.expression import (
    ZERO,
    Expr,
    evaluate,
    free_symbols,
)
from hessrank.symbolic.expressions.parsing import CALLS, RESERVED, parse
from hessrank.symbolic.fields.balls import BallRing
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.memory import require_memory
from hessrank.symbolic.linear_algebra.object_matrices import object_array
from hessrank.symbolic.ranks.ball_matrix import BallMatrix
from hessrank.symbolic.ranks.matrices import Matrix, SymbolicMatrix
from hessrank.symbolic.ranks.rank_result import RankResult, Status, cut_short
from hessrank.symbolic.ranks.rational_rank import rational_rank
from hessrank.symbolic.ranks.unexpanded.residue_rank import unexpanded

#: Words that stand for no real number and are not read as symbols.
_NOT_NUMBERS = ("nan", "inf", "infinity", "oo", "zoo")
_TAKEN = {*CALLS, *RESERVED}
_EXACT = (flint.fmpz_mat, flint.fmpq_mat)

_RATIONAL = (int, Fraction, flint.fmpz, flint.fmpq)

Table = tuple[tuple[Expr, ...], ...]
Shape = tuple[int, int]


def rank(matrix: Any, seconds: float = SECONDS, **options: Any) -> RankResult:
    """Bounds on the rank of an m×n matrix of exact numbers, with reasons.

    matrix
        nested lists (or an object array) of ints, Fractions, text such as "log(3)/2", SymPy or
        flint numbers; a NumPy integer array; a SymPy or python-flint matrix over Z or Q.
    seconds
        after which the bounds that were found are returned (docs/budgets.md).
    options
        seed: reproduces the random choices; for rational matrices also those of
        `rational.rational_rank` (certify, kernel, …).

    Raises InputError for floats, nan and infinities, ragged rows and free symbols, DomainError
    where an entry has no real value. Source: docs/fields.md.

    >>> rank([["log(2)", "log(3)"], ["log(4)", "log(9)"]]).upper
    1
    >>> result = rank([["tanh(2)*(1 + tanh(1)**2)", "2*tanh(1)"], [1, 1]])
    >>> int(result), result.status, result.upper_reason
    (1, 'certified', '1 independent kernel vector verified exactly')
    """
    with decision(seconds):
        return _rank(matrix, **options)


def _rank(matrix: Any, **options: Any) -> RankResult:
    if isinstance(matrix, (Matrix, BallMatrix)):
        return matrix.rank(**options)
    if _has_floats(matrix):
        raise InputError(
            "a matrix of binary floats is not exact: rounding fills its rank; "
            "hr.measured_rank(matrix, tolerance=…, uncertainty=…) says which singular values are "
            "above rounding, hr.rank(hr.exact(matrix)) takes floats for the rationals that they "
            "are",
            "matrix",
        )
    if _is_rational(matrix):
        return rational_rank(matrix, **options)
    if (real := real_form(matrix)) is not None:
        return halved(_rank(real))
    rows, shape = closed_forms(matrix)
    names = sorted(free_symbols(*(e for row in rows for e in row)))
    if names:
        raise InputError(
            f"the matrix has the free symbol {names[0]!r}: give it a value, or ask for "
            "generic_rank, the rank at almost every point",
            "matrix",
        )
    if all(e.is_number for row in rows for e in row):
        return rational_rank(object_array([[e.value for e in r] for r in rows], shape), **options)
    with seeded(options.get("seed")):
        return number_rank(rows, shape)


# --- reading ------------------------------------------------------------------------------------


def _is_rational(matrix: Any) -> bool:
    """Whether `matrix` holds nothing but machine integers or exact rationals, cheaply."""
    if isinstance(matrix, _EXACT):
        return True
    if isinstance(matrix, np.ndarray):
        return matrix.dtype != object or (
            matrix.ndim == 2 and all(type(v) in _RATIONAL for v in matrix.flat)
        )
    return (
        isinstance(matrix, (list, tuple))
        and all(isinstance(row, (list, tuple)) for row in matrix)
        and all(type(v) in _RATIONAL for row in matrix for v in row)
    )


def _has_floats(matrix: Any) -> bool:
    """Whether an entry is a binary float, of Python or of an array library."""
    kind = str(getattr(matrix, "dtype", ""))
    if kind and kind != "object":
        return "float" in kind or "double" in kind
    rows = matrix if isinstance(matrix, (list, tuple, np.ndarray)) else ()
    cells = (v for row in rows if isinstance(row, (list, tuple, np.ndarray)) for v in row)
    return any(type(v).__name__.startswith(("float", "bfloat", "longdouble")) for v in cells)


def closed_forms(matrix: Any) -> tuple[Table, Shape]:
    """The entries as closed forms, and the shape."""
    if isinstance(matrix, (SymbolicMatrix, Matrix)):
        return tuple(map(tuple, matrix.closed_forms())), matrix.shape
    if isinstance(matrix, BallMatrix):
        raise InputError("the matrix is only known by balls", "matrix")
    if isinstance(matrix, np.ndarray) and matrix.ndim != 2:
        raise InputError(f"a matrix has two dimensions, not {matrix.ndim}", "matrix")
    if is_sympy(matrix) and hasattr(matrix, "to_Matrix"):
        matrix = matrix.to_Matrix()
    shape = getattr(matrix, "shape", None)
    if shape is not None:
        shape = tuple(shape)
        if len(shape) != 2 or not all(isinstance(k, int) for k in shape):
            raise InputError("expected a matrix of known size", "matrix")
        require_memory(shape[0] * shape[1] * 100, f"a {shape[0]}x{shape[1]} matrix")
    if isinstance(matrix, _EXACT):
        shape = matrix.nrows(), matrix.ncols()
    rows = matrix.tolist() if hasattr(matrix, "tolist") else matrix
    if type(matrix).__module__.startswith("flint") and not isinstance(matrix, _EXACT):
        raise InputError(f"{type(matrix).__name__} is not a matrix of exact real numbers", "matrix")
    if not isinstance(rows, (list, tuple)) or not all(isinstance(r, (list, tuple)) for r in rows):
        raise InputError("a matrix is a list of rows, each a list of exact numbers", "matrix")
    width = len(rows[0]) if rows else 0
    for i, row in enumerate(rows):
        if len(row) != width:
            raise InputError(f"row {i} has {len(row)} entries, row 0 has {width}", "matrix")
    table = tuple(
        tuple(_entry(v, f"matrix[{i}][{j}]") for j, v in enumerate(row))
        for i, row in enumerate(rows)
    )
    return table, shape or (len(rows), width)


def real_form(matrix: Any) -> list[list[Expr]] | None:
    """[[Re M, −Im M], [Im M, Re M]] for a matrix M with complex entries, whose rank over the
    complex numbers is half the rank of that; None for any other matrix."""
    if is_sympy(matrix) and hasattr(matrix, "to_Matrix"):
        matrix = matrix.to_Matrix()
    rows = matrix.tolist() if is_sympy(matrix) and hasattr(matrix, "tolist") else matrix
    if not isinstance(rows, (list, tuple)) or not all(isinstance(r, (list, tuple)) for r in rows):
        return None
    if not any(is_complex(v) for row in rows for v in row):
        return None

    def parts(value: Any, key: str) -> tuple[Expr, Expr]:
        return complex_parts(value, key) if is_complex(value) else (_entry(value, key), ZERO)

    pairs = [[parts(v, f"matrix[{i}][{j}]") for j, v in enumerate(r)] for i, r in enumerate(rows)]
    above = [[a for a, _ in row] + [-b for _, b in row] for row in pairs]
    below = [[b for _, b in row] + [a for a, _ in row] for row in pairs]
    return above + below


R = TypeVar("R", bound=RankResult)


def halved(found: R) -> R:
    """The rank over the complex numbers from that of the real form, which is even."""
    m, n = found.shape
    lower, upper = -(-found.lower // 2), found.upper // 2
    status: Status = "certified" if found.failure_log2 is None else "probabilistic"
    why = "half the rank of [[Re, -Im], [Im, Re]], which is even"
    return replace(
        found,
        lower=lower,
        upper=upper,
        shape=(m // 2, n // 2),
        status=status if lower == upper else "undecided",
        lower_reason=f"{why}; that: {found.lower_reason}",
        upper_reason=f"{why}; that: {found.upper_reason}",
        witness=None,
        kernel=None,
    )


def _entry(value: Any, key: str) -> Expr:
    if isinstance(value, Expr):
        return value
    if is_sympy(value):
        return from_sympy(value, key, any_name=True)
    if isinstance(value, str):
        return parse(value, _words(value), key)
    return constant(value, key)


def _words(text: str) -> set[str]:
    """The names in a text that may be symbols: all but those of functions and constants."""
    found = set(re.findall(r"[A-Za-z][A-Za-z0-9_]*", text[:20_000]))
    return {w for w in found if w.lower() not in _NOT_NUMBERS} - _TAKEN


# --- deciding -----------------------------------------------------------------------------------


def number_rank(rows: Table, shape: Shape) -> RankResult:
    """The rank of a matrix of constants: in a field of atoms, else by balls."""
    flat = [e for row in rows for e in row]

    def build(field: Field) -> Matrix:
        values = evaluate(flat, field, {})
        return Matrix.of(object_array(in_rows(values, shape), shape), field)

    def entries(ring: Any) -> list[list[Any]]:
        return in_rows(evaluate(flat, ring, {}), shape)

    balls = _balls(flat, shape)
    try:
        with naming_entries(flat):
            matrix = evaluate_in_field(build)
        found = matrix.rank()
    except OverBudget as error:
        with grace():
            return cut_short(BallMatrix(balls, shape, str(error)).rank(), str(error))
    except (TooLarge, UndecidedError) as error:
        return BallMatrix(balls, shape, str(error), entries).rank()
    return unexpanded(found, entries, balls)


@contextmanager
def naming_entries(flat: Sequence[Expr], what: str = "entry") -> Iterator[None]:
    """DomainError, for one that says nothing of its place, with the first entry that has no value.
    At a jump a number has none."""
    try:
        yield
    except (DomainError, KinkError) as error:
        for entry in flat:
            try:
                evaluate_in_field(partial(number_in, entry))
            except (DomainError, KinkError) as why:
                kind = JumpError if isinstance(why, KinkError) else type(why)
                raise kind(f"the {what} {shown(entry)}: {why}", "matrix") from None
            except (TooLarge, UndecidedError):
                continue
        raise error from None


def number_in(entry: Expr, field: Field) -> Any:
    """A constant in a field."""
    return evaluate([entry], field, {})[0]


def _balls(flat: list[Expr], shape: Shape) -> Callable[[int], list[list[flint.arb]]]:
    def at(bits: int) -> list[list[flint.arb]]:
        with flint.ctx.workprec(bits):
            return in_rows(evaluate(flat, BallRing(), {}), shape)

    return at


def in_rows(flat: list[Any], shape: Shape) -> list[list[Any]]:
    m, n = shape
    return [flat[i * n : (i + 1) * n] for i in range(m)]
