"""Where random choices come from: the operating system, or a seed that reproduces them.

In: a seed. Out: generators. A probability that is stated is over such choices; a verdict that is
certified does not depend on them, but the prime that it names does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

_seed: ContextVar[int | None] = ContextVar("_seed", default=None)


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Inside, the same questions make the same choices; None: as outside.

    >>> with seeded(7):
    ...     generator("primes").random() == generator("primes").random()
    True
    """
    token = _seed.set(_seed.get() if seed is None else seed)
    try:
        yield
    finally:
        _seed.reset(token)


def seed() -> int | None:
    """The seed of the context."""
    return _seed.get()


def generator(what: str, seed: int | None = None) -> random.Random:
    """A generator for the choices called `what`; `seed` counts before that of the context."""
    import random

    if seed is not None:
        return random.Random(seed)
    known = _seed.get()
    return random.SystemRandom() if known is None else random.Random(f"{known} {what}")
