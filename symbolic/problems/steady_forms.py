"""Closed forms near a point, example by example, without the kinks that are none there.

In: a model of closed forms, its data and a point in a ring. Out: the same `outputs`, `jacobian` and
second derivatives as `closed_forms.Run`, from forms in which x is put in and each piecewise
function whose argument is not 0 at the point is replaced by its piece. An argument that becomes the
constant 0 by that, as w·0 or v·relu(w·x) behind a dead unit, is no kink.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hessrank.symbolic.errors import KinkError
from hessrank.symbolic.expressions.expression import ZERO, Expr, Ring, evaluate, postorder
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.expressions.substitution import put_in, rebuilt
from hessrank.symbolic.models import closed_forms
from hessrank.symbolic.models.closed_forms import Array
from hessrank.symbolic.models.models import Model


@dataclass(frozen=True)
class Examples:
    """One `closed_forms.Run` for each example."""

    runs: tuple[closed_forms.Run, ...]

    @property
    def outputs(self) -> Array:
        """F, (D, K)."""
        return np.concatenate([run.outputs for run in self.runs])

    def jacobian(self) -> Array:
        """(D, K, N)."""
        return np.concatenate([run.jacobian() for run in self.runs])

    def second_derivatives(self) -> Array:
        """(D, K, N, N)."""
        return np.concatenate([run.second_derivatives() for run in self.runs])

    def weighted_hessian(self, r: Array) -> Array:
        """Σ_d ∇²(r_d·F_d), (N, N), for r (D, K)."""
        total = self.runs[0].weighted_hessian(r[:1])
        for d, run in enumerate(self.runs[1:], 1):
            total = total + run.weighted_hessian(r[d : d + 1])
        return total


def steady_examples(
    model: Model, rows: Sequence[Sequence[Expr]], theta: Mapping[str, Any], ring: Ring
) -> Examples:
    """The model near θ on each row of inputs. KinkError, which names the example, for a kink."""
    none = np.empty((1, 0), dtype=object)
    runs = []
    for d, row in enumerate(rows):
        forms = put_in(model.outputs, dict(zip(model.inputs, row, strict=True)))
        try:
            forms = steady_pieces(forms, theta, ring)
        except KinkError as error:
            raise KinkError(f"example {d + 1}: {error}", "point") from None
        one = closed_forms.derive(tuple(forms), model.parameters)
        runs.append(closed_forms.Run(one, (), dict(theta), none, ring))
    return Examples(tuple(runs))


def steady_pieces(forms: Sequence[Expr], theta: Mapping[str, Any], ring: Ring) -> list[Expr]:
    """`forms` of θ with every piecewise function replaced by its piece at θ. KinkError for one
    whose argument is 0 there and not the constant 0."""
    of: dict[Expr, Expr] = {}
    for node in postorder(forms):
        args = [of[a] for a in node.args]
        new = rebuilt(node, args)
        if new.op == "function" and new.args and FUNCTIONS[new.name].kink:
            (value,) = evaluate(new.args, ring, theta)
            try:
                up = ring.function("step", value) != 0
            except KinkError:
                shown = str(new)
                raise KinkError(
                    f"{shown if len(shown) <= 60 else shown[:57] + '...'}: a kink "
                    "lies exactly at the point"
                ) from None
            (z,) = new.args
            new = {
                "relu": z if up else ZERO,
                "abs": z if up else -z,
                "step": ZERO + int(up),
                "sign": ZERO + (1 if up else -1),
            }[new.name]
        of[node] = new
    return [of[f] for f in forms]
