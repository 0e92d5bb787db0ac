"""A problem over boxes of parameters: F, J, r, A, ∇L and H as Arb balls, by the one rule.

In: a `Problem` and a ball for each free parameter. Out: `Values`, whose balls contain the values of
every point of the box. The rule is the model's own (`Model.run`), over the ring of balls; nothing
here is derived a second time, and nothing is a float.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, cached_property
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx

from hessrank.symbolic.errors import DomainError, KinkError, UndecidedError
from hessrank.symbolic.expressions.differentiation import gradient, hessian
from hessrank.symbolic.expressions.expression import ZERO, Expr, evaluate, postorder, run
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.balls import BallRing
from hessrank.symbolic.models import layers
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.layers import Array
from hessrank.symbolic.problems.landscape import Problem

#: What may go wrong over a box that is too wide, or at a point where L is not smooth.
NOT_SMOOTH = (UndecidedError, KinkError, DomainError)


@dataclass(frozen=True)
class BallArrays(layers.Objects):
    """The array ring of Arb balls: products of matrices in C, an activation's program kept."""

    def matmul(self, A: Array, B: Array) -> Array:
        if 0 in A.shape or 0 in B.shape:
            return np.full((A.shape[0], B.shape[1]), arb(0), dtype=object)
        return array(arb_mat(A.tolist()) * arb_mat(B.tolist()))

    def jet(self, name: str, z: Array, layer: int) -> tuple[Array, Array, Array | None]:
        forms, program = _jet(name)
        found = np.empty((3, z.size), dtype=object)
        for i, value in enumerate(z.ravel()):
            try:
                found[:, i] = run(program, forms, self.scalars, {"z": value})
            except NOT_SMOOTH as error:
                d, unit = divmod(i, z.shape[1])
                where = f"{name} of unit {unit + 1} in layer {layer}, example {d + 1}"
                raise type(error)(f"{where}: {error}") from None
        s0, s1, s2 = found.reshape(3, *z.shape)
        return s0, s1, None if forms[2] is ZERO else s2


@cache
def _jet(name: str) -> tuple[tuple[Expr, Expr, Expr], list[Expr]]:
    forms = activation(name).jet
    return forms, postorder(forms)


def array(matrix: arb_mat) -> Array:
    """A matrix of balls as an object array."""
    return vector(matrix.entries()).reshape(matrix.nrows(), matrix.ncols())


def vector(values: Sequence[arb]) -> Array:
    """Balls as an object array of one dimension."""
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def product(A: Array, B: Array) -> Array:
    """A product of matrices of balls, also where a side is 0."""
    return BallArrays(BallRing()).matmul(A, B)


def middle(a: Array) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The balls' centres as floats."""
    return np.array([float(v.mid()) for v in a.ravel()], dtype=float).reshape(a.shape)


