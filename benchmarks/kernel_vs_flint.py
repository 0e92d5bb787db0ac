"""Certified ranks by a lifted kernel against python-flint's fmpz_mat.nullspace, side by side.

    python benchmarks/kernel_vs_flint.py [--sizes 50,100,200,300]

The matrix is a product of n x n/2 and n/2 x n factors with entries uniform in -99..99. Ours starts
from the NumPy array and ends with a certified RankResult and its kernel basis in Python integers;
theirs starts from an fmpz_mat (the conversion is not counted) and ends with one. The peak is
that of the whole process so far.
"""

from __future__ import annotations

import argparse
import resource
import time

import flint
import numpy as np

from hessrank.symbolic.ranks.rational_rank import rational_rank


def main() -> None:
    """Print one line a size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="50,100,200,300")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    print(f"{'n':>5} {'flint s':>9} {'ours s':>9} {'ratio':>6}  {'nullity':>7} {'peak MB':>8}")
    for n in map(int, options.sizes.split(",")):
        rng = np.random.default_rng(n)
        A = rng.integers(-99, 100, (n, n // 2)) @ rng.integers(-99, 100, (n // 2, n))
        theirs, ours = [], []
        M = flint.fmpz_mat(A.tolist())
        for _ in range(options.repeat):
            start = time.perf_counter()
            _, nullity = M.nullspace()
            theirs.append(time.perf_counter() - start)
            start = time.perf_counter()
            result = rational_rank(A, certify=True)
            ours.append(time.perf_counter() - start)
        if result.status != "certified" or int(result) != n - nullity:
            raise SystemExit(f"disagreement: {result!r} and nullity {nullity}")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{n:>5} {min(theirs):>9.4f} {min(ours):>9.4f} {min(ours) / min(theirs):>6.2f}  "
              f"{nullity:>7} {peak:>8.0f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
