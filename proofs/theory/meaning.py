r"""What a displayed relation says in a world, and whether it holds there.

In: a `Node` of `reading` and a `World`: exact values for its names, numbers or indeterminates. Out:
a `Fact`: TRUE where every relation of the chain holds for all values of its free indices,
identically in the indeterminates; FALSE where it does not; `NotRead` or `IllFormed` where the text
means nothing.

Vectors are columns, and a 1×1 product is a number. An index counts from 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from flint import arb, fmpq

from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.proofs.theory.arithmetic import IllFormed, array_of, fraction, scalar
from hessrank.proofs.theory.reading import Node, read
from hessrank.proofs.theory.values import letter, value_of
from hessrank.proofs.theory.world import Function, World
from hessrank.symbolic.errors import DomainError, UndecidedError
from hessrank.symbolic.expressions.expression import ZERO, Expr, evaluate, free_symbols
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.balls import BallRing, excludes_zero


def holds(latex: str, world: World, exactly: bool = True) -> Fact:
    """Whether the relation holds in the world.

    exactly: also prove it; without, only look for values that refute it.
    """
    chain = read(latex, world.functions)
    free = sorted(_free(chain, frozenset(), world))
    forms: list[Expr] = []
    for places in product(*(range(1, world.ranges[letter(i)] + 1) for i in free)):
        gaps: list[Expr] = []
        scope = dict(zip(free, places, strict=True))
        sides = [value_of(side, world, scope) for side in chain.parts]
        for sign, a, b in zip(chain.text.split(), sides[:-1], sides[1:], strict=True):
            if sign == "=":
                gaps += gaps_between(a, b)
            elif not _ordered(a, b, sign):
                return Fact(Truth.FALSE, f"{a} {sign} {b} is false ({world.words})")
        if world.point:
            gaps = substitute(gaps, _known(gaps, world.point))
        gaps = [f for f in dict.fromkeys(gaps) if f is not ZERO]
        if any(refuted(form) for form in gaps):
            return Fact(Truth.FALSE, f"the sides differ ({world.words})")
        forms += gaps
    if not forms or not exactly:
        return Fact(Truth.TRUE, world.words)
    found = vanish(*forms)
    return Fact(found.truth, world.words if found.truth is Truth.TRUE else found.reason)


def refuted(form: Expr) -> bool:
    """Whether a closed form is seen to be nonzero at one of two points."""
    names = sorted(free_symbols(form))
    for start in (3, 11):
        point = {n: arb(fmpq(start + 7 * i % 31, 2 + i % 5)) for i, n in enumerate(names)}
        try:
            (value,) = evaluate([form], BallRing(), point)
        except (DomainError, ZeroDivisionError, UndecidedError):
            continue
        if excludes_zero(value):
            return True
    return False


# --- comparing ------------------------------------------------------------------------------------


def gaps_between(a: Any, b: Any) -> list[Expr]:
    """The differences of two sides; 0 is the zero of any shape."""
    if isinstance(a, Function) and isinstance(b, Function):
        b = b.at(a.parameters)
    a, b = (v.body if isinstance(v, Function) else v for v in (a, b))
    x, y = array_of(a), array_of(b)
    if x.ndim == 0 and x[()] is ZERO:
        return list(y.flat)
    if y.ndim == 0 and y[()] is ZERO:
        return list(x.flat)
    if x.size == y.size == 1:
        return [scalar(a) - scalar(b)]
    if x.shape != y.shape:
        raise IllFormed(f"sides of shapes {x.shape} and {y.shape}")
    return list((x - y).flat)


def _ordered(a: Any, b: Any, sign: str) -> bool:
    left, right = fraction(scalar(a)), fraction(scalar(b))
    return left <= right if sign == "<=" else left >= right


def _known(forms: Sequence[Expr], point: Mapping[str, Expr]) -> dict[str, Expr]:
    used = free_symbols(*forms)
    return {name: value for name, value in point.items() if name in used}


def _free(node: Node, bound: frozenset[str], world: World) -> set[str]:
    """The indices of a relation that no sum binds."""
    if node.kind == "index":
        name = node.text
        free = not name.isdigit() and name not in bound
        return {name} if free else set()
    if node.kind == "over-indices":
        names, _ = node.text.split("|")
        bound = bound | set(names.split(","))
    if node.kind == "entry" and node.parts[0].kind == "name":
        literal = f"{node.parts[0].text}_" + "".join(i.text for i in node.parts[1:])
        if literal in world.values:
            return set()
    found: set[str] = set()
    for part in node.parts:
        found |= _free(part, bound, world)
    for name in found:
        if letter(name) not in world.ranges:
            raise IllFormed(f"the index {name} has no range")
    return found
