"""The theory at the face: the article with the catalogue's claims and the gallery's examples.

In: nothing. Out: a `Theory`: `.check()`, `.save("theory.pdf")`, `.html()`, `.latex()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hessrank import gallery
from hessrank.proofs.catalogue import CLAIMS
from hessrank.proofs.reasoning.claim import Settled, settle_claim
from hessrank.proofs.theory.case_pages import Case
from hessrank.proofs.theory.statement import Figure
from hessrank.proofs.theory.theory import Theory, chapters
from hessrank.proofs.theory.theory import theory as article
from hessrank.specs.spec import read_spec
from hessrank.symbolic.budget import stopped
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.verification import gallery_instances

#: A worked page shows problems of at most so many parameters.
MAX_PARAMETERS = 20


def theory(
    claims: bool = True,
    seed: int | None = 0,
    track: Callable[[Sequence[Any]], Iterable[Any]] = iter,
    pictures: bool = False,
) -> Theory:
    """The source texts' mathematics as a checked article.

    claims: with every claim settled, and every counterexample worked; seed: for the experiments of
    the empirical claims, None leaves them out; track: wraps the list of claims, for a progress bar;
    pictures: drawn into it, by matplotlib (extra `plot`), else the commands that draw them. Where
    the user interrupts, what is known by then.

    >>> import hessrank as hr
    >>> hr.theory(claims=False).check().holds
    True
    """
    drawn = _drawn() if pictures else {}
    if not claims:
        return article(drawn=drawn)
    settled = [
        settle_claim(claim, gallery_instances(), seed) for claim in track(CLAIMS) if not stopped()
    ]
    return article(settled, [] if stopped() else _cases(settled), drawn)


def _drawn() -> dict[str, str]:
    """The pictures of the chapters. Raises InputError where matplotlib is missing."""
    from hessrank.plots.figures import svg

    items = (item for chapter in chapters() for item in chapter.items)
    return svg(item.name for item in items if isinstance(item, Figure))


def _cases(settled: Sequence[Settled]) -> list[Case]:
    """The gallery, then the other landscapes that refute a claim."""
    refuted: dict[str, list[str]] = {}
    others: dict[str, Landscape] = {}
    for s in settled:
        for form, found in s.settlements.items():
            for finding in found.counterexamples[:1]:
                words = f"claim {s.claim.label} ({form.replace('_', ' ')})"
                refuted.setdefault(finding.instance, []).append(words)
                if isinstance(finding.subject, Landscape):
                    others[finding.instance] = finding.subject
    cases: list[Case] = []
    for instance in gallery_instances():
        if instance.subject.problem.N <= MAX_PARAMETERS:
            spec = read_spec(instance.id)
            by = tuple(refuted.get(instance.id, ()))
            cases.append(Case(instance.id, spec.title, instance.subject, spec.shows, by))
    known = {case.id for case in cases} | set(gallery.ids())
    for name, here in others.items():
        if name not in known and here.problem.N <= MAX_PARAMETERS:
            cases.append(Case(name, "", here, "", tuple(refuted[name])))
    return cases
