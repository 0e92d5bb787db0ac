"""What the text of an option means.

In: the text. Out: the value; argparse.ArgumentTypeError says what was expected.
"""

from __future__ import annotations

import argparse


def seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"expected seconds > 0, found {text[:40]!r}")
    return value


def count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:10]) <= 10**9:
        raise argparse.ArgumentTypeError(f"expected a whole number >= 1, found {text[:40]!r}")
    return int(text)


def natural(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise argparse.ArgumentTypeError(f"expected a whole number >= 0, found {text[:40]!r}")
    return int(text)


def names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


def widths(text: str) -> list[int]:
    widths = [count(part.strip()) for part in text.split(",")]
    if len(widths) < 2:
        raise argparse.ArgumentTypeError("expected two or more widths such as 64,16,10")
    return widths


def window(text: str) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    pairs = list(zip(found[::2], found[1::2], strict=False))
    if len(found) not in (2, 4) or not all(-1e300 < a < b < 1e300 for a, b in pairs):
        raise argparse.ArgumentTypeError(f"expected A < B, or A < B and C < D, found {text[:40]!r}")
    return found
