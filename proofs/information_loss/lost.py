"""What an account of the information that a network loses consists of, and its page.

In: what `account` found. Out: the values `LayerLoss`, `Spectrum`, `OffData` and `Information`,
their JSON and the blocks of their page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hessrank.proofs.basins.breadth import Level, Scale, decimal
from hessrank.proofs.basins.volume import Exponent
from hessrank.proofs.pages.blocks import Block, Cell, Heading, Table, Text, literal, pairs
from hessrank.proofs.pages.shown import Shown
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.bounds import Bounds
from hessrank.symbolic.brief import Brief

#: A page shows so many forced dependences of a layer; the JSON has them all.
SHOWN = 4
#: Longer closed forms are left to the JSON.
MAX_SHOWN = 40


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
