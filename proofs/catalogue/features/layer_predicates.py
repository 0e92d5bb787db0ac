"""The predicates of the claims about the layers of a network (64, 67 to 70, 90, 91).

In: nothing. Out: `Predicate`s on `Landscape`s of networks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from typing import Any

from hessrank.proofs.basins.features import (
    adds_in_squares,
    each_layer,
    enters_times_slope,
    is_orthogonal,
    keeps_function,
    network_of,
    never_opposes,
    preactivation_gradients,
)
from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.facts.identities import nonzero_somewhere, vanish
from hessrank.proofs.fibres.fibre import fibre_dimension
from hessrank.proofs.fibres.symmetries import activation_ranks, null_space_directions, unfolded
from hessrank.proofs.reasoning.statement import Predicate
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.brief import count
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.expressions.expression import number, symbol
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.field import Field, differs, evaluate_in_field
from hessrank.symbolic.problems.landscape import Landscape


def _sigma(here: Landscape) -> Any:
    net = here.problem.model.network
    if net is None:
        raise UndecidedError("the model is no network")
    return net.sigma


def _commutes(here: Landscape) -> Fact:
    """σ(z₁ + z₂) = σ(z₁) + σ(z₂) for all z, which a change of basis that mixes units needs."""
    sigma, a, b = _sigma(here), symbol("a"), symbol("b")
    forms = [sigma.closed_form(v) for v in (a + b, a, b)]
    gap = forms[0] - forms[1] - forms[2]
    if sigma.is_linear:
        return Fact(vanish(gap).truth, "σ is linear")
    found = nonzero_somewhere(substitute([gap], {"b": -2 * a})[0])
    if found.truth is not Truth.FALSE:
        return found
    at = found.reason.rpartition(", at ")[2]
    return Fact(Truth.FALSE, f"σ(a + b) is not σ(a) + σ(b), at {at}, b = −2a")


def _homogeneous(here: Landscape) -> Fact:
    k = _sigma(here).homogeneity
    return Fact(Truth.of(k is not None), f"degree {k}" if k is not None else "σ has no degree")


def _hidden_and_free(here: Landscape) -> Fact:
    net, fixed = here.problem.model.network, here.problem.model.fixed
    if net is None or net.depth < 2:
        return Fact(Truth.FALSE, "there is no hidden unit")
    return Fact(Truth.of(not fixed), f"{count(len(fixed), 'parameter')} fixed")


def _rescaled(here: Landscape) -> Fact:
    """(in, out) → (2·in, 2⁻ᵏ·out) of the first hidden unit leaves F unchanged at the point."""
    k = _sigma(here).homogeneity
    if k is None or _hidden_and_free(here).truth is not Truth.TRUE:
        raise UndecidedError("no hidden unit with a homogeneous activation whose weights are free")
    u = unfolded(here)
    scale = dict.fromkeys(u.incoming(1, 0), number(2)) | dict.fromkeys(
        u.outgoing(1, 0), number(Fraction(1, 2**k))
    )
    moved = {n: v * scale.get(n, number(1)) for n, v in here.values}
    there = here.problem.at(moved, here.side)

    def gap(field: Field) -> bool:
        F, G = (h.evaluation(field).get("F").ravel() for h in (here, there))
        return all(a == b for a, b in zip(F, G, strict=True))

    same = evaluate_in_field(gap, here.side)
    return Fact(Truth.of(same or None), "F is the same with the first unit's weights doubled")


def _is_network(here: Landscape) -> Fact:
    net = here.problem.model.network
    return Fact(Truth.of(net is not None), "a layered network" if net else "given by closed forms")


def _layers(test: Callable[[Any], Fact]) -> Callable[[Landscape], Fact]:
    return lambda here: each_layer(here, test)


def _same_vector(here: Landscape) -> Fact:
    """∂z_i/∂(weights into unit i) is the same vector a for every unit i of a layer."""
    net = network_of(here)
    for l in range(1, net.depth + 1):
        slopes, a = preactivation_gradients(net, l)
        for row in slopes:
            if any(u is not v for u, v in zip(row, a, strict=True)):
                fact = vanish(*(u - v for u, v in zip(row, a, strict=True)))
                if fact.truth is not Truth.TRUE:
                    return fact
    return Fact(Truth.TRUE, "each gradient is the vector of activations (with 1 for the bias)")


def _merges(here: Landscape) -> Fact:
    """Two examples with different inputs enter a later layer with equal activations."""
    network_of(here)
    u, x = unfolded(here), here.problem.data.x
    apart = True
    for l, a in enumerate(u.inputs[1:], 1):
        for e, d in combinations(range(len(x)), 2):
            if x[d] == x[e]:
                continue
            if all(p == q for p, q in zip(a[d], a[e], strict=True)):
                words = f"layer {l} does not tell examples {e + 1} and {d + 1} apart"
                return Fact(Truth.TRUE, words)
            apart &= any(differs(u.field, p - q) for p, q in zip(a[d], a[e], strict=True))
    return Fact(Truth.of(False if apart else None), "no two examples are seen to merge")


def _jacobian_deficient(here: Landscape) -> Fact:
    """More flat directions than N − M: rank J < min(M, N)."""
    J, full = here.rank("jacobian"), min(here.problem.M, here.problem.N)
    return landscape_facts.rank_below(J, full, "min(M, N)")


def _spans_less(here: Landscape) -> Fact:
    """What enters some weight matrix spans s < d dimensions over the data, nothing fixed there."""
    network_of(here)
    found = null_space_directions(here)
    shown = ", ".join(f"{s} of {d}" for s, d, _ in activation_ranks(here))
    return Fact(Truth.of(bool(found)), f"what enters the weight matrices spans {shown} dimensions")


def _flat_for_each_lost(here: Landscape) -> Fact:
    """For each weight matrix (d − s)·d_out directions, along which F(θ + v) = F(θ)."""
    network_of(here)
    u = unfolded(here)
    directions = null_space_directions(here)
    if not directions:
        return Fact(Truth.TRUE, "the activations span all their dimensions: nothing is promised")
    promised = sum((d - s) * n for s, d, n in activation_ranks(here))
    if not here.problem.model.fixed and len(directions) != promised:
        return Fact(Truth.FALSE, f"{len(directions)} directions, (d − s)·d_out = {promised}")
    for l in range(1, u.net.depth + 1):
        point = here.point
        inside = {str(n) for n in u.names[l - 1].ravel()}
        for step, v in enumerate(directions, 2):
            for name, i in u.position.items():
                if name in inside and v.vector[i] != 0:
                    point[name] = point[name] + u.field.expr(v.vector[i]) * step
        if here.problem.at(point, here.side).outputs != here.outputs:
            return Fact(Truth.UNDECIDED, f"F is not seen to be the same after a move in layer {l}")
    return Fact(Truth.TRUE, f"F is unchanged along {count(len(directions), 'direction')}") & (
        fibre_dimension(here).at_least(_widest(here))
    )


def _widest(here: Landscape) -> int:
    """The most that one weight matrix gives: there the directions span a flat of the fibre."""
    directions = null_space_directions(here)
    layers_ = Counter(v.words.split("layer ")[1].split()[0] for v in directions)
    return max(layers_.values())


NETWORK = Predicate("network", "the model is a layered network", _is_network, setting=True)
COMMUTES = Predicate(
    "commutes", "a change of basis goes through the activation: Sσ(z) = σ(Sz)", _commutes
)
HOMOGENEOUS = Predicate("homogeneous", "σ is homogeneous of some degree", _homogeneous)
HIDDEN_AND_FREE = Predicate(
    "hidden-and-free", "there are hidden units and no parameter is fixed", _hidden_and_free
)
RESCALED = Predicate(
    "rescaled", "a weight can be made twice as large without a change of F", _rescaled
)
TIMES_SLOPE = Predicate(
    "times-slope",
    "∂f/∂W_l[i, j] = δ_i(x)·a_j(x)",
    enters_times_slope,
    r"\partial f/\partial W_{ij} = \delta_i(x)\,a_j(x)",
)
LAYERWISE = Predicate(
    "layerwise-orthogonal",
    "each layer has a basis of features that is orthogonal over the data, "
    "and with the next weights transformed along the function is the same",
    lambda h: each_layer(h, lambda b: is_orthogonal(b) & keeps_function(b)),
    r"W'T = W,\ \textstyle\sum_x (Ta)(Ta)^{\mathsf T} \text{ diagonal}",
)
NO_CANCELLATION = Predicate(
    "no-cancellation",
    "in that basis no two features of a layer cancel at any example",
    _layers(never_opposes),
)
PYTHAGORAS = Predicate(
    "adds-in-squares",
    "in that basis the squared L² norms of the signals into "
    "a preactivation add up to that of the preactivation",
    _layers(adds_in_squares),
    r"\|z_i\|^2 = \sum_j W_{ij}'^2\|b_j\|^2",
)
SAME_VECTOR = Predicate(
    "same-gradient",
    "the gradient of each preactivation of a layer in its weights is the same vector",
    _same_vector,
    r"\partial z_i/\partial W_i = a",
)
MERGES = Predicate("merged", "two different inputs have equal activations at a layer", _merges)
DEFICIENT = Predicate(
    "deficient",
    "the optimum is broader than N − M directions (J does not have full rank)",
    _jacobian_deficient,
)
SPANS_LESS = Predicate(
    "spans-less",
    "what enters some weight matrix spans s < d dimensions over the data",
    _spans_less,
    setting=True,
)
FLAT_FOR_LOST = Predicate(
    "flat-for-each-lost",
    "F is constant along (d − s)·d_out directions, exactly",
    _flat_for_each_lost,
    r"(d-s)\,d_{\mathrm{out}}",
)
