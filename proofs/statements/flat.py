"""Claims that a flat point is a local minimum: proposals of manifolds of critical points.

In: a `Landscape` at a critical point with H ⪰ 0. Out: claims "flat-fibre" and "flat-family"; that
they prove something is for `proofs/checker.py` to see.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise
from typing import Any

import flint

from hessrank.proofs.certificates import json_number
from hessrank.proofs.fibres.families import straight_families
from hessrank.symbolic.errors import HessrankError, UndecidedError
from hessrank.symbolic.expressions.expression import Expr, symbol
from hessrank.symbolic.fields.elements import Element
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.null_space import left_null_space

Claim = dict[str, Any]

#: Families are looked for with at most this many parameters.
MAX_PARAMETERS = 60


def flat(here: Landscape) -> Iterator[Claim]:
    """Proposals, in the order in which they are tried."""
    if not here.jacobian.is_exact or not here.hessian.is_exact:
        return
    with suppress(UndecidedError, TooLarge):
        for found in combinations(here):
            yield {"kind": "flat-fibre", **found}
    if here.problem.N <= MAX_PARAMETERS:
        with suppress(UndecidedError, TooLarge):
            nullity = here.inertia().zero
            for at, forms in families(here):
                if len(at) == nullity:
                    yield {"kind": "flat-family", "at": at, "family": forms}


def combinations(here: Landscape) -> Iterator[Claim]:
    """The combinations of the outputs whose gradient vanishes at θ."""
    J = here.jacobian.exact()
    found = left_null_space(J.rows, J.shape[1], J.field)
    if any(isinstance(x, Element) for v in found for x in v):
        return
    vectors = [list(map(_fraction, v)) for v in found]
    free = [_alone(v, vectors) for v in vectors]
    if None not in free:
        order = sorted(range(len(vectors)), key=lambda k: free[k] or 0)
        yield {
            "free": [free[k] for k in order],
            "combinations": [[json_number(x) for x in vectors[k]] for k in order],
        }


def _alone(v: Sequence[Fraction], vectors: Sequence[Sequence[Fraction]]) -> int | None:
    """A place where v alone is not zero."""
    others = [w for w in vectors if w is not v]
    return next((j for j, x in enumerate(v) if x and not any(w[j] for w in others)), None)


def families(here: Landscape) -> Iterator[tuple[dict[str, int], dict[str, str]]]:
    """θ + Σ s_j v_j in parameters that may move along straight lines, then units rescaled by u."""
    names = here.problem.model.parameters
    N = here.problem.N
    scales = list(_rescalings(here))
    try:
        straight = [vectors for _, vectors in straight_families(here)]
    except HessrankError:
        straight = []
    for vectors in [*straight, ()]:
        if any(isinstance(x, Element) for v in vectors for x in v):
            continue
        lines = [list(map(_fraction, v)) for v in vectors]
        values = [v.value if v.is_number else None for _, v in here.values]
        speeds = [_speed(scale, values) for scale in scales]
        kept = independent([*lines, *speeds], N)
        if not kept:
            continue
        at: dict[str, int] = {}
        forms: list[Expr] = [v for _, v in here.values]
        for k in (k for k in kept if k < len(lines)):
            at[f"s{k + 1}"] = 0
            forms = [f + x * symbol(f"s{k + 1}") for f, x in zip(forms, lines[k], strict=True)]
        for k in (k - len(lines) for k in kept if k >= len(lines)):
            at[f"u{k + 1}"] = 1
            u = symbol(f"u{k + 1}")
            forms = [f * u**e if e else f for f, e in zip(forms, scales[k], strict=True)]
        yield at, {n: str(f) for n, f in zip(names, forms, strict=True)}


def _speed(exponents: Sequence[int], values: Sequence[Fraction | None]) -> list[Fraction]:
    """The derivative of the rescaling at u = 1; 0 where a value that moves is not rational."""
    if any(e and x is None for e, x in zip(exponents, values, strict=True)):
        return [Fraction(0)] * len(values)
    return [Fraction(e * (x or 0)) for e, x in zip(exponents, values, strict=True)]


def _rescalings(here: Landscape) -> Iterator[list[int]]:
    """For each hidden unit of a network with homogeneous σ the exponents of u in each parameter:
    1 for what enters the unit, −k for what leaves it (T8)."""
    net = here.problem.model.network
    if net is None or here.problem.model.fixed or net.sigma.homogeneity is None:
        return
    for inner, outer in pairwise(net.blocks):
        for i in range(inner.shape[0]):
            exponents = [0] * net.size
            for position in inner[i]:
                exponents[position] = 1
            for position in outer[:, i]:
                exponents[position] = -net.sigma.homogeneity
            yield exponents


def independent(vectors: Sequence[Sequence[Fraction]], n: int) -> list[int]:
    """The first independent ones among vectors of length n.

    >>> independent([[Fraction(1), Fraction(2)], [Fraction(2), Fraction(4)], [Fraction(0)] * 2], 2)
    [0]
    """
    if not vectors or not n:
        return []
    flat = [flint.fmpq(x.numerator, x.denominator) for v in vectors for x in v]
    echelon, rank = flint.fmpq_mat(len(vectors), n, flat).transpose().rref()
    return [next(j for j in range(len(vectors)) if echelon[i, j] != 0) for i in range(rank)]


def _fraction(x: Any) -> Fraction:
    return Fraction(int(x.p), int(x.q)) if isinstance(x, flint.fmpq) else Fraction(x)
