"""The claims' proved forms on random landscapes: one that fails there is a mistake of ours."""

from __future__ import annotations

import random

from claims_on_random import problem as landscape_of

import hessrank as hr
from kinds.outcomes import Outcome, Spec

KINDS = ("claims",)


def draw(rng: random.Random, kind: str) -> Spec:
    """A seed from which the landscape, a split of its parameters and a further input are drawn."""
    return {"kind": kind, "seed": rng.randrange(10**9)}


def run(problem: Spec) -> list[Outcome]:
    """One outcome: how many proved forms applied, and those that failed."""
    rng = random.Random(problem["seed"])
    made, point = landscape_of(rng)
    here = made.at(point)
    names = list(point)
    further = [[rng.randint(-2, 2) for _ in made.model.inputs]]
    split = rng.sample(names, rng.randint(1, len(names) - 1)) if len(names) > 1 else []
    found = hr.claims_on(here, split=split, test=further)
    outcomes = []
    for claim in hr.claims():
        for name, form in claim.forms.items():
            finding = found[claim.id][name]
            if not form.proof or finding is None or finding.outcome.value == "not-applicable":
                continue
            failed = finding.outcome.value == "fails"
            wrong = (f"{claim.id} ({name}) fails: {finding.reason}",) if failed else ()
            outcomes.append(Outcome(finding.outcome.value, wrong))
    return outcomes
