"""One list of blocks in every format: nothing of it is lost, nothing of it is read as markup."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest

from hessrank.proofs.pages import latex, markdown, terminal
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
    literal,
    pairs,
    words,
)
from oracles.latex_reader import structure

ROOT = Path(__file__).parent.parent.parent.parent
PAGE: list[Block] = [
    Heading("Heading"),
    Text("a paragraph with $J_1$\nand a second line", lead="Lead."),
    Quote("said elsewhere"),
    Items(("first", "second $A$")),
    Code("[model]\nwidths = [1, 1]\n"),
    Table(("left", "right"), (("cell|1", Mark("yes", "yes")), ("x", "20")), "pr"),
    pairs([("name", "value")]),
    Formula("H = J^T A J"),
    Picture("what is $seen$", "hessrank plot X5"),
]
SHOWN = (
    "Heading",
    "paragraph",
    "Lead.",
    "elsewhere",
    "second",
    "widths",
    "left",
    "right",
    "yes",
    "plot X5",
)


def _terminal(blocks: list[Block], capsys: pytest.CaptureFixture[str]) -> str:
    terminal.show(blocks)
    return capsys.readouterr().out


def test_every_format_shows_every_block(capsys: pytest.CaptureFixture[str]) -> None:
    for text in (latex.body(PAGE), markdown.body(PAGE)):
        assert all(word in text for word in SHOWN)
        assert "J_1" in text and "H = J^T A J" in text
    shown = _terminal(PAGE, capsys)
    assert all(word in shown for word in SHOWN)
    assert "J₁" in shown and "H = JᵀAJ" in shown
    structure(latex.document("Title", PAGE))


def test_markdown_of_a_table() -> None:
    # as GitHub Flavored Markdown defines tables: a rule row with colons, | escaped in cells
    assert markdown.body([PAGE[5]]) == (
        "| left | right |\n| --- | --: |\n| cell\\|1 | yes |\n| x | 20 |\n"
    )


def test_a_users_text_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    nasty = r"$5 and *this* <b>_x_</b> `y` \input{z} 100% & [red]"
    blocks: list[Block] = [Text(literal(nasty)), pairs([(literal(nasty), "")])]
    assert [p for p in words(literal(nasty)) if p[1]] == []
    assert nasty in " ".join(_terminal(blocks, capsys).split())
    shown = markdown.body(blocks)
    assert not re.search(r"(?<!\\)[*`$]|(?<!\\)<b", shown)
    paper = latex.body(blocks)
    assert r"\input" not in paper and not re.search(r"(?<!\\)[%]", paper)
    structure(paper)


def test_a_table_whose_rows_do_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="columns"):
        Table(("a", "b"), (("1",),), "ll")
    with pytest.raises(ValueError, match="aligned"):
        Table(("a",), (), "x")


def test_latex_has_every_sign_that_our_sentences_use() -> None:
    texts = [p.read_text(encoding="utf-8") for p in (ROOT / "proofs").rglob("*.toml")]
    for path in (p for layer in ("symbolic", "proofs") for p in (ROOT / layer).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        # sentences hold a space; a table of signs does not
        texts += [
            n.value
            for n in ast.walk(tree)
            if isinstance(n, ast.Constant) and isinstance(n.value, str) and " " in n.value
        ]
    signs = {c for text in texts for c in text if not c.isascii()}
    assert len(signs) > 50
    unknown = {c for c in signs if "[U+" in latex.body([Text(c)])}
    assert unknown <= {"\u0302", "\u0304"}  # combining accents


@pytest.mark.skipif(not any(map(shutil.which, latex.ENGINES)), reason="no LaTeX installed")
def test_latex_compiles_the_page() -> None:
    assert latex.pdf(latex.document("Title", PAGE)).startswith(b"%PDF")
