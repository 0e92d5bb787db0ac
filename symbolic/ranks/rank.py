"""The rank of any exact matrix, and the generic rank of one with symbols.

In: a matrix as users have them: nested lists of exact numbers, NumPy integer arrays, matrices of
SymPy or python-flint, or of this package. Out: a RankResult. `rank` is about one matrix of
numbers; `generic_rank` about a matrix of functions at almost every point. They are different
things: neither stands in for the other, and each refuses the other's input.

How a rank is decided: rational matrices in `rational`, numbers in a field of atoms in
`formal_rank`; what is too large to carry there, or has a sign that is not decided, is bounded by
balls alone.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar

import flint
import numpy as np

from hessrank.symbolic.budget import SECONDS, OverBudget, decision, grace
from hessrank.symbolic.chance import seeded
from hessrank.symbolic.errors import DomainError, InputError, UndecidedError
from hessrank.symbolic.expressions.complex_parts import complex_parts, is_complex
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.exchange.from_sympy import from_sympy, is_sympy
from hessrank.symbolic.expressions.expression import (
    ZERO,
    Expr,
    evaluate,
    free_symbols,
    number,
    postorder,
)
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.expressions.parsing import CALLS, RESERVED, parse
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.balls import BallRing
from hessrank.symbolic.fields.elements import DivisionByZero, Exact
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.memory import require_memory
from hessrank.symbolic.ranks.ball_matrix import BallMatrix
from hessrank.symbolic.ranks.matrices import Matrix, SymbolicMatrix
from hessrank.symbolic.ranks.rank_result import RankResult, Status, cut_short, nothing_known
from hessrank.symbolic.ranks.rational_rank import rational_rank
from hessrank.symbolic.ranks.unexpanded.residue_rank import unexpanded

#: How many sample points a generic rank is looked for at.
SAMPLES = 4
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
    (1, 'certified', '1 independent kernel vectors verified exactly')
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
    if (real := _real_form(matrix)) is not None:
        return _halved(_rank(real))
    rows, shape = closed_forms(matrix)
    names = sorted(free_symbols(*(e for row in rows for e in row)))
    if names:
        raise InputError(
            f"the matrix has the free symbol {names[0]!r}: give it a value, or ask for "
            "generic_rank, the rank at almost every point",
            "matrix",
        )
    if all(e.is_number for row in rows for e in row):
        return rational_rank(_object_array([[e.value for e in r] for r in rows], shape), **options)
    with seeded(options.get("seed")):
        return _number_rank(rows, shape)


@dataclass(frozen=True, repr=False)
class GenericRank(RankResult):
    """Bounds on a generic rank: that at almost every point of a domain around `sample`.

    It is no statement about any one point; the rank may be smaller on a set of measure zero
    (`locus.rank_locus`). With roots or logarithms the domain is the part of it, around the sample,
    on which they stay real.
    """

    sample: tuple[tuple[str, Fraction], ...] = ()

    def __repr__(self) -> str:
        return super().__repr__().replace("RankResult(rank", "GenericRank(generic rank", 1)

    def to_json(self) -> dict[str, Any]:
        """As for a RankResult, with kind "generic" and the sample."""
        sample = {name: str(q) for name, q in self.sample}
        return {"kind": "generic", **super().to_json(), "sample": sample}


def generic_rank(
    matrix: Any, near: Mapping[Any, object] | None = None, seconds: float = SECONDS
) -> GenericRank:
    """Bounds on the rank of a matrix of functions at almost every point of their domain.

    matrix
        m×n entries as for `rank`, with symbols: a SymbolicMatrix (such as `problem.jacobian`), a
        SymPy matrix, or nested lists of `Expr`s and text.
    near
        None, or rational values for some of the symbols, near which the sample is taken. It
        matters where a root or a logarithm is real on several separate pieces.
    seconds
        after which the bounds that were found are returned (docs/budgets.md).

    The rank at the sample bounds the generic rank from below; a kernel over the field of functions
    bounds it from above. Raises InputError for piecewise functions, whose generic rank depends on
    the piece, and UndecidedError where no point of the domain is found.

    >>> generic_rank([["x", "x**2"], ["x**2", "x**3"]]).upper
    1
    """
    with decision(seconds):
        return _generic_rank(matrix, near)


def _generic_rank(matrix: Any, near: Mapping[Any, object] | None) -> GenericRank:
    if (real := _real_form(matrix)) is not None:
        return _halved(_generic_rank(real, near))
    rows, shape = closed_forms(matrix)
    flat = [e for row in rows for e in row]
    branched = False
    for node in postorder(flat):
        if node.op == "function" and node.args and FUNCTIONS[node.name].kink:
            raise InputError(
                f"{node.name} is piecewise: the rank depends on the signs of its arguments, so "
                "choose a piece (replace it by its value there) first",
                "matrix",
            )
        branched |= node.op == "pow" and node.exponent.denominator > 1
        branched |= node.op == "function" and node.name == "log"
    names = sorted(free_symbols(*flat))
    given = {str(k): constant(v, f"near.{k}") for k, v in (near or {}).items()}
    _require_values(flat)
    best: GenericRank | None = None
    why = "it has none"
    for attempt in range(SAMPLES):
        sample = {n: _sample(given.get(n), attempt, n) for n in names}
        try:
            found = _generic_at(rows, shape, sample)
        except OverBudget as error:
            known = nothing_known(shape) if best is None else best
            cut = cut_short(known, str(error))
            return cut if isinstance(cut, GenericRank) else GenericRank(**_fields(cut))
        except DivisionByZero as error:
            raise DomainError(f"an entry has a value nowhere: {error}", "matrix") from None
        except (DomainError, UndecidedError) as error:
            if not names:
                raise
            why = str(error)
            continue
        best = found if best is None else _sharper(best, found)
        if best.decided or branched:  # other samples may lie on another piece of the domain
            return best
    if best is None:
        raise UndecidedError(f"no point of the domain was found: {why}")
    return best


def _not_expanded(
    rows: Table, shape: Shape, sample: dict[str, flint.fmpq], why: str
) -> GenericRank:
    """What the rank at the sample says where the functions are too large to be expanded."""
    at = {name: Fraction(int(q.p), int(q.q)) for name, q in sample.items()}
    flat = substitute([e for row in rows for e in row], {n: number(q) for n, q in at.items()})
    known = _fields(_number_rank(tuple(map(tuple, _rows(flat, shape))), shape))
    if sample:  # a kernel there says nothing of other points
        side = "rows" if shape[0] <= shape[1] else "columns"
        upper = min(shape)
        decided = known["lower"] == upper
        known |= {
            "upper": upper,
            "kernel": None,
            "failure_log2": None,
            "upper_reason": f"the matrix has {upper} {side}; not expanded: {why}",
            "status": "certified" if decided else "undecided",
        }
        known["lower_reason"] = f"at a sample point {known['lower_reason']}"
    return GenericRank(**known, sample=tuple(at.items()))


def _require_values(flat: Sequence[Expr]) -> None:
    """DomainError where a constant that occurs in the entries has no real value."""
    constant_below: dict[Expr, bool] = {}
    for node in postorder(flat):
        below = all(constant_below[a] for a in node.args)
        constant_below[node] = below and node.op != "symbol"
    for node in postorder(flat):
        if constant_below[node] and node.op in ("pow", "function"):
            with suppress(TooLarge, UndecidedError):
                evaluate_in_field(partial(_value, node))


def _value(constant_form: Expr, field: Field) -> Any:
    return evaluate([constant_form], field, {})[0]


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


def _real_form(matrix: Any) -> list[list[Expr]] | None:
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


def _halved(found: R) -> R:
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


def _object_array(rows: Sequence[Sequence[Any]], shape: Shape) -> Any:
    table = np.empty(shape, dtype=object)
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            table[i, j] = value
    return table


# --- deciding -----------------------------------------------------------------------------------


def _number_rank(rows: Table, shape: Shape) -> RankResult:
    """The rank of a matrix of constants: in a field of atoms, else by balls."""
    flat = [e for row in rows for e in row]

    def build(field: Field) -> Matrix:
        values = evaluate(flat, field, {})
        return Matrix.of(_object_array(_rows(values, shape), shape), field)

    def entries(ring: Any) -> list[list[Any]]:
        return _rows(evaluate(flat, ring, {}), shape)

    balls = _balls(flat, shape)
    try:
        found = evaluate_in_field(build).rank()
    except OverBudget as error:
        with grace():
            return cut_short(BallMatrix(balls, shape, str(error)).rank(), str(error))
    except (TooLarge, UndecidedError) as error:
        return BallMatrix(balls, shape, str(error), entries).rank()
    return unexpanded(found, entries, balls)


def _balls(flat: list[Expr], shape: Shape) -> Callable[[int], list[list[flint.arb]]]:
    def at(bits: int) -> list[list[flint.arb]]:
        with flint.ctx.workprec(bits):
            return _rows(evaluate(flat, BallRing(), {}), shape)

    return at


def _rows(flat: list[Any], shape: Shape) -> list[list[Any]]:
    m, n = shape
    return [flat[i * n : (i + 1) * n] for i in range(m)]


def _sample(near: Expr | None, attempt: int, name: str) -> flint.fmpq:
    """A rational number near `near`, else of moderate size, positive at first."""
    rng = random.Random(f"{attempt} {name}")  # reproducible; no verdict depends on the choice
    if near is None:
        size = flint.fmpq(rng.randrange(2**18, 2**21), 2**20 + 7)
        return -size if attempt and rng.random() < 0.5 else size
    if not near.is_number:
        raise InputError("expected rational numbers", f"near.{name}")
    shift = flint.fmpq(rng.randrange(-(2**20), 2**20), 2**40 + 15)
    return flint.fmpq(near.value.numerator, near.value.denominator) + shift


def generic_field(
    matrix: Any, sample: Mapping[str, Fraction]
) -> tuple[Field, tuple[tuple[Exact, ...], ...]]:
    """(field, rows): the entries of a symbolic matrix as functions near `sample`."""
    rows, shape = closed_forms(matrix)
    at = {name: flint.fmpq(q.numerator, q.denominator) for name, q in sample.items()}
    found = _functions(rows, shape, at)
    return found.field, found.rows


def _functions(rows: Table, shape: Shape, sample: Mapping[str, flint.fmpq]) -> Matrix:
    flat = [e for row in rows for e in row]

    def build(field: Field) -> Matrix:
        theta = {name: field.indeterminate(name, q) for name, q in sample.items()}
        return Matrix.of(_object_array(_rows(evaluate(flat, field, theta), shape), shape), field)

    return evaluate_in_field(build)


def _generic_at(rows: Table, shape: Shape, sample: dict[str, flint.fmpq]) -> GenericRank:
    try:
        found = _functions(rows, shape, sample).rank()
    except TooLarge as error:
        return _not_expanded(rows, shape, sample, str(error))
    known = _fields(found)
    if sample and found.lower:
        known["lower_reason"] = f"at a sample point {found.lower_reason}"
    at = tuple((name, Fraction(int(q.p), int(q.q))) for name, q in sample.items())
    return GenericRank(**known, sample=at)


def _fields(found: RankResult) -> dict[str, Any]:
    return {f.name: getattr(found, f.name) for f in fields(RankResult)}


def _sharper(a: GenericRank, b: GenericRank) -> GenericRank:
    """What two results for the same generic rank say together."""
    low = a if a.lower >= b.lower else b
    high = a if a.upper <= b.upper else b
    above = {n: getattr(high, n) for n in ("upper", "upper_reason", "kernel", "failure_log2")}
    decided = "certified" if high.failure_log2 is None else "probabilistic"
    status = decided if low.lower == high.upper else "undecided"
    known = {f.name: getattr(low, f.name) for f in fields(GenericRank)}
    return GenericRank(**{**known, **above, "status": status})
