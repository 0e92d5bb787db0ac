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

from hessrank.proofs.counterexamples.language import excluded, predicate, unique_name
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


def is_claim(path: str | Path) -> bool:
    """Whether a .toml file is a claim file, and no spec: it has a conclusion and no model."""
    if Path(path).suffix != ".toml":
        return False
    try:
        raw = toml.loads(toml.read(Path(path)))
    except (InputError, OSError):
        return False
    return "conclusion" in raw and "model" not in raw


def _read(text: object, key: str) -> Predicate:
    if not isinstance(text, str):
        raise InputError(f"expected text, found {shown(text)}", key)
    try:
        return predicate(text)
    except InputError as error:
        raise InputError(str(error), key) from None


def refuse_contradictions(hypotheses: Sequence[Predicate]) -> None:
    """InputError where a hypothesis and its negation both stand there, also as parts of others that
    `&` joins, or under another name of the same."""
    names: dict[str, str] = {}
    for i, h in enumerate(hypotheses):
        for part in dict.fromkeys((*h.conjuncts, h)):
            for other in excluded(part.name):
                if other in names:
                    words = f"contradicts {names[other]!r}: no case fulfils both"
                    raise InputError(words, f"hypotheses[{i}]")
            names[unique_name(part.name)] = part.name
