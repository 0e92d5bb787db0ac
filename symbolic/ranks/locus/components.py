"""The points at which every minor vanishes, as a union of components.

In: for each minor the conditions of its factors. Out: the minimal choices of conditions that meet
every minor: the minors vanish together exactly where, for one component, all of its conditions
hold. A condition that is solved for a variable is put into the others; a component that is seen to
lie in another one, or where the matrix has no value, is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import product

from hessrank.symbolic.budget import OverBudget, spend
from hessrank.symbolic.errors import DomainError, UndecidedError
from hessrank.symbolic.expressions.expression import free_symbols, number
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.elements import Element
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.ranks.generic_rank import generic_field
from hessrank.symbolic.ranks.locus.conditions import Condition, zeros

#: More components than this are not listed: the generators stand for themselves.
MAX_COMPONENTS = 100

Sample = Mapping[str, Fraction]
Component = tuple[Condition, ...]


def components(
    generators: Sequence[tuple[Condition, ...]],
    poles: frozenset[Condition],
    sample: Sample,
    outside: Callable[[Iterable[Condition]], bool] = lambda _: False,
) -> tuple[Component, ...] | None:
    """The set where each generator has a condition that holds, as a union; None if too large.

    outside: whether the matrix is seen to have no value where some conditions hold.
    """
    order = {c: k for k, c in enumerate(dict.fromkeys(c for g in generators for c in g))}
    found: set[frozenset[Condition]] = {frozenset()}
    for g in _minimal({frozenset(g) for g in generators}):
        found = _minimal({t | {c} for t in found for c in (t & g or g)})
        if len(found) > MAX_COMPONENTS:
            return None
    reduced: set[frozenset[Condition]] = set()
    for chosen in found:
        parts = _reduced(chosen, sample)
        reduced |= {c for c in parts if not _in_poles(c, poles, sample) and not outside(c)}
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
    always holds there. Where it has no value it never holds: sqrt(u) = v at u = −1."""
    try:
        (difference,) = substitute([condition.difference], {solved.left.name: solved.right})
    except DomainError:
        return ()
    try:
        field, ((value,),) = generic_field([[difference]], sample)
    except OverBudget:
        raise
    except (TooLarge, UndecidedError, DomainError):
        return (Condition(difference, number(0)),)
    if not isinstance(value, Element):
        return None if value == 0 else ()
    return zeros(field, field.lift(value.num))


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
