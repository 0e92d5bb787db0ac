r"""A layered network in words and formulas: the recurrences of `symbolic.models.layers`.

In: a `Network`. Out: blocks that state forward values, δ, P, T and the blocks of J and ∇²f, in the
notation of the unit definitions a, s, c. docs/layers.md derives the formulas.
"""

from __future__ import annotations

from hessrank.proofs.pages.blocks import Block, Formula, Text
from hessrank.symbolic.expressions.printing import latex_all
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.layers import Network


def recurrences(network: Network) -> list[Block]:
    """Forward and backward recurrences, and J and ∇²g for g = Σ_k r_k f_k with r held constant."""
    L, bias = network.depth, " + b^{(l)}" if network.bias else ""
    blocks: list[Block] = [
        Text(f"Forwards, with $a^{{(0)}} = x$ and $f = z^{{({L})}}$:"),
        Formula(rf"z^{{(l)}} = W^{{(l)}} a^{{(l-1)}}{bias} \quad (1 \le l \le {L})"),
    ]
    if L == 1:
        blocks.append(Text(r"It is linear in $\theta$: every $\nabla^2 f_k$ is zero."))
        return blocks
    value, first, second = latex_all(activation(network.activation).jet)
    blocks += [
        Formula(
            r"a^{(l)} = \sigma(z^{(l)}),\qquad s^{(l)} = \sigma'(z^{(l)}),\qquad "
            rf"c^{{(l)}} = \sigma''(z^{{(l)}}) \quad (1 \le l < {L})"
        ),
        Formula(
            rf"\sigma(z) = {value},\qquad \sigma'(z) = {first},\qquad \sigma''(z) = {second}",
            wide=True,
        ),
        Text(
            r"Backwards, for the scalar $g = \sum_k r_k f_k$ with $r$ held constant ($r = e_k$ "
            r"gives $f_k$ itself, $r = \nabla\ell$ the residual term of this example); $\circ$ is "
            "the entrywise product:"
        ),
        Formula(
            rf"\begin{{aligned}} \delta^{{({L})}} &= r, & e^{{(l)}} &= W^{{(l+1)\top}} "
            r"\delta^{(l+1)}, & \delta^{(l)} &= e^{(l)} \circ s^{(l)} \\ "
            r"P^{(l,l)} &= 1, & P^{(m,l)} &= W^{(m)} \operatorname{diag}(s^{(m-1)})\, P^{(m-1,l)} "
            r"&& (m > l) \\ "
            rf"T^{{({L},l)}} &= 0, & T^{{(m,l)}} &= \operatorname{{diag}}(s^{{(m)}})\, "
            r"W^{(m+1)\top}\, T^{(m+1,l)} + \operatorname{diag}(e^{(m)} \circ c^{(m)})\, P^{(m,l)} "
            r"&& (m \ge l) \end{aligned}",
            wide=True,
        ),
        Text(
            r"Here $P^{(m,l)} = \partial z^{(m)}/\partial z^{(l)}$ and "
            r"$T^{(m,l)} = \partial\delta^{(m)}/\partial z^{(l)}$. The derivatives are"
        ),
        Formula(r"\frac{\partial g}{\partial W^{(l)}_{ij}} = \delta^{(l)}_i\, a^{(l-1)}_j"),
        Formula(
            r"\frac{\partial^2 g}{\partial W^{(l)}_{ij}\, \partial W^{(m)}_{i'j'}} = "
            r"T^{(m,l)}_{i'i}\, a^{(l-1)}_j a^{(m-1)}_{j'} + [l < m]\, \delta^{(m)}_{i'} "
            r"\left(\operatorname{diag}(s^{(m-1)})\, P^{(m-1,l)}\right)_{j'i} a^{(l-1)}_j "
            r"\qquad (l \le m)",
            wide=True,
        ),
    ]
    if network.bias:
        blocks.append(
            Text(
                "A bias is the weight of a constant input 1, of which the second summand (the "
                "derivative of $a^{(m-1)}_{j'}$) is zero."
            )
        )
    return blocks
