"""A limit on the time that a decision may take.

In: seconds of processor time, which do not depend on what else a machine does. Out: a context in
which `spend` raises OverBudget once they are over. Long loops call `spend`; whoever asks for a
decision catches OverBudget, which is an UndecidedError, and answers with what is known. Budgets
nest: the one that ends first counts.

>>> with budget(60):
...     spend()
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf

from hessrank.symbolic.errors import UndecidedError

_until: ContextVar[float] = ContextVar("_until", default=inf)


class OverBudget(UndecidedError):
    """The time that a decision may take is over."""


@contextmanager
def budget(seconds: float) -> Iterator[None]:
    """A context of at most `seconds`, and no more than an outer budget leaves."""
    token = _until.set(min(_until.get(), time.process_time() + seconds))
    try:
        yield
    finally:
        _until.reset(token)


def spend() -> None:
    """Raises OverBudget where the budget of the context is over."""
    if time.process_time() > _until.get():
        raise OverBudget("the time that this decision may take is over")
