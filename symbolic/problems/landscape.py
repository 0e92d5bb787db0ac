"""Problems, and the landscape of a problem at an exact point θ.

In: a model, exact data, a loss, and where wanted a regulariser; then a constant for each free
parameter. Out: a frozen `Problem` whose F, J, r, A and H are closed forms in θ, and a frozen
`Landscape` whose matrices are exact numbers in one field, the field of the point, each with its
rank. Both ask `evaluation` for them; where closed forms grow too large to carry, balls enclose.

    H = JᵀAJ + Σ_m r_m ∇²F_m (+ ∇² of the regulariser)

`Landscape.numeric_rank`, `.minimum` and `.verdict` are answered by the layers above: `questions`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import flint
import numpy as np

from hessrank.symbolic.brief import Brief, cut
from hessrank.symbolic.budget import SECONDS, OverBudget
from hessrank.symbolic.errors import DomainError, InputError, UndecidedError
from hessrank.symbolic.expressions.enclosed import Enclosed
from hessrank.symbolic.expressions.exact import Floats
from hessrank.symbolic.expressions.expression import Expr, Ring, evaluate
from hessrank.symbolic.fields.balls import BallRing
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.models.layers import Array
from hessrank.symbolic.models.loss_kinds import Term
from hessrank.symbolic.models.losses import Loss, as_loss
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.once import once
from hessrank.symbolic.problems import questions
from hessrank.symbolic.problems.certified import Certified, certified_at
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.domain import check_loss, check_outputs
from hessrank.symbolic.problems.evaluation import NOT_CARRIED, Evaluation, symbolic
from hessrank.symbolic.problems.landscape_ranks import LandscapeRanks
from hessrank.symbolic.problems.one_field import OneField
from hessrank.symbolic.problems.points import point_of, side_of
from hessrank.symbolic.problems.regularisers import as_regulariser
from hessrank.symbolic.ranks.ball_matrix import BallMatrix
from hessrank.symbolic.ranks.matrices import AnyMatrix, Matrix, SymbolicMatrix

if TYPE_CHECKING:
    from hessrank.numeric.measured_ranks import NotMeasured
    from hessrank.numeric.rank import NumericRank, Policy
    from hessrank.proofs.minima.kind import Minimum
    from hessrank.proofs.minima.verdict import Verdict

#: Arrays that speak of L: they are read only where L has a value.
_OF_THE_LOSS = frozenset(("loss", "values", "r", "A", "GN", "R", "P", "H", "g", "L"))


#: What an argument of the wrong kind should have been.
A_PROBLEM = "a problem, hr.Problem(model, data, loss)"
A_LANDSCAPE = "a landscape: a problem at a point, problem.at({...})"


@dataclass(frozen=True, init=False, repr=False)
class Problem(Brief):
    """L(θ) = ℓ(F(θ)) (+ a regulariser), with N parameters and M = K·D outputs, example-major.

    loss: a name of `losses.NAMES`, a `Loss`, or an expression in o and y; regulariser: None, "l2",
    "l1", or an expression in the parameters; expressions are texts, `Expr`s or SymPy's.
    Raises InputError where shapes do not fit.

    >>> import hessrank as hr
    >>> square = hr.Problem(hr.Model.from_expressions("t**2", "t"), hr.Data([[]], [[-1]]))
    >>> here = square.at({"t": 0})
    >>> int(here.rank("jacobian")), int(here.rank("hessian")), here.minimum().kind
    (0, 1, 'global minimum')
    """

    model: Model
    data: Data
    loss: Loss
    regulariser: Expr | None

    def __init__(
        self,
        model: Model,
        data: Data,
        loss: Any = "half-squared",
        regulariser: Any = None,
    ) -> None:
        chosen = as_loss(loss)
        for rows, want, key, what in (
            (data.x, len(model.inputs), "data.x", "inputs"),
            (data.y, model.output_count, "data.y", "outputs"),
        ):
            if rows and len(rows[0]) != want:
                raise InputError(f"rows of {len(rows[0])}, but the model has {want} {what}", key)
        chosen.check_shape(len(data), model.output_count)
        chosen.check_targets(data.y)
        object.__setattr__(self, "model", model)
        object.__setattr__(self, "data", data)
        object.__setattr__(self, "loss", chosen)
        object.__setattr__(self, "regulariser", as_regulariser(regulariser, model.parameters))

    @property
    def N(self) -> int:
        """The number of free parameters."""
        return len(self.model.parameters)

    @property
    def M(self) -> int:
        """The number of outputs on the data, K·D."""
        return len(self.data) * self.model.output_count

    @cached_property
    def loss_terms(self) -> tuple[Term, ...]:
        """The summands of ℓ, with the targets put in."""
        return self.loss.terms(self.data.y)

    def at(self, point: Mapping[str, object] | Sequence[object], side: str | int = 0) -> Landscape:
        """The problem at an exact point: a value for each free parameter, by name or, for
        networks, by layer: "W1" (one row a unit) and "b1", lists or arrays; or all of them in
        their order. Floats are taken for the dyadic rationals that they are, as by `hr.exact`, with
        a warning where those are not the decimals that were typed.

        side: "right" (+1) or "left" (−1) to take that piece where a kink lies exactly at the
        point; by default that is an error. Raises InputError that names the parameter.

        >>> import hessrank as hr
        >>> net = hr.mlp([2, 1], activation="identity")
        >>> hr.Problem(net, hr.Data([[1, 2]], [[0]])).at({"W1": [[1, "1/2"]], "b1": [3]})
        Landscape(N = 3, M = 1, at w1_1_1 = 1, w1_1_2 = 1/2, b1_1 = 3)
        """
        floats = Floats()
        values = point_of(point, self.model, floats)
        floats.say(stacklevel=2)
        return Landscape(self, tuple(values.items()), side_of(side))

    # --- with θ symbolic ----------------------------------------------------------------------

    @cached_property
    def _symbolic(self) -> Evaluation:
        return symbolic(self)

    def _closed(self, key: str, shape: tuple[int, int]) -> SymbolicMatrix:
        return SymbolicMatrix.of(np.reshape(self._symbolic.get(key), shape))

    @property
    def outputs(self) -> SymbolicMatrix:
        """F as a column, M×1."""
        return self._closed("F", (self.M, 1))

    @property
    def jacobian(self) -> SymbolicMatrix:
        """J = ∂F/∂θ, M×N."""
        return self._closed("J", (self.M, self.N))

    @property
    def loss_gradient(self) -> SymbolicMatrix:
        """r = ∇ℓ(F) as a column, M×1."""
        return self._closed("r", (self.M, 1))

    @property
    def loss_hessian(self) -> SymbolicMatrix:
        """A = ∇²ℓ(F), M×M."""
        return self._closed("A", (self.M, self.M))

    @property
    def gauss_newton(self) -> SymbolicMatrix:
        """JᵀAJ, N×N."""
        return self._closed("GN", (self.N, self.N))

    @property
    def residual(self) -> SymbolicMatrix:
        """Σ_m r_m ∇²F_m, N×N."""
        return self._closed("R", (self.N, self.N))

    @property
    def regulariser_hessian(self) -> SymbolicMatrix:
        """∇² of the regulariser, N×N; zero where there is none."""
        return self._closed("P", (self.N, self.N))

    @property
    def hessian(self) -> SymbolicMatrix:
        """H = JᵀAJ + Σ_m r_m ∇²F_m (+ the regulariser's), N×N."""
        return self._closed("H", (self.N, self.N))

    @property
    def gradient(self) -> SymbolicMatrix:
        """∇L = Jᵀr (+ the regulariser's gradient) as a column, N×1."""
        return self._closed("g", (self.N, 1))

    def second_derivative(self, m: int) -> SymbolicMatrix:
        """∇²F_m, N×N, of the m-th output (example-major, from 0)."""
        second = self._symbolic.get("second").reshape(self.M, self.N, self.N)
        return SymbolicMatrix.of(second[m])


@dataclass(frozen=True, eq=False, repr=False)
class Landscape(LandscapeRanks):
    """`problem` at the exact point `values` (name and constant, in the order of the parameters).

    side: 0, or ±1 for the piece to take where a kink lies exactly at the point. Two landscapes are
    equal where the problem, the point and the side are. Matrices raise DomainError where F has no
    value at the point; all but F and J also where ℓ(F) or the regulariser has none.
    """

    problem: Problem
    values: tuple[tuple[str, Expr], ...]
    side: int = 0

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{name} ≈ {float(known.middle()):.9g}"
            if isinstance(known := getattr(value, "name", None), Enclosed)
            else f"{name} = {cut(value)}"
            for name, value in self.values[:4]
        )
        more = ", …" if len(self.values) > 4 else ""
        return f"Landscape(N = {self.problem.N}, M = {self.problem.M}, at {shown}{more})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Landscape):
            return NotImplemented
        return self is other or self._fields == other._fields

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self._fields)

    @property
    def _fields(self) -> tuple[Problem, tuple[tuple[str, Expr], ...], int]:
        return self.problem, self.values, self.side

    def __reduce__(self) -> tuple[Any, ...]:
        return Landscape, self._fields  # what is kept on it does not travel

    @property
    def point(self) -> dict[str, Expr]:
        return dict(self.values)

    @cached_property
    def certified(self) -> Certified | None:
        """What was certified of a point that is not written down; None elsewhere."""
        return certified_at(self.values)

    # --- the matrices ---------------------------------------------------------------------------

    @property
    def outputs(self) -> AnyMatrix:
        """F as a column, M×1."""
        return self._matrix("F", (self.problem.M, 1))

    @property
    def jacobian(self) -> AnyMatrix:
        """J = ∂F/∂θ, M×N."""
        return self._matrix("J", (self.problem.M, self.problem.N))

    @property
    def loss_gradient(self) -> AnyMatrix:
        """r = ∇ℓ(F) as a column, M×1."""
        return self._matrix("r", (self.problem.M, 1))

    @property
    def loss_hessian(self) -> AnyMatrix:
        """A = ∇²ℓ(F), M×M."""
        return self._matrix("A", (self.problem.M, self.problem.M))

    @property
    def gauss_newton(self) -> AnyMatrix:
        """JᵀAJ, N×N."""
        return self._matrix("GN", (self.problem.N, self.problem.N))

    @property
    def residual(self) -> AnyMatrix:
        """Σ_m r_m ∇²F_m, the D²f term, N×N."""
        return self._matrix("R", (self.problem.N, self.problem.N))

    @property
    def regulariser_hessian(self) -> AnyMatrix:
        """∇² of the regulariser, N×N; zero where there is none."""
        return self._matrix("P", (self.problem.N, self.problem.N))

    @property
    def hessian(self) -> AnyMatrix:
        """H = JᵀAJ + Σ_m r_m ∇²F_m (+ the regulariser's Hessian), N×N."""
        return self._matrix("H", (self.problem.N, self.problem.N))

    @property
    def gradient(self) -> AnyMatrix:
        """∇L = Jᵀr (+ the regulariser's gradient) as a column, N×1."""
        return self._matrix("g", (self.problem.N, 1))

    @property
    def loss(self) -> AnyMatrix:
        """L as a 1×1 matrix."""
        return self._matrix("L", (1, 1))

    def second_derivative(self, m: int) -> Matrix:
        """∇²F_m, N×N, of the m-th output (example-major, from 0)."""
        second = self._get("second").reshape(self.problem.M, self.problem.N, self.problem.N)
        return Matrix.of(second[m], self._field)

    # --- what the layers above answer -----------------------------------------------------------

    def numeric_rank(
        self, name: str = "hessian", policy: Policy = "auto", uncertainty: Any = None
    ) -> NumericRank | NotMeasured:
        """The measured rank of one of the matrices, from the forward pass alone: singular values,
        threshold and its origin, gap, a second precision. It decides nothing.

        policy: auto, numpy, gap, entry-error or uncertainty (then with that of θ).
        """
        found: NumericRank | NotMeasured = questions.ask(
            "numeric_rank", self, name, policy, uncertainty
        )
        return found

    def minimum(self, seconds: float = SECONDS) -> Minimum:
        """What kind of critical point this is, with its certificate (`proofs.minima`); undecided
        where `seconds` do not suffice."""
        found: Minimum = questions.ask("minimum", self, seconds)
        return found

    def verdict(self, seconds: float = SECONDS) -> Verdict:
        """Whether rank H = rank J holds here, and which sentence of T4 explains it; what is known
        of it after `seconds`."""
        found: Verdict = questions.ask("verdict", self, seconds)
        return found

    def _repr_markdown_(self) -> str:
        return self.verdict().markdown()

    # --- one field ------------------------------------------------------------------------------

    def theta(self, ring: Ring) -> dict[str, Any]:
        """The point in a ring: a value for each parameter."""
        names = [name for name, _ in self.values]
        return dict(zip(names, evaluate([v for _, v in self.values], ring, {}), strict=True))

    def evaluation(self, ring: Ring) -> Evaluation:
        """F, J, r, A, H and the others at the point, over any ring."""
        found = Evaluation(self.problem, self.theta(ring), ring)
        if self.certified is not None:
            found.known.update(self.certified.arrays(self.problem, found))
        return found

    @cached_property
    def _one_field(self) -> OneField:
        return OneField(self.evaluation, self.side)

    @property
    def _field(self) -> Field:
        """The field of the point."""
        return self._one_field.field

    def _get(self, key: str) -> Any:
        """One of the arrays of `evaluation` in the field of the point."""
        self._require(key)
        return self._one_field.array(key)

    def _require(self, key: str) -> None:
        """DomainError where F has no value at the point, or L for an array that speaks of L."""
        refused = self._why_not(key)
        if refused is not None:
            raise refused

    def _why_not(self, key: str) -> Exception | None:
        parts = (False, True) if key in _OF_THE_LOSS else (False,)
        return next((why for part in parts if (why := self._refused(part)) is not None), None)

    @once
    def _refused(self, of_loss: bool) -> Exception | None:
        """Why F has no value at the point, or L; None where it has one."""
        try:
            if of_loss:
                check_loss(self.problem, self.point, lambda ring: self.evaluation(ring).get("F"))
            else:
                check_outputs(self.problem, self.point)
        except OverBudget:
            raise
        except (DomainError, UndecidedError) as error:
            return error
        return None

    def _matrix(self, key: str, shape: tuple[int, int]) -> AnyMatrix:
        self._require(key)
        try:
            return self._one_field.matrix(key, shape)
        except NOT_CARRIED:
            return self.enclosed(key, shape)

    def enclosed(self, key: str, shape: tuple[int, int]) -> BallMatrix:
        """One of the matrices by balls and residues."""
        self._require(key)
        return self._enclosed_matrix(key, shape)

    @once
    def _enclosed_matrix(self, key: str, shape: tuple[int, int]) -> BallMatrix:

        def entries(ring: Ring) -> Any:
            return np.reshape(self.evaluation(ring).get(key), shape).tolist()

        return BallMatrix(
            lambda bits: self._enclosed(key, bits).reshape(shape).tolist(), shape, entries=entries
        )

    def _enclosed(self, key: str, bits: int) -> Array:
        """One of the matrices as balls computed with `bits` bits."""
        with flint.ctx.workprec(bits):
            return np.array(self._in_balls(bits).get(key), dtype=object)

    @once
    def _in_balls(self, bits: int) -> Evaluation:
        """The evaluation by balls of `bits` bits, for that working precision."""
        return self.evaluation(BallRing(self.side))
