"""Numbers for displays, and references to them.

In: blocks in which a formula that is referred to has labels for its number, and words that refer to
labels as "({H})". Out: blocks with numbers, counted from 1; a reference to what is not displayed is
left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from hessrank.proofs.pages.blocks import Block, Formula, Heading, Items, Text

_REFERENCE = re.compile(r"( ?)\(\{([A-Za-z0-9-]+)\}\)")


def reference(label: str) -> str:
    """A reference, with the blank before it."""
    return f" ({{{label}}})"


def numbered(blocks: Sequence[Block], prefix: str = "") -> list[Block]:
    """The blocks with their numbers; a formula may have several labels; prefix: of every number."""
    numbers: dict[str, str] = {}
    found: list[Block] = []
    count = 0
    for block in blocks:
        if isinstance(block, Formula) and block.number:
            count += 1
            numbers |= dict.fromkeys(block.number.split(), f"{prefix}{count}")
            block = replace(block, number=f"{prefix}{count}")
        found.append(block)

    def put(match: re.Match[str]) -> str:
        number = numbers.get(match[2])
        return f"{match[1]}({number})" if number else ""

    def referred(block: Block) -> Block:
        match block:
            case Text():
                return replace(block, text=_REFERENCE.sub(put, block.text))
            case Items():
                return Items(tuple(_REFERENCE.sub(put, text) for text in block.texts))
            case Heading():
                return replace(block, text=_REFERENCE.sub(put, block.text))
        return block

    return [referred(block) for block in found]
