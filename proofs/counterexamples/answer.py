"""An answer to "are there labels such that": true with them, false with a proof, or open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.brief import Brief
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.rank_result import RankResult


@dataclass(frozen=True, repr=False)
class Answer(Brief):
    """exists: three-valued; why; here: the landscape with the labels that were found, its minimum
    certified, with the rank of its H; unwanted: labels were found, and none that was asked for."""

    exists: Truth
    why: str
    here: Landscape | None = field(default=None, repr=False)
    rank_hessian: RankResult | None = field(default=None, repr=False)
    unwanted: bool = field(default=False, repr=False)

    @property
    def labels(self) -> tuple[tuple[Expr, ...], ...] | None:
        """The labels, a row an example, or None."""
        return None if self.here is None else self.here.problem.data.y

    def to_json(self) -> dict[str, Any]:
        rows = self.labels
        return {
            "exists": self.exists.to_json(),
            "labels": None if rows is None else [[str(v) for v in row] for row in rows],
            "rank_hessian": None if self.rank_hessian is None else self.rank_hessian.to_json(),
            "why": self.why,
        }
