"""How much of a Gaussian prior two basins hold, by sampling: an illustration of claim 52.

In: a seed and a number of samples. Out: an `Experiment` with counts, Wilson intervals and, beside
them, the exact masses. The first basin, ½·100·x² < ε, has a flat direction; the second,
½(x² + y²) < ε, has none. Under N(0, I) they hold erf(√(ε/100)) and 1 − exp(−ε) of the prior.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import flint
import numpy as np
from flint import arb, fmpq

from hessrank.proofs.experiments.intervals import wilson
from hessrank.proofs.reasoning.claim import Experiment

STEEPNESS = 100
LEVELS = (Fraction(1), Fraction(1, 10), Fraction(1, 1000))
RUNS = 200_000


def exact_masses(epsilon: Fraction) -> tuple[arb, arb]:
    """P(50x² < ε) = erf(√(ε/100)) and P((x² + y²)/2 < ε) = 1 − exp(−ε), as balls."""
    with flint.ctx.workprec(96):
        e = arb(fmpq(epsilon.numerator, epsilon.denominator))
        return (e / STEEPNESS).sqrt().erf(), 1 - (-e).exp()


def prior_masses(seed: int = 0, runs: int = RUNS) -> Experiment:
    """Sample the prior and count what falls into each basin, at three levels ε."""
    theta = np.random.default_rng(seed).normal(size=(runs, 2))
    line = STEEPNESS * theta[:, 0] ** 2 / 2
    bowl = (theta**2).sum(axis=1) / 2
    counts: dict[str, Any] = {}
    order = []
    for epsilon in LEVELS:
        for name, loss, exact in zip(
            ("line", "bowl"), (line, bowl), exact_masses(epsilon), strict=True
        ):
            hits = int(np.sum(loss < float(epsilon)))
            counts[f"{name}, ε = {epsilon}"] = {
                "inside": hits,
                "of": runs,
                "share": [round(v, 5) for v in wilson(hits, runs)],
                "exact": exact.str(6, radius=False),
            }
        inside = [counts[f"{name}, ε = {epsilon}"]["share"] for name in ("line", "bowl")]
        more = (
            "the bowl"
            if inside[0][1] < inside[1][0]
            else "the line"
            if inside[1][1] < inside[0][0]
            else "neither clearly"
        )
        order.append(f"at ε = {epsilon} {more}")
    return Experiment(
        "Which holds more of the prior N(0, I): a steep valley with a flat direction or a bowl?",
        f"Measured. {'; '.join(order)} holds more.",
        counts,
        seed,
        f"hessrank experiment priors --runs {runs} --seed {seed}",
    )
