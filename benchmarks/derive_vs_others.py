"""Deriving J and H of a [3, 4, 4, 2] tanh net with biases (N = 46): hessrank, CasADi, SymEngine.

    python benchmarks/derive_vs_others.py [--with-sympy]

hessrank derives one example with symbolic θ, x, r and A by the rule of its layers: J, the residual
term and H = JᵀAJ + Σ r_m∇²F_m. The data go in afterwards, here by one evaluation of the derived
program in floating point over all examples at once. The others differentiate the half-squared loss
of the whole data set: CasADi with `jacobian` and `hessian` on its SX graphs, SymEngine with `diff`,
SymPy with `sympy.hessian` (minutes, hence the switch). `pip install casadi symengine`.
Best of three for all but SymPy.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from hessrank.symbolic.expressions.expression import Expr, evaluate, symbol
from hessrank.symbolic.expressions.substitution import Expressions
from hessrank.symbolic.models.layers import (
    Network,
    Objects,
    forward,
    jacobian,
    weighted_hessian,
)

NET = Network((3, 4, 4, 2), "tanh", bias=True)
K = NET.widths[-1]


def data(D: int) -> tuple[list[list[int]], list[list[int]]]:
    rng = random.Random(0)
    return (
        [[rng.randint(-9, 9) for _ in range(NET.widths[0])] for _ in range(D)],
        [[rng.randint(-9, 9) for _ in range(K)] for _ in range(D)],
    )


class Floats:
    """The ring of NumPy arrays of floats, one entry for each example."""

    number = staticmethod(float)
    power = staticmethod(lambda v, e: v ** float(e))
    function = staticmethod(lambda name, z: getattr(np, name)(z))


def _symbols(stem: str, *shape: int) -> np.ndarray[Any, Any]:
    names = [symbol(f"{stem}{'_'.join(str(i + 1) for i in at)}") for at in np.ndindex(*shape)]
    return np.array(names, dtype=object).reshape(shape)


def derive() -> tuple[list[Expr], list[Expr]]:
    """J (K·N entries) and the lower triangle of H of one example, as shared closed forms."""
    theta = np.array([symbol(n) for n in NET.parameters], dtype=object)
    run = forward(NET, theta, _symbols("x", 1, NET.widths[0]), Objects(Expressions()))
    J = jacobian(run)[0]
    AJ = _symbols("A", K, K) @ J
    rows, columns = np.tril_indices(NET.size)
    H = weighted_hessian(run, _symbols("r", 1, K))[rows, columns]
    for k in range(K):
        H = H + J[k, rows] * AJ[k, columns]
    return list(J.ravel()), list(H)


def ours(D: int) -> float:
    """Seconds to derive; independent of D by construction."""
    started = time.perf_counter()
    derive()
    return time.perf_counter() - started


def ours_with_data(D: int) -> float:
    """Seconds to derive and to evaluate J and H summed over D examples at a point."""
    x, y = (np.array(rows, dtype=float) for rows in data(D))
    started = time.perf_counter()
    J, H = derive()
    values: dict[str, Any] = {name: 0.1 * i for i, name in enumerate(NET.parameters)}
    values |= {f"x1_{j + 1}": x[:, j] for j in range(NET.widths[0])}
    values |= {f"r1_{k + 1}": -y[:, k] for k in range(K)}
    values |= {f"A{i + 1}_{j + 1}": float(i == j) for i in range(K) for j in range(K)}
    for entry in evaluate([*J, *H], Floats(), values)[len(J) :]:
        np.sum(entry)
    return time.perf_counter() - started


def _outputs(theta: list[Any], x: list[int], tanh: Callable[[Any], Any]) -> list[Any]:
    """The network in any algebra that overloads + and *."""
    a: list[Any] = list(x)
    for l, block in enumerate(NET.blocks, 1):
        z = []
        for row in block:
            total = theta[row[-1]]
            for position, value in zip(row[:-1], a, strict=True):
                total = total + theta[position] * value
            z.append(total)
        a = [tanh(v) for v in z] if l < NET.depth else z
    return a


def _half_squared(F: list[list[Any]], y: list[list[int]]) -> Any:
    pairs = zip((o for os in F for o in os), (t for ts in y for t in ts), strict=True)
    return sum((o - t) ** 2 for o, t in pairs) / 2


def casadi_seconds(D: int) -> float:
    import casadi

    x, y = data(D)
    started = time.perf_counter()
    vector = casadi.SX.sym("t", NET.size)
    theta = [vector[i] for i in range(NET.size)]
    F = [_outputs(theta, row, casadi.tanh) for row in x]
    loss = _half_squared(F, y)
    casadi.jacobian(casadi.vertcat(*(o for os in F for o in os)), vector)
    casadi.hessian(loss, vector)
    return time.perf_counter() - started


def symengine_seconds(D: int) -> float:
    import symengine

    x, y = data(D)
    started = time.perf_counter()
    theta = list(symengine.symbols(" ".join(NET.parameters)))
    F = [_outputs(theta, row, symengine.tanh) for row in x]
    loss = _half_squared(F, y)
    for output in (o for os in F for o in os):
        for t in theta:
            output.diff(t)
    gradient = [loss.diff(t) for t in theta]
    for i, g in enumerate(gradient):
        for t in theta[: i + 1]:
            g.diff(t)
    return time.perf_counter() - started


def sympy_seconds(D: int) -> float:
    import sympy

    x, y = data(D)
    started = time.perf_counter()
    theta = list(sympy.symbols(NET.parameters))
    F = [_outputs(theta, row, sympy.tanh) for row in x]
    loss = _half_squared(F, y)
    sympy.hessian(loss, theta)
    return time.perf_counter() - started


def main(with_sympy: bool) -> None:
    best = {D: min(ours(D) for _ in range(3)) for D in (8, 1000)}
    print(f"hessrank   derive J and H          {best[8]:9.4f} s")
    print(f"hessrank   the same, 1000 examples {best[1000]:9.4f} s  {best[1000] / best[8]:8.2f} ×")
    for D in (8, 1000):
        seconds = min(ours_with_data(D) for _ in range(3))
        print(f"hessrank   and put {D:>4} examples in {seconds:8.4f} s  {seconds / best[8]:8.2f} ×")
    others = [("CasADi", casadi_seconds, 3), ("SymEngine", symengine_seconds, 3)]
    if with_sympy:
        others.append(("SymPy", sympy_seconds, 1))
    for name, measure, times in others:
        if find_spec(name.lower()) is None:
            print(f"{name:10} is missing: pip install 'hessrank[bench]'")
            continue
        seconds = min(measure(8) for _ in range(times))
        print(f"{name:10} 8 examples              {seconds:9.4f} s  {seconds / best[8]:8.1f} ×")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory of this process: {peak:.2f} GB")


if __name__ == "__main__":
    main("--with-sympy" in sys.argv[1:])
