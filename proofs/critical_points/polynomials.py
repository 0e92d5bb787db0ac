"""A landscape as polynomials in θ: L, ∇L, J and H over Q[θ].

In: a `Problem` whose network, loss and regulariser are polynomial, with rational data. Out: a
`PolynomialLandscape`. The closed forms of the problem are evaluated in the ring Q[θ] (with one
more variable z, for inequations D ≠ 0 as zD = 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

import flint
from flint import fmpq

from hessrank.proofs.critical_points.ideals import Polynomial, normal_form
from hessrank.proofs.minima.minimum import total_loss
from hessrank.symbolic.budget import spend
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.problems.landscape import Problem

#: More parameters than this are refused.
MAX_PARAMETERS = 10
#: A total degree of L beyond this is refused.
MAX_DEGREE = 24

Table = tuple[tuple[Polynomial, ...], ...]


class NotPolynomial(Exception):
    """The landscape is not polynomial over Q."""


class _Polynomials:
    """The ring Q[θ, z] for closed forms."""

    def __init__(self, context: Any) -> None:
        self.context = context

    def number(self, q: Fraction) -> Polynomial:
        return self.context.constant(fmpq(q.numerator, q.denominator))

    def power(self, value: Polynomial, exponent: Fraction) -> Polynomial:
        if exponent.denominator != 1:
            raise NotPolynomial(f"an exponent of {exponent}")
        if exponent < 0:
            if value and value.is_constant():
                return self.context.constant(value.leading_coefficient() ** int(exponent))
            raise NotPolynomial("a quotient")
        if int(value.total_degree()) * exponent > 4 * MAX_DEGREE:
            raise NotPolynomial(f"a degree above {4 * MAX_DEGREE}")
        return value ** int(exponent)

    def function(self, name: str, *args: Polynomial) -> Polynomial:
        raise NotPolynomial(f"the function {name}")


@dataclass(frozen=True, eq=False)
class PolynomialLandscape:
    """L, ∇L (N), J (M×N) and H (N×N) in Q[θ, z], degrevlex; z occurs in none of them."""

    problem: Problem
    context: Any
    loss: Polynomial
    gradient: tuple[Polynomial, ...]
    jacobian: Table
    hessian: Table

    @property
    def N(self) -> int:
        return self.problem.N

    @property
    def z(self) -> Polynomial:
        """The variable of inequations."""
        return self.context.gens()[self.N]

    @property
    def theta(self) -> tuple[Polynomial, ...]:
        return tuple(self.context.gens()[: self.N])


def polynomial_landscape(problem: Problem) -> PolynomialLandscape:
    """The problem over Q[θ]. Raises InputError where it is not polynomial, or too large."""
    names = problem.model.parameters
    if len(names) > MAX_PARAMETERS:
        raise InputError(
            f"{len(names)} parameters; all critical points are sought for at most {MAX_PARAMETERS}",
            "model",
        )
    context = flint.fmpq_mpoly_ctx.get(
        [*(f"t{i}" for i in range(len(names))), "z"], flint.Ordering.degrevlex
    )
    ring = _Polynomials(context)
    theta = dict(zip(names, context.gens(), strict=False))

    def table(rows: Sequence[Sequence[Any]]) -> Table:
        flat = evaluate([v for row in rows for v in row], ring, theta)
        width = len(rows[0]) if rows else 0
        return tuple(tuple(flat[i * width : (i + 1) * width]) for i in range(len(rows)))

    try:
        loss = evaluate([total_loss(problem)], ring, theta)[0]
        if loss.total_degree() > MAX_DEGREE:
            raise InputError(
                f"L has degree {loss.total_degree()} in the parameters; all critical points are"
                f" sought up to degree {MAX_DEGREE}",
                "model",
            )
        J, H = table(problem.jacobian.rows), table(problem.hessian.rows)
    except NotPolynomial as error:
        raise InputError(
            f"all critical points are sought for landscapes polynomial in the parameters over"
            f" the rationals; this one has {error}",
            "model",
        ) from None
    gradient = tuple(loss.derivative(i) for i in range(len(names)))
    return PolynomialLandscape(problem, context, loss, gradient, J, H)


def elementary_symmetric(
    matrix: Table, basis: Sequence[Polynomial], context: Any
) -> list[Polynomial]:
    """e_0, …, e_n of a square matrix's eigenvalues, modulo the basis (Faddeev and LeVerrier):
    det(t − A) = Σ (−1)^k e_k t^{n−k}. A real symmetric matrix has rank r exactly where e_r ≠ 0
    and e_k = 0 for k > r."""
    n = len(matrix)
    zero, one = context.constant(0), context.constant(1)
    A = [[normal_form(v, basis) for v in row] for row in matrix]
    out, M = [one], [[zero] * n for _ in range(n)]
    for k in range(1, n + 1):
        # M_k = A M_{k-1} + c_{k-1} I with c = (−1)^{k−1} e_{k−1}
        c = out[-1] if k % 2 else -out[-1]
        N = _times(A, M, basis, zero)
        M = [[N[i][j] + (c if i == j else zero) for j in range(n)] for i in range(n)]
        AM_trace = zero
        for i in range(n):
            for j in range(n):
                if A[i][j] and M[j][i]:
                    AM_trace = AM_trace + A[i][j] * M[j][i]
        spend()
        trace = normal_form(AM_trace, basis)
        out.append(trace * fmpq(1 if k % 2 else -1, k))
    return out


def _times(
    A: Sequence[Sequence[Polynomial]],
    B: Sequence[Sequence[Polynomial]],
    basis: Sequence[Polynomial],
    zero: Polynomial,
) -> list[list[Polynomial]]:
    out = []
    for row in A:
        line = []
        for j in range(len(B[0]) if B else 0):
            spend()
            total = zero
            for k, a in enumerate(row):
                if a and B[k][j]:
                    total = total + a * B[k][j]
            line.append(normal_form(total, basis))
        out.append(line)
    return out


def gram(matrix: Table, basis: Sequence[Polynomial], context: Any) -> Table:
    """A Aᵀ or AᵀA, the smaller one, modulo the basis: over the reals it has A's rank."""
    rows = [[normal_form(v, basis) for v in row] for row in matrix]
    columns = [list(c) for c in zip(*rows, strict=True)]
    first, second = (rows, columns) if len(rows) <= len(columns) else (columns, rows)
    found = _times(first, second, basis, context.constant(0))
    return tuple(tuple(row) for row in found)


def principal_minor(landscape: PolynomialLandscape, rows: Sequence[int]) -> Any:
    """det of the rows and columns `rows` of H, in Q[θ], by expansion."""
    context = landscape.context
    minors: dict[tuple[int, ...], Any] = {(): context.constant(1)}
    for i in range(len(rows)):
        grown = {}
        for columns in combinations(rows, i + 1):
            total = context.constant(0)
            for place, c in enumerate(columns):
                term = (
                    landscape.hessian[rows[i]][c] * minors[columns[:place] + columns[place + 1 :]]
                )
                total = total + term if (i + place) % 2 == 0 else total - term
            grown[columns] = total
        minors = grown
    return minors[tuple(rows)]
