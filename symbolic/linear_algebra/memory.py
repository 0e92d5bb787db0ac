"""Refuse a request that does not fit into memory, before it starts.

In: the number of bytes that a computation will need. Out: nothing, or an InputError that names the
size. It exists because a machine that swaps or kills the process gives no answer at all.
"""

from __future__ import annotations

import os
from pathlib import Path

from hessrank.symbolic.errors import InputError

#: So many bytes are never refused: asking what there is would take longer than using them.
_ALWAYS = 1 << 24
_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")


def memory_bytes() -> int:
    """The machine's memory in bytes, or the container's where that is less."""
    size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if _CONTAINER_LIMIT.is_file():
        text = _CONTAINER_LIMIT.read_text().strip()
        if text.isdigit():
            size = min(size, int(text))
    return size


def require_memory(needed: int, what: str, available: int | None = None) -> None:
    """InputError unless `needed` bytes fit into three quarters of the memory.

    >>> require_memory(8 * 10**12, "a 1000000 x 1000000 matrix", available=8 * 10**9)
    Traceback (most recent call last):
    hessrank.symbolic.errors.InputError: a 1000000 x 1000000 matrix needs 8000.0 GB of memory; \
6.0 GB may be used
    """
    if available is None and needed <= _ALWAYS:
        return
    usable = (memory_bytes() if available is None else available) * 3 // 4
    if needed > usable:
        raise InputError(
            f"{what} needs {needed / 1e9:.1f} GB of memory; {usable / 1e9:.1f} GB may be used",
            key="matrix",
        )
