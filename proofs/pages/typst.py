r"""From blocks to typst, and to a PDF without TeX (the extra `report`).

Out: a document in typst's markup, which needs neither packages nor the network, or the bytes of its
PDF. A display is set as a paragraph with a hanging indent, so that it breaks at its relations and
signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hessrank.proofs.pages.blocks import (
    Block,
    Code,
    Formula,
    Heading,
    Items,
    Picture,
    Quote,
    Table,
    Text,
)
from hessrank.proofs.pages.breadth import breadth_of
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
    walk,
)
from hessrank.proofs.pages.signs import BINARY, RELATIONS
from hessrank.proofs.pages.words.prose import set_words
from hessrank.symbolic.errors import HessrankError, InputError

PREAMBLE = r"""#set page(paper: "a4", margin: 22mm, numbering: "1")
#set text(size: 10pt, lang: "en")
#set par(justify: true, spacing: 0.9em)
#set heading(numbering: none)
#show heading: it => block(above: 1.4em, below: 0.8em, sticky: true, it)
#show table: set text(size: 9pt)
#show table: set par(justify: false)
#set table(stroke: none, inset: (x: 4pt, y: 3pt))
#set table.cell(breakable: false)
#show quote.where(block: true): it => block(inset: (x: 1.5em), spacing: 0.9em, emph(it.body))
#show raw: set text(size: 8.5pt)
#set math.equation(numbering: none)
#let display-of(number, body) = block(width: 100%, inset: (left: 1em), {
  set par(hanging-indent: 2em, justify: false, leading: 0.9em)
  set text(top-edge: "bounds", bottom-edge: "bounds")
  body
  if number != none { h(1fr); box(text(top-edge: "cap-height", bottom-edge: "baseline", number)) }
})
#let shrunk(body) = layout(size => {
  let natural = measure(body).width
  if natural > size.width { scale(size.width / natural * 100%, reflow: true, body) } else { body }
})
#let wide-of(number, body) = block(width: 100%, inset: (left: 1em), grid(
  columns: (1fr, auto), align: horizon, column-gutter: 0.5em, shrunk(body), number))
