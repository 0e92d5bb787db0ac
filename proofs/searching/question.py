"""What is looked for: a statement to refute, under constraints; and what is known of its kind.

In: a statement, `Constraints`, a hypothesis that was dropped. Out: a `Question`: it asks landscapes
exactly, and says where theorems or screening settle whole cells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from hessrank.proofs.counterexamples.label_space import SMALL_RESIDUALS, SOFTMAX, SQUARED, WEIGHTED
from hessrank.proofs.counterexamples.labels import forbidding
from hessrank.proofs.reasoning.order import Smallness, smallness
from hessrank.proofs.reasoning.statement import Finding, Instance, Outcome, Predicate, Statement
from hessrank.proofs.reasoning.truth import Truth
from hessrank.proofs.searching.constraints import Constraints
from hessrank.symbolic.errors import HessrankError
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.landscape import Landscape

#: The losses that are tried unless others are asked for.
LOSSES = ("half-squared",)
LINEAR = "F is linear in θ: the D²f term is 0, so H = JᵀAJ and rank H = rank J"

_MINIMA = frozenset({"local-minimum", "strict-minimum", "global-minimum"})
_CRITICAL = _MINIMA | {"critical-point"}
#: Conclusions that compare rank H with rank J, and which labels of `labels` violate them.
_SIDES = (
    (r"rank-equality|rank H = rank J|rank J = rank H", ("more", "fewer")),
    (r"rank H <= rank J( \+ \d+)?|rank J( \+ \d+)? >= rank H", ("more",)),
    (r"rank H >= rank J( - \d+)?|rank J( - \d+)? <= rank H", ("fewer",)),
)


@dataclass(frozen=True)
class Question:
    """statement: what is to be refuted; constraints; violates: a dropped hypothesis that the
    counterexample has to violate."""

    statement: Statement
    constraints: Constraints
    violates: Predicate | None = None

    @cached_property
    def _named(self) -> set[str]:
        return {h.name for h in self.statement.hypotheses}

    @property
    def losses(self) -> Sequence[str]:
        return self.constraints.loss or LOSSES

    @cached_property
    def about_ranks(self) -> bool:
        """Whether it can only fail where θ is critical and rank H ≠ rank J."""
        named = bool(self._named & _CRITICAL) and self.statement.each is None
        return named and self._sides is not None

    @property
    def at_minima(self) -> bool:
        """Whether it speaks of minima alone."""
        return bool(self._named & _MINIMA)

    @cached_property
    def _sides(self) -> Sequence[str] | None:
        name = self.statement.conclusion.name
        return next((sides for form, sides in _SIDES if re.fullmatch(form, name)), None)

    @property
    def sides(self) -> Sequence[str]:
        """Which labels are looked for: "more", "fewer"."""
        return self._sides or ("more", "fewer")

    @cached_property
    def excess(self) -> int:
        """k where only rank H > rank J + k counts."""
        found = re.search(r" \+ (\d+)", self.statement.conclusion.name)
        return int(found[1]) if found and self.sides == ("more",) else 0

    @cached_property
    def definite(self) -> bool:
        """Whether A ≻ 0 for all losses that are tried, with residuals as `labels` needs them."""
        return all(n in SMALL_RESIDUALS and n not in (SOFTMAX, WEIGHTED) for n in self.losses)

    @property
    def screens(self) -> bool:
        """Whether J of rank M settles a class."""
        return self.about_ranks and self.definite

    @property
    def turns(self) -> bool:
        """Whether (x, y) ↦ (−x, −y) of an example changes nothing where F is odd: nothing is asked
        but ranks at critical points of a squared loss."""
        ranks = self.screens and self._named <= _CRITICAL and self.violates is None
        return ranks and self.flips

    @property
    def flips(self) -> bool:
        """Whether L stays with the signs of outputs and labels."""
        return all(name in SQUARED for name in self.losses)

    def theorem(self, model: Model) -> str:
        """A theorem that forbids a counterexample with this model, off its kinks, or ""."""
        if not self.screens:
            return ""
        if model.network is not None and model.network.depth == 1:
            return LINEAR
        return forbidding(model) if self.at_minima else ""

    def ask(self, here: Landscape, name: str = "") -> Finding | None:
        """The finding where `here` is a counterexample; None where it is none, or where that is not
        decided."""
        try:
            if not self.constraints.allows(here):
                return None
            # a conclusion that holds ends it, and is cheaper to ask than whether θ is a minimum
            if (
                self.statement.each is None
                and self.statement.conclusion(here).truth is not Truth.FALSE
            ):
                return None
            found = self.statement.on(Instance(name or called(here), here))
            if found.outcome is not Outcome.FAILS:
                return None
            if self.violates is not None and (
                self.violates(found.subject).truth is not Truth.FALSE
            ):
                return None
        except (HessrankError, AttributeError):
            return None  # the statement is not about such landscapes
        return found


def size(found: Finding) -> Smallness:
    """What sorts findings."""
    return smallness(found.subject)


def smaller(a: Finding | None, b: Finding | None) -> Finding | None:
    """The smaller one of two, either of which may be missing."""
    if a is None or b is None:
        return a or b
    return b if size(b) < size(a) else a


def called(here: Landscape) -> str:
    """A name that tells what a landscape is."""
    model = here.problem.model
    net = model.network
    shown = ", ".join(map(str, model.outputs)) if net is None else f"{net.activation} {net.widths}"
    at = ", ".join(f"{name} = {value}" for name, value in here.values)
    y = ", ".join(str(v) for row in here.problem.data.y for v in row)
    return f"{shown} | {here.problem.loss.name} | y = {y} | {at}"[:200]
