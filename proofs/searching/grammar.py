"""The grammar of toy problems, ordered by size: where counterexamples are looked for.

In: `Constraints`. Out: `Cell`s, a model with D examples each, in ascending order of (N, M, D) and
of the activation. What a cell holds, inputs and points in ascending order of height, labels left
free, is told by `classes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hessrank.proofs.searching.constraints import Constraints
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.models.activations import NAMES
from hessrank.symbolic.models.models import Model, mlp

#: Activations of the grammar, unless others are asked for.
ACTIVATIONS = ("identity", "square", "relu", "tanh", "sigmoid", "softplus")
#: Closed forms of the grammar (outputs, parameters).
FORMS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("s",), "s"),
    (("s**2",), "s"),
    (("s**3",), "s"),
    (("s", "s**2"), "s"),
    (("s*t",), "s t"),
    (("s + t**2",), "s t"),
    (("s**2 + t**2",), "s t"),
    (("s**2 - t**2",), "s t"),
    (("s", "t**2"), "s t"),
    (("s", "s*t"), "s t"),
    (("s + t", "s*t"), "s t"),
    (("s*t*u",), "s t u"),
    (("s + t*u",), "s t u"),
    (("s", "t*u"), "s t u"),
)
#: Networks of the grammar have at most so many layers and outputs, unless more are asked for.
MAX_LAYERS = 3
MAX_OUTPUTS = 2
#: No budget goes through larger problems, or through more cells: they are refused.
MAX_PARAMETERS = 100
MAX_DEPTH = 12
MAX_CELLS = 200_000
#: In a cell of N parameters letters are at most max(LEVELS − N, 2) levels off the simplest ones,
#: summed over a class.
LEVELS = 8


@dataclass(frozen=True)
class Cell:
    """One model with D examples: all its classes have the same N, M and D.

    idle: inputs may be idle, i.e. span less than R^n, where the network without the idle ones has
    at most so many parameters: those of other networks are smaller problems of the grammar.
    """

    model: Model
    D: int
    idle: int = 0

    @property
    def size(self) -> tuple[int, int, int]:
        return (len(self.model.parameters), self.D * self.model.output_count, self.D)

    @property
    def level(self) -> int:
        """How far off the simplest letters its classes go."""
        return max(LEVELS - self.size[0], 2)

    @property
    def name(self) -> str:
        """The model and D, in short."""
        net = self.model.network
        if net is None:
            return f"{', '.join(map(str, self.model.outputs))}; D = {self.D}"
        bias = "with" if net.bias else "without"
        return f"{net.activation} {list(net.widths)} {bias} biases; D = {self.D}"


def cells(constraints: Constraints) -> list[Cell]:
    """All cells that the constraints allow, in ascending order. InputError where there is none, or
    more than MAX_CELLS.

    >>> [c.size for c in cells(Constraints(widths=(1, 1, 1), activation=("tanh",), max_examples=2))]
    [(2, 1, 1), (2, 2, 2), (4, 1, 1), (4, 2, 2)]
    """
    for key, most in (("max_parameters", MAX_PARAMETERS), ("layers", MAX_DEPTH)):
        if (asked := getattr(constraints, key) or 0) > most:
            what = key.removeprefix("max_")
            raise InputError(f"the grammar ends at {most} {what}, found {asked}", key)
    found: list[Cell] = []
    for model in _models(constraints):
        if len(found) > MAX_CELLS:
            raise InputError(
                f"more than {MAX_CELLS} models and numbers of examples fulfil these: "
                f"{constraints.words}",
                "constraints",
            )
        most = constraints.max_examples if model.inputs else 1
        for D in range(1, most + 1):
            kept = len(model.parameters) if constraints.widths else 0
            if constraints.overparameterised:
                kept = max(kept, D * model.output_count)
            cell = Cell(model, D, kept)
            if not constraints.overparameterised or cell.size[0] > cell.size[1]:
                found.append(cell)
    if not found:
        raise InputError(
            f"no problem of the grammar fulfils these: {constraints.words}", "constraints"
        )
    return sorted(found, key=_order)


def _order(cell: Cell) -> tuple[tuple[int, int, int], int]:
    net = cell.model.network
    known = net is not None and net.activation in NAMES
    return cell.size, NAMES.index(net.activation) if net is not None and known else 0


def _models(c: Constraints) -> Iterator[Model]:
    if not c.about_networks:
        for outputs, parameters in FORMS:
            names = parameters.split()
            if len(names) <= c.max_parameters and not (c.scalar and len(outputs) > 1):
                yield Model.from_expressions(list(outputs), names)
    for widths in [c.widths] if c.widths else _widths(c):
        activations = c.activation or ACTIVATIONS
        if len(widths) == 2:  # no unit has an activation: asked for by widths or layers alone
            activations = () if c.activation and not (c.widths or c.layers) else ("identity",)
        for name in activations:
            for bias in (False, True):
                model = mlp(widths, name, bias)
                if len(model.parameters) <= c.max_parameters:
                    yield model


def _widths(c: Constraints) -> Iterator[tuple[int, ...]]:
    """All widths whose networks without biases have few enough parameters."""

    def grown(widths: tuple[int, ...], size: int, layers: int) -> Iterator[tuple[int, ...]]:
        for n in range(1, c.max_parameters + 1):
            more = size + widths[-1] * n
            if more + layers - 1 > c.max_parameters:  # each layer that is to come adds one
                return
            if layers > 1:
                yield from grown((*widths, n), more, layers - 1)
            elif n <= (1 if c.scalar else MAX_OUTPUTS):
                yield (*widths, n)

    for layers in [c.layers] if c.layers is not None else range(1, MAX_LAYERS + 1):
        for first in range(1, c.max_parameters + 1):
            yield from grown((first,), 0, layers)
