"""Write the evidence of a rank or an inertia as a certificate, and have it replayed.

In: a rational matrix and, where it is already known, its RankResult or Factorisation.
Out: a JSON-able dict that `checker.py` accepts or refuses by itself, and results whose status is
"checked" because it did. It exists so that no user has to trust the code that found the answer.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction
from typing import Any

import flint

from hessrank.proofs import checker
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.linear_algebra.inertia import Factorisation, factorise
from hessrank.symbolic.linear_algebra.integer_matrix import (
    Integers,
    exact_rows,
    fmpz_mat,
    integer_matrix,
)
from hessrank.symbolic.linear_algebra.minor import Minor
from hessrank.symbolic.ranks.rank_result import RankResult
from hessrank.symbolic.ranks.rational_rank import rational_rank

Certificate = dict[str, Any]

#: Where a minor was proved nonzero without a prime, one is looked for from here (2^61 - 1) down.
_FIRST_PRIME = 2**61 - 1


def rank_certificate(matrix: Any, result: RankResult | None = None) -> Certificate:
    """A certificate of both bounds on the rank of `matrix` (any form that `rational_rank` takes).

    Without `result`, or where its upper bound is proved neither by the size nor by a kernel, a
    kernel is computed. InputError where `result` does not belong to a matrix of this shape.

    >>> checker.check(rank_certificate([[1, 2], [2, 4]])) is None
    True
    """
    A = integer_matrix(matrix)
    if result is not None and result.shape != A.shape:
        raise InputError(f"a result for shape {result.shape} with a matrix of shape {A.shape}")
    size = min(A.shape)
    if result is None or result.witness is None or _unproved(result, size):
        result = rational_rank(A, certify=True)
    assert result.witness is not None
    upper: Certificate = {"bound": result.upper, "kind": "size"}
    if result.upper < size:
        assert result.kernel is not None
        free = [j for j in range(A.shape[1]) if j not in set(result.witness.columns)]
        upper |= {"kind": "kernel", "free": free, "vectors": [list(k) for k in result.kernel]}
    return sealed(
        {
            "kind": "rank",
            "shape": list(A.shape),
            "matrix": _matrix(matrix),
            "lower": _lower(A, result.witness),
            "upper": upper,
        }
    )


def _unproved(result: RankResult, size: int) -> bool:
    proved = result.upper == size or result.kernel is not None
    return not proved or result.status == "probabilistic"


def _lower(A: Integers, witness: Minor) -> Certificate:
    rows, columns = sorted(witness.rows), sorted(witness.columns)
    minor = fmpz_mat(A[rows][:, columns])
    for prime in _primes(witness.prime):
        det = int(flint.nmod_mat(minor, prime).det()) if rows else 1
        if det:
            return {
                "bound": len(rows),
                "rows": rows,
                "columns": columns,
                "prime": prime,
                "determinant": det,
            }
    raise AssertionError("unreachable")


def _primes(first: int | None) -> itertools.chain[int]:
    below = (n for n in range(_FIRST_PRIME, 2, -2) if flint.fmpz(n).is_prime())
    return itertools.chain(() if first is None else (first,), below)


def inertia_certificate(S: Any, factorisation: Factorisation | None = None) -> Certificate:
    """A certificate of the inertia of a symmetric rational matrix.

    >>> checker.check(inertia_certificate([[0, 1], [1, 0]])) is None
    True
    """
    found = factorise(S) if factorisation is None else factorisation
    inertia = found.inertia
    n = len(found.order)
    return sealed(
        {
            "kind": "inertia",
            "shape": [n, n],
            "matrix": _matrix(S),
            "order": list(found.order),
            "L": [[json_number(x) for x in row[:i]] for i, row in enumerate(found.L)],
            "blocks": [[[json_number(x) for x in row] for row in block] for block in found.blocks],
            "inertia": {
                "positive": inertia.positive,
                "negative": inertia.negative,
                "zero": inertia.zero,
            },
        }
    )


def replay(certificate: Certificate) -> str | None:
    """None if the checker accepts the certificate, otherwise its reason for refusing it.

    >>> replay(rank_certificate([[1, 2]]) | {"version": 2})
    'version is not 1'
    """
    return checker.check(certificate)


def checked_rank(matrix: Any) -> tuple[RankResult, Certificate]:
    """The rank with status "checked", and the certificate that was replayed for it.

    RuntimeError where the checker refuses: that is an error of this package.

    >>> checked_rank([[1, 2], [2, 4]])[0].status
    'checked'
    """
    result = rational_rank(matrix, certify=True)
    certificate = rank_certificate(matrix, result)
    reason = replay(certificate)
    if reason is not None:
        raise RuntimeError(f"a certificate of this package was refused: {reason}")
    return replace(result, status="checked"), certificate


def sealed(body: Certificate) -> Certificate:
    """The certificate with format, version and digest."""
    certificate = {"format": checker.FORMAT, "version": checker.VERSION, **body}
    return certificate | {"digest": checker.digest(certificate)}


def _matrix(matrix: Any) -> list[list[int | str]]:
    return [[json_number(x) for x in row] for row in exact_rows(matrix)]


def json_number(x: Fraction) -> int | str:
    """An exact number as certificates hold it: 3 or "1/2"."""
    x = Fraction(x)
    return x.numerator if x.denominator == 1 else f"{x.numerator}/{x.denominator}"
