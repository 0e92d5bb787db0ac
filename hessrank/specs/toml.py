"""TOML text to exact values, each mistake with the place where it stands.

In: the path of a spec file, or its text. Out: nested dicts and lists whose numbers are int and
Fraction: no decimal ever passes through a binary float. It exists so that `spec` need only
think about what the tables mean.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from hessrank.symbolic.errors import InputError, shown
from hessrank.symbolic.expressions.parsing import MAX_DIGITS, decimal, nearest

MAX_BYTES = 5_000_000
MAX_BITS = (10**MAX_DIGITS).bit_length()


@dataclass(frozen=True)
class _Unread:
    """A number that could not be taken exactly, kept until its place in the file is known."""

    reason: str


def _exact(text: str) -> Fraction | _Unread:
    try:
        return decimal(text)
    except InputError as error:
        return _Unread(str(error))


def read(path: Path) -> str:
    """The text of a file: a regular one, or what a pipe delivers, up to MAX_BYTES.

    Raises InputError where there is no such file, it is a directory or a device, cannot be read,
    is longer than that or is not UTF-8.
    """
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise InputError("expected a spec file, found a directory")
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            raise InputError("expected a spec file, found a device")
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        raise InputError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(raw) > MAX_BYTES:
        raise InputError(f"longer than {MAX_BYTES} bytes, the most that a spec file may have")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start}") from None


def loads(text: str) -> dict[str, Any]:
    """The tables of `text`. Raises InputError for broken TOML, nan, inf and endless numbers.

    >>> loads("[data]\\nx = [0.1, 2]")
    {'data': {'x': [Fraction(1, 10), 2]}}
    """
    try:
        tables = tomllib.loads(text, parse_float=_exact)
        _refuse_unread(tables, "")
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"not TOML: {_one_line(str(error))}") from None
    except ValueError:  # Python's own bound on the digits of an integer
        raise InputError("not TOML: an integer has too many digits") from None
    except RecursionError:
        raise InputError("not TOML: nested too deeply") from None
    return tables


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _refuse_unread(value: Any, key: str) -> None:
    """Raises InputError at the first number that was not taken or is endless, with its key."""
    if isinstance(value, _Unread):
        raise InputError(value.reason, key)
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise InputError(f"a number has more than {MAX_DIGITS} digits", key)
    if isinstance(value, dict):
        for name, part in value.items():
            _refuse_unread(part, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            _refuse_unread(part, f"{key}[{index}]")


def table(
    value: Any, key: str, known: Collection[str] | None = None, required: Collection[str] = ()
) -> dict[str, Any]:
    """`value` as a table that has all `required` keys and only `known` ones (None: any).

    >>> table({"widht": 1}, "model", ["widths", "kind"])
    Traceback (most recent call last):
        ...
    hessrank.symbolic.errors.InputError: unknown key; did you mean 'widths'?
    """
    if not isinstance(value, dict):
        raise InputError(f"expected a table, found {shown(value)}", key or None)
    prefix = f"{key}." if key else ""
    for name in value:
        if known is not None and name not in known:
            hint = nearest(name, known) or f"; known here: {', '.join(known)}"
            raise InputError(f"unknown key{hint}", prefix + name)
    for name in required:
        if name not in value:
            raise InputError("expected, but not there", prefix + name)
    return value
