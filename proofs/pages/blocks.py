r"""A page before it becomes a format: headings, paragraphs, lists, tables, formulas, pictures.

In: words and LaTeX. Out: `Block`s, which `latex`, `markdown`, `html`, `typst` and `terminal` write.
A new format is one more such file: a function of a list of blocks.

Words are plain text in which $…$ is LaTeX, and \$ a dollar; `literal` makes such text of any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from hessrank.proofs.pages.signs import LETTERS

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


#: r_m, H_ij or Σ_m in words: a letter with one or two signs as its index; 2^h likewise.
_GREEK = "".join(glyph for glyph in LETTERS.values() if glyph.isalpha() and glyph != "ℓ")
INDEXED = re.compile(
    rf"((?:(?<![A-Za-z0-9_])[A-Za-z]|[{_GREEK}])_[a-z0-9]{{1,2}}(?![A-Za-z0-9_])"
    r"|(?<!\w)[A-Za-z0-9]\^[A-Za-z0-9](?!\w))"
)
_COMMANDS = {glyph: name for name, glyph in LETTERS.items()} | {"Σ": "sum", "Π": "prod"}


def set_words(text: str) -> Iterator[tuple[str, bool]]:
    r"""`words` for formats that set mathematics: r_m in words is mathematics too.

    >>> list(set_words("then r_m = 0"))
    [('then ', False), ('r_m', True), (' = 0', False)]
    >>> [piece for piece, is_latex in set_words("φ_v, H_ij and Σ_x in 2^h points") if is_latex]
    ['\\varphi_{v}', 'H_{ij}', '\\sum_{x}', '2^h']
    """
    for piece, is_latex in words(text):
        if is_latex:
            yield piece, True
        else:
            yield from (
                (_indexed(p) if i % 2 else p, bool(i % 2))
                for i, p in enumerate(INDEXED.split(piece))
                if p
            )


def _indexed(piece: str) -> str:
    letter, mark, index = piece[0], piece[1], piece[2:]
    base = rf"\{_COMMANDS[letter]}" if letter in _COMMANDS else letter
    return f"{base}{mark}{index}" if len(index) == 1 and base == letter else f"{base}_{{{index}}}"


def words(text: str) -> Iterator[tuple[str, bool]]:
    r"""The pieces of a text, each with whether it is LaTeX.

    >>> list(words(r"rank $J$ for \$5"))
    [('rank ', False), ('J', True), (' for $5', False)]
    """
    for i, piece in enumerate(re.split(r"(?<!\\)\$", text)):
        if piece:
            yield (piece, True) if i % 2 else (piece.replace(r"\$", "$"), False)
