"""Claims about the dimension of the fibre: proposals from below and from above.

In: a `Landscape`. Out: claims "fibre"; that they prove something is for `proofs/checker.py` to see.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq

from hessrank.proofs.certificates import json_number
from hessrank.proofs.statements.flat import MAX_PARAMETERS, Claim, combinations, families
from hessrank.symbolic.errors import HessrankError
from hessrank.symbolic.fields.elements import Element
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.inertia import inertia, restrict
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.null_space import left_null_space, null_space

#: Quadratic forms on ker J are proposed for at most this many parameters.
MAX_FORM = 24


def fibre(here: Landscape) -> Iterator[Claim]:
    """Proposals, the strongest first: the rank of J stays; a family and a form; one of them."""
    rank, (M, N) = here.rank("jacobian"), (here.problem.M, here.problem.N)
    if not rank.decided or not here.jacobian.is_exact or N > MAX_PARAMETERS:
        return
    r = rank.lower
    nothing: Claim = {"kind": "fibre", "rank": r, "steady": None, "family": None, "form": None}
    if r == N:
        yield nothing
        return
    with suppress(HessrankError, TooLarge):
        steady = {"free": [], "combinations": []} if r == M else next(combinations(here), None)
        if steady is not None:
            yield nothing | {"steady": steady}
    lower: list[Any] = []
    with suppress(HessrankError, TooLarge):
        found = sorted(families(here), key=lambda family: -len(family[0]))
        lower = [{"at": at, "forms": forms} for at, forms in found]
    upper: list[Any] = []
    with suppress(HessrankError, TooLarge):
        upper = list(_forms(here))
    for family in [*lower, None]:
        for form in [*upper, None]:
            yield nothing | {"family": family, "form": form}


def _forms(here: Landscape) -> Iterator[Claim]:
    """c in the left null space of J, and a basis of ker J: each c alone, then their sum."""
    N = here.problem.N
    if N > MAX_FORM:
        return
    J = here.jacobian.exact()
    kernel = null_space(J.rows, N, J.field)
    left = [list(c) for c in left_null_space(J.rows, N, J.field)]
    if not left or any(isinstance(x, Element) for v in (*kernel, *left) for x in v):
        return
    basis = [_shown(v) for v in kernel]
    tables = [here.second_derivative(m).rows for m in range(here.problem.M)]
    found = []
    for c in [*left, [sum(column) for column in zip(*left, strict=True)]]:
        B = sum(
            (x * np.array(table, dtype=object) for x, table in zip(c, tables, strict=True)),
            np.full((N, N), fmpq(0), dtype=object),
        )
        Q = restrict(B.tolist(), kernel)
        if not any(isinstance(x, Element) for row in Q for x in row) and any(map(any, Q)):
            definite = abs(inertia(Q).positive - inertia(Q).negative) == len(Q)
            found.append((not definite, {"combination": _shown(c), "kernel": basis}))
    for _, form in sorted(found, key=lambda item: item[0]):
        yield form


def _shown(values: Sequence[Any]) -> list[int | str]:
    return [json_number(Fraction(int(x.p), int(x.q))) for x in values]
