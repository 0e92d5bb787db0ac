"""Closed forms put in order for a reader: like terms and like factors collected, nothing expanded.

In: `Expr` graphs as a derivation leaves them. Out: equal graphs in which every node is a sum of
products (terms and factors in a stable order), their size when written out, and names for what
occurs again and again. It serves printing alone; no verdict passes through it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

from hessrank.symbolic.expressions.expression import (
    MINUS_ONE,
    ONE,
    ZERO,
    Expr,
    add,
    mul,
    number,
    postorder,
    power,
    symbol,
)
from hessrank.symbolic.expressions.functions import function
from hessrank.symbolic.expressions.substitution import replace

Factors = tuple[tuple[Expr, Fraction], ...]
Definitions = tuple[tuple[str, Expr], ...]

#: A sum is worth a name of its own when it occurs twice and has at least this size.
NAMED_SUM = 14


def terms(e: Expr) -> list[Expr]:
    """The summands of `e`, in order.

    >>> from hessrank.symbolic.expressions.expression import symbol
    >>> terms(symbol("a") + 2 * symbol("b") + 1)
    [Expr(a), Expr(2*b), Expr(1)]
    """
    return _chain(e, "add")


def factors(e: Expr) -> tuple[Fraction, Factors]:
    """The rational coefficient of a term, and its (base, exponent) in order."""
    coefficient, pairs = Fraction(1), []
    for f in _chain(e, "mul"):
        if f.op == "number":
            coefficient *= f.value
        else:
            pairs.append((f.args[0], f.exponent) if f.op == "pow" else (f, Fraction(1)))
    return coefficient, tuple(pairs)


def _chain(e: Expr, op: str) -> list[Expr]:
    found, stack = [], [e]
    while stack:
        node = stack.pop()
        if node.op == op:
            stack.extend(reversed(node.args))
        else:
            found.append(node)
    return found


def tidy(forms: Sequence[Expr]) -> list[Expr]:
    """The same values with like terms and like factors collected.

    >>> from hessrank.symbolic.expressions.expression import symbol
    >>> x, u = symbol("x"), symbol("u")
    >>> print(*tidy([x * u * x + 2 * (u * x) * x, Fraction(1, 2) * (2 * (u - x))]), sep="; ")
    3*(u*x**2); u - x
    """
    of: dict[Expr, Expr] = {}
    for node in postorder(forms):
        args = [of[a] for a in node.args]
        if node.op == "add":
            of[node] = _sum(t for a in args for t in terms(a))
        elif node.op == "mul":
            of[node] = _product(args)
        elif node.op == "pow":
            of[node] = _power(args[0], node.exponent)
        elif node.op == "function":
            of[node] = function(node.name, *args)
        else:
            of[node] = node
    return [of[f] for f in forms]


def _sum(summands: Iterable[Expr]) -> Expr:
    collected: dict[Expr, Fraction] = {}
    for t in summands:
        coefficient, pairs = factors(t)
        monomial = _monomial(dict(pairs))
        collected[monomial] = collected.get(monomial, Fraction(0)) + coefficient
    constant = collected.pop(ONE, Fraction(0))
    total = ZERO
    for monomial, coefficient in collected.items():
        total = add(total, mul(number(coefficient), monomial))
    return add(total, number(constant))


def _product(args: Sequence[Expr]) -> Expr:
    coefficient, exponents = Fraction(1), dict[Expr, Fraction]()
    for a in args:
        c, pairs = factors(a)
        coefficient *= c
        for base, exponent in pairs:
            exponents[base] = exponents.get(base, Fraction(0)) + exponent
    result = mul(number(coefficient), _monomial(exponents))
    c, pairs = factors(result)
    if c == -1 and len(pairs) == 1 and pairs[0][0].op == "add" and pairs[0][1] == 1:
        return _sum(mul(MINUS_ONE, t) for t in terms(pairs[0][0]))
    return result


def _monomial(exponents: Mapping[Expr, Fraction]) -> Expr:
    result = ONE
    for base, exponent in sorted(_merged(exponents).items(), key=lambda f: _order(f[0])):
        result = mul(result, power(base, exponent))
    return result


def _merged(exponents: Mapping[Expr, Fraction]) -> dict[Expr, Fraction]:
    """exp(z)^n as exp(nz), and one exp for those whose arguments are multiples of each other."""
    kept: dict[Expr, Fraction] = {}
    arguments: dict[Expr, Fraction] = {}
    for base, exponent in exponents.items():
        if base.op == "function" and base.name == "exp" and exponent.denominator == 1:
            c, pairs = factors(base.args[0])
            monomial = _chained(pairs)
            arguments[monomial] = arguments.get(monomial, Fraction(0)) + c * exponent
        else:
            kept[base] = exponent
    for monomial, c in arguments.items():
        folded = function("exp", mul(number(c), monomial))
        if folded is not ONE:
            kept[folded] = Fraction(1)
    return kept


def _chained(pairs: Factors) -> Expr:
    result = ONE
    for base, exponent in pairs:
        result = mul(result, power(base, exponent))
    return result


def _power(base: Expr, exponent: Fraction) -> Expr:
    c, pairs = factors(base)
    if exponent.denominator == 1 and base.op != "add":
        scale = power(number(c), exponent)
        return mul(scale, _monomial({b: e * exponent for b, e in pairs}))
    return power(base, exponent)


@lru_cache(maxsize=4096)
def _order(base: Expr) -> tuple[int, list[str | int]]:
    """Numbers, symbols by name (w2 before w10), names that a derivation gave, functions, sums."""
    rank = {"number": 0, "symbol": 1, "function": 3 if base.args else 0}.get(base.op, 4)
    rank += base.op == "symbol" and base.name.startswith("@")
    parts = re.split(r"(\d+)", str(base))
    return rank, [int(p) if p.isdigit() else p for p in parts]


def sizes(forms: Sequence[Expr]) -> list[int]:
    """How many leaves and operations each form has when it is written out without sharing; of a
    number about eight digits count as one."""
    of: dict[Expr, int] = {}
    for node in postorder(forms):
        of[node] = 1 + sum(of[a] for a in node.args)
        if node.is_number:
            q = node.value
            of[node] += (q.numerator.bit_length() + q.denominator.bit_length()) // 32
    return [of[f] for f in forms]


def parts(e: Expr) -> list[Expr]:
    """The nodes that `e` is written with: a function's arguments, or the bases in its terms."""
    if e.op in ("number", "symbol"):
        return []
    if e.op == "function":
        return list(e.args)
    return [base for t in terms(e) for base, _ in factors(t)[1]]


