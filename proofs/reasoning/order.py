"""The order in which one example is smaller than another, everywhere the same.

In: a subject: a landscape, a part of one, or an object of a claim's own. Out: `smallness`, a tuple
that sorts: by N, then M, then D, then the sum of the heights of all numbers (data, point, fixed
parameters, weights of the loss), then the order of losses and activations in the documentation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

from hessrank.symbolic.expressions.expression import Expr, postorder
from hessrank.symbolic.models import activations, losses
from hessrank.symbolic.problems.landscape import Landscape

Smallness = tuple[int, int, int, int, int, int]


def height(value: Fraction | int) -> int:
    """The height of p/q in lowest terms: max(|p|, q).

    >>> height(Fraction(-3, 4)), height(0)
    (4, 1)
    """
    return max(abs(value.numerator), value.denominator)


def heights(value: Any) -> int:
    """The sum of the heights of all numbers in a value; of a closed form, of its leaves.

    >>> heights([Fraction(1, 2), (3, -1)])
    6
    """
    return sum(map(height, _numbers(value)))


def smallness(subject: Any) -> Smallness:
    """What sorts `subject` among others; those that hold no landscape come first, by heights."""
    here = landscape_in(subject)
    if here is None:
        return (0, 0, 0, heights(subject), 0, 0)
    problem = here.problem
    told: list[Any] = [
        problem.data,
        [v for _, v in here.values],
        [v for _, v in problem.model.fixed],
    ]
    net = problem.model.network
    return (
        problem.N,
        problem.M,
        len(problem.data),
        heights([*told, problem.loss.weights]),
        _place(problem.loss.name, losses.NAMES),
        _place(net.activation, activations.NAMES) if net is not None else 0,
    )


def landscape_in(subject: Any) -> Landscape | None:
    """The landscape that a subject is, or holds as `here` or `train`."""
    for name in ("", "here", "train"):
        found = getattr(subject, name, None) if name else subject
        if isinstance(found, Landscape):
            return found
    return None


def _place(name: str, names: tuple[str, ...]) -> int:
    return names.index(name) if name in names else len(names)


def _numbers(value: Any) -> Iterator[Fraction | int]:
    """Every number in a value: of a closed form its numeric leaves, of an object its fields."""
    if isinstance(value, Expr):
        yield from (node.value for node in postorder([value]) if node.is_number)
    elif isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for f in fields(value):
            yield from _numbers(getattr(value, f.name))
    elif isinstance(value, Iterable) and not isinstance(value, (str, bytes, dict)):
        for v in value:
            yield from _numbers(v)
