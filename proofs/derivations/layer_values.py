r"""A layered network at a point, example by example: z, a, σ′, σ″, P, δ and T as numbers.

In: a landscape whose model is a `Network`. Out: by the names of the page ("z^(1)", "P^(2,1)") the
arrays of closed forms, by the recurrences that the page prints. The rule that derives J and H
(`symbolic.models.layers`) is another text of the same mathematics: what is assembled from these is
compared with it.
"""

from __future__ import annotations

import numpy as np

from hessrank.symbolic.expressions.expression import ZERO, Expr, number
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.linear_algebra.object_matrices import matmul
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.layers import Array, Network
from hessrank.symbolic.problems.landscape import Landscape


def weights(here: Landscape) -> dict[str, Array]:
    """W^(l) and b^(l), columns, at the point."""
    net = here.problem.model.network
    assert net is not None
    values = {**here.point, **dict(here.problem.model.fixed)}
    theta = np.array([values[name] for name in net.parameters], dtype=object)
    found = {}
    for l, block in enumerate(net.blocks, 1):
        if net.bias:
            found[f"b^({l})"] = theta[block[:, -1:]]
            block = block[:, :-1]
        found[f"W^({l})"] = theta[block]
    return found


def example_values(net: Network, given: dict[str, Array], x: Array, r: Array) -> dict[str, Array]:
    """All of one example with the input x and r = ∇ℓ, columns; given: `weights`."""
    L = net.depth
    of = dict(given)
    of["a^(0)"] = x
    for l in range(1, L + 1):
        of[f"z^({l})"] = matmul(of[f"W^({l})"], of[f"a^({l - 1})"]) + of.get(f"b^({l})", ZERO)
        if l < L:
            jets = [
                substitute(activation(net.activation).jet, {"z": z}) for z in of[f"z^({l})"].flat
            ]
            for n, name in enumerate(("a", "s", "c")):
                of[f"{name}^({l})"] = _column([jet[n] for jet in jets])
    of["f"] = of[f"z^({L})"]
    for l in range(1, L):
        P = _unit(net.widths[l])
        for m in range(l + 1, L + 1):
            P = matmul(of[f"W^({m})"], of[f"s^({m - 1})"] * P)
            of[f"P^({m},{l})"] = P
    of[rf"\delta^({L})"] = r
    for l in range(L - 1, 0, -1):
        of[f"e^({l})"] = matmul(of[f"W^({l + 1})"].T, of[rf"\delta^({l + 1})"])
        of[rf"\delta^({l})"] = of[f"e^({l})"] * of[f"s^({l})"]
    for l in range(1, L):
        T = np.full((net.widths[L], net.widths[l]), ZERO, dtype=object)
        for m in range(L - 1, l - 1, -1):
            P = of[f"P^({m},{l})"] if m > l else _unit(net.widths[l])
            T = of[f"s^({m})"] * matmul(of[f"W^({m + 1})"].T, T)
            T = T + of[f"e^({m})"] * of[f"c^({m})"] * P
            of[f"T^({m},{l})"] = T
    return of


def _column(entries: list[Expr]) -> Array:
    return np.array([[e] for e in entries], dtype=object)


def _unit(n: int) -> Array:
    return np.array([[number(int(i == j)) for j in range(n)] for i in range(n)], dtype=object)