def in_parts(forms: Sequence[Expr]) -> list[Expr]:
    """Every node that the forms are written with, once, parts before wholes."""
    done: set[Expr] = set()
    order: list[Expr] = []
    for form in forms:
        stack = [(form, False)]
        while stack:
            node, ready = stack.pop()
            if ready:
                order.append(node)
            elif node not in done:
                done.add(node)
                stack.append((node, True))
                stack.extend((p, False) for p in reversed(parts(node)) if p not in done)
    return order


def name_shared(
    forms: Sequence[Expr], letter: str, start: int = 1
) -> tuple[Definitions, list[Expr]]:
    """Tidied forms with names for the functions and long sums that occur more than once.

    Returns the definitions ("@t_1", closed form in earlier names) and the forms in these names.

    >>> from hessrank.symbolic.expressions.expression import symbol
    >>> t = function("tanh", symbol("u"))
    >>> name_shared([symbol("a") * t, 1 - t**2], "t")
    ((('@t_1', Expr(tanh(u))),), [Expr(a*@t_1), Expr(-@t_1**2 + 1)])
    """
    order = in_parts(forms)
    uses = Counter(part for node in order for part in parts(node))
    uses.update(f for f in forms if f.op == "function")
    named: dict[Expr, Expr] = {}
    definitions: list[tuple[str, Expr]] = []
    for node, size in zip(order, sizes(order), strict=True):
        is_function = node.op == "function" and node.args
        if uses[node] < 2 or not (is_function or (node.op == "add" and size >= NAMED_SUM)):
            continue
        name = f"@{letter}_{start + len(definitions)}"
        definitions.append((name, replace([node], named)[0]))
        named[node] = symbol(name)
    return tuple(definitions), replace(forms, named)
