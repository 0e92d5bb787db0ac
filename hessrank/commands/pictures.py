"""The command that draws.

In: a spec and what of it. Out: a file, and a line that names it.
"""

from __future__ import annotations

from collections.abc import Sequence

from hessrank.commands.answers import answer


def plot(
    spec: str,
    output: str | None,
    what: str,
    window: Sequence[float] | None,
    parameters: Sequence[str] | None,
    json: bool,
) -> int:
    """`hessrank plot SPEC`: a picture of the landscape around the spec's point."""
    from hessrank.plots.plot import check, save
    from hessrank.plots.plot import plot as draw
    from hessrank.proofs.pages.blocks import Text, literal
    from hessrank.reports.progress import track
    from hessrank.specs.places import located
    from hessrank.specs.spec import read_spec

    if output is not None:
        check(output)
    asked = read_spec(spec)
    file = output or f"{asked.id}-{what}.svg"
    with located(asked.source):
        here = asked.landscape()
        [figure] = [draw(here, what, None, window, parameters) for _ in track([asked], "drawing")]
    save(figure, file)
    return answer(
        json,
        lambda: {"id": asked.id, "what": what, "written": file},
        lambda: [Text(literal(f"{file}: written."))],
        seed=False,
    )
