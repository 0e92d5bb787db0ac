"""Exact ranks against numpy.linalg.matrix_rank on the same integer matrix, side by side.

    python benchmarks/rank_vs_numpy.py [--sizes 50,100,200] [--repeat 5]

Families: entries uniform in -99..99, square n x n and tall 2n x n/2, of full rank; and products of
two such factors, of half that rank. The exact rank is proved where it is full, and elsewhere wrong
with probability below 2^-100 (docs/ranks.md). Times are the least of several runs, taken in turn;
the peak is that of the whole process so far, so sizes should grow.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from hessrank.symbolic.ranks.rational_rank import rational_rank

SIZES = (50, 100, 200, 500, 1000, 2000, 4000)


def families(n: int, seed: int = 0) -> dict[str, np.ndarray]:
    """The four test matrices of size n."""
    rng = np.random.default_rng(seed)

    def uniform(m: int, k: int) -> np.ndarray:
        return rng.integers(-99, 100, (m, k))

    return {
        "square, full": uniform(n, n),
        "square, half": uniform(n, n // 2) @ uniform(n // 2, n),
        "tall, full": uniform(2 * n, n // 2),
        "tall, half": uniform(2 * n, n // 4) @ uniform(n // 4, n // 2),
    }


def timed(f: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and the value."""
    start = time.perf_counter()
    value = f()
    return time.perf_counter() - start, value


def main() -> None:
    """Print one line a matrix."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--repeat", type=int, default=5, help="runs of each; fewer for large n")
    options = parser.parse_args()
    print(f"{'n':>5} {'matrix':<13} {'numpy s':>10} {'exact s':>10} {'ratio':>6}  "
          f"{'rank':>5} {'status':<13} {'log2 odds':>9} {'peak MB':>8}")  # fmt: skip
    for n in map(int, options.sizes.split(",")):
        repeat = 1 if n >= 2000 else options.repeat * (20 if n <= 200 else 1)
        for name, A in families(n).items():
            guesses, exacts = [], []
            for _ in range(repeat):
                seconds, guess = timed(lambda A=A: np.linalg.matrix_rank(A))
                guesses.append(seconds)
                seconds, exact = timed(lambda A=A: rational_rank(A, certify=False))
                exacts.append(seconds)
            if int(exact) != guess:
                print(f"NumPy says {guess}, exactly it is {int(exact)}")
            odds = "" if exact.failure_log2 is None else f"{exact.failure_log2:.1f}"
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{n:>5} {name:<13} {min(guesses):>10.5f} {min(exacts):>10.5f} "
                  f"{min(exacts) / min(guesses):>6.2f}  {int(exact):>5} {exact.status:<13} "
                  f"{odds:>9} {peak:>8.0f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
