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
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any, TypeVar

import flint

from hessrank.proofs.basins.breadth import Level, Scale, at_scale, decimal, levels
from hessrank.proofs.basins.volume import Exponent, exponent
from hessrank.proofs.fibres.symmetries import duplicate_units
from hessrank.proofs.information_loss import information as info
from hessrank.proofs.information_loss.cuts import Cut, cut_through, cuts
from hessrank.proofs.information_loss.units import dead_units
from hessrank.proofs.pages.blocks import Block, Cell, Heading, Table, Text, literal, pairs
from hessrank.proofs.pages.shown import Shown
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.bounds import Bounds
from hessrank.symbolic.brief import Brief
from hessrank.symbolic.budget import decision
from hessrank.symbolic.errors import HessrankError, InputError, KinkError, UndecidedError
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.expression import Expr, evaluate
from hessrank.symbolic.fields.balls import BallRing
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem

#: The scales b = βs² at which breadth is shown unless others are named.
SCALES = (1, 100, 10000)
SECONDS = 60.0
#: A page shows so many forced dependences of a layer; the JSON has them all.
SHOWN = 4
#: The precision at which activations are parted.
BITS = 256
#: Longer closed forms are left to the JSON.
MAX_SHOWN = 40
T = TypeVar("T")


@dataclass(frozen=True)
class LayerLoss:
    """What a layer loses. classes: the numbers (from 1) of examples with equal activations there,
    groups of one too; separated: whether different groups are known to differ; p: the parameters
    before the layer; around: inputs that pass it by; bound: p + K·C ≥ rank J with C the classes of
    all that arrives behind it; sharp: whether rank J attains it; forced: the y with yᵀJ = 0
    whatever comes after the layer, as text."""

    name: str
    classes: tuple[tuple[int, ...], ...]
    separated: Fact
    p: int
    around: tuple[str, ...]
    bound: int
    sharp: Fact
    forced: tuple[tuple[str, ...], ...]

    @property
    def merged(self) -> tuple[tuple[int, ...], ...]:
        """The classes of more than one example."""
        return tuple(group for group in self.classes if len(group) > 1)

    def to_json(self) -> dict[str, object]:
        return {
            "layer": self.name,
            "classes": [list(group) for group in self.classes],
            "separated": self.separated.to_json(),
            "parameters_before": self.p,
            "inputs_around": list(self.around),
            "bound": self.bound,
            "sharp": self.sharp.to_json(),
            "forced": [list(y) for y in self.forced],
        }


@dataclass(frozen=True)
class Spectrum:
    """The eigenvalues of one matrix, ascending, and what they give at each b."""

    matrix: str
    levels: tuple[Level, ...]
    scales: tuple[Scale, ...]

    def to_json(self) -> dict[str, object]:
        return {
            "eigenvalues": [level.to_json() for level in self.levels],
            "scales": [scale.to_json() for scale in self.scales],
        }


@dataclass(frozen=True)
class OffData(Bounds):
    """lower ≤ rank [J_train; J_test] − rank J_train ≤ upper: the rank of J_test on ker J_train."""

    inputs: tuple[tuple[str, ...], ...]
    lower: int
    upper: int
    reason: str

    def to_json(self) -> dict[str, object]:
        return {
            "inputs": [list(row) for row in self.inputs],
            "lower": self.lower,
            "upper": self.upper,
            "reason": self.reason,
        }


