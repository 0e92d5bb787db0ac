"""From blocks to a terminal: 80 columns are enough, colour only where there is a terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import StringIO

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text as Line

from hessrank.proofs.pages.blocks import (
    Block,
    Cell,
    Code,
    Formula,
    Heading,
    Items,
    Mark,
    Math,
    Picture,
    Quote,
    Table,
    Text,
    words,
)

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
#: Of a terminal, where none is asked.
WIDTH = 80
STYLES = {
    "": "",
    "strong": "bold",
    "yes": "green",
    "no": "yellow",
    "open": "cyan",
    "measured": "blue",
    "quiet": "dim",
    "alarm": "bold red",
}


class _Output(Console):
    """A console that lets `main` hear that nobody reads on, where rich would end with status 1."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def document(title: str, blocks: Sequence[Block]) -> str:
    """A page as a terminal of 80 columns shows it, without colour."""
    file = StringIO()
    plain = _Output(
        markup=False, highlight=False, emoji=False, file=file, width=WIDTH, color_system=None
    )
    _show([Heading(title), *blocks], plain)
    return "\n".join(line.rstrip() for line in file.getvalue().split("\n"))


def show(blocks: Sequence[Block]) -> None:
    """Print the blocks on standard output, an empty line between two."""
    _show(blocks, _Output(markup=False, highlight=False, emoji=False))


def _show(blocks: Sequence[Block], out: Console) -> None:
    before: Block = Heading("")
    for block in blocks:
        if not isinstance(before, Heading):
            out.print()
        before = block
        if isinstance(block, Code):  # not folded to the width
            print(_visible(block.text.rstrip()), file=out.file)
        elif isinstance(block, Formula):
            out.print(_formula(block, out.width), soft_wrap=True)
        else:
            out.print(_block(block))


def _block(block: Block) -> RenderableType:
    match block:
        case Heading():
            return Line(_plain(block.text), style="bold")
        case Text():
            lead = f"{_plain(block.lead)} " if block.lead else ""
            return Line.assemble((lead, "bold"), (_plain(block.text), STYLES[block.tone]))
        case Quote():
            return Padding(_plain(block.text), (0, 0, 0, 2))
        case Items():
            return _grid(Table(("", ""), tuple(("–", t) for t in block.texts), "lp"), 1)
        case Table():
            return _table(block) if any(block.columns) else _grid(block, 2)
        case Picture():
            return _block(block.words())
        case Formula():
            return _formula(block, WIDTH)
        case Code():
            return _visible(block.text)


def _formula(block: Formula, width: int) -> Line:
    """The formula, and its number behind it; what is wider than the terminal is not cut off."""
    from hessrank.proofs.pages import plain

    number = f"    ({block.number})" if block.number else ""
    shown = plain.broken(block.latex, width - 2 - len(number)) + number
    return Line("\n".join(f"  {line}" for line in shown.split("\n")))


def _table(block: Table) -> Grid:
    made = Grid(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for title, align in zip(block.columns, block.align, strict=True):
        if align == "p":
            made.add_column(_plain(title), overflow="fold")
        else:
            made.add_column(
                _plain(title), justify="right" if align == "r" else "left", no_wrap=True
            )
    for row in block.rows:
        made.add_row(*map(_cell, row))
    return made


def _grid(block: Table, gap: int) -> Grid:
    made = Grid.grid(padding=(0, gap, 0, 0))
    for row in block.rows:
        made.add_row(*map(_cell, row))
    return made


def _cell(cell: Cell) -> Line:
    if isinstance(cell, Math):
        return Line(cell.text)
    return Line(_plain(str(cell)), style=STYLES[cell.tone] if isinstance(cell, Mark) else "")


def _plain(text: str) -> str:
    return _visible("".join(_inline(p) if is_latex else p for p, is_latex in words(text)))


def _visible(text: str) -> str:
    """Control characters, which a terminal obeys, are written out: a title may hold them."""
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _inline(latex: str) -> str:
    """Read only where there is LaTeX: most pages of numbers have none."""
    from hessrank.proofs.pages import plain

    return plain.inline(latex)
