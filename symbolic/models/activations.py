"""The named activations, as compositions of the elementary functions.

In: a name such as "tanh" or "power-4". Out: an `Activation`: its closed form σ(z), the derivatives
σ', σ'', obtained once by `differentiation`, and what theorems ask of it (homogeneity, parity,
kinks, …), read off the closed form: nothing is typed a second time. Every ring that can evaluate an
`Expr` can therefore run a network with any of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions import composed
from hessrank.symbolic.expressions.differentiation import differentiate
from hessrank.symbolic.expressions.expression import ZERO, Expr, number, postorder, symbol
from hessrank.symbolic.expressions.functions import FUNCTIONS, function
from hessrank.symbolic.expressions.parsing import MAX_EXPONENT, expected, nearest
from hessrank.symbolic.expressions.substitution import replace, substitute

_Z = "z"

_FORMS: dict[str, Callable[[Expr], Expr]] = {
    "identity": lambda z: z,
    "square": lambda z: z**2,
    "cube": lambda z: z**3,
    "relu": lambda z: function("relu", z),
    "leaky-relu": composed.leaky_relu,
    "tanh": lambda z: function("tanh", z),
    "sigmoid": lambda z: function("sigmoid", z),
    "softplus": lambda z: function("softplus", z),
    "exp": lambda z: function("exp", z),
    "sin": lambda z: function("sin", z),
    "cos": lambda z: function("cos", z),
    "gelu": composed.gelu,
    "swish": composed.swish,
}

#: The names that `activation` knows, but for power-k, which is a family.
NAMES = tuple(_FORMS)
#: What others call them, in lower case and with hyphens.
_ALIASES = {"silu": "swish", "linear": "identity", "leakyrelu": "leaky-relu"}


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

    # --- what is known of σ, read off its closed form -------------------------------------------

    @cached_property
    def functions(self) -> frozenset[str]:
        """The elementary functions in σ, σ' and σ''."""
        return frozenset(n.name for n in postorder(self.jet) if n.op == "function" and n.args)

    @cached_property
    def kinks(self) -> bool:
        """Whether σ is piecewise."""
        return any(FUNCTIONS[name].kink for name in self.functions)

    @cached_property
    def homogeneity(self) -> int | None:
        """k ≥ 1 with σ(λz) = λᵏσ(z) for all λ > 0, or None where the closed form shows none.

        >>> activation("leaky-relu").homogeneity, activation("cube").homogeneity
        (1, 3)
        """
        k = _homogeneity(self.value)
        return int(k) if k is not None and k >= 1 and k.denominator == 1 else None

    @cached_property
    def parity(self) -> int:
        """−1 where σ(−z) = −σ(z), 1 where σ(−z) = σ(z), 0 where the closed form shows neither.

        >>> activation("tanh").parity, activation("cos").parity, activation("gelu").parity
        (-1, 1, 0)
        """
        return _parity(self.value)

    @property
    def is_odd(self) -> bool:
        return self.parity == -1

    @cached_property
    def degree(self) -> int | None:
        """The degree of σ as a polynomial, or None where it is not written as one."""
        return _degree(self.value)

    @property
    def is_linear(self) -> bool:
        """σ(z) = c·z: `identity`, and `power-1`.

        >>> activation("power-1").is_linear, activation("relu").is_linear
        (True, False)
        """
        return self.degree == 1 and self.homogeneity == 1

    @cached_property
    def pieces(self) -> tuple[Expr, Expr] | None:
        """σ for z < 0 and for z > 0 without piecewise functions; None where the signs of their
        arguments change elsewhere than at 0."""
        below, above = (_piece(self.value, side) for side in (-1, 1))
        return None if below is None or above is None else (below, above)

    @property
    def is_piecewise_linear(self) -> bool:
        """c·z on either side of 0, with one c for each."""
        flat = self.pieces is not None and all((_degree(p) or 0) <= 1 for p in self.pieces)
        return flat and self.homogeneity == 1

    @property
    def dies(self) -> bool:
        """Whether σ is 0 for all z < 0: a unit can be dead."""
        return self.pieces is not None and self.pieces[0] == ZERO

    @property
    def jet(self) -> tuple[Expr, Expr, Expr]:
        """(σ, σ', σ'') in the symbol z."""
        return self.value, self.first, self.second


