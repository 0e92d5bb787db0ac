"""Where in a file a mistake stands.

In: InputErrors with or without a key, raised while a file is read. Out: the same errors with the
key of the place, and at last a `SpecError` of one line, `FILE: key: what was expected`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hessrank.symbolic.errors import InputError


class SpecError(InputError):
    """A mistake in a spec file; `str(error)` is `FILE: key: what was expected`."""

    def __init__(self, source: str, error: InputError) -> None:
        place = f"{source}: {error.key}" if error.key else source
        line = f"{place}: {str(error).replace(f' (at {error.key})', '')}"
        super().__init__("".join(c if c.isprintable() else "?" for c in line), error.key)


@contextmanager
def located(source: str) -> Iterator[None]:
    """Every InputError inside becomes a SpecError that begins with `source`."""
    try:
        yield
    except SpecError:
        raise
    except InputError as error:
        raise SpecError(source, error) from error


@contextmanager
def under(prefix: str, besides: Sequence[str] = ()) -> Iterator[None]:
    """Keys of InputErrors raised inside are relative to `prefix`, but for those below `besides`."""
    try:
        yield
    except InputError as error:
        key = error.key or ""
        known = "|".join(map(re.escape, (prefix, *besides)))
        if not re.match(rf"({known})(\W|$)", key):
            error.key = f"{prefix}.{key}" if key else prefix
        raise


@contextmanager
def named(key: str) -> Iterator[None]:
    """InputErrors raised inside stand at `key`, unless they say so themselves."""
    try:
        yield
    except InputError as error:
        error.key = error.key or key
        raise
