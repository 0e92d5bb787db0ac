"""A certificate of what holds for all labels at a point, from what `labels` found.

In: `Labels`. Out: a certificate about the labels with rank H > rank J that were found; or one that
rank H has a bound whatever the labels are, from the facial reduction of `more`. The numbers α and β
of each step are found here by linear algebra; that they prove something is for `proofs/checker.py`
to see, which forms the inequality by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from hessrank.proofs.certificates import Certificate, json_number
from hessrank.proofs.counterexamples.label_space import (
    SMALL_RESIDUALS,
    LabelSpace,
    label_space,
)
from hessrank.proofs.counterexamples.labels import Labels
from hessrank.proofs.counterexamples.more import Face, reduce
from hessrank.proofs.reasoning.truth import Truth
from hessrank.proofs.statements.problem import problem_json
from hessrank.proofs.statements.statement import Claim, proved, rank_claims, statement_certificate
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.fields.elements import Element
from hessrank.symbolic.linear_algebra.object_matrices import matmul
from hessrank.symbolic.ranks.null_space import null_space

Array = np.ndarray[Any, Any]


def labels_certificate(found: Labels) -> Certificate:
    """The certificate of the answer about rank H > rank J. Raises InputError where there is none.

    >>> import hessrank as hr
    >>> model = hr.Model.from_expressions(["p", "a**2 - b**2", "a*b"], "p a b")
    >>> found = hr.labels(model, [[]], {"p": 0, "a": 0, "b": 0})
    >>> labels_certificate(found)["statement"]
    'rank J = 1, rank H ≤ 1 for all labels with which θ is a local minimum of L'
    """
    if found.more.here is not None:
        return statement_certificate(found.more.here)
    if found.more.exists is not Truth.FALSE:
        raise InputError(f"whether labels give rank H > rank J is undecided ({found.more.why})")
    if found.here.problem.loss.name not in SMALL_RESIDUALS:
        raise InputError(f"the checker is not shown the theorem that answers: {found.more.why}")
    space = label_space(found.here)
    assert space is not None

    def groups() -> Iterator[Iterator[Claim]]:
        yield rank_claims(found.here, "jacobian")
        yield _bound(space, reduce(space))

    made = proved(problem_json(found.here), groups())
    if not any(claim["kind"] == "all-labels" for claim in made["claims"]):
        raise InputError(f"the checker is not shown the reason of this answer: {found.more.why}")
    return made


def _bound(space: LabelSpace, face: Face) -> Iterator[Claim]:
    """The claim "all-labels", where the vectors are rational and nothing but H ⪰ 0 was used."""
    known: list[Array] = []
    steps = []
    for vectors, weights in face.steps:
        if any(isinstance(x, Element) for v in (*vectors, weights) for x in v):
            return
        U = [np.array(v, dtype=object) for v in vectors]
        goal = [
            sum(w * matmul(u, S, u) for w, u in zip(weights, U, strict=True)) for S in space.second
        ]
        bent = [[matmul(S, v) for S in space.second] for v in known]
        rows = [[*space.J[m], *(x for b in bent for x in b[m]), -goal[m]] for m in range(len(goal))]
        solved = null_space(rows, len(rows[0]), space.field)
        if not solved or solved[-1][-1] == 0:
            return
        alpha = [x / solved[-1][-1] for x in solved[-1][:-1]]
        if any(isinstance(x, Element) for x in alpha):
            return
        N = space.problem.N
        parts = [_shown(alpha[i : i + N]) for i in range(0, len(alpha), N)]
        steps.append(
            {
                "vectors": [_shown(v) for v in vectors],
                "weights": _shown(weights),
                "alpha": parts[0],
                "beta": parts[1:],
            }
        )
        known += U
    span = null_space([list(u) for u in known], space.problem.N, space.field) if known else ()
    if known:
        yield {"kind": "all-labels", "bound": len(span), "steps": steps}


def _shown(values: Sequence[Any]) -> list[int | str]:
    return [json_number(Fraction(int(x.p), int(x.q))) for x in values]