@dataclass(frozen=True, repr=False)
class Information(Shown, Brief):
    """See the module. dead: (layer, unit, examples), duplicated: (layer, unit, unit, sign), all
    from 1; what is None is not known, and `why` says for what reason, by the part's name."""

    layers: tuple[LayerLoss, ...]
    dead: tuple[tuple[int, int, tuple[int, ...]], ...] | None
    duplicated: tuple[tuple[int, int, int, int], ...] | None
    gauss_newton: Spectrum | None
    hessian: Spectrum | None
    exponent: Exponent | None
    off_data: OffData | None
    why: dict[str, str]

    def to_json(self) -> dict[str, object]:
        λ = self.exponent
        return {
            "layers": [layer.to_json() for layer in self.layers],
            "dead_units": None
            if self.dead is None
            else [{"layer": l, "unit": i, "examples": list(d)} for l, i, d in self.dead],
            "duplicated_units": None
            if self.duplicated is None
            else [{"layer": l, "units": [i, j], "sign": s} for l, i, j, s in self.duplicated],
            "gauss_newton": None if self.gauss_newton is None else self.gauss_newton.to_json(),
            "hessian": None if self.hessian is None else self.hessian.to_json(),
            "learning_coefficient": None
            if λ is None
            else {
                "lower": str(λ.lower),
                "upper": str(λ.upper),
                "lower_reason": λ.lower_reason,
                "upper_reason": λ.upper_reason,
            },
            "off_data": None if self.off_data is None else self.off_data.to_json(),
            "unknown": self.why,
        }

    def blocks(self) -> list[Block]:
        return [*self._layers(), *self._units(), *self._breadth(), *self._further()]

    def _not_known(self, part: str, what: str) -> list[Block]:
        return [Text(literal(f"{what}: {self.why[part]}"), tone="open")] if part in self.why else []

    def _layers(self) -> list[Block]:
        shown: list[Block] = [Heading("What each layer does not tell apart")]
        rows: list[tuple[Cell, ...]] = [
            (
                layer.name + (f" ({', '.join(layer.around)} pass it by)" if layer.around else ""),
                "; ".join(", ".join(map(str, group)) for group in layer.merged) or "none",
                str(layer.p),
                str(layer.bound),
                layer.sharp.truth.mark,
                literal(layer.sharp.reason),
                str(len(layer.forced)),
            )
            for layer in self.layers
        ]
        columns = ("layer", "merged examples", "p", "p + K·C", "sharp", "", "forced")
        if rows:
            shown.append(Table(columns, tuple(rows), "lprrlpr"))
        for layer in self.layers:
            if layer.separated.truth is not Truth.TRUE:
                shown.append(Text(literal(f"{layer.name}: {layer.separated.reason}"), tone="open"))
            if layer.forced:
                vectors = "; ".join(f"({', '.join(y)})" for y in layer.forced[:SHOWN])
                rest = len(layer.forced) - SHOWN
                more = f"; and {rest} more" if rest > 0 else ""
                shown.append(
                    Text(literal(f"{layer.name}: yᵀJ = 0 whatever follows, y = {vectors}{more}"))
                )
        return [*shown, *self._not_known("layers", "layers")]

    def _units(self) -> list[Block]:
        rows: list[tuple[Cell, ...]] = [
            (f"layer {l}", f"unit {i}", f"dead on {_examples(d)}") for l, i, d in self.dead or ()
        ]
        rows += [
            (f"layer {l}", f"units {i} and {j}", "equal" if s > 0 else "equal up to sign")
            for l, i, j, s in self.duplicated or ()
        ]
        none = self.dead is not None and self.duplicated is not None and not rows
        shown: list[Block] = [pairs(rows)] if rows else []
        shown += [Text("No unit is dead on an example, none is duplicated.")] if none else []
        return [*shown, *self._not_known("units", "units")]

    def _breadth(self) -> list[Block]:
        shown: list[Block] = [Heading("Breadth")]
        for part, sign, found in (
            ("gauss_newton", "JᵀAJ", self.gauss_newton),
            ("hessian", "H", self.hessian),
        ):
            if found is not None:
                values = ", ".join(_times(level) for level in found.levels)
                shown.append(Text(literal(f"eigenvalues of {sign}, the largest last: {values}")))
                rows = tuple(_scale_row(scale) for scale in found.scales)
                columns = ("b", "effective rank", f"log det(I + b{sign})", "")
                shown.append(Table(columns, rows, "rrrp"))
            shown += self._not_known(part, f"eigenvalues of {sign}")
        if self.exponent is not None:
            λ = self.exponent
            shown.append(Text(literal(f"learning coefficient λ = {λ}"), tone="strong"))
            shown.append(
                pairs(
                    [
                        (f"λ ≥ {λ.lower}", literal(λ.lower_reason)),
                        (f"λ ≤ {λ.upper}", literal(λ.upper_reason)),
                    ]
                )
            )
        return [*shown, *self._not_known("learning_coefficient", "learning coefficient λ")]

    def _further(self) -> list[Block]:
        shown: list[Block] = []
        if self.off_data is not None:
            off = self.off_data
            shown = [
                Heading("Off the data"),
                Text(
                    literal(
                        f"rank of J_test on ker J_train: {off.shown} ({off.reason})\n"
                        f"The outputs on the further inputs have, to first order, {off.shown} "
                        "degrees of freedom while F stays."
                    )
                ),
            ]
        return [*shown, *self._not_known("off_data", "further inputs")]


def _examples(numbers: Sequence[int]) -> str:
    return f"example{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def _times(level: Level) -> str:
    return f"{level.shown} ({level.multiplicity}×)" if level.multiplicity > 1 else level.shown


def _scale_row(scale: Scale) -> tuple[Cell, ...]:
    if scale.log_det is None:
        return str(scale.b), "–", "–", literal(scale.reason)
    if scale.effective_rank is None:
        return str(scale.b), "–", decimal(scale.log_det), literal(scale.reason)
    closed = f"{scale.effective_rank_exact}, {scale.log_det_exact}"
    known = scale.effective_rank_exact is not None
    exact = "" if not known else closed if len(closed) <= MAX_SHOWN else "exact in the JSON"
    return str(scale.b), decimal(scale.effective_rank), decimal(scale.log_det), literal(exact)


# --- the account -------------------------------------------------------------------------------


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
        if not _all_differ(cut):
            raise
        D, K = len(cut.here.problem.data), len(cut.tail)
        alone = Fact(Truth.TRUE, f"{D} distinct activation vectors, by balls")
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


def _all_differ(cut: Cut) -> bool:
    """Whether balls part the activations of every two examples."""
    here, model = cut.here, cut.here.problem.model
    with flint.ctx.workprec(BITS):
        ring = BallRing(here.side)
        numbers = evaluate([v for _, v in here.values], ring, {})
        theta = dict(zip((n for n, _ in here.values), numbers, strict=True))
        rows = []
        for row in here.problem.data.x:
            x = dict(zip(model.inputs, evaluate(row, ring, {}), strict=True))
            rows.append(evaluate(cut.hidden, ring, theta | x))
        return all(
            any(a != b for a, b in zip(first, second, strict=True))
            for first, second in combinations(rows, 2)
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
        min(outputs, here.problem.N - train.lower, joint.upper - train.lower),
        f"rank [J_train; J_test] = {joint.shown}, rank J_train = {train.shown}",
    )
