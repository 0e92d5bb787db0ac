"""A forward pass as a straight-line program of primitive steps.

In: closed forms (`Expr` graphs; only their nodes are read). Out: a `Program`: constants, symbols,
sums, products, rational powers and ten primitive functions. The other functions are composed
here, in forms that neither overflow nor cancel: tanh, sigmoid, softplus and log cosh see only
e^{-|z|}, and log Σ e^{z_i} only e^{z_i - max z}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

from hessrank.symbolic.expressions.enclosed import Enclosed
from hessrank.symbolic.expressions.expression import Expr, postorder


@dataclass(frozen=True)
class Step:
    """One step: `args` are the numbers of earlier steps; `datum` is what `op` needs besides.

    op: number (datum: Fraction), pi, symbol (datum: name), add, mul, power (datum: exponent),
    exp, expm1, log, log1p, sin, cos, erf, atan, the larger of two values held fixed (`larger`),
    and the piecewise constants `side` (sign, +1 at 0), `sign` and `step` (undefined
    at 0; datum: the function whose kink it is).
    """

    op: str
    args: tuple[int, ...] = ()
    datum: Any = None


@dataclass(frozen=True)
class Program:
    """Steps in order, and which of them are the results."""

    steps: tuple[Step, ...]
    results: tuple[int, ...]


class _Recorder:
    """Collects steps; the same step twice is recorded once."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.known: dict[Step, int] = {}

    def record(self, op: str, *args: _Value, datum: Any = None) -> _Value:
        step = Step(op, tuple(a.index for a in args), datum)
        index = self.known.setdefault(step, len(self.steps))
        if index == len(self.steps):
            self.steps.append(step)
        return _Value(self, index)


@dataclass(frozen=True)
class _Value:
    """A recorded step, so that compositions can be written as formulas."""

    recorder: _Recorder
    index: int

    def call(self, op: str, datum: Any = None) -> _Value:
        return self.recorder.record(op, self, datum=datum)

    def _other(self, other: _Value | int | Fraction) -> _Value:
        if isinstance(other, _Value):
            return other
        return self.recorder.record("number", datum=Fraction(other))

    def __add__(self, other: _Value | int | Fraction) -> _Value:
        return self.recorder.record("add", self, self._other(other))

    def __mul__(self, other: _Value | int | Fraction) -> _Value:
        return self.recorder.record("mul", self, self._other(other))

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> _Value:
        return self * -1

    def __sub__(self, other: _Value) -> _Value:
        return self + -other

    def __truediv__(self, other: _Value) -> _Value:
        return self * other.call("power", Fraction(-1))


def _tanh(z: _Value) -> _Value:
    s = z.call("side")
    m = (-2 * s * z).call("expm1")
    return -s * m / (m + 2)


def _sigmoid(z: _Value) -> _Value:
    s = z.call("side")
    m = (-s * z).call("exp")
    up = (s + 1) * Fraction(1, 2)
    return (up + (-up + 1) * m) / (m + 1)


def _softplus(z: _Value) -> _Value:
    s = z.call("side")
    return (s + 1) * Fraction(1, 2) * z + (-s * z).call("exp").call("log1p")


def _sinh(z: _Value) -> _Value:
    return (z.call("expm1") - (-z).call("expm1")) * Fraction(1, 2)


def _cosh(z: _Value) -> _Value:
    return (z.call("exp") + (-z).call("exp")) * Fraction(1, 2)


def _asinh(z: _Value) -> _Value:
    # log(|z| + √(1 + z²)) = log1p(|z| + z²/(1 + √(1 + z²))), times the sign
    s = z.call("side")
    root = (z * z + 1).call("power", Fraction(1, 2))
    return s * (s * z + z * z / (root + 1)).call("log1p")


def _log_cosh(z: _Value) -> _Value:
    up = z.call("side") * z
    return up + (-2 * up).call("exp").call("log1p") - up._other(2).call("log")


def _log_sum_exp(z: list[_Value]) -> _Value:
    # log Σ e^{z_i} = m + log Σ e^{z_i − m} for any m, which therefore counts as a constant
    m = reduce(lambda a, b: a.recorder.record("larger", a, b), z)
    return m + reduce(lambda a, b: a + b, [(v - m).call("exp") for v in z]).call("log")


def _is_cosh(node: Expr) -> bool:
    return node.op == "function" and node.name == "cosh"


def _exponents(node: Expr) -> list[Expr]:
    """z_1, …, z_n where the node is e^{z_1} + … + e^{z_n} with n ≥ 2, else nothing."""
    found, rest = [], [node]
    while rest:
        part = rest.pop()
        if part.op == "add":
            rest.extend(reversed(part.args))
        elif part.op == "function" and part.name == "exp":
            found.append(part.args[0])
        else:
            return []
    return found if len(found) > 1 else []


COMPOSED: dict[str, Callable[[_Value], _Value]] = {
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "sinh": _sinh,
    "cosh": _cosh,
    "asinh": _asinh,
    "tan": lambda z: z.call("sin") / z.call("cos"),
}
PRIMITIVE = frozenset({"exp", "log", "sin", "cos", "erf", "atan"})
PIECEWISE: dict[str, Callable[[_Value], _Value]] = {
    "step": lambda z: z.call("step", "step"),
    "sign": lambda z: z.call("sign", "sign"),
    "relu": lambda z: z.call("step", "relu") * z,
    "abs": lambda z: z.call("sign", "abs") * z,
}


def program(roots: Iterable[Expr]) -> Program:
    """The steps that compute `roots`.

    >>> from hessrank.symbolic.expressions.expression import symbol
    >>> [step.op for step in program([symbol("w") * symbol("x")]).steps]
    ['symbol', 'symbol', 'mul']
    """
    roots = tuple(roots)
    recorder = _Recorder()
    of: dict[Expr, _Value] = {}
    for node in postorder(roots):
        args = [of[a] for a in node.args]
        if node.op == "number":
            of[node] = recorder.record("number", datum=node.value)
        elif node.op == "symbol":
            of[node] = recorder.record("symbol", datum=node.name)
        elif node.op in ("add", "mul"):
            of[node] = recorder.record(node.op, *args)
        elif node.op == "pow":
            of[node] = args[0].call("power", node.exponent)
        elif isinstance(node.name, Enclosed):
            of[node] = recorder.record("number", datum=node.name.middle())
        elif not args:
            of[node] = recorder.record(node.name)
        elif node.name == "log" and (exponents := _exponents(node.args[0])):
            of[node] = _log_sum_exp([of[z] for z in exponents])
        elif node.name == "log" and _is_cosh(node.args[0]):
            of[node] = _log_cosh(of[node.args[0].args[0]])
        elif node.name in PRIMITIVE:
            of[node] = args[0].call(node.name)
        else:
            of[node] = (COMPOSED | PIECEWISE)[node.name](args[0])
    return Program(tuple(recorder.steps), tuple(of[root].index for root in roots))
