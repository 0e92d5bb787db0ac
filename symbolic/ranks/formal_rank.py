"""The rank of a matrix over Q(atoms): a formal rank, and what of it holds at the numbers.

In: a matrix of exact elements of a `Field`. Out: a RankResult. Matrices over a number field whose
basis is known have a quicker way (`number_field_rank`).

From below: the atoms are sent to random residues modulo a 60-bit prime (roots to roots of their
relations), which is a homomorphism; a minor that is not zero there is not the zero form. Where a
theorem says that nonzero forms are nonzero numbers (`Field.proven`) that is the bound; elsewhere
the determinant of that minor is enclosed in a ball that excludes zero.
From above: the size, or a kernel basis computed and verified in Q(atoms); what is zero as a form is
zero as a number. Where the two do not meet and all entries are algebraic, the minors that remain
are compared with their separation bound. Where the kernel grows too large to carry, the rows and
columns of which all others are rational combinations are counted (`free_forms.core`), and the
formal rank is an upper bound with stated odds (`probable_rank`). Elsewhere the rank is undecided.
"""

from __future__ import annotations

import random
from typing import Any

from flint import nmod_mat

from hessrank.symbolic.budget import OverBudget, spend
from hessrank.symbolic.errors import DomainError, UndecidedError, counted
from hessrank.symbolic.fields import balls
from hessrank.symbolic.fields.elements import Element, cleared
from hessrank.symbolic.fields.field import RATIONAL, Field
from hessrank.symbolic.fields.polynomials import TooLarge, times
from hessrank.symbolic.fields.residues import homomorphism, residue
from hessrank.symbolic.linear_algebra.elimination import Rows, Vector, annihilates, kernel, reduced
from hessrank.symbolic.linear_algebra.minor import Minor, pivot_columns
from hessrank.symbolic.ranks import ball_rank
from hessrank.symbolic.ranks.algebraic_rank import algebraic_rank
from hessrank.symbolic.ranks.number_field_rank import number_field_rank
from hessrank.symbolic.ranks.probable_rank import probable_upper
from hessrank.symbolic.ranks.rank_result import RankResult, Status
from hessrank.symbolic.ranks.rational_rank import LONG_BITS
from hessrank.symbolic.ranks.unexpanded.free_forms import combined, core

#: Kernels over mixed fields come from minors up to this size by Cramer's rule.
MAX_COFACTORS = 4
_TRIALS = 3
_PRIMES = 20  # how many are tried until one divides no denominator


def formal_rank(
    rows: Rows, shape: tuple[int, int], field: Field, bound: tuple[int, str] | None = None
) -> RankResult:
    """Bounds on the rank of the matrix of numbers that `rows` stand for.

    bound: an upper bound that was proved otherwise, with its reason.

    >>> from flint import fmpq
    >>> f = Field(); u, v = (f.function("tanh", fmpq(k)) for k in (1, 2))
    >>> formal_rank([[v * (1 + u * u), 2 * u], [fmpq(1), fmpq(1)]], (2, 2), f).upper
    1
    """
    m, n = shape
    if not m or not n:
        return RankResult(0, 0, "certified", shape, "the matrix is empty", "the matrix is empty")
    rng = random.Random(0)  # reproducible; no verdict depends on the choice
    lower, lower_reason, witness = 0, "no rank is negative", None
    (upper, upper_reason), kernel, failure = _size(shape, bound), None, None
    try:
        if (found := number_field_rank(rows, shape, field, bound)) is not None:
            return found
        minor = _specialised_rank(rows, field, rng)
        for _ in range(_TRIALS - 1):
            if minor is None or minor.size >= upper:
                break
            again = _specialised_rank(rows, field, rng)
            if again is not None and again.size > minor.size:
                minor = again
        lower, lower_reason, witness = _from_below(rows, shape, field, minor)
        upper, upper_reason, kernel = _from_above(rows, shape, field, minor, bound)
        if lower < upper and (found := algebraic_rank(rows, shape, field)) is not None:
            return found
        if minor is not None and lower <= minor.size < upper:
            probable = probable_upper(rows, minor.size, field)
            if probable is not None:
                upper, failure = minor.size, probable[1]
                upper_reason = f"no larger minor is nonzero at {probable[0]} random specialisations"
    except OverBudget as error:
        upper_reason += f"; {error}" if lower < upper else ""
    decided: Status = "certified" if failure is None else "probabilistic"
    return RankResult(
        lower,
        upper,
        decided if lower == upper else "undecided",
        shape,
        lower_reason,
        upper_reason,
        witness,
        kernel,
        failure,
    )


def columns_are_independent(rows: Rows, width: int, field: Field) -> bool:
    """Whether a minor shows that the rank is `width`. False decides nothing."""
    if not rows or not width:
        return not width
    minor = _specialised_rank(rows, field, random.Random(0))
    if minor is None or minor.size < width:
        return False
    return _from_below(rows, (len(rows), width), field, minor)[0] == width


