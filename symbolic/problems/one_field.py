"""One landscape, one field: its arrays are read in a field that is refined until it carries all.

In: a way to evaluate a problem at its point over any ring. Out: arrays over the field of the point,
and the matrices made of them. J, r and A are read first, so that the field has all atoms of L
before anything is handed out; where a later array needs a finer field, all are read again. This is
the one value of the package that changes: the field grows.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

import numpy as np

from hessrank.symbolic.budget import OverBudget
from hessrank.symbolic.errors import DomainError, KinkError
from hessrank.symbolic.expressions.expression import Ring
from hessrank.symbolic.fields.field import Field, Refine
from hessrank.symbolic.problems.evaluation import NOT_CARRIED, Evaluation
from hessrank.symbolic.ranks.matrices import Matrix


@dataclass(eq=False)
class OneField:
    """The arrays of `evaluation.Evaluation` over the field of the point."""

    evaluate: Callable[[Ring], Evaluation]
    side: int
    field: Field = dataclass_field(init=False)
    _arrays: Evaluation | None = dataclass_field(default=None, init=False)
    _matrices: dict[str, Matrix] = dataclass_field(default_factory=dict, init=False)
    _given_up: dict[str, Exception] = dataclass_field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.field = Field(self.side)

    def _start_again(self) -> None:
        """In a new field, with what the old one learnt of its divisors; what it gave up is not
        tried again."""
        self.field = Field(self.side, self.field.divisors)
        self._arrays, self._matrices = None, {}

    def leave_given_up(self) -> None:
        """A field in which something was given up is not used again, by whomever it was."""
        if self.field.given_up:
            self._start_again()

    def array(self, key: str) -> Any:
        """One of the arrays. Raises what the field raises: NOT_CARRIED where it cannot hold it."""
        for first in ("J", "loss"):
            with suppress(*NOT_CARRIED, DomainError, KinkError):
                self._read(first)
        return self._read(key)

    def matrix(self, key: str, shape: tuple[int, int]) -> Matrix:
        """The array as a matrix; the same object until the field is refined."""
        self.leave_given_up()
        if key not in self._matrices:
            found = np.reshape(np.array(self.array(key), dtype=object), shape)
            self._matrices[key] = Matrix.of(found, self.field)
        return self._matrices[key]

    def _read(self, key: str) -> Any:
        """An array, the field being refined where it asks for that. A field in which something was
        given up is not used again."""
        if key in self._given_up:
            raise self._given_up[key]
        self.leave_given_up()
        while True:
            try:
                if self._arrays is None:
                    self._arrays = self.evaluate(self.field)
                    self._arrays.known.update(self._given_up)
                return self._arrays.get(key)
            except Refine:
                self._start_again()
            except OverBudget:
                self._start_again()
                raise
            except NOT_CARRIED as error:
                tried = self._arrays.known if self._arrays else {key: error}
                self._given_up |= {k: v for k, v in tried.items() if isinstance(v, NOT_CARRIED)}
                self._start_again()
                raise
