"""Checking a derivation by a way that shares no rule with it.

In: what was derived (the very closed forms that are typeset) and its problem. Out: an `Agreement`:
what was compared with the differentiated forward pass (`numeric.measure`, which never sees a
derived formula), at which points, with how many digits, and the largest deviation of each
matrix; and whether the general identity holds for these dimensions by polynomial expansion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Any

import flint
import mpmath
import numpy as np
from flint import arb

from hessrank.numeric.differentiation.arithmetic import FLOAT_DIGITS
from hessrank.numeric.forward_pass import forward_pass
from hessrank.numeric.measure import Measured, TooLargeError, evaluate
from hessrank.proofs.derivations import identity
from hessrank.proofs.derivations.derived import Derived, values
from hessrank.proofs.derivations.equations import NONE, Equations
from hessrank.proofs.reasoning.truth import Truth
from hessrank.proofs.theory.chapters import hessian, layers
from hessrank.symbolic.budget import OverBudget, spend, unhurried
from hessrank.symbolic.errors import DomainError, KinkError, counted
from hessrank.symbolic.expressions.expression import evaluate as evaluate_forms
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.fields.balls import BallRing
from hessrank.symbolic.linear_algebra.object_matrices import matmul
from hessrank.symbolic.models.layers import Array
from hessrank.symbolic.problems.landscape import Landscape, Problem

#: A forward pass of at most this size (steps × examples × parameters) is measured with DIGITS.
SMALL = 100_000
DIGITS = 30
#: Further bits of the balls in which a function is evaluated.
GUARD = 32

#: The matrices by the names of `measure.Measured`, with their signs on paper.
SIGNS = {
    "F": "F",
    "J": "J",
    "r": "r",
    "A": "A",
    "GN": "JᵀAJ",
    "R": "Σ r_m∇²F_m",
    "P": "the regulariser's Hessian",
    "H": "H",
}


@dataclass(frozen=True)
class Agreement:
    """holds: no deviation above `tolerance`, something was compared, and the identity holds.

    deviations: for each matrix and source ("one example", "all examples", "point") the largest
    |derived − measured| / (1 + largest |measured|). points: how many; digits: of the arithmetic.
    identity: for the dimensions (N, M) in which the general identity was expanded. equations: those
    of the page, as they are printed; left: steps for which there was no time.
    """

    deviations: Mapping[tuple[str, str], float]
    points: int
    digits: int
    tolerance: float
    identity: tuple[int, int]
    identity_holds: bool
    equations: Equations = NONE
    left: tuple[str, ...] = ()

    @property
    def worst(self) -> float:
        """The largest deviation."""
        return max(self.deviations.values(), default=0.0)

    @property
    def wrong(self) -> tuple[tuple[str, str], ...]:
        """(source, matrix) wherever the deviation is above the tolerance."""
        return tuple(k for k, v in self.deviations.items() if not v <= self.tolerance)

    @property
    def holds(self) -> bool:
        return self.undisputed and bool(self.deviations) and not self.undecided

    @property
    def undisputed(self) -> bool:
        """Nothing that was compared is wrong, whether or not there was time for all of it."""
        return not self.wrong and self.identity_holds and not self.equations.failed

    @property
    def undecided(self) -> tuple[str, ...]:
        """The steps that are not decided, by name."""
        return (*self.left, *(text for text, _ in self.equations.undecided))

    def __str__(self) -> str:
        N, M = self.identity
        general = "holds" if self.identity_holds else "FAILS"
        printed = f"; {self.equations}" if self.equations.count else ""
        left = f"; undecided: {', '.join(self.left)}" if self.left else ""
        identity = f"the identity {general} for generic quadratic maps Q^{N} → Q^{M} by expansion"
        identity += printed + left
        if self.wrong:
            where = ", ".join(f"{SIGNS[key]} ({source})" for source, key in self.wrong)
            return f"DISAGREES with the differentiated forward pass: {where}; {identity}"
        if not self.deviations:
            why = "no point was found where the forward pass is smooth, or nothing is printed"
            return f"not compared: {why}; {identity}"
        return (
            f"agrees with the differentiated forward pass at {counted(self.points, 'point')}, "
            f"{self.digits} digits, largest deviation {self.worst:.1e}; {identity}"
        )


@lru_cache(maxsize=2)
def displays_hold(network: bool) -> bool:
    """Whether the general relations that a derivation displays pass their checks: S2's (1) and (2),
    the identity of matrices, and of a network the recurrences of its layers."""
    shown = [d for d in hessian.chapter().displays if d.label in ("S2-1", "S2-2", "T3")]
    if network:
        shown += layers.displays().values()
    with unhurried():  # a second, once for all derivations
        return all(display.run().truth is Truth.TRUE for display in shown)


def agreement(
    problem: Problem,
    here: Landscape | None,
    one: Derived | None,
    loss: Derived | None,
    everywhere: Derived | None,
    point: Derived | None,
    points: int = 2,
    equations: Callable[[], Equations] = lambda: NONE,
) -> Agreement:
    """Compare at `here` (where given) and at `points` random rational points, then check the
    `equations`, as far as the budget of the context goes."""
    left: list[str] = []
    found: dict[tuple[str, str], float] = {}
    digits, compared = DIGITS, 0
    shown_any = any(derived is not None for derived in (one, everywhere, point))
    try:
        for place in _places(problem, here, points):
            if compared == points + (here is not None) or not shown_any:
                break
            spend()
            forward = forward_pass(place)
            digits = DIGITS if forward.size <= SMALL else FLOAT_DIGITS
            try:
                measured = evaluate(forward, digits)
            except (KinkError, DomainError):
                continue
            ring = _Numbers(digits + 10)
            theta = _constants(place.point, ring)
            if one is not None:
                # with y symbolic, y/o has no value at y = o = 0, where 0·log 0 counts as 0
                with suppress(ZeroDivisionError):
                    assembled = _assembled(problem, one, loss, theta, ring)
                    _compare(found, "one example", assembled, measured, ring)
            if everywhere is not None:
                _compare(found, "all examples", values(everywhere, ring, theta), measured, ring)
            if point is not None and place is here:
                _compare(found, "point", values(point, ring, {}), measured, ring)
            compared += 1
    except (OverBudget, TooLargeError) as error:
        left.append(f"the comparison with the forward pass ({error})")
    dimensions = identity.representative(problem.N, problem.M)
    general = identity.holds(*dimensions) and displays_hold(problem.model.network is not None)
    tolerance = 10.0 ** (-2 * digits / 3)
    shown = equations()
    return Agreement(found, compared, digits, tolerance, dimensions, general, shown, tuple(left))


def _places(problem: Problem, here: Landscape | None, points: int) -> Iterator[Landscape]:
    """The point itself, then random ones in (-1, 1)."""
    if here is not None:
        yield here
    draw = Random(0)
    for _ in range(20 * points):
        yield problem.at({n: Fraction(draw.randint(-96, 96), 97) for n in problem.model.parameters})


def _assembled(
    problem: Problem, one: Derived, loss: Derived | None, theta: Mapping[str, Any], ring: _Numbers
) -> dict[str, Array]:
    """The matrices of all examples from the closed forms of one, numerically."""
    data, K, N, M = problem.data, problem.model.output_count, problem.N, problem.M
    F, J, D2 = [], [], []
    r, A = np.full((M, 1), ring.zero, dtype=object), np.full((M, M), ring.zero, dtype=object)
    for d, (xs, ys) in enumerate(zip(data.x, data.y, strict=True)):
        x = dict(zip(problem.model.inputs, evaluate_forms(xs, ring, {}), strict=True))
        y = evaluate_forms(ys, ring, {})
        found = values(one, ring, {**theta, **x})
        F.append(found["f"])
        J.append(found["J"])
        D2 += [found[f"D2_{k + 1}"] for k in range(K)]
        if loss is not None:
            o = {f"o{k + 1}": v for k, v in enumerate(found["f"][:, 0])}
            block = slice(d * K, d * K + K)
            at = values(loss, ring, o | {f"y{k + 1}": v for k, v in enumerate(y)})
            r[block], A[block, block] = at["r"], at["A"]
    outputs = np.concatenate(F) if F else np.empty((0, 1), dtype=object)
    if loss is None:
        for term in problem.loss_terms:
            first, second = term.derivatives(outputs[:, 0], ring)
            r[term.places, 0] = first
            A[np.ix_(term.places, term.places)] = np.array(second, dtype=object)
    jacobian = np.concatenate(J) if J else np.empty((0, N), dtype=object)
    R = np.full((N, N), ring.zero, dtype=object)
    for weight, table in zip(r[:, 0], D2, strict=True):
        R = R + weight * table
    GN = matmul(jacobian.T, A, jacobian) if M else R
    matrices = {"F": outputs, "J": jacobian, "r": r, "A": A, "GN": GN, "R": R}
    return matrices if problem.regulariser is not None else matrices | {"H": GN + R}


def _compare(
    found: dict[tuple[str, str], float],
    source: str,
    derived: Mapping[str, Array],
    m: Measured,
    ring: _Numbers,
) -> None:
    measured = {
        "F": m.outputs,
        "J": m.jacobian,
        "r": m.loss_gradient,
        "A": m.loss_hessian,
        "GN": m.gauss_newton,
        "R": m.residual,
        "P": m.regulariser_hessian,
        "H": m.hessian,
    }
    for key, there in measured.items():
        if key not in derived or there is None:
            continue
        ours = derived[key].reshape(there.shape)
        theirs = [ring.context.convert(v) for v in there.flat]
        scale = 1 + max((abs(v) for v in theirs), default=0)
        gaps = [abs(a - b) for a, b in zip(ours.flat, theirs, strict=True)]
        worst = max((_float(g / scale) for g in gaps), default=0.0)
        found[source, key] = max(worst, found.get((source, key), 0.0))


def _float(v: Any) -> float:
    """As a float; what is no number is infinitely far away."""
    return float(v) if mpmath.isfinite(v) else float("inf")


def _constants(point: Mapping[str, Any], ring: _Numbers) -> dict[str, Any]:
    names = list(point)
    return dict(zip(names, evaluate_forms([point[n] for n in names], ring, {}), strict=True))


class _Numbers:
    """The ring of mpmath's floats with `digits` digits."""

    def __init__(self, digits: int) -> None:
        self.context = mpmath.MPContext()
        self.context.dps = digits
        self.zero = self.context.mpf(0)

    def number(self, q: Fraction) -> Any:
        return self.context.mpf(q.numerator) / q.denominator

    def power(self, value: Any, exponent: Fraction) -> Any:
        if exponent.denominator == 1:
            return value**exponent.numerator
        return self.context.power(value, self.number(exponent))

    def function(self, name: str, *args: Any) -> Any:
        """The middle of the ball that the function's own enclosure gives; 0 at a kink."""
        if not args:
            return +self.context.pi
        (z,) = args
        if not mpmath.isfinite(z):
            return self.context.nan
        if FUNCTIONS[name].kink and z == 0:
            return self.zero
        with flint.ctx.workprec(self.context.prec + GUARD):
            sign, man, exp, _ = z._mpf_
            size = arb(int(man)) * arb(2) ** int(exp)
            try:
                ball = BallRing().function(name, -size if sign else size)
            except DomainError:
                return self.context.nan
            man, exp = ball.mid().man_exp() if ball.is_finite() else (0, 0)
        return self.context.mpf((int(man), int(exp))) if ball.is_finite() else self.context.nan
