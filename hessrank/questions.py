"""Problem and Landscape as users meet them: the exact ones, with measuring and judging added.

In: the same as `symbolic.problems.problem.Problem`. Out: landscapes that also know `numeric_rank`,
`minimum` and `verdict`. They are defined here, at the top, because the symbolic layer may not know
the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hessrank.symbolic.problems import landscape, problem

if TYPE_CHECKING:
    from hessrank.numeric.measured_ranks import NotMeasured
    from hessrank.numeric.rank import NumericRank, Policy
    from hessrank.proofs.information_loss.cuts import Cut
    from hessrank.proofs.minima.minimum import Minimum
    from hessrank.proofs.minima.verdict import Verdict


class Landscape(landscape.Landscape):
    """`problem` at an exact point; the exact matrices stand in `symbolic.problems.landscape`."""

    def numeric_rank(
        self, name: str = "hessian", policy: Policy = "auto", uncertainty: Any = None
    ) -> NumericRank | NotMeasured:
        """The measured rank of one of the matrices, from the forward pass alone: singular values,
        threshold and its origin, gap, a second precision. It decides nothing.

        policy: auto, numpy, gap, entry-error or uncertainty (then with that of θ).
        """
        from hessrank.numeric.measured_ranks import measured_rank

        return measured_rank(self, name.replace("-", "_"), policy, uncertainty)

    def minimum(self) -> Minimum:
        """What kind of critical point this is, with its certificate (`proofs.minima.minimum`)."""
        from hessrank.proofs.minima.minimum import minimum

        return minimum(self)

    def verdict(self) -> Verdict:
        """Whether rank H = rank J holds here, and which sentence of T4 explains it."""
        from hessrank.proofs.minima.verdict import verdict

        return verdict(self)

    def layer(self, number: int) -> Cut:
        """The landscape seen at a hidden layer (from 1), for claims that speak of one:
        `hr.check("early-discarding", here.layer(1))`. InputError where there is none."""
        from hessrank.proofs.catalogue.asking import layer

        return layer(self, number)

    def _repr_markdown_(self) -> str:
        found = self.verdict()
        rows = [
            f"| {name} | {r.lower if r.decided else f'{r.lower}…{r.upper}'} | {r.status} |"
            for name, r in (
                ("J", found.ranks["jacobian"]),
                ("JᵀAJ", found.ranks["gauss_newton"]),
                ("Σ rₘ∇²Fₘ", found.ranks["residual"]),
                ("H", found.ranks["hessian"]),
            )
        ]
        table = "\n".join(["| matrix | rank | status |", "|---|---|---|", *rows])
        return f"{table}\n\n{found.point}. {found.explanation}"


class Problem(problem.Problem):
    """L(θ) = ℓ(F(θ)) (+ a regulariser); see `symbolic.problems.problem.Problem` for the arguments.

    >>> import hessrank as hr
    >>> square = hr.Problem(hr.Model.from_expressions("t**2", "t"), hr.Data([[]], [[-1]]))
    >>> here = square.at({"t": 0})
    >>> int(here.rank("jacobian")), int(here.rank("hessian")), here.minimum().kind
    (0, 1, 'global minimum')
    """

    def at(self, point: Mapping[str, object], side: str | int = 0) -> Landscape:
        """The problem at an exact point: a value for each free parameter, by name or, for
        networks, by layer: "W1" (one row a unit) and "b1", lists or arrays.

        side: "right" or "left" to take that piece where a kink lies exactly at the point.

        >>> import hessrank as hr
        >>> net = hr.mlp([2, 1], activation="identity")
        >>> hr.Problem(net, hr.Data([[1, 2]], [[0]])).at({"W1": [[1, "1/2"]], "b1": [3]})
        Landscape(N = 3, M = 1, at w1_1_1 = 1, w1_1_2 = 1/2, b1_1 = 3)
        """
        if isinstance(point, Mapping) and any(re.fullmatch(r"[Wb]\d+", str(k)) for k in point):
            from hessrank.specs.spec import point_of

            point = point_of({k: _listed(v) for k, v in point.items()}, self.model)
        here = super().at(point, side)
        return Landscape(self, here.values, here.side)


def _listed(value: Any) -> Any:
    """Arrays and tuples as lists, at every level."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    return [_listed(v) for v in value] if isinstance(value, (list, tuple)) else value
