"""Training in floats: a seeded start, then a trust-region method of SciPy.

In: a landscape (its point does not count) and a seed. Out: `Trained`: floats, the loss and the
gradient's norm there. Squared losses go through `scipy.optimize.least_squares`, others through
BFGS and then `trust-exact` with the Hessian. All derivatives are those of the measuring engine.
Nothing is proved here: it only says where to look.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hessrank.numeric.forward_pass import ForwardPass, forward_pass
from hessrank.numeric.measure import Measured, evaluate
from hessrank.symbolic.budget import over
from hessrank.symbolic.errors import DomainError, InputError, KinkError

Array = np.ndarray[Any, Any]

#: Losses that are c·Σ(o − y)².
SQUARED = ("half-squared", "sum-of-squares", "mean-squared")
#: Evaluations that a run may take.
EVALUATIONS = 1500


@dataclass(frozen=True)
class Trained:
    """theta (N,): where training ended; loss: L there, gradient_norm: ‖∇L‖; message: SciPy's."""

    theta: tuple[float, ...]
    loss: float
    gradient_norm: float
    evaluations: int
    message: str


def scipy_optimize() -> Any:
    """SciPy's optimisers. Raises InputError that names the extra where SciPy is missing."""
    try:
        from scipy import optimize
    except ImportError:
        raise InputError("training needs SciPy: pip install 'hessrank[fit]'") from None
    return optimize


def start(landscape: Any, seed: int) -> Array:
    """A random start: normal numbers, a network's weights with variance 1/fan-in."""
    model = landscape.problem.model
    draw = np.random.default_rng(seed).normal(size=len(model.parameters))
    if model.network is None:
        return draw
    scale: dict[str, float] = {}
    names = np.array(model.network.parameters, dtype=object)
    for block in model.network.blocks:
        for row in names[block]:
            scale |= dict.fromkeys(row, float(1 / np.sqrt(len(row))))
    return draw * np.array([scale[name] for name in model.parameters])


def train(landscape: Any, seed: int = 0) -> Trained:
    """Train the problem of `landscape` from the start of that seed.

    Raises InputError where SciPy is missing.
    """
    optimize = scipy_optimize()
    forward = forward_pass(landscape)
    problem = landscape.problem
    theta = start(landscape, seed)
    if problem.loss.name in SQUARED and problem.regulariser is None:
        found = _least_squares(optimize, forward, problem, theta)
    else:
        found = _minimised(optimize, forward, theta)
    end = _at(forward, found.x, last=True)
    if end is None:
        return Trained(
            tuple(map(float, found.x)), np.inf, np.inf, int(found.nfev), "L is undefined"
        )
    norm = float(np.linalg.norm(np.asarray(end.gradient, dtype=float)))
    return Trained(
        tuple(map(float, found.x)), float(end.value), norm, int(found.nfev), str(found.message)
    )


def _at(
    forward: ForwardPass, theta: Array, second: bool = False, last: bool = False
) -> Measured | None:
    """None where L is not defined or has a kink at θ, where it is beyond the floats, as where it
    has no lower bound, or time is over."""
    if (over() and not last) or not np.isfinite(theta).all():
        return None
    try:
        there = evaluate(forward, second=second, theta=theta)
    except (DomainError, KinkError):
        return None
    parts = there.value, there.gradient, there.hessian if second else None
    return there if all(p is None or _is_finite(p) for p in parts) else None


def _is_finite(value: Any) -> bool:
    return bool(np.isfinite(np.asarray(value, dtype=float)).all())


def _least_squares(optimize: Any, forward: ForwardPass, problem: Any, theta: Array) -> Any:
    y = np.array([float(_float(v)) for row in problem.data.y for v in row])
    kept: dict[bytes, tuple[Array, Array]] = {}

    def both(t: Array) -> tuple[Array, Array]:
        key = t.tobytes()
        if key not in kept:
            there = _at(forward, t)
            kept.clear()
            if there is None:
                kept[key] = np.full(len(y), 1e6), np.zeros((len(y), len(t)))
            else:
                F = np.asarray(there.outputs, dtype=float)
                kept[key] = F - y, np.asarray(there.jacobian, dtype=float)
        return kept[key]

    return optimize.least_squares(
        lambda t: both(t)[0],
        theta,
        jac=lambda t: both(t)[1],
        xtol=1e-15,
        ftol=1e-15,
        gtol=1e-15,
        max_nfev=EVALUATIONS,
    )


def _minimised(optimize: Any, forward: ForwardPass, theta: Array) -> Any:
    def value(t: Array) -> tuple[float, Array]:
        there = _at(forward, t)
        if there is None:
            return np.inf, np.zeros(len(t))
        return float(there.value), np.asarray(there.gradient, dtype=float)

    def hessian(t: Array) -> Array:
        there = _at(forward, t, second=True)
        if there is None or there.hessian is None:
            return np.eye(len(t))
        return np.asarray(there.hessian, dtype=float)

    options = {"gtol": 1e-9, "maxiter": EVALUATIONS}
    with np.errstate(all="ignore"):
        first = optimize.minimize(value, theta, jac=True, method="BFGS", options=options)
        if not np.isfinite(first.fun):
            return first
        try:
            return optimize.minimize(
                value,
                first.x,
                jac=True,
                hess=hessian,
                method="trust-exact",
                options={"gtol": 1e-13, "maxiter": 60},
            )
        except (ValueError, np.linalg.LinAlgError):  # SciPy computes with H beyond the floats
            return first


def _float(value: Any) -> float:
    """A constant as a float."""
    from hessrank.numeric.differentiation.arithmetic import FLOAT_DIGITS, arithmetic
    from hessrank.numeric.measure import constants

    return float(constants([value], arithmetic(FLOAT_DIGITS))[0])
