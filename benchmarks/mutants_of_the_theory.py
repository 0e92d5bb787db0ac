"""How many mutants of the theory's displayed equalities pass their check.

Every index, sign and factor of each displayed equality is changed, one at a time. A mutant that
passes must be argued to say the same: those are listed with the argument, any other ends with 1.

usage: python benchmarks/mutants_of_the_theory.py [LABEL ...]
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from hessrank.proofs.theory.mutation import is_equality, mutants, survives
from hessrank.proofs.theory.theory import chapters


def main(labels: list[str]) -> int:
    start = time.perf_counter()
    made: Counter[str] = Counter()
    killed: Counter[str] = Counter()
    unargued = 0
    equalities = [d for c in chapters() for d in c.displays if is_equality(d)]
    for display in equalities:
        if labels and display.label not in labels:
            continue
        for mutant in mutants(display):
            made[mutant.what] += 1
            if not survives(display, mutant):
                killed[mutant.what] += 1
                continue
            unargued += not mutant.argument
            print(f"{display.label}: {mutant.latex}\n    {mutant.argument or 'NOT ARGUED'}")
    for what, n in made.items():
        print(f"{what}: {killed[what]} of {n} fail")
    share = killed.total() / max(1, made.total())
    seconds = time.perf_counter() - start
    print(
        f"{len(equalities)} equalities, {made.total()} mutants, {killed.total()} fail "
        f"({share:.1%}), {unargued} pass without an argument; {seconds:.0f} s"
    )
    return int(unargued > 0 or share < 0.95)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
