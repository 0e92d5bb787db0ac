"""The landscape of a problem at an exact point θ: F, J, r, A, the two terms of H, and H.

In: a Problem and a constant for each free parameter. Out: matrices of exact numbers, in the field
of the point, each with its rank. The same lines evaluate in that field and, where closed forms
grow too large to carry, in Arb balls.

    H = JᵀAJ + Σ_m r_m ∇²F_m (+ ∇² of the regulariser)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import flint
import numpy as np

from hessrank.symbolic.errors import DomainError, InputError, KinkError, UndecidedError
from hessrank.symbolic.expressions import differentiation
from hessrank.symbolic.expressions.expression import Expr, Ring, evaluate, postorder
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.expressions.parsing import nearest
from hessrank.symbolic.fields.balls import BallRing
from hessrank.symbolic.fields.elements import TooLarge
from hessrank.symbolic.fields.field import Field, Refine
from hessrank.symbolic.models import architecture_bounds
from hessrank.symbolic.models.layers import Array, Network
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.modular.ranks_at_point import is_rational, ranks_at
from hessrank.symbolic.problems.domain import check_loss, check_outputs
from hessrank.symbolic.problems.point_ring import PointRing, SteadyRing
from hessrank.symbolic.problems.problem import Problem, object_array
from hessrank.symbolic.problems.steady_forms import steady_examples
from hessrank.symbolic.ranks.matrices import BallMatrix, Bound, Matrix
from hessrank.symbolic.ranks.rank_result import RankResult

AnyMatrix = Matrix | BallMatrix

#: Networks of more parameters than this have their ranks decided from residues.
LARGE = 150

#: Where the field of the point does not carry a value, balls still enclose it.
NOT_CARRIED = (TooLarge, UndecidedError)

#: The matrices of a landscape whose rank can be asked for.
MATRICES = ("jacobian", "gauss_newton", "residual", "hessian", "loss_hessian")

_KEYS = dict(zip(MATRICES, ("J", "GN", "R", "H", "A"), strict=True))


@dataclass(frozen=True)
class Terms:
    """What the rule gives at a point, as object arrays over one ring: F (D, K) and J (M, N)."""

    run: Any

    @property
    def F(self) -> Array:
        return self.run.outputs

    @cached_property
    def J(self) -> Array:
        J = self.run.jacobian()
        D, K, N = J.shape
        return J.reshape(D * K, N)


def behaviour(problem: Problem, values: Mapping[str, Expr], ring: Ring) -> Terms:
    """F and J at the point, in `ring`."""
    names = list(values)
    theta = dict(zip(names, evaluate([values[n] for n in names], ring, {}), strict=True))
    D, n = len(problem.data), len(problem.model.inputs)
    flat = evaluate([v for row in problem.data.x for v in row], ring, {})
    x = object_array([flat[d * n : d * n + n] for d in range(D)], (D, n))
    model = problem.model
    if model.network is None:
        return _of_forms(problem, theta, Terms(model.run(theta, x, PointRing(ring))), ring)
    try:
        return Terms(model.run(theta, x, PointRing(ring)))
    except KinkError:
        steady = steady_ring(model, model.network, theta, x, ring)
        return Terms(model.run(theta, x, steady))


def _of_forms(problem: Problem, theta: Mapping[str, Any], terms: Terms, ring: Ring) -> Terms:
    """The terms of closed forms; where J meets a kink, those of the forms near the point."""
    functions = (n.name for n in postorder(problem.model.outputs) if n.op == "function" and n.args)
    if not any(FUNCTIONS[name].kink for name in functions):
        return terms
    try:
        assert terms.J is not None
    except KinkError:
        with suppress(KinkError):
            return Terms(steady_examples(problem.model, problem.data.x, theta, ring))
    return terms


def steady_ring(
    model: Model, net: Network, theta: Mapping[str, Any], x: Array, ring: Ring
) -> SteadyRing:
    """The ring that asks for no derivative of what is constant near the point."""
    values = dict(theta)
    values |= {name: evaluate([form], ring, {})[0] for name, form in model.fixed}
    order = np.array([values[name] for name in net.parameters], dtype=object)
    free = [i for i, name in enumerate(net.parameters) if name in model.parameters]
    return SteadyRing(ring, net, order, x, free)


def loss_derivatives(problem: Problem, F: Array, ring: Ring) -> tuple[Array, Array]:
    """(r, A) at the outputs F: arrays (M,) and (M, M) over `ring`."""
    D, K = F.shape
    M = D * K
    zero = evaluate([differentiation.ZERO], ring, {})[0]
    r, A = np.full(M, zero, dtype=object), np.full((M, M), zero, dtype=object)
    if problem.loss.weights is not None:
        weights = [w for row in problem.loss.weights for w in row]
        A = object_array(_rows(evaluate(weights, ring, {}), M), (M, M))
        y = evaluate([v for row in problem.data.y for v in row], ring, {})
        gap = [o - t for o, t in zip(F.reshape(-1), y, strict=True)]
        for i in range(M):
            r[i] = sum((A[i, j] * gap[j] for j in range(M)), zero)
        return r, A
    for d, (outputs, targets) in enumerate(zip(F, problem.data.y, strict=True)):
        _, gradient, hessian = problem.loss.at_targets(targets, M)
        forms = [*gradient, *(a for row in hessian for a in row)]
        try:
            found = evaluate(forms, ring, {f"o{k + 1}": v for k, v in enumerate(outputs)})
        except (DomainError, KinkError) as error:
            raise type(error)(f"the loss at example {d + 1}: {error}", "point") from None
        for k in range(K):
            r[d * K + k] = found[k]
            for l in range(K):
                A[d * K + k, d * K + l] = found[K + K * k + l]
    return r, A


def _rows(flat: list[Any], width: int) -> list[list[Any]]:
    return [flat[i * width : (i + 1) * width] for i in range(len(flat) // width)] if width else []


def _product(*factors: Array) -> Array:
    """A product of object matrices, also where a side is 0; in C where all entries are rational, or
    all are balls."""
    result = factors[0]
    for factor in factors[1:]:
        m, n = result.shape[0], factor.shape[1]
        kinds = {type(v) for v in (*result.ravel(), *factor.ravel())}
        if 0 in result.shape or 0 in factor.shape:
            result = np.full((m, n), flint.fmpq(0), dtype=object)
        elif len(kinds) == 1 and (kind := kinds.pop()) in _IN_C:
            matrix = _IN_C[kind]
            result = object_array(
                (matrix(result.tolist()) * matrix(factor.tolist())).tolist(), (m, n)
            )
        else:
            result = result @ factor
    return result


_IN_C: dict[type, Any] = {flint.fmpq: flint.fmpq_mat, flint.arb: flint.arb_mat}


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
        of_outputs = name in ("F", "J", "second", "jacobian")
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
            if found is None and self._is_plain:
                found = self._rank_unexpanded(plain)
            if found is None:
                matrix = self.matrix(name)
                bound = self._bound(plain, by_balls=isinstance(matrix, BallMatrix))
                found = matrix.rank(bound=bound)
                if not found.decided and isinstance(matrix, Matrix):
                    found = self._rank_unexpanded(plain) or found
            known[plain] = found
        return known[plain]

    @property
    def _is_large(self) -> bool:
        """Whether the network's matrices are better formed modulo primes than over the field."""
        problem = self.problem
        return problem.model.network is not None and problem.N > LARGE and problem.M > 0

    @cached_property
    def _is_plain(self) -> bool:
        """Whether a network with transcendental activations stands at rational parameters and
        inputs. Its matrices hold exponentials of many rationals, and are not expanded."""
        network = self.problem.model.network
        if network is None or network.depth < 2 or self.side:
            return False
        fixed = (v for _, v in self.problem.model.fixed)
        numbers = (*self.point.values(), *fixed, *(v for row in self.problem.data.x for v in row))
        smooth = network.sigma.functions and not network.sigma.kinks
        return bool(smooth) and all(v.is_number for v in numbers)

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
            return _compute(key, self, ring, {}).reshape(shape).tolist()

        return BallMatrix(
            lambda bits: self._enclosed(key, bits).reshape(shape).tolist(), shape, entries=entries
        )

    def _enclosed(self, key: str, bits: int) -> Array:
        """One of the matrices as balls computed with `bits` bits."""
        known: dict[int, dict[str, Any]] = self.__dict__.setdefault("_balls", {})
        with flint.ctx.workprec(bits):
            found: Array = _compute(key, self, BallRing(self.side), known.setdefault(bits, {}))
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
                return _compute(key, self.here, self.field, self.known)
            except Refine:
                self.field = Field(self.here.side, self.field.divisors)
                self.known = {}


