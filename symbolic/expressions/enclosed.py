"""Numbers that balls alone know: coordinates of a point that a theorem places in a box.

In: a name, and a function that gives a ball at the working precision. Out: a constant as a closed
form, a node without arguments like π. Rings that know numbers by their form carry it as a letter of
its own: what is 0 as a form is 0, and what is no form 0 may still be 0, unless a ball shows that it
is not.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from hessrank.symbolic.expressions.expression import Expr, apply


class Enclosed(str):
    """The name of such a number. Each is equal to itself alone, whatever it is called."""

    ball: Callable[[], arb]  # at the working precision
    point: Any  # what is certain of the point of which it is a coordinate

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __hash__(self) -> int:
        return id(self)

    def middle(self, bits: int = 512) -> Fraction:
        """A rational number beside it, for measuring."""
        with ctx.workprec(bits):
            mantissa, exponent = self.ball().mid().man_exp()
        return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)

    def __reduce__(self) -> Any:
        raise TypeError(f"{self} is known by its balls alone: it does not travel")


def enclosed(name: str, ball: Callable[[], arb], point: Any = None) -> Expr:
    """The constant called `name` that lies in `ball()`, at every working precision.

    >>> half = enclosed("h", lambda: arb(0.5, 1e-9))
    >>> print(half * half + 1, half is enclosed("h", half.name.ball))
    h*h + 1 False
    """
    key = Enclosed(name)
    key.ball, key.point = ball, point
    return apply(key)


def is_enclosed(form: Expr) -> bool:
    """Whether `form` is such a constant."""
    return form.op == "function" and isinstance(form.name, Enclosed)
