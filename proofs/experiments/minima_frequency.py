"""How frequent are local minima with residual? The empirical half of claim 28.

In: a seed and how many runs. Out: an `Experiment`: what training ends in, with Wilson intervals.
All of it is floating point and labelled so.

Nets [2, h, 1] with tanh are drawn at random and trained on four inputs with random labels (the
trainer of `sweep`), then brought to a critical point by Newton steps on ½|F − y|², with the
absolute values of the Hessian's eigenvalues so that they descend. A run ends as

- perfect fit: the largest error is below `FITTED`;
- minimum with residual: the gradient is below `STILL`, no eigenvalue of the Hessian is below
  −`FLAT` times the largest, and the error is above `RESIDUAL`;
- saddle: as before, but with a negative eigenvalue;
- unfinished: anything else, such as weights on their way to infinity (beyond `FAR`).

With h = 1, N = 5 parameters and M = 4 outputs, so that nothing forbids a perfect fit by counting.

    python -m hessrank.proofs.experiments.minima_frequency --runs 2000 --seed 0
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from hessrank.proofs.claim import Experiment
from hessrank.proofs.experiments.sweep import (
    FITTED,
    SQUARE,
    Array,
    Batch,
    moved,
    parameters,
    run,
    start,
    trained,
    wilson,
)

STILL, FLAT, RESIDUAL, FAR = 1e-9, 1e-6, 1e-3, 100.0
STEP, NEWTON = 1e-5, 40
WIDTHS = (1, 2, 3, 5)
KINDS = ("perfect fit", "minimum with residual", "saddle", "unfinished")
#: Runs a width where no number is asked for.
RUNS = 100


def gradient(batch: Batch, y: Array) -> Array:
    """Jᵀ(F − y), (R, N)."""
    F, J = run(batch, "tanh")
    return np.einsum("rd,rdn->rn", F - y, J)


def hessian(batch: Batch, y: Array) -> Array:
    """∇²½|F − y|², (R, N, N), by central differences of the gradient."""
    R, N = len(batch.last), batch.first[0].size + batch.last.shape[1]
    columns = []
    for i in range(N):
        step = np.zeros((R, N))
        step[:, i] = STEP
        ahead, behind = gradient(moved(batch, step), y), gradient(moved(batch, -step), y)
        columns.append((ahead - behind) / (2 * STEP))
    H = np.stack(columns, axis=2)
    symmetric: Array = (H + H.transpose(0, 2, 1)) / 2
    return symmetric


def settled(batch: Batch, y: Array) -> Batch:
    """Newton steps with |H|, each kept where the loss does not rise."""
    damping = np.full(len(batch.last), 1e-3)
    loss = np.sum((run(batch, "tanh")[0] - y) ** 2, axis=1)
    for _ in range(NEWTON):
        values, vectors = np.linalg.eigh(hessian(batch, y))
        g = gradient(batch, y)
        along = np.einsum("rij,ri->rj", vectors, g) / (np.abs(values) + damping[:, None])
        tried = moved(batch, -np.einsum("rij,rj->ri", vectors, along))
        reached = np.sum((run(tried, "tanh")[0] - y) ** 2, axis=1)
        good = reached <= loss
        batch = Batch(
            np.where(good[:, None, None], tried.first, batch.first),
            np.where(good[:, None], tried.last, batch.last),
        )
        loss = np.where(good, reached, loss)
        damping = np.clip(np.where(good, damping / 8, damping * 8), 1e-12, 1e3)
    return batch


def kinds(batch: Batch, y: Array) -> list[str]:
    """What each run ended as, one of KINDS."""
    error = np.max(np.abs(run(batch, "tanh")[0] - y), axis=1)
    still = np.max(np.abs(gradient(batch, y)), axis=1) < STILL
    near = (
        np.maximum(np.max(np.abs(batch.first), axis=(1, 2)), np.max(np.abs(batch.last), axis=1))
        < FAR
    )
    values = np.linalg.eigvalsh(hessian(batch, y))
    bowl = values[:, 0] > -FLAT * np.maximum(values[:, -1], 1.0)
    found = []
    for e, s, n, b in zip(error, still, near, bowl, strict=True):
        if e < FITTED:
            found.append("perfect fit")
        elif s and n and e > RESIDUAL:
            found.append("minimum with residual" if b else "saddle")
        else:
            found.append("unfinished")
    return found


def residual_minima(seed: int = 0, runs: int = RUNS) -> Experiment:
    """Claim 28: how often training a random tiny net ends in a local minimum with r ≠ 0."""
    counts: dict[str, Any] = {}
    parts = []
    for width in WIDTHS:
        rng = np.random.default_rng([seed, width])
        y = rng.normal(size=(runs, len(SQUARE)))
        batch = settled(trained(start(width, runs, rng), "tanh", y), y)
        tally = Counter(kinds(batch, y))
        hits, N = tally["minimum with residual"], parameters(width)
        share = [round(v, 3) for v in wilson(hits, runs)]
        counts[f"N = {N}, M = {len(SQUARE)}"] = {
            **{kind: tally[kind] for kind in KINDS},
            "of": runs,
            "share": share,
        }
        parts.append(f"N = {N}: {hits} of {runs} ({share[0]} to {share[1]})")
    return Experiment(
        "How often does training a random tiny regression net end in a local minimum with r ≠ 0?",
        f"Measured, with 95 % intervals. {'; '.join(parts)}.",
        counts,
        seed,
        f"python -m hessrank.proofs.experiments.minima_frequency --runs {runs} --seed {seed}",
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the experiment and print its counts."""
    parser = argparse.ArgumentParser(description="How frequent are local minima with residual?")
    parser.add_argument("--runs", type=int, default=2000, help="trainings a width")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    found = residual_minima(chosen.seed, chosen.runs)
    print(found.question)
    for name, row in found.counts.items():
        print(f"  {name}: " + ", ".join(f"{k} {v}" for k, v in row.items()))
    print(found.answer)


if __name__ == "__main__":
    main()
