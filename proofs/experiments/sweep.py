"""Which solutions does training find? Sweeps of tiny networks for claims 48 and 49.

In: a seed and how many runs. Out: `Experiment`s: counts of the measured rank of J at trained
solutions, with Wilson intervals. All of it is floating point and labelled so.

A run draws θ at random (weights of variance 1/fan-in), descends the gradient, polishes with
Levenberg–Marquardt steps, and counts as a solution where the largest error is below `FITTED`. The
rank of J there is measured by σ_i/σ_1: a singular value above `NONZERO` counts, one below `ZERO`
does not, and where one lies in between the run is ambiguous and counted apart.

Two data sets of four examples: AND on {0,1}², whose labels let a network merge three inputs, and
the same inputs with random labels, where Sard's theorem (T2) forbids rank-deficient exact solutions
for almost all labels.

    python -m hessrank.proofs.experiments.sweep 48 --runs 2000 --seed 0
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from hessrank.proofs.reasoning.claim import Experiment

Array = np.ndarray[Any, Any]

FITTED, NONZERO, ZERO = 1e-8, 1e-4, 1e-7
DESCENT, POLISH, RATE = 400, 40, 0.1
WIDTHS = (2, 3, 5, 8)
ACTIVATIONS = ("relu", "tanh")
#: Runs a setting where no number is asked for.
RUNS = 50

SQUARE = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
AND = np.array([0.0, 0.0, 0.0, 1.0])


def parameters(width: int) -> int:
    """N of a [2, width, 1] net with biases."""
    return 4 * width + 1


def wilson(hits: int, runs: int, z: float = 1.96) -> tuple[float, float]:
    """The Wilson score interval of a proportion (Wilson 1927), 95 % by default.

    >>> [round(v, 3) for v in wilson(5, 10)]
    [0.237, 0.763]
    """
    if not runs:
        return 0.0, 1.0
    share, slack = hits / runs, z * z / runs
    middle = share + slack / 2
    reach = z * sqrt(share * (1 - share) / runs + slack / (4 * runs))
    low, high = (middle - reach) / (1 + slack), (middle + reach) / (1 + slack)
    return max(0.0, low), min(1.0, high)


@dataclass(frozen=True)
class Batch:
    """R networks [2, h, 1] at once: first (R, h, 3) and last (R, h+1), biases as last column."""

    first: Array
    last: Array


def start(width: int, runs: int, rng: np.random.Generator) -> Batch:
    """Random networks, weights and biases of variance 1/fan-in."""
    first = rng.normal(size=(runs, width, 3)) / sqrt(2)
    last = rng.normal(size=(runs, width + 1)) / sqrt(width)
    return Batch(first, last)


def run(batch: Batch, activation: str) -> tuple[Array, Array]:
    """(F, J): outputs (R, D) on the four inputs and their derivatives (R, D, N)."""
    x = np.column_stack([SQUARE, np.ones(len(SQUARE))])
    z = np.einsum("rhj,dj->rdh", batch.first, x)
    if activation == "relu":
        a, slope = np.maximum(z, 0.0), (z > 0.0).astype(float)
    else:
        a = np.tanh(z)
        slope = 1.0 - a * a
    a = np.concatenate([a, np.ones((*a.shape[:2], 1))], axis=2)
    F = np.einsum("rdh,rh->rd", a, batch.last)
    inner = (slope * batch.last[:, None, :-1])[..., None] * x[None, :, None, :]
    return F, np.concatenate([inner.reshape(*F.shape, -1), a], axis=2)


def moved(batch: Batch, step: Array) -> Batch:
    """θ + step, step (R, N)."""
    R, h, _ = batch.first.shape
    return Batch(batch.first + step[:, : 3 * h].reshape(R, h, 3), batch.last + step[:, 3 * h :])


def trained(batch: Batch, activation: str, y: Array) -> Batch:
    """Gradient descent on ½Σ(F − y)², then damped Gauss–Newton steps, each kept where it helps."""
    for _ in range(DESCENT):
        F, J = run(batch, activation)
        batch = moved(batch, -RATE * np.einsum("rd,rdn->rn", F - y, J))
    damping = np.full(len(batch.last), 1e-2)
    eye = np.eye(len(y))
    F, J = run(batch, activation)
    for _ in range(POLISH):
        inner = J @ J.transpose(0, 2, 1) + damping[:, None, None] * eye
        step = -np.einsum("rdn,rd->rn", J, np.linalg.solve(inner, (F - y)[..., None])[..., 0])
        tried = moved(batch, step)
        G, K = run(tried, activation)
        better = np.sum((G - y) ** 2, axis=1) < np.sum((F - y) ** 2, axis=1)
        batch = Batch(
            np.where(better[:, None, None], tried.first, batch.first),
            np.where(better[:, None], tried.last, batch.last),
        )
        F, J = np.where(better[:, None], G, F), np.where(better[:, None, None], K, J)
        damping = np.clip(np.where(better, damping / 4, damping * 4), 1e-14, 1e6)
    return batch


def measured_ranks(J: Array) -> list[int | None]:
    """The rank of each J, None where the spectrum is ambiguous."""
    found: list[int | None] = []
    for s in np.linalg.svd(J, compute_uv=False):
        ratio = s / s[0] if s[0] > 0 else s
        rank = int(np.sum(ratio > NONZERO))
        found.append(rank if np.all((ratio > NONZERO) | (ratio < ZERO)) else None)
    return found


def solutions(activation: str, width: int, labels: str, runs: int, seed: int) -> list[int | None]:
    """The measured ranks of J at the solutions that `runs` trainings find.

    labels: "and" or "random" (drawn anew from the seed).
    """
    rng = np.random.default_rng([seed, width, ACTIVATIONS.index(activation), labels == "and"])
    y = AND if labels == "and" else rng.normal(size=len(SQUARE))
    batch = trained(start(width, runs, rng), activation, y)
    F, J = run(batch, activation)
    good = np.max(np.abs(F - y), axis=1) < FITTED
    return measured_ranks(J[good])


def _counts(ranks: Sequence[int | None], runs: int) -> dict[str, Any]:
    deficient = sum(r is not None and r < len(SQUARE) for r in ranks)
    clear = sum(r is not None for r in ranks)
    return {
        "runs": runs,
        "solutions": len(ranks),
        "ambiguous": len(ranks) - clear,
        "clear": clear,
        "deficient": deficient,
        "share": [round(v, 3) for v in wilson(deficient, clear)],
    }


def deficient_solutions(seed: int = 0, runs: int = RUNS) -> Experiment:
    """Claim 48: how often J is rank-deficient at a trained solution, by width."""
    counts = {
        f"{activation}, {labels} labels, N = {parameters(width)}": _counts(
            solutions(activation, width, labels, runs, seed), runs
        )
        for activation in ACTIVATIONS
        for labels in ("and", "random")
        for width in WIDTHS
    }
    return Experiment(
        "How often is J rank-deficient at a trained solution, as the network grows?",
        _trends(counts),
        counts,
        seed,
        f"python -m hessrank.proofs.experiments.sweep 48 --runs {runs} --seed {seed}",
    )


def _trends(counts: dict[str, dict[str, Any]]) -> str:
    parts = []
    for activation in ACTIVATIONS:
        for labels in ("and", "random"):
            rows = [c for name, c in counts.items() if name.startswith(f"{activation}, {labels}")]
            first, last = rows[0], rows[-1]
            shown = [f"{c['deficient']} of {c['clear']}" for c in (first, last)]
            if last["share"][1] < first["share"][0]:
                word = "rarer"
            elif first["share"][1] < last["share"][0]:
                word = "more frequent"
            else:
                word = "no difference that the intervals separate"
            N = [parameters(width) for width in (WIDTHS[0], WIDTHS[-1])]
            parts.append(
                f"{activation}, {labels} labels: {shown[0]} at N = {N[0]}, "
                f"{shown[1]} at N = {N[1]} ({word})"
            )
    return "Measured. " + "; ".join(parts) + "."


def solution_dimensions(seed: int = 0, runs: int = 3 * RUNS) -> Experiment:
    """Claim 49: the dimensions N − rank J of the solutions found by nets of 21 parameters on four
    examples. If dimension predicted what is found, the largest would be found most."""
    width = 5
    counts: dict[str, Any] = {}
    parts = []
    for activation in ACTIVATIONS:
        ranks = solutions(activation, width, "and", runs, seed)
        dims = Counter(parameters(width) - r for r in ranks if r is not None)
        total = sum(dims.values())
        for dim in sorted(dims, reverse=True):
            low, high = wilson(dims[dim], total)
            counts[f"{activation}, dimension {dim}"] = {
                "found": dims[dim],
                "of": total,
                "share": [round(low, 3), round(high, 3)],
            }
        counts[f"{activation}, ambiguous"] = {"found": len(ranks) - total, "of": len(ranks)}
        if dims:
            top, usual = max(dims), max(dims, key=lambda d: dims[d])
            parts.append(
                f"{activation}: dimensions {', '.join(map(str, sorted(dims)))} occur; the "
                f"largest, {top}, in {dims[top]} of {total}, the most frequent is {usual}"
            )
    return Experiment(
        "Are solutions on manifolds of higher dimension (N − rank J) found more often?",
        "Measured. " + "; ".join(parts) + ".",
        counts,
        seed,
        f"python -m hessrank.proofs.experiments.sweep 49 --runs {runs} --seed {seed}",
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the sweeps and print its counts."""
    parser = argparse.ArgumentParser(description="Which solutions does training find?")
    parser.add_argument("claim", type=int, choices=(48, 49))
    parser.add_argument("--runs", type=int, default=500, help="trainings a setting")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    experiment = {48: deficient_solutions, 49: solution_dimensions}[chosen.claim]
    found = experiment(chosen.seed, chosen.runs)
    print(found.question)
    for name, row in found.counts.items():
        print(f"  {name}: " + ", ".join(f"{k} {v}" for k, v in row.items()))
    print(found.answer)


if __name__ == "__main__":
    main()
