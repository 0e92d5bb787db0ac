"""Certified upper bounds on a rank, with a free letter for every transcendental value.

In: a way to evaluate the entries of a matrix in a ring. Out: an upper bound with its reason, or
None. Each value of a function that is not rational becomes an indeterminate of its own; the little
that costs nothing is kept: f(−z) through f(z), sin and cos through the half angle. What is proved
of the matrix of forms from above (its minors vanish identically) holds for the numbers wherever no
denominator vanishes there, which balls have to show. No theorem on independence is needed, and no
exponent is ever multiplied out: exp(20.01) is one letter.

What is looked for: rows and columns that are rational combinations of others (0, equal,
proportional, …); the pattern of zeros; and, where forms are small, a kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from flint import arb, fmpq, fmpq_mat

from hessrank.symbolic.budget import OverBudget
from hessrank.symbolic.errors import DomainError, KinkError, UndecidedError
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.fields.elements import Element, Exact, cleared, inverse
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.elimination import Rows, annihilates, kernel, reduced
from hessrank.symbolic.ranks.ball_rank import term_rank

#: A kernel over the forms is looked for where there are at most this many letters, ...
MAX_LETTERS = 8
#: ... rows and columns, ...
MAX_SIDE = 10
#: ... and terms.
MAX_TERMS = 400
#: Matrices whose forms have more letters than this are not carried at all.
MAX_ATOMS = 80


class FreeField(Field):
    """Q(letters): each value that is not rational is a letter. Signs of forms are not known.

    >>> f = FreeField()
    >>> a, b = (f.function("exp", fmpq(q)) for q in (2001, -2001))
    >>> print(a * b)
    1
    """

    def __init__(self) -> None:
        super().__init__()
        self._letters: dict[tuple[Any, ...], Exact] = {}

    def letter(self, *key: Any) -> Exact:
        """The indeterminate for `key`."""
        if key not in self._letters:
            if len(self._letters) >= MAX_ATOMS:
                raise TooLarge(f"more than {MAX_ATOMS} letters")
            self._letters[key] = self.indeterminate(f"v{len(self._letters)}")
        return self._letters[key]

    @property
    def letters(self) -> int:
        return len(self._letters)

    def power(self, value: Exact, exponent: Fraction) -> Exact:
        if exponent.denominator == 1:
            return super().power(value, exponent)
        root = self.letter("root", exponent.denominator, value)
        return super().power(root, Fraction(exponent.numerator))

    def function(self, name: str, *args: Exact) -> Exact:
        if not args:
            return self.letter(name)
        (z,) = args
        if FUNCTIONS[name].kink:
            if isinstance(z, Element):
                raise UndecidedError(f"the sign of an argument of {name} is not known")
            return super().function(name, z)
        if z == 0 and name not in ("log", "softplus"):
            return super().function(name, z)
        if name == "log":
            return super().function(name, z) if z == 1 else self.letter(name, z)
        if name in ("sinh", "cosh"):
            u = self.function("exp", z)
            return (u - 1 / u) / 2 if name == "sinh" else (u + 1 / u) / 2
        flip = _is_negative(z)
        z = -z if flip else z
        if name in ("sin", "cos", "tan"):
            t = self.letter("half-tangent", z)
            below = inverse(1 + t * t)
            c, s = (1 - t * t) * below, 2 * t * below
            s = -s if flip else s
            return c if name == "cos" else s if name == "sin" else s * inverse(c)
        value = self.letter(name, z)
        if not flip:
            return value
        match name:
            case "exp":
                return 1 / value
            case "sigmoid":
                return 1 - value
            case "softplus":
                return value - z
        return -value  # tanh, erf, atan, asinh


def free_upper(
    entries: Callable[[FreeField], Sequence[Sequence[Exact]]], shape: tuple[int, int]
) -> tuple[int, str] | None:
    """(upper bound, reason) on the rank of the matrix of numbers; None where nothing is shown.

    It holds where the entries exist, which the caller has to know.

    >>> def rows(f):
    ...     e = f.function("exp", fmpq(2001, 100))
    ...     return [[fmpq(1), e], [fmpq(1), e]]
    >>> free_upper(rows, (2, 2))
    (1, 'the 2 rows are rational combinations of 1 of them')
    """
    field = FreeField()
    try:
        table = [list(row) for row in entries(field)]
    except OverBudget:
        raise
    except (TooLarge, UndecidedError, DomainError, KinkError):
        return None
    m, n = shape
    try:
        chosen, kept = core(table, field)
    except TooLarge:
        return None
    columns = [[table[i][j] for i in chosen] for j in kept]
    best = combined(chosen, kept, shape)
    nonzero = [[arb(int(v != 0)) for v in row] for row in columns]
    pattern = term_rank(nonzero, (len(columns), len(chosen)))
    if pattern < (min(m, n) if best is None else best[0]):
        best = pattern, f"at most {pattern} nonzero entries share no row or column"
    found = _formal(columns, field)
    if found is not None and found < (min(m, n) if best is None else best[0]):
        best = found, "a kernel verified with a free letter for each value of a function"
    return best


def core(rows: Rows, field: Field) -> tuple[list[int], list[int]]:
    """(rows, columns) of which all others are rational combinations. TooLarge where the entries
    are.

    >>> core([[fmpq(1), fmpq(2)], [fmpq(0), fmpq(0)]], Field())
    ([0], [0])
    """
    kept = _independent(rows, field)
    return _independent([[row[j] for row in rows] for j in kept], field), kept


def combined(
    chosen: Sequence[int], kept: Sequence[int], shape: tuple[int, int]
) -> tuple[int, str] | None:
    """(upper bound, reason) of a core; None where all rows and columns are in it."""
    (m, n), left = shape, min(len(chosen), len(kept))
    if left == min(m, n):
        return None
    side, total = ("columns", n) if len(kept) == left else ("rows", m)
    return left, f"the {total} {side} are rational combinations of {left} of them"


def _formal(rows: list[list[Exact]], field: FreeField) -> int | None:
    """The rank of a small matrix of forms, by a kernel that is verified."""
    if not rows or len(rows) > MAX_SIDE or len(rows[0]) > MAX_SIDE or field.letters > MAX_LETTERS:
        return None
    if sum(len(v.num) + len(v.den) for r in rows for v in r if isinstance(v, Element)) > MAX_TERMS:
        return None
    width = len(rows[0])
    try:
        table, pivots = reduced(rows, width)
        vectors = kernel(table, pivots, width)
        verified = all(annihilates(rows, v) for v in vectors)
    except OverBudget:
        raise
    except (TooLarge, UndecidedError, DomainError):
        return None
    return width - len(vectors) if verified else None


def _independent(rows: Rows, field: Field) -> list[int]:
    """Columns of which all others are combinations with rational coefficients.

    A row, cleared of denominators, is a polynomial in the letters for each column; coefficients
    that annihilate it annihilate each monomial.
    """
    if not rows or not rows[0]:
        return []
    equations: list[list[fmpq]] = []
    for row in rows:
        polys = cleared(row, field)
        parts = [p.to_dict() for p in polys]
        for monomial in dict.fromkeys(m for part in parts for m in part):
            equations.append([part.get(monomial, fmpq(0)) for part in parts])
    if not equations:
        return []
    found, rank = fmpq_mat(equations).rref()
    width = len(rows[0])
    return [next(j for j in range(width) if found[i, j] != 0) for i in range(rank)]


def _leading(value: Exact) -> fmpq:
    return value.num.leading_coefficient() if isinstance(value, Element) else value


def _is_negative(value: Exact) -> bool:
    return bool(_leading(value) < 0)
