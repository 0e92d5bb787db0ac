"""What the measuring and the proving layer answer of a landscape.

In: a `Landscape`. Out: what its methods `numeric_rank`, `minimum` and `verdict` return. They are
registered below, so that the symbolic layer need not know of the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hessrank.symbolic.budget import SECONDS
from hessrank.symbolic.problems.questions import register

if TYPE_CHECKING:
    from hessrank.numeric.measured_ranks import NotMeasured
    from hessrank.numeric.rank import NumericRank, Policy
    from hessrank.proofs.minima.kind import Minimum
    from hessrank.proofs.minima.verdict import Verdict
    from hessrank.symbolic.problems.landscape import Landscape


def numeric_rank(
    here: Landscape, name: str = "hessian", policy: Policy = "auto", uncertainty: Any = None
) -> NumericRank | NotMeasured:
    """See `Landscape.numeric_rank`."""
    from hessrank.numeric.measured_ranks import measured_rank

    return measured_rank(here, name.replace("-", "_"), policy, uncertainty)


def minimum(here: Landscape, seconds: float = SECONDS) -> Minimum:
    """See `Landscape.minimum`."""
    from hessrank.proofs.minima.minimum import minimum

    return minimum(here, seconds)


def verdict(here: Landscape, seconds: float = SECONDS) -> Verdict:
    """See `Landscape.verdict`."""
    from hessrank.proofs.minima.verdict import verdict

    return verdict(here, seconds)


for _answer in (numeric_rank, minimum, verdict):
    register(_answer.__name__, _answer)
