"""How frequent are local minima with residual? The empirical half of claim 28.

In: a seed and how many runs. Out: an `Experiment`: what descent ends in, with Wilson intervals. All
of it is floating point and labelled so.

Nets [1, h, 1] with tanh and biases are drawn at random, with inputs; labels are the outputs of
another such net and noise of variance `NOISE`². They descend on ½|F − y|² by Newton steps with the
absolute values of the Hessian's eigenvalues, each kept where the loss does not rise. A run ends as

- perfect fit: the largest error is below `FITTED`;
- minimum with residual: the gradient is below `STILL`, the error above `RESIDUAL`, and the least
  eigenvalue of the Hessian above `FLAT` times the largest;
- saddle: as before, but with an eigenvalue below −`FLAT` times the largest;
- escaping: a weight above `FAR`, where tanh saturates and a plateau looks like a minimum;
- flat: the rest of those with a small gradient: perhaps a degenerate minimum;
- unfinished: anything else.

    python -m hessrank.proofs.experiments.minima_frequency --runs 2000 --seed 0
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from hessrank.proofs.experiments.sweep import FITTED, Array, wilson
from hessrank.proofs.reasoning.claim import Experiment

STILL, FLAT, RESIDUAL, FAR, NOISE = 1e-9, 1e-6, 1e-3, 20.0, 0.3
STEP, DESCENT = 1e-5, 200
#: (hidden units h, examples D): N = 3h + 1 parameters, M = D outputs.
SETTINGS = ((1, 4), (2, 6), (1, 8), (2, 14))
KINDS = ("perfect fit", "minimum with residual", "saddle", "escaping", "flat", "unfinished")
#: Runs a setting where no number is asked for.
RUNS = 60


def run(theta: Array, x: Array) -> tuple[Array, Array]:
    """(F, J), (R, D) and (R, D, N), for θ = (w, b, v, c): f(x) = Σ v_i tanh(w_i x + b_i) + c."""
    h = (theta.shape[1] - 1) // 3
    w, b, v, c = np.split(theta, [h, 2 * h, 3 * h], axis=1)
    a = np.tanh(w[:, None, :] * x[:, :, None] + b[:, None, :])
    delta = (1.0 - a * a) * v[:, None, :]
    ones = np.ones((*x.shape, 1))
    F = np.einsum("rdh,rh->rd", a, v) + c
    return F, np.concatenate([delta * x[:, :, None], delta, a, ones], axis=2)


def gradient(theta: Array, x: Array, y: Array) -> Array:
    """Jᵀ(F − y), (R, N)."""
    F, J = run(theta, x)
    return np.einsum("rd,rdn->rn", F - y, J)


def hessian(theta: Array, x: Array, y: Array) -> Array:
    """∇²½|F − y|², (R, N, N), by central differences of the gradient."""
    columns = [
        (gradient(theta + step, x, y) - gradient(theta - step, x, y)) / (2 * STEP)
        for step in STEP * np.eye(theta.shape[1])
    ]
    H = np.stack(columns, axis=2)
    symmetric: Array = (H + H.transpose(0, 2, 1)) / 2
    return symmetric


def descended(theta: Array, x: Array, y: Array) -> Array:
    """DESCENT damped Newton steps with |H|."""
    damping = np.full(len(theta), 1.0)
    loss = np.sum((run(theta, x)[0] - y) ** 2, axis=1)
    for _ in range(DESCENT):
        values, vectors = np.linalg.eigh(hessian(theta, x, y))
        g = gradient(theta, x, y)
        along = np.einsum("rij,ri->rj", vectors, g) / (np.abs(values) + damping[:, None])
        tried = theta - np.einsum("rij,rj->ri", vectors, along)
        reached = np.sum((run(tried, x)[0] - y) ** 2, axis=1)
        good = reached <= loss
        theta = np.where(good[:, None], tried, theta)
        loss = np.where(good, reached, loss)
        damping = np.clip(np.where(good, damping / 4, damping * 4), 1e-10, 1e4)
    return theta


def kinds(theta: Array, x: Array, y: Array) -> list[str]:
    """What each run ended as, one of KINDS."""
    error = np.max(np.abs(run(theta, x)[0] - y), axis=1)
    still = np.max(np.abs(gradient(theta, x, y)), axis=1) < STILL
    values = np.linalg.eigvalsh(hessian(theta, x, y))
    least = values[:, 0] / values[:, -1]
    far = np.max(np.abs(theta), axis=1) > FAR
    found = []
    for e, s, f, ratio in zip(error, still, far, least, strict=True):
        if e < FITTED:
            found.append("perfect fit")
        elif f:
            found.append("escaping")
        elif not s or e <= RESIDUAL:
            found.append("unfinished")
        elif ratio > FLAT:
            found.append("minimum with residual")
        else:
            found.append("saddle" if ratio < -FLAT else "flat")
    return found


def residual_minima(seed: int = 0, runs: int = RUNS) -> Experiment:
    """Claim 28: how often descent on a random tiny net ends in a local minimum with r ≠ 0."""
    counts: dict[str, Any] = {}
    parts = []
    for h, D in SETTINGS:
        rng = np.random.default_rng([seed, h, D])
        N = 3 * h + 1
        x, noise = rng.normal(size=(2, runs, D))
        y = run(rng.normal(size=(runs, N)), x)[0] + NOISE * noise
        theta = descended(rng.normal(size=(runs, N)), x, y)
        tally = Counter(kinds(theta, x, y))
        hits = tally["minimum with residual"]
        share = [round(v, 3) for v in wilson(hits, runs)]
        counts[f"N = {N}, M = {D}"] = {
            **{kind: tally[kind] for kind in KINDS},
            "of": runs,
            "share": share,
        }
        away = tally["escaping"]
        parts.append(
            f"N = {N}, M = {D}: {hits} of {runs} ({share[0]} to {share[1]}), {away} escape"
        )
    return Experiment(
        "How often does descent on a random tiny regression net end in a local minimum with r ≠ 0?",
        f"Measured, strict minima alone, 95 % intervals. {'; '.join(parts)}.",
        counts,
        seed,
        f"python -m hessrank.proofs.experiments.minima_frequency --runs {runs} --seed {seed}",
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the experiment and print its counts."""
    parser = argparse.ArgumentParser(description="How frequent are local minima with residual?")
    parser.add_argument("--runs", type=int, default=2000, help="runs a setting")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    found = residual_minima(chosen.seed, chosen.runs)
    print(found.question)
    for name, row in found.counts.items():
        print(f"  {name}: " + ", ".join(f"{k} {v}" for k, v in row.items()))
    print(found.answer)


if __name__ == "__main__":
    main()
