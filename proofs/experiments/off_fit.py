"""Off a perfect fit: the spectra of JᵀAJ and H as the residual grows from 0 (S4, its experiment 8).

In: a landscape. Out: a `Path`: at the point θ, with labels y(t) for which ∇ℓ(F(θ); y(t)) = t·r, r
the residual of the landscape. For half-squared y(t) = F − t·r. t = 0 is a perfect fit, t = 1 has
the labels of the landscape (or others with its residual). J stays, and where A does not depend on
the labels

    H(t) = JᵀAJ + t·Σ_m r_m∇²F_m.

Ranks and inertias are exact at each t, by the problem with those labels; eigenvalues are measured
by the other engine, and decide nothing. Between neighbouring t with different inertias an
eigenvalue of H is certain to pass 0, or to leave it. A critical θ stays critical at every t.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq

from hessrank.numeric.forward_pass import forward_pass
from hessrank.numeric.measure import evaluate
from hessrank.proofs.counterexamples.label_space import SMALL_RESIDUALS, LabelSpace, space_in
from hessrank.proofs.reasoning.claim import Experiment
from hessrank.symbolic.errors import HessrankError, InputError, UndecidedError
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.inertia import Inertia
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem
from hessrank.symbolic.ranks.rank_result import RankResult

#: The values of t where none are given.
STEPS = tuple(Fraction(k, 8) for k in range(9))


@dataclass(frozen=True)
class Step:
    """The landscape with the labels of t·r, the ranks there, the inertia of H where it is decided,
    and the measured eigenvalues of JᵀAJ and H, ascending."""

    t: Fraction
    here: Landscape
    gauss_newton: RankResult
    residual: RankResult
    hessian: RankResult
    inertia: Inertia | None
    eigenvalues: dict[str, tuple[float, ...]]

    @property
    def bound_holds(self) -> bool | None:
        """|rank H − rank JᵀAJ| ≤ rank of the D²f term (T9); None where a rank is not decided."""
        ranks = (self.gauss_newton, self.residual, self.hessian)
        if not all(r.decided for r in ranks):
            return None
        g, y, h = map(int, ranks)
        return abs(h - g) <= y

    def to_json(self) -> dict[str, Any]:
        i = self.inertia
        return {
            "t": str(self.t),
            "labels": [[str(v) for v in row] for row in self.here.problem.data.y],
            "rank_gauss_newton": self.gauss_newton.to_json(),
            "rank_residual": self.residual.to_json(),
            "rank_hessian": self.hessian.to_json(),
            "inertia": None if i is None else [i.positive, i.negative, i.zero],
            "eigenvalues": {name: list(values) for name, values in self.eigenvalues.items()},
        }


@dataclass(frozen=True)
class Path:
    """critical: whether θ is a critical point (then it is one at every t; None: not decided)."""

    steps: tuple[Step, ...]
    critical: bool | None

    @property
    def crossings(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """Neighbouring t between which an eigenvalue of H is certain to vanish or to leave 0."""
        pairs = zip(self.steps, self.steps[1:], strict=False)
        return tuple(
            (a.t, b.t)
            for a, b in pairs
            if a.inertia is not None and b.inertia is not None and a.inertia != b.inertia
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "critical": self.critical,
            "steps": [step.to_json() for step in self.steps],
            "crossings": [[str(a), str(b)] for a, b in self.crossings],
        }


def off_fit(here: Landscape, steps: Sequence[Fraction] = STEPS) -> Path:
    """The spectra along the residual of `here`.

    Raises InputError where the loss has no labels for small residuals, or L has a regulariser
    (which t would not scale), and where θ is a perfect fit already.

    >>> import hessrank as hr
    >>> path = off_fit(hr.read_spec("X2").landscape(), (Fraction(0), Fraction(1)))
    >>> [(step.gauss_newton.shown, step.hessian.shown) for step in path.steps], path.critical
    ([('1', '1'), ('1', '0')], True)
    """
    problem = here.problem
    if problem.regulariser is not None:
        raise InputError("no path of labels: the regulariser is not part of the residual", "loss")
    if problem.loss.name not in SMALL_RESIDUALS:
        wanted = ", ".join(SMALL_RESIDUALS)
        raise InputError(f"no path of labels: expected one of {wanted}", "loss.kind")

    def build(field: Field) -> tuple[LabelSpace, Any]:
        space = space_in(field, here)
        return space, here.evaluation(field).get("r").reshape(problem.M)

    try:
        space, r = evaluate_in_field(build, here.side)
    except (TooLarge, UndecidedError) as error:
        raise InputError(f"the labels of t·r are not carried exactly: {error}", "point") from None
    if all(v == 0 for v in r):
        raise InputError("no residual to scale: θ is a perfect fit", "data.y")
    gradient = [sum((v * g for v, g in zip(r, row, strict=True)), fmpq(0)) for row in space.J.T]
    return Path(
        tuple(_step(space, r, t) for t in sorted(steps)), all(bool(g == 0) for g in gradient)
    )


def _step(space: LabelSpace, r: Any, t: Fraction) -> Step:
    here = space.at([fmpq(t.numerator, t.denominator) * v for v in r])
    found = {name: here.rank(name) for name in ("gauss_newton", "residual", "hessian")}
    try:
        inertia = here.inertia()
    except (UndecidedError, TooLarge):
        inertia = None
    return Step(t, here, **found, inertia=inertia, eigenvalues=_eigenvalues(here))


def _eigenvalues(here: Landscape) -> dict[str, tuple[float, ...]]:
    """Measured from the forward pass; empty where it cannot be."""
    try:
        found = evaluate(forward_pass(here))
        both = {"gauss_newton": found.gauss_newton, "hessian": found.hessian}
        return {
            name: tuple(float(v) for v in np.linalg.eigvalsh(np.array(matrix, dtype=float)))
            for name, matrix in both.items()
        }
    except (HessrankError, np.linalg.LinAlgError):
        return {}


# --- claim 92 ------------------------------------------------------------------------------------


def duplicated_neuron(sign: int) -> Landscape:
    """F = a·tanh(ux) + b·tanh(wx) on x = 1, 2, 3 at a = 1, b = 2, u = w = log(3)/2, with the labels
    F − sign·n for n = (69/49, −100/49, 1), which spans the left null space of J: N = 4 > M = 3,
    rank J = 2, and θ is critical."""
    model = Model.from_expressions(["a*tanh(u*x) + b*tanh(w*x)"], "a b u w", "x")
    F = [3 * Fraction(1, 2), 3 * Fraction(4, 5), 3 * Fraction(13, 14)]  # tanh log √3, 2·, 3·
    n = [Fraction(69, 49), Fraction(-100, 49), Fraction(1)]
    y = [[o - sign * v] for o, v in zip(F, n, strict=True)]
    point = {"a": 1, "b": 2, "u": "log(3)/2", "w": "log(3)/2"}
    return Problem(model, Data([[1], [2], [3]], y)).at(point)


def story(path: Path) -> str:
    """Where along t the rank of H and its signs change, in words."""
    parts: list[str] = []
    for step in path.steps:
        i = step.inertia
        signs = "signs not decided" if i is None else f"{i.positive} +, {i.negative} −"
        now = f"rank JᵀAJ {step.gauss_newton.shown}, rank H {step.hessian.shown} ({signs})"
        if not parts or parts[-1].split(": ")[1] != now:
            parts.append(f"{'from ' if parts else ''}t = {step.t}: {now}")
    return "; ".join(parts)


def off_perfect_optimum(seed: int) -> Experiment:
    """Claim 92: ranks and inertias of H along t·r at a critical point, for r and −r; exact."""
    counts: dict[str, Any] = {}
    for name, sign in (("labels F − t·n", 1), ("labels F + t·n", -1)):
        path = off_fit(duplicated_neuron(sign))
        counts[name] = {"critical throughout": path.critical, "along t": story(path)}
    told = "; and with ".join(f"{name}: {row['along t']}" for name, row in counts.items())
    return Experiment(
        "What becomes of H at a critical point as its residual grows from 0?",
        f"Exact, at a tanh net with a duplicated neuron (N = 4 > M = 3), with {told}.",
        counts,
        seed,
        "hessrank experiment off-fit examples/off-fit.toml",
    )
