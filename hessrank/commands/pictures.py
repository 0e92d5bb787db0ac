"""The command that draws.

In: a spec and what of it. Out: a file, and a line that names it.
"""

from __future__ import annotations

from collections.abc import Sequence

from hessrank.commands.answers import answer
from hessrank.commands.files import each


def plot(
    spec: str,
    output: Sequence[str] | None,
    what: str,
    window: Sequence[float] | None,
    parameters: Sequence[str] | None,
    json: bool,
) -> int:
    """`hessrank plot SPEC`: a picture of the landscape around the spec's point."""
    from hessrank.plots.plot import check, check_now, save
    from hessrank.plots.plot import plot as draw
    from hessrank.proofs.pages.blocks import Text, literal
    from hessrank.reports.progress import track
    from hessrank.specs.places import located
    from hessrank.specs.spec import read_spec

    for file in output or ():
        check(file)
    asked = read_spec(spec)
    files, missing = each(output or [f"{asked.id}-{what}.svg"], check_now)
    with located(asked.source):
        here = asked.landscape()
        [figure] = [draw(here, what, None, window, parameters) for _ in track([asked], "drawing")]
    written, status = each(files, lambda file: save(figure, file))
    named = written[0] if len(output or files) == 1 else written
    answer(
        json,
        lambda: {"id": asked.id, "what": what, "written": named},
        lambda: [Text(literal("\n".join(f"{file}: written." for file in written)))],
        seed=False,
    )
    return missing or status
