"""A page in a file of the format that its name says.

In: a path, a title and blocks. Out: the file, whole or not at all. A new format is a file of this
folder and its line in `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from hessrank.proofs import writing
from hessrank.proofs.pages import latex, markdown
from hessrank.proofs.pages.blocks import Block
from hessrank.symbolic.errors import InputError

#: By the ending of a file's name: a function of the title and the blocks.
FORMATS: dict[str, Callable[[str, Sequence[Block]], str | bytes]] = {
    ".tex": latex.document,
    ".md": markdown.document,
    ".pdf": lambda title, blocks: latex.pdf(latex.document(title, blocks)),
}


def save(path: str | Path, title: str, blocks: Sequence[Block]) -> None:
    """Write the page. Raises InputError for another ending or a program that is missing, and
    OutputError for a folder that cannot be written."""
    write = FORMATS.get(Path(path).suffix.lower())
    if write is None:
        *some, last = FORMATS
        expected = f"{', '.join(some)} or {last}"
        raise InputError(f"{path}: expected a name that ends in {expected}")
    writing.write(path, write(title, blocks))
