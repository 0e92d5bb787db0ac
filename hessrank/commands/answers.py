"""An answer on standard output: one JSON object, a page, or text as it is.

In: what was found. Out: standard output. An error of writing it becomes an OutputError, so that it
is told from the errors of reading a file.
"""

from __future__ import annotations

import json as notation
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hessrank.symbolic import chance
from hessrank.symbolic.errors import OutputError

if TYPE_CHECKING:
    from hessrank.proofs.pages.blocks import Block


def answer(
    json: bool,
    record: Callable[[], Mapping[str, Any]],
    page: Callable[[], Sequence[Block]],
    seed: bool = True,
) -> int:
    """Print `record` as JSON where `json` is asked for, else `page`; seed: with the seed of the
    random choices, where they have one. Returns the status 0."""
    chosen = chance.seed() if seed else None
    if json:
        found = record() if chosen is None else {**record(), "seed": chosen}
        return put(notation.dumps(found, indent=2, allow_nan=False) + "\n")
    from hessrank.proofs.pages.blocks import Text
    from hessrank.proofs.pages.terminal import show

    blocks = [*page(), *([] if chosen is None else [Text(f"seed {chosen}", tone="quiet")])]
    with writing():
        show(blocks)
    return 0


def put(text: str) -> int:
    """Print a text as it is. Returns the status 0."""
    with writing():
        sys.stdout.write(text)
    return 0


@contextmanager
def writing() -> Iterator[None]:
    """Whatever is written inside goes to standard output at once, or OutputError is raised."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(f"hessrank: the output could not be written: {reason}") from None
