"""What kind of point θ is: the answer of `minimum`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hessrank.proofs.pages.blocks import Block, Text, literal, pairs
from hessrank.proofs.pages.shown import Shown
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.brief import Brief
from hessrank.symbolic.expressions.expression import Expr


@dataclass(frozen=True, repr=False)
class Minimum(Shown, Brief):
    """kind in words; `local` and `is_global`: whether θ is a local, a global minimum of L;
    strict: whether it is known to be strict; direction: one along which L falls, where known."""

    kind: str
    local: Fact
    is_global: Fact
    strict: Truth = Truth.UNDECIDED
    direction: tuple[Expr, ...] | None = None

    def blocks(self) -> list[Block]:
        facts = {"local minimum": self.local, "global minimum": self.is_global}
        rows = [(name, f.truth.mark, literal(f.reason)) for name, f in facts.items()]
        shown: list[Block] = [Text(self.kind, tone="strong"), pairs(rows)]
        if self.direction is not None:
            falls = ", ".join(map(str, self.direction))
            shown.append(Text(literal(f"L falls along ({falls}).")))
        return shown

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "local_minimum": self.local.to_json(),
            "global_minimum": self.is_global.to_json(),
            "strict": self.strict.to_json(),
            "direction": None if self.direction is None else [str(v) for v in self.direction],
        }


#: What is said of a global minimum where only the point itself was looked at.
NO_GLOBAL = Fact(Truth.UNDECIDED, "no certificate of a global minimum applies")


def undecided(why: str) -> Minimum:
    """Nothing is known, and why."""
    return Minimum("undecided", Fact(Truth.UNDECIDED, why), NO_GLOBAL)


def strict_local(why: str) -> Minimum:
    return Minimum("strict local minimum", Fact(Truth.TRUE, why), NO_GLOBAL, Truth.TRUE)


def flat_local(why: str) -> Minimum:
    """A local minimum at which other points nearby are as low."""
    return Minimum("local minimum, not strict", Fact(Truth.TRUE, why), NO_GLOBAL, Truth.FALSE)


def no_minimum(why: str, direction: tuple[Expr, ...] | None = None) -> Minimum:
    """L takes lower values arbitrarily near."""
    no = Fact(Truth.FALSE, why)
    return Minimum("not a minimum", no, no, Truth.FALSE, direction)
