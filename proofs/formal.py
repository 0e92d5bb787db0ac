"""Identities between closed forms, proved as identities of polynomials.

In: closed forms in any symbols. Out: whether they are the same polynomial in the symbols and in the
values of the elementary functions that occur, taken as indeterminates. Equal polynomials are equal
functions, whatever the symbols stand for; unequal ones may still be equal functions, so that this
proves identities and never refutes one. Of the functions only parity is used: tanh(−z) = −tanh(z).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expression import Expr, evaluate, free_symbols

_ODD = frozenset({"sin", "tan", "sinh", "tanh", "erf", "sign"})
_EVEN = frozenset({"cos", "cosh", "abs"})

Monomial = tuple[tuple[str, int], ...]


class Polynomial:
    """A polynomial over Q in named indeterminates: nonzero coefficients by monomial."""

    __slots__ = ("terms",)

    def __init__(self, terms: Mapping[Monomial, Fraction]) -> None:
        self.terms = {m: c for m, c in terms.items() if c}

    def __add__(self, other: Polynomial) -> Polynomial:
        total = dict(self.terms)
        for m, c in other.terms.items():
            total[m] = total.get(m, Fraction(0)) + c
        return Polynomial(total)

    def __mul__(self, other: Polynomial) -> Polynomial:
        total: dict[Monomial, Fraction] = {}
        for m, c in self.terms.items():
            for n, d in other.terms.items():
                key = _times(m, n)
                total[key] = total.get(key, Fraction(0)) + c * d
        return Polynomial(total)

    def __neg__(self) -> Polynomial:
        return Polynomial({m: -c for m, c in self.terms.items()})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Polynomial) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        return " + ".join(
            f"{c}" + "".join(f"*{g}^{e}" for g, e in m) for m, c in sorted(self.terms.items())
        ) or "0"

    @property
    def leads_negative(self) -> bool:
        return bool(self.terms) and self.terms[min(self.terms)] < 0


def _times(a: Monomial, b: Monomial) -> Monomial:
    powers = dict(a)
    for generator, e in b:
        powers[generator] = powers.get(generator, 0) + e
    return tuple(sorted(powers.items()))


class _Formal:
    """The ring that `evaluate` folds a closed form in."""

    @staticmethod
    def number(q: Fraction) -> Polynomial:
        return Polynomial({(): q})

    @staticmethod
    def power(value: Polynomial, exponent: Fraction) -> Polynomial:
        if exponent.denominator != 1 or exponent < 0:
            return _generator(f"({value})^({exponent})")
        result = Polynomial({(): Fraction(1)})
        for _ in range(int(exponent)):
            result = result * value
        return result

    @staticmethod
    def function(name: str, *args: Polynomial) -> Polynomial:
        if not args:
            return _generator(name)
        (z,) = args
        if z.leads_negative and name in _ODD | _EVEN:
            value = _generator(f"{name}({-z})")
            return -value if name in _ODD else value
        return _generator(f"{name}({z})")


def _generator(name: str) -> Polynomial:
    return Polynomial({((name, 1),): Fraction(1)})


def polynomials(forms: Sequence[Expr]) -> list[Polynomial]:
    """The forms as polynomials."""
    values = {name: _generator(name) for name in free_symbols(*forms)}
    return list(evaluate(forms, _Formal(), values))


def identical(left: Sequence[Expr], right: Sequence[Expr]) -> bool:
    """Whether left_i = right_i for all i, as polynomials. False proves nothing.

    >>> from hessrank.symbolic.expression import symbol
    >>> from hessrank.symbolic.functions import function
    >>> x, y = symbol("x"), symbol("y")
    >>> identical([(x + y) ** 2], [x * x + 2 * x * y + y * y])
    True
    >>> identical([-function("tanh", x - y)], [function("tanh", y - x)])
    True
    """
    if len(left) != len(right):
        raise InputError(f"{len(left)} forms against {len(right)}")
    found = polynomials([*left, *right])
    return found[: len(left)] == found[len(left) :]


def vanish_without(forms: Sequence[Expr], name: str, argument: Expr) -> bool:
    """Whether every term of every form contains the value `name(argument)`. False proves nothing.

    >>> from hessrank.symbolic.expression import symbol
    >>> from hessrank.symbolic.functions import function
    >>> z = symbol("z")
    >>> vanish_without([z * function("step", z)], "step", z)
    True
    """
    generator = f"{name}({polynomials([argument])[0]})"
    return all(generator in dict(m) for p in polynomials(forms) for m in p.terms)
