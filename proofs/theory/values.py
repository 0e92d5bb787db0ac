r"""The value of what was read, in a world.

In: a `Node` of `reading`, a `World`, numbers for its free indices. Out: a number, an array, a
`Function` or a `Space`. Vectors are columns, and an index counts from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from itertools import product
from typing import Any

import numpy as np

from hessrank.proofs.theory.arithmetic import (
    AnyIdentity,
    IllFormed,
    array_of,
    block,
    determinant,
    differentiated,
    fraction,
    inside,
    inverse,
    matrix_of,
    plus,
    power,
    scalar,
    times,
    total,
    wrapped,
)
from hessrank.proofs.theory.reading import Node
from hessrank.proofs.theory.world import Function, Space, World, null_space
from hessrank.symbolic.expressions.differentiation import differentiate
from hessrank.symbolic.expressions.expression import ZERO, Expr, number
from hessrank.symbolic.expressions.functions import FUNCTIONS, exp, function, log, sqrt

Scope = Mapping[str, int]
#: A world keeps so many values of derivatives.
MAX_KNOWN = 1000


def letter(index: str) -> str:
    """The letter of an index without its primes: it has the range."""
    return index.rstrip("'")


def value_of(node: Node, world: World, scope: Scope) -> Any:
    """The value; of a derivative it is kept by the indices that it depends on."""
    if node.kind not in ("nabla", "derivative"):
        return _VALUES.get(node.kind, _no_value)(node, world, scope)
    used = _indices(node)
    key = (node, tuple((name, place) for name, place in scope.items() if name in used))
    if key not in world.known:
        if len(world.known) > MAX_KNOWN:
            world.known.clear()
        world.known[key] = _VALUES[node.kind](node, world, scope)
    return world.known[key]


@lru_cache(maxsize=4096)
def _indices(node: Node) -> frozenset[str]:
    """Every name and index in the node."""
    inside = [_indices(part) for part in node.parts]
    return frozenset().union(*inside, [node.text] if node.kind in ("index", "name") else [])


def _sum_of(node: Node, world: World, scope: Scope) -> Any:
    total: Any = None
    for sign, term in zip(node.text, node.parts, strict=True):
        value = value_of(term, world, scope)
        if sign == "&":
            if not isinstance(total, Space) or not isinstance(value, Space):
                raise IllFormed("an intersection of what are no subspaces")
            total = total.meet(value)
            continue
        if sign == "-":
            value = times(number(-1), value)
        total = value if total is None else plus(total, value)
    return total


def _product_of(node: Node, world: World, scope: Scope) -> Any:
    total: Any = None
    for factor in node.parts:
        if factor.kind == "entrywise":
            total = _entrywise(total, value_of(factor.parts[0], world, scope))
            continue
        if factor.kind == "over":
            below = scalar(value_of(factor.parts[0], world, scope))
            if total is None:
                raise IllFormed("a division of nothing")
            total = times(total, power(below, -1))
            continue
        value = value_of(factor, world, scope)
        total = value if total is None else times(total, value)
    return total


def _entrywise(a: Any, b: Any) -> Any:
    """a ∘ b; a number is a column of one."""
    if a is None or block(a).shape != block(b).shape:
        raise IllFormed("an entrywise product of two shapes")
    return block(a) * block(b)


def _name(node: Node, world: World, scope: Scope) -> Any:
    text = node.text
    if text in scope:
        return number(scope[text])
    if text not in world.values:
        if text == "e":
            return exp(number(1))
        raise IllFormed(f"{text} means nothing here")
    return world.values[text]


def _entry(node: Node, world: World, scope: Scope) -> Any:
    base, *below = node.parts
    literal = f"{base.text}_" + "".join(i.text for i in below)
    if base.kind == "name" and literal in world.values:
        return world.values[literal]
    places = tuple(_place(i, world, scope) for i in below)
    family = f"{base.text}_" if base.kind == "name" and len(places) == 1 else ""
    value = world.values[family] if family in world.values else value_of(base, world, scope)
    if isinstance(value, list):
        place, *rest = places
        if not 1 <= place <= len(value):
            raise IllFormed(f"no member {place} of {len(value)}")
        value, places = value[place - 1], tuple(rest)
        if not places:
            return value
    if isinstance(value, Function):
        return Function(value.parameters, value.body[inside(places, value.body)])
    array = array_of(value)
    return array[inside(places, array)]


def _place(node: Node, world: World, scope: Scope) -> int:
    if node.text.isdigit():
        return int(node.text)
    if node.text in scope:
        return scope[node.text]
    raise IllFormed(f"{node.text} is no index here")


def _no_value(node: Node, world: World, scope: Scope) -> Any:
    """Of / or ∘ without what stands on its left, of an empty cell, of a row alone."""
    raise IllFormed(f"a value is missing where {node.kind} stands alone")


def _call(node: Node, world: World, scope: Scope) -> Any:
    head, *arguments = (value_of(p, world, scope) for p in node.parts)
    if isinstance(head, Function):
        return head.at(arguments)
    if callable(head):
        return wrapped(head(*arguments))
    raise IllFormed("what is no function is applied")


def _nabla(node: Node, world: World, scope: Scope) -> Any:
    operand = value_of(node.parts[0], world, scope)
    if len(node.parts) > 1:
        if not isinstance(operand, Function):
            raise IllFormed("∇ with an index needs a function")
        return operand.derivative(tuple(_place(i, world, scope) for i in node.parts[1:]))
    if isinstance(operand, Function):
        variables = operand.parameters[0]
        body = scalar(operand.body)
        return Function(operand.parameters, _derivatives(body, variables, node.text))
    return _derivatives(scalar(operand), array_of(world.values[r"\theta"]), node.text)


def _derivatives(form: Expr, variables: np.ndarray, order: str) -> np.ndarray:
    """∇form as a column, or ∇²form."""
    first = [differentiate(form, v.name) for v in variables.flat]
    if order == "1":
        return np.array(first, dtype=object).reshape(-1, 1)
    if order != "2":
        raise IllFormed(f"∇^{order}")
    rows = [[differentiate(g, v.name) for v in variables.flat] for g in first]
    return np.array(rows, dtype=object)


def _derivative(node: Node, world: World, scope: Scope) -> Any:
    value = value_of(node.parts[0], world, scope)
    for variable in (value_of(v, world, scope) for v in node.parts[1:]):
        if isinstance(value, Function):
            raise IllFormed("the derivative of a function in a parameter")
        if isinstance(variable, Expr):
            if variable.op != "symbol":
                raise IllFormed("a derivative in what is no variable")
            value = differentiated(value, variable)
        else:
            column, symbols = array_of(value), array_of(variable)
            if column.ndim == 0:
                column = column.reshape(1, 1)
            if column.shape[1] != 1 or symbols.shape[1] != 1:
                raise IllFormed("a Jacobian of what is no column")
            value = np.array(
                [[differentiate(f, s.name) for s in symbols.flat] for f in column.flat],
                dtype=object,
            )
    return value


def _over_indices(node: Node, world: World, scope: Scope) -> Any:
    names, condition = node.text.split("|")
    indices = names.split(",")
    *upper, body = node.parts
    sizes = []
    for name in indices:
        if upper:
            sizes.append(int(fraction(scalar(value_of(upper[0], world, scope)))))
        elif letter(name) in world.ranges:
            sizes.append(world.ranges[letter(name)])
        else:
            raise IllFormed(f"the range of {name} is not known")
    total: Any = None
    for places in product(*(range(1, size + 1) for size in sizes)):
        if condition == "<" and not places[0] < places[1]:
            continue
        if condition == "!=" and places[0] == places[1]:
            continue
        value = value_of(body, world, {**scope, **dict(zip(indices, places, strict=True))})
        total = value if total is None else plus(total, value)
    return ZERO if total is None else total


def _op(node: Node, world: World, scope: Scope) -> Any:
    argument = value_of(node.parts[0], world, scope)
    name = node.text
    if name in FUNCTIONS:
        return {"log": log, "exp": exp}.get(name, partial(function, name))(scalar(argument))
    if name == "dim":
        if not isinstance(argument, Space):
            raise IllFormed("the dimension of what is no subspace")
        return number(argument.dimension)
    if name in ("rank", "ker", "im"):
        matrix = matrix_of(argument)
        if name == "rank":
            return number(int(matrix.rank()))
        return Space(null_space(matrix) if name == "ker" else matrix)
    array = array_of(argument)
    if name == "softmax":
        powers = [exp(v) for v in array.flat]
        return np.array(powers, dtype=object).reshape(array.shape) * power(total(powers), -1)
    if name == "diag":
        array = array.T if node.parts[0].kind == "tuple" else block(array)
        if array.ndim != 2 or array.shape[1] != 1:
            raise IllFormed("diag of what is no column")
        n = len(array)
        rows = [[array[i, 0] if i == j else ZERO for j in range(n)] for i in range(n)]
        return np.array(rows, dtype=object)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise IllFormed(f"{name} of what is not square")
    if name == "tr":
        return total([array[i, i] for i in range(len(array))])
    if name == "det":
        return determinant(array)
    raise IllFormed(f"the operator {name}")


def _matrix(node: Node, world: World, scope: Scope) -> Any:
    """A matrix, also of blocks; a 0 takes the shape that its row and column ask for, and an entry
    that is not shown is that on the other side of the diagonal."""
    cells = [list(row.parts) for row in node.parts]
    if len({len(row) for row in cells}) != 1:
        raise IllFormed("rows of two lengths")
    for i, line in enumerate(cells):
        for j, cell in enumerate(line):
            if cell.kind == "blank":
                if j >= i or i >= len(line) or cells[j][i].kind == "blank":
                    raise IllFormed("an entry is missing")
                line[j] = cells[j][i]
    rows = [[value_of(c, world, scope) for c in line] for line in cells]
    sized = [[block(ZERO if isinstance(v, AnyIdentity) else v) for v in row] for row in rows]
    heights = [max(b.shape[0] for b in row) for row in sized]
    widths = [max(b.shape[1] for b in column) for column in zip(*sized, strict=True)]
    if any(isinstance(v, AnyIdentity) for row in rows for v in row) and len(heights) == len(widths):
        heights = widths = [max(pair) for pair in zip(heights, widths, strict=True)]
    blocks = sized
    for i, row in enumerate(blocks):
        for j, b in enumerate(row):
            found = rows[i][j]
            if isinstance(found, AnyIdentity):
                if heights[i] != widths[j]:
                    raise IllFormed("an identity that is not square")
                row[j] = np.full((heights[i], widths[j]), ZERO, dtype=object)
                np.fill_diagonal(row[j], found.scale)
            elif b.shape == (1, 1) and (heights[i], widths[j]) != (1, 1) and b[0, 0] is ZERO:
                row[j] = np.full((heights[i], widths[j]), ZERO, dtype=object)
            elif b.shape != (heights[i], widths[j]):
                raise IllFormed("blocks that do not fit")
    return np.block(blocks)


def _tuple(node: Node, world: World, scope: Scope) -> Any:
    """(a, b) as a row."""
    found = [scalar(value_of(part, world, scope)) for part in node.parts]
    return np.array([found], dtype=object)


def _transposed(node: Node, world: World, scope: Scope) -> Any:
    value = value_of(node.parts[0], world, scope)
    return value if isinstance(value, Expr) else array_of(value).T


def _power_of(node: Node, world: World, scope: Scope) -> Any:
    base, exponent = node.parts
    if base.kind == "name" and base.text == "e" and "e" not in world.values:
        return exp(scalar(value_of(exponent, world, scope)))
    n = fraction(scalar(value_of(exponent, world, scope)))
    if base.kind == "norm" and n == 2:
        return _squares(value_of(base.parts[0], world, scope))
    value = value_of(base, world, scope)
    if isinstance(value, Expr):
        return power(value, n)
    array = array_of(value)
    if array.shape == (1, 1):
        return power(array[0, 0], n)
    if n == -1:
        return inverse(array)
    if n != 2:
        raise IllFormed("a power of a matrix")
    return times(array, array)


def _norm(node: Node, world: World, scope: Scope) -> Any:
    return sqrt(_squares(value_of(node.parts[0], world, scope)))


def _squares(value: Any) -> Expr:
    return total([v * v for v in array_of(value).flat])


def _absolute(node: Node, world: World, scope: Scope) -> Any:
    return number(abs(fraction(scalar(value_of(node.parts[0], world, scope)))))


_VALUES: dict[str, Callable[[Node, World, Scope], Any]] = {
    "sum": _sum_of,
    "product": _product_of,
    "number": lambda n, w, s: number(int(n.text)),
    "name": _name,
    "entry": _entry,
    "index": lambda n, w, s: number(_place(n, w, s)),
    "call": _call,
    "nabla": _nabla,
    "derivative": _derivative,
    "over-indices": _over_indices,
    "op": _op,
    "matrix": _matrix,
    "tuple": _tuple,
    "transposed": _transposed,
    "power": _power_of,
    "norm": _norm,
    "absolute": _absolute,
    "bracket": lambda n, w, s: value_of(n.parts[0], w, s),
    "root": lambda n, w, s: sqrt(scalar(value_of(n.parts[0], w, s))),
    "fraction": lambda n, w, s: times(
        value_of(n.parts[0], w, s), power(scalar(value_of(n.parts[1], w, s)), -1)
    ),
}
