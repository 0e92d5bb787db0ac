"""The named activations, as compositions of the elementary functions.

In: a name such as "tanh" or "power-4". Out: an `Activation`: its closed form σ(z) and the
derivatives σ', σ'', obtained once by `differentiation`, so that no derivative is typed a second
time. Every ring that can evaluate an `Expr` can therefore run a network with any of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.differentiation import differentiate
from hessrank.symbolic.expressions.expression import Expr, number, symbol
from hessrank.symbolic.expressions.functions import HALF, function, sqrt
from hessrank.symbolic.expressions.parsing import MAX_EXPONENT, nearest
from hessrank.symbolic.expressions.substitution import substitute

LEAKY_SLOPE = Fraction(1, 100)
_Z = "z"

_FORMS: dict[str, Callable[[Expr], Expr]] = {
    "identity": lambda z: z,
    "square": lambda z: z**2,
    "cube": lambda z: z**3,
    "relu": lambda z: function("relu", z),
    "leaky-relu": lambda z: LEAKY_SLOPE * z + (1 - LEAKY_SLOPE) * function("relu", z),
    "tanh": lambda z: function("tanh", z),
    "sigmoid": lambda z: function("sigmoid", z),
    "softplus": lambda z: function("softplus", z),
    "exp": lambda z: function("exp", z),
    "sin": lambda z: function("sin", z),
    "cos": lambda z: function("cos", z),
    "gelu": lambda z: HALF * z * (1 + function("erf", z / sqrt(number(2)))),
    "swish": lambda z: z * function("sigmoid", z),
}

#: The names that `activation` knows, but for power-k, which is a family.
NAMES = tuple(_FORMS)


@dataclass(frozen=True)
class Activation:
    """An activation σ: its name and its closed forms in the symbol z.

    value, first, second
        σ(z), σ'(z), σ''(z) as `Expr` in the symbol called "z".

    >>> print(activation("tanh").first)
    -tanh(z)**2 + 1
    """

    name: str
    value: Expr

    def closed_form(self, z: Expr) -> Expr:
        """σ(z) for any expression z."""
        return substitute([self.value], {_Z: z})[0]

    @cached_property
    def first(self) -> Expr:
        return differentiate(self.value, _Z)

    @cached_property
    def second(self) -> Expr:
        return differentiate(self.first, _Z)

    @property
    def jet(self) -> tuple[Expr, Expr, Expr]:
        """(σ, σ', σ'') in the symbol z."""
        return self.value, self.first, self.second


def activation(name: str, key: str | None = None) -> Activation:
    """The activation called `name`; "power-k" is zᵏ for a whole number k >= 1.

    Raises InputError, which names `key` and the nearest known activation, for any other name.

    >>> print(activation("swish").value, activation("power-4").value)
    z*sigmoid(z) z**4
    """
    if isinstance(name, str) and name in _FORMS:
        return _named(name)
    power = re.fullmatch(r"power-([1-9]\d{0,8})", str(name))
    if power is None:
        hint = nearest(name, [*NAMES, "power-4"])
        raise InputError(f"unknown activation {name!r}{hint}", key)
    if int(power[1]) > MAX_EXPONENT:
        raise InputError(f"activation {name!r}: exponents are at most {MAX_EXPONENT}", key)
    return Activation(str(name), symbol(_Z) ** int(power[1]))


@cache
def _named(name: str) -> Activation:
    return Activation(name, _FORMS[name](symbol(_Z)))
