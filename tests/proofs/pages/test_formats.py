"""HTML with MathML and typst: well formed, no network, all of our mathematics read."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from base64 import b64decode
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from hessrank import gallery
from hessrank.proofs.derivations.derivation import TITLE, derive
from hessrank.proofs.pages import formats, html, latex, markdown, mathml, typst
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
from hessrank.proofs.pages.blocks import words as words_of
from hessrank.proofs.pages.mathematics import Letter, Row, parse, pieces, walk
from hessrank.proofs.pages.signs import BIG, LETTERS, OPERATORS
from hessrank.proofs.theory.theory import theory
from hessrank.specs.spec import read_spec
from hessrank.symbolic.errors import InputError, OutputError
from oracles.latex_reader import structure

HERE = ["X2", "X8", "X15", "weighted-squared", "softmax-classifier"]
#: Of closed forms, of layers, of softmax, with a coupled loss, with a regulariser, with long rows.
TEN = [*HERE, "deep-linear", "xor-relu", "weight-decay", "perfect-fit", "xor-tanh-untrained"]
#: A4 less the margin, in points.
RIGHT = 595.3 - 62.4
PAGE: list[Block] = [
    Heading("A < B & “C”"),
    Text("costs \\$5, r_m and $x_1 < y$\nnext", lead="Lead."),
    Quote("quoted [S1]"),
    Items(("[S2] first", "– $\\frac12$")),
    Code('key = "a < b" # $x'),
    Table(("no.", "what"), (("1", "[S3] $A \\succ 0$"),), "rp"),
    Formula(r"H = J^{\top} A J + \sum_{m=1}^{M} r_m \nabla^2 F_m", number="1.1 J"),
    Formula(r"\left(\begin{array}{cc} a & b \\[4pt] c & \tanh\left(\frac{1}{2}\right) \end{array}"
            r"\right)", wide=True),
]  # fmt: skip


def formulas(blocks: list[Block]) -> list[str]:
    """All LaTeX of a page."""
    found = [b.latex for b in blocks if isinstance(b, Formula)]
    for b in blocks:
        texts = [b.text] if isinstance(b, (Text, Heading, Quote)) else []
        texts += b.texts if isinstance(b, Items) else []
        found += [piece for text in texts for piece, is_latex in words_of(text) if is_latex]
    return found


@lru_cache(maxsize=1)
def article() -> list[Block]:
    return theory().blocks()


@lru_cache(maxsize=len(TEN))
def derived(entry: str) -> list[Block]:
    return derive(read_spec(entry).landscape()).blocks()


def test_no_command_of_our_pages_is_unknown() -> None:
    """What is not known stays as its name, upright: there is none on our pages."""
    latex_of = formulas(article())
    for entry in [*HERE, *(e for e in gallery.ids() if e.startswith("X")), "xor-tanh"]:
        latex_of += formulas(derived(entry))
    assert len(latex_of) > 600
    known = {"softplus", "relu", "step", "sign", "erf", "sigmoid"}
    for formula in latex_of:
        styled = "".join(re.findall(r"\\(?:mathrm|text|operatorname)\{([^{}]*)\}", formula))
        for node in walk(parse(formula)):
            if isinstance(node, Letter) and node.style == "upright":
                assert node.text.strip() in styled or node.text in known, (node.text, formula)


def test_the_pieces_of_a_display_are_the_display() -> None:
    for formula in formulas(article()):
        row = parse(formula)
        parts = tuple(part for piece in pieces(row) for part in piece.parts)
        assert Row(parts) == row
    broken = pieces(parse(r"a = (b + c) d + \frac{e + f}{g} - h"))
    assert len(broken) == 4


@pytest.mark.parametrize("entry", TEN)
def test_html_is_well_formed_and_asks_nothing_of_the_network(entry: str) -> None:
    text = html.document(TITLE, [*PAGE, *derived(entry)])
    assert not re.search(r"<script|<link|src=|@import|url\(|https?://", text)
    tree = ElementTree.fromstring(re.sub(r"<!DOCTYPE html>|<meta[^>]*>|&#160;", "", text))
    assert len(tree.findall(".//math")) > 20
    for math in tree.iter("math"):
        for tag, n in (("mfrac", 2), ("msup", 2), ("msub", 2), ("msubsup", 3), ("munderover", 3)):
            assert all(len(node) == n for node in math.iter(tag)), tag


def test_mathml_holds_the_signs_that_the_formula_has() -> None:
    shown = mathml.inline(r"\frac{\partial^2 L}{\partial\theta_i} \ge \sum_{m} r_m' - x")
    plain = "".join(ElementTree.fromstring(shown).itertext())
    assert plain == "∂2L∂θi≥∑mrm′−x"


def test_the_number_of_a_display_leads_to_it() -> None:
    shown = html.body([*PAGE, Text("see (1.1), not (7.7)")])
    assert 'id="eq-1.1"' in shown and '<a href="#eq-1.1">(1.1)</a>' in shown
    assert "eq-7.7" not in shown


def test_every_sign_has_its_command_once() -> None:
    for table in (LETTERS, OPERATORS, BIG):
        assert all(len(glyph) == 1 and not glyph.isascii() for glyph in table.values())


@pytest.mark.skipif(find_spec("typst") is None, reason="typst is not installed")
@pytest.mark.parametrize("entry", TEN)
def test_typst_compiles_and_nothing_stands_in_the_margin(entry: str, tmp_path: Path) -> None:
    made = typst.pdf(typst.document(TITLE, [*PAGE, *derived(entry)]))
    assert made.startswith(b"%PDF")
    if shutil.which("pdftotext") is None:
        return
    (tmp_path / "t.pdf").write_bytes(made)
    command = ["pdftotext", "-bbox", str(tmp_path / "t.pdf"), "-"]
    words = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    ends = [float(x) for x in re.findall(r'xMax="([\d.]+)"', words)]
    assert len(ends) > 100 and max(ends) < RIGHT + 2


@pytest.mark.parametrize("entry", TEN)
def test_latex_and_markdown_hold_every_formula_whole(entry: str) -> None:
    """LaTeX by a reader of its structure, Markdown by its dollars; both have what HTML has."""
    blocks = derived(entry)
    paper, text = latex.document(TITLE, blocks), markdown.document(TITLE, blocks)
    structure(paper)
    assert text.count("$$") == 2 * sum(isinstance(b, Formula) for b in blocks)
    assert len(re.findall(r"(?<!\\)\$", text)) % 2 == 0
    for formula in (b for b in blocks if isinstance(b, Formula)):
        assert f"\n{formula.latex}" in text
    assert all(word in paper for word in ("The problem", "At the point", "The ranks"))


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX is installed")
@pytest.mark.parametrize("entry", TEN)
def test_ten_entries_compile_by_tex_without_overfull_boxes(entry: str, tmp_path: Path) -> None:
    (tmp_path / "t.tex").write_text(latex.document(TITLE, derived(entry)), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert ended.returncode == 0 and b"Overfull" not in ended.stdout


@pytest.mark.skipif(find_spec("typst") is None, reason="typst is not installed")
@pytest.mark.parametrize("wide", [6, 8, 10])
def test_a_matrix_wider_than_the_line_is_scaled(wide: int, tmp_path: Path) -> None:
    """As a side of a chain: by typst and by TeX."""
    cells = " & ".join(f"a_{{{i}}} + bb_{{{i}}} (1 - c^2)" for i in range(wide))
    matrix = rf"\begin{{pmatrix}} {cells} \end{{pmatrix}}"
    blocks: list[Block] = [Formula(rf"J = x y = {matrix}", number="5")]
    if shutil.which("pdftotext") is not None:
        (tmp_path / "t.pdf").write_bytes(typst.pdf(typst.document("T", blocks)))
        command = ["pdftotext", "-bbox", str(tmp_path / "t.pdf"), "-"]
        words = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert max(float(x) for x in re.findall(r'xMax="([\d.]+)"', words)) < RIGHT + 2
        assert re.search(r"\(5\)", words)
    if shutil.which("pdflatex") is not None:
        (tmp_path / "t.tex").write_text(latex.document("T", blocks), encoding="utf-8")
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert ended.returncode == 0 and b"Overfull" not in ended.stdout


@pytest.mark.skipif(find_spec("typst") is None, reason="typst is not installed")
def test_typst_compiles_the_theory() -> None:
    assert typst.pdf(typst.document("Theory", article())).startswith(b"%PDF")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX is installed")
def test_tex_compiles_and_no_box_is_overfull(tmp_path: Path) -> None:
    blocks = [*PAGE, *article(), *derived("X8"), *derived("xor-tanh")]
    (tmp_path / "t.tex").write_text(latex.document("Title", blocks), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert ended.returncode == 0 and b"Overfull" not in ended.stdout


def test_a_picture_is_part_of_the_file() -> None:
    pytest.importorskip("typst")
    square = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M1 1h7"/></svg>'
    alone = [Text("before"), Picture('a "line" $x$', "draw", square), Text("after")]
    two = [alone[1], alone[1], Formula("x")]
    for blocks, count in ((alone, 1), (two, 2), ([*two, alone[1]], 3)):
        made = typst.document("t", blocks)
        assert made.count("image(bytes(") == count and typst.pdf(made).startswith(b"%PDF")
        page = html.document("t", blocks)
        found = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', page)
        assert [b64decode(data).decode() for data in found] == [square] * count
        assert page.count("<figcaption>") == count
        ElementTree.fromstring("<body>" + page.split("<body>")[1].split("</html>")[0])


def test_typst_takes_any_words_as_words() -> None:
    source = typst.body([Text(r"#set *bold* _x_ `c` @ref <l> \\ [a] // c"), Code('#"\\')])
    assert r"\#set \*bold\*" in source and r'raw("#\"\\"' in source


def test_files_are_refused_before_they_are_made(tmp_path: Path) -> None:
    for name, tex, said in (("h.doc", False, r"\.pdf"), ("h.html", True, "only a .pdf")):
        with pytest.raises(InputError, match=said):
            formats.check(tmp_path / name, tex)
    with pytest.raises(OutputError):
        formats.save(tmp_path / "no" / "h.html", "T", PAGE)
    formats.save(tmp_path / "h.html", "T", PAGE)
    assert (tmp_path / "h.html").read_text().startswith("<!DOCTYPE html>")


def test_each_equation_of_a_display_is_a_box_of_its_own_in_html() -> None:
    shown = mathml.display(r"a = b, \qquad c = d + e")
    assert shown.count('<span class="eq">') == 2 and shown.count("<math") == 5
    assert "<span" not in mathml.display("c = d + e")
    assert ".eq { display: inline-block" in html.STYLE
