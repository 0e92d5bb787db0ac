"""The two kinds of loss behind one protocol: one form for each example, or one W for all outputs.

In: ℓ of some outputs o1…on, and constant targets. Out: `PerExample` and `Coupled`, whose value
ℓ, gradient r and Hessian A are closed forms in o1…on, and the `Term`s of which ℓ is the sum: a
kind, and the outputs of which it is one. A term is evaluated in any ring; no caller asks its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, Protocol

from hessrank.symbolic.errors import DomainError, KinkError, derivatives_of
from hessrank.symbolic.expressions.differentiation import gradient, hessian
from hessrank.symbolic.expressions.expression import (
    ZERO,
    Expr,
    Ring,
    free_symbols,
    postorder,
    run,
    symbol,
)
from hessrank.symbolic.expressions.substitution import put_in, substitute

Row = tuple[Expr, ...]
#: r (n) and A (n×n) of n outputs.
Derivatives = tuple[Row, tuple[Row, ...]]


class Kind(Protocol):
    """ℓ of o1…on with the targets put in."""

    @property
    def value(self) -> Expr: ...
    @property
    def derivatives(self) -> Derivatives: ...


@dataclass(frozen=True)
class PerExample:
    """scale·form(o, y) of one example; form: in o1…oK, y1…yK. ℓ has a value where the form has
    one with the targets put in: a target of 0 drops no condition."""

    form: Expr
    targets: Row
    scale: Fraction = Fraction(1)

    def _at_targets(self, put: Callable[..., list[Expr]], forms: Sequence[Expr]) -> list[Expr]:
        named = {f"y{k + 1}": v for k, v in enumerate(self.targets)}
        try:
            return [self.scale * v for v in put(forms, named)]
        except DomainError as error:
            shown = [str(v) for v in self.targets]
            raise DomainError(f"the loss at targets {shown}: {error}") from None

    @cached_property
    def value(self) -> Expr:
        return self._at_targets(put_in, [self.form])[0]

    @cached_property
    def derivatives(self) -> Derivatives:
        K = len(self.targets)
        flat = self._at_targets(substitute, _derived(self.form, K))
        return tuple(flat[:K]), tuple(tuple(flat[i : i + K]) for i in range(K, K + K * K, K))


@lru_cache(maxsize=256)
def _derived(form: Expr, K: int) -> tuple[Expr, ...]:
    names = [f"o{k + 1}" for k in range(K)]
    return (*gradient(form, names), *(a for row in hessian(form, names) for a in row))


@dataclass(frozen=True)
class Coupled:
    """½(o − y)ᵀW(o − y) of all outputs, for a symmetric matrix W of constants."""

    W: tuple[Row, ...]
    targets: Row

    @cached_property
    def _gap(self) -> Row:
        return tuple(symbol(f"o{m + 1}") - y for m, y in enumerate(self.targets))

    @cached_property
    def value(self) -> Expr:
        total = ZERO
        for g, row in zip(self._gap, self.W, strict=True):
            for w, h in zip(row, self._gap, strict=True):
                total = total + w * (g * h)
        return Fraction(1, 2) * total

    @cached_property
    def derivatives(self) -> Derivatives:
        r = []
        for row in self.W:
            total = ZERO
            for w, g in zip(row, self._gap, strict=True):
                total = total + w * g
            r.append(total)
        return tuple(r), self.W


@dataclass(frozen=True, eq=False)
class Term:
    """A summand of ℓ: of the outputs at `places` (example-major, from 0); where: its name in
    messages."""

    places: range
    where: str
    kind: Kind

    def value(self, outputs: Any, ring: Ring) -> Any:
        """The summand in `ring`, for the outputs of all examples."""
        return self._run((self.kind.value,), outputs, ring)[0]

    def derivatives(self, outputs: Any, ring: Ring) -> tuple[list[Any], list[list[Any]]]:
        """r and A of its outputs in `ring`."""
        with derivatives_of(lambda: self.value(outputs, ring)):
            return self._rows(self._run(self._flat, outputs, ring))

    def jet(self, outputs: Any, ring: Ring) -> tuple[Any, list[Any], list[list[Any]]]:
        """The summand, r and A at once."""
        value, *rest = self._run((self.kind.value, *self._flat), outputs, ring)
        return value, *self._rows(rest)

    @property
    def has_constant_hessian(self) -> bool:
        """Whether A does not depend on the outputs."""
        return not free_symbols(*(a for row in self.kind.derivatives[1] for a in row))

    @cached_property
    def _flat(self) -> Row:
        r, A = self.kind.derivatives
        return (*r, *(a for row in A for a in row))

    def _rows(self, flat: list[Any]) -> tuple[list[Any], list[list[Any]]]:
        n = len(self.places)
        return flat[:n], [flat[i : i + n] for i in range(n, n + n * n, n)]

    def _run(self, forms: Row, outputs: Any, ring: Ring) -> list[Any]:
        named = {f"o{k + 1}": outputs[m] for k, m in enumerate(self.places)}
        try:
            return run(_program(forms), forms, ring, named)
        except (DomainError, KinkError) as error:
            raise type(error)(f"{self.where}: {error}", "point") from None


@lru_cache(maxsize=1024)
def _program(forms: Row) -> list[Expr]:
    return postorder(forms)
