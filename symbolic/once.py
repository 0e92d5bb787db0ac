"""What is computed once for a frozen object, and kept on it.

In: a function of a frozen object, or a method, and of further arguments that can be hashed. Out:
the same function, whose values are kept on the object, where they live as long as it does and take
no part in its equality. A refusal (UndecidedError) is an answer and is kept too. What was computed
while a budget ran out is kept until there is time again (`budget.keep`). For a method without
arguments `functools.cached_property` is the same, but for refusals.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from hessrank.symbolic.budget import OverBudget, keep
from hessrank.symbolic.errors import UndecidedError

X = TypeVar("X")
R = TypeVar("R")
P = ParamSpec("P")


def once(function: Callable[Concatenate[X, P], R]) -> Callable[Concatenate[X, P], R]:
    """`function` with its values kept on its first argument. Of what it raises an UndecidedError
    alone is kept.

    >>> class Circle:
    ...     @once
    ...     def sectors(self, n):
    ...         print("computed")
    ...         return 360 / n
    >>> circle = Circle()
    >>> circle.sectors(4), circle.sectors(4)
    computed
    (90.0, 90.0)
    """
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def kept(x: X, /, *args: P.args, **kwargs: P.kwargs) -> R:
        known: dict[Hashable, Any] = vars(x).setdefault("_once", {})
        key = (name, *args, *sorted(kwargs.items()))

        def compute() -> R | _Refusal:
            try:
                return function(x, *args, **kwargs)
            except OverBudget:
                raise
            except UndecidedError as error:
                return _Refusal(str(error))

        found = keep(known, key, compute)
        if isinstance(found, _Refusal):
            raise UndecidedError(found.words)
        return found

    return kept


class _Refusal(NamedTuple):
    words: str
