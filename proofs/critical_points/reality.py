"""Why a stratum has no real point: a proof, or None.

In: a basis of its equations, and what L satisfies there. Out: one sentence. Three reasons: L is
real, and where it is a sum of squares not negative, so that the polynomial of its values must have
such a root; an equation in one variable without a real root; a quadratic equation whose
homogeneous form is definite (LDLᵀ is the certificate). `forced_forms` gives the linear forms that
a semidefinite equation forces to vanish.
"""

from __future__ import annotations

from typing import Any

from flint import fmpq, fmpq_mat, fmpq_poly

from hessrank.proofs.critical_points.ideals import Basis, Polynomial
from hessrank.proofs.critical_points.real_points import real_roots
from hessrank.symbolic.linear_algebra.inertia import inertia


def no_real_point(basis: Basis, value: Any, nonnegative: bool) -> str | None:
    """The reason why V(basis) has no real point, or None where none was found.

    >>> import flint
    >>> x, y = flint.fmpq_mpoly_ctx.get(["x", "y"], flint.Ordering.degrevlex).gens()
    >>> no_real_point((x**2 + x * y + y**2 + 1,), None, False)
    'a definite quadratic form is 0'
    """
    if value is not None:
        roots = real_roots(value)
        if not roots:
            return "L would have a value that is not real"
        if nonnegative and all(r < 0 for r in roots):
            return "L ≥ 0 would be negative"
    for p in basis:
        alone = _one_variable(p)
        if alone is not None and not real_roots(alone):
            return "an equation in one parameter has no real root"
        form = _homogenised(p)
        if form is not None:
            found = inertia(form)
            if not found.zero and not (found.positive and found.negative):
                return "a definite quadratic form is 0"
    return None


def _one_variable(p: Polynomial) -> Any | None:
    """p as a polynomial of its one variable, made squarefree; None where it has several."""
    used = [i for i, d in enumerate(p.degrees()) if d]
    if len(used) != 1:
        return None
    coefficients = [fmpq(0)] * (int(p.degrees()[used[0]]) + 1)
    for m, c in p.to_dict().items():
        coefficients[int(m[used[0]])] = fmpq(c)
    found = fmpq_poly(coefficients)
    return found / found.gcd(found.derivative())


def _homogenised(p: Polynomial) -> list[list[fmpq]] | None:
    """The symmetric matrix of a quadratic p in its variables and 1; None for another degree."""
    if int(p.total_degree()) != 2:
        return None
    used = [i for i, d in enumerate(p.degrees()) if d]
    constant = bool(p.to_dict().get((0,) * len(p.degrees()), 0)) or any(
        sum(m) == 1 for m in p.to_dict()
    )
    size = len(used) + int(constant)
    rows = [[fmpq(0)] * size for _ in range(size)]
    for m, c in p.to_dict().items():
        places = [k for k, i in enumerate(used) for _ in range(int(m[i]))]
        i, j = [*places, *[len(used)] * (2 - len(places))]
        rows[i][j] += fmpq(c) / 2
        rows[j][i] += fmpq(c) / 2
    return rows


def forced_forms(basis: Basis) -> list[Polynomial]:
    """Linear forms that vanish at every real point of V(basis): those of a homogeneous quadratic
    equation that is semidefinite, Q(v) = 0 ⇔ Qv = 0.

    >>> import flint
    >>> x, y = flint.fmpq_mpoly_ctx.get(["x", "y"], flint.Ordering.degrevlex).gens()
    >>> forced_forms((x**2 + 2 * x * y + y**2,))
    [x + y]
    """
    out: list[Polynomial] = []
    for p in basis:
        if any(sum(m) != 2 for m in p.to_dict()):
            continue
        rows = _homogenised(p)
        if rows is None:
            continue
        found = inertia(rows)
        if found.positive and found.negative:
            continue
        used = [i for i, d in enumerate(p.degrees()) if d]
        gens = p.context().gens()
        reduced, rank = fmpq_mat(rows).rref()
        for i in range(rank):
            form = p.context().constant(0)
            for k, g in enumerate(used):
                form = form + gens[g] * reduced[i, k]
            if all(form != q for q in basis):
                out.append(form)
    return out
