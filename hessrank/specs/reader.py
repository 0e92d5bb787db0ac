"""Tables to objects: what `[model]`, `[data]`, `[loss]`, `[regulariser]` and `[point]` mean.

In: tables with exact numbers, as `toml` reads them. Out: a `Model`, `Data`, `Loss`, a regulariser,
a point; InputErrors name the key. What the objects check themselves is checked there alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hessrank.frameworks.files import weights_for
from hessrank.proofs.information_loss.cuts import activations_in
from hessrank.specs.places import named, under
from hessrank.specs.toml import table
from hessrank.symbolic.errors import InputError, shown
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.models.layers import Network
from hessrank.symbolic.models.losses import WEIGHTED, Loss
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.models.sequential import sequential
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.points import modules, point_of
from hessrank.symbolic.problems.regularisers import l1, l2

FORMULA = ("outputs", "parameters", "inputs", "fixed")
NETWORK = ("kind", "widths", "activation", "bias", "fixed")
SEQUENTIAL = ("kind", "inputs", "layers", "fixed")
DATA = ("x", "y", "test")
#: All keys that [model] may have.
MODEL = (*NETWORK, *SEQUENTIAL, *FORMULA)

#: H of so many parameters takes about 10 GB in exact numbers.
MAX_PARAMETERS = 10_000


def text_of(raw: Mapping[str, Any], key: str, default: str, place: str | None = None) -> str:
    """The text at `key` of a table, which stands at `place`."""
    value = raw.get(key, default)
    if not isinstance(value, str):
        raise InputError(f"expected text, found {shown(value)}", place or key)
    return value


def _names(value: Any, key: str) -> list[str]:
    """Names or expressions: a list of texts, or names in one text with blanks between."""
    if isinstance(value, str):
        return value.replace(",", " ").split()
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return value
    raise InputError(f"expected a list of texts, found {shown(value)}", key)


#: What tells the kind of a model that does not name it.
_TOLD = (("widths", "mlp"), ("layers", "sequential"))


def model_of(raw: Mapping[str, Any]) -> Model:
    """`[model]`: closed forms (`outputs`) or a network (`kind = "mlp"`)."""
    fixed = table(raw.get("fixed", {}), "model.fixed")
    with under("model"):
        if "outputs" in raw:
            table(raw, "model", FORMULA, required=("outputs", "parameters"))
            outputs = raw["outputs"]
            return Model.from_expressions(
                outputs if isinstance(outputs, str) else _names(outputs, "outputs"),
                _names(raw["parameters"], "parameters"),
                _names(raw.get("inputs", []), "inputs"),
                fixed=fixed,
            )
        kind = raw.get("kind", next((k for part, k in _TOLD if part in raw), None))
        if kind is None:
            raise InputError('expected outputs = [...] or kind = "mlp"', "model")
        if kind == "sequential":
            table(raw, "model", SEQUENTIAL, required=("inputs", "layers"))
            return sequential(raw["layers"], raw["inputs"], fixed=fixed)
        if kind != "mlp":
            raise InputError(f'expected "mlp" or "sequential", found {shown(kind)}', "kind")
        table(raw, "model", NETWORK, required=("widths", "activation"))
        widths = raw["widths"]
        if isinstance(widths, list) and Network(tuple(widths)).size > MAX_PARAMETERS:
            raise InputError(f"more than {MAX_PARAMETERS} parameters", "widths")
        return mlp(widths, raw["activation"], raw.get("bias", True), fixed=fixed)


def data_of(raw: Mapping[str, Any], model: Model) -> Data:
    """`[data]`: `y`, and `x` unless the model has no inputs; `Data` and `Problem` check shapes."""
    y = raw["y"]
    if "x" not in raw and model.inputs:
        raise InputError("expected, but not there", "data.x")
    return Data(x=raw.get("x", [[] for _ in y] if isinstance(y, list) else []), y=y)


def test_of(raw: Mapping[str, Any], model: Model) -> tuple[tuple[Expr, ...], ...]:
    """`data.test`: inputs off the data, a row each."""
    if "test" not in raw:
        return ()
    rows = raw["test"]
    if not isinstance(rows, list) or not rows:
        raise InputError(f"expected one row an example, found {shown(rows)}", "data.test")
    width = len(model.inputs)
    for row in rows:
        if (len(row) if isinstance(row, list) else 1) != width:
            raise InputError(f"expected rows of {width} numbers, found {shown(row)}", "data.test")
    try:
        return Data(rows, [[0]] * len(rows)).x
    except InputError as error:
        error.key = (error.key or "data.x").replace("data.x", "data.test")
        raise


def layer_of(value: Any, model: Model) -> int | tuple[Expr, ...]:
    """`[layer]`: the `number` of a hidden layer, or the closed forms of its `activations`."""
    raw = table(value, "layer", ("number", "activations"))
    if ("number" in raw) == ("activations" in raw):
        raise InputError("expected either number or activations", "layer")
    if "activations" in raw:
        forms = _names(raw["activations"], "layer.activations")
        if not forms:
            raise InputError("expected one or more activations", "layer.activations")
        try:
            return activations_in(model, forms)
        except InputError as error:
            error.key = "layer.activations"
            raise
    number = raw["number"]
    last = 0 if model.network is None else model.network.depth - 1
    if not last:
        kind = "hidden layers" if model.network is not None else "numbered layers: use activations"
        raise InputError(f"the model has no {kind}", "layer.number")
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= last:
        raise InputError(
            f"expected a hidden layer from 1 to {last}, found {shown(number)}", "layer.number"
        )
    return number


def split_of(value: Any, model: Model) -> tuple[str, ...]:
    """`split`: the parameters of the first of two modules."""
    first = _names(value, "split")
    modules(first, model.parameters)
    return tuple(first)


def loss_of(value: Any) -> Loss:
    """`[loss]`: `kind` and, for weighted-squared, `weights`; or `expression`."""
    raw = table(value, "loss", ("kind", "expression", "weights", "factor"))
    if "factor" in raw:
        rest = {key: given for key, given in raw.items() if key != "factor"}
        factor = constant(raw["factor"], "loss.factor")
        if not factor.is_number:
            raise InputError(f"expected a rational number, found {factor}", "loss.factor")
        return loss_of(rest).times(factor.value)
    if ("kind" in raw) == ("expression" in raw):
        raise InputError("expected either kind or expression", "loss")
    if "expression" in raw:
        table(raw, "loss", ("expression",))
        return Loss.from_expression(text_of(raw, "expression", ""))
    kind = raw["kind"]
    if kind == WEIGHTED:
        table(raw, "loss", ("kind", "weights"), required=("weights",))
        W = raw["weights"]
        if not isinstance(W, list) or not all(isinstance(row, list) for row in W):
            raise InputError("expected the matrix W as a list of rows", "loss.weights")
        return Loss.weighted(W)
    table(raw, "loss", ("kind",))
    return Loss.named(text_of(raw, "kind", "", "loss.kind"))


def regulariser_of(value: Any, model: Model) -> Expr:
    """`[regulariser]`: `kind` with `strength`, or `expression`, as an expression in θ."""
    raw = table(value, "regulariser", ("kind", "strength", "expression"))
    if ("kind" in raw) == ("expression" in raw):
        raise InputError("expected either kind or expression", "regulariser")
    if "expression" in raw:
        table(raw, "regulariser", ("expression",))
        text = text_of(raw, "expression", "")
        return parse(text, set(model.parameters), "regulariser.expression")
    table(raw, "regulariser", ("kind", "strength"), required=("strength",))
    kinds = {"l2": l2, "l1": l1}
    kind = raw["kind"].lower() if isinstance(raw["kind"], str) else None
    if kind not in kinds:
        raise InputError(f'expected "l2" or "l1", found {shown(raw["kind"])}', "regulariser.kind")
    return kinds[kind](model.parameters, raw["strength"])


def side_of(raw: Mapping[str, Any]) -> str | int:
    side = raw.get("side", 0)
    if "side" in raw and side not in ("left", "right"):
        raise InputError(f'expected "left" or "right", found {shown(side)}', "side")
    return side


def read_point(value: Any, model: Model, source: str) -> dict[str, Expr]:
    """`[point]`, or with `file` the weights in a file beside the spec."""
    raw = table(value, "point")
    if "file" not in raw or "file" in model.parameters:
        return point_of(raw, model)
    table(raw, "point", ("file",))
    with under("point"):
        path = Path(source).parent / text_of(raw, "file", "")
    with named("point.file"):
        weights = weights_for(model, path)
    return point_of(weights, model)
