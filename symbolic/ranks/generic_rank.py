"""The generic rank: that of a matrix of functions at almost every point of their domain.

In: a matrix with symbols, as `rank` takes matrices of numbers. Out: a GenericRank. It is no
statement about one point, and does not stand in for one (`rank.rank`).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import partial
from typing import Any

import flint

from hessrank.symbolic.budget import SECONDS, OverBudget, decision
from hessrank.symbolic.errors import DomainError, InputError, UndecidedError
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.expression import (
    Expr,
    evaluate,
    free_symbols,
    number,
    postorder,
)
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.elements import DivisionByZero, Exact
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.ranks.matrices import Matrix
from hessrank.symbolic.ranks.rank import (
    Shape,
    Table,
    closed_forms,
    halved,
    in_rows,
    naming_entries,
    number_in,
    number_rank,
    object_array,
    real_form,
)
from hessrank.symbolic.ranks.rank_result import RankResult, cut_short, nothing_known

#: How many sample points a generic rank is looked for at.
SAMPLES = 4


@dataclass(frozen=True, repr=False)
class GenericRank(RankResult):
    """Bounds on a generic rank: that at almost every point of a domain around `sample`.

    It is no statement about any one point; the rank may be smaller on a set of measure zero
    (`rank_locus.rank_locus`). With roots or logarithms the domain is the part of it, around the
    sample, on which they stay real.
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
    if (real := real_form(matrix)) is not None:
        return halved(_generic_rank(real, near))
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
    require_values(flat)
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
    known = _fields(number_rank(tuple(map(tuple, in_rows(flat, shape))), shape))
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


def require_values(flat: Sequence[Expr]) -> None:
    """DomainError where a constant that occurs in the entries has no real value."""
    constant_below: dict[Expr, bool] = {}
    for node in postorder(flat):
        below = all(constant_below[a] for a in node.args)
        constant_below[node] = below and node.op != "symbol"
    for node in postorder(flat):
        if constant_below[node] and node.op in ("pow", "function"):
            with suppress(TooLarge, UndecidedError), naming_entries([node], "constant"):
                evaluate_in_field(partial(number_in, node))


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
        return Matrix.of(object_array(in_rows(evaluate(flat, field, theta), shape), shape), field)

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
