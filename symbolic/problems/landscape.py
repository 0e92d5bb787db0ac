"""The landscape of a problem at an exact point θ: F, J, r, A, the two terms of H, and H.

In: a Problem and a constant for each free parameter. Out: matrices of exact numbers, in the field
of the point, each with its rank. The same lines evaluate in that field and, where closed forms
grow too large to carry, in Arb balls.

    H = JᵀAJ + Σ_m r_m ∇²F_m (+ ∇² of the regulariser)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import flint
import numpy as np

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.expression import Expr, Ring
from hessrank.symbolic.expressions.parsing import nearest
from hessrank.symbolic.fields.balls import BallRing
from hessrank.symbolic.fields.field import Field, Refine
from hessrank.symbolic.models import architecture_bounds
from hessrank.symbolic.models.layers import Array
from hessrank.symbolic.modular.ranks_at_point import is_rational, ranks_at
from hessrank.symbolic.problems.domain import check_loss, check_outputs
from hessrank.symbolic.problems.evaluation import NOT_CARRIED, behaviour, compute
from hessrank.symbolic.problems.problem import Problem
from hessrank.symbolic.ranks import theorems
from hessrank.symbolic.ranks.matrices import BallMatrix, Bound, Matrix
from hessrank.symbolic.ranks.rank_result import RankResult

AnyMatrix = Matrix | BallMatrix

#: Networks of more parameters than this have their ranks decided from residues.
LARGE = 150

#: The matrices of a landscape whose rank can be asked for.
MATRICES = ("jacobian", "gauss_newton", "residual", "hessian", "loss_hessian")

_KEYS = dict(zip(MATRICES, ("J", "GN", "R", "H", "A"), strict=True))


@dataclass(frozen=True, eq=False, repr=False)
class Landscape:
    """`problem` at the exact point `values` (name and constant, in the order of the parameters).

    side: 0, or ±1 for the piece to take where a kink lies exactly at the point.
    """

    problem: Problem
    values: tuple[tuple[str, Expr], ...]
    side: int = 0

    def __repr__(self) -> str:
        shown = ", ".join(f"{name} = {value}" for name, value in self.values[:4])
        more = ", …" if len(self.values) > 4 else ""
        return f"Landscape(N = {self.problem.N}, M = {self.problem.M}, at {shown}{more})"

    @property
    def point(self) -> dict[str, Expr]:
        return dict(self.values)

    @cached_property
    def _exact(self) -> _Evaluation:
        return _Evaluation(self)

    def _require_value(self, name: str) -> None:
        """DomainError where what `name` is a derivative of has no value: F, or L."""
        done: set[str] = self.__dict__.setdefault("_has_value", set())
        of_outputs = name in ("F", "J", "PJ", "second", "jacobian")
        if "F" not in done:
            check_outputs(self.problem, self.point)
            done.add("F")
        if not of_outputs and "L" not in done:
            check_loss(
                self.problem, self.point, lambda ring: behaviour(self.problem, self.point, ring).F
            )
            done.add("L")

    # --- the matrices ---------------------------------------------------------------------------

    @cached_property
    def outputs(self) -> AnyMatrix:
        """F as a column, M×1."""
        return self._matrix("F", (self.problem.M, 1))

    @cached_property
    def jacobian(self) -> AnyMatrix:
        """J = ∂F/∂θ, M×N."""
        return self._matrix("J", (self.problem.M, self.problem.N))

    @cached_property
    def loss_gradient(self) -> AnyMatrix:
        """r = ∇ℓ(F) as a column, M×1."""
        return self._matrix("r", (self.problem.M, 1))

    @cached_property
    def loss_hessian(self) -> AnyMatrix:
        """A = ∇²ℓ(F), M×M."""
        return self._matrix("A", (self.problem.M, self.problem.M))

    @cached_property
    def gauss_newton(self) -> AnyMatrix:
        """JᵀAJ, N×N."""
        return self._matrix("GN", (self.problem.N, self.problem.N))

    @cached_property
    def residual(self) -> AnyMatrix:
        """Σ_m r_m ∇²F_m, the D²f term, N×N."""
        return self._matrix("R", (self.problem.N, self.problem.N))

    @cached_property
    def regulariser_hessian(self) -> AnyMatrix:
        """∇² of the regulariser, N×N; zero where there is none."""
        return self._matrix("P", (self.problem.N, self.problem.N))

    @cached_property
    def hessian(self) -> AnyMatrix:
        """H = JᵀAJ + Σ_m r_m ∇²F_m (+ the regulariser's Hessian), N×N."""
        return self._matrix("H", (self.problem.N, self.problem.N))

    @cached_property
    def gradient(self) -> AnyMatrix:
        """∇L = Jᵀr (+ the regulariser's gradient) as a column, N×1."""
        return self._matrix("g", (self.problem.N, 1))

    def second_derivative(self, m: int) -> Matrix:
        """∇²F_m, N×N, of the m-th output (example-major, from 0)."""
        self._require_value("second")
        evaluation = self._exact
        second = evaluation.get("second").reshape(self.problem.M, self.problem.N, self.problem.N)
        return Matrix.of(second[m], evaluation.field)

    def rank(self, name: str) -> RankResult:
        """The rank of one of `MATRICES` at this point (not the generic rank), with reasons.

        Raises InputError for another name.
        """
        known: dict[str, RankResult] = self.__dict__.setdefault("_ranks", {})
        plain = name.replace("-", "_")
        if plain not in known:
            self._require_value(plain)
            found = self._modular_rank(plain) if self._is_large else None
            if found is None and self._is_plain(plain):
                found = self._rank_unexpanded(plain)
            if found is None:
                matrix = self.matrix(name)
                bound = self._bound(plain, by_balls=isinstance(matrix, BallMatrix))
                found = matrix.rank(bound=bound)
                if not found.decided and isinstance(matrix, Matrix):
                    found = self._rank_unexpanded(plain) or found
            if not found.decided or not found.is_certain:
                found = theorems.sharpened(found, self._by_theorems(plain))
            known[plain] = found
        return known[plain]

    @property
    def _is_large(self) -> bool:
        """Whether the network's matrices are better formed modulo primes than over the field."""
        problem = self.problem
        return problem.model.network is not None and problem.N > LARGE and problem.M > 0

    def _by_theorems(self, name: str) -> theorems.Bounds:
        """What the ranks of other matrices say of this one (T4, T9)."""
        problem, loss = self.problem, self.problem.loss
        K, D = problem.model.output_count, len(problem.data)
        if name == "loss_hessian" and (loss.is_definite or loss.is_centred):
            one = K if loss.is_definite else max(K - 1, 0)
            exact = D * one, f"the Hessian of {loss.name} has rank {one} for each example"
            return exact, exact
        if name == "gauss_newton" and loss.is_definite:
            return theorems.equal_to(self.rank("jacobian"), "J", "A is positive definite")
        if name == "gauss_newton" and loss.is_centred:
            centred = self._matrix("PJ", (problem.M, problem.N)).rank()
            return theorems.equal_to(centred, "PJ", "A has the kernel of the centring P")
        if name == "hessian":
            rest, why = 0, "the D²f term is 0"
            for other in (self.rank("residual"), self._regulariser_rank):
                if not other.is_certain:
                    return None, None
                rest, why = rest + other.upper, other.upper_reason if other.upper else why
            return theorems.off_by(self.rank("gauss_newton"), rest, why)
        return None, None

    @property
    def _regulariser_rank(self) -> RankResult:
        N = self.problem.N
        if self.problem.regulariser is None:
            return RankResult(0, 0, "certified", (N, N), "no regulariser", "no regulariser")
        return self.regulariser_hessian.rank()

    def _is_plain(self, name: str) -> bool:
        """Whether a network stands at rational parameters and inputs, and this matrix holds
        exponentials of many rationals: it is not expanded."""
        network = self.problem.model.network
        if network is None or self.side:
            return False
        fixed = (v for _, v in self.problem.model.fixed)
        numbers = (*self.point.values(), *fixed, *(v for row in self.problem.data.x for v in row))
        smooth = network.sigma.functions and not network.sigma.kinks and network.depth > 1
        lossy = name != "jacobian" and self.problem.loss.is_transcendental
        return bool(smooth or lossy) and all(v.is_number for v in numbers)

    def _rank_unexpanded(self, name: str) -> RankResult | None:
        """The rank from balls and residues; None where they do not decide it."""
        bound = self._bound(name, by_balls=True)
        found = self._enclosed_matrix(_KEYS[name], self._shape(name)).rank(bound)
        return found if found.decided else None

    def _shape(self, name: str) -> tuple[int, int]:
        M, N = self.problem.M, self.problem.N
        return {"jacobian": (M, N), "loss_hessian": (M, M)}.get(name, (N, N))

    def _modular_rank(self, name: str) -> RankResult | None:
        """The rank of a large matrix from residues; None where the point is not rational, or the
        matrix holds more than the network and its loss."""
        problem = self.problem
        curved = name == "hessian" and problem.regulariser is not None
        if name not in architecture_bounds.MATRICES or curved or problem.loss.weights is not None:
            return None
        try:
            run, (r, A) = self._exact.get("terms").run, self._exact.get("loss")
        except NOT_CARRIED:
            return None
        D, K = run.outputs.shape
        blocks = np.array([A[d * K : d * K + K, d * K : d * K + K] for d in range(D)])
        if not is_rational(run.run, r, blocks):
            return None
        bound = self._bound(name)
        upper = {name: bound} if bound else None
        return ranks_at(run.run, r.reshape(D, K), blocks, upper, (name,), run.free)[name]

    def _bound(self, name: str, by_balls: bool = False) -> Bound | None:
        """The least upper bound on a rank that needs no entries: the architecture's, rank J for
        JᵀAJ."""
        found: list[Bound] = []
        setting = self._setting
        curved = name == "hessian" and self.problem.regulariser is not None
        if setting is not None and name in architecture_bounds.MATRICES and not curved:
            found.append(architecture_bounds.upper_bound(name, setting))
        if name == "gauss_newton" and by_balls and (J := self.rank("jacobian")).is_certain:
            found.append((J.upper, f"rank JᵀAJ ≤ rank J ≤ {J.upper}: {J.upper_reason}"))
        return min(found, key=lambda b: b[0], default=None)

    @cached_property
    def _setting(self) -> architecture_bounds.Setting | None:
        """What `structure` needs to know of a network with rational data."""
        problem = self.problem
        net, data = problem.model.network, problem.data
        rational = all(v.is_number for row in (*data.x, *data.y) for v in row)
        if net is None or not len(data) or not rational:
            return None
        x = flint.fmpq_mat(
            [[flint.fmpq(v.value.numerator, v.value.denominator) for v in row] for row in data.x]
        )
        return architecture_bounds.Setting(net, len(data), int(x.rank()), problem.loss.name)

    def matrix(self, name: str) -> AnyMatrix:
        """One of `MATRICES` by name; "-" and "_" are the same."""
        plain = name.replace("-", "_")
        if plain not in MATRICES:
            raise InputError(f"no matrix {name!r}{nearest(plain, MATRICES)}", "matrix")
        found: AnyMatrix = getattr(self, plain)
        return found

    def _matrix(self, key: str, shape: tuple[int, int]) -> AnyMatrix:
        self._require_value(key)
        try:
            return Matrix.of(self._exact.get(key).reshape(shape), self._exact.field)
        except NOT_CARRIED:
            return self._enclosed_matrix(key, shape)

    def _enclosed_matrix(self, key: str, shape: tuple[int, int]) -> BallMatrix:
        """One of the matrices by balls and residues."""

        def entries(ring: Ring) -> Any:
            return compute(key, self.problem, self.point, ring, {}).reshape(shape).tolist()

        return BallMatrix(
            lambda bits: self._enclosed(key, bits).reshape(shape).tolist(), shape, entries=entries
        )

    def _enclosed(self, key: str, bits: int) -> Array:
        """One of the matrices as balls computed with `bits` bits."""
        known: dict[int, dict[str, Any]] = self.__dict__.setdefault("_balls", {})
        with flint.ctx.workprec(bits):
            found: Array = compute(
                key, self.problem, self.point, BallRing(self.side), known.setdefault(bits, {})
            )
        return found


class _Evaluation:
    """The matrices of a landscape in one field, each computed when first asked for. A value that
    needs a finer field starts the evaluation again in that one."""

    def __init__(self, here: Landscape) -> None:
        self.here = here
        self.field = Field(here.side)
        self.known: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        while True:
            try:
                return compute(key, self.here.problem, self.here.point, self.field, self.known)
            except Refine:
                self.field = Field(self.here.side, self.field.divisors)
                self.known = {}
