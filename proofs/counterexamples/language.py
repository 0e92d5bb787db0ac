"""The language in which one states claims: named predicates, comparisons, and & | ~.

In: text such as "local-minimum & N > M" or "rank H >= rank J". Out: a `Predicate`. The reader is a
whitelisting one of its own; no text is ever executed.

    statement   :=  part | statement "|" part            part := unit | part "&" unit
    unit        :=  "~" unit | "(" statement ")" | comparison | NAME of PREDICATES
    comparison  :=  sum (= | != | <= | >= | < | >) sum
    sum         :=  terms with + and −; a term is a number, a quantity, NUMBER*quantity or
                    quantity/NUMBER; quantities are those of QUANTITIES

A quantity that is only known by bounds makes a comparison undecided where the bounds leave it open.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hessrank.proofs.basins.volume import exponent
from hessrank.proofs.catalogue import vocabulary
from hessrank.proofs.counterexamples.sympy_statement import statement_text
from hessrank.proofs.fibres.fibre import fibre_dimension
from hessrank.proofs.minima.minimum import minimum
from hessrank.proofs.reasoning.statement import Predicate
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.exchange.from_sympy import is_sympy
from hessrank.symbolic.expressions.parsing import nearest
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.problems.landscape import Landscape

Bounds = tuple[Fraction, Fraction]

#: Longer texts are refused, and deeper nesting.
MAX_LENGTH = 2_000
MAX_DEPTH = 40


def _strict(here: Landscape) -> Fact:
    found = minimum(here)
    return Fact(found.strict, f"{found.kind}: {found.local.reason}")


STRICT_MINIMUM = Predicate("strict-minimum", "θ is a strict local minimum of L", _strict)

#: The public predicates by name.
PREDICATES: dict[str, Predicate] = {
    p.name: p
    for p in (
        vocabulary.CRITICAL,
        vocabulary.LOCAL_MINIMUM,
        STRICT_MINIMUM,
        vocabulary.GLOBAL_MINIMUM,
        vocabulary.PERFECT_FIT,
        vocabulary.FITS_LABELS,
        vocabulary.UNREGULARISED,
        vocabulary.A_DEFINITE,
        vocabulary.A_SEMIDEFINITE,
        vocabulary.A_DIAGONAL,
        vocabulary.A_SCALAR,
        vocabulary.A_MISSES_IMAGE,
        vocabulary.SQUARED_LOSS,
        vocabulary.REGRESSION,
        vocabulary.CONVEX_LOSS,
        vocabulary.INTERIOR_TARGETS,
        vocabulary.RANK_EQUALITY,
        vocabulary.OVERPARAMETERISED,
        vocabulary.ONE_OUTPUT,
    )
}

#: An entry of the gallery on which each predicate holds.
EXAMPLES = {
    "fits-labels": "X4",
    "perfect-fit": "X4",
    "critical-point": "X1",
    "local-minimum": "X1",
    "strict-minimum": "X1",
    "global-minimum": "X1",
    "no-regulariser": "X1",
    "A-positive-definite": "X1",
    "A-positive-semidefinite": "X6",
    "A-diagonal": "X6",
    "A-scalar": "X1",
    "image-meets-no-kernel": "X1",
    "squared-loss": "X1",
    "regression": "X1",
    "convex-loss": "X1",
    "interior-targets": "X15",
    "rank-equality": "X5",
    "overparameterised": "X8",
    "one-output": "X1",
}


def _rank(name: str) -> Callable[[Landscape], Bounds]:
    def bounds(here: Landscape) -> Bounds:
        found = here.rank(name)
        return Fraction(found.lower), Fraction(found.upper)

    return bounds


def _squares(kind: str) -> Callable[[Landscape], Bounds]:
    def bounds(here: Landscape) -> Bounds:
        count = Fraction(getattr(here.inertia(), kind))
        return count, count

    return bounds


def _size(of: Callable[[Landscape], int]) -> Callable[[Landscape], Bounds]:
    return lambda here: (Fraction(of(here)), Fraction(of(here)))


def _fibre(here: Landscape) -> Bounds:
    found = fibre_dimension(here)
    return Fraction(found.lower), Fraction(found.upper)


def _exponent(here: Landscape) -> Bounds:
    found = exponent(here)
    return Fraction(found.lower), Fraction(found.upper)


#: The quantities by name, with what they mean.
QUANTITIES: dict[str, tuple[Callable[[Landscape], Bounds], str]] = {
    "rank J": (_rank("jacobian"), "the rank of J at θ"),
    "rank JAJ": (_rank("gauss_newton"), "the rank of JᵀAJ at θ"),
    "rank R": (_rank("residual"), "the rank of the D²f term at θ"),
    "rank A": (_rank("loss_hessian"), "the rank of A at θ"),
    "rank H": (_rank("hessian"), "the rank of H at θ"),
    "positive H": (_squares("positive"), "the number of positive eigenvalues of H"),
    "negative H": (_squares("negative"), "the number of negative eigenvalues of H"),
    "zero H": (_squares("zero"), "the dimension of ker H"),
    "dim fibre": (_fibre, "the dimension of {θ' : F(θ') = F(θ)} at θ"),
    "lambda": (_exponent, "λ with vol{L < L(θ) + ε} ~ ε^λ"),
    "N": (_size(lambda h: h.problem.N), "the number of parameters"),
    "M": (_size(lambda h: h.problem.M), "the number of outputs on the data, K·D"),
    "D": (_size(lambda h: len(h.problem.data)), "the number of examples"),
    "K": (_size(lambda h: h.problem.model.output_count), "the number of outputs of an example"),
}

_ALIASES = {"λ": "lambda", "≤": "<=", "≥": ">=", "≠": "!=", "−": "-", "·": "*", "==": "="}
_KINDS = ("rank", "positive", "negative", "zero", "dim")
#: Words of quantities: H-rank is a difference.
_WORDS = frozenset(word for name in QUANTITIES for word in name.split())
_RELATIONS = ("<=", ">=", "!=", "=", "<", ">")
_TOKEN = re.compile(
    r"\s*([A-Za-z][A-Za-z0-9]*(?:-[A-Za-z][A-Za-z0-9]*)*|[0-9]+|<=|>=|!=|[=<>&|~()+*/-])"
)


def predicate(text: Any) -> Predicate:
    """The predicate that `text` states; also a statement of SymPy in Symbols of these names.
    InputError with the nearest name for an unknown one.

    >>> predicate("local-minimum & rank(H) >= rank(J)").words
    'θ is a local minimum of L and rank H >= rank J'
    """
    if is_sympy(text):
        text = statement_text(text)
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"expected a predicate as text, found {str(text)[:40]!r}")
    if len(text) > MAX_LENGTH:
        raise InputError(f"a predicate longer than {MAX_LENGTH} characters")
    for shown, plain in _ALIASES.items():
        text = text.replace(shown, plain)
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise InputError(f"unexpected {text[at:].strip()[:20]!r}")
        token = match[1]
        first = token.split("-")[0]
        if token not in PREDICATES and first in _WORDS:
            token = first  # N-M and rank-… are differences, local-minimum is a name
        tokens.append(token)
        at = match.start(1) + len(token)
    reader = _Reader(tokens)
    found = reader.either(0)
    if reader.peek():
        raise InputError(f"unexpected {reader.peek()!r}")
    return found


@dataclass(frozen=True)
class Linear:
    """Σ weights·quantities + constant, with the text that it was read from."""

    weights: tuple[tuple[str, Fraction], ...]
    constant: Fraction
    words: str

    def bounds(self, here: Landscape) -> Bounds:
        low = high = self.constant
        for name, weight in self.weights:
            least, most = QUANTITIES[name][0](here)
            low += min(weight * least, weight * most)
            high += max(weight * least, weight * most)
        return low, high


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.at = tokens, 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def expect(self, token: str) -> None:
        if self.peek() != token:
            raise InputError(f"expected {token!r}, found {self.peek() or 'the end'!r}")
        self.at += 1

    def either(self, depth: int) -> Predicate:
        found = self.both(depth)
        while self.peek() == "|":
            self.take()
            found = found | self.both(depth)
        return found

    def both(self, depth: int) -> Predicate:
        found = self.unit(depth)
        while self.peek() == "&":
            self.take()
            found = found & self.unit(depth)
        return found

    def unit(self, depth: int) -> Predicate:
        if depth > MAX_DEPTH:
            raise InputError(f"nested deeper than {MAX_DEPTH}")
        token = self.peek()
        if token == "~":
            self.take()
            return ~self.unit(depth + 1)
        if token == "(":
            self.take()
            found = self.either(depth + 1)
            self.expect(")")
            return found
        if token in PREDICATES:
            self.take()
            return PREDICATES[token]
        return self.comparison()

    def comparison(self) -> Predicate:
        left = self.sum()
        relation = self.take()
        if relation not in _RELATIONS:
            names = ", ".join(_RELATIONS)
            raise InputError(f"expected one of {names}, found {relation or 'the end'!r}")
        return compare(left, relation, self.sum())

    def sum(self) -> Linear:
        weights: dict[str, Fraction] = {}
        constant = Fraction(0)
        words, sign = "", Fraction(1)
        if self.peek() == "-":
            self.take()
            words, sign = "-", Fraction(-1)
        while True:
            name, factor, text = self.term()
            words += text
            if name:
                weights[name] = weights.get(name, Fraction(0)) + sign * factor
            else:
                constant += sign * factor
            if self.peek() not in ("+", "-"):
                return Linear(tuple(weights.items()), constant, words)
            operator = self.take()
            words, sign = f"{words} {operator} ", Fraction(1 if operator == "+" else -1)

    def term(self) -> tuple[str, Fraction, str]:
        factor, words = Fraction(1), ""
        if self.peek().isdigit():
            words = self.take()
            factor = Fraction(int(words))
            if self.peek() == "/":
                factor, words = self.divided(factor, words)
            if self.peek() != "*":
                return "", factor, words
            self.take()
            words += "*"
        name = self.quantity()
        words += name
        if self.peek() == "/":
            factor, words = self.divided(factor, words)
        return name, factor, words

    def divided(self, factor: Fraction, words: str) -> tuple[Fraction, str]:
        self.take()
        below = self.take()
        if not below.isdigit() or not int(below):
            raise InputError(f"expected a number after '/', found {below or 'the end'!r}")
        return factor / int(below), f"{words}/{below}"

    def quantity(self) -> str:
        first = self.take()
        if first in QUANTITIES:
            return first
        if first in _KINDS:
            bracket = self.peek() == "("
            if bracket:
                self.take()
            second = self.take()
            if bracket:
                self.expect(")")
            first = f"{first} {second}"
            if first in QUANTITIES:
                return first
        known = [*PREDICATES, *QUANTITIES]
        hint = nearest(first, known) or "; `hessrank predicates` lists them"
        raise InputError(f"unknown predicate or quantity {first[:40]!r}{hint}")


def compare(left: Linear, relation: str, right: Linear) -> Predicate:
    """The comparison as a predicate, three-valued where bounds do not meet."""
    words = f"{left.words} {relation} {right.words}"

    def test(here: Landscape) -> Fact:
        try:
            (a, b), (c, d) = left.bounds(here), right.bounds(here)
        except TooLarge as error:
            return Fact(Truth.UNDECIDED, str(error))
        known = {
            "<=": (b <= c, a > d),
            "<": (b < c, a >= d),
            ">=": (a >= d, b < c),
            ">": (a > d, b <= c),
            "=": (a == b == c == d, b < c or d < a),
            "!=": (b < c or d < a, a == b == c == d),
        }[relation]
        truth = Truth.TRUE if known[0] else Truth.FALSE if known[1] else Truth.UNDECIDED
        return Fact(truth, f"{left.words} {_shown(a, b)}, {right.words} {_shown(c, d)}")

    return Predicate(words, words, test)


#: Predicates that are comparisons.
_COMPARISONS = {
    vocabulary.OVERPARAMETERISED.name: "N > M",
    vocabulary.ONE_OUTPUT.name: "K = 1",
    vocabulary.RANK_EQUALITY.name: "rank H = rank J",
}


#: Predicates, and those that hold wherever they do.
_IMPLIED = {
    "strict-minimum": ("local-minimum",),
    "global-minimum": ("local-minimum",),
    "A-positive-definite": ("A-positive-semidefinite", "image-meets-no-kernel"),
    "A-scalar": ("A-diagonal",),
}


def unique_name(name: str) -> str:
    """One name for a predicate and its double negation, or the comparison that it is.

    >>> unique_name("not (overparameterised)"), unique_name("not (not (one-output))")
    ('not (N > M)', 'K = 1')
    """
    if name.startswith("not (") and name.endswith(")"):
        inner = unique_name(name[5:-1])
        return inner[5:-1] if inner.startswith("not (") else f"not ({inner})"
    return _COMPARISONS.get(name, name)


def excluded(name: str) -> tuple[str, ...]:
    """The unique names of predicates that never hold together with the one called `name`.

    >>> excluded("perfect-fit"), "N <= M" in excluded("overparameterised")
    (('not (perfect-fit)',), True)
    >>> excluded("strict-minimum")[1:], excluded("not (A-diagonal)")
    (('not (local-minimum)',), ('A-diagonal', 'A-scalar'))
    """
    name = unique_name(name)
    negation = unique_name(f"not ({name})")
    weaker = [f"not ({other})" for other in _IMPLIED.get(name, ())]
    stronger = [other for other, implied in _IMPLIED.items() if negation in implied]
    return (negation, *weaker, *stronger, *opposites(name))


def opposites(name: str) -> tuple[str, ...]:
    """The names of comparisons that never hold together with the one called `name`.

    >>> opposites("N > M")
    ('N <= M', 'M >= N', 'N < M', 'M > N', 'N = M', 'M = N')
    """
    parts = name.split(" ")
    at = next((i for i, part in enumerate(parts) if part in _RELATIONS), None)
    if at is None:
        return ()
    left, right = " ".join(parts[:at]), " ".join(parts[at + 1 :])
    against = {
        ">": ("<=", "<", "="),
        "<": (">=", ">", "="),
        ">=": ("<",),
        "<=": (">",),
        "=": ("!=", "<", ">"),
        "!=": ("=",),
    }[parts[at]]
    turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
    return tuple(
        text
        for r in against
        for text in (f"{left} {r} {right}", f"{right} {turned.get(r, r)} {left}")
    )


def _shown(low: Fraction, high: Fraction) -> str:
    return f"= {low}" if low == high else f"in {low}..{high}"
