"""What typst's markup keeps together: displays, tables, headings; where a display breaks."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hessrank.proofs.catalogue.pages import by_key
from hessrank.proofs.pages import latex, typst
from hessrank.proofs.pages.blocks import Block, Formula, Heading, Items, Table, Text
from hessrank.proofs.pages.mathematics import equations, parse, pieces

LONG = "+".join(f"a_{{{i}}}" for i in range(30))


def _lines(blocks: list[Block], tmp_path: Path) -> list[str]:
    """The lines of the PDF, as poppler reads them."""
    pytest.importorskip("typst")
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext")
    (tmp_path / "a.pdf").write_bytes(typst.pdf(typst.document("T", blocks)))
    command = ["pdftotext", "-layout", str(tmp_path / "a.pdf"), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")


def test_equations_part_at_wide_spaces_and_pieces_before_signs() -> None:
    row = parse(r"a = b, \qquad c = (d + e) - g")
    assert len(equations(row)) == 2
    assert len(pieces(equations(row)[1])) == 3  # c, = (d + e), - g
    assert equations(parse("a = b")) == [parse("a = b")]


@pytest.mark.parametrize("sign", ["=", r"\approx", r"\le"])
def test_a_line_of_a_display_does_not_end_with_a_relation(sign: str, tmp_path: Path) -> None:
    lines = _lines([Formula(f"f {sign} {LONG} {sign} {LONG}")], tmp_path)
    assert not [line for line in lines if re.search(r"[=≈≤+]\s*$", line)]
    assert sum(bool(re.match(r"\s*[=≈≤+]", line)) for line in lines) >= 1


def test_equations_that_fit_are_not_cut(tmp_path: Path) -> None:
    many = r", \qquad ".join(rf"x_{{{i}}} = y_{{{i}}} + 1" for i in range(24))
    text = "\n".join(_lines([Formula(many)], tmp_path))
    assert not re.search(r"^\s*[=+]", text, re.M) and not re.search(r"=\s*$", text, re.M)


def test_small_tables_stand_on_one_page(tmp_path: Path) -> None:
    table = Table(("a", "b"), tuple((f"row {i}", "x") for i in range(10)), "lp")
    for lines in range(38, 52, 3):
        page = "\n".join(_lines([Text("\n".join(["line"] * lines)), table], tmp_path)).split("\f")
        holding = [p for p in page if "row" in p]
        assert len(holding) == 1 and holding[0].count("row") == 10


def test_a_heading_and_its_short_text_go_to_the_page_of_what_follows(tmp_path: Path) -> None:
    follows: list[Block] = [Heading("The problem", 4), Text("words " * 60)]
    for lines in range(38, 58):
        start: list[Block] = [Text("\n".join(["line"] * lines)), Heading("A case", 3)]
        blocks = [*start, Text("Refutes claim 1."), *follows]
        pages = "\n".join(_lines(blocks, tmp_path)).split("\f")
        (page,) = (p for p in pages if "A case" in p)
        assert "Refutes" in page and "The problem" in page and "words" in page


def test_the_number_of_a_display_is_no_mathematics() -> None:
    block = Formula("x = y", number="1.2 J")
    assert "[(1.2 J)]" in typst.body([block])
    assert r"\mbox{(1.2 J)}" in latex.body([block])


def test_rows_of_fractions_do_not_touch() -> None:
    assert "row-gap" in typst.math(r"\begin{pmatrix} \frac{1}{2} \\ 1 \end{pmatrix}")
    assert "row-gap" not in typst.math(r"\begin{pmatrix} 2 \\ 1 \end{pmatrix}")


def test_columns_are_as_wide_as_their_words() -> None:
    table = Table(("#", "claim", ""), (("1", "a long sentence of a claim " * 2, "true"),), "rpp")
    assert table.shares[1] > 3 * table.shares[2]
    assert f"{table.shares[1]}fr" in typst.body([table])


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX installed")
def test_a_list_in_latex_stays_with_its_words(tmp_path: Path) -> None:
    for lines in range(30, 44):
        blocks = [Text("\n".join(["line"] * lines)), Text("", "Proof."), Items(("step",) * 3)]
        (tmp_path / "a.tex").write_text(latex.document("T", blocks))
        command = ["pdflatex", "-interaction=batchmode", "a.tex"]
        subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
        made = io.StringIO(subprocess.run(["pdftotext", "a.pdf", "-"], cwd=tmp_path,
                           capture_output=True, text=True, check=True).stdout)  # fmt: skip
        (page,) = (p for p in made.read().split("\f") if "Proof." in p)
        assert "step" in page


def test_a_source_is_named_by_its_key() -> None:
    assert by_key("S1 001_fc8102245f0e2a25 (Vivek Hebbar, with comments), fn 2") == "[S1], fn 2"
