"""Models: a function of parameters and inputs, as a layered network or as closed forms.

In: widths and an activation, or expressions as text. Out: a frozen `Model` that can be run in any
ring. Its run gives the behaviour F, the Jacobian and second derivatives; a network does so by the
rule of its layers (`layers`), closed forms by differentiating one example (`closed_forms`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from hessrank.symbolic.brief import Brief
from hessrank.symbolic.budget import unhurried
from hessrank.symbolic.errors import InputError, shown
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.exchange.from_sympy import from_sympy, is_symbol, is_sympy
from hessrank.symbolic.expressions.expression import Expr, free_symbols, symbol
from hessrank.symbolic.expressions.parsing import check_names, nearest, parse
from hessrank.symbolic.expressions.substitution import Expressions, put_in
from hessrank.symbolic.models import closed_forms, layers
from hessrank.symbolic.models.layers import Array, ArrayRing, Network
from hessrank.symbolic.models.tied import Tied, TiedRun


@dataclass(frozen=True, repr=False)
class Model(Brief):
    """f(x; θ) with N free `parameters`, n `inputs` and K outputs.

    Exactly one of `network` and `forms` is set. `fixed` holds the values of the parameters that
    are not free. `tied`: the layers behind the forms, where there are any, by whose rule it runs.
    """

    parameters: tuple[str, ...]
    inputs: tuple[str, ...]
    network: Network | None = None
    forms: tuple[Expr, ...] | None = None
    fixed: tuple[tuple[str, Expr], ...] = ()
    tied: Tied | None = None

    @classmethod
    def from_expressions(
        cls,
        outputs: Any,
        parameters: str | Iterable[Any],
        inputs: str | Iterable[Any] = (),
        fixed: Mapping[Any, object] | None = None,
    ) -> Model:
        """A model given by closed forms.

        outputs: K expressions in the parameters and inputs: texts (see `parsing.parse`), SymPy
        expressions or `Expr`s; parameters, inputs: names, as a list or as one text separated by
        blanks, or SymPy symbols; fixed: exact values of some parameters, which are then not free.
        Raises InputError that names the argument.

        >>> Model.from_expressions(["a*tanh(u*x)"], "a u", "x").parameters
        ('a', 'u')
        >>> import sympy
        >>> a, b, x = sympy.symbols("a b x")
        >>> print(*Model.from_expressions([a * sympy.tanh(b * x)], [a, b], [x]).outputs)
        a*tanh(b*x)
        """
        thetas = check_names(_words(parameters), "parameters")
        xs = check_names(_words(inputs), "inputs")
        check_names([*thetas, *xs], "inputs")
        if is_sympy(outputs):
            outputs = list(outputs) if hasattr(outputs, "shape") else [outputs]
        if not isinstance(outputs, (str, Expr, Sequence)):
            raise InputError(f"expected text or a list of texts, found {outputs!r}", "outputs")
        texts = [outputs] if isinstance(outputs, (str, Expr)) else list(outputs)
        if not texts:
            raise InputError("expected at least one output", "outputs")
        known = {*thetas, *xs}
        forms = tuple(_form(t, known, f"outputs[{k}]") for k, t in enumerate(texts))
        free, values = _split(thetas, fixed)
        with unhurried():  # a problem is stated, whatever a budget has left to decide it
            shown = tuple(put_in(forms, dict(values)))
        return cls(free, xs, forms=shown, fixed=values)

    @property
    def outputs(self) -> tuple[Expr, ...]:
        """The K closed forms, in the free parameters and the inputs (a network's are built)."""
        return self._closed_forms

    @cached_property
    def _closed_forms(self) -> tuple[Expr, ...]:
        if self.forms is not None:
            return self.forms
        assert self.network is not None
        theta = {name: symbol(name) for name in self.parameters} | dict(self.fixed)
        x = np.array([[symbol(name) for name in self.inputs]], dtype=object)
        ring = layers.Objects(Expressions())
        order = np.array([theta[name] for name in self.network.parameters], dtype=object)
        return tuple(layers.forward(self.network, order, x, ring).outputs[0])

    @property
    def output_count(self) -> int:
        """K."""
        return self.network.widths[-1] if self.network else len(self.forms or ())

    def run(self, theta: Mapping[str, object], x: Array, ring: ArrayRing) -> Run:
        """The model at θ (values of the free parameters, in the ring) on examples x (D, n).

        ring: an array ring (`layers.Objects` over a scalar ring for closed forms).
        """
        if self.network is None:
            assert isinstance(ring, layers.Objects) and self.forms is not None
            if self.tied is not None:
                return self.tied.run(theta, x, ring)
            one = closed_forms.derive(self.forms, self.parameters)
            return closed_forms.Run(one, self.inputs, dict(theta), x, ring.scalars)
        values = dict(theta)
        if self.fixed:
            assert isinstance(ring, layers.Objects)
            names, exprs = zip(*self.fixed, strict=True)
            values |= zip(names, closed_forms.constants(exprs, ring.scalars), strict=True)
        order = np.array([values[name] for name in self.network.parameters], dtype=object)
        free = [i for i, n in enumerate(self.network.parameters) if n not in dict(self.fixed)]
        return NetworkRun(layers.forward(self.network, order, x, ring), free)


@dataclass(frozen=True)
class NetworkRun:
    """A network's run, seen in its free parameters."""

    run: layers.Forward
    free: list[int]

    @property
    def outputs(self) -> Array:
        """F, (D, K)."""
        return self.run.outputs

    def jacobian(self) -> Array:
        """(D, K, N)."""
        return layers.jacobian(self.run)[:, :, self.free]

    def weighted_hessian(self, r: Array) -> Array:
        """Σ_d ∇²(r_d·F_d), (N, N), for r (D, K)."""
        return layers.weighted_hessian(self.run, r)[np.ix_(self.free, self.free)]

    def second_derivatives(self) -> Array:
        """(D, K, N, N)."""
        return layers.second_derivatives(self.run)[:, :, self.free][:, :, :, self.free]


#: Names of more parameters than this are not written out.
MAX_PARAMETERS = 10_000_000

Run: TypeAlias = closed_forms.Run | NetworkRun | TiedRun


def mlp(
    widths: Sequence[int],
    activation: str = "tanh",
    bias: bool = True,
    fixed: Mapping[str, object] | None = None,
) -> Model:
    """A fully connected network; activation "identity" makes it a deep linear net.

    widths: (n_0, …, n_L); parameters w{layer}_{unit}_{input} and b{layer}_{unit}, counted from 1,
    layer by layer; fixed: exact values of parameters that are not free.
    Raises InputError that names the argument.

    >>> mlp([2, 2, 1], bias=False).parameters
    ('w1_1_1', 'w1_1_2', 'w1_2_1', 'w1_2_2', 'w2_1_1', 'w2_1_2')
    """
    if isinstance(widths, str) or not hasattr(widths, "__iter__"):
        raise InputError(f"expected a list such as [2, 3, 1], found {shown(widths)}", "widths")
    if not isinstance(bias, bool):
        raise InputError(f"expected true or false, found {shown(bias)}", "bias")
    network = Network(tuple(widths), activation, bias)
    if network.size > MAX_PARAMETERS:
        raise InputError(f"more than {MAX_PARAMETERS} parameters", "widths")
    free, values = _split(network.parameters, fixed)
    inputs = tuple(f"x{j + 1}" for j in range(network.widths[0]))
    return Model(free, inputs, network=network, fixed=values)


def _words(names: Any) -> list[str]:
    """Names, from one text or from a list of texts and SymPy symbols."""
    if isinstance(names, str):
        return names.replace(",", " ").split()
    given = [names] if is_symbol(names) else list(names)
    return [n.name if is_symbol(n) else n for n in given]


def _form(text: Any, known: set[str], key: str) -> Expr:
    if is_sympy(text):
        text = from_sympy(text, key)
    if not isinstance(text, Expr):
        return parse(text, known, key)
    unknown = sorted(free_symbols(text) - known)
    if unknown:
        raise InputError(f"unknown name {unknown[0]!r}{nearest(unknown[0], known)}", key)
    return text


def _split(
    names: Sequence[str], fixed: Mapping[Any, object] | None
) -> tuple[tuple[str, ...], tuple[tuple[str, Expr], ...]]:
    """(the free names, the fixed ones with their values)."""
    given = {str(name): value for name, value in (fixed or {}).items()}
    for name in given:
        if name not in names:
            raise InputError(f"no parameter {name!r}{nearest(name, names)}", f"fixed.{name}")
    values = tuple((n, constant(v, f"fixed.{n}")) for n, v in given.items())
    return tuple(n for n in names if n not in given), values