"""

#: A table of so many rows stands on one page, and the words right below a heading, where they are
#: no more than these, on that of what comes next.
WHOLE, SOURCE = 12, 150
#: A line of a display holds so many letters.
LINE = 80
#: What stands on the page of the words before it.
_HELD = (Formula, Items, Table, Quote, Code)
_BELOW = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋", "0123456789+−", strict=True))
_ESCAPED = re.compile(r"([\\#$*_`<>@~=+\-/\[\]])")
_ACCENTS = {"¯": "macron", "^": "hat", "~": "tilde", "˙": "dot", "¨": "dot.double", "→": "arrow"}
_STYLES = {"sans": "sans", "bold": "bold", "double": "bb", "script": "cal", "upright": "upright"}
_CALLED = re.compile(r"[(),;/_^&#$\"\\'.:!~*<>|\-]")


def document(title: str, blocks: Sequence[Block]) -> str:
    """A document that compiles."""
    head = f"{PREAMBLE}\n#set document(title: {_string(title)})\n"
    return f"{head}\n#text(size: 18pt)[{_prose(title)}]\n\n{body(blocks)}"


def body(blocks: Sequence[Block]) -> str:
    """The blocks alone, to stand after `PREAMBLE`."""
    found = []
    rows = list(_rows(blocks))
    for before, row, after in zip([(), *rows], rows, [*rows[1:], ()], strict=False):
        written = _block(row[0]) if len(row) == 1 else _beside(row)
        first = bool(before) and isinstance(before[0], Heading)
        if isinstance(row[0], Text) and after and _holds(row[0], first, after[0]):
            written = f"#block(sticky: true)[{written}]"  # on the page of what it names
        found.append(written)
    return "\n\n".join(found) + "\n"


def _holds(text: Text, first: bool, after: Block) -> bool:
    """Whether a text, the first below its heading or not, stands on the page of what follows."""
    short = first and len(text.lead) + len(text.text) <= SOURCE
    return short or isinstance(after, _HELD)


def _rows(blocks: Sequence[Block]) -> Iterator[tuple[Block, ...]]:
    """The blocks one by one; two drawings that follow each other together."""
    i = 0
    while i < len(blocks):
        pair = tuple(blocks[i : i + 2])
        drawings = [b for b in pair if isinstance(b, Picture) and b.svg]
        row = pair if len(drawings) == 2 else pair[:1]
        yield row
        i += len(row)


def _beside(row: Sequence[Block]) -> str:
    cells = ", ".join(f"[{_drawn(b)}]" for b in row if isinstance(b, Picture))
    return f"#grid(columns: ({'1fr, ' * len(row)}), gutter: 1.5em, {cells})"


def pdf(source: str) -> bytes:
    """The PDF of a document in typst's markup.

    Raises InputError that says what to install where typst is missing.
    """
    try:
        import typst
    except ImportError:
        raise InputError("a PDF without TeX needs typst: pip install 'hessrank[report]'") from None
    try:
        made: bytes = typst.compile(source.encode("utf-8"), format="pdf")
    except Exception as error:
        raise HessrankError(f"typst failed: {str(error).strip().splitlines()[-1]}") from None
    return made


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'=' * block.level} {_prose(block.text)}"
        case Text():
            lead = f"#strong[{_prose(block.lead)}] " if block.lead else ""
            return lead + " \\\n".join(map(_prose, block.text.split("\n")))
        case Quote():
            return f"#quote(block: true)[{_prose(block.text)}]"
        case Items():
            return "\n".join(f"- {_prose(t)}" for t in block.texts)
        case Code():
            return f"#raw({_string(block.text.rstrip())}, block: true)"
        case Table():
            return _table(block)
        case Formula():
            return _formula(block)
        case Picture(svg=""):
            return _block(block.words())
        case Picture():
            return f"#align(center, block(width: 55%)[{_drawn(block)}])"


def _formula(block: Formula) -> str:
    row = parse(block.latex)
    written = f"$display({_row(row)})$" if block.wide else "".join(map(_equation, equations(row)))
    number = f"[{_plain('(' + block.number + ')')}]" if block.number else "none"
    return f"#{'wide' if block.wide else 'display'}-of({number}, [{written}])"


def _equation(row: Row) -> str:
    """One of the equations of a display: on one line, or where it is longer than one, in pieces;
    the space behind it is none at the end of a line."""
    parts, last, space = row.parts, row.parts[-1], ""
    if isinstance(last, Space):
        parts, space = parts[:-1], f"#h({last.width / 18:.2f}em, weak: true)"
    if not parts:
        return space
    whole = Row(parts)
    fits = breadth_of(whole) <= LINE
    return "".join(map(_piece, [whole] if fits else pieces(whole))) + space


def _piece(row: Row) -> str:
    """A part of a display that stays on one line, where it is no longer than one."""
    first = row.parts[0]
    sign = isinstance(first, Sign) and first.text in RELATIONS | BINARY
    inside, wide = _row(row), breadth_of(row)
    shown = f'$display("" {inside})$' if sign else f"$display({inside})$"
    if wide > LINE and any(isinstance(part, Grid) for part in row.parts):
        return f"#box(scale({100 * LINE / wide:.0f}%, reflow: true, {shown}))"
    if wide > LINE:  # it may break, but not behind the sign with which it begins
        opened = f'#h(0.28em) class("normal", {_node(first)}) #h(0.28em) ' if sign else ""
        return f"$display({opened}{_row(Row(row.parts[sign:]))})$"
    return f"#box[{shown}]"


def _drawn(block: Picture) -> str:
    """The drawing and its words, as wide as what it stands in."""
    drawn = f'image(bytes({_string(block.svg)}), format: "svg")'
    return f"#block(breakable: false)[#{drawn}\n#text(size: 9pt)[{_prose(block.caption)}]]"


def _table(block: Table) -> str:
    sized = zip(block.align, block.shares, strict=True)
    columns = ", ".join(f"{share}fr" if a == "p" else "auto" for a, share in sized)
    align = ", ".join("right" if a == "r" else "left" for a in block.align)
    lines = [f"#table(columns: ({columns},), align: ({align},),"]
    if any(block.columns):
        head = ", ".join(f"[{_prose(c)}]" for c in block.columns)
        lines.append(f"  table.header({head}), table.hline(stroke: 0.5pt),")
    for row in block.rows:
        lines.append("  " + ", ".join(f"[{_prose(str(c))}]" for c in row) + ",")
    table = "\n".join([*lines, ")"])
    return f"#block(breakable: false)[{table}]" if len(block.rows) <= WHOLE else table


def _prose(text: str) -> str:
    return "".join(
        f"${math(piece)}$" if is_latex else _plain(piece) for piece, is_latex in set_words(text)
    )


def _plain(text: str) -> str:
    """Words; what stands below the line is set there, whatever signs the font has."""
    escaped = _ESCAPED.sub(r"\\\1", text)
    below = "".join(_BELOW)
    return re.sub(f"[{below}]+", lambda m: f"#sub[{''.join(_BELOW[c] for c in m[0])}];", escaped)


def _string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


# --- mathematics ----------------------------------------------------------------------------------


def math(latex: str) -> str:
    r"""LaTeX's mathematics in typst's.

    >>> math(r"\frac{1}{2} x_m^2")
    'frac(1, 2) x_(m)^(2)'
    """
    return _row(parse(latex))


def _row(row: Row) -> str:
    return " ".join(w for w in map(_node, row.parts) if w)


def _node(node: Node | None) -> str:
    match node:
        case None:
            return ""
        case Letter():
            return _letter(node)
        case Number():
            return node.text
        case Sign():
            return _sign(node)
        case Space():
            return f"#h({node.width / 18:.3f}em)"
        case Row():
            return _row(node) if node.parts else '""'
        case Script():
            below = f"_({_node(node.below)})" if node.below is not None else ""
            above = f"^({_node(node.above)})" if node.above is not None else ""
            return f"{_base(node.base)}{below}{above}"
        case Fraction():
            found = f"frac({_node(node.above)}, {_node(node.below)})"
            return f"inline({found})" if node.small else found
        case Root():
            if node.degree is None:
                return f"sqrt({_node(node.inside)})"
            return f"root({_node(node.degree)}, {_node(node.inside)})"
        case Fence():
            return f"lr({_bracket(node.left)} {_row(node.inside)} {_bracket(node.right)})"
        case Grid():
            return _grid(node)
        case Accent():
            return f"accent({_node(node.base)}, {_ACCENTS.get(node.mark, 'macron')})"
        case Under():
            name = "overbrace" if node.above else "underbrace"
            label = f", {_node(node.label)}" if node.label is not None else ""
            return f"{name}({_node(node.base)}{label})"


def _base(node: Node) -> str:
    """What a script is joined to: one thing."""
    written = _node(node)
    return written if not isinstance(node, Row) or len(node.parts) == 1 else f"({written})"


def _letter(node: Letter) -> str:
    if node.style == "word":
        return f"op({_string(node.text)})"
    if node.style == "upright":
        return _string(node.text)
    # √ would take what follows under it
    quoted = _string(node.text) if len(node.text) > 1 or node.text == "√" else node.text
    return f"{_STYLES[node.style]}({quoted})" if node.style else quoted


def _sign(node: Sign) -> str:
    if node.text in ("|", "‖"):
        return f'class("normal", \\{node.text})'
    if node.text in ("(", ")", "[", "]", "{", "}", "⟨", "⟩"):
        return f"\\{node.text}"
    return node.text if not _CALLED.search(node.text) else _escaped(node.text)


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" for c in text)


def _bracket(text: str) -> str:
    return text if text else '""'


def _grid(node: Grid) -> str:
    rows = "; ".join(", ".join(_row(cell) or '""' for cell in row) for row in node.rows)
    left, right = (f'"{b}"' if b else "none" for b in (node.left, node.right))
    if node.align.startswith("rl"):
        lines = [" & ".join(map(_row, row)) for row in node.rows]
        return " \\ ".join(lines)
    fractions = any(isinstance(n, Fraction) for row in node.rows for c in row for n in walk(c))
    gap = "row-gap: #0.35em, " if fractions else ""
    return f"mat(delim: #({left}, {right}), {gap}{rows})"
