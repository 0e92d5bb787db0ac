"""Certificates of whole statements: what is known of a landscape, proved claim by claim.

In: a `Landscape`. Out: a certificate that `proofs/checker.py` accepts by itself. Each claim is a
proposal: the checker replays it on the problem before it is written, and one that it refuses or
cannot carry is left out. So a certificate never says more than the checker proves.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import flint

from hessrank.proofs import checker
from hessrank.proofs.certificates import Certificate, json_number, sealed
from hessrank.proofs.minima.global_minimum import squares
from hessrank.proofs.minima.minimum import minimum
from hessrank.proofs.statements.enclosed import falling, inertia_enclosed, rank_enclosed
from hessrank.proofs.statements.fibre import fibre
from hessrank.proofs.statements.flat import flat
from hessrank.proofs.statements.problem import problem_json
from hessrank.proofs.statements.valley import valley
from hessrank.symbolic.errors import HessrankError, InputError
from hessrank.symbolic.linear_algebra.inertia import factorise
from hessrank.symbolic.linear_algebra.integer_matrix import integer_matrix
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.matrices import Matrix

Claim = dict[str, Any]

#: Ranks and inertias of larger matrices are not written.
MAX_PARAMETERS = 200
MATRICES = ("jacobian", "hessian")


def statement_certificate(here: Landscape) -> Certificate:
    """A certificate of all that the checker can be shown of `here`: ranks of J and H, inertia of H,
    ∇L, the dimension of the fibre, what kind of minimum.

    Raises InputError where the problem cannot be written, or nothing is proved about it.

    >>> from hessrank.symbolic.models.models import Model
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> square = Problem(Model.from_expressions("t**2", "t"), Data(x=[[]], y=[[-1]]))
    >>> found = statement_certificate(square.at({"t": 0}))
    >>> found["statement"]
    'rank J = 0, rank H = 1, H has 1 positive, 0 negative, 0 zero eigenvalues, ∇L = 0, \
the fibre of θ has dimension 0, θ is a global minimum of L'
    >>> checker.check(found) is None
    True
    """
    return proved(problem_json(here), _groups(here))


def proved(given: dict[str, Any], groups: Iterable[Iterable[Claim]]) -> Certificate:
    """The certificate, about a problem as JSON, of the first proposal of each group that the
    checker accepts. Raises InputError where it accepts none."""
    try:
        known = checker.Problem(given)
    except checker.Refused as refusal:
        raise InputError(f"the checker does not carry this problem: {refusal}") from None
    claims: list[Claim] = []
    sentences: list[str] = []
    why = "no claim is proposed"
    for group in groups:
        for claim in group:
            try:
                sentences.append(checker.sentence(known, claim, sentences))
            except checker.Refused as refusal:
                why = str(refusal)
                continue
            claims.append(claim)
            break
    if not claims:
        raise InputError(f"the checker is shown nothing about this point: {why}")
    return sealed(
        {
            "kind": "statement",
            "about": checker.fingerprint(given),
            "problem": given,
            "claims": claims,
            "statement": ", ".join(sentences),
        }
    )


def _groups(here: Landscape) -> Iterator[Iterator[Claim]]:
    """For each sentence the proposals that may prove it, the strongest first."""
    for name in MATRICES:
        yield rank_claims(here, name)
    yield _signs(here)
    yield _critical(here)
    yield fibre(here)
    yield _minimum(here)


def rank_claims(here: Landscape, name: str) -> Iterator[Claim]:
    """Proposals for the rank of a matrix."""
    matrix = here.matrix(name)
    if not matrix.is_rational:
        if name == "hessian":
            yield from _gauss_newton(here, "rank")
        claim = rank_enclosed(here, name)
        if claim is not None:
            yield claim
    elif max(matrix.shape) <= MAX_PARAMETERS:
        yield {"kind": "rank", "matrix": name, **one_object(matrix.exact())}


def _gauss_newton(here: Landscape, proves: str) -> Iterator[Claim]:
    """For H = JᵀAJ with A ≻ 0, at r = 0."""
    rank, r = here.rank("jacobian"), here.loss_gradient
    if rank.decided and r.is_exact and all(x == 0 for row in r.rows for x in row):
        yield {"kind": "gauss-newton", "rank": rank.lower, "proves": proves}


def one_object(matrix: Matrix) -> Claim:
    """Both bounds on the rank of a rational matrix A, its rows cleared of denominators, from one
    minor B of size r: B·adj = d·1 and d·A = A[:, columns]·adj·A[rows, :].

    >>> from hessrank.specs.spec import read_spec
    >>> one_object(read_spec("X11").landscape().jacobian)["adjugate"]
    [[1]]
    """
    A = integer_matrix(matrix.fractions())
    rows, columns, adjugate, d = minor([[int(x) for x in row] for row in A], matrix.shape)
    return {
        "rank": len(rows),
        "rows": rows,
        "columns": columns,
        "adjugate": adjugate,
        "determinant": d,
    }


def minor(
    A: list[list[int]], shape: tuple[int, int]
) -> tuple[list[int], list[int], list[list[int]], int]:
    """The first independent rows and columns of an integer matrix, and the adjugate and the
    determinant of the minor that they form.

    >>> minor([[0, 2], [0, 4]], (2, 2))
    ([0], [1], [[1]], 2)
    """
    whole = flint.fmpz_mat(*shape, [x for row in A for x in row])
    rows, columns = _pivots(whole.transpose()), _pivots(whole)
    r = len(rows)
    if not r:
        return [], [], [], 1
    B = flint.fmpz_mat(r, r, [A[i][j] for i in rows for j in columns])
    d = int(B.det())
    adjugate = flint.fmpq_mat(B).inv() * d
    return rows, columns, [[int(adjugate[i, j].p) for j in range(r)] for i in range(r)], d


def _pivots(A: flint.fmpz_mat) -> list[int]:
    """The first independent columns of A."""
    echelon, _, rank = A.rref()
    return [next(j for j in range(A.ncols()) if echelon[i, j] != 0) for i in range(rank)]


def _signs(here: Landscape) -> Iterator[Claim]:
    H = here.hessian
    if not H.is_exact or here.problem.N > MAX_PARAMETERS:
        return
    if not H.is_rational:
        yield from _gauss_newton(here, "inertia")
        claim = inertia_enclosed(here)
        if claim is not None:
            yield claim
        return
    found = factorise(H.exact().fractions())
    inertia = found.inertia
    heads = itertools.accumulate((len(block) for block in found.blocks), initial=0)
    free = {k for k, block in zip(heads, found.blocks, strict=False) if block == ((0,),)}
    yield {
        "kind": "inertia",
        "matrix": "hessian",
        "order": list(found.order),
        "L": [
            [json_number(x) if k not in free else 0 for k, x in enumerate(row[:i])]
            for i, row in enumerate(found.L)
        ],
        "blocks": [[[json_number(x) for x in row] for row in block] for block in found.blocks],
        "inertia": {
            "positive": inertia.positive,
            "negative": inertia.negative,
            "zero": inertia.zero,
        },
    }


def _critical(here: Landscape) -> Iterator[Claim]:
    yield {"kind": "critical"}
    for name in here.problem.model.parameters:
        yield {"kind": "not-critical", "parameter": name}


def _minimum(here: Landscape) -> Iterator[Claim]:
    """Global minima first, then local ones, then none."""
    yield {"kind": "perfect-fit"}
    yield {"kind": "convex"}
    yield {"kind": "squares", "squares": []}
    found = squares(here)
    if found is not None:
        shown = [{"weight": json_number(c), "root": str(q)} for c, q in found]
        yield {"kind": "squares", "squares": shown}
    yield {"kind": "definite"}
    yield from valley(here)
    yield from flat(here)
    if not here.hessian.is_exact:
        return
    if not here.hessian.is_rational:
        v = falling(here)
        if v is not None:
            yield {"kind": "negative-curvature", "direction": v}
    try:
        direction = minimum(here).direction
    except HessrankError:
        return
    if direction is not None and all(v.is_number for v in direction):
        yield {"kind": "negative-curvature", "direction": [json_number(v.value) for v in direction]}
    yield from _curves(here)


def _curves(here: Landscape) -> Iterator[Claim]:
    """The straight lines along one parameter."""
    for moved in here.problem.model.parameters:
        for sign in ("+", "-"):
            curve = {n: f"{v} {sign} s" if n == moved else str(v) for n, v in here.values}
            yield {"kind": "descent", "curve": curve}
