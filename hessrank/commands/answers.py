"""An answer on standard output: one JSON object, a page, or text as it is; or a page in a file.

In: what was found. Out: standard output, or a file of the kind that its name says. An error of
writing it becomes an OutputError, so that it is told from the errors of reading a file.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from hessrank.commands.files import each, pages
from hessrank.symbolic import chance
from hessrank.symbolic.errors import OutputError

if TYPE_CHECKING:
    from hessrank.proofs.pages.blocks import Block


class _Page:
    """The files in which the page of an answer is written, its title where it has none, and the
    exit status of the first that could not be."""

    def __init__(self, files: Sequence[str], status: int, title: str) -> None:
        self.files, self.status, self.title = files, status, title


_PAGE: ContextVar[_Page | None] = ContextVar("page", default=None)


@contextmanager
def paged(files: Sequence[str] | None, title: str) -> Iterator[Callable[[], int]]:
    """Here the page of an answer goes to `files`, where there are some, in place of the terminal.
    Yields the status of the first file that could not be written, 0 where all were.

    Raises InputError, before anything is computed, where no page of such a name can be made, and
    OutputError where the folder of the only one is missing.
    """
    if not files:
        yield lambda: 0
        return
    page = _Page(*pages(files), title)
    reset = _PAGE.set(page)
    try:
        yield lambda: page.status
    finally:
        _PAGE.reset(reset)


def answer(
    json: bool,
    record: Callable[[], Mapping[str, Any]],
    page: Callable[[], Sequence[Block]],
    seed: bool = True,
) -> int:
    """Print `record` as JSON where `json` is asked for, else `page`, unless that is `paged` into a
    file; seed: with the seed of the random choices, where they have one. Returns the status 0."""
    chosen, into = chance.seed() if seed else None, _PAGE.get()
    if into is not None or not json:
        from hessrank.proofs.pages.blocks import Text

        blocks = [*page(), *([] if chosen is None else [Text(f"seed {chosen}", tone="quiet")])]
        if into is not None:
            _save(into, blocks)
        else:
            from hessrank.proofs.pages.terminal import show

            with writing():
                show(blocks)
    if json:
        from json import dumps

        found = record() if chosen is None else {**record(), "seed": chosen}
        return put(dumps(found, indent=2, allow_nan=False) + "\n")
    return 0


def _save(page: _Page, blocks: Sequence[Block]) -> None:
    """A page in its files; a heading with which it begins is its title."""
    from hessrank.proofs.pages import formats
    from hessrank.proofs.pages.blocks import Heading

    title, rest = page.title, blocks
    match blocks:
        case [Heading(text=text), *rest]:
            title = text
    _, status = each(page.files, lambda file: formats.save(file, title, rest))
    page.status = page.status or status


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
