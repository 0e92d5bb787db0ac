"""Measuring a landscape: F, J, r, A, both terms of H and H, by differentiating the forward pass.

In: a `ForwardPass`, and how many digits are wanted. Out: a `Measured`, arrays in float64 or with
any number of digits.

H is the derivative of the gradient of the composed loss L = ℓ∘F. JᵀAJ is a product of matrices; the
residual term Σ r_m ∇²F_m is differentiated with r held fixed. That H is their sum is checked, not
used. Order: M = K·D rows, example by example; N columns as in `parameters`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hessrank.numeric.differentiation.arithmetic import FLOAT_DIGITS, Arithmetic, Array, arithmetic
from hessrank.numeric.differentiation.jets import Jet, Sweep
from hessrank.numeric.differentiation.layered import Sweeps, sweeps
from hessrank.numeric.differentiation.program import program
from hessrank.numeric.forward_pass import ForwardPass
from hessrank.numeric.reach import magnitudes
from hessrank.symbolic.errors import DomainError, InputError
from hessrank.symbolic.expressions.expression import Expr

#: Bytes that one evaluation may hold.
MEMORY = 1_000_000_000
#: Products and sums of mpmath numbers (about 1 µs each) that a second precision may cost.
OPERATIONS = 2_000_000


@dataclass(frozen=True)
class Measured:
    """The measured matrices, as floats or as mpmath numbers; the last three where asked for.

    value: L, with the regulariser. outputs: F (M,). jacobian: J (M, N). loss_gradient: r (M,).
    loss_hessian: A (M, M). gradient: ∇L (N,). gauss_newton: JᵀAJ. residual: Σ r_m ∇²F_m.
    hessian: ∇²L, with that of the regulariser, which is also given apart. digits: asked for.
    linear: whether no second derivative of the model was met, so that `residual` is 0 by its form.
    magnitudes: those met on the way, in the model and in the loss (see `reach.magnitudes`).
    defect: the largest entry of ∇²(ℓ∘F) − JᵀAJ − Σ r_m ∇²F_m, relative (see `_defect`).
    """

    value: Any
    outputs: Array
    jacobian: Array
    loss_gradient: Array
    loss_hessian: Array
    gradient: Array
    gauss_newton: Array
    regulariser_hessian: Array
    digits: int
    magnitudes: tuple[Array, Array]
    linear: bool = False
    residual: Array | None = None
    hessian: Array | None = None
    defect: float | None = None


class TooLargeError(InputError):
    """An evaluation that would need more than MEMORY bytes."""


def evaluate(
    forward: ForwardPass,
    digits: int = FLOAT_DIGITS,
    second: bool = True,
    theta: Array | None = None,
) -> Measured:
    """Evaluate and differentiate at the point, or at `theta` (floats, N).

    second: whether to differentiate the model twice. Float64 that overflows on the way is replaced
    by the rounded result of 30 digits. Raises DomainError where a result is not finite, KinkError
    at a kink, TooLargeError where the evaluation would need more than MEMORY bytes.
    """
    if _by_layers(forward, digits) and forward.layers is not None:
        needed = 8 * forward.layers.size(len(forward.x), len(forward.parameters))
    else:
        needed = forward.size * (8 if digits <= FLOAT_DIGITS else 100) * (2 if second else 1)
    if needed > MEMORY:
        raise TooLargeError(f"it would need about {needed / 1e9:.1f} GB")
    with np.errstate(all="ignore"):
        measured = _evaluate(forward, arithmetic(digits), second, theta)
        if digits <= FLOAT_DIGITS and not _finite(measured):
            if forward.size * 12 > 4 * OPERATIONS:
                raise DomainError("float64 overflows, and more digits would take too long")
            measured = _rounded(_evaluate(forward, arithmetic(30), second, theta))
    if not _finite(measured):
        K = max(1, len(forward.outputs))
        bad = [m // K + 1 for m, v in enumerate(measured.outputs) if not np.isfinite(float(v))]
        where = f"the output on example {bad[0]}" if bad else "a derivative"
        raise DomainError(f"{where} is not finite at the point, or too large")
    return measured


def _evaluate(
    forward: ForwardPass, numbers: Arithmetic, second: bool, theta: Array | None
) -> Measured:
    sweep = Sweep(numbers, forward.side)
    (M, N), D = forward.shape, len(forward.x)
    symbols = _parameters(forward, sweep, theta)
    model = _sweeps(forward, sweep, symbols)
    F, J = model.F.reshape(M), model.J.reshape(M, N)

    value, r, dr, A, in_loss = _loss(forward, sweep, F, J)
    # with the seeds' own tangents dr = A·J the sweep gives ∇²L; with constant seeds Σ r_m ∇²F_m
    K = len(forward.outputs)
    gradient, H = numbers.matmul(J.T, r), None
    residual = defect = None
    linear = False
    if second:
        seeds = r.reshape(D, K)
        gradient, H, _ = model.backwards(seeds, dr.reshape(D, K, N))
        _, residual, linear = model.backwards(seeds, None)
    gauss_newton = numbers.matmul(J.T, _product(A, J))
    if H is not None and residual is not None:
        defect = _defect(H - gauss_newton - residual, J, r, A, gauss_newton, residual)

    extra = numbers.array((N, N))
    if forward.regulariser is not None:
        single = program([forward.regulariser])
        jets = sweep.forwards(single, symbols)
        in_loss = np.concatenate([in_loss, magnitudes(sweep, single, jets)])
        value = value + jets[single.results[0]].value[0]
        bars = sweep.backwards(single, jets, [sweep.constant(1)])
        slope, extra = _gathered(forward, numbers, bars)
        gradient = gradient + slope
        H = None if H is None else H + extra
    return Measured(
        value,
        F,
        J,
        r,
        A,
        gradient,
        gauss_newton,
        extra,
        numbers.digits,
        (model.met, in_loss),
        linear,
        residual,
        H,
        defect,
    )


def _by_layers(forward: ForwardPass, digits: int) -> bool:
    """Whether a network is swept layer by layer: where it is too large for a second precision,
    whose magnitudes are compared step by step."""
    return forward.layers is not None and digits <= FLOAT_DIGITS and 3 * forward.size > OPERATIONS


@dataclass(frozen=True)
class _Steps:
    """A forward sweep of all examples through the steps of the program, as `layered.Sweeps`."""

    forward: ForwardPass
    sweep: Sweep
    jets: list[Jet]

    def _results(self) -> list[Jet]:
        return [self.jets[index] for index in self.forward.program.results]

    @property
    def F(self) -> Array:
        values: list[Array | None] = [o.value for o in self._results()]
        return _stack(values, (len(self.forward.x),), self.sweep.arithmetic)

    @property
    def J(self) -> Array:
        D, N = len(self.forward.x), len(self.forward.parameters)
        return _stack([o.tangent for o in self._results()], (D, N), self.sweep.arithmetic)

    @property
    def met(self) -> Array:
        return magnitudes(self.sweep, self.forward.program, self.jets)

    def backwards(self, seeds: Array, moved: Array | None) -> tuple[Array, Array, bool]:
        bars = self.sweep.backwards(
            self.forward.program,
            self.jets,
            [
                Jet(seeds[:, k], None if moved is None else moved[:, k])
                for k in range(seeds.shape[1])
            ],
        )
        linear = all(bar.tangent is None for bar in bars.values())
        return *_gathered(self.forward, self.sweep.arithmetic, bars), linear


def _sweeps(forward: ForwardPass, sweep: Sweep, symbols: dict[str, Jet]) -> _Steps | Sweeps:
    """F, J and the way back; `symbols`: the parameters' jets."""
    numbers = sweep.arithmetic
    columns = [
        constants([row[j] for row in forward.x], numbers) for j in range(len(forward.inputs))
    ]
    if forward.layers is not None and _by_layers(forward, numbers.digits):
        x = np.array(columns, dtype=float).reshape(len(columns), len(forward.x)).T
        place = {name: i for i, name in enumerate(forward.parameters)}
        values = {name: float(jet.value[0]) for name, jet in symbols.items()}
        return sweeps(forward.layers, place, values, x, sweep)
    inputs = {n: Jet(column) for n, column in zip(forward.inputs, columns, strict=True)}
    return _Steps(forward, sweep, sweep.forwards(forward.program, symbols | inputs))


