"""Three-valued answers with their reason.

In: nothing. Out: `Truth`, which refuses to be read as a bool, and `Fact`, a truth with the sentence
that supports it. Everything that the proofs side says about a landscape is a `Fact`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hessrank.proofs.pages.blocks import Mark


class Truth(Enum):
    """TRUE, FALSE or UNDECIDED.

    >>> Truth.TRUE & Truth.UNDECIDED, Truth.FALSE & Truth.UNDECIDED, ~Truth.FALSE
    (Truth.UNDECIDED, Truth.FALSE, Truth.TRUE)
    """

    TRUE = "true"
    FALSE = "false"
    UNDECIDED = "undecided"

    def __bool__(self) -> bool:
        raise TypeError("a Truth has three values: compare it with `is`")

    def __repr__(self) -> str:
        return f"Truth.{self.name}"

    def __invert__(self) -> Truth:
        return {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE}.get(self, self)

    def __and__(self, other: Truth) -> Truth:
        if Truth.FALSE in (self, other):
            return Truth.FALSE
        return Truth.TRUE if self is other is Truth.TRUE else Truth.UNDECIDED

    def __or__(self, other: Truth) -> Truth:
        return ~(~self & ~other)

    @classmethod
    def of(cls, value: bool | None) -> Truth:
        """True, False or None (not known) as a Truth."""
        return cls.UNDECIDED if value is None else cls.TRUE if value else cls.FALSE

    def to_json(self) -> bool | None:
        return {Truth.TRUE: True, Truth.FALSE: False}.get(self)

    @property
    def mark(self) -> Mark:
        """The answer as a word of a page."""
        from hessrank.proofs.pages.blocks import Mark

        if self is Truth.UNDECIDED:
            return Mark("undecided", "open")
        return Mark("yes", "yes") if self is Truth.TRUE else Mark("no", "no")


@dataclass(frozen=True)
class Fact:
    """A truth and why."""

    truth: Truth
    reason: str

    def __and__(self, other: Fact) -> Fact:
        both = self.truth & other.truth
        reasons = [f.reason for f in (self, other) if both is Truth.TRUE or f.truth is both]
        return Fact(both, "; ".join(dict.fromkeys(reasons)))

    def __or__(self, other: Fact) -> Fact:
        return ~(~self & ~other)

    def __invert__(self) -> Fact:
        return Fact(~self.truth, self.reason)

    def to_json(self) -> dict[str, object]:
        return {"value": self.truth.to_json(), "reason": self.reason}
