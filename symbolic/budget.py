"""A limit on the time that a decision may take.

In: seconds of processor time, which do not depend on what else a machine does. Out: a context in
which `spend` raises OverBudget once they are over. Long loops call `spend`; whoever asks for a
decision catches OverBudget, which is an UndecidedError, and answers with what is known. Budgets
nest: the one that ends first counts. A decision that is part of a larger one has the time of that.

What was found while time ran out may say less than it could: `keep` and `remembered` hold such a
value only until there is time again.

>>> with budget(60):
...     spend()
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from math import inf
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

from hessrank.symbolic.errors import InputError, UndecidedError

#: What a decision may take unless its caller says otherwise.
SECONDS = 30.0
#: Why nothing more is known.
OVER = "over budget: the time that this decision may take is over"
#: The part of a budget that is added, once, for bounds that cost little.
GRACE = 0.1

P = ParamSpec("P")
T = TypeVar("T")


class OverBudget(UndecidedError):
    """The time that a decision may take is over."""


class _Limit(NamedTuple):
    """Processor times: when a budget ends, and when what it grants at the end does."""

    end: float
    last: float


_NONE = _Limit(inf, inf)
_limit: ContextVar[_Limit] = ContextVar("_limit", default=_NONE)
_stopped = False
#: When the processor time was last asked for, and what it was.
_asked, _known = float("-inf"), 0.0


@contextmanager
def budget(seconds: float) -> Iterator[None]:
    """A context of at most `seconds`, and no more than an outer budget leaves."""
    outer, now = _limit.get(), time.process_time()
    mine = _Limit(now + seconds, now + seconds * (1 + GRACE))
    token = _limit.set(_Limit(min(outer.end, mine.end), min(outer.last, mine.last)))
    try:
        yield
    finally:
        _limit.reset(token)


@contextmanager
def decision(seconds: float = SECONDS) -> Iterator[None]:
    """A context of at most `seconds`, unless it is part of a decision that has a budget already.

    Raises InputError for what is no time.
    """
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not seconds > 0:
        raise InputError(f"expected seconds > 0, found {seconds!r}", "seconds")
    if _limit.get() is not _NONE:
        yield
        return
    with budget(seconds):
        yield


@contextmanager
def grace() -> Iterator[None]:
    """A context for what costs little after a budget is over: a tenth of it, once for all."""
    limit = _limit.get()
    token = _limit.set(_Limit(limit.last, limit.last))
    try:
        yield
    finally:
        _limit.reset(token)


@contextmanager
def unhurried() -> Iterator[None]:
    """A context without a budget, for reading what a decision is about."""
    token = _limit.set(_NONE)
    try:
        yield
    finally:
        _limit.reset(token)


def stop() -> None:
    """Ends every budget of this process now: the user does not wait any longer."""
    global _stopped
    _stopped = True


def stopped() -> bool:
    """Whether `stop` was called."""
    return _stopped


def over() -> bool:
    """Whether the budget of the context is over.

    >>> over()
    False
    """
    limit = _limit.get()
    return limit is not _NONE and (_stopped or _spent() > limit.end)


def _spent() -> float:
    """`time.process_time`, asked at most once a millisecond: it is a system call, which may take a
    hundred times as long as the clock on the wall, and `over` is asked at every step."""
    global _asked, _known
    now = time.perf_counter()
    if not 0 <= now - _asked < 0.001:
        _asked, _known = now, time.process_time()
    return _known


def left() -> float:
    """How many seconds the budget of the context has left."""
    return 0.0 if over() else _limit.get().end - time.process_time()


def spend() -> None:
    """Raises OverBudget where the budget of the context is over."""
    if over():
        raise OverBudget("over budget: interrupted" if _stopped else OVER)


def afford(seconds: float) -> None:
    """Raises OverBudget where one call that cannot be interrupted, of about so many seconds, would
    not end within what the budget leaves."""
    spend()
    if seconds > left():
        raise OverBudget(f"over budget: a single step of about {seconds:.0f} s was not begun")


# --- values that a budget may have cut ------------------------------------------------------------


class _Cut(NamedTuple):
    value: Any


class _NotKept(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


def keep(known: MutableMapping[Any, Any], key: Hashable, compute: Callable[[], T]) -> T:
    """known[key], computed where it is not there; what was computed while time ran out is computed
    again as soon as there is time.

    >>> found = {}
    >>> keep(found, "n", lambda: 1), keep(found, "n", lambda: 2)
    (1, 1)
    """
    held = known.get(key, _MISSING)
    if held is not _MISSING and not isinstance(held, _Cut):
        return cast(T, held)
    if isinstance(held, _Cut) and over():
        return cast(T, held.value)
    value = compute()
    known[key] = _Cut(value) if over() else value
    return value


_MISSING = object()


def remembered(maxsize: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """`functools.lru_cache`, but for values that were computed while time ran out."""

    def wrap(f: Callable[P, T]) -> Callable[P, T]:
        @lru_cache(maxsize)
        def whole(*args: Any, **named: Any) -> T:
            value = f(*args, **named)
            if over():
                raise _NotKept(value)
            return value

        plain: Callable[..., T] = whole

        @wraps(f)
        def asked(*args: P.args, **named: P.kwargs) -> T:
            try:
                return plain(*args, **named)
            except _NotKept as cut:
                return cast(T, cut.value)

        return asked

    return wrap