def _compute(key: str, here: Landscape, ring: Ring, known: dict[str, Any]) -> Any:
    """One of the arrays F, J, r, A, GN, R, P, H, g, second, and those it is made of."""
    if key in known:
        if isinstance(known[key], NOT_CARRIED):
            raise known[key]
        return known[key]

    def get(other: str) -> Any:
        return _compute(other, here, ring, known)

    problem = here.problem
    rules: dict[str, Callable[[], Any]] = {
        "terms": lambda: behaviour(problem, here.point, ring),
        "F": lambda: get("terms").F,
        "J": lambda: get("terms").J,
        "loss": lambda: loss_derivatives(problem, get("F"), ring),
        "r": lambda: get("loss")[0],
        "A": lambda: get("loss")[1],
        "GN": lambda: _product(get("J").T, get("A"), get("J")),
        "R": lambda: get("terms").run.weighted_hessian(get("r").reshape(get("F").shape)),
        "P": lambda: _regulariser(here, ring)[1],
        "H": lambda: get("GN") + get("R") + get("P"),
        "g": lambda: _product(get("J").T, get("r").reshape(-1, 1)) + _regulariser(here, ring)[0],
        "second": lambda: get("terms").run.second_derivatives(),
    }
    try:
        known[key] = rules[key]()
    except NOT_CARRIED as error:
        known[key] = error
        raise
    return known[key]


def _regulariser(here: Landscape, ring: Ring) -> tuple[Array, Array]:
    """The regulariser's gradient (N, 1) and Hessian (N, N) at the point."""
    problem = here.problem
    n = problem.N
    first, second = [differentiation.ZERO] * n, [[differentiation.ZERO] * n] * n
    if problem.regulariser is not None:
        first = differentiation.gradient(problem.regulariser, problem.model.parameters)
        second = differentiation.hessian(problem.regulariser, problem.model.parameters)
    names = [name for name, _ in here.values]
    theta = dict(zip(names, evaluate([v for _, v in here.values], ring, {}), strict=True))
    try:
        flat = evaluate([*first, *(e for row in second for e in row)], ring, theta)
    except (KinkError, DomainError) as error:
        raise type(error)(f"the regulariser: {error}", "point") from None
    return object_array(_rows(flat[:n], 1), (n, 1)), object_array(_rows(flat[n:], n), (n, n))
