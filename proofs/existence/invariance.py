"""Vector fields along which L does not change near θ, each with its reason.

In: a problem, and values over a box. Out: `Generator`s v(θ), balls over the box, with ∇L·v = 0
identically near θ. So v(θ) lies in ker H at a critical point, and in ker J where F itself does not
change (`keeps_outputs`). At a critical point they are kernel vectors of H that nobody has to
compute; off it they say which equations of ∇L = 0 follow from the others (docs/points.md).

Of a network without fixed parameters and without a regulariser:

- rescaling of the units of a homogeneous activation (T8);
- the gauge GL of the hidden layers of a deep linear net;
- the null space of what enters a layer, where its dimension is constant near θ (T6), for relu
  unit by unit over the examples on which it is alive;
- for one hidden layer, one output and an activation that is linear on pieces, F = Φ·p(θ) with a
  constant Φ: directions along which p stays in ker Φ;
- for softmax, one row added to all rows of the last layer: L stays, F does not.

With c·Σθ² as regulariser the rotations among the gauge remain. Of tied networks those that the tie
leaves: `tied_symmetries`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import arb, arb_mat, fmpq

from hessrank.proofs.existence.boxes import Array, Values, array, middle, product
from hessrank.proofs.existence.krawczyk import nonsingular, pivot_columns, pivots
from hessrank.proofs.existence.relations import repeated, slopes
from hessrank.proofs.existence.tied_symmetries import rescalings, shifts
from hessrank.symbolic.expressions.differentiation import gradient
from hessrank.symbolic.expressions.expression import Expr, symbol
from hessrank.symbolic.linear_algebra.elimination import null_vectors
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.layers import Network
from hessrank.symbolic.problems.landscape import Problem

SOFTMAX = "softmax-cross-entropy"
SCALING = "the rescaling of hidden units (T8)"
SHIFTS = "softmax ignores what all logits share"
GAUGE, ROTATIONS = "the linear gauge of hidden layers", "rotations of the hidden layers"


@dataclass(frozen=True)
class Generator:
    """v over the free parameters, as a ball for each."""

    words: str
    vector: tuple[arb, ...]
    keeps_outputs: bool = True


@dataclass(frozen=True)
class Symmetry:
    """Which of the generators are taken (by place), and the coordinates that they move freely:
    the restriction of `chosen` to `coordinates` is square. Both are suggestions from floats;
    `certain` decides."""

    chosen: tuple[int, ...]
    coordinates: tuple[int, ...]

    def certain(self, found: Sequence[Generator]) -> bool:
        """Whether the restriction is invertible on the whole box."""
        rows = [found[i].vector for i in self.chosen]
        return nonsingular(np.array([[v[j] for j in self.coordinates] for v in rows], dtype=object))


def symmetry(found: Sequence[Generator], N: int) -> Symmetry:
    """As many independent generators as floats show."""
    if not found:
        return Symmetry((), ())
    table = middle(np.array([g.vector for g in found], dtype=object))
    norms = np.linalg.norm(table, axis=1, keepdims=True)
    table = table / np.where(norms > 0, norms, 1.0)
    rows, columns = pivots(table, N, small=1e-7)
    return Symmetry(tuple(rows), tuple(columns))


def is_shrinking(regulariser: Expr | None, names: Sequence[str]) -> bool:
    """Whether the regulariser is c·Σθ²: its gradient is 2c·θ."""
    if regulariser is None:
        return False
    first = gradient(regulariser, names)
    point = {name: symbol(name) for name in names}
    c = None
    for g, name in zip(first, names, strict=True):
        if g.op == "symbol" and g.name == name:
            factor = Fraction(1)
        elif g.op == "mul" and g.args[0].is_number and g.args[1] is point[name]:
            factor = g.args[0].value
        else:
            return False
        if c is not None and factor != c:
            return False
        c = factor
    return True


def generators(
    problem: Problem, values: Values, kept: Callable[[int, Array], list[int]] | None = None
) -> list[Generator]:
    """The generators over the box of `values`, in an order that depends on the piece alone.

    kept: which columns span what enters a layer, by layer, where that was chosen before.
    """
    model, net = problem.model, problem.model.network
    if model.fixed or not len(problem.data):
        return []
    if model.tied is not None:
        return _tied(problem, values)
    if net is None:
        return []
    sigma = activation(net.activation)
    if problem.regulariser is not None:
        if sigma.is_linear and is_shrinking(problem.regulariser, model.parameters):
            return _gauge(net, values.theta, rotations=True)
        return []
    found: list[Generator] = []
    if net.depth > 1 and sigma.is_linear:
        found += _gauge(net, values.theta)
    elif net.depth > 1 and (k := sigma.homogeneity) is not None:
        found += _scaling(net, values.theta, k)
    found += _first_layer(problem, values)
    found += _silent_units(problem, values)
    found += _entering(problem, values, kept or spanning)
    found += _pieces(problem, values)
    if problem.loss.name == SOFTMAX:
        found += _shifts(net)
    return found


def _tied(problem: Problem, values: Values) -> list[Generator]:
    """What the tie leaves of rescaling, and of the shifts that softmax ignores."""
    tied = problem.model.tied
    if tied is None or problem.regulariser is not None:
        return []
    found = [Generator(SCALING, tuple(v)) for v in rescalings(tied, values.theta)]
    if problem.loss.name == SOFTMAX:
        found += [Generator(SHIFTS, tuple(v), keeps_outputs=False) for v in shifts(tied)]
    return found


def _vector(net: Network, entries: dict[int, arb]) -> tuple[arb, ...]:
    zero = arb(0)
    return tuple(entries.get(i, zero) for i in range(net.size))


def _scaling(net: Network, theta: Sequence[arb], k: int) -> list[Generator]:
    found = []
    for l in range(1, net.depth):
        for i, row in enumerate(net.blocks[l - 1]):
            moved = {int(p): theta[p] for p in row}
            moved |= {int(p): -k * theta[p] for p in net.blocks[l][:, i]}
            found.append(Generator(SCALING, _vector(net, moved)))
    return found


def _gauge(net: Network, theta: Sequence[arb], rotations: bool = False) -> list[Generator]:
    """E_ij: row i of W_l gains row j, column j of W_{l+1} loses column i; E_ij − E_ji rotates."""
    words = ROTATIONS if rotations else GAUGE
    found = []
    for l in range(1, net.depth):
        into, out = net.blocks[l - 1], net.blocks[l]
        n = len(into)
        for i in range(n):
            for j in range(n):
                if rotations and not i < j:
                    continue
                entries: dict[int, arb] = {}
                for a, b, sign in ((i, j, 1), (j, i, -1)) if rotations else ((i, j, 1),):
                    for to, source in zip(into[a], into[b], strict=True):
                        entries[int(to)] = sign * theta[source]
                    for row in out:
                        entries[int(row[b])] = -sign * theta[row[a]]
                found.append(Generator(words, _vector(net, entries)))
    return found


def _shifts(net: Network) -> list[Generator]:
    last = net.blocks[-1]
    return [
        Generator(SHIFTS, _vector(net, {int(p): arb(1) for p in column}), keeps_outputs=False)
        for column in last.T
    ]


def _inputs(problem: Problem) -> list[list[fmpq]] | None:
    """What enters the first layer, exactly, with the 1 of the bias; None where not rational."""
    net = problem.model.network
    assert net is not None
    if not all(v.is_number for row in problem.data.x for v in row):
        return None
    one = [fmpq(1)] * net.bias
    return [
        [fmpq(v.value.numerator, v.value.denominator) for v in row] + one for row in problem.data.x
    ]


def _first_layer(problem: Problem, values: Values) -> list[Generator]:
    """T6 for the first layer; for relu over the examples on which the unit is alive."""
    net, A = problem.model.network, _inputs(problem)
    assert net is not None
    if A is None:
        return []
    pieces = slopes(problem, values) if activation(net.activation).dies and net.depth > 1 else None
    found = []
    for i, row in enumerate(net.blocks[0]):
        seen = A if pieces is None else [a for d, a in enumerate(A) if pieces[0][d][i]]
        for c in null_vectors(seen, len(row)):
            moved = {int(p): arb(q) for p, q in zip(row, c, strict=True)}
            words = "the null space of the inputs on which a unit is alive (T6)"
            found.append(Generator(words, _vector(net, moved)))
    return found


def _silent_units(problem: Problem, values: Values) -> list[Generator]:
    """Relu units that are dead on all examples: no weight in or out of them does anything."""
    net = problem.model.network
    assert net is not None
    pieces = slopes(problem, values) if activation(net.activation).dies else None
    found = []
    for l, layer in enumerate(pieces or [], 1):
        for i in range(net.widths[l]):
            if not any(row[i] for row in layer):
                places = [*(net.blocks[l - 1][i] if l > 1 else ()), *net.blocks[l][:, i]]
                found += [Generator("dead units", _vector(net, {int(p): arb(1)})) for p in places]
    return found


def spanning(layer: int, A: Array) -> list[int]:
    """Columns that span what enters a layer, as floats suggest."""
    return pivot_columns(middle(A), len(A), small=1e-8)


def _entering(
    problem: Problem, values: Values, kept: Callable[[int, Array], list[int]]
) -> list[Generator]:
    """T6 for layers l ≥ 2: where d activations enter and the D distinct examples give rows that
    are independent, the null space has dimension d − D near θ."""
    net = problem.model.network
    assert net is not None
    if activation(net.activation).is_linear:
        return []
    distinct = list(repeated(problem).kept)
    found: list[Generator] = []
    for l in range(2, net.depth + 1):
        A = values.run.run.inputs[l - 1][distinct]
        D, d = A.shape
        if d <= D:
            continue
        columns = kept(l, A)
        if len(columns) < D:
            continue
        try:
            inverse = arb_mat(A[:, columns].tolist()).inv()
        except ZeroDivisionError:
            continue
        others = [j for j in range(d) if j not in columns]
        solved = product(array(inverse), A[:, others])
        for row in net.blocks[l - 1]:
            for t, j in enumerate(others):
                moved = {int(row[j]): arb(1)}
                moved |= {int(row[c]): -solved[s, t] for s, c in enumerate(columns)}
                found.append(
                    Generator("the null space of the activations (T6)", _vector(net, moved))
                )
    return found


def _pieces(problem: Problem, values: Values) -> list[Generator]:
    """One hidden layer, K = 1, linear on pieces: F(x_d) = Σ_i s_i(d)·a_i·(w_i, b_i)·(x_d, 1) + c
    is Φ·p with p = (a_i·(w_i, b_i), c). For Φ·q = 0, moving (w_i, b_i) by q_i/a_i and c by q_c
    keeps F."""
    net, A = problem.model.network, _inputs(problem)
    assert net is not None
    pieces = slopes(problem, values)
    if pieces is None or A is None or net.depth != 2 or net.widths[2] != 1:
        return []
    h, n = net.widths[1], len(A[0])
    phi = [
        [fmpq(s.numerator, s.denominator) * v for s in pieces[0][d] for v in A[d]]
        + [fmpq(1)] * net.bias
        for d in range(len(A))
    ]
    a = [values.theta[p] for p in net.blocks[1][0][:h]]
    found = []
    for q in null_vectors(phi, h * n + int(net.bias)):
        units = [i for i in range(h) if any(v != 0 for v in q[i * n : i * n + n])]
        if len(units) < 2 and not (net.bias and q[-1] != 0):
            continue  # the first layer's own
        if not all(a[i] > 0 or a[i] < 0 for i in units):
            continue
        moved = {
            int(p): v / a[i]
            for i in units
            for p, v in zip(net.blocks[0][i], q[i * n : i * n + n], strict=True)
        }
        if net.bias:
            moved[int(net.blocks[1][0][h])] = arb(q[-1])
        words = "F = Φ·p(θ) with Φ constant on the linear piece"
        found.append(Generator(words, _vector(net, moved)))
    return found
