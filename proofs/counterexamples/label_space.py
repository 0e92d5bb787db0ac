"""What a model, inputs and an exact point leave to choose once the labels are free.

In: a landscape whose labels do not count. Out: a `LabelSpace` in one field: F, J, ∇²F_m, a basis
n_1 … n_q of the residuals r that make θ critical (Jᵀr = 0), a basis of ker J, and the labels that
belong to a residual. With r = Σ c_k n_k,

    H(c) = JᵀAJ + S(c),    S(c) = Σ c_k S_k,    S_k = Σ_m (n_k)_m ∇²F_m.

For softmax cross-entropy r = p − y sums to zero on each example and ker A is spanned there by
(1, …, 1), so that J is replaced by PJ, P centring each example.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from flint import fmpq

from hessrank.proofs.fibres.symmetries import orbit_directions
from hessrank.symbolic.errors import InputError, UndecidedError
from hessrank.symbolic.expressions.expression import Expr, evaluate
from hessrank.symbolic.expressions.functions import function
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.linear_algebra.elimination import Vector
from hessrank.symbolic.linear_algebra.object_matrices import object_array
from hessrank.symbolic.models import layers
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem
from hessrank.symbolic.ranks.null_space import null_space

Array = np.ndarray[Any, Any]

#: Losses with A a multiple of I and r = A(o − y).
SQUARED = ("half-squared", "sum-of-squares", "mean-squared")
WEIGHTED, LOG_COSH = "weighted-squared", "log-cosh"
BINARY, SOFTMAX = "binary-cross-entropy", "softmax-cross-entropy"
#: Losses for which each small r is ∇ℓ at some labels, with A definite (on im P) as r → 0.
SMALL_RESIDUALS = (*SQUARED, WEIGHTED, LOG_COSH, BINARY, SOFTMAX)
#: Losses whose A and higher derivatives do not depend on the labels.
LABEL_FREE = (*SQUARED, WEIGHTED, BINARY)


@dataclass(frozen=True, eq=False)
class LabelSpace:
    """F (M,), J (M, N) and ∇²F (M, N, N) as object arrays over `field`, at the point of `here`;
    bent: gives ∇²F, which is computed when it is asked for."""

    here: Landscape
    field: Field
    theta: Vector
    x: Array
    F: Array
    J: Array
    bent: Callable[[], Array]
    #: p = σ(F), where asked for.
    probabilities: Vector = ()
    known_flats: tuple[Vector, ...] | None = None
    #: A basis of the residuals that are left, where not all are.
    left: tuple[Vector, ...] | None = None
    #: What is computed once for the point, whatever residuals are left.
    kept: dict[str, Array] = dataclasses.field(default_factory=dict)

    @cached_property
    def flats(self) -> tuple[Vector, ...]:
        """Directions along which F is constant near θ (`orbit_directions`)."""
        known = self.known_flats
        return orbit_directions(self.here) if known is None else known

    @property
    def problem(self) -> Problem:
        return self.here.problem

    @property
    def loss(self) -> str:
        return self.problem.loss.name

    @cached_property
    def second(self) -> Array:
        """∇²F, (M, N, N)."""
        return self.bent()

    @cached_property
    def constant_loss_hessian(self) -> Array | None:
        """A, (M, M), where it depends on neither outputs nor labels; None elsewhere."""
        return self.here.evaluation(self.field).constant_loss_hessian()

    @cached_property
    def residuals(self) -> tuple[Vector, ...]:
        """n_1 … n_q, a basis of the residuals that make θ critical, or of those that are left."""
        if self.left is not None:
            return self.left
        M = self.problem.M
        rows = [list(row) for row in self.J.T]
        if self.loss == SOFTMAX:
            K = self.problem.model.output_count
            rows += [[fmpq(int(m // K == d)) for m in range(M)] for d in range(M // K)]
        return null_space(rows, M, self.field)

    @cached_property
    def kernel(self) -> tuple[Vector, ...]:
        """A basis of ker JᵀAJ: of ker J, for softmax of ker PJ."""
        rows: Any = self.J
        if self.loss == SOFTMAX:
            K, N = self.problem.model.output_count, self.problem.N
            blocks = self.J.reshape(-1, K, N)
            mean = blocks.sum(axis=1, keepdims=True) * fmpq(1, K)
            rows = (blocks - mean).reshape(-1, N)
        return null_space(rows.tolist(), self.problem.N, self.field)

    @cached_property
    def bends(self) -> tuple[Array, ...]:
        """S_1 … S_q, each (N, N)."""
        zero = np.full((self.problem.N,) * 2, fmpq(0), dtype=object)
        return tuple(
            sum((n * H for n, H in zip(v, self.second, strict=True) if n != 0), zero)
            for v in self.residuals
        )

    def within(self, C: Sequence[Vector]) -> LabelSpace:
        """The same with the residuals Σ c_k n_k of c in the span of C alone."""
        made = replace(self, left=tuple(tuple(self.residual(c)) for c in C), known_flats=self.flats)
        made.__dict__["kernel"], made.__dict__["second"] = self.kernel, self.second
        return made

    def residual(self, c: Sequence[Exact]) -> list[Exact]:
        """r = Σ c_k n_k, of length M."""
        total: list[Exact] = [fmpq(0)] * self.problem.M
        for factor, n in zip(c, self.residuals, strict=True):
            if factor != 0:
                total = [t + factor * v for t, v in zip(total, n, strict=True)]
        return total

    def labels(self, r: Sequence[Exact]) -> list[list[Expr]]:
        """The labels y, a row an example, with ∇ℓ(F) = r. Nothing says that they are allowed as
        targets of the loss: `at` does. InputError for residuals that no labels have."""
        field, K, M = self.field, self.problem.model.output_count, self.problem.M
        A = self.constant_loss_hessian
        if A is not None:  # r = A(o − y)
            rows = [[*row, -v] for row, v in zip(A.tolist(), r, strict=True)]
            gap = null_space(rows, M + 1, field)[-1]
            y = [field.expr(o - g / gap[M]) for o, g in zip(self.F, gap[:M], strict=True)]
        elif self.loss == LOG_COSH:  # r = tanh(o − y)
            if any(field.sign(1 - v * v) <= 0 for v in r):
                raise InputError("log-cosh has residuals between −1 and 1 alone")
            logs = [function("log", field.expr((1 + v) / (1 - v))) for v in r]
            pairs = zip(self.F, logs, strict=True)
            y = [field.expr(o) - log * Fraction(1, 2) for o, log in pairs]
        elif self.loss == BINARY:
            outputs = [function("sigmoid", field.expr(o)) for o in self.F]
            y = [p - field.expr(v) for p, v in zip(outputs, r, strict=True)]
        else:
            y = []
            for d in range(M // K):
                e = [function("exp", field.expr(o)) for o in self.F[d * K : d * K + K]]
                total = e[0]
                for term in e[1:]:
                    total = total + term
                y += [p / total - field.expr(v) for p, v in zip(e, r[d * K :], strict=False)]
        return [y[i : i + K] for i in range(0, M, K)]

    def at(self, r: Sequence[Exact]) -> Landscape:
        """The landscape with the labels of r. InputError where they are no targets of the loss."""
        data = Data([list(row) for row in self.problem.data.x], self.labels(r))
        made = type(self.problem)(self.problem.model, data, self.problem.loss)
        return made.at(self.here.point)


def label_space(
    here: Landscape, probabilities: bool = False, checked: bool = True
) -> LabelSpace | None:
    """The space of labels at the point of `here`; None where residuals of its loss are not all
    reached (see SMALL_RESIDUALS). probabilities: with σ(F) in the field, for binary cross-entropy;
    checked: whether rank J is decided in a second way, too.
    UndecidedError or TooLarge where the field does not carry it."""
    from hessrank.symbolic.fields.field import evaluate_in_field

    if here.problem.loss.name not in SMALL_RESIDUALS:
        return None
    return evaluate_in_field(lambda field: space_in(field, here, probabilities, checked), here.side)


def space_in(
    field: Field, here: Landscape, probabilities: bool = False, checked: bool = True
) -> LabelSpace:
    """The space of labels in a field that may have to be refined for it (`evaluate_in_field`)."""
    problem = here.problem
    names = [name for name, _ in here.values]
    theta = evaluate([v for _, v in here.values], field, {})
    D, n = len(problem.data), len(problem.model.inputs)
    flat = evaluate([v for row in problem.data.x for v in row], field, {})
    x = object_array([flat[d * n : d * n + n] for d in range(D)], (D, n))
    at = dict(zip(names, theta, strict=True))
    run = problem.model.run(at, x, layers.Objects(field))
    M, N = problem.M, problem.N
    F = run.outputs.reshape(M)
    space = LabelSpace(
        here,
        field,
        tuple(theta),
        x,
        F,
        run.jacobian().reshape(M, N),
        lambda: run.second_derivatives().reshape(M, N, N),
        tuple(field.function("sigmoid", o) for o in F) if probabilities else (),
    )
    if checked or problem.model.network is None:
        _ = space.second  # a closed form may ask the field for more
    if checked and len(space.kernel) != N - _base_rank(space):
        raise UndecidedError("the rank of J differs from what its null space says")
    return space


def _base_rank(space: LabelSpace) -> int:
    """rank J as the engine decides it (for softmax there is no second way to rank PJ here)."""
    if space.loss == SOFTMAX:
        return space.problem.N - len(space.kernel)
    return int(space.here.rank("jacobian"))
