"""Derivations as files: LaTeX, Markdown or PDF, by the ending of the file's name.

In: a `Derivation` and a path. Out: what the file shall hold. A PDF needs a LaTeX engine on the
machine; everything else needs nothing.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Protocol

from hessrank.symbolic.errors import InputError

ENDINGS = (".tex", ".md", ".pdf")
ENGINES = ("pdflatex", "lualatex", "xelatex", "tectonic")
SECONDS = 300


class Derivation(Protocol):
    """What is asked of a derivation here."""

    def latex(self) -> str: ...
    def markdown(self) -> str: ...


def check_name(path: str | Path) -> None:
    """InputError unless the name ends in one of ENDINGS and its folder exists."""
    file = Path(path)
    if file.suffix not in ENDINGS:
        raise InputError(f"{path}: expected a name that ends in {', '.join(ENDINGS)}")
    if not file.parent.is_dir():
        raise InputError(f"{path}: cannot be written: no such folder")
    if file.suffix == ".pdf":
        _engine(path)


def render(derivation: Derivation, path: str | Path) -> str | bytes:
    """The content of the file at `path`, which is not written here."""
    check_name(path)
    match Path(path).suffix:
        case ".md":
            return derivation.markdown()
        case ".tex":
            return derivation.latex()
    return _typeset(derivation.latex(), _engine(path), path)


def _engine(path: str | Path) -> str:
    for name in ENGINES:
        if shutil.which(name):
            return name
    raise InputError(f"{path}: a PDF needs one of {', '.join(ENGINES)}; write a .tex file instead")


def _typeset(latex: str, engine: str, path: str | Path) -> bytes:
    options = [] if engine == "tectonic" else ["-interaction=nonstopmode", "-halt-on-error"]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "derivation.tex")
        source.write_text(latex, encoding="utf-8")
        try:
            done = subprocess.run(
                [engine, *options, source.name],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise InputError(f"{path}: {engine} took longer than {SECONDS} s") from None
        result = source.with_suffix(".pdf")
        if done.returncode or not result.exists():
            raise InputError(f"{path}: {engine} failed; write a .tex file and see what it says")
        return result.read_bytes()
