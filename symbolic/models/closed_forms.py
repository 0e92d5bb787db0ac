"""Closed forms of one example, differentiated once; the data come after.

In: the outputs f_k(x; θ) as `Expr`s. Out: their first and second derivatives as one straight-line
program with shared subexpressions, and `Run`, which feeds it the examples in any ring. Deriving
costs the same for one example and for a thousand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from hessrank.symbolic.errors import DomainError, KinkError, derivatives_of
from hessrank.symbolic.expressions.differentiation import gradient, hessian
from hessrank.symbolic.expressions.expression import Expr, Ring, evaluate, postorder, run

Array = np.ndarray[Any, Any]

#: The piecewise functions whose derivatives these are.
DERIVATIVE_OF = {"step": "relu", "sign": "abs"}


@dataclass(frozen=True)
class Derivatives:
    """f_k, ∂f_k/∂θ_i and ∂²f_k/∂θ_i∂θ_j of one example (the second only when asked for)."""

    outputs: tuple[Expr, ...]
    parameters: tuple[str, ...]

    @cached_property
    def first(self) -> tuple[tuple[Expr, ...], ...]:
        """K rows of N closed forms."""
        return tuple(tuple(gradient(f, self.parameters)) for f in self.outputs)

    @cached_property
    def second(self) -> tuple[tuple[tuple[Expr, ...], ...], ...]:
        """K symmetric N×N tables of closed forms."""
        return tuple(tuple(tuple(row) for row in hessian(f, self.parameters)) for f in self.outputs)


@lru_cache(maxsize=64)
def derive(outputs: tuple[Expr, ...], parameters: tuple[str, ...]) -> Derivatives:
    """The derivatives of one example with symbolic x."""
    return Derivatives(outputs, parameters)


@dataclass(frozen=True)
class Run:
    """Closed forms fed with θ and D examples x (D, n) in the scalar ring `ring`."""

    one: Derivatives
    inputs: tuple[str, ...]
    theta: Mapping[str, Any]
    x: Array
    ring: Ring

    @property
    def outputs(self) -> Array:
        """F, (D, K)."""
        return self._feed(self.one.outputs)

    def jacobian(self) -> Array:
        """(D, K, N)."""
        n = len(self.one.parameters)
        flat = [e for row in self.one.first for e in row]
        return self._derived(flat).reshape(len(self.x), len(self.one.outputs), n)

    def second_derivatives(self) -> Array:
        """(D, K, N, N)."""
        n = len(self.one.parameters)
        flat = [e for table in self.one.second for row in table for e in row]
        return self._derived(flat).reshape(len(self.x), len(self.one.outputs), n, n)

    def weighted_hessian(self, r: Array) -> Array:
        """Σ_d ∇²(r_d·F_d), (N, N), for r (D, K)."""
        n = len(self.one.parameters)
        zero: Any = self.ring.number(Fraction(0))
        total: Array = np.full((n, n), zero, dtype=object)
        for table, weight in zip(self.second_derivatives(), r, strict=True):
            for H, w in zip(table, weight, strict=True):
                total = total + H * w
        return total

    def _derived(self, forms: Sequence[Expr]) -> Array:
        with derivatives_of(lambda: self.outputs):
            return self._feed(forms)

    def _feed(self, forms: Sequence[Expr]) -> Array:
        program = postorder(forms)
        rows = []
        for d, example in enumerate(self.x):
            values = {**self.theta, **dict(zip(self.inputs, example, strict=True))}
            try:
                rows.append(run(program, forms, self.ring, values))
            except (KinkError, DomainError) as error:
                where = self._culprit(program, values)
                raise type(error)(f"example {d + 1}: {where}{error}", error.key) from None
        out = np.empty((len(rows), len(forms)), dtype=object)
        for d, row in enumerate(rows):
            for k, value in enumerate(row):
                out[d, k] = value
        return out

    def _culprit(self, program: Sequence[Expr], values: Mapping[str, Any]) -> str:
        """'subexpression: ' for the first node that cannot be evaluated."""
        for i, node in enumerate(program):
            try:
                run(program[: i + 1], [node], self.ring, values)
            except (KinkError, DomainError):
                shown = DERIVATIVE_OF.get(node.name) if node.op == "function" else None
                text = f"{shown}({node.args[0]})" if shown else str(node)
                return f"{text if len(text) <= 60 else text[:57] + '...'}: "
        return ""


def constants(values: Sequence[Expr], ring: Ring) -> list[Any]:
    """Constant closed forms as elements of a ring."""
    return evaluate(values, ring, {})
