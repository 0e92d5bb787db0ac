r"""LaTeX's mathematics in Unicode text, for terminals.

In: LaTeX. Out: lines of text: one, or where there is a matrix as many as it has rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hessrank.proofs.pages.mathematics import (
    Accent,
    Fence,
    Fraction,
    Grid,
    Letter,
    Node,
    Number,
    Root,
    Row,
    Script,
    Sign,
    Space,
    Under,
    equations,
    parse,
    pieces,
)
from hessrank.proofs.pages.signs import BINARY, RELATIONS

ABOVE = dict(zip("0123456789+−=()n′i⊤T*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ′ⁱᵀᵀ*", strict=True))
BELOW = dict(zip("0123456789+−=()aeijkmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑᵢⱼₖₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_SCRIPTS = {*ABOVE.values(), *BELOW.values()}
_DOUBLE = {"R": "ℝ", "Q": "ℚ", "Z": "ℤ", "N": "ℕ", "C": "ℂ"}
_ACCENTS = {"¯": "\u0304", "^": "\u0302", "~": "\u0303", "˙": "\u0307", "¨": "\u0308"}
#: The parts of a bracket over several lines: top, middle, bottom.
_TALL = {
    "(": ("⎛", "⎜", "⎝"), ")": ("⎞", "⎟", "⎠"), "[": ("⎡", "⎢", "⎣"), "]": ("⎤", "⎥", "⎦"),
    "|": ("│", "│", "│"), "{": ("⎧", "⎨", "⎩"),
}  # fmt: skip


@dataclass(frozen=True)
class Box:
    """Lines of one width; `base` is the one that stands on the line of the text."""

    lines: tuple[str, ...]
    base: int = 0

    @property
    def width(self) -> int:
        return len(self.lines[0])


def inline(latex: str) -> str:
    r"""A formula on one line.

    >>> inline(r"H = J^{\top} A J + \sum_{m=1}^{M} r_m \nabla^2 F_m")
    'H = JᵀAJ + ∑ₘ₌₁^M rₘ∇²Fₘ'
    """
    return " ".join(_row(parse(latex), True).lines[0].split())


def display(latex: str) -> str:
    """A formula of its own, over several lines where it holds a matrix."""
    return "\n".join(line.rstrip() for line in _row(parse(latex), False).lines)


def broken(latex: str, width: int) -> str:
    """`display`, its one line broken before relations and signs where it is longer than `width`;
    what has no such place, and a matrix, stays as wide as it is."""
    whole = display(latex)
    if "\n" in whole or len(whole) <= width:
        return whole
    lines = [""]
    for equation in equations(parse(latex)):
        for i, piece in enumerate(pieces(equation)):
            written = _piece(piece, i > 0)
            apart = " " if lines[-1].strip() else ""
            if apart and len(lines[-1]) + len(written) >= width:
                lines.append("    ")
                apart = ""
            lines[-1] += apart + written
        lines[-1] += "  "
    return "\n".join(line.rstrip() for line in lines)


def _piece(row: Row, continued: bool) -> str:
    """A piece of a line; the sign with which it goes on is no prefix."""
    first, *rest = row.parts
    if continued and isinstance(first, Sign) and first.text in RELATIONS | BINARY:
        return f"{first.text} {_row(Row(tuple(rest)), True).lines[0].strip()}"
    return _row(row, True).lines[0].strip()


def _text(text: str) -> Box:
    return Box((text,))


def _beside(boxes: Sequence[Box]) -> Box:
    """The boxes side by side, their base lines in one."""
    boxes = [b for b in boxes if b.width] or [_text("")]
    above = max(b.base for b in boxes)
    below = max(len(b.lines) - b.base for b in boxes)
    lines = []
    for k in range(-above, below):
        lines.append(
            "".join(
                b.lines[b.base + k] if 0 <= b.base + k < len(b.lines) else " " * b.width
                for b in boxes
            )
        )
    return Box(tuple(lines), above)


def _row(row: Row, flat: bool) -> Box:
    boxes, before = [], ""
    for part in row.parts:
        if isinstance(part, Sign) and part.text in RELATIONS | BINARY:
            prefix = part.text in BINARY and before in ("", "sign")
            boxes.append(_text(part.text if prefix else f" {part.text} "))
            before = "sign"
            continue
        word = isinstance(part, Letter) and part.style == "word"
        if before == "fraction" or (before == "value" and (word or isinstance(part, Fraction))):
            boxes.append(_text(" "))
        boxes.append(_node(part, flat))
        opens = isinstance(part, Sign) and part.text in "([{,"
        if (isinstance(part, Sign) and part.text in (",", ";")) or _is_big(part):
            boxes.append(_text(" "))
        if not isinstance(part, Space):
            kind = "fraction" if isinstance(part, Fraction) else "value"
            before = "sign" if opens else "word" if word else kind
        if word:
            after = row.parts[row.parts.index(part) + 1 :]
            bracket = after and (
                isinstance(after[0], Fence) or (isinstance(after[0], Sign) and after[0].text == "(")
            )
            boxes.append(_text("" if bracket or not after else " "))
    return _beside(boxes)


def _is_big(part: Node) -> bool:
    """Whether it is ∑ or the like, with its limits."""
    return (isinstance(part, Sign) and part.big) or (
        isinstance(part, Script) and isinstance(part.base, Sign) and part.base.big
    )


def _line(node: Node | None) -> str:
    return "" if node is None else _node(node, True).lines[0]


def _node(node: Node, flat: bool) -> Box:
    match node:
        case Letter():
            return _text(_DOUBLE.get(node.text, node.text) if node.style == "double" else node.text)
        case Number() | Sign():
            return _text(node.text)
        case Space():
            return _text(" " * round(node.width / 9))
        case Row():
            return _row(node, flat)
        case Script():
            scripts = _script(_line(node.below), BELOW, "_") + _script(
                _line(node.above), ABOVE, "^"
            )
            return _beside([_node(node.base, flat), _text(scripts)])
        case Fraction():
            return _text(f"{_operand(_line(node.above))}/{_operand(_line(node.below), True)}")
        case Root():
            degree = _script(_line(node.degree), ABOVE, "^") if node.degree is not None else ""
            return _text(f"{degree}√{_operand(_line(node.inside), True)}")
        case Fence():
            return _fenced(node.left, _row(node.inside, flat), node.right)
        case Grid():
            return _grid(node, flat)
        case Accent():
            return _text(_line(node.base) + _ACCENTS.get(node.mark, "\u0304"))
        case Under():
            label = f" [{_line(node.label)}]" if node.label is not None else ""
            return _beside([_node(node.base, flat), _text(label)])


def _script(text: str, signs: dict[str, str], mark: str) -> str:
    packed = text.replace(" ", "")
    if not packed:
        return ""
    if all(c in signs for c in packed):
        return "".join(signs[c] for c in packed)
    return f"{mark}{packed}" if len(packed) == 1 else f"{mark}{{{packed}}}"


def _operand(text: str, below: bool = False) -> str:
    """In brackets where it is a sum, or below a bar also where it is a product."""
    core = "".join(c for c in text if c not in _SCRIPTS).removeprefix("∂")
    bracketed = text.startswith("(") and text.endswith(")") and text.count("(") == 1
    short = len(core) == 1 or core.isdigit() or (not below and not any(c in text for c in " /"))
    return text if short or bracketed else f"({text})"


def _fenced(left: str, inside: Box, right: str) -> Box:
    return _beside([_bracket(left, inside), inside, _bracket(right, inside)])


def _bracket(text: str, inside: Box) -> Box:
    n = len(inside.lines)
    if n == 1 or text not in _TALL:
        return _text(text)
    top, middle, bottom = tuple(_TALL[text])
    return Box((top, *([middle] * (n - 2)), bottom), inside.base)


def _grid(node: Grid, flat: bool) -> Box:
    cells = [[_line(cell) for cell in row] for row in node.rows]
    if flat:
        inside = "; ".join(", ".join(row) for row in cells)
        return _text(f"{node.left}{inside}{node.right}")
    n = max(len(row) for row in cells)
    cells = [row + [""] * (n - len(row)) for row in cells]
    widths = [max(len(row[j]) for row in cells) for j in range(n)]
    gap = "" if node.align.startswith("rl") else "  "
    lines = []
    for row in cells:
        placed = [
            c.rjust(w) if a == "r" else c.ljust(w) if a == "l" else c.center(w)
            for c, w, a in zip(row, widths, node.align, strict=False)
        ]
        lines.append(gap.join(placed))
    inside_box = Box(tuple(lines), (len(lines) - 1) // 2)
    return _fenced(node.left, inside_box, node.right)
