"""An atom: one number that is carried as an indeterminate, and what it stands for.

In: its kind and its argument. Out: its ball and its closed form. Each kind stands here once.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from hessrank.symbolic.expressions.enclosed import Enclosed
from hessrank.symbolic.expressions.expression import Expr, apply, power, symbol
from hessrank.symbolic.expressions.functions import PI, function
from hessrank.symbolic.fields.cyclotomic import generator

ONE = fmpq(1)
Exact = Any  # fmpq or elements.Element
#: The kind of the one cyclotomic atom of a field, and the key of its m among the divisors.
CYCLOTOMIC = "cyclotomic"


@dataclass(frozen=True)
class Atom:
    """A number carried as an indeterminate.

    kind: "root" (argument**(1/degree)), "cyclotomic" (2cos(2π/argument)), "exp"
    (exp(argument/divisor)), "half-tangent" (tan(argument/(2·divisor))), "log", "pi", "erf",
    "atan", "symbol": the variable called `name`, with `argument` for its sample, or "enclosed": the
    number called `name`, which balls alone know.
    """

    kind: str
    argument: Exact
    divisor: fmpq = ONE
    degree: int = 0  # of its relation, aᵏ = argument or Ψ(a) = 0; 0 for none
    name: str = ""

    @property
    def algebraic(self) -> bool:
        """Whether it has a relation with the atoms before it."""
        return self.kind in ("root", CYCLOTOMIC)

    def _part(self, e: int) -> Fraction:
        """e/divisor."""
        return Fraction(e * int(self.divisor.q), int(self.divisor.p))

    def ball(self, z: arb) -> arb:
        """The number, from a ball around its argument, at the working precision."""
        match self.kind:
            case "pi":
                return arb.pi()
            case "enclosed" if isinstance(self.name, Enclosed):
                return self.name.ball()
            case "cyclotomic":
                return generator(z)
            case "exp":
                return (z / self.divisor).exp()
            case "half-tangent":
                return (z / (2 * self.divisor)).tan()
            case "log":
                return z.log()
            case "root":
                return z.root(self.degree)
            case "erf":
                return z.erf()
            case "atan":
                return z.atan()
        return z

    def power_expr(self, z: Expr, e: int) -> Expr:
        """The e-th power of the number as a closed form, from that of its argument."""
        match self.kind:
            case "pi":
                return power(PI, Fraction(e))
            case "enclosed":
                return power(apply(self.name), Fraction(e))
            case "cyclotomic":
                return power(2 * function("cos", 2 * PI / z), Fraction(e))
            case "exp":
                return function("exp", z * self._part(e))
            case "half-tangent":
                return power(function("tan", z * self._part(1) / 2), Fraction(e))
            case "root" if z.op == "pow" and z.args[0].is_number:  # (√5)^(1/2) is 5^(1/4)
                return power(z.args[0], z.exponent * Fraction(e, self.degree))
            case "root":
                return power(z, Fraction(e, self.degree))
            case "symbol":
                return power(symbol(self.name), Fraction(e))
        return power(function(self.kind, z), Fraction(e))
