"""A page in a file of the format that its name says.

In: a path, a title and blocks. Out: the file, whole or not at all. A new format is a file of this
folder and its line in `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from hessrank.proofs import writing
from hessrank.proofs.pages import html, latex, markdown, typst
from hessrank.proofs.pages.blocks import Block
from hessrank.symbolic.errors import InputError

#: By the ending of a file's name: a function of the title and the blocks.
FORMATS: dict[str, Callable[[str, Sequence[Block]], str | bytes]] = {
    ".tex": latex.document,
    ".md": markdown.document,
    ".html": html.document,
    ".txt": lambda title, blocks: text(title, blocks),
    ".pdf": lambda title, blocks: pdf(title, blocks),
}

NO_PDF = (
    "a PDF needs typst: pip install 'hessrank[report]' (or TeX: tectonic, latexmk or pdflatex); "
    ".html, .tex, .md and .txt files need nothing"
)


def text(title: str, blocks: Sequence[Block]) -> str:
    """The page as plain text; what draws a terminal is imported when it is asked for."""
    from hessrank.proofs.pages import terminal

    return terminal.document(title, blocks)


def pdf(title: str, blocks: Sequence[Block], tex: bool = False) -> bytes:
    """The page as a PDF, made by typst, or by TeX where that is asked for or the only one here.

    Raises InputError that says what to install where there is neither.
    """
    if not tex and find_spec("typst") is not None:
        return typst.pdf(typst.document(title, blocks))
    if tex or latex.engine() is not None:
        return latex.pdf(latex.document(title, blocks))
    raise InputError(NO_PDF)


def check(path: str | Path, tex: bool = False) -> None:
    """Raises InputError where a file of that name cannot be made, whatever the page."""
    ending = Path(path).suffix.lower()
    if ending not in FORMATS:
        *some, last = FORMATS
        raise InputError(f"{path}: expected a name that ends in {', '.join(some)} or {last}")
    if tex and ending != ".pdf":
        raise InputError(f"{path}: only a .pdf is made by TeX")


def check_now(path: str | Path, tex: bool = False) -> None:
    """`check`, and on this machine: a program that is missing is an InputError, a folder that is
    missing an OutputError."""
    check(path, tex)
    pdf_asked = Path(path).suffix.lower() == ".pdf"
    if pdf_asked and latex.engine() is None and (tex or find_spec("typst") is None):
        raise InputError(f"{path}: {latex.NO_TEX if tex else NO_PDF}")
    writing.check_folder(path)


def save(path: str | Path, title: str, blocks: Sequence[Block], tex: bool = False) -> None:
    """Write the page; tex: a PDF by TeX. Raises InputError for another ending or a program that is
    missing, and OutputError for a folder that cannot be written."""
    check(path, tex)
    write = FORMATS[Path(path).suffix.lower()]
    writing.write(path, pdf(title, blocks, True) if tex else write(title, blocks))
