"""All labels at a point: which make θ a local minimum with rank H above, or below, rank J?

In: a model, inputs x and an exact point; the labels are free. Out: `Labels`: the labels that make θ
critical, and the two answers, each with labels, a proof that there are none, or what was tried.
docs/labels.md derives the method.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hessrank.proofs.counterexamples.answer import Answer
from hessrank.proofs.counterexamples.fewer import fewer
from hessrank.proofs.counterexamples.forced import gauss_newton
from hessrank.proofs.counterexamples.label_space import (
    SMALL_RESIDUALS,
    SOFTMAX,
    WEIGHTED,
    LabelSpace,
    label_space,
)
from hessrank.proofs.counterexamples.more import more
from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.pages.blocks import Block, Table, Text, literal
from hessrank.proofs.pages.shown import Shown
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.budget import SECONDS, decision
from hessrank.symbolic.errors import InputError, KinkError, UndecidedError, require
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.fields.field import Refine
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.models.architecture_bounds import deep_with_equality
from hessrank.symbolic.models.losses import Loss, as_loss
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem
from hessrank.symbolic.ranks.rank_result import RankResult

#: Second derivatives of all outputs are formed with at most this many parameters.
MAX_PARAMETERS = 60

#: T16: one hidden layer, one output, one of these: rank H = rank J at every critical point with
#: H ⪰ 0 (proof in docs/labels.md).
PIECEWISE_LINEAR = frozenset({"identity", "relu", "leaky-relu"})
T16 = (
    "one hidden layer, one output and a piecewise linear activation: at every critical point with "
    "H ⪰ 0 the D²f term is 0, so rank H = rank J for all labels (T16)"
)
#: T17: the same of deeper ones.
T17 = (
    "one output of a deep linear net, or of two hidden layers of relu of which the second is one "
    "unit: at every local minimum the D²f term is 0, so rank H = rank J for all labels (T17)"
)


@dataclass(frozen=True, repr=False)
class Labels(Shown):
    """rank_jacobian at the point; residuals: a basis of the r = ∇ℓ(F) that make θ critical (None
    where it is not known); more, fewer: the answers for rank H > rank J and rank H < rank J."""

    here: Landscape
    rank_jacobian: RankResult
    residuals: tuple[tuple[Expr, ...], ...] | None
    more: Answer
    fewer: Answer

    def __repr__(self) -> str:
        return (
            f"Labels(rank J = {self.rank_jacobian.shown}; "
            f"rank H > rank J: {self.more.exists.value}; "
            f"rank H < rank J: {self.fewer.exists.value})"
        )

    def blocks(self) -> list[Block]:
        asked = (("rank H > rank J", self.more), ("rank H < rank J", self.fewer))
        rows = [(name, a.exists.mark, _rows(a), literal(a.why)) for name, a in asked]
        return [
            Text(f"rank J = {self.rank_jacobian.shown}"),
            Table(("labels with", "exist", "y", "why"), tuple(rows), "llpp"),
        ]

    def to_json(self) -> dict[str, Any]:
        basis = self.residuals
        return {
            "rank_jacobian": self.rank_jacobian.to_json(),
            "residuals": None if basis is None else [[str(v) for v in r] for r in basis],
            "more": self.more.to_json(),
            "fewer": self.fewer.to_json(),
        }


def _rows(answer: Answer) -> str:
    rows = answer.labels
    return "" if rows is None else "; ".join(", ".join(map(str, row)) for row in rows)


def labels(
    model: Model,
    x: Sequence[object],
    point: Mapping[str, object],
    loss: str | Loss = "half-squared",
    seconds: float = SECONDS,
) -> Labels:
    """Every label vector at once: which make `point` a local minimum with rank H ≠ rank J?

    model, x: N parameters, D rows of inputs; point: an exact value for each parameter, off kinks;
    loss: one of `SMALL_RESIDUALS`, the others are left undecided; seconds: after which what is open
    is undecided, too (docs/budgets.md). Raises InputError where shapes do
    not fit and KinkError at a kink.

    >>> from hessrank.symbolic.models.models import Model
    >>> square = Model.from_expressions("t**2", "t")
    >>> found = labels(square, [[]], {"t": 0})
    >>> found.more.exists, [str(v) for v in found.more.labels[0]]
    (Truth.TRUE, ['-1'])
    """
    require(model, Model, "a model, hr.mlp([2, 3, 1]); a landscape has .problem.model", "model")
    K = model.output_count
    share = Fraction(1, K)  # a target that every loss takes: which one does not count
    problem = Problem(model, Data(list(x), [[share] * K for _ in x]), as_loss(loss))
    return labels_at(problem.at(point), seconds)


def labels_at(here: Landscape, seconds: float = SECONDS) -> Labels:
    """The same at the point of a landscape, whose own labels do not count."""
    with decision(seconds):
        return _labels(here)


def _labels(here: Landscape) -> Labels:
    if here.problem.regulariser is not None:
        raise InputError("labels are found without a regulariser", "regulariser")
    if here.side:
        try:
            int(_free(here).rank("jacobian"))
        except KinkError:
            why = "θ lies on a kink, where ∇L and H are those of one side alone"
            return _both(here, Answer(Truth.UNDECIDED, why))
    plain = _free(here)
    rank = plain.rank("jacobian")
    theorem = forbidding(here.problem.model)
    if theorem and here.problem.loss.name != SOFTMAX and _definite(here):
        return _both(plain, Answer(Truth.FALSE, theorem))
    if here.problem.loss.name not in SMALL_RESIDUALS:
        shown = ", ".join(SMALL_RESIDUALS)
        return _both(plain, Answer(Truth.UNDECIDED, f"labels are found for the losses {shown}"))
    if not _definite(here):
        return _both(plain, Answer(Truth.UNDECIDED, "W is not known to be positive definite"))
    if here.problem.N > MAX_PARAMETERS or not rank.decided:
        why = f"more than {MAX_PARAMETERS} parameters" if rank.decided else "rank J is undecided"
        return _both(plain, Answer(Truth.UNDECIDED, why))
    try:
        space = label_space(plain)
        assert space is not None
        basis = tuple(tuple(map(space.field.expr, r)) for r in space.residuals)
    except (UndecidedError, TooLarge) as error:
        return _both(plain, _without_null_spaces(plain, str(error)))
    answers = [_tried(find, space, int(rank)) for find in (more, fewer)]
    return Labels(plain, rank, basis, *answers)


def _without_null_spaces(here: Landscape, why: str) -> Answer:
    """What is seen where these are too large to carry."""
    try:
        space = label_space(here, checked=False)
        excluded = "" if space is None else gauss_newton(space)
    except (UndecidedError, TooLarge):
        excluded = ""
    return Answer(Truth.FALSE, excluded) if excluded else Answer(Truth.UNDECIDED, why)


def _tried(find: Callable[[LabelSpace, int], Answer], space: LabelSpace, rank: int) -> Answer:
    try:
        return find(space, rank)
    except (UndecidedError, TooLarge) as error:
        return _without_null_spaces(space.here, str(error))
    except InputError as error:  # labels that are none of the loss
        return Answer(Truth.UNDECIDED, str(error))
    except Refine:
        why = "the field of the point does not carry the higher derivatives"
        return Answer(Truth.UNDECIDED, why)


def _both(here: Landscape, answer: Answer) -> Labels:
    return Labels(here, here.rank("jacobian"), None, answer, answer)


def _free(here: Landscape) -> Landscape:
    """The landscape with labels that the loss takes, on no side of a kink."""
    problem = here.problem
    return type(problem)(problem.model, problem.data, problem.loss).at(here.point)


def forbidding(model: Model) -> str:
    """The theorem by which rank H = rank J at local minima of a model, off its kinks and with
    A ≻ 0; or ""."""
    net = model.network
    if net is None or net.widths[-1] != 1 or model.fixed or model.tied is not None:
        return ""
    if net.depth == 2 and net.activation in PIECEWISE_LINEAR:
        return T16
    return T17 if deep_with_equality(net) else ""


def _definite(here: Landscape) -> bool:
    """Whether A ≻ 0 (on im P) for the small residuals of this loss."""
    if here.problem.loss.name != WEIGHTED:
        return here.problem.loss.name in SMALL_RESIDUALS
    return landscape_facts.loss_hessian_definite(here).truth is Truth.TRUE
