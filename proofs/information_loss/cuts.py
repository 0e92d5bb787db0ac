"""A landscape seen at a layer: F(x; θ) = g(a(x; θ_<), θ_>).

In: a landscape and a layer, either one of a network or given by the closed forms of its
activations. Out: a `Cut`, which knows the activations of every example, the classes of examples
that share them, and J in its two parts: J_< for the p parameters before the layer, J_> for those
after it. What S1 calls throwing information away at layer L is a statement about a cut.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import flint
import numpy as np

from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import InputError, KinkError, UndecidedError, counted
from hessrank.symbolic.expressions.differentiation import gradient
from hessrank.symbolic.expressions.expression import Expr, evaluate, free_symbols, postorder, symbol
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.expressions.substitution import Expressions, replace, substitute
from hessrank.symbolic.fields.balls import BallRing, excludes_zero
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.fields.field import Field, differs, evaluate_in_field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.models import layers
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.models.tied import Tied
from hessrank.symbolic.once import once
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.problems.steady_forms import steady_pieces
from hessrank.symbolic.ranks.matrices import Matrix

Row = TypeVar("Row")
#: Precisions at which activations without an exact number are told apart.
BITS = (64, 256, 1024)


@dataclass(frozen=True, eq=False)
class Cut:
    """`here` cut at a layer with activations a = `hidden`, closed forms in θ and x.

    tail: the K outputs g, in the symbols of `entering` for a, and in θ_>; where it still holds
    inputs, there is a path around the layer. before: the p parameters θ_<.
    """

    here: Landscape
    name: str
    hidden: tuple[Expr, ...]
    tail: tuple[Expr, ...]
    before: tuple[str, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        kept = self.here, self.name, self.hidden, self.tail, self.before
        return Cut, kept  # what is kept on it does not travel

    @property
    def p(self) -> int:
        """The number of free parameters before the layer."""
        return len(self.before)

    @cached_property
    def after(self) -> tuple[str, ...]:
        """θ_>: the free parameters that the activations do not contain."""
        return tuple(n for n in self.here.problem.model.parameters if n not in self.before)

    @property
    def around(self) -> tuple[str, ...]:
        """The inputs that reach the outputs without passing through the layer."""
        found = free_symbols(*self.tail)
        return tuple(x for x in self.here.problem.model.inputs if x in found)

    @property
    @once
    def values(self) -> Values:
        """Activations and derivatives at the point, exactly, in one field.

        Raises UndecidedError where closed forms grow too large to carry.
        """
        try:
            return evaluate_in_field(lambda field: _values(self, field), self.here.side)
        except TooLarge as error:
            raise UndecidedError(f"the activations at {self.name}: {error}") from None

    @cached_property
    def classes(self) -> Classes:
        """The examples sorted by their activations."""
        try:
            return _classes(self.values.activations, self.values.field)
        except (UndecidedError, TooLarge):
            return _classes_of_forms(self)

    @cached_property
    def arrivals(self) -> Classes:
        """The examples sorted by all that reaches the tail: their activations and the inputs that
        go around the layer. Where none do, these are the `classes`."""
        if not self.around:
            return self.classes
        try:
            return _classes(self.values.entering, self.values.field)
        except (UndecidedError, TooLarge):
            return _classes_of_forms(self, self.around)


@dataclass(frozen=True, eq=False)
class Values:
    """What a cut gives at the point, exact numbers of `field`.

    activations: D × width of the layer; entering: these and the inputs around the layer.
    early = J_<, M×p, and whole = [J_< | J_>], M×N, are derivatives of the outputs; late = ∂g/∂θ_>
    at each example's own activations, M×(N−p), is one of the tail. Rows are example-major, K an
    example.
    """

    field: Field
    activations: tuple[tuple[Exact, ...], ...]
    entering: tuple[tuple[Exact, ...], ...]
    early: tuple[tuple[Exact, ...], ...]
    late: tuple[tuple[Exact, ...], ...]
    whole: tuple[tuple[Exact, ...], ...]

    def matrix(self, rows: Sequence[Sequence[Exact]], width: int) -> Matrix:
        """Rows as a Matrix, which can decide its rank."""
        return Matrix(tuple(tuple(r) for r in rows), (len(rows), width), self.field)


@dataclass(frozen=True)
class Classes:
    """Examples with equal activations: `groups` of their numbers (from 0), first example first.

    Within a group they are equal; `separated` says whether different groups are known to differ.
    """

    groups: tuple[tuple[int, ...], ...]
    separated: Fact

    @property
    def count(self) -> int:
        """C, where `separated`; an upper bound of it in any case."""
        return len(self.groups)

    @property
    def largest(self) -> tuple[int, ...]:
        return max(self.groups, key=len, default=())


@once
def cuts(here: Landscape) -> tuple[Cut, ...]:
    """The cuts of a network at each of its hidden layers; none for a model of closed forms.

    >>> from hessrank.symbolic.models.models import mlp
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> net = mlp([1, 2, 1], "relu", bias=False)
    >>> point = dict(zip(net.parameters, (1, 2, 1, 1)))
    >>> (cut,) = cuts(Problem(net, Data(x=[-1, -2, 3], y=[0, 0, 0])).at(point))
    >>> cut.p, cut.classes.groups, cut.around
    (2, ((0, 1), (2,)), ())
    """
    model = here.problem.model
    net = model.network
    if model.tied is not None:
        return _tied_cuts(here, model.tied)
    if net is None:
        return ()
    known: dict[str, Expr] = {n: symbol(n) for n in model.parameters} | dict(model.fixed)
    theta = np.array([known[n] for n in net.parameters], dtype=object)
    x = np.array([[symbol(n) for n in model.inputs]], dtype=object)
    ring = layers.Objects(Expressions())
    run = layers.forward(net, theta, x, ring)
    found = []
    for l in range(1, net.depth):
        width = net.widths[l]
        start = int(net.blocks[l].min())
        rest = layers.Network(net.widths[l:], net.activation, net.bias)
        entering = np.array([[symbol(n) for n in _entering(width)]], dtype=object)
        tail = layers.forward(rest, theta[start:], entering, ring).outputs[0]
        before = tuple(n for n in net.parameters[:start] if n in model.parameters)
        hidden = tuple(run.inputs[l][0, :width])
        found.append(Cut(here, f"hidden layer {l}", hidden, tuple(tail), before))
    return tuple(found)


def _tied_cuts(here: Landscape, tied: Tied) -> tuple[Cut, ...]:
    """The cuts at the layers of a net with tied weights, those that only carry a skip included.

    A parameter that stands on both sides of a layer counts as before it. T5 holds as it does
    without: J = [J_< | J_>] with p columns of J_<, and rows of J_> that are equal for examples of
    one class; and with θ_< held, g(a, θ_>) moves through the fibre.
    """
    model = here.problem.model
    known: dict[str, Expr] = {n: symbol(n) for n in model.parameters} | dict(model.fixed)
    ring = layers.Objects(Expressions())
    x = np.array([[symbol(n) for n in model.inputs]], dtype=object)
    inputs = tied.run(known, x, ring).run.inputs
    order, _ = tied.weights(known, ring)
    found = []
    for l in range(1, tied.net.depth):
        width = tied.widths[l]
        entering = np.array([[symbol(n) for n in _entering(width)]], dtype=object)
        tail = tied.rest(l, order, entering, ring)[0]
        before = tuple(n for n in tied.before(l) if n in model.parameters)
        hidden = tuple(inputs[l][0, :width])
        found.append(Cut(here, f"hidden layer {l}", hidden, tuple(tail), before))
    return tuple(found)


def cut_through(here: Landscape, hidden: Sequence[str | Expr], name: str = "the layer") -> Cut:
    """A model of closed forms cut where its subexpressions `hidden` enter the rest.

    hidden: expressions that occur in the outputs as they stand. Raises InputError for one that
    does not occur there.

    >>> from hessrank.symbolic.models.models import Model
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> model = Model.from_expressions("v*tanh(w*x) + s*x", "v w s", "x")
    >>> here = Problem(model, Data([1, 2], [0, 0])).at({"v": 1, "w": 0, "s": 1})
    >>> cut_through(here, ["tanh(w*x)"]).around
    ('x',)
    """
    model = here.problem.model
    forms = activations_in(model, hidden)
    entering = _entering(len(forms))
    tail = tuple(replace(model.outputs, dict(zip(forms, map(symbol, entering), strict=True))))
    inside = free_symbols(*forms)
    return Cut(here, name, forms, tail, tuple(n for n in model.parameters if n in inside))


def activations_in(model: Model, hidden: Sequence[str | Expr]) -> tuple[Expr, ...]:
    """The closed forms of a layer's activations. Raises InputError for one that does not occur in
    the outputs as it stands."""
    names = {*model.parameters, *model.inputs}
    forms = tuple(parse(h, names, "hidden") if isinstance(h, str) else h for h in hidden)
    nodes = set(postorder(model.outputs))
    for form in forms:
        if form not in nodes:
            raise InputError(f"{form} does not occur in the outputs", "hidden")
    return forms


def _entering(width: int) -> list[str]:
    """Names for the activations; no parameter can be called so."""
    return [f"a[{i + 1}]" for i in range(width)]


def _values(cut: Cut, field: Field) -> Values:
    here, model = cut.here, cut.here.problem.model
    theta = here.theta(field)
    names_of_J = (*cut.before, *cut.after)
    J_forms = [g for f in model.outputs for g in gradient(f, names_of_J)]
    late_forms = [g for f in cut.tail for g in gradient(f, cut.after)]
    entering, K, D = _entering(len(cut.hidden)), len(cut.tail), len(here.problem.data)
    activations, around, whole, late = [], [], [], []
    for row in here.problem.data.x:
        x = dict(zip(model.inputs, evaluate(row, field, {}), strict=True))
        at: dict[str, Any] = theta | x
        a = evaluate(cut.hidden, field, at)
        activations.append(tuple(a))
        around.append((*a, *(at[name] for name in cut.around)))
        inside = at | dict(zip(entering, a, strict=True))
        try:
            J, E = evaluate(J_forms, field, at), evaluate(late_forms, field, inside)
        except (
            KinkError
        ):  # perhaps none: with x, or the activations, put in as the constants they are
            given = dict(zip(model.inputs, row, strict=True))
            J = _near(model.outputs, given, names_of_J, theta, field)
            given |= {name: field.expr(v) for name, v in zip(entering, a, strict=True)}
            E = _near(cut.tail, given, cut.after, theta, field)
        whole += _split(J, K)
        late += _split(E, K)
    assert len(whole) == len(late) == K * D
    early = tuple(row[: cut.p] for row in whole)
    return Values(field, tuple(activations), tuple(around), early, tuple(late), tuple(whole))


def _near(
    forms: Sequence[Expr],
    given: dict[str, Expr],
    names: Sequence[str],
    theta: dict[str, Exact],
    field: Field,
) -> list[Exact]:
    """Derivatives in θ of forms of constants and θ, by the pieces that they are near the point."""
    pieces = steady_pieces(substitute(forms, given), theta, field)
    return evaluate([g for f in pieces for g in gradient(f, names)], field, theta)


def _split(flat: list[Exact], K: int) -> list[tuple[Exact, ...]]:
    width = len(flat) // K
    return [tuple(flat[k * width : (k + 1) * width]) for k in range(K)]


def _classes_of_forms(cut: Cut, around: Sequence[str] = ()) -> Classes:
    """The classes where the activations are too large to carry as exact numbers: those of one
    closed form are equal, those of disjoint balls differ."""
    here = cut.here
    forms = [*cut.hidden, *map(symbol, around)]
    rows = []
    for row in here.problem.data.x:
        given = dict(here.values) | dict(zip(here.problem.model.inputs, row, strict=True))
        rows.append(tuple(substitute(forms, given)))

    def separated(one: tuple[Expr, ...], other: tuple[Expr, ...]) -> bool:
        return any(_apart(u, v, here.side) for u, v in zip(one, other, strict=True) if u is not v)

    return _sorted(rows, separated)


def _apart(one: Expr, other: Expr, side: int) -> bool:
    """Whether balls tell two numbers apart."""
    for bits in BITS:
        with flint.ctx.workprec(bits):
            try:
                u, v = evaluate([one, other], BallRing(side), {})
            except UndecidedError:
                continue
            if excludes_zero(u - v):
                return True
    return False


def _classes(rows: Sequence[tuple[Exact, ...]], field: Field) -> Classes:
    def separated(one: tuple[Exact, ...], other: tuple[Exact, ...]) -> bool:
        return any(differs(field, u - v) for u, v in zip(one, other, strict=True))

    return _sorted(rows, separated)


def _sorted(rows: Sequence[Row], separated: Callable[[Row, Row], bool]) -> Classes:
    """Rows that are equal in one group; whether the groups are known to differ."""
    groups: list[list[int]] = []
    for d, a in enumerate(rows):
        for group in groups:
            if rows[group[0]] == a:
                group.append(d)
                break
        else:
            groups.append([d])
    found = tuple(map(tuple, groups))
    first = [g[0] for g in groups]
    for i, d in enumerate(first):
        for e in first[:i]:
            if not separated(rows[d], rows[e]):
                reason = f"the activations of examples {e + 1} and {d + 1} are not separated"
                return Classes(found, Fact(Truth.UNDECIDED, reason))
    reason = (
        f"{counted(len(groups), 'distinct activation vector')} on {counted(len(rows), 'example')}"
    )
    return Classes(found, Fact(Truth.TRUE, reason))
