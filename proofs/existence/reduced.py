"""Critical points with equal units: found in the net that has them once, judged in the full one.

In: boxes of a network, a start with units of (almost) equal weights in. Out: what is certain at an
exact critical point where they are equal. With shares μ_i, Σ μ_i = 1, the embedding θ = S t

    in_i = in,   out_i = μ_i·out

keeps F, and carries critical points of the net with one unit for each cluster to critical points
(Fukumizu and Amari 2000; docs/points.md has the proof); with a regulariser c·Σθ² where all shares
are equal, since θ is then fixed by the permutations of the cluster, which keep L. There

- shifts out_i += u, out_j −= u keep F: ker J, and ker H for u = out without a regulariser;
- (in_i, in_j) += (μ_j·e, −μ_i·e) lies in ker J.

Units of an odd or even activation that are mirrored, (in, out) → (−in, ∓out), and units of a
homogeneous one that are rescaled, (in, out) → (s·in, s^{−k}·out), are equal units in other
coordinates θ' with θ = P θ', P diagonal, rational and with F∘P = F: they are made equal first.
Ranks and signs are those at θ', since J(θ)P = J(θ') and PᵀH(θ)P = H(θ').
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from flint import arb, fmpq

from hessrank.proofs.existence.boxes import Array, Boxes, Values, middle
from hessrank.proofs.existence.critical import certified_critical, judged, rank_jacobian
from hessrank.proofs.existence.found import Found, minor_of
from hessrank.proofs.existence.invariance import (
    GAUGE,
    ROTATIONS,
    SCALING,
    Generator,
    generators,
    is_shrinking,
    symmetry,
)
from hessrank.proofs.existence.krawczyk import Enclosure, NotCertifiedError
from hessrank.symbolic.errors import counted
from hessrank.symbolic.expressions.expression import Expr, number, symbol
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.layers import Network
from hessrank.symbolic.models.models import mlp
from hessrank.symbolic.problems.landscape import Problem

#: Weights in that differ by less than this, relative to max(1, |weights|), count as meant equal.
ALIKE = 1e-3

#: The reason of the shifts along which shares change.
SHARED = "equal units share their weights out"

#: For each hidden layer its units in clusters, as tuples of places.
Clusters = tuple[tuple[tuple[int, ...], ...], ...]


def clusters(net: Network, theta: np.ndarray) -> Clusters:
    """Units whose weights in are alike, layer by layer; a suggestion."""
    found = []
    for l in range(1, net.depth):
        W = theta[net.blocks[l - 1]]
        groups: list[list[int]] = []
        for i, row in enumerate(W):
            for group in groups:
                scale = max(1.0, float(np.abs(row).max(initial=0.0)))
                if np.abs(row - W[group[0]]).max(initial=0.0) < ALIKE * scale:
                    group.append(i)
                    break
            else:
                groups.append([i])
        found.append(tuple(map(tuple, groups)))
    return tuple(found)


def embedding(
    net: Network, groups: Clusters, shares: Sequence[Sequence[Fraction]]
) -> tuple[Network, np.ndarray]:
    """(the net with one unit a cluster, S as an object array (N, n) of Fractions): θ = S t.

    shares: μ_i of each unit of each hidden layer.
    """
    widths = (net.widths[0], *(len(g) for g in groups), net.widths[-1])
    small = Network(widths, net.activation, net.bias)
    S = np.full((net.size, small.size), Fraction(0), dtype=object)
    for l in range(1, net.depth + 1):
        block, reduced = net.blocks[l - 1], small.blocks[l - 1]
        into = groups[l - 1] if l < net.depth else tuple((i,) for i in range(net.widths[-1]))
        fed = groups[l - 2] if l > 1 else tuple((j,) for j in range(net.widths[0]))
        for a, units in enumerate(into):
            for i in units:
                for b, sources in enumerate(fed):
                    for j in sources:
                        S[block[i, j], reduced[a, b]] = shares[l - 2][j] if l > 1 else Fraction(1)
                if net.bias:
                    S[block[i, -1], reduced[a, -1]] = Fraction(1)
    return small, S


def _shares(net: Network, groups: Clusters, theta: np.ndarray, equal: bool) -> list[list[Fraction]]:
    """μ_i: from the weights out, or equal; exact numbers that sum to 1 in each cluster."""
    found = []
    for l in range(1, net.depth):
        out = theta[net.blocks[l]]
        row = [Fraction(0)] * net.widths[l]
        for units in groups[l - 1]:
            total = out[:, list(units)].sum(axis=1)
            k = int(np.abs(total).argmax())
            left = Fraction(1)
            for i in units[:-1]:
                exact = Fraction(float(out[k, i] / total[k])) if total[k] else Fraction(1)
                row[i] = Fraction(1, len(units)) if equal else exact
                left -= row[i]
            row[units[-1]] = left
        found.append(row)
    return found


def certified_duplicates(
    boxes: Boxes, start: Sequence[Expr], values: Values, reach: float
) -> Found:
    """The exact critical point with equal units near `start`. Raises NotCertifiedError."""
    problem = boxes.problem
    net, penalty = problem.model.network, problem.regulariser
    if net is None or problem.model.fixed or net.depth < 2:
        raise NotCertifiedError("units are told apart in networks without fixed parameters alone")
    theta = middle(np.array(values.theta, dtype=object))
    scales = turned(net, theta, problem.regulariser is None)
    theta = theta / np.array([float(q) for q in scales])
    groups = clusters(net, theta)
    if all(len(units) == 1 for layer in groups for units in layer):
        raise NotCertifiedError("no two units have alike weights in")
    if penalty is not None and not is_shrinking(penalty, problem.model.parameters):
        raise NotCertifiedError("with this regulariser equal units are not carried over")
    small, S = embedding(net, groups, _shares(net, groups, theta, penalty is not None))
    problem_small = _reduced_problem(problem, small, S)
    t, *_ = np.linalg.lstsq(S.astype(float), theta, rcond=None)
    forms = [number(Fraction(float(v))) for v in t]
    plain = Boxes(problem_small, boxes.side, boxes.bits)
    start_small = plain.at([arb(float(v)) for v in t])
    inner = certified_critical(plain, forms, start_small, reach)
    with inner.enclosure.precision():
        return _turned_back(_embedded(boxes, inner, S, groups), scales)


def turned(net: Network, theta: np.ndarray, scaling: bool) -> list[Fraction]:
    """The diagonal of P with θ = P θ': units of a homogeneous activation have at θ' weights in of
    largest size 1 (where `scaling`), those of an odd or even one a first large weight in > 0."""
    sigma = activation(net.activation)
    k = sigma.homogeneity if scaling and not sigma.is_linear else None
    diagonal = [Fraction(1)] * net.size
    theta = theta.copy()
    for l in range(1, net.depth):
        for i in range(net.widths[l]):
            into, out = net.blocks[l - 1][i], net.blocks[l][:, i]
            row = theta[into]
            largest = float(np.abs(row).max(initial=0.0))
            if not largest > 0:
                continue
            s = Fraction(largest) if k is not None else Fraction(1)
            first = next(v for v in row if abs(v) > largest / 2)
            flip = -1 if sigma.parity and first < 0 else 1
            back = Fraction(flip if sigma.is_odd else 1) / s ** (k or 0)
            for places, q in ((into, flip * s), (out, back)):
                theta[places] /= float(q)
                for p in places:
                    diagonal[p] *= q
    return diagonal


def _turned_back(found: Found, scales: Sequence[Fraction]) -> Found:
    """What was found at θ', at θ = P θ'."""
    if all(q == 1 for q in scales):
        return found
    exact = [fmpq(q.numerator, q.denominator) for q in scales]
    box = [ball * q for ball, q in zip(found.theta, exact, strict=True)]
    radius = max((v.rad() for v in box), key=float)
    whole = Enclosure(tuple(v.mid() for v in box), radius, found.enclosure.bits)
    same = found.why.split("; embedded")
    why = f"{same[0]}, mirrored and rescaled, which keeps F; embedded{''.join(same[1:])}"
    return replace(found, enclosure=whole, why=why)


def _reduced_problem(problem: Problem, small: Network, S: np.ndarray) -> Problem:
    model = mlp(small.widths, small.activation, small.bias)
    penalty = problem.regulariser
    if penalty is not None:
        names = model.parameters
        image = {}
        for name, row in zip(problem.model.parameters, S, strict=True):
            total = number(0)
            for q, small_name in zip(row, names, strict=True):
                if q:
                    total = total + q * symbol(small_name)
            image[name] = total
        penalty = substitute([penalty], image)[0]
    return Problem(model, problem.data, problem.loss, penalty)


def _embedded(boxes: Boxes, inner: Found, S: np.ndarray, groups: Clusters) -> Found:
    """The embedded point's box, judged in the full net."""
    problem = boxes.problem
    net = problem.model.network
    assert net is not None
    exact = np.array([[fmpq(q.numerator, q.denominator) for q in row] for row in S], dtype=object)
    theta = []
    for row in exact:
        total = arb(0)
        for q, ball in zip(row, inner.theta, strict=True):
            if q != 0:
                total = total + q * ball
        theta.append(total)
    radius = max((v.rad() for v in theta), key=float)
    bits = inner.enclosure.bits
    whole = Enclosure(tuple(v.mid() for v in theta), radius, bits)
    found = Found.of(boxes, [0.0] * problem.N, range(problem.N), whole)
    found.check_smooth()
    fields = [*generators(problem, found.values), *_shifts(net, groups, theta, problem)]
    taken = symmetry(fields, problem.N)
    if not taken.certain(fields):
        raise NotCertifiedError("the kernel vectors are not certain to be independent on the box")
    judgement = judged(found, fields, taken)
    J = judgement.rank_jacobian
    assert J is not None
    moved = [*fields, *_differences(net, groups, S)]
    bound = _kernel_bound([g for g in moved if g.keeps_outputs], problem.N)
    if bound < J.upper:
        free = counted(problem.N - bound, "independent kernel vector")
        why = f"{free}, those of equal units among them"
        J = rank_jacobian(found.values, [], [(bound, why)])
    merged = sum(len(units) - 1 for layer in groups for units in layer)
    point, learning = judgement.point, judgement.learning
    steady = {SHARED, SCALING, GAUGE, ROTATIONS}
    if not all(fields[i].words in steady for i in taken.chosen):
        # only flows of these are known to carry the line of critical points along
        point = "undecided" if point == "local minimum, not strict" else point
        learning = None
    why = (
        f"{inner.why} (in the net with equal units once, {merged} fewer); embedded with the shares "
        f"of their weights out, which keeps F and ∇L = 0; {judgement.why.split('; ')[-1]}"
    )
    return replace(
        judgement, rank_jacobian=J, point=point, learning=learning, fibre_dimension=None, why=why
    )


