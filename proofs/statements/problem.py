"""A landscape as the JSON object `problem` of a certificate (docs/certificates.md).

In: a `Landscape`. Out: its model, data, loss, regulariser and point as plain values: numbers are
integers or text, functions are text that `proofs/checker.py` reads by its own rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hessrank.proofs import checker
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.landscape import Landscape, Problem


def problem_json(here: Landscape) -> dict[str, Any]:
    """The object `problem` of a certificate. Raises InputError where the format has no words for
    it: a side at a kink.

    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> square = Problem(Model.from_expressions("t**2", "t"), Data(x=[[]], y=[["-1/2"]]))
    >>> found = problem_json(square.at({"t": 0}))
    >>> found["model"]["outputs"], found["y"], found["point"]
    (['t**2'], [['-1/2']], {'t': 0})
    """
    if here.side:
        raise InputError("a certificate of a statement has no side at a kink", "side")
    return problem_at(here.problem, {name: _number(value) for name, value in here.values})


def problem_at(problem: Problem, point: Mapping[str, int | str]) -> dict[str, Any]:
    """The same for a point whose numbers are text already."""
    return {
        "model": _model(problem.model),
        "x": [[_number(v) for v in row] for row in problem.data.x],
        "y": [[_number(v) for v in row] for row in problem.data.y],
        "loss": _loss(problem.loss, problem.model.output_count),
        "regulariser": None if problem.regulariser is None else _text(problem.regulariser),
        "point": dict(point),
    }


def _number(value: Expr) -> int | str:
    if value.is_number and value.value.denominator == 1:
        return int(value.value)
    return _text(value)


def _text(value: Expr) -> str:
    text = str(value)
    if len(text) > checker.MAX_TEXT:
        raise InputError(f"a closed form of more than {checker.MAX_TEXT} characters")
    return text


def _model(model: Model) -> dict[str, Any]:
    fixed = {name: _number(value) for name, value in model.fixed}
    if model.network is not None:
        net = model.network
        return {
            "kind": "network",
            "widths": list(net.widths),
            "activation": net.activation,
            "bias": net.bias,
            "fixed": fixed,
        }
    return {
        "kind": "closed-form",
        "outputs": [_text(form) for form in model.outputs],
        "parameters": list(model.parameters),
        "inputs": list(model.inputs),
        "fixed": {},
    }


def _loss(loss: Loss, K: int) -> dict[str, Any]:
    if loss.weights is not None:
        return {"kind": loss.name, "weights": [[_number(v) for v in row] for row in loss.weights]}
    factor = loss.factor.numerator if loss.factor.denominator == 1 else str(loss.factor)
    found: dict[str, Any] = {"kind": loss.name, "factor": factor}
    if loss.text is not None:
        found["expression"] = _text(loss.form(K))
    return found
