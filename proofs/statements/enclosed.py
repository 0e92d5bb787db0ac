"""Claims about matrices whose entries are not rational: proposals from floating point.

In: a `Landscape`. Out: an approximate inverse, a congruence, a kernel, as rational or exact text;
that they prove something is for `proofs/checker.py` to see, by enclosures and exact identities.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from hessrank.proofs.certificates import json_number
from hessrank.symbolic.errors import HessrankError
from hessrank.symbolic.fields.elements import Element, fraction
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.null_space import null_space

#: Approximations are rounded to multiples of 2^-BITS.
BITS = 30


def rank_enclosed(here: Landscape, name: str) -> dict[str, Any] | None:
    """A proposal for the claim "rank-enclosed", or None where the rank is not decided."""
    matrix = here.matrix(name)
    found = here.rank(name)
    if not found.decided or found.witness is None or not matrix.is_exact:
        return None
    rows, columns = sorted(found.witness.rows), sorted(found.witness.columns)
    minor = matrix.to_numpy()[np.ix_(rows, columns)]
    try:
        inverse = np.linalg.inv(minor)
        kernel = _kernel(here, name, columns) if found.lower < min(matrix.shape) else None
    except (np.linalg.LinAlgError, HessrankError):
        return None
    return {
        "kind": "rank-enclosed",
        "matrix": name,
        "rank": found.lower,
        "rows": rows,
        "columns": columns,
        "inverse": dyadic(inverse),
        "kernel": kernel,
    }


def _kernel(here: Landscape, name: str, columns: list[int]) -> dict[str, Any] | None:
    """A basis of the kernel of the matrix whose free columns are the others."""
    matrix = here.matrix(name)
    n = matrix.shape[1]
    free = [j for j in range(n) if j not in columns]
    order = columns + free  # pivots first
    rows = [[row[j] for j in order] for row in matrix.rows]
    vectors = []
    for found in null_space(rows, n, matrix.field):
        vector = _without_denominators(found)
        entries: list[Any] = [None] * n
        for j, v in zip(order, vector, strict=True):
            entries[j] = str(matrix.field.expr(v)) if isinstance(v, Element) else _text(v)
        vectors.append(entries)
    return {"free": free, "vectors": vectors}


def _without_denominators(vector: Sequence[Any]) -> list[Any]:
    """A multiple of the vector whose entries are polynomials in the atoms of their field."""
    out = list(vector)
    for j in range(len(out)):
        v = out[j]
        if isinstance(v, Element) and not v.field.lift(v.den).is_constant():
            den = v.field.lift(v.den)
            factor = fraction(v.field, den, den * 0 + 1)
            out = [x * factor for x in out]
    return out


def _text(v: Any) -> int | str:
    return json_number(Fraction(int(v.p), int(v.q)) if hasattr(v, "p") else Fraction(v))


def inertia_enclosed(here: Landscape) -> dict[str, Any] | None:
    """A proposal for the claim "inertia-enclosed": the eigenvectors of the rank H largest
    eigenvalues, each scaled to ±1. None where the rank of H is not decided."""
    found = here.rank("hessian")
    if not found.decided:
        return None
    X = congruence(here.hessian.to_numpy(), found.lower)
    return None if X is None else {"kind": "inertia-enclosed", "congruence": X}


def congruence(H: Any, rank: int) -> list[list[int | str]] | None:
    """The eigenvectors of the `rank` largest eigenvalues of H, each scaled to ±1."""
    values, vectors = np.linalg.eigh(H)
    largest = sorted(np.argsort(-abs(values))[:rank])
    if any(values[i] == 0 for i in largest):
        return None
    return dyadic([vectors[:, i] / np.sqrt(abs(values[i])) for i in largest])


def falling(here: Landscape) -> list[int | str] | None:
    """A direction v with vᵀHv < 0, near the eigenvector of the least eigenvalue, where there is."""
    values, vectors = np.linalg.eigh(here.hessian.to_numpy())
    return dyadic([vectors[:, 0]])[0] if len(values) and values[0] < 0 else None


def dyadic(matrix: Any) -> list[list[int | str]]:
    """The entries rounded to multiples of 2^-BITS.

    >>> dyadic(np.array([[0.5, 3.0]]))
    [['1/2', 3]]
    """
    scale = 1 << BITS
    return [[json_number(Fraction(round(float(x) * scale), scale)) for x in row] for row in matrix]
