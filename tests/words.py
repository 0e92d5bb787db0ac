"""Verdict words as the first catalogue had them."""

from __future__ import annotations

from hessrank.proofs.reasoning.claim import HOLDING, Settlement


def plain(found: Settlement | None) -> str | None:
    """The verdict of a settlement; "cited" is the weaker kind of "true"."""
    return None if found is None else "true" if found.verdict in HOLDING else found.verdict
