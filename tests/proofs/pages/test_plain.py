"""Mathematics on a terminal: one line, matrices over several, expected texts written by hand."""

from __future__ import annotations

import pytest

from hessrank.proofs.pages import plain, terminal
from hessrank.proofs.pages.blocks import Formula
from hessrank.proofs.theory.theory import chapters


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"H = J^{\top} A J + \sum_{m=1}^{M} r_m \nabla^2 F_m", "H = JᵀAJ + ∑ₘ₌₁^M rₘ∇²Fₘ"),
        (r"\frac{1}{2} (o_1 - y_1)^2", "1/2 (o₁ − y₁)²"),
        (r"\frac{a + b}{2 c}", "(a + b)/(2c)"),
        (r"-x^2 + \sqrt{1 - \lambda}", "−x² + √(1 − λ)"),
        (r"\operatorname{rank} H \le 2 \operatorname{rank} J", "rank H ≤ 2 rank J"),
        (r"\tanh(u x), \dim(\ker A)", "tanh(ux), dim(ker A)"),
        (r"W^{(l+1)\top} \delta^{(l)}_i", "W^{(l+1)⊤}δᵢ^{(l)}"),
        (r"\lVert C J v\rVert^2", "‖CJv‖²"),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "(a, b; c, d)"),
    ],
)
def test_on_one_line(latex: str, expected: str) -> None:
    assert plain.inline(latex) == expected


def test_a_matrix_takes_its_lines() -> None:
    shown = plain.display(r"J = \begin{pmatrix} 1 & -10 \\ x & 0 \\ 0 & 2 \end{pmatrix}")
    assert shown.split("\n") == [
        "    ⎛1  −10⎞",
        "J = ⎜x   0 ⎟",
        "    ⎝0   2 ⎠",
    ]  # fmt: skip


def test_no_display_of_the_theory_keeps_a_command() -> None:
    for chapter in chapters():
        for display in chapter.displays:
            assert "\\" not in plain.display(display.latex)
            assert "{" not in plain.inline(r"A_{1} + x^{2}")


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_a_terminal_loses_nothing_of_a_long_display(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However narrow: every sign of the formula is there, lines begin with signs and none ends with
    a relation; a matrix is as wide as it is."""
    monkeypatch.setenv("COLUMNS", str(columns))
    long = " + ".join(f"a_{{{i}}} b_{{{i}}}" for i in range(20))
    row = " & ".join(f"x_{{{i}}} + y_{{{i}}}" for i in range(20))
    formulas = [f"f = {long} = g", r", \qquad ".join(f"u_{{{i}}} = {i}" for i in range(30)), long]
    for latex in formulas:
        terminal.show([Formula(latex, number="1.2 J")])
        shown = capsys.readouterr().out
        assert "".join(shown.split()) == "".join(plain.inline(latex).split()) + "(1.2J)"
        lines = shown.rstrip().split("\n")
        assert all(len(line) <= columns for line in lines)
        assert not any(line.rstrip().endswith(("=", "+")) for line in lines)
    terminal.show([Formula(rf"J = \begin{{pmatrix}} {row} \\ {row} \end{{pmatrix}}")])
    assert capsys.readouterr().out.count("y₁₉") == 2
