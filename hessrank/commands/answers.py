"""An answer on standard output: one JSON object, or a page."""

from __future__ import annotations

import json as notation
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hessrank.proofs.pages.blocks import Block


def answer(
    json: bool, record: Callable[[], Mapping[str, Any]], page: Callable[[], Sequence[Block]]
) -> int:
    """Print `record` as JSON where `json` is asked for, else `page`. Returns the status 0."""
    if json:
        print(notation.dumps(record(), indent=2, allow_nan=False))
    else:
        from hessrank.proofs.pages.terminal import show

        show(page())
    return 0
