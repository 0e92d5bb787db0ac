"""Answers that show themselves: in a notebook, as Markdown and as LaTeX, from their blocks.

The writers are imported when something is shown: an answer that is only read does not pay for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hessrank.proofs.pages.blocks import Block, Items, Table, Text

#: A notebook is shown at most so many rows of a table or items of a list, ...
ROWS = 100
#: ... and at most about so many letters of a page.
LETTERS = 40_000
REST = "The rest is left out here: .markdown() and .latex() have all of it."


def bounded(blocks: Sequence[Block]) -> list[Block]:
    """The beginning of a page, for a notebook."""
    from hessrank.proofs.pages import markdown

    shown: list[Block] = []
    letters = 0
    for whole in blocks:
        block = _beginning(whole)
        letters += len(markdown.body([block]))
        if letters > LETTERS:
            return [*shown, Text(REST)]
        shown.append(block)
        if block is not whole:
            shown.append(Text(REST))
    return shown


def _beginning(block: Block) -> Block:
    if isinstance(block, Table) and len(block.rows) > ROWS:
        return replace(block, rows=block.rows[:ROWS])
    if isinstance(block, Items) and len(block.texts) > ROWS:
        return replace(block, texts=block.texts[:ROWS])
    return block


class Shown:
    """What has `blocks` is shown in every format."""

    def blocks(self) -> Sequence[Block]:
        """The page, before it becomes a format."""
        raise NotImplementedError

    def markdown(self) -> str:
        """The page as Markdown with $…$ and $$…$$."""
        from hessrank.proofs.pages import markdown

        return markdown.body(self.blocks())

    def latex(self) -> str:
        """The page as LaTeX, to stand in a document that loads amsmath, graphicx and longtable."""
        from hessrank.proofs.pages import latex

        return latex.body(self.blocks())

    def _repr_markdown_(self) -> str:
        from hessrank.proofs.pages import markdown

        return markdown.body(bounded(self.blocks()))
