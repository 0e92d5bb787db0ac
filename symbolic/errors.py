"""The errors of hessrank: one family, so that callers can catch all of them by one name.

In: a message of one plain line, and where known the key of the spec or argument that is at fault;
`shown` gives a value of any kind in a few characters. Out: exceptions. They exist apart from the
modules that raise them so that every layer can import them without importing anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class HessrankError(Exception):
    """Base of every error that hessrank raises on purpose."""


class InputError(HessrankError):
    """Bad input. `str(error)` is one clear line; `key` names the place, or is None.

    >>> str(InputError("no such loss: 'squre'", key="loss.kind"))
    "no such loss: 'squre'"
    >>> InputError("no such loss: 'squre'", key="loss.kind").key
    'loss.kind'
    """

    def __init__(self, message: str, key: str | None = None) -> None:
        super().__init__(message)
        self.key = key


class OutputError(InputError):
    """A file could not be written."""


class KinkError(InputError):
    """The point lies exactly on a kink: what is asked for has a value there, and a derivative of it
    has none. The message names unit and example."""


class DomainError(InputError):
    """The point lies outside the domain: log 0, division by zero, an even root of a negative."""


class JumpError(DomainError, KinkError):
    """The point lies exactly on a jump, step or sign of 0: there is no value, on neither side."""


@contextmanager
def derivatives_of(value: Callable[[], Any]) -> Iterator[None]:
    """Around an evaluation of derivatives: KinkError where one has no value and `value()` has.

    >>> with derivatives_of(lambda: 0):  # |t| as (t*t)**(1/2) at t = 0
    ...     raise DomainError("(t*t)**(-1/2): division by zero")
    Traceback (most recent call last):
    hessrank.symbolic.errors.KinkError: (t*t)**(-1/2): division by zero, in a derivative
    """
    try:
        yield
    except KinkError:  # a jump, too, has no value
        raise
    except DomainError as error:
        value()
        raise KinkError(f"{error}, in a derivative", error.key) from None


class UndecidedError(HessrankError):
    """A single answer was asked for where only bounds are known."""


def shown(value: Any) -> str:
    """`value` in a few characters, for a message."""
    if isinstance(value, str):
        text = repr(value)
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, dict):
        return "a table"
    elif isinstance(value, list):
        return f"a list of {len(value)}"
    else:
        text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."


def require(value: Any, kinds: type | tuple[type, ...], expected: str, key: str) -> None:
    """InputError at `key` unless `value` is of one of the `kinds`, which `expected` names.

    >>> require(3, str, "a name", "model")
    Traceback (most recent call last):
    hessrank.symbolic.errors.InputError: expected a name, found int
    """
    if not isinstance(value, kinds):
        raise InputError(f"expected {expected}, found {type(value).__name__}", key)


def counted(n: int, what: str) -> str:
    """A number of things, of which one is no plural.

    >>> counted(1, "row"), counted(2, "independent kernel vector"), counted(0, "class")
    ('1 row', '2 independent kernel vectors', '0 classes')
    """
    ending = "" if n == 1 else "es" if what.endswith("ss") else "s"
    return f"{n} {what}{ending}"
