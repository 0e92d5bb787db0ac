"""Where the rank of a symbolic matrix falls below its generic rank.

In: a matrix of functions of θ (or a problem and the name of one of its matrices). Out: a
`RankLocus`: the r-minors, factored, and the set on which all of them vanish.

The rank falls below r exactly where every r×r minor is 0. A minor is a product of factors over a
denominator without zeros, so that the set is the intersection, over the minors, of the union of
the factors' zero sets. By the distributive law that is the union, over the minimal choices of
factors that meet every minor, of the sets on which the chosen ones vanish together: the
`components`. Where a divisor or the argument of a logarithm vanishes, or a solved condition puts an
entry outside of its domain, the matrix has no value: there the rank does not fall, and no component
lies there. A condition that is solved for a variable is put into the others of its component; a
component that lies in another one by such a substitution is left out. Beyond that nothing is
claimed of a component: it may be empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from math import comb
from typing import Any

from hessrank.symbolic.brief import LETTERS, Brief
from hessrank.symbolic.budget import SECONDS, OverBudget, decision, spend
from hessrank.symbolic.errors import DomainError, InputError, UndecidedError
from hessrank.symbolic.expressions.expression import Expr, free_symbols, postorder
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.elements import Element, cleared_by
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.fields.polynomials import TooLarge, common_divisor, times
from hessrank.symbolic.problems.landscape import Problem
from hessrank.symbolic.ranks.generic_rank import (
    GenericRank,
    generic_field,
    generic_rank,
    require_values,
)
from hessrank.symbolic.ranks.locus.components import Component, Sample, components
from hessrank.symbolic.ranks.locus.conditions import MAX_TERMS, Condition, zeros
from hessrank.symbolic.ranks.matrices import SymbolicMatrix
from hessrank.symbolic.ranks.rank import closed_forms

#: More minors than this are not looked at, nor larger ones.
MAX_MINORS = 400
MAX_SIZE = 6
#: So many are shown as LaTeX.
SHOWN = 8


@dataclass(frozen=True, repr=False)
class RankLocus(Brief):
    """The set of θ on which the rank is below the generic rank r.

    generic
        the generic rank, with the sample around which the functions were taken; with roots or
        logarithms the locus is that on the piece of their domain around it.
    generators
        for each r×r minor that is not the zero function, the conditions of its factors: the minor
        vanishes exactly where one of them holds. Factors without zeros are left out.
    components
        the same set as a union: the rank falls exactly where, for some component, all of its
        conditions hold. Empty where the rank never falls; None where there are too many.
    piece
        whether roots or logarithms of variables occur, so that all this is said of the piece of
        their domain around the sample alone.
    """

    generic: GenericRank
    generators: tuple[tuple[Condition, ...], ...]
    components: tuple[Component, ...] | None
    piece: bool = False

    @property
    def hypersurfaces(self) -> tuple[Condition, ...]:
        """The components of a single condition."""
        return tuple(c[0] for c in self.components or () if len(c) == 1)

    def __str__(self) -> str:
        r = int(self.generic)
        where = ""
        if self.piece:
            near = ", ".join(f"{name} = {float(q):.3g}" for name, q in self.generic.sample)
            where = f"on the piece of the domain around {near}, "
        if self.components is None:
            n = len(self.generators)
            return f"{where}the rank is below {r} exactly where {n} minors vanish"
        if not self.components:
            return f"{where}the rank is {r} " + ("everywhere" if not where else "throughout")
        parts = [" and ".join(map(str, c)) for c in self.components]
        return f"{where}the rank falls below {r} exactly where " + ", or ".join(parts)

    def _repr_latex_(self) -> str:
        r = int(self.generic)
        falls = rf"\{{\theta : \operatorname{{rank}} < {r}\}}"
        if self.components is None:
            return rf"${falls} = \text{{where {len(self.generators)} minors vanish}}$"
        sets = [rf"\{{{', '.join(c.latex for c in part)}\}}" for part in self.components[:SHOWN]]
        sets = [one for one in sets if len(one) <= LETTERS // SHOWN]
        more = [r"\cdots"] if len(sets) < len(self.components) else []
        union = r" \cup ".join([*sets, *more]) or r"\emptyset"
        return rf"${falls} = {union}$"


def rank_locus(subject: Any, name: str = "jacobian", seconds: float = SECONDS) -> RankLocus:
    """Where the rank of a symbolic matrix falls below its generic rank.

    subject: a symbolic matrix (as for `generic_rank`), or a Problem, whose matrix `name` is meant.
    seconds: after which it ends with an OverBudget error, or, where the minors are known, with
    these alone (components None).
    Raises InputError beyond MAX_MINORS minors, MAX_SIZE rows of a minor or MAX_TERMS terms, and
    UndecidedError where the generic rank is not decided. Not for sin, cos and tan of θ.

    >>> print(rank_locus([["u", "w"], ["u**2", "w**2"]]))
    the rank falls below 2 exactly where w = 0, or u = 0, or u = w
    """
    with decision(seconds):
        return _rank_locus(subject, name)


def _rank_locus(subject: Any, name: str) -> RankLocus:
    matrix: Any = subject
    if isinstance(subject, Problem):
        matrix = getattr(subject, name.replace("-", "_"), None)
        if not isinstance(matrix, SymbolicMatrix):
            raise InputError(f"no matrix {name!r}", "matrix")
    generic = generic_rank(matrix)
    r = int(generic)
    m, n = generic.shape
    count = comb(m, r) * comb(n, r)
    if r > MAX_SIZE or count > MAX_MINORS:
        raise InputError(
            f"{count} minors of size {r}: the locus is computed for at most {MAX_MINORS} of size "
            f"at most {MAX_SIZE}",
            "matrix",
        )
    forms, piece = _forms(matrix)
    if r == 0:
        return RankLocus(generic, (), (), piece)
    sample = dict(generic.sample)
    try:
        field, rows = generic_field(matrix, sample)
        _refuse_angles(field)
        poles = _poles(forms, sample)
        outside = partial(_outside, forms)
        table = [cleared_by(row, field) for row in rows]
        minors = [
            _numerator(field, [([row[j] for j in columns], below) for row, below in chosen])
            for chosen in combinations(table, r)
            for columns in combinations(range(n), r)
        ]
        generators = tuple(
            tuple(c for c in zeros(field, p) if c not in poles and not outside([c]))
            for p in minors
            if not p.is_zero()
        )
    except TooLarge as error:
        raise InputError(f"the minors are too large: {error}", "matrix") from None
    try:
        union = components(generators, poles, sample, outside)
    except OverBudget:
        union = None
    return RankLocus(generic, generators, union, piece)


def _forms(matrix: Any) -> tuple[list[Expr], bool]:
    """(the entries, whether roots or logarithms of variables occur among them)."""
    flat = [e for row in closed_forms(matrix)[0] for e in row]
    branches = (
        node
        for node in postorder(flat)
        if (node.op == "pow" and node.exponent.denominator > 1)
        or (node.op == "function" and node.name == "log")
    )
    return flat, any(free_symbols(node) for node in branches)


def _poles(flat: Sequence[Expr], sample: Sample) -> frozenset[Condition]:
    """The conditions under which a divisor, or the argument of a logarithm, vanishes."""
    found: set[Condition] = set()
    for node in postorder(flat):
        divisor = node.op == "pow" and node.exponent < 0
        logarithm = node.op == "function" and node.name == "log"
        if (divisor or logarithm) and free_symbols(node):
            spend()
            with suppress(TooLarge, UndecidedError, DomainError):
                field, ((value,),) = generic_field([[node.args[0]]], sample)
                if isinstance(value, Element):
                    found.update(zeros(field, field.lift(value.num)))
    return frozenset(found)


def _outside(flat: Sequence[Expr], conditions: Iterable[Condition]) -> bool:
    """Whether an entry is seen to have no value where these conditions hold: log(u) at u = −1."""
    try:
        require_values(substitute(flat, {c.left.name: c.right for c in conditions if c.solved}))
    except DomainError:
        return True
    return False


def _numerator(field: Field, minor: Sequence[tuple[list[Any], Any]]) -> Any:
    """What of a minor of cleared rows is left over their common denominators."""
    poly = field.reduce(_determinant([row for row, _ in minor]))
    for _, divisor in minor:
        common = common_divisor(poly, divisor)
        while not poly.is_zero() and not common.is_constant():
            poly, divisor = poly / common, divisor / common
            common = common_divisor(poly, divisor)
    return poly


def _refuse_angles(field: Field) -> None:
    """sin and cos are carried by tan of the half angle, which misses the angle π."""
    for a in field.atoms:
        if a.kind == "half-tangent" and isinstance(a.argument, Element):
            inside = field.closure([a.argument.num, a.argument.den])
            if any(field.atoms[i].kind == "symbol" for i in inside):
                raise InputError("the locus is not computed for sin, cos and tan of θ", "matrix")


# --- minors and their factors -------------------------------------------------------------------


def _determinant(a: list[list[Any]]) -> Any:
    """By expansion along the first row."""
    if len(a) == 1:
        return a[0][0]
    total = a[0][0] * 0
    for j, top in enumerate(a[0]):
        if not top.is_zero():
            inner = _determinant([row[:j] + row[j + 1 :] for row in a[1:]])
            total = total + times(top, inner) * (-1) ** j
    if len(total) > MAX_TERMS:
        raise TooLarge(f"a minor has {len(total)} terms")
    return total
