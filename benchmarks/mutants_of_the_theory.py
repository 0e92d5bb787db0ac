"""How many mutants of displayed equalities pass their check: of the theory, and of derivations.

Every index, sign and factor of each displayed equality is changed, one at a time. A mutant that
passes must be argued to say the same: those are listed with the argument, any other of the theory
ends with 1. The derivations are of problems of the gallery at a random rational point, and of a
small tanh net: an equality of numbers may stay true by chance, where two of them are equal; such
mutants are counted and listed.

usage: python benchmarks/mutants_of_the_theory.py [--theory | --instances] [LABEL or SPEC ...]
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random

from hessrank.proofs.derivations.derivation import derive
from hessrank.proofs.derivations.equations import printed
from hessrank.proofs.derivations.worked import Equation
from hessrank.proofs.theory.mutation import is_equality, mutants, survives
from hessrank.proofs.theory.statement import Display
from hessrank.proofs.theory.theory import chapters
from hessrank.specs.spec import read_spec

#: Problems of closed forms, of layers, of softmax, with a coupled loss, with a regulariser.
INSTANCES = (
    "X2", "X8", "X12", "X15", "deep-linear", "polynomial", "softmax-classifier",
    "weighted-squared", "weight-decay", "xor-tanh",
)  # fmt: skip


@dataclass
class Score:
    """Mutants of a kind of page, by what was changed."""

    what: str
    equalities: int = 0
    made: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    unargued: int = 0

    def add(self, equality: Display | Equation) -> None:
        """All mutants of one equality."""
        self.equalities += 1
        for mutant in mutants(equality):
            self.made[mutant.what] += 1
            if not survives(equality, mutant):
                self.killed[mutant.what] += 1
                continue
            self.unargued += not mutant.argument
            shown = " ".join(mutant.latex.split())
            print(f"{equality.label[:60]}: {shown[:160]}\n    {mutant.argument or 'NOT ARGUED'}")

    @property
    def share(self) -> float:
        return self.killed.total() / max(1, self.made.total())

    def __str__(self) -> str:
        each = ", ".join(f"{k} {self.killed[k]} of {n}" for k, n in self.made.items())
        return (
            f"{self.what}: {self.equalities} equalities, {self.made.total()} mutants, "
            f"{self.killed.total()} fail ({self.share:.1%}: {each}), "
            f"{self.unargued} pass without an argument"
        )


def of_theory(labels: list[str]) -> Score:
    score = Score("theory")
    for display in (d for c in chapters() for d in c.displays if is_equality(d)):
        if not labels or display.label in labels:
            score.add(display)
    return score


def of_instances(specs: list[str]) -> Score:
    score = Score("derivations")
    for spec in specs or INSTANCES:
        problem, rng = read_spec(spec).problem, Random(spec)
        point = {n: Fraction(rng.randint(-40, 40), 23) for n in problem.model.parameters}
        of = derive(problem.at(point)).blocks()
        for equation in {e.latex: e for e in printed(of)}.values():
            score.add(equation)
    return score


def main(arguments: list[str]) -> int:
    start = time.perf_counter()
    asked = [a for a in arguments if not a.startswith("--")]
    scores = []
    if "--instances" not in arguments:
        scores.append(of_theory(asked))
    if "--theory" not in arguments:
        scores.append(of_instances(asked if "--instances" in arguments else []))
    for score in scores:
        print(score)
    print(f"{time.perf_counter() - start:.0f} s")
    unargued = sum(score.unargued for score in scores if score.what == "theory")
    return int(unargued > 0 or any(score.share < 0.95 for score in scores))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