def _shifts(
    net: Network, groups: Clusters, theta: Sequence[arb], problem: Problem
) -> list[Generator]:
    """out_i += u, out_j −= u for u = out of the whole cluster: along it all points are critical."""
    found = []
    if problem.regulariser is not None:
        return []
    for l, layer in enumerate(groups, 1):
        for units in layer:
            first = units[0]
            out = [sum((theta[p] for p in row[list(units)]), arb(0)) for row in net.blocks[l]]
            for i in units[1:]:
                vector = [arb(0)] * net.size
                for row, u in zip(net.blocks[l], out, strict=True):
                    vector[row[first]], vector[row[i]] = u, -u
                found.append(Generator(SHARED, tuple(vector)))
    return found


def _differences(net: Network, groups: Clusters, S: np.ndarray) -> list[Generator]:
    """Further vectors of ker J: shifts by each unit vector, and weights in against each other."""
    found = []
    for l, layer in enumerate(groups, 1):
        for units in layer:
            first = units[0]
            for i in units[1:]:
                for row in net.blocks[l]:
                    vector = [arb(0)] * net.size
                    vector[row[first]], vector[row[i]] = arb(1), arb(-1)
                    found.append(Generator("equal units", tuple(vector)))
                share = _share(net, l, S)
                a, b = share[first], share[i]
                for p, q in zip(net.blocks[l - 1][first], net.blocks[l - 1][i], strict=True):
                    vector = [arb(0)] * net.size
                    vector[p] = arb(fmpq(b.numerator, b.denominator))
                    vector[q] = -arb(fmpq(a.numerator, a.denominator))
                    found.append(Generator("equal units", tuple(vector)))
    return found


def _share(net: Network, l: int, S: np.ndarray) -> list[Fraction]:
    """μ_i of the units of hidden layer l, read off S."""
    row = net.blocks[l][0]
    return [next((q for q in S[row[i]] if q), Fraction(0)) for i in range(net.widths[l])]


def _kernel_bound(kernel: Sequence[Generator], N: int) -> int:
    """N minus the number of kernel vectors that are certain to be independent."""
    table: Array = np.array([g.vector for g in kernel], dtype=object)
    return N - len(minor_of(table, N)[0])
