"""F, J, r, A, the terms of H, H and ∇L of a problem at a point, in any ring.

In: a Problem, a closed form for each free parameter, and a ring: the field of the point, Arb balls,
residues, free letters. Out: object arrays over that ring. The same lines serve them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import flint
import numpy as np

from hessrank.symbolic.errors import DomainError, KinkError, UndecidedError
from hessrank.symbolic.expressions import differentiation
from hessrank.symbolic.expressions.expression import Expr, Ring, evaluate, free_symbols, postorder
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.fields.elements import TooLarge
from hessrank.symbolic.models.layers import Array, Network
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.point_ring import PointRing, SteadyRing
from hessrank.symbolic.problems.problem import Problem, object_array
from hessrank.symbolic.problems.steady_forms import steady_examples

#: Where the field of the point does not carry a value, balls still enclose it.
NOT_CARRIED = (TooLarge, UndecidedError)


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


def constant_loss_hessian(problem: Problem, ring: Ring) -> Array | None:
    """A (M, M) where it does not depend on the outputs; None elsewhere."""
    K, M = problem.model.output_count, problem.M
    zero = evaluate([differentiation.ZERO], ring, {})[0]
    A = np.full((M, M), zero, dtype=object)
    if problem.loss.weights is not None:
        return object_array(
            _rows(evaluate([w for row in problem.loss.weights for w in row], ring, {}), M), (M, M)
        )
    for d, targets in enumerate(problem.data.y):
        block = [a for row in problem.loss.at_targets(targets, M)[2] for a in row]
        if free_symbols(*block):
            return None
        found = evaluate(block, ring, {})
        A[d * K : d * K + K, d * K : d * K + K] = object_array(_rows(found, K), (K, K))
    return A


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


def compute(
    key: str, problem: Problem, values: Mapping[str, Expr], ring: Ring, known: dict[str, Any]
) -> Any:
    """One of the arrays F, J, r, A, GN, R, P, H, g, second, and those it is made of."""
    if key in known:
        if isinstance(known[key], NOT_CARRIED):
            raise known[key]
        return known[key]

    def get(other: str) -> Any:
        return compute(other, problem, values, ring, known)

    rules: dict[str, Callable[[], Any]] = {
        "terms": lambda: behaviour(problem, values, ring),
        "F": lambda: get("terms").F,
        "J": lambda: get("terms").J,
        "loss": lambda: loss_derivatives(problem, get("F"), ring),
        "r": lambda: get("loss")[0],
        "A": lambda: _loss_hessian(problem, ring, get),
        "PJ": lambda: _centred(get("J"), problem.model.output_count),
        "GN": lambda: _product(get("J").T, get("A"), get("J")),
        "R": lambda: get("terms").run.weighted_hessian(get("r").reshape(get("F").shape)),
        "P": lambda: _regulariser(problem, values, ring)[1],
        "H": lambda: get("GN") + get("R") + get("P"),
        "g": lambda: (
            _product(get("J").T, get("r").reshape(-1, 1)) + _regulariser(problem, values, ring)[0]
        ),
        "second": lambda: get("terms").run.second_derivatives(),
    }
    try:
        known[key] = rules[key]()
    except NOT_CARRIED as error:
        known[key] = error
        raise
    return known[key]


def _loss_hessian(problem: Problem, ring: Ring, get: Callable[[str], Any]) -> Array:
    """A; that of a quadratic loss also where the outputs are too large to carry."""
    try:
        found: Array = get("loss")[1]
    except NOT_CARRIED:
        constant = constant_loss_hessian(problem, ring)
        if constant is None:
            raise
        return constant
    return found


def _centred(J: Array, K: int) -> Array:
    """K·PJ: from the rows of each example K times their mean is subtracted."""
    M, N = J.shape
    blocks = J.reshape(M // K if K else 0, K, N)
    centred: Array = (blocks * K - blocks.sum(axis=1, keepdims=True)).reshape(M, N)
    return centred


def _regulariser(problem: Problem, values: Mapping[str, Expr], ring: Ring) -> tuple[Array, Array]:
    """The regulariser's gradient (N, 1) and Hessian (N, N) at the point."""
    n = problem.N
    first, second = [differentiation.ZERO] * n, [[differentiation.ZERO] * n] * n
    if problem.regulariser is not None:
        first = differentiation.gradient(problem.regulariser, problem.model.parameters)
        second = differentiation.hessian(problem.regulariser, problem.model.parameters)
    theta = dict(zip(values, evaluate(list(values.values()), ring, {}), strict=True))
    try:
        flat = evaluate([*first, *(e for row in second for e in row)], ring, theta)
    except (KinkError, DomainError) as error:
        raise type(error)(f"the regulariser: {error}", "point") from None
    return object_array(_rows(flat[:n], 1), (n, 1)), object_array(_rows(flat[n:], n), (n, n))
