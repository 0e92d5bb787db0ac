"""The main question at a point: does rank H = rank J hold, and why or why not?

In: a `Landscape`. Out: a `Verdict`: the four ranks, the facts that decide, whether the ranks are
equal, and the sentence of theorem T4 (or what lies outside it) that explains the outcome.

T4: r = 0 and A ⪰ 0 ⇒ ker H = J⁻¹(ker A), so rank H = rank J − dim(im J ∩ ker A).
T9: |rank H − rank JᵀAJ| ≤ rank Y for Y = H − JᵀAJ, at any θ and for any A; and for A ≻ 0 H has at
least rank J − i₋(Y) positive squares.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.facts.landscape_facts import Sign
from hessrank.proofs.minima.minimum import minimum
from hessrank.proofs.pages.blocks import Block, Table, Text, literal
from hessrank.proofs.pages.shown import Shown
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.brief import count
from hessrank.symbolic.budget import OVER, SECONDS, OverBudget, decision, over
from hessrank.symbolic.errors import UndecidedError, counted, require
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.problems.landscape import A_LANDSCAPE, Landscape
from hessrank.symbolic.ranks.rank_result import RankResult

#: The matrices, and how they are written.
SIGNS = {"jacobian": "J", "gauss_newton": "JᵀAJ", "residual": "Σ r_m∇²F_m", "hessian": "H"}
RANKS = tuple(SIGNS)


@dataclass(frozen=True, repr=False)
class Verdict(Shown):
    """rank_equality and its explanation; point: what kind of point θ is (see `minima`); `ranks` by
    the names of RANKS; `facts` by name."""

    rank_equality: Fact
    explanation: str
    point: str
    ranks: dict[str, RankResult]
    facts: dict[str, Fact]
    loss_hessian_sign: Sign

    def __repr__(self) -> str:
        ranks = ", ".join(f"{name} {r.shown}" for name, r in self.ranks.items())
        return (
            f"Verdict({self.rank_equality.truth.value}; {ranks}; {self.point}; {self.explanation})"
        )

    def blocks(self) -> list[Block]:
        rows = [(SIGNS[name], r.shown, r.status) for name, r in self.ranks.items()]
        return [
            Table(("matrix", "rank", "status"), tuple(rows), "lrl"),
            Text(f"θ: {self.point}"),
            Text(f"rank H = rank J: {self.rank_equality.truth.mark}"),
            Text(literal(self.explanation)),
        ]

    def to_json(self) -> dict[str, Any]:
        return {
            **{f"rank_{name}": r.to_json() for name, r in self.ranks.items()},
            "rank_equality": self.rank_equality.truth.to_json(),
            "explanation": self.explanation,
            "point": self.point,
            "loss_hessian": self.loss_hessian_sign.value,
            "facts": {name: fact.to_json() for name, fact in self.facts.items()},
        }


def verdict(here: Landscape, seconds: float = SECONDS) -> Verdict:
    """Decide rank H = rank J at the point of `here`, with the reason.

    seconds: for all of it together; after which what is known is returned (docs/budgets.md).

    >>> from hessrank.symbolic.models.models import Model
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> square = Problem(Model.from_expressions("t**2", "t"), Data(x=[[]], y=[[-1]]))
    >>> verdict(square.at({"t": 0})).rank_equality.truth
    Truth.FALSE
    """
    require(here, Landscape, A_LANDSCAPE, "here")
    with decision(seconds):
        ranks = {name: here.rank(name) for name in RANKS}
        kind = minimum(here)
        facts = {
            "critical point": _in_time(landscape_facts.critical_point, here),
            "local minimum": kind.local,
            "perfect fit": _in_time(landscape_facts.perfect_fit, here),
            "A positive definite": _in_time(landscape_facts.loss_hessian_definite, here),
            "A positive semidefinite": _in_time(landscape_facts.loss_hessian_semidefinite, here),
            "A diagonal": _in_time(landscape_facts.loss_hessian_diagonal, here),
        }
        equal = landscape_facts.same_rank(ranks["hessian"], ranks["jacobian"], ("H", "J"))
        try:
            sign, _ = landscape_facts.loss_hessian_sign(here)
            why = _explain(here, ranks, facts, equal)
            if equal.truth is Truth.FALSE:
                why += _within(here, ranks, facts)
        except OverBudget as error:
            sign, why = Sign.UNDECIDED, f"{equal.reason}; {error}."
        if over() and equal.truth is Truth.UNDECIDED and OVER not in why:
            why = f"Not decided: {equal.reason}; {OVER}."
    return Verdict(equal, why, kind.kind, ranks, facts, sign)


def _in_time(ask: Callable[[Landscape], Fact], here: Landscape) -> Fact:
    """The fact; undecided where the budget is over."""
    try:
        return ask(here)
    except OverBudget as error:
        return Fact(Truth.UNDECIDED, str(error))


def _explain(
    here: Landscape, ranks: dict[str, RankResult], facts: dict[str, Fact], equal: Fact
) -> str:
    if equal.truth is Truth.UNDECIDED:
        return f"Not decided: {equal.reason}."
    if here.problem.regulariser is not None:
        return _regularised(ranks, equal)
    fit = facts["perfect fit"].truth
    if fit is Truth.TRUE:
        return _perfect(here, ranks, facts, equal)
    if fit is Truth.UNDECIDED:
        return f"Whether the fit is perfect is not decided ({facts['perfect fit'].reason})."
    return _with_residual(ranks, facts, equal)


def _perfect(
    here: Landscape, ranks: dict[str, RankResult], facts: dict[str, Fact], equal: Fact
) -> str:
    start = "The fit is perfect (r = 0), so the D²f term vanishes and H = JᵀAJ"
    if facts["A positive definite"].truth is Truth.TRUE:
        return f"{start}; A is positive definite, so ker H = ker J and the ranks agree (T4)."
    if facts["A positive semidefinite"].truth is Truth.TRUE:
        found = landscape_facts.image_meets_kernel(here)
        if found is not None and found[0] == found[1]:
            lost = found[0]
            if lost == 0:
                return (
                    f"{start}; A ⪰ 0 is singular, but no output direction that θ can reach lies in "
                    "ker A (im J ∩ ker A = 0), so the ranks agree (T4)."
                )
            return (
                f"{start}; {count(lost, 'direction')} of output change that θ can reach "
                f"{'lies' if lost == 1 else 'lie'} in ker A, where the loss has no curvature: "
                f"rank H = rank J − {lost} (T4)."
            )
    if facts["A positive semidefinite"].truth is Truth.FALSE:
        tail = "here they agree" if equal.truth is Truth.TRUE else "here H loses rank"
        return f"{start}; A is not positive semidefinite, so T4 does not apply: {tail}."
    if facts["A positive semidefinite"].truth is Truth.TRUE:
        return f"{start}; A ⪰ 0, but dim(im J ∩ ker A), which T4 subtracts, was not computed."
    return f"{start}; the sign of A is not decided, so T4 does not explain the outcome."


def _with_residual(ranks: dict[str, RankResult], facts: dict[str, Fact], equal: Fact) -> str:
    J, GN, R, H = (ranks[name] for name in RANKS)
    where = {
        Truth.TRUE: "θ is critical for L although the outputs are not (r ≠ 0 lies in the left null "
        "space of J)",
        Truth.FALSE: "θ is no critical point, and r ≠ 0",
        Truth.UNDECIDED: "r ≠ 0",
    }[facts["critical point"].truth]
    start = f"{where}: the D²f term Σ r_m∇²F_m is present"
    if R.upper == 0:
        start = f"{where}, but the D²f term Σ r_m∇²F_m is zero here, so H = JᵀAJ"
    if equal.truth is Truth.TRUE:
        return f"{start}; the ranks agree here, but T4 (r = 0) does not promise it."
    how = "raises" if H.lower > J.upper else "lowers"
    if R.upper == 0:
        return f"{start}; JᵀAJ has lower rank than J, for A as a form on im J is degenerate."
    if GN.decided and J.decided and GN.lower != J.lower:
        return (
            f"{start}; JᵀAJ has rank {GN.lower} and J rank {J.lower}, and H has rank "
            f"{H.shown}: T4 needs r = 0."
        )
    return f"{start} and {how} the rank from {J.shown} to {H.shown}: T4 needs r = 0."


def _within(here: Landscape, ranks: dict[str, RankResult], facts: dict[str, Fact]) -> str:
    """T9 with its numbers, where Y ≠ 0; empty where one of them is not known."""
    J, GN, _, H = (ranks[name] for name in RANKS)
    try:
        Y, _ = landscape_facts.second_term(here)
        if not (GN.decided and H.decided and Y.decided and Y.lower):
            return ""
        term = "the D²f term"
        if here.problem.regulariser is not None:
            term = "Y, the D²f term and the regulariser's Hessian"
        gap = abs(H.lower - GN.lower)
        said = f" T9: |rank H − rank JᵀAJ| = {gap} ≤ {Y.lower}, the rank of {term}"
        if facts["A positive definite"].truth is not Truth.TRUE or not J.decided:
            return said + "."
        minus = landscape_facts.second_term_negative(here)
        plus = here.inertia().positive
    except (UndecidedError, TooLarge):
        return ""
    squares = counted(plus, "positive square")
    return f"{said}; H has {squares}, at least {J.lower} − {minus} = rank J − i₋."


def _regularised(ranks: dict[str, RankResult], equal: Fact) -> str:
    H, J = ranks["hessian"].shown, ranks["jacobian"].shown
    tail = "they happen to agree" if equal.truth is Truth.TRUE else "they differ"
    return (
        "H contains the regulariser's curvature, which does not pass through the outputs: the "
        "claim "
        f"does not cover it; rank H = {H}, rank J = {J}, {tail}."
    )