@dataclass(frozen=True, eq=False)
class Boxes:
    """`problem` as a function of boxes. side: the piece to take at a kink that lies exactly at a
    point; bits: the least precision of enclosures; piece: that of the model where an argument is
    identically 0 on the box (see `smooth_on`)."""

    problem: Problem
    side: int = 0
    bits: int = 128
    piece: int = 0
    _known: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def ring(self) -> BallRing:
        return BallRing(self.side)

    def constants(self, forms: Sequence[Expr]) -> list[arb]:
        """Constants at the working precision."""
        return evaluate(list(forms), self.ring, {})

    def _kept(self, name: str, make: Any) -> Any:
        key = (name, ctx.prec)
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    @property
    def x(self) -> Array:
        """The inputs, (D, n)."""
        rows = self.problem.data.x
        flat = self._kept("x", lambda: self.constants([v for row in rows for v in row]))
        return vector(flat).reshape(len(rows), len(self.problem.model.inputs))

    @property
    def y(self) -> Array:
        """The targets, (M,)."""
        rows = self.problem.data.y
        flat = self._kept("y", lambda: self.constants([v for row in rows for v in row]))
        return vector(flat)

    def at(self, theta: Sequence[arb]) -> Values:
        """The values over the box θ, a ball for each free parameter. Raises `NOT_SMOOTH`."""
        named = dict(zip(self.problem.model.parameters, theta, strict=True))
        ring = BallRing(self.piece or self.side)
        run = self.problem.model.run(named, self.x, BallArrays(ring))
        return Values(self, tuple(theta), run)

    @cached_property
    def penalty(self) -> tuple[list[Expr], list[list[Expr]]] | None:
        """The regulariser's gradient and Hessian."""
        names, form = self.problem.model.parameters, self.problem.regulariser
        return None if form is None else (gradient(form, names), hessian(form, names))

    @cached_property
    def has_kinks(self) -> bool:
        """Whether F or the regulariser is made of piecewise functions."""
        return any(FUNCTIONS[name].kink for name in self._functions)

    @property
    def is_transcendental(self) -> bool:
        """Whether F or the regulariser is made of exponentials and the like."""
        return any(not FUNCTIONS[name].kink for name in self._functions)

    @cached_property
    def _functions(self) -> frozenset[str]:
        """The functions of F and of the regulariser."""
        model = self.problem.model
        names = [model.network.activation] if model.network is not None else []
        forms = [activation(name).value for name in names] or list(model.outputs)
        if self.problem.regulariser is not None:
            forms.append(self.problem.regulariser)
        return frozenset(n.name for n in postorder(forms) if n.op == "function" and n.args)

    def loss_at(self, F: Array) -> tuple[Array, Array]:
        """(r, A) at outputs F (D, K): arrays (M,) and (M, M)."""
        M, flat = F.size, F.reshape(-1)
        r, A = np.full(M, arb(0), dtype=object), np.full((M, M), arb(0), dtype=object)
        for term in self.problem.loss_terms:
            value, first, second = term.jet(flat, self.ring)
            _require_value(value, term.where)
            r[list(term.places)] = first
            A[np.ix_(term.places, term.places)] = np.array(second, dtype=object)
        return r, A

    @cached_property
    def loss_hessian_at_targets(self) -> tuple[tuple[Expr, ...], ...]:
        """A at F = y, (M, M), as closed forms."""
        y = [v for row in self.problem.data.y for v in row]
        A = [[ZERO] * len(y) for _ in y]
        for term in self.problem.loss_terms:
            at = {f"o{k + 1}": y[m] for k, m in enumerate(term.places)}
            for m, row in zip(term.places, term.kind.derivatives[1], strict=True):
                for n, value in zip(term.places, substitute(row, at), strict=True):
                    A[m][n] = value
        return tuple(map(tuple, A))

    def smooth_on(self, theta: Sequence[arb]) -> Boxes:
        """These boxes, with a piece chosen where a kink's argument is identically 0 near the point,
        so that either piece gives the same function. theta: a box with an interior.

        An argument that is the exact number 0 over the whole of a box with an interior is 0 there
        identically: balls of positive radius meet it only with factors 0. Raises UndecidedError
        where an argument's ball contains 0 and is not exact: the box meets a kink.
        """
        if self.side:
            return self
        try:
            values = self.at(theta)
            _ = values.J
            return self
        except KinkError:
            outputs = self.problem.model.forms or ()
            if any(n.op == "function" and n.name in ("step", "sign") for n in postorder(outputs)):
                raise  # these have no value at 0
        sided = Boxes(self.problem, self.side, self.bits, piece=1)
        _ = sided.at(theta).J
        return sided


@dataclass(frozen=True, eq=False)
class Values:
    """Over the box `theta`: F (D, K), J (M, N), r (M,), A (M, M), ∇L (N,), H (N, N), as balls."""

    boxes: Boxes
    theta: tuple[arb, ...]
    run: Any

    @cached_property
    def F(self) -> Array:
        F = np.asarray(self.run.outputs)
        for d, row in enumerate(F):
            for v in row:
                _require_value(v, f"F at example {d + 1}")
        return F

    @cached_property
    def J(self) -> Array:
        J = self.run.jacobian()
        return np.asarray(J.reshape(J.shape[0] * J.shape[1], J.shape[2]))

    @cached_property
    def _loss(self) -> tuple[Array, Array]:
        return self.boxes.loss_at(self.F)

    @property
    def r(self) -> Array:
        return self._loss[0]

    @property
    def A(self) -> Array:
        return self._loss[1]

    def _regulariser(self, forms: Sequence[Expr]) -> Array:
        problem = self.boxes.problem
        assert problem.regulariser is not None
        named = dict(zip(problem.model.parameters, self.theta, strict=True))
        *found, value = evaluate([*forms, problem.regulariser], self.boxes.ring, named)
        _require_value(value, "the regulariser")
        return vector(found)

    @cached_property
    def gradient(self) -> Array:
        """∇L = Jᵀr (+ the regulariser's)."""
        g = product(self.J.T, self.r.reshape(-1, 1)).reshape(-1)
        penalty = self.boxes.penalty
        return g if penalty is None else g + self._regulariser(penalty[0])

    @cached_property
    def hessian(self) -> Array:
        """H = JᵀAJ + Σ r_m∇²F_m (+ the regulariser's)."""
        N = len(self.theta)
        GN = product(product(self.J.T, self.A), self.J)
        H = GN + self.run.weighted_hessian(self.r.reshape(self.F.shape))
        penalty = self.boxes.penalty
        if penalty is None:
            return H
        return H + self._regulariser([v for row in penalty[1] for v in row]).reshape(N, N)


def _require_value(value: arb, what: str) -> None:
    """Derivatives may have formulas where there is no value: 1/o at o < 0, of log o."""
    if not value.is_finite():
        raise UndecidedError(f"{what} has no certain value")


def dyadic(values: Sequence[float]) -> list[arb]:
    """Floats as the balls of radius 0 that they are."""
    return [arb(v) for v in values]


def fraction(value: arb) -> Fraction:
    """The exact number in a ball of radius 0."""
    mantissa, exponent = value.man_exp()
    m, e = int(mantissa), int(exponent)
    return Fraction(m * 2**e) if e >= 0 else Fraction(m, 2**-e)
