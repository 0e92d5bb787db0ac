"""Predicates of a landscape: what holds at the point, three-valued, with evidence.

In: a `Landscape`. Out: `Fact`s. A predicate never guesses: a number is zero where its closed form
is zero, and not zero where a theorem or a ball says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import flint

from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.fields.balls import PRECISIONS, excludes_zero
from hessrank.symbolic.fields.elements import Element, Exact, TooLarge
from hessrank.symbolic.fields.field import differs
from hessrank.symbolic.linear_algebra.inertia import Definiteness, Inertia
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.problems.landscape_ranks import AnyMatrix
from hessrank.symbolic.ranks.matrices import BallMatrix, Matrix
from hessrank.symbolic.ranks.rank_result import RankResult

#: Numbers with more terms, or more letters, are shown as decimals.
MAX_TERMS = 12
MAX_SHOWN = 40


def is_zero(matrix: AnyMatrix, what: str) -> Fact:
    """Whether every entry of `matrix` is zero."""
    if isinstance(matrix, BallMatrix):
        with flint.ctx.workprec(PRECISIONS[2]):
            try:
                seen = any(excludes_zero(v) for row in matrix.at(PRECISIONS[2]) for v in row)
            except UndecidedError:
                seen = False
        if seen:
            return Fact(Truth.FALSE, f"{what} has an entry whose ball excludes zero")
        known = matrix.rank()
        if known.upper == 0 and known.is_certain:
            return Fact(Truth.TRUE, f"{what} is zero: {known.upper_reason}")
        return Fact(Truth.UNDECIDED, f"{what} is only known by balls, and all of them contain zero")
    nonzero = [v for row in matrix.rows for v in row if v != 0]
    if not nonzero:
        return Fact(Truth.TRUE, f"{what} is zero")
    for v in nonzero:
        if differs(matrix.field, v):
            return Fact(Truth.FALSE, f"{what} is not zero: one entry is {_short(matrix, v)}")
    return Fact(Truth.UNDECIDED, f"{what} is not zero as a form; no ball separates it from zero")


def _short(matrix: Matrix, value: Exact) -> str:
    """The closed form where it is short, else a decimal of it."""
    if not isinstance(value, Element) or len(value.num) + len(value.den) <= MAX_TERMS:
        text = str(matrix.field.expr(value))
        if len(text) <= MAX_SHOWN:
            return text
    return f"≈ {matrix.field.ball(value, PRECISIONS[2]).str(6, radius=False)}"


def critical_point(here: Landscape) -> Fact:
    """∇L = Jᵀr (+ the regulariser's gradient) = 0."""
    return is_zero(here.gradient, "∇L")


def perfect_fit(here: Landscape) -> Fact:
    """r = ∇ℓ(F) = 0: the outputs are where the loss of the outputs is stationary."""
    return is_zero(here.loss_gradient, "r")


class Sign(Enum):
    """What a symmetric matrix is as a quadratic form."""

    POSITIVE_DEFINITE = "positive definite"
    POSITIVE_SEMIDEFINITE = "positive semidefinite, not definite"
    INDEFINITE = "indefinite"
    NEGATIVE = "negative semidefinite"
    ZERO = "zero"
    UNDECIDED = "undecided"


def definiteness(here: Landscape, name: str = "hessian") -> tuple[Sign, str]:
    """The sign of H, or of another symmetric matrix of a landscape, and its inertia in words."""
    try:
        return _in_words(here.inertia(name))
    except (UndecidedError, TooLarge) as error:
        return Sign.UNDECIDED, str(error)


def loss_hessian_sign(here: Landscape) -> tuple[Sign, str]:
    """The sign of A, block by block: those of the terms of which ℓ is the sum."""
    A = here.loss_hessian
    if isinstance(A, BallMatrix) and (known := _known_sign(here)) is not None:
        return known
    if isinstance(A, BallMatrix):
        return definiteness(here, "loss_hessian")
    return _sign_of([A.block(t.places, t.places) for t in here.problem.loss_terms])


def _known_sign(here: Landscape) -> tuple[Sign, str] | None:
    """The sign of A where it is the same at all outputs."""
    loss, K, D = here.problem.loss, here.problem.model.output_count, len(here.problem.data)
    if loss.is_definite:
        return Sign.POSITIVE_DEFINITE, f"{K * D} positive squares, as at all outputs"
    if loss.is_centred and K > 1:
        words = f"{(K - 1) * D} positive, 0 negative, {D} zero squares, as at all outputs"
        return Sign.POSITIVE_SEMIDEFINITE, words
    return None


def _sign_of(blocks: Sequence[AnyMatrix]) -> tuple[Sign, str]:
    """The sign of a block diagonal matrix."""
    total = Inertia(0, 0, 0)
    for block in blocks:
        try:
            found = block.inertia
        except (UndecidedError, TooLarge) as error:
            return Sign.UNDECIDED, str(error)
        total = Inertia(
            total.positive + found.positive,
            total.negative + found.negative,
            total.zero + found.zero,
        )
    return _in_words(total)


def _in_words(total: Inertia) -> tuple[Sign, str]:
    words = f"{total.positive} positive, {total.negative} negative, {total.zero} zero squares"
    if not total.negative and not total.zero:  # also a 0×0 matrix
        return Sign.POSITIVE_DEFINITE, words
    match total.definiteness:
        case Definiteness.POSITIVE_SEMIDEFINITE:
            return Sign.POSITIVE_SEMIDEFINITE, words
        case Definiteness.INDEFINITE:
            return Sign.INDEFINITE, words
        case Definiteness.ZERO:
            return Sign.ZERO, words
    return Sign.NEGATIVE, words


def loss_hessian_definite(here: Landscape) -> Fact:
    """A ≻ 0."""
    sign, words = loss_hessian_sign(here)
    if sign is Sign.UNDECIDED:
        return Fact(Truth.UNDECIDED, f"the sign of A is undecided: {words}")
    return Fact(Truth.of(sign is Sign.POSITIVE_DEFINITE), f"A is {sign.value} ({words})")


def loss_hessian_semidefinite(here: Landscape) -> Fact:
    """A ⪰ 0. Where LDLᵀ does not decide, a loss that is convex in its outputs settles it."""
    sign, words = loss_hessian_sign(here)
    if sign is Sign.UNDECIDED:
        if here.problem.loss.is_convex:
            return Fact(Truth.TRUE, f"{here.problem.loss.name} is convex in the outputs")
        return Fact(Truth.UNDECIDED, f"the sign of A is undecided: {words}")
    good = (Sign.POSITIVE_DEFINITE, Sign.POSITIVE_SEMIDEFINITE, Sign.ZERO)
    return Fact(Truth.of(sign in good), f"A is {sign.value} ({words})")


def loss_hessian_diagonal(here: Landscape) -> Fact:
    """A has no cross terms."""
    A = here.loss_hessian
    if isinstance(A, BallMatrix):
        return Fact(Truth.UNDECIDED, "A is only known by balls")
    off = [v for i, row in enumerate(A.rows) for j, v in enumerate(row) if i != j and v != 0]
    if not off:
        return Fact(Truth.TRUE, "A has no entries off the diagonal")
    if any(differs(A.field, v) for v in off):
        return Fact(Truth.FALSE, "A has entries off the diagonal")
    return Fact(Truth.UNDECIDED, "entries of A off the diagonal are not separated from zero")


def loss_hessian_scalar(here: Landscape) -> Fact:
    """A is a multiple of the identity."""
    A = here.loss_hessian
    diagonal = loss_hessian_diagonal(here)
    if diagonal.truth is not Truth.TRUE or isinstance(A, BallMatrix):
        return diagonal
    entries = [A.rows[i][i] for i in range(A.shape[0])]
    gaps = [v - entries[0] for v in entries if v != entries[0]]
    if not gaps:
        return Fact(Truth.TRUE, "A is a multiple of the identity")
    if any(differs(A.field, v) for v in gaps):
        return Fact(Truth.FALSE, "A has different entries on the diagonal")
    return Fact(Truth.UNDECIDED, "the diagonal entries of A are not separated")


def same_rank(a: RankResult, b: RankResult, names: tuple[str, str]) -> Fact:
    """rank a = rank b, as far as the bounds tell."""
    shown = f"rank {names[0]} = {_bounds(a)}, rank {names[1]} = {_bounds(b)}"
    if a.upper < b.lower or b.upper < a.lower:
        return Fact(Truth.FALSE, shown)
    if a.decided and b.decided:
        return Fact(Truth.TRUE, shown)
    return Fact(Truth.UNDECIDED, shown)


def _bounds(r: RankResult) -> str:
    shown = str(r.lower) if r.decided else f"{r.lower}..{r.upper}"
    return f"{shown} (probable)" if r.status == "probabilistic" else shown


def image_meets_kernel(here: Landscape) -> tuple[int, int] | None:
    """Bounds on dim(im J ∩ ker A) = rank J − rank AJ; None where A or J is only known by balls."""
    J, A = here.jacobian, here.loss_hessian
    if isinstance(J, BallMatrix) or isinstance(A, BallMatrix):
        loss = here.problem.loss
        if loss.is_definite:
            return 0, 0
        whole, part = here.rank("jacobian"), here.rank("gauss_newton")
        if loss.is_centred and whole.is_certain and part.is_certain:  # A ⪰ 0: rank AJ = rank JᵀAJ
            return max(0, whole.lower - part.upper), max(0, whole.upper - part.lower)
        return None
    if J.field is not A.field:  # A, read after J, may have asked for a finer field
        here = here.problem.at(here.point, here.side)
        A, J = here.loss_hessian, here.jacobian
        if isinstance(J, BallMatrix) or isinstance(A, BallMatrix) or J.field is not A.field:
            return None
    a, b = J.rank(), (A @ J).rank()
    return max(0, a.lower - b.upper), max(0, a.upper - b.lower)
