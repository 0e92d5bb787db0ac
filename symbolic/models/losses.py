"""Losses ℓ of the outputs: value, gradient r = ∇ℓ and Hessian A = ∇²ℓ, exactly.

In: a name, an expression in outputs and targets, or a matrix W. Out: a frozen `Loss`. A loss is
written down once, as a value; its `terms` at given targets know r and A, whatever its kind. All
but weighted-squared are sums over examples of one form in o1…oK and y1…yK.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from hessrank.symbolic.brief import Brief
from hessrank.symbolic.errors import InputError, UndecidedError
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.exchange.from_sympy import from_sympy, is_sympy
from hessrank.symbolic.expressions.expression import ZERO, Expr, evaluate, symbol
from hessrank.symbolic.expressions.functions import exp, function, log
from hessrank.symbolic.expressions.parsing import expected, parse
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.models.loss_kinds import Coupled, PerExample, Term
from hessrank.symbolic.once import once

Vector = Sequence[Expr]
Form = Callable[[Vector, Vector], Expr]


def _total(terms: Sequence[Expr]) -> Expr:
    total = ZERO
    for t in terms:
        total = total + t
    return total


def _separable(term: Callable[[Expr, Expr], Expr]) -> Form:
    return lambda o, y: _total([term(a, b) for a, b in zip(o, y, strict=True)])


def _softmax_cross_entropy(o: Vector, y: Vector) -> Expr:
    # −Σ y_k log p_k with log p_k = o_k − log Σ exp o
    linear = _total([b * a for a, b in zip(o, y, strict=True)])
    return _total(y) * log(_total([exp(a) for a in o])) - linear


#: ℓ of one example, as a function of its outputs o and targets y.
FORMS: dict[str, Form] = {
    "half-squared": _separable(lambda o, y: Fraction(1, 2) * (o - y) ** 2),
    "sum-of-squares": _separable(lambda o, y: (o - y) ** 2),
    "mean-squared": _separable(lambda o, y: (o - y) ** 2),  # and 1/M, see Loss.scale
    "quartic": _separable(lambda o, y: (o - y) ** 4),
    "log-cosh": _separable(lambda o, y: log(function("cosh", o - y))),
    "softmax-cross-entropy": _softmax_cross_entropy,
    "cross-entropy": _separable(lambda o, y: -(y * log(o))),
    "binary-cross-entropy": _separable(lambda o, y: function("softplus", o) - y * o),
}
WEIGHTED = "weighted-squared"
NAMES = (*FORMS, WEIGHTED)
#: What others call them, in lower case and with hyphens.
_ALIASES = {"mse": "mean-squared", "mean-squared-error": "mean-squared"}

#: Losses whose targets of an example are probabilities: in [0, 1], and (True) summing to 1.
_PROBABILITIES = {
    "softmax-cross-entropy": True,
    "cross-entropy": True,
    "binary-cross-entropy": False,
}

#: Losses with ℓ ≥ 0 attained exactly at o = y, where r = 0: a zero of r is a perfect fit.
FIT = frozenset({"half-squared", "sum-of-squares", "mean-squared", "quartic", "log-cosh"})
#: Losses that are convex in the outputs, whatever the targets.
CONVEX = FIT | {"softmax-cross-entropy", "cross-entropy", "binary-cross-entropy"}
#: Losses whose Hessian is positive definite at all outputs.
_DEFINITE = frozenset(
    {"half-squared", "sum-of-squares", "mean-squared", "log-cosh", "binary-cross-entropy"}
)
#: Losses whose gradient and Hessian are no rational functions of the outputs.
_TRANSCENDENTAL = frozenset({"softmax-cross-entropy", "log-cosh", "binary-cross-entropy"})


@dataclass(frozen=True, repr=False)
class Loss(Brief):
    """ℓ: R^M → R.

    name: one of NAMES, or "expression"; weights: W, M×M, for weighted-squared
    ½(o−y)ᵀW(o−y); text: the expression; factor: a positive number before all of it (means).

    >>> print(Loss.named("quartic").form(1))
    (o1 - y1)**4
    """

    name: str
    weights: tuple[tuple[Expr, ...], ...] | None = None
    text: str | None = None
    factor: Fraction = Fraction(1)

    @classmethod
    def named(cls, name: str, key: str = "loss.kind") -> Loss:
        """The loss called `name`; upper and lower case, "-" and "_" are the same, and mse is
        mean-squared. InputError with the nearest known name."""
        given, name = name, loss_name(name)
        if name == WEIGHTED:
            raise InputError("weighted-squared needs the matrix W: Loss.weighted(W)", key)
        if name not in FORMS:
            raise InputError(f"unknown loss {given!r}{expected(given, NAMES)}", key)
        return cls(name)

    @classmethod
    def weighted(cls, W: Sequence[Sequence[object]], key: str = "loss.weights") -> Loss:
        """½(o−y)ᵀW(o−y) for a symmetric matrix W over all M = K·D outputs, example-major."""
        given: Any = W
        table = given.tolist() if is_sympy(given) else given
        rows = tuple(
            tuple(constant(v, f"{key}[{i}][{j}]") for j, v in enumerate(row))
            for i, row in enumerate(table)
        )
        if any(len(row) != len(rows) for row in rows):
            raise InputError("expected a square matrix", key)
        for i, row in enumerate(rows):
            for j in range(i):
                if row[j] is not rows[j][i]:
                    raise InputError(
                        f"W is not symmetric: [{i}][{j}] is {row[j]}, [{j}][{i}] is {rows[j][i]}",
                        key,
                    )
        return cls(WEIGHTED, weights=rows)

    @classmethod
    def from_expression(cls, text: Any) -> Loss:
        """The sum over examples of an expression in o1…oK and y1…yK (o and y where K = 1): text, a
        SymPy expression or an `Expr`."""
        if is_sympy(text):
            text = from_sympy(text, "loss.expression")
        return cls("expression", text=str(text))

    @property
    def is_definite(self) -> bool:
        """Whether A ≻ 0 at all outputs.

        >>> Loss.named("log-cosh").is_definite, Loss.named("quartic").is_definite
        (True, False)
        """
        return self.name in _DEFINITE

    @property
    def is_centred(self) -> bool:
        """Whether A = diag(p) − ppᵀ for each example, p > 0: its kernel is spanned by (1, …, 1)."""
        return self.name == "softmax-cross-entropy"

    @property
    def is_transcendental(self) -> bool:
        """Whether r and A hold exponentials of the outputs."""
        return self.name in _TRANSCENDENTAL

    @once
    def form(self, K: int) -> Expr:
        """ℓ of one example in the symbols o1…oK, y1…yK (not for weighted-squared)."""
        o, y = ([symbol(f"{c}{k + 1}") for k in range(K)] for c in "oy")
        if self.text is None:
            return FORMS[self.name](o, y)
        short = {"o": o[0], "y": y[0]} if K == 1 else {}
        known = {f"{c}{k + 1}" for c in "oy" for k in range(K)} | set(short)
        return substitute([parse(self.text, known, "loss.expression")], short)[0]

    def scale(self, M: int) -> Fraction:
        """The factor before the sum over examples."""
        return self.factor / M if self.name == "mean-squared" and M else self.factor

    def times(self, factor: Fraction) -> Loss:
        """factor·ℓ for a positive rational factor, as for means over examples.

        >>> Loss.named("half-squared").times(Fraction(1, 4)).scale(8)
        Fraction(1, 4)
        """
        if not isinstance(factor, (int, Fraction)) or factor <= 0:
            raise InputError(f"expected a positive rational number, found {factor}", "loss.factor")
        if self.weights is not None:
            rows = tuple(tuple(factor * w for w in row) for row in self.weights)
            return replace(self, weights=rows)
        return replace(self, factor=self.factor * factor)

    @property
    def is_distance(self) -> bool:
        """Whether ℓ ≥ 0, and 0 exactly where the outputs are the targets.

        >>> Loss.named("quartic").is_distance, Loss.named("cross-entropy").is_distance
        (True, False)
        """
        return self.name in FIT

    @property
    def is_convex(self) -> bool:
        """Whether ℓ is convex in the outputs whatever the targets, as its name says."""
        return self.name in CONVEX

    @property
    def couples(self) -> bool:
        """Whether ℓ is no sum over examples, so that A may join outputs of different ones."""
        return self.weights is not None

    @property
    def vanishes_at_targets(self) -> bool:
        """Whether r = 0 where the outputs are the targets, whatever these are."""
        return self.couples or self.is_distance

    def of_one(self, y: Sequence[Expr], M: int) -> PerExample:
        """ℓ of one example with the targets y (not for weighted-squared). In cross-entropy a target
        of 0 has no term (0·log o is 0 there, whatever o is)."""
        form = self.form(len(y))
        if self.name == "cross-entropy":
            form = substitute([form], {f"y{k + 1}": ZERO for k, v in enumerate(y) if v is ZERO})[0]
        return PerExample(form, tuple(y), self.scale(M))

    def at_targets(self, y: Sequence[Expr], M: int) -> tuple[Expr, list[Expr], list[list[Expr]]]:
        """(ℓ, r, A) of one example in o1…oK, with its targets put in."""
        one = self.of_one(y, M)
        r, A = one.derivatives
        return one.value, list(r), [list(row) for row in A]

    def terms(self, y: Sequence[Sequence[Expr]]) -> tuple[Term, ...]:
        """The summands of ℓ at the targets y, a row an example; those of examples with the same
        targets share their closed forms."""
        K = len(y[0]) if y else 0
        M = len(y) * K
        if self.weights is not None:
            flat = tuple(v for row in y for v in row)
            return (Term(range(M), "the loss", Coupled(self.weights, flat)),)
        kinds = {row: self.of_one(row, M) for row in dict.fromkeys(map(tuple, y))} if K else {}
        return tuple(
            Term(range(d * K, d * K + K), f"the loss at example {d + 1}", kinds[tuple(row)])
            for d, row in enumerate(y if K else ())
        )

    def check_shape(self, D: int, K: int) -> None:
        """InputError where this is no loss of D examples with K outputs."""
        if self.weights is None:
            self.form(K)
        elif len(self.weights) != D * K:
            size = len(self.weights)
            raise InputError(f"W is {size}×{size}, but there are {D * K} outputs", "loss.weights")

    def check_targets(self, y: Sequence[Sequence[Expr]]) -> None:
        """InputError where targets that must be probabilities are not."""
        if self.name not in _PROBABILITIES:
            return
        for d, row in enumerate(y):
            try:
                self._check_row(row, f"data.y[{d}]")
            except (UndecidedError, TooLarge) as why:
                words = f"{self.name} needs probabilities, and that these are some is not decided"
                raise InputError(f"{words}: {why}", f"data.y[{d}]") from None

    def _check_row(self, row: Sequence[Expr], key: str) -> None:
        if not all(_at_least(v, 0) and _at_least(1 - v, 0) for v in row):
            raise InputError(f"{self.name} needs targets between 0 and 1", key)
        total = _total(row)
        if _PROBABILITIES[self.name] and not (_at_least(total, 1) and _at_least(1 - total, 0)):
            raise InputError(f"{self.name} needs targets that sum to 1, found {total}", key)


def _at_least(value: Expr, least: int) -> bool:
    """Whether a constant is at least `least`; UndecidedError or TooLarge where that is open."""
    if value.is_number:
        return value.value >= least
    from hessrank.symbolic.fields.field import evaluate_in_field

    return evaluate_in_field(lambda f: f.sign(evaluate([value], f, {})[0] - least)) >= 0


def loss_name(name: str) -> str:
    """The name as this package spells it."""
    plain = str(name).lower().replace("_", "-")
    return _ALIASES.get(plain, plain)


def as_loss(loss: Any) -> Loss:
    """A Loss from a name, a Loss, or an expression in o and y: text, an `Expr` or one of SymPy.

    >>> as_loss("half-squared").name, as_loss("o1**2 + o2**4").name
    ('half-squared', 'expression')
    """
    if isinstance(loss, Loss):
        return loss
    if isinstance(loss, Expr) or is_sympy(loss):
        return Loss.from_expression(loss)
    text = str(loss)
    if loss_name(text) in NAMES or not any(c in text for c in "oy+*/() "):
        return Loss.named(text)
    looks_like_name = all(c.isalpha() or c in "-_" for c in text) and len(text) > 2
    return Loss.named(text) if looks_like_name else Loss.from_expression(text)
