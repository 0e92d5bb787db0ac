"""Every proved form of every claim on random landscapes: a theorem that fails there is a mistake of
ours. Seeded; public names only.

    python benchmarks/claims_on_random.py --landscapes 1000 --seed 0

Out: to how many landscapes each form that is true or cited applied, and every failure with the spec
that replays it; a form that holds by its proof alone, with nothing computed at the point, is not
counted. The counts are those of the seed and the number of landscapes. Exit status 1 where a form
failed.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from fractions import Fraction

import hessrank as hr

WIDTHS = ([1, 1, 1], [1, 2, 1], [2, 2, 1], [2, 1, 2], [2, 2, 2], [1, 1, 1, 1], [2, 2, 1, 1])
ACTIVATIONS = ("identity", "square", "cube", "relu", "leaky-relu")
LOSSES = ("half-squared", "sum-of-squares", "mean-squared", "quartic")
#: Targets under softmax: the first is fitted where the logits are equal.
SOFT = (["1/2", "1/2"], ["1/2", "1/2"], [1, 0], ["1/3", "2/3"])
FORMS = (
    ("s**2 + t**2", "s t"),
    ("s*t", "s t"),
    ("s*x + t*x**2", "s t"),
    ("s*t*x + t**3", "s t"),
    ("s**2*x + t", "s t"),
    ("x*(s + t + u)", "s t u"),
)


def problem(rng: random.Random) -> tuple[hr.Problem, dict[str, Fraction]]:
    """A random problem with its point: half of them fitted, some merged, dead or duplicated."""
    if rng.random() < 0.25:
        text, names = rng.choice(FORMS)
        model = hr.Model.from_expressions(text, names, "x")
        widths = [1, 1]
    else:
        widths = rng.choice(WIDTHS)
        model = hr.mlp(widths, rng.choice(ACTIVATIONS), bias=rng.random() < 0.5)
    spread = rng.choice((1, 3))
    bottoms = (1, 1, 2)
    point = {
        n: Fraction(rng.randint(-spread, spread), rng.choice(bottoms)) for n in model.parameters
    }
    D = rng.randint(1, 4)
    x = [[rng.randint(-2, 2) for _ in range(widths[0])] for _ in range(D)]
    loss = rng.choice(LOSSES)
    regulariser = "l2" if rng.random() < 0.1 else None
    if widths[-1] == 2 and rng.random() < 0.3:
        y = [rng.choice(SOFT) for _ in range(D)]
        return hr.Problem(model, hr.Data(x, y), "softmax-cross-entropy"), point
    y = [[0] * widths[-1] for _ in range(D)]
    if rng.random() < 0.6:
        F = hr.Problem(model, hr.Data(x, y), loss).at(point).outputs.fractions()
        flat = [v for row in F for v in row]
        y = [flat[d * widths[-1] : (d + 1) * widths[-1]] for d in range(D)]
    else:
        y = [[rng.randint(-2, 2) for _ in range(widths[-1])] for _ in range(D)]
    return hr.Problem(model, hr.Data(x, y), loss, regulariser), point


def main() -> int:
    """Draw so many landscapes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--landscapes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    rng = random.Random(chosen.seed)
    proved = [(c.id, n) for c in hr.claims() for n, f in c.forms.items() if f.proof]
    applied: Counter[tuple[str, str]] = Counter()
    undecided: Counter[tuple[str, str]] = Counter()
    drawn, kinks, failures = 0, 0, 0
    while drawn < chosen.landscapes:
        try:
            made, point = problem(rng)
            here = made.at(point)
            names = list(point)
            test = [[rng.randint(-2, 2) for _ in made.model.inputs]]
            split = rng.sample(names, rng.randint(1, len(names) - 1)) if len(names) > 1 else []
            found = hr.claims_on(here, split=split, test=test)
        except hr.HessrankError:
            kinks += 1
            continue
        drawn += 1
        for id, name in proved:
            finding = found[id][name]
            if finding is None:
                continue
            outcome = finding.outcome.value
            if finding.facts[-1][0] == "proof":
                continue
            applied[id, name] += outcome in ("holds", "fails")
            undecided[id, name] += outcome == "undecided"
            if outcome == "fails":
                failures += 1
                print(f"FAILS {id} {name}: {finding.reason}\n{hr.dumps(here)}")
    print(f"seed {chosen.seed}: {drawn} landscapes, {kinks} on a kink; {failures} failures")
    rare = [(id, name) for id, name in proved if applied[id, name] < 200]
    print(f"{len(proved) - len(rare)} of {len(proved)} proved forms applied 200 times; the others:")
    for id, name in sorted(rare):
        count, open_ = applied[id, name], undecided[id, name]
        print(f"  {id} ({name}): applied to {count}, undecided on {open_}")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
