"""Certificates at algebraic points: the real critical points of a polynomial landscape.

In: a `PolynomialLandscape` and an `AlgebraicPoint`, θ = (x_1(t), …) for a zero t of f. Out: a
certificate about the problem at θ, whose `field` names t. Kernels are found by elimination in
Q[t]/f, the rest in floating point; what it proves is for `proofs/checker.py` to see.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import count
from typing import Any

import numpy as np
from flint import fmpq_poly

from hessrank.proofs import checker
from hessrank.proofs.certificates import Certificate, json_number
from hessrank.proofs.critical_points.findings import CriticalPoints
from hessrank.proofs.critical_points.polynomials import PolynomialLandscape
from hessrank.proofs.critical_points.real_points import AlgebraicPoint
from hessrank.proofs.statements.enclosed import congruence, dyadic
from hessrank.proofs.statements.problem import problem_at
from hessrank.proofs.statements.statement import Claim, proved, statement_certificate

Rows = Sequence[Sequence[Any]]


def point_certificates(
    landscape: PolynomialLandscape, found: CriticalPoints
) -> dict[str, Certificate]:
    """A certificate for each real point that was found, by the numbers of component and point."""
    return {
        f"{i}-{j}": point_certificate(landscape, point.exact)
        for i, component in enumerate(found.components, 1)
        for j, point in enumerate(component.real_points or (), 1)
    }


def point_certificate(landscape: PolynomialLandscape, point: AlgebraicPoint) -> Certificate:
    """What the checker can be shown of one algebraic point: ranks, signs of H, ∇L, a minimum.

    >>> import hessrank as hr
    >>> from hessrank.proofs.critical_points.critical_points import critical_points
    >>> from hessrank.proofs.critical_points.polynomials import polynomial_landscape
    >>> problem = hr.Problem(hr.Model.from_expressions("t**3 - t", "t"), hr.Data([[]], [[1]]))
    >>> [root] = [p for c in critical_points(problem).components for p in c.real_points
    ...           if p.value == "0"]
    >>> made = point_certificate(polynomial_landscape(problem), root.exact)
    >>> len(made["problem"]["field"]["t_"]["polynomial"])
    4
    >>> made["statement"].startswith("rank J = 1, rank H = 1, ")
    True
    """
    problem, names = landscape.problem, landscape.problem.model.parameters
    if point.f.degree() == 1:
        values = {
            n: _fraction(x.coeffs()[0]) if x else 0
            for n, x in zip(names, point.coordinates, strict=False)
        }
        return statement_certificate(problem.at(values))
    taken = {*names, *problem.model.inputs}
    t = next(name for k in count() if (name := "t" + "_" * k) not in taken)
    texts = {n: _text(x, t) for n, x in zip(names, point.coordinates, strict=False)}
    given = problem_at(problem, texts) | {"field": {t: _zero(point)}}
    return proved(given, _groups(landscape, point, t))


def _groups(
    landscape: PolynomialLandscape, point: AlgebraicPoint, t: str
) -> Iterator[Iterator[Claim]]:
    exact = {
        name: [[point.value(v) for v in row] for row in table]
        for name, table in (("jacobian", landscape.jacobian), ("hessian", landscape.hessian))
    }
    near = {
        name: np.array([[float(point.ball(v).mid()) for v in row] for row in rows])
        for name, rows in exact.items()
    }
    ranks = {}
    for name, rows in exact.items():
        claim = _rank(name, rows, near[name], point.f, t, landscape.N)
        ranks[name] = claim["rank"]
        yield iter([claim])
    yield iter([{"kind": "inertia-enclosed",
                 "congruence": congruence(near["hessian"], ranks["hessian"])}])  # fmt: skip
    yield iter([{"kind": "critical"}])
    yield _kind(near["hessian"])


def _kind(H: Any) -> Iterator[Claim]:
    yield {"kind": "perfect-fit"}
    yield {"kind": "squares", "squares": []}
    yield {"kind": "definite"}
    values, vectors = np.linalg.eigh(H)
    if values[0] < 0:
        yield {"kind": "negative-curvature", "direction": dyadic([vectors[:, 0]])[0]}


def _rank(name: str, rows: Rows, near: Any, f: Any, t: str, N: int) -> Claim:
    """The claim "rank-enclosed", from the kernel over Q[t]/f."""
    columns, vectors = _null_space(rows, N, f)
    chosen, _ = _null_space(list(zip(*rows, strict=True)), len(rows), f)
    free = [j for j in range(N) if j not in columns]
    return {
        "kind": "rank-enclosed",
        "matrix": name,
        "rank": len(columns),
        "rows": chosen,
        "columns": columns,
        "inverse": dyadic(np.linalg.inv(near[np.ix_(chosen, columns)])),
        "kernel": {"free": free, "vectors": [[_text(x, t) for x in v] for v in vectors]}
        if len(columns) < min(len(rows), N)
        else None,
    }


def _null_space(rows: Rows, n: int, f: Any) -> tuple[list[int], list[list[Any]]]:
    """(the first independent columns, a vector of the kernel for each of the others)."""
    A = [list(row) for row in rows]
    columns: list[int] = []
    for j in range(n):
        r = len(columns)
        i = next((i for i in range(r, len(A)) if A[i][j]), None)
        if i is None:
            continue
        A[r], A[i] = A[i], A[r]
        inverse = A[r][j].xgcd(f)[1]
        A[r] = [x * inverse % f for x in A[r]]
        for k, row in enumerate(A):
            if k != r and row[j]:
                A[k] = [(x - row[j] * y) % f for x, y in zip(row, A[r], strict=True)]
        columns.append(j)
    vectors = []
    for own in (j for j in range(n) if j not in columns):
        v = [fmpq_poly([int(j == own)]) for j in range(n)]
        for i, j in enumerate(columns):
            v[j] = -A[i][own]
        vectors.append(v)
    return columns, vectors


def _zero(point: AlgebraicPoint) -> dict[str, Any]:
    """t for `field`, with a short interval that holds this root of f alone."""
    middle = _dyadic(point.root(128))
    for k in count():
        low = Fraction((middle * 2**k).__floor__(), 2**k)
        given = {
            "polynomial": [json_number(_fraction(c)) for c in point.f.coeffs()],
            "between": [json_number(low), json_number(low + Fraction(1, 2**k))],
        }
        with suppress(checker.Refused):
            checker.zero_of(given)
            return given
    raise AssertionError


def _dyadic(ball: Any) -> Fraction:
    mantissa, exponent = ball.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _fraction(x: Any) -> Fraction:
    return Fraction(int(x.p), int(x.q))


def _text(x: Any, t: str) -> int | str:
    """A polynomial in t as text, a rational number as such."""
    terms = [(_fraction(c), k) for k, c in enumerate(x.coeffs()) if c]
    if not terms or [k for _, k in terms] == [0]:
        return json_number(terms[0][0] if terms else Fraction(0))
    return " + ".join(f"({c})*{t}**{k}" if k else f"{c}" for c, k in terms)
