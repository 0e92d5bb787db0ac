"""Derivations of the gallery in each format, compiled: typst, TeX where it is, HTML, Markdown.

A LaTeX document has to compile without an overfull box; HTML has to be well-formed.

usage: python benchmarks/pages.py [SPEC ...]
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from hessrank import gallery
from hessrank.proofs.derivations.derivation import Derivation, derive
from hessrank.specs.spec import read_spec


def main(specs: list[str]) -> int:
    failed = 0
    for spec in specs or gallery.ids():
        start = time.perf_counter()
        asked = read_spec(spec)
        made = derive(asked.landscape(), title=asked.title)
        found = {name: check(made) for name, check in CHECKS.items()}
        bad = {name: what for name, what in found.items() if what}
        failed += bool(bad)
        state = "; ".join(f"{k}: {v}" for k, v in bad.items()) or "all compile"
        print(f"{spec}: {state}; {time.perf_counter() - start:.1f} s", flush=True)
    return int(failed > 0)


def _typst(made: Derivation) -> str:
    return "" if made.pdf().startswith(b"%PDF") else "no PDF"


def _tex(made: Derivation) -> str:
    """What TeX says of the document; nothing where there is no pdflatex."""
    if shutil.which("pdflatex") is None:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "t.tex").write_text(made.latex(), encoding="utf-8")
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"]
        ended = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    said = ended.stdout.decode("utf-8", "replace")
    if ended.returncode:
        return said[-300:]
    return "; ".join(re.findall(r"Overfull[^\n]*", said))


def _html(made: Derivation) -> str:
    text = made.html().partition("<html")[2]
    text = re.sub(r"<(meta|br)([^>]*[^/])>", r"<\1\2/>", f"<html{text}")
    try:
        ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        return str(error)
    return ""


def _markdown(made: Derivation) -> str:
    return "" if made.markdown().count("$$") % 2 == 0 else "an odd number of $$"


CHECKS = {"typst": _typst, "tex": _tex, "html": _html, "markdown": _markdown}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
