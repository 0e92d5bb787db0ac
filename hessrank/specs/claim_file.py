"""Claim files: a claim of one's own as TOML, read by the same whitelisting readers.

In: a path. Out: a `Claim`.

    id = "strict-minima"
    title = "A strict local minimum has rank H ≥ rank J"
    hypotheses = ["strict-minimum", "squared-loss"]
    conclusion = "rank H >= rank J"

Texts are those of `proofs.counterexamples.language`; nothing in the file is executed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hessrank.proofs.counterexamples.language import opposites, predicate
from hessrank.proofs.reasoning.claim import Claim
from hessrank.proofs.reasoning.statement import Predicate
from hessrank.specs import toml
from hessrank.specs.places import located
from hessrank.specs.toml import shown, table
from hessrank.symbolic.errors import InputError

KEYS = ("id", "title", "hypotheses", "conclusion")


def read_claim(path: str | Path) -> Claim:
    """The claim in a file. InputError of one line that names the file and the key."""
    with located(str(path)):
        raw = table(toml.loads(toml.read(Path(path))), "", KEYS, required=("conclusion",))
        for key in ("id", "title"):
            if not isinstance(raw.get(key, ""), str):
                raise InputError(f"expected text, found {shown(raw[key])}", key)
        given = raw.get("hypotheses", [])
        if not isinstance(given, list):
            raise InputError(f"expected a list of texts, found {shown(given)}", "hypotheses")
        hypotheses = [_read(text, f"hypotheses[{i}]") for i, text in enumerate(given)]
        conclusion = _read(raw["conclusion"], "conclusion")
        refuse_contradictions(hypotheses)
        name = raw.get("id", Path(path).stem)
        return Claim(
            id=name,
            title=raw.get("title", ""),
            source=str(path),
            hypotheses=hypotheses,
            conclusion=conclusion,
        )


def _read(text: object, key: str) -> Predicate:
    if not isinstance(text, str):
        raise InputError(f"expected text, found {shown(text)}", key)
    try:
        return predicate(text)
    except InputError as error:
        raise InputError(str(error), key) from None


def refuse_contradictions(hypotheses: Sequence[Predicate]) -> None:
    """InputError where a hypothesis and its negation both stand there."""
    names = {h.name: i for i, h in enumerate(hypotheses)}
    for h in hypotheses:
        for other in ((~h).name, *opposites(h.name)):
            if other in names:
                place = f"hypotheses[{names[other]}]"
                raise InputError(f"contradicts {h.name!r}: no case fulfils both", place)
