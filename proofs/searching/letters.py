"""The numbers of the grammar: which values inputs and parameters take, each with its height.

In: a model. Out: an alphabet of `Letter`s for each parameter, and one for inputs. Weights into
units of tanh, sigmoid, softplus and exp are logarithms of rationals, so that the values of the
units on integer inputs are rational, or logarithms of rationals. The bias of the last layer is 0:
with free labels it only shifts them.
"""

from __future__ import annotations

from dataclasses import dataclass

from hessrank.proofs.reasoning.order import heights
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.models.models import Model

#: e^{κz} is rational where the units' weights are logarithms; tanh, sigmoid, softplus, exp in it.
SCALES = {"tanh": 2, "sigmoid": 1, "softplus": 1, "exp": 1}
#: One integer for two exponents: e^{κz} = 2^p 3^q has the code p + SHIFT·q.
SHIFT = 1 << 10


@dataclass(frozen=True)
class Letter:
    """value: a constant; height: of its numbers, summed; level: how far it is from the simplest
    letters of its alphabet; code: the integer that it is, or the exponents of e^{κ·value}."""

    value: Expr
    height: int
    level: int
    code: int


def _letter(value: object, level: int, code: int) -> Letter:
    made = constant(value)
    return Letter(made, heights(made), level, code)


def integers(top: int) -> tuple[Letter, ...]:
    """0, 1, −1, 2, −2, … up to ±top.

    >>> [(str(l.value), l.height, l.level) for l in integers(2)]
    [('0', 1, 0), ('1', 1, 0), ('-1', 1, 0), ('2', 2, 1), ('-2', 2, 1)]
    """
    found = [_letter(0, 0, 0)]
    for v in range(1, top + 1):
        found += [_letter(s * v, v - 1, s * v) for s in (1, -1)]
    return tuple(found)


def logarithms(scale: int) -> tuple[Letter, ...]:
    """0, ±log 2, ±log 3 and, for tanh, their halves."""
    found = [_letter(0, 0, 0)]
    bases = ((2, 1), (3, SHIFT))
    for level, (base, code) in enumerate(bases):
        found += [_letter(f"{s}log({base})", level, int(f"{s}1") * code * scale) for s in ("", "-")]
    if scale == 2:
        for level, (base, code) in enumerate(bases, 1):
            texts = [(f"{s}log({base})/2", int(f"{s}1") * code) for s in ("", "-")]
            found += [_letter(text, level, c) for text, c in texts]
    return tuple(found)


INPUTS = integers(4)
_ZERO = INPUTS[:1]


def alphabets(model: Model) -> tuple[tuple[Letter, ...], ...]:
    """The letters of each parameter, in the order of the parameters."""
    net = model.network
    if net is None:
        return (integers(2),) * len(model.parameters)
    scale = SCALES.get(net.activation, 0) if net.depth > 1 else 0
    found: list[tuple[Letter, ...]] = [()] * net.size
    for l, block in enumerate(net.blocks, 1):
        inner = l < net.depth
        for row in block:
            for j, position in enumerate(row):
                shift = not inner and net.bias and j == len(row) - 1
                if shift and net.depth > 1:
                    found[position] = _ZERO
                else:
                    found[position] = logarithms(scale) if scale and l == 1 else integers(3)
    return tuple(found)
