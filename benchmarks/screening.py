"""How many classes (x, θ) a second are screened: is J of full rank?

Prints, for networks of up to 8 parameters, classes a second of processor time on one thread: for
the exact screening (`proofs.searching.screening`), for the same loop in float64 (NumPy: J by hand,
`numpy.linalg.matrix_rank` of the batch), and in SymPy (J by hand, `Matrix.rank`, exactly).

    OMP_NUM_THREADS=1 python benchmarks/screening.py [SECONDS]
"""

from __future__ import annotations

import sys
import time

import numpy as np
import sympy

from hessrank.proofs.searching.classes import Batch, Classes
from hessrank.proofs.searching.grammar import Cell
from hessrank.proofs.searching.screening import Screen
from hessrank.symbolic.models.models import mlp

#: widths, activation, biases, D: N = 4, 6, 8.
ROWS = (
    ((1, 2, 1), "tanh", False, 3),
    ((2, 2, 1), "tanh", False, 4),
    ((2, 2, 1), "square", False, 4),
    ((3, 2, 1), "tanh", False, 4),
    ((1, 4, 1), "sigmoid", False, 4),
    ((3, 2, 1), "relu", False, 4),
)


def rows_of(classes: Classes, count: int) -> Batch:
    """`count` classes, the batches of the cell over and over."""
    theta, x, have = [], [], 0
    while have < count:
        for batch in classes.batches():
            theta.append(batch.theta)
            x.append(batch.x)
            have += len(batch)
            if have >= count:
                break
    return Batch(np.concatenate(theta)[:count], np.concatenate(x)[:count], 0)


def numbers(classes: Classes, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """θ and x as floats."""
    values = [
        np.array([float(l.value.to_sympy().evalf(20)) for l in letters])[batch.theta[:, p]]
        for p, letters in enumerate(classes.letters)
    ]
    return np.array(values).T, Screen(classes).x[batch.x]


FLOATS = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (
        lambda z: 1 / (1 + np.exp(-z)),
        lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
    ),
    "square": (lambda z: z**2, lambda z: 2 * z),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
}


def float_ranks(kind: str, h: int, theta: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Ranks of J in float64: one hidden layer without biases."""
    n = x.shape[2]
    w, a = theta[:, : h * n].reshape(-1, h, n), theta[:, h * n :]
    value, slope = FLOATS[kind]
    z = np.einsum("bdn,bhn->bdh", x, w)
    inner = (slope(z) * a[:, None])[..., None] * x[:, :, None]
    J = np.concatenate([inner.reshape(len(z), x.shape[1], -1), value(z)], axis=2)
    return np.linalg.matrix_rank(J)


def sympy_rank(kind: str, h: int, theta: list, x: list) -> int:
    """The rank of one J in SymPy, exactly."""
    n = len(x[0])
    z = sympy.Symbol("z")
    forms = {
        "tanh": 1 - 2 / (sympy.exp(2 * z) + 1),
        "sigmoid": 1 / (1 + sympy.exp(-z)),
        "square": z**2,
        "relu": sympy.Max(0, z),
    }
    value = forms[kind]
    slope = sympy.Heaviside(z, 0) if kind == "relu" else sympy.diff(value, z)
    rows = []
    for row in x:
        zs = [sum(theta[i * n + j] * row[j] for j in range(n)) for i in range(h)]
        first = [
            sympy.simplify(slope.subs(z, s)) * theta[h * n + i] * v
            for i, s in enumerate(zs)
            for v in row
        ]
        rows.append(first + [sympy.simplify(value.subs(z, s)) for s in zs])
    return int(sympy.Matrix(rows).rank())


def main(seconds: float) -> None:
    head = ("network", "N", "D", "exact, 1/s", "float64, 1/s", "SymPy, 1/s")
    print("{:24} {:>2} {:>2} {:>12} {:>13} {:>11}".format(*head))
    for widths, kind, bias, D in ROWS:
        classes = Classes(Cell(mlp(widths, kind, bias), D))
        screen = Screen.of(classes)
        assert screen is not None
        batch = rows_of(classes, 1 << 13)
        done, start = 0, time.process_time()
        while time.process_time() - start < seconds:
            screen(batch)
            done += len(batch)
        exact = done / (time.process_time() - start)
        h = widths[1]
        theta, x = numbers(classes, batch)
        done, start = 0, time.process_time()
        while time.process_time() - start < seconds:
            ranks = float_ranks(kind, h, theta, x)
            done += len(batch)
        floats = done / (time.process_time() - start)
        found = screen(batch)
        agree = (ranks[~found.kink] == min(D, theta.shape[1])) == found.full[~found.kink]
        done, start = 0, time.process_time()
        while time.process_time() - start < seconds:
            rows, point = classes.one(batch.theta[done], int(batch.x[done]))
            numbers_x = [[sympy.Integer(str(v)) for v in row] for row in rows]
            values = [v.to_sympy() for v in point.values()]
            sympy_rank(kind, h, values, numbers_x)
            done += 1
        slow = done / (time.process_time() - start)
        name = f"{kind} {list(widths)}"
        print(
            f"{name:24} {theta.shape[1]:2} {D:2} {exact:12,.0f} {floats:13,.0f} {slow:11,.1f}"
            f"   float64 agrees on {agree.mean():.4f}"
        )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0)
