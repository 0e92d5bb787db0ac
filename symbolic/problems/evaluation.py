"""F, J, r, A, both terms of H, H, ∇L and L, once for every ring.

In: a problem (model, data, loss, regulariser), the values of its parameters in a ring, and the
ring: closed forms to print, the field of a point to decide, balls to bound. Out: object arrays of
elements of that ring, each computed when first asked for:

    F (D, K)   J (M, N)   r (M,)   A (M, M)   ∇²F_m ("second": D, K, N, N)
    GN = JᵀAJ   R = Σ_m r_m ∇²F_m   P = ∇² of the regulariser   H = GN + R + P
    g = Jᵀr + ∇ of the regulariser (N, 1)   L = ℓ(F) + the regulariser
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from hessrank.symbolic.budget import OverBudget
from hessrank.symbolic.errors import DomainError, KinkError, UndecidedError, derivatives_of
from hessrank.symbolic.expressions import differentiation
from hessrank.symbolic.expressions.expression import (
    ZERO,
    Expr,
    Ring,
    evaluate,
    postorder,
    symbol,
)
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.expressions.substitution import Expressions
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.object_matrices import matmul, object_array
from hessrank.symbolic.models.layers import Array, Network
from hessrank.symbolic.models.loss_kinds import Term
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.point_ring import PointRing, SteadyRing
from hessrank.symbolic.problems.steady_forms import steady_examples

#: Where a ring does not carry a value: the field of the point; balls still enclose it.
NOT_CARRIED = (TooLarge, UndecidedError)


class Stated(Protocol):
    """What is evaluated: a `Problem`."""

    @property
    def model(self) -> Model: ...
    @property
    def data(self) -> Data: ...
    @property
    def loss_terms(self) -> tuple[Term, ...]: ...
    @property
    def regulariser(self) -> Expr | None: ...


@dataclass(eq=False)
class Evaluation:
    """The arrays of a problem over `ring`; theta: the value of each free parameter in it."""

    problem: Stated
    theta: Mapping[str, Any]
    ring: Ring
    known: dict[str, Any] = field(default_factory=dict)

    def get(self, key: str) -> Any:
        """One of the arrays by its key. Raises what the ring raises; where it does not carry a
        value, the same error again at once."""
        if key not in self.known:
            try:
                self.known[key] = getattr(self, f"_{key}")()
            except OverBudget:
                raise
            except NOT_CARRIED as error:
                self.known[key] = error
        found = self.known[key]
        if isinstance(found, NOT_CARRIED):
            raise found
        return found

    def constants(self, values: Sequence[Expr]) -> list[Any]:
        return evaluate(values, self.ring, {})

    @property
    def _zero(self) -> Any:
        return self.constants([ZERO])[0]

    def _x(self) -> Array:
        data, n = self.problem.data, len(self.problem.model.inputs)
        flat = self.constants([v for row in data.x for v in row])
        return object_array([flat[d * n : d * n + n] for d in range(len(data))], (len(data), n))

    def _run(self) -> Any:
        """The model's run on all examples. Where it meets a kink, the run that asks for no
        derivative of what is constant near the point."""
        model, x = self.problem.model, self.get("x")
        if model.network is None:
            run = model.run(self.theta, x, PointRing(self.ring))
            return self._without_kinks(run) if _has_kinks(model.outputs) else run
        try:
            return model.run(self.theta, x, PointRing(self.ring))
        except KinkError:
            return model.run(self.theta, x, self._steady(model.network))

    def _without_kinks(self, run: Any) -> Any:
        """The run of closed forms; where J meets a kink, that of the forms near the point."""
        try:
            run.jacobian()
        except KinkError:
            with suppress(KinkError):
                model, data = self.problem.model, self.problem.data
                return steady_examples(model, data.x, self.theta, self.ring)
        return run

    def _steady(self, net: Network) -> SteadyRing:
        """The ring that asks for no derivative of what is constant near the point."""
        model = self.problem.model
        values = dict(self.theta)
        values |= {name: self.constants([form])[0] for name, form in model.fixed}
        order = np.array([values[name] for name in net.parameters], dtype=object)
        free = [i for i, name in enumerate(net.parameters) if name in model.parameters]
        return SteadyRing(self.ring, net, order, self.get("x"), free)

    def _F(self) -> Array:
        try:
            outputs: Array = self.get("run").outputs
        except KinkError as kink:  # F has a value there, though no derivative
            try:
                return self._outputs_alone()
            except KinkError:  # which balls do not see
                raise kink from None
        return outputs

    def _outputs_alone(self) -> Array:
        """F from the closed forms of the outputs, (D, K)."""
        model = self.problem.model
        rows = [
            evaluate(
                model.outputs, self.ring, {**self.theta, **dict(zip(model.inputs, x, strict=True))}
            )
            for x in self.get("x")
        ]
        return object_array(rows, (len(rows), len(model.outputs)))

    def _J(self) -> Array:
        J = self.get("run").jacobian()
        D, K, N = J.shape
        return np.asarray(J.reshape(D * K, N))

    def _second(self) -> Array:
        second: Array = self.get("run").second_derivatives()
        return second

    def _values(self) -> list[Any]:
        """The summands of ℓ."""
        F = self.get("F").reshape(-1)
        return [term.value(F, self.ring) for term in self.problem.loss_terms]

    def _loss(self) -> tuple[Array, Array]:
        """(r, A)."""
        F, zero = self.get("F").reshape(-1), self._zero
        M = F.size
        r, A = np.full(M, zero, dtype=object), np.full((M, M), zero, dtype=object)
        for term in self.problem.loss_terms:
            first, second = term.derivatives(F, self.ring)
            _put(r, A, term, first, second)
        return r, A

    def _r(self) -> Array:
        return self.get("loss")[0]

    def _A(self) -> Array:
        """A; that of a quadratic loss also where the outputs are too large to carry."""
        try:
            found: Array = self.get("loss")[1]
        except NOT_CARRIED:
            constant = self.constant_loss_hessian()
            if constant is None:
                raise
            return constant
        return found

    def constant_loss_hessian(self) -> Array | None:
        """A (M, M) where it does not depend on the outputs; None elsewhere."""
        M, zero = self.problem.model.output_count * len(self.problem.data), self._zero
        r, A = np.full(M, zero, dtype=object), np.full((M, M), zero, dtype=object)
        for term in self.problem.loss_terms:
            if not term.has_constant_hessian:
                return None
            n = len(term.places)
            flat = self.constants([a for row in term.kind.derivatives[1] for a in row])
            _put(r, A, term, [zero] * n, _rows(flat, n))
        return A

    def _PJ(self) -> Array:
        """K·PJ: from the rows of each example K times their mean is subtracted."""
        J, K = self.get("J"), self.problem.model.output_count
        M, N = J.shape
        blocks = J.reshape(M // K if K else 0, K, N)
        return np.asarray((blocks * K - blocks.sum(axis=1, keepdims=True)).reshape(M, N))

    def _GN(self) -> Array:
        J = self.get("J")
        return matmul(J.T, self.get("A"), J, zero=self._zero)

    def _R(self) -> Array:
        F = self.get("F")
        R: Array = self.get("run").weighted_hessian(self.get("r").reshape(F.shape))
        return R

    def _penalty(self) -> tuple[Array, Array]:
        """The regulariser's gradient (N, 1) and Hessian (N, N)."""
        names, given = self.problem.model.parameters, self.problem.regulariser
        n = len(names)
        first, second = [ZERO] * n, [[ZERO] * n] * n
        if given is not None:
            first = differentiation.gradient(given, names)
            second = differentiation.hessian(given, names)
        forms = [*first, *(e for row in second for e in row)]
        try:
            with derivatives_of(lambda: evaluate([given or ZERO], self.ring, self.theta)):
                flat = evaluate(forms, self.ring, self.theta)
        except (KinkError, DomainError) as error:
            raise type(error)(f"the regulariser: {error}", "point") from None
        return object_array(_rows(flat[:n], 1), (n, 1)), object_array(_rows(flat[n:], n), (n, n))

    def _P(self) -> Array:
        return self.get("penalty")[1]

    def _H(self) -> Array:
        return np.asarray(self.get("GN") + self.get("R") + self.get("P"))

    def _g(self) -> Array:
        r = self.get("r").reshape(-1, 1)
        return np.asarray(matmul(self.get("J").T, r, zero=self._zero) + self.get("penalty")[0])

    def _L(self) -> Any:
        total = evaluate([self.problem.regulariser or ZERO], self.ring, self.theta)[0]
        for value in self.get("values"):
            total = total + value
        return total


def _put(r: Array, A: Array, term: Term, first: list[Any], second: list[list[Any]]) -> None:
    """A term's r and A at its places."""
    for i, m in enumerate(term.places):
        r[m] = first[i]
        for j, n in enumerate(term.places):
            A[m, n] = second[i][j]


def _has_kinks(forms: Sequence[Expr]) -> bool:
    functions = (n.name for n in postorder(forms) if n.op == "function" and n.args)
    return any(FUNCTIONS[name].kink for name in functions)


def symbolic(problem: Stated) -> Evaluation:
    """The evaluation with θ symbolic: closed forms."""
    theta = {name: symbol(name) for name in problem.model.parameters}
    return Evaluation(problem, theta, Expressions())


def total_loss(problem: Stated) -> Expr:
    """L(θ) as one closed form, regulariser included."""
    L: Expr = symbolic(problem).get("L")
    return L


def _rows(flat: list[Any], width: int) -> list[list[Any]]:
    return [flat[i * width : (i + 1) * width] for i in range(len(flat) // width)] if width else []
