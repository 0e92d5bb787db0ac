"""Spec files: a problem and a point as TOML, read exactly, and written so that they replay.

In: the path of a spec file, its text, or a `Landscape`. Out: a `Spec`, or the text of one.
Numbers are exact: 0.1 is 1/10, and text such as "log(3)/2" is read by the whitelisting parser.
Every mistake is a `SpecError` of one line, `FILE: key: what was expected`. docs/spec.md is the
reference of the format.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hessrank import gallery
from hessrank.frameworks.files import weights_for
from hessrank.specs import toml
from hessrank.specs.toml import table
from hessrank.symbolic.errors import InputError, shown
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.expressions.parsing import nearest, parse
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.layers import Network
from hessrank.symbolic.models.losses import NAMES as LOSSES
from hessrank.symbolic.models.losses import WEIGHTED, Loss
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.models.sequential import sequential
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem
from hessrank.symbolic.problems.points import point_of
from hessrank.symbolic.problems.regularisers import l1, l2

if TYPE_CHECKING:
    from hessrank.symbolic.problems.landscape import Landscape

TOP = ("id", "title", "shows", "side", "model", "data", "loss", "regulariser", "point")
FORMULA = ("outputs", "parameters", "inputs", "fixed")
NETWORK = ("kind", "widths", "activation", "bias", "fixed")
SEQUENTIAL = ("kind", "inputs", "layers", "fixed")


#: H of so many parameters takes about 10 GB in exact numbers.
MAX_PARAMETERS = 10_000


class SpecError(InputError):
    """A mistake in a spec file; `str(error)` is `FILE: key: what was expected`."""

    def __init__(self, source: str, error: InputError) -> None:
        place = f"{source}: {error.key}" if error.key else source
        line = f"{place}: {error}"
        super().__init__("".join(c if c.isprintable() else "?" for c in line), error.key)


@dataclass(frozen=True)
class Spec:
    """A spec file that was read: `source` names it in messages, `id` in reports.

    `point` has a value for each parameter, or is None where the file gives none; `side` says
    which piece counts at a kink.
    """

    source: str
    id: str
    title: str
    shows: str
    problem: Problem
    point: Mapping[str, Expr] | None
    side: str | int

    def landscape(self) -> Landscape:
        """The problem at the point. Raises SpecError where the spec gives none."""
        with self.located():
            if self.point is None:
                raise InputError("expected a value for each parameter")
            return self.problem.at(self.point, side=self.side)

    @contextmanager
    def located(self) -> Iterator[None]:
        """An InputError inside becomes a SpecError at `point`: what lies on a kink or outside the
        domain shows itself only when the matrices are evaluated."""
        with located(self.source), _under("point"):
            yield


def read_spec(path: str | Path) -> Spec:
    """The spec in the file at `path`, or the gallery's entry of that id where no such file is.

    >>> read_spec("X2").title
    '(θ, θ²) with target (0, 1/2): L = θ⁴ + 1/4'
    """
    file = Path(path)
    if str(path) in gallery.ids() and not file.exists():
        file = gallery.path(str(path))
    with located(str(path)):
        if str(path).replace("-", "").isalnum() and not file.exists():
            known = nearest(str(path), gallery.ids())
            raise InputError(f"no such file, and no entry of the gallery{known}")
        return loads(toml.read(file), str(path))


def loads(text: str, name: str) -> Spec:
    """The spec that `text` describes; `name` stands for the file in messages.

    >>> loads("[model]\\noutputs = ['__import__(\\"os\\")']\\nparameters = 'a'", "s.toml")
    Traceback (most recent call last):
        ...
    hessrank.specs.spec.SpecError: s.toml: data: expected, but not there
    """
    with located(name):
        raw = table(toml.loads(text), "", TOP, required=("model", "data", "loss"))
        model = _model(table(raw["model"], "model", (*NETWORK, *SEQUENTIAL, *FORMULA)))
        data = _data(table(raw["data"], "data", ("x", "y"), required=("y",)), model)
        loss = _loss(raw["loss"])
        penalty = _regulariser(raw["regulariser"], model) if "regulariser" in raw else None
        with _named("loss"):
            problem = Problem(model, data, loss, regulariser=penalty)
        point = _point(raw["point"], model, name) if "point" in raw else None
        return Spec(
            source=name,
            id=_text(raw, "id", Path(name).stem),
            title=_text(raw, "title", ""),
            shows=_text(raw, "shows", ""),
            problem=problem,
            point=point,
            side=_side(raw),
        )


@contextmanager
def located(source: str) -> Iterator[None]:
    """Every InputError inside becomes a SpecError that begins with `source`."""
    try:
        yield
    except SpecError:
        raise
    except InputError as error:
        raise SpecError(source, error) from error


@contextmanager
def _under(prefix: str) -> Iterator[None]:
    """Keys of InputErrors raised inside are relative to `prefix`."""
    try:
        yield
    except InputError as error:
        key = error.key or ""
        if not re.match(rf"{re.escape(prefix)}(\W|$)", key):
            error.key = f"{prefix}.{key}" if key else prefix
        raise


def _text(raw: Mapping[str, Any], key: str, default: str) -> str:
    value = raw.get(key, default)
    if not isinstance(value, str):
        raise InputError(f"expected text, found {shown(value)}", key)
    return value


def _words(value: Any, key: str) -> list[str]:
    """Names or expressions: a list of texts, or names in one text with blanks between."""
    if isinstance(value, str):
        return value.replace(",", " ").split()
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return value
    raise InputError(f"expected a list of texts, found {shown(value)}", key)


def _model(raw: Mapping[str, Any]) -> Model:
    """`[model]`: closed forms (`outputs`) or a network (`kind = "mlp"`)."""
    fixed = table(raw.get("fixed", {}), "model.fixed")
    with _under("model"):
        if "outputs" in raw:
            table(raw, "model", FORMULA, required=("outputs", "parameters"))
            outputs = raw["outputs"]
            return Model.from_expressions(
                outputs if isinstance(outputs, str) else _words(outputs, "outputs"),
                _words(raw["parameters"], "parameters"),
                _words(raw.get("inputs", []), "inputs"),
                fixed=fixed,
            )
        if "kind" not in raw:
            raise InputError('expected outputs = [...] or kind = "mlp"', "model")
        if raw["kind"] == "sequential":
            table(raw, "model", SEQUENTIAL, required=("inputs", "layers"))
            return sequential(raw["layers"], raw["inputs"], fixed=fixed)
        if raw["kind"] != "mlp":
            raise InputError(f'expected "mlp" or "sequential", found {shown(raw["kind"])}', "kind")
        table(raw, "model", NETWORK, required=("widths", "activation"))
        widths, bias = raw["widths"], raw.get("bias", True)
        if not isinstance(widths, list):
            raise InputError(f"expected a list such as [2, 3, 1], found {shown(widths)}", "widths")
        if not isinstance(bias, bool):
            raise InputError(f"expected true or false, found {shown(bias)}", "bias")
        with _named("widths"):
            size = Network(tuple(widths)).size
            if size > MAX_PARAMETERS:
                raise InputError(f"more than {MAX_PARAMETERS} parameters")
        activation(raw["activation"], "activation")
        return mlp(widths, raw["activation"], bias, fixed=fixed)


@contextmanager
def _named(key: str) -> Iterator[None]:
    """InputErrors raised inside stand at `key`, unless they say so themselves."""
    try:
        yield
    except InputError as error:
        error.key = error.key or key
        raise


def _rows(value: Any, key: str) -> list[list[Expr]]:
    """A list of rows, one an example; a bare number is a row of one."""
    if not isinstance(value, list):
        raise InputError(f"expected a list of rows, one an example, found {shown(value)}", key)
    return [
        _numbers(row, f"{key}[{d}]") if isinstance(row, list) else [constant(row, f"{key}[{d}]")]
        for d, row in enumerate(value)
    ]


def _numbers(value: Any, key: str) -> list[Expr]:
    if not isinstance(value, list):
        raise InputError(f"expected a list of numbers, found {shown(value)}", key)
    return [constant(v, f"{key}[{j}]") for j, v in enumerate(value)]


def _data(raw: Mapping[str, Any], model: Model) -> Data:
    """`[data]`: `y`, and `x` unless the model has no inputs."""
    y = _rows(raw["y"], "data.y")
    if "x" not in raw and model.inputs:
        raise InputError("expected, but not there", "data.x")
    x = _rows(raw["x"], "data.x") if "x" in raw else [[] for _ in y]
    if len(x) != len(y):
        raise InputError(f"{len(y)} rows, but data.x has {len(x)}: one row an example", "data.y")
    for key, rows, width, what in (
        ("data.x", x, len(model.inputs), "inputs"),
        ("data.y", y, model.output_count, "outputs"),
    ):
        for d, row in enumerate(rows):
            if len(row) != width:
                raise InputError(
                    f"{len(row)} numbers, but the model has {width} {what}", f"{key}[{d}]"
                )
    return Data(x=x, y=y)


def _loss(value: Any) -> Loss:
    """`[loss]`: `kind` and, for weighted-squared, `weights`; or `expression`."""
    raw = table(value, "loss", ("kind", "expression", "weights", "factor"))
    if "factor" in raw:
        rest = {key: given for key, given in raw.items() if key != "factor"}
        factor = constant(raw["factor"], "loss.factor")
        if not factor.is_number:
            raise InputError(f"expected a rational number, found {factor}", "loss.factor")
        return _loss(rest).times(factor.value)
    if ("kind" in raw) == ("expression" in raw):
        raise InputError("expected either kind or expression", "loss")
    if "expression" in raw:
        table(raw, "loss", ("expression",))
        return Loss.from_expression(_text(raw, "expression", ""))
    kind = raw["kind"]
    if kind == WEIGHTED:
        table(raw, "loss", ("kind", "weights"), required=("weights",))
        if not isinstance(raw["weights"], list):
            raise InputError("expected the matrix W as a list of rows", "loss.weights")
        rows = [_numbers(row, f"loss.weights[{i}]") for i, row in enumerate(raw["weights"])]
        return Loss.weighted(rows)
    table(raw, "loss", ("kind",))
    if not isinstance(kind, str):
        raise InputError(f"expected one of {', '.join(LOSSES)}, found {shown(kind)}", "loss.kind")
    return Loss.named(kind)


def _regulariser(value: Any, model: Model) -> Expr:
    """`[regulariser]`: `kind` with `strength`, or `expression`, as an expression in θ."""
    raw = table(value, "regulariser", ("kind", "strength", "expression"))
    if ("kind" in raw) == ("expression" in raw):
        raise InputError("expected either kind or expression", "regulariser")
    if "expression" in raw:
        table(raw, "regulariser", ("expression",))
        text = _text(raw, "expression", "")
        return parse(text, set(model.parameters), "regulariser.expression")
    table(raw, "regulariser", ("kind", "strength"), required=("strength",))
    kinds = {"l2": l2, "l1": l1}
    kind = raw["kind"].lower() if isinstance(raw["kind"], str) else None
    if kind not in kinds:
        raise InputError(f'expected "l2" or "l1", found {shown(raw["kind"])}', "regulariser.kind")
    return kinds[kind](model.parameters, raw["strength"])


def _side(raw: Mapping[str, Any]) -> str | int:
    side = raw.get("side", 0)
    if "side" in raw and side not in ("left", "right"):
        raise InputError(f'expected "left" or "right", found {shown(side)}', "side")
    return side


def _point(value: Any, model: Model, source: str) -> dict[str, Expr]:
    """`[point]`, or with `file` the weights in a file beside the spec."""
    raw = table(value, "point")
    if "file" not in raw or "file" in model.parameters:
        return point_of(raw, model)
    table(raw, "point", ("file",))
    with _under("point"):
        path = Path(source).parent / _text(raw, "file", "")
    with _named("point.file"):
        weights = weights_for(model, path)
    return point_of(weights, model)


def dumps(here: Landscape, title: str = "") -> str:
    """The text of a spec that replays `here` exactly: the same problem at the same point.

    >>> again = loads(dumps(read_spec("X2").landscape()), "X2")
    >>> again.problem == read_spec("X2").problem
    True
    """
    problem, model = here.problem, here.problem.model
    sides = {1: 'side = "right"', -1: 'side = "left"'}
    lines = [f"title = {_quoted(title)}"] if title else []
    lines += [sides[here.side]] if here.side in sides else []
    lines += ["", "[model]", *_model_lines(model)]
    if model.fixed:
        lines.append("fixed = {" + ", ".join(f"{n} = {_quoted(v)}" for n, v in model.fixed) + "}")
    lines += ["", "[data]", f"x = {_nested(problem.data.x)}", f"y = {_nested(problem.data.y)}"]
    lines += ["", "[loss]", *_loss_lines(problem.loss)]
    if problem.regulariser is not None:
        lines += ["", "[regulariser]", f"expression = {_quoted(problem.regulariser)}"]
    lines += ["", "[point]", *(f"{name} = {_quoted(value)}" for name, value in here.values)]
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
