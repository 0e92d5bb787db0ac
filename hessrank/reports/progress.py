"""A progress bar for people who wait: on a terminal, and only after a second.

In: items to work through. Out: the same items, one by one; the bar goes to standard error and
leaves nothing behind.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 1.0


def track(items: Sequence[T], what: str) -> Iterator[T]:
    """`items`, with a bar called `what` once the work has taken longer than PATIENCE seconds.

    >>> list(track([1, 2], "counting"))
    [1, 2]
    """
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), transient=True)
    task = bar.add_task(what, total=len(items) if len(items) > 1 else None)
    starter = threading.Timer(PATIENCE, bar.start)
    starter.daemon = True
    starter.start()
    try:
        for item in items:
            yield item
            bar.advance(task)
    finally:
        starter.cancel()
        starter.join()
        if bar.live.is_started:
            bar.stop()
