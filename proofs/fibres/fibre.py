"""The dimension of the fibre {θ' : F(θ') = F(θ)} near θ, between certified bounds.

In: a `Landscape`. Out: a `FibreDimension`. The dimension is the largest d such that every
neighbourhood of θ contains a d-dimensional manifold of the fibre. N parameters, M outputs,
r = rank J(θ), k = N − r.

From above:
1. d ≤ k. Near θ rank J ≥ r, and tangent vectors of the fibre lie in ker J (T1).
2. Take c with cᵀJ = 0 and Q = Σ c_m∇²F_m on ker J. If Q is definite, then d = 0: were θ_i → θ in
   the fibre, δ_i = θ_i − θ, a limit v of δ_i/|δ_i| would lie in ker J with vᵀQv = 0.
3. If Q ≠ 0 on ker J, then d ≤ k − 1: r of the F_m cut out a manifold S of dimension k near θ with
   tangent space ker J, and cᵀF on S has the Hessian Q at θ. If d = k, F is constant on an open part
   of the connected analytic S, so on S, and Q would be 0.
4. If r = 0 and F is analytic on R^N and not constant, then d ≤ N − 1.

From below:
5. rank J = r near θ ⇒ the fibre is a manifold of dimension k there (constant rank theorem). This
   holds if r = min(M, N) (rank J cannot fall nearby); if the dependences of the gradients at θ hold
   identically; if every (r+1)-minor vanishes identically; if N − r symmetries of F are independent.
6. Explicit families of equal behaviour (`families`).
7. The same with some of the parameters that are 0 fixed at 0: {F = F(θ)} on a subspace.

From both sides:
8. Where F is rational in θ: its zeros, component by component (`components`).

S1's bound N − M is what 5 gives where J has full row rank. Nothing is guessed: where the bounds
do not meet, both stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import fmpq

from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.facts.landscape_facts import in_short
from hessrank.proofs.facts.smooth_piece import (
    analytic_everywhere,
    behaviour_problem,
    outputs_near,
    outputs_of,
)
from hessrank.proofs.fibres.components import components
from hessrank.proofs.fibres.constant_rank import rank_stays, tangents_of, with_zeros_fixed
from hessrank.proofs.fibres.families import largest_family
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.bounds import Bounds
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.expressions.differentiation import gradient, hessian
from hessrank.symbolic.expressions.expression import ZERO, Expr, evaluate, free_symbols
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.elimination import Vector
from hessrank.symbolic.linear_algebra.inertia import Definiteness, inertia, restrict
from hessrank.symbolic.once import once
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.matrices import Matrix
from hessrank.symbolic.ranks.null_space import left_null_space, null_space

#: Quadratic forms on ker J are examined for at most this many parameters.
MAX_SECOND_ORDER = 24


@dataclass(frozen=True)
class FibreDimension(Bounds):
    """lower ≤ local dimension of the fibre at θ ≤ upper, with reasons.

    lower is the dimension of manifolds in the fibre arbitrarily near θ; tangents: where one goes
    through θ, exact vectors that span its tangent space, if they are known; constant_rank: whether
    rank J is constant near θ, in which case the fibre is a manifold there.
    """

    lower: int
    upper: int
    lower_reason: str
    upper_reason: str
    constant_rank: Fact
    tangents: tuple[Vector, ...] = ()

    def __int__(self) -> int:
        if not self.decided:
            raise UndecidedError(f"the fibre has dimension {self.lower} to {self.upper}")
        return self.lower

    def __str__(self) -> str:
        return self.shown

    @property
    def isolated(self) -> Fact:
        """Whether θ is alone in its fibre nearby."""
        if self.upper == 0:
            return Fact(Truth.TRUE, self.upper_reason)
        return Fact(Truth.of(False if self.lower else None), self.lower_reason)

    def at_least(self, d: int) -> Fact:
        """Whether the dimension is at least d."""
        if d <= 0:
            return Fact(Truth.TRUE, f"any dimension is at least {d}")
        if self.lower >= d:
            words = f"the fibre has dimension {self._at_least}, at least {d}: {self.lower_reason}"
            return Fact(Truth.TRUE, words)
        if self.upper < d:
            words = f"the fibre has dimension {self._at_most}, below {d}: {self.upper_reason}"
            return Fact(Truth.FALSE, words)
        return Fact(Truth.UNDECIDED, f"the fibre has dimension {self}, and {d} lies between")

    def equals(self, d: int) -> Fact:
        """Whether the dimension is d."""
        if not self.decided or self.lower != d:
            return self.at_least(d) & ~self.at_least(d + 1)
        reasons = dict.fromkeys((self.lower_reason, self.upper_reason))
        return Fact(Truth.TRUE, f"the fibre has dimension {d}: {'; '.join(reasons)}")

    @property
    def _at_least(self) -> str:
        return f"{self.lower}" if self.decided else f"{self.lower} or more"

    @property
    def _at_most(self) -> str:
        return f"{self.upper}" if self.decided else f"{self.upper} or less"

    def to_json(self) -> dict[str, object]:
        return {
            "lower": self.lower,
            "upper": self.upper,
            "lower_reason": self.lower_reason,
            "upper_reason": self.upper_reason,
            "constant_rank": self.constant_rank.to_json(),
        }


@once
def fibre_dimension(here: Landscape) -> FibreDimension:
    """The local dimension of the fibre at the point of `here`.

    >>> from hessrank.symbolic.models.models import Model
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> square = Problem(Model.from_expressions("x**2 + y**2", "x y"), Data(x=[[]], y=[[0]]))
    >>> [str(fibre_dimension(square.at({"x": x, "y": 0}))) for x in (0, 1)]
    ['0', '1']
    """
    if here.side:
        outputs_near(here)  # a KinkError where J is only that of one side
    N, rank = here.problem.N, here.rank("jacobian")
    k = N - rank.lower
    top = f"N − rank J = {N} − {rank.lower}"
    steady = rank_stays(here)
    if steady.truth is Truth.TRUE and rank.decided:
        reason = f"rank J = {rank.lower} near θ ({steady.reason}): constant rank theorem"
        return FibreDimension(k, k, reason, top, steady, tangents_of(here))
    tangents: tuple[Vector, ...] = ()
    lower, below = 0, "θ itself lies in its fibre"
    family = largest_family(here)
    if family is not None:
        lower, below, tangents = family.dimension, family.reason, family.tangents
    upper, above = k, top
    if lower < upper:
        upper, above = _second_order(here, k, top)
    if lower < upper == N and analytic_everywhere(outputs_near(here)):
        constant = vanish(*(g for f in outputs_near(here) for g in _slopes(here, f)))
        if constant.truth is Truth.FALSE:
            upper, above = N - 1, "F is analytic on R^N and not constant"
    if lower < upper and (zeros := components(here)) is not None:
        if zeros.lower > lower:
            lower, below, tangents = zeros.lower, f"F = F(θ): {zeros.below}", ()
        if zeros.upper < upper:
            upper, above = zeros.upper, "all components of F = F(θ), a polynomial system"
    for dimension, why, vectors in with_zeros_fixed(here) if lower < upper else ():
        if lower < dimension:
            lower, below, tangents = dimension, why, vectors
        if lower == upper:
            break
    if rank.decided and upper < k:
        steady = Fact(Truth.FALSE, f"if it were, the fibre would have dimension {k}, but: {above}")
    elif steady.truth is not Truth.FALSE:
        steady = _rank_grows(here, rank.upper) or steady
    return FibreDimension(lower, upper, below, above, steady, tangents)


def constant_rank(here: Landscape) -> Fact:
    """Whether rank J is constant on a neighbourhood of θ."""
    return fibre_dimension(here).constant_rank


def only_point(here: Landscape) -> Fact:
    """TRUE where θ is all of its fibre, not only nearby: F is affine with rank J = N, or some cᵀF
    with cᵀJ = 0 is a definite quadratic polynomial, which takes its value at θ only there."""
    J, names = here.jacobian, here.problem.model.parameters
    unknown = Fact(Truth.UNDECIDED, "no certificate that θ is all of its fibre")
    forms = outputs_of(here.problem)
    if not (J.is_exact and analytic_everywhere(forms)):
        return unknown
    if not free_symbols(*(g for f in forms for g in gradient(f, names))):
        if here.rank("jacobian").lower == len(names):
            return Fact(Truth.TRUE, f"F is affine and injective: rank J = N = {len(names)}")
        return unknown
    for c in left_null_space(J.rows, J.shape[1], J.field):
        total = ZERO
        for weight, form in zip(c, forms, strict=True):
            total = total + J.field.expr(weight) * form
        table = hessian(total, names)
        if free_symbols(*(v for row in table for v in row)):
            continue
        values = [evaluate(row, J.field, {}) for row in table]
        found = inertia(values, sign=J.field.sign).definiteness
        if found in (Definiteness.POSITIVE_DEFINITE, Definiteness.NEGATIVE_DEFINITE):
            shown = ", ".join(in_short(J.field, v) for v in c)
            return Fact(Truth.TRUE, f"cᵀF is a {found.value} quadratic about θ, c = ({shown})")
    return unknown


def only(here: Landscape, rows: Sequence[int]) -> Landscape:
    """The landscape of some of the outputs alone (by index m from 0), with sum-of-squares loss."""
    forms = outputs_near(here)
    problem = behaviour_problem([forms[m] for m in rows], here.problem.model.parameters)
    return problem.at(here.point, here.side)


def _slopes(here: Landscape, form: Expr) -> list[Expr]:
    return gradient(form, here.problem.model.parameters)


def _rank_grows(here: Landscape, r: int) -> Fact | None:
    """FALSE where rank J > r somewhere and F is analytic on R^N: points of larger rank are then
    dense, for a minor that is not zero everywhere vanishes on no open set."""
    forms, names = outputs_near(here), here.problem.model.parameters
    if not analytic_everywhere(forms) or len(names) > MAX_SECOND_ORDER:
        return None
    problem = behaviour_problem(forms, names)
    for start in (1, 2):
        point = {name: Fraction(start + i * i % 5, 3 + i % 4) for i, name in enumerate(names)}
        found = problem.at(point).rank("jacobian").lower
        if found > r:
            shown = ", ".join(f"{n} = {v}" for n, v in point.items())
            return Fact(Truth.FALSE, f"rank J ≥ {found} at {shown}, so also arbitrarily near θ")
    return None


# --- second order -------------------------------------------------------------------------------


def _second_order(here: Landscape, k: int, top: str) -> tuple[int, str]:
    """Upper bounds 2 and 3 of the module's docstring, by quadratic forms on ker J."""
    N = here.problem.N
    if N > MAX_SECOND_ORDER or not here.rank("jacobian").decided:
        return k, top
    try:
        tables = [here.second_derivative(m) for m in range(here.problem.M)]
        J = here.jacobian.exact("J")  # read last: in the field of the tables
        kernel = null_space(J.rows, N, J.field)
        left = left_null_space(J.rows, N, J.field)
        if len(kernel) != k:
            return k, top
        forms = [_restricted(c, tables, kernel) for c in left]
        return _definite(forms, left, J) or _nonzero(forms, left, J, k) or (k, top)
    except (UndecidedError, TooLarge):
        return k, top


