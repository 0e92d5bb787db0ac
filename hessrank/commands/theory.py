"""The command that writes the theory.

In: the names of files. Out: the article in each, or on the terminal.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from hessrank.commands.answers import answer
from hessrank.commands.files import by_tex, each, pages

if TYPE_CHECKING:
    from hessrank.proofs.theory.theory import Theory


def theory(output: list[str] | None, no_claims: bool, tex: bool, json: bool) -> int:
    """`hessrank theory [-o FILE]`: 1 where a check fails. A file that cannot be made is one line,
    and the others are written; the status is then that of the first such file."""
    from hessrank.article import theory as article
    from hessrank.reports.progress import track

    files, missing = pages(output or (), tex)
    pictures = any(path.lower().endswith((".pdf", ".html")) for path in files)
    if pictures and find_spec("matplotlib") is None:
        print("theory: without pictures; they need pip install 'hessrank[plot]'", file=sys.stderr)
        pictures = False
    made = article(not no_claims, 0, lambda items: track(items, "settling claims"), pictures)
    _, unwritten = each(files, lambda path: made.save(path, by_tex(path, tex)))
    checked = made.check()
    if json or not output:
        answer(json, lambda: _record(made), made.blocks)
    if not checked.holds:
        print(checked, file=sys.stderr)
        return missing or unwritten or 1
    return missing or unwritten


def _record(made: Theory) -> dict[str, Any]:
    from hessrank.proofs.theory.statement import numbered

    checked, numbers = made.check(), numbered(made.chapters)
    displays = {
        d.label: {
            "number": numbers[d.label],
            "latex": d.latex,
            "kind": d.check.kind,
            **checked.displays[d.label].to_json(),
        }
        for chapter in made.chapters
        for d in chapter.displays
    }
    steps = {words: fact.to_json() for words, fact in checked.steps.items()}
    return {
        "holds": checked.holds,
        "summary": str(checked),
        "displays": displays,
        "steps": steps,
        "claims": {id: fact.to_json() for id, fact in checked.claims.items()},
        "examples": {id: fact.to_json() for id, fact in checked.cases.items()},
    }
