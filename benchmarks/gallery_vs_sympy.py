"""The whole gallery against one Hessian in SymPy.

Times the processes `hessrank verify --no-claims` (start included, every entry decided and measured)
and `hessrank verify` (every claim settled too) and, in the same run, `sympy.hessian` of the summed
loss of one tanh net [3, 4, 4, 2] on 8 examples (46 parameters), which takes minutes. Prints all
and the ratios.

usage: python benchmarks/gallery_vs_sympy.py
"""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise, product
from pathlib import Path

import sympy

WIDTHS = (3, 4, 4, 2)


def verify_seconds(*options: str) -> float:
    """Wall-clock time of the command, output discarded."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "hessrank", "verify", "--json", *options],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=Path(__file__).parent,
    )
    return time.perf_counter() - start


def sympy_seconds() -> float:
    """Time of sympy.hessian alone; building the loss is not counted."""
    theta: list[sympy.Symbol] = []

    def parameter(name: str) -> sympy.Symbol:
        theta.append(sympy.Symbol(name, real=True))
        return theta[-1]

    layers = []
    for l, (m, n) in enumerate(pairwise(WIDTHS), 1):
        W = sympy.Matrix(n, m, lambda i, j, l=l: parameter(f"w{l}_{i + 1}_{j + 1}"))
        layers.append((W, sympy.Matrix(n, 1, lambda i, _, l=l: parameter(f"b{l}_{i + 1}"))))
    loss = sympy.Integer(0)
    for x in product((0, 1), repeat=3):
        a = sympy.Matrix(x)
        for l, (W, b) in enumerate(layers, 1):
            z = W * a + b
            a = z.applyfunc(sympy.tanh) if l < len(layers) else z
        y = sympy.Matrix([sum(x) % 2, x[0] * x[1]])
        loss += sum((a - y).applyfunc(lambda e: e**2)) / 2
    assert len(theta) == 46
    start = time.perf_counter()
    sympy.hessian(loss, theta)
    return time.perf_counter() - start


def main() -> None:
    gallery, everything = verify_seconds("--no-claims"), verify_seconds()
    print(f"hessrank verify --no-claims, the gallery:  {gallery:8.2f} s", flush=True)
    print(f"hessrank verify, and every claim:          {everything:8.2f} s", flush=True)
    theirs = sympy_seconds()
    print(f"sympy.hessian, one tanh net with N = 46:   {theirs:8.2f} s")
    print(f"ratios: {theirs / gallery:.1f} and {theirs / everything:.1f}")


if __name__ == "__main__":
    main()
