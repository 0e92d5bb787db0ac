"""Ideals of polynomials over Q: Gröbner bases, normal forms, dimension, and covers by factors.

In: generators, as `fmpq_mpoly` over one context (degrevlex). Out: bases and leaves. Every element
of a basis is made from the generators by subtraction and multiplication alone (an S-polynomial, or
a remainder), so it lies in their ideal by construction and vanishes wherever they vanish; that is
all that a cover V(F) = ∪ V(G_i) needs, and the reverse inclusion is `contains`, checked again.
Method: Buchberger's algorithm with the criteria of Gebauer and Möller (Becker and Weispfenning,
*Gröbner Bases*, 1993, 5.5); V(F, pq) = V(F, p) ∪ V(F, q).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from hessrank.symbolic.budget import spend
from hessrank.symbolic.fields.polynomials import factors

Polynomial = Any  # fmpq_mpoly: python-flint has no types
Monomial = tuple[int, ...]
Basis = tuple[Polynomial, ...]


def monic(p: Polynomial) -> Polynomial:
    """p with leading coefficient 1."""
    return p / p.leading_coefficient()


def divides(a: Monomial, b: Monomial) -> bool:
    """Whether the monomial a divides b."""
    return all(x <= y for x, y in zip(a, b, strict=True))


def normal_form(p: Polynomial, basis: Sequence[Polynomial]) -> Polynomial:
    """p modulo the basis: 0 shows that p lies in the ideal, for any list of generators; for a
    Gröbner basis only 0 does.

    >>> import flint
    >>> x, y = flint.fmpq_mpoly_ctx.get(["x", "y"], flint.Ordering.degrevlex).gens()
    >>> normal_form(x**2 * y, (x * y - 1, y**2 - 1))
    x
    """
    changed = True
    while changed and p:
        spend()
        changed = False
        for g in basis:
            quotient, rest = divmod(p, g)
            if quotient:
                p, changed = rest, True
                if not p:
                    break
    return p


def _s_polynomial(f: Polynomial, g: Polynomial) -> Polynomial:
    context = f.context()
    a, b = f.monomial(0), g.monomial(0)
    lcm = _lcm(a, b)
    up = [context.from_dict({tuple(x - y for x, y in zip(lcm, m, strict=True)): 1}) for m in (a, b)]
    return up[0] * f - up[1] * g  # both are monic


def groebner(generators: Sequence[Polynomial]) -> Basis:
    """The reduced Gröbner basis, smallest leading monomials first; (1,) where V is empty.

    >>> import flint
    >>> x, y = flint.fmpq_mpoly_ctx.get(["x", "y"], flint.Ordering.degrevlex).gens()
    >>> groebner([x * y - 1, x**2 - y])
    (y^2 - x, x*y - 1, x^2 - y)
    """
    basis: list[Polynomial] = []
    leads: list[Monomial] = []
    pairs: list[tuple[int, Monomial, int, int]] = []

    def enter(p: Polynomial) -> None:
        """Gebauer and Möller's update (1988): the pairs that the new element makes or spares."""
        nonlocal pairs
        new, lead = len(basis), p.monomial(0)
        pairs = [
            entry
            for entry in pairs
            if not divides(lead, entry[1])
            or _lcm(leads[entry[2]], lead) == entry[1]
            or _lcm(leads[entry[3]], lead) == entry[1]
        ]
        fresh: dict[Monomial, tuple[int, bool]] = {}
        for i, other in enumerate(leads):
            lcm = _lcm(other, lead)
            coprime = sum(lcm) == sum(other) + sum(lead)
            if lcm not in fresh or coprime:
                fresh[lcm] = (i, coprime)
        least: list[Monomial] = []
        for lcm in sorted(fresh, key=sum):
            if not any(divides(m, lcm) for m in least):
                least.append(lcm)
                i, coprime = fresh[lcm]
                if not coprime:
                    pairs.append((sum(lcm), lcm, i, new))
        heapq.heapify(pairs)
        basis.append(p)
        leads.append(lead)

    for p in sorted(generators, key=lambda q: (q.total_degree(), len(q))):
        rest = normal_form(p, basis)
        if rest:
            if rest.is_constant():
                return (monic(rest),)
            enter(monic(rest))
    while pairs:
        spend()
        _, _, i, j = heapq.heappop(pairs)
        rest = normal_form(_s_polynomial(basis[i], basis[j]), basis)
        if rest:
            if rest.is_constant():
                return (monic(rest),)
            enter(monic(rest))
    return _reduced(basis)


def _lcm(a: Monomial, b: Monomial) -> Monomial:
    return tuple(map(max, a, b))


