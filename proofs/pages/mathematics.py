r"""LaTeX's mathematics as a tree, for the formats that are no LaTeX.

In: LaTeX as our pages hold it: letters, scripts, fractions, roots, brackets, matrices, operators.
Out: a `Row` of nodes, every sign in Unicode. A command that is not known stays as its name, so that
nothing is lost without being seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hessrank.proofs.pages.signs import BIG, BINARY, LETTERS, OPERATORS, RELATIONS, WORDS

_BRACKETS = {
    "(": "(", ")": ")", "[": "[", "]": "]", r"\{": "{", r"\}": "}", r"\lVert": "‖",
    r"\rVert": "‖", r"\lvert": "|", r"\rvert": "|", "|": "|", r"\|": "‖", r"\langle": "⟨",
    r"\rangle": "⟩", r"\lfloor": "⌊", r"\rfloor": "⌋", ".": "",
}  # fmt: skip
_SPACES = {r"\,": 3, r"\:": 4, r"\;": 5, r"\ ": 6, "~": 6, r"\quad": 18, r"\qquad": 36}
#: A space that parts two formulas.
WIDE = 18
_ACCENTS = {
    "bar": "¯", "hat": "^", "tilde": "~", "dot": "˙", "ddot": "¨", "vec": "→", "overline": "¯",
}  # fmt: skip
_IGNORED = {
    r"\displaystyle", r"\textstyle", r"\big", r"\Big", r"\bigl", r"\bigr", r"\Bigl", r"\Bigr",
    r"\bigg", r"\limits", r"\nolimits", r"\!", r"\allowbreak",
}  # fmt: skip
_STYLES = {
    "mathrm": "upright", "text": "upright", "mathsf": "sans", "mathbf": "bold", "mathbb": "double",
    "mathcal": "script", "operatorname": "word", "textbf": "bold", "boldsymbol": "bold",
}  # fmt: skip
_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\d+(?:\.\d+)?|\S|\s+", re.S)


@dataclass(frozen=True)
class Letter:
    """A letter or a name; style: "" (italic), "upright", "sans", "bold", "double", "script",
    "word" (the name of a function)."""

    text: str
    style: str = ""


@dataclass(frozen=True)
class Number:
    text: str


@dataclass(frozen=True)
class Sign:
    """An operator, a relation, punctuation; big: it carries limits above and below."""

    text: str
    big: bool = False


@dataclass(frozen=True)
class Space:
    """In eighteenths of an em."""

    width: int


@dataclass(frozen=True)
class Row:
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Script:
    base: Node
    below: Node | None
    above: Node | None


@dataclass(frozen=True)
class Fraction:
    above: Node
    below: Node
    small: bool = False


@dataclass(frozen=True)
class Root:
    inside: Node
    degree: Node | None = None


@dataclass(frozen=True)
class Fence:
    """Brackets that grow; one of them may be empty."""

    left: str
    inside: Row
    right: str


@dataclass(frozen=True)
class Grid:
    """Rows of cells between brackets; align: r, l or c for each column."""

    rows: tuple[tuple[Row, ...], ...]
    left: str
    right: str
    align: str


@dataclass(frozen=True)
class Accent:
    base: Node
    mark: str


@dataclass(frozen=True)
class Under:
    """A brace below (or above) with words."""

    base: Node
    label: Node | None
    above: bool = False


Node = (
    Letter | Number | Sign | Space | Row | Script | Fraction | Root | Fence | Grid | Accent | Under
)


@lru_cache(maxsize=20_000)
def parse(latex: str) -> Row:
    r"""The tree of a formula.

    >>> parse("x^2").parts
    (Script(base=Letter(text='x', style=''), below=None, above=Number(text='2')),)
    """
    return _Parser(latex).row(())


def equations(row: Row) -> list[Row]:
    """The row cut behind each wide space."""
    found: list[list[Node]] = [[]]
    for part in row.parts:
        found[-1].append(part)
        if isinstance(part, Space) and part.width >= WIDE:
            found.append([])
    return [Row(tuple(parts)) for parts in found if parts]


def pieces(row: Row) -> list[Row]:
    """The row cut before each relation and each + or − that stands in no bracket: where a line may
    break."""
    found: list[list[Node]] = [[]]
    depth = 0
    for part in row.parts:
        text = part.text if isinstance(part, Sign) else ""
        if text in ("(", "[", "{"):
            depth += 1
        if text in (")", "]", "}"):
            depth -= 1
        after_relation = found[-1] and all(_is_opening(p) for p in found[-1])
        if (text in RELATIONS or text in BINARY) and not depth and found[-1] and not after_relation:
            found.append([])
        found[-1].append(part)
    return [Row(tuple(parts)) for parts in found if parts]


def _is_opening(part: Node) -> bool:
    return isinstance(part, Space) or (
        isinstance(part, Sign) and (part.text in RELATIONS or part.text in BINARY)
    )


class _Parser:
    def __init__(self, latex: str) -> None:
        self.tokens = [t for t in _TOKEN.findall(latex) if t not in _IGNORED]
        self.at = 0

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1] if self.at <= len(self.tokens) else ""

    def blanks(self) -> None:
        while self.next.isspace():
            self.at += 1

    def row(self, stops: Sequence[str]) -> Row:
        parts: list[Node] = []
        self.blanks()
        while self.next and self.next not in stops:
            parts.append(self.scripted())
            self.blanks()
        return Row(tuple(parts))

    def scripted(self) -> Node:
        base = Row(()) if self.next in ("_", "^") else self.atom()
        below: Node | None = None
        above: Node | None = None
        primes = ""
        while True:
            self.blanks()
            if self.next == "_":
                self.take()
                below = self.argument()
            elif self.next == "^":
                self.take()
                above = self.argument()
            elif self.next == "'":
                self.take()
                primes += "′"
            else:
                break
        if primes:
            mark = Sign(primes)
            above = mark if above is None else Row((mark, above))
        if below is None and above is None:
            return base
        if isinstance(base, Under) and base.label is None:
            return Under(base.base, above if base.above else below, base.above)
        return Script(base, below, above)

    def argument(self) -> Node:
        self.blanks()
        if self.next == "{":
            self.take()
            inside = self.row(("}",))
            self.take()
            return inside.parts[0] if len(inside.parts) == 1 else inside
        return self.atom()

    def raw(self) -> str:
        """What stands in the braces that come next, as text."""
        self.blanks()
        if self.next != "{":
            return self.take()
        self.take()
        depth, found = 1, ""
        while self.next:
            token = self.take()
            depth += (token == "{") - (token == "}")
            if not depth:
                break
            found += token
        return found

    def atom(self) -> Node:
        self.blanks()
        token = self.take()
        name = token[1:].rstrip("*")
        if token in _SPACES:
            return Space(_SPACES[token])
        if token == "{":
            inside = self.row(("}",))
            self.take()
            return inside
        if token[0].isdigit():
            return Number(token)
        if token == "-":
            return Sign("−")
        if token in (r"\lVert", r"\lvert"):
            closing = token.replace("l", "r", 1)
            inside = self.row((closing,))
            self.take()
            return Fence(_BRACKETS[token], inside, _BRACKETS[closing])
        if token in _BRACKETS:
            return Sign(_BRACKETS[token])
        if not token.startswith("\\"):
            return Letter(token) if token.isalpha() else Sign(token)
        return self.command(token, name)

    def command(self, token: str, name: str) -> Node:
        if name in ("frac", "tfrac", "dfrac"):
            above = self.argument_or_digit()
            return Fraction(above, self.argument_or_digit(), name == "tfrac")
        if name == "sqrt":
            degree = None
            if self.next == "[":
                self.take()
                degree = self.row(("]",))
                self.take()
            return Root(self.argument(), degree)
        if name == "left":
            self.blanks()
            left = _BRACKETS.get(self.take(), "")
            inside = self.row((r"\right",))
            self.take()
            self.blanks()
            return Fence(left, inside, _BRACKETS.get(self.take(), ""))
        if name == "begin":
            return self.grid(self.raw())
        if name in _STYLES:
            text = " ".join(self.raw().split()) if name != "text" else self.raw()
            return Letter(re.sub(r"\\([_&%#$])", r"\1", text), _STYLES[name])
        if name in _ACCENTS:
            return Accent(self.argument(), _ACCENTS[name])
        if name in ("underbrace", "overbrace"):
            return Under(self.argument(), None, name == "overbrace")
        if name in BIG:
            return Sign(BIG[name], big=True)
        if name in WORDS:
            return Letter(name, "word")
        if name in LETTERS:
            dots = name in ("top", "ldots", "cdots")
            return Sign(LETTERS[name]) if dots else Letter(LETTERS[name])
        if name in OPERATORS:
            return Sign(OPERATORS[name])
        if len(token) == 2 and not token[1].isalpha():
            return Sign(token[1])
        return Letter(name, "upright")

    def argument_or_digit(self) -> Node:
        """\\frac12 takes one digit after the other."""
        self.blanks()
        if self.next.isdigit() and len(self.next) > 1:
            digits = self.next
            self.tokens[self.at] = digits[1:]
            return Number(digits[0])
        return self.argument()

    def grid(self, environment: str) -> Node:
        align = self.raw() if environment == "array" else ""
        rows: list[tuple[Row, ...]] = []
        cells: list[Row] = []
        while True:
            cells.append(self.row(("&", r"\\", r"\end")))
            token = self.take()
            if token == "&":
                continue
            rows.append(tuple(cells))
            cells = []
            if token == r"\\" and self.next == "[":
                self.row(("]",))
                self.take()
            if token != r"\\":
                break
        self.raw()
        if rows and all(not cell.parts for cell in rows[-1]):
            rows.pop()
        fences = {"pmatrix": "()", "bmatrix": "[]", "vmatrix": "||"}.get(environment, "  ")
        left, right = fences[0], fences[1]
        n = max((len(row) for row in rows), default=0)
        if environment == "cases":
            left, align = "{", "ll"
        if environment == "aligned":
            align = "rl" * n
        return Grid(tuple(rows), left.strip(), right.strip(), (align or "c" * n)[:n])


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    match node:
        case Row():
            below: Sequence[Node | None] = node.parts
        case Script():
            below = (node.base, node.below, node.above)
        case Fraction():
            below = (node.above, node.below)
        case Root():
            below = (node.inside, node.degree)
        case Fence():
            below = (node.inside,)
        case Grid():
            below = [cell for row in node.rows for cell in row]
        case Accent():
            below = (node.base,)
        case Under():
            below = (node.base, node.label)
        case _:
            below = ()
    for part in below:
        if part is not None:
            yield from walk(part)