def activation(name: str, key: str | None = None) -> Activation:
    """The activation called `name`; "power-k" is zᵏ for a whole number k >= 1.

    Upper and lower case, "-" and "_" are the same, and silu is swish. Raises InputError, which
    names `key` and the nearest known activation, for any other name.

    >>> print(activation("swish").value, activation("power-4").value)
    z*sigmoid(z) z**4
    >>> activation("ReLU").name, activation("silu").name
    ('relu', 'swish')
    """
    plain = str(name).lower().replace("_", "-")
    plain = _ALIASES.get(plain, plain)
    if isinstance(name, str) and plain in _FORMS:
        return _named(plain)
    power = re.fullmatch(r"power-([1-9]\d{0,8})", plain)
    if power is None:
        hint = nearest(name, [*NAMES, *_ALIASES]) or expected(name, [*NAMES, "power-4"])
        raise InputError(f"unknown activation {name!r}{hint}", key)
    if int(power[1]) > MAX_EXPONENT:
        raise InputError(f"activation {name!r}: exponents are at most {MAX_EXPONENT}", key)
    return _named(plain)


@cache
def _named(name: str) -> Activation:
    z = symbol(_Z)
    return Activation(name, _FORMS[name](z) if name in _FORMS else z ** int(name[6:]))


def _homogeneity(root: Expr) -> Fraction | None:
    """k with root(λz) = λᵏ·root(z) for all λ > 0; by the rules for sums, products and powers."""
    of: dict[Expr, Fraction | None] = {}
    for node in postorder([root]):
        inner = [of[a] for a in node.args]
        found: Fraction | None = None
        known = [k for k in inner if k is not None]
        if node.op == "symbol":
            found = Fraction(1)
        elif all(k == 0 for k in inner):  # a number, and functions of one
            found = Fraction(0)
        elif len(known) == len(inner):
            if node.op == "add" and known[0] == known[1]:
                found = known[0]
            elif node.op == "mul":
                found = known[0] + known[1]
            elif node.op == "pow":
                found = known[0] * node.exponent
            elif node.op == "function" and node.name in ("relu", "abs"):
                found = known[0]
            elif node.op == "function" and node.name in ("step", "sign"):
                found = Fraction(0)
        of[node] = found
    return of[root]


def _parity(root: Expr) -> int:
    """−1 for odd, 1 for even, 0 where the rules show neither."""
    of: dict[Expr, int] = {}
    for node in postorder([root]):
        inner = [of[a] for a in node.args]
        if node.op == "symbol":
            found = -1
        elif all(s == 1 for s in inner):  # functions of an even one, numbers
            found = 1
        elif node.op == "add":
            found = inner[0] if inner[0] == inner[1] else 0
        elif node.op == "mul":
            found = inner[0] * inner[1]
        elif node.op == "pow" and node.exponent.denominator == 1:
            found = inner[0] ** (node.exponent.numerator % 2) if inner[0] else 0
        elif node.op == "function" and inner[0] == -1:
            known = FUNCTIONS[node.name]
            found = -1 if known.odd else 1 if known.even else 0
        else:
            found = 0
        of[node] = found
    return of[root]


def _degree(root: Expr) -> int | None:
    """An upper bound on the degree of what is written as a polynomial in z, exact for one power."""
    of: dict[Expr, int | None] = {}
    for node in postorder([root]):
        inner = [of[a] for a in node.args]
        known = [d for d in inner if d is not None]
        found: int | None = None
        if node.op == "symbol":
            found = 1
        elif all(d == 0 for d in inner):
            found = 0
        elif len(known) == len(inner):
            if node.op == "add":
                found = max(known)
            elif node.op == "mul":
                found = sum(known)
            elif node.op == "pow" and node.exponent.denominator == 1 and node.exponent > 0:
                found = known[0] * node.exponent.numerator
        of[node] = found
    return of[root]


def _piece(root: Expr, side: int) -> Expr | None:
    """`root` for the z of one sign, its piecewise functions replaced by what they are there."""
    of: dict[Expr, Expr] = {}
    for node in postorder([root]):
        args = [of[a] for a in node.args]
        if node.op == "function" and node.args and FUNCTIONS[node.name].kink:
            value = substitute(args, {_Z: number(side)})[0]
            if not _homogeneity(args[0]) or not value.is_number or value == ZERO:
                return None
            up = value.value > 0
            of[node] = {
                "relu": args[0] if up else ZERO,
                "abs": args[0] if up else -args[0],
                "step": number(int(up)),
                "sign": number(1 if up else -1),
            }[node.name]
        else:
            of[node] = replace([node], dict(zip(node.args, args, strict=True)))[0]
    return of[root]
