"""Linear networks under squared losses: θ is a global minimum by Eckart and Young.

In: a `Landscape` of a network with σ(z) = c·z and a squared loss. Out: a `Fact` that is TRUE, or
None.

The outputs on the data are F = X Wᵀ with W = W_L ⋯ W_1 of rank at most h, the least hidden width
(biases add a row that is the same for all examples: centre the columns of X, F and Y, and ask that
the residual has mean 0). Write R = Y − F, P for the projection onto the column space of X, and
E = P R. As F and E lie in that space and Y − P Y is orthogonal to it,

    ‖R‖² = ‖Y − P Y‖² + ‖P Y − F‖²,    P Y − F = E.

So θ is a global minimum, even among all matrices X Wᵀ of rank at most h, if F is a best
approximation of P Y = F + E of rank at most h. It is one if E = 0; or if FᵀE = 0, F Eᵀ = 0, and no
singular value of E exceeds the h-th of F: then the singular values of F + E are those of F and of E
together, those of E are the least ones, and ‖E‖² is the sum of the squares of all beyond the first
h, which no matrix of rank ≤ h undercuts (Eckart and Young 1936; Mirsky 1960). The comparison is
made exactly: some λ has EᵀE ⪯ λ, and FᵀF − λ has at most K − h negative squares, so that h
singular values of F are at least √λ.

Parameters that are fixed only make the choice smaller; θ stays a minimum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import HessrankError
from hessrank.symbolic.expressions.expression import Expr, evaluate
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.linear_algebra.inertia import inertia
from hessrank.symbolic.linear_algebra.object_matrices import matmul
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.layers import Array
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.null_space import null_space

#: ½Σ(o − y)² up to a positive factor.
SQUARED = frozenset({"half-squared", "sum-of-squares", "mean-squared"})


def best_of_its_rank(here: Landscape) -> Fact | None:
    """TRUE where θ is a global minimum by the theorem of Eckart and Young, else None.

    >>> from hessrank.symbolic.models.models import mlp
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> net = mlp([2, 1, 2], "identity", bias=False)
    >>> problem = Problem(net, Data([[1, 0], [0, 1]], [[3, 0], [0, 2]]))
    >>> best_of_its_rank(problem.at(dict(zip(net.parameters, (1, 0, 3, 0))))).truth
    Truth.TRUE
    >>> best_of_its_rank(problem.at(dict(zip(net.parameters, (0, 1, 0, 2))))) is None
    True
    """
    problem, net = here.problem, here.problem.model.network
    if net is None or problem.loss.name not in SQUARED or problem.regulariser is not None:
        return None
    if net.depth > 1 and not activation(net.activation).is_linear:
        return None
    try:
        return _best(here)
    except HessrankError:
        return None


def _best(here: Landscape) -> Fact | None:
    problem, net = here.problem, here.problem.model.network
    assert net is not None
    if not problem.M:
        return None
    outputs = here.outputs.exact("F")
    field, K = outputs.field, net.widths[-1]
    X, Y = (_table(rows, field) for rows in (problem.data.x, problem.data.y))
    F = np.array([v for (v,) in outputs.rows], dtype=object).reshape(Y.shape)
    R = Y - F
    if net.bias:
        if any(v != 0 for v in R.sum(axis=0)):
            return None
        X, F = _centred(X), _centred(F)
    E = _projected(X, R, field)
    if all(v == 0 for v in E.ravel()):
        return Fact(Truth.TRUE, "F is the projection of Y on what a linear map can reach")
    h = min(net.widths[1:-1], default=K)
    if any(v != 0 for v in (*matmul(F.T, E).ravel(), *matmul(F, E.T).ravel())):
        return None
    small, large, one = matmul(E.T, E), matmul(F.T, F), np.identity(K, dtype=object)
    for cut in _between(small, large):
        low = inertia((one * cut - small).tolist(), sign=field.sign)
        high = inertia((large - one * cut).tolist(), sign=field.sign)
        if low.negative == 0 and high.negative <= K - h:
            return Fact(
                Truth.TRUE,
                f"F is a best approximation of rank {h} of what a linear map can reach (Eckart and "
                f"Young): its singular values are at least √({field.expr(cut)}), those left out "
                "at most",
            )
    return None


def _table(rows: Sequence[Sequence[Expr]], field: Field) -> Array:
    return np.array([evaluate(row, field, {}) for row in rows], dtype=object)


def _centred(table: Array) -> Array:
    mean = table.sum(axis=0) * fmpq(1, len(table))
    found: Array = table - mean[None, :]
    return found


def _projected(X: Array, R: Array, field: Field) -> Array:
    """P R with P the projection onto the columns of X: X B with XᵀX B = XᵀR."""
    n = X.shape[1]
    S, T = matmul(X.T, X), matmul(X.T, R)
    columns = []
    for k in range(R.shape[1]):
        rows = [[*S[i], T[i, k]] for i in range(n)]
        basis = null_space(rows, n + 1, field)
        *solution, _ = next(b for b in basis if b[n] == 1)  # normal equations have a solution
        columns.append([-v for v in solution])
    found: Array = matmul(X, np.array(columns, dtype=object).T)
    return found


def _between(small: Array, large: Array) -> Iterator[Exact]:
    """Candidates for λ: the trace of EᵀE, which no eigenvalue of it exceeds; rational eigenvalues
    of both; and points halfway between eigenvalues (from balls: a guess, which is then checked)."""
    yield sum(small.diagonal(), fmpq(0))
    entries = [*small.ravel(), *large.ravel()]
    if not all(isinstance(v, fmpq) for v in entries):
        return
    n = len(small)
    middles: list[fmpq] = []
    for table in (small, large):
        p = fmpq_mat(n, n, list(table.ravel())).charpoly()
        for f, _ in p.numer().factor()[1]:
            if f.degree() == 1:
                yield fmpq(-f[0], f[1])
            roots: list[Any] = f.complex_roots()
            middles += [fmpq(round(float(z.real.mid()) * 2**40), 2**40) for z, _ in roots]
    for a, b in pairwise(sorted(set(middles))):
        yield (a + b) / 2
