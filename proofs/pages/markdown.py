r"""From blocks to Markdown, with mathematics between dollars."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    words,
)

_RULES = {"l": "---", "r": "--:", "p": "---"}
#: Signs that Markdown would read: emphasis, code, the start of a tag; _ only at the edge of a word.
_READ = re.compile(r"[\\*`$]|<(?=[A-Za-z/!?])|(?<!\w)_|_(?!\w)")


def document(title: str, blocks: Sequence[Block]) -> str:
    """A page with a title."""
    return body([Heading(title, 1), *blocks])


def body(blocks: Sequence[Block]) -> str:
    """The blocks alone."""
    return "\n\n".join(map(_block, blocks)) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {_prose(block.text)}"
        case Text():
            lead = f"**{_prose(block.lead)}** " if block.lead else ""
            return lead + "  \n".join(map(_prose, block.text.split("\n")))
        case Quote():
            return "\n".join(f"> {_prose(line)}" for line in block.text.split("\n"))
        case Items():
            return "\n".join(f"- {_prose(t)}" for t in block.texts)
        case Code():
            return f"```\n{block.text.rstrip()}\n```"
        case Table():
            rules = [_RULES[a] for a in block.align]
            rows = [block.columns, rules, *block.rows]
            return "\n".join(f"| {' | '.join(_cell(str(c)) for c in row)} |" for row in rows)
        case Picture():
            return _block(block.words())
        case Formula():
            tag = rf" \tag{{{block.number}}}" if block.number else ""
            return f"$$\n{block.latex}{tag}\n$$"


def _prose(text: str) -> str:
    return "".join(
        f"${piece}$" if is_latex else _READ.sub(r"\\\g<0>", piece)
        for piece, is_latex in words(text)
    )


def _cell(text: str) -> str:
    return _prose(" ".join(text.split("\n"))).replace("|", r"\|")