def _from_below(
    rows: Rows, shape: tuple[int, int], field: Field, minor: Minor | None
) -> tuple[int, str, Minor | None]:
    r = min(shape) if minor is None else minor.size
    if r == 0:
        return 0, "no rank is negative", None
    if minor is not None:
        theorem = field.proven(*(v for row in rows for v in row))
        if theorem:
            where = "" if theorem == RATIONAL else ", with random residues for the atoms"
            return r, f"a {r}×{r} minor is not zero modulo {minor.prime}{where}; {theorem}", minor
        sub = [[rows[i][j] for j in minor.columns] for i in minor.rows]
        for bits in balls.PRECISIONS[:5]:
            spend()
            entries = [[field.ball(v, bits) for v in row] for row in sub]
            if ball_rank.minor_excludes_zero(entries, bits):
                shown = Minor(minor.rows, minor.columns)
                return r, f"a {r}×{r} minor lies in a ball of {bits} bits without zero", shown
    found, best, bits = ball_rank.rank_lower(
        lambda b: [[field.ball(v, b) for v in row] for row in rows], r
    )
    return found, f"{counted(found, 'pivot')} in balls of {bits} bits without zero", best


def _from_above(
    rows: Rows,
    shape: tuple[int, int],
    field: Field,
    minor: Minor | None,
    bound: tuple[int, str] | None,
) -> tuple[int, str, tuple[tuple[Any, ...], ...] | None]:
    n = shape[1]
    size = (*_size(shape, bound), None)
    if minor is None or minor.size >= size[0]:
        return size
    try:
        mixed = minor.size <= MAX_COFACTORS and _is_mixed(rows, field)
        found = _by_cofactors(rows, n, minor, field) if mixed else _kernel(rows, n, minor)
    except OverBudget:
        raise
    except (TooLarge, UndecidedError, DomainError):  # DomainError: a pivot that is 0 after all
        found = None
    if found is None:
        try:
            bound = combined(*core(rows, field), shape)
        except TooLarge:
            return size
        return size if bound is None else min(size, (*bound, None), key=lambda b: b[0])
    shown = tuple(tuple(field.expr(x) for x in vector) for vector in found)
    return (
        n - len(found),
        f"{counted(len(found), 'independent kernel vector')} verified exactly",
        shown,
    )


def _size(shape: tuple[int, int], bound: tuple[int, str] | None) -> tuple[int, str]:
    m, n = shape
    side = (
        f"the matrix has {counted(m, 'row')}"
        if m <= n
        else f"the matrix has {counted(n, 'column')}"
    )
    return min((min(m, n), side), bound or (n, side), key=lambda b: b[0])


def _kernel(rows: Rows, n: int, minor: Minor) -> tuple[Vector, ...] | None:
    """Vectors k with A k = 0, one for each column outside the minor, or None if the minor does
    not carry the rank."""
    table, pivots = reduced([rows[i] for i in minor.rows], n, minor.columns)
    if len(pivots) < minor.size:
        return None
    vectors = kernel(table, pivots, n)
    return vectors if all(annihilates(rows, v) for v in vectors) else None


def _is_mixed(rows: Rows, field: Field) -> bool:
    """Whether the entries hold algebraic and transcendental atoms: quotients are then costly."""
    kinds = {a.algebraic for a in field.used([v for row in rows for v in row])}
    return len(kinds) == 2


def _by_cofactors(rows: Rows, n: int, minor: Minor, field: Field) -> tuple[Vector, ...] | None:
    """As `_kernel`, by Cramer's rule: without a division. UndecidedError where the minor is not
    known to differ from 0."""
    polys = [cleared(row, field) for row in rows]
    S = [[polys[i][j] for j in minor.columns] for i in minor.rows]
    det = field.polynomial(_determinant(S, field))
    if det == 0:
        return None
    if isinstance(det, Element):
        field.require_nonzero(det)
    found = []
    for free in (j for j in range(n) if j not in minor.columns):
        vector = [field.ctx.constant(0)] * n
        vector[free] = _determinant(S, field)
        for k, column in enumerate(minor.columns):
            replaced = [
                [*row[:k], polys[i][free], *row[k + 1 :]]
                for row, i in zip(S, minor.rows, strict=True)
            ]
            vector[column] = -_determinant(replaced, field)
        if not all(field.reduce(sum(map(times, row, vector))).is_zero() for row in polys):
            return None
        found.append(tuple(field.polynomial(v) for v in vector))
    return tuple(found)


def _determinant(a: list[list[Any]], field: Field) -> Any:
    """By expansion along the first row, reduced by the relations of the atoms."""
    total = field.ctx.constant(1 if not a else 0)
    for j, top in enumerate(a[0] if a else ()):
        if not top.is_zero():
            inner = _determinant([row[:j] + row[j + 1 :] for row in a[1:]], field)
            total = total + (-1) ** j * times(top, inner)
    return field.reduce(total)


def _specialised_rank(rows: Rows, field: Field, rng: random.Random) -> Minor | None:
    """A largest nonzero minor under a random homomorphism to a prime field; None where no prime
    was found modulo which all the roots exist."""
    used = field.closure(
        [p for row in rows for v in row if isinstance(v, Element) for p in (v.num, v.den)],
        inside=False,
    )
    for _ in range(_PRIMES):
        found = homomorphism(field, used, rng, LONG_BITS)
        if found is None:
            return None
        p, images = found
        try:
            table = [[residue(v, images, p) for v in row] for row in rows]
        except ZeroDivisionError:  # p divides a denominator
            continue
        columns = pivot_columns(nmod_mat(table, p))
        transposed = [[row[j] for row in table] for j in columns]
        chosen = pivot_columns(nmod_mat(transposed, p)) if columns else ()
        return Minor(chosen, columns, p)
    return None
