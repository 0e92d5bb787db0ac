"""Planted structure: the points of a network at which J is dependent, and special data.

In: a `Cell`. Out: classes (x, point): all hidden units equal, their outgoing weights equal or not;
one unit dead; inputs on a line, so that the weights of the other inputs are idle; inputs that come
in pairs (s, t), (s, −t); unit vectors. The simplest of each kind. For relu with two units in each
of two hidden layers, a point where paths cancel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hessrank.proofs.searching.grammar import Cell
from hessrank.proofs.searching.letters import INPUTS, Letter, alphabets
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.models.layers import Network

_VALUE = {letter.code: letter.value for letter in INPUTS}
#: Inputs on a line, and in the plane.
LINES = ((1, 2, 3, 4, -1, -2), (1, 2, 3, -1, -2, -3), (1, -1, 2, -2, 3, -3))
#: relu [2, 2, 2, 1]. In a region of fixed patterns F_m = Σ_ji c_j v_ji D_jm D_im w_i·x_m is linear
#: in the tensors P_i = (c_j v_ji)_j ⊗ w_i of rank 1, as a linear net [2, 1, 2] is. Unit i has T_i =
#: Σ_m r_m (D_jm D_im x_m)_j; ∇L = 0 asks T_i w_i = 0 and Σ_j c_j v_ji T_ij = 0, not T_i = 0. Here
#: J has rank 5 on six examples, and Σ r_m ∇²F_m is positive on the one direction of ker J that no
#: rescaling explains.
CROSSED = (-2, 1, 0, 2, 2, 2, 1, -1, 1, 1)
CROSSED_INPUTS = ((-2, 1), (1, 3), (2, 3), (-3, 3), (-1, -1), (0, 2))
PAIRS = ((1, 1), (1, -1), (0, 1), (2, 0), (0, 2), (2, 1))


def planted(cell: Cell) -> Iterator[tuple[list[list[Expr]], dict[str, Expr]]]:
    """The classes of planted structure of a cell: (inputs, a row each; the point)."""
    net = cell.model.network
    if net is None or net.depth == 1:
        return
    if is_crossed(cell):
        x = [[_VALUE[v] for v in row] for row in CROSSED_INPUTS]
        yield x, dict(zip(net.parameters, (_VALUE[v] for v in CROSSED), strict=True))
    for x in _data(net.widths[0], cell.D):
        for theta in _points(net, alphabets(cell.model)):
            yield x, dict(zip(net.parameters, theta, strict=True))


def is_crossed(cell: Cell) -> bool:
    """Whether a cell has the point where paths cancel."""
    net = cell.model.network
    shape = net is not None and (net.widths, net.activation, net.bias)
    return shape == ((2, 2, 2, 1), "relu", False) and len(CROSSED_INPUTS) == cell.D


def _data(n: int, D: int) -> Iterator[list[list[Expr]]]:
    for line in sorted({line[:D] for line in LINES if len(line) >= D}, reverse=True):
        yield [[_VALUE[v], *[_VALUE[0]] * (n - 1)] for v in line]
    if n == D > 1:
        yield [[_VALUE[int(i == j)] for j in range(n)] for i in range(D)]
    if n > 1 and len(PAIRS) >= D:
        yield [[_VALUE[s], _VALUE[t], *[_VALUE[0]] * (n - 2)] for s, t in PAIRS[:D]]


def _points(net: Network, letters: Sequence[Sequence[Letter]]) -> Iterator[list[Expr]]:
    """θ with equal units in each hidden layer, their outgoing weights by pattern."""
    h = net.widths[-2]
    patterns = [(1,) * h]
    if h > 1:
        patterns += [(1,) * (h - 1) + (last,) for last in (2, 0, -1)]
    for k in (1, 3) if h == 1 and net.depth == 2 else (1,):
        for pattern in patterns[: 1 if net.depth > 2 else None]:
            theta = [_VALUE[0]] * net.size
            for l, block in enumerate(net.blocks, 1):
                for i, row in enumerate(block):
                    for j, position in enumerate(row):
                        if l < net.depth:
                            idle = l == 1 and 0 < j < net.widths[0]
                            theta[position] = letters[position][0 if idle else k].value
                        elif j < h:
                            theta[position] = _VALUE[pattern[j] if i == 0 else 1]
            yield theta
