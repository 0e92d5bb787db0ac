"""Third and fourth derivatives of the outputs along a direction v, exactly.

In: a `LabelSpace` and a direction. Out: D³F_m[v, v, ·] and D⁴F_m[v, v, v, v]. The closed forms are
those of one example with symbolic x, θ and v, derived once for a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from hessrank.proofs.counterexamples.label_space import LabelSpace
from hessrank.symbolic.expressions.differentiation import gradient
from hessrank.symbolic.expressions.expression import ZERO, Expr, postorder, run, symbol
from hessrank.symbolic.fields.elements import Exact


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
