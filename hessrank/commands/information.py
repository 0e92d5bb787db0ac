"""The command about information loss and breadth.

In: options. Out: standard output and a status.
"""

from __future__ import annotations

from collections.abc import Sequence

from hessrank.commands.answers import answer
from hessrank.commands.claims import rows_of


def information(
    spec: str,
    test_inputs: str | None,
    b: Sequence[str],
    seconds: float,
    json: bool,
) -> int:
    """`hessrank information SPEC`: what each layer does not tell apart, dead and duplicated units,
    the spectra, effective ranks, the learning coefficient, further inputs."""
    from hessrank.proofs.information_loss import account
    from hessrank.proofs.pages.blocks import Heading
    from hessrank.reports.problems import title_of
    from hessrank.specs.places import located
    from hessrank.specs.spec import read_spec

    asked = read_spec(spec)
    with located(spec):
        scales = [account.scale_of(value) for value in b]
        further = rows_of(test_inputs, asked.problem) or asked.test
    with asked.located():
        here = asked.landscape()
        found = account.information(here, further, scales, seconds, asked.layer)
    return answer(
        json,
        lambda: {"spec": asked.id, **found.to_json()},
        lambda: [Heading(title_of(asked.id, asked.title)), *found.blocks()],
    )