Form = list[list[Any]]


def _restricted(c: Vector, tables: Sequence[Matrix], kernel: Sequence[Vector]) -> Form:
    """Q = Σ c_m∇²F_m on ker J, as a k×k matrix."""
    n = tables[0].shape[0]
    total = [[fmpq(0)] * n for _ in range(n)]
    for weight, table in zip(c, tables, strict=True):
        if weight != 0:
            total = [
                [a + weight * b for a, b in zip(r, t, strict=True)]
                for r, t in zip(total, table.rows, strict=True)
            ]
    return restrict(total, kernel)


def _definite(forms: Sequence[Form], left: Sequence[Vector], J: Matrix) -> tuple[int, str] | None:
    """d = 0 by a definite combination. Tried: each basis vector, and the combination of traces,
    for a definite form has a trace of its sign."""
    traces = [sum((q[i][i] for i in range(len(q))), fmpq(0)) for q in forms]
    n = len(forms[0]) if forms else 0
    mixed = [
        [sum((t * q[i][j] for t, q in zip(traces, forms, strict=True)), fmpq(0)) for j in range(n)]
        for i in range(n)
    ]
    weights = [
        *left,
        tuple(
            sum((t * c[m] for t, c in zip(traces, left, strict=True)), fmpq(0))
            for m in range(J.shape[0])
        ),
    ]
    for form, c in zip([*forms, mixed], weights, strict=True):
        if not n:
            continue
        found = inertia(form, sign=J.field.sign).definiteness
        if found in (Definiteness.POSITIVE_DEFINITE, Definiteness.NEGATIVE_DEFINITE):
            shown = ", ".join(in_short(J.field, v) for v in c)
            return 0, f"Σ c_m∇²F_m is {found.value} on ker J for c = ({shown}), cᵀJ = 0"
    return None


def _nonzero(
    forms: Sequence[Form], left: Sequence[Vector], J: Matrix, k: int
) -> tuple[int, str] | None:
    """d ≤ k − 1 by a form that is not zero on ker J."""
    for form, c in zip(forms, left, strict=True):
        for value in (v for row in form for v in row if v != 0):
            if J.field.proven(value) or J.field.sign(value):
                shown = ", ".join(in_short(J.field, v) for v in c)
                return k - 1, (
                    f"Σ c_m∇²F_m is not zero on ker J for c = ({shown}), cᵀJ = 0: "
                    f"d < N − rank J = {k}"
                )
    return None