def _reduced(basis: Sequence[Polynomial]) -> Basis:
    """Minimal and interreduced, in the order of the leading monomials."""
    minimal: list[Polynomial] = []
    for p in sorted(basis, key=lambda q: (sum(q.monomial(0)), q.monomial(0))):
        if not any(divides(g.monomial(0), p.monomial(0)) for g in minimal):
            minimal.append(p)
    out = [monic(normal_form(p, [g for g in minimal if g is not p])) for p in minimal]
    return tuple(sorted(out, key=lambda q: (sum(q.monomial(0)), q.monomial(0))))


def is_empty(basis: Basis) -> bool:
    """Whether V has no point, not even a complex one: 1 is in the ideal."""
    return len(basis) == 1 and bool(basis[0].is_constant()) and bool(basis[0])


def contains(basis: Basis, polynomials: Sequence[Polynomial]) -> bool:
    """Whether all of `polynomials` lie in the ideal of the Gröbner basis."""
    return all(not normal_form(p, basis) for p in polynomials)


def independent_sets(basis: Basis, variables: Sequence[int]) -> list[tuple[int, ...]]:
    """The largest sets of `variables` in which no leading monomial lies (all of one size, the
    dimension of V for a degree order where `variables` are all; Kredel and Weispfenning, 1988).

    >>> import flint
    >>> x, y = flint.fmpq_mpoly_ctx.get(["x", "y"], flint.Ordering.degrevlex).gens()
    >>> independent_sets((x * y,), range(2))
    [(0,), (1,)]
    """
    leads = [{i for i, e in enumerate(g.monomial(0)) if e} for g in basis]
    for size in range(len(variables), -1, -1):
        found = [u for u in combinations(variables, size) if not any(s <= set(u) for s in leads)]
        if found:
            return found
    return []


def dimension(basis: Basis) -> int:
    """The dimension of V over the complex numbers; −1 where it is empty."""
    if is_empty(basis):
        return -1
    if not basis:
        raise ValueError("a basis without elements has no context")
    return len(independent_sets(basis, range(basis[0].context().nvars()))[0])


def irreducible_factors(p: Polynomial) -> list[Polynomial]:
    """The distinct irreducible factors of p over Q, constants left out."""
    return [monic(f) for f, _ in factors(p)[1]]


@dataclass(frozen=True, eq=False)
class _Branch:
    """Equations, and irreducible polynomials that do not vanish on what is meant."""

    equations: tuple[Polynomial, ...]
    units: tuple[Polynomial, ...]


def cover(generators: Sequence[Polynomial], nonzero: Sequence[Polynomial] = ()) -> list[Basis]:
    """Gröbner bases G_1, … with V(generators) ∖ {a factor of `nonzero` is 0} inside ∪ V(G_i), each
    V(G_i) inside V(generators), and no element of a G_i with two factors.

    Branches on factors of the generators before any basis, then on those of its elements:
    V(pq) = V(p) ∪ (V(q) ∖ V(p)). Leaves that lie in another one are left out.

    >>> import flint
    >>> x, y = flint.fmpq_mpoly_ctx.get(["x", "y"], flint.Ordering.degrevlex).gens()
    >>> cover([x * y, x**2 - x])
    [(x,), (y, x - 1)]
    """
    known: dict[str, list[Polynomial]] = {}

    def factors(p: Polynomial) -> list[Polynomial]:
        name = str(p)
        if name not in known:
            spend()
            known[name] = irreducible_factors(p)
        return known[name]

    leaves: list[Basis] = []
    first = tuple(f for p in nonzero for f in factors(p))
    todo = [_Branch(tuple(p for p in generators if p), first)]
    while todo:
        spend()
        branch = todo.pop()
        split = _split(branch, factors)
        if split is None:
            basis = groebner(branch.equations)
            if is_empty(basis) or any(contains(basis, leaf) for leaf in leaves):
                continue
            split = _split(_Branch(basis, branch.units), factors)
            if split is None:
                leaves.append(basis)
                continue
        todo += reversed(split)
    return _maximal(leaves)


def _split(
    branch: _Branch, factors: Callable[[Polynomial], list[Polynomial]]
) -> list[_Branch] | None:
    """The branches at the first equation that is not one irreducible factor; None where there is
    none; [] where an equation has units alone as factors."""
    for i, p in enumerate(branch.equations):
        found = [f for f in factors(p) if all(f != u for u in branch.units)]
        if len(found) == 1 and found[0] == monic(p):
            continue
        rest = branch.equations[:i] + branch.equations[i + 1 :]
        return [_Branch((*rest, f), (*branch.units, *found[:k])) for k, f in enumerate(found)]
    return None


def _maximal(leaves: Sequence[Basis]) -> list[Basis]:
    """The leaves without those whose V lies in that of another."""
    kept: list[Basis] = []
    for leaf in sorted(leaves, key=len):
        if not any(contains(leaf, other) for other in kept):
            kept = [k for k in kept if not contains(k, leaf)] + [leaf]
    return kept
