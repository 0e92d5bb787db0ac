r"""From blocks to LaTeX, Markdown and PDF.

In: the `layout.Block`s of a text. Out: a LaTeX document (amsmath, geometry and graphicx alone), its
body, Markdown with mathematics between dollars, or the bytes of a PDF, made by whichever of
tectonic, latexmk and pdflatex is installed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hessrank.proofs.derivations.layout import Block, Formula, Heading, Items, Text
from hessrank.symbolic.errors import HessrankError, InputError

#: The programs that make a PDF, in the order of preference.
ENGINES = {
    "tectonic": ["--untrusted", "--chatter", "minimal"],
    "latexmk": ["-pdf", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"],
    "pdflatex": ["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"],
}
SECONDS = 120

PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[a4paper,margin=22mm]{geometry}
\usepackage{amsmath}
\usepackage{graphicx}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt}
\setlength{\emergencystretch}{3em}
\allowdisplaybreaks
\AtBeginDocument{%
  \setlength{\abovedisplayskip}{4pt plus 2pt}\setlength{\belowdisplayskip}{4pt plus 2pt}%
  \setlength{\abovedisplayshortskip}{2pt plus 2pt}\setlength{\belowdisplayshortskip}{4pt plus 2pt}}
"""

#: What sentences may hold besides ASCII, as LaTeX.
_GLYPHS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "^": r"\^{}", "&": r"\&",
    "%": r"\%", "#": r"\#", "~": r"\~{}", "<": "$<$", ">": "$>$", "|": "$|$", "–": "--",
    "—": "---", "’": "'", "…": r"\ldots{}",
    "ᵀ": r"$^{\top}$", "∇": r"$\nabla$", "²": "$^{2}$", "³": "$^{3}$", "⁴": "$^{4}$",
    "Σ": r"$\sum$", "θ": r"$\theta$", "ℓ": r"$\ell$", "σ": r"$\sigma$", "→": r"$\to$",
    "−": "$-$", "·": r"$\cdot$", "×": r"$\times$", "≠": r"$\neq$", "≤": r"$\le$", "≥": r"$\ge$",
    "≻": r"$\succ$", "⪰": r"$\succeq$", "∩": r"$\cap$", "⊂": r"$\subset$", "≈": r"$\approx$",
    "∂": r"$\partial$", "½": r"$\tfrac12$",
    "⊥": r"$\perp$", "⇒": r"$\Rightarrow$", "∞": r"$\infty$",
}  # fmt: skip


_INDEXED = r"((?<![A-Za-z0-9_])[A-Za-z]_[a-z0-9](?![A-Za-z0-9_]))"


def document(title: str, blocks: Sequence[Block]) -> str:
    """A LaTeX document that compiles."""
    head = f"{PREAMBLE}\\begin{{document}}\n{{\\LARGE {_prose(title)}\\par}}\\bigskip\n\n"
    return f"{head}{body(blocks)}\n\\end{{document}}\n"


def body(blocks: Sequence[Block]) -> str:
    """The blocks as LaTeX, to stand inside a document that loads amsmath and graphicx."""
    pieces = [("\n" if isinstance(b, Formula) else "\n\n") + _latex(b) for b in blocks]
    return "".join(pieces).lstrip()


def _latex(block: Block) -> str:
    if isinstance(block, Heading):
        return f"\\section*{{{_prose(block.text)}}}"
    if isinstance(block, Text):
        return _prose(block.text)
    if isinstance(block, Items):
        items = "\n".join(f"\\item {_prose(t)}" for t in block.texts)
        return f"\\begin{{itemize}}\n{items}\n\\end{{itemize}}"
    if block.wide:
        width = r"\ifdim\width>\linewidth\linewidth\else\width\fi"
        return f"\\[\n\\resizebox{{{width}}}{{!}}{{$\\displaystyle {block.latex}$}}\n\\]"
    return f"\\[\n{block.latex}\n\\]"


def _prose(text: str) -> str:
    """Plain text with $…$ as LaTeX."""
    pieces = text.split("$")
    written = [
        f"${piece}$" if i % 2 else "".join(map(_word, re.split(_INDEXED, piece)))
        for i, piece in enumerate(pieces)
    ]
    return "".join(written)


def _word(text: str) -> str:
    """r_m as mathematics; anything else letter by letter."""
    if re.fullmatch(_INDEXED, text):
        return f"${text}$"
    return "".join(_glyph(c) for c in text)


def _glyph(c: str) -> str:
    return _GLYPHS.get(c) or (c if c.isascii() and c.isprintable() else f"[U+{ord(c):04X}]")


def markdown(title: str, blocks: Sequence[Block]) -> str:
    """The blocks as Markdown with $…$ and $$…$$."""
    return "\n\n".join([f"# {title}", *(_markdown(block) for block in blocks)]) + "\n"


def _markdown(block: Block) -> str:
    if isinstance(block, Heading):
        return f"## {block.text}"
    if isinstance(block, Text):
        return block.text
    if isinstance(block, Items):
        return "\n".join(f"- {t}" for t in block.texts)
    return f"$$\n{block.latex}\n$$"


def pdf(source: str) -> bytes:
    """The PDF of a LaTeX document.

    Raises InputError that says what to install where there is no LaTeX, and HessrankError with the
    last lines of its log where it fails.
    """
    found = next((name for name in ENGINES if shutil.which(name)), None)
    if found is None:
        raise InputError(
            "a PDF needs LaTeX: install tectonic, or TeX Live with latexmk or pdflatex, "
            "or write a .tex or .md file"
        )
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
