"""The documentation as a site: sphinx-build -W docs FOLDER (extra `docs`).

In: the pages of this folder, and the docstrings of the public names. Out: HTML. The pages stay
plain Markdown that reads well without a site: the table of contents and the reference are added
here. Docstrings are plain text; they are brought into reStructuredText on the way.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import hessrank

project = "hessrank"
copyright = "the authors of hessrank"
version = release = hessrank.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
html_theme = "furo"
html_title = "hessrank"
exclude_patterns = ["_build"]
suppress_warnings = ["myst.header"]  # claims.md, which is generated, leaves out a level
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"
toc_object_entries = False
python_use_unqualified_type_names = True

#: The pages by what a reader comes for; those that are not named here are the theory.
TASKS = ("commands", "verify", "asking", "points", "labels", "searching", "derivations", "sweep")
TASKS += ("critical", "information", "certificates", "theory", "pictures")
REFERENCE = ("spec", "report", "budgets", "claims", "counterexamples", "sympy", "api")
FOLDER = Path(__file__).parent


def contents() -> str:
    pages = {path.stem for path in FOLDER.glob("*.md")} - {"index"}
    rest = sorted(pages - {*TASKS, *REFERENCE})
    parts = {"Tasks": TASKS, "Reference": REFERENCE, "How it works": rest}
    return "".join(
        f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n"
        + "".join(f"{name}\n" for name in names if name in pages)
        + "```\n"
        for caption, names in parts.items()
    )


def reference() -> str:
    """A directive for each public name."""
    parts = []
    for name in hessrank.__all__:
        value = getattr(hessrank, name)
        if inspect.ismodule(value):
            directive, options = "automodule", "   :members:\n"
        elif inspect.isclass(value):
            directive, options = "autoclass", "   :members:\n"
        else:
            directive, options = "autofunction", ""
        parts.append(
            f"\n## {name}\n\n```{{eval-rst}}\n.. {directive}:: hessrank.{name}\n{options}```\n"
        )
    return "".join(parts)


def extended(app: Any, docname: str, source: list[str]) -> None:
    """The table of contents at the end of the index, the reference at that of api.md."""
    if docname == "index":
        source[0] += contents()
    elif docname == "api":
        source[0] += reference()


def plain(app: Any, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """A docstring of ours as reStructuredText."""
    paragraphs = re.split(r"\n\s*\n", "\n".join(lines).strip("\n"))
    lines[:] = [*"\n\n".join(map(paragraph, paragraphs)).split("\n"), ""]


def paragraph(text: str) -> str:
    """Examples stay; what is indented is a formula; the rest is running text or a list."""
    if text.lstrip().startswith(">>>"):
        return inspect.cleandoc(text)
    rows = text.split("\n")
    if all(row.startswith("    ") for row in rows):
        return "::\n\n" + text
    items: list[str] = []
    for row in rows:
        if row.startswith("- ") or not items:
            items.append(row.strip())
        else:
            items[-1] += " " + row.strip()
    return "\n".join(map(escaped, items)) if items[0].startswith("- ") else escaped(" ".join(items))


def escaped(text: str) -> str:
    """`code` as code, and nothing else as markup."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return re.sub(r"([\\*_|`])", r"\\\1", text)
    pieces[0::2] = [re.sub(r"([\\*_|])", r"\\\1", piece) for piece in pieces[0::2]]
    pieces[1::2] = [f"\\ ``{piece}``\\ " if piece.strip() else piece for piece in pieces[1::2]]
    return "".join(pieces)


def setup(app: Any) -> None:
    app.connect("source-read", extended)
    app.connect("autodoc-process-docstring", plain)
