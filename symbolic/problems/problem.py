"""Problems: a model, data and a loss, before a point is chosen.

In: a Model, exact data, a loss, and where wanted a regulariser of θ. Out: a frozen `Problem`, whose
shapes fit and whose derivatives are closed forms in θ; `at` puts it at a point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions import differentiation
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.expression import (
    ZERO,
    Expr,
    free_symbols,
    number,
    symbol,
)
from hessrank.symbolic.expressions.functions import function
from hessrank.symbolic.expressions.parsing import nearest, parse
from hessrank.symbolic.expressions.substitution import Expressions, substitute
from hessrank.symbolic.models import layers
from hessrank.symbolic.models.layers import Array
from hessrank.symbolic.models.losses import WEIGHTED, Loss, as_loss
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.ranks.matrices import SymbolicMatrix

if TYPE_CHECKING:
    from hessrank.symbolic.problems.landscape import Landscape

Table = tuple[tuple[Expr, ...], ...]


@dataclass(frozen=True, init=False)
class Data:
    """D examples: inputs x (D rows of n) and targets y (D rows of K), exact.

    >>> Data(x=[[1], [2]], y=[[0], ["1/2"]]).y
    ((Expr(0),), (Expr(1/2),))
    """

    x: Table
    y: Table

    def __init__(self, x: Sequence[Any], y: Sequence[Any]) -> None:
        object.__setattr__(self, "x", _table(x, "data.x"))
        object.__setattr__(self, "y", _table(y, "data.y"))
        if len(self.x) != len(self.y):
            raise InputError(f"{len(self.x)} rows, but data.y has {len(self.y)}", "data.x")

    def __len__(self) -> int:
        return len(self.x)


def _table(rows: Sequence[Any], key: str) -> Table:
    """Rows of exact numbers; a bare number stands for a row of one."""
    if isinstance(rows, (str, bytes)) or not hasattr(rows, "__iter__"):
        raise InputError(f"expected one row an example, found {rows!r}", key)
    table = []
    for d, row in enumerate(rows):
        scalar = isinstance(row, (str, Expr)) or not hasattr(row, "__iter__")
        cells = [row] if scalar else list(row)
        table.append(tuple(constant(v, f"{key}[{d}][{j}]") for j, v in enumerate(cells)))
        if len(table[-1]) != len(table[0]):
            raise InputError(
                f"{len(table[-1])} numbers in this row, {len(table[0])} in the first", f"{key}[{d}]"
            )
    return tuple(table)


def l2(parameters: Sequence[str], strength: object = 1) -> Expr:
    """strength·Σ θ_i²."""
    total = ZERO
    for name in parameters:
        total = total + symbol(name) ** 2
    return constant(strength, "regulariser.strength") * total


def l1(parameters: Sequence[str], strength: object = 1) -> Expr:
    """strength·Σ |θ_i|: a kink wherever a parameter is zero."""
    total = ZERO
    for name in parameters:
        total = total + function("abs", symbol(name))
    return constant(strength, "regulariser.strength") * total


@dataclass(frozen=True, init=False)
class Problem:
    """L(θ) = ℓ(F(θ)) (+ a regulariser), with N parameters and M = K·D outputs, example-major.

    loss: a name of `losses.NAMES`, a `Loss`, or an expression in o and y; regulariser: None, "l2",
    "l1", or an expression in the parameters. Raises InputError where shapes do not fit.
    """

    model: Model
    data: Data
    loss: Loss
    regulariser: Expr | None

    def __init__(
        self,
        model: Model,
        data: Data,
        loss: str | Loss | Expr = "half-squared",
        regulariser: str | Expr | None = None,
    ) -> None:
        chosen = as_loss(loss)
        for rows, want, key, what in (
            (data.x, len(model.inputs), "data.x", "inputs"),
            (data.y, model.output_count, "data.y", "outputs"),
        ):
            if rows and len(rows[0]) != want:
                raise InputError(f"rows of {len(rows[0])}, but the model has {want} {what}", key)
        M = len(data) * model.output_count
        if chosen.weights is not None and len(chosen.weights) != M:
            raise InputError(
                f"W is {len(chosen.weights)}×{len(chosen.weights)}, but there are {M} outputs",
                "loss.weights",
            )
        chosen.check_targets(data.y)
        if chosen.name != WEIGHTED:
            chosen.form(model.output_count)
        object.__setattr__(self, "model", model)
        object.__setattr__(self, "data", data)
        object.__setattr__(self, "loss", chosen)
        object.__setattr__(self, "regulariser", _regulariser(regulariser, model))

    @property
    def N(self) -> int:
        """The number of free parameters."""
        return len(self.model.parameters)

    @property
    def M(self) -> int:
        """The number of outputs on the data, K·D."""
        return len(self.data) * self.model.output_count

    def at(self, point: Mapping[str, object], side: str | int = 0) -> Landscape:
        """The problem at an exact point: a value for each free parameter.

        side: "right" (+1) or "left" (−1) to take that piece where a kink lies exactly at the
        point; by default that is an error. Raises InputError that names the parameter.
        """
        from hessrank.symbolic.problems.landscape import Landscape

        names = self.model.parameters
        if not isinstance(point, Mapping):
            raise InputError(
                f"expected a value for each parameter by name, found {point!r}", "point"
            )
        for name in point:
            if name not in names:
                raise InputError(f"no parameter {name!r}{nearest(name, names)}", f"point.{name}")
        missing = [name for name in names if name not in point]
        if missing:
            shown = ", ".join(missing[:5]) + (", …" if len(missing) > 5 else "")
            raise InputError(f"no value for {shown}", f"point.{missing[0]}")
        values = tuple((name, constant(point[name], f"point.{name}")) for name in names)
        return Landscape(self, values, _side(side))

    # --- with θ symbolic ----------------------------------------------------------------------

    @cached_property
    def _symbolic(self) -> tuple[Array, Array, Array]:
        """(F, J, ∇²F) as object arrays of closed forms, (D, K), (D, K, N), (D, K, N, N)."""
        theta = {name: symbol(name) for name in self.model.parameters}
        x = object_array(self.data.x, (len(self.data), len(self.model.inputs)))
        run = self.model.run(theta, x, layers.Objects(Expressions()))
        return run.outputs, run.jacobian(), run.second_derivatives()

    @property
    def outputs(self) -> SymbolicMatrix:
        """F as a column, M×1."""
        return SymbolicMatrix.of(self._symbolic[0].reshape(-1, 1))

    @property
    def jacobian(self) -> SymbolicMatrix:
        """J = ∂F/∂θ, M×N."""
        return SymbolicMatrix.of(self._symbolic[1].reshape(self.M, self.N))

    @cached_property
    def _loss_derivatives(self) -> tuple[list[Expr], Array]:
        """(r, A) as closed forms of θ."""
        M, K = self.M, self.model.output_count
        F = self._symbolic[0]
        A = np.full((M, M), ZERO, dtype=object)
        r: list[Expr] = []
        if self.loss.weights is not None:
            gap = [
                o - y
                for row, ys in zip(F, self.data.y, strict=True)
                for o, y in zip(row, ys, strict=True)
            ]
            A = object_array(self.loss.weights, (M, M))
            r = [_sum(w * g for w, g in zip(row, gap, strict=True)) for row in self.loss.weights]
            return r, A
        for d, (outputs, y) in enumerate(zip(F, self.data.y, strict=True)):
            _, gradient, hessian = self.loss.at_targets(y, M)
            o = {f"o{k + 1}": v for k, v in enumerate(outputs)}
            r += substitute(gradient, o)
            for i, row in enumerate(hessian):
                A[d * K + i, d * K : d * K + K] = substitute(row, o)
        return r, A

    @property
    def loss_gradient(self) -> SymbolicMatrix:
        """r = ∇ℓ(F) as a column, M×1."""
        return SymbolicMatrix.of(
            object_array([[v] for v in self._loss_derivatives[0]], (self.M, 1))
        )

    @property
    def loss_hessian(self) -> SymbolicMatrix:
        """A = ∇²ℓ(F), M×M."""
        return SymbolicMatrix.of(self._loss_derivatives[1])

    @property
    def gauss_newton(self) -> SymbolicMatrix:
        """JᵀAJ, N×N."""
        J, A = self._symbolic[1].reshape(self.M, self.N), self._loss_derivatives[1]
        return SymbolicMatrix.of(J.T @ (A @ J) if self.M else _zeros(self.N))

    @property
    def residual(self) -> SymbolicMatrix:
        """Σ_m r_m ∇²F_m, N×N."""
        total = _zeros(self.N)
        second = self._symbolic[2].reshape(self.M, self.N, self.N)
        for r, table in zip(self._loss_derivatives[0], second, strict=True):
            total = total + table * r
        return SymbolicMatrix.of(total)

    def second_derivative(self, m: int) -> SymbolicMatrix:
        """∇²F_m, N×N, of the m-th output (example-major, from 0)."""
        return SymbolicMatrix.of(self._symbolic[2].reshape(self.M, self.N, self.N)[m])

    @property
    def regulariser_hessian(self) -> SymbolicMatrix:
        """∇² of the regulariser, N×N; zero where there is none."""
        if self.regulariser is None:
            return SymbolicMatrix.of(_zeros(self.N))
        table = differentiation.hessian(self.regulariser, self.model.parameters)
        return SymbolicMatrix.of(object_array(table, (self.N, self.N)))

    @property
    def hessian(self) -> SymbolicMatrix:
        """H = JᵀAJ + Σ_m r_m ∇²F_m (+ the regulariser's), N×N."""
        terms = (self.gauss_newton, self.residual, self.regulariser_hessian)
        arrays = [object_array(t.rows, (self.N, self.N)) for t in terms]
        return SymbolicMatrix.of(arrays[0] + arrays[1] + arrays[2])


def object_array(rows: Sequence[Sequence[Any]], shape: tuple[int, int]) -> Array:
    """Rows as an object array of that shape, also where it is empty."""
    out = np.empty(shape, dtype=object)
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            out[i, j] = value
    return out


def _zeros(n: int) -> Array:
    return np.full((n, n), number(0), dtype=object)


def _sum(terms: Any) -> Expr:
    total = ZERO
    for t in terms:
        total = total + t
    return total


def _side(side: str | int) -> int:
    known: dict[object, int] = {"right": 1, "left": -1, 1: 1, -1: -1, 0: 0}
    if side not in known:
        raise InputError(f"expected 'left' or 'right', found {side!r}", "point.side")
    return known[side]


def _regulariser(given: str | Expr | None, model: Model) -> Expr | None:
    if given is None:
        return None
    if isinstance(given, str):
        if given in ("l2", "l1"):
            return (l2 if given == "l2" else l1)(model.parameters)
        given = parse(given, set(model.parameters), "regulariser.expression")
    unknown = sorted(free_symbols(given) - set(model.parameters))
    if unknown:
        raise InputError(
            f"unknown name {unknown[0]!r}{nearest(unknown[0], model.parameters)}",
            "regulariser.expression",
        )
    return given
