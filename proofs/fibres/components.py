"""Polynomial fibres, component by component: the dimension of {F = F(θ)} near θ.

In: a `Landscape` whose outputs are rational functions near θ, with rational coefficients. Out:
`Zeros`: bounds on the local dimension at 0 of the real zeros of the numerators of F − F(θ) in
s = θ' − θ. All steps keep the real zeros near 0:

1. A polynomial that is not 0 at 0 has none; one without variables is left out.
2. pq = 0 where p = 0 or q = 0, and pᵉ = 0 where p = 0: the system is a union, one for each factor.
3. Where p = ax + b with a(0) ≠ 0, x = −b/a is a graph over the zeros of the others, in which x is
   replaced.
4. A polynomial that takes both signs near 0 vanishes on a set that separates the two: its real
   zeros, if they are all that is asked for, have the dimension n − 1. One that does not is
   extreme at its zeros, where its gradient is therefore 0, too.
5. Let p = axᵏ + bxᵏ⁻¹ + ⋯ with a(0) > 0 and k even, p(0, …, x, …, 0) = a(0)xᵏ, and q the value of p
   at kax + b = 0. If q < 0 somewhere near 0, then p takes both signs there. For k = 2,
   p = a(x + b/2a)² + q: if q ≥ 0 near 0, then p = 0 where 2ax + b = 0 and q = 0.
6. Where the leading form takes both signs, so does p; where it is definite, p = 0 at 0 alone.
7. A sum of even powers with coefficients of one sign vanishes where all its terms do; also with
   kax + b in place of a variable x, where a is a constant.

From above, by complex zeros, whose dimension is not below that of real ones: n − 2 where two
polynomials without common factor remain; the dimension of the zeros of the leading forms, for these
contain the tangent cone, which has the dimension of the germ. What no step decides stays between
bounds.

A product of powers of different irreducible polynomials takes both signs near 0 where one that
stands in an odd power does: else that one would not change its sign off the zeros that it shares
with the others, and these, of codimension 2, separate nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx

from hessrank.proofs.critical_points.ideals import dimension, groebner
from hessrank.proofs.facts.smooth_piece import outputs_near
from hessrank.proofs.minima.germs.leading_form import FormSign, form_sign
from hessrank.symbolic.brief import cut
from hessrank.symbolic.budget import OverBudget, budget, spend
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.fields.elements import Element
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.fields.polynomials import TooLarge, factors
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.null_space import null_space

Polynomial = Any  # fmpq_mpoly: python-flint has no types

#: Components are looked for with at most so many parameters and outputs, in so many systems.
MAX_PARAMETERS = 12
MAX_OUTPUTS = 24
MAX_SYSTEMS = 300
#: Polynomials of more terms are not carried.
MAX_TERMS = 400
#: The dimension of a tangent cone is sought within so many seconds.
CONE_SECONDS = 0.5
#: Signs are tried along so many lines.
MAX_LINES = 100


@dataclass(frozen=True)
class Zeros:
    """lower ≤ the local dimension at 0 ≤ upper of a set of real zeros, −1 where 0 is none of them;
    below: what shows the lower bound."""

    lower: int
    upper: int
    below: str = ""


def components(here: Landscape) -> Zeros | None:
    """The fibre of `here` near its point. None where F is not rational over Q there, or too large.

    >>> from hessrank.symbolic.models.models import Model
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> model = Model.from_expressions(["x**3", "y**2 - z**3"], "x y z")
    >>> cusp = Problem(model, Data([[]], [[0, 0]])).at(dict.fromkeys("xyz", 0))
    >>> found = components(cusp)
    >>> found.lower, found.upper, found.below
    (1, 1, 'on {s_x = 0} s_z**3 - s_y**2 takes both signs')
    """
    try:
        system = _system(here)
        if system is None:
            return None
        work = _Work()
        return work.zeros(system, frozenset(range(here.problem.N)), ())
    except (TooLarge, UndecidedError):
        return None


def _system(here: Landscape) -> list[Polynomial] | None:
    """Numerators of F − F(θ) as polynomials in s."""
    forms, names = outputs_near(here), here.problem.model.parameters
    if not 0 < len(names) <= MAX_PARAMETERS or len(forms) > MAX_OUTPUTS:
        return None
    context = fmpq_mpoly_ctx.get([f"s_{name}" for name in names], Ordering.degrevlex)

    def build(field: Field) -> list[Polynomial] | None:
        shifts = [field.indeterminate(f"s_{name}") for name in names]
        there = here.theta(field)
        near = {n: v + s for (n, v), s in zip(there.items(), shifts, strict=True)}
        found = []
        for value, before in zip(
            evaluate(forms, field, near), evaluate(forms, field, there), strict=True
        ):
            rise = value - before
            if not isinstance(rise, Element):
                if rise != 0:
                    return None
                continue
            if len(field.atoms) != len(names):
                return None
            num, den = field.lift(rise.num).to_dict(), field.lift(rise.den).to_dict()
            if not den.get((0,) * len(names)) or len(num) > MAX_TERMS:
                return None
            found.append(context.from_dict({tuple(map(int, m)): fmpq(c) for m, c in num.items()}))
        return found

    return evaluate_in_field(build, here.side)


class _Work:
    """One question: how many systems were looked at."""

    def __init__(self) -> None:
        self.systems = 0

    def zeros(
        self, system: Sequence[Polynomial], alive: frozenset[int], path: tuple[str, ...]
    ) -> Zeros:
        """The real zeros near 0 of a system in the variables `alive`; path: what was solved."""
        spend()
        self.systems += 1
        if self.systems > MAX_SYSTEMS:
            raise TooLarge("too many components")
        simple: list[Polynomial] = []
        for k, p in enumerate(system):
            if not p:
                continue
            through = _through(p)
            if not through:
                return Zeros(-1, -1)
            if len(through) > 1:
                rest = [*simple, *system[k + 1 :]]
                return _union([self.zeros([f, *rest], alive, path) for f in through])
            if through[0] not in simple:
                simple.append(through[0])
        solved = _solved(simple, alive)
        if solved is not None:
            x, p, rest = solved
            return self.zeros(rest, alive - {x}, (*path, _shown(p)))
        n, on = len(alive), f"on {{{' = '.join((*path, '0'))}}} " if path else ""
        if not simple:
            return Zeros(n, n, f"{on}no equation is left".lstrip())
        if len(simple) == 1:
            (p,) = simple
            both = self.both_signs(p, alive)
            if both:
                return Zeros(n - 1, n - 1, f"{on}{_shown(p)} takes both signs")
            inside = self.zeros(_critical(p, alive), alive, path)
            return Zeros(inside.lower, n - 1, inside.below) if both is None else inside
        for k, p in enumerate(simple):
            if self.both_signs(p, alive) is False:
                rest = [*simple[:k], *simple[k + 1 :]]
                return self.zeros([*_critical(p, alive), *rest], alive, path)
        return Zeros(0, min(n - 2, _cone_dimension(simple, alive)), "0 is a zero")

    def both_signs(self, p: Polynomial, alive: frozenset[int]) -> bool | None:
        """Whether p, irreducible or not, with p(0) = 0, takes both signs near 0."""
        spend()
        if len(_signs_on_lines(p, alive)) > 1:
            return True
        if _isolates(p, alive) or _even_terms(p, alive):
            return False
        for x in sorted(alive):
            pure = _pure(p, x)
            if pure is None:
                continue
            k, a, b = pure
            signs = self.signs(_replaced(p, x, k * a, b), alive)  # at the mean of the k roots
            if signs is not None and -_sign(_at_zero(a)) in signs:
                return True
            if signs is not None and k == 2:
                return False
        return None

    def signs(self, q: Polynomial, alive: frozenset[int]) -> set[int] | None:
        """The signs that q, with q(0) = 0, takes near 0, or None where that is not decided."""
        if not q:
            return set()
        for f, e in factors(q)[1]:
            if e % 2 and not _at_zero(f):
                both = self.both_signs(f, alive)
                if both is not False:
                    return {1, -1} if both else None
        return _signs_on_lines(q, alive) or None


def _union(parts: Sequence[Zeros]) -> Zeros:
    best = max(parts, key=lambda zeros: zeros.lower)
    return Zeros(best.lower, max(zeros.upper for zeros in parts), best.below)


def _at_zero(p: Polynomial) -> fmpq:
    return fmpq(p.to_dict().get((0,) * p.context().nvars(), 0))


def _through(p: Polynomial) -> list[Polynomial]:
    """The irreducible factors of p that vanish at 0."""
    if len(p) > MAX_TERMS:
        raise TooLarge(f"a polynomial of {len(p)} terms")
    return [f / f.leading_coefficient() for f, _ in factors(p)[1] if not _at_zero(f)]


def _solved(
    system: Sequence[Polynomial], alive: frozenset[int]
) -> tuple[int, Polynomial, list[Polynomial]] | None:
    """(x, p, the others without x) where p = ax + b, a(0) ≠ 0; the shortest p."""
    for p in sorted(system, key=len):
        for x in sorted(alive):
            if p.degrees()[x] != 1:
                continue
            a, b = _coefficients(p, x)[1], _coefficients(p, x)[0]
            if _at_zero(a):
                return x, p, [_replaced(q, x, a, b) for q in system if q != p]
    return None


def _coefficients(p: Polynomial, x: int) -> list[Polynomial]:
    """p = Σ c_k xᵏ: the c_k."""
    rows: list[dict[tuple[int, ...], Any]] = [{} for _ in range(int(p.degrees()[x]) + 1)]
    for m, c in p.to_dict().items():
        rows[int(m[x])][tuple(0 if i == x else int(e) for i, e in enumerate(m))] = c
    return [p.context().from_dict(row) for row in rows]


def _replaced(q: Polynomial, x: int, a: Polynomial, b: Polynomial) -> Polynomial:
    """aᵈ q(x = −b/a), d the degree of q in x."""
    rows = _coefficients(q, x)
    total, d = q.context().constant(0), len(rows) - 1
    for k, c in enumerate(rows):
        spend()
        total += c * (-b) ** k * a ** (d - k)
        if len(total) > MAX_TERMS:
            raise TooLarge(f"a polynomial of {len(total)} terms")
    return total


def _pure(p: Polynomial, x: int) -> tuple[int, Polynomial, Polynomial] | None:
    """(k, a, b) with p = axᵏ + bxᵏ⁻¹ + ⋯, k even, where p(0, …, x, …, 0) = a(0)xᵏ ≠ 0; None for
    k = 0, as p(0) = 0."""
    rows = _coefficients(p, x)
    k = len(rows) - 1
    if k % 2 or not _at_zero(rows[-1]) or any(_at_zero(c) for c in rows[:-1]):
        return None
    return k, rows[-1], rows[-2]


def _critical(p: Polynomial, alive: frozenset[int]) -> list[Polynomial]:
    """Polynomials whose common zeros are zeros of p, and all of them where p does not take both
    signs."""
    if _isolates(p, alive):
        return [x for i, x in enumerate(p.context().gens()) if i in alive]
    if terms := _even_terms(p, alive):
        return terms
    for x in sorted(alive):
        pure = _pure(p, x)
        if pure is not None and pure[0] == 2:
            _, a, b = pure
            return [2 * a * p.context().gens()[x] + b, _replaced(p, x, 2 * a, b)]
    return [p, *(p.derivative(i) for i in sorted(alive))]


def _isolates(p: Polynomial, alive: frozenset[int]) -> bool:
    """Whether the leading form of p is definite."""
    form = _restricted(_leading(p), alive)
    opposite = {m: -c for m, c in form.items()}
    return any(form_sign(f, _sign) is FormSign.POSITIVE for f in (form, opposite))


def _leading(p: Polynomial) -> dict[tuple[int, ...], Any]:
    """The terms of p of the lowest degree."""
    terms = p.to_dict()
    low = min(sum(map(int, m)) for m in terms)
    return {m: c for m, c in terms.items() if sum(map(int, m)) == low}


def _restricted(
    terms: dict[tuple[int, ...], Any], alive: frozenset[int]
) -> dict[tuple[int, ...], fmpq]:
    """The terms in the variables that are left."""
    return {tuple(int(m[i]) for i in sorted(alive)): fmpq(c) for m, c in terms.items()}


def _sign(c: Any) -> int:
    return (c > 0) - (c < 0)


def _even_terms(p: Polynomial, alive: frozenset[int]) -> list[Polynomial]:
    """The terms of p, without coefficients, where they are squares and their coefficients have one
    sign; [] where they are not."""
    x_ = p.context().gens()
    for x in (None, *sorted(alive)):
        moved, centre = p, p.context().constant(0)
        if x is not None:
            pure = _pure(p, x)
            if pure is None or not pure[1].is_constant():
                continue
            k, a, b = pure
            centre = b / (k * _at_zero(a))
            moved = p.compose(*(g - centre if i == x else g for i, g in enumerate(x_)))
        terms = moved.to_dict()
        even = all(int(e) % 2 == 0 for m in terms for e in m)
        if even and len({c > 0 for c in terms.values()}) == 1:
            back = [g + centre if i == x else g for i, g in enumerate(x_)]
            return [p.context().from_dict({m: 1}).compose(*back) for m in terms]
    return []


def _signs_on_lines(p: Polynomial, alive: frozenset[int]) -> set[int]:
    """Signs of p at vt, t > 0 small, for some v: those of the first term in t; both where the
    leading form has them."""
    form = _restricted(_leading(p), alive)
    opposite = {m: -c for m, c in form.items()}
    if {form_sign(f, _sign) for f in (form, opposite)} == {FormSign.NEGATIVE}:
        return {1, -1}
    found: set[int] = set()
    for v in islice(_lines(p, sorted(alive)), MAX_LINES):
        by_degree: dict[int, fmpq] = {}
        for m, c in p.to_dict().items():
            value = fmpq(c)
            for e, w in zip(m, v, strict=True):
                value *= fmpq(w) ** int(e)
            degree = sum(map(int, m))
            by_degree[degree] = by_degree.get(degree, fmpq(0)) + value
        first = next((by_degree[d] for d in sorted(by_degree) if by_degree[d] != 0), None)
        if first is not None:
            found.add(_sign(first))
        if len(found) == 2:
            break
    return found


def _lines(p: Polynomial, alive: Sequence[int]) -> Iterator[list[Any]]:
    """Directions along which the leading form of p is constant; then those along one variable,
    along two, along all."""
    n, form = p.context().nvars(), p.context().from_dict(_leading(p))
    slopes = [form.derivative(i).to_dict() for i in alive]
    rows = [[fmpq(s.get(m, 0)) for s in slopes] for m in {m for s in slopes for m in s}]
    idle = null_space(rows, len(alive), Field())
    for v in [*idle, *(tuple(map(sum, zip(v, w, strict=True))) for v, w in combinations(idle, 2))]:
        at = dict(zip(alive, v, strict=True))
        yield from ([s * at.get(i, 0) for i in range(n)] for s in (1, -1))
    for k in sorted({1, 2, len(alive)}):
        for chosen in combinations(alive, k):
            for signs in product((1, -1, 2), repeat=k):
                at = dict(zip(chosen, signs, strict=True))
                yield [at.get(i, 0) for i in range(n)]


def _cone_dimension(system: Sequence[Polynomial], alive: frozenset[int]) -> int:
    """The dimension of the complex zeros of the leading forms, or a bound on it."""
    context = system[0].context()
    rest = [x for i, x in enumerate(context.gens()) if i not in alive]
    forms = [context.from_dict(_leading(p)) for p in system]
    try:
        with budget(CONE_SECONDS):
            return dimension(groebner([*forms, *rest]))
    except OverBudget:
        return len(alive)


def _shown(p: Polynomial) -> str:
    return cut(str(p).replace("^", "**"))
