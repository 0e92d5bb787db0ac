"""Objects to text: the spec that replays a landscape exactly.

In: a `Landscape`. Out: TOML; every number is written as text, which is exact.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model

if TYPE_CHECKING:
    from hessrank.symbolic.problems.landscape import Landscape


def dumps(
    here: Landscape,
    title: str = "",
    layer: int | Sequence[object] | None = None,
    split: Sequence[str] = (),
    test: Sequence[Sequence[object]] = (),
) -> str:
    """The text of a spec that replays `here` exactly: the same problem at the same point.

    layer, split, test: what claims may speak of besides, as a `Spec` has them in `about`.

    >>> from hessrank.specs.spec import loads, read_spec
    >>> again = loads(dumps(read_spec("X2").landscape()), "X2")
    >>> again.problem == read_spec("X2").problem
    True
    """
    problem, model = here.problem, here.problem.model
    sides = {1: 'side = "right"', -1: 'side = "left"'}
    lines = [f"title = {_quoted(title)}"] if title else []
    lines += [sides[here.side]] if here.side in sides else []
    lines += [f"split = {_nested(list(split))}"] if split else []
    lines += ["", "[model]", *_model_lines(model)]
    if model.fixed:
        lines.append("fixed = {" + ", ".join(f"{n} = {_quoted(v)}" for n, v in model.fixed) + "}")
    lines += ["", "[data]", f"x = {_nested(problem.data.x)}", f"y = {_nested(problem.data.y)}"]
    lines += [f"test = {_nested([list(row) for row in test])}"] if test else []
    lines += ["", "[loss]", *_loss_lines(problem.loss)]
    if problem.regulariser is not None:
        lines += ["", "[regulariser]", f"expression = {_quoted(problem.regulariser)}"]
    lines += ["", "[point]", *(f"{name} = {_quoted(value)}" for name, value in here.values)]
    if layer is not None:
        closed = "" if isinstance(layer, int) else f"activations = {_nested(list(layer))}"
        lines += ["", "[layer]", closed or f"number = {layer}"]
    return "\n".join(lines).lstrip() + "\n"


def _model_lines(model: Model) -> list[str]:
    if model.network is not None:
        net = model.network
        return [
            'kind = "mlp"',
            f"widths = {list(net.widths)}",
            f"activation = {_quoted(net.activation)}",
            f"bias = {str(net.bias).lower()}",
        ]
    if model.tied is not None:
        source = json.loads(model.tied.source)
        return [
            'kind = "sequential"',
            f"inputs = {_inline(source['inputs'])}",
            f"layers = {_inline(source['layers'])}",
        ]
    names = [*model.parameters, *(name for name, _ in model.fixed)]
    return [
        f"outputs = {_nested(model.outputs)}",
        f"parameters = {_nested(names)}",
        f"inputs = {_nested(model.inputs)}",
    ]


def _loss_lines(loss: Loss) -> list[str]:
    known: dict[str, Any] = {"kind": loss.name} if loss.text is None else {"expression": loss.text}
    known |= {"factor": loss.factor} if loss.factor != 1 else {}
    weights = [f"weights = {_nested(loss.weights)}"] if loss.couples else []
    return [*(f"{key} = {_quoted(value)}" for key, value in known.items()), *weights]


def _nested(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(map(_nested, value)) + "]"
    return _quoted(value)


def _inline(value: Any) -> str:
    """A JSON value as TOML on one line."""
    if isinstance(value, dict):
        inside = ", ".join(f"{key} = {_inline(v)}" for key, v in value.items())
        return "{" + inside + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(value: object) -> str:
    """Text as a TOML string. Numbers too are written so: every exact number has a text."""
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
