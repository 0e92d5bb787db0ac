"""Seconds for all critical points of the acceptance cases: linear and square nets of few weights.

    python benchmarks/critical_points.py

Prints a row a case: processor seconds, components, whether the list is complete, and what becomes
of claim 26 (rank H = rank J at every local minimum).
"""

from __future__ import annotations

import time

import hessrank as hr

X1, X2, Y = [1, 2, -1, 3], [[1, 0], [1, 2], [-1, 1], [2, 3]], [1, 3, 2, -1]
CASES = [
    (widths, activation, examples)
    for widths in ((1, 1, 1), (1, 2, 1), (1, 1, 1, 1), (2, 2, 1))
    for activation in ("identity", "square")
    for examples in (1, 2, 3, 4)
    if not (widths == (2, 2, 1) and activation == "square" and examples == 4)
]


def main() -> None:
    for widths, activation, examples in CASES:
        x = [[v] for v in X1] if widths[0] == 1 else X2
        model = hr.mlp(list(widths), activation, bias=False)
        problem = hr.Problem(model, hr.Data(x[:examples], [[v] for v in Y[:examples]]))
        began = time.process_time()
        found = hr.critical_points(problem, seconds=120)
        spent = time.process_time() - began
        print(
            f"{activation:9} {list(widths)!s:13} D = {examples}  {spent:6.2f} s "
            f"{len(found.components):3} components  complete: {found.complete}  "
            f"claim 26: {found.claim_26[0]}",
            flush=True,
        )


if __name__ == "__main__":
    main()
