"""Predicates of a landscape: what holds at the point, three-valued, with evidence.

In: a `Landscape`. Out: `Fact`s. A predicate never guesses: a number is zero where its closed form
is zero, and not zero where a theorem or a ball says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.budget import OverBudget, budget
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.fields.balls import PRECISIONS
from hessrank.symbolic.fields.elements import Element, Exact
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.inertia import Definiteness, Inertia
from hessrank.symbolic.once import once
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.matrices import AnyMatrix, Matrix
from hessrank.symbolic.ranks.rank_result import RankResult

#: Numbers with more terms, or more letters, are shown as decimals.
MAX_TERMS = 12
MAX_SHOWN = 40
#: What is known not to vanish is written down where that takes at most this many seconds.
SHOWN = 0.5


def in_short(field: Field, value: Exact) -> str:
    """A number as a closed form, or as a decimal where that is long."""
    many = isinstance(value, Element) and len(value.num) + len(value.den) > MAX_TERMS
    text = "" if many else str(field.expr(value))
    if text and len(text) <= MAX_SHOWN:
        return text
    return f"≈{field.ball(value, PRECISIONS[2]).str(6, radius=False)}"


def is_zero(matrix: AnyMatrix, what: str) -> Fact:
    """Whether every entry of `matrix` is zero."""
    known, why = matrix.vanishes(what)
    return Fact(Truth.of(known), why)


def critical_point(here: Landscape) -> Fact:
    """∇L = Jᵀr (+ the regulariser's gradient) = 0. Where balls exclude that, closed forms only show
    by how much, and have little time."""
    column = (here.problem.N, 1)
    if not here.enclosed("g", column).differs_from_zero():
        return is_zero(here.gradient, "∇L")
    try:
        with budget(SHOWN):
            return is_zero(here.gradient, "∇L")
    except OverBudget:
        return is_zero(here.enclosed("g", column), "∇L")


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


@once
def loss_hessian_sign(here: Landscape) -> tuple[Sign, str]:
    """The sign of A, block by block: those of the terms of which ℓ is the sum."""
    A = here.loss_hessian
    if not A.is_exact:
        return _known_sign(here) or definiteness(here, "loss_hessian")
    return _sign_of([A.exact().block(t.places, t.places) for t in here.problem.loss_terms])


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
    if not A.is_exact:
        return Fact(Truth.UNDECIDED, "A is known to any precision, but not exactly")
    off = [v for i, row in enumerate(A.rows) for j, v in enumerate(row) if i != j]
    return _zero(A.field, off, "the part of A off the diagonal")


def loss_hessian_scalar(here: Landscape) -> Fact:
    """A is a multiple of the identity."""
    A, diagonal = here.loss_hessian, loss_hessian_diagonal(here)
    if diagonal.truth is not Truth.TRUE:
        return diagonal
    gaps = [A.rows[i][i] - A.rows[0][0] for i in range(A.shape[0])]
    fact = _zero(A.field, gaps, "the differences of entries on the diagonal of A")
    known = fact.truth is Truth.TRUE
    return Fact(fact.truth, "A is a multiple of the identity" if known else fact.reason)


def _zero(field: Field, values: Sequence[Exact], what: str) -> Fact:
    column = Matrix(tuple((v,) for v in values), (len(values), 1), field)
    return is_zero(column, what)


def same_rank(a: RankResult, b: RankResult, names: tuple[str, str]) -> Fact:
    """rank a = rank b, as far as the bounds tell."""
    shown = f"rank {names[0]} = {_bounds(a)}, rank {names[1]} = {_bounds(b)}"
    if a.upper < b.lower or b.upper < a.lower:
        return Fact(Truth.FALSE, shown)
    if a.decided and b.decided:
        return Fact(Truth.TRUE, shown)
    return Fact(Truth.UNDECIDED, shown)


def _bounds(r: RankResult) -> str:
    return f"{r.shown} (probable)" if r.status == "probabilistic" else r.shown


def rank_below(rank: RankResult, bound: int, what: str, name: str = "J") -> Fact:
    """rank < bound, `what` being the name of the bound."""
    return Fact(Truth.of(rank.below(bound)), f"rank {name} = {_bounds(rank)}, {what} = {bound}")


def image_meets_kernel(here: Landscape) -> tuple[int, int] | None:
    """Bounds on dim(im J ∩ ker A) = rank J − rank AJ; None where A or J is not exact."""
    J, A = here.jacobian, here.loss_hessian
    if not (J.is_exact and A.is_exact):
        loss = here.problem.loss
        if loss.is_definite:
            return 0, 0
        whole, part = here.rank("jacobian"), here.rank("gauss_newton")
        if loss.is_centred and whole.is_certain and part.is_certain:  # A ⪰ 0: rank AJ = rank JᵀAJ
            return max(0, whole.lower - part.upper), max(0, whole.upper - part.lower)
        return None
    a, b = J.rank(), (A.exact() @ J.exact()).rank()
    return max(0, a.lower - b.upper), max(0, a.upper - b.lower)


# --- T9 ------------------------------------------------------------------------------------------


def second_term(here: Landscape) -> tuple[RankResult, Matrix | None]:
    """Y = H − JᵀAJ, the D²f term plus ∇² of the regulariser: its rank, and itself where it is
    exact. Raises UndecidedError for a sum that is known to any precision, but not exactly."""
    Y = here.residual
    if here.problem.regulariser is None:
        return here.rank("residual"), Y.exact() if Y.is_exact else None
    total = Y.exact("the second term") + here.regulariser_hessian.exact("the second term")
    return total.rank(), total


def second_term_negative(here: Landscape) -> int:
    """i₋(Y). Raises UndecidedError where it is not known."""
    if here.problem.regulariser is None:
        return here.inertia("residual").negative
    _, Y = second_term(here)
    if Y is None:
        raise UndecidedError("a term of H is known to any precision, but not exactly")
    return Y.inertia.negative
