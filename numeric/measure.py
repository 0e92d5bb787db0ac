"""Measuring a landscape: F, J, r, A, both terms of H and H, by differentiating the forward pass.

In: a landscape, of which only values are read: the model's closed form (of a network: widths,
activation and biases), the loss's value, the data and the point. Out: a `Measured`, arrays in
float64 or with any number of digits, and the numeric ranks of its matrices.

H is the derivative of the gradient of the composed loss L = ℓ∘F. JᵀAJ is a product of matrices; the
residual term Σ r_m ∇²F_m is differentiated with r held fixed. That H is their sum is checked, not
used. Order: M = K·D rows, example by example; N columns as in `parameters`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Any

import numpy as np

from hessrank.numeric.arithmetic import FLOAT_DIGITS, Arithmetic, Array, arithmetic
from hessrank.numeric.jets import Jet, Sweep
from hessrank.numeric.program import Program, program
from hessrank.numeric.rank import EPS, LEVELS, NumericRank, Policy, Reach, numeric_rank
from hessrank.numeric.reach import ceiling, height, magnitudes, span
from hessrank.symbolic.errors import DomainError, InputError, KinkError
from hessrank.symbolic.expressions.expression import ZERO, Expr, number, symbol
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.models.activations import activation

#: The matrices that have a rank, and whether they need second derivatives of the model.
MATRICES = {
    "jacobian": False,
    "loss_hessian": False,
    "gauss_newton": False,
    "residual": True,
    "hessian": True,
}
#: Bytes that one evaluation may hold.
MEMORY = 1_000_000_000
#: Products and sums of mpmath numbers (about 1 µs each) that a second precision may cost.
OPERATIONS = 2_000_000


@dataclass(frozen=True)
class LossTerm:
    """ℓ, or a summand of it, in the symbols o1…ok, for a batch of B rows of k outputs.

    `rows` (B, k) says which of the M outputs o1…ok stand for.
    """

    value: Expr
    rows: tuple[tuple[int, ...], ...]

    @cached_property
    def program(self) -> Program:
        return program([self.value])


@dataclass(frozen=True)
class ForwardPass:
    """All that measuring sees: a model and a loss that can be evaluated, at a point.

    outputs: the K closed forms; x: D rows of constants; point: the N parameters' values in order;
    fixed: the values of other symbols of `outputs`; side: the piece to take at a kink, 0 to refuse.
    """

    parameters: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[Expr, ...]
    x: tuple[tuple[Expr, ...], ...]
    terms: tuple[LossTerm, ...]
    point: tuple[Expr, ...]
    fixed: tuple[tuple[str, Expr], ...] = ()
    regulariser: Expr | None = None
    side: int = 0

    @cached_property
    def program(self) -> Program:
        return program(self.outputs)

    @property
    def shape(self) -> tuple[int, int]:
        """(M, N)."""
        return len(self.x) * len(self.outputs), len(self.parameters)

    @property
    def size(self) -> int:
        """Numbers that a sweep with all tangents computes: steps × examples × parameters."""
        return len(self.program.steps) * max(1, len(self.x)) * max(1, len(self.parameters))


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

    @property
    def consistent(self) -> bool:
        """False where the Hessian identity H = JᵀAJ + Σ r_m ∇²F_m fails beyond rounding."""
        return self.defect is None or self.defect < 10.0 ** (-0.6 * self.digits)


class TooLargeError(InputError):
    """An evaluation that would need more than MEMORY bytes."""


@dataclass(frozen=True)
class NotMeasured:
    """Why a rank was not measured, and what it would have needed."""

    reason: str

    def to_json(self) -> dict[str, Any]:
        """The reason."""
        return {"not_measured": self.reason}


# --- from a landscape to a forward pass -----------------------------------------------------------


def forward_pass(landscape: Any) -> ForwardPass:
    """What measuring reads of a `Landscape`: values only, nothing that was derived."""
    problem = landscape.problem
    model, data = problem.model, problem.data
    point = dict(landscape.point)
    network = getattr(model, "network", None)
    return ForwardPass(
        tuple(model.parameters),
        tuple(model.inputs),
        tuple(model.outputs) if network is None else network_outputs(network, model.inputs),
        data.x,
        loss_terms(problem.loss, data.y),
        tuple(point[name] for name in model.parameters),
        tuple(dict(model.fixed).items()),
        problem.regulariser,
        getattr(landscape, "side", 0),
    )


def network_outputs(network: Any, inputs: Sequence[str]) -> tuple[Expr, ...]:
    """The closed forms of a fully connected network, written from widths, activation and bias.

    >>> from hessrank.symbolic.models.models import mlp
    >>> print(*network_outputs(mlp([1, 1, 1], "tanh", bias=False).network, ["x1"]))
    w2_1_1*tanh(w1_1_1*x1)
    """
    sigma = activation(network.activation).closed_form
    a = [symbol(name) for name in inputs]
    depth = len(network.widths) - 1
    for layer in range(1, depth + 1):
        z = []
        for i in range(1, network.widths[layer] + 1):
            total = symbol(f"b{layer}_{i}") if network.bias else ZERO
            for j, value in enumerate(a, 1):
                total = total + symbol(f"w{layer}_{i}_{j}") * value
            z.append(total)
        a = [sigma(v) for v in z] if layer < depth else z
    return tuple(a)


def loss_terms(loss: Any, y: Sequence[Sequence[Expr]]) -> tuple[LossTerm, ...]:
    """ℓ as terms: one for all examples with the same targets, or one for all where W couples them.

    The targets go in exactly, so that 0·log o is 0 and not 0·(−∞).
    """
    K = len(y[0]) if y else 0
    M = len(y) * K
    if loss.weights is not None:
        gap = [symbol(f"o{m + 1}") - t for m, t in enumerate(t for row in y for t in row)]
        total = ZERO
        for g, weights in zip(gap, loss.weights, strict=True):
            inner = ZERO
            for w, h in zip(weights, gap, strict=True):
                inner = inner + w * h
            total = total + g * inner
        return (LossTerm(number(1) / 2 * total, (tuple(range(M)),)),)
    alike: dict[tuple[Expr, ...], list[tuple[int, ...]]] = {}
    for d, row in enumerate(y):
        alike.setdefault(tuple(row), []).append(tuple(range(d * K, d * K + K)))
    form = loss.scale(M) * loss.form(K)
    return tuple(
        LossTerm(substitute([form], {f"y{k + 1}": t for k, t in enumerate(row)})[0], tuple(rows))
        for row, rows in alike.items()
    )


# --- evaluation -----------------------------------------------------------------------------------


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
    for j, name in enumerate(forward.inputs):
        symbols[name] = Jet(_constants([row[j] for row in forward.x], numbers))
    jets = sweep.forwards(forward.program, symbols)
    results = [jets[index] for index in forward.program.results]
    F = _stack([o.value for o in results], (D,), numbers).reshape(M)
    J = _stack([o.tangent for o in results], (D, N), numbers).reshape(M, N)

    in_model = magnitudes(sweep, forward.program, jets)
    value, r, dr, A, in_loss = _loss(forward, sweep, F, J)
    # with the seeds' own tangents dr = A·J the sweep gives ∇²L; with constant seeds Σ r_m ∇²F_m
    K = len(forward.outputs)
    gradient, H = J.T @ r, None
    residual = defect = None
    linear = False
    if second:
        seeds = [(r.reshape(D, K)[:, k], dr.reshape(D, K, N)[:, k]) for k in range(K)]
        gradient, H = _gathered(
            forward, numbers, sweep.backwards(forward.program, jets, [Jet(*s) for s in seeds])
        )
        bars = sweep.backwards(forward.program, jets, [Jet(s[0]) for s in seeds])
        _, residual = _gathered(forward, numbers, bars)
        linear = all(bar.tangent is None for bar in bars.values())
    gauss_newton = J.T @ _product(A, J) if M else numbers.array((N, N))
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
        (in_model, in_loss),
        linear,
        residual,
        H,
        defect,
    )


def _parameters(forward: ForwardPass, sweep: Sweep, theta: Array | None) -> dict[str, Jet]:
    """The parameters' jets, each with its own unit tangent, and the fixed symbols' values."""
    numbers = sweep.arithmetic
    values = _constants(forward.point, numbers) if theta is None else numbers.lift(theta)
    unit = numbers.eye(len(forward.parameters))
    jets = {
        name: Jet(values[i : i + 1], unit[i : i + 1]) for i, name in enumerate(forward.parameters)
    }
    fixed = _constants([v for _, v in forward.fixed], numbers)
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


def _constants(values: Iterable[Expr], numbers: Arithmetic) -> Array:
    """Constant expressions as a vector."""
    wanted = program(list(values))
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


# --- ranks ----------------------------------------------------------------------------------------


def measured_ranks(
    landscape: Any,
    names: Iterable[str] = tuple(MATRICES),
    policy: Policy = "auto",
    uncertainty: float | Sequence[float] | None = None,
) -> dict[str, NumericRank | NotMeasured]:
    """The numeric ranks of the named matrices of a landscape (or of a `ForwardPass`).

    names: of MATRICES. uncertainty: of θ, one number or N of them, for the policy "uncertainty".
    What is too large to be measured, or lies on a kink or a pole as far as its digits can tell,
    comes back as `NotMeasured`. Raises InputError for an unknown name.
    """
    wanted = tuple(names)
    for name in wanted:
        if name not in MATRICES:
            raise InputError(f"no matrix {name!r}: one of {', '.join(MATRICES)}")
    forward = landscape if isinstance(landscape, ForwardPass) else forward_pass(landscape)
    try:
        return _ranks(forward, wanted, policy, uncertainty)
    except (TooLargeError, KinkError, DomainError) as refusal:
        lighter = [name for name in wanted if not MATRICES[name]]
        found: dict[str, NumericRank | NotMeasured] = {}
        if isinstance(refusal, TooLargeError) and 0 < len(lighter) < len(wanted):
            found = measured_ranks(forward, lighter, policy, uncertainty)
        return {name: found.get(name, NotMeasured(str(refusal))) for name in wanted}


def _ranks(
    forward: ForwardPass,
    names: Sequence[str],
    policy: Policy,
    uncertainty: float | Sequence[float] | None,
) -> dict[str, NumericRank | NotMeasured]:
    """The ranks, with a second precision for as many as OPERATIONS allows."""
    second = any(MATRICES[name] for name in names)
    measured = evaluate(forward, second=second)
    M, N = forward.shape
    cost = {twice: (12 if twice else 3) * forward.size + M * N * N for twice in (False, True)}
    deep = second and cost[True] <= OPERATIONS
    heights = _heights(forward)

    @cache
    def again(digits: int) -> Measured:
        return evaluate(forward, digits, deep) if digits > FLOAT_DIGITS else measured

    def reach(name: str, digits: int) -> Reach:
        """How far the numbers behind a matrix reach."""
        if name == "residual" and measured.linear:
            return Reach()
        parts = 1 if name == "jacobian" else 2
        fine = again(digits).magnitudes[:parts]
        coarse = again(max(d for d in (FLOAT_DIGITS, *LEVELS) if d < digits)).magnitudes[:parts]
        spans = [span(*pair, digits) for pair in zip(coarse, fine, strict=True)]
        return Reach(max(*heights[:parts], *spans), max(map(ceiling, fine)))

    ranks: dict[str, NumericRank | NotMeasured] = {}
    for name in names:
        seconds = cost[MATRICES[name]] / 1e6
        affordable = cost[MATRICES[name]] <= OPERATIONS
        error, origin = None, "error given"
        if uncertainty is not None:
            error, origin = propagated_error(forward, name, uncertainty), "uncertainty of θ"
        elif policy == "auto" and not affordable:
            largest = max(map(ceiling, measured.magnitudes))
            error, origin = 10.0 ** min(300.0, largest) * EPS, "rounding of the largest numbers"
        ranks[name] = numeric_rank(
            getattr(measured, name),
            policy,
            error=error,
            again=partial(_matrix, again, name) if affordable else None,
            error_origin=origin,
            note="" if affordable else f"no second precision: about {seconds:.0f} s",
            reach=partial(reach, name),
        )
    return ranks


def _heights(forward: ForwardPass) -> tuple[float, float]:
    """The heights of F, and of ℓ with the regulariser."""
    symbols = {name: height([e], {}) for name, e in forward.fixed}
    symbols |= {n: height([e], {}) for n, e in zip(forward.parameters, forward.point, strict=True)}
    for j, name in enumerate(forward.inputs):
        symbols[name] = height([row[j] for row in forward.x], {})
    F = height(forward.outputs, symbols)
    outputs = {f"o{m + 1}": F for m in range(forward.shape[0])}
    loss = height([term.value for term in forward.terms], outputs)
    extra = [] if forward.regulariser is None else [forward.regulariser]
    return F, max(loss, height(extra, symbols))


def measured_rank(
    landscape: Any,
    name: str,
    policy: Policy = "auto",
    uncertainty: float | Sequence[float] | None = None,
) -> NumericRank | NotMeasured:
    """The numeric rank of one matrix; see `measured_ranks`."""
    return measured_ranks(landscape, [name], policy, uncertainty)[name]


def propagated_error(
    forward: ForwardPass, name: str, uncertainty: float | Sequence[float]
) -> float:
    """Σ_i ‖X(θ + δ_i e_i) − X(θ)‖_F: to first order a bound on the error that δ causes in X."""
    N = len(forward.parameters)
    theta = _constants(forward.point, arithmetic())
    delta = np.broadcast_to(np.asarray(uncertainty, dtype=float), (N,))
    second = MATRICES[name]
    here = getattr(evaluate(forward, second=second), name)
    moved = (theta + row for row in np.diag(delta))
    return float(
        sum(
            np.linalg.norm(getattr(evaluate(forward, second=second, theta=t), name) - here)
            for t in moved
        )
    )


def _matrix(measured_at: Callable[[int], Measured], name: str, digits: int) -> Array:
    """One matrix, evaluated with that many digits."""
    found: Array = getattr(measured_at(digits), name)
    return found
