"""Landscapes on which the claims about features are tried.

In: nothing. Out: `Instance`s: S4's example with the features 1, x, cos x; perfect fits under
several losses; networks fitted to their own outputs; features that read different inputs, on grids
and off; networks that lose information.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product as grid

from hessrank.proofs.reasoning.statement import Instance
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem


def closed_form(
    outputs: str | list[str],
    parameters: str,
    inputs: str,
    x: Sequence[object],
    y: Sequence[object],
    point: dict[str, object],
    loss: str | Loss = "half-squared",
) -> Landscape:
    model = Model.from_expressions(outputs, parameters, inputs)
    return Problem(model, Data(x, y), loss).at(point)


def cosine_features() -> Landscape:
    """S4's example: the features 1, x and cos x, fitted perfectly at x = 0, π/3, π/2, π."""
    return closed_form(
        "a + b*x + c*cos(x)",
        "a b c",
        "x",
        ["0", "pi/3", "pi/2", "pi"],
        ["3", "2 + pi/3", "1 + pi/2", "pi - 1"],
        {"a": 1, "b": 1, "c": 2},
    )


def fitted_net(
    widths: list[int],
    activation: str,
    x: Sequence[object],
    values: Sequence[object],
    bias: bool = False,
    fixed: dict[str, object] | None = None,
) -> Landscape:
    """A network fitted to its own outputs: r = 0."""
    model = mlp(widths, activation, bias, fixed)
    point = dict(zip(model.parameters, values, strict=True))
    K = model.output_count
    F = Problem(model, Data(x, [[0] * K for _ in x])).at(point).outputs.exact("F")
    y = [[F[d * K + k, 0] for k in range(K)] for d in range(len(x))]
    return Problem(model, Data(x, y), "half-squared").at(point)


SIGNS = [[-1, -1], [-1, 1], [1, -1], [1, 1]]
UNEVEN = [[-1, -2], [-1, 2], [1, -2], [1, 2]]
BITS = [[0, 0], [0, 1], [1, 0], [1, 1]]


def networks() -> Sequence[Instance]:
    return (
        Instance("cancelling-inputs", fitted_net([2, 1], "identity", UNEVEN, [2, 1])),
        Instance("square-net", fitted_net([2, 2, 1], "square", BITS, [1, 1, 1, -1, 1, 2])),
        Instance(
            "deep-tanh",
            fitted_net([1, 2, 1, 1], "tanh", [["log(2)/2"], ["log(3)/2"]], [1, 2, 1, -1, 2]),
        ),
        Instance(
            "relu-two-outputs",
            fitted_net(
                [2, 2, 2],
                "relu",
                [[1, 2], [2, -1], [-3, 1]],
                [1, 1, -1, 2, 0, 1, 1, 1, 2, 1, 0, "1/2"],
                bias=True,
            ),
        ),
        Instance("one-neuron", fitted_net([1, 1], "identity", [[1], [2]], [3])),
    )


def perfect_fits() -> Sequence[Instance]:
    two = closed_form(["a + b*x", "a*b"], "a b", "x", [1, 2], [[2, 1], [3, 1]], {"a": 1, "b": 1})
    crossed = Loss.weighted([[2, 1], [1, 3]])
    line: Callable[..., Landscape] = closed_form
    return (
        Instance("cosine-features", cosine_features()),
        Instance("two-outputs", two),
        Instance(
            "softmax-fit",
            line(
                ["a + b", "a*b", "c"],
                "a b c",
                "",
                [[]],
                [["1/3", "1/3", "1/3"]],
                {"a": 0, "b": 0, "c": 0},
                "softmax-cross-entropy",
            ),
        ),
        Instance(
            "cross-terms-fit",
            line(["a + b", "a*b"], "a b", "", [[]], [[1, 0]], {"a": 0, "b": 1}, crossed),
        ),
        Instance(
            "examples-coupled",
            line("a*x + b", "a b", "x", [1, 2], [3, 4], {"a": 1, "b": 2}, crossed),
        ),
        Instance(
            "log-cosh-fit", line("a*b*x", "a b", "x", [1, 2], [2, 4], {"a": 1, "b": 2}, "log-cosh")
        ),
        Instance("golden-ratio", line(["a + b", "a"], "a b", "", [[]], [[1, 1]], {"a": 1, "b": 0})),
        Instance("doubled-slope", line("2*a", "a", "", [[]], [2], {"a": 1})),
        Instance(
            "linear-and-flat", line("a*x + b*x", "a b", "x", [1, 2], [2, 4], {"a": 1, "b": 1})
        ),
    )


def hard_labels() -> Sequence[Instance]:
    hard = closed_form(
        ["a", "b"], "a b", "", [[]], [[1, 0]], {"a": 2, "b": -3}, "softmax-cross-entropy"
    )
    return (Instance("hard-label-on-logits", hard), *perfect_fits())


def features_of_parts() -> Sequence[Instance]:
    """Features of one input each, on grids, and on data where the inputs depend on each other."""

    def fitted(outputs: str, parameters: str, x: Sequence[Sequence[object]]) -> Landscape:
        zeros = dict.fromkeys(parameters.split(), 0)
        return closed_form(outputs, parameters, "x1 x2", x, [0] * len(x), dict(zeros))

    three = [[a, b] for a, b in grid((0, 1, 2), (0, "pi"))]
    return (
        Instance("x1-x2-on-bits", fitted("a*x1 + b*x2", "a b", BITS)),
        Instance("x1-x2-on-signs", fitted("a*x1 + b*x2", "a b", SIGNS)),
        Instance("x1-x2-equal", fitted("a*x1 + b*x2", "a b", [[0, 0], [1, 1]])),
        Instance("square-and-cosine", fitted("a*x1**2 + b*cos(x2)", "a b", three)),
        Instance("constant-square", fitted("a*x1**2 + b*x2", "a b", SIGNS)),
        Instance("two-constant-squares", fitted("a*x1**2 + b*x2**2", "a b", SIGNS)),
    )


def merging_networks() -> Sequence[Instance]:
    """Networks that lose information on the way."""
    merged = fitted_net(
        [2, 1, 1], "tanh", [[1, 0], [1, 1]], [1, 0, 1, 0], bias=True, fixed={"b1_1": 0}
    )
    crowded = fitted_net(
        [2, 1, 1],
        "identity",
        [[1, 0], [0, 1], [1, 1], [2, -1]],
        [0, 0, 1, 1],
        bias=True,
        fixed={"b1_1": 0},
    )
    blind = fitted_net([2, 1, 1], "identity", [[1, 2], [2, 4], [3, 6]], [1, 1, 2])
    twins = fitted_net([1, 2, 1], "square", [[1], [2], [3]], [1, 1, 1, 2])
    return (
        Instance("merged-full-rank", merged),
        Instance("merged-beyond-the-bound", crowded),
        Instance("inputs-on-a-line", blind),
        Instance("duplicated-square-unit", twins),
    )
