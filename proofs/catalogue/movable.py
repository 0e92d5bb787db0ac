"""How many outputs of a network can move independently, to first order: what bounds the ranks of J
and H whatever its weights are.

In: a landscape. Out: the least bound R that is known, and where it comes from.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import combinations_with_replacement
from math import comb, prod

from flint import fmpq

from hessrank.proofs.fibres.symmetries import unfolded
from hessrank.proofs.information_loss.cuts import cuts
from hessrank.proofs.information_loss.information import rank_bound
from hessrank.symbolic.errors import HessrankError, counted
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.elimination import Vector
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.matrices import Matrix

#: Above this many monomials their span is not asked for.
MAX_MONOMIALS = 500


def movable(here: Landscape, name: str) -> tuple[int, str]:
    """R: how many outputs can move independently, to first order; for H only where H = JᵀAJ, and
    then no more than rank A."""
    N, M = here.problem.N, here.problem.M
    bounds = [(M, f"N = {counted(N, 'parameter')}, M = {counted(M, 'output')}")]
    if here.problem.model.network is not None:
        with suppress(HessrankError, TooLarge):
            layers = [(rank_bound(c), c.name) for c in cuts(here)]
            bounds += [(bound, f"p + K·C = {bound} at {layer}") for bound, layer in layers]
            bounds += [*_monomials(here), *_pieces(here)]
    distinct = here.problem.model.output_count * len(set(here.problem.data.x))
    if distinct < M:
        bounds.append((distinct, f"the examples that differ have {counted(distinct, 'output')}"))
    if name == "hessian":
        residual = here.rank("residual")
        if residual.upper > 0:
            both = here.rank("gauss_newton").upper + residual.upper
            return min(N, both), f"rank JᵀAJ + rank of the D²f term ≤ {both} (T9)"
        A = here.rank("loss_hessian").upper
        bounds.append((A, f"rank A ≤ {A}"))
    return min(bounds)


def _monomials(here: Landscape) -> list[tuple[int, str]]:
    """K times the dimensions that the monomials in x span over the data: the outputs of a network
    of a polynomial activation are their combinations, whatever θ."""
    u = unfolded(here)
    net, degree = u.net, u.net.sigma.degree
    if degree is None:
        return []
    top = degree ** (net.depth - 1)
    inputs = u.inputs[0][:, : net.widths[0]]
    lone = net.sigma.homogeneity == degree and not net.bias
    degrees = [top] if lone else list(range(top + 1))
    if comb(net.widths[0] + top, top) > MAX_MONOMIALS:
        return []
    rows = [
        tuple(prod(c, start=fmpq(1)) for e in degrees for c in combinations_with_replacement(x, e))
        for x in inputs
    ]
    span = Matrix(tuple(rows), (len(rows), len(rows[0])), u.field).rank().upper
    K = net.widths[-1]
    return [(K * span, f"polynomials of degree {top} in x span {span} dimensions over the data")]


def _pieces(here: Landscape) -> list[tuple[int, str]]:
    """Of a network of pieces that are linear: where no unit has its kink between examples, the
    outputs are one linear map of (x, 1), so that K times their span can move; over all patterns."""
    u = unfolded(here)
    if u.net.sigma.homogeneity != 1:
        return []
    patterns: dict[tuple[tuple[int, ...], ...], list[Vector]] = {}
    hidden = [u.preactivations(l) for l in range(1, u.net.depth)]
    for d, x in enumerate(u.inputs[0]):
        layers = [tuple(int(u.field.sign(v)) for v in z[d]) for z in hidden]
        dead = u.net.sigma.dies and any(max(signs) < 0 for signs in layers)
        seen = (fmpq(int(u.net.bias)),) if dead else tuple(x)  # F is constant where a layer is dead
        patterns.setdefault(tuple(layers), []).append(seen)
    spans = [Matrix(tuple(p), (len(p), len(p[0])), u.field).rank().upper for p in patterns.values()]
    bound = u.net.widths[-1] * sum(spans)
    return [(bound, f"on each of {counted(len(spans), 'linear piece')} of F, {bound} in all")]
