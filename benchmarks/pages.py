"""How long the pages take: `hessrank derive` of a [2, 3, 1] tanh net on four examples to a PDF, and
`hessrank theory` with every claim and example. Whole processes; seconds of processor time.

    python benchmarks/pages.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SPEC = """title = "A [2, 3, 1] tanh net on four examples"
[model]
widths = [2, 3, 1]
activation = "tanh"
[data]
x = [[0, 0], [0, 1], [1, 0], [1, 1]]
y = [0, 1, 1, 0]
[loss]
kind = "mean-squared"
[point]
W1 = [[1, "1/2"], ["-1/2", 1], ["1/3", -1]]
b1 = [0, "1/2", "-1/4"]
W2 = [[1, -1, "1/2"]]
b2 = ["1/4"]
"""


def spent(command: list[str], folder: str) -> str:
    """Processor time and time of a whole process."""
    before, start = os.times(), time.perf_counter()
    subprocess.run([sys.executable, "-m", "hessrank", *command], cwd=folder, check=True)
    after, end = os.times(), time.perf_counter()
    used = after.children_user - before.children_user
    used += after.children_system - before.children_system
    return f"{used:.2f} s of processor time, {end - start:.2f} s"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "net.toml").write_text(SPEC)
        for _ in range(3):
            print("derive, PDF:", spent(["derive", "net.toml", "-o", "net.pdf"], folder))
        for ending in ("pdf", "html", "tex", "md"):
            print(f"theory, {ending}:", spent(["theory", "-o", f"t.{ending}"], folder))


if __name__ == "__main__":
    main()
