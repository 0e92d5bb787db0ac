"""Identities: closed forms that are zero whatever values their symbols take.

In: closed forms with free symbols. Out: a `Fact`, TRUE where all of them vanish in the field of
rational functions of the symbols and of the transcendental values (then they are zero wherever
their denominators are not), otherwise UNDECIDED, or FALSE where an exact point shows a nonzero
value. Curves inside a fibre, sums of squares and cofactor certificates are checked by this.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial

from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.brief import cut
from hessrank.symbolic.errors import DomainError, KinkError, UndecidedError
from hessrank.symbolic.expressions.expression import Expr, evaluate, free_symbols, number
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.fields.polynomials import TooLarge


def formal_values(forms: Sequence[Expr]) -> list[Exact]:
    """The forms in the field of rational functions of their symbols.

    Raises UndecidedError where a value needs a sign, TooLarge where it is too large to carry.
    """

    def build(field: Field) -> list[Exact]:
        symbols = {name: field.indeterminate(name) for name in sorted(free_symbols(*forms))}
        return evaluate(forms, field, symbols)

    return evaluate_in_field(build)


def vanish(*forms: Expr) -> Fact:
    """Whether every form is identically zero.

    >>> from hessrank.symbolic.expressions.parsing import parse
    >>> vanish(parse("(a + b)**2 - a**2 - 2*a*b - b**2", {"a", "b"})).truth
    Truth.TRUE
    >>> vanish(parse("a*b - b", {"a", "b"})).truth
    Truth.FALSE
    """
    try:
        values = formal_values(forms)
    except (TooLarge, UndecidedError, DomainError, KinkError) as error:
        return Fact(Truth.UNDECIDED, f"the identity is not decided: {error}")
    for form, value in zip(forms, values, strict=True):
        if value != 0:
            return nonzero_somewhere(form)
    return Fact(Truth.TRUE, "zero identically, as a rational function of its symbols")


def nonzero_somewhere(form: Expr) -> Fact:
    """FALSE where an exact point shows that the form is not zero identically, else UNDECIDED."""
    for start in (1, 3):
        names = sorted(free_symbols(form))
        point = {name: number(Fraction(start + i, 7 + i)) for i, name in enumerate(names)}
        try:
            value, sign = evaluate_in_field(partial(_signed, form, point))
        except (TooLarge, UndecidedError, DomainError, KinkError):
            continue
        if sign:
            shown = ", ".join(f"{n} = {v}" for n, v in point.items())
            return Fact(Truth.FALSE, f"{cut(value)} is not zero, at {shown or 'every point'}")
    return Fact(Truth.UNDECIDED, "not zero as a form; no exact point was found that shows it")


def _signed(form: Expr, point: dict[str, Expr], field: Field) -> tuple[Expr, int]:
    names = list(point)
    at = dict(zip(names, evaluate([point[n] for n in names], field, {}), strict=True))
    (value,) = evaluate([form], field, at)
    return field.expr(value), field.sign(value)
