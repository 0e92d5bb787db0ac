"""Closed forms as a directed graph of shared nodes.

In: exact rationals, names, and the operations + · ^ and the elementary functions.
Out: immutable `Expr` nodes, interned, so that structural equality is identity and a shared
subexpression is one object. Everything that the toolkit derives is such a graph; `evaluate`
folds it in any ring, which is how one derivative rule serves rationals, formal fields, Arb
balls and SymPy alike.

Only what is always true is simplified while building (0 + x, 1·x, rational arithmetic);
nothing is expanded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import inf, isqrt
from typing import Any, ClassVar, Protocol
from weakref import WeakValueDictionary

from flint import fmpq

from hessrank.symbolic.budget import spend
from hessrank.symbolic.errors import DomainError, InputError

#: A rational power whose value would need more bits than this is refused.
MAX_BITS = 1_000_000
#: A longer text is not shown where nobody asked for the text.
MAX_REPR = 2_000


class Expr:
    """A node: `op` is number, symbol, add, mul, pow or function; never changed after birth.

    >>> w, x = symbol("w"), symbol("x")
    >>> w * x + 0 is w * x
    True
    >>> print(w**2 * x - Fraction(1, 2))
    w**2*x - 1/2
    """

    __slots__ = ("__weakref__", "args", "exponent", "name", "op", "value")

    op: str
    name: str
    value: Fraction
    exponent: Fraction
    args: tuple[Expr, ...]
    _repr_latex_: ClassVar[Callable[[Expr], str]]  # given by `printing`
    to_sympy: ClassVar[Callable[[Expr], Any]]  # likewise

    def __setattr__(self, key: str, value: object) -> None:
        raise AttributeError("an Expr is immutable")

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (_steps(self),)

    def __add__(self, other: object) -> Expr:
        b = _coerce(other)
        return NotImplemented if b is None else add(self, b)

    __radd__ = __add__

    def __mul__(self, other: object) -> Expr:
        b = _coerce(other)
        return NotImplemented if b is None else mul(self, b)

    __rmul__ = __mul__

    def __neg__(self) -> Expr:
        return mul(MINUS_ONE, self)

    def __sub__(self, other: object) -> Expr:
        b = _coerce(other)
        return NotImplemented if b is None else add(self, mul(MINUS_ONE, b))

    def __rsub__(self, other: object) -> Expr:
        b = _coerce(other)
        return NotImplemented if b is None else add(b, mul(MINUS_ONE, self))

    def __truediv__(self, other: object) -> Expr:
        b = _coerce(other)
        return NotImplemented if b is None else mul(self, power(b, Fraction(-1)))

    def __rtruediv__(self, other: object) -> Expr:
        b = _coerce(other)
        return NotImplemented if b is None else mul(b, power(self, Fraction(-1)))

    def __pow__(self, exponent: int | Fraction) -> Expr:
        return power(self, Fraction(exponent))

    @property
    def is_number(self) -> bool:
        return self.op == "number"

    def __str__(self) -> str:
        return _text(self)

    def __repr__(self) -> str:
        return f"Expr({_text(self, MAX_REPR)})"


_nodes: WeakValueDictionary[tuple[Any, ...], Expr] = WeakValueDictionary()
_set = object.__setattr__


def _node(key: tuple[Any, ...], op: str, args: tuple[Expr, ...] = (), **fields: Any) -> Expr:
    found = _nodes.get(key)
    if found is not None:
        return found
    made = object.__new__(Expr)
    _set(made, "op", op)
    _set(made, "args", args)
    for name, value in fields.items():
        _set(made, name, value)
    return _nodes.setdefault(key, made)


def _steps(root: Expr) -> tuple[tuple[Any, ...], ...]:
    """`root` as a flat program, which pickles however deep the graph is: for each node its
    operation, what it carries, and the places of its arguments."""
    place: dict[Expr, int] = {}
    steps: list[tuple[Any, ...]] = []
    for node in postorder([root]):
        place[node] = len(steps)
        carried = {"number": "value", "symbol": "name", "function": "name", "pow": "exponent"}
        own = getattr(node, carried[node.op]) if node.op in carried else None
        steps.append((node.op, own, *(place[a] for a in node.args)))
    return tuple(steps)


def _rebuilt(steps: Sequence[tuple[Any, ...]]) -> Expr:
    """The node whose `_steps` these are."""
    nodes: list[Expr] = []
    for op, own, *places in steps:
        args = [nodes[i] for i in places]
        if op == "number":
            nodes.append(number(own))
        elif op == "symbol":
            nodes.append(symbol(own))
        elif op == "function":
            nodes.append(apply(own, *args))
        elif op == "pow":
            nodes.append(power(args[0], own))
        elif op == "mul" and args[0] is ZERO:
            nodes.append(guarded_zero(args[1]))
        else:
            nodes.append((add if op == "add" else mul)(*args))
    return nodes[-1]


def _coerce(value: object) -> Expr | None:
    if isinstance(value, Expr):
        return value
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        return number(value)
    return None


def number(value: int | Fraction) -> Expr:
    """The rational constant `value`."""
    if not isinstance(value, (int, Fraction)):
        raise InputError(f"{value!r} is not exact: use an integer, a Fraction or hr.exact")
    q = Fraction(value)
    return _node(("number", q.numerator, q.denominator), "number", value=q)


def symbol(name: str) -> Expr:
    """The indeterminate called `name`."""
    return _node(("symbol", name), "symbol", name=name)


def add(a: Expr, b: Expr) -> Expr:
    """a + b."""
    if a.op == "number":
        if b.op == "number":
            return number(a.value + b.value)
        a, b = b, a
    if b.op == "number" and not b.value:
        return a
    return _node(("add", a, b), "add", (a, b))


def mul(a: Expr, b: Expr) -> Expr:
    """a · b."""
    if b.op == "number":
        a, b = b, a
    if a.op == "number":
        if b.op == "number":
            return number(a.value * b.value)
        if is_guarded_zero(b):
            return b
        if not a.value:
            return ZERO
        if a.value == 1:
            return b
        if b.op == "mul" and b.args[0].op == "number":
            return mul(number(a.value * b.args[0].value), b.args[1])
    return _node(("mul", a, b), "mul", (a, b))


def is_guarded_zero(e: Expr) -> bool:
    """Whether `e` is a `guarded_zero`."""
    return e.op == "mul" and e.args[0] is ZERO


def guarded_zero(e: Expr) -> Expr:
    """0·e: the number 0 where e has a value, and an error where it has none.

    `mul` and `power` fold 0·e to 0 and e⁰ to 1, for derivatives are full of such terms. What a user
    writes keeps its domain by this node, which is 0 in every ring that can evaluate e.

    >>> print(guarded_zero(power(symbol("w"), Fraction(-1))), guarded_zero(symbol("w")))
    0/w 0
    """
    return ZERO if is_total(e) else _node(("mul", ZERO, e), "mul", (ZERO, e))


#: The functions that have no value at some real numbers.
PARTIAL = frozenset(("log", "tan", "step", "sign"))


def is_total(root: Expr) -> bool:
    """Whether `root` is seen to have a value wherever its symbols have one; False says nothing."""
    for node in postorder([root]):
        if node.op == "function" and node.name in PARTIAL:
            (z,) = node.args
            if node.name != "log" or not z.is_number:
                return False
        if node.op == "pow" and (node.exponent < 0 or node.exponent.denominator > 1):
            (base,) = node.args
            if not base.is_number:  # a number with such a power was tried when it was written
                return False
    return True


def power(base: Expr, exponent: Fraction) -> Expr:
    """base ** exponent for a rational exponent; fractional powers are the real ones.

    Raises DomainError for 0 to a negative power and for a fractional power of a negative
    number, InputError for a value beyond MAX_BITS.
    """
    if exponent == 0:
        return ONE
    if exponent == 1:
        return base
    if base.op == "number":
        folded = rational_power(base.value, exponent)
        if folded is not None:
            return number(folded)
    # (√x)² is no x: it asks for x >= 0
    whole = base.op == "pow" and (base.exponent.denominator == 1 or base.args[0].is_number)
    if whole and exponent.denominator == 1 and exponent > 0:
        return power(base.args[0], base.exponent * exponent)
    even = base.op == "pow" and base.exponent > 0 and base.exponent % 2 == 0
    if even and exponent > 0 and base.exponent * exponent % 2 == 0:
        return power(base.args[0], base.exponent * exponent)  # (x⁴)^½ is x²; (x²)^½ is |x|
    key = ("pow", base, exponent.numerator, exponent.denominator)
    return _node(key, "pow", (base,), exponent=exponent)


def apply(name: str, *args: Expr) -> Expr:
    """The function node `name(args)`, unsimplified; `functions.function` is the public way."""
    return _node(("function", name, *args), "function", args, name=name)


def rational_power(q: Fraction, exponent: Fraction) -> Fraction | None:
    """q ** exponent where that is rational, else None."""
    n, k = exponent.numerator, exponent.denominator
    if q == 0:
        if n < 0:
            raise DomainError("division by zero")
        return Fraction(int(n == 0))
    if abs(n) * max(q.numerator.bit_length(), q.denominator.bit_length()) > MAX_BITS:
        raise InputError(f"a power with exponent {n} is too large to hold")
    if k == 1:
        return q**n
    if q < 0:
        raise DomainError(f"({q}) to the power {exponent} is not real")
    top, bottom = _integer_root(q.numerator, k), _integer_root(q.denominator, k)
    return None if top is None or bottom is None else Fraction(top, bottom) ** n


def _integer_root(n: int, k: int) -> int | None:
    """The k-th root of n >= 0 where it is an integer, else None."""
    root = isqrt(n) if k == 2 else _floor_root(n, k)
    return root if root**k == n else None


def _floor_root(n: int, k: int) -> int:
    """The largest integer whose k-th power is at most n >= 0: Newton's method from above, begun
    with the root of the leading half of the digits."""
    half = n.bit_length() // k // 2
    x = (_floor_root(n >> k * half, k) + 1 << half) if half else 1 << -(-n.bit_length() // k)
    while n:
        y = ((k - 1) * x + n // x ** (k - 1)) // k
        if y >= x:
            return x
        x = y
    return 0


MINUS_ONE, ZERO, ONE = number(-1), number(0), number(1)


def postorder(roots: Iterable[Expr]) -> list[Expr]:
    """Every node below `roots` once, arguments before what uses them: a straight-line program."""
    seen: set[Expr] = set()
    order: list[Expr] = []
    for root in roots:
        stack = [(root, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((a, False) for a in reversed(node.args) if a not in seen)
    return order


class Ring(Protocol):
    """What `evaluate` asks of a ring; its elements bring + and * themselves."""

    def number(self, q: Fraction, /) -> Any: ...
    def power(self, value: Any, exponent: Fraction, /) -> Any: ...
    def function(self, name: str, *args: Any) -> Any: ...


def evaluate(roots: Sequence[Expr], ring: Ring, values: Mapping[str, Any]) -> list[Any]:
    """The values of `roots` in `ring`, with `values` for the symbols; shared nodes once.

    >>> class Q:
    ...     number = staticmethod(lambda q: q)
    ...     power = staticmethod(lambda v, e: v**e)
    >>> x = symbol("x")
    >>> evaluate([(x + 1) * (x + 1)], Q(), {"x": Fraction(1, 2)})
    [Fraction(9, 4)]
    """
    return run(postorder(roots), roots, ring, values)


def run(
    program: Sequence[Expr], roots: Sequence[Expr], ring: Ring, values: Mapping[str, Any]
) -> list[Any]:
    """`evaluate` for a `postorder` that is already there."""
    of: dict[Expr, Any] = {}
    for node in program:
        spend()
        op = node.op
        if op == "mul":
            a, b = of[node.args[0]], of[node.args[1]]
            guard = node.args[0] is ZERO and isinstance(b, Expr)
            of[node] = guarded_zero(b) if guard else a * b
        elif op == "add":
            of[node] = of[node.args[0]] + of[node.args[1]]
        elif op == "number":
            of[node] = ring.number(node.value)
        elif op == "symbol":
            of[node] = values[node.name]
        elif op == "pow":
            of[node] = ring.power(of[node.args[0]], node.exponent)
        else:
            of[node] = ring.function(node.name, *(of[a] for a in node.args))
    return [of[root] for root in roots]


def free_symbols(*roots: Expr) -> frozenset[str]:
    """The names of the symbols that occur below `roots`."""
    return frozenset(n.name for n in postorder(roots) if n.op == "symbol")


def _digits(q: Fraction) -> str:
    """All digits of a rational: Python refuses to write more than 4300 of an integer."""
    return str(fmpq(q.numerator, q.denominator))


def _text(root: Expr, most: float = inf) -> str:
    """Infix text that the parser reads back to the same node, or that it has more than `most`
    letters."""
    of: dict[Expr, tuple[str, int]] = {}  # text and precedence: 1 sum, 2 product, 3 power, 4 atom

    def wrapped(node: Expr, least: int) -> str:
        text, level = of[node]
        return text if level >= least else f"({text})"

    for node in postorder([root]):
        if node.op == "number":
            q = node.value
            of[node] = (_digits(q), 1 if q < 0 else 2 if q.denominator != 1 else 4)
        elif node.op == "symbol":
            of[node] = (node.name, 4)
        elif node.op == "function":
            inside = ", ".join(of[a][0] for a in node.args)
            of[node] = (f"{node.name}({inside})" if node.args else node.name, 4)
        elif node.op == "pow":
            e = node.exponent
            shown = str(e) if e.denominator == 1 and e > 0 else f"({e})"
            of[node] = (f"{wrapped(node.args[0], 4)}**{shown}", 3)
        elif node.op == "mul":
            a, b = node.args
            if a is MINUS_ONE:
                of[node] = (f"-{wrapped(b, 3)}", 1)
            elif b.op == "pow" and b.exponent == -1:
                of[node] = (f"{wrapped(a, 2)}/{wrapped(b.args[0], 4)}", 2)
            else:
                of[node] = (f"{wrapped(a, 2)}*{wrapped(b, 3)}", 2)
        else:
            a, b = node.args
            if b.op == "mul" and b.args[0] is MINUS_ONE:
                right = f"- {wrapped(b.args[1], 2)}"
            elif b.op == "number" and b.value < 0:
                right = f"- {_digits(-b.value)}"
            else:
                right = f"+ {wrapped(b, 2)}"
            of[node] = (f"{of[a][0]} {right}", 1)
        if len(of[node][0]) > most:
            return f"… more than {most} letters; str() writes them"
    return of[root][0]
