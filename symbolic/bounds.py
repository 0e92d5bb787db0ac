"""A number that is known between two bounds: the text of it, and how it compares.

In: nothing but `lower` and `upper`, which a class that inherits has. Out: three-valued answers,
None where the bounds leave the question open. A rank, a dimension of a fibre and a learning
coefficient are such numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any


class Bounds:
    """What is common to all that lies between `lower` and `upper`."""

    if TYPE_CHECKING:

        @property
        def lower(self) -> Any: ...
        @property
        def upper(self) -> Any: ...

    @property
    def decided(self) -> bool:
        """True where lower == upper."""
        return bool(self.lower == self.upper)

    @property
    def shown(self) -> str:
        """The number in a few letters: "3", or "2..4" where it is not decided."""
        return str(self.lower) if self.decided else f"{self.lower}..{self.upper}"

    def below(self, bound: int) -> bool | None:
        """Whether it is less than `bound`; None where that is open."""
        return True if self.upper < bound else False if self.lower >= bound else None

    def at_most(self, bound: int) -> bool | None:
        """Whether it is at most `bound`; None where that is open."""
        return True if self.upper <= bound else False if self.lower > bound else None

    def reaches(self, bound: int) -> bool | None:
        """Whether it is at least `bound`; None where that is open."""
        known = self.below(bound)
        return None if known is None else not known
