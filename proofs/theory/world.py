r"""A world: exact meanings for the names of displayed relations.

In: values by name. Out: a `World`; besides numbers and arrays its values may be `Function`s and
families (lists), and `Space`s come from its matrices.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from hessrank.proofs.theory.arithmetic import (
    IllFormed,
    array_of,
    differentiated,
    inside,
    map_forms,
    rational,
    table,
)
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.expressions.substitution import substitute


@dataclass(frozen=True)
class Function:
    """A function of arrays: its parameters, arrays of symbols, and its value in them."""

    parameters: tuple[np.ndarray, ...]
    body: Any

    def at(self, arguments: Sequence[Any]) -> Any:
        if len(arguments) != len(self.parameters):
            raise IllFormed(f"{len(arguments)} arguments for {len(self.parameters)}")
        names: dict[str, Expr] = {}
        for parameter, argument in zip(self.parameters, arguments, strict=True):
            given = array_of(argument)
            if given.shape != parameter.shape and not given.size == parameter.size == 1:
                raise IllFormed(f"an argument of shape {given.shape} for {parameter.shape}")
            names |= {p.name: a for p, a in zip(parameter.flat, given.flat, strict=True)}
        return map_forms(self.body, lambda forms: substitute(forms, names))

    def derivative(self, place: tuple[int, ...]) -> Function:
        """∂/∂(that entry of the first argument)."""
        variable = self.parameters[0][inside(place, self.parameters[0])]
        return Function(self.parameters, differentiated(self.body, variable))


@dataclass(frozen=True)
class Space:
    """A subspace of Q^n: the columns that span it."""

    columns: fmpq_mat

    @property
    def dimension(self) -> int:
        return int(self.columns.rank())

    def meet(self, other: Space) -> Space:
        """The intersection: the x-parts U x of the kernel of [U, −V]."""
        U, V = self.columns, other.columns
        if U.nrows() != V.nrows():
            raise IllFormed("subspaces of two spaces")
        both = rational(np.hstack([table(U), -table(V)]))
        kernel = null_space(both)
        return Space(U * rational(table(kernel)[: U.ncols(), :]))


def null_space(A: fmpq_mat) -> fmpq_mat:
    """A matrix whose columns are a basis of ker A (one zero column where it is 0)."""
    reduced, rank = A.rref()
    n = A.ncols()
    pivots = [next(j for j in range(n) if reduced[i, j] != 0) for i in range(rank)]
    rest = [j for j in range(n) if j not in pivots]
    found = [[fmpq(0)] * max(len(rest), 1) for _ in range(n)]
    for k, j in enumerate(rest):
        found[j][k] = fmpq(1)
        for i, pivot in enumerate(pivots):
            found[pivot][k] = -reduced[i, j]
    return fmpq_mat(found)


@dataclass(frozen=True)
class World:
    r"""Exact meanings: `values` by name in LaTeX, `ranges` of the index letters, and the `point`
    (values for symbols) at which relations are compared at last.

    A name with "_" behind it, such as "A_", is the family that A with one index means. known:
    values that were found before.
    """

    words: str
    values: Mapping[str, Any]
    ranges: Mapping[str, int] = field(default_factory=dict)
    point: Mapping[str, Expr] = field(default_factory=dict)
    known: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def functions(self) -> frozenset[str]:
        def called(v: Any) -> bool:
            first = v[0] if isinstance(v, list) and v else v
            return isinstance(first, Function) or callable(first)

        return frozenset(name.rstrip("_") for name, v in self.values.items() if called(v))
