r"""From blocks to LaTeX and PDF.

Out: a LaTeX document (amsmath, amssymb, geometry, graphicx and longtable alone), its body, or the
bytes of a PDF, made by whichever of tectonic, latexmk and pdflatex is installed.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from hessrank.proofs.pages import plain
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
from hessrank.proofs.pages.breadth import breadth
from hessrank.proofs.pages.signs import BIG, LETTERS, OPERATORS
from hessrank.proofs.pages.words.prose import set_words
from hessrank.symbolic.errors import HessrankError, InputError

#: A formula of more letters may be wider than a line, ...
LINE = 60
#: ... and one that does not break, than a line with a number.
SINGLE = 55
#: The programs that make a PDF, in the order of preference.
ENGINES = {
    "tectonic": ["--untrusted", "--chatter", "minimal"],
    "latexmk": ["-pdf", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"],
    "pdflatex": ["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"],
}
SECONDS = 120
_PAIRED = (("begin", "end"), ("left", "right"))
NO_TEX = (
    "a PDF by LaTeX needs LaTeX: install tectonic, or TeX Live with latexmk or pdflatex, or write "
    "a .tex or .md file"
)

PREAMBLE = r"""\documentclass[11pt,fleqn]{article}
\usepackage[a4paper,margin=22mm]{geometry}
\usepackage{amsmath}
\usepackage{amssymb}
\usepackage{graphicx}
\usepackage{longtable}
\setlength{\mathindent}{2em}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt}
\setlength{\emergencystretch}{3em}
\sloppy
\allowdisplaybreaks
\makeatletter\@beginparpenalty=10000\makeatother
\AtBeginDocument{%
  \setlength{\abovedisplayskip}{4pt plus 2pt}\setlength{\belowdisplayskip}{4pt plus 2pt}%
  \setlength{\abovedisplayshortskip}{2pt plus 2pt}\setlength{\belowdisplayshortskip}{4pt plus 2pt}}
