r"""What a displayed relation says in a world, and whether it holds there.

In: a `Node` of `reading` and a `World`: exact values for its names, numbers or indeterminates. Out:
a `Fact`: TRUE where every relation of the chain holds for all values of its free indices,
identically in the indeterminates; FALSE where it does not; `NotRead` or `IllFormed` where the text
means nothing.

Vectors are columns, and a 1×1 product is a number. An index counts from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat

from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.proofs.theory.reading import Node, NotRead, read
from hessrank.symbolic.errors import DomainError, InputError, UndecidedError
from hessrank.symbolic.expressions.differentiation import differentiate
from hessrank.symbolic.expressions.expression import (
    ONE,
    ZERO,
    Expr,
    evaluate,
    free_symbols,
    number,
)
from hessrank.symbolic.expressions.functions import exp, function, log, sqrt
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.balls import BallRing, excludes_zero


class IllFormed(Exception):
    """The relation means nothing in this world: shapes that do not fit, an unknown name."""


@dataclass(frozen=True)
class Function:
    """A function of arrays: its parameters, arrays of symbols, and its value in them."""

    parameters: tuple[np.ndarray, ...]
    body: Any

    def at(self, arguments: Sequence[Any]) -> Any:
        if len(arguments) != len(self.parameters):
            raise IllFormed(f"{len(arguments)} arguments for {len(self.parameters)}")
        names: dict[str, Expr] = {}
        for parameter, argument in zip(self.parameters, arguments, strict=True):
            given = _array(argument)
            if given.shape != parameter.shape and not given.size == parameter.size == 1:
                raise IllFormed(f"an argument of shape {given.shape} for {parameter.shape}")
            names |= {p.name: a for p, a in zip(parameter.flat, given.flat, strict=True)}
        return _map(self.body, lambda forms: substitute(forms, names))

    def derivative(self, place: tuple[int, ...]) -> Function:
        """∂/∂(that entry of the first argument)."""
        variable = self.parameters[0][_inside(place, self.parameters[0])]
        return Function(self.parameters, _differentiated(self.body, variable))


@dataclass(frozen=True)
class AnyIdentity:
    """The identity matrix of the order that its place among blocks asks for, times a number."""

    scale: Expr = ONE


@dataclass(frozen=True)
class Space:
    """A subspace of Q^n: the columns that span it."""

    columns: fmpq_mat

    @property
    def dimension(self) -> int:
        return int(self.columns.rank())

    def meet(self, other: Space) -> Space:
        """The intersection: the x-parts U x of the kernel of [U, −V]."""
        U, V = self.columns, other.columns
        if U.nrows() != V.nrows():
            raise IllFormed("subspaces of two spaces")
        both = _fmpq(np.hstack([_object(U), -_object(V)]))
        kernel = null_space(both)
        return Space(U * _fmpq(_object(kernel)[: U.ncols(), :]))


def null_space(A: fmpq_mat) -> fmpq_mat:
    """A matrix whose columns are a basis of ker A (one zero column where it is 0)."""
    reduced, rank = A.rref()
    n = A.ncols()
    pivots = [next(j for j in range(n) if reduced[i, j] != 0) for i in range(rank)]
    rest = [j for j in range(n) if j not in pivots]
    found = [[fmpq(0)] * max(len(rest), 1) for _ in range(n)]
    for k, j in enumerate(rest):
        found[j][k] = fmpq(1)
        for i, pivot in enumerate(pivots):
            found[pivot][k] = -reduced[i, j]
    return fmpq_mat(found)


@dataclass(frozen=True)
class World:
    r"""Exact meanings: `values` by name in LaTeX, `ranges` of the index letters, and the `point` (of
    symbols) at which relations are compared at last.

    A name with "_" behind it, such as "A_", is the family that A with one index means.
    """

    words: str
    values: Mapping[str, Any]
    ranges: Mapping[str, int] = field(default_factory=dict)
    point: Mapping[str, Expr] = field(default_factory=dict)

    @property
    def functions(self) -> frozenset[str]:
        def called(v: Any) -> bool:
            first = v[0] if isinstance(v, list) and v else v
            return isinstance(first, Function) or callable(first)

        return frozenset(name.rstrip("_") for name, v in self.values.items() if called(v))


Scope = Mapping[str, int]


def holds(latex: str, world: World, exactly: bool = True) -> Fact:
    """Whether the relation holds in the world.

    exactly: also prove it; without, only look for values that refute it.
    """
    chain = read(latex, world.functions)
    free = sorted(_free(chain, frozenset(), world))
    forms: list[Expr] = []
    for places in product(*(range(1, world.ranges[_letter(i)] + 1) for i in free)):
        gaps: list[Expr] = []
        scope = dict(zip(free, places, strict=True))
        sides = [_value(side, world, scope) for side in chain.parts]
        for sign, a, b in zip(chain.text.split(), sides[:-1], sides[1:], strict=True):
            if sign == "=":
                gaps += _gaps(a, b)
            elif not _ordered(a, b, sign):
                return Fact(Truth.FALSE, f"{a} {sign} {b} is false ({world.words})")
        if world.point:
            gaps = substitute(gaps, _known(gaps, world.point))
        gaps = [f for f in dict.fromkeys(gaps) if f is not ZERO]
        if any(_refuted(form) for form in gaps):
            return Fact(Truth.FALSE, f"the sides differ ({world.words})")
        forms += gaps
    if not forms or not exactly:
        return Fact(Truth.TRUE, world.words)
    found = vanish(*forms)
    return Fact(found.truth, world.words if found.truth is Truth.TRUE else found.reason)


def _refuted(form: Expr) -> bool:
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


# --- values ---------------------------------------------------------------------------------------


def _value(node: Node, world: World, scope: Scope) -> Any:
    return _VALUES[node.kind](node, world, scope)


def _sum_of(node: Node, world: World, scope: Scope) -> Any:
    total: Any = None
    for sign, term in zip(node.text, node.parts, strict=True):
        value = _value(term, world, scope)
        if sign == "&":
            if not isinstance(total, Space) or not isinstance(value, Space):
                raise IllFormed("an intersection of what are no subspaces")
            total = total.meet(value)
            continue
        if sign == "-":
            value = _times(number(-1), value)
        total = value if total is None else _plus(total, value)
    return total


def _product_of(node: Node, world: World, scope: Scope) -> Any:
    total: Any = None
    for factor in node.parts:
        if factor.kind == "over":
            below = _scalar(_value(factor.parts[0], world, scope))
            if total is None:
                raise IllFormed("a division of nothing")
            total = _times(total, _power(below, -1))
            continue
        value = _value(factor, world, scope)
        total = value if total is None else _times(total, value)
    return total


def _name(node: Node, world: World, scope: Scope) -> Any:
    text = node.text
    if text in scope:
        return number(scope[text])
    if text not in world.values:
        raise IllFormed(f"{text} means nothing here")
    return world.values[text]


def _entry(node: Node, world: World, scope: Scope) -> Any:
    base, *below = node.parts
    literal = f"{base.text}_" + "".join(i.text for i in below)
    if base.kind == "name" and literal in world.values:
        return world.values[literal]
    places = tuple(_place(i, world, scope) for i in below)
    family = f"{base.text}_" if base.kind == "name" and len(places) == 1 else ""
    value = world.values[family] if family in world.values else _value(base, world, scope)
    if isinstance(value, list):
        place, *rest = places
        if not 1 <= place <= len(value):
            raise IllFormed(f"no member {place} of {len(value)}")
        value, places = value[place - 1], tuple(rest)
        if not places:
            return value
    if isinstance(value, Function):
        return Function(value.parameters, value.body[_inside(places, value.body)])
    array = _array(value)
    return array[_inside(places, array)]


def _inside(places: tuple[int, ...], array: np.ndarray) -> tuple[int, ...]:
    if len(places) == 1 and array.ndim == 2 and array.shape[1] == 1:
        places = (*places, 1)
    if len(places) != array.ndim:
        raise IllFormed(f"{len(places)} indices for an array of {array.ndim}")
    for place, size in zip(places, array.shape, strict=True):
        if not 1 <= place <= size:
            raise IllFormed(f"index {place} beyond {size}")
    return tuple(p - 1 for p in places)


def _place(node: Node, world: World, scope: Scope) -> int:
    if node.text.isdigit():
        return int(node.text)
    if node.text in scope:
        return scope[node.text]
    raise IllFormed(f"{node.text} is no index here")


def _call(node: Node, world: World, scope: Scope) -> Any:
    head, *arguments = (_value(p, world, scope) for p in node.parts)
    if isinstance(head, Function):
        return head.at(arguments)
    if callable(head):
        return _wrapped(head(*arguments))
    raise IllFormed("what is no function is applied")


def _nabla(node: Node, world: World, scope: Scope) -> Any:
    operand = _value(node.parts[0], world, scope)
    if len(node.parts) > 1:
        if not isinstance(operand, Function):
            raise IllFormed("∇ with an index needs a function")
        return operand.derivative(tuple(_place(i, world, scope) for i in node.parts[1:]))
    if isinstance(operand, Function):
        variables = operand.parameters[0]
        body = _scalar(operand.body)
        return Function(operand.parameters, _derivatives(body, variables, node.text))
    return _derivatives(_scalar(operand), _array(world.values[r"\theta"]), node.text)


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
    value = _value(node.parts[0], world, scope)
    for variable in (_value(v, world, scope) for v in node.parts[1:]):
        if isinstance(value, Function):
            raise IllFormed("the derivative of a function in a parameter")
        if isinstance(variable, Expr):
            if variable.op != "symbol":
                raise IllFormed("a derivative in what is no variable")
            value = _differentiated(value, variable)
        else:
            column, symbols = _array(value), _array(variable)
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
            sizes.append(int(_fraction(_scalar(_value(upper[0], world, scope)))))
        elif _letter(name) in world.ranges:
            sizes.append(world.ranges[_letter(name)])
        else:
            raise IllFormed(f"the range of {name} is not known")
    total: Any = None
    for places in product(*(range(1, size + 1) for size in sizes)):
        if condition == "<" and not places[0] < places[1]:
            continue
        if condition == "!=" and places[0] == places[1]:
            continue
        value = _value(body, world, {**scope, **dict(zip(indices, places, strict=True))})
        total = value if total is None else _plus(total, value)
    return ZERO if total is None else total


def _op(node: Node, world: World, scope: Scope) -> Any:
    argument = _value(node.parts[0], world, scope)
    name = node.text
    if name in ("log", "exp", "tanh"):
        scalar = _scalar(argument)
        return log(scalar) if name == "log" else exp(scalar) if name == "exp" else function(name, scalar)
    if name == "dim":
        if not isinstance(argument, Space):
            raise IllFormed("the dimension of what is no subspace")
        return number(argument.dimension)
    if name in ("rank", "ker", "im"):
        matrix = _numeric(argument)
        if name == "rank":
            return number(int(matrix.rank()))
        return Space(null_space(matrix) if name == "ker" else matrix)
    array = _array(argument)
    if name == "diag":
        if array.ndim != 2 or array.shape[1] != 1:
            raise IllFormed("diag of what is no column")
        n = len(array)
        rows = [[array[i, 0] if i == j else ZERO for j in range(n)] for i in range(n)]
        return np.array(rows, dtype=object)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise IllFormed(f"{name} of what is not square")
    if name == "tr":
        return _total([array[i, i] for i in range(len(array))])
    if name == "det":
        return _determinant(array)
    raise IllFormed(f"the operator {name}")


def _matrix(node: Node, world: World, scope: Scope) -> Any:
    """A matrix, also of blocks; a 0 takes the shape that its row and column ask for."""
    rows = [[_value(c, world, scope) for c in row.parts] for row in node.parts]
    if len({len(row) for row in rows}) != 1:
        raise IllFormed("rows of two lengths")
    sized = [[_as_block(ZERO if isinstance(v, AnyIdentity) else v) for v in row] for row in rows]
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
                row[j] = np.where(np.eye(heights[i], dtype=bool), found.scale, ZERO)
            elif b.shape == (1, 1) and (heights[i], widths[j]) != (1, 1) and b[0, 0] is ZERO:
                row[j] = np.full((heights[i], widths[j]), ZERO, dtype=object)
            elif b.shape != (heights[i], widths[j]):
                raise IllFormed("blocks that do not fit")
    return np.block(blocks)


def _as_block(v: Any) -> np.ndarray:
    array = _array(v)
    return array.reshape(1, 1) if array.ndim == 0 else array


def _transposed(node: Node, world: World, scope: Scope) -> Any:
    value = _value(node.parts[0], world, scope)
    return value if isinstance(value, Expr) else _array(value).T


def _power_of(node: Node, world: World, scope: Scope) -> Any:
    base, exponent = node.parts
    if base.kind == "name" and base.text == "e" and "e" not in world.values:
        return exp(_scalar(_value(exponent, world, scope)))
    n = _fraction(_scalar(_value(exponent, world, scope)))
    if base.kind == "norm" and n == 2:
        return _squares(_value(base.parts[0], world, scope))
    value = _value(base, world, scope)
    if isinstance(value, Expr):
        return _power(value, n)
    array = _array(value)
    if array.shape == (1, 1):
        return _power(array[0, 0], n)
    if n == -1:
        return _inverse(array)
    if n != 2:
        raise IllFormed("a power of a matrix")
    return _times(array, array)


def _norm(node: Node, world: World, scope: Scope) -> Any:
    return sqrt(_squares(_value(node.parts[0], world, scope)))


def _squares(value: Any) -> Expr:
    return _total([v * v for v in _array(value).flat])


def _absolute(node: Node, world: World, scope: Scope) -> Any:
    return number(abs(_fraction(_scalar(_value(node.parts[0], world, scope)))))


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
    "transposed": _transposed,
    "power": _power_of,
    "norm": _norm,
    "absolute": _absolute,
    "bracket": lambda n, w, s: _value(n.parts[0], w, s),
    "root": lambda n, w, s: sqrt(_scalar(_value(n.parts[0], w, s))),
    "fraction": lambda n, w, s: _times(
        _value(n.parts[0], w, s), _power(_scalar(_value(n.parts[1], w, s)), -1)
    ),
}


# --- arithmetic -----------------------------------------------------------------------------------


def _array(value: Any) -> np.ndarray:
    if isinstance(value, (Function, Space, list)):
        raise IllFormed("a function or a space where a number or a matrix is meant")
    if isinstance(value, np.ndarray):
        return value
    found = np.empty((), dtype=object)
    found[()] = value
    return found


def _wrapped(value: Any) -> Any:
    return number(value) if isinstance(value, (int, Fraction)) else value


def _scalar(value: Any) -> Expr:
    array = _array(value)
    if array.size != 1:
        raise IllFormed("a matrix where a number is meant")
    found: Expr = array.reshape(-1)[0]
    return found


def _fraction(value: Expr) -> Fraction:
    if not value.is_number:
        raise IllFormed("a number is meant that depends on nothing")
    return value.value


def _plus(a: Any, b: Any) -> Any:
    x, y = _array(a), _array(b)
    if x.size == y.size == 1:
        return _scalar(a) + _scalar(b)
    if x.shape != y.shape:
        raise IllFormed(f"a sum of shapes {x.shape} and {y.shape}")
    return x + y


def _times(a: Any, b: Any) -> Any:
    for one, other in ((a, b), (b, a)):
        if isinstance(one, AnyIdentity):
            return AnyIdentity(one.scale * _scalar(other))
    x, y = _array(a), _array(b)
    if x.ndim == 0 or y.ndim == 0:
        return a * b if x.ndim == y.ndim == 0 else x * y
    if x.ndim == y.ndim == 2 and x.shape[1] == y.shape[0]:
        found = x @ y
        return found[0, 0] if found.shape == (1, 1) else found
    if x.size == 1 or y.size == 1:
        return (_scalar(a) if x.size == 1 else x) * (_scalar(b) if y.size == 1 else y)
    raise IllFormed(f"a product of shapes {x.shape} and {y.shape}")


def _power(base: Expr, exponent: int | Fraction) -> Expr:
    try:
        return base**exponent
    except (DomainError, InputError) as error:
        raise IllFormed(str(error)) from None


def _total(terms: Sequence[Expr]) -> Expr:
    found = ZERO
    for term in terms:
        found = found + term
    return found


def _minor(A: np.ndarray, i: int, j: int) -> np.ndarray:
    return np.delete(np.delete(A, i, 0), j, 1)


def _determinant(A: np.ndarray) -> Expr:
    if len(A) == 1:
        found: Expr = A[0, 0]
        return found
    return _total([A[0, j] * _determinant(_minor(A, 0, j)) * (-1) ** j for j in range(len(A))])


def _inverse(A: np.ndarray) -> np.ndarray:
    if A.ndim != 2 or A.shape[0] != A.shape[1]:
        raise IllFormed("the inverse of what is not square")
    n, d = len(A), _power(_determinant(A), -1)
    if n == 1:
        return np.array([[d]], dtype=object)
    rows = [[_determinant(_minor(A, j, i)) * d * (-1) ** (i + j) for j in range(n)] for i in range(n)]
    return np.array(rows, dtype=object)


def _map(value: Any, change: Callable[[list[Expr]], list[Expr]]) -> Any:
    array = _array(value)
    flat = change(list(array.flat))
    if array.ndim == 0:
        return flat[0]
    return np.array([*flat, None], dtype=object)[:-1].reshape(array.shape)


def _differentiated(value: Any, variable: Expr) -> Any:
    return _map(value, lambda forms: [differentiate(f, variable.name) for f in forms])


def _fmpq(array: np.ndarray) -> fmpq_mat:
    return fmpq_mat([[fmpq(v) if not isinstance(v, fmpq) else v for v in row] for row in array])


def _object(A: fmpq_mat) -> np.ndarray:
    return np.array(A.tolist(), dtype=object).reshape(A.nrows(), A.ncols())


def _numeric(value: Any) -> fmpq_mat:
    """A matrix of rational numbers."""
    array = _as_block(value)
    flat = [_fraction(v) for v in array.flat]
    return fmpq_mat(*array.shape, [fmpq(v.numerator, v.denominator) for v in flat])


def matrix_of(value: Any) -> fmpq_mat:
    """For functions of a world: a matrix of closed forms without symbols as one of numbers."""
    return _numeric(value)


# --- comparing ------------------------------------------------------------------------------------


def _gaps(a: Any, b: Any) -> list[Expr]:
    """The differences of two sides; 0 is the zero of any shape."""
    if isinstance(a, Function) and isinstance(b, Function):
        b = b.at(a.parameters)
    a, b = (v.body if isinstance(v, Function) else v for v in (a, b))
    x, y = _array(a), _array(b)
    if x.ndim == 0 and x[()] is ZERO:
        return list(y.flat)
    if y.ndim == 0 and y[()] is ZERO:
        return list(x.flat)
    if x.size == y.size == 1:
        return [_scalar(a) - _scalar(b)]
    if x.shape != y.shape:
        raise IllFormed(f"sides of shapes {x.shape} and {y.shape}")
    return list((x - y).flat)


def _ordered(a: Any, b: Any, sign: str) -> bool:
    left, right = _fraction(_scalar(a)), _fraction(_scalar(b))
    return left <= right if sign == "<=" else left >= right


def _known(forms: Sequence[Expr], point: Mapping[str, Expr]) -> dict[str, Expr]:
    used = free_symbols(*forms)
    return {name: value for name, value in point.items() if name in used}


def _letter(index: str) -> str:
    return index.rstrip("'")


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
        if _letter(name) not in world.ranges:
            raise IllFormed(f"the index {name} has no range")
    return found


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for part in node.parts:
        yield from walk(part)


__all__ = ["Function", "IllFormed", "NotRead", "Space", "World", "holds", "matrix_of", "walk"]
