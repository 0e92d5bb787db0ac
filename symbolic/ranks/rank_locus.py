"""Where the rank of a symbolic matrix falls below its generic rank.

In: a matrix of functions of θ (or a problem and the name of one of its matrices). Out: a
`RankLocus`: the r-minors, factored, and the set on which all of them vanish.

The rank falls below r exactly where every r×r minor is 0. A minor is a product of factors over a
denominator without zeros, so that the set is the intersection, over the minors, of the union of
the factors' zero sets. By the distributive law that is the union, over the minimal choices of
factors that meet every minor, of the sets on which the chosen ones vanish together: the
`components`. Where a divisor or the argument of a logarithm vanishes the matrix has no value: there
the rank does not fall, and no component lies there. A condition that is solved for a variable is
put into the others of its component; a component that lies in another one by such a substitution is
left out. Beyond that nothing is claimed of a component: it may be empty.

What is read of a factor f (its zeros, for real θ):
  - f has no zero where it holds no variable and is a number that is known to differ from 0;
  - nor where it is a polynomial in positive numbers (exponentials, roots, π) and all coefficients
    of f·(1 + Σ atoms)ᵏ have one sign for some k ≤ 4 (Pólya 1928);
  - two monomials in exponentials give a linear equation in their arguments;
  - an equation of degree 1 in the variables is solved for the first of them;
  - anything else is printed as the equation f = 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from math import comb, gcd
from typing import Any

from flint import fmpq

from hessrank.symbolic.brief import LETTERS, Brief
from hessrank.symbolic.budget import SECONDS, OverBudget, decision, spend
from hessrank.symbolic.errors import DomainError, InputError, UndecidedError
from hessrank.symbolic.expressions.expression import Expr, free_symbols, number, postorder
from hessrank.symbolic.expressions.functions import log
from hessrank.symbolic.expressions.printing import latex
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.elements import Element, Exact, cleared_by
from hessrank.symbolic.fields.field import Field, differs
from hessrank.symbolic.fields.polynomials import TooLarge, common_divisor, factors, times
from hessrank.symbolic.problems.landscape import Problem
from hessrank.symbolic.ranks.matrices import SymbolicMatrix
from hessrank.symbolic.ranks.rank import GenericRank, closed_forms, generic_field, generic_rank

#: More minors than this are not looked at, nor minors larger than that, nor longer polynomials.
MAX_MINORS = 400
MAX_SIZE = 6
MAX_TERMS = 2_000
#: More components than this are not listed: the generators stand for themselves.
MAX_COMPONENTS = 100
#: So many are shown as LaTeX.
SHOWN = 8
_POLYA = 4

Sample = Mapping[str, Fraction]


@dataclass(frozen=True, repr=False)
class Condition(Brief):
    """The equation left = right between closed forms in θ."""

    left: Expr
    right: Expr

    @property
    def difference(self) -> Expr:
        """left − right: zero exactly where the condition holds."""
        return self.left - self.right

    @property
    def solved(self) -> bool:
        """Whether the condition gives a variable in terms of others."""
        return self.left.op == "symbol" and self.left.name not in free_symbols(self.right)

    def __str__(self) -> str:
        return f"{self.left} = {self.right}"

    @property
    def latex(self) -> str:
        """The equation without delimiters."""
        return f"{latex(self.left)} = {latex(self.right)}"


Component = tuple[Condition, ...]


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
        table = [cleared_by(row, field) for row in rows]
        minors = [
            _numerator(field, [([row[j] for j in columns], below) for row, below in chosen])
            for chosen in combinations(table, r)
            for columns in combinations(range(n), r)
        ]
        generators = tuple(
            tuple(c for c in _zeros(field, p) if c not in poles) for p in minors if not p.is_zero()
        )
    except TooLarge as error:
        raise InputError(f"the minors are too large: {error}", "matrix") from None
    try:
        components = _components(generators, poles, sample)
    except OverBudget:
        components = None
    return RankLocus(generic, generators, components, piece)


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
                    found.update(_zeros(field, field.lift(value.num)))
    return frozenset(found)


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


def _zeros(field: Field, poly: Any) -> tuple[Condition, ...]:
    """The conditions of the factors of a polynomial in the atoms that may vanish."""
    read = [_read(field, f) for f, _ in factors(poly)[1]]
    return tuple(dict.fromkeys(c for c in read if c is not None))


def _read(field: Field, f: Any) -> Condition | None:
    """What f = 0 means, or None where f has no zero."""
    used = [i for i, e in enumerate(f.degrees()) if e]
    kinds = {field.atoms[i].kind for i in used}
    inside = {field.atoms[i].kind for i in field.closure([f])}
    if "symbol" not in inside and differs(field, field.polynomial(f)):
        return None
    if kinds <= {"exp", "root", "pi"} and _has_no_zero(field, f, used):
        return None
    if kinds == {"exp"} and len(f) == 2:
        return _equal_exponentials(field, f)
    if kinds == {"symbol"} and f.total_degree() == 1:
        return _solved(field, f, number(0))
    return Condition(field.expr(field.polynomial(f)), number(0))


def _has_no_zero(field: Field, f: Any, used: Sequence[int]) -> bool:
    """Whether all coefficients of f·(1 + Σ atoms)ᵏ have one sign, the atoms being positive."""
    gens = field.ctx.gens()
    exponents = list(f.to_dict())
    factor = field.ctx.constant(1)
    for i in used:
        factor = factor + gens[i] ** gcd(*(int(e[i]) for e in exponents))
    for _ in range(_POLYA + 1):
        if len({c > 0 for c in f.coeffs()}) == 1:
            return True
        if len(f) * len(factor) > MAX_TERMS:
            return False
        f = f * factor
    return False


def _equal_exponentials(field: Field, f: Any) -> Condition | None:
    """c Π E^p + d Π E^q = 0, where E = exp(b/D) and −d/c > 0: Σ (p − q) b/D = log(−d/c). None where
    the left side is a rational number: it is not 0, and e to its power is irrational (Hermite)."""
    (left, c), (right, d) = f.to_dict().items()
    total: Exact = fmpq(0)
    for i, (p, q) in enumerate(zip(left, right, strict=True)):
        if p != q:
            atom = field.atoms[i]
            total = total + atom.argument * fmpq(int(p) - int(q), atom.divisor)
    if not isinstance(total, Element):
        return None
    ratio = -fmpq(d) / fmpq(c)
    value = number(0) if ratio == 1 else log(field.expr(ratio))
    num = field.lift(total.num)
    linear = {field.atoms[i].kind for i, e in enumerate(num.degrees()) if e} == {"symbol"}
    if linear and num.total_degree() == 1 and field.lift(total.den).is_constant():
        return _solved(field, num, value)
    return Condition(field.expr(total), value)


def _solved(field: Field, linear: Any, value: Expr) -> Condition:
    """linear = value, of degree 1 in the variables, solved for the first of them."""
    i = next(i for i, e in enumerate(linear.degrees()) if e)
    x = field.ctx.gens()[i]
    c = next(fmpq(c) for m, c in linear.to_dict().items() if m[i])
    rest = field.expr(field.polynomial(x - linear / c))
    return Condition(field.expr(field.polynomial(x)), rest + value * Fraction(int(c.q), int(c.p)))


# --- the union of components ----------------------------------------------------------------------


def _components(
    generators: Sequence[tuple[Condition, ...]], poles: frozenset[Condition], sample: Sample
) -> tuple[Component, ...] | None:
    """The set where each generator has a condition that holds, as a union; None if too large."""
    order = {c: k for k, c in enumerate(dict.fromkeys(c for g in generators for c in g))}
    found: set[frozenset[Condition]] = {frozenset()}
    for g in _minimal({frozenset(g) for g in generators}):
        found = _minimal({t if t & g else t | {c} for t in found for c in (t & g or g)})
        if len(found) > MAX_COMPONENTS:
            return None
    reduced: set[frozenset[Condition]] = set()
    for chosen in found:
        reduced |= {c for c in _reduced(chosen, sample) if not _in_poles(c, poles, sample)}
        if len(reduced) > MAX_COMPONENTS:
            return None

    def place(c: Condition) -> tuple[int, str]:
        return order.get(c, len(order)), str(c)

    ordered = [tuple(sorted(c, key=place)) for c in _minimal(reduced)]
    ordered.sort(key=lambda c: (len(c), [place(x) for x in c]))
    kept: list[Component] = []
    for component in ordered:  # fewer conditions first: those may contain the others
        if not any(_implies(component, other, sample) for other in kept):
            kept.append(component)
    return tuple(kept)


def _in_poles(component: frozenset[Condition], poles: frozenset[Condition], sample: Sample) -> bool:
    """Whether a component is seen to lie where the matrix has no value."""
    return any(_implies(tuple(component), (pole,), sample) for pole in poles)


def _minimal(sets: Iterable[frozenset[Condition]]) -> set[frozenset[Condition]]:
    """The sets that contain no other one (Berge, Hypergraphs, 1989, ch. 2)."""
    known = set(sets)
    spend()
    return {s for s in known if not any(t < s for t in known)}


def _reduced(component: frozenset[Condition], sample: Sample) -> set[frozenset[Condition]]:
    """The same set with every solved variable put into the other conditions, as a union."""
    done: set[frozenset[Condition]] = set()
    todo = [component]
    while todo:
        spend()
        here = todo.pop()
        solved = [c for c in sorted(here, key=str) if c.solved]
        turn = next((c for c in solved if _occurs(c.left.name, here - {c})), None)
        if turn is None:
            done.add(here)
            continue
        alternatives = [_substituted(c, turn, sample) for c in here - {turn}]
        choices = [a for a in alternatives if a is not None]
        todo += [frozenset({turn, *choice}) for choice in product(*choices)]
        if len(todo) > MAX_COMPONENTS:
            return {component}
    return done


def _occurs(name: str, conditions: Iterable[Condition]) -> bool:
    return any(name in free_symbols(c.left, c.right) for c in conditions)


def _substituted(
    condition: Condition, solved: Condition, sample: Sample
) -> tuple[Condition, ...] | None:
    """What `condition` means on the set where `solved` holds: one of these conditions; None: it
    always holds there."""
    (difference,) = substitute([condition.difference], {solved.left.name: solved.right})
    try:
        field, ((value,),) = generic_field([[difference]], sample)
    except OverBudget:
        raise
    except (TooLarge, UndecidedError, DomainError):
        return (Condition(difference, number(0)),)
    if not isinstance(value, Element):
        return None if value == 0 else ()
    return _zeros(field, field.lift(value.num))


def _implies(component: Component, other: Component, sample: Sample) -> bool:
    """Whether the conditions of `component` are seen to imply all of `other`."""
    for condition in other:
        left: tuple[Condition, ...] | None = (condition,)
        for solved in component:
            if left is not None and solved.solved and len(left) == 1:
                left = _substituted(left[0], solved, sample)
        if left is not None and not set(left) & set(component):
            return False
    return True
