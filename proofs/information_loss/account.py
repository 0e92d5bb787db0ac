"""What a network loses on the way, and how broad its landscape is: one account of a landscape.

In: a landscape, and where wanted further inputs and scales b. Out: an `Information`:

- at each hidden layer the classes of examples that it does not tell apart, T5's bound p + K·C on
  rank J and whether rank J attains it (sharp), and the dependences yᵀJ = 0 that merging forces;
- dead and duplicated units;
- breadth: the spectra of JᵀAJ and of H, the effective rank and log det(I + bH) at each b, and the
  bounds on the learning coefficient λ of vol{L − L(θ) < ε} ~ ε^λ (T7);
- further inputs: rank [J_train; J_test] − rank J_train, the rank of J_test on ker J_train: in so
  many independent ways, to first order, the outputs there change while F does not.

A part that is not known says why; the others stand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, TypeVar

from hessrank.proofs.basins.breadth import at_scale, levels
from hessrank.proofs.basins.volume import exponent
from hessrank.proofs.fibres.symmetries import duplicate_units
from hessrank.proofs.information_loss import information as info
from hessrank.proofs.information_loss.cuts import Cut, cut_through, cuts
from hessrank.proofs.information_loss.lost import Information, LayerLoss, OffData, Spectrum
from hessrank.proofs.information_loss.units import dead_units
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.budget import decision
from hessrank.symbolic.errors import HessrankError, InputError, KinkError, UndecidedError
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem

#: The scales b = βs² at which breadth is shown unless others are named.
SCALES = (1, 100, 10000)
SECONDS = 60.0
T = TypeVar("T")


def information(
    here: Landscape,
    test: Sequence[Any] = (),
    b: Sequence[object] = SCALES,
    seconds: float = SECONDS,
    layer: int | Sequence[str | Expr] | None = None,
) -> Information:
    """What the network of `here` loses at each layer, and how broad its landscape is there.

    test: further inputs, a row each; b: the scales, exact numbers > 0; seconds: for all of it
    (docs/budgets.md); layer: the closed forms of a layer's activations, where the model has no
    layers of its own. Raises InputError for inputs or scales that are none.

    >>> from hessrank.symbolic.models.models import mlp
    >>> net = mlp([1, 2, 1], "relu", bias=False)
    >>> point = dict(zip(net.parameters, (1, 2, 1, 1)))
    >>> found = information(Problem(net, Data([-1, -2, 3], [0, 0, 0])).at(point), test=[[4]])
    >>> found.layers[0].merged, found.layers[0].bound, found.off_data.lower
    (((1, 2),), 4, 0)
    """
    if not isinstance(here, Landscape):
        raise InputError("expected a landscape: a problem at a point, problem.at({...})", "here")
    scales = [scale_of(value) for value in b]
    beside = _beside(here, test) if len(test) else None
    why: dict[str, str] = {}

    def known(part: str, find: Callable[[], T]) -> T | None:
        try:
            return find()
        except (HessrankError, TooLarge) as error:
            if isinstance(error, KinkError) and part != "off_data":
                raise  # there is no J at θ
            why[part] = str(error)
            return None

    with decision(seconds):
        gram = known("gauss_newton", lambda: _spectrum(here, "gauss_newton", scales))
        return Information(
            known("layers", lambda: _layers(here, layer)) or (),
            known("units", lambda: _dead(here)),
            known("units", lambda: _duplicated(here)),
            gram,
            known("hessian", lambda: _spectrum(here, "hessian", scales)),
            known("learning_coefficient", lambda: exponent(here)),
            known("off_data", lambda: _off_data(here, beside)) if beside is not None else None,
            why,
        )


def scale_of(value: object) -> Fraction:
    """A rational b > 0. Raises InputError for anything else.

    >>> scale_of("1/2")
    Fraction(1, 2)
    """
    form = constant(value, "b")
    if not form.is_number or form.value <= 0:
        raise InputError(f"expected a rational number > 0, found {form}", "b")
    return Fraction(form.value)


def _layers(here: Landscape, layer: int | Sequence[str | Expr] | None) -> tuple[LayerLoss, ...]:
    if layer is not None and not isinstance(layer, int):
        closed = (layer,) if isinstance(layer, str) else layer
        return (layer_loss(cut_through(here, closed, ", ".join(map(str, closed)))),)
    found = cuts(here)
    if not found and here.problem.model.network is None:
        raise InputError("the model is given by closed forms: name a layer by its activations")
    return tuple(layer_loss(cut) for cut in found)


def layer_loss(cut: Cut) -> LayerLoss:
    """What is lost where the landscape is cut. Raises UndecidedError where the activations are
    neither carried exactly nor, by balls, all different."""
    try:
        _ = cut.values
    except UndecidedError:
        D, K, alone = len(cut.here.problem.data), len(cut.tail), cut.classes.separated
        if cut.classes.count < D or alone.truth is not Truth.TRUE:
            raise
        bound = cut.p + K * D
        sharp = info.sharp(bound, cut.here.rank("jacobian"))
        single = tuple((d + 1,) for d in range(D))
        # E copies nothing: it is the identity, and [J_< | E] has independent rows
        return LayerLoss(cut.name, single, alone, cut.p, cut.around, bound, sharp, ())
    bound, field = info.rank_bound(cut), cut.values.field
    return LayerLoss(
        cut.name,
        tuple(tuple(d + 1 for d in group) for group in cut.classes.groups),
        cut.classes.separated,
        cut.p,
        cut.around,
        bound,
        info.sharp(bound, cut.here.rank("jacobian")),
        tuple(tuple(str(field.expr(v)) for v in y) for y in info.forced(cut)),
    )


def _dead(here: Landscape) -> tuple[tuple[int, int, tuple[int, ...]], ...]:
    return tuple((l, i + 1, tuple(d + 1 for d in where)) for l, i, where in dead_units(here))


def _duplicated(here: Landscape) -> tuple[tuple[int, int, int, int], ...]:
    return tuple((l, i + 1, j + 1, sign) for l, i, j, sign in duplicate_units(here))


def _spectrum(here: Landscape, name: str, scales: Sequence[Fraction]) -> Spectrum:
    matrix = here.matrix(name)
    found = levels(matrix, here.rank(name))
    return Spectrum(name, found, tuple(at_scale(matrix, found, b) for b in scales))


def _beside(here: Landscape, test: Sequence[Any]) -> tuple[Data, Landscape]:
    """The further inputs, and the landscape with them beside the data."""
    model, x = here.problem.model, here.problem.data.x
    zero = [0] * model.output_count
    for row in test:
        width = len(row) if hasattr(row, "__len__") and not isinstance(row, str) else 1
        if width != len(model.inputs):
            raise InputError(
                f"expected rows of {len(model.inputs)} numbers, found {row!r}", "test-inputs"
            )
    more = Data(list(test), [zero] * len(test))
    both = Data([*x, *more.x], [zero] * (len(x) + len(test)))
    return more, Problem(model, both).at(here.point, here.side)


def _off_data(here: Landscape, beside: tuple[Data, Landscape]) -> OffData:
    more, both = beside
    train, joint = here.rank("jacobian"), both.rank("jacobian")
    outputs = len(more) * here.problem.model.output_count
    return OffData(
        tuple(tuple(str(v) for v in row) for row in more.x),
        max(0, joint.lower - train.upper),
        min(outputs, joint.upper - train.lower),
        f"rank [J_train; J_test] = {joint.shown}, rank J_train = {train.shown}",
    )
