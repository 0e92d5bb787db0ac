"""Linear relations between outputs that hold for every θ near the point, not only at it.

In: a problem and values over a box. Out: `Rows`: examples that stand for all others. B says how:
F_k = B·F_k[kept] identically near θ, for each output k, B rational. So a fit needs the kept
equations alone (where the targets obey the same relations), and rank J is at most K·|kept|.

- Examples with equal inputs have equal outputs (any model).
- A network whose activations are linear on the pieces where it lies (identity, relu, leaky relu)
  is F_k(x) = φ(x)·p_k(θ): φ holds, for each path from an input or a bias to the last hidden
  layer, the input times the slopes on the way. The slopes are constant near θ, so that relations
  between the φ(x_d), which are rational, are relations between the outputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import arb, fmpq, fmpq_mat

from hessrank.proofs.existence.boxes import Array, Values
from hessrank.symbolic.expressions.differentiation import differentiate
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.problems.landscape import Problem

#: Networks with more paths than this are left without their relations.
MAX_PATHS = 4000


@dataclass(frozen=True)
class Rows:
    """kept: examples that stand for all; B: (D, |kept|) rational, as rows; why: the reason."""

    kept: tuple[int, ...]
    B: tuple[tuple[Fraction, ...], ...]
    why: str

    @property
    def trivial(self) -> bool:
        return len(self.kept) == len(self.B)

    def obeyed_by(self, y: tuple[tuple[Expr, ...], ...]) -> bool:
        """Whether targets obey the relations exactly."""
        for row, target in zip(self.B, y, strict=True):
            if sum(v != 0 for v in row) == 1 and 1 in row:
                if target != y[self.kept[row.index(Fraction(1))]]:
                    return False
                continue
            parts = [(b, y[i]) for b, i in zip(row, self.kept, strict=True) if b]
            if not all(t.is_number for t in target):
                return False
            for k, t in enumerate(target):
                if not all(ys[k].is_number for _, ys in parts):
                    return False
                if t.value != sum((b * ys[k].value for b, ys in parts), Fraction(0)):
                    return False
        return True


def repeated(problem: Problem) -> Rows:
    """The relations between examples with equal inputs."""
    first: dict[tuple[Expr, ...], int] = {}
    owner = [first.setdefault(x, d) for d, x in enumerate(problem.data.x)]
    kept = tuple(sorted(set(owner)))
    B = tuple(tuple(Fraction(int(i == o)) for i in kept) for o in owner)
    return Rows(kept, B, "examples with equal inputs have equal outputs")


def rows_near(problem: Problem, values: Values) -> Rows:
    """The relations that are known near θ, over the box of `values`."""
    plain = repeated(problem)
    phi = path_matrix(problem, values)
    if phi is None:
        return plain
    reduced, rank = phi.transpose().rref()  # columns are examples
    if rank >= len(plain.kept):
        return plain
    table = reduced.tolist()
    kept = tuple(next(j for j, v in enumerate(row) if v != 0) for row in table[:rank])
    B = tuple(tuple(_fraction(table[i][d]) for i in range(rank)) for d in range(phi.nrows()))
    return Rows(kept, B, "on its linear piece the network's outputs obey linear relations")


def slopes(problem: Problem, values: Values) -> list[list[list[Fraction]]] | None:
    """For each hidden layer, example and unit the slope of the piece; None for curved networks
    and inputs that are not rational."""
    net = problem.model.network
    if net is None or not activation(net.activation).is_piecewise_linear:
        return None
    if not all(v.is_number for row in problem.data.x for v in row):
        return None
    pieces = activation(net.activation).pieces
    assert pieces is not None
    below, above = (differentiate(piece, "z").value for piece in pieces)
    middle = fmpq((below + above).numerator, 2 * (below + above).denominator)
    sign = 1 if above > below else -1
    return [
        [[above if sign * (v - middle) > 0 else below for v in row] for row in layer]
        for layer in values.run.run.slopes
    ]


def path_matrix(problem: Problem, values: Values) -> fmpq_mat | None:
    """φ, one row an example, over the paths to the last hidden layer and the output's bias."""
    pieces = slopes(problem, values)
    if pieces is None or not len(problem.data):
        return None
    net = problem.model.network
    assert net is not None
    paths = net.widths[0] + int(net.bias)
    for n in net.widths[1:-1]:
        paths = paths * n + int(net.bias)
    if paths > MAX_PATHS:
        return None
    table = []
    for d, x in enumerate(problem.data.x):
        row = [v.value for v in x] + [Fraction(1)] * net.bias
        for layer in pieces:
            row = [s * v for s in layer[d] for v in row] + [Fraction(1)] * net.bias
        table.append([fmpq(v.numerator, v.denominator) for v in row])
    return fmpq_mat(table)


def reduced_residual(r: Array, rows: Rows, K: int) -> Array:
    """(B ⊗ I)ᵀ r as an array: Jᵀr = J[kept]ᵀ(Bᵀr)."""
    table = np.array(r, dtype=object).reshape(-1, K)
    return np.array(
        [
            sum(
                (
                    table[d, k] * fmpq(b[i].numerator, b[i].denominator)
                    for d, b in enumerate(rows.B)
                    if b[i]
                ),
                arb(0),
            )
            for i in range(len(rows.kept))
            for k in range(K)
        ],
        dtype=object,
    )


def _fraction(q: fmpq) -> Fraction:
    return Fraction(int(q.p), int(q.q))
