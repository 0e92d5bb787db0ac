r"""A page before it becomes a format: headings, paragraphs, lists, tables, formulas, pictures.

In: words and LaTeX. Out: `Block`s, which `latex`, `markdown`, `html`, `typst` and `terminal` write.
A new format is one more such file: a function of a list of blocks.

Words are plain text in which $…$ is LaTeX, and \$ a dollar; `literal` makes such text of any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

#: What a word means to the reader; a format with colours may show it.
Tone = Literal["", "strong", "yes", "no", "open", "measured", "quiet", "alarm"]


@dataclass(frozen=True)
class Mark:
    """The words of a cell that stand out."""

    text: str
    tone: Tone

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Math:
    """A cell that holds one formula; `text` is the same for formats without mathematics."""

    latex: str
    text: str

    def __str__(self) -> str:
        return f"${self.latex}$"


Cell = str | Mark | Math


@dataclass(frozen=True)
class Heading:
    """level: 1 for the title of a page, 2 for a section, and so on."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Text:
    """A paragraph, that `lead` opens in bold; a newline in it begins a line."""

    text: str
    lead: str = ""
    tone: Tone = ""


@dataclass(frozen=True)
class Quote:
    text: str


@dataclass(frozen=True)
class Items:
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """Lines that are shown as they are, such as a spec."""

    text: str


@dataclass(frozen=True)
class Table:
    """Rows of cells, as many as `columns` has titles; all titles empty: no head.

    align: a letter a column: l left, r right, p a paragraph that may be broken into lines.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    align: str

    def __post_init__(self) -> None:
        widths = {len(self.columns), len(self.align), *map(len, self.rows)}
        if len(widths) > 1 or set(self.align) - set("lrp"):
            raise ValueError(f"a table of {sorted(widths)} columns, aligned {self.align!r}")

    @property
    def shares(self) -> tuple[int, ...]:
        """How wide the columns want to be beside each other: between the mean and the longest of
        their cells, in signs."""
        found = []
        for cells in zip(self.columns, *self.rows, strict=True):
            lengths = [len(str(c)) for c in cells if str(c)] or [0]
            wanted = (sum(lengths) // len(lengths) + max(lengths)) // 2
            found.append(min(60, max(12, wanted)))
        return tuple(found)


@dataclass(frozen=True)
class Formula:
    """Displayed LaTeX; `wide`: to be scaled down to the line where it is wider; `number`: by which
    it is referred to, such as 2.3, and words behind it."""

    latex: str
    wide: bool = False
    number: str = ""


@dataclass(frozen=True)
class Picture:
    """A drawing as the text of an SVG, with the words below it and the command that draws it.

    Without the SVG, and in formats that hold no pictures, the words and the command stand alone."""

    caption: str
    command: str
    svg: str = ""

    def words(self) -> Text:
        """What stands in the place of the drawing."""
        return Text(f"{self.caption} ({self.command})", tone="quiet")


Block = Heading | Text | Quote | Items | Code | Table | Formula | Picture


def retold(block: Block, tell: Callable[[str], str]) -> Block:
    """The block with `tell` of each of its texts; code and formulas stay."""
    match block:
        case Heading() | Quote():
            return replace(block, text=tell(block.text))
        case Text():
            return replace(block, text=tell(block.text), lead=tell(block.lead))
        case Items():
            return replace(block, texts=tuple(map(tell, block.texts)))
        case Table():
            rows = (tuple(_retold_cell(c, tell) for c in row) for row in block.rows)
            return replace(block, columns=tuple(map(tell, block.columns)), rows=tuple(rows))
        case Picture():
            return replace(block, caption=tell(block.caption))
    return block


def _retold_cell(cell: Cell, tell: Callable[[str], str]) -> Cell:
    if isinstance(cell, Math):
        return cell
    return tell(cell) if isinstance(cell, str) else replace(cell, text=tell(cell.text))


def pairs(rows: Sequence[tuple[Cell, ...]]) -> Table:
    """A table without a head: names, and what is said of each in the last column."""
    n = len(rows[0]) if rows else 1
    return Table(("",) * n, tuple(rows), "l" * (n - 1) + "p")


def literal(text: str) -> str:
    r"""Any text as words: a dollar in it is a dollar.

    >>> literal("costs $5")
    'costs \\$5'
    """
    return text.replace("$", r"\$")


def words(text: str) -> Iterator[tuple[str, bool]]:
    r"""The pieces of a text, each with whether it is LaTeX.

    >>> list(words(r"rank $J$ for \$5"))
    [('rank ', False), ('J', True), (' for $5', False)]
    """
    for i, piece in enumerate(re.split(r"(?<!\\)\$", text)):
        if piece:
            yield (piece, True) if i % 2 else (piece.replace(r"\$", "$"), False)
