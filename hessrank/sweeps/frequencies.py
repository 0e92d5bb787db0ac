"""Counts of one setting of a sweep, with Wilson's intervals.

In: rows of finished runs. Out: a `Frequency`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hessrank.proofs.experiments.intervals import wilson


@dataclass(frozen=True)
class Frequency:
    """Of one setting (data, loss, activation, widths): how many runs, how many certified, as what.

    deficient: certified points with rank J < min(M, N), among `decided`, whose rank J is decided;
    unequal: those with rank H ≠ rank J; intervals: Wilson, 95 %.
    """

    setting: tuple[str, str, str, str]
    parameters: int
    runs: int
    certified: int
    fits: int
    decided: int
    deficient: int
    equal: int
    unequal: int

    @property
    def share(self) -> tuple[float, float]:
        """The interval of the share of deficient ranks."""
        return wilson(self.deficient, self.decided)

    def to_json(self) -> dict[str, Any]:
        data, loss, activation, widths = self.setting
        return {
            "data": data,
            "loss": loss,
            "activation": activation,
            "widths": widths,
            "parameters": self.parameters,
            "runs": self.runs,
            "certified": self.certified,
            "certified_interval": [round(v, 4) for v in wilson(self.certified, self.runs)],
            "fits": self.fits,
            "rank_decided": self.decided,
            "rank_deficient": self.deficient,
            "deficient_interval": [round(v, 4) for v in self.share],
            "rank_equal": self.equal,
            "rank_unequal": self.unequal,
        }


def frequency(setting: tuple[str, str, str, str], rows: Sequence[dict[str, Any]]) -> Frequency:
    """What the runs of one setting reached."""
    sure = [r for r in rows if r["certified"]]
    decided = [r for r in sure if r["rank_jacobian_lower"] == r["rank_jacobian_upper"]]
    full = [min(r["parameters"], r["outputs"]) for r in decided]
    return Frequency(
        setting,
        max((r["parameters"] or 0 for r in rows), default=0),
        len(rows),
        len(sure),
        sum(r["kind"] == "fit" for r in sure),
        len(decided),
        sum(r["rank_jacobian_upper"] < m for r, m in zip(decided, full, strict=True)),
        sum(r["rank_equality"] == 1 for r in sure),
        sum(r["rank_equality"] == 0 for r in sure),
    )
