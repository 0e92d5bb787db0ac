"""The predicates that claims are made of: properties of a landscape with a name and words.

In: nothing. Out: `Predicate`s on `Landscape`s, to be used as hypotheses and conclusions.
"""

from __future__ import annotations

from dataclasses import replace

from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.minima.minimum import loss_is_convex, minimum
from hessrank.proofs.reasoning.statement import Predicate
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.models.losses import FIT
from hessrank.symbolic.problems.landscape import Landscape, Problem

SQUARED = ("half-squared", "sum-of-squares", "mean-squared")


def _loss_among(names: tuple[str, ...] | frozenset[str], here: Landscape) -> Fact:
    name = here.problem.loss.name
    return Fact(Truth.of(name in names), f"the loss is {name}")


def _unregularised(here: Landscape) -> Fact:
    bare = here.problem.regulariser is None
    return Fact(Truth.of(bare), "no regulariser" if bare else "there is a regulariser")


def _fits(here: Landscape) -> Fact:
    """F(θ) = y, entry by entry."""
    squares = Problem(here.problem.model, here.problem.data, "half-squared")  # its r is F − y
    return landscape_facts.is_zero(squares.at(here.point, here.side).loss_gradient, "F(θ) − y")


def _rank_equality(here: Landscape) -> Fact:
    return landscape_facts.same_rank(here.rank("hessian"), here.rank("jacobian"), ("H", "J"))


def _image_free_of_kernel(here: Landscape) -> Fact:
    bounds = landscape_facts.image_meets_kernel(here)
    if bounds is None:
        return Fact(Truth.UNDECIDED, "J or A is known to any precision, but not exactly")
    low, high = bounds
    shown = str(low) if low == high else f"between {low} and {high}"
    known = True if high == 0 else False if low > 0 else None
    return Fact(Truth.of(known), f"dim(im J ∩ ker A) is {shown}")


def _interior_targets(here: Landscape) -> Fact:
    def inside(field: Field) -> bool:
        y = evaluate([v for row in here.problem.data.y for v in row], field, {})
        return all(field.sign(v) > 0 and field.sign(1 - v) > 0 for v in y)

    if evaluate_in_field(inside):
        return Fact(Truth.TRUE, "targets lie strictly between 0 and 1")
    return Fact(Truth.FALSE, "some target does not lie strictly between 0 and 1")


def _sizes(here: Landscape) -> Fact:
    N, M = here.problem.N, here.problem.M
    return Fact(Truth.of(N > M), f"N = {N}, M = {M}")


def _one_output(here: Landscape) -> Fact:
    K = here.problem.model.output_count
    return Fact(Truth.of(K == 1), f"K = {K}")


UNREGULARISED = Predicate("no-regulariser", "L has no regulariser", _unregularised, setting=True)
CRITICAL = Predicate(
    "critical-point", "∇L = 0", landscape_facts.critical_point, r"\nabla L(\theta) = 0"
)
LOCAL_MINIMUM = Predicate("local-minimum", "θ is a local minimum of L", lambda h: minimum(h).local)
GLOBAL_MINIMUM = Predicate(
    "global-minimum", "θ is a global minimum of L", lambda h: minimum(h).is_global
)
PERFECT_FIT = Predicate(
    "perfect-fit", "r = ∇ℓ(F(θ)) = 0 (a perfect fit)", landscape_facts.perfect_fit, "r = 0"
)
NOT_PERFECT = replace(~PERFECT_FIT, words="r ≠ 0 (no perfect fit)", latex=r"r \neq 0")
FITS_LABELS = Predicate("fits-labels", "F(θ) = y", _fits, "F(\\theta) = y")
A_DEFINITE = Predicate(
    "A-positive-definite",
    "A is positive definite",
    landscape_facts.loss_hessian_definite,
    r"A \succ 0",
)
A_SEMIDEFINITE = Predicate(
    "A-positive-semidefinite",
    "A is positive semidefinite",
    landscape_facts.loss_hessian_semidefinite,
    r"A \succeq 0",
)
A_DIAGONAL = Predicate("A-diagonal", "A is diagonal", landscape_facts.loss_hessian_diagonal)
A_SCALAR = Predicate(
    "A-scalar", "A is a multiple of the identity", landscape_facts.loss_hessian_scalar, r"A = cI"
)
A_MISSES_IMAGE = Predicate(
    "image-meets-no-kernel",
    "im J ∩ ker A = 0",
    _image_free_of_kernel,
    r"\operatorname{im} J \cap \ker A = 0",
)
SQUARED_LOSS = Predicate(
    "squared-loss", "the loss is a squared error", lambda h: _loss_among(SQUARED, h)
)
REGRESSION = Predicate(
    "regression",
    "the loss is a regression loss, minimal exactly at o = y",
    lambda h: _loss_among(FIT, h),
)
CONVEX_LOSS = Predicate("convex-loss", "ℓ is convex", lambda h: loss_is_convex(h.problem))
INTERIOR_TARGETS = Predicate(
    "interior-targets", "every target lies strictly between 0 and 1", _interior_targets
)
RANK_EQUALITY = Predicate(
    "rank-equality",
    "rank H = rank J",
    _rank_equality,
    r"\operatorname{rank} H = \operatorname{rank} J",
)


def loss_is(*names: str) -> Predicate:
    """The loss is one of `names`."""
    shown = " or ".join(names)
    return Predicate(
        f"loss-{'-or-'.join(names)}", f"the loss is {shown}", lambda h: _loss_among(names, h)
    )


OVERPARAMETERISED = Predicate(
    "overparameterised", "there are more parameters than outputs (N > M)", _sizes, "N > M", True
)
ONE_OUTPUT = Predicate("one-output", "the network has one output", _one_output, "K = 1", True)
#: The standing assumptions of S1 on the network, and with its loss.
S1_NETWORK = (OVERPARAMETERISED, ONE_OUTPUT)
S1_REGRESSION = (UNREGULARISED, *S1_NETWORK, replace(SQUARED_LOSS, setting=True))
