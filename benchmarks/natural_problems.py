"""How often ranks at ordinary points are decided, and how long that takes.

    python benchmarks/natural_problems.py [--kinds natural four-digits …] [--seeds 3] [--limit 60]

Problems as people write them down: tanh, sigmoid, softplus, gelu, sin × half-squared, softmax
cross-entropy, binary cross-entropy × widths [2,2,·], [2,3,·], [1,4,·], with weights and inputs of
one or two digits and 3 to 8 examples; then the same with weights of four digits, as they stand and
with a duplicated unit, a repeated example or an outgoing weight of zero. For each problem the ranks
of J and of H: decided or not, and the processor time. Public names alone, so that the same file
measures an older version too.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import time
from collections.abc import Iterator
from typing import Any

import hessrank as hr

ACTIVATIONS = ("tanh", "sigmoid", "softplus", "gelu", "sin")
LOSSES = ("half-squared", "softmax-cross-entropy", "binary-cross-entropy")
HIDDEN = ([2, 2], [2, 3], [1, 4])
KINDS = ("natural", "four-digits", "duplicated-unit", "repeated-example", "zero-outgoing")


def number(rng: random.Random, digits: int) -> str:
    """A decimal of so many digits, not zero, of either sign."""
    whole = rng.randrange(1, 10**digits)
    return f"{rng.choice((-1, 1)) * whole}/{10 ** max(digits - rng.randrange(2), 1)}"


def problem(activation: str, loss: str, hidden: list[int], seed: int, kind: str) -> Any:
    """(landscape, the spec that replays it)."""
    rng = random.Random(f"{activation} {loss} {hidden} {seed}")
    K = 2 if loss == "softmax-cross-entropy" else 1
    widths = [*hidden, K]
    net = hr.mlp(widths, activation, bias=bool(seed % 2))
    D = rng.randrange(3, 9)
    digits = 4 if kind != "natural" else 0
    x = [[number(rng, rng.choice((1, 2))) for _ in range(widths[0])] for _ in range(D)]
    if loss == "half-squared":
        y = [[number(rng, rng.choice((1, 2))) for _ in range(K)] for _ in range(D)]
    else:
        y = [[1, 0] if rng.random() < 0.5 else [0, 1] for _ in range(D)]
        y = [row[:K] for row in y]
    point = {n: number(rng, digits or rng.choice((1, 2))) for n in net.parameters}
    if kind == "duplicated-unit":
        for name in net.parameters:
            if name.startswith(("w1_2", "b1_2")):
                point[name] = point[name.replace("1_2", "1_1", 1)]
    if kind == "repeated-example":
        x[1], y[1] = x[0], y[0]
    if kind == "zero-outgoing":
        for k in range(K):
            point[f"w2_{k + 1}_1"] = "0"
    spec = {"widths": widths, "activation": activation, "loss": loss, "x": x, "y": y}
    return hr.Problem(net, hr.Data(x, y), loss).at(point), {**spec, "point": point}


def problems(kind: str, seeds: int) -> Iterator[tuple[str, Any, Any]]:
    for activation in ACTIVATIONS:
        for loss in LOSSES:
            for hidden in HIDDEN:
                for seed in range(seeds):
                    here, spec = problem(activation, loss, hidden, seed, kind)
                    yield f"{activation} {loss} {hidden} {seed}", here, spec


class OverTime(Exception):
    """The limit is reached."""


def _stop(*_: object) -> None:
    raise OverTime


def rank(here: Any, matrix: str, limit: int) -> tuple[str, bool, float]:
    """(bounds and status, whether decided, seconds of processor time)."""
    started = time.process_time()
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        found = here.rank(matrix)
        shown, decided = f"{found.lower}..{found.upper} {found.status}", bool(found.decided)
    except OverTime:
        shown, decided = f"no answer in {limit} s", False
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return shown, decided, time.process_time() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=KINDS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--limit", type=int, default=60, help="of processor time, for one rank")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    for kind in chosen.kinds:
        decided = {"jacobian": 0, "hessian": 0}
        slowest, count, late = 0.0, 0, 0
        for name, here, _ in problems(kind, chosen.seeds):
            count += 1
            for matrix in decided:
                shown, done, seconds = rank(here, matrix, chosen.limit)
                decided[matrix] += done
                slowest, late = max(slowest, seconds), late + (seconds > 10)
                if chosen.json:
                    row = {"kind": kind, "problem": name, "matrix": matrix, "rank": shown}
                    print(json.dumps({**row, "seconds": round(seconds, 3)}), flush=True)
                elif not done or seconds > 10:
                    print(f"  {name} {matrix}: {shown}, {seconds:.1f} s", flush=True)
        print(
            f"{kind}: of {count} problems rank J decided {decided['jacobian']}, "
            f"rank H {decided['hessian']}; slowest {slowest:.1f} s, {late} beyond 10 s",
            flush=True,
        )


if __name__ == "__main__":
    main()
