"""Text to closed forms, without executing it.

In: what a user wrote, the symbols it may use, and the key it stands under. Out: an `Expr`, or
an InputError of one line. Python's own `ast` reads the text; a whitelist of node types decides;
size, nesting and exponents are bounded before anything is built.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches
from fractions import Fraction

from hessrank.symbolic.errors import DomainError, InputError
from hessrank.symbolic.expressions.composed import OF_MANY, OF_ONE
from hessrank.symbolic.expressions.expression import (
    Expr,
    free_symbols,
    guarded_zero,
    number,
    power,
    symbol,
)
from hessrank.symbolic.expressions.functions import FUNCTIONS, PI, exp, function, log, sqrt
from hessrank.symbolic.expressions.substitution import product

MAX_LENGTH = 20_000
MAX_DEPTH = 100
MAX_EXPONENT = 1_000
MAX_DIGITS = 4_000
MAX_NUMBER_BITS = 4 * MAX_DIGITS

#: Names that would be read as something else somewhere on the way to paper.
RESERVED = {
    "E": "Euler's number",
    "I": "the imaginary unit",
    "N": "the number of parameters",
    "O": "the order symbol",
    "Q": "the rationals",
    "S": "the sympify shortcut",
    "C": "the complex numbers",
    "pi": "the number π",
    "lambda": "a keyword of Python",
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
#: What may be called in a formula.
CALLS: dict[str, Callable[..., Expr]] = (
    {name: (lambda z, name=name: function(name, z)) for name in FUNCTIONS}
    | {"sqrt": sqrt}
    | OF_ONE
    | OF_MANY
)


def nearest(word: str, known: Iterable[str]) -> str:
    """'; did you mean …?' for an error message, or nothing."""
    match = get_close_matches(str(word), list(known), n=1, cutoff=0.5)
    return f"; did you mean {match[0]!r}?" if match else ""


def expected(word: str, known: Iterable[str]) -> str:
    """'; did you mean …?' for an error message, or what was expected where nothing is near.

    >>> expected("tahn", ["relu", "tanh"]), expected("nope", ["relu", "tanh"])
    ("; did you mean 'tanh'?", '; expected one of relu, tanh')
    """
    names = list(known)
    return nearest(word, names) or f"; expected one of {', '.join(names)}"


def check_names(names: Iterable[str], key: str) -> tuple[str, ...]:
    """`names` as a tuple, each a name that a symbol may have, none twice."""
    seen: list[str] = []
    for name in names:
        if not isinstance(name, str) or not _NAME.match(name) or len(name) > 60:
            raise InputError(f"{name!r} is not a name: expected letters, digits and _", key)
        if name in RESERVED:
            raise InputError(
                f"the name {name!r} is reserved ({RESERVED[name]}); call it {name + '_1'!r}", key
            )
        if name in CALLS:
            raise InputError(f"the name {name!r} is taken by the function", key)
        if name in seen:
            raise InputError(f"the name {name!r} stands there twice", key)
        seen.append(name)
    return tuple(seen)


def parse(text: str, symbols: Collection[str] = (), key: str | None = None) -> Expr:
    """The closed form that `text` describes, in the given symbols.

    Operators + - * / **, parentheses, decimals (exact: 0.1 is 1/10), `pi`, and the functions of
    `functions.FUNCTIONS`, sqrt and those of `composed`. Raises InputError for anything else, before
    it is built.

    >>> print(parse("a*tanh(0.5*x) - 1/3", {"a", "x"}))
    a*tanh(1/2*x) - 1/3
    """
    if not isinstance(text, str):
        raise InputError(f"expected an expression as text, found {text!r}", key)
    shown = text if len(text) <= 60 else text[:57] + "..."
    if len(text) > MAX_LENGTH:
        raise InputError(f"expression of {len(text)} characters; at most {MAX_LENGTH}", key)
    if not text.isascii():
        raise InputError(f"{shown!r}: only ASCII characters are read", key)
    if _depth(text) > MAX_DEPTH:
        raise InputError(f"{shown!r}: nested deeper than {MAX_DEPTH} parentheses", key)
    if re.search(rf"\d{{{MAX_DIGITS + 1}}}", text):
        raise InputError(f"{shown!r}: a number has more than {MAX_DIGITS} digits", key)
    try:
        with warnings.catch_warnings():  # Python comments on literals such as 1if
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        raise InputError(f"{shown!r} is not an expression", key) from None
    except (RecursionError, MemoryError):
        raise InputError(f"{shown!r}: nested too deeply", key) from None
    try:
        return _Reader(text.strip(), symbols, key).read(tree.body)
    except RecursionError:
        raise InputError(f"{shown!r}: nested too deeply", key) from None
    except DomainError as error:
        raise DomainError(f"{shown!r}: {error}", key) from None
    except InputError as error:
        error.key = error.key or key
        raise


def raised(base: Expr, exponent: Fraction) -> Expr:
    """base ** exponent as a user wrote it: 1 for the exponent 0 only where the base has a value."""
    return 1 + guarded_zero(base) if exponent == 0 else power(base, exponent)


def _bits(q: Fraction) -> int:
    return max(q.numerator.bit_length(), q.denominator.bit_length())


def _depth(text: str) -> int:
    level = deepest = 0
    for c in text:
        if c in "([{":
            level += 1
            deepest = max(deepest, level)
        elif c in ")]}":
            level -= 1
    return deepest


class _Reader:
    def __init__(self, text: str, symbols: Collection[str], key: str | None) -> None:
        self.text, self.symbols, self.key = text, symbols, key

    def refuse(self, node: ast.AST, why: str) -> InputError:
        part = ast.get_source_segment(self.text, node) or "?"
        shown = part if len(part) <= 40 else part[:37] + "..."
        return InputError(f"{shown!r}: {why}", self.key)

    def read(self, node: ast.AST) -> Expr:
        match node:
            case ast.Constant():
                return self.constant(node)
            case ast.Name(id=name):
                return self.name(node, name)
            case ast.UnaryOp(op=ast.USub(), operand=a):
                return -self.read(a)
            case ast.UnaryOp(op=ast.UAdd(), operand=a):
                return self.read(a)
            case ast.BinOp(left=a, op=ast.Add(), right=b):
                return self.bounded(node, self.read(a) + self.read(b))
            case ast.BinOp(left=a, op=ast.Sub(), right=b):
                return self.bounded(node, self.read(a) - self.read(b))
            case ast.BinOp(left=a, op=ast.Mult(), right=b):
                return self.bounded(node, product(self.read(a), self.read(b)))
            case ast.BinOp(left=a, op=ast.Div(), right=b):
                below = self.read(b)
                return self.bounded(node, product(self.read(a), power(below, Fraction(-1))))
            case ast.BinOp(left=a, op=ast.Pow(), right=b):
                return self.power(node, a, b)
            case ast.BinOp(op=ast.BitXor()):
                raise self.refuse(node, "write powers with **")
            case ast.Call():
                return self.call(node)
        raise self.refuse(node, f"{type(node).__name__.lower()} is not allowed in an expression")

    def bounded(self, node: ast.AST, value: Expr) -> Expr:
        """`value`, or an error where it is a number too long to go on with."""
        if value.is_number and _bits(value.value) > MAX_NUMBER_BITS:
            raise self.refuse(node, f"a number of more than {MAX_DIGITS} digits")
        return value

    def constant(self, node: ast.Constant) -> Expr:
        part = ast.get_source_segment(self.text, node) or ""
        if isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            return number(decimal(part, self.key))
        raise self.refuse(node, "expected a number")

    def name(self, node: ast.Name, name: str) -> Expr:
        if name in self.symbols:
            return symbol(name)
        if name == "pi":
            return PI
        if name in CALLS:
            raise self.refuse(node, f"the function needs an argument: {name}(...)")
        known = ", ".join(sorted(self.symbols)) or "none"
        raise self.refuse(node, f"unknown name (known: {known}){nearest(name, self.symbols)}")

    def power(self, node: ast.AST, a: ast.AST, b: ast.AST) -> Expr:
        exponent, base = self.read(b), self.read(a)
        if exponent.is_number:
            e = exponent.value
            if abs(e.numerator) > MAX_EXPONENT or e.denominator > MAX_EXPONENT:
                raise self.refuse(node, f"exponents are at most {MAX_EXPONENT}")
            return self.bounded(node, raised(base, e))
        if not free_symbols(base) and not (base.is_number and base.value <= 0):
            return exp(exponent * log(base))  # log asks for a positive base
        raise self.refuse(node, "expected a rational exponent (or a positive number as base)")

    def call(self, node: ast.Call) -> Expr:
        if not isinstance(node.func, ast.Name):
            raise self.refuse(node, "only plain functions can be called")
        name = node.func.id
        if name not in CALLS:
            raise self.refuse(node, f"unknown function {name!r}{nearest(name, CALLS)}")
        plain = not node.keywords and not any(isinstance(a, ast.Starred) for a in node.args)
        if not plain or (len(node.args) < 2 if name in OF_MANY else len(node.args) != 1):
            count = "two or more arguments" if name in OF_MANY else "one argument"
            raise self.refuse(node, f"{name} takes {count}")
        return self.bounded(node, CALLS[name](*map(self.read, node.args)))


def decimal(text: str, key: str | None = None) -> Fraction:
    """The exact value of a decimal literal such as 0.1 or 2.5e-3."""
    plain = text.replace("_", "")
    found = re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?", plain)
    if found is None:
        raise InputError(f"{text!r} is not a finite decimal number", key)
    if len(plain) > MAX_DIGITS or abs(int(found.group(2) or 0)) > MAX_DIGITS:
        raise InputError(f"a number has more than {MAX_DIGITS} digits", key)
    return Fraction(plain)
