"""The grammar of toy problems, ordered by size: where counterexamples are looked for.

In: `Constraints`. Out: `Cell`s (N, M, D) in ascending order, each with its classes: a model, inputs
x and an exact point θ, labels left free. Copies are skipped: hidden units are sorted, the first
incoming weight of an odd or homogeneous unit is not negative, the examples are a set.

Weights of tanh and sigmoid units are logarithms of rationals, so that their values are rational.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, islice, product

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.models.activations import activation as known_activation
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.landscape import Landscape

#: Activations of the grammar, unless others are asked for.
ACTIVATIONS = ("identity", "relu", "square", "tanh", "sigmoid", "softplus")
#: Short names of losses.
LOSS_NAMES = {"mse": "mean-squared"}
#: Closed forms of the grammar (outputs, parameters); a parameter enters by name.
FORMS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("s",), "s"),
    (("s**2",), "s"),
    (("s**3",), "s"),
    (("s", "s**2"), "s"),
    (("s*t",), "s t"),
    (("s + t**2",), "s t"),
    (("s**2 + t**2",), "s t"),
    (("s", "t**2"), "s t"),
    (("s", "s*t"), "s t"),
    (("s + t", "s*t"), "s t"),
)
#: At most so many points of one architecture and x, simple ones first.
MAX_POINTS = 40
#: So many classes of a cell are tried where the budget does not reach all of them.
PLANTED = 6
#: The inputs: simple sets of examples.
INPUTS = (1, 2, 3, -1, -2, 0)
MAX_INPUT_SETS = 3


@dataclass(frozen=True)
class Constraints:
    """What the user asks for; empty or None where anything goes.

    activation, loss: names; widths; overparameterised: N > M; scalar: K = 1; layers: the number of
    weight matrices; max_parameters, max_examples: N and D at most.
    """

    activation: tuple[str, ...] = ()
    loss: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    overparameterised: bool = False
    scalar: bool = False
    layers: int | None = None
    max_parameters: int = 6
    max_examples: int = 4

    def __post_init__(self) -> None:
        for name in self.activation:
            known_activation(name, "activation")
        object.__setattr__(self, "loss", tuple(LOSS_NAMES.get(n, n) for n in self.loss))
        for name in self.loss:
            Loss.named(name, "loss")
        if self.widths and (len(self.widths) < 2 or min(self.widths) < 1):
            raise InputError("expected two or more whole numbers >= 1", "widths")
        for key in ("max_parameters", "max_examples"):
            value = getattr(self, key)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise InputError(f"expected a whole number >= 1, found {value!r}", key)
        if self.widths and self.layers not in (None, len(self.widths) - 1):
            raise InputError(
                f"widths {list(self.widths)} have {len(self.widths) - 1} layers, not {self.layers}",
                "layers",
            )
        if self.widths and self.scalar and self.widths[-1] != 1:
            raise InputError(f"a network of {self.widths[-1]} outputs is not scalar", "scalar")

    @property
    def about_networks(self) -> bool:
        """Whether closed forms are out of question."""
        return bool(self.activation or self.widths or self.layers is not None)

    def allows(self, here: Landscape) -> bool:
        """Whether a landscape is one that was asked for."""
        problem, net = here.problem, here.problem.model.network
        if self.about_networks and net is None:
            return False
        if net is not None and (
            (self.activation and net.activation not in self.activation)
            or (self.widths and net.widths != self.widths)
            or (self.layers is not None and net.depth != self.layers)
        ):
            return False
        return (
            (not self.loss or problem.loss.name in self.loss)
            and (not self.overparameterised or problem.N > problem.M)
            and (not self.scalar or problem.model.output_count == 1)
            and self.max_parameters >= problem.N
            and len(problem.data) <= self.max_examples
        )


@dataclass(frozen=True)
class Cell:
    """One model with D examples: all its classes have the same N, M and D."""

    model: Model
    D: int

    @property
    def size(self) -> tuple[int, int, int]:
        return (len(self.model.parameters), self.D * self.model.output_count, self.D)

    def classes(self) -> Iterator[tuple[list[list[object]], dict[str, object]]]:
        """(x, point): inputs a row each, and a value for each parameter."""
        points = list(_points(self.model))
        for x in _inputs(len(self.model.inputs), self.D):
            for point in points:
                yield x, point

    def planted(self) -> Iterator[tuple[list[list[object]], dict[str, object]]]:
        """The first classes: of networks those with duplicated units."""
        return islice(self.classes(), PLANTED)


def cells(constraints: Constraints) -> list[Cell]:
    """All cells that the constraints allow, in ascending order. InputError where there is none.

    >>> [c.size for c in cells(Constraints(widths=(1, 1, 1), activation=("tanh",), max_examples=2))]
    [(2, 1, 1), (2, 2, 2), (4, 1, 1), (4, 2, 2)]
    """
    found = []
    for model in _models(constraints):
        most = constraints.max_examples if model.inputs else 1
        for D in range(1, most + 1):
            cell = Cell(model, D)
            if not constraints.overparameterised or cell.size[0] > cell.size[1]:
                found.append(cell)
    if not found:
        raise InputError("no problem of the grammar fulfils these constraints", "constraints")
    return sorted(found, key=lambda c: c.size)


def _models(c: Constraints) -> Iterator[Model]:
    if not c.about_networks:
        for outputs, parameters in FORMS:
            names = parameters.split()
            if len(names) <= c.max_parameters and not (c.scalar and len(outputs) > 1):
                yield Model.from_expressions(list(outputs), names)
    for widths in [c.widths] if c.widths else _widths(c):
        activations = c.activation or ACTIVATIONS
        for name in activations if len(widths) > 2 else activations[:1]:
            for bias in (False, True):
                model = mlp(widths, name, bias)
                if len(model.parameters) <= c.max_parameters:
                    yield model


def _widths(c: Constraints) -> Iterator[tuple[int, ...]]:
    for layers in [c.layers] if c.layers is not None else (1, 2, 3):
        for hidden in product((1, 2, 3), repeat=layers - 1):
            for first in (1, 2):
                for last in (1,) if c.scalar else (1, 2):
                    yield (first, *hidden, last)


def _inputs(width: int, D: int) -> Iterator[list[list[object]]]:
    if not width:
        yield [[]]
        return
    rows: list[list[object]] = [[v] for v in INPUTS]
    if width > 1:
        rows = [[a, b] for a, b in ((1, 0), (0, 1), (1, 1), (1, -1), (2, 1), (1, 2))]
    for x in islice(combinations(rows, D), MAX_INPUT_SETS):
        yield list(x)


def _points(model: Model) -> Iterator[dict[str, object]]:
    """Points of the model, those with few and simple numbers first, MAX_POINTS at most."""
    net = model.network
    if net is None:
        grid = product((0, 1, -1), repeat=len(model.parameters))
        for simple in sorted(grid, key=lambda v: (sum(map(abs, v)), v[::-1])):
            yield dict(zip(model.parameters, map(Fraction, simple), strict=True))
        return
    for values in islice(_net_values(model), MAX_POINTS):
        yield dict(zip(model.parameters, values, strict=True))


def _net_values(model: Model) -> Iterator[tuple[object, ...]]:
    net = model.network
    assert net is not None
    inner, outer = _grids(net.activation)
    if net.depth == 1:
        yield from product(outer, repeat=net.size)
        return
    if net.depth > 2:  # equal units throughout: planted duplicates, then all of them
        yield from islice(product(inner[:3], repeat=net.size), MAX_POINTS)
        return
    n, h, K = net.widths
    ins = list(product(inner, repeat=n + net.bias))
    outs = list(product(outer, repeat=K))
    units = [(i, o) for i in ins for o in outs]
    # duplicated units first: the structure that makes J dependent
    chosen = sorted(
        combinations_with_replacement(range(len(units)), h),
        key=lambda c: (len({units[k][0] for k in c}), sum(c)),
    )
    for c in chosen:
        picked = [units[k] for k in c]
        rows = [w for unit, _ in picked for w in unit[:n]]
        biases = [unit[n] for unit, _ in picked] if net.bias else []
        last = [out[k] for k in range(K) for _, out in picked]
        yield (*rows, *biases, *last, *([0] * K if net.bias else []))


def _grids(name: str) -> tuple[Sequence[object], Sequence[object]]:
    """(weights into units, weights out of them)."""
    if name == "tanh":
        return ("log(3)/2", "log(2)/2", 0), (1, 2, -1, 0)
    if name in ("sigmoid", "softplus"):
        return (0, "log(2)", "log(3)"), (1, 2, -1, 0)
    return (1, 0, -1, 2), (1, 2, -1, 0)
