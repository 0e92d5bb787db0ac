r"""A layered network in words and formulas: the recurrences of `symbolic.models.layers`.

In: a `Network`. Out: blocks that state forward values, δ, P, T and the blocks of J and ∇²f, in the
notation of the unit definitions z, a, σ′, σ″. docs/layers.md derives the formulas.
"""

from __future__ import annotations

from hessrank.proofs.derivations.text.functions import meant
from hessrank.proofs.pages.blocks import Block, Formula, Text
from hessrank.proofs.theory.chapters.layers import displays
from hessrank.symbolic.expressions.printing import latex_all
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.layers import Network


def recurrences(network: Network) -> list[Block]:
    """Forward and backward recurrences, and J and ∇²g for g = Σ_k r_k f_k with r held constant:
    the displays of the theory's chapter on layers, numbered behind the general identity."""
    L = network.depth

    def shown(*labels: str) -> list[Block]:
        known = displays()
        return [Formula(known[label].latex, number=label) for label in labels]

    forwards = f"Forwards, with $a^{{(0)}} = x$ and $f = z^{{({L})}}$, for $1 \\le l \\le {L}$"
    without = "" if network.bias else " (here without the bias $b$)"
    blocks: list[Block] = [Text(f"{forwards}{without}:"), *shown("forward")]
    if L == 1:
        blocks.append(Text(r"It is linear in $\theta$: every $\nabla^2 f_k$ is zero."))
        return blocks
    value, first, second = latex_all(activation(network.activation).jet)
    blocks += [
        Text(f"and, for $l < {L}$,"),
        *shown("activation"),
        Text("where"),
        Formula(rf"\sigma(z) = {value}"),
        Formula(rf"\sigma'(z) = {first}"),
        Formula(rf"\sigma''(z) = {second}"),
        *meant(activation(network.activation).jet),
        Text(
            r"Backwards, for the scalar $g = \sum_k r_k f_k$ with $r$ held constant ($r = e_k$ "
            r"gives $f_k$ itself, $r = \nabla\ell$ the residual term of this example), let "
            r"$\delta^{(l)} = \partial g/\partial z^{(l)}$. From $\delta^{"
            + f"({L})"
            + r"} = r$, with $\circ$ the entrywise product,"
        ),
        *shown("back-delta"),
        Text(
            r"Let $P^{(m,l)} = \partial z^{(m)}/\partial z^{(l)}$ and $T^{(m,l)} = \partial"
            r"\delta^{(m)}/\partial z^{(l)}$. From $P^{(l,l)} = 1$ and $T^{("
            + f"{L},l"
            + r")} = 0$,"
        ),
        *shown("across", "bending"),
        Text("The derivatives are"),
        *shown("weight"),
        Text(
            r"and, since $\partial g/\partial W^{(m)}_{i'j'} = \delta^{(m)}_{i'} "
            r"a^{(m-1)}_{j'}$, for $m = l$ and for $m > l$"
        ),
        *shown("weights-same", "weights"),
    ]
    if network.bias:
        blocks.append(
            Text(
                "A bias is the weight of a constant input 1, of which the last summand (the "
                "derivative of $a^{(m-1)}_{j'}$) is zero."
            )
        )
    return blocks
