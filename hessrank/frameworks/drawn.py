"""A model that was read layer by layer, with its weights: the common ground of the frameworks.

In: layers as `sequential` takes them, each with its weights. Out: a `Landscape`. Layers that are a
plain network (linear layers, one activation between them) become one, so that all that is known of
networks is known of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from hessrank.frameworks.arrays import layer_shapes, rows, shape
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.exact import exact
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.models.sequential import sequential
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem


@dataclass
class Drawn:
    """layers: for `sequential`; weights: "W1", "b1", … by the number of the layer with weights."""

    layers: list[Any] = field(default_factory=list)
    weights: dict[str, Any] = field(default_factory=dict)
    count: int = 0

    def weighted(self, W: Any, b: Any, name: str) -> int:
        """Weights and (or None) biases of one layer more. Returns the number of rows of W."""
        self.count += 1
        self.weights[f"W{self.count}"] = exact(W, f"{name}.weight")
        if b is not None:
            self.weights[f"b{self.count}"] = exact(b, f"{name}.bias")
        return len(self.weights[f"W{self.count}"])

    def linear(self, W: Any, b: Any, name: str) -> None:
        units = self.weighted(W, b, name)
        if len(shape(self.weights[f"W{self.count}"])) != 2:
            raise InputError(f"{name}.weight: expected a matrix, one row a unit")
        self.layers.append({"linear": units, "bias": b is not None})

    def model(self, one: tuple[int, ...]) -> Model:
        """The model for examples of shape `one`."""
        return self._network(one) or sequential(self.layers, list(one))

    def _network(self, one: tuple[int, ...]) -> Model | None:
        """The plain network, where the layers are one."""
        linear = [l for l in self.layers if isinstance(l, dict)]
        between = [l for l in self.layers if isinstance(l, str)]
        n = len(linear)
        alternating = self.layers[0::2] == linear and self.layers[1::2] == between
        if len(one) != 1 or not n or len(self.layers) != 2 * n - 1 or not alternating:
            return None
        if any(set(l) != {"linear", "bias"} for l in linear):
            return None
        biases = {l["bias"] for l in linear}
        if len(biases) != 1 or len(set(between)) > 1:
            return None
        widths = [one[0], *(l["linear"] for l in linear)]
        sigma = activation(between[0]).name if between else "identity"
        return mlp(widths, sigma, biases.pop())

    def landscape(self, x: Any, y: Any, loss: Any, side: str | int = 0) -> Landscape:
        """At the weights, on data; `loss` as in `Problem`, or a framework's by its name."""
        xs, one = rows(x, "x")
        model = self.model(one)
        _check_shapes(self.weights, layer_shapes(model))
        chosen, ys = loss_and_targets(loss, y, len(xs), model.output_count)
        problem = Problem(model, Data(xs, ys), chosen)
        return problem.at(self.weights, side)


def _check_shapes(weights: Mapping[str, Any], wanted: Mapping[str, tuple[int, ...]]) -> None:
    for name, value in weights.items():
        if name in wanted and shape(value) != wanted[name]:
            raise InputError(
                f"{name} has shape {list(shape(value))}, and the layers before it need "
                f"{list(wanted[name])}"
            )


#: The frameworks' losses: ours, and what their mean divides by.
LOSSES = {
    "MSELoss": ("sum-of-squares", "outputs"),
    "CrossEntropyLoss": ("softmax-cross-entropy", "examples"),
    "BCEWithLogitsLoss": ("binary-cross-entropy", "outputs"),
}


def loss_and_targets(loss: Any, y: Any, D: int, K: int) -> tuple[Loss | str, list[list[Any]]]:
    """The loss and the targets as rows. loss: a name or `Loss` of ours, a framework's loss or its
    class by name. Raises InputError where the targets do not fit."""
    name = loss if isinstance(loss, str) else type(loss).__name__
    if isinstance(loss, type):
        name = loss.__name__
    if isinstance(loss, Loss) or name not in LOSSES:
        if not isinstance(loss, (str, Loss)):
            known = ", ".join(LOSSES)
            raise InputError(f"{name} is not known: one of {known}, or a loss of hessrank", "loss")
        return loss, rows(y, "y")[0]
    ours, over = LOSSES[name]
    reduction = getattr(loss, "reduction", "mean")
    if reduction not in ("mean", "sum"):
        raise InputError(f"{name} with reduction {reduction!r} gives no number", "loss")
    for option in ("weight", "pos_weight"):
        if getattr(loss, option, None) is not None:
            raise InputError(f"{name} with {option} is not supported", "loss")
    if getattr(loss, "label_smoothing", 0.0):
        raise InputError(f"{name} with label_smoothing is not supported", "loss")
    targets = _classes(y, D, K) if name == "CrossEntropyLoss" else rows(y, "y")[0]
    if len(targets) != D:
        raise InputError(f"{len(targets)} targets for {D} examples", "y")
    divisor = D if over == "examples" else D * K
    if ours == "sum-of-squares" and reduction == "mean":
        return "mean-squared", targets
    chosen = Loss.named(ours)
    return (chosen.times(Fraction(1, divisor)) if reduction == "mean" else chosen), targets


def _classes(y: Any, D: int, K: int) -> list[list[Any]]:
    """Class numbers as rows of 0 and 1; rows of probabilities as they are."""
    nested = exact(y, "y")
    if not isinstance(nested, list):
        raise InputError("expected one class or one row of probabilities an example", "y")
    if any(isinstance(v, list) for v in nested):
        return rows(y, "y")[0]
    out = []
    for d, v in enumerate(nested):
        if not v.is_number or v.value.denominator != 1 or not 0 <= v.value < K:
            raise InputError(f"expected a class from 0 to {K - 1}, found {v}", f"y[{d}]")
        out.append([int(k == v.value) for k in range(K)])
    return out
