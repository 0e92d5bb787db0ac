"""Automatic differentiation: tangents forwards, second derivatives forwards over backwards.

In: a `Program` (a forward pass) and values for its symbols. Out: the value of every step with its
tangent in N directions (a `Jet`), and, swept backwards, the derivatives of a weighted sum of the
results, which carry tangents too: the second derivatives. All arrays are batched over B examples.

The rules stand in one table, `PARTIAL`: the derivative of each primitive, in primitives. Applied to
values it gives the forward sweep; applied to jets it gives the backward sweep its second order.
Nothing here knows the derivative table of `symbolic`: the two are meant to catch each other out.
Method: forward-over-reverse, Griewank and Walther, Evaluating Derivatives (2008), section 5.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from hessrank.numeric.differentiation.arithmetic import Arithmetic, Array
from hessrank.numeric.differentiation.program import Program
from hessrank.symbolic.errors import KinkError


@dataclass(frozen=True)
class Jet:
    """A value (B,) and its tangent (B, N); tangent None: does not depend on the directions.

    B may be 1 where the value is the same for every example.
    """

    value: Array
    tangent: Array | None = None

    def __add__(self, other: Jet) -> Jet:
        return Jet(self.value + other.value, _sum(self.tangent, other.tangent))

    def __mul__(self, other: Jet) -> Jet:
        tangent = _sum(_scaled(self.value, other.tangent), _scaled(other.value, self.tangent))
        return Jet(self.value * other.value, tangent)


def _sum(a: Array | None, b: Array | None) -> Array | None:
    return b if a is None else a if b is None else a + b


def _scaled(value: Array, tangent: Array | None) -> Array | None:
    return None if tangent is None else value[:, None] * tangent


@dataclass(frozen=True)
class Sweep:
    """The rules of differentiation over one arithmetic.

    side: at a kink, +1 takes the piece above and -1 the piece below; 0 refuses.
    """

    arithmetic: Arithmetic
    side: int = 0

    def constant(self, q: int | Fraction) -> Jet:
        number = self.arithmetic.constant(Fraction(q))
        return Jet(np.array([number], dtype=self.arithmetic.dtype))

    def apply(self, op: str, u: Jet, datum: Any = None) -> Jet:
        """op(u), by the chain rule."""
        if op in PIECES:
            return Jet(self._piece(op, u, datum))
        if op == "power":
            if datum == 0:
                return self.constant(1)
            if datum == 1:
                return u
            value = Jet(self.arithmetic.power(u.value, datum))
        else:
            value = Jet(self.arithmetic.functions[op](u.value))
        if u.tangent is None:
            return value
        slope = PARTIAL[op](self, Jet(u.value), value, datum)
        return Jet(value.value, _scaled(slope.value, u.tangent))

    def _piece(self, op: str, u: Jet, name: str | None) -> Array:
        zero = u.value == 0
        if op != "side" and not self.side and u.tangent is not None and zero.any():
            where = f" on example {int(np.argmax(zero)) + 1}" if zero.size > 1 else ""
            raise KinkError(f"{name} is evaluated exactly at its kink{where}")
        numbers = [self.arithmetic.constant(Fraction(q)) for q in PIECES[op]]
        pieces: list[Array] = [np.array(q, dtype=self.arithmetic.dtype) for q in numbers]
        below, above = pieces
        is_above = u.value > 0 if op != "side" and self.side < 0 else u.value >= 0
        return np.asarray(np.where(is_above, above, below), dtype=self.arithmetic.dtype)

    def forwards(self, program: Program, symbols: Mapping[str, Jet]) -> list[Jet]:
        """The jet of every step."""
        jets: list[Jet] = []
        for step in program.steps:
            if step.op == "add":
                jets.append(jets[step.args[0]] + jets[step.args[1]])
            elif step.op == "mul":
                jets.append(jets[step.args[0]] * jets[step.args[1]])
            elif step.op == "larger":
                jets.append(Jet(np.maximum(*(jets[a].value for a in step.args))))
            elif step.op == "number":
                jets.append(self.constant(step.datum))
            elif step.op == "symbol":
                jets.append(symbols[step.datum])
            elif step.op == "pi":
                jets.append(Jet(np.array([self.arithmetic.pi], dtype=self.arithmetic.dtype)))
            else:
                jets.append(self.apply(step.op, jets[step.args[0]], step.datum))
        return jets

    def backwards(
        self, program: Program, jets: Sequence[Jet], seeds: Sequence[Jet]
    ) -> dict[str, Jet]:
        """∂(Σ_k seed_k · result_k)/∂symbol, with tangents, for each symbol that carries a tangent.

        `jets` come from `forwards`. The seeds' own derivatives are not added: with seeds ∂ℓ/∂o_k
        that carry their tangents the outcome is the gradient of ℓ and, in its tangents, its
        Hessian; with constant seeds it is Σ_k seed_k ∇(result_k) and Σ_k seed_k ∇²(result_k).
        """
        bars: dict[int, Jet] = {}
        found: dict[str, Jet] = {}

        def send(index: int, bar: Jet) -> None:
            if jets[index].tangent is not None:
                bars[index] = bars[index] + bar if index in bars else bar

        for index, seed in zip(program.results, seeds, strict=True):
            send(index, seed)
        for index in range(len(program.steps) - 1, -1, -1):
            if index not in bars:
                continue
            step, bar = program.steps[index], bars.pop(index)
            if step.op == "symbol":
                found[step.datum] = bar
            elif step.op == "add":
                for a in step.args:
                    send(a, bar)
            elif step.op == "mul":
                a, b = step.args
                send(a, bar * jets[b])
                send(b, bar * jets[a])
            else:
                (a,) = step.args
                send(a, bar * PARTIAL[step.op](self, jets[a], jets[index], step.datum))
        return found


#: The values of a piece below 0, and from 0 on.
PIECES = {"side": (-1, 1), "sign": (-1, 1), "step": (0, 1)}


def _erf_slope(s: Sweep, u: Jet, y: Jet, q: Any) -> Jet:
    pi = Jet(np.array([s.arithmetic.pi], dtype=s.arithmetic.dtype))
    return (
        s.constant(2)
        * s.apply("power", pi, Fraction(-1, 2))
        * s.apply("exp", s.constant(-1) * u * u)
    )


#: ∂y/∂u of y = op(u), as a jet; q is the exponent of a power.
PARTIAL: dict[str, Callable[[Sweep, Jet, Jet, Any], Jet]] = {
    "exp": lambda s, u, y, q: y,
    "expm1": lambda s, u, y, q: s.apply("exp", u),
    "log": lambda s, u, y, q: s.apply("power", u, Fraction(-1)),
    "log1p": lambda s, u, y, q: s.apply("power", u + s.constant(1), Fraction(-1)),
    "sin": lambda s, u, y, q: s.apply("cos", u),
    "cos": lambda s, u, y, q: s.constant(-1) * s.apply("sin", u),
    "erf": _erf_slope,
    "atan": lambda s, u, y, q: s.apply("power", u * u + s.constant(1), Fraction(-1)),
    "power": lambda s, u, y, q: s.constant(q) * s.apply("power", u, q - 1),
}
