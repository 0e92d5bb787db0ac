"""Mathematics in sentences: what is read as such, what stays a word, and that it compiles."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ElementTree
from random import Random

import pytest

from hessrank.proofs.catalogue import CLAIMS
from hessrank.proofs.pages import html, latex, markdown, typst
from hessrank.proofs.pages.blocks import Items, Text, literal
from hessrank.proofs.pages.mathematics import parse
from hessrank.proofs.pages.words.prose import mathematics, set_words
from oracles.latex_reader import structure

#: A sentence, and the mathematics in it, written by hand.
READ = [
    ("H = JᵀAJ + Σ_m r_m∇²F_m", [r"H = J^{\top}AJ + \sum _{m} r_{m}\nabla ^{2}F_{m}"]),
    ("so rank H ≤ rank J − 1.", [r"\operatorname{rank} H \le \operatorname{rank} J - 1"]),
    (
        "vᵀAv = Σ_{i<j} p_ip_j(v_i − v_j)², identically",
        [r"v^{\top}Av = \sum _{i<j} p_{i}p_{j}(v_{i} - v_{j})^{2}"],
    ),
    (
        "a curve γ has 0 = (F∘γ)' = J γ', so",
        [r"\gamma", r"0 = (F\circ \gamma )' = J \gamma '"],
    ),
    ("on R^N, with φ in C^∞", [r"\mathbb{R}^{N}", r"\varphi", r"C^{\infty}"]),
    ("is |CJv|² for all v", [r"\lvert CJv\rvert ^{2}", "v"]),
    ("J = [J_< | E·B] of the net", [r"J = [J_{<} \mid E\cdot B]"]),
    ("λ_max of H(t), J_test and M_out", [r"\lambda _{\mathrm{max}}", "H(t)", r"J_{\mathrm{test}}",
                                         r"M_{\mathrm{out}}"]),
    ("W_{l−1}⋯W_1 s, u_{n+1} ≠ 0", [r"W_{l-1}\cdots W_{1} s", r"u_{n+1} \neq 0"]),
    ("h!/Π m_j! points", [r"h!/\prod m_{j}!"]),
    ("at a = b = ±√(1 − λ), 4 ± √2", [r"a = b = \pm \sqrt{1 - \lambda }", r"4 \pm \sqrt{2}"]),
    ("2**(1/2) + 4*x", [r"2^{1/2} + 4\cdot x"]),
    ("J_m^R^N and x²'", ["J_{m}^{R}", "x^{2}"]),
    ("x²e^(-x) falls", [r"x^{2}e^{-x}"]),
    ("f = a tanh(ux) + b tanh(wx)", [r"f = a \tanh (ux) + b \tanh (wx)"]),
    ("where A is singular, A diagonal: yes", ["A", "A"]),
    ("(N–M)-dimensional, above N − M", ["(N-M)", "N - M"]),
]  # fmt: skip
#: Sentences without mathematics: articles, labels, initials, numbers of displays, names, citations.
WORDS = [
    "A basin is a set; a step. A diagonal one. I thought so",
    "X5, T16, S1's footnote, X10-with-N>M, x1-x2-on-bits, L2",
    "R. A. Horn, C. R. Johnson, Matrix Analysis; J. von Brecht",
    "[HJ], [Lee], thm 4.12, C.40, 2nd ed., (14.1.2), 0.5 % of 12",
    "of full rank, the rank of a matrix, e.g. i.e. don't, whatever J's rank",
    "an m-manifold, 2-jets, 0-dimensional, Gauss–Newton, rank–nullity",
]


@pytest.mark.parametrize(("text", "expected"), READ)
def test_mathematics_is_read(text: str, expected: list[str]) -> None:
    found = list(mathematics(text))
    assert [piece for piece, is_latex in found if is_latex] == expected


@pytest.mark.parametrize("text", WORDS)
def test_words_stay_words(text: str) -> None:
    assert list(mathematics(text)) == [(text, False)]


@pytest.mark.parametrize("text", [t for t, _ in READ] + WORDS)
def test_nothing_is_lost_between_the_pieces(text: str) -> None:
    words = [piece for piece, is_latex in mathematics(text) if not is_latex]
    rest = text
    for piece in words:
        _, found, rest = rest.partition(piece)
        assert found


def test_an_apostrophe_is_no_prime() -> None:
    assert "".join(p for p, _ in set_words("S1's claim, Schur's own")) == "S1’s claim, Schur’s own"


def _sentences() -> list[str]:
    found = []
    for claim in CLAIMS:
        found += [claim.title, claim.says, claim.settles or ""]
        for form in claim.forms.values():
            found += [form.statement.words, *(s.words for s in form.proof)]
    return [literal(t) for t in found if t]


def test_no_sentence_of_a_claim_keeps_a_raw_script() -> None:
    for text in _sentences():
        left = "".join(p for p, is_latex in set_words(text) if not is_latex)
        assert not re.search(r"\w_[\w{]|[\w)]\^|[ᵀ∇Σ²∘]", left), (text, left)


def test_every_sentence_of_the_claims_compiles() -> None:
    texts = tuple(_sentences())
    assert len(texts) > 400
    for text in texts:
        for piece, is_latex in set_words(text):
            if is_latex:
                assert piece.isascii(), piece
                parse(piece)
    structure(latex.document("Claims", [Items(texts)]))
    pytest.importorskip("typst")
    assert typst.pdf(typst.document("Claims", [Items(texts)])).startswith(b"%PDF")


def test_markdown_keeps_the_words_of_a_user() -> None:
    assert "r_m = 0" in markdown.body([Text("r_m = 0")]).replace("\\", "")


#: What could be read as mathematics or as markup, in any order.
PARTS = [
    "a", "A", "x", "H", "rank", "ker", "J_m", "θ", "Σ_m", "∇²", "ᵀ", "₁", "²", "^2", "^(", "_{",
    "}", "{", "(", ")", "[", "]", "|", "‖", "√", "√(", "'", "!", "**2", "*", "-", "–", "−", "=",
    "≤", "⇒", "<", ">", "&", "#", "$", "\\", "%", "~", "`", '"', "@", "/", ",", ".", ";", ":", " ",
    " ", " ", "1", "23", "4.5", "X5", "the", "½", "…", "⋯", "φ_v", "λ_max", "R^N", "C^∞", "\n", "→",
    "∘", "2-jet", "^", "_", "″", "<b>", "//", "/*", "\\input", "{\\x}", "_{\\input}", "^(%)", "é",
    "ä",
]  # fmt: skip


def test_any_text_of_a_user_is_well_formed_in_every_format() -> None:
    rng = Random(0)
    texts = [literal("".join(rng.choices(PARTS, k=rng.randint(1, 25)))) for _ in range(1500)]
    for text in texts:
        paper = latex.body([Text(text)])
        assert not re.search(r"\\(?:input|x)\b", paper), text
        plain = re.sub("[éä]", "e", paper)
        structure(plain)
        assert not re.search(r"\$[^$]*[éä][^$]*\$", paper) or plain.count("$") > 2
        ElementTree.fromstring(f"<body>{html.body([Text(text)])}</body>")
    pytest.importorskip("typst")
    assert typst.pdf(typst.document("T", [Text(t) for t in texts])).startswith(b"%PDF")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX installed")
def test_any_text_of_a_user_compiles_by_tex() -> None:
    rng = Random(1)
    texts = [literal("".join(rng.choices(PARTS, k=rng.randint(1, 25)))) for _ in range(400)]
    assert latex.pdf(latex.document("T", [Text(t) for t in texts])).startswith(b"%PDF")


@pytest.mark.parametrize("word", ["é", "naïve", "Łojasiewicz", "Cauchy–Schwarz", "Gram-Schmidt"])
def test_words_with_accents_and_names_are_words(word: str) -> None:
    assert list(mathematics(f"the {word} of it")) == [(f"the {word} of it", False)]
