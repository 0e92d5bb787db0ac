"""All labellings of {0,1}²: what merging, rank and flatness have to do with each other at trained
solutions. One experiment for claims 39, 42, 44, 70, 78 and 79.

In: a seed and how many runs a labelling. Out: `Experiment`s. Every one of the 14 labellings that
are not constant is trained from the same number of random starts (`sweep`), at several widths, with
relu and tanh. At each solution the measured rank of J, whether two examples share their hidden
activations, the flatness of H = JᵀJ and the outputs off the data are recorded. Shares come with
intervals that are clustered by labelling: whole labellings are drawn again (the bootstrap of
Cameron, Gelbach and Miller 2008), because runs of one labelling are alike. All of it is floating
point and labelled so.

    python -m hessrank.proofs.experiments.labellings 44 --runs 60 --seed 0
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

from hessrank.proofs.experiments.sweep import (
    ACTIVATIONS,
    FITTED,
    SQUARE,
    Array,
    Batch,
    measured_ranks,
    parameters,
    run,
    start,
    trained,
)
from hessrank.proofs.reasoning.claim import Experiment

WIDTHS = (2, 3, 5, 8)
LABELLINGS = tuple(y for y in product((0.0, 1.0), repeat=4) if 0 < sum(y) < 4)
#: Inputs off the data, where the outputs of different solutions are compared.
ELSEWHERE = np.array([[0.5, 0.5], [-1.0, 0.0], [2.0, 1.0], [0.0, 2.0], [1.0, 0.5]])
#: Activations nearer than this are shared; the effective rank is taken at this scale b.
SHARED, SCALE = 1e-6, 100.0
#: Runs a labelling where no number is asked for; drawings of the bootstrap.
RUNS, DRAWINGS = 12, 400


@dataclass(frozen=True)
class Solution:
    """A trained solution: its labelling, the measured rank of J, whether examples are merged, the
    effective rank Σ λ/(λ + 1/b) of H, tr H, and the outputs off the data."""

    labelling: int
    rank: int
    merged: bool
    effective: float
    trace: float
    elsewhere: tuple[float, ...]

    @property
    def deficient(self) -> bool:
        return self.rank < len(SQUARE)


@lru_cache(maxsize=8)
def solutions(activation: str, width: int, runs: int, seed: int) -> tuple[Solution, ...]:
    """The solutions whose rank is not ambiguous."""
    found = []
    for number, labels in enumerate(LABELLINGS):
        rng = np.random.default_rng([seed, width, ACTIVATIONS.index(activation), number])
        y = np.array(labels)
        batch = trained(start(width, runs, rng), activation, y)
        F, J = run(batch, activation)
        good = np.flatnonzero(np.max(np.abs(F - y), axis=1) < FITTED)
        hidden, off = _hidden(batch, activation, SQUARE), _outputs(batch, activation, ELSEWHERE)
        ranks = measured_ranks(J[good]) if len(good) else []
        for r, rank in zip(good, ranks, strict=True):
            if rank is None:
                continue
            eigenvalues = np.linalg.svd(J[r], compute_uv=False) ** 2
            gaps = np.abs(hidden[r][:, None] - hidden[r][None]).max(axis=2)
            found.append(
                Solution(
                    number,
                    rank,
                    bool(np.any(gaps[np.triu_indices(len(SQUARE), 1)] < SHARED)),
                    float(np.sum(eigenvalues / (eigenvalues + 1 / SCALE))),
                    float(np.sum(eigenvalues)),
                    tuple(map(float, off[r])),
                )
            )
    return tuple(found)


def _hidden(batch: Batch, activation: str, x: Array) -> Array:
    """Hidden activations (R, D, h)."""
    z = np.einsum("rhj,dj->rdh", batch.first, np.column_stack([x, np.ones(len(x))]))
    found: Array = np.maximum(z, 0.0) if activation == "relu" else np.tanh(z)
    return found


def _outputs(batch: Batch, activation: str, x: Array) -> Array:
    hidden = _hidden(batch, activation, x)
    found: Array = np.einsum("rdh,rh->rd", hidden, batch.last[:, :-1]) + batch.last[:, -1:]
    return found


def share(hits: Sequence[bool], clusters: Sequence[int], seed: int) -> dict[str, Any]:
    """A share with its 95% interval, clustered.

    >>> share([True, True, False, False], [0, 0, 1, 1], 0)["of"]
    4
    """
    count = np.zeros((len(LABELLINGS), 2))
    for hit, cluster in zip(hits, clusters, strict=True):
        count[cluster] += (hit, 1)
    rng = np.random.default_rng(seed)
    drawn = count[rng.integers(len(count), size=(DRAWINGS, len(count)))].sum(axis=1)
    shares = drawn[drawn[:, 1] > 0]
    if not len(shares):
        return {"hits": 0, "of": 0, "share": None}
    low, high = np.quantile(shares[:, 0] / shares[:, 1], [0.025, 0.975])
    bounds = [round(float(low), 3), round(float(high), 3)]
    return {"hits": int(sum(hits)), "of": len(hits), "share": bounds}


def _among(found: Sequence[Solution], event: str, given: str, value: bool, seed: int) -> Any:
    kept = [s for s in found if getattr(s, given) is value]
    return share([getattr(s, event) for s in kept], [s.labelling for s in kept], seed)


def _shown(row: dict[str, Any]) -> str:
    return f"{row['hits']} of {row['of']}"


def _over_widths(seed: int, runs: int, count: Any) -> dict[str, Any]:
    return {
        f"{activation}, N = {parameters(width)}": count(solutions(activation, width, runs, seed))
        for activation in ACTIVATIONS
        for width in WIDTHS
    }


def _experiment(question: str, answer: str, counts: Any, claim: int, runs: int, seed: int) -> Any:
    command = (
        f"python -m hessrank.proofs.experiments.labellings {claim} --runs {runs} --seed {seed}"
    )
    return Experiment(question, f"Measured, all 14 labellings. {answer}", counts, seed, command)


def merging_and_deficiency(seed: int = 0, runs: int = RUNS) -> Experiment:
    """Claim 42: how often J is deficient at solutions that merge examples, and at others."""
    counts = _over_widths(
        seed,
        runs,
        lambda found: {
            "deficient among merged": _among(found, "deficient", "merged", True, seed),
            "deficient among others": _among(found, "deficient", "merged", False, seed),
        },
    )
    first = counts[f"relu, N = {parameters(WIDTHS[0])}"]
    answer = (
        f"relu, N = {parameters(WIDTHS[0])}: {_shown(first['deficient among merged'])} solutions "
        "that merge examples are deficient, "
        f"{_shown(first['deficient among others'])} of the others."
    )
    question = "How much more often are solutions rank-deficient where examples are merged?"
    return _experiment(question, answer, counts, 42, runs, seed)


def deficiency_and_merging(seed: int = 0, runs: int = RUNS, claim: int = 44) -> Experiment:
    """Claims 44 and 79: of the deficient solutions, how many merge examples."""
    counts = _over_widths(
        seed,
        runs,
        lambda found: {
            "merged among deficient": _among(found, "merged", "deficient", True, seed),
            "merged among full rank": _among(found, "merged", "deficient", False, seed),
        },
    )
    parts = []
    for activation in ACTIVATIONS:
        rows = [row for name, row in counts.items() if name.startswith(activation)]
        hits = sum(r["merged among deficient"]["hits"] for r in rows)
        of = sum(r["merged among deficient"]["of"] for r in rows)
        parts.append(f"{activation}: {hits} of {of} deficient solutions merge examples")
    question = "Do rank-deficient solutions merge examples?"
    return _experiment(question, "; ".join(parts) + ".", counts, claim, runs, seed)


def usually_merging(seed: int = 0, runs: int = RUNS) -> Experiment:
    """Claim 79: the same counts, relu beside tanh."""
    return deficiency_and_merging(seed, runs, 79)


def merging_and_breadth(seed: int = 0, runs: int = RUNS) -> Experiment:
    """Claim 70: the effective rank of H at solutions that merge examples, and at others."""

    def means(found: Sequence[Solution]) -> dict[str, Any]:
        groups = {
            name: [s.effective for s in found if s.merged is value]
            for name, value in (("merged", True), ("others", False))
        }
        return {
            name: {"solutions": len(v), "mean": round(float(np.mean(v)), 3) if v else None}
            for name, v in groups.items()
        }

    counts = _over_widths(seed, runs, means)
    first = counts[f"relu, N = {parameters(WIDTHS[0])}"]
    answer = (
        f"relu, N = {parameters(WIDTHS[0])}: mean effective rank {first['merged']['mean']} where "
        f"examples are merged, {first['others']['mean']} elsewhere (of 4; b = {SCALE:g})."
    )
    question = "Are basins broader (Σ λ/(λ + 1/b) smaller) where examples are merged?"
    return _experiment(question, answer, counts, 70, runs, seed)


def consistency(seed: int = 0, runs: int = RUNS) -> Experiment:
    """Claim 78: the spread of the outputs off the data over the solutions of one labelling."""

    def spread(found: Sequence[Solution]) -> dict[str, Any]:
        stds = []
        for number in range(len(LABELLINGS)):
            rows = np.array([s.elsewhere for s in found if s.labelling == number])
            if len(rows) > 2:
                stds.append(float(np.median(np.std(rows, axis=0))))
        shown = round(float(np.median(stds)), 3) if stds else None
        return {"labellings": len(stds), "median deviation": shown}

    counts = _over_widths(seed, runs, spread)
    parts = []
    for activation in ACTIVATIONS:
        rows = [row for name, row in counts.items() if name.startswith(activation)]
        shown = ", ".join(str(row["median deviation"]) for row in rows)
        parts.append(f"{activation}: {shown}")
    sizes = ", ".join(str(parameters(w)) for w in WIDTHS)
    answer = f"Median deviation off the data for N = {sizes}: {'; '.join(parts)}."
    question = "Do the outputs off the data become more consistent across runs as N grows?"
    return _experiment(question, answer, counts, 78, runs, seed)


def rank_and_flatness(seed: int = 0, runs: int = RUNS) -> Experiment:
    """Claim 39: the correlation of rank H with tr H and with the effective rank, at solutions."""

    def correlations(found: Sequence[Solution]) -> dict[str, Any]:
        ranks = np.array([s.rank for s in found], dtype=float)
        row: dict[str, Any] = {"solutions": len(found)}
        for name, values in (
            ("log tr H", np.log([s.trace for s in found])),
            ("effective rank", np.array([s.effective for s in found])),
        ):
            both = len(found) > 2 and np.std(ranks) > 0 and np.std(values) > 0
            row[name] = round(float(np.corrcoef(ranks, values)[0, 1]), 3) if both else None
        return row

    counts = _over_widths(seed, runs, correlations)
    first = counts[f"relu, N = {parameters(WIDTHS[0])}"]
    answer = (
        f"relu, N = {parameters(WIDTHS[0])}: rank H correlates with log tr H by "
        f"{first['log tr H']} and with the effective rank by "
        f"{first['effective rank']}; null where all ranks are equal."
    )
    question = "Is the rank of H correlated with the flatness of the basin?"
    return _experiment(question, answer, counts, 39, runs, seed)


EXPERIMENTS = {
    39: rank_and_flatness,
    42: merging_and_deficiency,
    44: deficiency_and_merging,
    70: merging_and_breadth,
    78: consistency,
    79: usually_merging,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the experiment for one of the claims and print its counts."""
    parser = argparse.ArgumentParser(description="All labellings of four examples.")
    parser.add_argument("claim", type=int, choices=sorted(EXPERIMENTS))
    parser.add_argument("--runs", type=int, default=60, help="trainings a labelling")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    found = EXPERIMENTS[chosen.claim](chosen.seed, chosen.runs)
    print(found.question)
    for name, row in found.counts.items():
        print(f"  {name}: " + ", ".join(f"{k} {v}" for k, v in row.items()))
    print(found.answer)


if __name__ == "__main__":
    main()
