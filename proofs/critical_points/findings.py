"""What a search for all critical points finds: points, components, and what they say of claim 26.

In: nothing; these are the values that `critical_points` fills. Out: their JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hessrank.proofs.critical_points.external import External
from hessrank.proofs.critical_points.real_points import AlgebraicPoint
from hessrank.symbolic.brief import Brief

MINIMA = ("local minimum", "strict local minimum", "global minimum")


@dataclass(frozen=True, repr=False)
class RealPoint(Brief):
    """A certified real critical point: coordinates and L as decimals (every digit right up to one
    unit), the inertia of H, and what kind of point it is, with the reason."""

    coordinates: tuple[tuple[str, str], ...]
    value: str
    inertia: tuple[int, int, int]
    kind: str
    reason: str
    exact: AlgebraicPoint = field(repr=False, compare=False)

    def to_json(self) -> dict[str, Any]:
        return {
            "point": dict(self.coordinates),
            "value": self.value,
            "inertia": list(self.inertia),
            "kind": self.kind,
            "reason": self.reason,
            "minimal_polynomial": [str(c) for c in self.exact.f.coeffs()],
        }


@dataclass(frozen=True, repr=False)
class Component(Brief):
    """A stratum of the critical set: {equations = 0, inequation ≠ 0}.

    dimension: over C; at a point of rank H = N − dimension it is that of the real critical set.
    real_points: certified ones; None where it is not known whether there is any (`why` says so),
    () where there is none (`why` says how that is known).
    descends: whether H is known to have a negative square at every real point.
    """

    dimension: int
    rank_jacobian: int
    rank_hessian: int
    equations: tuple[str, ...]
    inequation: str
    real_points: tuple[RealPoint, ...] | None
    all_points: bool
    why: str
    descends: bool = False

    @property
    def critical_values(self) -> tuple[str, ...]:
        """The values of L at the certified real points, ascending."""
        return tuple(sorted({p.value for p in self.real_points or ()}, key=float))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that occur at the certified real points: at least these."""
        return tuple(sorted({p.kind for p in self.real_points or ()}))

    @property
    def kinds_complete(self) -> bool:
        """Whether these are the kinds of all its real points."""
        if self.real_points is None or "undecided" in self.kinds:
            return False
        return self.all_points or self.kinds == ("global minimum",)

    def to_json(self) -> dict[str, Any]:
        points = self.real_points
        return {
            "dimension": self.dimension,
            "rank_jacobian": self.rank_jacobian,
            "rank_hessian": self.rank_hessian,
            "critical_values": list(self.critical_values),
            "real_points": None if points is None else [p.to_json() for p in points],
            "kinds": list(self.kinds),
            "equations": list(self.equations),
            "inequation": self.inequation,
            "descends": self.descends,
            "why": self.why,
        }


@dataclass(frozen=True, repr=False)
class CriticalPoints(Brief):
    """What was found. complete: every critical point lies in a component listed, shown by a tree
    of factors, ideal membership and minors; None where time ran out. kinds_complete: moreover the
    kinds of all real points are listed; None where that is not known. external: what another
    program says, where one was asked."""

    components: tuple[Component, ...]
    complete: bool | None
    kinds_complete: bool | None
    why: str
    external: External | None = None

    @property
    def claim_26(self) -> tuple[bool | None, str]:
        """Whether rank H = rank J at every local minimum of this landscape (claim 26), and why.

        False with one certified local minimum where the ranks differ; True where the list is
        complete and every component with other ranks has no real point or no minimum; else None.
        """
        differ = [c for c in self.components if c.rank_jacobian != c.rank_hessian]
        for c in differ:
            for p in c.real_points or ():
                if p.kind in MINIMA:
                    return False, (
                        f"a {p.kind} with L = {p.value} has rank J = {c.rank_jacobian},"
                        f" rank H = {c.rank_hessian}"
                    )
        open_ = [c for c in differ if not (c.kinds_complete or c.descends)]
        if self.complete and not open_:
            return True, "wherever the ranks differ no real critical point is a minimum"
        what = (
            "the list is not complete"
            if not self.complete
            else (f"{len(open_)} components with other ranks may hold minima that were not met")
        )
        return None, what

    def to_json(self) -> dict[str, Any]:
        truth, reason = self.claim_26
        return {
            "complete": self.complete,
            "kinds_complete": self.kinds_complete,
            "why": self.why,
            "claim_26": {"holds": truth, "reason": reason},
            "components": [c.to_json() for c in self.components],
            **({} if self.external is None else {"external": self.external.to_json()}),
        }
