"""The numeric ranks of a landscape's matrices, or of any matrix of floats.

In: a landscape, of which `forward_pass` reads values only, or a matrix. Out: a `NumericRank` each,
or a `NotMeasured` with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np

from hessrank.numeric.differentiation.arithmetic import FLOAT_DIGITS, Array, arithmetic
from hessrank.numeric.forward_pass import ForwardPass, forward_pass
from hessrank.numeric.measure import OPERATIONS, Measured, TooLargeError, constants, evaluate
from hessrank.numeric.precision import EPS, LEVELS, Reach
from hessrank.numeric.rank import NumericRank, Policy, numeric_rank
from hessrank.numeric.reach import ceiling, height, span
from hessrank.symbolic.errors import DomainError, InputError, KinkError

#: The matrices that have a rank, and whether they need second derivatives of the model.
MATRICES = {
    "jacobian": False,
    "loss_hessian": False,
    "gauss_newton": False,
    "residual": True,
    "hessian": True,
}


@dataclass(frozen=True)
class NotMeasured:
    """Why a rank was not measured, and what it would have needed."""

    reason: str

    def to_json(self) -> dict[str, Any]:
        """The reason."""
        return {"not_measured": self.reason}


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
    refused = {} if isinstance(landscape, ForwardPass) else _refused(landscape, wanted)
    if refused:
        rest = tuple(name for name in wanted if name not in refused)
        measured = measured_ranks(_forward(landscape), rest, policy, uncertainty) if rest else {}
        return {name: measured.get(name) or NotMeasured(refused[name]) for name in wanted}
    forward = _forward(landscape)
    if set(wanted) <= {"jacobian"}:
        forward = replace(forward, terms=(), regulariser=None)  # J needs no loss
    try:
        return _ranks(forward, wanted, policy, uncertainty)
    except (TooLargeError, KinkError, DomainError) as refusal:
        lighter = [name for name in wanted if not MATRICES[name]]
        found: dict[str, NumericRank | NotMeasured] = {}
        if isinstance(refusal, TooLargeError) and 0 < len(lighter) < len(wanted):
            found = measured_ranks(forward, lighter, policy, uncertainty)
        return {name: found.get(name, NotMeasured(str(refusal))) for name in wanted}


def _refused(landscape: Any, names: Iterable[str]) -> dict[str, str]:
    """Why matrices have no value at the point, though their formulas may have."""
    why = ((name, landscape.refusal(name)) for name in names)
    return {name: str(error) for name, error in why if error is not None}


def measured_rank(
    subject: Any,
    name: str | None = None,
    policy: Policy = "auto",
    uncertainty: Any = None,
    tolerance: float | None = None,
) -> NumericRank | NotMeasured:
    """The numeric rank of one matrix: singular values, threshold τ and where it came from, gap,
    margin, and whether that is safe. It decides nothing.

    subject: a landscape, with the name of one of its matrices (see `measured_ranks`); or a matrix,
    M×N: an array of NumPy, JAX or torch, nested lists of floats, or an exact matrix.
    policy: see `numeric.rank`. uncertainty: of θ; for a matrix of its entries, one number or M×N of
    them: by Weyl's inequality a singular value above ‖E‖_F belongs to a nonzero one. tolerance: τ
    itself. float32, float16 and bfloat16 arrays are judged by the ε of their type. Raises
    InputError, which names an entry that is nan or inf.

    >>> found = measured_rank([[1.0, 2.0], [2.0, 4.0 + 1e-9]])
    >>> found.rank, found.safe, found.threshold < 1e-14
    (2, True, True)
    >>> found = measured_rank([[1.0, 2.0], [2.0, 4.0 + 1e-9]], uncertainty=1e-8)
    >>> found.rank, found.origin
    (1, 'uncertainty of the entries')
    """
    if hasattr(subject, "problem") or isinstance(subject, ForwardPass):
        if name is None:
            raise InputError(f"expected the name of a matrix: {', '.join(MATRICES)}", "name")
        found = measured_ranks(subject, [name], policy, uncertainty)[name]
        if tolerance is None or isinstance(found, NotMeasured):
            return found
        matrix = getattr(evaluate(_forward(subject), second=MATRICES[name]), name)
        return numeric_rank(matrix, tolerance=tolerance)
    if name is not None:
        raise InputError("a matrix has no name: its rank is asked for", "name")
    matrix, eps = _plain(subject), _eps(subject)
    if uncertainty is None:
        return numeric_rank(matrix, policy, tolerance=tolerance, eps=eps)
    error = np.asarray(_plain(uncertainty), dtype=float)
    if error.ndim not in (0, 2) or not (np.isfinite(error) & (error >= 0)).all():
        raise InputError("expected one number >= 0, or one for each entry", "uncertainty")
    if error.ndim == 2 and error.shape != np.shape(matrix):
        raise InputError(f"{error.shape} for entries of {np.shape(matrix)}", "uncertainty")
    entries = np.broadcast_to(error, np.shape(matrix))
    origin = "uncertainty of the entries"
    return numeric_rank(
        matrix, policy, error=entries, error_origin=origin, tolerance=tolerance, eps=eps
    )


def _forward(landscape: Any) -> ForwardPass:
    return landscape if isinstance(landscape, ForwardPass) else forward_pass(landscape)


def _eps(array: Any) -> float:
    """2^−52, or that of the narrower floats that an array holds."""
    kind = str(getattr(array, "dtype", ""))
    bits = {"bfloat16": 7, "float16": 10, "float32": 23}
    return next((2.0**-b for name, b in bits.items() if kind.endswith(name)), EPS)


def _plain(value: Any) -> Any:
    """An array of any library or an exact matrix as an array of NumPy or nested lists."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    if hasattr(value, "to_numpy"):
        return value.to_numpy()
    keep = isinstance(value, np.ndarray) or not hasattr(value, "tolist")
    return value if keep else value.tolist()


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


def propagated_error(
    forward: ForwardPass, name: str, uncertainty: float | Sequence[float]
) -> float:
    """Σ_i ‖X(θ + δ_i e_i) − X(θ)‖_F: to first order a bound on the error that δ causes in X."""
    N = len(forward.parameters)
    theta = constants(forward.point, arithmetic())
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
