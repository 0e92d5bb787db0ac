"""Manifolds of critical points on the fixed space of a finite symmetry.

In: a `Landscape` at a critical point. Out: the dimension of a manifold of critical points through
θ, and why, or None.

Let G be a finite group of signed permutations of the parameters with L(gθ) = L(θ) for all θ, each
of which fixes the point. Then ∇L(gθ) = g∇L(θ), so on the fixed space V of G the gradient lies in V:
what is critical for the restriction L|V is critical for L (Palais 1979). If rank J of F|V is
constant near θ, then F|V factors near θ through a submersion whose level sets are manifolds of
dimension d = dim V − rank; L|V is a function of the same submersion, critical at θ, hence critical
on the whole level set S through θ. So S consists of critical points of L.

Where H ⪰ 0 on all of parameter space has a kernel of dimension d, it is the tangent space of S, H
is definite across S, and θ is a local minimum (Morse–Bott). A minimum on V alone decides nothing:
x² − y² is one on y = 0.

The symmetries that are tried: for a network permutations of the inputs (with signs) and outputs
that carry the data into themselves, together with permutations of the units of each hidden layer
(with signs where σ is odd); for closed forms exchanges and changes of sign of parameters under
which L is the same closed form. (Yun, Sra and Jadbabaie 2019 found minima of this kind.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, islice, permutations, product
from math import factorial, prod

from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.facts.smooth_piece import behaviour_problem, outputs_of
from hessrank.proofs.fibres.fibre import fibre_dimension
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.errors import HessrankError
from hessrank.symbolic.expressions.expression import ZERO, Expr, symbol
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.layers import Network
from hessrank.symbolic.problems.evaluation import total_loss
from hessrank.symbolic.problems.landscape import Landscape, Problem

#: g: (gθ)_i = sign_i·θ_source, one pair (source, sign) for each parameter.
Signed = tuple[tuple[int, int], ...]

#: At most this many symmetries of an architecture are tried,
MAX_GROUP = 5_000
#: at most this many fixed spaces,
MAX_SPACES = 7
#: and closed forms are examined for at most this many parameters.
MAX_PARAMETERS = 8


def critical_set(here: Landscape, least: int) -> tuple[int, str] | None:
    """(d, why) with d ≥ `least`: the dimension of a manifold of critical points through the
    critical point θ; None where none is found."""
    problem = here.problem
    if problem.regulariser is not None or problem.loss.couples:
        return None
    found = fixing(here)
    if not found:
        return None
    for group in [*([g] for g in found), found][:MAX_SPACES]:
        space = _fixed_space(group, len(found[0]))
        try:
            d = _level_set(here, space)
        except HessrankError:
            continue
        if d is not None and d >= least:
            dim = len({abs(k) for k in space if k})
            why = (
                f"θ lies on the fixed space, of dimension {dim}, of a finite symmetry of data and "
                f"parameters, where equal behaviour is a manifold of dimension {d} of points that "
                "are critical for L"
            )
            return d, why
    return None


def fixing(here: Landscape) -> list[Signed]:
    """Symmetries of L that fix θ and are not the identity, over all parameters of the model."""
    net = here.problem.model.network
    known = dict(here.values) | dict(here.problem.model.fixed)
    names = net.parameters if net is not None else here.problem.model.parameters
    theta = [known[n] for n in names]
    free = set(here.problem.model.parameters)
    candidates = _of_network(here.problem, net) if net is not None else _of_forms(here, theta)
    identity = tuple((i, 1) for i in range(len(names)))
    found = []
    for g in islice(candidates, MAX_GROUP):
        fixes = all(theta[i] is _times(sign, theta[s]) for i, (s, sign) in enumerate(g))
        moves = all((names[i] in free) == (names[s] in free) for i, (s, _) in enumerate(g))
        if fixes and moves and g != identity:
            found.append(g)
    return found


# --- symmetries of networks ----------------------------------------------------------------------


def _of_network(problem: Problem, net: Network) -> Iterator[Signed]:
    """Signed permutations of inputs and units, permutations of outputs: F(Px; gθ) = Q F(x; θ).

    With x′_π(j) = s_j x_j and y′ likewise, W_1′[i, π(j)] = s_j W_1[i, j]; a unit i that becomes
    unit ρ(i) with sign t carries its row of W_l and its column of W_{l+1} along."""
    hidden = net.widths[1:-1]
    signs = 2 if activation(net.activation).is_odd else 1
    sizes = [net.widths[0], *hidden, net.widths[-1]]
    if prod(map(factorial, sizes)) * 2 ** net.widths[0] * signs ** sum(hidden) > 40 * MAX_GROUP:
        return
    units = [list(_signed(h, signs == 2)) for h in hidden]
    for first in _signed(net.widths[0], True):
        for last in _signed(net.widths[-1], False):
            if _keeps_data(problem, first, last):
                for between in product(*units):
                    yield _acting(net, [first, *between, last])


def _signed(n: int, flips: bool) -> Iterator[Signed]:
    """(target, sign) of each of n coordinates."""
    signs = list(product((1, -1), repeat=n)) if flips else [(1,) * n]
    for order in permutations(range(n)):
        for sign in signs:
            yield tuple(zip(order, sign, strict=True))


def _keeps_data(problem: Problem, first: Signed, last: Signed) -> bool:
    """Whether (x, y) ↦ (Px, Qy) carries the examples into themselves."""
    if any(j != k for j, (k, _) in enumerate(last)) and problem.loss.text is not None:
        return False  # a loss that is an expression need not treat its outputs alike
    rows = list(zip(problem.data.x, problem.data.y, strict=True))
    moved = [(_moved(x, first), _moved(y, last)) for x, y in rows]
    return Counter(moved) == Counter((tuple(x), tuple(y)) for x, y in rows)


def _moved(row: Sequence[Expr], signed: Signed) -> tuple[Expr, ...]:
    out = list(row)
    for value, (target, sign) in zip(row, signed, strict=True):
        out[target] = _times(sign, value)
    return tuple(out)


def _acting(net: Network, layers: Sequence[Signed]) -> Signed:
    """What the signed permutations of inputs, hidden units and outputs do to the parameters."""
    g = [(0, 1)] * net.size
    for l, block in enumerate(net.blocks):
        columns, rows = layers[l], layers[l + 1]
        for i, (row, s) in enumerate(rows):
            for j, (column, t) in enumerate(columns):
                g[block[row, column]] = (int(block[i, j]), s * t)
            if net.bias:
                g[block[row, -1]] = (int(block[i, -1]), s)
    return tuple(g)


# --- symmetries of closed forms ------------------------------------------------------------------


def _of_forms(here: Landscape, theta: Sequence[Expr]) -> Iterator[Signed]:
    """Exchanges of parameters that are equal (or opposite) at θ, changes of sign of those that are
    0, and two of these at once, under which L is the same."""
    n = len(theta)
    if n > MAX_PARAMETERS:
        return
    identity = tuple((i, 1) for i in range(n))
    base: list[Signed] = []
    for i in range(n):
        if theta[i] is ZERO:
            base.append((*identity[:i], (i, -1), *identity[i + 1 :]))
    for i, j in combinations(range(n), 2):
        for sign in (1, -1):
            if theta[i] is _times(sign, theta[j]):
                swap = {i: (j, sign), j: (i, sign)}
                base.append(tuple(swap.get(k, (k, 1)) for k in range(n)))
    pairs = (_after(a, b) for a, b in combinations(base, 2))
    names = here.problem.model.parameters
    L = total_loss(here.problem)
    for g in dict.fromkeys((*base, *pairs)):
        to = {n: _times(sign, symbol(names[s])) for n, (s, sign) in zip(names, g, strict=True)}
        if vanish(substitute([L], to)[0] - L).truth is Truth.TRUE:
            yield g


def _times(sign: int, value: Expr) -> Expr:
    return value if sign > 0 else -value


def _after(a: Signed, b: Signed) -> Signed:
    return tuple((b[s][0], b[s][1] * sign) for s, sign in a)


# --- the fixed space -----------------------------------------------------------------------------


def _fixed_space(group: Sequence[Signed], n: int) -> list[int]:
    """For each parameter ±(k + 1) with θ_i = ±θ_k on the fixed space, k the first of its class, or
    0 where θ_i = 0 there."""
    value = [i + 1 for i in range(n)]

    def merge(a: int, b: int) -> None:
        """θ of class a = θ of class b."""
        if a == b:
            return
        if abs(a) == abs(b):  # θ = −θ
            old, new = abs(a), 0
        else:
            large, small = (a, b) if abs(a) > abs(b) else (b, a)
            old, new = abs(large), small if large > 0 else -small
        for i, v in enumerate(value):
            if abs(v) == old:
                value[i] = new if v > 0 else -new

    for g in group:
        for i, (s, sign) in enumerate(g):
            merge(value[i], sign * value[s])
    return value


def _level_set(here: Landscape, space: Sequence[int]) -> int | None:
    """dim V − rank of F|V where that rank is constant near θ."""
    model = here.problem.model
    names = model.network.parameters if model.network is not None else model.parameters
    kept = [n for i, n in enumerate(names) if space[i] == i + 1 and n in model.parameters]
    to = {
        n: _times(k, symbol(names[abs(k) - 1])) if k else ZERO
        for n, k in zip(names, space, strict=True)
        if n in model.parameters
    }
    forms = tuple(dict.fromkeys(substitute(outputs_of(here.problem), to)))
    if not kept:
        return None
    point = {n: v for n, v in here.values if n in kept}
    restricted = fibre_dimension(behaviour_problem(forms, kept).at(point))
    return restricted.lower if restricted.constant_rank.truth is Truth.TRUE else None
