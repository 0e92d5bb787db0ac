"""Third and fourth derivatives of the outputs, exactly.

In: a `LabelSpace` and directions. Out: D³(n·F)[u, v, ·] for the residuals n that are left, and
D³F_m[v, v, ·], D⁴F_m[v, v, v, v]. The closed forms are those of one example with symbolic x and θ,
and v, derived once for a model. With few parameters all third derivatives are evaluated, once for a
point; with many, those along u, v and u + v (polarisation).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement, permutations
from typing import Any

import numpy as np
from flint import fmpq

from hessrank.proofs.counterexamples.label_space import LabelSpace
from hessrank.symbolic.expressions.differentiation import gradient
from hessrank.symbolic.expressions.expression import ZERO, Expr, postorder, run, symbol
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.linear_algebra.elimination import Vector
from hessrank.symbolic.linear_algebra.object_matrices import matmul

Array = np.ndarray[Any, Any]
Triple = tuple[int, int, int]
#: For each residual n that is left: D³(n·F)[u, v, ·], of shape (N,).
Mixed = list[Array]

#: All third derivatives are evaluated for models of at most so many parameters.
MAX_TENSOR = 8


def trilinear(space: LabelSpace, basis: Sequence[Vector]) -> dict[Triple, list[Exact]]:
    """D³(n·F)[v_i, v_j, v_k] for each residual n that is left, of i ≤ j ≤ k."""
    return {
        (a, b, k): [matmul(form, np.array(basis[k], dtype=object)) for form in forms]
        for (a, b), forms in _mixed(space, basis)
        for k in range(b, len(basis))
    }


def cubic(space: LabelSpace, v: Vector) -> Mixed:
    """D³(n·F)[v, v, ·] for each residual n that is left."""
    ((_, forms),) = _mixed(space, [v])
    return forms


def _mixed(space: LabelSpace, basis: Sequence[Vector]) -> Iterator[tuple[tuple[int, int], Mixed]]:
    """((i, j), D³(n·F)[v_i, v_j, ·]) of i ≤ j."""
    small = space.problem.N <= MAX_TENSOR
    return _contracted(space, basis) if small else _polarised(space, basis)


def _contracted(
    space: LabelSpace, basis: Sequence[Vector]
) -> Iterator[tuple[tuple[int, int], Mixed]]:
    N = space.problem.N
    directions = [np.array(v, dtype=object) for v in basis]
    tensors = [matmul(np.array(n, dtype=object), third(space)) for n in space.residuals]
    for a, u in enumerate(directions):
        once = [matmul(T.reshape(N * N, N), u).reshape(N, N) for T in tensors]
        for b in range(a, len(directions)):
            yield (a, b), [matmul(form, directions[b]) for form in once]


def _polarised(
    space: LabelSpace, basis: Sequence[Vector]
) -> Iterator[tuple[tuple[int, int], Mixed]]:
    def square(v: Sequence[Exact]) -> Mixed:
        rows = np.array(along(space, v, fourth=False).third, dtype=object)
        return [matmul(np.array(n, dtype=object), rows) for n in space.residuals]

    own = [square(v) for v in basis]
    for a, b in combinations_with_replacement(range(len(basis)), 2):
        if a == b:
            yield (a, b), own[a]
            continue
        both = square([x + y for x, y in zip(basis[a], basis[b], strict=True)])
        parts = zip(both, own[a], own[b], strict=True)
        yield (a, b), [(whole - p - q) * fmpq(1, 2) for whole, p, q in parts]


def third(space: LabelSpace) -> Array:
    """D³F as an array (M, N³), computed once for a point."""
    if "third" not in space.kept:
        model, N = space.problem.model, space.problem.N
        K = len(model.outputs)
        places, forms, program = _partials(model.outputs, model.parameters)
        at = dict(zip(model.parameters, space.theta, strict=True))
        found = np.full((len(space.x), K, N, N, N), fmpq(0), dtype=object)
        for d, x in enumerate(space.x):
            values = run(program, forms, space.field, at | dict(zip(model.inputs, x, strict=True)))
            for (m, *triple), value in zip(places, values, strict=True):
                for place in set(permutations(triple)):
                    found[(d, m, *place)] = value
        space.kept["third"] = found.reshape(len(space.x) * K, N**3)
    tensor: Array = space.kept["third"]
    return tensor


@lru_cache(maxsize=64)
def _partials(
    outputs: tuple[Expr, ...], parameters: tuple[str, ...]
) -> tuple[list[tuple[int, int, int, int]], list[Expr], list[Expr]]:
    """(m, i, j, k) of i ≤ j ≤ k, the closed forms of ∂³F_m/∂θ_i∂θ_j∂θ_k that are not 0, and the
    order in which they are evaluated."""
    found = {
        (m, i, j, k): form
        for m, output in enumerate(outputs)
        for i, first in enumerate(gradient(output, parameters))
        for j, second in enumerate(gradient(first, parameters[i:]), i)
        for k, form in enumerate(gradient(second, parameters[j:]), j)
        if form is not ZERO
    }
    forms = list(found.values())
    return list(found), forms, list(postorder(forms))


@dataclass(frozen=True)
class Along:
    """For each output m: third[m] = D³F_m[v, v, ·] (N entries), fourth[m] = D⁴F_m[v, v, v, v]."""

    third: list[list[Exact]]
    fourth: list[Exact]


def along(space: LabelSpace, v: Sequence[Exact], fourth: bool = True) -> Along:
    """The derivatives along v; without `fourth` the fourth ones are left out."""
    model, N = space.problem.model, space.problem.N
    forms, program = _program(model.outputs, model.parameters, fourth)
    at = dict(zip(model.parameters, space.theta, strict=True))
    at |= {f"{_MARK}{i}": value for i, value in enumerate(v)}
    third: list[list[Exact]] = []
    last: list[Exact] = []
    K = len(model.outputs)
    for x in space.x:
        flat = run(program, forms, space.field, at | dict(zip(model.inputs, x, strict=True)))
        third += [flat[k * N : k * N + N] for k in range(K)]
        last += flat[K * N :]
    return Along(third, last)


#: No parameter may be called so: names that users give begin with a letter.
_MARK = "__v"


@lru_cache(maxsize=64)
def _program(
    outputs: tuple[Expr, ...], parameters: tuple[str, ...], fourth: bool
) -> tuple[list[Expr], list[Expr]]:
    """The closed forms that are asked for, and the order in which they are evaluated."""
    third, last = _forms(outputs, parameters)
    forms = [f for row in third for f in row] + (list(last) if fourth else [])
    return forms, list(postorder(forms))


@lru_cache(maxsize=64)
def _forms(
    outputs: tuple[Expr, ...], parameters: tuple[str, ...]
) -> tuple[tuple[tuple[Expr, ...], ...], tuple[Expr, ...]]:
    v = [symbol(f"{_MARK}{i}") for i in range(len(parameters))]

    def step(form: Expr) -> Expr:
        total = ZERO
        for partial, c in zip(gradient(form, parameters), v, strict=True):
            total = total + c * partial
        return total

    twice = [step(step(f)) for f in outputs]
    third = tuple(tuple(gradient(f, parameters)) for f in twice)
    return third, tuple(step(step(f)) for f in twice)
