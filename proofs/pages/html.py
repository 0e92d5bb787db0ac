r"""From blocks to HTML: one file that shows in any browser without the network.

Out: a document with its style inside and mathematics as MathML, or its body. Displays break where a
line may; what is too wide all the same scrolls by itself.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from html import escape

from hessrank.proofs.pages import mathml
from hessrank.proofs.pages.blocks import (
    Block,
    Code,
    Formula,
    Heading,
    Items,
    Mark,
    Picture,
    Quote,
    Table,
    Text,
    words,
)
from hessrank.proofs.pages.words.prose import set_words

STYLE = """
:root { color-scheme: light dark; }
body { max-width: 46em; margin: 2em auto; padding: 0 1em; line-height: 1.5;
  font-family: Georgia, "Times New Roman", serif; }
h1, h2, h3, h4 { line-height: 1.25; font-weight: 600; }
.display { display: flex; align-items: center; margin: 0.5em 0 0.5em 1.5em; gap: 1em; }
.display > .formula { flex: 1; min-width: 0; overflow-x: auto; overflow-y: hidden;
  padding: 0.15em 0 0.15em 2em; text-indent: -2em; line-height: 1.6; }
.display > .number { color: inherit; white-space: nowrap; }
.eq { display: inline-block; max-width: 100%; text-indent: 0; }
math { text-indent: 0; font-size: 1.05em; }
table.rows { border-collapse: collapse; margin: 1em 0; font-size: 0.92em; }
table.rows th { text-align: left; border-bottom: 1px solid; }
table.rows th, table.rows td { padding: 0.25em 0.7em 0.25em 0; vertical-align: top; }
table.rows .r { text-align: right; }
pre { overflow-x: auto; padding: 0.6em; border: 1px solid; font-size: 0.85em; line-height: 1.35; }
figure { margin: 1em 0; } figure img { max-width: min(100%, 30em); background: white; }
figcaption { font-style: italic; }
blockquote { margin: 0.8em 0 0.8em 1.5em; font-style: italic; }
.quiet { opacity: 0.65; } .alarm { font-weight: bold; } .strong { font-weight: bold; }
a { color: inherit; }
@media print { body { max-width: none; } }
"""

_NUMBERED = re.compile(r"\((\d+(?:\.\d+)*)\)")


def document(title: str, blocks: Sequence[Block]) -> str:
    """A whole page."""
    plain = escape("".join(piece for piece, _ in words(title)))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{plain}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{_prose(title)}</h1>\n{body(blocks)}</body>\n</html>\n"
    )


def body(blocks: Sequence[Block]) -> str:
    """The blocks alone."""
    numbers = {b.number.split(" ")[0] for b in blocks if isinstance(b, Formula) and b.number}
    return "".join(_block(block, numbers) + "\n" for block in blocks)


def _block(block: Block, numbers: set[str]) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{_prose(block.text, numbers)}</h{block.level}>"
        case Text():
            lead = f"<strong>{_prose(block.lead)}</strong> " if block.lead else ""
            tone = f' class="{block.tone}"' if block.tone else ""
            lines = "<br/>\n".join(_prose(line, numbers) for line in block.text.split("\n"))
            return f"<p{tone}>{lead}{lines}</p>"
        case Quote():
            return f"<blockquote>{_prose(block.text, numbers)}</blockquote>"
        case Items():
            items = "\n".join(f"<li>{_prose(t, numbers)}</li>" for t in block.texts)
            return f"<ul>\n{items}\n</ul>"
        case Code():
            return f"<pre>{escape(block.text.rstrip())}</pre>"
        case Table():
            return _table(block, numbers)
        case Formula():
            return _formula(block)
        case Picture(svg=""):
            return _block(block.words(), numbers)
        case Picture():
            return _picture(block, numbers)


def _formula(block: Formula) -> str:
    anchor, number = "", ""
    if block.number:
        anchor = f' id="eq-{escape(block.number.split(" ")[0])}"'
        number = f'<span class="number">({escape(block.number)})</span>'
    shown = mathml.display(block.latex)
    return f'<div class="display"{anchor}><span class="formula">{shown}</span>{number}</div>'


def _picture(block: Picture, numbers: set[str]) -> str:
    """The drawing as an image that is part of the file; nothing in it is run."""
    data = b64encode(block.svg.encode("utf-8")).decode("ascii")
    alt = escape("".join(piece for piece, _ in words(block.caption)), quote=True)
    return (
        f'<figure><img alt="{alt}" src="data:image/svg+xml;base64,{data}"/>\n'
        f"<figcaption>{_prose(block.caption, numbers)}</figcaption></figure>"
    )


def _table(block: Table, numbers: set[str]) -> str:
    rows = []
    if any(block.columns):
        head = "".join(f"<th>{_prose(c)}</th>" for c in block.columns)
        rows.append(f"<thead><tr>{head}</tr></thead>")
    for row in block.rows:
        cells = []
        for cell, align in zip(row, block.align, strict=True):
            kinds = ("r" if align == "r" else "", cell.tone if isinstance(cell, Mark) else "")
            marked = " ".join(k for k in kinds if k)
            shown = f' class="{marked}"' if marked else ""
            cells.append(f"<td{shown}>{_prose(str(cell), numbers)}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return '<table class="rows">\n' + "\n".join(rows) + "\n</table>"


def _prose(text: str, numbers: set[str] | None = None) -> str:
    """Words with $…$ as MathML; the number of a display leads to it."""

    def linked(match: re.Match[str]) -> str:
        if match[1] not in (numbers or ()):
            return match[0]
        return f'<a href="#eq-{match[1]}">{match[0]}</a>'

    return "".join(
        mathml.inline(piece) if is_latex else _NUMBERED.sub(linked, escape(piece))
        for piece, is_latex in set_words(text)
    )
