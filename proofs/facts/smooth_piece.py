"""The outputs near a point, as closed forms in θ alone that are smooth there.

In: a `Landscape`. Out: F_1, …, F_M as closed forms of the parameters, with relu, abs, step and sign
replaced by the piece on which the point lies: away from kinks that is F on a neighbourhood. And
whether a closed form is real-analytic on all of parameter space, which global arguments need.
"""

from __future__ import annotations

from collections.abc import Sequence

from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.errors import KinkError
from hessrank.symbolic.expressions.expression import (
    ZERO,
    Expr,
    evaluate,
    free_symbols,
    number,
    postorder,
)
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.expressions.substitution import put_in, rebuilt
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.once import once
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem

#: Functions that are real-analytic on the whole line.
ENTIRE = frozenset(
    {"exp", "sin", "cos", "tanh", "sinh", "cosh", "sigmoid", "softplus", "erf", "pi"}
    | {"atan", "asinh"}
)


def outputs_of(problem: Problem) -> tuple[Expr, ...]:
    """F_1, …, F_M as closed forms of the free parameters, example-major."""
    forms: list[Expr] = []
    for row in problem.data.x:
        x = dict(zip(problem.model.inputs, row, strict=True))
        forms += put_in(problem.model.outputs, x)
    return tuple(forms)


@once
def outputs_near(here: Landscape) -> tuple[Expr, ...]:
    """F_1, …, F_M near the point, without kinks. Raises KinkError where one lies at the point,
    also where the landscape takes a side there: around a kink F is not one piece.

    >>> from hessrank.symbolic.problems.data import Data
    >>> net = Model.from_expressions("a*relu(w*x)", "a w", "x")
    >>> [str(f) for f in outputs_near(Problem(net, Data([2], [0])).at({"a": 1, "w": 3}))]
    ['a*(2*w)']
    """
    return smooth_piece(outputs_of(here.problem), here)


def smooth_piece(forms: Sequence[Expr], here: Landscape) -> tuple[Expr, ...]:
    """`forms` with every piecewise function replaced by its piece at the point."""
    order = postorder(forms)
    kinks = [n for n in order if n.op == "function" and n.args and FUNCTIONS[n.name].kink]
    if not kinks:
        return tuple(forms)

    def signs(field: Field) -> list[int]:
        values = evaluate([n.args[0] for n in kinks], field, here.theta(field))
        return [field.sign(v) for v in values]

    sign = dict(zip(kinks, evaluate_in_field(signs, here.side), strict=True))
    of: dict[Expr, Expr] = {}
    for node in order:
        args = [of[a] for a in node.args]
        if node not in sign:
            of[node] = rebuilt(node, args)
        elif sign[node] == 0 and vanish(*args).truth is Truth.TRUE:
            of[node] = piece(node.name, 0, ZERO)  # 0 on a neighbourhood: no kink
        else:
            of[node] = piece(node.name, sign[node], *args)
    return tuple(of[form] for form in forms)


def piece(name: str, sign: int, z: Expr) -> Expr:
    """A piecewise function of z near a point where z has that sign. KinkError for a z that is 0
    there and no constant."""
    if sign == 0 and free_symbols(z):
        raise KinkError("a kink lies exactly at the point: around it F is not one smooth piece")
    up = sign > 0
    return {
        "relu": z if up else ZERO,
        "abs": z if up else -z,
        "step": number(int(up)),
        "sign": number(sign),
    }[name]


def analytic_everywhere(forms: Sequence[Expr]) -> bool:
    """Whether composition rules show the forms to be real-analytic on all of R^N."""
    for node in postorder(forms):
        if node.op == "pow" and (node.exponent.denominator != 1 or node.exponent < 0):
            if free_symbols(node):
                return False
        elif node.op == "function" and node.name not in ENTIRE and free_symbols(node):
            return False
    return True


def behaviour_problem(forms: Sequence[Expr], parameters: Sequence[str]) -> Problem:
    """The map θ ↦ `forms` as a problem of one example without inputs, with targets 0."""
    model = Model.from_expressions(list(forms), parameters)
    return Problem(model, Data(x=[[]], y=[[0] * len(forms)]), "sum-of-squares")
