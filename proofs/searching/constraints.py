"""What a counterexample has to be: the user's constraints.

In: names of activations and losses, widths, limits. Out: `Constraints`, and whether a landscape
fulfils them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.parsing import expected
from hessrank.symbolic.models.activations import activation as known_activation
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.problems.landscape import Landscape


@dataclass(frozen=True)
class Constraints:
    """What the user asks for; empty or None where anything goes.

    activation, loss: names; widths; overparameterised: N > M; scalar: K = 1; layers: the number of
    weight matrices; max_parameters, max_examples: N and D at most.
    """

    activation: tuple[str, ...] = ()
    loss: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    overparameterised: bool = False
    scalar: bool = False
    layers: int | None = None
    max_parameters: int = 6
    max_examples: int = 5

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Constraints:
        """From keywords; one name stands for a list of one. InputError names the keyword."""
        known = [f.name for f in fields(cls)]
        made: dict[str, Any] = {}
        for key, value in given.items():
            if key not in known:
                raise InputError(f"no such constraint{expected(key, known)}", key)
            if key in ("activation", "loss"):
                value = (value,) if isinstance(value, str) else tuple(value)
            made[key] = tuple(value) if key == "widths" else value
        return cls(**made)

    def __post_init__(self) -> None:
        names = tuple(known_activation(n, "activation").name for n in self.activation)
        object.__setattr__(self, "activation", names)
        losses = tuple(Loss.named(n, "loss").name for n in self.loss)
        object.__setattr__(self, "loss", losses)
        whole = all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in self.widths)
        if self.widths and (len(self.widths) < 2 or not whole):
            raise InputError("expected two or more whole numbers >= 1", "widths")
        for key in ("max_parameters", "max_examples", "layers"):
            value = getattr(self, key)
            whole = isinstance(value, int) and not isinstance(value, bool) and value >= 1
            if not whole and not (key == "layers" and value is None):
                raise InputError(f"expected a whole number >= 1, found {value!r}", key)
        if self.widths and self.layers not in (None, len(self.widths) - 1):
            raise InputError(
                f"widths {list(self.widths)} have {len(self.widths) - 1} layers, not {self.layers}",
                "layers",
            )
        if self.widths and self.scalar and self.widths[-1] != 1:
            raise InputError(f"a network of {self.widths[-1]} outputs is not scalar", "scalar")

    @property
    def words(self) -> str:
        """What was asked for, in short."""
        told = [
            f"{f.name} {value}" if value is not True else f.name
            for f in fields(self)
            if (value := getattr(self, f.name)) not in ((), None, False)
        ]
        return ", ".join(told).replace("(", "").replace(",)", "").replace(")", "").replace("'", "")

    @property
    def about_networks(self) -> bool:
        """Whether closed forms are out of question."""
        return bool(self.activation or self.widths or self.layers is not None)

    def allows(self, here: Landscape) -> bool:
        """Whether a landscape is one that was asked for."""
        problem, net = here.problem, here.problem.model.network
        if self.about_networks and net is None:
            return False
        if net is not None and (
            (self.activation and net.activation not in self.activation)
            or (self.widths and net.widths != self.widths)
            or (self.layers is not None and net.depth != self.layers)
        ):
            return False
        return (
            (not self.loss or problem.loss.name in self.loss)
            and (not self.overparameterised or problem.N > problem.M)
            and (not self.scalar or problem.model.output_count == 1)
            and self.max_parameters >= problem.N
            and len(problem.data) <= self.max_examples
        )
