"""Exact points beside trained nets: how many are certified, and how long it takes.

    python benchmarks/points.py

XOR with tanh [2, 2, 1] from 60 seeds; a net of about 100 parameters on 30 outputs, as a fit and as
a critical point under weight decay; and a sweep, written to its file. Seconds are of the processor,
on one core.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np

import hessrank as hr
from hessrank.numeric.fitting import train
from hessrank.proofs.existence.nearby import nearby
from hessrank.symbolic.problems.landscape import Landscape, Problem

#: Runs whose loss is below this have reached zero loss.
ZERO_LOSS = 1e-18


def at_the_end(problem: Problem, seed: int) -> tuple[Landscape, float]:
    """Where training from the seed ends, and the loss there."""
    names = problem.model.parameters
    trained = train(problem.at(dict.fromkeys(names, 0)), seed)
    point = {n: hr.exact(v) for n, v in zip(names, trained.theta, strict=True)}
    return problem.at(point), trained.loss


def xor(seeds: int = 60) -> None:
    data = hr.Data([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
    problem = hr.Problem(hr.mlp([2, 2, 1]), data)
    reached = [h for h, loss in (at_the_end(problem, s) for s in range(seeds)) if loss < ZERO_LOSS]
    nearby(reached[0])
    times, certified = [], 0
    for here in reached:
        start = process_time()
        found = nearby(here)
        times.append(process_time() - start)
        certified += found.kind == "fit" and int(found.rank_hessian) == 4
    ms = 1e3 * np.array(times)
    print(
        f"XOR tanh [2, 2, 1]: {len(reached)} of {seeds} reach zero loss, {certified} certified; "
        f"{ms.mean():.1f} ms each (median {np.median(ms):.1f}, most {ms.max():.1f}), "
        f"{1e3 / ms.mean():.0f} a second"
    )


def large(decay: Fraction) -> None:
    rng = np.random.default_rng(0)
    x = [[Fraction(int(v), 4) for v in row] for row in rng.integers(-9, 10, size=(15, 4))]
    y = [[Fraction(int(v), 4) for v in row] for row in rng.integers(-4, 5, size=(15, 2))]
    model = hr.mlp([4, 14, 2])
    plain = hr.Problem(model, hr.Data(x, y), regulariser="l2")
    penalty = None if not decay else plain.regulariser * decay
    problem = hr.Problem(model, hr.Data(x, y), regulariser=penalty)
    here, loss = at_the_end(problem, 0)
    start = process_time()
    found = nearby(here)
    seconds = process_time() - start
    words = f"decay {decay}" if decay else "no decay"
    print(f"[4, 14, 2], N = {problem.N}, M = {problem.M}, {words}: L = {loss:.2g}, {seconds:.2f} s")
    print(f"  {found}")


def swept(seeds: int = 60) -> None:
    data = {"id": "xor", "x": [[0, 0], [0, 1], [1, 0], [1, 1]], "y": [0, 1, 1, 0]}
    problem = hr.Problem(hr.mlp([2, 2, 1]), hr.Data(data["x"], data["y"]))
    start = process_time()
    for seed in range(seeds):
        at_the_end(problem, seed)
    training = process_time() - start
    text = f'widths = [[2, 2, 1]]\nactivations = ["tanh"]\nseeds = {seeds}\n[[data]]\n' + "\n".join(
        f"{k} = {json.dumps(v)}" for k, v in data.items()
    )
    with TemporaryDirectory() as folder:
        grid = Path(folder) / "grid.toml"
        grid.write_text(text)
        start = process_time()
        [found] = hr.sweep(grid, into=Path(folder) / "runs.sqlite").frequencies()
        rest = process_time() - start - training
    print(
        f"sweep of {seeds} seeds: {found.certified} certified, {found.certified / rest:.0f} a "
        f"second besides {training:.1f} s of training"
    )


if __name__ == "__main__":
    xor()
    large(Fraction(0))
    large(Fraction(1, 100))
    swept()
