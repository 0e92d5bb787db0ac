r"""From LaTeX's mathematics to MathML, which browsers show by themselves.

In: LaTeX. Out: `<math>` elements: one for words, and for a display one for each piece at which its
line may break.
"""

from __future__ import annotations

from html import escape

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

_STYLES = {"sans": "sans-serif", "bold": "bold"}
_DOUBLE = {"R": "ℝ", "Q": "ℚ", "Z": "ℤ", "N": "ℕ", "C": "ℂ"}
_THIN = '<mspace width="0.167em"></mspace>'
_ALIGN = {"r": "right", "l": "left", "c": "center"}


def inline(latex: str) -> str:
    """A formula in a sentence."""
    return f"<math>{_row(parse(latex))}</math>"


def display(latex: str) -> str:
    """A formula of its own, in pieces between which the browser may begin a line; of several
    equations each is one box, which is broken only where it is wider than a line."""
    found = [_pieces(equation) for equation in equations(parse(latex))]
    return found[0] if len(found) == 1 else " ".join(f'<span class="eq">{e}</span>' for e in found)


def _pieces(row: Row) -> str:
    return " ".join(
        f'<math displaystyle="true">{_row(piece, continued=bool(i))}</math>'
        for i, piece in enumerate(pieces(row))
    )


def _row(row: Row, continued: bool = False) -> str:
    """The parts one after the other. A sign that opens the row or follows another is a prefix,
    unless the row continues one (the blank between them is its space on the left)."""
    written, before = [], "value" if continued else ""
    for i, part in enumerate(row.parts):
        if isinstance(part, Sign) and part.text in BINARY | RELATIONS:
            prefix = part.text in BINARY and before in ("", "sign")
            form = 'form="prefix"' if prefix else 'form="infix"'
            if continued and not i:
                form += ' lspace="0" rspace="0.25em"'
            written.append(f"<mo {form}>{escape(part.text)}</mo>")
        elif isinstance(part, Letter) and part.style == "word":
            after = row.parts[i + 1] if i + 1 < len(row.parts) else None
            bracket = isinstance(after, Fence) or (isinstance(after, Sign) and after.text in "([{")
            thin = _THIN if before == "value" and written else ""
            written.append(thin + _node(part) + ("" if bracket else _THIN))
        else:
            written.append(_node(part))
        if not isinstance(part, Space):
            opening = BINARY | RELATIONS | set("([{,")
            opens = isinstance(part, Sign) and part.text in opening
            before = "sign" if opens else "value"
    return "".join(written)


def _group(node: Node) -> str:
    return f"<mrow>{_row(node)}</mrow>" if isinstance(node, Row) else _node(node)


def _node(node: Node) -> str:
    match node:
        case Letter():
            return _letter(node)
        case Number():
            return f"<mn>{node.text}</mn>"
        case Sign():
            return _sign(node)
        case Space():
            return f'<mspace width="{node.width / 18:.3f}em"></mspace>'
        case Row():
            return _group(node)
        case Script():
            return _script(node)
        case Fraction():
            inside = _group(node.above) + _group(node.below)
            return f"<mfrac>{inside}</mfrac>"
        case Root(degree=None):
            return f"<msqrt>{_group(node.inside)}</msqrt>"
        case Root():
            assert node.degree is not None
            return f"<mroot>{_group(node.inside)}{_group(node.degree)}</mroot>"
        case Fence():
            return f"<mrow>{_fence(node.left)}{_row(node.inside)}{_fence(node.right)}</mrow>"
        case Grid():
            return _grid(node)
        case Accent():
            return f'<mover accent="true">{_group(node.base)}<mo>{node.mark}</mo></mover>'
        case Under():
            return _under(node)


def _letter(node: Letter) -> str:
    text = escape(node.text)
    if node.style == "double":
        return f"<mi>{_DOUBLE.get(text, text)}</mi>"
    if node.style == "upright" and " " in text:
        return f"<mtext>{text.replace(' ', '&#160;')}</mtext>"
    if node.style == "word":
        return f'<mi mathvariant="normal">{text}</mi>'
    if node.style in _STYLES:
        weight = "font-weight:bold" if node.style == "bold" else "font-family:sans-serif"
        return f'<mi mathvariant="normal" style="{weight}">{text}</mi>'
    if node.style:
        return f'<mi mathvariant="normal">{text}</mi>'
    return f"<mi>{text}</mi>"


def _sign(node: Sign) -> str:
    text = escape(node.text)
    if node.big:
        return f'<mo movablelimits="true" largeop="true">{text}</mo>'
    if node.text in "()[]{}|‖⟨⟩⌊⌋":
        return f'<mo stretchy="false">{text}</mo>'
    if node.text in ("⊤", "…", "⋯"):
        return f"<mi>{text}</mi>"
    return f"<mo>{text}</mo>"


def _script(node: Script) -> str:
    base = _group(node.base)
    if isinstance(node.base, Letter) and node.base.style == "word":
        base = f'<mi mathvariant="normal">{escape(node.base.text)}</mi>'
    big = isinstance(node.base, Sign) and node.base.big
    below = _group(node.below) if node.below is not None else ""
    above = _group(node.above) if node.above is not None else ""
    if below and above:
        tag = "munderover" if big else "msubsup"
    elif below:
        tag = "munder" if big else "msub"
    else:
        tag = "mover" if big else "msup"
    return f"<{tag}>{base}{below}{above}</{tag}>"


def _fence(text: str) -> str:
    if not text:
        return ""
    return f'<mo fence="true" stretchy="true" lspace="0" rspace="0">{escape(text)}</mo>'


def _grid(node: Grid) -> str:
    rows = []
    for row in node.rows:
        cells = [
            f'<mtd style="text-align:{_ALIGN[a]};padding:0.15em 0.4em">{_row(cell)}</mtd>'
            for cell, a in zip(row, node.align, strict=False)
        ]
        rows.append(f"<mtr>{''.join(cells)}</mtr>")
    table = f"<mtable>{''.join(rows)}</mtable>"
    return f"<mrow>{_fence(node.left)}{table}{_fence(node.right)}</mrow>"


def _under(node: Under) -> str:
    brace, tag = ("⏞", "mover") if node.above else ("⏟", "munder")
    inside = f'<{tag}>{_group(node.base)}<mo stretchy="true">{brace}</mo></{tag}>'
    return inside if node.label is None else f"<{tag}>{inside}{_group(node.label)}</{tag}>"