def _parameters(forward: ForwardPass, sweep: Sweep, theta: Array | None) -> dict[str, Jet]:
    """The parameters' jets, each with its own unit tangent, and the fixed symbols' values."""
    numbers = sweep.arithmetic
    values = constants(forward.point, numbers) if theta is None else numbers.lift(theta)
    unit = numbers.eye(len(forward.parameters))
    jets = {
        name: Jet(values[i : i + 1], unit[i : i + 1]) for i, name in enumerate(forward.parameters)
    }
    fixed = constants([v for _, v in forward.fixed], numbers)
    return jets | {n: Jet(fixed[i : i + 1]) for i, (n, _) in enumerate(forward.fixed)}


def _loss(
    forward: ForwardPass, sweep: Sweep, F: Array, J: Array
) -> tuple[Any, Array, Array, Array, Array]:
    """(ℓ, r, the tangents of r in θ, A, magnitudes), differentiating ℓ in its outputs."""
    numbers = sweep.arithmetic
    (M, N) = forward.shape
    value, met = numbers.array(())[()], [np.zeros(0)]
    r, dr, A = numbers.array((M,)), numbers.array((M, N)), numbers.array((M, M))
    for term in forward.terms:
        rows = np.array(term.rows)
        k = rows.shape[1]
        names = [f"o{i + 1}" for i in range(k)]
        unit = numbers.eye(k)
        for in_theta in (True, False):
            tangents = [J[rows[:, i]] if in_theta else unit[i : i + 1] for i in range(k)]
            symbols = {
                n: Jet(F[rows[:, i]], t)
                for i, (n, t) in enumerate(zip(names, tangents, strict=True))
            }
            jets = sweep.forwards(term.program, symbols)
            bars = sweep.backwards(term.program, jets, [sweep.constant(1)])
            for i, name in enumerate(names):
                if name not in bars:
                    continue
                bar = bars[name]
                r[rows[:, i]] = bar.value
                if bar.tangent is None:
                    continue
                if in_theta:
                    dr[rows[:, i]] = bar.tangent
                else:
                    A[rows[:, i, None], rows] = bar.tangent
        met.append(magnitudes(sweep, term.program, jets))
        summed = jets[term.program.results[0]].value
        value = value + (summed.sum() if len(summed) == len(rows) else summed[0] * len(rows))
    return value, r, dr, A, np.concatenate(met)


