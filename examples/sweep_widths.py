"""How often does training end where J is rank-deficient? A grid of nets, each run certified.

XOR from a few seeds for two widths and two activations; ranks are counted where an exact point is
certified. `hessrank sweep examples/widths.toml --plot deficits.svg` is the larger grid of the docs.

    python examples/sweep_widths.py
"""

import tempfile
from pathlib import Path

import hessrank as hr

xor = {"id": "xor", "x": [[0, 0], [0, 1], [1, 0], [1, 1]], "y": [0, 1, 1, 0]}
grid = {
    "widths": [[2, 2, 1], [2, 4, 1]], "activations": ["tanh", "relu"], "seeds": 4, "data": [xor]
}  # fmt: skip
with tempfile.TemporaryDirectory() as folder:
    done = hr.sweep(grid, into=Path(folder) / "runs.sqlite")
    for f in done.frequencies():
        _, _, activation, widths = f.setting
        low, high = f.share
        print(
            f"{activation:5} {widths:6} N = {f.parameters:2}: {f.certified} of {f.runs} certified, "
            f"rank J deficient in {f.deficient} of {f.decided} ({low:.2f}..{high:.2f}), "
            f"rank H ≠ rank J in {f.unequal}"
        )
