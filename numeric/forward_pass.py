"""What the measuring engine may see of a landscape: values, and nothing that was derived.

In: a landscape: the model's closed form (of a network: widths, activation and biases), the loss's
value, the data and the point. Out: a `ForwardPass`. Of the whole numeric engine only this file and
`crosscheck` read anything of `symbolic` but nodes of closed forms, so that what is measured shares
no derivative with what was derived.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hessrank.numeric.differentiation.layered import Layers
from hessrank.numeric.differentiation.program import Program, program
from hessrank.symbolic.expressions.expression import ZERO, Expr, symbol
from hessrank.symbolic.models.activations import activation


@dataclass(frozen=True)
class LossTerm:
    """ℓ, or a summand of it, in the symbols o1…ok, for a batch of B rows of k outputs.

    `rows` (B, k) says which of the M outputs o1…ok stand for.
    """

    value: Expr
    rows: tuple[tuple[int, ...], ...]

    @cached_property
    def program(self) -> Program:
        return program([self.value])


@dataclass(frozen=True)
class ForwardPass:
    """All that measuring sees: a model and a loss that can be evaluated, at a point.

    outputs: the K closed forms; x: D rows of constants; point: the N parameters' values in order;
    fixed: the values of other symbols of `outputs`; side: the piece to take at a kink, 0 to refuse;
    layers: where the outputs are those of a fully connected network, its layers.
    """

    parameters: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[Expr, ...]
    x: tuple[tuple[Expr, ...], ...]
    terms: tuple[LossTerm, ...]
    point: tuple[Expr, ...]
    fixed: tuple[tuple[str, Expr], ...] = ()
    regulariser: Expr | None = None
    side: int = 0
    layers: Layers | None = None

    @cached_property
    def program(self) -> Program:
        return program(self.outputs)

    @property
    def shape(self) -> tuple[int, int]:
        """(M, N)."""
        return len(self.x) * len(self.outputs), len(self.parameters)

    @property
    def size(self) -> int:
        """Numbers that a sweep with all tangents computes: steps × examples × parameters."""
        return len(self.program.steps) * max(1, len(self.x)) * max(1, len(self.parameters))


def forward_pass(landscape: Any) -> ForwardPass:
    """What measuring reads of a `Landscape`: values only, nothing that was derived."""
    problem = landscape.problem
    model, data = problem.model, problem.data
    point = dict(landscape.point)
    network = getattr(model, "network", None)
    return ForwardPass(
        tuple(model.parameters),
        tuple(model.inputs),
        tuple(model.outputs) if network is None else network_outputs(network, model.inputs),
        data.x,
        loss_terms(problem.loss, data.y),
        tuple(point[name] for name in model.parameters),
        tuple(dict(model.fixed).items()),
        problem.regulariser,
        getattr(landscape, "side", 0),
        None if network is None else network_layers(network),
    )


def network_layers(network: Any) -> Layers:
    """Widths, activation and biases of a fully connected network."""
    sigma = activation(network.activation).closed_form(symbol("z"))
    return Layers(tuple(network.widths), sigma, bool(network.bias))


def network_outputs(network: Any, inputs: Sequence[str]) -> tuple[Expr, ...]:
    """The closed forms of a fully connected network, written from widths, activation and bias.

    >>> from hessrank.symbolic.models.models import mlp
    >>> print(*network_outputs(mlp([1, 1, 1], "tanh", bias=False).network, ["x1"]))
    w2_1_1*tanh(w1_1_1*x1)
    """
    sigma = activation(network.activation).closed_form
    a = [symbol(name) for name in inputs]
    depth = len(network.widths) - 1
    for layer in range(1, depth + 1):
        z = []
        for i in range(1, network.widths[layer] + 1):
            total = symbol(f"b{layer}_{i}") if network.bias else ZERO
            for j, value in enumerate(a, 1):
                total = total + symbol(f"w{layer}_{i}_{j}") * value
            z.append(total)
        a = [sigma(v) for v in z] if layer < depth else z
    return tuple(a)


def loss_terms(loss: Any, y: Sequence[Sequence[Expr]]) -> tuple[LossTerm, ...]:
    """ℓ as terms: one for all examples with the same targets, or one for all where W couples them.

    The targets go in exactly, so that 0·log o is 0 and not 0·(−∞).
    """
    alike: dict[Expr, list[tuple[int, ...]]] = {}
    for term in loss.terms(y):
        alike.setdefault(term.kind.value, []).append(tuple(term.places))
    return tuple(LossTerm(form, tuple(rows)) for form, rows in alike.items())