def _gathered(
    forward: ForwardPass, numbers: Arithmetic, bars: Mapping[str, Jet]
) -> tuple[Array, Array]:
    """(gradient, Hessian) from the parameters' bars, summed over the examples."""
    N = len(forward.parameters)
    gradient, H = numbers.array((N,)), numbers.array((N, N))
    for i, name in enumerate(forward.parameters):
        if name in bars:
            gradient[i] = bars[name].value.sum()
            tangent = bars[name].tangent
            if tangent is not None:
                H[i] = tangent.sum(axis=0)
    return gradient, H


def constants(values: Iterable[Expr], numbers: Arithmetic) -> Array:
    """Constant expressions as a vector."""
    values = list(values)
    if all(v.is_number for v in values):
        out = numbers.array((len(values),))
        out[:] = [numbers.constant(v.value) for v in values]
        return out
    wanted = program(values)
    jets = Sweep(numbers).forwards(wanted, {})
    vector = numbers.array((len(wanted.results),))
    for i, index in enumerate(wanted.results):
        vector[i] = jets[index].value[0]
    return vector


def _stack(columns: Sequence[Array | None], shape: tuple[int, ...], numbers: Arithmetic) -> Array:
    """K columns, each of `shape` = (D, …) or broadcasting to it, as (D, K, …)."""
    out = numbers.array((shape[0], len(columns), *shape[1:]))
    for k, column in enumerate(columns):
        if column is not None:
            out[:, k] = column
    return out


def _product(A: Array, J: Array) -> Array:
    """A·J by the nonzero entries of A, which are few: one block an example for most losses."""
    out = 0 * J
    for m, n in np.argwhere(A != 0):
        out[m] += A[m, n] * J[n]
    return out


def _defect(difference: Array, J: Array, r: Array, A: Array, *terms: Array) -> float:
    """The largest |difference| relative to the terms or to |J|²·max(1, |r|, |A|).

    The latter because the terms may cancel: the A of a softmax, p − p², may be 0 up to rounding.
    """

    def top(a: Array) -> np.float64:  # which overflows to inf, not to an exception
        if a.dtype == float:
            return np.float64(np.abs(a).max(initial=0.0))
        return np.float64(max((abs(v) for v in a.flat), default=0))

    found = top(difference)
    scale = max(*map(top, terms), top(J) ** 2 * max(1.0, top(r), top(A)))
    return 0.0 if not found else float(found / scale) if scale else math.inf


def _arrays(measured: Measured) -> dict[str, Array]:
    return {k: v for k, v in vars(measured).items() if isinstance(v, np.ndarray)}


def _finite(measured: Measured) -> bool:
    def finite(a: Array) -> bool:
        if a.dtype == float:
            return bool(np.isfinite(a).all())
        return all(v - v == 0 for v in a.flat)

    return all(finite(a) for a in _arrays(measured).values())


def _rounded(measured: Measured) -> Measured:
    """The same in float64."""
    rounded = {name: np.array(a, dtype=float) for name, a in _arrays(measured).items()}
    return Measured(
        **vars(measured) | rounded | {"digits": FLOAT_DIGITS, "value": float(measured.value)}
    )
