"""Questions about a landscape that the layers above answer: numeric_rank, minimum, verdict.

This is the one place where a call runs up: a landscape is made here, and what is measured or
proved of it lies above. The functions are registered when the package hessrank is imported, also
in a worker that unpickles a landscape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_ANSWERS: dict[str, Callable[..., Any]] = {}


def register(name: str, answer: Callable[..., Any]) -> None:
    """`answer(landscape, ...)` is called where the landscape's method `name` is."""
    _ANSWERS[name] = answer


def ask(name: str, here: object, *details: object) -> Any:
    """The answer of the function registered as `name`."""
    return _ANSWERS[name](here, *details)
