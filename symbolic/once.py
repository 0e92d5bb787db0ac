"""What is computed once for a frozen object, and kept on it.

In: a function of a frozen object, or a method, and of further arguments that can be hashed. Out:
the same function, whose values are kept on the object, where they live as long as it does and take
no part in its equality. What was computed while a budget ran out is kept until there is time again
(`budget.keep`). For a method without arguments `functools.cached_property` is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from hessrank.symbolic.budget import keep

X = TypeVar("X")
R = TypeVar("R")
P = ParamSpec("P")


def once(function: Callable[Concatenate[X, P], R]) -> Callable[Concatenate[X, P], R]:
    """`function` with its values kept on its first argument. What it raises is not kept.

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
        return keep(known, key, lambda: function(x, *args, **kwargs))

    return kept
