"""The texts of the claims: what is said, by whom, and what a verdict settles.

In: a theme's file `texts.toml`, a table a claim. Out: a function that joins a claim's texts, found
by its id, with its statements and proofs into a `Claim`. Line breaks in a text are blanks; {S0} to
{S4} name the sources.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from hessrank.proofs.catalogue import sources
from hessrank.proofs.reasoning.claim import Claim

SOURCES = {name: getattr(sources, name) for name in ("S0", "S1", "S2", "S3", "S4")}


def told_in(package: str) -> Callable[..., Claim]:
    """A function (id, **forms) -> Claim with the texts of `package`'s texts.toml."""
    tables = tomllib.loads((files(package) / "texts.toml").read_text(encoding="utf-8"))

    def told(id: str, **forms: Any) -> Claim:
        texts = {key: _text(value) for key, value in tables[id].items()}
        return Claim(id, **{**texts, **forms})

    return told


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = " ".join(value.split())
    for name, source in SOURCES.items():
        text = text.replace(f"{{{name}}}", source)
    return text
