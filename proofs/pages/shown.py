"""Answers that show themselves: in a notebook, as Markdown and as LaTeX, from their blocks."""

from __future__ import annotations

from collections.abc import Sequence

from hessrank.proofs.pages import latex, markdown
from hessrank.proofs.pages.blocks import Block


class Shown:
    """What has `blocks` is shown in every format."""

    def blocks(self) -> Sequence[Block]:
        """The page, before it becomes a format."""
        raise NotImplementedError

    def markdown(self) -> str:
        """The page as Markdown with $…$ and $$…$$."""
        return markdown.body(self.blocks())

    def latex(self) -> str:
        """The page as LaTeX, to stand in a document that loads amsmath, graphicx and longtable."""
        return latex.body(self.blocks())

    def _repr_markdown_(self) -> str:
        return self.markdown()
