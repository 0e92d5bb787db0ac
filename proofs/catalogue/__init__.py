"""The claims of the source texts, by theme.

In: nothing. Out: `CLAIMS`, every claim in the order of its number, then the theorems that stand
beside them, in the order of theirs, and `find`.
"""

from __future__ import annotations

from hessrank.proofs.catalogue.basins import claims as basins
from hessrank.proofs.catalogue.features import claims as features
from hessrank.proofs.catalogue.fibres import claims as fibres
from hessrank.proofs.catalogue.hessian import claims as hessian
from hessrank.proofs.catalogue.hessian import off_fit_claims as off_fit
from hessrank.proofs.catalogue.information import claims as information
from hessrank.proofs.catalogue.solution_sets import claims as solution_sets
from hessrank.proofs.reasoning.claim import Claim
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.parsing import nearest

THEMES = (fibres, solution_sets, hessian, off_fit, information, features, basins)

CLAIMS: tuple[Claim, ...] = tuple(
    sorted(
        (claim for theme in THEMES for claim in theme.CLAIMS),
        key=lambda claim: (claim.theorem, claim.number),
    )
)


def beside(claim: Claim) -> tuple[Claim, ...]:
    """The other claims of the same number.

    >>> [c.id for c in beside(find(8))]
    ['kernel-is-tangent']
    """
    return tuple(c for c in CLAIMS if c.number and c.number == claim.number and c is not claim)


def find(name: str | int) -> Claim:
    """The claim of that id or number. InputError with the nearest ids for another.

    >>> find("rank-equality").number, find(26).id
    (26, 'rank-equality')
    """
    for claim in CLAIMS:
        if str(name) in (claim.id, claim.label):
            return claim
    near = nearest(str(name), [c.id for c in CLAIMS])
    hint = near or "; expected a number or an id that `hessrank claims` lists"
    raise InputError(f"no claim {name!r}{hint}", "claim")
