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


Drawn = tuple[hr.Problem, dict[str, Fraction]]


def usual(rng: random.Random) -> Drawn:
    """Nets and closed forms: half of them fitted, some merged, dead or duplicated."""
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
    if rng.random() < 0.6:
        return fitted(model, x, point, loss, regulariser), point
    y = [[rng.randint(-2, 2) for _ in range(widths[-1])] for _ in range(D)]
    return hr.Problem(model, hr.Data(x, y), loss, regulariser), point


def fitted(
    model: hr.Model, x: list, point: dict[str, Fraction], loss: str, regulariser: str | None = None
) -> hr.Problem:
    """The problem whose targets are the outputs at the point."""
    K = model.output_count
    zero = hr.Problem(model, hr.Data(x, [[0] * K] * len(x)), "half-squared").at(point)
    y = [v for row in zero.outputs.fractions() for v in row]
    targets = [y[d * K : (d + 1) * K] for d in range(len(x))]
    return hr.Problem(model, hr.Data(x, targets), loss, regulariser)


def with_residual(rng: random.Random) -> Drawn:
    """p·s² + q·t² at its least value, above the labels: a minimum with r ≠ 0 and H ≻ 0."""
    p, q = rng.randint(1, 3), rng.randint(1, 3)
    model = hr.Model.from_expressions(f"{p}*s**2 + {q}*t**2 + x", "s t", "x")
    x = [[rng.randint(-2, 2)] for _ in range(rng.randint(1, 3))]
    y = [[row[0] - rng.randint(1, 4)] for row in x]
    return hr.Problem(model, hr.Data(x, y), rng.choice(LOSSES)), {
        "s": Fraction(0),
        "t": Fraction(0),
    }


def of_probabilities(rng: random.Random) -> Drawn:
    """Two outputs that sum to 1, under cross-entropy, with the targets that they attain."""
    text = rng.choice(("1/2 + s*x + t", "1/2 + s*t*x", "1/2 + s**2*x - t"))
    model = hr.Model.from_expressions([text, f"1 - ({text})"], "s t", "x")
    point = {n: Fraction(rng.randint(-2, 2), 8) for n in "st"}
    x = [[rng.choice((-1, 0, 1))] for _ in range(rng.randint(1, 4))]
    return fitted(model, x, point, "cross-entropy"), point


def under_softmax(rng: random.Random) -> Drawn:
    """Equal logits and equal soft targets, a perfect fit; or any logits and hard labels."""
    widths = rng.choice(([1, 2, 2], [2, 2, 2], [2, 1, 2]))
    model = hr.mlp(widths, rng.choice(ACTIVATIONS), bias=rng.random() < 0.5)
    point = {n: Fraction(rng.randint(-2, 2)) for n in model.parameters}
    x = [[rng.randint(-2, 2) for _ in range(widths[0])] for _ in range(rng.randint(1, 4))]
    if rng.random() < 0.5:
        point |= {n: Fraction(0) for n in point if n.startswith(("w2", "b2"))}
        y: list = [["1/2", "1/2"]] * len(x)
    else:
        y = [rng.choice(([0, 1], [1, 0])) for _ in x]
    return hr.Problem(model, hr.Data(x, y), "softmax-cross-entropy"), point


def merged(rng: random.Random) -> Drawn:
    """One unit that sees nothing of many examples, with or without a first layer that is fixed."""
    inputs, bias = rng.choice((1, 2)), rng.random() < 0.5
    names = [f"w1_1_{j + 1}" for j in range(inputs)] + ["b1_1"] * bias
    held = rng.random() < 0.6
    value = {n: Fraction(0 if n.startswith("w") else rng.randint(1, 3)) for n in names}
    activation = rng.choice(("identity", "square", "cube") if not bias else ACTIVATIONS)
    model = hr.mlp([inputs, 1, 1], activation, bias, fixed=value if held else None)
    point = {n: Fraction(rng.randint(-2, 2)) for n in model.parameters}
    point |= {n: v for n, v in value.items() if n in point}
    x = [[rng.randint(-2, 2) for _ in range(inputs)] for _ in range(rng.randint(5, 6))]
    if rng.random() < 0.5:
        return fitted(model, x, point, rng.choice(LOSSES)), point
    y = [[rng.randint(-2, 2)] for _ in x]
    return hr.Problem(model, hr.Data(x, y), rng.choice(LOSSES)), point


def of_parts(rng: random.Random) -> Drawn:
    """Features of two inputs that are independent over a grid."""
    text = rng.choice(("a*x1 + b*x2", "a*x1**2 + b*x2", "a**3*x1 + b*x2**3", "a*x1**2 + b*x2**3"))
    model = hr.Model.from_expressions(text, "a b", "x1 x2")
    sides = [rng.sample((-2, -1, 0, 1, 3), 2) for _ in "ab"]
    x = [[u, v] for u in sides[0] for v in sides[1]]
    point = {n: Fraction(rng.choice((-2, -1, 1, 2))) for n in "ab"}
    return fitted(model, x, point, rng.choice(LOSSES)), point


def more_outputs(rng: random.Random) -> Drawn:
    """Fewer parameters than outputs."""
    text, names = rng.choice(FORMS)
    model = hr.Model.from_expressions([text, "s*x + t", "t**2 - s"], names, "x")
    point = {n: Fraction(rng.randint(-3, 3), rng.choice((1, 2))) for n in model.parameters}
    x = [[v] for v in rng.sample(range(-3, 4), rng.randint(2, 3))]
    return fitted(model, x, point, rng.choice(LOSSES)), point


RARE = (with_residual, of_probabilities, under_softmax, merged, merged, of_parts, more_outputs)


def problem(rng: random.Random) -> Drawn:
    """A random problem with its point: mostly a usual one, else one of which rarer claims speak."""
    return (usual if rng.random() < 0.6 else rng.choice(RARE))(rng)


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
    enough = len(proved) - len(rare)
    print(f"{enough} of {len(proved)} proved forms applied 200 times or more; the others:")
    for id, name in sorted(rare):
        count, open_ = applied[id, name], undecided[id, name]
        print(f"  {id} ({name}): applied to {count}, undecided on {open_}")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