"""

#: What sentences may hold besides ASCII, as LaTeX.
_GLYPHS = {
    "$": r"\$", "[": "{[}",
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "^": r"\^{}", "&": r"\&",
    "%": r"\%", "#": r"\#", "~": r"\~{}", "<": "$<$", ">": "$>$", "|": "$|$", "–": "--",
    "—": "---", "’": "'", "…": r"\ldots{}",
    "ᵀ": r"$^{\top}$", "∇": r"$\nabla$", "²": "$^{2}$", "³": "$^{3}$", "⁴": "$^{4}$",
    "Σ": r"$\sum$", "θ": r"$\theta$", "ℓ": r"$\ell$", "σ": r"$\sigma$", "→": r"$\to$",
    "−": "$-$", "·": r"$\cdot$", "×": r"$\times$", "≠": r"$\neq$", "≤": r"$\le$", "≥": r"$\ge$",
    "≻": r"$\succ$", "⪰": r"$\succeq$", "∩": r"$\cap$", "⊂": r"$\subset$", "≈": r"$\approx$",
    "∂": r"$\partial$", "½": r"$\tfrac12$",
    "⊥": r"$\perp$", "⇒": r"$\Rightarrow$", "∞": r"$\infty$", "⇔": r"$\Leftrightarrow$",
    "‖": r"$\|$", "√": r"$\surd$", "±": r"$\pm$", "′": "$'$", "″": "$''$", "∈": r"$\in$",
    "∉": r"$\notin$", "∘": r"$\circ$", "↦": r"$\mapsto$", "⊕": r"$\oplus$", "⊗": r"$\otimes$",
    "∪": r"$\cup$", "∖": r"$\setminus$", "⊆": r"$\subseteq$", "⟨": r"$\langle$",
    "⟩": r"$\rangle$", "⌊": r"$\lfloor$", "⌋": r"$\rfloor$", "¼": r"$\tfrac14$", "≅": r"$\cong$",
    "≡": r"$\equiv$", "⪯": r"$\preceq$", "≺": r"$\prec$", "∝": r"$\propto$", "⋯": r"$\cdots$",
    "∑": r"$\sum$", "∏": r"$\prod$", "Π": r"$\prod$", "“": "``", "”": "''", "µ": r"$\mu$",
}  # fmt: skip


#: Letters and signs by their commands.
_COMMANDS = {glyph: name for name, glyph in (LETTERS | OPERATORS | BIG).items() if name != "|"}


def document(title: str, blocks: Sequence[Block]) -> str:
    """A LaTeX document that compiles."""
    head = f"{PREAMBLE}\\begin{{document}}\n{{\\LARGE {_prose(title)}\\par}}\\bigskip\n\n"
    return f"{head}{body(blocks)}\n\\end{{document}}\n"


def body(blocks: Sequence[Block]) -> str:
    """The blocks as LaTeX, to stand in a document that loads amsmath, amssymb, graphicx and
    longtable."""
    pieces = []
    for block, before in zip(blocks, [None, *blocks], strict=False):
        held = "\n\\nopagebreak" if isinstance(before, Text) else ""
        close = isinstance(block, Formula) or (held and isinstance(block, (Items, Quote)))
        pieces.append((f"{held}\n" if close else "\n\n") + _latex(block))
    return "".join(pieces).lstrip()


def _latex(block: Block) -> str:
    match block:
        case Heading():
            depth = "sub" * min(2, max(0, block.level - 2))
            return f"\\{depth}section*{{{_prose(block.text)}}}"
        case Text():
            lead = f"\\textbf{{{_prose(block.lead)}}} " if block.lead else ""
            lines = [line for line in block.text.split("\n") if line.strip()]
            return lead + "\\\\\n".join(map(_prose, lines))
        case Quote():
            return f"\\begin{{quote}}\n{_prose(block.text)}\n\\end{{quote}}"
        case Items():
            return _environment("itemize", "", [f"\\item {_prose(t)}" for t in block.texts])
        case Code():
            lines = [
                f"\\texttt{{{_verbatim(line)}}}\\\\" for line in block.text.rstrip().split("\n")
            ]
            return _environment("flushleft", "", lines)
        case Table():
            return _table(block)
        case Picture():
            return _latex(block.words())
        case Formula(number="") if not _breaks(block):
            return f"\\[\n{_shrunk(block)}\n\\]"
        case Formula():
            return _numbered(block)


def _shrunk(block: Formula) -> str:
    """The formula; scaled to the line where it may be wider, and is."""
    if not block.wide and len(plain.inline(block.latex)) <= LINE:
        return block.latex
    return _scaled(block.latex, "2em")


def _scaled(latex: str, beside: str) -> str:
    line = rf"\dimexpr\linewidth-{beside}\relax"
    width = rf"\ifdim\width>{line}{line}\else\width\fi"
    return f"\\resizebox{{{width}}}{{!}}{{$\\displaystyle {latex}$}}"


def _breaks(block: Formula) -> bool:
    """Whether it is a long chain of equalities, which goes over several lines."""
    chain = block.latex.count(" = ") > 1 and "aligned" not in block.latex
    return chain and not block.wide and len(plain.inline(block.latex)) > LINE


def _numbered(block: Formula) -> str:
    """A paragraph with a hanging indent: it breaks at relations and signs, its number last."""
    opened = r"{\raggedright\relpenalty=200 \binoppenalty=0 \hangindent=4em \hangafter=1 \noindent"
    number = rf"\hspace*{{\fill}}\nobreak\hfill\mbox{{({block.number})}}"
    matrix = any(rf"\begin{{{kind}}}" in block.latex for kind in ("pmatrix", "array"))
    whole = matrix and block.latex.count(" = ") < 2 and breadth(block.latex) > SINGLE
    if block.wide or whole or "aligned" in block.latex:
        shown = _scaled(block.latex, "7em")
    else:
        shown = f"$\\displaystyle {' = '.join(map(_side, block.latex.split(' = ')))}$"
    return f"\n{opened}\\hspace*{{2em}}{shown}" + (
        f"\\quad{number}\\par}}" if block.number else "\\par}"
    )


def _side(latex: str) -> str:
    """A side of a chain; scaled where it is a matrix that is wider than a line."""
    matrix = r"\begin{pmatrix}" in latex or r"\begin{array}" in latex
    whole = all(latex.count(rf"\{a}") == latex.count(rf"\{b}") for a, b in _PAIRED)
    return _scaled(latex, "7em") if matrix and whole and breadth(latex) > SINGLE else latex


def _environment(name: str, argument: str, lines: Sequence[str]) -> str:
    return "\n".join([f"\\begin{{{name}}}{argument}", *lines, f"\\end{{{name}}}"])


def _table(block: Table) -> str:
    """A longtable. Columns whose cells are short take what these need; the rest of the line is
    shared by those of paragraphs, and by others that would be too wide."""
    cells = [[str(c) for c in column] for column in zip(block.columns, *block.rows, strict=True)]
    widths = [max((len(c) for c in column), default=0) for column in cells]
    narrow = [a != "p" and w <= 30 for a, w in zip(block.align, widths, strict=True)]
    taken = sum(0.0115 * w for w, short in zip(widths, narrow, strict=True) if short)
    left = 0.98 - 0.027 * len(widths) - taken
    wanted = sum(s for s, short in zip(block.shares, narrow, strict=True) if not short)
    columns = "".join(
        ("l" if a == "p" else a) if short else rf"p{{{max(left * s / wanted, 0.1):.2f}\linewidth}}"
        for a, s, short in zip(block.align, block.shares, narrow, strict=True)
    )
    lines = [" & ".join(_prose(str(cell)) for cell in row) + r" \\" for row in block.rows]
    if any(block.columns):
        lines.insert(0, " & ".join(map(_prose, block.columns)) + r" \\ \hline \endhead")
    return _environment("longtable", f"{{{columns}}}", lines)


def _prose(text: str) -> str:
    """Plain text with $…$ as LaTeX."""
    return "".join(
        f"${piece}$" if is_latex else "".join(map(_glyph, piece))
        for piece, is_latex in set_words(text)
    )


def _verbatim(line: str) -> str:
    return "".join("~" if c == " " else _glyph(c) for c in line) or "~"


def _glyph(c: str) -> str:
    if c in _GLYPHS:
        return _GLYPHS[c]
    name, base = unicodedata.name(c, ""), unicodedata.normalize("NFKD", c)
    if (c.isascii() and c.isprintable()) or (name.startswith("LATIN ") and ord(c) < 0x180):
        return c
    if c in _COMMANDS:
        return f"$\\{_COMMANDS[c]}$"
    if base != c and base.replace("−", "-").isascii():
        script = "_" if "SUBSCRIPT" in name else "^"
        return f"${script}{{{base.replace('−', '-')}}}$"
    return f"[U+{ord(c):04X}]"


def engine() -> str | None:
    """The program that would make a PDF, None where none is installed."""
    return next((name for name in ENGINES if shutil.which(name)), None)


def pdf(source: str) -> bytes:
    """The PDF of a LaTeX document.

    Raises InputError that says what to install where there is no LaTeX, and HessrankError with the
    last lines of its log where it fails.
    """
    found = engine()
    if found is None:
        raise InputError(NO_TEX)
    with tempfile.TemporaryDirectory(prefix="hessrank-") as folder:
        (Path(folder) / "derivation.tex").write_text(source, encoding="utf-8")
        command = [found, *ENGINES[found], "derivation.tex"]
        try:
            ended = subprocess.run(
                command, cwd=folder, capture_output=True, timeout=SECONDS, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            raise HessrankError(f"{found} took longer than {SECONDS} s") from None
        made = Path(folder) / "derivation.pdf"
        if ended.returncode or not made.exists():
            log = (ended.stdout + ended.stderr).decode("utf-8", "replace").strip().splitlines()
            raise HessrankError(f"{found} failed: {' | '.join(log[-6:])}")
        return made.read_bytes()
