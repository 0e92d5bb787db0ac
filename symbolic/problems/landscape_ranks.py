"""The ranks of a landscape's matrices: which way is tried first, and what theorems add.

In: a landscape. Out: `RankResult`s. Large networks at rational points are run modulo primes;
matrices that hold many exponentials are known by balls and residues and never expanded; the others
are exact matrices over the field of the point. T4 and T9 carry bounds from one matrix to another.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import flint
import numpy as np

from hessrank.symbolic.budget import SECONDS, OverBudget, decision, grace, spend
from hessrank.symbolic.chance import seeded
from hessrank.symbolic.errors import DomainError, InputError
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.expressions.parsing import expected
from hessrank.symbolic.linear_algebra.ball_inertia import ball_inertia
from hessrank.symbolic.linear_algebra.inertia import Inertia
from hessrank.symbolic.models import architecture_bounds
from hessrank.symbolic.models.layers import Network
from hessrank.symbolic.modular.ranks_at_point import is_rational, ranks_at
from hessrank.symbolic.once import once
from hessrank.symbolic.problems import rank_theorems
from hessrank.symbolic.problems.certified import Certified
from hessrank.symbolic.problems.evaluation import NOT_CARRIED
from hessrank.symbolic.ranks.matrices import AnyMatrix, Bound
from hessrank.symbolic.ranks.rank_result import (
    RankResult,
    cut_short,
    nothing_known,
    together,
)

#: Networks of more parameters than this have their ranks decided from residues.
LARGE = 150
#: Of more parameters, no products of irrational matrices are formed where theorems decide.
LARGE_IRRATIONAL = 40

#: Notes a result that may not be the last, and returns it.
Learn = Callable[[RankResult], RankResult]

#: The matrices of a landscape whose rank can be asked for.
MATRICES = ("jacobian", "gauss_newton", "residual", "hessian", "loss_hessian")

#: Their names as arrays of `evaluation`.
_KEYS = dict(zip(MATRICES, ("J", "GN", "R", "H", "A"), strict=True))


class LandscapeRanks:
    """What `Landscape` knows of ranks; it has the problem, the point and the matrices."""

    if TYPE_CHECKING:
        problem: Any
        values: Any
        side: int

        def __init__(self, problem: Any, values: Any, side: int) -> None: ...
        @property
        def certified(self) -> Certified | None: ...
        @property
        def point(self) -> dict[str, Expr]: ...
        @property
        def regulariser_hessian(self) -> AnyMatrix: ...
        def _get(self, key: str) -> Any: ...
        def _require(self, key: str) -> None: ...
        def _why_not(self, key: str) -> Exception | None: ...
        def _matrix(self, key: str, shape: tuple[int, int]) -> AnyMatrix: ...
        def enclosed(self, key: str, shape: tuple[int, int]) -> AnyMatrix: ...

    def rank(self, name: str, seed: int | None = None, seconds: float = SECONDS) -> RankResult:
        """The rank of one of `MATRICES` at this point (not the generic rank), with reasons.

        seed: reproduces the random primes; seconds: after which the bounds that were found are
        returned (docs/budgets.md). Raises InputError for another name.
        """
        plain = name.replace("-", "_")
        if plain not in MATRICES:
            raise InputError(f"no matrix {name!r}{expected(plain, MATRICES)}", "matrix")
        with decision(seconds):
            if seed is None:
                return self._rank(plain)
            with seeded(seed):
                again = type(self)(self.problem, self.values, self.side)
                return again._rank(plain)

    @once
    def _rank(self, name: str) -> RankResult:
        """The rank as far as the budget reaches, with what was found before, by name."""
        so_far: dict[str, RankResult] = vars(self).setdefault("_bounds_so_far", {})
        so_far.setdefault(name, nothing_known(self._shape(name)))

        def learn(found: RankResult) -> RankResult:
            so_far[name] = together(so_far[name], found)
            return found

        if self.certified is not None and (shown := self.certified.rank(self.problem, name)):
            learn(shown)
            if shown.decided:
                return shown
        try:
            found = learn(self._whole_rank(name, learn))
            return found if self.certified is None else so_far[name]
        except OverBudget as error:
            with grace(), suppress(OverBudget):
                if not so_far[name].lower and not self._is_large:
                    learn(self.enclosed(_KEYS[name], self._shape(name)).rank())
            return cut_short(so_far[name], str(error))

    def _whole_rank(self, name: str, learn: Learn) -> RankResult:
        self._require(_KEYS[name])
        found = self._modular_rank(name) if self._is_large else None
        if found is None and self._is_plain(name):
            found = self._rank_unexpanded(name, learn)
        if found is None:
            found = self._rank_by_theorems(name)
        if found is None:
            matrix = self.matrix(name)
            bound = self._bound(name, by_balls=not matrix.is_exact)
            found = learn(matrix.rank(bound=bound))
            if matrix.is_exact and not (found.decided and found.is_certain):
                spend()
                found = self._rank_unexpanded(name, learn) or found
        if not found.decided or not found.is_certain:
            spend()
            found = rank_theorems.sharpened(found, self._by_theorems(name))
        return found

    def refusal(self, name: str) -> DomainError | None:
        """Why one of `MATRICES` has no value at this point; None where it has one, or where that is
        not known. L has none where log of a negative output stands in it, though H's formula has.
        """
        found = self._why_not(_KEYS.get(name.replace("-", "_"), "F"))
        return found if isinstance(found, DomainError) else None

    def inertia(self, name: str = "hessian") -> Inertia:
        """(n₊, n₋, n₀) of H, JᵀAJ, the residual term or A at this point.

        For large JᵀAJ with A ≻ 0, and for H where it is that, from the rank; by balls where the
        rank is certified (the number of zero eigenvalues is then known), else by LDLᵀ in the field
        of the point. Raises InputError for another name, UndecidedError and
        TooLarge where neither decides it.
        """
        if self.problem.N > LARGE_IRRATIONAL and self._is_gram(name.replace("-", "_")):
            rank = self.rank(name)
            if rank.decided and rank.is_certain:
                return Inertia(rank.lower, 0, self.problem.N - rank.lower)
        matrix = self.matrix(name)
        if matrix.shape[0] != matrix.shape[1] or name == "jacobian":
            raise InputError(f"{name} is not a symmetric matrix", "matrix")
        if not matrix.is_rational:
            rank = self.rank(name)
            if rank.decided and rank.is_certain:
                found = ball_inertia(matrix.at, matrix.shape[0], rank.lower)
                if found is not None:
                    return found
        return matrix.inertia

    def _is_gram(self, name: str) -> bool:
        """Whether the matrix is JᵀAJ with A ≻ 0, hence positive semidefinite."""
        plain = name == "hessian" and self.problem.regulariser is None and self._fits
        return self.problem.loss.is_definite and (name == "gauss_newton" or plain)

    @property
    def _is_large(self) -> bool:
        """Whether the network's matrices are better formed modulo primes than over the field."""
        problem = self.problem
        return problem.model.network is not None and problem.N > LARGE and problem.M > 0

    def _rank_by_theorems(self, name: str) -> RankResult | None:
        """The rank where theorems decide it and the matrix itself is costly to form: products of
        large irrational matrices, and what is 0 because r is."""
        if self.problem.N <= LARGE_IRRATIONAL or name not in (
            "gauss_newton",
            "residual",
            "hessian",
        ):
            return None
        J = self._matrix("J", (self.problem.M, self.problem.N))
        if not J.is_exact or J.is_rational or (name != "gauss_newton" and not self._fits):
            return None
        below, above = self._by_theorems(name)
        if below is None or above is None or below[0] != above[0]:
            return None
        shape = self._shape(name)
        return RankResult(below[0], above[0], "certified", shape, below[1], above[1])

    @cached_property
    def _fits(self) -> bool:
        """Whether r = 0, in the field of the point."""
        try:
            return all(v == 0 for v in self._get("r"))
        except NOT_CARRIED:
            return False

    def _by_theorems(self, name: str) -> rank_theorems.Bounds:
        """What the ranks of other matrices say of this one (T4, T9)."""
        problem, loss = self.problem, self.problem.loss
        K, D = problem.model.output_count, len(problem.data)
        if name == "loss_hessian" and (loss.is_definite or loss.is_centred):
            one = K if loss.is_definite else max(K - 1, 0)
            exact = D * one, f"the Hessian of {loss.name} has rank {one} for each example"
            return exact, exact
        if name == "gauss_newton" and loss.is_definite:
            return rank_theorems.equal_to(self.rank("jacobian"), "J", "A is positive definite")
        if name == "gauss_newton" and loss.is_centred:
            centred = self._matrix("PJ", (problem.M, problem.N)).rank()
            return rank_theorems.equal_to(centred, "PJ", "A has the kernel of the centring P")
        if name == "residual" and self._fits:
            return (0, "r = 0"), (0, "r = 0")
        if name == "hessian":
            rest, why = 0, "the D²f term is 0"
            for other in (self.rank("residual"), self._regulariser_rank):
                if not other.is_certain:
                    return None, None
                rest, why = rest + other.upper, other.upper_reason if other.upper else why
            return rank_theorems.off_by(self.rank("gauss_newton"), rest, why)
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

    def _rank_unexpanded(self, name: str, learn: Learn) -> RankResult | None:
        """The rank from balls and residues; None where they do not decide it."""
        bound = self._bound(name, by_balls=True)
        found = learn(self.enclosed(_KEYS[name], self._shape(name)).rank(bound))
        return found if found.decided else None

    def _shape(self, name: str) -> tuple[int, int]:
        M, N = self.problem.M, self.problem.N
        return {"jacobian": (M, N), "loss_hessian": (M, M)}.get(name, (N, N))

    def _modular_rank(self, name: str) -> RankResult | None:
        """The rank of a large matrix from residues; None where the point is not rational, or the
        matrix holds more than the network and its loss."""
        problem = self.problem
        curved = name == "hessian" and problem.regulariser is not None
        if name not in architecture_bounds.MATRICES or curved or problem.loss.couples:
            return None
        try:
            run, (r, A) = self._get("run"), self._get("loss")
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
        idle = self._idle(net) if net.sigma.dies and net.depth > 1 else None
        return architecture_bounds.Setting(net, len(data), int(x.rank()), problem.loss.name, idle)

    def _idle(self, net: Network) -> int | None:
        """The dimension of the ΔW_1 that move no unit on an example on which it is not dead; None
        where it is not read off rational numbers."""
        problem = self.problem
        given = dict(self.point) | dict(problem.model.fixed)
        names = np.array(net.parameters, dtype=object)[net.blocks[0]]
        if problem.model.tied is not None or not all(given[n].is_number for n in names.flat):
            return None
        inputs = [[v.value for v in row] + [1] * net.bias for row in problem.data.x]
        total = 0
        for unit in names:
            w = [given[n].value for n in unit]
            alive = [x for x in inputs if sum(map(operator.mul, w, x)) >= 0]
            rows = [[flint.fmpq(*Fraction(v).as_integer_ratio()) for v in x] for x in alive]
            total += len(w) - (int(flint.fmpq_mat(rows).rank()) if rows else 0)
        return total

    def matrix(self, name: str) -> AnyMatrix:
        """One of `MATRICES` by name; "-" and "_" are the same."""
        plain = name.replace("-", "_")
        if plain not in MATRICES:
            raise InputError(f"no matrix {name!r}{expected(plain, MATRICES)}", "matrix")
        found: AnyMatrix = getattr(self, plain)
        return found
